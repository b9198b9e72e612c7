"""Durations that are not over yet: Kaplan-Meier and log-rank with late entry.

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
    entries : ages from which each was watched; 0 when not given. At an age equal to its entry
        somebody is not yet at risk; at an age equal to its exit still is.

    >>> curve = kaplan_meier([5, 8, 12, 20], [1, 1, 0, 1])
    >>> curve.time.tolist(), curve.survival.tolist()
    ([5.0, 8.0, 20.0], [0.75, 0.5, 0.0])
    """
    exit_, event = np.asarray(exits, dtype=float), np.asarray(events, dtype=bool)
    entry = np.zeros_like(exit_) if entries is None else np.asarray(entries, dtype=float)
    times = np.unique(exit_[event])
    at_risk = _at_risk(times, entry, exit_)
    ended = _ended(times, exit_[event])
    steps = 1 - ended / np.maximum(at_risk, 1)
    survival = np.cumprod(steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ended / (at_risk * (at_risk - ended)))
        log_survival = np.log(survival)
        error = np.sqrt(greenwood) / np.abs(log_survival)
        z = special.ndtri(0.5 + level / 2)
        low, high = survival ** np.exp(z * error), survival ** np.exp(-z * error)
    # Where the curve touches 0 the limits are not defined; the last defined ones still hold above it.
    low = np.where(survival > 0, low, 0.0)
    high = np.where(survival > 0, high, np.nan)
    return Survival(times, survival.astype(np.float64), low, high, level)


def log_rank(
    exits: npt.ArrayLike,
    events: npt.ArrayLike,
    member: npt.ArrayLike,
    *,
    entries: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
) -> tuple[float, float, float]:
    """Events of *member* observed, expected if it were like the others, and their variance.

    ``(observed - expected)**2 / variance`` is the log-rank statistic on one degree of freedom;
    within *strata* first, then summed, when given (Mantel 1966).

    >>> o, e, v = log_rank([6, 7, 9, 10], [1, 1, 1, 1], [True, False, True, False])
    >>> round(o, 2), round(e, 2)
    (2.0, 1.33)
    """
    exit_, event, member_ = (
        np.asarray(exits, dtype=float),
        np.asarray(events, dtype=bool),
        np.asarray(member, dtype=bool),
    )
    entry = np.zeros_like(exit_) if entries is None else np.asarray(entries, dtype=float)
    layers = (
        np.zeros(len(exit_), dtype=int) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    )
    observed = expected = variance = 0.0
    for layer in np.unique(layers[member_]):
        here = layers == layer
        mine = here & member_
        times = np.unique(exit_[here & event])
        risk, my_risk = _at_risk(times, entry[here], exit_[here]), _at_risk(times, entry[mine], exit_[mine])
        ended, my_ended = _ended(times, exit_[here & event]), _ended(times, exit_[mine & event])
        share = my_risk / risk
        observed += float(my_ended.sum())
        expected += float((ended * share).sum())
        spread = ended * share * (1 - share) * (risk - ended) / np.maximum(risk - 1, 1)
        variance += float(spread.sum())
    return observed, expected, variance


def _at_risk(times: Array, entry: Array, exit_: Array) -> Array:
    """How many have entered before and not left before each of *times*."""
    entered = np.searchsorted(np.sort(entry), times, side="left")
    left = np.searchsorted(np.sort(exit_), times, side="left")
    return (entered - left).astype(float)


def _ended(times: Array, event_ages: Array) -> Array:
    """How many events fall on each of *times* (which hold every event age)."""
    ages = np.sort(event_ages)
    return (np.searchsorted(ages, times, side="right") - np.searchsorted(ages, times, side="left")).astype(float)
