"""Which customers stay after the win, and what they are worth a year later: numbers that lag behind the selling."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import deals_of, has_renewals, remembered
from salescoach.metrics.contract import LEVEL, Metric, answers, warned
from salescoach.metrics.costs import stop_of
from salescoach.metrics.curves import shares_by_age
from salescoach.metrics.customers import FOLLOWED
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import ratio_of_sums
from salescoach.metrics.tally import Rows, below
from salescoach.metrics.told import Told
from salescoach.statistics import wilson
from salescoach.tables.data import SalesData

RETENTION_DAYS = 365


@remembered
def _cohort(data: SalesData, period: Period) -> Rows:
    """The first win of each company in the 12 months that ended a year before the end of *period*."""
    stop = stop_of(data, period)
    year = (col("closed") >= stop - 2 * RETENTION_DAYS) & (col("closed") < stop - RETENTION_DAYS)
    won = deals_of(data).filter(col("status") == "won", ~col("account_id").is_null(), year)
    return won.unique("account_id", keep="first", in_order=["closed", "deal_id"])


def _renewals_lost(data: SalesData) -> Rows:
    return deals_of(data).filter(col("type") == "renewal", col("status") == "lost")


def kept(data: SalesData, period: Period) -> Rows:
    """Companies of :func:`_cohort`, followed from the win: ``exit``, ``mine`` = lost since.

    Lost is the first renewal lost after the win.
    """
    today = float(day_number(data.as_of))
    won = _cohort(data, period)
    gone = _renewals_lost(data).select("account_id", gone=col("closed"))
    after = won.select("account_id", "closed").join(gone, on="account_id", how="inner")
    first = after.filter(col("gone") > col("closed")).summed("account_id", gone=col("gone").min())
    since = won.join(first, on="account_id", how="left")
    left = when(col("gone").is_null()).then(lit(today)).otherwise(col("gone"))
    return since.with_columns(
        exit=left - col("closed"), mine=~col("gone").is_null(), other=lit(value=False),
        possible=lit(today) - col("closed"),
    ).drop("gone")  # fmt: skip


def _with_what_followed(data: SalesData, won: Rows, later: Rows) -> Rows:
    """The wins of a cohort, and those of *later* that the same companies decided after them, as the seller's."""
    names = [name for name in deals_of(data).names if name != "owner_id"]
    sellers = won.select("account_id", seller=col("owner_id"), since=col("closed"))
    followed = later.join(sellers, on="account_id", how="inner").filter(col("closed") > col("since"))
    mine = followed.select(*names, owner_id=col("seller")).select("owner_id", *names)
    return below(won.select("owner_id", *names), mine)


def kept_and_lost(data: SalesData, period: Period) -> Rows:
    """The wins of :func:`kept`, and the lost renewals of the same companies, with the seller of the win as owner."""
    return _with_what_followed(data, _cohort(data, period), _renewals_lost(data))


def _later_business(data: SalesData) -> Rows:
    """Renewals that were decided, and expansions that were won."""
    decided = col("status").is_in(["won", "lost"])
    grown = (col("type") == "expansion") & (col("status") == "won")
    return deals_of(data).filter(((col("type") == "renewal") & decided) | grown)


def first_and_later(data: SalesData, period: Period) -> Rows:
    """The wins of :func:`_cohort` and the later business of the same companies, with the seller of the win as owner."""
    return _with_what_followed(data, _cohort(data, period), _later_business(data))


