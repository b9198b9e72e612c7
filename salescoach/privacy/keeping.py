"""Reports and imported data that have been kept for longer than they may: counted, and erased when asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from salescoach.crm.publish import turn
from salescoach.crm.snapshot import MANIFEST, Snapshot
from salescoach.runs.folder import PeriodFolder
from salescoach.store.service.erasure import months_before
from salescoach.workspace import Workspace

MONTHS = 36  # results and findings, and the data as the oldest result they feed


def overdue(home: Workspace, now: datetime) -> dict[str, tuple[Path, ...]]:
    """Folders that are older than :data:`MONTHS`, by what they are: ``reviews`` by their last run, ``snapshots``.

    The newest snapshot stays, whatever its age: it is the data that the workspace is about.
    """
    limit = months_before(now, MONTHS)
    found = {
        "reviews": tuple(period for period in _periods(home) if _last_run(period, limit) < limit),
        "snapshots": tuple(one.path for one in _snapshots(home)[:-1] if one.as_of < limit.date()),
    }
    return {what: folders for what, folders in found.items() if folders}


def erase_overdue(home: Workspace, found: dict[str, tuple[Path, ...]]) -> None:
    """Delete the folders that :func:`overdue` found. UsageError while a run writes reports in one of them."""
    for period in found.get("reviews", ()):
        with PeriodFolder.open(period):
            shutil.rmtree(period)
    if "snapshots" in found:
        with turn(home.snapshots):
            for snapshot in found["snapshots"]:
                shutil.rmtree(snapshot)


def _periods(home: Workspace) -> Iterator[Path]:
    return (path for path in sorted(home.reviews.glob("[!.]*")) if path.is_dir())


def _last_run(period: Path, limit: datetime) -> datetime:
    """When the newest run began; not overdue when nothing says when it was."""
    begun = [json.loads(run.read_text(encoding="utf-8"))["started_at"] for run in (period / "runs").glob("*.json")]
    return max((datetime.fromisoformat(moment) for moment in begun), default=limit)


def _snapshots(home: Workspace) -> list[Snapshot]:
    found = [Snapshot.open(manifest.parent) for manifest in home.snapshots.glob(f"[!.]*/{MANIFEST}")]
    return sorted(found, key=lambda one: (one.as_of, str(one.manifest["taken_at"])))
