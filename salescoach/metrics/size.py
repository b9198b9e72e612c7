"""How much was won, and how large and how dear a won deal is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import beside_deals, booked, booked_by_credit, remembered, sold, sold_usual
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.curves import medians_of
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.ratios import ratio_of_sums
from salescoach.metrics.tally import Rows
from salescoach.metrics.told import Told, some
from salescoach.statistics import geometric_mean, random_sum_limits, skewed_mean_factor, zero_count_limit
from salescoach.tables.data import SalesData

_FINE = 10_000.0
"""Amounts that differ by less than 1 in so many are one bar of a histogram."""


def won_amounts(ask: Question) -> Told:
    """Per group: ``total`` (net of wins undone), ``won``, ``squares``, ``n`` of the credited amounts won in the period.

    The organisation counts each deal whole and once; a person, and a team, what they have the credit for.
    """
    return amounts_of(ask, ask.once(booked if ask.by == "all" else booked_by_credit))


def amounts_of(ask: Question, rows: Rows, parts: Sequence[str] | None = None) -> Told:
    """The sums of :func:`won_amounts` over *rows* of booked deals; for each of *parts* where they have a ``part``."""
    amount, is_win = col("amount"), col("amount") > 0
    won = when(is_win).then(amount).otherwise(lit(0.0))
    what: dict[str, Any] = {"total": amount, "won": won, "squares": won**2, "wins": is_win}
    sums = ask.tally(rows, **what) if parts is None else ask.by_part(ask.cells(rows, "part", **what), parts)
    return sums.assign(n=sums["wins"].astype(int))


def booking_limits(ask: Question, sums: Told) -> tuple[Numbers, Numbers]:
    """Limits of the bookings that chance alone would let a rep like this have in the period.

    Without a win the upper limit is the upper Poisson limit of no win times the organisation's
    average won amount in the period: unknown when nobody won anything.
    """
    low, high = random_sum_limits(sums["won"], sums["squares"], LEVEL)
    average = average_of(ask.everybody.shared(_all_sold))
    none, undone = sums["n"] == 0, sums["won"] - sums["total"]
    return np.where(none, 0.0, low) - undone, np.where(none, zero_count_limit(LEVEL) * average, high) - undone


def average_of(every: Told) -> float:
    """Mean amount of what the organisation has, from its ``total`` and ``n``; missing when it has nothing."""
    return every.first("total") / every.first("n") if every.first("n") else float("nan")


def _all_sold(ask: Question) -> Told:
    return ask.tally(ask.once(sold), total=col("amount"))


def selling(ask: Question) -> npt.NDArray[np.bool_]:
    """Whether a rep was there for a day of the period; unknown dates, and groups, count as there."""
    people = ask.data.reps.reindex(ask.groups)
    started, ended = pd.to_datetime(people["start_date"]), pd.to_datetime(people["end_date"])
    absent = (started >= pd.Timestamp(ask.period.end)) | (ended <= pd.Timestamp(ask.period.start))
    return ~absent.to_numpy()


def unconverted(ask: Question) -> bool:
    """Some deal of the organisation has an amount in a currency without a rate."""
    return len(ask.data.unconverted) > 0


def _bookings(ask: Question) -> Told:
    """Sum of credited amounts won, less those undone; limits of a compound Poisson sum."""
    sums = ask.shared(won_amounts)
    low, high = booking_limits(ask, sums)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan, low=low, high=high,
        na_reason=reasons(sums.index, no_exposure=~selling(ask) | ~np.isfinite(high)),
        warnings=warned(sums.index, unconverted=unconverted(ask), wins_undone=sums["total"] < sums["won"]),
        index=sums.index,
    )  # fmt: skip


def _top_deal_share(ask: Question) -> Told:
    """largest amount won / amounts won."""
    sums = ask.tally(ask.once(sold), total=col("amount"), largest=["amount"])
    top = sums["largest_amount"] / some(sums["total"])
    return answers(
        value=top, n=sums["n"], numerator=sums["largest_amount"], denominator=sums["total"],
        warnings=warned(sums.index, one_deal_dominates=top > _DOMINANT), index=sums.index,
    )  # fmt: skip


_DOMINANT = 0.25  # of the bookings, from which a single deal is worth a word


def _logs(ask: Question) -> Told:
    log = col("amount").log()
    sums = ask.tally(ask.once(sold_usual), total=col("amount"), logs=log, log_squares=log**2)
    n = some(sums["n"])
    left = np.maximum(sums["log_squares"] - sums["logs"] ** 2 / n, 0.0)
    return sums.assign(log_mean=sums["logs"] / n, log_sd=np.sqrt(left / some(sums["n"] - 1)))


def _mega(ask: Question) -> npt.NDArray[np.object_]:
    """Warning where mega deals were left out of an average."""
    every = ask.tally(ask.once(sold), mega=col("is_mega"))
    return warned(every.index, mega_apart=every["mega"] > 0)


def _average_deal_size(ask: Question) -> Told:
    """amounts won / wins; Cox's interval around the plain mean (Zhou & Gao 1997)."""
    sums = ask.shared(_logs)
    mean = sums["total"] / some(sums["n"])
    factor = skewed_mean_factor(sums["log_sd"], sums["n"], LEVEL)
    return answers(
        value=mean, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=mean / factor, high=mean * factor,
        warnings=ask.shared(_mega), index=sums.index,
    )  # fmt: skip


