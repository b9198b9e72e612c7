"""Durations that are not over yet: the Kaplan-Meier curve, with late entry.

Late entry (left truncation): somebody seen only from age *entry* on is not at risk before it. That
is how a duration is followed through one period, and how an export that starts at some date must
be read, because whoever ended earlier was never in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Survival:
    """Kaplan-Meier curve with log-log limits: ``survival`` after each ``time`` with an event."""

    time: Array
    survival: Array
    low: Array
    high: Array
    level: float

    def median(self) -> tuple[float, float, float]:
        """Median and its limits (Brookmeyer & Crowley 1982); missing what was not reached."""
        return self._first(self.survival), self._first(self.low), self._first(self.high)

    def at(self, age: float) -> tuple[float, float, float]:
        """Share not ended by *age*, with limits: 1 before the first event."""
        place = int(np.searchsorted(self.time, age, side="right")) - 1
        if place < 0:
            return 1.0, 1.0, 1.0
        return float(self.survival[place]), float(self.low[place]), float(self.high[place])

    def _first(self, curve: Array) -> float:
        below = np.flatnonzero(curve <= 0.5)
        return float(self.time[below[0]]) if len(below) else float("nan")


def kaplan_meier(
    exits: npt.ArrayLike, events: npt.ArrayLike, entries: npt.ArrayLike | None = None, *, level: float = 0.90
) -> Survival:
    """Kaplan-Meier estimate of the share not yet ended by each age.

    Parameters
    ----------
    exits : ages at the event, or when last seen, shape (n,)
    events : true where the duration ended, false where it was still running
    entries : ages from which each was watched; from the beginning when not given. At an age equal to
        its entry somebody is not yet at risk; at an age equal to its exit still is.

    >>> curve = kaplan_meier([5, 8, 12, 20], [1, 1, 0, 1])
    >>> curve.time.tolist(), curve.survival.tolist()
    ([5.0, 8.0, 20.0], [0.75, 0.5, 0.0])
    """
    exit_, event = np.asarray(exits, dtype=float), np.asarray(events, dtype=bool)
    times = np.unique(exit_[event])
    return _curve(times, counted_at(times, exit_[event]), at_risk(times, entered_from(entries, exit_), exit_), level)


def kaplan_meier_counts(
    ages: npt.ArrayLike,
    ended: npt.ArrayLike,
    running: npt.ArrayLike,
    entered: npt.ArrayLike | None = None,
    *,
    level: float = 0.90,
) -> Survival:
    """The same curve from counts per age, so that an engine can count millions of rows first.

    Parameters
    ----------
    ages : each age once, shape (m,), in any order
    ended, running : how many (or what weight) ended at that age, and were last seen running at it
    entered : how many are watched only from that age on, not yet at it; all from the beginning when not given

    >>> curve = kaplan_meier_counts([5, 8, 12, 20], [1, 1, 0, 1], [0, 0, 1, 0])
    >>> curve.time.tolist(), curve.survival.tolist()
    ([5.0, 8.0, 20.0], [0.75, 0.5, 0.0])
    """
    order = np.argsort(np.asarray(ages, dtype=float))
    age, end, run = (np.asarray(part, dtype=float)[order] for part in (ages, ended, running))
    left = end + run
    late = np.zeros_like(age) if entered is None else np.asarray(entered, dtype=float)[order]
    start = left.sum() if entered is None else 0.0
    risk = start + np.concatenate([[0.0], np.cumsum(late - left)[:-1]])
    seen = end > 0
    return _curve(age[seen], end[seen], risk[seen], level)


def _curve(times: Array, ended: Array, risk: Array, level: float) -> Survival:
    """The curve from events and numbers at risk at each of *times*."""
    return Survival(times, *survival_limits(ended, risk, level), level)


def survival_limits(ended: Array, risk: Array, level: float) -> tuple[Array, Array, Array]:
    """Survival and its log-log limits from events and numbers at risk, along the last axis."""
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - ended / risk, axis=-1)
        greenwood = np.cumsum(ended / (risk * (risk - ended)), axis=-1)
        error = np.sqrt(greenwood) / np.abs(np.log(survival))
        z = special.ndtri(0.5 + level / 2)
        low, high = survival ** np.exp(z * error), survival ** np.exp(-z * error)
    # Where the curve touches 0 the limits are not defined; the last defined ones still hold above it.
    low = np.where(survival > 0, low, 0.0)
    high = np.where(survival > 0, high, np.nan)
    return survival.astype(np.float64), low, high


def entered_from(entries: npt.ArrayLike | None, exits: Array) -> Array:
    """Ages of entry; long before any event when none were given, so that an event at age 0 counts."""
    return np.full_like(exits, -np.inf) if entries is None else np.asarray(entries, dtype=float)


def at_risk(times: Array, entry: Array, exit_: Array) -> Array:
    """How many have entered before and not left before each of *times*."""
    entered = np.searchsorted(np.sort(entry), times, side="left")
    left = np.searchsorted(np.sort(exit_), times, side="left")
    return (entered - left).astype(float)


def counted_at(times: Array, ages: Array) -> Array:
    """How many of *ages* fall on each of *times* (sorted, and holding every one of them)."""
    return np.bincount(np.searchsorted(times, ages), minlength=len(times)).astype(float)
