"""When people were on leave: weeks of five working days, one in most thirds of a year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.synthetic.days import Days
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Bools, Floats, Ints, Streams, pick
from salescoach.synthetic.view import View, chosen, table

_SLOT_MONTHS, _WEEK = 4, 5
_WIDE = 1_000_000  # more days than any window has: keeps people apart on one line of numbers


@dataclass(frozen=True)
class Leaves:
    """One row per leave, ordered by rep and time, none overlapping: first day away, first day back."""

    rep: Ints
    first: Ints
    back: Ints

    def away(self, rep: Ints, time: Floats) -> Bools:
        """Whether each rep was on leave at each time."""
        if not len(self.rep):
            return np.zeros(len(rep), dtype=bool)
        line = np.searchsorted(self.rep * _WIDE + self.first, rep * _WIDE + np.floor(time), side="right") - 1
        place = np.maximum(line, 0)
        return np.asarray((line >= 0) & (self.rep[place] == rep) & (time < self.back[place]), dtype=np.bool_)


def leaves_of(people: People, days: Days, p: Parameters, streams: Streams) -> Leaves:
    """Every leave of the window. Nobody leaves before the first or after the last day of selling."""
    slots = -(-p.months // _SLOT_MONTHS)
    uniform = streams.series("leave", len(people), slots, 2)
    edges = days.working_rank(np.array([days.month_first(_SLOT_MONTHS * slot) for slot in range(slots + 1)]))
    room = np.maximum(np.diff(edges) - _WEEK, 1)
    rank = edges[:-1] + pick(uniform[:, :, 1], room)
    first, back = days.ranked(rank), days.ranked(rank + _WEEK)
    taken = uniform[:, :, 0] < p.leave_days_per_year / _WEEK * _SLOT_MONTHS / 12
    taken &= (first >= people.starts[:, None]) & (back <= people.leaves[:, None])
    rep, slot = np.nonzero(taken)
    return Leaves(rep, first[rep, slot], back[rep, slot])


def leave(leaves: Leaves, people: People, view: View) -> pd.DataFrame:
    """Table ``leave``: those that had begun. Why is not stored."""
    rows = leaves.first < view.cut
    return table("leave", {
        "rep_id": chosen(people.ids, leaves.rep[rows]),
        "from": view.days.dates(leaves.first[rows]),
        "to": view.days.dates(leaves.back[rows]),
    })  # fmt: skip
