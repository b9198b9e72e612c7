"""How much of each day is worked: weekends, public and religious holidays, half-days before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar.periods import EPOCH


@dataclass(frozen=True)
class Elapsed:
    """How much of a period's working time has passed: ``done`` of ``total`` working days.

    Both are weighted with the season where it is known; the mean weight of a day is then still about 1.
    """

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


def working_time(country: str, start: date, end: date) -> npt.NDArray[np.float64]:
    """Working time of each day from *start* up to, not including, *end*: 1, 0.5 or 0."""
    if end <= start:
        return np.zeros(0)
    years = np.concatenate([day_weights(country, year) for year in range(start.year, end.year + 1)])
    offset = (start - date(start.year, 1, 1)).days
    return years[offset : offset + (end - start).days]


def months_of(start: date, days: int) -> npt.NDArray[np.int64]:
    """Month of the year, 1 to 12, of *days* days from *start*."""
    first = (start - EPOCH).days
    moments = np.arange(first, first + days).astype("datetime64[D]")
    return moments.astype("datetime64[M]").astype(np.int64) % 12 + 1


def weighted(time: npt.NDArray[np.float64], start: date, season: Mapping[int, float] | None) -> npt.NDArray[np.float64]:
    """Working *time* of the days from *start*, times the index of their month in *season*."""
    if not season:
        return time
    index = np.array([np.nan, *(season[month] for month in range(1, 13))])
    weights: npt.NDArray[np.float64] = time * index[months_of(start, len(time))]
    return weights


@cache
def day_weights(country: str, year: int) -> npt.NDArray[np.float64]:
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


def date_numbers(days: pd.Series) -> pd.Series:
    """Day numbers (float64, missing stays missing) of a series of dates without zone."""
    stamps = pd.to_datetime(days)
    whole = stamps.to_numpy().astype("datetime64[D]")
    numbers = np.where(np.isnat(whole), np.nan, whole.astype(np.int64))
    return pd.Series(numbers, index=stamps.index, name=stamps.name)
