"""Open the quality report of a workspace's newest import: the rows behind it, the people, the words.

Reads a snapshot and writes nothing but the page that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from salescoach.crm.folder import write_whole
from salescoach.crm.report import in_short, kept_notes
from salescoach.errors import UsageError
from salescoach.language import CODES
from salescoach.report.page import Header, Page, Section, page_html
from salescoach.report.quality import QualityFacts, quality_page
from salescoach.resources import load_words, page_style
from salescoach.workspace import Workspace

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot

LOG = "issues.csv"


@dataclass(frozen=True)
class QualityReport:
    """What one import found: facts, and the page that shows them."""

    facts: QualityFacts
    page: Page

    @property
    def header(self) -> Header:
        """Which import it is about."""
        return Header(self.page, page_style())

    @property
    def sections(self) -> tuple[Section, ...]:
        """The parts of the page, as a notebook shows them."""
        return tuple(section for section in self.page.sections if isinstance(section, Section))

    def to_dict(self) -> dict[str, object]:
        """Counts by table and by rule, and the share of each field that is filled; for programs."""
        issues, rates = self.facts.issues, self.facts.fill_rates
        by_rule = issues.groupby(["rule", "level"])["count"].sum().reset_index()
        return {
            "snapshot": self.facts.snapshot,
            "as_of": self.facts.as_of.isoformat(),
            "tables": {name: dict(counts) for name, counts in self.facts.tables.items()},
            "findings": [
                {"rule": rule, "level": level, "rows": int(count)}
                for rule, level, count in zip(by_rule["rule"], by_rule["level"], by_rule["count"], strict=True)
            ],
            "filled": rates.astype({"filled": int, "rows": int})[["table", "field", "filled", "rows"]].to_dict(
                "records"
            ),
        }


def open_quality(workspace: str | Path | Workspace, language: str = "", as_of: date | None = None) -> QualityReport:
    """The quality report of the newest data in *workspace*, or of those it had on *as_of*.

    WorkspaceError when nothing was imported yet; UsageError for an unknown language.
    """
    home = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    code = language or home.organisation.language
    if code not in CODES:
        raise UsageError.unknown("language", code, CODES)
    facts = _facts(home, home.snapshot(as_of), code)
    return QualityReport(facts, quality_page(facts, load_words(code), LOG))


def write_quality(workspace: Workspace, as_of: date | None = None) -> dict[str, Path]:
    """Write the page of :func:`open_quality` in every language; where they are, by language.

    A page replaces its predecessor whole or not at all.
    """
    written = {}
    for code in CODES:
        path = workspace.path / "quality" / f"{code}.html"
        write_whole(path, page_html(open_quality(workspace, code, as_of).page, page_style(), "").encode("utf-8"))
        written[code] = path
    return written


def _facts(home: Workspace, snapshot: Snapshot, code: str) -> QualityFacts:
    rates = snapshot.fill_rates()
    understood = snapshot.manifest.get("understood", {})
    return QualityFacts(
        organisation=home.organisation.name,
        snapshot=snapshot.snapshot_id,
        as_of=snapshot.as_of,
        form=str(snapshot.manifest["crm"]["name"]),
        tables=snapshot.manifest["tables"],
        issues=snapshot.issues(),
        fill_rates=rates[rates["owner_id"].isna()].drop(columns="owner_id"),
        notes=in_short(kept_notes(snapshot.manifest["notes"]), load_words(code)),
        names=_names(snapshot),
        imported=datetime.fromisoformat(snapshot.manifest["taken_at"]).astimezone(home.organisation.zone).date(),
        owners=understood.get("owners", ()),
        values=understood.get("values", ()),
    )


def _names(snapshot: Snapshot) -> Mapping[str, str]:
    people = snapshot.read("rep")
    return dict(zip(people["rep_id"], people["full_name"], strict=True))
