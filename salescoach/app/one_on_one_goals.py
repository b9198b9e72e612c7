"""Goals on the screen: written with a verdict for each letter of SMART, proposed, accepted by both."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Widgets, close, html_widget, labelled
from salescoach.coaching.content import GoalTemplate
from salescoach.coaching.goal_outlook import SUMS
from salescoach.coaching.goals import Goal as Written
from salescoach.coaching.goals import review_dates, smart
from salescoach.goal_setting import Standpoint
from salescoach.known import calendar_of
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.report.metric_parts import part_name
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.remarks import remarks_text
from salescoach.report.road import road_section
from salescoach.report.wording import Wording
from salescoach.review import content
from salescoach.store.models import Goal
from salescoach.store.policy import COACH, MANAGER, SELF
from salescoach.store.service import agreements
from salescoach.store.service.one_on_ones import Side

_PERCENT = 100.0


class GoalBuilder(widgets.VBox):
    """A goal from a template of the library: its verdicts, and the road to it, follow every change."""

    def __init__(self, desk: Desk, proposed: Callable[[], None]) -> None:
        self.desk, self.status, self._proposed, self._key = desk, Status(), proposed, uuid.uuid4().hex
        words, code = desk.words, desk.words.language.code
        driver = desk.review.brief.driver
        templates = sorted(content().all(GoalTemplate), key=lambda one: driver not in one.drivers)
        names = [(words(f"one_on_one.goal.of_{one.kind}", title=one.title(code)), one.id) for one in templates]
        self._template = widgets.Dropdown(options=names, value=templates[0].id)
        self._target = widgets.FloatText(value=0.0)
        self._scope = widgets.Text(value=words("one_on_one.goal.all_deals"), continuous_update=False)
        self._due = widgets.DatePicker()
        self._part = widgets.Dropdown()
        self._parts = labelled(words("one_on_one.goal.part"), self._part)
        self._stands = Standpoint(desk)
        self._verdicts = widgets.VBox()
        self._template.observe(self._take, names="value")
        for control in (self._target, self._scope, self._due, self._part):
            control.observe(self._judge, names="value")
        self._button = widgets.Button(description=words("one_on_one.goal.propose"), button_style="primary")
        self._button.on_click(self._propose)
        self._unit = labelled(words("one_on_one.goal.target"), self._target)
        super().__init__([
            heading(desk, "one_on_one.goal.build", "one_on_one.goal.build_lead"),
            labelled(words("one_on_one.goal.template"), self._template), self._parts, self._unit,
            labelled(words("one_on_one.goal.scope"), self._scope), labelled(words("label.due"), self._due),
            self._verdicts, self._button, self.status,
        ])  # fmt: skip
        self._take(None)

    @property
    def _chosen(self) -> GoalTemplate:
        return content().one(GoalTemplate, self._template.value)

    def _take(self, _change: Any) -> None:
        """A template brings its horizon and the stages there are; the target is left to the two who agree on it."""
        metric_id, words = self._chosen.metric, self.desk.words
        names = self._stands.parts(metric_id) if metric_id else ()
        with self._part.hold_trait_notifications():
            self._part.options = [(part_name(metric_id, name, words), name) for name in names]
        self._parts.layout.display = "" if names else "none"
        self._due.value = self.desk.review.facts.as_of + timedelta(days=self._chosen.days)
        share = self._chosen.unit == "share"
        self._unit.children[0].value = self.desk.words(
            "one_on_one.goal.target_share" if share else "one_on_one.goal.target"
        )
        self._judge(None)

    def _value(self) -> float | None:
        value = float(self._target.value)
        if not value:
            return None
        return value / _PERCENT if self._chosen.unit == "share" else value

    def _written(self) -> Written:
        template, code = self._chosen, self.desk.words.language.code
        start, due = self.desk.review.facts.as_of, self._due.value
        reviews = review_dates(calendar_of(self.desk.home.organisation), start, due) if due else ()
        driver = template.drivers[0] if template.drivers else ""
        common = {
            "kind": template.kind, "scope": self._scope.value.strip(), "target": self._value(), "start": start,
            "due": due, "reviews": reviews, "driver": driver,
        }  # fmt: skip
        if template.kind == "behaviour":
            return Written(
                verb=template.verb(code), thing=template.object(code),
                unit=self.desk.words(f"one_on_one.goal.unit.{template.unit}"), **common,
            )  # fmt: skip
        stands = self._stands.outlook(template.metric, None, due, self._part.value or "")
        return Written(metric_id=template.metric, baseline=stands.baseline, **common)

    def _judge(self, _change: Any) -> None:
        words, old = self.desk.words, self._verdicts.children
        wording = Wording(words, self.desk.review.facts.currency)
        goal = self._written()
        found = smart(goal, self._stands.setting(goal, self._part.value or ""))
        items = [
            Item(words(verdict.title), detail=remarks_text(verdict.remarks, wording), mark=words(verdict.state))
            for verdict in found.values()
        ]
        section = Section("smart", words("one_on_one.goal.verdicts"), (*self._today(goal, wording), Bullets(items)))
        road = road_section(self._stands.road(goal, self._chosen.road_map), wording)
        shown = [section] if road is None else [section, road]
        self._verdicts.children = [html_widget(part, language=words.language.code) for part in shown]
        close(old)

    def _today(self, goal: Written, wording: Wording) -> tuple[Text, ...]:
        """Where the rep stands, so that a value to reach can be chosen at all."""
        base, metric = goal.baseline, METRICS.get(goal.metric_id)
        if base is None or metric is None:
            return ()
        between = wording.range(base.low, base.high, metric.unit) or "–"
        value = wording.value(base.value, metric.unit)
        key = "one_on_one.goal.pace" if goal.metric_id in SUMS else "one_on_one.goal.now"
        return (Text(self.desk.words(key, value=value, range=between, n=base.n)),)

    @told
    def _propose(self, _button: Any) -> None:
        goal, words = self._written(), self.desk.words
        if goal.target is None or goal.due is None:
            self.status.say(words("one_on_one.goal.needs_target"), problem=True)
            return
        base, template = goal.baseline, self._chosen
        kept = Goal(
            rep_id=self.desk.rep_id, key=self._key, text=self._text(goal), kind=goal.kind, target=goal.target,
            due=goal.due, start=goal.start, metric_id=goal.metric_id or None, unit=template.unit,
            direction=template.direction, review_on=tuple(day.isoformat() for day in goal.reviews),
            template_id=template.id, baseline=base.value if base else None, baseline_low=base.low if base else None,
            baseline_high=base.high if base else None, baseline_n=base.n if base else None,
        )  # fmt: skip
        agreements.propose(self.desk.record, kept)
        self._key = uuid.uuid4().hex
        self.status.say(words("one_on_one.goal.proposed"))
        self._proposed()

    def _text(self, goal: Written) -> str:
        """The template's sentence, its slots filled."""
        words = self.desk.words
        template = self._chosen
        wording = Wording(words, self.desk.review.facts.currency)
        slots = {
            "baseline": wording.value(goal.baseline.value, template.unit)
            if goal.baseline
            else words("one_on_one.goal.today"),
            "target": wording.value(goal.target or 0.0, template.unit),
            "due": words.language.date(goal.due) if goal.due else "",
        }
        text = template.text(words.language.code)
        if self._part.value:
            text = words("one_on_one.goal.of_part", text=text, part=part_name(template.metric, self._part.value, words))
        for name, value in slots.items():
            text = text.replace(f"{{{name}}}", value)
        return text


