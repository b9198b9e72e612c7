"""One file of leads, read, guarded and judged: what ``leads evaluate`` prints and ``leads train`` begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from time import perf_counter
from typing import Any

from salescoach.errors import InputError
from salescoach.leadlab.reading import LeadFile, names
from salescoach.scoring import facts
from salescoach.scoring.evaluation import Evaluation, evaluate
from salescoach.scoring.guard import MIXED_UNITS, WHOLE_MODEL_AUC, Alarm, alarms, kept_out, unanswered
from salescoach.scoring.leads import Dropped, Leads, Prepared
from salescoach.scoring.movement import Movement, movement
from salescoach.scoring.splits import split_of


@dataclass(frozen=True)
class Study:
    """A file of leads under examination. Each part is computed when it is first asked for."""

    source: LeadFile

    @cached_property
    def prepared(self) -> Prepared:
        """The leads, ready."""
        return self.source.prepared()

    @cached_property
    def column_alarms(self) -> tuple[Alarm, ...]:
        """Alarms on columns."""
        return alarms(self.prepared, self.source.table, self.source.declaration, names())

    @cached_property
    def alarms(self) -> tuple[Alarm, ...]:
        """All alarms; the last is the whole model's, when it is too good to be true."""
        champion = self.evaluation.figures(self.evaluation.champion)
        if champion.auc.value > WHOLE_MODEL_AUC:
            return (*self.column_alarms, Alarm("", "whole_model", champion.auc.value))
        return self.column_alarms

    @cached_property
    def kept_out(self) -> tuple[str, ...]:
        """Features that are kept out until their alarms are answered."""
        return tuple(
            name
            for name in kept_out(self.column_alarms, self.source.declaration)
            if name in self.prepared.leads.features
        )

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Every column that is no feature, and why."""
        return (
            *(self._said_by(dropped) for dropped in self.prepared.dropped),
            *(Dropped(name, "alarm") for name in self.kept_out),
        )

    def _said_by(self, dropped: Dropped) -> Dropped:
        """In a workspace nobody answers alarms: what was dropped for one gave the outcome away."""
        answered = self.source.history and dropped.reason == "answered_drop"
        return Dropped(dropped.column, "given_away") if answered else dropped

    @property
    def unanswered(self) -> tuple[Alarm, ...]:
        """Alarms on features that nobody has accepted or dropped, and on columns that one unit would make features."""
        open_ones = unanswered(self.column_alarms, self.source.declaration)
        features = self.prepared.leads.features
        return tuple(alarm for alarm in open_ones if alarm.column in features or alarm.rule == MIXED_UNITS)

    @cached_property
    def leads(self) -> Leads:
        """The leads with the features that may speak."""
        return self.prepared.leads.without(*self.kept_out)

    @cached_property
    def evaluation(self) -> Evaluation:
        """The ladder, judged. InputError where too few leads have ended to judge anything."""
        try:
            return evaluate(self.leads, clock=perf_counter)
        except InputError as error:
            raise InputError(str(error), file=self.source.file) from None

    @cached_property
    def moved(self) -> Movement:
        """How far the later leads have moved from the earlier ones. InputError as :attr:`evaluation`."""
        try:
            return movement(self.leads, split_of(self.leads))
        except InputError as error:
            raise InputError(str(error), file=self.source.file) from None

    @property
    def moment(self) -> Callable[[float], Any]:
        """Writes a point of the leads' time for JSON: a day, or the number that it is."""
        time = self.source.declaration.time
        dated = time in self.source.table and self.source.table[time].dtype.kind == "M"
        return day_of if dated else facts.number

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        leads = self.prepared.leads
        return {
            "file": self.source.file,
            "sha256": self.source.sha256,
            "rows": len(leads),
            "closed": int(leads.closed.sum()),
            "outcome": facts.outcome_facts(self.prepared.outcome_values),
            "rows_set_aside": len(self.source.ragged),
            **facts.evaluation_facts(self.evaluation, self.moment),
            "drift": facts.movement_facts(self.moved),
            "alarms": facts.alarm_facts(self.alarms),
            "alarms_unanswered": sorted({alarm.column for alarm in self.unanswered}),
            "dropped": facts.dropped_facts(self.dropped),
            "features": list(self.leads.features.columns),
            "undeclared": list(self.prepared.undeclared),
        }


def day_of(days: float) -> str | None:
    """Days since 1970 as a calendar day; None when unknown.

    >>> day_of(20454.5)
    '2026-01-01'
    """
    if facts.number(days) is None:
        return None
    return (datetime(1970, 1, 1) + timedelta(days=days)).date().isoformat()
