"""The leads app: today's leads with their reasons, what a day allows, where to draw the line, and the model's proof.

It changes no score. What a person decides about a lead is written to the log of decisions and read back from
there; capacity, value and cost order the list while the page is open.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np

from salescoach.app.lead_controls import DecisionForm, PlanForm, view_choices
from salescoach.app.parts import Notice, close, figure_widgets, html_widget, labelled
from salescoach.errors import SalesCoachError
from salescoach.leadlab.daily import lead_day, manifest, open_scores
from salescoach.leadlab.decisions import Decisions
from salescoach.leadlab.worklists import WorkDay, people
from salescoach.report.lead_figures import (
    gains_figure,
    ladder_figure,
    lift_figure,
    reliability_figure,
    value_figure,
)
from salescoach.report.leads import (
    cut_offs_section,
    decisions_section,
    grades_section,
    list_section,
    no_scores_section,
    why_section,
)
from salescoach.report.model_card import card_page
from salescoach.report.page import END, End, Figure, Header, Section
from salescoach.resources import load_words
from salescoach.review import requested_language, requested_rep
from salescoach.scoring.reasons import Change
from salescoach.scoring.worklist import profit_curve
from salescoach.words import Words
from salescoach.workspace import Workspace

_FOLDER = "worklists"
Part = Section | Header | Figure


def leads_app(workspace: str | Path = "", language: str = "") -> LeadsApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``); ``?rep=…&language=…`` chooses what is shown first."""
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return LeadsApp(home, requested_language(language, home))
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


def _told(action: Callable[..., None]) -> Callable[..., None]:
    """Show an error that a person can put right beside the form instead of losing it in a log."""

    @wraps(action)
    def run(self: LeadsApp, *args: Any) -> None:
        try:
            action(self, *args)
        except SalesCoachError as error:
            self._say(str(error), problem=True)

    return run


