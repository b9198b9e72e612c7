"""A rep's number beside the rep's own earlier one, and beside a target."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.contract import LEVEL, Metric
from salescoach.metrics.conversion import WIN_RATE
from salescoach.metrics.verdicts import MATERIAL, verdict
from salescoach.statistics import newcombe, wilson
from salescoach.tables.data import SalesData

OWN_CHANGE_LEVEL = 0.99


@dataclass(frozen=True)
class OwnChange:
    """A rep's number of a period beside the rep's own earlier one.

    ``earlier`` with ``low`` and ``high`` (90 %) rests on ``n`` observations; ``difference`` is now
    minus earlier. All are missing (NaN) where the earlier number is.
    """

    verdict: str
    earlier: float
    low: float
    high: float
    n: int
    difference: float


def own_change(data: SalesData, period: Period, before: tuple[Period, ...], rep_id: str) -> OwnChange:
    """Win rate of *period* against the rep's own quarters *before*.

    The verdict is one of those of :class:`salescoach.metrics.comparison.Comparison`, from Newcombe's
    interval of the difference at :data:`OWN_CHANGE_LEVEL`, because everybody's page asks this question.
    """
    now = _won_and_closed_by(data, (period,), rep_id)
    then = _won_and_closed_by(data, before, rep_id)
    if then[1] < WIN_RATE.min_n:
        return OwnChange("too_early", math.nan, math.nan, math.nan, then[1], math.nan)
    earlier = then[0] / then[1]
    low, high = (float(limit) for limit in wilson(*then, LEVEL))
    if now[1] < WIN_RATE.min_n:
        return OwnChange("too_early", earlier, low, high, then[1], math.nan)
    found = _verdict_of_difference(*newcombe(*now, *then, OWN_CHANGE_LEVEL), MATERIAL * earlier)
    return OwnChange(found, earlier, low, high, then[1], now[0] / now[1] - earlier)


def _won_and_closed_by(data: SalesData, periods: tuple[Period, ...], rep_id: str) -> tuple[int, int]:
    """How many deals of one rep were won, and won or lost, in all *periods* together."""
    statuses = [deals.loc[deals["owner_id"] == rep_id, "status"] for deals in map(data.closed_in, periods)]
    return sum(int((status == "won").sum()) for status in statuses), sum(len(status) for status in statuses)


def _verdict_of_difference(low: float, high: float, matters: float) -> str:
    """Verdict from the limits of a difference, when one of *matters* would matter."""
    if low > 0:
        return "signal_above"
    if high < 0:
        return "signal_below"
    return "no_difference" if max(-low, high) <= matters else "too_early"


def same_season(period: Period, as_of: date) -> Period:
    """The same days one year earlier; of a period that is not over, only the part that has passed.

    >>> str(same_season(Period("2025Q2", date(2025, 4, 1), date(2025, 7, 1)), date(2025, 5, 15)).end)
    '2024-05-16'
    """
    end = min(period.end, as_of + timedelta(days=1))
    return Period(f"{period.label}-1", _year_before(period.start), _year_before(end))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def against_past(data: SalesData, period: Period, metric: Metric, part: str = "") -> dict[str, OwnChange]:
    """Each seller's *metric* beside the same season of the year before, which cancels what the season does.

    Limits of the difference from the limits of both numbers (square-and-add, Zou & Donner 2008: for
    shares this is Newcombe's), on logs except for shares and scores, at :data:`OWN_CHANGE_LEVEL`.
    """
    if not metric.estimate:
        return {}
    now, then = (_of_part(metric.rows(data, when), part) for when in (period, same_season(period, data.as_of)))
    # The state of today is nothing that a year ago could be asked for.
    then = then[then["na_reason"] != "not_applicable"]
    return {
        str(rep): _change(metric, *(side.loc[rep].to_dict() for side in (now, then)))
        for rep in now.index.intersection(then.index)
    }


def _of_part(rows: pd.DataFrame, part: str) -> pd.DataFrame:
    return rows[rows["part"] == part]


def difference_verdict(metric: Metric, now: dict[str, Any], then: dict[str, Any]) -> str:
    """Verdict on two answers of *metric* about any group, rows of :meth:`Metric.answer` as dicts."""
    return _change(metric, now, then).verdict


def _change(metric: Metric, now: dict[str, Any], then: dict[str, Any]) -> OwnChange:
    if pd.isna(then["value"]):
        return OwnChange("too_early", math.nan, math.nan, math.nan, int(then["n"]), math.nan)
    earlier = float(then["value"]), float(then["low"]), float(then["high"])
    if pd.isna(now["value"]):
        return OwnChange("too_early", *earlier, int(then["n"]), math.nan)
    low, high, matters = _limits_of_difference(metric, now, then)
    found = _verdict_of_difference(low, high, matters)
    return OwnChange(found, *earlier, int(then["n"]), float(now["value"]) - earlier[0])


def _limits_of_difference(metric: Metric, now: dict[str, Any], then: dict[str, Any]) -> tuple[float, float, float]:
    """Limits of now less then, and the difference that would matter, on the metric's scale."""
    if metric.family == "share":
        matters = MATERIAL * float(then["value"])
        return *newcombe(now["numerator"], now["denominator"], then["numerator"], then["denominator"],
                         OWN_CHANGE_LEVEL), matters  # fmt: skip
    plain = metric.family == "score"
    sides = [[float(side[name]) if plain else _log(side[name]) for name in ("value", "low", "high")] for side in
             (now, then)]  # fmt: skip
    (x, x_low, x_high), (y, y_low, y_high) = sides
    wider = float(special.ndtri(0.5 + OWN_CHANGE_LEVEL / 2) / special.ndtri(0.5 + LEVEL / 2))
    low, high = x - y - wider * math.hypot(x - x_low, y_high - y), x - y + wider * math.hypot(x_high - x, y - y_low)
    return low, high, MATERIAL * abs(y) if plain else -math.log(1 - MATERIAL)


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf if value == 0 else math.nan


@dataclass(frozen=True)
class TargetGap:
    """A rep's number over a target, with its 90 % interval; NaN where the number is missing."""

    verdict: str
    target: float
    ratio: float
    low: float
    high: float


def against_target(rows: pd.DataFrame, targets: Mapping[str, float]) -> dict[str, TargetGap]:
    """Answers beside a target above 0 per rep; who has no target is left out.

    The target is a promise and not an estimate, so the interval of the number alone decides.

    >>> rows = pd.DataFrame({"value": [0.30], "low": [0.24], "high": [0.37]}, index=["elif"])
    >>> against_target(rows, {"elif": 0.20})["elif"].verdict
    'signal_above'
    """
    found = {}
    for rep, target in targets.items():
        if rep in rows.index and target > 0:
            value, low, high = (rows[name].astype(float)[rep] / target for name in ("value", "low", "high"))
            said = verdict(_log(low), _log(high)) if math.isfinite(value) else "too_early"
            found[rep] = TargetGap(said, target, value, low, high)
    return found
