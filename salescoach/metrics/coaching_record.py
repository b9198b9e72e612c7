"""Whether coaching happens: meetings held, actions closed, feedback given soon, goals under way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics import conversion, pipeline, quota, size, speed
from salescoach.metrics.contract import Metric, answers, reasons
from salescoach.metrics.curves import median_of
from salescoach.metrics.events import COACHES, during, each, happened
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told, below, in_order, some
from salescoach.tables.data import SalesData

GOAL_METRICS = {
    metric.metric_id: metric
    for theme in (size, quota, pipeline, conversion, speed)
    for metric in theme.METRICS
    if metric.estimate and "rep" in metric.scopes
}
"""Metrics that a goal may be bound to: one number for a stretch of time, without parts."""

_SECONDS_AN_HOUR = 3600.0
_A_YEAR = 365
_STILL_OPEN = ("open", "in_progress")
_ALIASES = {"win_rate": "win_rate_count"}
_OPEN_GOALS = ("proposed", "signed", "met", "missed")


def planned(data: SalesData, period: Period) -> Rows:
    """One-on-ones that were planned for *period* up to ``as_of``; ``event`` = held; the coach is ``owner_id``."""
    rows = during(data, "one_on_one", "planned_at", period).table()
    rows = rows[rows["status"] != "planned"]
    return rows_of(rows.assign(event=rows["status"] == "held", owner_id=rows["coach_id"]).reset_index(drop=True))


def held(data: SalesData, period: Period) -> Rows:
    """One-on-ones held in *period*: ``hours`` each; the coach is ``owner_id``."""
    rows = during(data, "one_on_one", "held_at", period).table()
    rows = rows[rows["status"] == "held"]
    hours = rows["duration_s"].astype(float) / _SECONDS_AN_HOUR
    return rows_of(rows.assign(hours=hours, owner_id=rows["coach_id"]).reset_index(drop=True))


def since_last(data: SalesData, period: Period) -> Rows:
    """People whom a coach has met in the year up to ``as_of`` and who are still there: ``days`` since the last time.

    *period* does not matter.
    """
    today = day_number(data.as_of)
    rows = each(data, "one_on_one")
    rows = rows[(rows["status"] == "held") & rows["held_at_day"].between(today - _A_YEAR, today)]
    last = rows.groupby(["coach_id", "rep_id"])["held_at_day"].max().reset_index()
    left = pd.to_datetime(data.reps["end_date"]) <= pd.Timestamp(data.as_of)
    last = last[~last["rep_id"].isin(left.index[left])]
    return rows_of(
        last.assign(days=float(today) - last["held_at_day"], owner_id=last["coach_id"]).reset_index(drop=True)
    )


def open_actions(data: SalesData, period: Period) -> Rows:
    """Actions that were promised and not done or dropped by ``as_of``, with their ``age``; *period* does not matter."""
    today = day_number(data.as_of)
    rows = each(data, "action_item")
    rows = rows[(rows["created_at_day"] <= today) & ~(happened(rows, "closed_at", today) <= today)]
    still = rows["status"].isin(_STILL_OPEN) | (rows["closed_at_day"] > today)
    rows = rows[still]
    return rows_of(rows.assign(age=float(today) - rows["created_at_day"]).reset_index(drop=True))


def due_actions(data: SalesData, period: Period) -> Rows:
    """Actions that were due in *period*; ``event`` = done by then. Dropped ones are left out."""
    rows = during(data, "action_item", "due", period).table()
    rows = rows[rows["status"] != "dropped"]
    done = (happened(rows, "closed_at", day_number(data.as_of)) <= rows["due_day"]) & (rows["status"] == "done")
    return rows_of(rows.assign(event=done).reset_index(drop=True))


def feedback_given(data: SalesData, period: Period) -> Rows:
    """Feedback given in *period* about an event of a known day: ``days`` between; the author is ``owner_id``."""
    rows = during(data, "feedback", "given_at", period).table()
    days = rows["given_at_day"] - rows["about_event_at_day"]
    table = rows.assign(days=days, owner_id=rows["author_id"])
    return rows_of(table[days >= 0].reset_index(drop=True))


def goals(data: SalesData, period: Period) -> Rows:
    """Goals that run during *period*, in their newest version, the one due last for each person and metric.

    Only goals with a starting value and a number that can be computed; ``part`` is the metric.
    """
    rows = data.table("goal").drop_duplicates(["goal_id", "version"])
    newest = rows.sort_values(["goal_id", "version"], kind="stable").drop_duplicates("goal_id", keep="last")
    metric = newest["metric_id"].replace(_ALIASES)
    running = (newest["start_day"] < period.after) & (newest["due_day"] >= period.first)
    begun = newest["start_day"] <= day_number(data.as_of)
    apart = newest["baseline"].notna() & (newest["baseline"] != newest["target"])
    chosen = newest[running & begun & apart & metric.isin(list(GOAL_METRICS)) & newest["status"].isin(_OPEN_GOALS)]
    chosen = chosen.assign(part=metric).sort_values(["due_day", "goal_id"], kind="stable")
    return rows_of(chosen.drop_duplicates(["owner_id", "part"], keep="last").reset_index(drop=True))


def _cadence(ask: Question) -> Told:
    """held / planned; Wilson's interval."""
    sums = ask.tally(ask.once(planned), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _closure(ask: Question) -> Told:
    """done by the day they were due / due; Wilson's interval."""
    sums = ask.tally(ask.once(due_actions), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _timeliness(ask: Question) -> Told:
    """Median days from the event to the feedback; limits by order statistics."""
    found = median_of(ask, ask.once(feedback_given), "days")
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"], low=found["low"],
        high=found["high"], index=found.index,
    )  # fmt: skip


def _hours(ask: Question) -> Told:
    """hours of one-on-ones held / people met in them."""
    rows = ask.once(held)
    sums = ask.tally(rows, hours=col("hours"), known=~col("hours").is_null())
    people = np.bincount(ask.cells(rows, "rep_id").codes[0], minlength=len(ask.groups))
    unsaid = (sums["n"] > 0) & (sums["known"] < sums["n"])
    return answers(
        value=sums["hours"] / some(people), n=sums["n"], numerator=sums["hours"], denominator=people,
        na_reason=reasons(sums.index, missing_field=unsaid), index=sums.index,
    )  # fmt: skip


def _middle(ask: Question, rows: Rows, value: str) -> Told:
    """Exact median of *value*, for a state of today."""
    found = median_of(ask, rows, value)
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"],
        na_reason=reasons(found.index, not_applicable=ask.over), index=found.index,
    )  # fmt: skip


