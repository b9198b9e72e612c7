"""What is won for each hour, person and unit of money that selling takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import booked_by_credit, credited, remembered, sold
from salescoach.metrics.contract import CLOSERS, LEVEL, OPENERS, Metric, answers, reasons, warned
from salescoach.metrics.costs import lagged_cost
from salescoach.metrics.curves import everyone_by
from salescoach.metrics.events import during, human, months_worked, sellers_of
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.pipeline import qualified
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.quota import quota_rows
from salescoach.metrics.ratios import ratio_of_sums
from salescoach.metrics.size import booking_limits, unconverted, won_amounts
from salescoach.metrics.spread import costs_each, rates
from salescoach.metrics.tally import Rows, cells_of, rows_of
from salescoach.metrics.told import Told, beside, some
from salescoach.statistics import random_sum_limits
from salescoach.tables.data import SalesData

_CATEGORIES = ("selling", "sales_support", "internal", "travel", "other")
_MONTHS_A_YEAR = 12
_MEETINGS = ("meeting", "demo", "visit")


@remembered
def hours(data: SalesData, period: Period) -> Rows:
    """Hours of people who sell, by week and ``part`` (what they went into), for weeks that began in *period*."""
    rows = during(data, "time_use", "week_start", period).filter(col("rep_id").is_in(sellers_of(data)))
    return rows.with_columns(owner_id=col("rep_id"), part=col("category"))


def selling_hours(data: SalesData, period: Period) -> Rows:
    """The hours of :func:`hours` that were spent with customers."""
    return hours(data, period).filter(col("part") == "selling")


def margins(data: SalesData, period: Period) -> Rows:
    """Deals won in *period* whose cost of delivery is known, by credit; ``amount`` is the gross margin."""
    known = sold(data, period).filter(~col("cost").is_null())
    return credited(data, known.with_columns(amount=col("amount") - col("cost")))


def meetings(data: SalesData, period: Period) -> Rows:
    """Meetings, demos and visits held in *period*."""
    return human(data, period).filter(col("type").is_in(list(_MEETINGS)), col("outcome") == "held")


def _estimated(ask: Question) -> bool:
    rows = ask.once(hours).filter(col("method") == "survey")
    return ask.everybody.tally(rows).first("n") > 0


def _per_person(ask: Question, exposure: Numbers, scale: float) -> Told:
    """Bookings over an *exposure*, times *scale*, with the limits of the bookings."""
    sums = ask.shared(won_amounts)
    low, high = booking_limits(ask, sums)
    time = some(exposure)
    return answers(
        value=sums["total"] / time * scale, n=sums["n"], numerator=sums["total"], denominator=exposure,
        low=low / time * scale, high=high / time * scale,
        na_reason=reasons(sums.index, no_exposure=np.isnan(time) | ~np.isfinite(high)),
        warnings=warned(sums.index, unconverted=unconverted(ask)), index=sums.index,
    )  # fmt: skip


def _rev_per_rep(ask: Question) -> Told:
    """bookings / months of full time x 12; limits of the bookings (compound Poisson)."""
    return _per_person(ask, ask.added(ask.once(months_worked)), _MONTHS_A_YEAR)


def ramped_months(data: SalesData, period: Period) -> pd.Series:
    """:func:`months_worked`, each with the part of a full quota that was asked of the person; without a quota whole.

    The part is that of the quota rows of *period*, weighted with the days they share with it.
    """
    rows: pd.DataFrame = quota_rows(data, period).table()
    begin = rows["period_start_day"].clip(lower=period.first)
    days = rows["period_end_day"].clip(upper=period.after) - begin
    known = rows.assign(days=days.where(rows["ramp_pct"].notna(), 0.0), part=rows["ramp_pct"].astype(float) * days)
    sums = known.groupby("owner_id")[["days", "part"]].sum()
    months = months_worked(data, period)
    part = (sums["part"] / sums["days"].where(sums["days"] > 0)).reindex(months.index).fillna(1.0)
    return months * part


def _rev_per_ramped_rep(ask: Question) -> Told:
    """bookings / (months of full time x ramp) x 12; limits of the bookings (compound Poisson)."""
    return _per_person(ask, ask.added(ask.once(ramped_months)), _MONTHS_A_YEAR)


def _selling(ask: Question) -> Numbers:
    return ask.tally(ask.once(selling_hours), hours=col("hours"))["hours"]


def _rev_per_hour(ask: Question) -> Told:
    """bookings / selling hours; limits of the bookings (compound Poisson)."""
    found = _per_person(ask, _selling(ask), 1.0)
    return found.assign(warnings=warned(found.index, unconverted=unconverted(ask), hours_estimated=_estimated(ask)))


def _wins_per_hour(ask: Question) -> Told:
    """wins / selling hours; exact Poisson limits (Garwood 1936)."""
    wins, worked = ask.tally(ask.once(sold))["n"], _selling(ask)
    found = rates(ask.groups, wins, worked, warnings=warned(ask.groups, hours_estimated=_estimated(ask)))
    return found.assign(na_reason=reasons(found.index, no_exposure=worked <= 0))


def _time_share(ask: Question) -> Told:
    """hours of a kind / all hours; limits over weeks of people by the delta method."""
    rows = ask.once(hours)
    kinds: dict[str, Any] = {
        part: when(col("part") == part).then(col("hours")).otherwise(lit(0.0)) for part in _CATEGORIES
    }
    by_week = cells_of(rows, ["owner_id", "week_start_day"], **kinds)
    whole = np.sum([by_week[part] for part in _CATEGORIES], axis=0)
    weeks = rows_of(by_week.table().reset_index().assign(all=whole))
    every = col("all")
    estimated, found = _estimated(ask), {}
    for part in _CATEGORIES:
        top = col(part)
        sums = ask.tally(weeks, top=top, bottom=every, top2=top**2, bottom2=every**2, both=top * every)
        value, low, high = ratio_of_sums(sums)
        none = sums["top"] == 0
        found[part] = answers(
            value=value, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=np.where(none, 0.0, low),
            high=np.minimum(np.where(none, 1.0, high), 1.0),
            na_reason=reasons(sums.index, no_exposure=sums["bottom"] <= 0),
            warnings=warned(sums.index, hours_estimated=estimated), index=sums.index,
        )  # fmt: skip
    return beside(found, everyone_by(ask, _CATEGORIES))


def _costs(ask: Question, count: npt.NDArray[Any]) -> Told:
    cost = lagged_cost(ask)
    found = costs_each(ask.groups, cost, count, warnings=warned(ask.groups, cost_lagged=True))
    return found.assign(na_reason=reasons(found.index, missing_field=np.isnan(cost)))


def _cost_per_opp(ask: Question) -> Told:
    """cost one sales cycle before the period / opportunities created in it; exact Poisson limits of their number."""
    return _costs(ask, ask.tally(ask.once(qualified))["n"])


def _cost_per_win(ask: Question) -> Told:
    """cost one sales cycle before the period / wins in it; exact Poisson limits of their number."""
    return _costs(ask, ask.tally(ask.once(sold))["n"])


def _roi(ask: Question) -> Told:
    """gross margin of deals won / cost one sales cycle before; limits of a compound Poisson sum."""
    gain = col("amount")
    sums = ask.tally(ask.once(margins), total=gain, squares=gain**2)
    cost = lagged_cost(ask)
    spent = some(cost)
    low, high = random_sum_limits(np.maximum(sums["total"], 0.0), sums["squares"], LEVEL)
    vague = (sums["n"] > 0) & ~np.isfinite(low)
    return answers(
        value=sums["total"] / spent, n=sums["n"], numerator=sums["total"], denominator=cost, low=low / spent,
        high=high / spent, na_reason=reasons(sums.index, missing_field=np.isnan(spent), below_min_n=vague),
        warnings=warned(sums.index, cost_lagged=True, unconverted=unconverted(ask)), index=sums.index,
    )  # fmt: skip


def _activity_efficiency(ask: Question) -> Told:
    """opportunities created x 100 / human activities; exact Poisson limits of their number."""
    created, done = ask.tally(ask.once(qualified))["n"], ask.tally(ask.once(human))["n"]
    found = rates(ask.groups, created, done, scale=100.0)
    return found.assign(na_reason=reasons(found.index, no_exposure=done == 0))


def _bookings_per_meeting(ask: Question) -> Told:
    """bookings / meetings held; limits of the bookings (compound Poisson)."""
    return _per_person(ask, ask.tally(ask.once(meetings))["n"], 1.0)


_HOURS_NULL = "no hours recorded: missing_field; none in the period: no_exposure"
_COST_NULL = (
    "no cost of the rep, or fewer than 5 wins to know the cycle from: missing_field; nothing counted: no_exposure"
)
REV_PER_REP = Metric(
    metric_id="rev_per_rep",
    version=1,
    unit="money",
    better="up",
    population="bookings of people who sell, over their months of full time",
    time="won in the period; months up to as_of, without leave",
    value="amount by credit, times 12",
    exclusions="cancelled, deleted and merged deals; empty and unconverted amounts",
    null_rule="no working day: no_exposure",
    min_n=0,
    calculate=_rev_per_rep,
    observe=booked_by_credit,
    roles=CLOSERS,
)
REV_PER_RAMPED_REP = replace(
    REV_PER_REP,
    metric_id="rev_per_ramped_rep",
    population="bookings of people who sell, over their months of full time, a month of ramp counting in part",
    value="amount by credit, times 12; months weighted with the ramp that the quota states",
    null_rule="no working day: no_exposure; no quota table: missing_field",
    calculate=_rev_per_ramped_rep,
    tables=("quota",),
    fields=("amount",),
)
REV_PER_HOUR = replace(
    REV_PER_REP,
    metric_id="rev_per_selling_hour",
    population="bookings, over hours spent with customers",
    time="won in the period; weeks that began in it",
    value="amount by credit",
    null_rule=_HOURS_NULL,
    calculate=_rev_per_hour,
    tables=("time_use",),
)
WINS_PER_HOUR = Metric(
    metric_id="wins_per_selling_hour",
    version=1,
    unit="rate",
    better="up",
    population="won deals with an amount, over hours spent with customers",
    time="won in the period; weeks that began in it",
    null_rule=_HOURS_NULL,
    min_n=0,
    calculate=_wins_per_hour,
    observe=sold,
    family="rate",
    tables=("time_use",),
    roles=CLOSERS,
)
TIME_SHARE = Metric(
    metric_id="selling_time_share",
    version=1,
    unit="share",
    better="up",
    population="hours of people who sell, by what they went into; selling = with customers",
    time="weeks that began in the period",
    value="hours",
    exclusions="hours of people who do not sell",
    null_rule="no hours recorded: missing_field; fewer than 4 weeks: below_min_n",
    source="own; Proudfoot 2005, CSO 2011 for what the list of kinds does to the number",
    min_n=4,
    calculate=_time_share,
    observe=hours,
    tables=("time_use",),
    roles=(*OPENERS, "CSM"),
)
COST_PER_OPP = Metric(
    metric_id="cost_per_opp",
    version=1,
    unit="money",
    better="down",
    population="deals entering their first qualified stage; cost booked on the rep, the team, or the organisation",
    time="entered in the period; cost one usual sales cycle earlier",
    value="cost in base currency",
    null_rule=_COST_NULL,
    min_n=1,
    calculate=_cost_per_opp,
    observe=qualified,
    tables=("cost",),
    roles=OPENERS,
    pooled=True,
)
COST_PER_WIN = replace(
    COST_PER_OPP,
    metric_id="cost_per_win",
    population="won deals with an amount; cost booked on the rep, the team, or the organisation",
    time="won in the period; cost one usual sales cycle earlier",
    calculate=_cost_per_win,
    observe=sold,
    roles=CLOSERS,
)
ROI = replace(
    COST_PER_WIN,
    metric_id="rep_roi",
    unit="times",
    better="up",
    population="won deals whose cost of delivery is known; cost booked on the rep, the team, or the organisation",
    value="amount less cost of delivery, by credit",
    calculate=_roi,
    observe=margins,
    fields=("cost",),
)
ACTIVITY_EFFICIENCY = Metric(
    metric_id="activity_efficiency",
    version=1,
    unit="rate",
    better="up",
    population="deals entering their first qualified stage, over human activities",
    time="entered, and held, in the period",
    value="100 per activity",
    exclusions="automatic activities; cancelled deals",
    null_rule="no activity: no_exposure",
    min_n=0,
    calculate=_activity_efficiency,
    observe=qualified,
    tables=("activity",),
    roles=OPENERS,
)
BOOKINGS_PER_MEETING = replace(
    REV_PER_REP,
    metric_id="bookings_per_meeting",
    population="bookings, over meetings, demos and visits held",
    time="won, and held, in the period",
    value="amount by credit",
    null_rule="no meeting: no_exposure",
    calculate=_bookings_per_meeting,
    tables=("activity",),
)
METRICS = (
    REV_PER_REP, REV_PER_RAMPED_REP, REV_PER_HOUR, WINS_PER_HOUR, TIME_SHARE, COST_PER_OPP, COST_PER_WIN, ROI,
    ACTIVITY_EFFICIENCY, BOOKINGS_PER_MEETING,
)  # fmt: skip
