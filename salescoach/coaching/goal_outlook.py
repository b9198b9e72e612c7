"""From the data to what a goal is judged by: where the person stands, how likely the target is, how much will be seen.

Looks at the twelve months up to ``as_of``, at the person and the others of the same role. Only two kinds of metric have
a chance that can be worked out honestly: shares of things counted, and sums of money over deals. For all others the
answer is a reason, and people judge for themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.coaching.goal_chance import (
    Direction,
    Improvement,
    chance_of_money,
    chance_of_share,
    peers_improvement,
    rate_draws,
    share_draws,
)
from salescoach.coaching.goals import Baseline
from salescoach.diagnosis.findings import answer_of
from salescoach.errors import UsageError
from salescoach.metrics import METRICS, measure
from salescoach.metrics.contract import Metric
from salescoach.statistics import Sizes, gap_posterior
from salescoach.tables.data import SalesData

SUMS = ("bookings", "pipeline_created")
"""Metrics that add up money over deals; their baseline is scaled to the length of the goal."""
FEWEST_PEERS = 5
_YEAR = "last365d"
_ALIKE = 1e-6  # variance of the logarithms of amounts that are all the same


@dataclass(frozen=True)
class Outlook:
    """What the data say about a goal; ``na_reason`` says why there is no ``chance`` (or no baseline either).

    Attributes
    ----------
    baseline : of the last twelve months; None when the metric has no answer
    chance : probability that *target* is reached by its day, from drawn-in rates
    exposures : observations expected until then
    reference : median of the others of the role; missing below five of them
    """

    baseline: Baseline | None
    chance: float
    exposures: float
    reference: float
    na_reason: str | None


def outlook(
    data: SalesData, rep_id: str, metric_id: str, target: float | None, due: date, *, part: str = "",
    direction: Direction | None = None,
) -> Outlook:  # fmt: skip
    """The outlook of *rep_id* on *target* in *metric_id*, from the day after ``as_of`` to *due*.

    Parameters
    ----------
    target : None while it is still to be chosen; there is no chance then
    part : of a metric with parts, such as the stage; empty for the others
    direction : which way is better, where the metric itself leaves it open

    The chance of a share counts on as much improvement as the others showed between the halves of the year; a sum of
    money on none, because open deals and season are not in it.
    """
    if metric_id not in METRICS:
        raise UsageError.unknown("metric", metric_id, METRICS)
    metric, window = METRICS[metric_id], data.calendar.period(_YEAR, data.as_of)
    people = _people(data, rep_id, window)
    rows = _rows(data, window, metric_id, people, part)
    missing = math.nan
    mine = answer_of(rows.loc[[rep_id]]) if rep_id in rows.index else None
    if mine is None or not mine.known:
        return Outlook(None, missing, missing, missing, mine.na_reason if mine is not None else "no_exposure")
    days = data.exposure(window)["working_days"].reindex(people).fillna(0.0)
    ahead = data.calendar.working_days(data.as_of + timedelta(days=1), due + timedelta(days=1))
    scale = ahead / float(days[rep_id]) if days[rep_id] > 0 else missing
    times = scale if metric_id in SUMS else 1.0
    baseline = Baseline(mine.value * times, mine.low * times, mine.high * times, mine.n)
    others = rows.loc[rows.index != rep_id, "value"].dropna()
    reference = float(others.median()) * times if len(others) >= FEWEST_PEERS else missing
    way = direction or metric.better
    counted = way in ("up", "down") and _counted(metric, rows)
    if target is None or not (counted or metric_id in SUMS):
        reason = None if counted or metric_id in SUMS else "not_applicable"
        return Outlook(baseline, missing, mine.n * scale, reference, reason)
    if metric_id in SUMS:
        chance = _of_money(data, metric, window, rows, days, rep_id, target, ahead)
    else:
        improvement = _improvement(data, metric_id, people[1:], part, ahead / max(float(days.max()), 1.0))
        direction = "down" if way == "down" else "up"
        chance = _of_share(rows, rep_id, target, mine.n * scale, direction, improvement)
    return Outlook(baseline, chance, mine.n * scale, reference, None)


def _people(data: SalesData, rep_id: str, window: Period) -> list[str]:
    """The person first, then the others of the role who know their job."""
    ramping = data.ramping(window)
    return [rep_id, *(other for other in data.peers(rep_id) if other not in ramping)]


def _rows(data: SalesData, window: Period, metric_id: str, people: Sequence[str], part: str) -> pd.DataFrame:
    rows = measure(data, window, [metric_id], people)
    return rows[rows["part"] == part].set_index("rep_id").reindex(list(people)).dropna(subset=["n"])


def _counted(metric: Metric, rows: pd.DataFrame) -> bool:
    """A share of things that were counted one by one; not one of money, nor one that was adjusted."""
    if metric.unit != "share":
        return False
    k, n = rows["numerator"].fillna(0.0), rows["denominator"].fillna(0.0)
    return bool((n == rows["n"]).all() and (k % 1 == 0).all() and (k <= n).all())


def _of_share(
    rows: pd.DataFrame, rep_id: str, target: float, exposures: float, way: Direction, improvement: Improvement
) -> float:
    place = int(rows.index.get_indexer_for(pd.Index([rep_id]))[0])
    rate = share_draws(rows["numerator"].fillna(0.0), rows["denominator"].fillna(0.0), place)
    return chance_of_share(rate, target, exposures, direction=way, improvement=improvement)


def _improvement(data: SalesData, metric_id: str, others: Sequence[str], part: str, portion: float) -> Improvement:
    """How the others changed from the first to the second half of the year, for that *portion* of a year ahead."""
    end = data.as_of + timedelta(days=1)
    middle, begin = end - timedelta(days=182), end - timedelta(days=364)
    halves = []
    for first, after in ((begin, middle), (middle, end)):
        rows = _rows(data, Period(f"{first}", first, after), metric_id, others, part).reindex(list(others))
        halves.append(list(zip(rows["numerator"].fillna(0.0), rows["denominator"].fillna(0.0), strict=True)))
    found = peers_improvement(halves[0], halves[1])
    kept = min(2 * portion, 1.0)  # half a year lies between the middles of the halves
    return Improvement(found.mean * kept, found.sd * math.sqrt(kept))


def _of_money(
    data: SalesData, metric: Metric, window: Period, rows: pd.DataFrame, days: pd.Series, rep_id: str, target: float,
    ahead: float,
) -> float:  # fmt: skip
    """Compound Poisson over the deals behind the sum: their rate per working day, and their sizes, both drawn in."""
    cases = metric.cases(data, window)
    logs = np.log(cases.loc[cases["amount"] > 0, "amount"])
    by_person = logs.groupby(cases["owner_id"]).agg(["mean", "count"]).reindex(rows.index)
    within = float(logs.groupby(cases["owner_id"]).var(ddof=1).mean())
    if not math.isfinite(within):
        return math.nan
    within = max(within, _ALIKE)
    place = int(rows.index.get_indexer_for(pd.Index([rep_id]))[0])
    count = by_person["count"].fillna(0.0).to_numpy(dtype=float)
    error = np.where(count > 0, within / np.maximum(count, 1.0), np.nan)
    sizes = gap_posterior(by_person["mean"].to_numpy(dtype=float), error)
    usual = Sizes(float(sizes.mean[place] + sizes.centre), math.sqrt(within), int(count[place]))
    rate = rate_draws(count, days.reindex(rows.index).to_numpy(dtype=float), place)
    return chance_of_money(rate, usual, target, ahead)
