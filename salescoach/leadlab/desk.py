"""What the leads app works on: the open leads of a workspace, its open deals, or a file of leads with its models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from salescoach.crm.folder import write_whole
from salescoach.errors import UsageError, WorkspaceError
from salescoach.leadlab.daily import decisions_of, lead_day, manifest, models_of, open_scores
from salescoach.leadlab.decisions import Decisions
from salescoach.leadlab.declared import declaration_toml
from salescoach.leadlab.reading import read_leads
from salescoach.leadlab.worklists import people
from salescoach.scoring.day import LEADS, NOT_TRAINED, USABLE, LeadDay, OpenLead
from salescoach.scoring.declaration import ColumnRule, Declaration
from salescoach.scoring.reasons import Change, Explanation
from salescoach.workspace import Workspace

if TYPE_CHECKING:
    from salescoach.leadlab.scoring import Scored
    from salescoach.leadlab.study import Study

DECLARATION = "declaration.toml"
_FILE, _MODELS, _OUTCOME, _TIME = "SALESCOACH_LEADS", "SALESCOACH_MODELS", "SALESCOACH_OUTCOME", "SALESCOACH_TIME"
_MOST_EXPLAINED = 2_000


class Desk(Protocol):
    """Leads to be worked, the model behind them, and what people decided about them."""

    @property
    def day(self) -> LeadDay:
        """The open leads, or why they have no scores."""

    @property
    def names(self) -> Mapping[str, str]:
        """Names of their owners, by id."""

    @property
    def decisions(self) -> Decisions:
        """The log of decisions."""

    @property
    def folder(self) -> Path:
        """Where lists are written."""

    @property
    def models(self) -> Path:
        """Folder of the models."""

    def manifest(self) -> dict[str, Any]:
        """Facts about the model in use."""

    def asked(self, lead: str) -> tuple[Explanation, tuple[Change, ...]] | None:
        """Why one lead has its probability, and what would change it; None when there is no such lead."""


@dataclass(frozen=True)
class WorkspaceDesk:
    """The leads of a workspace, or *of* ``deals`` its deals."""

    home: Workspace
    of: str = LEADS
    _asked: dict[str, tuple[Explanation, tuple[Change, ...]]] = field(default_factory=dict, repr=False)

    @cached_property
    def day(self) -> LeadDay:
        """The open leads, or why they have no scores."""
        return lead_day(self.home, self.of)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Names of everybody in the newest import."""
        return people(self.home)

    @property
    def decisions(self) -> Decisions:
        """The log of decisions."""
        return decisions_of(self.home, self.of)

    @property
    def folder(self) -> Path:
        """Where lists are written."""
        return self.home.path

    @property
    def models(self) -> Path:
        """Folder of the models."""
        return models_of(self.home, self.of)

    def manifest(self) -> dict[str, Any]:
        """Facts about the model in use."""
        return manifest(self.models)

    @cached_property
    def _scored(self) -> Scored:
        """The model beside the leads; loaded for the first lead that is asked about."""
        return open_scores(self.home, self.of)

    def asked(self, lead: str) -> tuple[Explanation, tuple[Change, ...]] | None:
        """Why one lead has its probability, and what would change it."""
        if lead not in self._asked and (found := reasons_of(self._scored, lead)) is not None:
            self._asked[lead] = found
        return self._asked.get(lead)


