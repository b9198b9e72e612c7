"""Today's leads: which to work, why, and why not the others.

Leads are ordered by expected value per hour, p x value / hours, and taken until each owner's hours are used.
A person decides: what somebody overrode stays overridden, is marked, and never changes the model's figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

CHOSEN, COSTS_MORE, NO_HOURS, PUT_ASIDE = "chosen", "costs_more", "no_hours", "put_aside"


@dataclass(frozen=True)
class Effort:
    """What working a lead takes: hours per lead, and what an hour costs in the currency of the values."""

    hours_per_lead: float = 1.0
    cost_per_hour: float = 0.0


@dataclass(frozen=True)
class Override:
    """A person's decision about one lead: work it (True) or not (False), by whom and why."""

    work: bool
    by: str
    reason: str


@dataclass(frozen=True)
class Item:
    """One lead of the list. ``status`` says why it is on it or not; ``line`` is what the last chosen one earns."""

    lead: str
    owner: str
    p: float
    value: float
    per_hour: float
    place: int
    status: str
    line: float
    override: Override | None = None

    @property
    def chosen(self) -> bool:
        """True when the lead is to be worked."""
        return self.status == CHOSEN


@dataclass(frozen=True)
class WorkList:
    """All leads, best first, and what to expect of the chosen ones. ``low`` and ``high``: 90 % of expected wins."""

    items: tuple[Item, ...]
    expected_wins: float
    low: float
    high: float
    expected_value: float

    @property
    def chosen(self) -> tuple[Item, ...]:
        """The leads to work, best first."""
        return tuple(item for item in self.items if item.chosen)


_NOBODY: Mapping[str, Override] = {}
_SPENT = 1e-9
_Z90 = 1.6448536


def work_list(
    ids: Sequence[str],
    p: Array,
    *,
    value: Array | float = 1.0,
    owners: Sequence[str] | None = None,
    hours: Mapping[str, float] | float = 8.0,
    effort: Effort | None = None,
    overrides: Mapping[str, Override] = _NOBODY,
) -> WorkList:
    """The day's work under each owner's hours.

    Parameters
    ----------
    ids, p : of one length
        Names of the leads and their probabilities.
    value : array or number
        What a win is worth, in one currency; unknown (nan) counts as the middle of the known ones.
    owners : sequence of str, optional
        Who works each lead; one team when not given. Leads are never moved from one owner to another.
    hours : mapping of owner to hours, or number
        Capacity of the day; a number is that of each owner.
    overrides : mapping of lead to Override
        Those put on the list come first and use hours; those put aside are not worked.

    Examples
    --------
    >>> made = work_list(["a", "b", "c"], np.array([0.1, 0.5, 0.3]), hours=2, effort=Effort(hours_per_lead=1))
    >>> [(item.lead, item.status) for item in made.items]
    [('b', 'chosen'), ('c', 'chosen'), ('a', 'no_hours')]
    """
    spent = effort or Effort()
    worth = _values(value, len(p))
    per_hour = (p * worth - spent.cost_per_hour * spent.hours_per_lead) / spent.hours_per_lead
    whose = np.array(list(owners) if owners is not None else [""] * len(p), dtype=object)
    first = np.array([bool(o and o.work) for o in map(overrides.get, ids)], dtype=bool)
    order = np.lexsort((np.arange(len(p)), -per_hour, ~first))
    left = {owner: float(hours.get(owner, 0.0) if isinstance(hours, Mapping) else hours) for owner in set(whose)}
    status: dict[int, str] = {}
    line: dict[str, float] = {}
    for row in order.tolist():
        override, owner = overrides.get(ids[row]), whose[row]
        if override is not None and not override.work:
            status[row] = PUT_ASIDE
        elif per_hour[row] <= 0 and override is None:
            status[row] = COSTS_MORE
        elif left[owner] + _SPENT < spent.hours_per_lead:
            status[row] = NO_HOURS
        else:
            status[row] = CHOSEN
            left[owner] -= spent.hours_per_lead
            line[owner] = min(line.get(owner, np.inf), float(per_hour[row]))
    items = tuple(
        Item(
            str(ids[row]), str(whose[row]), float(p[row]), float(worth[row]), float(per_hour[row]), place,
            status[row], line.get(whose[row], float("nan")), overrides.get(ids[row]),
        )
        for place, row in enumerate(order.tolist(), 1)
    )  # fmt: skip
    return _summed(items, spent)


def _summed(items: tuple[Item, ...], spent: Effort) -> WorkList:
    chosen = [item for item in items if item.chosen]
    wins = sum(item.p for item in chosen)
    spread = _Z90 * sum(item.p * (1 - item.p) for item in chosen) ** 0.5
    earned = sum(item.per_hour * spent.hours_per_lead for item in chosen)
    return WorkList(items, wins, max(0.0, wins - spread), min(float(len(chosen)), wins + spread), earned)


def _values(value: Array | float, n: int) -> Array:
    worth = np.broadcast_to(np.asarray(value, dtype=float), (n,)).copy()
    known = worth[np.isfinite(worth)]
    worth[~np.isfinite(worth)] = float(np.median(known)) if len(known) else 1.0
    return worth


def profit_curve(made: WorkList, effort: Effort | None = None) -> list[tuple[int, float]]:
    """Expected value of working the best 1, 2, 3 … leads: it rises as long as a lead earns more than it costs."""
    spent = effort or Effort()
    total, curve = 0.0, []
    ordered = sorted(made.items, key=lambda item: -item.per_hour)
    for count, item in enumerate(ordered, 1):
        total += item.per_hour * spent.hours_per_lead
        curve.append((count, total))
    return curve
