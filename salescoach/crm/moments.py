"""Days and moments as exports write them: 2025-01-31, 31.01.2025, 1/31/2025 3:45 PM, 2025-01-31T12:45:00Z.

The order of day and month is decided once per column from all its values; with points it is always day
first, with strokes or dashes a column that fits both orders is asked about. A moment becomes UTC by an
explicit rule, and a clock time that daylight saving skipped or repeated is reported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from salescoach.crm.amounts import Undecided

FIRST_YEAR, LAST_YEAR = 1900, 2100

_WRITTEN = re.compile(
    r"(?:(?P<year>[0-9]{4})(?P<mark1>[-/.])(?P<month>[0-9]{1,2})(?P=mark1)(?P<day>[0-9]{1,2})"
    r"|(?P<first>[0-9]{1,2})(?P<mark2>[-/.])(?P<second>[0-9]{1,2})(?P=mark2)(?P<year2>[0-9]{4}))"
    r"(?:(?:T| +)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<seconds>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,6})0*)?)?"
    r"\s*(?P<half>AM|PM|am|pm|ÖÖ|ÖS)?\s*(?P<offset>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)


class Written(NamedTuple):
    """One text taken apart. ``first`` and ``second`` are day and month in an order not yet known, or
    month and day when ``ordered``."""

    text: str
    year: int
    first: int
    second: int
    mark: str
    ordered: bool
    clock: time | None
    zone: timezone | None

    def day(self, order: str) -> date | None:
        """The calendar day when *order* ("dmy" or "mdy") holds; None when there is no such day."""
        month_first = self.ordered or (order == "mdy" and self.mark != ".")
        month, day = (self.first, self.second) if month_first else (self.second, self.first)
        try:
            return date(self.year, month, day) if FIRST_YEAR <= self.year <= LAST_YEAR else None
        except ValueError:
            return None


def taken_apart(text: str) -> Written | None:
    """A text as a date with an optional time; None when it is none in any reading.

    >>> taken_apart("31.01.2025 09:30").clock, taken_apart("2025-01-31").ordered, taken_apart("45000")
    (datetime.time(9, 30), True, None)
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    year, mark, month, day, first, mark2, second, year2, hour, minute, seconds, fraction, half, offset = match.groups()
    try:
        clock = _clock(hour, minute, seconds, fraction, half) if hour else None
        zone = _offset(offset) if offset else None
    except ValueError:
        return None
    if year:
        return Written(text, int(year), int(month), int(day), mark, True, clock, zone)
    return Written(text, int(year2), int(first), int(second), mark2, False, clock, zone)


def _clock(hour: str, minute: str, seconds: str | None, fraction: str | None, half: str | None) -> time:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            raise ValueError(hour)
        number = number % 12 + (12 if half.upper() in ("PM", "ÖS") else 0)
    return time(number, int(minute), int(seconds or 0), int(fraction.ljust(6, "0")) if fraction else 0)


def _offset(text: str) -> timezone:
    if text in ("Z", "UTC"):
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if minutes > 59:
        raise ValueError(text)
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if text[0] == "-" else size)  # ValueError from 24 hours on


def day_order(dates: Sequence[Written], *, stated: str | None, usual: str | None) -> str:
    """The order of day and month in a column: "dmy" or "mdy".

    *stated* by the caller is the answer; otherwise a day above 12 decides, and *usual* (what this CRM
    writes) settles a column without one. Undecided when nothing does, or when two dates contradict.

    >>> day_order([taken_apart("03/04/2026"), taken_apart("25/12/2025")], stated=None, usual=None)
    'dmy'
    """
    if stated:
        return stated
    decisive: dict[str, str] = {}
    open_to_both = None
    for written in dates:
        if written.ordered or written.mark == ".":
            continue
        if written.first > 12 >= written.second:
            decisive.setdefault("dmy", written.text)
        elif written.second > 12 >= written.first:
            decisive.setdefault("mdy", written.text)
        elif written.first != written.second:
            open_to_both = open_to_both or written
    if len(decisive) == 2:
        raise Undecided((decisive["dmy"], decisive["mdy"]), ("day first", "month first"))
    if decisive:
        return next(iter(decisive))
    if open_to_both and not usual:
        readings = (f"{open_to_both.day('dmy')} (day first)", f"{open_to_both.day('mdy')} (month first)")
        raise Undecided((open_to_both.text,), readings)
    return usual or "dmy"


def moment(day: date, written: Written, *, local: ZoneInfo, unstated: tzinfo) -> tuple[datetime, bool]:
    """The moment in UTC, without zone, and whether its clock time was skipped or repeated there.

    A day without time is midnight in *local*; a time without zone is one of *unstated*. A repeated time
    is the first of the two; a skipped one is read with the offset before the jump (PEP 495, fold 0).
    """
    if written.zone is UTC and written.clock:
        return datetime.combine(day, written.clock), False
    zone = written.zone or (unstated if written.clock else local)
    clock = datetime.combine(day, written.clock or time(), tzinfo=zone)
    utc = clock.astimezone(UTC)
    odd = clock.utcoffset() != clock.replace(fold=1).utcoffset()
    return utc.replace(tzinfo=None), odd


def day_in(day: date, written: Written, *, local: ZoneInfo) -> date:
    """The calendar day in *local*; only a text that states its own zone can move to another day."""
    if written.zone is None or written.clock is None:
        return day
    return datetime.combine(day, written.clock, tzinfo=written.zone).astimezone(local).date()
