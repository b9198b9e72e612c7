"""The lead lab at work in a workspace: train on its leads, score those that are open, keep the scores of the day.

Scores are kept in a file that is named by all that they were made from, so that the reviews of a whole team
score once; a newer import or another model makes another file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from salescoach import __version__
from salescoach.crm.folder import write_whole
from salescoach.errors import InputError, UsageError, WorkspaceError
from salescoach.leadlab.decisions import Decisions
from salescoach.scoring.day import NO_LEADS, NO_MODEL, NO_SIGNAL, TOO_FEW, USABLE, LeadDay, OpenLead
from salescoach.scoring.grades import GradeRecord, Grades
from salescoach.scoring.reasons import Explanation, Reason
from salescoach.workspace import Workspace

if TYPE_CHECKING:
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import Scored

VERDICT = "verdict.json"
_SCORED = "scored"
_FEWEST_PER_PART = 10


def train_workspace(home: Workspace, *, by: str) -> str:
    """Judge the models on the leads of *home* and put the champion in use; the verdict.

    Without a usable signal no model is made, and the verdict is kept: until a later training succeeds there are no
    scores. The same leads are not learned from twice. *by* is who accepts the model.
    """
    from salescoach.leadlab.organisation import workspace_leads
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.study import Study
    from salescoach.leadlab.training import train

    if "lead" not in home.snapshot().tables:
        return NO_LEADS
    study, registry = Study(workspace_leads(home)), Registry(home.models)
    learned_from = study.source.sha256
    if _trained(home) == learned_from and _readable(home, registry):
        return str(_told(home)["verdict"])
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
    write_whole(home.models / VERDICT, json.dumps(told, indent=1).encode())
    return str(told["verdict"])


def lead_day(home: Workspace) -> LeadDay:
    """The open leads as of the end of the newest import, scored by the model in use; or why there are no scores."""
    snapshot = home.snapshot()
    if "lead" not in snapshot.tables:
        return LeadDay(snapshot.as_of, NO_LEADS)
    told, version = _told(home), _in_use(home)
    if told.get("verdict", USABLE) != USABLE:
        return LeadDay(snapshot.as_of, told["verdict"], judged=told["judged"], won=told["won"])
    if not version:
        return LeadDay(snapshot.as_of, NO_MODEL)
    made_of = json.dumps([snapshot.content_hash, snapshot.as_of.isoformat(), version, __version__])
    file = home.models / _SCORED / f"{hashlib.sha256(made_of.encode()).hexdigest()[:16]}.json"
    try:
        return _read(json.loads(file.read_text(encoding="utf-8")), home)
    except (FileNotFoundError, ValueError):  # not scored yet, or cut short: the model says the same again
        day = _scored(home, version)
    write_whole(file, json.dumps(_written(day), ensure_ascii=False).encode())
    return day


def fingerprint(home: Workspace) -> str:
    """Hash of what a page says about leads beside the imported data: the model in use, its verdict, decisions."""
    parts = [_in_use(home), json.dumps(_told(home), sort_keys=True)]
    parts += [json.dumps(asdict(decision)) for decision in Decisions(home.path).all()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def manifest(home: Workspace) -> dict[str, Any]:
    """What the model in use was made of and how it was judged, without loading it; UsageError when none is in use."""
    version = _in_use(home)
    if not version:
        raise UsageError("No lead model is in use. Make one with: salescoach leads train WORKSPACE")
    return _json(home, f"{version}/manifest.json")


def open_scores(home: Workspace) -> Scored:
    """The open leads beside the loaded model, for questions that the kept scores cannot answer."""
    from salescoach.leadlab.registry import Registry
    from salescoach.leadlab.scoring import score_file

    return score_file(home.path, Registry(home.models).load())


def _scored(home: Workspace, version: str) -> LeadDay:
    scored = open_scores(home)
    table, evaluation = scored.source.table, scored.stored.manifest["evaluation"]
    owners = table["owner_id"].astype(object).where(table["owner_id"].notna(), "").astype(str)
    names = home.snapshot().read("lead").set_index("lead_id")["company"]
    companies = names.reindex(table["lead_id"].astype(str)).fillna("").astype(str)
    reasons = scored.explained(np.arange(len(scored.leads))) if len(scored.leads) else []
    return LeadDay(
        home.snapshot().as_of, USABLE, version, evaluation["split"]["judged"], evaluation["split"]["won"],
        scored.stored.model.grades,
        tuple(
            OpenLead(owner, company, str(grade), why)
            for owner, company, grade, why in zip(owners, companies, scored.grades, reasons, strict=True)
        ),
        _moved(scored),
    )  # fmt: skip


def _moved(scored: Scored) -> tuple[tuple[str, float], ...]:
    """Columns that have moved. Where a part has few leads, the index is large by chance alone and says nothing."""
    parts = scored.stored.reference.shares
    enough = [each for each in scored.drift if len(scored.leads) >= _FEWEST_PER_PART * len(parts[each.column])]
    return tuple((each.column, round(each.psi, 3)) for each in enough if each.verdict == "act")


def _in_use(home: Workspace) -> str:
    """Version of the model in use, without loading what models are made of."""
    state = _json(home, "current.json")
    return str(state.get("current") or "")


def _told(home: Workspace) -> dict[str, Any]:
    """What the last training in the workspace said; nothing before the first."""
    return _json(home, VERDICT)


def _trained(home: Workspace) -> str:
    """Hash of the leads of the last training, if its model is still the one in use."""
    told = _told(home)
    return str(told["sha256"]) if told and told.get("version", "") in ("", _in_use(home)) else ""


def _readable(home: Workspace, registry: Registry) -> bool:
    """False when the model in use was made by another version: then the same leads are learned from again."""
    try:
        return not _in_use(home) or bool(registry.load())
    except WorkspaceError:
        return False


def _json(home: Workspace, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads((home.models / name).read_text(encoding="utf-8")))
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


def _read(told: Mapping[str, Any], home: Workspace) -> LeadDay:
    nothing: Any = float("nan")
    record = [
        GradeRecord(**{str(key): nothing if value is None else value for key, value in r.items()})
        for r in told["grades"]["record"]
    ]
    return LeadDay(
        home.snapshot().as_of, told["verdict"], told["version"], told["judged"], told["won"],
        Grades(tuple(told["grades"]["cut_offs"]), tuple(record)),
        tuple(OpenLead(one["owner"], one["company"], one["grade"], _explanation(one["why"])) for one in told["leads"]),
        tuple((str(column), float(psi)) for column, psi in told["moved"]),
    )  # fmt: skip


def _explanation(told: Mapping[str, Any]) -> Explanation:
    sides = {side: tuple(Reason(**reason) for reason in told[side]) for side in ("pros", "cons")}
    return Explanation(told["lead"], told["p"], sides["pros"], sides["cons"], told["exact"])
