"""From a study to a stored model: refuses what is not declared, not answered, or no better than the base rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from salescoach.errors import InputError
from salescoach.leadlab.registry import Registry
from salescoach.leadlab.study import Study
from salescoach.report.model_card import card_page
from salescoach.report.page import page_html
from salescoach.resources import load_words, page_style
from salescoach.scoring import facts
from salescoach.scoring.declaration import Declaration
from salescoach.scoring.drift import Reference, reference
from salescoach.scoring.fairness import group_records
from salescoach.scoring.model import LeadModel, fit

LANGUAGES = ("en", "tr")


@dataclass(frozen=True)
class Trained:
    """The champion of a study, fitted, and what it remembers of its leads. Nothing is stored yet."""

    study: Study
    model: LeadModel
    reference: Reference

    def facts(self, by: str) -> dict[str, Any]:
        """What manifest and card say; *by* is who accepts the model."""
        return manifest_facts(self.study, self.model, by)

    def keep(self, into: Registry, *, by: str, promote: bool = True) -> str:
        """Store it with its cards; the name of its version."""
        told = self.facts(by)
        cards = {f"card.{code}.html": card_html(told, code) for code in LANGUAGES}
        version = into.add(self.model, self.reference, told, cards)
        if promote:
            into.promote(version, by=by)
        return version


def train(study: Study, into: Registry, *, by: str, promote: bool = True) -> str:
    """Fit the champion of *study* and store it; the name of its version.

    InputError as :func:`trained`. *by* is who accepts the model.
    """
    return trained(study).keep(into, by=by, promote=promote)


def trained(study: Study) -> Trained:
    """Fit the champion of *study*.

    InputError, naming what is open, when a column is not declared, an alarm not answered, or nothing beat
    the base rate.
    """
    ready_to_train(study)
    kinds = {
        name: "moment"
        for name in map(str, study.leads.features.columns)
        if name in study.source.table and study.source.table[name].dtype.kind == "M"
    }
    model = fit(study.leads, study.evaluation, kinds=kinds)
    p = model.probabilities(study.leads.features)
    return Trained(study, model, reference(study.leads.features[study.leads.closed], p[study.leads.closed]))


def ready_to_train(study: Study) -> None:
    """InputError when something has to be said first."""
    file = study.source.file
    undeclared = study.prepared.undeclared
    if undeclared:
        raise InputError(
            f"nobody has said when these columns are known: {', '.join(undeclared)}. Say so in the declaration "
            '(known_at = "created", "event" or "after_outcome"); make a draft with: salescoach leads declare.',
            file=file,
        )
    open_ones = sorted({f"{alarm.column} ({alarm.rule})" for alarm in study.unanswered})
    if open_ones:
        raise InputError(
            f"alarms are not answered: {', '.join(open_ones)}. Accept or drop each column in the declaration, "
            "with a reason.",
            file=file,
        )


def manifest_facts(study: Study, model: LeadModel, by: str) -> dict[str, Any]:
    """What the manifest says beside the model itself."""
    evaluation, leads = study.evaluation, study.leads
    records = group_records(dict(leads.segments), evaluation.p, leads.won, model.grades.cut_offs[0])
    return {
        "data": {
            "file": study.source.file,
            "sha256": study.source.sha256,
            "rows": len(leads),
            "closed": int(leads.closed.sum()),
            "won": int(np.nansum(leads.won)),
            "history": study.source.history,
        },
        "accepted_by": by,
        "declaration": declaration_facts(study.source.declaration),
        "rung": model.rung,
        "grades_record": [
            {key: facts.number(value) if isinstance(value, float) else value for key, value in vars(r).items()}
            for r in model.grades.record
        ],
        "cut_offs": list(model.grades.cut_offs),
        "evaluation": facts.evaluation_facts(evaluation, study.moment),
        "drift": facts.movement_facts(study.moved),
        "alarms": facts.alarm_facts(study.alarms),
        "answers": {
            name: {"answer": rule.answer, "reason": rule.reason}
            for name, rule in study.source.declaration.columns.items()
            if rule.answer
        },
        "dropped": facts.dropped_facts(study.dropped),
        "fairness": [
            {
                "column": r.column, "value": r.value, "n": r.n, "selected": facts.number(r.selected),
                "selected_low": facts.number(r.selected_low), "selected_high": facts.number(r.selected_high),
                "ratio": facts.number(r.calibration.ratio), "ratio_low": facts.number(r.calibration.low),
                "ratio_high": facts.number(r.calibration.high), "differs": bool(r.differs),
            }
            for r in records
        ],
    }  # fmt: skip


def declaration_facts(declaration: Declaration) -> dict[str, Any]:
    """The declaration in plain types; :func:`declaration_of` reads it back."""
    told = asdict(declaration)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in told.items()}


def card_html(told: Mapping[str, Any], language: str) -> str:
    """The model card as a page of its own."""
    return page_html(card_page(told, load_words(language)), page_style(), "plotly.min.js")
