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
from salescoach.metrics.tally import Cells, Rows, cells_of, tally_of
from salescoach.metrics.told import Told
from salescoach.metrics.values import Words
from salescoach.tables.data import SalesData

By = Literal["rep", "team", "all"]
INDEX_NAMES: dict[str, str] = {"rep": "rep_id", "team": "team_id", "all": "scope"}
ORGANISATION = "all"
"""The one group of a question about the whole organisation."""

Numbers = npt.NDArray[np.float64]
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

    def tally(self, rows: Rows, *, owner: str = "owner_id", largest: Sequence[str] = (), **sums: Expr) -> Told:
        """:func:`salescoach.metrics.tally.tally` by *owner*, the owners of each group added up.

        Every group of the question has a row, with zeros, and no largest value, where nothing was found.
        """
        if self.by == "rep" and isinstance(rows, Columns):
            return tally_of(rows, owner, self.groups, self._place_of(rows.text(owner).words), largest, sums)
        cells = self._of_groups(cells_of(rows, (owner,), largest=largest, **sums))
        return Told(self.groups, cells.added(cells.codes[0], len(self.groups)))

    def cells(
        self, rows: Rows, *parts: str, owner: str = "owner_id", largest: Sequence[str] = (), **sums: Expr
    ) -> Cells:
        """The same by *owner* and *parts*: only combinations that occur. The first codes are places of groups."""
        cells = self._of_groups(cells_of(rows, (owner, *parts), largest=largest, **sums))
        if self.by == "rep":
            return cells
        number = np.zeros(len(cells), dtype=np.int64)
        for codes, values in zip(cells.codes, cells.values, strict=True):
            number = number * (len(values) + 1) + np.where(codes < 0, len(values), codes)
        _, one, cell = np.unique(number, return_index=True, return_inverse=True)
        chosen = tuple(codes[one] for codes in cells.codes)
        return Cells(cells.names, chosen, cells.values, cells.added(cell, len(one)))

    def _place_of(self, words: Words) -> npt.NDArray[np.intp]:
        """The place of each of *words* among the groups, looked up once: many rows point into the same words."""
        if words not in self._made:
            self._made[words] = self.groups.get_indexer(words.index)
        found: npt.NDArray[np.intp] = self._made[words]
        return found

    def _of_groups(self, cells: Cells) -> Cells:
        """*cells* by owner, with the place of the owner's group instead; without those of no group."""
        name, owners = str(self.groups.name), cells.values[0]
        if self.by == "rep":
            place = self.groups.get_indexer(owners)
        elif self.by == "all":
            place = np.zeros(len(owners), dtype=np.intp)  # also what somebody owns who is not in the table of people
        else:
            place = self.groups.get_indexer(pd.Index([self.members.get(owner) for owner in owners], dtype=object))
        found = place[cells.codes[0]] if len(owners) else cells.codes[0]
        of_groups = Cells(
            (name, *cells.names[1:]), (found, *cells.codes[1:]), (self.groups, *cells.values[1:]), cells.columns
        )
        return of_groups if (found >= 0).all() else of_groups.taken(found >= 0)

    def in_parts(self, parts: Sequence[str]) -> pd.MultiIndex:
        """Every group with every part, the parts of a group below one another: the index of an answer in parts."""
        key = ("parts", *parts)
        if key not in self._made:
            many, names = len(self.groups), [self.groups.name, "part"]
            codes: list[Any] = [np.repeat(np.arange(many), len(parts)), np.tile(np.arange(len(parts)), many)]
            levels: list[Any] = [self.groups, pd.Index(list(parts), dtype=object)]
            self._made[key] = pd.MultiIndex(levels, codes, names=names)
        found: pd.MultiIndex = self._made[key]
        return found

    def by_part(self, cells: Cells, parts: Sequence[str]) -> Told:
        """*cells* by group and part, with a row for each of :meth:`in_parts`: zeros where nothing was found."""
        part = pd.Index(list(parts), dtype=object).get_indexer(cells.values[1])
        part = np.append(part, -1)[cells.codes[1]]
        kept = cells if (part >= 0).all() else cells.taken(part >= 0)
        place = kept.codes[0] * len(parts) + part[part >= 0]
        index = self.in_parts(parts)
        return Told(index, kept.added(place, len(index)))

    def places(self, rows: pd.Index) -> npt.NDArray[np.intp]:
        """Place of each row's group among the groups, -1 for another one. *rows* begin with the group."""
        if rows is self.groups:
            return np.arange(len(rows))
        if not isinstance(rows, pd.MultiIndex):
            return self.groups.get_indexer(rows)
        # Many rows, few groups: each group is looked up once.
        return np.append(self.groups.get_indexer(rows.levels[0]), -1)[np.asarray(rows.codes[0])]

    def added(self, by_rep: pd.Series) -> Numbers:
        """A number of each person added up to the groups; missing where no member has one."""
        number = by_rep.to_numpy(dtype=np.float64)
        if self.by == "rep":
            place = self.groups.get_indexer(by_rep.index)
        elif self.by == "all":
            place = np.zeros(len(number), dtype=np.intp)
        else:
            place = self.groups.get_indexer(pd.Index([self.members.get(rep) for rep in by_rep.index], dtype=object))
        known = (place >= 0) & ~np.isnan(number)
        many = len(self.groups)
        sums = np.bincount(place[known], number[known], minlength=many).astype(np.float64, copy=False)
        return np.where(np.bincount(place[known], minlength=many) > 0, sums, np.nan)


def _about_all(ask: Question) -> Question:
    return Question.about(ask.data, ask.period, "all")
