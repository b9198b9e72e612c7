"""One number of one rep beside all that it may be held against: the peers, the same season last year, the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics import METRICS
from salescoach.metrics.coaching_record import goals
from salescoach.metrics.comparison import Comparison, compare
from salescoach.metrics.contract import Metric
from salescoach.metrics.past import OwnChange, TargetGap, against_past, against_target
from salescoach.metrics.question import Question
from salescoach.metrics.quota import quota_of
from salescoach.metrics.ranking import Ranking, ranking
from salescoach.tables.data import SalesData

_SUMS = ("bookings", "quota_attainment")
_WHOLE = ("quota_attainment", "attainment_pace")
"""Metrics that are themselves a part of the quota: their target is all of it."""


@dataclass(frozen=True)
class Beside:
    """What one number of one rep was held against; None where there is nothing to hold it against.

    ``answer`` is the number itself, a row of :meth:`Metric.answer`; ``ranking`` that of the rep's role.
    """

    metric: Metric
    part: str
    answer: pd.Series
    peers: Comparison | None
    past: OwnChange | None
    target: TargetGap | None
    ranking: Ranking | None


def targets(data: SalesData, period: Period, metric_id: str, part: str = "") -> Mapping[str, float]:
    """What was agreed for each seller: the effective quota for bookings, else the goal that runs for the metric."""
    found: dict[str, float] = {}
    if not part and "goal" in data.present:
        rows = goals(data, period).table()
        mine = rows[rows["part"] == metric_id]
        found = dict(zip(mine["owner_id"].astype(str), mine["target"].astype(float), strict=True))
    ask = Question.about(data, period)
    quota = pd.Series(quota_of(ask), index=ask.groups) if "quota" in data.present else pd.Series(dtype=float)
    agreed = {str(rep): float(value) for rep, value in quota.items() if value > 0}
    if metric_id == "bookings":
        found |= agreed
    if metric_id in _WHOLE:
        found |= dict.fromkeys(agreed, 1.0)
    return found


def _to_target(
    data: SalesData, period: Period, metric: Metric, rows: pd.DataFrame, part: str
) -> Mapping[str, TargetGap]:
    """Answers beside their targets; a sum to date is not judged by the target of the whole period."""
    if not metric.estimate:
        return {}
    found = against_target(rows, targets(data, period, metric.metric_id, part))
    if metric.metric_id not in _SUMS or day_number(data.as_of) >= period.after - 1:
        return found
    return {rep: replace(gap, verdict="not_compared_partial") for rep, gap in found.items()}


def beside(data: SalesData, period: Period, metric_id: str, rep_id: str) -> tuple[Beside, ...]:
    """Each part of a metric of one rep beside peers, own past and target; UsageError for an unknown metric or rep."""
    data.rep(rep_id)
    metric = METRICS[metric_id]
    rows = metric.rows(data, period)
    rows = rows if rep_id in rows.index else metric.rows(data, period, [rep_id])
    role = data.reps["role"].get(rep_id)
    found = []
    for _, answer in rows.loc[[rep_id]].iterrows():
        part = str(answer["part"])
        here = rows[rows["part"] == part]
        found.append(
            Beside(
                metric,
                part,
                answer,
                compare(data, period, metric_id, part).get(rep_id),
                against_past(data, period, metric, part).get(rep_id),
                _to_target(data, period, metric, here, part).get(rep_id),
                ranking(data, period, metric_id, part).get("" if pd.isna(role) else str(role)),
            )
        )
    return tuple(found)
