"""A manager's screen of team goals: everybody's part, what is agreed, what is left, and what pulls apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_parts import Form, shown, wording_of
from salescoach.app.parts import Screen, Widgets
from salescoach.coaching.remarks import Remark, block
from salescoach.improvement import Board
from salescoach.known import data_at
from salescoach.language import shortened
from salescoach.metrics import METRICS
from salescoach.report.improvement import amount, conflict_items, remark_items
from salescoach.report.page import Block, Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.team_goals import (
    RATES,
    SUMS,
    TeamGoal,
    crowded,
    propose_part,
    pulling,
    set_goal,
    target_text,
    team_goals,
)

_PERCENT = 100.0
_TITLE = 60  # characters of a goal in a list


def goals_screen(board: Board, team_id: str, redraw: Callable[[], None]) -> Screen:
    """The team's goals, each shared out; beside them a new one, and a part to propose."""
    goals = team_goals(board, team_id)
    read = shown(board, [*(goal_section(board, n, one) for n, one in enumerate(goals, 1)), conflicts(board, team_id)])
    if not goals:
        words = board.words
        none = Section("goals", words("improvement.goals.title"), (Text(words("improvement.goals.none"), "muted"),))
        read = [*shown(board, [none]), *read]
    written: Widgets = [SetGoal(board, team_id, redraw)]
    if goals:
        written.insert(0, Part(board, goals, redraw))
    return read, written


def goal_section(board: Board, number: int, one: TeamGoal) -> Section:
    """One goal of a team with each person's part, and the rest in sight."""
    words, wording, goal = board.words, wording_of(board), one.goal
    unit = goal.unit or "count"
    adds_up = one.suggested is not None
    columns = [
        Column(words("label.rep")), *([Column(words("improvement.goals.suggested"), "right")] if adds_up else []),
        Column(words("improvement.goals.own"), "right"), Column(words("label.status")),
    ]  # fmt: skip
    rows: list[list[Cell]] = []
    for rep, name in one.members.items():
        own, part = one.goals[rep], one.suggested.parts.get(rep) if one.suggested else None
        rows.append([
            Cell(name), *([Cell(amount(float(part), unit, wording) if part is not None else "–")] if adds_up else []),
            Cell(amount(own.target, unit, wording)) if own else Cell("–", tone="na"),
            Cell(words(f"one_on_one.goal.status.{own.status}") if own else words("improvement.goals.no_goal"),
                 tone="plain" if own else "na"),
        ])  # fmt: skip
    blocks: list[Block] = [Text(_today(board, one))] if goal.baseline is not None else []
    if one.suggested is not None and one.agreed is not None:
        rests = (one.suggested.rest, one.agreed.rest)
        cells = [Cell(amount(float(rest), unit, wording)) for rest in rests]
        rows.append([Cell(words("improvement.goals.rest")), *cells, Cell("")])
    notes = [words("improvement.goals.share_note" if one.suggested is None else "improvement.goals.sum_note")]
    if one.suggested is not None and one.suggested.without:
        names = ", ".join(one.members[rep] for rep in one.suggested.without)
        notes.append(words("improvement.goals.without", names=names))
    blocks.append(Table(words("improvement.goals.caption"), columns, rows, notes=notes))
    if one.suggested is None:
        blocks.append(Text(words("improvement.goals.together", value=amount(one.together, unit, wording))))
    return Section(f"goal-{number}", goal.text, blocks)


def _today(board: Board, one: TeamGoal) -> str:
    goal, wording = one.goal, wording_of(board)
    unit = goal.unit or "count"
    value = amount(goal.baseline if goal.baseline is not None else float("nan"), unit, wording)
    if goal.baseline_low is None or goal.baseline_high is None:
        return board.words("improvement.goals.now", value=value)
    between = wording.range(goal.baseline_low, goal.baseline_high, unit)
    return board.words("improvement.goals.now_between", value=value, range=between, n=goal.baseline_n or 0)


