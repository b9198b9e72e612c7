"""The numbers: one definition each, one result shape for all.

>>> METRICS["win_rate_count"].unit
'share'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metrics import (
    activity,
    apart,
    bridge,
    capability,
    coaching_record,
    conversion,
    customers,
    dates,
    efficiency,
    forecast,
    growth,
    hygiene,
    landing,
    leads,
    mix,
    money_in,
    pipeline,
    quota,
    quota_chance,
    responsiveness,
    retention,
    size,
    speed,
    stages,
    stalled,
    stays,
    themes,
)
from salescoach.metrics.contract import COLUMNS, LEVEL, NA_REASONS, TEXTS, WARNINGS, Metric
from salescoach.metrics.question import By, Question
from salescoach.metrics.told import below
from salescoach.tables.data import SalesData

__all__ = ["COLUMNS", "LEVEL", "METRICS", "NA_REASONS", "WARNINGS", "Metric", "measure"]

_THEMES = (
    size, money_in, apart, quota, quota_chance, landing, pipeline, bridge, conversion, mix, stages, stays, leads, speed,
    stalled, dates, forecast, activity, responsiveness, efficiency, growth, customers, retention, themes, capability,
    coaching_record, hygiene,
)  # fmt: skip
METRICS: dict[str, Metric] = {metric.metric_id: metric for theme in _THEMES for metric in theme.METRICS}
"""Every registered metric by id, theme by theme."""


def measure(
    data: SalesData,
    period: Period,
    metric_ids: Iterable[str] | None = None,
    reps: Sequence[str] | None = None,
    *,
    by: By = "rep",
) -> pd.DataFrame:
    """Answers of several metrics below one another: ``rep_id`` and the columns :data:`COLUMNS`.

    With *by* ``team`` or ``all`` the first column is ``team_id`` or ``scope``, and *reps* names teams.
    """
    ask = Question.about(data, period, by, reps)
    found = []
    for metric_id in METRICS if metric_ids is None else metric_ids:
        if metric_id not in METRICS:
            raise UsageError.unknown("metric", metric_id, METRICS)
        found.append(METRICS[metric_id].told(ask))
    return below(found).table(*TEXTS).reset_index()
