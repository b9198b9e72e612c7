"""How soon and how often a lead is answered, and whether the process that was agreed is followed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.calendar.office import office_minutes
from salescoach.metrics.cases import remembered
from salescoach.metrics.contract import CLOSERS, LEVEL, OPENERS, Metric, answers, reasons
from salescoach.metrics.curves import duration_median, median_answers, median_of
from salescoach.metrics.events import during, looked_up, once_each, owned
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.tally import Rows, in_memory, rows_of
from salescoach.metrics.told import Told, some
from salescoach.statistics import wilson
from salescoach.tables.data import SalesData

TARGET_MINUTES = 60
"""Opening-hours minutes within which a lead should have been answered."""


def _attempts(data: SalesData) -> pd.DataFrame:
    """Human activities up to ``as_of`` that name a lead."""
    return data.once("attempts", lambda: _by_people(data.table("activity")))


def _by_people(activities: pd.DataFrame) -> pd.DataFrame:
    named = activities[activities["lead_id"].notna()]
    return once_each(named[~named["is_system"].astype(bool) & (named["direction"] != "in")], "activity")


def _seen(data: SalesData, leads: pd.DataFrame, moment: str) -> pd.Series:
    """*moment* of the leads, as far as it had come at the end of ``as_of``."""
    return leads[moment].where(leads[f"{moment}_day"] <= day_number(data.as_of))


def _first_response(data: SalesData, leads: pd.DataFrame) -> pd.Series:
    """First human attempt for each lead: as stated, else the first activity that names it."""
    first = _attempts(data).groupby("lead_id")["occurred_at"].min()
    stated = _seen(data, leads, "first_response_at")
    return stated.where(stated.notna(), looked_up(first, leads["lead_id"]))


@remembered
def answered(data: SalesData, period: Period) -> Rows:
    """Leads of *period*, each followed from its arrival until the first human attempt, in minutes of opening hours.

    ``exit``, ``ended``, ``entry``; ``event`` = answered within the target; ``possible`` = minutes it could have had.
    An unanswered lead is right-censored where it was given up or converted without one, else at ``as_of``.
    """
    leads = during(data, "lead", "created_at", period).table()
    calendar, now = data.calendar, data.calendar.end_of(day_number(data.as_of))
    first = _first_response(data, leads)
    over = pd.concat([_seen(data, leads, name) for name in ("converted_at", "disqualified_at")], axis=1).min(axis=1)
    last = first.where(first.notna(), over.where(over.notna(), now))
    moments = pd.to_datetime(pd.concat([leads["created_at"], last, pd.Series([now])], ignore_index=True))
    minutes = office_minutes(moments, calendar.timezone, calendar.holiday_calendar).to_numpy()
    count = len(leads)
    arrived, ended, today = minutes[:count], minutes[count : 2 * count], minutes[-1:]
    waited = np.maximum(np.round(ended - arrived), 0.0)
    table = leads.assign(
        exit=waited, ended=first.notna(), entry=-0.5, possible=np.maximum(today - arrived, 0.0) if count else 0.0
    )
    return rows_of(table.assign(event=table["ended"] & (table["exit"] <= TARGET_MINUTES)))


def past_target(data: SalesData, period: Period) -> Rows:
    """Leads of *period* that arrived at least the target before the end of ``as_of``.

    A younger one that was already answered does not count either: of the young ones only those would be seen that
    went well.
    """
    return answered(data, period).filter(col("possible") >= TARGET_MINUTES)


def followed_up(data: SalesData, period: Period) -> Rows:
    """Leads of *period* with ``attempts``: human activities for each before it replied, was converted or given up."""
    leads = during(data, "lead", "created_at", period).table()
    tries = _attempts(data).merge(leads[["lead_id"]], on="lead_id")
    reached = tries["outcome"].isin(["connected", "replied", "held"]) | (tries["direction"] == "two_way")
    first = looked_up(tries[reached].groupby("lead_id")["occurred_at"].min(), leads["lead_id"])
    ends = pd.concat([first, *(_seen(data, leads, name) for name in ("converted_at", "disqualified_at"))], axis=1).min(
        axis=1
    )
    end = looked_up(pd.Series(ends.to_numpy(), index=leads["lead_id"]), tries["lead_id"])
    before = tries[end.isna() | (tries["occurred_at"] <= end)]
    counted = looked_up(before.groupby("lead_id").size().astype(float), leads["lead_id"]).fillna(0.0)
    return rows_of(leads.assign(attempts=counted))


def exits(data: SalesData, period: Period) -> Rows:
    """Stages left in *period*, one row per deal and stage: ``met`` of the ``due`` criteria."""
    checked = in_memory(owned(data, period, during(data, "exit_criterion", "checked_at", period)))
    groups = checked.assign(met=checked["met"].astype(float)).groupby(["owner_id", "deal_id", "stage"])["met"]
    return rows_of(groups.agg(met="sum", due="size").astype(float).reset_index())


def _response_time(ask: Question) -> Told:
    """Kaplan-Meier median of opening-hours minutes to the first human attempt, unanswered leads right-censored."""
    return median_answers(duration_median(ask, ask.once(answered)), RESPONSE_TIME.min_n)


def _sla(ask: Question) -> Told:
    """answered within the target / past the target age; Wilson's interval."""
    sums = ask.tally(ask.once(past_target), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _persistence(ask: Question) -> Told:
    """Median attempts per lead; limits by order statistics."""
    silent = bool(ask.data.table("activity")["lead_id"].isna().all())
    found = median_of(ask, ask.once(followed_up), "attempts")
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"], low=found["low"],
        high=found["high"], na_reason=reasons(found.index, missing_field=silent), index=found.index,
    )  # fmt: skip


