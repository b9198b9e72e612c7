"""How many of the decided deals were won, in three ways, and why the others were lost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import closed, cohort, lost, undecided, valued
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.curves import shares_by_age
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import ratio_of_sums, share, value_shares
from salescoach.metrics.tally import Rows, tally
from salescoach.metrics.told import Told
from salescoach.statistics import wilson
from salescoach.tables.data import SalesData

COHORT_AGES = (90, 180)
_FINE = 10_000.0
_ENOUGH_LOST = 0.5  # of the lost deals must have an amount, else the rate by value is one of the won alone


def won_and_closed(deals: pd.DataFrame, by: str = "owner_id") -> pd.DataFrame:
    """Counts ``won`` and ``closed`` per value of *by*, of deals that are all won or lost.

    >>> won_and_closed(pd.DataFrame({"owner_id": ["a", "a", "b"], "status": ["won", "lost", "won"]}))
              won  closed
    owner_id
    a           1       2
    b           1       1
    """
    counted = tally(deals, [by], won=col("status") == "won")
    return counted.rename(columns={"n": "closed"})[["won", "closed"]].astype(int)


def _win_rate(ask: Question) -> Told:
    """won / (won + lost), Wilson (1927)."""
    counts = ask.tally(ask.once(closed), won=col("won"))
    return share(counts.index, counts["won"], counts["n"])


def value_rates(ask: Question) -> Told:
    """Won amount / amount of all closed deals of each group, with limits from drawing the deals again.

    Amounts that differ by less than 1 in 10,000 are counted together. Missing where lost deals have no amounts.
    """
    rows = ask.once(valued).with_columns(bar=(col("amount").log() * _FINE).round())
    bars = ask.cells(rows, "won", "bar", total=col("amount"))
    return value_shares(ask.groups, bars, bars["won"], bars.codes[0])


def _win_rate_value(ask: Question) -> Told:
    """won amount / (won + lost amount), bootstrap over deals (Efron 1979)."""
    rates = value_rates(ask)
    counts = ask.everybody.tally(ask.once(closed), failed=~col("won"), known=~col("won") & (col("amount") > 0))
    unknown = counts.first("known") < _ENOUGH_LOST * counts.first("failed")
    left_out = ask.tally(ask.once(closed))["n"] > rates["n"]
    return answers(
        value=rates["value"], n=rates["n"], numerator=rates["inside"], denominator=rates["total"], low=rates["low"],
        high=rates["high"], na_reason=reasons(rates.index, missing_field=unknown),
        warnings=warned(rates.index, without_amount=left_out), index=rates.index,
    )  # fmt: skip


def _win_rate_cohort(ask: Question) -> Told:
    """Cumulative incidence of "won" 90 and 180 days after the beginning, lost competing (Aalen & Johansen 1978)."""
    return shares_by_age(ask, ask.once(cohort), COHORT_AGES)


def _no_decision(ask: Question) -> Told:
    """lost without a decision / (won + lost), Wilson (1927)."""
    counts = ask.tally(ask.once(undecided), event=col("event"))
    return share(counts.index, counts["event"], counts["n"], warnings=warned(counts.index, self_reported=True))


def _loss_reasons(ask: Question) -> Told:
    """lost for a reason / lost, Wilson (1927)."""
    rows = ask.once(lost)
    names = list(tally(rows, ["part"]).index)
    counts = ask.by_part(ask.cells(rows, "part"), names)
    every = np.repeat(ask.tally(rows)["n"], len(names))
    return share(counts.index, counts["n"], every, warnings=warned(counts.index, self_reported=True))


def lost_value(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`salescoach.metrics.cases.lost` with an amount above 0 in the base currency."""
    return lost(data, period).filter(col("amount") > 0)


