"""What was promised for the period, and how much of it is there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import rows_of, sold
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons
from salescoach.metrics.question import Question
from salescoach.metrics.size import booking_limits, won_amounts
from salescoach.metrics.tally import Rows
from salescoach.tables.data import SalesData

_EARLIEST_PACE = 0.05  # of the period's working time; before it, a pace says nothing


def quota_rows(data: SalesData, period: Period) -> Rows:
    """Quota rows that share a day with *period*, the newest statement of each, as ``owner_id``."""
    quotas = data.quotas[data.quotas["metric_id"] == "bookings"]
    same_money = quotas["currency"].isna() | (quotas["currency"] == data.currency)
    newest = quotas[same_money].sort_values("recorded_at", kind="stable")
    newest = newest.drop_duplicates(["rep_or_team", "period_start", "period_end"], keep="last")
    start, after = pd.Timestamp(period.start), pd.Timestamp(period.end)
    shared = newest[(newest["period_start"] < after) & (newest["period_end"] > start)]
    return rows_of(shared.rename(columns={"rep_or_team": "owner_id"}).reset_index(drop=True))


def effective_quota(data: SalesData, period: Period, owners: pd.Index) -> pd.Series:
    """Quota of each of *owners* for *period*, by the newest row known at ``as_of``; missing when there is none.

    A quota of a longer or shorter stretch counts with the share of its working days that lie in
    the period, and only if its rows cover the whole period: part of a target is not the target.
    """
    newest: pd.DataFrame = quota_rows(data, period).to_native()
    newest = newest[newest["owner_id"].isin(owners)]
    total = data.calendar.working_days(period.start, period.end)
    value = pd.Series(0.0, index=owners)
    covered = pd.Series(0.0, index=owners)
    for _, rows in newest.groupby(["period_start", "period_end"]):
        start, end = (pd.Timestamp(rows[name].iloc[0]).date() for name in ("period_start", "period_end"))
        shared = data.calendar.working_days(max(start, period.start), min(end, period.end))
        whole = data.calendar.working_days(start, end)
        if shared and whole:
            here = rows.set_index("owner_id")["value"]
            value[here.index] += here * shared / whole
            covered[here.index] += shared
    return value.where(np.isclose(covered, total))


def quota_of(ask: Question) -> pd.Series:
    """Effective quota of each group: its own where one was set, else those of its members added up."""
    own = effective_quota(ask.data, ask.period, ask.groups)
    if ask.by == "rep":
        return own
    members = effective_quota(ask.data, ask.period, ask.members.index)
    return own.fillna(ask.added(members))


def _quota(ask: Question) -> pd.DataFrame:
    """Sum of quota x working days shared with the period / working days of the quota."""
    quota = quota_of(ask)
    return answers(
        value=quota, n=quota.notna().astype(int), numerator=quota, denominator=np.nan,
        na_reason=reasons(quota.index, missing_field=quota.isna()), index=quota.index,
    )  # fmt: skip


def _share_of(ask: Question, part: float) -> pd.DataFrame:
    """Bookings over *part* of the quota."""
    sums = won_amounts(ask)
    target = quota_of(ask) * part
    target = target.where(target > 0)
    low, high = booking_limits(ask, sums)
    return answers(
        value=sums["total"] / target, n=sums["n"], numerator=sums["total"], denominator=target,
        low=low / target, high=high / target,
        na_reason=reasons(sums.index, not_applicable=target.isna(), no_exposure=~np.isfinite(high)),
        index=sums.index,
    )  # fmt: skip


def _attainment(ask: Question) -> pd.DataFrame:
    """bookings / effective quota."""
    return _share_of(ask, 1.0)


def _pace(ask: Question) -> pd.DataFrame:
    """bookings to date / (effective quota x elapsed share of the working days)."""
    elapsed = ask.data.calendar.elapsed(ask.period, ask.data.as_of).share
    rows = _share_of(ask, elapsed if elapsed > 0 else np.nan)
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
    value="quota",
    null_rule="no quota for the whole period: missing_field",
    source="growthbusinesstemplates; onebigtable.us",
    min_n=0,
    calculate=_quota,
    observe=quota_rows,
    estimate=False,
    tables=("quota",),
    roles=CLOSERS,
)
QUOTA_ATTAINMENT = Metric(
    metric_id="quota_attainment",
    version=1,
    unit="share",
    family="ratio",
    better="up",
    population="won deals with an amount in the base currency, over the effective quota",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="quota 0 or missing: not_applicable",
    source="petavue; altiorco",
    min_n=0,
    calculate=_attainment,
    observe=sold,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
)
ATTAINMENT_PACE = Metric(
    metric_id="attainment_pace",
    version=1,
    unit="ratio",
    better="up",
    population="bookings to date over the part of the effective quota due by now",
    time="due by now: share of the period's working days that has passed",
    value="amount",
    null_rule="less than 5 % of the period passed: below_min_n",
    min_n=0,
    calculate=_pace,
    observe=sold,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
)
