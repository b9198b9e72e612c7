"""From a folder of exported files to a snapshot in the workspace, with a report that accounts for every row.

Reading and judging happen in memory; the workspace is touched only when the whole export was understood.
Only when nobody says when the files were taken is the clock read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from salescoach.crm import checks
from salescoach.crm.bulk import read_large
from salescoach.crm.dialect import Choices
from salescoach.crm.headings import fold
from salescoach.crm.issues import Note
from salescoach.crm.mapping import Export, mapped
from salescoach.crm.organisation import Organisation
from salescoach.crm.preset import Preset, detect, load_preset, load_presets, needed
from salescoach.crm.publish import Destination, write_snapshot
from salescoach.crm.quality import Setting
from salescoach.crm.report import ImportReport, counted, flag_counts, note_dicts
from salescoach.crm.snapshot import MANIFEST
from salescoach.crm.text import NoRows, TextTable, read_table
from salescoach.errors import InputError
from salescoach.resources import load_words

__all__ = ["Choices", "ImportReport", "Judged", "import_export", "judged_export"]

FORM = 2
"""Raised whenever the same files would give another snapshot, so that they are imported again."""

_ASK = Choices()
_READ = (".csv", ".tsv", ".tab", ".txt")
_OTHER = {
    ".zip": "an archive",
    ".gz": "an archive",
    ".xlsx": "a workbook",
    ".xls": "a workbook",
    ".xlsm": "a workbook",
    ".ods": "a workbook",
    ".json": "JSON",
    ".parquet": "Parquet",
}


@dataclass(frozen=True)
class Judged:
    """An export that was read and judged, and not yet written."""

    export: Export
    preset: Preset
    texts: tuple[TextTable, ...]
    as_of: date


def import_export(
    source: Path | str,
    into: Destination,
    *,
    as_of: date | None = None,
    crm: str | None = None,
    choices: Choices = _ASK,
    taken_at: datetime | None = None,
) -> ImportReport:
    """Import a folder of exported files, or one file, as a new snapshot.

    Parameters
    ----------
    source : folder or file
        CSV, semicolon- or tab-separated text. Subfolders and hidden files are not read.
    into : Workspace
        Written first when it is not there yet (``Workspace.at``).
    as_of : date, optional
        Last day whose events the export holds; otherwise the day of its newest event.
    crm : str, optional
        Name of a file in ``templates/crm``; otherwise detected from the headings.
    choices : Choices
        What is known of encoding, separator, decimal mark and date order; the rest is detected or asked.
    taken_at : datetime with zone, optional
        When the export is imported; events dated later are plans or mistakes. Now, when not given.

    Returns
    -------
    ImportReport
        ``unchanged`` when the same files were imported as of the same day before: then nothing is written.

    Raises
    ------
    InputError
        The files cannot be understood; the workspace is unchanged. Its text says what to do.
    WorkspaceError
        The workspace cannot be written.
    """
    taken_at = taken_at or datetime.now(UTC)
    judged = judged_export(
        Path(source), into.organisation, taken_at=taken_at, as_of=as_of, crm=crm, choices=choices, levels=into.quality
    )
    words = {code: load_words(code) for code in ("en", "tr")}
    report = _report(judged, into, choices, note_dicts(judged.export.notes, tuple(words.values())))
    if report.unchanged:
        return report
    manifest = _manifest(report, judged, into.organisation, taken_at)
    write_snapshot(into, manifest, judged.export.tables, judged.export.issues, words)
    return report


def judged_export(
    source: Path,
    organisation: Organisation,
    *,
    taken_at: datetime,
    as_of: date | None = None,
    crm: str | None = None,
    choices: Choices = _ASK,
    levels: Mapping[str, Setting] | None = None,
) -> Judged:
    """Read and judge an export without writing anything. Arguments and errors as in :func:`import_export`.

    *levels*: what is set otherwise about the data-quality rules, see :mod:`salescoach.crm.quality`.
    """
    texts, unread = _texts(source, choices)
    preset = _preset(texts, unread, crm)
    export = mapped(texts, preset, organisation, choices)
    if not crm:
        export.notes.insert(0, Note("crm_detected", {"form": preset.title}))
    for file, reason in unread.items():
        if fold(Path(file).stem) in {fold(name) for name in preset.ignored_files}:
            export.note("file_known", file=file, form=preset.title)
        else:
            export.note("file_unread", file=file, reason=str(reason))
    if as_of is None:
        today = taken_at.astimezone(organisation.zone).date()
        newest = checks.newest_event(export, organisation.timezone, today)
        if newest is None:
            raise InputError(
                f"{source.name}: no event in these files has a date, so it is not clear how recent they are. "
                "State the day with --as-of."
            )
        as_of, table, column = newest
        file, _, heading = export.tables[table].place(0, column)
        export.notes.append(Note("as_of_found", {"day": as_of.isoformat(), "file": file, "column": heading}))
    checks.judge(export, organisation, as_of, levels=levels)
    return Judged(export, preset, export.texts, as_of)


def _texts(source: Path, choices: Choices) -> tuple[list[TextTable], dict[str, InputError]]:
    """The files that could be read as tables, and why others could not."""
    if not source.exists():
        raise InputError(f"{source}: there is no such folder or file. Check the path.")
    if source.is_file():
        _refuse_other(source)
        return [read_large(source, choices) or read_table(source, choices)], {}
    try:
        paths = sorted(path for path in source.iterdir() if path.is_file() and not path.name.startswith((".", "~$")))
    except OSError as error:
        raise InputError(f"{source}: cannot be read ({error.strerror}).") from None
    texts: list[TextTable] = []
    unread: dict[str, InputError] = {}
    for path in paths:
        try:
            _refuse_other(path)
            texts.append(read_large(path, choices) or read_table(path, choices))
        except InputError as error:
            unread[path.name] = error
    if not paths:
        raise InputError(f"{source}: holds no files. Export from your CRM into this folder first.")
    return texts, unread


def _refuse_other(path: Path) -> None:
    kind = path.suffix.lower()
    if kind in _READ:
        return
    what = _OTHER.get(kind, f"a file of kind '{kind}'" if kind else "a file without an ending")
    raise InputError(f"is {what}; what is read is {', '.join(_READ)}. Save or unpack it as CSV.", file=path.name)


def _preset(texts: Sequence[TextTable], unread: Mapping[str, InputError], crm: str | None) -> Preset:
    """The form that was named, or detected. A file of its own that could not be read is the error to report."""
    presets = (load_preset(crm),) if crm else load_presets()
    try:
        preset = presets[0] if crm else detect(texts, presets)
    except InputError:
        _raise_own(unread, presets, every=not texts)
        raise
    _raise_own(unread, (preset,))
    return preset


def _raise_own(unread: Mapping[str, InputError], presets: Sequence[Preset], *, every: bool = False) -> None:
    """Raise the error of a file that the form knows. A table that is not needed may be there and empty."""
    names = {fold(source.file) for preset in presets for source in preset.sources}
    must = {fold(source.file) for preset in presets for source in needed(preset)}
    for file, error in unread.items():
        name = fold(Path(file).stem)
        if every or (name in (must if isinstance(error, NoRows) else names) and Path(file).suffix.lower() in _READ):
            raise error


def _report(
    judged: Judged, workspace: Destination, choices: Choices, notes: tuple[dict[str, object], ...]
) -> ImportReport:
    tables = judged.export.tables
    rejects: dict[str, int] = {}
    for rows in tables.values():
        for row in rows.set_aside():
            rejects[row["rule"]] = rejects.get(row["rule"], 0) + 1
    issues = tuple(judged.export.issues)
    content = _content(judged, workspace, choices)
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


def _content(judged: Judged, workspace: Destination, choices: Choices) -> str:
    """Digest of everything that the snapshot follows from."""
    parts = {
        "form": FORM,
        "crm": judged.preset.sha256,
        "as_of": judged.as_of.isoformat(),
        "choices": asdict(choices),
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
        "taken_at": taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        "crm": {"name": judged.preset.name, "sha256": judged.preset.sha256},
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
        **{key: facts[key] for key in ("tables", "rejects", "flags", "notes")},
    }
