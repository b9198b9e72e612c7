"""Small exports for the import tests: a folder of canonical CSV files, changed one cell at a time."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from salescoach.crm.dialect import Choices
from salescoach.crm.importer import Judged, judged_export
from salescoach.workspace import Organisation

ORGANISATION = Organisation("Örnek A.Ş.", language="en")
TAKEN_AT = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
AS_OF = date(2025, 12, 31)

REPS = "rep_id,full_name,email\nR1,Elif Yılmaz,elif@example.com\nR2,Can Işık,can@example.com\n"
STAGES = (
    "pipeline,stage,order,kind,qualified\n"
    "Sales,New,1,open,no\nSales,Offer,2,open,yes\nSales,Won,3,won,yes\nSales,Lost,4,lost,yes\n"
)
_DEAL = {
    "deal_id": "D1",
    "owner_id": "R1",
    "account_id": "",
    "pipeline": "Sales",
    "stage": "Won",
    "status": "won",
    "amount": "100.00",
    "currency": "TRY",
    "created_at": "2025-03-01T09:00:00Z",
    "closed_at": "2025-05-01T09:00:00Z",
    "expected_close": "",
}


def deal(**changes: str) -> dict[str, str]:
    """A won deal without a fault, with *changes*. An open one: ``deal(**OPEN)``."""
    return _DEAL | changes


OPEN = {"stage": "Offer", "status": "open", "closed_at": "", "expected_close": "2026-02-01"}


def put(folder: Path, *deals: dict[str, str], reps: str = REPS, stages: str = STAGES, **tables: str) -> Path:
    """Write the export and return its folder; *tables* are whole files by table name."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = deals or (deal(),)
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (folder / "opportunity.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    for name, text in {"rep": reps, "stage": stages, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def judge(
    folder: Path, choices: Choices | None = None, *, as_of: date | None = AS_OF, crm: str | None = None,
    organisation: Organisation = ORGANISATION,
) -> Judged:  # fmt: skip
    """Read and judge without writing."""
    return judged_export(folder, organisation, taken_at=TAKEN_AT, as_of=as_of, crm=crm, choices=choices or Choices())


def found(judged: Judged) -> list[tuple[str, str, int | None, str, str]]:
    """The findings, shortly: rule, level, line, heading, value."""
    return [(issue.rule, issue.level, issue.row, issue.column, issue.value) for issue in judged.export.issues]


def notes(judged: Judged) -> dict[str, dict[str, str | int]]:
    """The notes by code; the last of each."""
    return {note.code: dict(note.values) for note in judged.export.notes}
