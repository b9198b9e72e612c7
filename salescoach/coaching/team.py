"""What a manager needs to decide about a team, as facts. No sentence is written here, and nobody is ranked.

People are in no order of their numbers; what is said of one of them is a reliable gap or a reliable strength, never a
suspicion. Everything else is about deals: where they are lost, why, where they come from.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.calendar import Elapsed, Period, day_number
from salescoach.coaching.allocation import Move, best_move
from salescoach.coaching.four_quarters import four_quarters
from salescoach.coaching.rollout import FEWEST as FEWEST_IN_LOT
from salescoach.coaching.rollout import RollOut, rollout
from salescoach.coaching.team_flow import (
    LossReason,
    Source,
    StageStep,
    hour_places,
    lead_places,
    loss_reasons,
    money_places,
    sources,
    stage_steps,
)
from salescoach.coaching.worked import WorkedProgramme
from salescoach.diagnosis.findings import Answer, Shown, answer_of
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.metrics.stalled import SILENT_DAYS
from salescoach.tables.data import SalesData
from salescoach.tables.money import recorded_sum

FEWEST_PEOPLE = 5
"""A smaller group is not described by numbers of its own: single people would show through."""

MOST_DECISIONS = 3
OVERDUE_DAYS = 21
"""Days after which a one-on-one is overdue."""

LINES = ("bookings", "quota_attainment", "attainment_pace", "landing_range", "coverage", "win_rate_count")
"""At most six numbers; the last one is about four quarters."""


@dataclass(frozen=True)
class Topic:
    """One thing that can be said of one person: relative difference to what peers have on the same mix, -.2 = 20 %
    below, with its 90 % interval; ``stage`` where it is about one.
    """

    driver: str
    stage: str
    size: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Member:
    """One seller: at most one priority and one strength, both beyond chance; days since the last one-on-one."""

    rep_id: str
    name: str
    learning: bool
    priority: Topic | None
    strength: Topic | None
    days_since_meeting: int | None


@dataclass(frozen=True)
class Decision:
    """Something only a manager can decide; ``kind`` names its words, ``slots`` the evidence."""

    kind: str
    slots: Mapping[str, Shown]


@dataclass(frozen=True)
class TeamReview:
    """The facts of one team, or of everybody when ``team`` is empty.

    ``small``: the team that was asked for has fewer than five sellers, so numbers are about the organisation.
    ``compared``: people could be compared at all. ``rollout``: the topic that most share, and who starts with it first.
    """

    team_id: str
    team: str
    small: bool
    people: int
    period: Period
    year: Period
    elapsed: Elapsed
    currency: str
    lines: Mapping[str, Answer]
    members: tuple[Member, ...]
    compared: bool
    steps: tuple[StageStep, ...]
    losses: tuple[LossReason, ...]
    sources: tuple[Source, ...]
    moves: tuple[Move, ...]
    stale: tuple[int, int, float]
    decisions: tuple[Decision, ...]
    programmes: tuple[WorkedProgramme, ...]
    rollout: tuple[Topic, RollOut] | None = None


def prepare_team(
    data: SalesData,
    period: Period,
    topics: Mapping[str, tuple[Topic | None, Topic | None]],
    *,
    team_id: str = "",
    team: str = "",
    programmes: Sequence[WorkedProgramme] = (),
) -> TeamReview:
    """Facts about the sellers of *team_id*, named *team*; about everybody when it is empty.

    Parameters
    ----------
    topics : priority and strength of each person by rep id, as far as the data carry one; empty when nobody could be
        compared
    programmes : what came of coaching, over the whole organisation
    """
    mine = [rep for rep in data.sellers if not team_id or data.reps.at[rep, "team_id"] == team_id]
    small = bool(team_id) and len(mine) < FEWEST_PEOPLE
    by, only = ("team", [team_id]) if team_id and not small else ("all", None)
    year = four_quarters(data, period)
    before = four_quarters(data, data.calendar.quarters_before(year, 1)[0])
    now, last = (Question.about(data, span, by, only) for span in (period, year))  # type: ignore[arg-type]
    members = tuple(_member(data, rep, period, topics) for rep in mine)
    steps, losses, origins = stage_steps(last, before), loss_reasons(last), sources(last)
    moves = _moves(last, origins)
    stale = _stale(now)
    return TeamReview(
        team_id=team_id, team=team, small=small, people=len(mine), period=period, year=year,
        elapsed=data.calendar.elapsed(period, data.as_of), currency=data.currency,
        lines={name: answer_of(METRICS[name].answer(last if name == LINES[-1] else now)) for name in LINES},
        members=members, compared=bool(topics), steps=steps, losses=losses, sources=origins, moves=moves, stale=stale,
        decisions=_decisions(members, steps, losses, moves, stale), programmes=tuple(programmes),
        rollout=_rollout(data, members),
    )  # fmt: skip


def _rollout(data: SalesData, members: Sequence[Member]) -> tuple[Topic, RollOut] | None:
    """The topic that most people share, if enough do for a lot to tell something, and who starts with it now."""
    groups: dict[tuple[str, str], list[Member]] = {}
    for one in members:
        if one.priority is not None:
            groups.setdefault((one.priority.driver, one.priority.stage), []).append(one)
    largest = max(groups.values(), key=len, default=[])
    if len(largest) < FEWEST_IN_LOT or largest[0].priority is None:
        return None
    return largest[0].priority, rollout(data, [one.rep_id for one in largest])


def _member(
    data: SalesData, rep: str, period: Period, topics: Mapping[str, tuple[Topic | None, Topic | None]]
) -> Member:
    priority, strength = topics.get(rep, (None, None))
    held = data.table("one_on_one")
    last = held.loc[(held["rep_id"] == rep) & (held["status"] == "held"), "held_at_day"].max()
    since = int(day_number(data.as_of) - last) if pd.notna(last) else None
    return Member(rep, str(data.reps.at[rep, "full_name"]), rep in data.ramping(period), priority, strength, since)


def _moves(ask: Question, origins: tuple[Source, ...]) -> tuple[Move, ...]:
    """What moving leads, hours and money could bring; those of which nothing can be said are left out."""
    places = {
        "leads": lead_places(origins, ask.data),
        "hours": hour_places(ask),
        "money": money_places(origins, ask.data),
    }
    found = (best_move(kind, listed) for kind, listed in places.items())  # type: ignore[arg-type]
    return tuple(move for move in found if move is not None)


def _stale(ask: Question) -> tuple[int, int, float]:
    """Open deals that are past due or silent, all open deals, and the value of the former: missing if none has one."""
    data, today = ask.data, day_number(ask.data.as_of)
    deals = data.open()
    if ask.by == "team":
        deals = deals[deals["owner_id"].isin(ask.members.index)]
    quiet = ~(today - deals["last_activity"] <= SILENT_DAYS)
    past_due = deals["expected"] < today
    # Where no activity was imported at all, silence says nothing.
    still = deals[past_due | quiet if deals["last_activity"].notna().any() else past_due]
    return len(still), len(deals), recorded_sum(still["amount"])


def _decisions(
    members: Sequence[Member],
    steps: Sequence[StageStep],
    losses: Sequence[LossReason],
    moves: Sequence[Move],
    stale: tuple[int, int, float],
) -> tuple[Decision, ...]:
    """The first three that the data carry: what changed, who needs support, what to move, then what lies about."""
    found = [*_fallen(steps), *_support(members), *_worth_moving(moves)]
    if stale[0] >= FEWEST_PEOPLE and stale[0] * 3 > stale[1]:
        slots = {"n": Shown(stale[0], "count"), "all": Shown(stale[1], "count"), "value": Shown(stale[2], "money")}
        found.append(Decision("stale", slots))
    late = [one for one in members if one.days_since_meeting is not None and one.days_since_meeting > OVERDUE_DAYS]
    if late:
        found.append(
            Decision("meetings", {"n": Shown(len(late), "count"), "days": Shown(OVERDUE_DAYS, "count")})
        )  # fmt: skip
    told = [one for one in losses if one.reason != "unknown" and one.share.known and math.isfinite(one.value)]
    if told:
        most = told[0]
        found.append(
            Decision("losses", {
                "reason": Shown(most.reason, "reason"), "n": Shown(most.n, "count"),
                "value": Shown(most.value, "money"), "share": Shown(most.share.value, "share"),
                "low": Shown(most.share.low, "share"), "high": Shown(most.share.high, "share"),
            })
        )  # fmt: skip
    return tuple(found[:MOST_DECISIONS])


def _fallen(steps: Sequence[StageStep]) -> list[Decision]:
    """The stage whose share fell by more than chance, where most value was lost, as far as it is recorded."""
    fallen = [step for step in steps if step.verdict == "signal_below"]
    if not fallen:
        return []
    step = max(fallen, key=lambda one: (np.nan_to_num(one.lost_value), one.stage))
    return [
        Decision("stage", {
            "stage": Shown(step.stage, "text"), "value": Shown(step.now.value, "share"),
            "low": Shown(step.now.low, "share"), "high": Shown(step.now.high, "share"),
            "n": Shown(step.now.n, "count"), "before": Shown(step.before.value, "share"),
            "before_n": Shown(step.before.n, "count"), "lost": Shown(step.lost_value, "money"),
        })
    ]  # fmt: skip


def _support(members: Sequence[Member]) -> list[Decision]:
    """The topic that most people share; of equals the first by name."""
    topics = Counter((one.priority.driver, one.priority.stage) for one in members if one.priority is not None)
    if not topics:
        return []
    driver, stage = min(topics, key=lambda topic: (-topics[topic], topic))
    slots = {"driver": Shown(driver, "text"), "stage": Shown(stage, "text")}
    slots |= {"n": Shown(topics[driver, stage], "count"), "all": Shown(len(members), "count")}
    return [Decision("support", slots)]


def _worth_moving(moves: Sequence[Move]) -> list[Decision]:
    """The move with the largest lower limit among those that are likely to gain at all."""
    likely = [move for move in moves if move.worth_it]
    if not likely:
        return []
    move = max(likely, key=lambda one: (one.low, one.kind))
    return [
        Decision(f"move_{move.kind}", {
            "origin": Shown(move.origin, "place"), "target": Shown(move.target, "place"),
            "units": Shown(move.units, "money" if move.kind == "money" else "count"),
            "low": Shown(move.low, "money"), "high": Shown(move.high, "money"),
        })
    ]  # fmt: skip
