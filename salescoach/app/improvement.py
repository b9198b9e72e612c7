"""The improvement app: customers' voice, requests to others, decisions, cycles with their trials, team goals.

Who is before the screen comes from the server, never from the address or a control. Every step reads and writes
through the coaching record, which authorises it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_cycle import cycle_screen
from salescoach.app.improvement_goals import goals_screen
from salescoach.app.improvement_parts import Screen, shown
from salescoach.app.improvement_requests import decisions_screen, requests_screen
from salescoach.app.improvement_voice import voice_screen
from salescoach.app.parts import Notice, close, labelled
from salescoach.errors import AccessDenied, SalesCoachError
from salescoach.improvement import Board
from salescoach.language import shortened
from salescoach.meetings import open_record
from salescoach.report.page import END, End, Section, Text
from salescoach.resources import load_words
from salescoach.review import requested_language
from salescoach.store import Principal
from salescoach.store.policy import SELF
from salescoach.team_goals import teams
from salescoach.workspace import Workspace

STEPS = ("voice", "requests", "decisions", "cycle", "goals")
_TITLE = 60  # characters of a cycle in a list


def improvement_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> ImprovementApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``), in *language* or that of the page's address.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return ImprovementApp(home, requested_language(language, home), principal)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class ImprovementApp(widgets.VBox):
    """Five steps below one line of choices; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        self.home = home
        self._record = open_record(home, principal)
        self._drawing = True
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=language)
        self._cycle, self._team = widgets.Dropdown(), widgets.Dropdown()
        self._bar, self._steps = widgets.HBox(), widgets.HBox()
        self._page, self._side = widgets.VBox(), widgets.VBox()
        self._buttons = {step: widgets.Button() for step in STEPS}
        for step, button in self._buttons.items():
            button.on_click(lambda _button, step=step: self._go(step))
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
        self.add_class("sc-app-improvement")
        self._step = next(iter(self.steps), STEPS[0])
        for control in (self._tongue, self._cycle, self._team):
            control.observe(self._changed, names="value")
        self._drawing = False
        self._show()

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END

    @property
    def board(self) -> Board:
        """The improvement work as whoever sits before the screen may see it."""
        return Board(self.home, self._record, load_words(self._tongue.value))

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps of which the person may see something; a rep has the own requests."""
        board = self.board
        if not board.reads:
            return ("requests",) if SELF in board.standing else ()
        return STEPS if board.manages and teams(board) else STEPS[:-1]

    def _changed(self, _change: Any) -> None:
        if not self._drawing:
            self._show()

    def _go(self, step: str) -> None:
        self._step = step
        self._show()

    def _show(self) -> None:
        """Draw everything in the chosen language, as the record has it now."""
        self._drawing = True
        board, offered = self.board, self.steps
        try:
            self._offer(board)
            read, written = self._screen(board) if self._step in offered else self._nothing(board)
        except AccessDenied:
            read, written = self._nothing(board)
        except SalesCoachError as error:
            read, written = [widgets.Label(value=str(error))], []
        finally:
            self._drawing = False
        old = (*self._page.children, *self._side.children)
        self._page.children, self._side.children = read, written
        self._steps.children = [self._button(step, board) for step in offered]
        self._side.layout.display = None if written else "none"
        close(old)

    def _offer(self, board: Board) -> None:
        """The controls of this step in the chosen language; what was chosen stays chosen."""
        words, fields = board.words, []
        if self._step == "cycle" and board.reads:
            self._choose(self._cycle, [(shortened(one.title, _TITLE), one.id) for one in board.cycles()])
            fields += [labelled(words("improvement.cycle.title"), self._cycle)] if self._cycle.options else []
        if self._step == "goals":
            self._choose(self._team, teams(board))
            fields.append(labelled(words("label.team"), self._team))
        self._bar.children = [*fields, labelled(words("app.language"), self._tongue)]

    @staticmethod
    def _choose(control: widgets.Dropdown, options: list[tuple[str, Any]]) -> None:
        """New options; a new one (the first) is shown when there is one, else what was chosen."""
        before, known = control.value, [value for _, value in options]
        fresh = [value for value in known if value not in [old for _, old in control.options]]
        control.options = options
        control.value = before if before in known and not fresh else next(iter(fresh or known), None)

    def _button(self, step: str, board: Board) -> widgets.Button:
        """The button of a step; always the same one, so that a click during a redraw is not lost."""
        here, button, words = step == self._step, self._buttons[step], board.words
        button.description = words(f"improvement.step.{step}")
        button.tooltip = words("one_on_one.app.here" if here else "one_on_one.app.go", step=button.description)
        (button.add_class if here else button.remove_class)("sc-app-here")
        return button

    def _screen(self, board: Board) -> Screen:
        screens: dict[str, Callable[[], Screen]] = {
            "voice": lambda: voice_screen(board, self._show),
            "requests": lambda: requests_screen(board, self._show),
            "decisions": lambda: decisions_screen(board, self._show),
            "cycle": lambda: cycle_screen(board, self._cycle.value, self._show),
            "goals": lambda: goals_screen(board, self._team.value, self._show),
        }
        return screens[self._step]()

    def _nothing(self, board: Board) -> Screen:
        """An empty page with the reason: what may not be seen is not even begun."""
        words = board.words
        text = words("improvement.none", person=self._record.principal.person)
        return shown(board, [Section("access", words("one_on_one.access.title"), (Text(text),))]), []
