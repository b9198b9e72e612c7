"""A rep objects to a number; somebody else examines it and answers. The first figure stays beside today's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Drafted, Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Widgets, labelled
from salescoach.disputing import reports_made_apart, reports_of
from salescoach.meetings import Desk
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.page import Quote, Section, Text
from salescoach.safe_html import download, tag
from salescoach.store.models import Objection
from salescoach.store.policy import HR, MANAGER, SELF


def objections_section(desk: Desk) -> Section:
    """All objections, the newest first, with what was answered, and the number then and now."""
    words, language = desk.words, desk.words.language
    blocks: list[Text | Quote] = []
    for one in sorted(desk.objections(), key=lambda one: -one.id):
        day = language.date(desk.local(one.created_at).date()) if one.created_at else ""
        lines = [one.text, words(f"one_on_one.objection.status.{one.status}")]
        if one.answer:
            lines.append(words("one_on_one.objection.answer_is", text=one.answer, person=one.examined_by or ""))
        elif one.is_open:
            lines.append(words("one_on_one.objection.until", day=language.date(one.due)))
        lines.append(words("one_on_one.objection.now", number=desk.number_text(metric_of(one))))
        if one.recomputed_run_id is not None:
            lines.append(words("one_on_one.objection.made_again", run=one.recomputed_run_id))
        name = words(f"metric.{metric_of(one)}.name")
        blocks.append(Quote(words("one_on_one.objection.of", name=name, day=day), lines))
    if not blocks:
        blocks.append(Text(words("one_on_one.objection.none"), tone="muted"))
    return Section("objections", words("one_on_one.objection.title"), blocks)


def metric_of(objection: Objection) -> str:
    """Id of the metric that an objection is about."""
    return objection.number_ref.split(":")[1]


def objection_forms(desk: Desk, redraw: Callable[[], None]) -> Widgets:
    """For the rep the form to object, for whoever examines the form to answer."""
    found: Widgets = [Object(desk, redraw)] if SELF in desk.standing else []
    waiting = [one for one in desk.objections() if one.is_open]
    if waiting and desk.standing & {MANAGER, HR} and SELF not in desk.standing:
        found.append(Examine(desk, waiting, redraw))
    upheld = [one for one in desk.objections() if one.is_upheld]
    pending = [one for one in upheld if one.recomputed_run_id is None]
    if pending and desk.standing & {MANAGER, HR} and SELF not in desk.standing:
        found.append(Pending(desk, pending, redraw))
    made = [one for one in upheld if one.recomputed_run_id is not None]
    return [*found, Reports(desk, made)] if made and desk.sees_meetings else found


class Object(widgets.VBox):
    """The rep names a number and says in own words what is wrong with it."""

    def __init__(self, desk: Desk, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._key = desk, Status(), redraw, uuid.uuid4().hex
        words = desk.words
        numbers = [(words(f"metric.{name}.name"), name) for name in SHOWN_METRICS]
        self._number = widgets.Dropdown(options=numbers, value=SHOWN_METRICS[0])
        self._text = Drafted(desk, words("one_on_one.objection.reason"), "objection", "text")
        button = widgets.Button(description=words("one_on_one.objection.object"))
        button.on_click(self._object)
        super().__init__([
            heading(desk, "one_on_one.objection.form", "one_on_one.objection.form_lead"),
            labelled(words("one_on_one.objection.number"), self._number),
            self._text, button, self.status,
        ])  # fmt: skip

    @told
    def _object(self, _button: Any) -> None:
        if not self._text.box.value.strip():
            self.status.say(self.desk.words("one_on_one.feedback.say_something"), problem=True)
            return
        self.desk.object_to(self._number.value, self._text.box.value, self._key)
        self._text.sent()
        self._redraw()


class Examine(widgets.VBox):
    """Somebody other than the rep answers an objection with reasons."""

    def __init__(self, desk: Desk, waiting: list[Objection], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw = desk, Status(), redraw
        words = desk.words
        self._all = {one.id: one for one in waiting}
        self._which = widgets.Dropdown(options=[(words(f"metric.{metric_of(one)}.name"), one.id) for one in waiting])
        self._which.value = waiting[0].id
        self._text = Drafted(desk, words("one_on_one.objection.reasons"), self._form, "answer")
        self._which.observe(lambda _change: self._text.begin(self._form), names="value")
        uphold = widgets.Button(description=words("one_on_one.objection.uphold"))
        uphold.on_click(lambda _button: self._answer("upheld"))
        decline = widgets.Button(description=words("one_on_one.objection.decline"))
        decline.on_click(lambda _button: self._answer("declined"))
        super().__init__([
            heading(desk, "one_on_one.objection.examine", "one_on_one.objection.examine_lead"),
            labelled(words("one_on_one.objection.number"), self._which),
            self._text, uphold, decline, self.status,
        ])  # fmt: skip

    @property
    def _form(self) -> str:
        return f"objection {self._which.value}"

    @told
    def _answer(self, status: str) -> None:
        if not self._text.box.value.strip():
            self.status.say(self.desk.words("one_on_one.feedback.say_something"), problem=True)
            return
        answered = self.desk.answer(self._all[self._which.value], status, self._text.box.value)
        self._text.sent()
        if answered.is_upheld:
            self.status.say(self.desk.words("one_on_one.objection.making"))
            reports_made_apart(self.desk.home, answered, self.desk.record.principal.person)
        self._redraw()


class Pending(widgets.VBox):
    """Objections that were upheld and whose reports were not made again yet, such as after a crash: one press."""

    def __init__(self, desk: Desk, waiting: list[Objection], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._waiting = desk, Status(), redraw, waiting
        button = widgets.Button(description=desk.words("one_on_one.objection.make"))
        button.on_click(self._make)
        super().__init__([heading(desk, "one_on_one.objection.pending", "one_on_one.objection.pending_lead"), button,
                          self.status])  # fmt: skip

    @told
    def _make(self, _button: Any) -> None:
        self.status.say(self.desk.words("one_on_one.objection.making"))
        for one in self._waiting:
            reports_made_apart(self.desk.home, one, self.desk.record.principal.person)
        self._redraw()


class Reports(widgets.VBox):
    """The reports before and after an upheld objection, to take away. They hold what was said in meetings."""

    def __init__(self, desk: Desk, made: list[Objection]) -> None:
        self.desk, self.status, self._made = desk, Status(), made
        button = widgets.Button(description=desk.words("one_on_one.objection.reports"))
        button.on_click(self._show)
        self._links = widgets.HTML()
        super().__init__([button, self._links, self.status])

    @told
    def _show(self, _button: Any) -> None:
        """Made when asked for: a report is far longer than the page that offers it."""
        words, links = self.desk.words, []
        for one in self._made:
            for pair in reports_of(self.desk.home, one):
                for when, path in (("before", pair.before), ("after", pair.now)):
                    if path is not None:
                        text = words(
                            f"one_on_one.objection.report_{when}",
                            name=words(f"metric.{metric_of(one)}.name"), language=words(f"language.{pair.language}"),
                        )  # fmt: skip
                        links.append(tag("p", download(text, path.name, "text/html", path.read_bytes())))
        self._links.value = str(tag("div", *links, class_="sc-sheet"))
