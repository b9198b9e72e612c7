"""The development plan on the screen: matrix with gaps and evidence, aim and steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from salescoach.app.development_learning import Consents, MentorChoice, Training, mentor_section, training_section
from salescoach.app.development_observing import score_cell, skill_name
from salescoach.app.one_on_one_fields import SavedText, Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import STATUSES, Screen, Widgets, html_widget, labelled
from salescoach.coaching.content import Competency
from salescoach.coaching.content.item import ROLES
from salescoach.errors import ConflictError
from salescoach.growth_plan import Growth, Matrix
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.review import content
from salescoach.store.models import DevelopmentPlan, PlanStep
from salescoach.store.policy import COACH, MANAGER, SELF
from salescoach.store.service import growth as service

_STEP_KINDS = ("experience", "exposure", "education")


def grow(growth: Growth, people: list[str], redraw: Callable[[], None]) -> Screen:
    """The rep beside the role, the plan, mentor and training; and what can be written of them."""
    desk = growth.desk
    code, plan = desk.words.language.code, growth.plan
    role = (plan.target_role if plan and plan.target_role else growth.role) or ROLES[1]
    matrix = growth.matrix(role)
    sections = [matrix_section(growth, matrix), plan_section(growth, plan, matrix)]
    sections += [mentor_section(growth, matrix, people), training_section(growth, matrix)]
    written: Widgets = (
        [Begin(growth, redraw)] if plan is None else [Aim(growth, plan, redraw), NewStep(growth, plan, redraw)]
    )
    if plan is not None:
        written += [StepRow(growth, step, redraw) for step in growth.steps(plan)]
    if SELF in desk.standing:
        written.append(Consents(growth, redraw))
    if desk.standing & {COACH, MANAGER}:
        written += [MentorChoice(growth, matrix, people, redraw), Training(growth, redraw)]
    return [html_widget(part, language=code) for part in sections], written


# -- what is read ----------------------------------------------------------------------------------


def matrix_section(growth: Growth, matrix: Matrix) -> Section:
    """Expected level, what was seen, the verdict and its evidence, for each competency of the role."""
    desk = growth.desk
    words, language, code = desk.words, desk.words.language, desk.words.language.code
    own = growth.self_gap()
    rows = []
    for gap in matrix.gaps:
        quotes = [f"{language.date(day)} · {who}: “{text}”" for day, who, text in growth.evidence(gap.competency)[:2]]
        state = words(gap.title)
        detail = words("growth.matrix.needed", n=gap.needed) if gap.needed else ""
        if gap.competency in own and own[gap.competency].na_reason is None:
            apart = language.number(own[gap.competency].value, 1)
            detail = "\n".join(filter(None, (detail, words("growth.matrix.self", apart=apart))))
        rows.append((
            Cell(skill_name(gap.competency, code), detail=level_text(gap.competency, gap.expected, code)),
            Cell(str(gap.expected)), score_cell(gap.seen, desk), Cell(state, detail=detail),
            Cell("\n".join(quotes) or "–"),
        ))  # fmt: skip
    columns = (
        Column(words("growth.matrix.skill")), Column(words("growth.matrix.expected"), align="right"),
        Column(words("growth.matrix.seen"), align="right"), Column(words("label.verdict")),
        Column(words("label.evidence")),
    )  # fmt: skip
    ready = words(matrix.ready.title)
    missing = [skill_name(one, language.code) for one in (*matrix.ready.not_yet, *matrix.ready.open)]
    lines: list[Text | Table] = [Text(ready, tone="strong")]
    if missing:
        lines.append(Text(words("growth.matrix.missing", skills=", ".join(missing)), tone="muted"))
    lines.append(Table("", columns, rows))
    title = words("growth.matrix.title", role=role_name(matrix.role, growth))
    return Section("matrix", title, lines, lead=words("growth.matrix.lead"))


def role_name(role: str, growth: Growth) -> str:
    """A role in words."""
    return growth.desk.words(f"growth.role.{role.lower()}")


def level_text(competency: str, level: int, code: str) -> str:
    """What the level of a competency looks like, in the library's words."""
    found = next((one for one in content().all(Competency) if one.id == competency), None)
    return found.levels[level - 1](code) if found else ""


