"""The one-on-one app: a coach prepares, holds and closes a meeting; a rep reads, adds, answers, disputes and signs.

HR, an analyst and an administrator see that it takes place, and no word of it.

Who is before the screen comes from the server, never from the address or a control. Everything goes through the
coaching record, which authorises it again; somebody who may not see a rep gets an empty page with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.one_on_one_close import close as close_meeting
from salescoach.app.one_on_one_feedback import Composer, answer_forms, feedback_section, may_give
from salescoach.app.one_on_one_goals import GoalBuilder, acceptances, goals_section
from salescoach.app.one_on_one_objections import objection_forms, objections_section
from salescoach.app.one_on_one_oversight import oversight_screen
from salescoach.app.one_on_one_steps import NewMeeting, hold, prepare
from salescoach.app.parts import Notice, Screen, Widgets, html_widget, labelled
from salescoach.app.stepped import RepApp, opened
from salescoach.known import data_at
from salescoach.meetings import Desk
from salescoach.oversight import Oversight
from salescoach.report.page import Section, Text
from salescoach.safe_html import tag
from salescoach.store import Principal
from salescoach.store.policy import COACH, SELF
from salescoach.words import Words
from salescoach.workspace import Workspace

STEPS = ("prepare", "hold", "close", "agree")
OVERSIGHT = "oversight"
"""The step of those who see that coaching takes place, and not what is said in it."""
_FORM = "sc-written"
"""Where what is written begins."""


def one_on_one_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> OneOnOneApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``); ``?rep=…&language=…`` chooses what is shown first.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    return opened(OneOnOneApp, workspace, language, principal)


def _step_name(words: Words, step: str) -> str:
    return words("oversight.step" if step == OVERSIGHT else f"one_on_one.step.{step}")


class OneOnOneApp(RepApp):
    """Rep, meeting and language on top, the steps below them; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        super().__init__(home, language, principal, (*STEPS, OVERSIGHT), _step_name)
        self._meeting = widgets.Dropdown()
        self._step = next(iter(self.steps), STEPS[0])
        self._planned: int | None = None
        self._begin(self._rep, self._seat, self._meeting)

    @property
    def steps(self) -> Sequence[str]:
        """Those of a meeting for whoever may see something of a rep's; the overview for whoever oversees."""
        return (*(STEPS if self._people else ()), *((OVERSIGHT,) if self.board.standing else ()))

    @property
    def board(self) -> Oversight:
        """What the person oversees."""
        return Oversight(self.home, self._record, self._words)

    @property
    def _as_rep(self) -> bool:
        return self._seat.value == "rep" if self._record.principal.is_owner else COACH not in self.desk.standing

    # --- showing -------------------------------------------------------------------------------

    def _changed(self, change: Any) -> None:
        if change["owner"] is self._rep and not self._drawing:
            self._drawing = True  # the meetings of another rep: what was chosen means nothing there
            self._meeting.value = None
            self._drawing = False
        super()._changed(change)

    def _open(self, meeting_id: int) -> None:
        """Show a meeting that was planned just now, at its beginning."""
        self._step, self._planned = STEPS[0], meeting_id
        self._show()

    def _show(self) -> None:
        super()._show()
        # On a phone, what is written comes first where people write; a brief is read first.
        (self._side.remove_class if self._step in (STEPS[0], OVERSIGHT) else self._side.add_class)("sc-app-asked-first")

    def _beside_rep(self, words: Words) -> list[widgets.Widget]:
        desk = self.desk
        if self._refused or not desk.sees_meetings:
            return []
        before, self._planned = self._planned or self._meeting.value, None
        meetings = [(desk.title(meeting), meeting.id) for meeting in desk.meetings()]
        new = [] if self._as_rep else [(words("one_on_one.app.new"), 0)]
        self._meeting.options = [*meetings, *new]
        known = [value for _, value in self._meeting.options]
        self._meeting.value = before if before in known else next(iter(known), None)
        return [labelled(words("one_on_one.app.meeting"), self._meeting)]

    # --- the screens ---------------------------------------------------------------------------

    def _screen(self, words: Words) -> Screen:
        if self._step == OVERSIGHT and OVERSIGHT in self.steps:
            return oversight_screen(self.board, self._show)
        if self._refused or not self._people:
            return self._nothing(words)
        desk = self.desk
        if self._step == "agree":
            return self._agree(desk)
        if not desk.sees_meetings:
            return self._results_only(desk)
        if not self._meeting.value:
            return self._no_meeting(desk)
        read, written = super()._screen(words)
        if self._step == STEPS[0]:  # on a phone the form lies below a long brief, so a link leads there
            link = tag("a", words("one_on_one.app.to_form"), href=f"#{_FORM}")
            way = widgets.HTML(value=str(tag("p", link, class_="sc-sheet sc-text sc-app-skip")))
            read, written = [way, *read], [widgets.HTML(value=str(tag("div", id=_FORM))), *written]
        return (read, [*written, *self._onward(words)]) if desk.standing & {SELF, COACH} else (read, [])

    def _onward(self, words: Words) -> Widgets:
        """At the end of what is written, the way to the next step: closing follows a meeting that took place."""
        follows = {"prepare": "hold", "hold": "close" if self._held else ""}.get(self._step, "")
        if not follows:
            return []
        button = widgets.Button(
            description=words("one_on_one.app.onward", step=self._name(words, follows)), button_style="primary"
        )
        button.on_click(lambda _button: self._go(follows))
        button.add_class("sc-app-onward")
        return [button]

    @property
    def _held(self) -> bool:
        return self.desk.meeting(self._meeting.value).one_on_one.status == "held"

    def _screens(self, words: Words) -> Mapping[str, Callable[[], Screen]]:
        desk = self.desk
        found = desk.meeting(self._meeting.value)
        return {
            "prepare": lambda: prepare(desk, found, self._show),
            "hold": lambda: hold(desk, found, self._show),
            "close": lambda: close_meeting(desk, found, self._show, self._open),
        }

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
            written += answer_forms(desk, self._show)
        else:
            written += [Composer(desk, meeting, self._show), GoalBuilder(desk, self._show)]
        return list(read), written
