"""A small organisation, really imported, whose reports do what a test wants. See notebooks/report.ipynb."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from salescoach.crm.importer import import_export
from salescoach.runs import RunResult, run_reviews
from salescoach.workspace import Workspace

NOTEBOOK = Path(__file__).parent / "notebooks" / "report.ipynb"
CHECKOUT = Path(__file__).parent.parent

# Ids as no system should make them, names that only the right alphabet puts in order: Çağla, Derya, Işık, İnci.
REPS = {"R1": "Işık Öztürk", "../x": "Çağla Şen", "CON": "İnci <b>Ak</b>"}
_FILES = {
    "team.csv": "team_id,name\nT1,Güney\n",
    "rep.csv": "rep_id,full_name,role,team_id\n"
    + "".join(f"{rep},{name},AE,{'T1' if rep == 'R1' else ''}\n" for rep, name in REPS.items()),
    "stage.csv": "pipeline,stage,order,kind\ndefault,Offer,1,open\ndefault,Won,2,won\n",
    "opportunity.csv": "deal_id,owner_id,stage,status,amount,currency,created_at,closed_at\n"
    + "".join(
        f"D{n},{rep},Won,won,100,TRY,2025-10-01T08:00:00Z,2025-12-31T08:00:00Z\n" for n, rep in enumerate(REPS, 1)
    ),
}


def imported(folder: Path, files: Mapping[str, str]) -> Workspace:
    """A new workspace in *folder* into which the export *files*, texts by name, was imported on 2 January 2026."""
    export = folder / "export"
    export.mkdir()
    for name, text in files.items():
        (export / name).write_text(text, encoding="utf-8")
    workspace = Workspace.create(folder / "workspace", name="Örnek A.Ş.", language="tr")
    import_export(export, workspace, taken_at=datetime(2026, 1, 2, tzinfo=UTC))
    act(workspace, {})
    return workspace


@cache
def _imported() -> Path:
    """The workspace that every test gets a copy of: three reps, one deal each, data that end on 2025-12-31."""
    folder = Path(tempfile.mkdtemp(prefix="salescoach-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    workspace = imported(folder, _FILES)
    return workspace.path


def organisation(folder: Path) -> Workspace:
    """A workspace of its own below *folder*, in which nothing has been reviewed yet."""
    return Workspace.open(shutil.copytree(_imported(), folder / "workspace"))


def act(workspace: Workspace, acts: Mapping[str, str]) -> None:
    """From now on the report of a rep raises, dies, sleeps, leaves or shows no_end; all others are good."""
    (workspace.path / "acts.json").write_text(json.dumps(acts), encoding="utf-8")


def review(workspace: Workspace, **options: Any) -> RunResult:
    """Run the test notebook for the three reps in Turkish, or as *options* say."""
    given: dict[str, Any] = {"period": "2025Q4", "languages": ["tr"], "reps": list(REPS), "notebook": NOTEBOOK}
    return run_reviews(workspace, **(given | options))


def published(workspace: Workspace) -> dict[str, bytes]:
    """Path and content of every report in the period's folder."""
    folder = workspace.reviews / "2025Q4"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".ipynb", ".html") and ".staging" not in path.parts
    }
