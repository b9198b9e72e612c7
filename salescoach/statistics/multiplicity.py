"""Whether many groups differ at all, and which of many small p-values may be believed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

FALSE_DISCOVERY_RATE = 0.10
"""Share of false statements accepted among all statements made about the people on one page."""

Array = npt.NDArray[np.float64]


def excess(observed: npt.ArrayLike, expected: npt.ArrayLike, variance: npt.ArrayLike) -> tuple[Array, Array]:
    """Standardised difference z and its two-sided p; missing where nothing could vary.

    >>> z, p = excess([12.0, 0.0], [8.0, 0.0], [4.0, 0.0])
    >>> z.round(2).tolist(), p.round(3).tolist()
    ([2.0, nan], [0.046, nan])
    """
    o, e, v = (np.asarray(part, dtype=float) for part in (observed, expected, variance))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(v > 0, (o - e) / np.sqrt(v), np.nan)
    return z, 2 * special.ndtr(-np.abs(z))


def heterogeneity(k: npt.ArrayLike, n: npt.ArrayLike) -> tuple[float, int, float]:
    """Pearson's test that all groups share one rate: statistic, degrees of freedom, p.

    Groups without trials are left out. With fewer than two groups, or when all trials ended alike,
    there is nothing to differ: statistic 0, p 1.

    >>> statistic, freedom, p = heterogeneity([10, 20], [40, 40])
    >>> round(statistic, 2), freedom, round(p, 3)
    (5.33, 1, 0.021)
    """
    k_, n_ = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    k_, n_ = k_[n_ > 0], n_[n_ > 0]
    if len(n_) < 2 or not 0 < k_.sum() < n_.sum():
        return 0.0, max(len(n_) - 1, 0), 1.0
    rate = k_.sum() / n_.sum()
    statistic = float(((k_ - n_ * rate) ** 2 / (n_ * rate * (1 - rate))).sum())
    return statistic, len(n_) - 1, chi_square_p(statistic, len(n_) - 1)


def q_values(p_values: npt.ArrayLike) -> Array:
    """Benjamini-Hochberg adjusted p-values (1995); missing ones stay missing and do not count.

    >>> q_values([0.01, float("nan"), 0.04, 0.5]).round(3).tolist()
    [0.03, nan, 0.06, 0.5]
    """
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # missing ones sort to the end
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def chi_square_p(statistic: float, freedom: int) -> float:
    """Probability of a chi-square statistic at least this large; 1 without a degree of freedom.

    >>> round(chi_square_p(3.84, 1), 3)
    0.05
    """
    return float(special.chdtrc(freedom, statistic)) if freedom > 0 else 1.0