def plan_section(growth: Growth, plan: DevelopmentPlan | None, matrix: Matrix) -> Section:
    """Aim, steps and what is missing in the plan."""
    words, language = growth.desk.words, growth.desk.words.language
    if plan is None:
        return Section("plan", words("growth.plan.title"), (Text(words("growth.plan.none"), tone="muted"),))
    wording = Wording(words, growth.desk.home.organisation.currency)
    columns = (
        Column(words("growth.step.step")), Column(words("growth.matrix.skill")), Column(words("label.due")),
        Column(words("label.status")),
    )  # fmt: skip
    rows = [
        (
            Cell(step.action, detail=words(f"development.kind.{step.kind}")),
            Cell(skill_name(step.competency_id, language.code)),
            Cell(language.date(step.due) if step.due else "–"),
            Cell(words(f"action_status.{step.status}"), detail=step.evidence),
        )
        for step in growth.steps(plan)
    ]
    signed = [
        words("growth.plan.signed", who=words(f"one_on_one.by.{side}"), time=language.moment(growth.desk.local(moment)))
        for side, moment in (("rep", plan.signed_rep_at), ("coach", plan.signed_manager_at))
        if moment
    ]
    lacks = [Item(remark_text(one, wording)) for one in growth.lacks(plan, matrix)]
    horizon = words("growth.plan.until", date=language.date(plan.horizon)) if plan.horizon else ""
    blocks: list[Text | Table | Bullets] = [
        Text(plan.motivation or words("growth.plan.no_aim"), tone="plain" if plan.motivation else "muted"),
        *([Text(horizon, tone="muted")] if horizon else []),
        *([Table("", columns, rows)] if rows else []),
        *(Text(line, tone="muted") for line in signed),
    ]
    if lacks:
        blocks += [Text(words("growth.plan.look"), tone="strong"), Bullets(lacks)]
    return Section("plan", words("growth.plan.title"), blocks)


# -- what is written -------------------------------------------------------------------------------


