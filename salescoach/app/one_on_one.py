"""The one-on-one app: a coach prepares, holds and closes a meeting; a rep reads, adds, answers, disputes and signs.

Who is before the screen comes from the server, never from the address or a control. Everything goes through the
coaching record, which authorises it again; somebody who may not see a rep gets an empty page with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_close import close as close_meeting
from salescoach.app.one_on_one_feedback import Answer, Composer, feedback_section, may_give
from salescoach.app.one_on_one_goals import GoalBuilder, acceptances, goals_section
from salescoach.app.one_on_one_objections import objection_forms, objections_section
from salescoach.app.one_on_one_steps import NewMeeting, Screen, Widgets, hold, prepare
from salescoach.app.parts import Notice, close, html_widget, labelled
from salescoach.errors import AccessDenied, SalesCoachError
from salescoach.known import data_at
from salescoach.meetings import Desk, open_record, people
from salescoach.report.page import END, End, Section, Text
from salescoach.resources import load_words
from salescoach.review import RepReview, requested_language, requested_rep
from salescoach.store import Principal
from salescoach.store.policy import COACH, SELF
from salescoach.words import Words
from salescoach.workspace import Workspace

STEPS = ("prepare", "hold", "close", "agree")


def one_on_one_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> OneOnOneApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``); ``?rep=…&language=…`` chooses what is shown first.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return OneOnOneApp(home, requested_language(language, home), principal)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class OneOnOneApp(widgets.VBox):
    """Rep, meeting and language on top, the steps below them; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        self.home = home
        self._record = open_record(home, principal)
        self._drawing = True
        self._step = STEPS[0]
        self._reviews: dict[tuple[str, str], RepReview] = {}
        self._people = people(home, self._record, load_words(language))
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=language)
        self._rep, self._meeting, self._seat = widgets.Dropdown(), widgets.Dropdown(), widgets.Dropdown()
        self._bar, self._steps = widgets.HBox(), widgets.HBox()
        self._buttons = {step: widgets.Button() for step in STEPS}
        for step, button in self._buttons.items():
            button.on_click(lambda _button, step=step: self._go(step))
        self._page, self._side = widgets.VBox(), widgets.VBox()
        for box, name in (
            (self._bar, "sc-app-bar"), (self._steps, "sc-app-steps"), (self._page, "sc-app-page"),
            (self._side, "sc-app-record"),
        ):  # fmt: skip
            box.add_class(name)
        body = widgets.HBox([self._page, self._side])
        body.add_class("sc-app-body")
        super().__init__([self._bar, self._steps, body])
        self.add_class("sc-app")
        self.add_class("sc-app-session")
        self._begin()
        for control in (self._tongue, self._rep, self._seat):
            control.observe(self._changed, names="value")
        self._meeting.observe(self._meeting_chosen, names="value")
        self._drawing = False
        self._show()

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END

    @property
    def _words(self) -> Words:
        return load_words(self._tongue.value)

    @property
    def desk(self) -> Desk:
        """The chosen rep's meetings, as whoever sits before the screen may see them."""
        record = self._record
        if record.principal.is_owner and self._seat.value == "rep":
            record = record.of(Principal.owner(record.principal.person, beside=self._rep.value))
        return Desk(self.home, record, self._rep.value, self._words, self._reviews)

    @property
    def _as_rep(self) -> bool:
        return self._seat.value == "rep" if self._record.principal.is_owner else COACH not in self.desk.standing

    def _begin(self) -> None:
        """The rep of the address, if the person may see them; else the first one they may see."""
        asked, seen = requested_rep(), [rep for _, rep in self._people]
        self._refused = bool(asked) and asked not in seen
        self._rep.options = self._people
        if seen:
            self._rep.value = asked if asked in seen else seen[0]
        self._seat.options = [("coach", "coach"), ("rep", "rep")]
        self._seat.value = "coach"

    # --- showing -------------------------------------------------------------------------------

    def _changed(self, change: Any) -> None:
        if self._drawing:
            return
        if change["owner"] is self._rep:
            self._refused, self._meeting.value = False, None
        self._show()

    def _meeting_chosen(self, _change: Any) -> None:
        if not self._drawing:
            self._show()

    def _go(self, step: str) -> None:
        self._step = step
        self._show()

    def _open(self, meeting_id: int) -> None:
        """Show a meeting that was planned just now, at its beginning."""
        self._step = STEPS[0]
        self._show(meeting_id)

    def _show(self, meeting_id: int | None = None) -> None:
        """Draw everything in the chosen language, as the record has it now."""
        self._drawing = True
        try:
            words = self._words
            self._offer(words, meeting_id)
            read, written = self._screen() if self._people and not self._refused else self._nothing(words)
        except AccessDenied:
            read, written = self._nothing(self._words)
        except SalesCoachError as error:
            read, written = [widgets.Label(value=str(error))], []
        finally:
            self._drawing = False
        old = (*self._page.children, *self._side.children)
        self._page.children, self._side.children = read, written
        self._steps.children = [self._step_button(step, self._words) for step in STEPS] if self._people else []
        self._side.layout.display = None if written else "none"
        # On a phone, what is written comes first where people write; a brief is read first.
        (self._side.remove_class if self._step == STEPS[0] else self._side.add_class)("sc-app-asked-first")
        close(old)

    def _nothing(self, words: Words) -> Screen:
        """An empty page with the reason: what may not be seen is not even begun."""
        text = words("one_on_one.access.none", person=self._record.principal.person)
        section = Section("access", words("one_on_one.access.title"), (Text(text),))
        return [html_widget(section, language=words.language.code)], []

    def _offer(self, words: Words, meeting_id: int | None) -> None:
        """The controls in the chosen language; what was chosen stays chosen."""
        chosen = self._rep.value
        self._rep.options = sorted(self._people, key=lambda pair: words.language.sort_key(pair[0]))
        self._rep.value = chosen
        seat = self._seat.value
        self._seat.options = [(words(f"one_on_one.app.seat_{name}"), name) for name in ("coach", "rep")]
        self._seat.value = seat
        fields = [labelled(words("label.rep"), self._rep)]
        if self._people and not self._refused and self.desk.sees_meetings:
            self._offer_meetings(words, meeting_id)
            fields.append(labelled(words("one_on_one.app.meeting"), self._meeting))
        if self._record.principal.is_owner:
            fields.append(labelled(words("one_on_one.app.seat"), self._seat))
        self._bar.children = [*fields, labelled(words("app.language"), self._tongue)]

    def _offer_meetings(self, words: Words, meeting_id: int | None) -> None:
        desk = self.desk
        before = meeting_id or self._meeting.value
        meetings = [(desk.title(meeting), meeting.id) for meeting in desk.meetings()]
        new = [] if self._as_rep else [(words("one_on_one.app.new"), 0)]
        self._meeting.options = [*meetings, *new]
        known = [value for _, value in self._meeting.options]
        self._meeting.value = before if before in known else (known[0] if known else None)

    def _step_button(self, step: str, words: Words) -> widgets.Button:
        """The button of a step; always the same one, so that a click during a redraw is not lost."""
        here, button = step == self._step, self._buttons[step]
        button.description = words(f"one_on_one.step.{step}")
        button.tooltip = words("one_on_one.app.here" if here else "one_on_one.app.go", step=button.description)
        (button.add_class if here else button.remove_class)("sc-app-here")
        return button

    # --- the screens ---------------------------------------------------------------------------

    def _screen(self) -> Screen:
        desk = self.desk
        if self._step == "agree":
            return self._agree(desk)
        if not desk.sees_meetings:
            return self._results_only(desk)
        if not self._meeting.value:
            return self._no_meeting(desk)
        found = desk.meeting(self._meeting.value)
        screens: dict[str, Callable[[], Screen]] = {
            "prepare": lambda: prepare(desk, found, self._show),
            "hold": lambda: hold(desk, found, self._show),
            "close": lambda: close_meeting(desk, found, self._show, self._open),
        }
        read, written = screens[self._step]()
        return (read, written) if desk.standing & {SELF, COACH} else (read, [])

    def _no_meeting(self, desk: Desk) -> Screen:
        """Nothing is planned yet: the coach plans, the rep is told."""
        words = desk.words
        key = "one_on_one.app.none_planned" if self._as_rep else "one_on_one.app.plan_first"
        section = Section("none", words("one_on_one.app.no_meeting"), (Text(words(key)),))
        written: Widgets = [] if self._as_rep else [NewMeeting(desk, self._first_day(desk), self._open)]
        return [html_widget(section, language=words.language.code)], written

    def _first_day(self, desk: Desk) -> date:
        meetings = desk.meetings()
        return desk.next_day(meetings[0]) if meetings else data_at(self.home).as_of

    def _results_only(self, desk: Desk) -> Screen:
        """For a manager without the switch: results and goals, no notes; and that it is so."""
        words = desk.words
        told = Section("access", words("one_on_one.access.title"), (Text(words("one_on_one.access.manager")),))
        code = words.language.code
        return [html_widget(part, language=code) for part in (told, desk.review.numbers, goals_section(desk))], []

    def _agree(self, desk: Desk) -> Screen:
        """Goals and feedback: propose, accept, give, answer, dispute."""
        code = desk.words.language.code
        read = [
            html_widget(part, language=code)
            for part in (goals_section(desk), feedback_section(desk), objections_section(desk))
        ]
        meetings = desk.meetings() if desk.sees_meetings else ()
        meeting = next((one for one in meetings if one.id == self._meeting.value), None)
        written = [*acceptances(desk, self._show), *objection_forms(desk, self._show)]
        if self._as_rep or not may_give(desk):
            written.append(Answer(desk, self._show))
        else:
            written += [Composer(desk, meeting, self._show), GoalBuilder(desk, self._show)]
        return list(read), written
