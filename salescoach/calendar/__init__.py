"""One definition of a day, a period and a working day. Reads no clock: what day it is, is an argument.

A period is half-open: its ``end`` is the first day after it. ``as_of`` is the last day whose events
are known, so a period is complete when ``as_of`` has reached its last day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar.periods import EPOCH, SCHEMES, FiscalYear, Period, day_number, fiscal_label, parse
from salescoach.calendar.working import Elapsed, date_numbers, weighted, working_time

__all__ = ["SCHEMES", "Calendar", "Elapsed", "Period", "date_numbers", "day_number"]


@dataclass(frozen=True)
class Calendar:
    """The organisation's days: zone, fiscal year, weekends, holidays.

    Half-days (in Turkey the eves of the religious feasts, and 28 October) count one half. ``period_scheme`` is the
    usual reporting period: ``quarter``, ``month``, or ``445`` for fiscal years of weeks.

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
    period_scheme: str = "quarter"

    @property
    def _fiscal(self) -> FiscalYear:
        return FiscalYear(self.fiscal_year_start_month, self.period_scheme == "445", self.week_start)

    def period(self, label: str, as_of: date | None = None) -> Period:
        """Period for ``2025``, ``2025Q4``, ``2025-11``, ``FY26``, ``FY26Q1``, ``FY26-P03`` or ``last90d``.

        ``2025Q4`` is a quarter of the calendar year. ``FY26`` is the fiscal year that ends in 2026
        (or is 2026, when it starts in January). ``last90d``, in words "last 90 days" or "son 90 gün", are the days
        up to and including *as_of*; UsageError without it.

        >>> Calendar(fiscal_year_start_month=7).period("FY26-P03").start
        datetime.date(2025, 9, 1)
        >>> Calendar().period("son 90 gün", date(2025, 6, 30))
        Period(label='last90d', start=datetime.date(2025, 4, 2), end=datetime.date(2025, 7, 1))
        """
        return parse(label, self._fiscal, as_of)

    def period_of(self, day: date) -> Period:
        """The usual reporting period in which *day* lies: a quarter, a month, or a period of a 4-4-5 year.

        >>> [Calendar(period_scheme=scheme).period_of(date(2026, 2, 1)).label for scheme in SCHEMES]
        ['2026Q1', '2026-02', 'FY26-P02']
        """
        if self.period_scheme == "month":
            return self.period(f"{day:%Y-%m}")
        if self.period_scheme == "445":
            year, number = self._fiscal.position(day)
            return self.period(fiscal_label(year, number=number))
        return self.quarter_of(day)

    def quarter_of(self, day: date) -> Period:
        """The quarter in which *day* lies: fiscal when the fiscal year does not start in January, or has weeks."""
        if self.fiscal_year_start_month == 1 and self.period_scheme != "445":
            return self.period(f"{day.year}Q{(day.month - 1) // 3 + 1}")
        year, number = self._fiscal.position(day)
        return self.period(fiscal_label(year, quarter=(number - 1) // 3 + 1))

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

    def working_time(self, start: date, end: date) -> npt.NDArray[np.float64]:
        """Working time of each day from *start* up to, not including, *end*: 1, 0.5 or 0."""
        return working_time(self.holiday_calendar, start, end)

    def working_days(self, start: date, end: date) -> float:
        """Working days from *start* up to, not including, *end*; half-days count one half."""
        return float(self.working_time(start, end).sum())

    def elapsed(self, period: Period, as_of: date, season: Mapping[int, float] | None = None) -> Elapsed:
        """Working days of *period* up to and including *as_of*, and in all.

        With *season* (month 1 to 12: how much of an average month's business it has) each day counts with the index
        of its month: a day in a strong month brings more of the period's business.

        >>> flat, season = dict.fromkeys(range(1, 13), 1.0), {}
        >>> season = flat | {10: 0.5, 11: 0.5, 12: 2.0}
        >>> quarter, day = Calendar().period("2025Q4"), date(2025, 11, 30)
        >>> [round(Calendar().elapsed(quarter, day, weights).share, 2) for weights in (None, flat, season)]
        [0.64, 0.64, 0.31]
        """
        time = weighted(self.working_time(period.start, period.end), period.start, season)
        reached = min(max(day_number(as_of) + 1, period.first), period.after) - period.first
        return Elapsed(float(time[:reached].sum()), float(time.sum()))

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
        midnight = datetime.combine(EPOCH + timedelta(days=int(day) + 1), time(), ZoneInfo(self.timezone))
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
