"""Controls of the leads app: what a day allows and a lead takes, and the form of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets

from salescoach.app.parts import labelled
from salescoach.leadlab.decisions import CHOICES, ROLES
from salescoach.leadlab.study import Study
from salescoach.scoring.day import Plan
from salescoach.scoring.declaration import ANSWERS, KNOWN_AT, ColumnRule
from salescoach.scoring.worklist import Effort
from salescoach.words import Words

VIEWS = ("today", "tuning", "proof", "card")
FILE_VIEWS = ("columns", "verdict", *VIEWS)
"""Of a file of leads: what an analyst does first comes first."""
_LEAST_HOURS = 0.05  # a lead that took no time would have no value per hour


def view_choices(words: Words, views: Sequence[str] = VIEWS) -> list[tuple[str, str]]:
    """The views by name."""
    return [(words(f"lead_pages.app.{view}"), view) for view in views]


class PlanForm:
    """Hours of the day, and what a lead takes and a win is worth."""

    def __init__(self) -> None:
        self.hours = widgets.FloatSlider(value=8.0, min=0.0, max=12.0, step=0.5, continuous_update=False, readout=False)
        self.hours_now = widgets.Label()
        self.hours_per_lead = widgets.BoundedFloatText(value=1.0, min=_LEAST_HOURS, max=100.0, step=0.25)
        self.value = widgets.BoundedFloatText(value=1.0, min=0.0, max=1e12, step=1.0)
        self.cost = widgets.BoundedFloatText(value=0.0, min=0.0, max=1e9, step=1.0)
        self._words: Words | None = None
        self.hours.observe(self._tell, names="value")

    @property
    def controls(self) -> Sequence[widgets.Widget]:
        """What the list depends on."""
        return (self.hours, self.hours_per_lead, self.value, self.cost)

    @property
    def plan(self) -> Plan:
        """What they say."""
        return Plan(self.hours.value, Effort(self.hours_per_lead.value, self.cost.value), self.value.value)

    def speak(self, words: Words) -> None:
        """From now on in this language."""
        self._words = words
        self._tell(None)

    def _tell(self, _change: Any) -> None:
        if self._words is not None:  # the slider's own text would be written with a point in every language
            self.hours_now.value = self._words.language.number(self.hours.value, 1)

    def fields(self, words: Words) -> list[widgets.Widget]:
        """The controls under their names."""
        slider = labelled(words("lead_pages.app.hours"), self.hours)
        slider.children = [*slider.children, self.hours_now]
        named = {"hours_per_lead": self.hours_per_lead, "value": self.value, "cost": self.cost}
        return [slider, *(labelled(words(f"lead_pages.app.{name}"), control) for name, control in named.items())]


@dataclass
class DecisionForm:
    """Which lead, what, in which role, and why."""

    lead: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    choice: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    role: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    reason: widgets.Textarea = field(default_factory=lambda: widgets.Textarea(rows=2))

    def speak(self, words: Words) -> None:
        """The choices in this language; what was chosen stays chosen."""
        for control, names, area in ((self.choice, CHOICES, "choice"), (self.role, ROLES, "role")):
            chosen = control.value
            control.options = [(words(f"lead_pages.{area}.{name}"), name) for name in names]
            control.value = chosen or names[0]
        self.reason.placeholder = words("lead_pages.app.reason_hint")

    def fields(self, words: Words) -> list[widgets.Widget]:
        """The controls under their names."""
        named = {"lead": self.lead, "choice": self.choice, "role": self.role, "reason": self.reason}
        return [labelled(words(f"lead_pages.app.{name}"), control) for name, control in named.items()]


@dataclass
class AnswerForm:
    """What an analyst says about a column: when it is known, and the answer to its alarm with the reason."""

    column: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    known_at: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    answer: widgets.Dropdown = field(default_factory=widgets.Dropdown)
    why: widgets.Textarea = field(default_factory=lambda: widgets.Textarea(rows=2))
    row_order: widgets.Checkbox = field(default_factory=lambda: widgets.Checkbox(indent=False))

    @property
    def rule(self) -> ColumnRule:
        """What is said."""
        return ColumnRule(self.known_at.value, answer=self.answer.value, reason=self.why.value)

    def speak(self, words: Words, study: Study) -> None:
        """The columns of *study*, those that rang first, and what may be said about them, in this language."""
        rang = list(dict.fromkeys(alarm.column for alarm in study.column_alarms))
        others = [name for name in map(str, study.prepared.leads.features.columns) if name not in rang]
        columns = [(words("lead_pages.answer.others"), ""), *((name, name) for name in (*rang, *others))]
        known = [("", ""), *((words(f"lead_pages.known_at.{name}"), name) for name in KNOWN_AT)]
        answers = [("", ""), *((words(f"lead_pages.answer.{name}"), name) for name in ANSWERS)]
        for control, options in ((self.column, columns), (self.known_at, known), (self.answer, answers)):
            chosen = control.value or ""
            control.options = options
            control.value = chosen if chosen in {value for _, value in options} else ""
        self.row_order.value = study.source.declaration.row_order
        self.row_order.disabled = bool(study.source.declaration.time)
        self.row_order.description = words("lead_pages.answer.row_order")

    def empty(self) -> None:
        """Ready for the next column."""
        self.known_at.value, self.answer.value, self.why.value = "", "", ""

    def fields(self, words: Words) -> list[widgets.Widget]:
        """The controls under their names."""
        named = {"column": self.column, "known_at": self.known_at, "answer": self.answer, "why": self.why}
        return [*(labelled(words(f"lead_pages.answer.{name}"), each) for name, each in named.items()), self.row_order]
