"""How many have ended in one way by an age, when they may end in another way instead.

One minus a Kaplan-Meier curve that treats the other ending as "still running" answers what would
be if the other ending did not exist. It is too high, always.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.statistics.intervals import wilson
from salescoach.statistics.survival import Array, at_risk, counted_at, entered_from


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence after each ``time`` at which anything ended, with limits; ``survival`` of all causes."""

    time: Array
    incidence: Array
    low: Array
    high: Array
    survival: Array
    level: float

    def at(self, age: float) -> tuple[float, float, float]:
        """Share ended in this way by *age*, with limits; missing before anything ended."""
        place = int(np.searchsorted(self.time, age, side="right")) - 1
        if place < 0:
            return float("nan"), float("nan"), float("nan")
        return float(self.incidence[place]), float(self.low[place]), float(self.high[place])


def cumulative_incidence(
    exits: npt.ArrayLike,
    causes: npt.ArrayLike,
    cause: int = 1,
    entries: npt.ArrayLike | None = None,
    *,
    level: float = 0.90,
) -> Incidence:
    """Aalen-Johansen estimate of the share that has ended by *cause* by each age.

    Parameters
    ----------
    exits : ages at the end, or when last seen, shape (n,)
    causes : 0 where still running, else the number of the way in which it ended
    entries : ages from which each was watched; from the beginning when not given

    >>> curve = cumulative_incidence([5, 8, 12, 15, 20], [2, 1, 0, 2, 1])
    >>> curve.time.tolist(), curve.incidence.round(2).tolist()
    ([5.0, 8.0, 15.0, 20.0], [0.0, 0.2, 0.2, 0.5])
    """
    exit_, way = np.asarray(exits, dtype=float), np.asarray(causes, dtype=int)
    times = np.unique(exit_[way > 0])
    mine, every = counted_at(times, exit_[way == cause]), counted_at(times, exit_[way > 0])
    return _incidence(times, mine, every, at_risk(times, entered_from(entries, exit_), exit_), level)


def cumulative_incidence_counts(
    ages: npt.ArrayLike, ended: npt.ArrayLike, otherwise: npt.ArrayLike, running: npt.ArrayLike, *, level: float = 0.90
) -> Incidence:
    """The same from counts per age: *ended* in the way asked for, *otherwise*, and last seen *running*.

    >>> curve = cumulative_incidence_counts([5, 8, 12, 15, 20], [0, 1, 0, 0, 1], [1, 0, 0, 1, 0], [0, 0, 1, 0, 0])
    >>> curve.time.tolist(), curve.incidence.round(2).tolist()
    ([5.0, 8.0, 15.0, 20.0], [0.0, 0.2, 0.2, 0.5])
    """
    order = np.argsort(np.asarray(ages, dtype=float))
    age, mine, other, run = (np.asarray(part, dtype=float)[order] for part in (ages, ended, otherwise, running))
    every = mine + other
    left = every + run
    risk = left.sum() - np.concatenate([[0.0], np.cumsum(left)[:-1]])
    seen = every > 0
    return _incidence(age[seen], mine[seen], every[seen], risk[seen], level)


def _incidence(times: Array, mine: Array, every: Array, risk: Array, level: float) -> Incidence:
    """The curve from what ended, and how many were at risk, at each of *times*."""
    curve, low, high, survival = incidence_limits(mine, every, risk, level)
    return Incidence(times, curve, low, high, survival, level)


def incidence_limits(mine: Array, every: Array, risk: Array, level: float) -> tuple[Array, Array, Array, Array]:
    """Incidence, delta-method limits on the log-log scale (Marubini & Valsecchi 1995), and survival of all causes.

    Along the last axis.
    """
    survival: Array = np.cumprod(1 - every / risk, axis=-1).astype(np.float64)
    before = np.concatenate([np.ones((*survival.shape[:-1], 1)), survival[..., :-1]], axis=-1)
    curve = np.cumsum(before * mine / risk, axis=-1)
    left = risk - every
    # At the last age nobody may be left; later shares do not change there, so its term is 0.
    spread = np.divide(every, risk * left, out=np.zeros_like(risk), where=left > 0)
    step = before * mine / risk**2

    def upto(part: Array) -> Array:
        return np.cumsum(part, axis=-1)

    variance = (
        curve**2 * upto(spread) - 2 * curve * upto(curve * spread) + upto(curve**2 * spread)
        + upto(before**2 * mine * (risk - mine) / risk**3) - 2 * (curve * upto(step) - upto(curve * step))
    )  # fmt: skip
    inside = (curve > 0) & (curve < 1)
    safe = np.where(inside, curve, 0.5)
    error = np.sqrt(np.maximum(variance, 0.0)) / np.abs(safe * np.log(safe))
    z = special.ndtri(0.5 + level / 2)
    # Nothing ended in this way so far: the limit of a share of none among those who were there.
    none_low, none_high = wilson(np.zeros_like(risk), risk, level)
    with np.errstate(over="ignore"):  # next to 0 the power may be too large for a number: then the limit is 0
        low = np.where(inside, safe ** np.exp(z * error), np.where(curve > 0, none_low, 0.0))
    high = np.where(inside, safe ** np.exp(-z * error), np.where(curve > 0, 1.0, none_high))
    return curve, low, high, survival