def _gap(ask: Question) -> Told:
    """Median over people of as_of - day of their last one-on-one."""
    return _middle(ask, ask.once(since_last), "days")


def _open_age(ask: Question) -> Told:
    """Median of as_of - day of the promise over open actions."""
    return _middle(ask, ask.once(open_actions), "age")


def _progress(ask: Question) -> Told:
    """(value - baseline) / (target - baseline); limits are those of the metric, moved the same way."""
    running: pd.DataFrame = ask.once(goals).table()
    running = running[running["owner_id"].isin(ask.groups)]
    found = []
    for (metric_id, _, _), mine in running.groupby(["part", "start", "due"]):
        first, last = (mine[name].iloc[0].date() for name in ("start", "due"))
        rows = _values(ask, str(metric_id), first, last, mine["owner_id"])
        way = (mine["target"] - mine["baseline"]).to_numpy(dtype=float)
        ends = [(rows[name].to_numpy(dtype=float) - mine["baseline"].to_numpy()) / way for name in ("low", "high")]
        value = (rows["value"].to_numpy(dtype=float) - mine["baseline"].to_numpy()) / way
        table = answers(
            value=value, n=rows["n"].to_numpy(), numerator=value * way, denominator=way, low=np.minimum(*ends),
            high=np.maximum(*ends), na_reason=rows["na_reason"].to_numpy(),
            index=pd.MultiIndex.from_arrays([mine["owner_id"], mine["part"]], names=[ask.groups.name, "part"]),
        )  # fmt: skip
        found.append(table)
    without = ask.groups.difference(pd.Index(running["owner_id"].unique()))
    index = pd.MultiIndex.from_product([without, [""]], names=[ask.groups.name, "part"])
    nothing = answers(
        value=np.nan, n=0, numerator=np.nan, denominator=np.nan, na_reason=reasons(index, no_exposure=True), index=index
    )  # fmt: skip
    return in_order(below([*found, nothing]))


