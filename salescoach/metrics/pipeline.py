"""What is open now and due in the period, and whether it can cover what is missing."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.contract import Metric, answers, reasons
from salescoach.metrics.quota import effective_quota
from salescoach.metrics.size import won_amounts
from salescoach.tables.data import SalesData


def due_in(data: SalesData, period: Period) -> pd.DataFrame:
    """Open deals expected to close in *period*; those past due at ``as_of`` are shown apart."""
    deals = data.open()
    from_day = max(period.first, day_number(data.as_of))
    return deals[deals["expected"].between(from_day, period.after - 1)]


def _due(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    """Per rep: ``total`` amount, ``n`` deals due, ``empty`` of them without an amount."""
    due = due_in(data, period).sort_values(["owner_id", "amount", "deal_id"])
    sums = (
        nw.from_native(due.assign(known=due["amount"].fillna(0.0), empty=due["amount"].isna()))
        .group_by("owner_id")
        .agg(nw.col("known").sum().alias("total"), nw.len().alias("n"), nw.col("empty").sum().alias("empty"))
        .to_native()
        .set_index("owner_id")
    )
    return sums.reindex(reps).fillna(0)


def _over(data: SalesData, period: Period) -> bool:
    """Nothing can be due any more: the period ended before ``as_of``."""
    return day_number(data.as_of) >= period.after - 1


def _open_pipeline(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    due = _due(data, period, reps)
    unknown = (due["n"] > 0) & (due["empty"] == due["n"])
    reason = reasons(reps, not_applicable=_over(data, period), missing_field=unknown)
    return answers(
        value=due["total"], n=due["n"], numerator=due["total"], denominator=np.nan, na_reason=reason, index=reps
    )


def _coverage(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    due = _due(data, period, reps)
    quota = effective_quota(data, period, reps)
    missing = quota - won_amounts(data, period, reps)["total"]
    unknown = (due["n"] > 0) & (due["empty"] == due["n"])
    reason = reasons(reps, not_applicable=quota.isna() | _over(data, period), met=missing <= 0, missing_field=unknown)
    return answers(
        value=due["total"] / missing.where(missing > 0), n=due["n"], numerator=due["total"], denominator=missing,
        na_reason=reason, index=reps,
    )  # fmt: skip


OPEN_PIPELINE = Metric(
    metric_id="open_pipeline",
    version=1,
    unit="money",
    better="context",
    population="open deals whose expected close lies between as_of and the end of the period",
    time="state at as_of",
    min_n=0,
    calculate=_open_pipeline,
    estimate=False,
    fields=("expected", "amount"),
)
COVERAGE = Metric(
    metric_id="coverage",
    version=1,
    unit="times",
    better="target",
    population="open pipeline due in the period, over what is missing to the effective quota",
    time="state at as_of",
    min_n=0,
    calculate=_coverage,
    estimate=False,
    tables=("quota",),
    fields=("expected", "amount"),
)
