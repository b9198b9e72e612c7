"""Many curves at once: Kaplan-Meier and cumulative incidence of many groups, a row each, from counts per age.

The same numbers as :func:`salescoach.statistics.survival.kaplan_meier_counts` and
:func:`salescoach.statistics.competing.cumulative_incidence_counts` give for each group alone. Groups have different
ages: behind the last age of a row nothing happens any more, which changes neither a product nor a sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.statistics.competing import incidence_limits
from salescoach.statistics.survival import Array, survival_limits

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Curves:
    """A curve per row: value and limits after each of its ages, those behind the last one of a row included.

    ``seen`` marks ages at which something ended.
    """

    age: Array
    seen: npt.NDArray[np.bool_]
    curve: Array
    low: Array
    high: Array

    def medians(self) -> tuple[Array, Array, Array]:
        """Median of each row and its limits (Brookmeyer & Crowley 1982); missing what was not reached."""
        return self._first(self.curve), self._first(self.low), self._first(self.high)

    def means(self) -> Array:
        """Area below each curve, from 0 to the last age of the row; missing for a row without any."""
        last = np.fmax.reduce(self.age, axis=1, initial=-np.inf)
        edges = np.fmin(np.where(self.seen, self.age, np.inf), last[:, None])
        # Between two ages with an event the curve keeps the value of the first.
        edges = np.maximum.accumulate(np.where(self.seen, edges, 0.0), axis=1)
        edges = np.column_stack([np.zeros(len(last)), edges, last])
        heights = np.column_stack([np.ones(len(last)), self.curve])
        area: Array = (np.diff(edges, axis=1) * heights).sum(axis=1)
        return np.where(np.isfinite(last), area, np.nan)

    def at(self, age: float) -> tuple[Array, Array, Array]:
        """Value of each row and its limits after *age*; missing where nothing had ended by then."""
        by_then = self.seen & (self.age <= age)
        place = self.age.shape[1] - 1 - np.argmax(by_then[:, ::-1], axis=1) if by_then.size else np.zeros(0, int)
        some, rows = by_then.any(axis=1), np.arange(len(self.age))
        if not by_then.size:
            return (np.full(len(self.age), np.nan),) * 3
        value, low, high = (np.where(some, part[rows, place], np.nan) for part in (self.curve, self.low, self.high))
        return value, low, high

    def _first(self, curve: Array) -> Array:
        below = self.seen & (curve <= 0.5)
        if not below.size:
            return np.full(len(curve), np.nan)
        place = np.argmax(below, axis=1)
        return np.where(below.any(axis=1), self.age[np.arange(len(curve)), place], np.nan)


def kaplan_meiers(
    row: Places, age: Array, ended: Array, running: Array, entered: Array, *, many: int, level: float = 0.90
) -> Curves:
    """Kaplan-Meier curve of each of *many* rows.

    Parameters
    ----------
    row : number of the row that each count belongs to
    age : each age once per row, in any order
    ended, running, entered : how many (or what weight) ended at that age, were last seen running at it, and are
        watched only from that age on

    >>> found = kaplan_meiers(np.array([0, 0, 0, 0, 0]), np.array([-0.5, 5, 8, 12, 20]), np.array([0.0, 1, 1, 0, 1]),
    ...                       np.array([0.0, 0, 0, 1, 0]), np.array([4.0, 0, 0, 0, 0]), many=1)
    >>> found.curve[0].tolist(), found.medians()[0].tolist()
    ([1.0, 0.75, 0.5, 0.5, 0.0], [8.0])
    """
    ages, end, run, late = _rows(row, age, (ended, running, entered), many)
    step = late - (end + run)
    risk = np.cumsum(np.column_stack([np.zeros(many), step]), axis=1)[:, :-1]
    seen = end > 0
    survival, low, high = survival_limits(end, np.where(seen, risk, 1.0), level)
    return Curves(ages, seen, survival, low, high)


def cumulative_incidences(
    row: Places, age: Array, mine: Array, other: Array, running: Array, *, many: int, level: float = 0.90
) -> Curves:
    """Aalen-Johansen estimate of each of *many* rows: ended in the way asked for, *other*, or last seen *running*.

    >>> found = cumulative_incidences(np.zeros(5, int), np.array([5.0, 8, 12, 15, 20]), np.array([0.0, 1, 0, 0, 1]),
    ...                               np.array([1.0, 0, 0, 1, 0]), np.array([0.0, 0, 1, 0, 0]), many=1)
    >>> found.curve[0].round(2).tolist()
    [0.0, 0.2, 0.2, 0.2, 0.5]
    """
    ages, own, others, run = _rows(row, age, (mine, other, running), many)
    every = own + others
    left = every + run
    gone = np.cumsum(np.column_stack([np.zeros(many), left]), axis=1)
    risk = np.bincount(row, mine + other + running, minlength=many)[:, None] - gone[:, :-1]
    seen = every > 0
    curve, low, high, _ = incidence_limits(own, every, np.where(seen, risk, 1.0), level)
    return Curves(ages, seen, curve, low, high)


def _rows(row: Places, age: Array, columns: tuple[Array, ...], many: int) -> tuple[Array, ...]:
    """Ages and *columns* as tables with a line per row, in the order of age; missing ages and zeros behind the last."""
    order = np.lexsort((age, row))
    line = row[order]
    length = np.bincount(line, minlength=many)
    place = np.arange(len(line)) - np.repeat(np.cumsum(length) - length, length)
    shape = (many, int(length.max(initial=0)))
    ages = np.full(shape, np.nan)
    ages[line, place] = age[order]
    tables = [np.zeros(shape) for _ in columns]
    for table, column in zip(tables, columns, strict=True):
        table[line, place] = column[order]
    return ages, *tables
