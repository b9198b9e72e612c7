"""The team page as an app: choose a team and a period, read what needs a decision. Shows only; stores nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.frame import Frame
from salescoach.app.parts import Notice, close, html_widget, labelled, part_widgets
from salescoach.errors import SalesCoachError
from salescoach.resources import load_words
from salescoach.review import period_choices
from salescoach.team_review import OpenTeam, open_team, team_choices
from salescoach.workspace import Workspace


def team_app(workspace: str | Path = "", language: str = "") -> TeamApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``), opened at the page's address."""
    try:
        return TeamApp(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""), language)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class TeamApp(Frame):
    """Three choices on top, the page below them."""

    def __init__(self, workspace: str | Path, language: str = "") -> None:
        self.workspace = Workspace.open(workspace)
        self.review: OpenTeam = open_team(self.workspace, language=language)
        super().__init__(self.review.page.language)
        self._team = widgets.Dropdown()
        self._when = widgets.Dropdown()
        self._drawing = False
        self._show()
        for control in (self._team, self._when, self._tongue):
            control.observe(self._chosen, names="value")

    def _chosen(self, _change: Any) -> None:
        if self._drawing:
            return
        self.review = open_team(
            self.workspace, team=self._team.value, period=self._when.value, language=self._tongue.value
        )
        self._show()

    def _show(self) -> None:
        """Draw the choices and the page in the chosen language."""
        code, facts = self.review.page.language, self.review.facts
        words = load_words(code)
        self._drawing = True  # new words for the same choices are no choice
        everybody = (words("app.team.everybody"), "")
        self._team.options = [everybody, *team_choices(self.workspace, code)]
        self._team.value = facts.team_id
        self._when.options = period_choices(self.workspace, facts.period.label, code)
        self._when.value = facts.period.label
        self._drawing = False
        self._choose_from(
            words, [labelled(words("label.team"), self._team), labelled(words("label.period"), self._when)]
        )
        old = self._page.children
        self._page.children = [html_widget(self.review.header, language=code), *part_widgets(self.review.page, code)]
        close(old)
