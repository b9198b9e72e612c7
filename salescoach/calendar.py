"""One definition of a day, a period and a working day. Reads no clock: what day it is, is an argument.

A period is half-open: its ``end`` is the first day after it. ``as_of`` is the last day whose events
are known, so a period is complete when ``as_of`` has reached its last day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.errors import UsageError

_EPOCH = date(1970, 1, 1)
_YEAR = "(?:19|20|21)[0-9]{2}"


def day_number(day: date) -> int:
    """Days since 1970-01-01: the form in which calculations compare days.

    >>> day_number(date(1970, 1, 11))
    10
    """
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Period:
    """A named stretch of whole days; ``end`` is the first day after it."""

    label: str
    start: date
    end: date

    @property
    def last_day(self) -> date:
        """Last day inside the period."""
        return self.end - timedelta(days=1)

    @property
    def first(self) -> int:
        """Day number of the first day."""
        return day_number(self.start)

    @property
    def after(self) -> int:
        """Day number of the first day after the period."""
        return day_number(self.end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True)
class Elapsed:
    """How much of a period's working time has passed: ``done`` of ``total`` working days."""

    done: float
    total: float

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 when the period has no working day."""
        return self.done / self.total if self.total else 1.0

    @property
    def complete(self) -> bool:
        """True when no working day is left."""
        return self.done >= self.total


@dataclass(frozen=True)
class Calendar:
    """The organisation's days: zone, fiscal year, weekends, holidays.

    Half-days (in Turkey the eves of the religious feasts, and 28 October) count one half.

    >>> calendar = Calendar(holiday_calendar="TR")
    >>> calendar.period("2025Q4").last_day
    datetime.date(2025, 12, 31)
    >>> calendar.working_days(date(2025, 10, 27), date(2025, 11, 1))  # 28 Oct half, 29 Oct off
    3.5
    """

    timezone: str = "Europe/Istanbul"
    fiscal_year_start_month: int = 1
    week_start: int = 1
    holiday_calendar: str = "TR"
    _weights: dict[int, npt.NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    def period(self, label: str) -> Period:
        """Period for ``2025``, ``2025Q4``, ``2025-11``, ``FY26`` or ``FY26Q1``.

        ``2025Q4`` is a quarter of the calendar year. ``FY26`` is the fiscal year that ends in 2026
        (or is 2026, when it starts in January).
        """
        text = label.strip().upper()
        if found := re.fullmatch(rf"({_YEAR})-?Q([1-4])", text):
            return _months(f"{found[1]}Q{found[2]}", int(found[1]), 3 * int(found[2]) - 2, 3)
        if found := re.fullmatch(rf"({_YEAR})-(0[1-9]|1[0-2])", text):
            return _months(text, int(found[1]), int(found[2]), 1)
        if re.fullmatch(_YEAR, text):
            return _months(text, int(text), 1, 12)
        if found := re.fullmatch(rf"FY([0-9]{{2}}|{_YEAR})(?:-?Q([1-4]))?", text):
            year = int(found[1]) + (2000 if len(found[1]) == 2 else 0)
            first = self.fiscal_year_start_month
            start_year = year if first == 1 else year - 1
            offset, length = (3 * (int(found[2]) - 1), 3) if found[2] else (0, 12)
            short = f"{year % 100:02d}" if 2000 <= year < 2100 else str(year)  # FY99 is 2099, never 1999
            return _months(f"FY{short}" + (f"Q{found[2]}" if found[2] else ""), start_year, first + offset, length)
        raise UsageError(
            f"'{label}' is not a period. Write a quarter as 2025Q4, a month as 2025-11, a year as 2025, "
            "a fiscal year or quarter as FY26 or FY26Q1."
        )

    def quarter_of(self, day: date) -> Period:
        """The quarter in which *day* lies: fiscal when the fiscal year does not start in January."""
        first = self.fiscal_year_start_month
        if first == 1:
            return self.period(f"{day.year}Q{(day.month - 1) // 3 + 1}")
        passed = (day.month - first) % 12
        start_year = day.year if day.month >= first else day.year - 1
        return self.period(f"FY{start_year + 1}Q{passed // 3 + 1}")

    def quarters_before(self, period: Period, count: int) -> tuple[Period, ...]:
        """The last *count* quarters that were over when *period* started, oldest first.

        >>> [str(quarter) for quarter in Calendar().quarters_before(Calendar().period("2025-11"), 2)]
        ['2025Q2', '2025Q3']
        """
        quarters: list[Period] = []
        day = period.start
        while len(quarters) < count:
            quarter = self.quarter_of(day - timedelta(days=1))
            day = quarter.start
            if quarter.end <= period.start:  # not the quarter in which a month or a fiscal period lies
                quarters.append(quarter)
        return tuple(reversed(quarters))

    def working_days(self, start: date, end: date) -> float:
        """Working days from *start* up to, not including, *end*; half-days count one half."""
        if end <= start:
            return 0.0
        total = 0.0
        for year in range(start.year, end.year + 1):
            weights = self._weights.get(year)
            if weights is None:
                weights = self._weights[year] = _day_weights(self.holiday_calendar, year)
            january = date(year, 1, 1)
            low = max((start - january).days, 0)
            high = min((end - january).days, len(weights))
            total += float(weights[low:high].sum()) if high > low else 0.0
        return total

    def elapsed(self, period: Period, as_of: date) -> Elapsed:
        """Working days of *period* up to and including *as_of*, and in all."""
        reached = min(max(as_of + timedelta(days=1), period.start), period.end)
        return Elapsed(self.working_days(period.start, reached), self.working_days(period.start, period.end))

    def day_numbers(self, moments: pd.Series) -> pd.Series:
        """Organisation's day, as a day number, of UTC *moments*; missing stays missing (float64).

        >>> moments = pd.Series(pd.to_datetime(["2026-03-31 22:30", None]))  # already 1 April in Istanbul
        >>> Calendar().day_numbers(moments).tolist(), day_number(date(2026, 4, 1))
        ([20544.0, nan], 20544)
        """
        return date_numbers(self._local(moments))

    def end_of(self, day: int) -> pd.Timestamp:
        """The last microsecond of day number *day* here, as a moment in UTC.

        >>> Calendar().end_of(day_number(date(2026, 3, 31)))
        Timestamp('2026-03-31 20:59:59.999999')
        """
        midnight = datetime.combine(_EPOCH + timedelta(days=int(day) + 1), time(), ZoneInfo(self.timezone))
        return pd.Timestamp(midnight.astimezone(UTC).replace(tzinfo=None)) - pd.Timedelta(microseconds=1)

    def last_moment(self, moments: pd.Series) -> pd.Series:
        """*moments* (UTC), but the end of the day for those at midnight here: a day without a time of day.

        >>> moments = pd.Series(pd.to_datetime(["2026-03-30 21:00", "2026-03-31 09:30"]))
        >>> Calendar().last_moment(moments).astype(str).tolist()
        ['2026-03-31 20:59:59.999999', '2026-03-31 09:30:00.000000']
        """
        moments = pd.to_datetime(moments).astype("datetime64[us]")
        local = self._local(moments)
        return moments.mask(
            local == local.dt.normalize(), moments + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1)
        )

    def _local(self, moments: pd.Series) -> pd.Series:
        return pd.to_datetime(moments).dt.tz_localize("UTC").dt.tz_convert(self.timezone).dt.tz_localize(None)


def date_numbers(days: pd.Series) -> pd.Series:
    """Day numbers (float64, missing stays missing) of a series of dates without zone."""
    stamps = pd.to_datetime(days).dt.normalize()
    return (stamps - pd.Timestamp(_EPOCH)) / pd.Timedelta(days=1)


def _months(label: str, year: int, month: int, length: int) -> Period:
    """*length* months from month number *month* (may exceed 12) of *year*."""

    def first_of(months: int) -> date:
        return date(year + (months - 1) // 12, (months - 1) % 12 + 1, 1)

    return Period(label, first_of(month), first_of(month + length))


@cache
def _day_weights(country: str, year: int) -> npt.NDArray[np.float64]:
    """Working time of each day of *year*: 1, 0.5 or 0. Country ``none`` has weekends only."""
    days = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"))
    weights = np.is_busday(days).astype(np.float64)
    if country.lower() == "none":
        return weights
    import holidays  # 40 ms that only those who count working days pay

    def numbers(entries: Iterable[date]) -> list[int]:
        return [(day - date(year, 1, 1)).days for day in entries if day.year == year]

    calendar = holidays.country_holidays(country, years=year)
    if "half_day" in calendar.supported_categories:
        half = holidays.country_holidays(country, years=year, categories=("half_day",))
        weights[numbers(half)] = np.minimum(weights[numbers(half)], 0.5)
    weights[numbers(calendar)] = 0.0
    return weights