def _geometric_mean(ask: Question) -> Told:
    """exp(mean of log amounts); Student's t on logs."""
    sums = ask.shared(_logs)
    value, low, high = geometric_mean(sums["log_mean"], sums["log_sd"], sums["n"], LEVEL)
    return answers(
        value=value, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=low, high=high,
        warnings=ask.shared(_mega), index=sums.index,
    )  # fmt: skip


def _median(ask: Question) -> Told:
    """Median amount; limits are order statistics."""
    rows = ask.once(sold_usual).with_columns(bar=(col("amount").log() * _FINE).round())
    bars = ask.cells(rows, "bar", total=col("amount"))
    found = medians_of(bars, bars["total"] / bars["n"], bars.codes[0], ask.groups)
    sums = ask.shared(_logs)
    return answers(
        value=found["median"], n=found["n"], numerator=sums["total"], denominator=sums["n"], low=found["low"],
        high=found["high"], warnings=ask.shared(_mega), index=found.index,
    )  # fmt: skip


@remembered
def listed(data: SalesData, period: Period) -> Rows:
    """Won deals with a known list price: ``net`` and ``list``; price lines count before the deal's own rate."""
    won = sold(data, period)
    if "line_item" not in data.present:
        known = won.filter(~col("discount_pct").is_null(), col("discount_pct") < 1)
        return known.with_columns(net=col("amount"), list=col("amount") / (1 - col("discount_pct")))
    lines = (
        beside_deals(data, data.table("line_item"))
        .unique("line_id")
        .filter(~col("list_price").is_null(), ~col("total").is_null())
    )
    whole = lines.with_columns(gross=col("list_price") * col("qty"))
    prices = whole.summed("deal_id", total=col("total").sum(), gross=col("gross").sum()).filter(col("gross") > 0)
    part = col("total") / col("gross")
    deals = won.join(prices, on="deal_id", how="inner")
    return deals.filter(part > 0).with_columns(net=col("amount"), list=col("amount") / part)


def _discount(ask: Question) -> Told:
    """1 - sum of net / sum of list prices; delta method on the log of the ratio."""
    net, gross = col("net"), col("list")
    sums = ask.tally(ask.once(listed), top=net, bottom=gross, top2=net**2, bottom2=gross**2, both=net * gross)
    ratio, low, high = ratio_of_sums(sums)
    unknown = ask.everybody.tally(ask.once(listed)).first("n") == 0
    return answers(
        value=1 - ratio, n=sums["n"], numerator=sums["bottom"] - sums["top"], denominator=sums["bottom"],
        low=1 - high, high=1 - low, na_reason=reasons(sums.index, missing_field=unknown), index=sums.index,
    )  # fmt: skip


BOOKINGS = Metric(
    metric_id="bookings",
    version=2,  # by credit and less wins undone; version 1 gave each win whole to its owner, for good
    unit="money",
    better="up",
    population="won deals with an amount in the base currency, by credit, less earlier wins undone in the period",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="0 is a value while the rep was there; no_exposure before the start or after the end",
    source="dbt_salesforce; winsabove.pages.dev",
    min_n=0,
    calculate=_bookings,
    observe=booked_by_credit,
    fields=("amount",),
    roles=CLOSERS,
)
TOP_DEAL_SHARE = Metric(
    metric_id="top_deal_share",
    version=1,
    unit="share",
    better="context",
    population="won deals with an amount in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    min_n=1,
    calculate=_top_deal_share,
    observe=sold,
    estimate=False,
    fields=("amount",),
    roles=CLOSERS,
)
AVERAGE_DEAL_SIZE = Metric(
    metric_id="ads",
    version=2,  # without mega deals; version 1 had them in the average
    unit="money",
    family="money",
    better="up",
    population="won deals with an amount above 0 in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    exclusions="cancelled, deleted and merged deals; mega deals",
    null_rule="no win: no_exposure; fewer than 5: below_min_n",
    source="own; interval: Zhou & Gao 1997",
    min_n=5,
    calculate=_average_deal_size,
    observe=sold_usual,
    fields=("amount",),
    roles=CLOSERS,
)
ADS_MEDIAN = Metric(
    metric_id="ads_median",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount above 0 in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    exclusions="cancelled, deleted and merged deals; mega deals",
    null_rule="no win: no_exposure; fewer than 5: below_min_n",
    min_n=5,
    calculate=_median,
    observe=sold_usual,
    fields=("amount",),
    roles=CLOSERS,
)
ADS_GEOMETRIC = Metric(
    metric_id="ads_geometric",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount above 0 in the base currency",
    time="closed in the period; owner at close",
    value="logarithm of the amount",
    exclusions="cancelled, deleted and merged deals; mega deals",
    null_rule="no win: no_exposure; fewer than 5: below_min_n",
    min_n=5,
    calculate=_geometric_mean,
    observe=sold_usual,
    fields=("amount",),
    roles=CLOSERS,
)
DISCOUNT_RATE = Metric(
    metric_id="discount_rate",
    version=1,
    unit="share",
    better="down",
    population="won deals with an amount and a list price",
    time="closed in the period; owner at close",
    value="net and list price",
    exclusions="deals whose lines are all free",
    null_rule="no list price anywhere: missing_field; fewer than 5: below_min_n",
    min_n=5,
    calculate=_discount,
    observe=listed,
    fields=("amount",),
    roles=CLOSERS,
)
METRICS = (BOOKINGS, TOP_DEAL_SHARE, AVERAGE_DEAL_SIZE, ADS_MEDIAN, ADS_GEOMETRIC, DISCOUNT_RATE)
