"""Reports and imported data are kept for 36 months, the newest data for as long as they are the newest."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from runs_support import organisation

from salescoach.privacy.keeping import erase_overdue, overdue
from salescoach.workspace import Workspace

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def older(home: Workspace, as_of: date) -> Path:
    """Another snapshot, of that day."""
    newest = home.snapshot()
    folder = home.snapshots / f"{as_of}-copy"
    shutil.copytree(newest.path, folder)
    told = {**newest.manifest, "snapshot_id": folder.name, "as_of": as_of.isoformat()}
    (folder / "manifest.json").chmod(0o600)
    (folder / "manifest.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def reviewed(home: Workspace, period: str, moment: str) -> Path:
    folder = home.reviews / period
    (folder / "runs").mkdir(parents=True)
    (folder / "runs" / "1.json").write_text(json.dumps({"started_at": moment}), encoding="utf-8")
    return folder


def test_what_is_older_than_36_months_is_found_then_erased_and_the_rest_stays(tmp_path: Path) -> None:
    home = organisation(tmp_path)
    old, young = older(home, date(2023, 5, 31)), older(home, date(2023, 6, 1))
    early = reviewed(home, "2023Q1", "2023-05-31T23:00:00+00:00")
    late = reviewed(home, "2023Q2", "2023-06-01T00:00:00+00:00")

    found = overdue(home, NOW)

    assert found == {"reviews": (early,), "snapshots": (old,)}
    erase_overdue(home, found)
    assert [path.exists() for path in (old, early, young, late)] == [False, False, True, True]
    assert overdue(home, NOW) == {}


def test_the_newest_data_stay_whatever_their_age(tmp_path: Path) -> None:
    home = organisation(tmp_path)

    assert overdue(home, datetime(2036, 1, 1, tzinfo=UTC)) == {}
