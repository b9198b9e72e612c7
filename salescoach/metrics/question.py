"""What is asked: about whom, about when, known when. Every calculation gets one and answers it.

A question may be about each rep, each team or the whole organisation. Metrics do not know which: they
tally by owner, and the question adds the owners of a group up. That is why a team's number is the same
calculation as a person's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.errors import UsageError
from salescoach.metrics.columns import Columns
from salescoach.metrics.expressions import Expr
from salescoach.metrics.tally import Rows, tally, tally_of
from salescoach.tables.data import SalesData

By = Literal["rep", "team", "all"]
INDEX_NAMES: dict[str, str] = {"rep": "rep_id", "team": "team_id", "all": "scope"}
ORGANISATION = "all"
"""The one group of a question about the whole organisation."""

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """One question to any number of metrics.

    Attributes
    ----------
    by : whom the answers are about: each ``rep``, each ``team``, or ``all`` together
    groups : their ids, in the order in which answers come
    members : group of each person counted among them, by ``rep_id``
    """

    data: SalesData
    period: Period
    by: By
    groups: pd.Index
    members: pd.Series
    _made: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def about(cls, data: SalesData, period: Period, by: By = "rep", only: Sequence[str] | None = None) -> Question:
        """A question about *only* these reps or teams, or all of them; UsageError for an unknown *by*."""
        if by not in INDEX_NAMES:
            raise UsageError.unknown("grouping", by, INDEX_NAMES)
        sellers = pd.Index(data.sellers)
        if by == "rep":
            groups = sellers if only is None else pd.Index(only).unique()
            members = pd.Series(groups, index=groups, dtype=object)
        elif by == "team":
            members = data.reps["team_id"].dropna().astype(object)
            groups = pd.Index(sorted(set(members[members.index.isin(sellers)])) if only is None else only).unique()
            members = members[members.isin(groups)]
        else:
            groups, members = pd.Index([ORGANISATION]), pd.Series(ORGANISATION, index=data.reps.index, dtype=object)
        return cls(data, period, by, groups.rename(INDEX_NAMES[by]), members)

    @property
    def today(self) -> int:
        """Day number of ``as_of``."""
        return day_number(self.data.as_of)

    @property
    def stop(self) -> int:
        """First day number that is no longer seen: the end of the period, or of what is known."""
        return min(self.period.after, self.today + 1)

    @property
    def over(self) -> bool:
        """The period ended before ``as_of``: the state of today is not about it."""
        return self.today >= self.period.after

    @property
    def everybody(self) -> Question:
        """The same question about the whole organisation."""
        return self if self.by == "all" else self.shared(_about_all)

    def once(self, find: Callable[[SalesData, Period], T]) -> T:
        """What *find* finds, looked for only once however many metrics and questions ask."""
        return self.data.once((find, self.period), lambda: find(self.data, self.period))

    def shared(self, find: Callable[[Question], T]) -> T:
        """What *find* makes of this question, made only once however many metrics need it."""
        if find not in self._made:
            self._made[find] = find(self)
        found: T = self._made[find]
        return found

    def tally(
        self, rows: Rows, *parts: str, owner: str = "owner_id", largest: Sequence[str] = (), **sums: Expr
    ) -> pd.DataFrame:
        """:func:`salescoach.metrics.tally.tally` by *owner* and *parts*, the owners of each group added up.

        Without *parts* every group of the question has a row, with zeros where nothing was found; with
        parts only the combinations that occur, indexed by group and parts.
        """
        if self.by == "rep" and not parts and isinstance(rows, Columns):
            return tally_of(rows, owner, self.groups, largest, sums)
        return self.rolled_up(tally(rows, (owner, *parts), largest=largest, **sums), *parts)

    def rolled_up(self, counted: pd.DataFrame, *parts: str) -> pd.DataFrame:
        """Sums by owner (and *parts*) added up to the groups; columns ``largest_*`` keep the largest."""
        name = str(self.groups.name)
        if self.by == "rep":
            added = counted.rename_axis(index=[name, *parts])
        else:
            table = counted.reset_index()
            table.insert(0, name, [self._group_of(owner) for owner in table.iloc[:, 0]])
            how = {column: "max" if column.startswith("largest_") else "sum" for column in counted.columns}
            added = table.dropna(subset=[name]).groupby([name, *parts]).agg(how)
        if parts:
            place = self.places(added.index)
            return added if (place >= 0).all() else added[place >= 0]
        place = added.index.get_indexer(self.groups)
        return pd.DataFrame({column: _at(added[column], place) for column in counted.columns}, index=self.groups)

    def places(self, rows: pd.Index) -> npt.NDArray[np.intp]:
        """Place of each row's group among the groups, -1 for another one. *rows* begin with the group."""
        if rows is self.groups:
            return np.arange(len(rows))
        if not isinstance(rows, pd.MultiIndex):
            return self.groups.get_indexer(rows)
        # Many rows, few groups: each group is looked up once.
        return np.append(self.groups.get_indexer(rows.levels[0]), -1)[np.asarray(rows.codes[0])]

    def _group_of(self, owner: object) -> object:
        if self.by == "all":
            return ORGANISATION  # also what somebody owns who is not in the table of people
        return self.members.get(owner)

    def added(self, by_rep: pd.Series) -> pd.Series:
        """A number of each person added up to the groups; missing where no member has one."""
        known = by_rep.dropna()
        group = known.index.to_series().map(self._group_of)
        return known.groupby(group.to_numpy()).sum().reindex(self.groups).astype(float)


def _at(column: pd.Series, place: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """The entries of *column* at *place*; where that is -1, nothing was counted: 0, and no largest value."""
    largest = str(column.name).startswith("largest_")
    values = np.append(column.to_numpy(), np.nan if largest else 0)[place]
    return values if largest or column.name == "n" else np.where(np.isnan(values), 0.0, values)


def _about_all(ask: Question) -> Question:
    return Question.about(ask.data, ask.period, "all")
