"""From the files of an export to judged rows, in memory: what a preview shows and an import writes.

Finds the form, applies what the user and the organisation's saved mapping and owner map say, and judges.
Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np

from salescoach.crm import checks
from salescoach.crm.database import is_database, read_database
from salescoach.crm.dialect import Choices
from salescoach.crm.export import Export
from salescoach.crm.gather import Gathered, OtherKind, gather
from salescoach.crm.headings import fold
from salescoach.crm.issues import Note
from salescoach.crm.mapping import mapped
from salescoach.crm.organisation import Organisation
from salescoach.crm.owners import FILE, read_owners
from salescoach.crm.preset import Preset, detect, needed
from salescoach.crm.quality import Quality, Setting
from salescoach.crm.rows import Pending
from salescoach.crm.saved_mapping import Form, forms, merged, named_form, with_columns
from salescoach.crm.text import NoRows, TextTable
from salescoach.errors import InputError


@dataclass(frozen=True)
class Asked:
    """What the user says about an export; what is left out is found out, or asked.

    ``crm`` a form of ours, a saved mapping, or a TOML file; ``columns`` "Heading=field", each; ``queries``
    the file that says what to ask a database; ``choices`` how the files are written.
    """

    as_of: date | None = None
    crm: str | None = None
    choices: Choices = field(default_factory=Choices)
    columns: tuple[str, ...] = ()
    queries: Path | None = None


@dataclass(frozen=True)
class Judged:
    """An export that was read and judged, and not yet written. ``choices`` and ``owners`` are those that held."""

    export: Export
    form: Form
    preset: Preset
    texts: tuple[TextTable, ...]
    as_of: date
    choices: Choices
    owners: Mapping[str, str]


def judged_export(
    source: Path | str,
    organisation: Organisation,
    *,
    taken_at: datetime,
    asked: Asked,
    mappings: Path | None = None,
    levels: Mapping[str, Setting] | None = None,
) -> Judged:
    """Read and judge an export without writing anything.

    *mappings* is the organisation's folder of saved mappings and owners, if it has one; *levels* is what it set
    about the rules. InputError when the export cannot be understood; its text says what to do.
    """
    form = named_form(asked.crm, mappings) if asked.crm else None
    choices = merged(asked.choices, form.choices) if form else asked.choices
    if is_database(source):
        gathered = read_database(str(source), asked.queries)
        form = form or named_form("canonical", mappings)
    else:
        gathered = gather(Path(source), choices)
    with gathered.held:
        form, found = _form(gathered, form, asked.columns, mappings)
        choices = merged(choices, form.choices)
        preset = form.preset
        export = mapped(gathered.texts, preset, organisation, choices)
    if found:
        export.notes.insert(0, Note("crm_detected", {"form": preset.title}))
    _note_the_files(export, gathered, preset)
    _note_numeric_ids(export)
    _find_broken_cells(export)
    as_of = asked.as_of or _newest_day(export, organisation, taken_at, source)
    age = (taken_at.astimezone(organisation.zone).date() - as_of).days
    if asked.as_of is None and age > Quality.of(levels or {}).thresholds["fresh_days"]:
        export.note("export_old", day=as_of.isoformat(), days=age)
    owners = read_owners(mappings / FILE) if mappings is not None else {}
    filled = {owner: rep for owner, rep in owners.items() if rep}
    checks.judge(export, organisation, as_of, levels=levels, owners=filled)
    strangers = sorted(set(filled.values()) - set(export.tables["rep"].accepted["rep_id"]))
    if strangers:
        export.note("owner_map_unknown", file=FILE, columns=", ".join(strangers[:5]), n=len(strangers))
    return Judged(export, form, preset, export.texts, as_of, choices, owners)


def _form(gathered: Gathered, form: Form | None, columns: Sequence[str], mappings: Path | None) -> tuple[Form, bool]:
    """The form that was named, or the detected one (then True), with the columns added by the user.

    A saved mapping of the organisation's own goes before a form of ours that fits as well.
    """
    texts, unread = gathered.texts, gathered.unread
    own, ours = forms(mappings) if form is None else ((form,), ())
    known = {each.name: each for each in (*ours, *own)}
    presets = {name: each.preset for name, each in known.items()}
    try:
        found = form or known[_detected(texts, own, presets)]
    except InputError:
        _raise_own(unread, tuple(presets.values()), every=not texts)
        raise
    _raise_own(unread, (presets[found.name],))
    return with_columns(found, texts, columns), form is None


def _detected(texts: Sequence[TextTable], own: Sequence[Form], presets: Mapping[str, Preset]) -> str:
    try:
        return detect(texts, tuple(presets.values())).name
    except InputError as several:
        try:
            return detect(texts, [presets[each.name] for each in own]).name if own else _raised(several)
        except InputError:
            raise several from None


def _raised(error: InputError) -> str:
    raise error


def _raise_own(unread: Mapping[str, InputError], presets: Sequence[Preset], *, every: bool = False) -> None:
    """Raise the error of a file that the form knows. A table that is not needed may be there and empty."""
    names = {fold(source.file) for preset in presets for source in preset.sources}
    must = {fold(source.file) for preset in presets for source in needed(preset)}
    for file, error in unread.items():
        name = fold(Path(file).stem)
        if every or (name in (must if isinstance(error, NoRows) else names) and not isinstance(error, OtherKind)):
            raise error


def _note_the_files(export: Export, gathered: Gathered, preset: Preset) -> None:
    """What was left out of the files, and which files were not read."""
    export.notes += [note for text in gathered.texts for note in text.notes] + gathered.notes
    known = {fold(name) for name in preset.ignored_files}
    for file, reason in gathered.unread.items():
        if fold(Path(file).stem) in known:
            export.note("file_known", file=file, form=preset.title)
        else:
            export.note("file_unread", file=file, reason=str(reason))


def _note_numeric_ids(export: Export) -> None:
    """Say where ids are stored as numbers: zeros in front of them were lost before we saw them."""
    numeric = {text.file: text.numeric for text in export.texts}
    for rows in export.tables.values():
        for part in rows.parts:
            for name, heading in part.headings.items():
                if heading in numeric.get(part.file, ()) and (name.endswith("_id") or rows.table[name].refers_to):
                    export.note("ids_numeric", file=part.file, column=heading)


def _find_broken_cells(export: Export) -> None:
    """Have rows set aside in which a field holds what a spreadsheet could not compute, such as #REF!."""
    broken = {text.file: text.broken for text in export.texts if text.broken}
    for rows in export.tables.values():
        start = 0
        for part in rows.parts:
            for name, heading in part.headings.items():
                lines = [line for line, there, _ in broken.get(part.file, ()) if there == heading]
                if lines:
                    stands = np.arange(2, part.rows + 2) if part.lines is None else part.lines
                    places = np.flatnonzero(np.isin(stands, lines)) + start
                    rows.pending.append(Pending("P9", "Q", name, places))
            start += part.rows


def _newest_day(export: Export, organisation: Organisation, taken_at: datetime, source: Path | str) -> date:
    today = taken_at.astimezone(organisation.zone).date()
    newest = checks.newest_event(export, organisation.timezone, today)
    if newest is None:
        where = "the database" if is_database(source) else Path(source).name
        raise InputError(
            "no event in these files has a date, so it is not clear how recent they are. State the day with --as-of.",
            file=where,
            asks="as_of",
        )
    as_of, table, column = newest
    file, _, heading = export.tables[table].place(0, column)
    export.notes.append(Note("as_of_found", {"day": as_of.isoformat(), "file": file, "column": heading}))
    return as_of
