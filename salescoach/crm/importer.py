"""From an export (files, a folder, an archive, a database) to a snapshot in the workspace, with a report.

Reading and judging happen in memory; the workspace is touched only when the whole export was understood.
Only when nobody says when the files were taken is the clock read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

from salescoach.crm.dialect import Choices
from salescoach.crm.judged import Asked, Judged
from salescoach.crm.judged import judged_export as _judged
from salescoach.crm.money_checks import uncredited
from salescoach.crm.organisation import Organisation
from salescoach.crm.owners import unmatched_owners, write_owners
from salescoach.crm.preview import Preview
from salescoach.crm.publish import Destination, write_snapshot
from salescoach.crm.quality import Setting
from salescoach.crm.report import ImportReport, counted, flag_counts, note_dicts
from salescoach.crm.saved_mapping import FOLDER, check_name, save_form
from salescoach.crm.snapshot import MANIFEST
from salescoach.crm.understood import understood
from salescoach.resources import load_words

__all__ = ["Choices", "ImportReport", "Judged", "import_export", "judged_export", "preview_export"]

FORM = 5
"""Raised whenever the same files would give another snapshot, so that they are imported again."""

_ASK = Choices()


def import_export(
    source: Path | str,
    into: Destination,
    *,
    as_of: date | None = None,
    crm: str | None = None,
    choices: Choices = _ASK,
    taken_at: datetime | None = None,
    columns: Sequence[str] = (),
    queries: Path | None = None,
    save_as: str | None = None,
) -> ImportReport:
    """Import an export as a new snapshot.

    Parameters
    ----------
    source : file, folder, zip, or the address of a database
        CSV, semicolon- or tab-separated text, gzip of it, Excel workbooks. Of a folder its subfolders and
        hidden files are not read. ``postgresql://…`` and ``duckdb:PATH`` need *queries*.
    into : Workspace
        Written first when it is not there yet (``Workspace.at``).
    as_of : date, optional
        Last day whose events the export holds; otherwise the day of its newest event.
    crm : str, optional
        A form of ``templates/crm``, a mapping saved in the workspace, or a TOML file; otherwise detected.
    choices : Choices
        What is known of encoding, separator, decimal mark and date order; the rest is detected or asked.
    taken_at : datetime with zone, optional
        When the export is imported; events dated later are plans or mistakes. Now, when not given.
    columns : sequence of "Heading=field"
        Columns that the form does not know.
    queries : path, optional
        TOML with one query for each table.
    save_as : str, optional
        Save form, columns and choices under this name, for the next import.

    Returns
    -------
    ImportReport
        ``unchanged`` when the same files were imported as of the same day before: then no snapshot is written.

    Raises
    ------
    InputError
        The files cannot be understood; the workspace is unchanged. Its text says what to do.
    WorkspaceError
        The workspace cannot be written.
    """
    taken_at = taken_at or datetime.now(UTC)
    if save_as:
        check_name(save_as)
    asked = Asked(as_of, crm, choices, tuple(columns), queries)
    mappings = into.path / FOLDER
    judged = _judged(source, into.organisation, taken_at=taken_at, asked=asked, mappings=mappings, levels=into.quality)
    words = {code: load_words(code) for code in ("en", "tr")}
    report = _report(judged, into, note_dicts(judged.export.notes, tuple(words.values())))
    if not report.unchanged:
        manifest = _manifest(report, judged, into.organisation, taken_at)
        write_snapshot(into, manifest, judged.export.tables, judged.export.issues, words)
    _write_owners(judged, into)
    if save_as:
        title = words[into.organisation.language]("preview.mapping.title")
        save_form(judged.form, judged.choices, save_as, mappings, title)
    return report


def preview_export(
    source: Path | str,
    into: Destination,
    *,
    as_of: date | None = None,
    crm: str | None = None,
    choices: Choices = _ASK,
    taken_at: datetime | None = None,
    columns: Sequence[str] = (),
    queries: Path | None = None,
) -> Preview:
    """What :func:`import_export` would do with the same arguments. Writes nothing, not even the workspace."""
    taken_at = taken_at or datetime.now(UTC)
    asked = Asked(as_of, crm, choices, tuple(columns), queries)
    judged = _judged(
        source, into.organisation, taken_at=taken_at, asked=asked, mappings=into.path / FOLDER, levels=into.quality
    )
    return Preview(judged, _report(judged, into, ()), into.organisation.language, into.organisation.zone)


def judged_export(
    source: Path | str,
    organisation: Organisation,
    *,
    taken_at: datetime,
    as_of: date | None = None,
    crm: str | None = None,
    choices: Choices = _ASK,
    levels: Mapping[str, Setting] | None = None,
) -> Judged:
    """Read and judge an export without a workspace. Arguments and errors as in :func:`import_export`.

    *levels*: what is set otherwise about the data-quality rules, see :mod:`salescoach.crm.quality`.
    """
    return _judged(source, organisation, taken_at=taken_at, asked=Asked(as_of, crm, choices), levels=levels)


def _write_owners(judged: Judged, workspace: Destination) -> None:
    """Add the owners that nobody matched to the owner map; what people wrote there stays."""
    language = workspace.organisation.language
    unmatched = unmatched_owners(judged.export.issues.of("D8"), judged.export.tables["rep"].accepted, language)
    if any(each.owner not in judged.owners for each in unmatched):
        write_owners(workspace.path / FOLDER, judged.owners, unmatched, language)


def _report(judged: Judged, workspace: Destination, notes: tuple[dict[str, object], ...]) -> ImportReport:
    tables = judged.export.tables
    rejects: Counter[str] = Counter()
    for rows in tables.values():
        rejects.update(rows.left_out())
    issues = judged.export.issues
    content = _content(judged, workspace)
    snapshot = f"{judged.as_of.isoformat()}-{content[:12]}"
    return ImportReport(
        workspace.path,
        snapshot,
        content,
        judged.as_of,
        judged.preset.name,
        (workspace.snapshots / snapshot / MANIFEST).is_file(),
        {name: rows.count() for name, rows in tables.items()},
        counted(rejects),
        flag_counts(issues),
        notes,
        issues,
    )


def _content(judged: Judged, workspace: Destination) -> str:
    """Digest of everything that the snapshot follows from."""
    parts = {
        "form": FORM,
        "crm": judged.form.digest,
        "as_of": judged.as_of.isoformat(),
        "choices": asdict(judged.choices),
        "owners": {owner: rep for owner, rep in sorted(judged.owners.items()) if rep},
        "organisation": {key: getattr(workspace.organisation, key) for key in ("language", "currency", "timezone")},
        "quality": dict(workspace.quality),
        "files": sorted((text.file, text.sha256) for text in judged.texts),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _manifest(
    report: ImportReport, judged: Judged, organisation: Organisation, taken_at: datetime
) -> dict[str, object]:
    facts = report.to_dict()
    return {
        "form": FORM,
        "snapshot_id": report.snapshot,
        "content_sha256": report.content_sha256,
        "as_of": facts["as_of"],
        "taken_at": taken_at.astimezone(UTC).isoformat(),
        "crm": {"name": judged.preset.name, "sha256": judged.form.digest},
        "organisation": asdict(organisation),
        "sources": [
            {
                "file": text.file,
                "sha256": text.sha256,
                "bytes": text.size,
                "rows": len(text.lines) + len(text.ragged),
                "encoding": text.dialect.encoding,
                "separator": text.dialect.separator,
            }
            for text in judged.texts
        ],
        "uncredited": uncredited(judged.export),
        "understood": understood(judged.export),
        **{key: facts[key] for key in ("tables", "rejects", "flags", "notes")},
    }
