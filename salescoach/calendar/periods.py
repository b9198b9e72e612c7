"""Which days a period has: months, quarters, years, fiscal years by months or by weeks, rolling windows.

A period is half-open: its ``end`` is the first day after it. A 4-4-5 year begins on the day of the week nearest to
the first of its first month, so it has 52 or 53 weeks; its quarters have 4 + 4 + 5 weeks, and a 53rd week belongs to
the last of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from salescoach.errors import UsageError

EPOCH = date(1970, 1, 1)
SCHEMES = ("quarter", "month", "445")
_YEAR = "(?:19|20|21)[0-9]{2}"
_FISCAL = re.compile(rf"FY([0-9]{{2}}|{_YEAR})(?:-?(Q)([1-4])|-?(P)(0[1-9]|1[0-2]))?")
_ROLLING = re.compile(r"(?:LAST ?([1-9][0-9]{0,2}) ?D(?:AYS?)?|SON ?([1-9][0-9]{0,2}) ?GÜN)")
_WEEKS = (0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47, 52)  # after so many weeks each of the twelve periods begins


def day_number(day: date) -> int:
    """Days since 1970-01-01: the form in which calculations compare days.

    >>> day_number(date(1970, 1, 11))
    10
    """
    return (day - EPOCH).days


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
class FiscalYear:
    """How fiscal years are cut: ``first_month``, by months or ``by_weeks`` (4-4-5), ``week_start`` 1 = Monday.

    A year is named after the calendar year in which it ends by its months: with ``first_month`` 4, FY26 begins in
    April 2025.
    """

    first_month: int = 1
    by_weeks: bool = False
    week_start: int = 1

    def start(self, year: int) -> date:
        """First day of the fiscal year *year*.

        >>> FiscalYear(first_month=2, by_weeks=True, week_start=7).start(2026)  # a Sunday, as in American retail
        datetime.date(2025, 2, 2)
        """
        first = date(year if self.first_month == 1 else year - 1, self.first_month, 1)
        if not self.by_weeks:
            return first
        ahead = (self.week_start - first.isoweekday()) % 7
        return first + timedelta(days=ahead if ahead <= 3 else ahead - 7)

    def span(self, year: int, first: int = 1, last: int = 12) -> tuple[date, date]:
        """Days from the *first* to the *last* of the twelve periods of *year*, half-open."""
        return self._begin(year, first - 1), self._begin(year, last)

    def _begin(self, year: int, passed: int) -> date:
        """First day after *passed* of the twelve periods of *year*."""
        if passed == 12:
            return self.start(year + 1)
        if self.by_weeks:
            return self.start(year) + timedelta(weeks=_WEEKS[passed])
        return months_on(self.start(year), passed)

    def position(self, day: date) -> tuple[int, int]:
        """Fiscal year of *day*, and in which of its twelve periods (from 1) the day lies.

        >>> FiscalYear(first_month=4).position(date(2026, 3, 31))
        (2026, 12)
        """
        year = next(year for year in (day.year + 2, day.year + 1, day.year, day.year - 1) if self.start(year) <= day)
        return year, next(number for number in range(12, 0, -1) if self._begin(year, number - 1) <= day)


def months_on(day: date, months: int) -> date:
    """The first of a month, *months* after *day*, which is the first of one."""
    passed = 12 * day.year + day.month - 1 + months
    return date(passed // 12, passed % 12 + 1, 1)


def fiscal_label(year: int, quarter: int = 0, number: int = 0) -> str:
    """The one way to write a fiscal year, its *quarter*, or one of its twelve periods.

    >>> fiscal_label(2026), fiscal_label(2026, quarter=1), fiscal_label(2026, number=3), fiscal_label(1999)
    ('FY26', 'FY26Q1', 'FY26-P03', 'FY1999')
    """
    short = f"{year % 100:02d}" if 2000 <= year < 2100 else str(year)  # FY99 is 2099, never 1999
    return f"FY{short}" + (f"Q{quarter}" if quarter else f"-P{number:02d}" if number else "")


def parse(label: str, fiscal: FiscalYear, as_of: date | None) -> Period:
    """The period that *label* names; UsageError with the ways to write one when it names none.

    A rolling window ends with *as_of*, which it therefore needs.
    """
    text = " ".join(label.split()).upper()
    if found := re.fullmatch(rf"({_YEAR})-?Q([1-4])", text):
        start = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return Period(f"{found[1]}Q{found[2]}", start, months_on(start, 3))
    if found := re.fullmatch(rf"({_YEAR})-(0[1-9]|1[0-2])", text):
        start = date(int(found[1]), int(found[2]), 1)
        return Period(text, start, months_on(start, 1))
    if re.fullmatch(_YEAR, text):
        return Period(text, date(int(text), 1, 1), date(int(text) + 1, 1, 1))
    if found := _FISCAL.fullmatch(text):
        year = int(found[1]) + (2000 if len(found[1]) == 2 else 0)
        quarter, number = int(found[3] or 0), int(found[5] or 0)
        first, last = (3 * quarter - 2, 3 * quarter) if quarter else (number, number) if number else (1, 12)
        return Period(fiscal_label(year, quarter, number), *fiscal.span(year, first, last))
    if found := _ROLLING.fullmatch(text):
        return _rolling(int(found[1] or found[2]), as_of)
    raise UsageError(
        f"'{label}' is not a period. Write a quarter as 2025Q4, a month as 2025-11, a year as 2025, "
        "a fiscal year, quarter or period as FY26, FY26Q1 or FY26-P03, a number of days up to now as last90d."
    )


def _rolling(days: int, as_of: date | None) -> Period:
    if as_of is None:
        raise UsageError(f"The last {days} days up to which day? Name the day as well, or a period such as 2025Q4.")
    after = as_of + timedelta(days=1)
    return Period(f"last{days}d", after - timedelta(days=days), after)