def conflicts(board: Board, team_id: str) -> Section:
    """Goals that pull against each other, and people with more topics than one can keep in mind."""
    words, wording = board.words, wording_of(board)
    found = [(one.whose, one.one, one.other, one.remark) for one in pulling(board, team_id)]
    items = conflict_items(found, wording)
    many = [
        Item(one.text, mark=name)
        for name, said in crowded(board, team_id).items()
        for one in remark_items(said, wording)
    ]
    return Section(
        "conflicts", words("improvement.goals.conflicts"),
        (Bullets([*items, *many], empty=words("improvement.goals.no_conflict")),),
        lead=words("improvement.goals.conflicts_lead"),
    )  # fmt: skip


class SetGoal(Form):
    """A goal of the team: metric, value, day."""

    def __init__(self, board: Board, team_id: str, redraw: Callable[[], None]) -> None:
        words = board.words
        self._team = team_id
        names = [(words(f"metric.{name}.name"), name) for name in (*SUMS, *RATES)]
        self._metric = widgets.Dropdown(options=names)
        self._target = widgets.FloatText(value=0.0)
        self._due = widgets.DatePicker(value=_quarter_end(board))
        super().__init__(board, "set", [
            (words("label.metric"), self._metric), (words("improvement.goals.target"), self._target),
            (words("label.due"), self._due),
        ], redraw)  # fmt: skip

    def keep(self) -> tuple[Remark, ...] | None:
        """Put the goal into the record; a value and a day are needed."""
        value, due, metric_id = float(self._target.value), self._due.value, self._metric.value
        if value <= 0 or due is None:
            return (block("one_on_one.goal.needs_target"),)
        target = value / _PERCENT if METRICS[metric_id].unit == "share" else value
        words = self.desk.words
        text = words(
            "improvement.goals.sentence", metric=words(f"metric.{metric_id}.name"),
            target=wording_of(self.desk).value(target, METRICS[metric_id].unit), due=words.language.date(due),
        )  # fmt: skip
        set_goal(self.desk, self._team, metric_id, target, due, text, self.key)
        return None


def _quarter_end(board: Board) -> date:
    calendar = data_at(board.home).calendar
    return calendar.quarter_of(board.today).last_day


class Part(Form):
    """A part of a team's goal, proposed to one person; it counts when both have accepted it."""

    def __init__(self, board: Board, goals: tuple[TeamGoal, ...], redraw: Callable[[], None]) -> None:
        words = board.words
        self._known = {one.goal.id: one for one in goals}
        self._goal = widgets.Dropdown(
            options=[(shortened(one.goal.text, _TITLE), number) for number, one in self._known.items()]
        )
        self._rep = widgets.Dropdown()
        self._target = widgets.FloatText(value=0.0)
        super().__init__(board, "part", [
            (words("improvement.goals.which"), self._goal), (words("label.rep"), self._rep),
            (words("improvement.goals.target"), self._target),
        ], redraw)  # fmt: skip
        self._goal.observe(self._people, names="value")
        self._rep.observe(self._suggest, names="value")
        self._people(None)

    def _people(self, _change: Any) -> None:
        one = self._known[self._goal.value]
        free = [(name, rep) for rep, name in one.members.items() if one.goals[rep] is None]
        self._rep.options = free
        self._rep.value = free[0][1] if free else None
        self._suggest(None)

    def _suggest(self, _change: Any) -> None:
        """The part that the rules suggest stands there first; for a share the team's own value."""
        one = self._known[self._goal.value]
        if one.suggested is None:
            self._target.value = round(one.goal.target * _PERCENT, 1)
        elif self._rep.value is not None:
            self._target.value = float(one.suggested.parts.get(self._rep.value, 0))

    def keep(self) -> tuple[Remark, ...] | None:
        """Propose the part; a person and a value are needed."""
        one, value, rep = self._known[self._goal.value], float(self._target.value), self._rep.value
        if value <= 0 or rep is None:
            return (block("improvement.goals.needs_person"),)
        target = value / _PERCENT if one.suggested is None else value
        propose_part(self.desk, one, rep, target, target_text(self.desk, one.goal, target), self.key)
        return None
