"""Three currencies and their daily rates: which company pays in which, and what that is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from salescoach.synthetic.days import Days
from salescoach.synthetic.parameters import AMOUNT_SCALE, CURRENCIES, CURRENCY, Parameters
from salescoach.synthetic.streams import Floats, Ints, Streams
from salescoach.synthetic.view import View, chosen, table

_EURO = 1.08  # dollars
_DAILY_SD = (0.004, 0.003)  # log: dollar against lira, euro against dollar
_PUBLISHED = "demo"
_DECIMALS = 6


@dataclass(frozen=True)
class Rates:
    """Worth of one unit of each currency, every day of the window: ``daily`` is currencies × days."""

    base: int
    daily: Floats
    first: int  # day number of the first column

    def at(self, currency: Ints, time: Floats) -> Floats:
        """Units of the organisation's currency for one unit of *currency* on the day of *time*."""
        day = np.clip(np.floor(time).astype(np.int64) - self.first, 0, self.daily.shape[1] - 1)
        return self.daily[currency, day]


def rates_of(days: Days, p: Parameters, streams: Streams, language: str) -> Rates:
    """The rates around one window: a drift and a random walk, the same days for a longer window."""
    first = days.first
    since = np.arange(first, first + len(days.working))
    steps = streams.shared("rates").standard_normal((len(since), 2)) * _DAILY_SD
    dollar = np.log(AMOUNT_SCALE["tr"]) + p.lira_drift * since / 365 + np.cumsum(steps[:, 0])
    euro = dollar + np.log(_EURO) + np.cumsum(steps[:, 1])
    logs = np.stack([np.zeros(len(since)), dollar, euro])
    base = CURRENCIES.index(CURRENCY[language])
    return Rates(base, np.round(np.exp(logs - logs[base]), _DECIMALS), first)


def currency_of(account: Ints, p: Parameters, base: int) -> Ints:
    """Currency in which each company pays, as a place in ``CURRENCIES``: a fixed function of its number."""
    luck = (account * 6_151 % 1_000 + 0.5) / 1_000
    others = np.array([place for place in range(len(CURRENCIES)) if place != base])
    return np.where(luck < p.foreign_share, others[(luck < 0.4 * p.foreign_share).astype(np.int64)], base)


def fx_rate(rates: Rates, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``fx_rate``: every day up to the export, and the plan rate of each year, said on its first day."""
    days = np.arange(0, int(view.cut))
    plan = [0, *(view.days.number(date(year, 1, 1)) for year in range(p.start.year + 1, p.as_of.year + 1))]
    others = np.array([place for place in range(len(CURRENCIES)) if place != rates.base])
    day = np.concatenate([np.repeat(days, 2), np.repeat(plan, 2)])
    kind = np.repeat([0, 1], [2 * len(days), 2 * len(plan)])
    currency = np.tile(others, len(days) + len(plan))
    return table("fx_rate", {
        "date": view.days.dates(day),
        "currency": chosen(CURRENCIES, currency),
        "rate_to_base": rates.at(currency, day.astype(np.float64)),
        "kind": chosen(("spot", "plan"), kind),
        "source": [_PUBLISHED] * len(day),
    })  # fmt: skip
