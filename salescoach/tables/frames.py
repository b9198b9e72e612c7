"""Give a table all its canonical columns, and leave out what was not known on a day. Changes no value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from salescoach.calendar import Calendar, date_numbers
from salescoach.errors import TableError, UsageError
from salescoach.tables.schema import TABLES

_MISSING = {"ts": pd.NaT, "date": pd.NaT, "text": None, "bool": None}


def complete(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """*frame* with every canonical column of table *name*; UsageError for a table that is none.

    TableError when *frame* has rows and a required column is not there.

    >>> complete("team", pd.DataFrame({"team_id": ["T1"], "name": ["North"]})).columns.tolist()
    ['team_id', 'name', 'parent_team_id', 'manager_id']
    """
    if name not in TABLES:
        raise UsageError.unknown("table", name, TABLES)
    table = TABLES[name]
    if len(frame):
        for column in table.required:
            if column not in frame.columns:
                raise TableError.missing(name, column, frame.columns)
    absent = [column for column in table.names if column not in frame.columns]
    empty = {column: pd.Series(_MISSING.get(table[column].type, np.nan), index=frame.index) for column in absent}
    return frame.assign(**empty)


def numbered(name: str, frame: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """*frame* with the day number ``x_day`` beside every date ``x`` of table *name*."""
    numbers = {
        f"{column.name}_day": (calendar.day_numbers if column.type == "ts" else date_numbers)(frame[column.name])
        for column in TABLES[name].fields
        if column.type in ("ts", "date")
    }
    return frame.assign(**numbers)


def known(name: str, frame: pd.DataFrame, today: int) -> pd.DataFrame:
    """The rows of the :func:`numbered` *frame* that were known on day number *today*."""
    later = np.zeros(len(frame), dtype=bool)
    for dated in (TABLES[name].dated, TABLES[name].recorded):
        if dated:
            later |= (frame[f"{dated}_day"] > today).to_numpy()
    return (frame[~later] if later.any() else frame).reset_index(drop=True)


class Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, complete, each read when it is first asked for: most questions need few of them.

    *rows* says how many rows each table has; *read* gives one of them. A table without rows is as good as absent.
    *uncredited*: deals that had revenue splits, none of which could be used.

    >>> tables = Tables(lambda name: pd.DataFrame({"team_id": ["T1"], "name": ["North"]}), {"team": 1, "lead": 0})
    >>> list(tables), tables["team"].columns.tolist(), "lead" in tables, len(tables.get_or_empty("lead"))
    (['team'], ['team_id', 'name', 'parent_team_id', 'manager_id'], False, 0)
    """

    def __init__(
        self,
        read: Callable[[str], pd.DataFrame],
        rows: Mapping[str, int],
        *,
        uncredited: frozenset[str] = frozenset(),
    ) -> None:
        self.uncredited = uncredited
        self._read = read
        self._names = tuple(name for name, count in rows.items() if count)
        self._frames: dict[str, pd.DataFrame] = {}
        self._numbered: dict[tuple[str, Calendar], pd.DataFrame] = {}

    @classmethod
    def of(cls, frames: Mapping[str, pd.DataFrame]) -> Tables:
        """Tables that are there already; UsageError for one that does not exist, TableError for a missing column."""
        tables = cls(frames.__getitem__, {name: len(frame) for name, frame in frames.items()})
        tables._frames = {name: complete(name, frame) for name, frame in frames.items()}
        return tables

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._frames:
            self._frames[name] = complete(name, self._read(name))
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def get_or_empty(self, name: str) -> pd.DataFrame:
        """Table *name*; without a row when it is not there."""
        return self[name] if name in self._names else complete(name, pd.DataFrame())

    def numbered(self, name: str, calendar: Calendar) -> pd.DataFrame:
        """:func:`numbered` table *name*, made once: what day a moment lies on is the same whenever one looks back."""
        key = (name, calendar)
        if key not in self._numbered:
            self._numbered[key] = numbered(name, self.get_or_empty(name), calendar)
        return self._numbered[key]