def _values(ask: Question, metric_id: str, start: date, due: date, people: pd.Series) -> pd.DataFrame:
    """The metric of *people* from the first to the last day of a goal, as known at ``as_of``."""
    span = Period(f"{start} … {due}", start, (pd.Timestamp(due) + pd.Timedelta(days=1)).date())
    rows: pd.DataFrame = GOAL_METRICS[metric_id].answer(Question.about(ask.data, span, "rep", list(people)))
    return rows


CADENCE = Metric(
    metric_id="coaching_cadence",
    version=1,
    unit="share",
    better="up",
    population="one-on-ones that a coach had planned; a number of the coach, not of the rep",
    time="planned for the period, up to as_of",
    value="1 if held",
    exclusions="meetings that still lie ahead",
    null_rule="nothing planned: no_exposure",
    source="Ambition cadences",
    min_n=1,
    calculate=_cadence,
    observe=planned,
    tables=("one_on_one",),
    roles=COACHES,
)
GAP = replace(
    CADENCE,
    metric_id="coaching_gap",
    unit="days",
    better="down",
    population="people whom the coach has met in the last 12 months; a number of the coach, not of the rep",
    time="state at as_of; days since the last one-on-one that was held",
    value="days",
    exclusions="people who have left",
    null_rule="nobody met in 12 months: no_exposure; period over: not_applicable",
    source="own",
    calculate=_gap,
    observe=since_last,
    estimate=False,
)
HOURS = replace(
    CADENCE,
    metric_id="coaching_hours",
    unit="rate",
    better="context",
    population="one-on-ones held, over the people met in them; a number of the coach, not of the rep",
    time="held in the period, up to as_of",
    value="hours; 1 per person",
    exclusions="meetings that were not held",
    null_rule="none held: no_exposure; the length of a meeting is not recorded: missing_field",
    source="own",
    calculate=_hours,
    observe=held,
    estimate=False,
)
CLOSURE = Metric(
    metric_id="action_closure",
    version=1,
    unit="share",
    better="up",
    population="actions that were agreed",
    time="due in the period, up to as_of",
    value="1 if done by the day it was due",
    exclusions="dropped actions; those without a day",
    null_rule="nothing due: no_exposure",
    min_n=1,
    calculate=_closure,
    observe=due_actions,
    tables=("action_item",),
)
OPEN_AGE = replace(
    CLOSURE,
    metric_id="action_open_age",
    unit="days",
    better="down",
    population="actions that were agreed and are neither done nor dropped",
    time="state at as_of; days since the promise",
    value="days",
    exclusions="actions done or dropped by then",
    null_rule="none open: no_exposure; period over: not_applicable",
    calculate=_open_age,
    observe=open_actions,
    estimate=False,
)
TIMELINESS = Metric(
    metric_id="feedback_timeliness",
    version=1,
    unit="days",
    better="down",
    population="feedback about an event of a known day; a number of the author, not of the rep",
    time="given in the period",
    value="days from the event to the feedback",
    exclusions="feedback without an event",
    null_rule="none given: no_exposure",
    min_n=1,
    calculate=_timeliness,
    observe=feedback_given,
    tables=("feedback",),
    roles=COACHES,
)
PROGRESS = Metric(
    metric_id="goal_progress",
    version=1,
    unit="share",
    better="up",
    population="goals bound to a metric, in their newest version; the one due last for each metric",
    time="running during the period; from the goal's first day to as_of",
    value="way from the starting value to the target",
    exclusions="drafts, dropped goals, and goals without a starting value",
    null_rule="no goal: no_exposure; the metric has no answer: its reason",
    min_n=0,
    calculate=_progress,
    observe=goals,
    tables=("goal",),
    scopes=("rep",),
    pooled=True,
)
METRICS = (CADENCE, GAP, HOURS, CLOSURE, OPEN_AGE, TIMELINESS, PROGRESS)
