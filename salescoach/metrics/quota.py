"""What was promised for the period, and how much of it is there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.contract import Metric, answers, reasons
from salescoach.metrics.size import booking_limits, won_amounts
from salescoach.tables.data import SalesData

_EARLIEST_PACE = 0.05  # of the period's working time; before it, a pace says nothing


def effective_quota(data: SalesData, period: Period, reps: pd.Index) -> pd.Series:
    """Quota of each rep for *period*, by the newest row known at ``as_of``; missing when there is none.

    A quota of a longer or shorter stretch counts with the share of its working days that lie in
    the period, and only if its rows cover the whole period: part of a target is not the target.
    """
    quotas = data.quotas[(data.quotas["metric_id"] == "bookings") & data.quotas["rep_or_team"].isin(reps)]
    same_money = quotas["currency"].isna() | (quotas["currency"] == data.currency)
    newest = quotas[same_money].sort_values("recorded_at", kind="stable")
    newest = newest.drop_duplicates(["rep_or_team", "period_start", "period_end"], keep="last")
    total = data.calendar.working_days(period.start, period.end)
    value = pd.Series(0.0, index=reps)
    covered = pd.Series(0.0, index=reps)
    for row in newest.to_dict("records"):
        start, end = row["period_start"].date(), row["period_end"].date()
        shared = data.calendar.working_days(max(start, period.start), min(end, period.end))
        whole = data.calendar.working_days(start, end)
        if shared and whole:
            value[row["rep_or_team"]] += row["value"] * shared / whole
            covered[row["rep_or_team"]] += shared
    return value.where(np.isclose(covered, total))


def _quota(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    quota = effective_quota(data, period, reps)
    return answers(
        value=quota, n=quota.notna().astype(int), numerator=quota, denominator=np.nan,
        na_reason=reasons(reps, missing_field=quota.isna()), index=reps,
    )  # fmt: skip


def _share_of(data: SalesData, period: Period, reps: pd.Index, part: float) -> pd.DataFrame:
    """Bookings over *part* of the quota."""
    sums = won_amounts(data, period, reps)
    target = effective_quota(data, period, reps) * part
    target = target.where(target > 0)
    low, high = booking_limits(data, period, sums)
    return answers(
        value=sums["total"] / target, n=sums["n"], numerator=sums["total"], denominator=target,
        low=low / target, high=high / target,
        na_reason=reasons(reps, not_applicable=target.isna(), no_exposure=~np.isfinite(high)),
        index=reps,
    )  # fmt: skip


def _attainment(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    return _share_of(data, period, reps, 1.0)


def _pace(data: SalesData, period: Period, reps: pd.Index) -> pd.DataFrame:
    elapsed = data.calendar.elapsed(period, data.as_of).share
    rows = _share_of(data, period, reps, elapsed if elapsed > 0 else np.nan)
    if elapsed < _EARLIEST_PACE:
        rows["na_reason"] = rows["na_reason"].where(rows["na_reason"] == "not_applicable", "below_min_n")
    return rows


EFFECTIVE_QUOTA = Metric(
    metric_id="effective_quota",
    version=1,
    unit="money",
    better="context",
    population="quota rows for bookings, the newest recorded at as_of",
    time="share of their working days that lies in the period",
    min_n=0,
    calculate=_quota,
    estimate=False,
    tables=("quota",),
)
QUOTA_ATTAINMENT = Metric(
    metric_id="quota_attainment",
    version=1,
    unit="share",
    better="up",
    population="won deals with an amount in the base currency, over the effective quota",
    time="closed in the period; owner at close",
    min_n=0,
    calculate=_attainment,
    tables=("quota",),
    fields=("amount",),
)
ATTAINMENT_PACE = Metric(
    metric_id="attainment_pace",
    version=1,
    unit="ratio",
    better="up",
    population="bookings to date over the part of the effective quota due by now",
    time="due by now: share of the period's working days that has passed",
    min_n=0,
    calculate=_pace,
    tables=("quota",),
    fields=("amount",),
)
