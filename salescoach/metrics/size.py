"""How much was won, and how large a won deal is."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.contract import LEVEL, Metric, answers, reasons
from salescoach.statistics import random_sum_limits, skewed_mean_factor, zero_count_limit
from salescoach.tables.data import SalesData


def won_amounts(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    """Per rep: ``total``, ``squares``, ``n``, ``log_sd`` of the known amounts won in *period*."""
    won = data.won_in(period)
    won = won[won["amount"] > 0]
    won = won.assign(log=np.log(won["amount"]), square=won["amount"] ** 2)
    # Sorted, so that adding up floats gives the same last digit whatever the order of the rows.
    ordered = won.sort_values(["owner_id", "amount", "deal_id"])
    sums = (
        nw.from_native(ordered)
        .group_by("owner_id")
        .agg(
            nw.col("amount").sum().alias("total"),
            nw.col("square").sum().alias("squares"),
            nw.len().alias("n"),
            nw.col("log").std(ddof=1).alias("log_sd"),
        )
        .to_native()
        .set_index("owner_id")
        .reindex(reps)
    )
    return sums.fillna({"total": 0.0, "squares": 0.0, "n": 0})


def booking_limits(data: SalesData, period: Period, sums: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Limits of the bookings that chance alone would let a rep like this have in *period*.

    Without a win the upper limit is the upper Poisson limit of no win times the organisation's
    average won amount in the period: unknown when nobody won anything.
    """
    low, high = random_sum_limits(sums["total"], sums["squares"], LEVEL)
    every = data.won_in(period)["amount"]
    average = float(every[every > 0].mean()) if (every > 0).any() else np.nan
    none = (sums["n"] == 0).to_numpy()
    return (
        pd.Series(np.where(none, 0.0, low), index=sums.index),
        pd.Series(np.where(none, zero_count_limit(LEVEL) * average, high), index=sums.index),
    )


def _bookings(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    sums = won_amounts(data, period, reps)
    low, high = booking_limits(data, period, sums)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan, low=low, high=high,
        na_reason=reasons(reps, no_exposure=~_selling_in(data, period, reps) | ~np.isfinite(high)), index=reps,
    )  # fmt: skip


def _selling_in(data: SalesData, period: Period, reps: pd.Index) -> npt.NDArray[np.bool_]:
    """Whether a rep was there for a day of *period*; unknown dates count as there."""
    people = data.reps.reindex(reps)
    started, ended = pd.to_datetime(people["start_date"]), pd.to_datetime(people["end_date"])
    absent = (started >= pd.Timestamp(period.end)) | (ended <= pd.Timestamp(period.start))
    return ~absent.to_numpy()


def _average_deal_size(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    sums = won_amounts(data, period, reps)
    mean = sums["total"] / sums["n"].where(sums["n"] > 0)
    factor = skewed_mean_factor(sums["log_sd"].astype(float), sums["n"].astype(float), LEVEL)
    return answers(
        value=mean, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=mean / factor, high=mean * factor,
        index=reps,
    )  # fmt: skip


BOOKINGS = Metric(
    metric_id="bookings",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount in the base currency",
    time="closed in the period; owner at close",
    min_n=0,
    calculate=_bookings,
    fields=("amount",),
)
AVERAGE_DEAL_SIZE = Metric(
    metric_id="ads",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount above 0 in the base currency",
    time="closed in the period; owner at close",
    min_n=5,
    calculate=_average_deal_size,
    fields=("amount",),
)
