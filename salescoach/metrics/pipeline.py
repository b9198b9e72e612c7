"""What is open now and due in the period, and whether it can cover what is missing."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from salescoach.metrics.cases import due
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons, warned
from salescoach.metrics.question import Question
from salescoach.metrics.quota import quota_of
from salescoach.metrics.size import won_amounts


def _due(ask: Question) -> pd.DataFrame:
    """Per group: ``total`` amount, ``n`` deals due, ``empty`` of them without an amount."""
    return ask.tally(ask.once(due), total=nw.col("amount"), empty=nw.col("amount").is_null())


def _nothing_can_be_due(ask: Question) -> bool:
    return ask.today >= ask.period.after - 1


def _open_pipeline(ask: Question) -> pd.DataFrame:
    """Sum of amounts of open deals due in the period."""
    sums = _due(ask)
    unknown = (sums["n"] > 0) & (sums["empty"] == sums["n"])
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        na_reason=reasons(sums.index, not_applicable=_nothing_can_be_due(ask), missing_field=unknown),
        warnings=warned(sums.index, without_amount=sums["empty"] > 0), index=sums.index,
    )  # fmt: skip


def _coverage(ask: Question) -> pd.DataFrame:
    """open pipeline due in the period / (effective quota - bookings)."""
    sums, quota = _due(ask), quota_of(ask)
    missing = quota - won_amounts(ask)["total"]
    unknown = (sums["n"] > 0) & (sums["empty"] == sums["n"])
    reason = reasons(
        sums.index, not_applicable=quota.isna() | _nothing_can_be_due(ask), met=missing <= 0, missing_field=unknown
    )
    return answers(
        value=sums["total"] / missing.where(missing > 0), n=sums["n"], numerator=sums["total"], denominator=missing,
        na_reason=reason, warnings=warned(sums.index, without_amount=sums["empty"] > 0), index=sums.index,
    )  # fmt: skip


OPEN_PIPELINE = Metric(
    metric_id="open_pipeline",
    version=1,
    unit="money",
    better="context",
    population="open deals whose expected close lies between as_of and the end of the period",
    time="state at as_of",
    value="amount",
    exclusions="past-due close dates, empty amounts",
    null_rule="none open: 0; period over: not_applicable",
    min_n=0,
    calculate=_open_pipeline,
    observe=due,
    estimate=False,
    fields=("expected", "amount"),
    roles=CLOSERS,
)
COVERAGE = Metric(
    metric_id="coverage",
    version=1,
    unit="times",
    better="target",
    population="open pipeline due in the period, over what is missing to the effective quota",
    time="state at as_of",
    value="amount",
    exclusions="past-due close dates, empty amounts",
    null_rule="quota reached: met; no quota: not_applicable",
    source="quartzhq",
    min_n=0,
    calculate=_coverage,
    observe=due,
    estimate=False,
    tables=("quota",),
    fields=("expected", "amount"),
    roles=CLOSERS,
)
