"""Opening hours: how many minutes of them lie between two moments."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from salescoach.calendar.periods import EPOCH
from salescoach.calendar.working import date_numbers, working_time

OPENS, CLOSES = 9, 18
"""Hours of the day between which somebody is there; a half-day ends half way."""

_MINUTES = (CLOSES - OPENS) * 60


def office_minutes(moments: pd.Series, timezone: str, country: str) -> pd.Series:
    """Minutes of opening hours before each of *moments* (UTC), from some fixed day on: only differences mean anything.

    Weekends, holidays of *country* and nights do not count, so what arrives in a night starts when the doors open.
    Missing stays missing.

    >>> friday_evening, monday = pd.to_datetime(["2026-04-10 16:00", "2026-04-13 06:30"])  # 19:00 and 9:30 in Istanbul
    >>> office_minutes(pd.Series([friday_evening, monday]), "Europe/Istanbul", "TR").diff().iloc[1]
    30.0
    """
    local = pd.to_datetime(moments).dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
    day = date_numbers(local)
    if day.notna().sum() == 0:
        return pd.Series(np.nan, index=moments.index)
    first, last = int(day.min()), int(day.max())
    time = working_time(country, EPOCH + timedelta(days=first), EPOCH + timedelta(days=last + 1)) * _MINUTES
    before = np.concatenate([[0.0], np.cumsum(time)])
    place = (day.fillna(first) - first).astype(int).to_numpy()
    since_opening = (local - local.dt.normalize()) / pd.Timedelta(minutes=1) - OPENS * 60
    today = np.clip(since_opening.fillna(0.0).to_numpy(), 0.0, time[place])
    return pd.Series(before[place] + today, index=moments.index).where(day.notna())
