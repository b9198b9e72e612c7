"""Whether the records can be trusted, and whether a metric can tell people apart at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from salescoach.calendar import Period, day_number
from salescoach.metrics import conversion, customers, retention, size, speed
from salescoach.metrics.activity import touched
from salescoach.metrics.cases import open_now
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons
from salescoach.metrics.curves import everyone_by
from salescoach.metrics.events import surely
from salescoach.metrics.expressions import col, lit
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told, some
from salescoach.statistics import between_variance
from salescoach.tables.data import SalesData

ITEMS = ("amount", "close_date", "next_step", "contact", "source", "activity")
"""What an open deal should have; each is told apart, there is no total."""

_JUDGED = (*conversion.METRICS, *size.METRICS, *speed.METRICS, *customers.METRICS, *retention.METRICS)
_FEWEST_REPS = 5


def complete_deals(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of``; one column of :data:`ITEMS` each says whether it is there.

    ``close_date`` lies in the future; ``activity`` is a two-way contact in the last 14 days.
    """
    if "activity" in data.present:
        deals, recent = touched(data, period), col("event")
    else:
        deals, recent = open_now(data, period), lit(value=False)
    ahead = col("expected") >= day_number(data.as_of)
    return deals.with_columns(
        has_amount=~col("amount_original").is_null(), has_close_date=surely(ahead),
        has_next_step=~col("next_step").is_null(), has_contact=~col("contact_id").is_null(),
        has_source=~col("source").is_null(), has_activity=recent,
    )  # fmt: skip


def _hygiene(ask: Question) -> Told:
    """open deals that have the item / open deals."""
    items: dict[str, Any] = {item: col(f"has_{item}") for item in ITEMS}
    sums = ask.tally(ask.once(complete_deals), **items)
    index = everyone_by(ask, ITEMS)
    hits = np.column_stack([sums[item] for item in ITEMS]).ravel()
    n = np.repeat(sums["n"], len(ITEMS))
    return answers(
        value=hits / some(n), n=n, numerator=hits, denominator=n,
        na_reason=reasons(index, not_applicable=ask.over), index=index,
    )  # fmt: skip


def _reliability(ask: Question) -> Told:
    """Spread between reps / (it + the mean square of their errors), from DerSimonian & Laird (1986)."""
    people = Question.about(ask.data, ask.period)
    judged = {metric.metric_id: metric for metric in _JUDGED if metric.estimate and "rep" in metric.scopes}
    found = {name: _between(metric.answer(people)) for name, metric in judged.items()}
    index = everyone_by(ask, list(judged))
    value, n, between, whole = np.array(list(found.values()), dtype=float).T
    return answers(
        value=value, n=n, numerator=between, denominator=whole,
        na_reason=reasons(index, not_applicable=np.isnan(value)), index=index,
    )  # fmt: skip


def _between(rows: pd.DataFrame) -> tuple[float, int, float, float]:
    """Reliability of one metric, how many reps it rests on, and the two variances."""
    said = rows[rows["na_reason"].isna() & (rows["part"] == "")]
    error = (said["high"] - said["low"]) / 2 / float(special.ndtri(0.5 + LEVEL / 2))
    known = np.isfinite(error) & (error > 0)
    n = int(known.sum())
    if n < _FEWEST_REPS:
        return np.nan, n, np.nan, np.nan
    between, _, _ = between_variance(said.loc[known, "value"], error[known] ** 2)
    whole = between + float((error[known] ** 2).mean())
    return between / whole, n, between, whole


def compared(data: SalesData, period: Period) -> Rows:
    """The people whose spread is looked at."""
    return rows_of(pd.DataFrame({"owner_id": list(data.sellers)}, dtype=object))


HYGIENE = Metric(
    metric_id="hygiene",
    version=1,
    unit="share",
    better="up",
    population="open deals",
    time="state at as_of",
    value="1 if the item is there; the activity is a two-way contact in the last 14 days",
    null_rule="none open: no_exposure; period over: not_applicable",
    min_n=1,
    calculate=_hygiene,
    observe=complete_deals,
    estimate=False,
    roles=CLOSERS,
)
RELIABILITY = Metric(
    metric_id="reliability",
    version=2,  # also of the value of lost deals and of revenue kept; version 1 did not judge them
    unit="score",
    better="up",
    population="reps with an answer to the metric",
    time="in the period",
    value="part of the spread between them that is not chance",
    null_rule="fewer than 5 reps: not_applicable",
    source="own; DerSimonian & Laird 1986",
    min_n=0,
    calculate=_reliability,
    observe=compared,
    estimate=False,
    scopes=("all",),
    pooled=True,
)
METRICS = (HYGIENE, RELIABILITY)
