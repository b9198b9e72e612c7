"""What was promised for the period, and how much of it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from salescoach.calendar import Period, date_numbers, day_number
from salescoach.metrics.cases import booked_by_credit, remembered
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons, warned
from salescoach.metrics.curves import everyone_by
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.ratios import share
from salescoach.metrics.size import booking_limits, unconverted, won_amounts
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told, beside, some
from salescoach.tables.data import SalesData

_EARLIEST_PACE = 0.05  # of the period's working time; before it, a pace says nothing
_FEWEST_REPS = 5
_WHO = ("all", "ramped")
_QUOTA = ["rep_or_team", "period_start", "period_end"]


@remembered
def quota_rows(data: SalesData, period: Period) -> Rows:
    """Quota rows that share a day with *period*, the newest statement of each; ``stated`` counts the statements."""
    return _stated(data, period, "last")


@remembered
def first_quota_rows(data: SalesData, period: Period) -> Rows:
    """The same, each as it was stated first."""
    return _stated(data, period, "first")


def _stated(data: SalesData, period: Period, which: Literal["first", "last"]) -> Rows:
    stated = data.once("quotas as stated", lambda: _in_money(data))
    start, after = pd.Timestamp(period.start), pd.Timestamp(period.end)
    shared = stated[(stated["period_start"] < after) & (stated["period_end"] > start)]
    once = not shared.duplicated(_QUOTA).any()  # the usual case, told without groups
    counted = shared["value"].notna() if once else shared.groupby(_QUOTA)["value"].transform("nunique")
    shared = shared.assign(stated=counted.astype(np.int64))
    return rows_of(shared.drop_duplicates(_QUOTA, keep=which).rename(columns={"rep_or_team": "owner_id"}))


def _in_money(data: SalesData) -> pd.DataFrame:
    """Quotas of bookings in the organisation's currency, in the order in which they were stated."""
    quotas = data.quotas[data.quotas["metric_id"] == "bookings"]
    same_money = quotas["currency"].isna() | (quotas["currency"] == data.currency)
    return quotas[same_money].sort_values("recorded_at", kind="stable").reset_index(drop=True)


def effective_quota(
    data: SalesData, period: Period, owners: pd.Index, stated: Callable[[SalesData, Period], Rows] = quota_rows
) -> pd.Series:
    """Quota of each of *owners* for *period*, by the newest row known at ``as_of``; missing when there is none.

    With *stated* by the rows that it finds.

    A quota of a longer or shorter stretch counts with the share of its working days that lie in the period, and
    only if its rows cover the whole period: part of a target is not the target. Days of leave, and days before the
    first or after the last day of somebody's work, are taken off; ramp is already inside the quota (``ramp_pct``).
    """
    known: pd.DataFrame = stated(data, period).table()
    total = data.calendar.working_days(period.start, period.end)
    value, covered = np.zeros(len(owners)), np.zeros(len(owners))
    for _, rows in known.groupby(["period_start", "period_end"]):
        start, end = (pd.Timestamp(rows[name].iloc[0]).date() for name in ("period_start", "period_end"))
        stretch = max(start, period.start), min(end, period.end)
        shared, whole = data.calendar.working_days(*stretch), data.calendar.working_days(start, end)
        if shared and whole:
            place, asked = owners.get_indexer(pd.Index(rows["owner_id"])), rows["value"].to_numpy(dtype=np.float64)
            mine, here = place >= 0, place[place >= 0]
            away = days_away(data, owners, *stretch)[here]
            value[here] += asked[mine] * np.maximum(shared - away, 0.0) / whole
            covered[here] += shared
    return pd.Series(np.where(np.isclose(covered, total), value, np.nan), index=owners)


def days_away(data: SalesData, owners: pd.Index, start: date, end: date) -> Numbers:
    """Working days from *start* up to *end* on which each of *owners* was not at work, as far as known at ``as_of``."""
    first, after = day_number(start), day_number(end)
    upto = np.concatenate([[0.0], np.cumsum(data.calendar.working_time(start, end))])
    leave, people = data.table("leave"), data.reps.index
    begun, ended = date_numbers(data.reps["start_date"]), date_numbers(data.reps["end_date"])
    work = owners.get_indexer(people)
    who = np.concatenate([owners.get_indexer(pd.Index(leave["rep_id"])), work, work])
    gone = np.concatenate([leave["from_day"], np.where(begun.isna(), after, first), ended.fillna(after)])
    back = np.concatenate([leave["to_day"], begun.fillna(first), np.full(len(people), after)])
    left, returned = (np.clip(days, first, after).astype(np.int64) - first for days in (gone, back))
    days = np.where(left < returned, upto[returned] - upto[left], 0.0)
    return np.bincount(who[who >= 0], days[who >= 0], minlength=len(owners)).astype(np.float64)


def quota_of(ask: Question) -> Numbers:
    """Effective quota of each group: its own where one was set, else those of its members added up."""
    return _of_groups(ask, quota_rows)


def first_quota_of(ask: Question) -> Numbers:
    """The same, by what was stated first."""
    return _of_groups(ask, first_quota_rows)


def _of_groups(ask: Question, stated: Callable[[SalesData, Period], Rows]) -> Numbers:
    own: Numbers = effective_quota(ask.data, ask.period, ask.groups, stated).to_numpy()
    if ask.by == "rep":
        return own
    members = effective_quota(ask.data, ask.period, ask.members.index, stated)
    return np.where(np.isnan(own), ask.added(members), own)