def worth_later(data: SalesData, period: Period) -> Rows:
    """Companies of :func:`_cohort`: ``before``, the amount of the win, and ``after``, what it came to in 12 months.

    The newest renewal decided by then takes the place of the first amount, a lost one with 0; expansions are added. A
    company whose renewal is still ahead is worth what it was. ``unknown``: one of its amounts is missing.
    """
    won = _cohort(data, period).select("account_id", "owner_id", since=col("closed"), before=col("amount"))
    later = _later_business(data).select("deal_id", "account_id", "type", "status", "closed", "amount")
    later = later.join(won.select("account_id", "since"), on="account_id", how="inner")
    age = col("closed") - col("since")
    later = later.filter(age > 0, age <= RETENTION_DAYS).with_columns(
        gap=(col("status") == "won") & ~(col("amount") > 0).fill_null(value=False)
    )
    newest = later.filter(col("type") == "renewal").unique("account_id", keep="last", in_order=["closed", "deal_id"])
    renewed = newest.select("account_id", renewed=when(col("status") == "won").then(col("amount")).otherwise(lit(0.0)))
    added = later.filter(col("type") == "expansion").summed("account_id", added=col("amount").sum())
    gaps = later.with_columns(gap=col("gap").number()).summed("account_id", gaps=col("gap").max())
    rows = won
    for part in (renewed, added, gaps):
        rows = rows.join(part, on="account_id", how="left")
    base = when(col("renewed").is_null()).then(col("before")).otherwise(col("renewed"))
    more = when(col("added").is_null()).then(lit(0.0)).otherwise(col("added"))
    whole = (col("before") > 0).fill_null(value=False) & ~(col("gaps") > 0).fill_null(value=False)
    return rows.with_columns(after=base + more, unknown=~whole)


def _retention(ask: Question) -> Told:
    """Kaplan-Meier share of companies without a lost renewal 12 months after the win."""
    lost = shares_by_age(ask, ask.once(kept), (RETENTION_DAYS,)).set_axis(ask.groups)
    known = has_renewals(ask.data)
    return answers(
        value=1 - lost["value"], n=lost["n"], numerator=lost["denominator"] - lost["numerator"],
        denominator=lost["denominator"], low=1 - lost["high"], high=1 - lost["low"],
        na_reason=lost["na_reason"] if known else "missing_field", index=lost.index,
    )  # fmt: skip


def _net_revenue(ask: Question) -> Told:
    """amounts a year later / amounts won; delta method on the log scale over companies; no spread: Wilson (1927)."""
    rows, top, bottom = ask.once(worth_later), col("after"), col("before")
    known = rows.filter(~col("unknown"))
    sums = ask.tally(known, top=top, bottom=bottom, top2=top**2, bottom2=bottom**2, both=top * bottom)
    value, low, high = ratio_of_sums(sums)
    # All lost, or all worth what they were: then the limits are those of a share of the companies.
    fewest, most = wilson(np.where(sums["top"] > 0, sums["n"], 0), sums["n"], LEVEL)
    plain = (sums["top"] == 0) | np.isclose(low, high, rtol=1e-9, atol=0)
    scale = np.where(sums["top"] > 0, value, 1.0)
    low, high = np.where(plain, fewest * scale, low), np.where(plain, most * scale, high)
    gaps = ask.tally(rows, unknown=col("unknown"))["unknown"] > 0
    return answers(
        value=value, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=np.minimum(low, value),
        high=np.maximum(high, value), na_reason=None if has_renewals(ask.data) else "missing_field",
        warnings=warned(sums.index, without_amount=gaps), index=sums.index,
    )  # fmt: skip


RETENTION = Metric(
    metric_id="customer_retention",
    version=1,
    unit="share",
    better="up",
    population="companies; lost = a renewal was lost, still here = right-censored",
    time="won in the 12 months that ended a year before the end of the period; a lagging number",
    value="1 if not lost within 12 months of the win",
    null_rule="no renewals, or deals name no company: missing_field; fewer than 5 companies: below_min_n",
    source="own; Kaplan & Meier 1958",
    min_n=5,
    calculate=_retention,
    observe=kept_and_lost,
    fields=("account_id",),
    roles=FOLLOWED,
)
NET_REVENUE = replace(
    RETENTION,
    metric_id="net_revenue_retention",
    population="companies; what their contracts are worth a year later: renewed, expanded, or lost",
    time="won in the 12 months that ended a year before the end of the period, followed for 12 months",
    value="amount of the first win; then that of the newest renewal, and of expansions",
    exclusions="cancelled, deleted and merged deals; companies of which one of these amounts is missing",
    source="public SaaS definition",
    calculate=_net_revenue,
    observe=first_and_later,
    fields=("account_id", "amount"),
)
METRICS = (RETENTION, NET_REVENUE)
