"""Whose data these are: the settings on which reading and judging an export depend.

Checks each value and says what is allowed. It reads no file: ``salescoach.workspace`` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salescoach.errors import WorkspaceError


def _is_name(value: str) -> bool:
    return 0 < len(value.strip()) <= 200 and value.isprintable()


def _is_currency(value: str) -> bool:
    from babel.numbers import list_currencies

    return value in list_currencies()


def _is_zone(value: str) -> bool:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as "Europe", is an OSError
        return False
    return True


def _is_calendar(value: str) -> bool:
    if value in ("none", "TR"):  # importing `holidays` takes 0.3 s: not for the usual case
        return True
    import holidays

    try:
        holidays.country_holidays(value)
    except NotImplementedError:
        return False
    return bool(re.fullmatch("[A-Z]{2}", value))


@dataclass(frozen=True)
class Setting:
    kind: type
    allowed: str
    fits: Callable[[Any], bool]


ALLOWED = {
    "name": Setting(str, "a text of 1 to 200 characters", _is_name),
    "language": Setting(str, '"tr" or "en"', lambda code: code in ("tr", "en")),
    "currency": Setting(str, 'a currency code of ISO 4217 such as "TRY" or "EUR"', _is_currency),
    "timezone": Setting(str, 'a time zone of the IANA list such as "Europe/Istanbul"', _is_zone),
    "fiscal_year_start_month": Setting(int, "a month from 1 to 12", lambda month: 1 <= month <= 12),
    "week_start": Setting(int, "a day from 1 (Monday) to 7 (Sunday)", lambda day: 1 <= day <= 7),
    "period_scheme": Setting(
        str, '"quarter", "month" or "445" (fiscal years of weeks)', lambda name: name in ("quarter", "month", "445")
    ),
    "holiday_calendar": Setting(str, 'a country code of ISO 3166 such as "TR", or "none"', _is_calendar),
    "mega_deal": Setting(int, "an amount in the currency of the books, or 0 for no limit", lambda limit: limit >= 0),
    "discount_limit": Setting(int, "percent from 1 to 99, or 0 when there is none", lambda limit: 0 <= limit <= 99),
}


@dataclass(frozen=True)
class Organisation:
    """Whose workspace it is: language of its pages, currency of its books, its one time zone, its calendar.

    From the amount ``mega_deal`` on a deal is shown singly and stays out of averages; 0 = there is no limit. A
    discount above ``discount_limit`` percent of the list price needs approval; 0 = no such rule is known.

    WorkspaceError, naming the setting and what is allowed, for a value that is none.

    >>> Organisation("Örnek A.Ş.").currency
    'TRY'
    >>> Organisation("Örnek A.Ş.", week_start=8)
    Traceback (most recent call last):
    salescoach.errors.WorkspaceError: week_start = 8: allowed is a day from 1 (Monday) to 7 (Sunday).
    """

    name: str
    language: str = "tr"
    currency: str = "TRY"
    timezone: str = "Europe/Istanbul"
    fiscal_year_start_month: int = 1
    week_start: int = 1
    holiday_calendar: str = "TR"
    period_scheme: str = "quarter"
    mega_deal: int = 0
    discount_limit: int = 0

    def __post_init__(self) -> None:
        for key, setting in ALLOWED.items():
            value = getattr(self, key)
            if type(value) is not setting.kind or not setting.fits(value):
                raise WorkspaceError(
                    f"{key} = {json.dumps(value, ensure_ascii=False, default=str)}: allowed is {setting.allowed}."
                )

    @property
    def zone(self) -> ZoneInfo:
        """The only zone in which a moment becomes a day."""
        return ZoneInfo(self.timezone)