def _loss_reasons_by_value(ask: Question) -> Told:
    """amount lost for a reason / amount lost; delta method on the log scale; all or nothing: Wilson (1927)."""
    rows, amount = ask.once(lost_value), col("amount")
    names = list(tally(rows, ["part"]).index)
    mine = ask.by_part(ask.cells(rows, "part", top=amount, top2=amount**2), names)
    every = ask.tally(rows, bottom=amount, bottom2=amount**2)
    whole = {name: np.repeat(every[name], len(names)) for name in ("n", "bottom", "bottom2")}
    index, sums = mine.index, mine.assign(**whole, both=mine["top2"])
    value, low, high = ratio_of_sums(sums)
    # All or nothing has no spread of amounts: then the limits are those of the share of deals.
    plain = (sums["top"] == 0) | (sums["top"] == sums["bottom"])
    fewest, most = wilson(mine["n"], sums["n"], LEVEL)
    low, high = np.where(plain, fewest, low), np.minimum(np.where(plain, most, high), 1.0)
    return answers(
        value=value, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=low, high=high,
        warnings=warned(index, self_reported=True), index=index,
    )  # fmt: skip


WIN_RATE = Metric(
    metric_id="win_rate_count",
    version=1,
    unit="share",
    family="share",
    better="up",
    population="deals won or lost",
    time="closed in the period; owner at close",
    value="1 if won",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="nothing closed: no_exposure; fewer than 5: below_min_n",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_win_rate,
    observe=closed,
    roles=CLOSERS,
)
WIN_RATE_VALUE = Metric(
    metric_id="win_rate_value",
    version=1,
    unit="share",
    better="up",
    population="deals won or lost with an amount in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 20: below_min_n; most lost deals without an amount: missing_field",
    source="dbt_salesforce (win_percent); interval: Efron 1979",
    min_n=20,
    calculate=_win_rate_value,
    observe=valued,
    fields=("amount",),
    roles=CLOSERS,
)
WIN_RATE_COHORT = Metric(
    metric_id="win_rate_cohort",
    version=1,
    unit="share",
    better="up",
    population="deals begun in the period; lost is a competing event, open is right-censored",
    time="days from the first qualified stage (creation when unknown) to as_of",
    value="1 if won by that age",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="under 80 % of the deals of that age: immature_cohort",
    source="own; Aalen & Johansen 1978",
    min_n=5,
    calculate=_win_rate_cohort,
    observe=cohort,
    fields=("started",),
    roles=CLOSERS,
)
NO_DECISION_RATE = Metric(
    metric_id="no_decision_rate",
    version=1,
    unit="share",
    family="share",
    better="down",
    population="deals won or lost",
    time="closed in the period; owner at close",
    value="1 if lost without a decision",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5: below_min_n; no loss reason anywhere: missing_field",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_no_decision,
    observe=undecided,
    fields=("loss_reason",),
    roles=CLOSERS,
)
LOSS_REASON_SHARE = Metric(
    metric_id="loss_reason_share",
    version=1,
    unit="share",
    better="context",
    population="deals lost",
    time="closed in the period; owner at close",
    value="1 if lost for the reason",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5 lost: below_min_n; no loss reason anywhere: missing_field",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_loss_reasons,
    observe=lost,
    fields=("loss_reason",),
    roles=CLOSERS,
)
LOSS_REASON_VALUE = Metric(
    metric_id="loss_reason_value",
    version=1,
    unit="share",
    better="context",
    population="deals lost with an amount, by the reason entered for them",
    time="closed in the period; owner at close",
    value="amount",
    exclusions="cancelled deals, those closed on the day they were created; empty and unconverted amounts",
    null_rule="fewer than 5 lost: below_min_n; no reason in the data: missing_field",
    min_n=5,
    calculate=_loss_reasons_by_value,
    observe=lost_value,
    fields=("loss_reason", "amount"),
    roles=CLOSERS,
)
METRICS = (WIN_RATE, WIN_RATE_VALUE, WIN_RATE_COHORT, NO_DECISION_RATE, LOSS_REASON_SHARE, LOSS_REASON_VALUE)