class Begin(widgets.VBox):
    """The first step of a plan: towards which role, and when it is looked at."""

    def __init__(self, growth: Growth, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._redraw, self._key = (
            growth.desk,
            Status(),
            growth,
            redraw,
            uuid.uuid4().hex,
        )
        words = growth.desk.words
        roles = dict.fromkeys(
            (*([growth.role] if growth.role else []), *(path.to_role for path in growth.paths()), *ROLES)
        )
        fit = [role for role in roles if role != "Presales" and role != "Coach"]
        self._role = widgets.Dropdown(options=[(role_name(role, growth), role) for role in fit])
        self._horizon = widgets.DatePicker()
        button = widgets.Button(description=words("growth.plan.begin"), button_style="primary")
        button.on_click(self._begin)
        super().__init__([
            heading(growth.desk, "growth.plan.begin_title", "growth.plan.begin_lead"),
            labelled(words("growth.plan.role"), self._role), labelled(words("growth.plan.horizon"), self._horizon),
            button, self.status,
        ])  # fmt: skip

    @told
    def _begin(self, _button: Any) -> None:
        self._growth.begin(self._role.value, self._horizon.value, key=self._key)
        self._redraw()


class Aim(widgets.VBox):
    """Where the rep wants to go, in the rep's words, and the signatures of both."""

    def __init__(self, growth: Growth, plan: DevelopmentPlan, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._plan, self._redraw = growth.desk, Status(), growth, plan, redraw
        words = growth.desk.words
        parts: Widgets = [heading(growth.desk, "growth.plan.aim_title", "growth.plan.aim_lead")]
        parts.append(SavedText(
            growth.desk, words("growth.plan.aim"), plan.motivation, plan.motivation, self._write,
            theirs=lambda conflict: conflict.theirs, rows=3,
        ))  # fmt: skip
        if SELF in growth.desk.standing and not plan.signed_rep_at:
            parts.append(self._button("rep"))
        if growth.desk.standing & {COACH, MANAGER} and not plan.signed_manager_at:
            parts.append(self._button("coach"))
        super().__init__([*parts, self.status])

    def _write(self, text: str, before: str) -> str:
        kept = self._growth.write_aim(text, before)
        self._plan = replace(self._plan, motivation=kept)  # what stands on this screen now
        return kept

    def _button(self, side: str) -> widgets.Button:
        button = widgets.Button(description=self.desk.words(f"growth.plan.sign_{side}"))
        button.on_click(lambda _button: self._sign(side))
        return button

    @told
    def _sign(self, side: Any) -> None:
        fresh = self.desk.record.get(DevelopmentPlan, self._plan.id)
        if fresh.motivation != self._plan.motivation:  # signs what stands on this screen, nothing else
            self._redraw()
            return
        service.sign_plan(self.desk.record, fresh, side)
        self._redraw()


class NewStep(widgets.VBox):
    """A step: doing it, with others, or learning about it; for one competency, until a day."""

    def __init__(self, growth: Growth, plan: DevelopmentPlan, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._redraw = growth.desk, Status(), growth, redraw
        self._plan, self._key = plan, uuid.uuid4().hex
        words, code = growth.desk.words, growth.desk.words.language.code
        skills = sorted(((skill.title(code), skill.id) for skill in content().all(Competency)),
                        key=lambda pair: words.language.sort_key(pair[0]))  # fmt: skip
        self._kind = widgets.Dropdown(options=[(words(f"development.kind.{kind}"), kind) for kind in _STEP_KINDS])
        self._skill = widgets.Dropdown(options=skills)
        self._text = widgets.Textarea(rows=2, continuous_update=False)
        self._text.add_class("sc-app-short")
        self._due = widgets.DatePicker()
        button = widgets.Button(description=words("growth.step.add"), button_style="primary")
        button.on_click(self._add)
        super().__init__([
            heading(growth.desk, "growth.step.new", "growth.step.new_lead"),
            labelled(words("growth.step.kind"), self._kind), labelled(words("growth.matrix.skill"), self._skill),
            labelled(words("growth.step.text"), self._text), labelled(words("growth.step.due"), self._due),
            button, self.status,
        ])  # fmt: skip

    @told
    def _add(self, _button: Any) -> None:
        self._growth.add_step(
            self._plan, self._kind.value, self._skill.value, self._text.value.strip(), self._due.value, key=self._key
        )
        self._redraw()


class StepRow(widgets.VBox):
    """One step: its proof and its state."""

    def __init__(self, growth: Growth, step: PlanStep, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._step, self._redraw = growth.desk, Status(), growth, step, redraw
        words = growth.desk.words
        name = widgets.Label(value=step.action)
        proof = SavedText(
            growth.desk, words("growth.step.proof", step=step.action), step.evidence, step.evidence,
            lambda text, before: growth.write_proof(step.id, text, before), theirs=lambda conflict: conflict.theirs,
        )  # fmt: skip
        self._state = widgets.Dropdown(
            options=[(words(f"action_status.{status}"), status) for status in STATUSES], value=step.status
        )
        self._state.observe(self._changed, names="value")
        super().__init__(
            [name, proof, labelled(words("growth.step.state", step=step.action), self._state), self.status]
        )
        self.add_class("sc-app-action")

    @told
    def _changed(self, change: Any) -> None:
        try:
            self._growth.set_state(self._step.id, change["new"])
        except ConflictError:
            self._redraw()
            return
        self._redraw()
