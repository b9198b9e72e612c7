"""One money: what an amount was worth in the organisation's currency on a day. Never adds two currencies.

A closed amount is worth what it was worth on the day it closed, an open one what it is worth at ``as_of``
(``../shared/domain/data-model.md`` §8.1). Where no rate is known, there is no amount, and the deal is counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

MAX_AGE_DAYS = {"spot": 10, "plan": 366}
"""How old a rate may be on the day it is used: a long feast for daily rates, a year for agreed ones."""


_SPAN = 2**32  # days between two currencies in one order of whole numbers


@dataclass(frozen=True)
class _Given:
    """Rates in the order of their currency (a number of *currencies*), day and size."""

    currencies: pd.Index
    code: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    rate: npt.NDArray[np.float64]

    @property
    def key(self) -> npt.NDArray[np.int64]:
        """Currency and day of each in one number."""
        return self.code * _SPAN + self.day


@dataclass(frozen=True)
class Rates:
    """Dated exchange rates into the currency *base*, as known on one day.

    >>> table = pd.DataFrame({"date_day": [100.0, 101.0], "currency": "EUR", "rate_to_base": [40.0, 41.0],
    ...                       "kind": "spot"})
    >>> Rates("TRY", 105, table).of(pd.Series(["EUR", "EUR", "TRY", "USD"]), pd.Series([100.0, 103, 7, 100])).tolist()
    [40.0, 41.0, 1.0, nan]
    """

    base: str
    today: int
    table: pd.DataFrame
    _sorted: dict[str, _Given] = field(default_factory=dict, init=False, repr=False, compare=False)

    def of(self, currency: pd.Series, day: pd.Series, kind: str = "spot") -> pd.Series:
        """Worth of one unit of *currency* on *day* (day numbers): the newest rate up to that day, if not too old.

        1 for the base currency and where no currency is named. A day after *today* takes the rates of *today*:
        nothing later is known. Missing where no rate is known, or no day.
        """
        rate = pd.Series(np.where(currency.isna() | (currency == self.base), 1.0, np.nan), index=currency.index)
        foreign = (rate.isna() & day.notna()).to_numpy()
        if not foreign.any():
            return rate
        given = self._given(kind)
        if not len(given.day):
            return rate
        code = given.currencies.get_indexer(pd.Index(currency[foreign]))
        asked = np.minimum(day[foreign].to_numpy(dtype=np.float64), self.today).astype(np.int64)
        # The newest of that currency up to that day: behind it come later days, and other currencies.
        row = np.searchsorted(given.key, code * _SPAN + asked, side="right") - 1
        fits = (code >= 0) & (row >= 0) & (given.code[row] == code) & (asked - given.day[row] <= MAX_AGE_DAYS[kind])
        values = rate.to_numpy(copy=True)
        values[foreign] = np.where(fits, given.rate[row], np.nan)
        return pd.Series(values, index=currency.index)

    def _given(self, kind: str) -> _Given:
        """The rates of a *kind*, in order; made once."""
        if kind not in self._sorted:
            rows = self.table[(self.table["kind"] == kind) & (self.table["rate_to_base"] > 0)]
            currencies = pd.Index(rows["currency"].unique())
            code = currencies.get_indexer(rows["currency"])
            day, rate = rows["date_day"].to_numpy(dtype=np.int64), rows["rate_to_base"].to_numpy(dtype=np.float64)
            order = np.lexsort((rate, day, code))
            self._sorted[kind] = _Given(currencies, code[order], day[order], rate[order])
        return self._sorted[kind]

    def convert(self, frame: pd.DataFrame, amount: str, day: str, kind: str = "spot") -> pd.Series:
        """Column *amount* of *frame* in base currency, by its ``currency`` and the day numbers in column *day*."""
        return frame[amount].astype(float) * self.of(frame["currency"], frame[day], kind)


def unconverted(deals: pd.DataFrame) -> pd.DataFrame:
    """Deals whose amount has no rate: ``n`` and ``total`` in that currency, one row per currency.

    >>> unconverted(pd.DataFrame({"currency": ["EUR", "EUR", "TRY"], "amount_original": [5.0, 7.0, 9.0],
    ...                           "fx_kind": ["unconverted", "unconverted", "base"]}))
              n  total
    currency
    EUR       2   12.0
    """
    apart = deals[(deals["fx_kind"] == "unconverted") & deals["amount_original"].notna()]
    amounts = apart.groupby("currency")["amount_original"]
    return pd.DataFrame({"n": amounts.size(), "total": amounts.sum()})


def recorded_sum(amounts: pd.Series) -> float:
    """Sum of the amounts that are recorded; missing where there are deals and none has an amount: that is no zero.

    >>> [recorded_sum(pd.Series(amounts, dtype=float)) for amounts in ([100.0, np.nan], [np.nan], [])]
    [100.0, nan, 0.0]
    """
    return float(amounts.sum(min_count=1)) if len(amounts) else 0.0