@dataclass(frozen=True)
class FileDesk:
    """A file of leads, what is declared about its columns, and the models that were made of it.

    The declaration is kept as ``declaration.toml`` in the folder of models, where the command line can read it.
    *outcome* and *time* count until something is declared there.
    """

    file: Path
    models: Path
    outcome: str = ""
    time: str = ""

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> FileDesk | None:
        """The desk that :attr:`environment` describes; None when it names no file."""
        if not environment.get(_FILE):
            return None
        said = {name: environment.get(name, "") for name in (_FILE, _MODELS, _OUTCOME, _TIME)}
        return cls(Path(said[_FILE]), Path(said[_MODELS]), said[_OUTCOME], said[_TIME])

    @property
    def environment(self) -> dict[str, str]:
        """Environment by which the app in another process finds the same desk."""
        return {_FILE: str(self.file), _MODELS: str(self.models), _OUTCOME: self.outcome, _TIME: self.time}

    @property
    def declared(self) -> Path:
        """The file of the declaration; missing until something is said."""
        return self.models / DECLARATION

    @cached_property
    def study(self) -> Study:
        """The file, read, guarded and judged. UsageError when nobody says how a lead ended."""
        from salescoach.leadlab.study import Study

        if self.declared.is_file():
            return Study(read_leads(self.file, declare=self.declared))
        if not self.outcome:
            raise UsageError("Name the column that says how a lead ended: --outcome COLUMN.")
        return Study(read_leads(self.file, outcome=self.outcome, time=self.time))

    @property
    def judged(self) -> bool:
        """True when the ladder was judged since the last answer."""
        return "evaluation" in vars(self.study)

    def said(self, column: str, rule: ColumnRule, *, row_order: bool) -> FileDesk:
        """The desk after an answer about *column*, or about every other column when it is empty.

        The answer is written at once. UsageError for one without its reason.
        """
        if rule.answer and not rule.reason.strip():
            raise UsageError("An answer to an alarm needs its reason, which the model card prints.")
        old = self.study.source.declaration
        new = replace(old, row_order=row_order and not old.time)
        if column:
            new = replace(new, columns={**old.columns, column: _merged(old, column, rule)})
        elif rule.known_at:
            new = replace(new, known_at=rule.known_at)
        return self._declare(new)

    def _declare(self, declaration: Declaration) -> FileDesk:
        try:
            self.models.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(self.declared, declaration_toml(declaration).encode())
        except OSError as error:
            raise WorkspaceError(f"{self.declared}: cannot be written ({error.strerror}).") from None
        return replace(self)

    def train(self, *, by: str) -> FileDesk:
        """Train the champion and put it in use. InputError naming what has to be said first."""
        from salescoach.leadlab.registry import Registry
        from salescoach.leadlab.training import train

        train(self.study, Registry(self.models), by=by)
        fresh = replace(self)
        vars(fresh)["study"] = self.study  # it was read and judged a moment ago
        return fresh

    @cached_property
    def _scored(self) -> Scored | None:
        """The leads to be worked: those still open, or all of them when every one has ended. None without a model."""
        from salescoach.leadlab.registry import Registry
        from salescoach.leadlab.scoring import score_file

        registry = Registry(self.models)
        return score_file(self.file, registry.load()) if registry.current() else None

    @property
    def all_ended(self) -> bool:
        """True when no lead of the file is open: then the list only shows what a day would look like."""
        return self._scored is not None and bool(self._scored.leads.closed.all())

    @property
    def _today(self) -> date:
        """The day of the list; a file says none."""
        return datetime.now(UTC).date()

    @cached_property
    def day(self) -> LeadDay:
        """The open leads, or that no model was made yet."""
        scored = self._scored
        if scored is None:
            return LeadDay(self._today, NOT_TRAINED)
        rows = np.flatnonzero(np.ones(len(scored.leads), dtype=bool) if self.all_ended else ~scored.leads.closed)
        best = rows[np.argsort(-scored.p[rows], kind="stable")]
        whys = scored.explained(best[:_MOST_EXPLAINED])
        whys += [
            Explanation(str(scored.leads.ids[row]), float(scored.p[row]), (), (), False)
            for row in best[_MOST_EXPLAINED:]
        ]
        split = scored.stored.manifest["evaluation"]["split"]
        return LeadDay(
            self._today, USABLE, scored.stored.version, split["judged"], split["won"], scored.stored.model.grades,
            tuple(
                OpenLead(owner, "", str(scored.grades[row]), why)
                for row, owner, why in zip(best, self._owners(best), whys, strict=True)
            ),
            scored.moved,
        )  # fmt: skip

    def _owners(self, rows: npt.NDArray[np.integer]) -> list[str]:
        from salescoach.leadlab.today import owners_of

        found = owners_of(self._scored) if self._scored is not None else None
        return [""] * len(rows) if found is None else [found[row] for row in rows]

    @property
    def names(self) -> Mapping[str, str]:
        """Nobody: an owner in a file is called what it says."""
        return {}

    @property
    def decisions(self) -> Decisions:
        """The log of decisions beside the models."""
        return Decisions.beside(self.models)

    @property
    def folder(self) -> Path:
        """Where lists are written."""
        return self.models

    def manifest(self) -> dict[str, Any]:
        """Facts about the model in use."""
        return manifest(self.models)

    def asked(self, lead: str) -> tuple[Explanation, tuple[Change, ...]] | None:
        """Why one lead has its probability, and what would change it."""
        return reasons_of(self._scored, lead) if self._scored is not None else None


def _merged(old: Declaration, column: str, rule: ColumnRule) -> ColumnRule:
    """What was said before about *column*, with the parts that are said now."""
    kept = old.rule(column)
    new = replace(kept, known_at=rule.known_at or kept.known_at)
    return replace(new, answer=rule.answer, reason=" ".join(rule.reason.split())) if rule.answer else new


def reasons_of(scored: Scored, lead: str) -> tuple[Explanation, tuple[Change, ...]] | None:
    """Reasons and alternatives of the lead named *lead*; None when there is none."""
    from salescoach.scoring.explanation import changes

    place = scored.place(lead)
    if place is None:
        return None
    rows = np.array([place], dtype=np.int64)
    (alternatives,) = changes(scored.stored.model, scored.leads.features, rows=rows)
    return scored.explained(rows)[0], alternatives
