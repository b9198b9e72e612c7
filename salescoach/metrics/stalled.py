"""Open deals that have stopped moving: a list with reasons, not a score."""

from __future__ import annotations

import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, deals_of, open_now, visits_of
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons, warned
from salescoach.metrics.events import last_contact
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.pipeline import reached_by
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, cells_of
from salescoach.metrics.told import Told
from salescoach.tables.data import SalesData

SILENT_DAYS = 14
_LONG = 0.80
_FEWEST_WON = 20


def usual_dwell(data: SalesData, period: Period) -> pd.DataFrame:
    """Days within which four of five won deals had left a stage: ``stage``, ``segment`` ("" for all), ``limit``.

    Only where at least 20 won deals were seen in the stage.
    """
    deals = deals_of(data).select("deal_id", "status", "closed", segment=_segment())
    won = deals.filter(col("status") == "won").drop("status")
    visits = visits_of(data).select("deal_id", "stage", "kind", "is_first", "entered", "left")
    visits = visits.filter(col("kind") == "open", col("is_first"))
    joined = visits.join(won, on="deal_id", how="inner")
    left = when(col("left").is_null()).then(col("closed")).otherwise(col("left"))
    bars = cells_of(joined.with_columns(days=left - col("entered")), ["stage", "segment", "days"])
    days, n, limits = bars["days"], bars["n"], []
    known = bars.codes[2] >= 0  # a visit that began on a day nobody knows has no days
    for place, stage in enumerate(bars.values[0]):
        here = known & (bars.codes[0] == place)
        of_segments = [(str(name), here & (bars.codes[1] == one)) for one, name in enumerate(bars.values[1]) if name]
        for segment, mine in (("", here), *of_segments):
            if n[mine].sum() >= _FEWEST_WON:
                limits.append((stage, segment, reached_by(days[mine], n[mine], _LONG)))
    return pd.DataFrame(limits, columns=["stage", "segment", "limit"])


def _segment() -> Expr:
    return when(col("segment").is_null()).then(lit("")).otherwise(col("segment"))


def standing(data: SalesData, period: Period) -> Rows:
    """Open deals with the reasons for calling them stalled: ``slow``, ``silent``, ``past_due``; and ``stalled``.

    ``slow`` needs a stage history, ``silent`` needs activities: without them they are false. ``pooled`` marks deals
    judged by all segments together.
    """
    today = float(day_number(data.as_of))
    here = visits_of(data).select("deal_id", "kind", "left", since=col("entered"))
    here = here.filter(col("kind") == "open", col("left").is_null()).select("deal_id", "since")
    limits = usual_dwell(data, period)
    own = beside_deals(
        data, limits[limits["segment"] != ""].rename(columns={"limit": "own_limit"}).reset_index(drop=True)
    )
    every = limits[limits["segment"] == ""].rename(columns={"limit": "any_limit"}).drop(columns="segment")
    deals = open_now(data, period).with_columns(segment=_segment()).join(here, on="deal_id", how="left")
    deals = deals.join(own, on=["stage", "segment"], how="left").join(
        beside_deals(data, every.reset_index(drop=True)), on="stage", how="left"
    )
    deals = deals.join(last_contact(data, period), on="deal_id", how="left")
    no_own = col("own_limit").is_null()
    limit = when(no_own).then(col("any_limit")).otherwise(col("own_limit"))
    silence = lit(today) - when(col("contact").is_null()).then(col("started")).otherwise(col("contact"))
    reasons_for = deals.with_columns(
        slow=_true(lit(today) - col("since") > limit),
        silent=_true(silence > SILENT_DAYS) if "activity" in data.present else lit(value=False),
        past_due=_true(col("expected") < today),
        pooled=no_own & ~col("any_limit").is_null(),
    )
    marked = reasons_for.with_columns(stalled=col("slow") | col("silent") | col("past_due"))
    return marked.drop("own_limit", "any_limit")


def _true(condition: Expr) -> Expr:
    """*condition*, false where a part of it is missing."""
    return when(condition).then(lit(value=True)).otherwise(lit(value=False))


def _stalled(ask: Question) -> Told:
    """Number of open deals that are slow, silent or past due."""
    sums = ask.tally(ask.once(standing), stalled=col("stalled"), pooled=col("pooled") & col("slow"))
    return answers(
        value=sums["stalled"], n=sums["n"], numerator=sums["stalled"], denominator=sums["n"],
        na_reason=reasons(sums.index, not_applicable=ask.over),
        warnings=warned(sums.index, no_stage_history=not ask.data.history, pooled_segments=sums["pooled"] > 0),
        index=sums.index,
    )  # fmt: skip


STALLED = Metric(
    metric_id="stalled",
    version=1,
    unit="count",
    better="down",
    population="open deals; slow = in the stage for longer than four of five won deals of the segment, silent = no "
    "two-way activity for 14 days, past due = expected close has passed",
    time="state at as_of",
    value="1 if slow, silent or past due",
    null_rule="none open: no_exposure; period over: not_applicable",
    min_n=1,
    calculate=_stalled,
    observe=standing,
    estimate=False,
    roles=CLOSERS,
    pooled=True,
)
METRICS = (STALLED,)
