"""The lead lab at work in a workspace: train on its leads or deals, score those that are open, keep the scores.

Leads and deals have a model each; that of the deals lies in a folder of its own. Scores are kept in a file that is
named by all that they were made from, so that the reviews of a whole team score once; a newer import or another model
makes another file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from salescoach import __version__
from salescoach.crm.folder import write_whole
from salescoach.errors import InputError, UsageError, WorkspaceError
from salescoach.leadlab.decisions import Decisions
from salescoach.scoring.day import DEALS, LEADS, NO_LEADS, NO_MODEL, NO_SIGNAL, TOO_FEW, USABLE, LeadDay, OpenLead
from salescoach.scoring.grades import GradeRecord, Grades
from salescoach.scoring.reasons import Explanation, Reason
from salescoach.workspace import Workspace

if TYPE_CHECKING:
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import Scored

VERDICT = "verdict.json"
SCORED = "scored"
"""Folder of the scores that are kept, beside the models that gave them."""
_TABLES = {LEADS: "lead", DEALS: "opportunity"}


def models_of(home: Workspace, of: str = LEADS) -> Path:
    """Folder of the models of the workspace's leads, or of its deals."""
    return home.models / of if of == DEALS else home.models


def train_workspace(home: Workspace, *, by: str, of: str = LEADS) -> str:
    """Judge the models on the leads (or, *of* ``deals``, the deals) of *home* and put the champion in use; the verdict.

    Without a usable signal no model is made, and the verdict is kept: until a later training succeeds there are no
    scores. The same leads are not learned from twice. *by* is who accepts the model.
    """
    from salescoach.leadlab.organisation import workspace_deals, workspace_leads
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.study import Study
    from salescoach.leadlab.training import train

    folder = models_of(home, of)
    if _TABLES[of] not in home.snapshot().tables:
        return NO_LEADS
    study = Study(workspace_deals(home) if of == DEALS else workspace_leads(home))
    registry, learned_from = Registry(folder), study.source.sha256
    if _trained(folder) == learned_from and _readable(folder, registry):
        return str(_told(folder)["verdict"])
    told: dict[str, Any] = {"verdict": USABLE, "sha256": learned_from, "judged": 0, "won": 0}
    try:
        evaluation = study.evaluation
    except InputError:  # too few leads have ended, or all alike
        told["verdict"] = TOO_FEW
        ended = [outcome for outcome in study.source.outcome if outcome] if study.source.outcome is not None else []
        told |= {"judged": len(ended), "won": ended.count("won")}
    else:
        told |= {"judged": evaluation.judged, "won": evaluation.won}
        if evaluation.usable:
            told["version"] = train(study, registry, by=by)
        else:
            told["verdict"] = NO_SIGNAL
    told["at"] = datetime.now(UTC).isoformat(timespec="seconds")
    write_whole(folder / VERDICT, json.dumps(told, indent=1).encode())
    return str(told["verdict"])


