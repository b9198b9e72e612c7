"""Feedback on the screen: composed with its evidence and looked through while it is written; answered and disputed."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Drafted, Status, told
from salescoach.app.one_on_one_steps import evidence_choices, heading
from salescoach.app.parts import Widgets, close, html_widget, labelled
from salescoach.coaching import feedback as rules
from salescoach.coaching.remarks import Remark, blocked
from salescoach.feedback_reading import evidence_text, reading_of
from salescoach.language import shortened
from salescoach.meetings import Desk
from salescoach.report.page import Bullets, Item, Quote, Section, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.store.models import Feedback, OneOnOne
from salescoach.store.policy import COACH, MANAGER, SELF
from salescoach.store.service import agreements

KINDS = ("strength", "development", "suggestion")
_PARTS = ("situation", "behaviour", "impact", "suggestion", "ask")


class Composer(widgets.VBox):
    """Situation, behaviour, effect, next step and a question; evidence is required, the rest is advised."""

    def __init__(self, desk: Desk, meeting: OneOnOne | None, given: Callable[[], None]) -> None:
        self.desk, self.status, self._meeting, self._given = desk, Status(), meeting, given
        words = desk.words
        kinds = [(words(f"one_on_one.feedback.kind.{kind}"), kind) for kind in KINDS]
        self._kind = widgets.Dropdown(options=kinds, value="strength")
        self._day = widgets.DatePicker()
        self._evidence = widgets.Dropdown(options=[(words("one_on_one.feedback.choose"), ""), *evidence_choices(desk)])
        self._texts = {
            part: Drafted(desk, words(f"one_on_one.feedback.part.{part}"), "feedback", part, rows=2) for part in _PARTS
        }
        boxes = [text.box for text in self._texts.values()]
        for control in (self._kind, self._day, self._evidence, *boxes):
            control.observe(self._look_through, names="value")
        for box in boxes:
            box.add_class("sc-app-short")
        self._remarks = widgets.VBox()
        self._button = widgets.Button(description=words("one_on_one.feedback.give"), button_style="primary")
        self._button.on_click(self._give)
        self._key = uuid.uuid4().hex
        super().__init__([
            heading(desk, "one_on_one.feedback.compose", "one_on_one.feedback.compose_lead"),
            labelled(words("one_on_one.feedback.kind_label"), self._kind),
            labelled(words("one_on_one.feedback.day"), self._day),
            labelled(words("label.evidence"), self._evidence),
            *self._texts.values(), self._remarks, self._button, self.status,
        ])  # fmt: skip
        self._look_through(None)

    @property
    def _written(self) -> rules.Feedback:
        texts = {part: text.box.value.strip() for part, text in self._texts.items()}
        source, _, ref = str(self._evidence.value).partition(":")
        evidence = (rules.Evidence(source, ref, self.desk.rep_id),) if ref else ()  # type: ignore[arg-type]
        return rules.Feedback(self._kind.value, self.desk.rep_id, self._day.value, evidence=evidence, **texts)

    def _found(self) -> tuple[Remark, ...]:
        return rules.lint(self._written, reading_of(self.desk))

    def _look_through(self, _change: Any) -> None:
        """What is worth a second look, anew with every part that is left; nothing is said before a word is written."""
        old = self._remarks.children
        if not self._written.written:
            self._remarks.children = []
        else:
            words = self.desk.words
            wording = Wording(words, self.desk.review.facts.currency)
            found = self._found()
            items = [
                Item(remark_text(one, wording), mark=words(f"one_on_one.feedback.weight.{one.weight}")) for one in found
            ]
            block = Bullets(items, empty=words("one_on_one.feedback.clean"))
            section = Section("second-look", words("one_on_one.feedback.second_look"), (block,))
            self._remarks.children = [html_widget(section, language=words.language.code)]
        close(old)

    @told
    def _give(self, _button: Any) -> None:
        written, words = self._written, self.desk.words
        if blocked(self._found()) or not written.written:
            self.status.say(words("one_on_one.feedback.not_yet"), problem=True)
            return
        happened = written.happened
        moment = datetime(happened.year, happened.month, happened.day, 12, tzinfo=UTC) if happened else None
        ref = str(self._evidence.value)
        text = rules.composed(written, words, [evidence_text(self.desk, ref)])
        self.desk.record.add(
            Feedback(
                rep_id=self.desk.rep_id, key=self._key, kind=written.kind, text=text, evidence_refs=(ref,),
                about_event_at=moment, one_on_one_id=self._meeting.id if self._meeting else None,
            )
        )  # fmt: skip
        self._key = uuid.uuid4().hex
        for part in self._texts.values():
            part.sent()
        self.status.say(words("one_on_one.feedback.given"))
        self._given()


def feedback_section(desk: Desk) -> Section:
    """All feedback, the newest first, with replies, disputes and what was decided: both texts stay."""
    words, language = desk.words, desk.words.language
    blocks: list[Text | Quote] = []
    for one in sorted(desk.record.entries(Feedback, desk.rep_id), key=lambda one: -one.id):
        day = language.date(desk.local(one.created_at).date()) if one.created_at else ""
        blocks.append(Quote(words("one_on_one.feedback.from", author=one.author, day=day), _lines(desk, one)))
    if not blocks:
        blocks.append(Text(words("one_on_one.feedback.none"), tone="muted"))
    return Section("feedback-given", words("one_on_one.feedback.title"), blocks)


def _lines(desk: Desk, one: Feedback) -> tuple[str, ...]:
    words = desk.words
    lines = one.text.splitlines()
    if one.reply_text:
        lines.append(words("one_on_one.feedback.reply_is", text=one.reply_text))
    if one.dispute_status != "none":
        lines.append(words(f"one_on_one.feedback.dispute.{one.dispute_status}", text=one.dispute_text))
    if one.decision_text:
        lines.append(words("one_on_one.feedback.decision_is", text=one.decision_text))
    return tuple(lines)


def answer_forms(desk: Desk, redraw: Callable[[], None]) -> Widgets:
    """For the rep the form to reply or to dispute; for a manager the form to decide, while something is disputed."""
    given = desk.record.entries(Feedback, desk.rep_id)
    asked = SELF in desk.standing or (MANAGER in desk.standing and any(one.dispute_status == "open" for one in given))
    return [Answer(desk, redraw)] if asked else []


class Answer(widgets.VBox):
    """The rep answers one piece of feedback, or says what is wrong with it; somebody else decides a dispute."""

    def __init__(self, desk: Desk, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw = desk, Status(), redraw
        words = desk.words
        self._all = {one.id: one for one in desk.record.entries(Feedback, desk.rep_id)}
        options = [(shortened(one.text), one.id) for one in sorted(self._all.values(), key=lambda one: -one.id)]
        self._which = widgets.Dropdown(options=options)
        parts: Widgets = [heading(desk, "one_on_one.feedback.answer", "one_on_one.feedback.answer_lead")]
        if not options:
            super().__init__([*parts, widgets.Label(value=words("one_on_one.feedback.none"))])
            return
        self._text = Drafted(desk, words("one_on_one.feedback.your_words"), self._form, "answer")
        self._which.observe(lambda _change: self._text.begin(self._form), names="value")
        parts += [labelled(words("one_on_one.feedback.which"), self._which), self._text]
        if SELF in desk.standing:
            parts += [self._button("reply", self._reply), self._button("dispute", self._dispute)]
        if MANAGER in desk.standing and any(one.dispute_status == "open" for one in self._all.values()):
            parts += [
                self._button("uphold", lambda: self._decide(True)),
                self._button("decline", lambda: self._decide(False)),
            ]
        super().__init__([*parts, self.status])

    def _button(self, name: str, act: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=self.desk.words(f"one_on_one.feedback.do.{name}"))
        button.on_click(lambda _button: self._do(act))
        return button

    @told
    def _do(self, act: Callable[[], None]) -> None:
        if not self._text.box.value.strip():
            self.status.say(self.desk.words("one_on_one.feedback.say_something"), problem=True)
            return
        act()
        self._text.sent()
        self._redraw()

    @property
    def _form(self) -> str:
        return f"feedback {self._which.value}"

    @property
    def _chosen(self) -> Feedback:
        return self._all[self._which.value]

    def _reply(self) -> None:
        agreements.reply(self.desk.record, self._chosen, self._text.box.value)

    def _dispute(self) -> None:
        agreements.dispute(self.desk.record, self._chosen, self._text.box.value)

    def _decide(self, upheld: bool) -> None:
        agreements.decide(self.desk.record, self._chosen, upheld=upheld, text=self._text.box.value)


def may_give(desk: Desk) -> bool:
    """Whether the person before the screen gives feedback to this rep."""
    return bool(desk.standing & {COACH, MANAGER})