def _adherence(ask: Question) -> Told:
    """criteria met / due; Wilson's interval as if each exit were one observation, because its criteria go together."""
    sums = ask.tally(ask.once(exits), met=col("met"), due=col("due"))
    value = sums["met"] / some(sums["due"])
    low, high = wilson(np.nan_to_num(value) * sums["n"], sums["n"], LEVEL)
    return answers(
        value=value, n=sums["n"], numerator=sums["met"], denominator=sums["due"], low=np.minimum(low, value),
        high=np.maximum(high, value), index=sums.index,
    )  # fmt: skip


RESPONSE_TIME = Metric(
    metric_id="lead_response_time",
    version=1,
    unit="minutes",
    better="down",
    population="leads; unanswered ones are right-censored, not dropped",
    time="arrived in the period, followed to as_of",
    value="minutes of opening hours to the first human attempt",
    exclusions="automatic answers",
    null_rule="half not yet answered: not_reached; fewer than 5 answered: below_min_n",
    source="own; HBR 2011; Kaplan & Meier 1958",
    min_n=5,
    calculate=_response_time,
    observe=answered,
    family="days",
    tables=("lead",),
    roles=OPENERS,
)
SLA = Metric(
    metric_id="lead_sla",
    version=2,  # version 1 also counted younger leads, if they had been answered
    unit="share",
    better="up",
    population="leads that are older than the target, in opening hours",
    time="arrived in the period",
    value="1 if answered by a person within 60 minutes of opening hours",
    exclusions="automatic answers",
    null_rule="fewer than 5: below_min_n",
    min_n=5,
    calculate=_sla,
    observe=past_target,
    family="share",
    tables=("lead",),
    roles=OPENERS,
)
PERSISTENCE = Metric(
    metric_id="persistence",
    version=1,
    unit="count",
    better="context",
    population="leads; one that nobody tried to reach counts with 0",
    time="arrived in the period, followed to as_of",
    value="human attempts before a reply, conversion or giving up",
    exclusions="automatic activities",
    null_rule="activities name no lead: missing_field; fewer than 5 leads: below_min_n",
    min_n=5,
    calculate=_persistence,
    observe=followed_up,
    tables=("lead", "activity"),
    roles=OPENERS,
)
ADHERENCE = Metric(
    metric_id="playbook_adherence",
    version=1,
    unit="share",
    better="up",
    population="criteria that the process asks for when a deal leaves a stage",
    time="left in the period; owner of the deal",
    value="1 if met",
    exclusions="deals that are not known",
    null_rule="no criteria imported: missing_field; fewer than 5 exits: below_min_n",
    min_n=5,
    calculate=_adherence,
    observe=exits,
    tables=("exit_criterion",),
    roles=CLOSERS,
)
METRICS = (RESPONSE_TIME, SLA, PERSISTENCE, ADHERENCE)
