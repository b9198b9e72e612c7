"""The improvement app: customers' voice, requests to others, decisions, cycles with their trials, team goals.

Who is before the screen comes from the server, never from the address or a control. Every step reads and writes
through the coaching record, which authorises it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.improvement_cycle import cycle_screen
from salescoach.app.improvement_goals import goals_screen
from salescoach.app.improvement_requests import decisions_screen, requests_screen
from salescoach.app.improvement_voice import voice_screen
from salescoach.app.parts import Notice, Screen, labelled
from salescoach.app.stepped import SteppedApp, opened
from salescoach.improvement import Board
from salescoach.language import shortened
from salescoach.store import Principal
from salescoach.store.policy import SELF
from salescoach.team_goals import teams
from salescoach.words import Words
from salescoach.workspace import Workspace

STEPS = ("voice", "requests", "decisions", "cycle", "goals")
_TITLE = 60  # characters of a cycle in a list


def improvement_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> ImprovementApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``), in *language* or that of the page's address.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    return opened(ImprovementApp, workspace, language, principal)


class ImprovementApp(SteppedApp):
    """Five steps below one line of choices; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        super().__init__(
            home, language, principal, STEPS, lambda words, step: words(f"improvement.step.{step}"), "improvement.none"
        )
        self.add_class("sc-app-improvement")
        self._cycle, self._team = widgets.Dropdown(), widgets.Dropdown()
        self._step = next(iter(self.steps), STEPS[0])
        self._begin(self._cycle, self._team)

    @property
    def board(self) -> Board:
        """The improvement work as whoever sits before the screen may see it."""
        return Board(self.home, self._record, self._words)

    @property
    def steps(self) -> tuple[str, ...]:
        """Steps of which the person may see something; a rep has the own requests, and what was decided."""
        board = self.board
        if not board.reads:
            return ("requests", "decisions") if SELF in board.standing else ()
        return STEPS if board.manages and teams(board) else STEPS[:-1]

    def _offer(self, words: Words) -> list[widgets.Widget]:
        board, fields = self.board, []
        if self._step == "cycle" and board.reads:
            self._choose(self._cycle, [(shortened(one.title, _TITLE), one.id) for one in board.cycles()])
            fields += [labelled(words("improvement.cycle.title"), self._cycle)] if self._cycle.options else []
        if self._step == "goals":
            self._choose(self._team, teams(board))
            fields.append(labelled(words("label.team"), self._team))
        return fields

    @staticmethod
    def _choose(control: widgets.Dropdown, options: list[tuple[str, Any]]) -> None:
        """New options; a new one (the first) is shown when there is one, else what was chosen."""
        before, known = control.value, [value for _, value in options]
        fresh = [value for value in known if value not in [old for _, old in control.options]]
        control.options = options
        control.value = before if before in known and not fresh else next(iter(fresh or known), None)

    def _screens(self, words: Words) -> Mapping[str, Callable[[], Screen]]:
        board = self.board
        return {
            "voice": lambda: voice_screen(board, self._show),
            "requests": lambda: requests_screen(board, self._show),
            "decisions": lambda: decisions_screen(board, self._show),
            "cycle": lambda: cycle_screen(board, self._cycle.value, self._show),
            "goals": lambda: goals_screen(board, self._team.value, self._show),
        }
