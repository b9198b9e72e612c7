"""Whether the leads of a study changed while they came in: the later ones against the earlier ones.

Where a column names the time, the last block is held against the leads that the first model learned from. Where none
does, the rows may still stand in order of time: then the last third of them differs from the first, and the analyst
is asked. Random folds of such a file flatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.scoring.drift import ColumnDrift, column_drifts, reference, verdict_of
from salescoach.scoring.leads import Leads
from salescoach.scoring.splits import Split

Places = npt.NDArray[np.integer]

TIME, ROWS = "time", "row_order"
_PARTS = 3
_FEWEST = 100
_FEWEST_PER_LEVEL = 10
_SURE = 3.0


@dataclass(frozen=True)
class Movement:
    """What moved between earlier and later leads.

    ``by`` is what orders them: the time, the order of the rows, or nothing (then nothing can be said). ``columns``:
    the most moved first. ``first`` and ``last``: conversion of the earlier and of the later leads, between 0 and 1.
    """

    by: str = ""
    columns: tuple[ColumnDrift, ...] = ()
    first: float = float("nan")
    last: float = float("nan")

    @property
    def acting(self) -> tuple[ColumnDrift, ...]:
        """Columns that have moved beyond the line at which one acts."""
        return tuple(each for each in self.columns if each.verdict == "act")


def movement(leads: Leads, split: Split) -> Movement:
    """The later *leads* against the earlier ones, as *split* has them in time, else as their rows stand.

    Row order is a hint, not a finding. It is given only when a column has moved beyond the line at which one acts, by
    more than chance explains, and both thirds hold both outcomes: rows sorted by the outcome say nothing about time.
    """
    if leads.features.shape[1] == 0:
        return Movement()
    if split.kind == "rolling":
        return _between(leads, split.folds[0].train, split.folds[-1].test, TIME)
    rows = np.flatnonzero(leads.closed)
    size = len(rows) // _PARTS
    early, late = rows[:size], rows[len(rows) - size :]
    if size < _FEWEST or not all(0 < leads.won[part].mean() < 1 for part in (early, late)):
        return Movement()
    found = _between(leads, early, late, ROWS)
    return found if found.acting else Movement()


def _between(leads: Leads, early: Places, late: Places, by: str) -> Movement:
    before, after = leads.features.iloc[early], leads.features.iloc[late]
    then = reference(before, np.zeros(len(before)), least=max(_FEWEST_PER_LEVEL, len(before) // 50))
    columns = [
        _beyond_chance(each, then.shares[each.column], len(early), len(late)) for each in column_drifts(then, after)
    ]
    columns.sort(key=lambda each: -each.psi)
    return Movement(by, tuple(columns), float(leads.won[early].mean()), float(leads.won[late].mean()))


def _beyond_chance(each: ColumnDrift, shares: npt.NDArray[np.float64], early: int, late: int) -> ColumnDrift:
    """The index less what it may be where nothing moved: with many parts and few leads it is large by chance.

    Then it is about chi-square with a degree of freedom less than there are parts, over the leads of both sides
    (Yurdakul 2018); taken off are its mean and three standard deviations.
    """
    freedom = max(int(np.count_nonzero(shares)) - 1, 0)
    chance = (freedom + _SURE * np.sqrt(2 * freedom)) * (1 / early + 1 / late)
    psi = max(each.psi - float(chance), 0.0)
    return ColumnDrift(each.column, psi, verdict_of(psi), each.unseen)
