"""Open deals that have stopped moving: a list with reasons, not a score."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, open_now, rows_of
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons, warned
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, tally
from salescoach.tables.data import SalesData

SILENT_DAYS = 14
_LONG = 0.80
_FEWEST_WON = 20


def usual_dwell(data: SalesData, period: Period) -> pd.DataFrame:
    """Days within which four of five won deals had left a stage: ``stage``, ``segment`` ("" for all), ``limit``.

    Only where at least 20 won deals were seen in the stage.
    """
    deals = rows_of(data.deals).select("deal_id", "status", "closed", segment=_segment())
    won = deals.filter(nw.col("status") == "won").drop("status")
    visits = rows_of(data.visits).select("deal_id", "stage", "kind", "is_first", "entered", "left")
    visits = visits.filter(nw.col("kind") == "open", nw.col("is_first"))
    joined = visits.join(won, on="deal_id", how="inner")
    left = nw.when(nw.col("left").is_null()).then(nw.col("closed")).otherwise(nw.col("left"))
    bars = tally(joined.with_columns(days=left - nw.col("entered")), ["stage", "segment", "days"]).reset_index()
    every = bars.groupby(["stage", "days"], as_index=False)["n"].sum().assign(segment="")
    limits = [
        (stage, segment, _quantile(rows))
        for (stage, segment), rows in pd.concat([bars[bars["segment"] != ""], every]).groupby(["stage", "segment"])
        if rows["n"].sum() >= _FEWEST_WON
    ]
    return pd.DataFrame(limits, columns=["stage", "segment", "limit"])


def _segment() -> nw.Expr:
    return nw.when(nw.col("segment").is_null()).then(nw.lit("")).otherwise(nw.col("segment"))


def _quantile(bars: pd.DataFrame) -> float:
    ordered = bars.sort_values("days")
    upto = ordered["n"].cumsum().to_numpy()
    return float(ordered["days"].iloc[int(np.searchsorted(upto, _LONG * upto[-1]))])


def standing(data: SalesData, period: Period) -> Rows:
    """Open deals with the reasons for calling them stalled: ``slow``, ``silent``, ``past_due``; and ``stalled``.

    ``slow`` needs a stage history, ``silent`` needs activities: without them they are false. ``pooled`` marks deals
    judged by all segments together.
    """
    today = float(day_number(data.as_of))
    here = rows_of(data.visits).select("deal_id", "kind", "left", since=nw.col("entered"))
    here = here.filter(nw.col("kind") == "open", nw.col("left").is_null()).select("deal_id", "since")
    limits = usual_dwell(data, period)
    own = beside_deals(
        data, limits[limits["segment"] != ""].rename(columns={"limit": "own_limit"}).reset_index(drop=True)
    )
    every = limits[limits["segment"] == ""].rename(columns={"limit": "any_limit"}).drop(columns="segment")
    deals = open_now(data, period).with_columns(segment=_segment()).join(here, on="deal_id", how="left")
    deals = deals.join(own, on=["stage", "segment"], how="left").join(
        beside_deals(data, every.reset_index(drop=True)), on="stage", how="left"
    )
    deals = deals.join(_last_contact(data), on="deal_id", how="left")
    no_own = nw.col("own_limit").is_null()
    limit = nw.when(no_own).then(nw.col("any_limit")).otherwise(nw.col("own_limit"))
    silence = nw.lit(today) - nw.when(nw.col("contact").is_null()).then(nw.col("started")).otherwise(nw.col("contact"))
    reasons_for = deals.with_columns(
        slow=_true(nw.lit(today) - nw.col("since") > limit),
        silent=_true(silence > SILENT_DAYS) if "activity" in data.present else nw.lit(value=False),
        past_due=_true(nw.col("expected") < today),
        pooled=no_own & ~nw.col("any_limit").is_null(),
    )
    marked = reasons_for.with_columns(stalled=nw.col("slow") | nw.col("silent") | nw.col("past_due"))
    return marked.drop("own_limit", "any_limit")


def _true(condition: nw.Expr) -> nw.Expr:
    """*condition*, false where a part of it is missing."""
    return nw.when(condition).then(nw.lit(value=True)).otherwise(nw.lit(value=False))


def _last_contact(data: SalesData) -> Rows:
    """Day of the last two-way activity of each deal."""
    activity = beside_deals(data, data.table("activity")[["deal_id", "direction", "is_system", "occurred_at_day"]])
    rows = activity.filter(~nw.col("is_system"), nw.col("direction") == "two_way", ~nw.col("deal_id").is_null())
    return rows.group_by("deal_id").agg(contact=nw.col("occurred_at_day").max())


def _stalled(ask: Question) -> pd.DataFrame:
    """Number of open deals that are slow, silent or past due."""
    sums = ask.tally(ask.once(standing), stalled=nw.col("stalled"), pooled=nw.col("pooled") & nw.col("slow"))
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
