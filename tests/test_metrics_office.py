"""Minutes of opening hours: nights, weekends and holidays are not waiting time."""

from __future__ import annotations

import pandas as pd
import pytest

from salescoach.calendar.office import office_minutes


def waited(first: str, last: str, country: str = "TR") -> float:
    """Minutes between two moments in UTC; Istanbul is three hours ahead."""
    return float(office_minutes(pd.Series(pd.to_datetime([first, last])), "Europe/Istanbul", country).diff().iloc[1])


@pytest.mark.parametrize(
    ("first", "last", "minutes"),
    [
        ("2026-04-13 07:00", "2026-04-13 07:45", 45),  # Monday, 10:00 to 10:45
        ("2026-04-13 14:50", "2026-04-14 06:10", 20),  # 17:50 to 9:10 the next day: ten minutes on either side
        ("2026-04-10 16:00", "2026-04-13 06:30", 30),  # Friday evening to Monday 9:30
        ("2026-04-11 09:00", "2026-04-12 09:00", 0),  # within a weekend
        ("2026-04-22 14:30", "2026-04-24 06:30", 60),  # 23 April is a holiday
    ],
)
def test_only_opening_hours_are_waiting_time(first: str, last: str, minutes: int):
    assert waited(first, last) == minutes


def test_without_the_holiday_the_day_would_count():
    """Negative control."""
    assert waited("2026-04-22 14:30", "2026-04-24 06:30", "none") == 60 + 9 * 60


def test_an_unknown_moment_stays_unknown():
    assert office_minutes(pd.Series(pd.to_datetime([None])), "Europe/Istanbul", "TR").isna().all()
