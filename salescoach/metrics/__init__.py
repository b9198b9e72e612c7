"""The numbers: one definition each, one result shape for all.

>>> METRICS["win_rate_count"].unit
'share'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metrics.contract import COLUMNS, LEVEL, NA_REASONS, WARNINGS, Metric
from salescoach.metrics.conversion import WIN_RATE
from salescoach.metrics.pipeline import COVERAGE, OPEN_PIPELINE
from salescoach.metrics.question import By, Question
from salescoach.metrics.quota import ATTAINMENT_PACE, EFFECTIVE_QUOTA, QUOTA_ATTAINMENT
from salescoach.metrics.size import AVERAGE_DEAL_SIZE, BOOKINGS
from salescoach.metrics.speed import CYCLE_RESOLUTION
from salescoach.tables.data import SalesData

__all__ = ["COLUMNS", "LEVEL", "METRICS", "NA_REASONS", "WARNINGS", "Metric", "measure"]

METRICS: dict[str, Metric] = {
    metric.metric_id: metric
    for metric in (
        BOOKINGS, EFFECTIVE_QUOTA, QUOTA_ATTAINMENT, ATTAINMENT_PACE, OPEN_PIPELINE, COVERAGE, WIN_RATE,
        AVERAGE_DEAL_SIZE, CYCLE_RESOLUTION,
    )
}  # fmt: skip
"""Every registered metric by id, in the order in which pages show them."""


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
    tables = []
    for metric_id in METRICS if metric_ids is None else metric_ids:
        if metric_id not in METRICS:
            raise UsageError.unknown("metric", metric_id, METRICS)
        tables.append(METRICS[metric_id].answer(ask))
    return pd.concat(tables).reset_index()
