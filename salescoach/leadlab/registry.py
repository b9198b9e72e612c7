"""Models on disk, one folder per version that is never changed, and which of them is in use.

A model is stored with skops and read back only when it holds nothing but types of the list below; a pickle
is refused. Its manifest says what it was made of, how it was judged, and who accepted it.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
import skops  # type: ignore[import-untyped]
import skops.io  # type: ignore[import-untyped]

import salescoach
from salescoach.crm.folder import publish
from salescoach.errors import InputError, UsageError, WorkspaceError
from salescoach.scoring.drift import Reference
from salescoach.scoring.encoding import ENCODING
from salescoach.scoring.grades import GradeRecord, Grades
from salescoach.scoring.model import LeadModel

MANIFEST, MODEL, CURRENT = "manifest.json", "model.skops", "current.json"

TRUSTED = (
    "numpy.dtype",
    "salescoach.scoring.encoding.Binned",
    "salescoach.scoring.encoding.TargetMeans",
    "salescoach.scoring.models.FrequencyTable",
    "salescoach.scoring.models.Logistic",
    "salescoach.scoring.models.MeanOf",
    "salescoach.scoring.models.Points",
    "salescoach.scoring.models.Trees",
    "salescoach.scoring.points.RuleScore",
    "salescoach.scoring.prior.PriorLogistic",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)
"""Types that a stored model may hold beside those that skops knows to be harmless."""


@dataclass(frozen=True)
class Stored:
    """One version: its model, what it remembers of the training leads, and its manifest."""

    version: str
    model: LeadModel
    reference: Reference
    manifest: Mapping[str, Any]


@dataclass(frozen=True)
class Registry:
    """The folder of models."""

    folder: Path

    def versions(self) -> tuple[str, ...]:
        """All versions, oldest first."""
        return tuple(sorted(path.parent.name for path in self.folder.glob(f"[!.]*/{MANIFEST}")))

    def current(self) -> str | None:
        """The version in use; None when none was promoted."""
        return self._state()["current"]  # type: ignore[no-any-return]

    def history(self) -> list[dict[str, str]]:
        """Every promotion and roll-back, oldest first."""
        return list(self._state()["history"])

    def add(self, model: LeadModel, reference: Reference, facts: Mapping[str, Any], cards: Mapping[str, str]) -> str:
        """Store a new version, whole or not at all; its name. *facts* go into the manifest, *cards* are pages."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = self.folder / f".{secrets.token_hex(4)}.new"
        try:
            staging.mkdir(mode=0o700)
            skops.io.dump({"estimator": model.estimator, "binned": reference.binned}, staging / MODEL)
            digest = hashlib.sha256((staging / MODEL).read_bytes()).hexdigest()
            version = f"{len(self.versions()) + 1:04d}-{digest[:8]}"
            manifest = {"version": version, **facts, **_facts(model, reference), "model_sha256": digest}
            manifest |= {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), "versions": _versions()}
            text = json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False)
            (staging / MANIFEST).write_text(text, encoding="utf-8")
            for name, page in cards.items():
                (staging / name).write_text(page, encoding="utf-8")
            publish(staging, self.folder / version)
        except OSError as error:
            raise WorkspaceError(f"{self.folder}: cannot be written ({error.strerror}). Nothing was stored.") from None
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return version

    def manifest(self, version: str = "") -> dict[str, Any]:
        """The manifest of *version*, or of the one in use."""
        name = self._named(version)
        try:
            found = json.loads((self.folder / name / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{self.folder / name / MANIFEST}: cannot be read ({error}).") from None
        return dict(found)

    def load(self, version: str = "") -> Stored:
        """A version ready to score. WorkspaceError when it was changed, or made by another scikit-learn."""
        name = self._named(version)
        manifest, file = self.manifest(name), self.folder / name / MODEL
        made_with = manifest["versions"]["scikit-learn"]
        if made_with != sklearn.__version__:
            raise WorkspaceError(
                f"{name}: was made with scikit-learn {made_with}; here is {sklearn.__version__}. "
                "Train it again, because another version may score otherwise."
            )
        if manifest["versions"].get("encoding") != ENCODING:
            raise WorkspaceError(
                f"{name}: was made by an earlier salescoach, which prepared columns in another way. Train it again."
            )
        try:
            data = file.read_bytes()
        except OSError as error:
            raise WorkspaceError(f"{file}: cannot be read ({error.strerror}).") from None
        if hashlib.sha256(data).hexdigest() != manifest["model_sha256"]:
            raise WorkspaceError(f"{file}: is not the file that its manifest describes. Train the model again.")
        parts = load_trusted(file)
        return Stored(name, _model(manifest, parts["estimator"]), _reference(manifest, parts["binned"]), manifest)

    def promote(self, version: str, *, by: str, what: str = "promoted") -> None:
        """Put *version* in use."""
        name = self._named(version)
        state = self._state()
        entry = {
            "version": name, "what": what, "by": by, "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        self._keep({"current": name, "history": [*state["history"], entry]})

    def _keep(self, state: Mapping[str, Any]) -> None:
        staging = self.folder / f".{CURRENT}.{secrets.token_hex(4)}"
        staging.write_text(json.dumps(state, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(staging, self.folder / CURRENT)

    def roll_back(self, *, by: str) -> str:
        """Put the version in use that was so before this one; its name."""
        current = self.current()
        earlier = [e["version"] for e in self.history() if e["version"] != current and e["what"] == "promoted"]
        if not earlier:
            raise UsageError("There is no earlier model in use to go back to.")
        self.promote(earlier[-1], by=by, what="rolled back")
        return earlier[-1]

    def forget(self, version: str) -> None:
        """Delete a version for good, because it knows what has to be forgotten; if it was in use, none is."""
        name, state = self._named(version), self._state()
        if state["current"] == name:
            self._keep({**state, "current": None})
        shutil.rmtree(self.folder / name)

    def _named(self, version: str) -> str:
        name = version or self.current()
        if name is None:
            raise UsageError(f"{self.folder}: no model is in use. Make one with: salescoach leads train")
        if name not in self.versions():
            raise UsageError.unknown("model", name, self.versions())
        return name

    def _state(self) -> dict[str, Any]:
        try:
            state = json.loads((self.folder / CURRENT).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"current": None, "history": []}
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"{self.folder / CURRENT}: cannot be read ({error}).") from None
        return dict(state)


def load_trusted(file: Path) -> Any:
    """What a skops file holds; InputError for a pickle, or for a type that is not on the list."""
    try:
        unknown = skops.io.get_untrusted_types(file=file)
    except Exception as error:  # noqa: BLE001 - whatever a foreign file breaks, it is not a model of ours
        raise InputError(
            f"is no model in skops' form ({type(error).__name__}). Pickles are never opened: they can run anything.",
            file=file.name,
        ) from None
    foreign = sorted(set(unknown) - set(TRUSTED))
    if foreign:
        raise InputError(f"holds types that are not trusted: {', '.join(foreign)}. It was not opened.", file=file.name)
    return skops.io.load(file, trusted=list(unknown))


def _versions() -> dict[str, str | int]:
    return {
        "python": platform.python_version(), "salescoach": salescoach.__version__,
        "scikit-learn": sklearn.__version__, "numpy": np.__version__, "pandas": pd.__version__,
        "skops": skops.__version__, "encoding": ENCODING,
    }  # fmt: skip


def _facts(model: LeadModel, reference: Reference) -> dict[str, Any]:
    columns = json.dumps(list(model.columns.items()), ensure_ascii=False)
    return {
        "model": {
            "rung": model.rung,
            "columns": dict(model.columns),
            "neutral": dict(model.neutral),
            "base_rate": model.base_rate,
            "features_sha256": hashlib.sha256(columns.encode()).hexdigest(),
        },
        "grades": {
            "cut_offs": list(model.grades.cut_offs),
            "record": [
                {key: None if value != value else value for key, value in vars(r).items()} for r in model.grades.record
            ],
        },
        "reference": {
            "shares": {name: shares.round(6).tolist() for name, shares in reference.shares.items()},
            "edges": reference.edges.tolist(),
            "score_shares": reference.score_shares.round(6).tolist(),
        },
    }


def _model(manifest: Mapping[str, Any], estimator: Any) -> LeadModel:
    told, grades = manifest["model"], manifest["grades"]
    record = tuple(_grade_record(r) for r in grades["record"])
    return LeadModel(
        told["rung"], estimator, told["columns"], told["neutral"], told["base_rate"],
        Grades(tuple(grades["cut_offs"]), record),
    )  # fmt: skip


def _grade_record(told: Mapping[str, Any]) -> GradeRecord:
    known: dict[str, Any] = {key: float("nan") if value is None else value for key, value in told.items()}
    return GradeRecord(**known)


def _reference(manifest: Mapping[str, Any], binned: Any) -> Reference:
    told = manifest["reference"]
    shares = {name: np.array(values) for name, values in told["shares"].items()}
    return Reference(binned, shares, np.array(told["edges"]), np.array(told["score_shares"]))
