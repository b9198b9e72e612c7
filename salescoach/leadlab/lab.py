"""The analyst's page about a set of leads: from its columns to a verdict and a model with its card, part by part as a
notebook shows it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from salescoach.errors import UsageError
from salescoach.leadlab.organisation import workspace_leads
from salescoach.leadlab.reading import read_leads
from salescoach.leadlab.registry import Registry
from salescoach.leadlab.scoring import scorable
from salescoach.leadlab.study import Study
from salescoach.leadlab.training import Trained, trained
from salescoach.report.lead_figures import (
    drift_figure,
    gains_figure,
    ladder_figure,
    lift_figure,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
)
from salescoach.report.lead_words import as_in_file
from salescoach.report.leads import examples_section
from salescoach.report.model_card import card_section, drift_section, ladder_table
from salescoach.report.page import END, Bullets, End, Figure, Header, Item, Page, Pairs, Section, Text
from salescoach.resources import load_words, page_style
from salescoach.scoring import curves, facts
from salescoach.scoring.day import OpenLead
from salescoach.scoring.explanation import changes, explain
from salescoach.scoring.guard import Alarm
from salescoach.scoring.leads import Leads
from salescoach.words import Words

_EXAMPLES = 3


def open_lead_lab(
    leads: str | Path = "",
    outcome: str = "",
    declaration: str | Path = "",
    time: str = "",
    models: str | Path = "",
    language: str = "",
) -> LeadLab:
    """The lab on *leads*: a file with one lead per row, or a workspace (empty: that of
    ``SALESCOACH_WORKSPACE``).

    *outcome* is the column that says how a lead ended, *time* the one with the moment at which it was looked at,
    *declaration* a TOML file that says when each column is known; it may name the other two. *models* is the folder
    in which the model is kept; empty: it is looked at and forgotten.
    UsageError and InputError say what is missing and what to do.
    """
    given = str(leads) or os.environ.get("SALESCOACH_WORKSPACE", "")
    if not given:
        raise UsageError("Which leads? Name a file with one lead per row, or a workspace.")
    path = Path(given)
    if path.is_dir():
        source = workspace_leads(path)
    elif not outcome and not declaration:
        raise UsageError("Name the column that says how a lead ended (outcome), or a declaration.")
    else:
        source = read_leads(path, outcome=outcome, declare=Path(declaration) if declaration else None, time=time)
    folder = Path(models) if models else None
    return LeadLab(Study(source), load_words(language or "en"), folder, path if path.is_dir() else None)


@dataclass(frozen=True)
class LeadLab:
    """One study in one language. Everything is computed when it is first shown.

    ``models``: the folder in which the model is kept, if any; ``workspace``: where the leads come from, unless it is
    a file.
    """

    study: Study
    words: Words
    models: Path | None = None
    workspace: Path | None = None

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return facts.evaluation_facts(self.study.evaluation, self.study.moment)

    @property
    def header(self) -> Header:
        """Which leads, and the verdict on them."""
        words, evaluation = self.words, self.study.evaluation
        verdict = f"leads.verdict.{evaluation.verdict}"
        slots: dict[str, str | int] = {
            "model": words(f"leads.model.{evaluation.champion}"), "n": words.language.number(evaluation.judged),
            "won": words.language.number(evaluation.won),
        }  # fmt: skip
        return self._titled(
            [
                (words("lead_pages.lab.split"), words(f"leads.split.{evaluation.split.kind}")),
                (
                    words("lead_pages.lab.verdict"),
                    words(verdict, **{name: slots[name] for name in words.slots(verdict)}),
                ),
            ]
        )

    @property
    def data(self) -> Header:
        """Which leads; nothing is judged for it."""
        return self._titled([])

    def _titled(self, further: Sequence[tuple[str, str]]) -> Header:
        words, leads, number = self.words, self.study.prepared.leads, self.words.language.number
        closed = int(leads.closed.sum())
        counts = words(
            "lead_pages.lab.counts", closed=number(closed), won=number(float(np.nansum(leads.won))),
            open=number(len(leads) - closed),
        )  # fmt: skip
        pairs = [(words("lead_pages.lab.file"), self.study.source.file), (words("lead_pages.lab.rows"), counts)]
        page = Page(
            title=words("lead_pages.lab.title", file=self.study.source.file),
            subtitle=words("lead_pages.lab.subtitle"),
            header=Pairs([*pairs, *further]),
            sections=(),
            footer=words("leads.card.footer"),
            language=words.language.code,
        )
        return Header(page, page_style())

    @property
    def columns(self) -> Section:
        """Alarms, columns that nobody has declared, columns left out."""
        return self.guard(self.study.alarms)

    def guard(self, alarms: Sequence[Alarm]) -> Section:
        """The same with these *alarms*: those on columns are there before anything was judged."""
        words, study = self.words, self.study
        rang = [
            Item(
                alarm.column or words("leads.whole_model"),
                words(f"leads.rule.{alarm.rule}"),
                self._answer(alarm.column),
            )
            for alarm in alarms
        ]
        dropped = [Item(one.column, words(f"leads.dropped.{one.reason}")) for one in study.dropped]
        undeclared = study.prepared.undeclared
        said = (
            Text(words("lead_pages.lab.undeclared", columns=", ".join(undeclared)), "note")
            if undeclared
            else Text(words("lead_pages.lab.undeclared_none"))
        )
        blocks = (
            Text(words("lead_pages.lab.alarms"), "strong"),
            Bullets(rang, empty=words("lead_pages.lab.no_alarms")),
            said,
            Text(words("lead_pages.lab.dropped"), "strong"),
            Bullets(dropped, empty=words("leads.card.nothing_dropped")),
        )
        return Section("columns", words("lead_pages.lab.columns"), blocks)

    def _answer(self, column: str) -> str:
        given = self.study.source.declaration.rule(column).answer
        return self.words(f"leads.answer.{given or 'none'}")

    @property
    def ladder(self) -> Figure:
        """AUC of every rung with its interval."""
        return ladder_figure(self._facts, self.words)

    @property
    def figures(self) -> Section:
        """The ladder in numbers, and beside it what a random split would have claimed."""
        words, told = self.words, self._facts
        tables = [ladder_table(words("leads.card.ladder"), told["ladder"], words)]
        if told["random_split"]:
            tables.append(ladder_table(words("leads.random_split"), [told["random_split"]], words, explained=False))
        aucs = [block["auc"] for block in told["blocks"] if block["auc"] is not None]
        number = words.language.number
        pooled = self.study.evaluation.figures(self.study.evaluation.champion).auc.value
        within = (
            [Text(words("lead_pages.lab.within", pooled=number(pooled, 3), within=number(np.mean(aucs), 3)), "note")]
            if aucs
            else []
        )
        return Section("ladder", words("lead_pages.ladder.title"), [*tables, *within])

    @property
    def reliability(self) -> Figure:
        """What was said and what came."""
        return reliability_figure(self._facts, self.words)

    @property
    def roc(self) -> Figure:
        """Wins found against lost leads taken along."""
        return roc_figure(curves.roc(*self._judged), self._facts, self.words)

    @property
    def precision_recall(self) -> Figure:
        """Wins among the leads taken, against wins found."""
        return precision_recall_figure(curves.precision_recall(*self._judged), self._facts, self.words)

    @property
    def gains(self) -> Figure:
        """Wins found in the best leads."""
        return gains_figure(self._facts, self.words)

    @property
    def lift(self) -> Figure:
        """How many times the base rate."""
        return lift_figure(self._facts, self.words)

    @property
    def drift(self) -> Figure:
        """How far the columns have moved from the earlier leads to the later ones."""
        return drift_figure(self.study.moved.columns, self._column_words)

    @property
    def warning(self) -> Section:
        """What the drift means; its text says so where earlier and later leads cannot be compared."""
        return drift_section(facts.movement_facts(self.study.moved), self._column_words)

    @cached_property
    def model(self) -> Section:
        """The champion, fitted, and kept where a folder was named; or what has to be said first."""
        words, found = self.words, self._trained
        if found is None:
            blocks = (Text(words("lead_pages.made.none"), "strong"), Bullets([Item(text) for text in self._missing]))
            return Section("model", words("lead_pages.made.title"), blocks)
        learned = words(
            "lead_pages.made.learned", model=words(f"leads.model.{found.model.rung}"),
            n=words.language.number(len(found.model.columns)),
        )  # fmt: skip
        if self.models is None:
            kept = words("lead_pages.made.forgotten")
        else:
            version = found.keep(Registry(self.models), by=_who())
            kept = words("lead_pages.made.kept", version=version, folder=self.models.name)
        return Section("model", words("lead_pages.made.title"), (Text(learned), Text(kept, "strong")))

    @property
    def reasons(self) -> Section:
        """Why the best lead, one in the middle and the last have their probabilities."""
        found, words = self._trained, self._column_words
        if found is None:
            return Section(
                "reasons", words("lead_pages.examples.title"), [Text(words("lead_pages.made.none"), "muted")]
            )
        leads, ended = self._to_explain(found)
        p = found.model.probabilities(leads.features)
        order = np.argsort(-p, kind="stable")
        rows = order[np.unique(np.linspace(0, len(order) - 1, min(_EXAMPLES, len(order))).astype(np.int64))]
        whys = explain(found.model, leads.features.iloc[rows], [str(name) for name in leads.ids[rows]])
        letters = found.model.grades.letters(p[rows])
        other = changes(found.model, leads.features, rows=rows)
        examples = [
            (OpenLead("", "", str(grade), why), alternatives)
            for grade, why, alternatives in zip(letters, whys, other, strict=True)
        ]
        return examples_section(examples, len(leads), words, ended=ended)

    @property
    def card(self) -> Section:
        """The card of the model; why there is none where there is no model."""
        found, words = self._trained, self.words
        if found is None:
            return Section("card", words("leads.card.title"), [Text(words("lead_pages.made.none"), "muted")])
        return card_section(found.facts(_who() if self.models else words("lead_pages.made.nobody")), words)

    @property
    def _column_words(self) -> Words:
        """The words where columns are named."""
        return self.words if self.study.source.history else as_in_file(self.words)

    @cached_property
    def _trained(self) -> Trained | None:
        return None if self._missing else trained(self.study)

    @cached_property
    def _missing(self) -> tuple[str, ...]:
        """What has to be said or found before a model is made."""
        words, study = self.words, self.study
        found = []
        if undeclared := study.prepared.undeclared:
            found.append(words("lead_pages.lab.undeclared", columns=", ".join(undeclared)))
        if columns := sorted({alarm.column for alarm in study.unanswered}):
            found.append(words("lead_pages.made.unanswered", columns=", ".join(columns)))
        if not study.evaluation.usable:
            found.append(words("lead_pages.made.no_signal"))
        return tuple(found)

    def _to_explain(self, found: Trained) -> tuple[Leads, bool]:
        """The open leads; all of them, and True, where every one has ended."""
        if self.workspace is not None:
            return scorable(workspace_leads(self.workspace, only_now=True), list(found.model.columns)), False
        leads = self.study.leads
        return (leads, True) if leads.closed.all() else (leads.at(~leads.closed), False)

    @property
    def _judged(self) -> tuple[Any, Any]:
        evaluation = self.study.evaluation
        known = np.isfinite(evaluation.p)
        return evaluation.won_by_lead[known], evaluation.p[known]

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END


def _who() -> str:
    """Who accepts the model: who is at the computer."""
    return os.environ.get("SALESCOACH_USER") or getpass.getuser()
