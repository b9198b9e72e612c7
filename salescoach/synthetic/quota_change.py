"""The planted change of one rep's territory and quota, and the quarters of the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from salescoach.synthetic.parameters import Parameters

QUOTA_CHANGE = 0.85
"""Factor on the quota, and on what the territory yields from the same day."""
_CHANGE_AFTER_DAYS = 45


@dataclass(frozen=True)
class Change:
    """The planted mid-period change: the key of its second row."""

    rep_id: str
    period_start: date
    recorded: date


def quota_change(p: Parameters) -> Change | None:
    """The change to plant, or None when it was not yet said at ``as_of`` or its quarter is outside the window."""
    first = p.plants.quota_change_quarter
    recorded = first + timedelta(days=_CHANGE_AFTER_DAYS)
    if not p.plants.quota_change or first < p.start or recorded > p.as_of or first not in quarters(p):
        return None
    return Change(p.plants.quota_change, first, recorded)


def quarters(p: Parameters) -> list[date]:
    """First days of the calendar quarters that start inside the window."""
    months = [(p.start.year * 12 + p.start.month - 1 + month) for month in range(p.months)]
    return [date(month // 12, month % 12 + 1, 1) for month in months if month % 3 == 0]


def next_quarter(first: date) -> date:
    """First day of the calendar quarter after the one that starts on *first*."""
    return date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
