"""A stored model at work on a file of new leads: scores, grades, reasons, drift, and the day's list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.dialect import Choices
from salescoach.leadlab.organisation import workspace_deals, workspace_leads
from salescoach.leadlab.reading import LeadFile, names, read_leads
from salescoach.leadlab.registry import Stored
from salescoach.scoring.declaration import ColumnRule, Declaration
from salescoach.scoring.drift import Calibration, ColumnDrift, calibration, column_drifts, score_drift
from salescoach.scoring.explanation import explain
from salescoach.scoring.leads import Leads, features_of, prepare
from salescoach.scoring.reasons import Explanation

Array = npt.NDArray[np.float64]
_ASK = Choices()
_FEWEST_PER_PART = 10


@dataclass(frozen=True)
class Scored:
    """New leads with their probabilities."""

    source: LeadFile
    stored: Stored
    leads: Leads

    @cached_property
    def p(self) -> Array:
        """Probability of each lead."""
        return self.stored.model.probabilities(self.leads.features)

    @cached_property
    def grades(self) -> npt.NDArray[np.object_]:
        """Grade of each lead."""
        return self.stored.model.grades.letters(self.p)

    def explained(self, rows: npt.NDArray[np.integer]) -> list[Explanation]:
        """Reasons for some leads, by their positions."""
        return explain(self.stored.model, self.leads.features.iloc[rows], [str(i) for i in self.leads.ids[rows]])

    @cached_property
    def drift(self) -> list[ColumnDrift]:
        """Every column against the training leads."""
        return column_drifts(self.stored.reference, self.stored.model.aligned(self.leads.features))

    @property
    def moved(self) -> tuple[tuple[str, float], ...]:
        """Columns that have moved, with their index. Where a part has few leads it is large by chance alone."""
        parts = self.stored.reference.shares
        enough = [each for each in self.drift if len(self.leads) >= _FEWEST_PER_PART * len(parts[each.column])]
        return tuple((each.column, round(each.psi, 3)) for each in enough if each.verdict == "act")

    @property
    def score_drift(self) -> float:
        """The probabilities against those of the training leads."""
        return score_drift(self.stored.reference, self.p)

    @property
    def calibration(self) -> Calibration:
        """Observed over expected wins of the leads whose outcome is known already."""
        return calibration(self.leads.won, self.p)

    def place(self, lead: str) -> int | None:
        """Position of the lead named *lead*."""
        found = np.flatnonzero(self.leads.ids == lead)
        return int(found[0]) if len(found) else None


def score_file(path: Path, stored: Stored, choices: Choices = _ASK) -> Scored:
    """Read new leads as the model's declaration says and score them. InputError when a column is missing.

    *path* is a file, or a workspace: then the leads that are open in it are scored, by a model of deals the deals.
    """
    if path.is_dir():
        read = workspace_deals if stored.manifest["declaration"]["id"] == "deal_id" else workspace_leads
        source = read(path, only_now=True)
        return Scored(source, stored, scorable(source, list(stored.model.columns)))
    declaration = declaration_of(stored.manifest["declaration"])
    columns = stored.model.columns
    rules = {name: replace(declaration.rule(name), kind=kind, use=True) for name, kind in columns.items()}
    declaration = replace(declaration, columns={**declaration.columns, **rules})
    source = read_leads(path, declaration=declaration, choices=choices)
    return Scored(source, stored, scorable(source, list(columns)))


def scorable(source: LeadFile, columns: list[str]) -> Leads:
    """The leads of a file with exactly *columns* as features, whatever the file alone would suggest."""
    said = source.declaration
    absent: dict[str, Any] = {
        role: "" for role in ("group", "owner", "recency", "value") if getattr(said, role) not in source.table
    }
    present = {name: rule for name, rule in said.columns.items() if name in source.table}
    known = replace(said, **absent, columns=present, points={})
    leads = prepare(source.table, source.outcome, known, names(), both=False).leads
    return replace(leads, features=features_of(source.table, columns, leads.when))


def declaration_of(told: dict[str, Any]) -> Declaration:
    """A declaration from its plain facts."""
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in told.items()}
    rules: dict[str, Any] = {}
    for name, rule in told["columns"].items():
        parts: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in rule.items()}
        rules[name] = ColumnRule(**parts)
    return Declaration(**{**values, "columns": rules})


def scores_table(scored: Scored) -> pd.DataFrame:
    """One row per lead: its name, probability and grade."""
    return pd.DataFrame({"lead": scored.leads.ids, "p": scored.p, "grade": scored.grades})