def goals_section(desk: Desk) -> Section:
    """All goals with where they began, where they should go, and whose acceptance is missing."""
    words, language = desk.words, desk.words.language
    wording = Wording(words, desk.review.facts.currency)
    columns = (
        Column(words("one_on_one.goal.goal")), Column(words("one_on_one.goal.from"), align="right"),
        Column(words("one_on_one.goal.to"), align="right"), Column(words("label.due")), Column(words("label.status")),
    )  # fmt: skip
    rows = []
    for goal in sorted(desk.record.entries(Goal, desk.rep_id), key=lambda goal: -goal.id):
        metric = METRICS.get(goal.metric_id or "")
        unit = metric.unit if metric else goal.unit or "count"
        base = Cell("–", tone="na")
        if goal.baseline is not None:
            between = ""
            if goal.baseline_low is not None and goal.baseline_high is not None:
                between = wording.range(goal.baseline_low, goal.baseline_high, unit)
            detail = words("one_on_one.goal.base", range=between, n=goal.baseline_n or 0)
            base = Cell(wording.value(goal.baseline, unit), detail=detail)
        rows.append((
            Cell(goal.text), base, Cell(wording.value(goal.target, unit)), Cell(language.date(goal.due)),
            Cell(words(f"one_on_one.goal.status.{goal.status}"), detail=_waiting(goal, desk)),
        ))  # fmt: skip
    block = Table("", columns, rows) if rows else Text(words("one_on_one.goal.none"), tone="muted")
    return Section("goals", words("one_on_one.goal.title"), (block,))


def _waiting(goal: Goal, desk: Desk) -> str:
    """Whose acceptance is still missing."""
    words = desk.words
    if goal.status != "proposed":
        return ""
    missing = [side for side, done in (("rep", goal.accepted_rep_at), ("coach", goal.accepted_coach_at)) if not done]
    return words("one_on_one.goal.waits", who=", ".join(words(f"one_on_one.by.{side}") for side in missing))


def acceptances(desk: Desk, redraw: Callable[[], None]) -> Widgets:
    """A button for each goal that waits for the person before the screen."""
    found: Widgets = []
    for goal in desk.record.entries(Goal, desk.rep_id, status="proposed"):
        if SELF in desk.standing and not goal.accepted_rep_at:
            found.append(Accept(desk, goal, "rep", redraw))
        if desk.standing & {COACH, MANAGER} and not goal.accepted_coach_at:
            found.append(Accept(desk, goal, "coach", redraw))
    return [heading(desk, "one_on_one.goal.accept_title", "one_on_one.goal.accept_lead"), *found] if found else []


class Accept(widgets.VBox):
    """Accept one goal as it stands there; a goal that changed meanwhile is shown anew instead."""

    def __init__(self, desk: Desk, goal: Goal, side: Side, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._goal, self._side, self._redraw = desk, Status(), goal, side, redraw
        button = widgets.Button(description=desk.words(f"one_on_one.goal.accept_{side}"))
        button.on_click(self._accept)
        super().__init__([widgets.Label(value=goal.text), button, self.status])
        self.add_class("sc-app-action")

    @told
    def _accept(self, _button: Any) -> None:
        agreements.accept(self.desk.record, self._goal, self._side)
        self._redraw()
