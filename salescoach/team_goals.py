"""A team's goals: what each person's part would be, what they have agreed to, what is left, and what pulls apart.

The rules are those of :mod:`salescoach.coaching.goal_set`; nothing is dealt out without the two who accept it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from salescoach.coaching import goal_set as rules
from salescoach.coaching.four_quarters import four_quarters
from salescoach.coaching.goals import Baseline
from salescoach.coaching.goals import Goal as Written
from salescoach.coaching.remarks import Remark
from salescoach.diagnosis.findings import answer_of
from salescoach.improvement import Board
from salescoach.known import data_at, snapshot_at, team_names
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.report.wording import Wording
from salescoach.store.models import ORGANISATION, Goal
from salescoach.store.policy import COACH, MANAGER
from salescoach.store.service import agreements

SUMS = ("bookings", "paid_bookings", "pipeline_created")
"""Metrics whose team goal is the sum of everybody's part."""
RATES = ("win_rate_count", "no_decision_rate")
"""Metrics of which everybody has a share of their own; the team's is weighted with what each decides."""
ACTIVE = ("draft", "proposed", "signed")


@dataclass(frozen=True)
class TeamGoal:
    """A goal of a team beside its people: their suggested parts, what they agreed to, and the rest of both.

    ``suggested`` by what each did in four quarters; None for a share, which does not add up. ``goals``: the goal of
    each person that serves it. ``together``: the team's share if everybody reaches theirs.
    """

    goal: Goal
    members: Mapping[str, str]
    suggested: rules.Cascade | None
    agreed: rules.Cascade | None
    goals: Mapping[str, Goal | None]
    together: float


def teams(board: Board) -> list[tuple[str, str]]:
    """(name, team_id) of the teams of which the person may see somebody."""
    data, names = data_at(board.home), team_names(snapshot_at(board.home))
    seen = {str(data.reps.at[rep, "team_id"]) for rep in _seen(board)}
    key = board.words.language.sort_key
    return sorted(((names[team], team) for team in seen & set(names)), key=lambda pair: key(pair[0]))


def _seen(board: Board) -> tuple[str, ...]:
    """Sellers whose goals the person may see."""
    with board.record.read() as unit:
        return tuple(
            rep for rep in data_at(board.home).sellers if unit.access.standings(rep) & {COACH, MANAGER}
        )  # fmt: skip


def members(board: Board, team_id: str) -> dict[str, str]:
    """Name of each seller of a team whom the person may see, in the language's order."""
    reps = data_at(board.home).reps
    found = {rep: board.name(rep) for rep in _seen(board) if str(reps.at[rep, "team_id"]) == team_id}
    key = board.words.language.sort_key
    return dict(sorted(found.items(), key=lambda pair: (key(pair[1]), pair[0])))


def team_goals(board: Board, team_id: str) -> tuple[TeamGoal, ...]:
    """The team's goals that are not over, the newest first."""
    goals = board.record.readable(Goal, ORGANISATION, team_id=team_id)
    return tuple(cascade(board, goal) for goal in reversed(goals) if goal.status in ACTIVE)


def cascade(board: Board, goal: Goal) -> TeamGoal:
    """*goal* of a team beside its people's goals."""
    people = members(board, goal.team_id or "")
    serving = board.record.readable(Goal, parent_id=goal.id)
    goals: dict[str, Goal | None] = dict.fromkeys(people)
    for one in serving:
        if one.rep_id in goals and one.status in ACTIVE:
            goals[one.rep_id] = one
    exposures = _observations(board, goal.metric_id or "", people)
    if goal.metric_id in RATES:
        shares = {rep: (one.target, exposures[rep]) for rep, one in goals.items() if one is not None}
        return TeamGoal(goal, people, None, None, goals, rules.team_rate(shares))
    total = Decimal(str(goal.target))
    step = Decimal(1000) if total >= 1_000_000 else Decimal(1)
    weights = {rep: Decimal(str(max(value, 0.0))) for rep, value in exposures.items()}
    wanted = {rep: None if one is None else Decimal(str(one.target)) for rep, one in goals.items()}
    return TeamGoal(
        goal, people, rules.shared_out(total, weights, step), rules.agreed(total, wanted), goals, float("nan")
    )


