"""How much must be seen: sample sizes, reliability, and what to expect of an extreme value.

Reliability is the share of the differences between units that is not chance. With few exposures it
is small, and then whoever was extreme will be less so next time, without anybody doing anything.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_LEAST_SPREAD = 0.0004  # variance between units, on the probability scale: never taken for exactly alike


def effect_size(first: float, second: float) -> float:
    """Distance of two shares on the arcsine scale, where its error depends on n only (Cohen's h, 1988).

    >>> round(effect_size(0.25, 0.30), 4)
    0.1121
    """
    kept = (min(max(share, 1e-6), 1 - 1e-6) for share in (first, second))
    one, other = (2 * math.asin(math.sqrt(share)) for share in kept)
    return abs(other - one)


def needed_n(base: float, relative_change: float, *, power: float = 0.8, alpha: float = 0.10) -> int:
    """Trials needed to see a share differ from a known *base* by *relative_change*, two-sided.

    One sample against a fixed base: half of what each side needs in a comparison of two samples.

    >>> needed_n(0.25, 0.20)
    493
    """
    effect = effect_size(base, base * (1 + relative_change))
    return math.ceil(((special.ndtri(1 - alpha / 2) + special.ndtri(power)) / effect) ** 2)


def needed_per_side(
    first: float, second: float, *, power: float = 0.8, alpha: float = 0.05, one_sided: bool = False
) -> int:
    """Trials needed on each side to tell the share *first* from *second*.

    One-sided only where the direction was written down before; two-sided for exploring.

    >>> needed_per_side(0.25, 0.30)
    1250
    """
    tail = alpha if one_sided else alpha / 2
    return math.ceil(2 * ((special.ndtri(1 - tail) + special.ndtri(power)) / effect_size(first, second)) ** 2)


def reliability(between: float, within: float, n: npt.ArrayLike) -> Array:
    """Share of the variance of a mean of *n* that is real: between / (between + within / n).

    Parameters
    ----------
    between : variance of the true values between units
    within : variance of a single observation; p(1 - p) for a share
    n : observations per unit; 0 gives reliability 0

    >>> reliability(0.0625**2, 0.25, [0, 64]).round(2).tolist()
    [0.0, 0.5]
    """
    n_ = np.asarray(n, dtype=float)
    share: Array = between * n_ / (between * n_ + within)
    return share


def needed_for_reliability(between: float, within: float, wanted: float = 0.5) -> float:
    """Observations per unit at which the reliability is *wanted*; infinite when units do not differ.

    >>> round(needed_for_reliability(0.2**2, 0.7**2), 2)  # amounts: log deviation .7, between units .2
    12.25
    """
    if between <= 0:
        return math.inf
    return wanted / (1 - wanted) * within / between


def spread_on_shares(logit_sd: float, share: float) -> float:
    """Standard deviation of shares around *share* whose logits have the deviation *logit_sd*.

    >>> round(spread_on_shares(0.25, 0.23), 4)
    0.0443
    """
    return logit_sd * share * (1 - share)


def without_action(
    share: npt.ArrayLike, n: npt.ArrayLike, pooled: float, between: float, n_after: npt.ArrayLike, drift: float = 0.0
) -> tuple[Array, Array]:
    """What the next *n_after* trials will show if nothing is done: expected share and its deviation.

    Regression to the mean: pooled + reliability * (share - pooled) + *drift* of the others. Whoever
    was chosen for being extreme is compared with this, never with the past value itself.

    Parameters
    ----------
    share, n : share before, and the trials it rests on
    pooled : share of all units before
    between : variance of the true shares between units; floored at .0004
    n_after : trials of the next stretch, of which the share will be taken
    drift : change of everybody else between the two stretches

    >>> expected, sd = without_action(0.10, 40, 0.25, 0.05**2, 40)
    >>> round(float(expected), 3), round(float(sd), 3)
    (0.198, 0.075)
    """
    spread = max(between, _LEAST_SPREAD)
    kept = reliability(spread, pooled * (1 - pooled), n)
    expected = np.clip(pooled + kept * (np.asarray(share, dtype=float) - pooled) + drift, 0.0, 1.0)
    variance = spread * (1 - kept) + expected * (1 - expected) / np.asarray(n_after, dtype=float)
    return expected, np.sqrt(variance)
