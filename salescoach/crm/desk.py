"""Where an export lies while it is judged: its tables in DuckDB, in memory, gone afterwards.

A table keeps its rows in the order of the files: ``rowid`` is the place of a row. This is the only module of
the import that knows how a query is asked; it reads no file and decides nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd

Row = tuple[Any, ...]


class Desk:
    """A database of one import. After :meth:`know_days`, ``local_day(t)`` in its queries is the day of a moment in the
    organisation's zone."""

    def __init__(self, zone: ZoneInfo, *, large: bool = False) -> None:
        threads = max(1, min(4, os.cpu_count() or 1)) if large else 1  # for few rows, threads only wait for one another
        # An object column is text: DuckDB would otherwise guess its type from a sample of its cells.
        self.connection = duckdb.connect(":memory:", config={"threads": threads, "pandas_analyze_sample": 0})
        self.zone = zone

    def know_days(self, since: datetime | None) -> None:
        """Make ``local_day``; *since*, the earliest moment that it will be asked about, keeps it short."""
        self.connection.execute(f"CREATE OR REPLACE MACRO local_day(t) AS {_day_sql(self.zone, since)}")

    def run(self, sql: str, values: Sequence[object] = ()) -> None:
        """Execute a statement that answers nothing."""
        self.connection.execute(sql, list(values))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """The answer as tuples."""
        return list(self.connection.execute(sql, list(values)).fetchall())

    def one(self, sql: str, values: Sequence[object] = ()) -> Row:
        """The only row of the answer."""
        (row,) = self.rows(sql, values)
        return row

    def frame(self, sql: str) -> pd.DataFrame:
        """The answer as a data frame."""
        return self.connection.execute(sql).df()

    @contextmanager
    def beside(self, **frames: Mapping[str, object] | pd.DataFrame) -> Iterator[None]:
        """Lay data frames beside the tables, under these names, while the block runs."""
        for name, frame in frames.items():
            self.connection.register(name, frame if isinstance(frame, pd.DataFrame) else pd.DataFrame(frame))
        try:
            yield
        finally:
            for name in frames:
                self.connection.unregister(name)


def quoted(name: str) -> str:
    """A name as SQL writes it.

    >>> quoted("order")
    '"order"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it.

    >>> literal("Işık's")
    "'Işık''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def _day_sql(zone: ZoneInfo, since: datetime | None) -> str:
    """The day of ``t`` by the same rules as :mod:`zoneinfo`; DuckDB's own zone database may differ."""
    first, changes = _changes(zone)
    later = [change for change in changes if since is None or change[0] > since]
    if len(later) < len(changes):
        first = changes[len(changes) - len(later) - 1][1]
    cases = " ".join(f"WHEN t >= TIMESTAMP '{moment}' THEN {seconds}" for moment, seconds in reversed(later))
    offset = f"CASE {cases} ELSE {first} END" if cases else str(first)
    return f"CAST(make_timestamp(epoch_us(t) + 1000000 * CAST({offset} AS BIGINT)) AS DATE)"


@cache
def _changes(zone: ZoneInfo) -> tuple[int, list[tuple[datetime, int]]]:
    """Seconds east of UTC in 1900, and each moment until 2100 at which they change, with those from then on."""

    def seconds(moment: datetime) -> int:
        return int((moment.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()).total_seconds())

    days = pd.date_range("1900-01-01", "2101-01-01", freq="D", tz="UTC")
    east = days.tz_convert(zone).tz_localize(None) - days.tz_localize(None)
    found: list[tuple[datetime, int]] = []
    for number in np.flatnonzero(east[1:] != east[:-1]).tolist():
        early, late = (days[place].to_pydatetime().replace(tzinfo=None) for place in (number, number + 1))
        before = seconds(early)
        while late - early > timedelta(seconds=1):
            middle = early + timedelta(seconds=(late - early).total_seconds() // 2)
            early, late = (middle, late) if seconds(middle) == before else (early, middle)
        found.append((late, seconds(late)))
    return seconds(datetime(1900, 1, 1)), found
