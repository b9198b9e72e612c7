"""How long deals take, those still running included."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.contract import LEVEL, Metric
from salescoach.statistics import kaplan_meier
from salescoach.tables.data import SalesData


def ages_in(data: SalesData, period: Period) -> pd.DataFrame:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``.

    A deal that began before the period enters at the age it then had, so it says nothing about
    younger ages; one still open when the period or the known data end is right-censored there.
    """
    deals = data.deals
    stop = min(period.after, day_number(data.as_of) + 1)
    watched = deals[
        deals["started"].notna()
        & (deals["started"] < stop)
        & (deals["closed"].fillna(np.inf) >= period.first)
        & deals["status"].isin(("open", "won", "lost"))
        & ~deals["born_closed"]
    ]
    ended = watched["closed"] < stop
    leave = np.minimum(watched["closed"].fillna(np.inf), stop)
    return watched.assign(
        entry=np.maximum(period.first - watched["started"], 0) - 0.5,  # watched from the morning of that day
        exit=leave - watched["started"],
        ended=ended,
    )[["deal_id", "owner_id", "segment", "entry", "exit", "ended"]]


def _time_to_resolution(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    ages = ages_in(data, period)
    groups = dict(list(ages.groupby("owner_id")))
    rows = []
    for rep in reps:
        mine = groups.get(rep, ages.iloc[:0])
        events = int(mine["ended"].sum())
        median, low, high = kaplan_meier(mine["exit"], mine["ended"], mine["entry"], level=LEVEL).median()
        reached = np.isfinite([median, low, high]).all()
        rows.append((median, events, events, len(mine), low, high, None if reached or events < 5 else "not_reached"))
    columns = ["value", "n", "numerator", "denominator", "low", "high", "na_reason"]
    return pd.DataFrame(rows, columns=columns, index=reps)


CYCLE_RESOLUTION = Metric(
    metric_id="cycle_resolution",
    version=1,
    unit="days",
    better="down",
    population="deals open for at least a day of the period; won or lost ends one, still open is right-censored",
    time="days from the first qualified stage (creation when unknown), watched during the period",
    min_n=5,
    calculate=_time_to_resolution,
    fields=("started",),
)
