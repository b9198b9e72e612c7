"""Closing a one-on-one: what is missing, both signatures, the next meeting, the documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import NewMeeting, heading, missing
from salescoach.app.parts import Screen, Widgets, labelled, part_widgets
from salescoach.coaching.remarks import blocked
from salescoach.meeting_documents import FORMS, SPREADSHEETS, WHAT, document
from salescoach.meeting_session import session_of
from salescoach.meetings import Desk
from salescoach.report.documents import minutes_page
from salescoach.safe_html import download, tag
from salescoach.store.models import OneOnOne
from salescoach.store.policy import COACH, SELF
from salescoach.store.service.one_on_ones import Meeting, Side


def close(desk: Desk, found: Meeting, redraw: Callable[[], None], planned: Callable[[int], None]) -> Screen:
    """Read the minutes as they will be; say what is missing, sign, plan the next meeting, take the documents."""
    meeting, words = found.one_on_one, desk.words
    next_day = desk.next_day(meeting)
    session = session_of(desk, meeting.id, next_day)
    page = part_widgets(minutes_page(session, words), words.language.code)
    side: Widgets = [missing(desk, found), Signatures(desk, meeting, redraw)]
    if COACH in desk.standing:
        side.append(NewMeeting(desk, next_day, planned, meeting.kind))
    return page, [*side, Documents(desk, meeting)]


class Signatures(widgets.VBox):
    """Both sides sign what stands there; a change after a signature takes it back, and the page says so."""

    def __init__(self, desk: Desk, meeting: OneOnOne, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._meeting, self._redraw = desk, Status(), meeting, redraw
        lead = "one_on_one.app.sign_lead" if meeting.status == "held" else "one_on_one.app.sign_first_hold"
        parts: Widgets = [heading(desk, "one_on_one.signed.title", lead)]
        if meeting.status == "held":
            parts += [
                self._side("rep", meeting.signed_rep_at, SELF),
                self._side("coach", meeting.signed_coach_at, COACH),
            ]
        super().__init__([*parts, self.status])

    def _side(self, side: Side, moment: Any, needed: str) -> widgets.Widget:
        """A button for whoever may sign here, else the state in words."""
        words = self.desk.words
        who = words(f"one_on_one.by.{side}")
        if moment:
            when = words.language.moment(self.desk.local(moment))
            return widgets.Label(value=words("one_on_one.app.signed", who=who, time=when))
        if needed not in self.desk.standing:
            here = side == "rep" and self.desk.record.principal.is_owner
            how = words("one_on_one.app.sign_here" if here else "one_on_one.app.sign_elsewhere")
            told_how = Status()
            told_how.say(how)
            return widgets.VBox([widgets.Label(value=words("one_on_one.app.not_signed", who=who)), told_how])
        button = widgets.Button(description=words(f"one_on_one.app.sign_{side}"), button_style="primary")
        button.on_click(lambda _button: self._sign(side))
        return button

    @told
    def _sign(self, side: Side) -> None:
        fresh = self.desk.record.get(OneOnOne, self._meeting.id)
        if replace(
            fresh, version=0, changed_at=None, changed_by="", signed_rep_at=None, signed_coach_at=None
        ) != replace(
            self._meeting, version=0, changed_at=None, changed_by="", signed_rep_at=None, signed_coach_at=None
        ):
            self.status.say(self.desk.words("one_on_one.app.changed_since"), problem=True)
            return
        if blocked(self.desk.missing(self.desk.meeting(fresh.id))):
            self.status.say(self.desk.words("one_on_one.app.not_whole"), problem=True)
            return
        self.desk.sign(fresh, side)
        self._redraw()


class Documents(widgets.VBox):
    """Brief, minutes and calendar to take away; made when asked for."""

    def __init__(self, desk: Desk, meeting: OneOnOne) -> None:
        self.desk, self.status, self._meeting = desk, Status(), meeting
        words = desk.words
        self._what = widgets.Dropdown(options=[(words(f"one_on_one.app.what.{what}"), what) for what in WHAT])
        self._form = widgets.Dropdown()
        self._what.observe(self._offer, names="value")
        self._offer(None)
        button = widgets.Button(description=words("one_on_one.app.make"))
        button.on_click(self._make)
        self._link = widgets.HTML()
        super().__init__([
            heading(desk, "one_on_one.app.documents", "one_on_one.app.documents_lead"),
            labelled(words("one_on_one.app.document"), self._what), labelled(words("one_on_one.app.form"), self._form),
            button, self._link, self.status,
        ])  # fmt: skip

    def _offer(self, _change: Any) -> None:
        """The forms in which the chosen document comes."""
        forms = [form for form in FORMS if (form == "ics") == (self._what.value == "calendar")]
        if self._what.value == "brief":
            forms = [form for form in forms if form not in SPREADSHEETS]
        self._form.options = [(self.desk.words(f"one_on_one.app.form_of.{form}"), form) for form in forms]
        self._form.value = forms[0]

    @told
    def _make(self, _button: Any) -> None:
        self._link.value = ""
        self.status.say(self.desk.words("one_on_one.app.making"))
        day = self.desk.next_day(self._meeting)
        made = document(self.desk, self._meeting.id, self._what.value, self._form.value, day)
        text = self.desk.words("one_on_one.app.take", name=made.name)
        self._link.value = str(tag("p", download(text, made.name, made.media_type, made.data), class_="sc-sheet"))
        self.status.say("")
