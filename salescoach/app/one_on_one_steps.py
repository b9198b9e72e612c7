"""The steps of a one-on-one: prepare it, hold it, close it. Each gives what is read and what is written.

A screen shows what the record hands out to the person before it; a control that is not there is no protection, the
record refuses again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import DraftedText, SavedText, Status, told
from salescoach.app.one_on_one_promises import NewPromise, PromiseRow
from salescoach.app.parts import Screen, Widgets, html_widget, labelled, part_widgets
from salescoach.meeting_session import hold as hold_now
from salescoach.meeting_session import session_of
from salescoach.meetings import KINDS, POINTS_OF_COACH, POINTS_OF_REP, Desk
from salescoach.report.documents import brief_page
from salescoach.report.documents.parts import agenda_section, numbers_section
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.page import Bullets, Item, Section
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.store.models import AgendaItem, Observation, OneOnOne, PrivateNote
from salescoach.store.policy import COACH
from salescoach.store.service import one_on_ones
from salescoach.store.service.one_on_ones import Meeting

CLOCKS = [f"{hour:02d}:{minute:02d}" for hour in range(7, 20) for minute in (0, 30)]


def heading(desk: Desk, key: str, lead: str = "") -> widgets.HTML:
    """A heading of the written side, with a line below it."""
    words = desk.words
    return html_widget(words(key), words(lead) if lead else "", language=words.language.code)


class NewMeeting(widgets.VBox):
    """The form that plans a meeting: its kind, day and time."""

    def __init__(self, desk: Desk, day: date, planned: Callable[[int], None], kind: str = "weekly") -> None:
        self.desk, self.status, self._planned, self._key = desk, Status(), planned, uuid.uuid4().hex
        words = desk.words
        self._kind = widgets.Dropdown(options=[(words(f"session.kind.{kind}"), kind) for kind in KINDS], value=kind)
        self._day = widgets.DatePicker(value=day)
        self._clock = widgets.Dropdown(options=CLOCKS, value="09:30")
        button = widgets.Button(description=words("one_on_one.app.plan"), button_style="primary")
        button.on_click(self._plan)
        super().__init__([
            heading(desk, "one_on_one.app.plan_title", "one_on_one.app.plan_lead"),
            labelled(words("one_on_one.app.kind"), self._kind), labelled(words("label.date"), self._day),
            labelled(words("one_on_one.app.clock"), self._clock), button, self.status,
        ])  # fmt: skip

    @told
    def _plan(self, _button: Any) -> None:
        if self._day.value is None:
            self.status.say(self.desk.words("one_on_one.app.no_day"), problem=True)
            return
        made = self.desk.plan(self._kind.value, self._day.value, self._clock.value, self._key)
        self._planned(made.id)


def prepare(desk: Desk, found: Meeting, redraw: Callable[[], None]) -> Screen:
    """Read the brief; write the agenda, and say what became of the promises."""
    brief = brief_page(session_of(desk, found.one_on_one.id), desk.words, desk.review.page.sections)
    lacks = missing(desk, found, "one_on_one.app.missing_yet")

    def written() -> None:
        """What is there now is missing no more; drawn anew as a whole, the page would take the cursor away."""
        lacks.value = missing(desk, desk.meeting(found.one_on_one.id), "one_on_one.app.missing_yet").value

    return part_widgets(brief, desk.words.language.code), [
        lacks,
        *agenda_fields(desk, found, written),
        Evidence(desk, found.one_on_one, written),
        *promise_rows(desk, found),
    ]


def missing(desk: Desk, found: Meeting, key: str = "one_on_one.app.missing") -> widgets.HTML:
    """What is not there yet, by the rules of a one-on-one."""
    words = desk.words
    wording = Wording(words, desk.review.facts.currency)
    items = [
        Item(remark_text(remark, wording), mark=words(f"one_on_one.feedback.weight.{remark.weight}"))
        for remark in desk.missing(found)
    ]
    section = Section("missing", words(key), (Bullets(items, empty=words("one_on_one.app.complete")),))
    return html_widget(section, language=words.language.code)


def agenda_fields(desk: Desk, found: Meeting, written: Callable[[], None]) -> Widgets:
    """Three points of the rep, one of the coach; the coach's is the coach's to write. *written* after each save."""
    fields: Widgets = [heading(desk, "one_on_one.agenda.title", "one_on_one.agenda.lead")]
    places = [("rep", place) for place in range(1, POINTS_OF_REP + 1)]
    places += [("manager", place) for place in range(1, POINTS_OF_COACH + 1)]
    for by, place in places:
        item = next((item for item in found.agenda if (item.by, item.place) == (by, place)), None)
        mine = desk.words("one_on_one.app.point.rep", place=place)
        title = mine if by == "rep" else desk.words("one_on_one.app.point.manager")
        fields.append(_point(desk, found.one_on_one, by, place, item, title, written))
    return fields


def _point(
    desk: Desk, meeting: OneOnOne, by: str, place: int, item: AgendaItem | None, title: str,
    written: Callable[[], None],
) -> widgets.Widget:  # fmt: skip
    def save(text: str, version: int) -> int:
        stored = desk.write_point(meeting, by, place, text, version)
        written()
        return stored.version

    field = SavedText(
        desk, title, item.text if item else "", item.version if item else 0, save,
        theirs=lambda conflict: conflict.their_version,
        hint=desk.words("one_on_one.app.point_hint") if (by, place) == ("rep", 1) else "",
    )  # fmt: skip
    if by == "manager" and COACH not in desk.standing:
        field.lock()
    return field


def promise_rows(desk: Desk, found: Meeting) -> Widgets:
    """What was promised before, each with its state."""
    rows: Widgets = [PromiseRow(desk, action) for action in found.carried]
    empty = [] if rows else [widgets.Label(value=desk.words("one_on_one.carried.none"))]
    return [heading(desk, "one_on_one.carried.title"), *rows, *empty]


def hold(desk: Desk, found: Meeting, redraw: Callable[[], None]) -> Screen:
    """Go through the agenda: what came out of each point, notes, one skill, one deal, new promises."""
    meeting, words = found.one_on_one, desk.words
    session = session_of(desk, meeting.id)
    code = words.language.code
    parts = (agenda_section(session, words), numbers_section(session, words), desk.review.questions)
    page = [html_widget(part, language=code) for part in parts]
    side: Widgets = [*_outcomes(desk, found), heading(desk, "one_on_one.commitments", "app.action.hint")]
    side += [
        Evidence(desk, meeting),
        _field(desk, meeting, "skill_commitment", "one_on_one.skill"),
        DealStep(desk, meeting),
    ]
    side += [heading(desk, "one_on_one.agreed.title")]
    agreed = widgets.VBox([PromiseRow(desk, action) for action in found.promised])

    def added() -> None:
        agreed.children = [PromiseRow(desk, action) for action in desk.meeting(meeting.id).promised]

    side += [agreed, NewPromise(desk, meeting, added), *_notes(desk, found)]
    if meeting.status == "planned":
        side.append(Begin(desk, meeting, redraw))
    return list(page), side


def _outcomes(desk: Desk, found: Meeting) -> Widgets:
    fields: Widgets = [heading(desk, "one_on_one.app.points", "one_on_one.app.points_lead")]
    for item in sorted(found.agenda, key=lambda item: (item.by != "rep", item.place)):
        if item.text.strip():
            fields.append(_outcome(desk, item))
    if len(fields) == 1:
        fields.append(widgets.Label(value=desk.words("one_on_one.agenda.empty")))
    return fields


def _outcome(desk: Desk, item: AgendaItem) -> widgets.Widget:
    def save(text: str, version: int) -> int:
        return desk.write_outcome(item, text, version).version

    return SavedText(
        desk, item.text, item.outcome, item.version, save, theirs=lambda conflict: conflict.their_version,
        hint=desk.words("one_on_one.app.outcome_hint"),
    )  # fmt: skip


def _field(desk: Desk, meeting: OneOnOne, name: str, title: str) -> SavedText:
    """A text of the meeting itself; its mark is the text before."""

    def save(text: str, before: str) -> str:
        return str(getattr(desk.write_field(meeting.id, name, text, before), name) or "")

    text = getattr(meeting, name) or ""
    return SavedText(desk, desk.words(title), text, text, save, theirs=lambda conflict: conflict.theirs)


class Choice(widgets.VBox):
    """A choice that is saved at once; of two who choose, the second sees what the first chose."""

    def __init__(self, desk: Desk, title: str, options: list[tuple[str, str]], value: str,
                 save: Callable[[str], None]) -> None:  # fmt: skip
        self.desk, self.status, self._save = desk, Status(), save
        known = [key for _, key in options]
        extra = [(value, value)] if value not in known else []
        self._box = widgets.Dropdown(options=[*options, *extra], value=value)
        self._box.observe(self._chosen, names="value")
        super().__init__([labelled(title, self._box), self.status])

    @told
    def _chosen(self, change: Any) -> None:
        self._save(change["new"])
        self.status.say(self.desk.words("app.action.changed"))


def evidence_choices(desk: Desk) -> list[tuple[str, str]]:
    """What a text or a meeting can rest on: numbers, deals, and what was observed."""
    words = desk.words
    found = [
        (words("one_on_one.app.of_metric", name=words(f"metric.{name}.name")), f"metric:{name}")
        for name in SHOWN_METRICS
    ]
    found += [(words("one_on_one.app.of_deal", name=name), f"deal:{deal}") for name, deal in desk.deals()]
    for seen in desk.record.entries(Observation, desk.rep_id):
        day = words.language.date(desk.local(seen.occurred_at).date())
        found.append((words("one_on_one.app.of_observation", day=day), f"observation:{seen.id}"))
    return found


class Evidence(Choice):
    """One piece of evidence to look at together."""

    def __init__(self, desk: Desk, meeting: OneOnOne, written: Callable[[], None] = lambda: None) -> None:
        chosen = f"{meeting.evidence_kind}:{meeting.evidence_ref}" if meeting.evidence_ref else ""

        def save(value: str) -> None:
            kind, _, ref = value.partition(":")
            with desk.record.write() as unit:
                stored = unit.get(OneOnOne, meeting.id)
                unit.save(replace(stored, evidence_kind=kind or None, evidence_ref=ref or None))
            written()

        options = [(desk.words("one_on_one.not_yet"), ""), *evidence_choices(desk)]
        super().__init__(desk, desk.words("one_on_one.evidence"), options, chosen, save)


class DealStep(widgets.VBox):
    """One deal and its next step."""

    def __init__(self, desk: Desk, meeting: OneOnOne) -> None:
        def save(value: str) -> None:
            with desk.record.write() as unit:
                unit.save(replace(unit.get(OneOnOne, meeting.id), deal_id=value or None))

        options = [(desk.words("one_on_one.app.no_deal"), ""), *desk.deals()]
        choice = Choice(desk, desk.words("one_on_one.app.deal"), options, meeting.deal_id or "", save)
        super().__init__([choice, _field(desk, meeting, "deal_step", "one_on_one.deal_step")])


def _notes(desk: Desk, found: Meeting) -> Widgets:
    """The note both read, and, for a coach, the one that only its author reads."""
    meeting, words = found.one_on_one, desk.words
    form, shared = f"one_on_one {meeting.id}", found.shared

    def save(text: str, version: int) -> int:
        fresh = desk.record.get(OneOnOne, meeting.id)
        return one_on_ones.write_shared(desk.record, fresh, text, version=version).version

    fields: Widgets = [
        heading(desk, "one_on_one.shared.title", "one_on_one.app.shared_lead"),
        DraftedText(
            desk, words("one_on_one.app.shared"), shared.text if shared else "", shared.version if shared else 0, save,
            form=form, place="shared", button=words("one_on_one.app.save_shared"),
            theirs=lambda conflict: conflict.their_version,
        ),
    ]  # fmt: skip
    if COACH in desk.standing:
        fields += [
            heading(desk, "one_on_one.app.private_title", "one_on_one.app.private_lead"), _private(desk, found, form),
        ]  # fmt: skip
    return fields


def _private(desk: Desk, found: Meeting, form: str) -> widgets.Widget:
    mine = next((note for note in found.private if note.author == desk.record.principal.person), None)
    known = {"note": mine}

    def save(text: str, version: int) -> int:
        note = known["note"]
        if note is None:
            stored = desk.record.add(PrivateNote(rep_id=desk.rep_id, one_on_one_id=found.one_on_one.id, text=text))
        else:
            stored = desk.record.save(replace(note, text=text, version=version))
        known["note"] = stored
        return stored.version

    return DraftedText(
        desk, desk.words("one_on_one.app.private"), mine.text if mine else "", mine.version if mine else 0, save,
        form=form, place="private", button=desk.words("one_on_one.app.save_private"), rows=4,
        theirs=lambda conflict: conflict.their_version,
    )  # fmt: skip


class Begin(widgets.VBox):
    """Says that the meeting took place; the numbers on the table are kept as they are."""

    def __init__(self, desk: Desk, meeting: OneOnOne, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._meeting, self._redraw = desk, Status(), meeting, redraw
        button = widgets.Button(description=desk.words("one_on_one.app.held"), button_style="primary")
        button.on_click(self._held)
        super().__init__([heading(desk, "one_on_one.app.held_title", "one_on_one.app.held_lead"), button, self.status])

    @told
    def _held(self, _button: Any) -> None:
        hold_now(self.desk, self._meeting)
        self._redraw()
