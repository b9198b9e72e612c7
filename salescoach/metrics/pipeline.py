"""What was added to the pipeline, what is open and due in the period, how old it is, whether it covers the gap."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.cases import beside_deals, deals_of, due, due_and_sold, open_now, valued, within
from salescoach.metrics.contract import CLOSERS, LEVEL, OPENERS, Metric, answers, reasons, warned
from salescoach.metrics.curves import median_of
from salescoach.metrics.events import history_in_order
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.quota import quota_of
from salescoach.metrics.ratios import ratio_of_sums
from salescoach.metrics.size import average_of, unconverted, won_amounts
from salescoach.metrics.tally import Cells, Rows, below, cells_of, in_memory
from salescoach.metrics.told import Told, some
from salescoach.statistics import random_sum_limits, zero_count_limit
from salescoach.tables.data import SalesData

_OLD = 0.90
_FEWEST_WON = 20
_YEAR = 365


def qualified(data: SalesData, period: Period) -> Rows:
    """Deals that entered their first qualified stage in *period*, whatever became of them; ``amount`` as of then.

    Without a history: deals created in *period*, with today's amount. Deals cancelled since are left out.
    """
    deals = deals_of(data).filter(col("status") != "cancelled")
    if not data.history:
        return deals.filter(within("created", period)).with_columns(owner_id=col("creator_id"))
    history = history_in_order(data)
    stage = data.stages[data.stages["qualified"].astype("boolean").fillna(False).astype(bool)]["stage"]
    first = history[history["stage_to"].isin(stage)].drop_duplicates("deal_id")
    own = first.merge(in_memory(deals_of(data).select("deal_id", "currency")), on="deal_id")
    amount = data.in_base(own, "amount_at", "entered_at_day")
    entry = pd.DataFrame({"deal_id": own["deal_id"], "qualified": own["entered_at_day"], "amount_then": amount})
    entered = deals.join(beside_deals(data, entry), on="deal_id", how="inner").filter(within("qualified", period))
    then = when(col("amount_then").is_null()).then(col("amount")).otherwise(col("amount_then"))
    return entered.with_columns(amount=then, owner_id=col("engager_id"))


def _created(ask: Question) -> Told:
    """Sum of amounts at the entry of the first qualified stage; limits of a compound Poisson sum."""
    amount = when(col("amount") > 0).then(col("amount")).otherwise(lit(0.0))
    sums = ask.tally(ask.once(qualified), total=amount, squares=amount**2, empty=col("amount").is_null())
    average = average_of(ask.everybody.tally(ask.once(qualified), total=amount))
    low, high = random_sum_limits(sums["total"], sums["squares"], LEVEL)
    none = sums["total"] == 0
    high = np.where(none, zero_count_limit(LEVEL) * average, high)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        low=np.where(none, 0.0, low), high=high, na_reason=reasons(sums.index, no_exposure=~np.isfinite(high)),
        warnings=warned(
            sums.index, no_stage_history=not ask.data.history, without_amount=sums["empty"] > 0,
            unconverted=unconverted(ask),
        ),
        index=sums.index,
    )  # fmt: skip


def _due(ask: Question) -> Told:
    """Per group: ``total`` amount, ``n`` deals due, ``empty`` of them without an amount, ``late`` past-due ones."""
    sums = ask.tally(ask.once(due), total=col("amount"), empty=col("amount").is_null())
    late = ask.tally(ask.once(open_now), late=col("expected") < ask.today)
    return sums.assign(late=late["late"])


def _nothing_can_be_due(ask: Question) -> bool:
    return ask.today >= ask.period.after - 1


def _caveats(ask: Question, sums: Told) -> npt.NDArray[np.object_]:
    return warned(
        sums.index, without_amount=sums["empty"] > 0, past_due_apart=sums["late"] > 0, unconverted=unconverted(ask)
    )


def _open_pipeline(ask: Question) -> Told:
    """Sum of amounts of open deals due in the period."""
    sums = ask.shared(_due)
    unknown = (sums["n"] > 0) & (sums["empty"] == sums["n"])
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        na_reason=reasons(sums.index, not_applicable=_nothing_can_be_due(ask), missing_field=unknown),
        warnings=_caveats(ask, sums), index=sums.index,
    )  # fmt: skip


def _coverage(ask: Question) -> Told:
    """open pipeline due in the period / (effective quota - bookings)."""
    sums, quota = ask.shared(_due), ask.shared(quota_of)
    missing = quota - ask.shared(won_amounts)["total"]
    unknown = (sums["n"] > 0) & (sums["empty"] == sums["n"])
    reason = reasons(
        sums.index, not_applicable=np.isnan(quota) | _nothing_can_be_due(ask), met=missing <= 0, missing_field=unknown
    )
    return answers(
        value=sums["total"] / some(missing), n=sums["n"], numerator=sums["total"], denominator=missing,
        na_reason=reason, warnings=_caveats(ask, sums), index=sums.index,
    )  # fmt: skip


def trailing(period: Period) -> Period:
    """The 12 months before *period*."""
    return Period("", period.start - timedelta(days=_YEAR), period.start)


def closed_last_year(data: SalesData, period: Period) -> Rows:
    """Deals with an amount won or lost in the 12 months before *period*."""
    return valued(data, trailing(period))


def _stock(data: SalesData, period: Period) -> Rows:
    """Deals open at the start of each stretch as long as *period* in the 12 months before; ``decided`` within it."""
    length = period.after - period.first
    deals = deals_of(data).select("deal_id", "owner_id", "status", "started", "closed", "born_closed")
    deals = deals.filter(col("status").is_in(["open", "won", "lost"]), ~col("born_closed"))
    parts = []
    for back in range(1, max(_YEAR // length, 1) + 1):
        day = float(period.first - back * length)
        there = deals.filter(col("started") < day, col("closed").is_null() | (col("closed") >= day))
        decided = ~col("closed").is_null() & (col("closed") < day + length)
        parts.append(there.select("deal_id", "owner_id", decided=decided))
    return below(*parts)


def _required_coverage(ask: Question) -> Told:
    """1 / (win rate by value x share of the stock decided within a period), both of the trailing 12 months."""
    amount = col("amount")
    inside = when(col("won")).then(amount).otherwise(lit(0.0))
    sums = ask.tally(
        ask.once(closed_last_year), top=inside, bottom=amount, top2=inside**2, bottom2=amount**2, both=inside * amount
    )
    rate, low, high = ratio_of_sums(sums)
    stock = ask.tally(ask.once(_stock), decided=col("decided"))
    pace = stock["decided"] / some(stock["n"])
    z = float(special.ndtri(0.5 + LEVEL / 2))
    spread = (np.log(high / low) / 2) ** 2 + z**2 * (1 - pace) / some(stock["decided"])
    value, factor = 1 / some(rate * pace), np.exp(np.sqrt(spread))
    return answers(
        value=value, n=sums["n"], numerator=stock["n"] * sums["bottom"], denominator=stock["decided"] * sums["top"],
        low=value / factor, high=value * factor,
        na_reason=reasons(sums.index, no_exposure=(sums["n"] >= _FEWEST_WON) & np.isnan(value)), index=sums.index,
    )  # fmt: skip


def _pipeline_age(ask: Question) -> Told:
    """Median of as_of - first qualified stage of open deals."""
    rows = ask.once(open_now).filter(~col("age").is_null())
    found = median_of(ask, rows, "age")
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"],
        na_reason=reasons(found.index, not_applicable=ask.over),
        warnings=warned(found.index, no_stage_history=not ask.data.history), index=found.index,
    )  # fmt: skip


def _old_from(data: SalesData, period: Period) -> dict[str, float]:
    """Age below which nine of ten won deals of a segment had been won; the segment "" stands for all together."""
    deals = deals_of(data).select(
        "status", "born_closed", "started", days=col("closed") - col("started"), segment=_segment()
    )
    days = deals.filter(col("status") == "won", ~col("born_closed"), ~col("started").is_null())
    bars = cells_of(days, ["segment", "days"])
    segment, ages, n = bars["segment"], bars["days"], bars["n"]
    limits = {}
    for name in ("", *bars.values[0]):
        mine = segment == name if name else np.ones(len(bars), dtype=bool)
        if n[mine].sum() >= _FEWEST_WON:
            limits[str(name)] = reached_by(ages[mine], n[mine], _OLD)
    return limits


def _segment() -> Expr:
    return when(col("segment").is_null()).then(lit("")).otherwise(col("segment"))


def reached_by(values: Numbers, n: npt.NDArray[np.int64], part: float) -> float:
    """The smallest of *values*, seen *n* times each, that at least *part* of all do not exceed.

    >>> reached_by(np.array([30.0, 10.0, 20.0]), np.array([1, 7, 2]), 0.8)
    20.0
    """
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(n[order])
    return float(values[order][int(np.searchsorted(upto, part * upto[-1]))])


def _zombie(ask: Question) -> Told:
    """open value older than the 90th percentile of won-deal age in the segment / open value."""
    limits = ask.once(_old_from)
    rows = ask.once(open_now).filter(col("amount") > 0, ~col("age").is_null()).with_columns(segment=_segment())
    bars = ask.cells(rows, "segment", "age", total=col("amount"))
    every = limits.get("", np.nan)
    own = np.array([limits.get(str(name), every) for name in bars.values[1]], dtype=float)[bars.codes[1]]
    alone = np.array([str(name) not in limits for name in bars.values[1]], dtype=float)[bars.codes[1]]
    sums_of = {**bars.columns, "old": np.where(bars["age"] > own, bars["total"], 0.0), "pooled": alone}
    whole = Cells(bars.names, bars.codes, bars.values, sums_of)
    sums = Told(ask.groups, whole.added(whole.codes[0], len(ask.groups)))
    return answers(
        value=sums["old"] / some(sums["total"]), n=sums["n"], numerator=sums["old"],
        denominator=sums["total"],
        na_reason=reasons(sums.index, not_applicable=ask.over, below_min_n="" not in limits),
        warnings=warned(sums.index, pooled_segments=sums["pooled"] > 0), index=sums.index,
    )  # fmt: skip


PIPELINE_CREATED = Metric(
    metric_id="pipeline_created",
    version=1,
    unit="money",
    better="up",
    population="deals entering their first qualified stage, whatever happened later",
    time="entered in the period; owner at entry",
    value="amount at entry; n is their number",
    exclusions="cancelled, deleted and merged deals",
    null_rule="none: 0; no stage history: creation date and today's amount, flagged",
    min_n=0,
    calculate=_created,
    observe=qualified,
    fields=("amount",),
    roles=OPENERS,
)
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
    version=2,
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
    observe=due_and_sold,
    estimate=False,
    tables=("quota",),
    fields=("expected", "amount"),
    roles=CLOSERS,
)
REQUIRED_COVERAGE = Metric(
    metric_id="required_coverage",
    version=1,
    unit="times",
    better="context",
    population="deals decided, and deals open at the start of stretches as long as the period",
    time="12 months before the period",
    value="amount; 1 if decided within the stretch",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 20 decided: below_min_n",
    min_n=_FEWEST_WON,
    calculate=_required_coverage,
    observe=closed_last_year,
    fields=("amount", "started"),
    roles=CLOSERS,
    pooled=True,
)
PIPELINE_AGE = Metric(
    metric_id="pipeline_age",
    version=1,
    unit="days",
    better="down",
    population="open deals",
    time="state at as_of; days since the first qualified stage",
    value="days",
    null_rule="none open: no_exposure; period over: not_applicable",
    source="Salesforce AgeInDays",
    min_n=1,
    calculate=_pipeline_age,
    observe=open_now,
    estimate=False,
    fields=("started",),
    roles=CLOSERS,
)
ZOMBIE_SHARE = Metric(
    metric_id="zombie_share",
    version=1,
    unit="share",
    better="down",
    population="open deals with an amount; old = beyond the age at which nine of ten won deals of the segment were won",
    time="state at as_of",
    value="amount",
    null_rule="none open: no_exposure; fewer than 20 won in all: below_min_n; in the segment: all segments, flagged",
    min_n=1,
    calculate=_zombie,
    observe=open_now,
    estimate=False,
    fields=("started", "amount"),
    roles=CLOSERS,
    pooled=True,
)
METRICS = (PIPELINE_CREATED, OPEN_PIPELINE, COVERAGE, REQUIRED_COVERAGE, PIPELINE_AGE, ZOMBIE_SHARE)
