"""How far from all a unit of its size may lie by chance, and whether units differ at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_WINSORISED = 0.10  # share of the units at each end that is moved inwards before the spread is taken


def binomial_quantile(share: float, n: npt.ArrayLike, p: float) -> Array:
    """Smallest count that a binomial of *n* trials does not exceed with probability *share*.

    >>> binomial_quantile(0.025, [20, 50], 0.25).tolist()
    [2.0, 7.0]
    """
    n_ = np.asarray(n, dtype=int)
    if not 0 < p < 1:
        return np.asarray(n_ * p, dtype=float)
    # From the normal approximation, walk to the exact count.
    count: Array = np.clip(np.floor(n_ * p + special.ndtri(share) * np.sqrt(n_ * p * (1 - p))), 0, n_)
    while (over := (count > 0) & (special.bdtr(np.maximum(count - 1, 0), n_, p) >= share)).any():
        count = count - over
    while (under := (count < n_) & (special.bdtr(count, n_, p) < share)).any():
        count = count + under
    return count


def funnel_limits(
    n: npt.ArrayLike, p: float, level: float, *, between: float = 0.0, dispersion: float = 1.0
) -> tuple[Array, Array]:
    """Limits of the share of *n* trials around the common share *p*; missing where n is 0.

    Exact binomial quantiles, so that the limits of small units are not symmetric. When units are
    known to differ, the distance of each limit grows by the root of *dispersion* (multiplicative) or of
    1 + *between* n / p(1 - p) (additive, *between* the variance of the true shares), and is cut at 0
    and 1 (Spiegelhalter 2005).

    >>> low, high = funnel_limits([20, 50, 100], 0.25, 0.95)
    >>> low.tolist(), high.tolist()
    ([0.1, 0.14, 0.17], [0.45, 0.38, 0.34])
    """
    n_ = np.asarray(n, dtype=float)
    some = np.where(n_ > 0, n_, np.nan)
    counts = np.where(n_ > 0, n_, 1.0)
    spread = np.sqrt(dispersion * (1 + between * counts / (p * (1 - p)))) if 0 < p < 1 else np.ones_like(counts)
    low, high = (
        p + (binomial_quantile(tail, counts, p) / some - p) * spread for tail in (0.5 - level / 2, 0.5 + level / 2)
    )
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def winsorised_dispersion(z: npt.ArrayLike) -> float:
    """Mean square of standardised differences after both ends are moved inwards by a tenth of the units.

    1 where units differ by chance only. The few real outliers must not widen the funnel that is to
    show them, hence the winsorising (Spiegelhalter 2005).

    >>> round(winsorised_dispersion([-1, -0.5, 0, 0.5, 1, 8, 0.2, -0.2, 0.7, -0.7]), 2)
    0.6
    """
    values = np.asarray(z, dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return 1.0
    low, high = np.quantile(values, [_WINSORISED, 1 - _WINSORISED])
    return float((np.clip(values, low, high) ** 2).mean())


def between_variance(x: npt.ArrayLike, variance: npt.ArrayLike) -> tuple[float, float, int]:
    """Variance of the true values between units, with Cochran's Q and its degrees of freedom.

    DerSimonian & Laird (1986): 0 where the units differ no more than their errors let expect.
    Units without a value or an error are left out.

    >>> tau2, q, freedom = between_variance([0.1, 0.3, 0.5], [0.01, 0.01, 0.01])
    >>> round(tau2, 3), round(q, 1), freedom
    (0.03, 8.0, 2)
    """
    x_, v_ = np.asarray(x, dtype=float), np.asarray(variance, dtype=float)
    known = np.isfinite(x_) & np.isfinite(v_) & (v_ > 0)
    x_, weight = x_[known], 1 / v_[known]
    if len(x_) < 2:
        return 0.0, 0.0, 0
    q = float((weight * (x_ - (weight * x_).sum() / weight.sum()) ** 2).sum())
    freedom = len(x_) - 1
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return max((q - freedom) / float(scale), 0.0), q, freedom
