"""How likely a sum of chance amounts reaches a target, when how many there will be is chance as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_NODES = 200  # equally likely expectations that stand for all that were given
_SAME = 1e-9  # of a logarithm
_REACH = 8.0  # Poisson deviations around the expectations beyond which no number of events is looked at


@dataclass(frozen=True)
class Sizes:
    """Amounts of the deals that were won: mean and deviation of their logarithms, and how many."""

    log_mean: float
    log_sd: float
    n: int


def chance_of_sum(expected: npt.ArrayLike, sizes: Sizes, target: float) -> float:
    """Probability that the amounts of a Poisson number of events sum to at least *target*; 1 for a target of 0.

    Parameters
    ----------
    expected : expected number of events; of several each is as likely: what is not known of the rate
    sizes : of one event; the mean of their logarithms is known from ``sizes.n`` of them. Missing below two

    Notes
    -----
    A sum of n log-normal amounts is taken for log-normal, with the same mean and variance (Fenton 1960): within a point
    or two of a simulation for deviations up to 1. Nothing is drawn: the same question has the same answer, and a higher
    rate never a lower one.

    >>> round(chance_of_sum(2.0, Sizes(np.log(100.0), 0.0, 1000), 250.0), 3)  # three, where two are expected
    0.323
    """
    if sizes.n < 2:
        return float("nan")
    if target <= 0:
        return 1.0
    mean = np.atleast_1d(np.asarray(expected, dtype=float))
    if not np.isfinite(mean).all():
        return float("nan")
    if len(mean) > _NODES:
        mean = np.quantile(mean, (np.arange(_NODES) + 0.5) / _NODES)
    lowest, highest = mean.min(), mean.max()
    first = max(int(lowest - _REACH * np.sqrt(lowest)), 1)
    n = np.arange(first, int(highest + _REACH * (np.sqrt(highest) + 1)) + 1, dtype=float)
    spread = np.log1p(np.expm1(sizes.log_sd**2) / n)
    middle = np.log(n) + sizes.log_mean + (sizes.log_sd**2 - spread) / 2
    error = np.sqrt(spread + sizes.log_sd**2 / sizes.n)
    beyond = middle - np.log(target)
    enough = special.ndtr(beyond / error) if sizes.log_sd > 0 else (beyond >= -_SAME).astype(float)
    m = mean[:, None]
    share = np.exp(special.xlogy(n, m) - m - special.gammaln(n + 1)).mean(axis=0)
    return float(min((share * enough).sum(), 1.0))
