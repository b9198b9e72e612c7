"""The metrics page: choose a metric, a person and a period; see what it says, its value, and the rows behind it.

It reads and stores nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from salescoach.app.frame import Frame
from salescoach.app.parts import Notice, close, html_widget, labelled
from salescoach.calendar import Period
from salescoach.errors import SalesCoachError
from salescoach.known import data_at
from salescoach.metrics import METRICS
from salescoach.metrics.beside import Beside, beside
from salescoach.metrics.question import Question
from salescoach.metrics.sheet import COLUMNS, people_of
from salescoach.report.metric_compared import compared_section
from salescoach.report.metric_page import metric_sections
from salescoach.report.metric_values import evidence_section, values_section
from salescoach.report.page import Section
from salescoach.report.wording import Wording
from salescoach.review import requested_language
from salescoach.workspace import Workspace

_WHOLE = "all"


def metrics_app(workspace: str | Path = "", language: str = "") -> MetricsApp | Notice:
    """The page on *workspace* (default: ``SALESCOACH_WORKSPACE``), in *language* or the one of its address."""
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return MetricsApp(home, requested_language(language, home))
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class MetricsApp(Frame):
    """Controls on top; definition, value and evidence below them."""

    def __init__(self, workspace: Workspace, language: str) -> None:
        super().__init__(language)
        self._data = data_at(workspace)
        self._changing = False
        self._compared_before: dict[tuple[Period, str, str], tuple[Beside, ...]] = {}
        self._metric, self._rep, self._when = widgets.Dropdown(), widgets.Dropdown(), widgets.Dropdown()
        for control in (self._metric, self._rep, self._when):
            control.observe(self._chosen, names="value")
        self._tongue.observe(self._speak, names="value")
        self._offer()
        self._show()

    def _periods(self) -> list[Period]:
        newest = self._data.calendar.quarter_of(self._data.as_of)
        return [newest, *reversed(self._data.calendar.quarters_before(newest, 7))]

    def _offer(self) -> None:
        """Choices and their names in the chosen language; what was chosen stays chosen."""
        words, data = self._words, self._data
        people = [(str(data.reps.at[rep, "full_name"]), rep) for rep in people_of(data)]
        people.sort(key=lambda pair: words.language.sort_key(pair[0]))
        choices = (
            (self._metric, [(words(f"metric.{name}.name"), name) for name in METRICS]),
            (self._rep, [*people, (words("metrics.organisation"), _WHOLE)]),
            (self._when, [(words.language.period(period.label), period.label) for period in self._periods()]),
        )
        self._changing = True
        for control, options in choices:
            before = control.value
            control.options = options
            control.value = before if before is not None else options[0][1]
        self._changing = False
        self._bar.children = [
            labelled(words("metrics.choose"), self._metric),
            labelled(words("label.rep"), self._rep),
            labelled(words("label.period"), self._when),
            labelled(words("app.language"), self._tongue),
        ]

    def _speak(self, _change: Any) -> None:
        self._offer()
        self._show()

    def _chosen(self, _change: Any) -> None:
        if not self._changing:
            self._show()

    def _show(self) -> None:
        words, old = self._words, self._page.children
        definition, facts, rules = metric_sections(METRICS[self._metric.value], words)
        title = words(f"metric.{self._metric.value}.name")
        self._page.children = [
            html_widget(title, words("metrics.subtitle"), language=words.language.code),
            *(
                html_widget(part, language=words.language.code)
                for part in (definition, self._value(), *self._compared(), self._evidence(), facts, rules)
            ),
        ]
        close(old)

    def _asked(self) -> Question:
        period = self._data.calendar.period(self._when.value)
        if self._rep.value == _WHOLE:
            return Question.about(self._data, period, "all")
        return Question.about(self._data, period, "rep", [self._rep.value])

    def _value(self) -> Section:
        rows = METRICS[self._metric.value].answer(self._asked())
        peers = {one.part: one.peers for one in self._held_against()}
        said = [found.verdict if (found := peers.get(part)) else None for part in rows["part"]]
        verdicts = pd.Series(said, index=rows.index, dtype=object)
        rows = rows.assign(verdict=verdicts.where(rows["na_reason"].isna(), None))
        wording = Wording(self._words, self._data.currency)
        return values_section(rows[list(COLUMNS)], self._words("metrics.value"), wording)

    def _compared(self) -> tuple[Section, ...]:
        """What the number of a person was held against; nothing for the organisation."""
        found = self._held_against()
        return (compared_section(found, Wording(self._words, self._data.currency)),) if found else ()

    def _held_against(self) -> tuple[Beside, ...]:
        asked = self._asked().period, self._metric.value, self._rep.value
        if self._rep.value != _WHOLE and asked not in self._compared_before:
            self._compared_before[asked] = beside(self._data, *asked)
        return self._compared_before.get(asked, ())

    def _evidence(self) -> Section:
        """The rows behind the value."""
        ask, metric = self._asked(), METRICS[self._metric.value]
        if metric.answer(ask)["na_reason"].isin(["missing_field", "no_history", "not_applicable"]).all():
            rows = pd.DataFrame()
        elif self._rep.value == _WHOLE:
            rows = metric.cases(self._data, ask.period)
        else:
            rows = metric.rows_behind(self._data, ask.period, self._rep.value)
        return evidence_section(rows, self._words)
