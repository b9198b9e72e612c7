"""Intervals for shares, means, rates, and for sums of random many skewed amounts.

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


def net_share(
    plus: npt.ArrayLike, minus: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.90
) -> tuple[Array, Array, Array]:
    """Share of *plus* less share of *minus* among *n* answers, with adjusted Wald limits; -1 to 1.

    Three quarters of an answer are added to each side and n grows by three before the variance is
    taken (Rocks 2016); the value stays the plain one, and the limits are stretched to hold it. The
    plain Wald interval has no width when all answers agree. Missing where n is 0.

    >>> value, low, high = net_share(10, 0, 10, level=0.95)
    >>> float(value), round(float(low), 3), float(high)
    (1.0, 0.475, 1.0)
    """
    plus_, minus_, n_ = (np.asarray(part, dtype=float) for part in (plus, minus, n))
    total = np.where(n_ > 0, n_ + 3, np.nan)
    centre = (plus_ - minus_) / total
    variance = (plus_ + minus_ + 1.5) / total - centre**2
    half = _z(level) * np.sqrt(variance / total)
    value = (plus_ - minus_) / np.where(n_ > 0, n_, np.nan)
    low = np.minimum(np.maximum(centre - half, -1.0), value)
    high = np.maximum(np.minimum(centre + half, 1.0), value)
    return value, low, high


def mean_limits(mean: npt.ArrayLike, sd: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.90) -> tuple[Array, Array]:
    """Student's t limits of a mean of *n* values with sample deviation *sd*; missing below n = 2.

    >>> low, high = mean_limits([4.0, 4.0], [1.0, 1.0], [25, 1])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([3.66, nan], [4.34, nan])
    """
    mean_, sd_, n_ = (np.asarray(part, dtype=float) for part in (mean, sd, n))
    freedom = np.where(n_ > 1, n_ - 1, np.nan)
    half = special.stdtrit(freedom, 0.5 + level / 2) * sd_ / np.sqrt(np.where(n_ > 0, n_, np.nan))
    return mean_ - half, mean_ + half


def geometric_mean(
    logs_mean: npt.ArrayLike, logs_sd: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.90
) -> tuple[Array, Array, Array]:
    """Geometric mean of amounts, from mean and deviation of their logarithms, with t limits on logs.

    It is the typical amount: the median where amounts are log-normal. Limits are missing below n = 2.

    >>> value, low, high = geometric_mean(np.log(1000.0), 0.7, 20)
    >>> [round(float(part)) for part in (value, low, high)]
    [1000, 763, 1311]
    """
    low, high = mean_limits(logs_mean, logs_sd, n, level)
    return np.exp(np.asarray(logs_mean, dtype=float)), np.exp(low), np.exp(high)


def poisson_rate(count: npt.ArrayLike, exposure: npt.ArrayLike, level: float = 0.90) -> tuple[Array, Array, Array]:
    """Events per unit of *exposure* with exact limits (Garwood 1936); missing without exposure.

    >>> rate, low, high = poisson_rate([10, 0], [5.0, 5.0], level=0.95)
    >>> rate.tolist(), low.round(3).tolist(), high.round(3).tolist()
    ([2.0, 0.0], [0.959, 0.0], [3.678, 0.738])
    """
    count_, time = np.asarray(count, dtype=float), np.asarray(exposure, dtype=float)
    time = np.where(time > 0, time, np.nan)
    low = np.where(count_ > 0, special.gammaincinv(np.maximum(count_, 1), 0.5 - level / 2), 0.0)
    high = special.gammaincinv(count_ + 1, 0.5 + level / 2)
    return count_ / time, low / time, high / time


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
