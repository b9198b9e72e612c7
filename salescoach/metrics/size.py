"""How much was won, and how large a won deal is."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.metrics.cases import sold
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons
from salescoach.metrics.question import Question
from salescoach.statistics import random_sum_limits, skewed_mean_factor, zero_count_limit


def won_amounts(ask: Question) -> pd.DataFrame:
    """Per group: ``total``, ``squares``, ``n``, ``log_sd`` of the known amounts won in the period."""
    log = nw.col("amount").log()
    sums = ask.tally(
        ask.once(sold), total=nw.col("amount"), squares=nw.col("amount") ** 2, logs=log, log_squares=log**2
    )
    spread = (sums["log_squares"] - sums["logs"] ** 2 / sums["n"]).clip(lower=0) / (sums["n"] - 1).where(sums["n"] > 1)
    return sums.assign(log_sd=np.sqrt(spread))


def booking_limits(ask: Question, sums: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Limits of the bookings that chance alone would let a rep like this have in the period.

    Without a win the upper limit is the upper Poisson limit of no win times the organisation's
    average won amount in the period: unknown when nobody won anything.
    """
    low, high = random_sum_limits(sums["total"], sums["squares"], LEVEL)
    every = ask.everybody.tally(ask.once(sold), total=nw.col("amount")).iloc[0]
    average = every["total"] / every["n"] if every["n"] else np.nan
    none = (sums["n"] == 0).to_numpy()
    return (
        pd.Series(np.where(none, 0.0, low), index=sums.index),
        pd.Series(np.where(none, zero_count_limit(LEVEL) * average, high), index=sums.index),
    )


def _bookings(ask: Question) -> pd.DataFrame:
    """Sum of credited amounts; limits of a compound Poisson sum."""
    sums = won_amounts(ask)
    low, high = booking_limits(ask, sums)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan, low=low, high=high,
        na_reason=reasons(sums.index, no_exposure=~selling(ask) | ~np.isfinite(high)), index=sums.index,
    )  # fmt: skip


def selling(ask: Question) -> npt.NDArray[np.bool_]:
    """Whether a rep was there for a day of the period; unknown dates, and groups, count as there."""
    people = ask.data.reps.reindex(ask.groups)
    started, ended = pd.to_datetime(people["start_date"]), pd.to_datetime(people["end_date"])
    absent = (started >= pd.Timestamp(ask.period.end)) | (ended <= pd.Timestamp(ask.period.start))
    return ~absent.to_numpy()


def _average_deal_size(ask: Question) -> pd.DataFrame:
    """bookings / wins; Cox's interval around the plain mean (Zhou & Gao 1997)."""
    sums = won_amounts(ask)
    mean = sums["total"] / sums["n"].where(sums["n"] > 0)
    factor = skewed_mean_factor(sums["log_sd"].astype(float), sums["n"].astype(float), LEVEL)
    return answers(
        value=mean, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=mean / factor, high=mean * factor,
        index=sums.index,
    )  # fmt: skip


BOOKINGS = Metric(
    metric_id="bookings",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="0 is a value while the rep was there; no_exposure before the start or after the end",
    source="dbt_salesforce; winsabove.pages.dev",
    min_n=0,
    calculate=_bookings,
    observe=sold,
    fields=("amount",),
    roles=CLOSERS,
)
AVERAGE_DEAL_SIZE = Metric(
    metric_id="ads",
    version=1,
    unit="money",
    family="money",
    better="up",
    population="won deals with an amount above 0 in the base currency",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="no win: no_exposure; fewer than 5: below_min_n",
    source="own; interval: Zhou & Gao 1997",
    min_n=5,
    calculate=_average_deal_size,
    observe=sold,
    fields=("amount",),
    roles=CLOSERS,
)
