"""What an export taken at the end of ``as_of`` can see: the one place that decides it.

Also makes canonical tables out of columns, so that every table has exactly the schema's names,
order and types.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.synthetic.days import Days, Stamps
from salescoach.synthetic.streams import Bools, Floats, Ints
from salescoach.tables.schema import TABLES

_DTYPES = {"money": "float64", "share": "float64", "number": "float64", "int": "Int64", "bool": "boolean"}


@dataclass(frozen=True)
class View:
    """The moment of the export, as a time of the window: the first moment that is not seen."""

    days: Days
    cut: float  # day after as_of
    window_end: float  # first day after the window: nothing is created from then on
    language: str

    def seen(self, time: Floats) -> Bools:
        """Which times lie before the cut, after they were moved into office hours; missing is not seen."""
        known = ~np.isnan(time)
        day, _ = self.days.office_moment(np.where(known, time, 0.0))
        return known & (day < self.cut)

    def created(self, time: Floats) -> Bools:
        """Which things existed by then and belong to the window."""
        return self.seen(time) & (time < self.window_end)

    def past(self, time: Floats) -> Floats:
        """*time* where it is seen, missing elsewhere."""
        return np.where(self.seen(time), time, np.nan)

    def moments(self, time: Floats) -> Stamps:
        """UTC moments of the times that are seen; missing elsewhere."""
        return self.days.utc(self.past(time))


def chosen(texts: Sequence[str], places: Ints, where: Bools | None = None) -> pd.Series:
    """A text column of ``texts[place]``, missing where *where* is false.

    >>> chosen(("open", "won"), np.array([1, 0]), np.array([True, False])).tolist()
    ['won', nan]
    """
    values = pd.Series(np.array(texts, dtype=object)[places], dtype="str")
    return values if where is None else values.where(where)


def numbered(prefix: str, numbers: Ints, width: int, where: Bools | None = None) -> pd.Series:
    """A text column of ids, a letter and a number counted from 1; missing where *where* is false.

    >>> numbered("D", np.array([0, 41]), 6).tolist()
    ['D000001', 'D000042']
    """
    form = f"{prefix}%0{width}d"
    texts = pd.Series(list(map(form.__mod__, (numbers + 1).tolist())), dtype="str")
    return texts if where is None else texts.where(where)


def table(name: str, columns: Mapping[str, Sized]) -> pd.DataFrame:
    """Canonical table *name*: all its columns in the schema's order, the ones not given missing throughout.

    Text is ``str``, dates and moments ``datetime64[us]``, numbers ``float64``, whole numbers ``Int64``, bool
    ``boolean``. A column the schema does not have is a defect of the generator.
    """
    schema = TABLES[name]
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise ValueError(f"{name} has no column {sorted(unknown)}")
    rows = len(next(iter(columns.values())))
    made: dict[str, pd.Series] = {}
    for field in schema.fields:
        values = columns.get(field.name)
        if field.type in ("date", "ts"):
            made[field.name] = pd.Series(np.full(rows, "NaT") if values is None else values, dtype="datetime64[us]")
        elif field.type == "text":
            made[field.name] = pd.Series([None] * rows if values is None else values, dtype="str")
        else:
            empty = np.full(rows, np.nan) if field.type not in ("int", "bool") else [pd.NA] * rows
            made[field.name] = pd.Series(empty if values is None else values, dtype=_DTYPES[field.type])
    return pd.DataFrame(made)
