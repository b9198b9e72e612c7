"""Give a table all its canonical columns, and leave out what was not known on a day. Changes no value."""

from __future__ import annotations

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


def known(name: str, frame: pd.DataFrame, calendar: Calendar, today: int) -> pd.DataFrame:
    """The rows of *frame* that were known on day number *today*, with ``x_day`` beside every date ``x``."""
    table = TABLES[name]
    numbers = {
        f"{column.name}_day": (calendar.day_numbers if column.type == "ts" else date_numbers)(frame[column.name])
        for column in table.fields
        if column.type in ("ts", "date")
    }
    later = np.zeros(len(frame), dtype=bool)
    for dated in (table.dated, table.recorded):
        if dated:
            later |= (numbers[f"{dated}_day"] > today).to_numpy()
    return frame.assign(**numbers)[~later].reset_index(drop=True)
