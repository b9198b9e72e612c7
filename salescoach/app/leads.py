"""The leads app: today's leads with their reasons, what a day allows, where to draw the line, and the model's proof.

It shows the leads or the deals of a workspace, or a file of leads: then it begins with the file's columns and alarms,
and makes the model, too. It changes no score. What a person decides about a lead is written to the log of decisions
and read back from there; capacity, value and cost order the list while the page is open.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.app.frame import Frame
from salescoach.app.lead_controls import FILE_VIEWS, VIEWS, DecisionForm, PlanForm, view_choices
from salescoach.app.lead_study import Part, StudyForm, columns_parts, verdict_parts
from salescoach.app.parts import Notice, close, figure_widgets, html_widget, labelled
from salescoach.errors import SalesCoachError
from salescoach.leadlab.desk import Desk, FileDesk, WorkspaceDesk
from salescoach.leadlab.worklists import WorkDay
from salescoach.report.lead_figures import (
    gains_figure,
    ladder_figure,
    lift_figure,
    reliability_figure,
    value_figure,
)
from salescoach.report.lead_words import as_in_file
from salescoach.report.leads import (
    capacity_section,
    cut_offs_section,
    decisions_section,
    grades_section,
    list_section,
    no_scores_section,
    why_section,
)
from salescoach.report.model_card import card_page
from salescoach.report.page import Figure, Header, Section, Text
from salescoach.resources import load_words
from salescoach.review import requested_language, requested_parameter, requested_rep
from salescoach.scoring.day import DEALS, LEADS
from salescoach.scoring.worklist import profit_curve
from salescoach.words import Words
from salescoach.workspace import Workspace

_FOLDER = "worklists"
_OFFERED = 1_000


def leads_app(workspace: str | Path = "", language: str = "") -> LeadsApp | Notice:
    """The app on *workspace* (default: the file of ``salescoach leads app``, else ``SALESCOACH_WORKSPACE``).

    ``?rep=…&language=…&of=deals`` in its address chooses what is shown first.
    """
    try:
        if not workspace and (desk := FileDesk.told(os.environ)) is not None:
            return LeadsApp({LEADS: desk}, requested_language(language))
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return LeadsApp(
            {LEADS: WorkspaceDesk(home), DEALS: WorkspaceDesk(home, DEALS)}, requested_language(language, home)
        )
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


class LeadsApp(Frame):
    """Rep, view and language on top; the view on the left, capacity and decisions, or the analyst's answers, beside."""

    def __init__(self, desks: Mapping[str, Desk], language: str) -> None:
        super().__init__(language)
        self._desks = dict(desks)
        self._drawing = True
        self._build(language)
        self._put_beside(self._side)
        self._speak(None)

    @property
    def _words(self) -> Words:
        words = super()._words
        return as_in_file(words) if self._file else words

    @property
    def _desk(self) -> Desk:
        """The leads or the deals, as chosen."""
        return self._desks[self._of.value]

    @property
    def _file(self) -> FileDesk | None:
        """The file of leads, when it is one."""
        return self._desk if isinstance(self._desk, FileDesk) else None

    @property
    def _work(self) -> WorkDay:
        """The list of the chosen rep under the chosen plan, with every decision so far."""
        day, desk = self._desk.day.of(self._rep.value or ""), self._desk
        return WorkDay(day, self._plan.plan, desk.decisions.overrides(), desk.names, self._words)

    # --- building ------------------------------------------------------------------------------

    def _build(self, language: str) -> None:
        asked = requested_parameter("of", "")
        names = [(load_words(language)(f"lead_pages.app.of_{name}"), name) for name in self._desks]
        self._of = widgets.Dropdown(options=names, value=asked if asked in self._desks else LEADS)
        self._rep, self._view = widgets.Dropdown(), widgets.Dropdown()
        self._study = StudyForm(self._answer, self._train)
        self._plan = PlanForm()
        self._form = DecisionForm()
        self._status = widgets.Label()
        self._status.add_class("sc-app-status")
        self._save, self._export = widgets.Button(button_style="primary"), widgets.Button()
        self._side = widgets.VBox()
        self._laid: tuple[object, ...] = ()
        self._studied: FileDesk | None = None
        self._wanted = requested_rep()
        self._tongue.observe(self._speak, names="value")
        self._of.observe(self._turned, names="value")
        self._rep.observe(self._rep_chosen, names="value")
        for control in (self._view, *self._plan.controls):
            control.observe(self._changed, names="value")
        self._form.lead.observe(self._changed, names="value")
        self._save.on_click(self._decide)
        self._export.on_click(self._write)

    def _turned(self, _change: Any) -> None:
        """To the leads or to the deals: what was chosen about the others is no longer there."""
        if not self._drawing:
            self._form.reason.value = ""
            self._speak(None)

    @_told
    def _speak(self, _change: Any) -> None:
        """Everything in the chosen language; what was chosen and typed stays."""
        words, self._drawing = self._words, True
        try:
            self._offer(words)
            self._plan.speak(words)
            self._form.speak(words)
            self._save.description = words("lead_pages.app.save")
            self._export.description = words("lead_pages.app.export")
            self._offer_leads()
        finally:
            self._drawing = False
        self._say("")
        self._show()

    def _offer(self, words: Words) -> None:
        """The choices on top."""
        day = self._desk.day
        rep, view, of = self._rep.value if self._rep.value is not None else self._wanted, self._view.value, self._of
        owners = sorted(
            {lead.owner for lead in day.leads if lead.owner},
            key=lambda owner: words.language.sort_key(self._name(owner)),
        )
        everybody = (words("lead_pages.app.everybody"), "")
        self._rep.options = [everybody, *((self._name(owner), owner) for owner in owners)]
        self._rep.value = rep if rep in owners else ""
        views = FILE_VIEWS if self._file else VIEWS
        self._view.options = view_choices(words, views)
        self._view.value = view if view in views else views[0]
        chosen = of.value
        of.options = [(words(f"lead_pages.app.of_{name}"), name) for name in self._desks]
        of.value = chosen
        self._choose_from(words, [
            *([labelled(words("lead_pages.app.of"), of)] if len(self._desks) > 1 else []),
            *([labelled(words("label.rep"), self._rep)] if owners else []),
            labelled(words("lead_pages.app.view"), self._view),
        ])  # fmt: skip

    def _lay_beside(self, words: Words) -> None:
        """Anew only when something else can be done: who works with the keyboard keeps the place."""
        studied = self._file if self._view.value in ("columns", "verdict") else None
        beside = (words.language.code, self._desk.day.usable)
        if (
            beside != self._laid or studied is not self._studied
        ):  # a file of which something was said is equal to before
            self._side.children, self._laid, self._studied = self._beside(words), beside, studied

    def _beside(self, words: Words) -> list[widgets.Widget]:
        """What can be done in this view: the analyst's answers, or plan and decisions; nothing without scores."""
        desk = self._file
        if desk is not None and self._view.value in ("columns", "verdict"):
            return [*self._study.fields(desk, words), self._status]
        if not self._desk.day.usable:
            return [self._status]
        return [
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

    def _name(self, owner: str) -> str:
        return self._desk.names.get(owner, owner)

    def _offer_leads(self) -> None:
        """The best leads of the chosen rep in their order; the chosen one stays chosen while it is among them."""
        chosen = self._form.lead.value
        day = self._desk.day.of(self._rep.value or "")
        best = sorted(day.leads, key=lambda lead: -lead.why.p)[:_OFFERED]
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
        words, day, view = self._words, self._desk.day, self._view.value
        if (desk := self._file) is not None and view in ("columns", "verdict"):
            self._say(words("lead_pages.app.working"))
            parts = (columns_parts if view == "columns" else verdict_parts)(desk, words)
            self._say("")
        else:
            parts = views[view]() if day.usable else [no_scores_section(day, words)]
        code, old = words.language.code, self._page.children
        shown: list[widgets.Widget] = []
        for part in parts:
            if isinstance(part, Figure):
                shown += figure_widgets([part], language=code)
            else:
                shown.append(html_widget(part, language=code))
        self._page.children = shown
        self._lay_beside(words)
        close(old)

    def _today(self) -> list[Part]:
        made, words = self._work, self._words
        parts: list[Part] = []
        if (desk := self._file) is not None and desk.all_ended:
            said = Text(words("lead_pages.app.all_ended"), "note")
            parts.append(Section("ended", words("lead_pages.app.all_ended_title"), [said]))
        item = next((item for item in made.work.items if item.lead == self._form.lead.value), None)
        lead = made.day.find(item.lead) if item else None
        if lead is not None and item is not None and (asked := self._desk.asked(lead.lead)) is not None:
            parts.append(why_section(replace(lead, why=asked[0]), item, asked[1], words))
        parts.append(list_section(made.day, made.work, self._desk.names, words))
        parts.append(decisions_section(self._desk.decisions.all(), words))
        return parts

    def _tuning(self) -> list[Part]:
        made, words = self._work, self._words
        curve = profit_curve(made.work, made.plan.effort)
        return [
            value_figure(curve, len(made.work.chosen), words),
            capacity_section(made.work, self._desk.manifest()["evaluation"], words),
            cut_offs_section(made.day, made.plan, words),
            grades_section(made.day, words),
        ]

    def _proof(self) -> list[Part]:
        evaluation, words = self._desk.manifest()["evaluation"], self._words
        drawn = (reliability_figure, ladder_figure, gains_figure, lift_figure)
        return [grades_section(self._desk.day, words), *(draw(evaluation, words) for draw in drawn)]

    def _card(self) -> list[Part]:
        page = card_page(self._desk.manifest(), self._words)
        return [Header(page), *page.sections]

    def _say(self, text: str, *, problem: bool = False) -> None:
        self._status.value = text
        (self._status.add_class if problem else self._status.remove_class)("sc-app-problem")

    # --- doing ---------------------------------------------------------------------------------

    @_told
    def _decide(self, _button: Any) -> None:
        self._desk.decisions.add(
            str(self._form.lead.value), self._form.choice.value,
            by=os.environ.get("SALESCOACH_USER") or getpass.getuser(),
            role=self._form.role.value, reason=self._form.reason.value,
        )  # fmt: skip
        self._form.reason.value = ""
        self._show()
        self._say(self._words("lead_pages.app.saved"))

    @_told
    def _write(self, _button: Any) -> None:
        made, desk = self._work, self._desk
        folder = desk.folder / _FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        parts = (made.day.as_of.isoformat(), *([DEALS] if made.day.what == DEALS else []), self._rep.value or "")
        file = folder / f"{'-'.join(part for part in parts if part)}.xlsx"
        made.write(file)
        key = "lead_pages.app.exported_beside" if self._file else "lead_pages.app.exported"
        self._say(self._words(key, file=f"{_FOLDER}/{file.name}"))

    @_told
    def _answer(self, _button: Any) -> None:
        """Keep what the analyst said about a column, and look at the columns again."""
        desk, form, words = self._file, self._study.form, self._words
        if desk is None:
            return
        self._desks[self._of.value] = desk.said(form.column.value, form.rule, row_order=form.row_order.value)
        form.empty()
        self._show()
        self._say(words("lead_pages.answer.saved"))

    @_told
    def _train(self, _button: Any) -> None:
        """Judge, make the model, and show its card."""
        desk, words = self._file, self._words
        if desk is None:
            return
        self._say(words("lead_pages.app.working"))
        self._desks[self._of.value] = desk.train(by=os.environ.get("SALESCOACH_USER") or getpass.getuser())
        self._view.value = "card"
        self._speak(None)
        self._say(words("leads.train.done", version=self._desk.day.version))
