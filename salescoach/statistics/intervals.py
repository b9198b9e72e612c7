"""Intervals for shares, for means of skewed amounts, and for sums of random many of them.

Quantiles come from scipy.special: importing scipy.stats would cost every report a second.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


def _z(level: float) -> float:
    """Two-sided normal quantile of *level*."""
    return float(special.ndtri(0.5 + level / 2))


def wilson(k: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.90) -> tuple[Array, Array]:
    """Wilson's score limits of *k* successes in *n* trials; missing where n is 0.

    Stays inside 0..1 and is usable from n = 1 (Wilson 1927).

    >>> low, high = wilson([5, 0], [20, 0])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.13, nan], [0.43, nan])
    """
    k_, n_ = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    z = _z(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n_ > 0, k_ / n_, np.nan)
        centre = (share + z**2 / (2 * n_)) / (1 + z**2 / n_)
        half = z / (1 + z**2 / n_) * np.sqrt(share * (1 - share) / n_ + z**2 / (4 * n_**2))
    # Exactly 0 and 1 at the ends, where rounding would leave 1e-17 beside the true limit.
    low = np.where(k_ == 0, np.where(n_ > 0, 0.0, np.nan), centre - half)
    high = np.where((k_ == n_) & (n_ > 0), 1.0, centre + half)
    return low, high


def newcombe(k1: float, n1: float, k2: float, n2: float, level: float = 0.90) -> tuple[float, float]:
    """Limits of the difference of two independent shares k1/n1 - k2/n2 (Newcombe 1998, method 10).

    >>> tuple(round(limit, 4) for limit in newcombe(56, 70, 48, 80, level=0.95))
    (0.0524, 0.3339)
    """
    if n1 <= 0 or n2 <= 0:
        return float("nan"), float("nan")
    (l1, u1), (l2, u2) = ((float(a), float(b)) for a, b in (wilson(k1, n1, level), wilson(k2, n2, level)))
    p1, p2 = k1 / n1, k2 / n2
    low = p1 - p2 - np.hypot(p1 - l1, u2 - p2)
    high = p1 - p2 + np.hypot(u1 - p1, p2 - l2)
    return float(low), float(high)


def skewed_mean_factor(logs_sd: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.90) -> Array:
    """Factor f such that mean / f .. mean * f is an interval for the mean of log-normal amounts.

    Cox's standard error of a log-normal mean with a t quantile (Zhou & Gao 1997), put around the
    plain mean so that the interval always contains the number shown. Missing below n = 2.

    >>> skewed_mean_factor([0.7, 0.7], [20, 1]).round(2).tolist()
    [1.35, nan]
    """
    s, n_ = np.asarray(logs_sd, dtype=float), np.asarray(n, dtype=float)
    freedom = np.where(n_ > 1, n_ - 1, np.nan)
    error = np.sqrt(s**2 / n_ + s**4 / (2 * freedom))
    factor: Array = np.exp(special.stdtrit(freedom, 0.5 + level / 2) * error)
    return factor


def random_sum_limits(total: npt.ArrayLike, sum_of_squares: npt.ArrayLike, level: float = 0.90) -> tuple[Array, Array]:
    """Limits of the expected total, when both how many amounts there are and how large is chance.

    Compound Poisson: the variance of a sum of Poisson-many amounts is estimated by the sum of
    their squares; the interval is symmetric on the log scale. Missing where the total is 0.

    >>> low, high = random_sum_limits([100.0], [4 * 25.0**2])  # four deals of 25
    >>> low.round(0).tolist(), high.round(0).tolist()
    ([44.0], [228.0])
    """
    total_ = np.asarray(total, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.exp(_z(level) * np.sqrt(np.asarray(sum_of_squares, dtype=float)) / total_)
        spread = np.where(total_ > 0, spread, np.nan)
    return total_ / spread, total_ * spread


def zero_count_limit(level: float = 0.90) -> float:
    """Upper two-sided Poisson limit of an expected count when none was seen (Garwood 1936).

    >>> round(zero_count_limit(), 3)
    2.996
    """
    return float(special.chdtri(2, 0.5 - level / 2) / 2)


def needed_n(base: float, relative_change: float, *, power: float = 0.8, alpha: float = 0.10) -> int:
    """Trials needed to see a share differ from a known *base* by *relative_change*, two-sided.

    Arcsine effect size (Cohen 1988), one sample against a fixed base: for one side of a comparison
    of two samples it is half of what that comparison needs.

    >>> needed_n(0.25, 0.20)
    493
    """
    other = min(max(base * (1 + relative_change), 1e-6), 1 - 1e-6)
    effect = 2 * abs(np.arcsin(np.sqrt(other)) - np.arcsin(np.sqrt(base)))
    return int(np.ceil(((special.ndtri(1 - alpha / 2) + special.ndtri(power)) / effect) ** 2))
