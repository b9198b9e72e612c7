"""Close dates that move: how often they are put off, and how much of what was due slips out of the period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, deals_of, watched
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers
from salescoach.metrics.events import history_in_order, stated_before
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import value_shares
from salescoach.metrics.tally import Rows, in_memory, rows_of
from salescoach.metrics.told import Told
from salescoach.statistics import poisson_rate
from salescoach.tables.data import SalesData

_SMALL_MOVE = 7  # days; a shorter move inside a period is book-keeping
_FINE = 10_000.0


def _stated_dates(data: SalesData) -> pd.DataFrame:
    """Each change of a deal's expected close in the stage history: ``stated_on``, ``expected``, ``was``."""
    history = history_in_order(data)
    rows = history[history["close_date_at_day"].notna()]
    rows = rows[["deal_id", "entered_at_day", "close_date_at_day"]].set_axis(
        ["deal_id", "stated_on", "expected"], axis=1
    )
    return rows.assign(was=rows.groupby("deal_id")["expected"].shift())


def _quarter_numbers(data: SalesData, days: pd.Series) -> pd.Series:
    """Number of the fiscal quarter of each day number; equal within a quarter, growing with time."""
    months = pd.to_datetime(days, unit="D")
    shifted = months.dt.year * 12 + (months.dt.month - data.calendar.fiscal_year_start_month)
    return shifted // 3


def pushes(data: SalesData, period: Period) -> Rows:
    """Deals open for a day of *period*, with ``pushed``: how often their close date went to a later quarter in it.

    Only a date that replaces another one is a push, not the first that was set.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    moves = _stated_dates(data)
    moves = moves[moves["was"].notna() & (moves["stated_on"] >= period.first) & (moves["stated_on"] < stop)]
    later = _quarter_numbers(data, moves["expected"]) > _quarter_numbers(data, moves["was"])
    counted = moves[later & (moves["expected"] - moves["was"] >= _SMALL_MOVE)].groupby("deal_id").size()
    table = beside_deals(data, counted.rename("pushed").astype(float).reset_index())
    deals = watched(data, period).join(table, on="deal_id", how="left")
    return deals.with_columns(pushed=when(col("pushed").is_null()).then(lit(0.0)).otherwise(col("pushed")))


def due_on_day_one(data: SalesData, period: Period) -> Rows:
    """Deals open when *period* began and then expected to close in it: ``amount`` of then, ``slipped``, ``bar``.

    Slipped: not decided, and either expected after the period or the period is over. Cancelled deals are left out.
    """
    then = stated_before(data, period.first, "close_date_at_day", "amount_at")
    then = then[then["close_date_at_day"].between(period.first, period.after - 1)]
    deals = in_memory(deals_of(data).drop("amount").join(beside_deals(data, then), on="deal_id", how="inner"))
    there = deals["closed"].isna() | (deals["closed"] >= period.first)
    deals = deals[there & (deals["status"] != "cancelled") & ~deals["born_closed"]]
    deals = deals.assign(day=float(period.first), amount_then=deals["amount_at"].fillna(deals["amount_original"]))
    amount = data.in_base(deals, "amount_then", "day")
    stop = min(period.after, day_number(data.as_of) + 1)
    undecided = deals["closed"].isna() | (deals["closed"] >= stop)
    out = (deals["expected"] >= period.after) | (stop >= period.after)
    valued = deals.assign(amount=amount, slipped=undecided & out)[amount > 0]
    return rows_of(valued.reset_index(drop=True)).with_columns(bar=(col("amount").log() * _FINE).round())


def _push_count(ask: Question) -> Told:
    """Number of moves of the close date to a later quarter; exact Poisson limits (Garwood 1936)."""
    sums = ask.tally(ask.once(pushes), pushed=col("pushed"))
    _, low, high = poisson_rate(sums["pushed"], np.ones(len(sums)), LEVEL)
    return answers(
        value=sums["pushed"],
        n=sums["n"],
        numerator=sums["pushed"],
        denominator=sums["n"],
        low=low,
        high=high,
        index=sums.index,
    )


def _slippage(ask: Question) -> Told:
    """value that moved out / value due on day 1; bootstrap over deals (Efron 1979)."""
    bars = ask.cells(ask.once(due_on_day_one), "slipped", "bar", total=col("amount"))
    found = value_shares(ask.groups, bars, bars["slipped"], bars.codes[0])
    return answers(
        value=found["value"], n=found["n"], numerator=found["inside"], denominator=found["total"], low=found["low"],
        high=found["high"], index=found.index,
    )  # fmt: skip


PUSH_COUNT = Metric(
    metric_id="push_count",
    version=1,
    unit="count",
    family="rate",
    better="down",
    population="deals open for at least a day of the period",
    time="close date changed in the period",
    value="times it moved to a later quarter, by 7 days or more",
    exclusions="the first date that was set; cancelled deals and those born closed",
    null_rule="no deal: no_exposure; no stage history: no_history",
    source="own; interval: Garwood 1936",
    min_n=1,
    calculate=_push_count,
    observe=pushes,
    tables=("stage_history",),
    roles=CLOSERS,
)
SLIPPAGE = Metric(
    metric_id="slippage",
    version=1,
    unit="share",
    better="down",
    population="deals open when the period began and then expected to close in it, with an amount",
    time="state on the first day of the period, against its end or as_of",
    value="amount of the first day",
    exclusions="cancelled deals and those born closed; what was won early has not slipped",
    null_rule="fewer than 5 deals due: below_min_n; no stage history: no_history",
    source="own; interval: Efron 1979",
    min_n=5,
    calculate=_slippage,
    observe=due_on_day_one,
    tables=("stage_history",),
    fields=("amount",),
    roles=CLOSERS,
)
METRICS = (PUSH_COUNT, SLIPPAGE)
