"""How much of an average month's business each month usually brings: stated by the organisation, or two years' wins."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from salescoach.calendar import Calendar

_FEWEST_YEARS = 2
_FEWEST_WINS = 10  # per month of the year: below it the index is mostly chance


def stated(table: pd.DataFrame) -> Mapping[int, float] | None:
    """The organisation's own index, if *table* (``seasonal_index``) has all twelve months; scaled to mean 1."""
    own = table[table["scope"] == "org"].drop_duplicates("month").set_index("month")["index"].astype(float)
    if set(own.index) != set(range(1, 13)) or not own.sum() > 0:
        return None
    return {month: float(own[month] / own.mean()) for month in range(1, 13)}


def observed(won: pd.Series, first: float, today: int, calendar: Calendar) -> Mapping[int, float] | None:
    """The index seen in the days *won* (day numbers of wins) of the newest whole years up to *today*.

    Wins per working day of each month, over those of its twelve months, averaged over the years: so neither growth
    nor a long month looks like a season. None with less than two years since *first*, the first day of the data,
    or with too few wins in a month: then only working days count.
    """
    months = pd.PeriodIndex(pd.to_datetime(won.dropna(), unit="D"), freq="M")
    last = pd.Timestamp(today + 1, unit="D").to_period("M") - 1  # the newest month that is over
    if math.isnan(first):
        return None
    begin = pd.Timestamp(int(first) - 1, unit="D").to_period("M") + 1  # the first month that is whole
    years = (12 * (last.year - begin.year) + last.month - begin.month + 1) // 12
    if years < _FEWEST_YEARS:
        return None
    span = pd.period_range(end=last, periods=12 * years, freq="M")
    wins = pd.Series(months).value_counts().reindex(span, fill_value=0).to_numpy(dtype=float).reshape(years, 12)
    if wins.sum(axis=0).min() < _FEWEST_WINS:
        return None
    days = [calendar.working_days(month.start_time.date(), (month + 1).start_time.date()) for month in span]
    rate = wins / np.array(days).reshape(years, 12)
    index = (rate / rate.mean(axis=1, keepdims=True)).mean(axis=0)
    return {month.month: float(value) for month, value in zip(span[:12], index, strict=True)}