def lead_day(home: Workspace, of: str = LEADS) -> LeadDay:
    """The leads (or, *of* ``deals``, the deals) that are open as of the end of the newest import, scored by the model
    in use; or why there are no scores."""
    snapshot, folder = home.snapshot(), models_of(home, of)
    if _TABLES[of] not in snapshot.tables:
        return LeadDay(snapshot.as_of, NO_LEADS, what=of)
    told, version = _told(folder), _in_use(folder)
    if told.get("verdict", USABLE) != USABLE:
        return LeadDay(snapshot.as_of, told["verdict"], judged=told["judged"], won=told["won"], what=of)
    if not version:
        return LeadDay(snapshot.as_of, NO_MODEL, what=of)
    made_of = json.dumps([snapshot.content_hash, snapshot.as_of.isoformat(), version, __version__])
    file = folder / SCORED / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.json"
    try:
        return _read(json.loads(file.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):  # not scored yet, or cut short: the model says the same again
        day = _scored(home, version, of)
    write_whole(file, json.dumps(_written(day), ensure_ascii=False).encode())
    return day


def kept_days(home: Workspace, of: str = LEADS) -> tuple[LeadDay, ...]:
    """Every day whose scores are kept, oldest first, each as its model said it then. Scores nothing."""
    found = []
    for file in sorted((models_of(home, of) / SCORED).glob("*.json")):
        try:
            found.append(_read(json.loads(file.read_text(encoding="utf-8"))))
        except ValueError:  # cut short: it was never shown
            continue
    return tuple(sorted(found, key=lambda day: (day.as_of, day.version)))


def decisions_of(home: Workspace, of: str = LEADS) -> Decisions:
    """What people decided about the workspace's leads, or about its deals: ids of the two may be alike."""
    return Decisions.beside(models_of(home, of))


def days_to_suggest(home: Workspace) -> dict[str, LeadDay]:
    """The open leads and the open deals without those that a person put aside, by what they are."""
    found = {}
    for of in (LEADS, DEALS):
        aside = {lead for lead, decided in decisions_of(home, of).overrides().items() if not decided.work}
        found[of] = lead_day(home, of).without(aside)
    return found


def fingerprint(home: Workspace) -> str:
    """Hash of what a page says about leads beside the imported data: the model in use, its verdict, decisions."""
    parts = []
    for of in (LEADS, DEALS):
        folder = models_of(home, of)
        parts += [_in_use(folder), json.dumps(_told(folder), sort_keys=True)]
        parts += [json.dumps(asdict(decision)) for decision in decisions_of(home, of).all()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def manifest(folder: Path) -> dict[str, Any]:
    """What the model in use in *folder* was made of and how it was judged, without loading it.

    UsageError when none is in use.
    """
    version = _in_use(folder)
    if not version:
        raise UsageError("No lead model is in use. Make one with: salescoach leads train WORKSPACE")
    return _json(folder, f"{version}/manifest.json")


def open_scores(home: Workspace, of: str = LEADS) -> Scored:
    """The open leads or deals beside the loaded model, for questions that the kept scores cannot answer."""
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import score_file

    return score_file(home.path, Registry(models_of(home, of)).load())


def _scored(home: Workspace, version: str, of: str) -> LeadDay:
    scored = open_scores(home, of)
    table, evaluation = scored.source.table, scored.stored.manifest["evaluation"]
    owners = table["owner_id"].astype(object).where(table["owner_id"].notna(), "").astype(str)
    companies = _companies(home, of).reindex(pd.Index(scored.leads.ids).astype(str)).fillna("").astype(str)
    reasons = scored.explained(np.arange(len(scored.leads))) if len(scored.leads) else []
    return LeadDay(
        home.snapshot().as_of, USABLE, version, evaluation["split"]["judged"], evaluation["split"]["won"],
        scored.stored.model.grades,
        tuple(
            OpenLead(owner, company, str(grade), why)
            for owner, company, grade, why in zip(owners, companies, scored.grades, reasons, strict=True)
        ),
        scored.moved, of,
    )  # fmt: skip


def _companies(home: Workspace, of: str) -> pd.Series:
    """The company behind each lead or deal, by its id; a deal without a known account has its own name."""
    snapshot = home.snapshot()
    if of == LEADS:
        return snapshot.read("lead").set_index("lead_id")["company"]
    deals = snapshot.read("opportunity").drop_duplicates("deal_id").set_index("deal_id")
    if "account" not in snapshot.tables:
        return deals["name"]
    accounts = snapshot.read("account").drop_duplicates("account_id").set_index("account_id")["name"]
    return deals["account_id"].map(accounts).fillna(deals["name"])


def _in_use(folder: Path) -> str:
    """Version of the model in use, without loading what models are made of."""
    state = _json(folder, "current.json")
    return str(state.get("current") or "")


def _told(folder: Path) -> dict[str, Any]:
    """What the last training in the workspace said; nothing before the first."""
    return _json(folder, VERDICT)


def _trained(folder: Path) -> str:
    """Hash of the leads of the last training, if its model is still the one in use."""
    told = _told(folder)
    return str(told["sha256"]) if told and told.get("version", "") in ("", _in_use(folder)) else ""


def _readable(folder: Path, registry: Registry) -> bool:
    """False when the model in use was made by another version: then the same leads are learned from again."""
    try:
        return not _in_use(folder) or bool(registry.load())
    except WorkspaceError:
        return False


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / name).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise InputError("cannot be read. Train again: salescoach leads train WORKSPACE", file=name) from None


# --- the file of a day ---------------------------------------------------------------------------


def _written(day: LeadDay) -> dict[str, Any]:
    told = asdict(day)
    told["as_of"] = day.as_of.isoformat()
    for record in told["grades"]["record"]:
        record.update({key: None for key, value in record.items() if value != value})
    return told


def _read(told: Mapping[str, Any]) -> LeadDay:
    nothing: Any = float("nan")
    record = [
        GradeRecord(**{str(key): nothing if value is None else value for key, value in r.items()})
        for r in told["grades"]["record"]
    ]
    return LeadDay(
        date.fromisoformat(told["as_of"]), told["verdict"], told["version"], told["judged"], told["won"],
        Grades(tuple(told["grades"]["cut_offs"]), tuple(record)),
        tuple(OpenLead(one["owner"], one["company"], one["grade"], _explanation(one["why"])) for one in told["leads"]),
        tuple((str(column), float(psi)) for column, psi in told["moved"]), told.get("what", LEADS),
    )  # fmt: skip


def _explanation(told: Mapping[str, Any]) -> Explanation:
    sides = {side: tuple(Reason(**reason) for reason in told[side]) for side in ("pros", "cons")}
    return Explanation(told["lead"], told["p"], sides["pros"], sides["cons"], told["exact"])
