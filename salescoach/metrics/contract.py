"""The one shape that every metric has, and the one that every answer has.

A metric is a definition (:class:`Metric`) with a calculation ``(SalesData, Period) -> DataFrame``,
one row per rep. :func:`Metric.rows` turns the raw calculation into answers that keep the contract:
n beside every value, an interval around every estimate, and a reason instead of a number where
there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.errors import TableError
from salescoach.tables.data import SalesData

LEVEL = 0.90
"""Coverage of the intervals on pages about a person."""

NA_REASONS = tuple(
    "no_exposure below_min_n missing_field immature_cohort not_reached no_history not_applicable met".split()
)
COLUMNS = ("metric_id", "version", "value", "n", "numerator", "denominator", "low", "high", "level", "na_reason")

Unit = Literal["share", "money", "days", "ratio", "times"]


@dataclass(frozen=True)
class Metric:
    """Definition of one metric. A changed definition is a new ``version``, never an edit.

    Attributes
    ----------
    unit : share (0-1), money (base currency), days, ratio (to a target) or times
    better : ``up``, ``down``, ``target`` or ``context``
    estimate : the value would differ if the same period happened again, so it has an interval;
        otherwise it counts what is there on a day, exactly
    min_n : below it the value is NA(below_min_n); the counts stay
    population, time : which rows, by which date
    tables : without one of them every answer is NA(missing_field)
    fields : deal columns without any value of which every answer is NA(missing_field)
    """

    metric_id: str
    version: int
    unit: Unit
    better: Literal["up", "down", "target", "context"]
    population: str
    time: str
    min_n: int
    calculate: Callable[[SalesData, Period, pd.Index], pd.DataFrame]
    estimate: bool = True
    tables: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def rows(self, data: SalesData, period: Period, reps: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Answers for *reps* (all sellers when not given) in *period*, as known at ``data.as_of``.

        Returns
        -------
        DataFrame indexed by ``rep_id`` with the columns :data:`COLUMNS`
            ``value``, ``low`` and ``high`` are missing exactly where ``na_reason`` says why (an
            exact count has no ``low`` and ``high``); ``n`` is never missing.
        """
        index = pd.Index(data.sellers if reps is None else reps, name="rep_id")
        missing = not set(self.tables) <= data.present or any(data.deals[name].isna().all() for name in self.fields)
        if missing:
            return self._answers(_nothing(index, "missing_field"))
        if day_number(data.as_of) < period.first:
            return self._answers(_nothing(index, "no_exposure"))
        raw = self.calculate(data, period, index)
        absent = {"value", "n", "numerator", "denominator", "low", "high", "na_reason"} - set(raw.columns)
        if absent:
            raise TableError.missing(self.metric_id, sorted(absent)[0], raw.columns)
        return self._answers(raw.reindex(index))

    def _answers(self, raw: pd.DataFrame) -> pd.DataFrame:
        reason = raw["na_reason"].astype(object).where(raw["na_reason"].notna(), None)
        n = raw["n"].fillna(0).astype(int)
        unsaid = reason.isna() & (n < self.min_n)
        reason[unsaid] = np.where(n[unsaid] == 0, "no_exposure", "below_min_n")
        said = reason.isna()
        number = {name: raw[name].astype(float).where(said) for name in ("value", "low", "high")}
        return pd.DataFrame(
            {
                "metric_id": self.metric_id,
                "version": self.version,
                "value": number["value"],
                "n": n,
                "numerator": raw["numerator"].astype(float),
                "denominator": raw["denominator"].astype(float),
                "low": number["low"],
                "high": number["high"],
                "level": np.where(said, LEVEL if self.estimate else np.nan, np.nan),
                "na_reason": reason,
            },
            index=raw.index,
        )


def answers(
    *, value: object, n: object, numerator: object, denominator: object, low: object = np.nan, high: object = np.nan,
    na_reason: object = None, index: pd.Index,
) -> pd.DataFrame:  # fmt: skip
    """The raw table that a calculation returns, one row per rep."""
    columns = {
        "value": value, "n": n, "numerator": numerator, "denominator": denominator, "low": low, "high": high,
        "na_reason": na_reason,
    }  # fmt: skip
    return pd.DataFrame(columns, index=index)


def reasons(index: pd.Index, **conditions: npt.ArrayLike) -> pd.Series:
    """For each rep the first NA reason whose condition holds; missing where none does.

    >>> reasons(pd.Index(["a", "b"]), met=[True, False], missing_field=[True, False]).tolist()
    ['met', None]
    """
    found = pd.Series([None] * len(index), index=index, dtype=object)
    for reason, holds in reversed(conditions.items()):
        found[np.broadcast_to(np.asarray(holds, dtype=bool), len(index))] = reason
    return found


def _nothing(index: pd.Index, reason: str) -> pd.DataFrame:
    return answers(value=np.nan, n=0, numerator=np.nan, denominator=np.nan, na_reason=reason, index=index)
