"""The organisation's days as plain numbers: day 0 is the first day of the window, 1.5 the middle of the second.

Working days are vectors here because thousands of events are placed at once. Reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.synthetic.streams import Bools, Floats, Ints

TIMEZONE = "Europe/Istanbul"
_PAST, _FUTURE = 120, 460  # days known before the window (early leads) and after its last needed day
_OPEN, _DAY = 9 * 3600, 9 * 3600  # the office opens at nine, for nine hours
_MORNING = 8 * 3600  # what falls on a day off is done in the hour before the next opening

Stamps = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Days:
    """Working days around one window. Day numbers may be negative: before the window."""

    start: date
    working: Bools  # from day -_PAST
    moving_feast: Bools

    @property
    def first(self) -> int:
        """Number of the first day that is known."""
        return -_PAST

    @property
    def before(self) -> Ints:
        """``before[day + 120]``: working days earlier than that day."""
        return np.concatenate([[0], np.cumsum(self.working)]).astype(np.int64)

    def number(self, day: date) -> int:
        """Day number of a calendar day."""
        return (day - self.start).days

    def day(self, number: int) -> date:
        """Calendar day of a day number."""
        return self.start + timedelta(days=number)

    def month_first(self, month: int) -> int:
        """Day number of the first day of month number *month*, counted from the start of the window."""
        months = self.start.month - 1 + month
        return self.number(date(self.start.year + months // 12, months % 12 + 1, 1))

    def working_rank(self, day: Ints) -> Ints:
        """How many working days lie before each day: the place of the day among working days."""
        return self.before[np.clip(day + _PAST, 0, len(self.working))]

    def ranked(self, rank: Ints) -> Ints:
        """Day number of the working day with that rank: the inverse of :meth:`working_rank`."""
        return np.flatnonzero(self.working)[rank] - _PAST

    def feast_share(self, month: int) -> float:
        """Share of the month's weekdays that fall on a moving religious feast."""
        low, high = self.month_first(month) + _PAST, self.month_first(month + 1) + _PAST
        feast = int((self.moving_feast[low:high]).sum())
        return feast / (feast + int(self.working[low:high].sum()))

    def quarter(self, time: Floats) -> tuple[Ints, Ints]:
        """First day of the quarter of each time, and of the next one, as day numbers."""
        months = (np.datetime64(self.start) + np.floor(time).astype(np.int64)).astype("datetime64[M]").astype(np.int64)
        first = (months // 3 * 3).astype("datetime64[M]").astype("datetime64[D]")
        after = (months // 3 * 3 + 3).astype("datetime64[M]").astype("datetime64[D]")
        origin = np.datetime64(self.start)
        return (first - origin).astype(np.int64), (after - origin).astype(np.int64)

    def office_moment(self, time: Floats) -> tuple[Ints, Ints]:
        """Day number and second of the day at which something due at *time* is done.

        Keeps the order of times: a working day's 24 hours shrink to the nine of the office, a day off
        moves into the hour before the next working day opens.
        """
        last = len(self.working) - 1
        day = np.clip(np.floor(time).astype(np.int64), -_PAST, last - _PAST)
        off = ~self.working[day + _PAST]
        done = np.where(off, self.ranked(np.minimum(self.working_rank(day), int(self.working.sum()) - 1)), day)
        previous = self.ranked(np.maximum(self.working_rank(day) - 1, 0))
        fraction = np.clip(time - day, 0, 1)
        pause = np.maximum(done - previous - 1, 1)
        second = np.where(
            off,
            _MORNING + (day - previous - 1 + fraction) / pause * 3599,
            _OPEN + fraction * (_DAY - 1),
        )
        return done, second.astype(np.int64)

    def utc(self, time: Floats) -> Stamps:
        """Moments in UTC, to the second, of what is done in the office at *time*; missing stays missing."""
        known = ~np.isnan(time)
        day, second = self.office_moment(np.where(known, time, 0.0))
        local = np.datetime64(self.start, "s") + day * 86_400 + second
        return np.where(known, _to_utc(local), np.datetime64("NaT", "s"))

    def dates(self, number: Ints | Floats) -> Stamps:
        """Calendar days of day numbers; missing stays missing."""
        numbers = np.asarray(number, dtype=np.float64)
        known = ~np.isnan(numbers)
        days = np.datetime64(self.start, "D") + np.where(known, numbers, 0).astype(np.int64)
        return np.where(known, days, np.datetime64("NaT", "D")).astype("datetime64[s]")


def days_of(start: date, last: date) -> Days:
    """The calendar of a window from *start* that needs days up to *last*, with Turkey's public holidays."""
    first = start - timedelta(days=_PAST)
    count = (last - first).days + _FUTURE
    every = np.datetime64(first, "D") + np.arange(count)
    off, moving = _holidays(first.year, (first + timedelta(days=count)).year)
    working = np.is_busday(every) & ~np.isin(every, np.array(off, dtype="datetime64[D]"))
    feasts = np.array(moving, dtype="datetime64[D]")
    return Days(start, working, np.isin(every, feasts) & np.is_busday(every))


@cache
def _holidays(first_year: int, last_year: int) -> tuple[list[date], list[date]]:
    """Public holidays of Turkey, and those of them that move through the year."""
    import holidays  # only who generates pays for it

    named = holidays.country_holidays("TR", years=range(first_year, last_year + 1), language="tr")
    moving = [day for day, name in named.items() if "Ramazan" in name or "Kurban" in name]
    return sorted(named), sorted(moving)


def _to_utc(local: Stamps) -> Stamps:
    moments = pd.DatetimeIndex(local).tz_localize(TIMEZONE).tz_convert("UTC").tz_localize(None)
    return np.asarray(moments.to_numpy(), dtype="datetime64[s]")
