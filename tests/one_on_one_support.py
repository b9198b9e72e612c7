"""A small organisation with two reps, and the record's principals, for the tests of the one-on-one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from salescoach.crm.importer import import_export
from salescoach.meetings import Desk, open_record
from salescoach.resources import load_words
from salescoach.store import Principal
from salescoach.store.models import AccessScope
from salescoach.workspace import Workspace

AS_OF = date(2025, 11, 28)
REP, OTHER, COACH, SECOND, MANAGER = "R1", "R2", "C1", "C2", "M1"
SCOPES = (
    (COACH, "coach", "rep", REP), (COACH, "coach", "rep", OTHER), (SECOND, "coach", "rep", REP),
    (MANAGER, "manager", "rep", REP), ("H1", "hr", "org", "*"), ("A1", "analyst", "org", "*"),
)  # fmt: skip


def organisation(folder: Path, *, more: int = 0, scored: int = 0, team: str = "") -> Workspace:
    """A workspace with two reps and *more*, nine closed deals each, and scopes for a coach, a second one, a manager,
    HR, an analyst.

    *team*: the team of all reps; none, unless it is named. *scored*: calls of the first rep for which the data hold a
    scorecard, each with 2 points for discovery.
    """
    others = [f"R{number}" for number in range(3, 3 + more)]
    deals = [
        [f"D{rep}{n}", f"İş {rep}{n}", rep, "Won" if n % 3 else "Lost", "won" if n % 3 else "lost", "100", "TRY",
         "2025-08-01T08:00:00Z", f"2025-{10 + n % 2}-0{1 + n % 8}T08:00:00Z", ""]
        for rep in (REP, OTHER, *others) for n in range(9)
    ]  # fmt: skip
    deals += [["DX", "Depo", REP, "Teklif", "open", "900", "TRY", "2025-07-01T08:00:00Z", "", "2025-09-01"]]
    tables = {
        "rep": [["rep_id", "full_name", "role", "team_id"], [REP, "Elif Kaya", "AE", team],
                [OTHER, "Can Işık", "AE", team], *([rep, f"Kişi {rep}", "AE", team] for rep in others)],
        "stage": [["pipeline", "stage", "order", "kind"], ["all", "Teklif", "1", "open"], ["all", "Won", "2", "won"],
                  ["all", "Lost", "3", "lost"]],
        "opportunity": [
            "deal_id name owner_id stage status amount currency created_at closed_at expected_close".split(), *deals
        ],
    }  # fmt: skip
    if team:
        tables["team"] = [["team_id", "name"], [team, "Ekip"]]
    if scored:
        tables["observation"] = ["obs_id template_id version rep_id observer_id occurred_at is_self".split()] + [
            [f"O{n}", "calls", "1", REP, COACH, f"2025-10-{n + 1:02}T08:00:00Z", "false"] for n in range(scored)
        ]
        tables["answer"] = ["obs_id item_id competency_id value na evidence".split()] + [
            [f"O{n}", "effect", "discovery", "2", "false", "Asked once"] for n in range(scored)
        ]
    export = folder / "export"
    export.mkdir()
    for table, rows in tables.items():
        with (export / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    home = Workspace.create(folder / "workspace", name="Örnek A.Ş.", language="tr")
    import_export(export, home, as_of=AS_OF, taken_at=datetime(2025, 11, 28, tzinfo=UTC), crm="canonical")
    with open_record(home, Principal.owner("root")) as record:
        for who, level, kind, subject in SCOPES:
            scope = AccessScope(
                rep_id=who, level=level, subject_kind=kind, subject_id=subject, valid_from=date(2025, 1, 1)
            )
            record.add(scope)
    return home


def desk_of(home: Workspace, person: str, rep: str = REP, code: str = "en") -> Desk:
    """The desk of somebody who is signed in."""
    return Desk(home, open_record(home, Principal(person)), rep, load_words(code))


def parts_of(widget: Any) -> Iterator[Any]:
    """A widget and everything in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def text_of(widget: Any) -> str:
    """Whatever a person could read on a screen, controls and their texts included."""
    found: list[str] = []
    for part in parts_of(widget):
        texts = [getattr(part, name, None) for name in ("value", "description", "placeholder")]
        found.extend(text for text in texts if isinstance(text, str))
        if isinstance(part, widgets.Dropdown):
            found.extend(str(option[0] if isinstance(option, tuple) else option) for option in part.options)
    return "\n".join(found)


def named(widget: Any, title: str) -> Any:
    """The control with this name."""
    return next(part for part in parts_of(widget) if getattr(part, "tooltip", None) == title)


def button(widget: Any, title: str) -> Any:
    """The button with this text."""
    return next(part for part in parts_of(widget) if isinstance(part, widgets.Button) and part.description == title)
