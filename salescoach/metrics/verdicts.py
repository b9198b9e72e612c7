"""When a difference may be called one: the rules that every comparison shares.

An effect is the log of a ratio; for a score, which has no zero, a difference in standard deviations of
one answer. Both read alike: .2 is a difference a coach would act on, .05 one that could be noticed.
"""

from __future__ import annotations

import math
from typing import Literal

from scipy import special

MATERIAL = 0.20
"""Relative difference below which a coach would do nothing about it."""

TO_BE_SEEN = 2.49
"""Standard errors that a true difference must measure: 90 % interval, power 80 %."""

NOTICEABLE = 0.05
"""Relative difference that a person could notice at all."""

SURE = 0.80
"""Probability of a noticeable difference from which it is called a signal."""

SIGNIFICANT = 0.05

Verdict = Literal["signal_above", "signal_below", "no_difference", "too_early", "not_compared"]


def noticeable(effect: float, se: float) -> bool:
    """The true difference is one that could be noticed, with probability above :data:`SURE`.

    >>> noticeable(0.30, 0.10), noticeable(0.10, 0.10)
    (True, False)
    """
    return bool(special.ndtr((abs(effect) - math.log1p(NOTICEABLE)) / se) > SURE) if se > 0 else False


def in_reach(needed: int, seen: int, days: float = 365.0) -> bool:
    """Whether *needed* more observations come within a year, at the pace at which *seen* came in *days*.

    "About 648 more needed" is no answer for somebody who has twenty a year: then it has to be said that waiting will
    not tell.

    >>> in_reach(60, 77), in_reach(345, 29), in_reach(30, 4, days=21)
    (True, False, True)
    """
    return needed * days <= 365.0 * seen


def verdict(low: float, high: float, *, signal: bool = True) -> Verdict:
    """What an interval of an effect says; *signal*: the other gates let it be called a signal.

    "No difference" only if the interval lies inside the band that does not matter; else it is too early.

    >>> verdict(0.1, 0.5), verdict(-0.1, 0.1), verdict(-0.1, 0.5), verdict(0.1, 0.5, signal=False)
    ('signal_above', 'no_difference', 'too_early', 'too_early')
    """
    if signal and low > 0:
        return "signal_above"
    if signal and high < 0:
        return "signal_below"
    band = -math.log(1 - MATERIAL)
    return "no_difference" if low > -band and high < band else "too_early"
