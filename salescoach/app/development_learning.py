"""Who and what helps somebody grow, on the screen: mentor with consent, training with its effect."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from salescoach.app.development_observing import skill_name
from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Widgets, labelled
from salescoach.coaching.content import Course
from salescoach.growth_plan import Growth, Matrix
from salescoach.known import data_at
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.review import content
from salescoach.store.models import MentorPair
from salescoach.store.policy import COACH, MANAGER
from salescoach.store.service import growth as service


def mentor_section(growth: Growth, matrix: Matrix, people: list[str]) -> Section:
    """Who is a mentor now, and the proposal with its reason; a person decides."""
    desk = growth.desk
    words, language = desk.words, desk.words.language
    pairs = desk.record.entries(MentorPair, desk.rep_id)
    now = [Item(words("growth.mentor.is", mentor=_name(growth, one.mentor_id), date=language.date(one.valid_from)))
           for one in pairs if one.valid_to is None]  # fmt: skip
    blocks: list[Text | Bullets] = [Bullets(now)] if now else []
    if desk.standing & {COACH, MANAGER}:
        found = growth.mentors(matrix, people)
        for pair in found.pairs:
            skills = ", ".join(skill_name(one, language.code) for one in pair.competencies)
            chance = language.percent(pair.probability)
            blocks.append(
                Text(words("growth.mentor.proposal", mentor=_name(growth, pair.mentor), skills=skills, chance=chance))
            )
        if not found.pairs:
            blocks.append(Text(words(found.reason(desk.rep_id)), tone="muted"))
    elif not blocks:
        blocks.append(Text(words("growth.mentor.none"), tone="muted"))
    return Section("mentor", words("growth.mentor.title"), blocks, lead=words("growth.mentor.lead"))


def _name(growth: Growth, rep: str) -> str:
    reps = data_at(growth.desk.home).reps
    return str(reps.at[rep, "full_name"]) if rep in reps.index else rep


def training_section(growth: Growth, matrix: Matrix) -> Section:
    """Trainings with the days on which they are taken up again and their effect; courses for the gaps."""
    words, language = growth.desk.words, growth.desk.words.language
    wording = Wording(words, growth.desk.home.organisation.currency)
    known = {course.id: course for course in content().all(Course)}
    rows = []
    for one in growth.trainings():
        title = one.course.title(language.code) if one.course else one.entry.course_id
        check = "–"
        if one.effect:
            check = remark_text(one.effect, wording)
        elif one.course and one.again:
            check = words("growth.training.seen_by", check=one.course.check(language.code))
        tasks = [task(language.code) for task in one.course.recall] if one.course else []
        again = [f"{language.date(day)}: {task}" for day, task in zip(one.again, tasks, strict=False)]
        done = (
            words("growth.training.due", date=language.date(one.entry.due)) if one.entry.due and not one.again else ""
        )
        rows.append((
            Cell(title), Cell(words(f"growth.training.state.{one.entry.status}"), detail=done),
            Cell("\n".join(again) or "–"), Cell(check),
        ))  # fmt: skip
    columns = (
        Column(words("growth.training.course")), Column(words("label.status")), Column(words("growth.training.again")),
        Column(words("growth.training.effect")),
    )  # fmt: skip
    blocks: list[Text | Table | Bullets] = (
        [Table("", columns, rows)] if rows else [Text(words("growth.training.none"), tone="muted")]
    )
    offers = [
        Item(", ".join(known[course].title(language.code) for course in found), mark=skill_name(skill, language.code))
        for skill, found in growth.offered(matrix).items()
        if found
    ]
    if offers:
        blocks += [Text(words("growth.training.offer"), tone="strong"), Bullets(offers)]
    return Section("training", words("growth.training.title"), blocks, lead=words("growth.training.lead"))


class Consents(widgets.VBox):
    """What the person agrees to: being helped by a mentor, being one. Taken back with the same box."""

    def __init__(self, growth: Growth, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw = growth.desk, Status(), redraw
        words = growth.desk.words
        self._boxes = {
            purpose: widgets.Checkbox(
                value=bool(service.agreed(self.desk.record, purpose, [self.desk.rep_id])),
                description=words(f"growth.consent.{purpose}"), indent=False,
                tooltip=words(f"growth.consent.{purpose}"),
            )
            for purpose in service.PURPOSES if purpose != "wall"
        }  # fmt: skip
        for purpose, box in self._boxes.items():
            box.observe(lambda change, purpose=purpose: self._set(purpose, change["new"]), names="value")
        super().__init__([
            heading(growth.desk, "growth.consent.title", "growth.consent.lead"), *self._boxes.values(), self.status
        ])  # fmt: skip

    @told
    def _set(self, purpose: Any, yes: bool) -> None:
        act = service.agree if yes else service.withdraw
        act(self.desk.record, self.desk.rep_id, purpose)
        self._redraw()


class MentorChoice(widgets.VBox):
    """A coach or manager decides on a mentor; the record asks for the consent of both."""

    def __init__(self, growth: Growth, matrix: Matrix, people: list[str], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._redraw, self._key = (
            growth.desk,
            Status(),
            growth,
            redraw,
            uuid.uuid4().hex,
        )
        words = growth.desk.words
        found = growth.mentors(matrix, people)
        options = [(_name(growth, one), one) for one in people if one != growth.desk.rep_id]
        self._who = widgets.Dropdown(options=options, value=found.pairs[0].mentor if found.pairs else None)
        self._skill = found.pairs[0].competencies[0] if found.pairs else ""
        button = widgets.Button(description=words("growth.mentor.decide"))
        button.on_click(self._decide)
        super().__init__([
            heading(growth.desk, "growth.mentor.choose", "growth.mentor.choose_lead"),
            labelled(words("growth.mentor.who"), self._who), button, self.status,
        ])  # fmt: skip

    @told
    def _decide(self, _button: Any) -> None:
        if not self._who.value:
            self.status.say(self.desk.words("growth.mentor.first"), problem=True)
            return
        self._growth.decide_mentor(self._who.value, self._skill, key=self._key)
        self._redraw()


class Training(widgets.VBox):
    """Assign a course of the catalogue; note that one was completed."""

    def __init__(self, growth: Growth, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._growth, self._redraw = growth.desk, Status(), growth, redraw
        words, code = growth.desk.words, growth.desk.words.language.code
        catalogue = [
            (words("growth.training.listed", topic=words(f"growth.training.topic.{course.topic}"),
                   title=course.title(code), minutes=course.minutes), course.id)
            for course in content().all(Course)
        ]  # fmt: skip
        titles = {course.id: course.title(code) for course in content().all(Course)}
        waiting = [
            (titles.get(one.entry.course_id, one.entry.course_id), one.entry.id)
            for one in growth.trainings()
            if one.entry.status in ("assigned", "started")
        ]
        self._course, self._due = widgets.Dropdown(options=catalogue), widgets.DatePicker()
        self._done, self._day = widgets.Dropdown(options=waiting), widgets.DatePicker(value=growth.today)
        assign = widgets.Button(description=words("growth.training.assign"))
        assign.on_click(self._assign)
        parts: Widgets = [
            heading(growth.desk, "growth.training.write", "growth.training.write_lead"),
            labelled(words("growth.training.course"), self._course), labelled(words("growth.training.by"), self._due),
            assign,
        ]  # fmt: skip
        if waiting:
            complete = widgets.Button(description=words("growth.training.complete"))
            complete.on_click(self._complete)
            parts += [labelled(words("growth.training.waiting"), self._done),
                      labelled(words("growth.training.completed_on"), self._day), complete]  # fmt: skip
        super().__init__([*parts, self.status])

    @told
    def _assign(self, _button: Any) -> None:
        self._growth.assign(self._course.value, self._due.value)
        self._redraw()

    @told
    def _complete(self, _button: Any) -> None:
        self._growth.complete(self._done.value, self._day.value)
        self._redraw()
