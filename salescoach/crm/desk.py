"""Where an export lies while it is judged: its tables as Polars frames, in memory, gone afterwards.

A table keeps its rows in the order of the files: the place of a row is its number in the frame. This module reads no
file and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from salescoach.crm.interrupts import pl


class Desk:
    """The tables of one import, by name. After :meth:`know_days`, :meth:`local_day` is the day of a moment in the
    organisation's zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.tables: dict[str, pl.DataFrame] = {}
        self.zone = zone
        self._first = 0
        self._changes: list[tuple[datetime, int]] = []

    def know_days(self, since: datetime | None) -> None:
        """Make :meth:`local_day`; *since*, the earliest moment that it will be asked about, keeps it short."""
        first, changes = _changes(self.zone)
        later = [change for change in changes if since is None or change[0] > since]
        if len(later) < len(changes):
            first = changes[len(changes) - len(later) - 1][1]
        self._first, self._changes = first, later

    def local_day(self, moment: pl.Expr) -> pl.Expr:
        """The day of a moment by the same rules as :mod:`zoneinfo`; the zone database of Polars may differ."""
        day = _day(moment, self._first)
        for since, seconds in self._changes:  # the last change before the moment holds
            day = pl.when(moment >= since).then(_day(moment, seconds)).otherwise(day)
        return day

    def used(self, table: str, *columns: str) -> pl.DataFrame:
        """These columns of the rows of a table that are not taken out."""
        frame = self.tables[table]
        rows = frame.select(columns)
        return rows if (frame["_fate"] == 0).all() else rows.filter(frame["_fate"] == 0)


def among(column: pl.Expr, known: pl.Series | Iterable[str]) -> pl.Expr:
    """Condition: a text is one of these, by whatever they are given; missing when the text is.

    >>> pl.Series(["a", "c", None]).to_frame("x").select(among(pl.col("x"), ["a", "b"])).to_series().to_list()
    [True, False, None]
    """
    series = known if isinstance(known, pl.Series) else pl.Series(list(known), dtype=pl.String)
    return column.is_in(series.implode())


def repeated(numbers: pl.Series) -> pl.Series:
    """Those whole numbers that occur more than once: to sort them is quicker than to count them.

    >>> repeated(pl.Series([3, 1, 3, 2, 3])).to_list()
    [3]
    """
    ordered = np.sort(numbers.to_numpy())
    return pl.Series(np.unique(ordered[1:][ordered[1:] == ordered[:-1]]))


def looked_up(column: str, rows: pl.DataFrame) -> pl.Expr:
    """What stands in the second column of *rows* beside a text of the first that equals *column*; missing when there
    is no such row."""
    keys, values = rows.filter(pl.nth(0).is_not_null()).get_columns()
    if not len(keys):
        return pl.lit(None, dtype=values.dtype)
    return pl.col(column).replace_strict(keys, values, default=None, return_dtype=values.dtype)


def _day(moment: pl.Expr, seconds: int) -> pl.Expr:
    return (moment + timedelta(seconds=seconds)).dt.date()


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