class LeadsApp(widgets.VBox):
    """Rep, view and language on top; the view on the left, capacity and decisions on the right."""

    def __init__(self, workspace: Workspace, language: str) -> None:
        self.workspace = workspace
        self._drawing = True
        self._day = lead_day(workspace)
        self._names = people(workspace)
        self._decisions = Decisions(workspace.path)
        self._changes: dict[str, tuple[Change, ...]] = {}
        self._build(language)
        body = widgets.HBox([self._page, self._side])
        body.add_class("sc-app-body")
        super().__init__([self._bar, body])
        self.add_class("sc-app")
        self._speak(None)

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END

    @property
    def _words(self) -> Words:
        return load_words(self._tongue.value)

    @property
    def _work(self) -> WorkDay:
        """The list of the chosen rep under the chosen plan, with every decision so far."""
        day = self._day.of(self._rep.value or "")
        return WorkDay(day, self._plan.plan, self._decisions.overrides(), self._names, self._words)

    # --- building ------------------------------------------------------------------------------

    def _build(self, language: str) -> None:
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=language)
        self._rep, self._view = widgets.Dropdown(), widgets.Dropdown()
        self._plan = PlanForm()
        self._form = DecisionForm()
        self._status = widgets.Label()
        self._status.add_class("sc-app-status")
        self._save, self._export = widgets.Button(button_style="primary"), widgets.Button()
        self._bar, self._page, self._side = widgets.HBox(), widgets.VBox(), widgets.VBox()
        for box, name in ((self._bar, "sc-app-bar"), (self._page, "sc-app-page"), (self._side, "sc-app-record")):
            box.add_class(name)
        owners = {lead.owner for lead in self._day.leads}
        asked = requested_rep()
        self._wanted = asked if asked in owners else ""
        self._tongue.observe(self._speak, names="value")
        self._rep.observe(self._rep_chosen, names="value")
        for control in (self._view, *self._plan.controls):
            control.observe(self._changed, names="value")
        self._form.lead.observe(self._changed, names="value")
        self._save.on_click(self._decide)
        self._export.on_click(self._write)

    def _speak(self, _change: Any) -> None:
        """Everything in the chosen language; what was chosen and typed stays."""
        words, self._drawing = self._words, True
        rep, view = self._rep.value if self._rep.value is not None else self._wanted, self._view.value
        owners = sorted(
            {lead.owner for lead in self._day.leads if lead.owner},
            key=lambda owner: words.language.sort_key(self._name(owner)),
        )
        self._rep.options = [
            (words("lead_pages.app.everybody"), ""),
            *((self._name(owner), owner) for owner in owners),
        ]
        self._rep.value = rep
        self._view.options = view_choices(words)
        self._view.value = view or "today"
        self._plan.speak(words)
        self._form.speak(words)
        self._save.description, self._export.description = words("lead_pages.app.save"), words("lead_pages.app.export")
        self._bar.children = [
            labelled(words("label.rep"), self._rep),
            labelled(words("lead_pages.app.view"), self._view),
            labelled(words("app.language"), self._tongue),
        ]
        self._offer_leads()
        self._side.children = [
            html_widget(words("lead_pages.app.plan"), words("lead_pages.app.plan_lead"), language=words.language.code),
            *self._plan.fields(words),
            self._export,
            html_widget(
                words("lead_pages.app.decide"), words("lead_pages.app.decide_lead"), language=words.language.code
            ),
            *self._form.fields(words),
            self._save,
            self._status,
        ]
        self._side.layout.display = None if self._day.usable else "none"
        self._drawing = False
        self._say("")
        self._show()

    def _name(self, owner: str) -> str:
        return self._names.get(owner, owner)

    def _offer_leads(self) -> None:
        """The leads of the chosen rep, best first; the chosen lead stays chosen while it is among them."""
        chosen = self._form.lead.value
        day = self._day.of(self._rep.value or "")
        best = sorted(day.leads, key=lambda lead: -lead.why.p)
        named = [(f"{lead.company} · {lead.lead}".strip(" ·"), lead.lead) for lead in best]
        self._form.lead.options = [(self._words("lead_pages.app.choose"), ""), *named]
        self._form.lead.value = chosen if chosen in {lead.lead for lead in best} else ""

    # --- showing -------------------------------------------------------------------------------

    def _rep_chosen(self, _change: Any) -> None:
        if not self._drawing:
            self._drawing = True
            self._offer_leads()
            self._drawing = False
            self._show()

    def _changed(self, _change: Any) -> None:
        if not self._drawing:
            self._show()

    @_told
    def _show(self) -> None:
        """Draw the chosen view."""
        views: dict[str, Callable[[], list[Part]]] = {
            "today": self._today, "tuning": self._tuning, "proof": self._proof, "card": self._card,
        }  # fmt: skip
        parts = views[self._view.value]() if self._day.usable else [no_scores_section(self._day, self._words)]
        code, old = self._words.language.code, self._page.children
        shown: list[widgets.Widget] = []
        for part in parts:
            if isinstance(part, Figure):
                shown += figure_widgets([part], language=code)
            else:
                shown.append(html_widget(part, language=code))
        self._page.children = shown
        close(old)

    def _today(self) -> list[Part]:
        made, words = self._work, self._words
        parts: list[Part] = []
        item = next((item for item in made.work.items if item.lead == self._form.lead.value), None)
        lead = made.day.find(item.lead) if item else None
        if lead is not None and item is not None:
            parts.append(why_section(lead, item, self._changes_of(lead.lead), words))
        parts.append(list_section(made.day, made.work, self._names, words))
        parts.append(decisions_section(self._decisions.all(), words))
        return parts

    def _changes_of(self, lead: str) -> tuple[Change, ...]:
        """What would change the probability; the model is loaded for the first lead that is asked about."""
        from salescoach.scoring.explanation import changes

        if lead not in self._changes:
            scored = open_scores(self.workspace)
            ids = np.array([str(each) for each in scored.leads.ids])
            places = np.flatnonzero(ids == lead)
            found = changes(scored.stored.model, scored.leads.features, rows=places)
            self._changes[lead] = found[0] if found else ()
        return self._changes[lead]

    def _tuning(self) -> list[Part]:
        made, words = self._work, self._words
        curve = profit_curve(made.work, made.plan.effort)
        return [
            value_figure(curve, len(made.work.chosen), words),
            cut_offs_section(made.day, made.plan, words),
            grades_section(made.day, words),
        ]

    def _proof(self) -> list[Part]:
        evaluation, words = manifest(self.workspace)["evaluation"], self._words
        drawn = (reliability_figure, ladder_figure, gains_figure, lift_figure)
        return [grades_section(self._day, words), *(draw(evaluation, words) for draw in drawn)]

    def _card(self) -> list[Part]:
        page = card_page(manifest(self.workspace), self._words)
        return [Header(page), *page.sections]

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._status.value = text
        (self._status.add_class if problem else self._status.remove_class)("sc-app-problem")

    # --- doing ---------------------------------------------------------------------------------

    @_told
    def _decide(self, _button: Any) -> None:
        self._decisions.add(
            str(self._form.lead.value), self._form.choice.value,
            by=os.environ.get("SALESCOACH_USER") or getpass.getuser(),
            role=self._form.role.value, reason=self._form.reason.value,
        )  # fmt: skip
        self._form.reason.value = ""
        self._show()
        self._say(self._words("lead_pages.app.saved"))

    @_told
    def _write(self, _button: Any) -> None:
        made = self._work
        folder = self.workspace.path / _FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / f"{made.day.as_of.isoformat()}{'-' if self._rep.value else ''}{self._rep.value}.xlsx"
        made.write(file)
        self._say(self._words("lead_pages.app.exported", file=f"{_FOLDER}/{file.name}"))
