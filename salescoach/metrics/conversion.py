"""How many of the decided deals were won."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.contract import LEVEL, Metric, answers
from salescoach.statistics import wilson
from salescoach.tables.data import SalesData


def won_and_closed(deals: pd.DataFrame, by: str = "owner_id") -> pd.DataFrame:
    """Counts ``won`` and ``closed`` per value of *by*, of deals that are all won or lost.

    >>> won_and_closed(pd.DataFrame({"owner_id": ["a", "a", "b"], "status": ["won", "lost", "won"]}))
              won  closed
    owner_id
    a           1       2
    b           1       1
    """
    counted = (
        nw.from_native(deals)
        .with_columns((nw.col("status") == "won").cast(nw.Int64).alias("won"))
        .group_by(by)
        .agg(nw.col("won").sum(), nw.len().alias("closed"))
        .sort(by)
        .to_native()
    )
    return counted.set_index(by).astype(int)


def _win_rate(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    counts = won_and_closed(data.closed_in(period)).reindex(reps, fill_value=0)
    won, closed = counts["won"], counts["closed"]
    low, high = wilson(won, closed, LEVEL)
    return answers(
        value=won / closed.where(closed > 0),
        n=closed,
        numerator=won,
        denominator=closed,
        low=low,
        high=high,
        index=reps,
    )


WIN_RATE = Metric(
    metric_id="win_rate_count",
    version=1,
    unit="share",
    better="up",
    population="deals won or lost, without cancelled ones and those closed on the day they were created",
    time="closed in the period; owner at close",
    min_n=5,
    calculate=_win_rate,
)