def _observations(board: Board, metric_id: str, people: Mapping[str, str]) -> dict[str, float]:
    """What each person did in four quarters: for a share the cases they decided, otherwise the value itself."""
    if metric_id not in METRICS or not people:
        return dict.fromkeys(people, 0.0)
    data = data_at(board.home)
    year = four_quarters(data, data.calendar.period_of(data.as_of))
    rows = METRICS[metric_id].answer(Question.about(data, year, "rep", list(people)))
    found = {rep: answer_of(rows.loc[[rep]]) for rep in people}
    if metric_id in RATES:
        return {rep: float(one.n) for rep, one in found.items()}
    return {rep: one.value if one.known else 0.0 for rep, one in found.items()}


def set_goal(board: Board, team_id: str, metric_id: str, target: float, due: date, text: str, key: str) -> Goal:
    """Put a team's goal into the record; it is about nobody, so the manager who sets it accepts it."""
    metric = METRICS[metric_id]
    base = _baseline(board, metric_id, team_id)
    goal = Goal(
        rep_id=ORGANISATION, key=key, team_id=team_id, text=text, kind="outcome", target=target, due=due,
        start=board.as_of, metric_id=metric_id, unit=metric.unit, direction="down" if metric.better == "down" else "up",
        baseline=base.value if base else None, baseline_low=base.low if base and base.low == base.low else None,
        baseline_high=base.high if base and base.high == base.high else None, baseline_n=base.n if base else None,
    )  # fmt: skip
    return agreements.propose(board.record, goal)


def _baseline(board: Board, metric_id: str, team_id: str) -> Baseline | None:
    data = data_at(board.home)
    year = four_quarters(data, data.calendar.period_of(data.as_of))
    now = answer_of(METRICS[metric_id].answer(Question.about(data, year, "team", [team_id])))
    return Baseline(now.value, now.low, now.high, now.n) if now.known else None


def propose_part(board: Board, team_goal: TeamGoal, rep_id: str, target: float, text: str, key: str) -> Goal:
    """Propose to one person a part of the team's goal; it counts when both have accepted it."""
    whole = team_goal.goal
    return agreements.propose(board.record, Goal(
        rep_id=rep_id, key=key, text=text, kind="outcome", target=target, due=whole.due, start=board.as_of,
        metric_id=whole.metric_id, unit=whole.unit, direction=whole.direction, parent_id=whole.id,
    ))  # fmt: skip


@dataclass(frozen=True)
class Pulling:
    """Two goals that pull against each other, whose they are, and what is to be said about it."""

    whose: str
    one: str
    other: str
    remark: Remark


def pulling(board: Board, team_id: str) -> tuple[Pulling, ...]:
    """Goals of the team, and of each of its people beside the team's, that pull against each other."""
    team = [one.goal for one in team_goals(board, team_id)]
    found = [*_among("", team)]
    for rep, name in members(board, team_id).items():
        own = [one for one in board.record.readable(Goal, rep) if one.status in ACTIVE]
        found += [one for one in _among(name, [*own, *team]) if one not in found]
    known = {(one.one, one.other) for one in found if not one.whose}
    return tuple(one for one in found if not one.whose or (one.one, one.other) not in known)


def _among(whose: str, goals: list[Goal]) -> list[Pulling]:
    written = [_written(goal) for goal in goals]
    return [
        Pulling(whose, goals[one.first].text, goals[one.second].text, one.remark) for one in rules.conflicts(written)
    ]


def _written(goal: Goal) -> Written:
    base = None
    if goal.baseline is not None:
        low, high = (goal.baseline if end is None else end for end in (goal.baseline_low, goal.baseline_high))
        base = Baseline(goal.baseline, low, high, goal.baseline_n or 0)
    return Written(text=goal.text, metric_id=goal.metric_id or "", baseline=base, target=goal.target)


def crowded(board: Board, team_id: str) -> dict[str, tuple[Remark, ...]]:
    """Who works on more topics than one can keep in mind, by name."""
    found = {}
    for rep, name in members(board, team_id).items():
        own = [one for one in board.record.readable(Goal, rep) if one.status in ACTIVE]
        remarks = rules.too_many([one.metric_id or one.text for one in own if one.kind == "outcome"])
        if remarks:
            found[name] = remarks
    return found


def target_text(board: Board, goal: Goal, target: float) -> str:
    """The sentence of a part: the metric's name and the value, with its unit."""
    wording, words = Wording(board.words, board.currency), board.words
    return words(
        "improvement.goals.sentence", metric=words(f"metric.{goal.metric_id}.name"),
        target=wording.value(target, goal.unit or "count"), due=words.language.date(goal.due),
    )  # fmt: skip