def _quota(ask: Question) -> Told:
    """Sum of quota x active working days shared with the period / working days of the quota."""
    quota = ask.shared(quota_of)
    changed = ask.tally(ask.once(quota_rows), changed=col("stated") > 1)["changed"] > 0
    return answers(
        value=quota, n=~np.isnan(quota), numerator=quota, denominator=np.nan,
        na_reason=reasons(ask.groups, missing_field=np.isnan(quota)),
        warnings=warned(ask.groups, quota_changed=changed), index=ask.groups,
    )  # fmt: skip


def _share_of(ask: Question, part: float) -> Told:
    """Bookings over *part* of the quota."""
    sums = ask.shared(won_amounts)
    target = some(ask.shared(quota_of) * part)
    low, high = booking_limits(ask, sums)
    return answers(
        value=sums["total"] / target, n=sums["n"], numerator=sums["total"], denominator=target,
        low=low / target, high=high / target,
        na_reason=reasons(sums.index, not_applicable=np.isnan(target), no_exposure=~np.isfinite(high)),
        warnings=warned(sums.index, unconverted=unconverted(ask)), index=sums.index,
    )  # fmt: skip


def _attainment(ask: Question) -> Told:
    """bookings / effective quota."""
    return _share_of(ask, 1.0)


def _pace(ask: Question) -> Told:
    """bookings to date / (effective quota x elapsed share of the working days)."""
    elapsed = ask.data.elapsed(ask.period).share
    rows = _share_of(ask, elapsed if elapsed > 0 else np.nan)
    if elapsed < _EARLIEST_PACE:
        early = np.where(rows["na_reason"] == "not_applicable", "not_applicable", "below_min_n")
        rows = rows.assign(na_reason=early.astype(object))
    plain = ask.data.season is None
    return rows.assign(warnings=warned(rows.index, unconverted=unconverted(ask), working_days_only=plain))


def _run_rate(ask: Question) -> Told:
    """(effective quota - bookings) / working days left."""
    elapsed = ask.data.elapsed(ask.period)
    left = elapsed.total - elapsed.done
    sums, quota = ask.shared(won_amounts), ask.shared(quota_of)
    missing = quota - sums["total"]
    reason = reasons(sums.index, not_applicable=~(quota > 0) | (left <= 0), met=missing <= 0)
    return answers(
        value=missing / (left if left > 0 else np.nan), n=sums["n"], numerator=missing, denominator=left,
        na_reason=reason,
        warnings=warned(sums.index, unconverted=unconverted(ask), working_days_only=ask.data.season is None),
        index=sums.index,
    )  # fmt: skip


def attained(data: SalesData, period: Period) -> Rows:
    """Sellers with a quota for *period*, a row each: ``owner_id``, ``bookings``, ``quota``, ``reached``, ``ramped``."""
    ask = Question.about(data, period)
    quota = ask.shared(quota_of)
    found = pd.DataFrame({"owner_id": ask.groups, "bookings": ask.shared(won_amounts)["total"], "quota": quota})
    found = found[quota > 0].reset_index(drop=True)
    ramped = ~found["owner_id"].isin(data.ramping(period))
    return rows_of(found.assign(reached=found["bookings"] >= found["quota"], ramped=ramped))


def _reps_at_quota(ask: Question) -> Told:
    """reps with attainment of at least 1 / reps with a quota, Wilson (1927); all, and those who know their job."""
    rows, found = ask.once(attained), {}
    for part, chosen in zip(_WHO, (rows, rows.filter(col("ramped"))), strict=True):
        counts = ask.tally(chosen, reached=col("reached"))
        found[part] = share(ask.groups, counts["reached"], counts["n"])
    return beside(found, everyone_by(ask, _WHO))


EFFECTIVE_QUOTA = Metric(
    metric_id="effective_quota",
    version=2,
    unit="money",
    better="context",
    population="quota rows for bookings, the newest recorded at as_of",
    time="share of their working days that lies in the period, without days away",
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
    version=2,
    unit="share",
    family="ratio",
    better="up",
    population="won deals with an amount in the base currency, by credit, over the effective quota",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="quota 0 or missing: not_applicable",
    source="petavue; altiorco",
    min_n=0,
    calculate=_attainment,
    observe=booked_by_credit,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
)
ATTAINMENT_PACE = Metric(
    metric_id="attainment_pace",
    version=2,
    unit="ratio",
    better="up",
    population="bookings to date over the part of the effective quota due by now",
    time="due by now: share of the period's working days that has passed",
    value="amount",
    null_rule="less than 5 % of the period passed: below_min_n",
    min_n=0,
    calculate=_pace,
    observe=booked_by_credit,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
)
REQUIRED_RUN_RATE = Metric(
    metric_id="required_run_rate",
    version=1,
    unit="money_per_day",
    better="down",
    population="what is missing to the effective quota, over the working days left",
    time="state at as_of",
    value="amount",
    null_rule="quota reached: met; no quota or no working day left: not_applicable",
    min_n=0,
    calculate=_run_rate,
    observe=booked_by_credit,
    estimate=False,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
)
REPS_AT_QUOTA = Metric(
    metric_id="reps_at_quota",
    version=2,  # those who know their job also apart; version 1 had all together only
    unit="share",
    better="up",
    population="sellers with an effective quota above 0; ramped = who had sold for long enough to know the job",
    time="closed in the period; owner at close",
    value="1 if bookings reach the quota",
    null_rule="fewer than 5 such reps: below_min_n",
    source="State of Sales; Ebsta",
    min_n=_FEWEST_REPS,
    calculate=_reps_at_quota,
    observe=attained,
    tables=("quota",),
    fields=("amount",),
    scopes=("team", "all"),
)
METRICS = (EFFECTIVE_QUOTA, QUOTA_ATTAINMENT, ATTAINMENT_PACE, REQUIRED_RUN_RATE, REPS_AT_QUOTA)
