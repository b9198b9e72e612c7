"""From files of text and a preset to typed rows of the canonical tables.

Says which heading became which field, and notes what it left out: files, columns, blank lines. A needed
table or field that no heading gives stops the import. It judges no row: that is :mod:`salescoach.crm.checks`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from salescoach.crm.bulk import BulkTable
from salescoach.crm.desk import Desk
from salescoach.crm.dialect import SEPARATORS, Choices
from salescoach.crm.export import Export
from salescoach.crm.form import Steps
from salescoach.crm.headings import fold
from salescoach.crm.loading import Loading
from salescoach.crm.organisation import Organisation
from salescoach.crm.preset import Preset, files_of, needed
from salescoach.crm.rows import Part, Pending, Rows, one_table
from salescoach.crm.shape import shaped
from salescoach.crm.source_rows import NotBulk, SourceReader, stated_rows
from salescoach.crm.text import Ragged, TextTable
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES, Table


@dataclass
class _Table:
    """What the files gave to one table so far."""

    frames: list[pl.DataFrame] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    raws: list[dict[str, str]] = field(default_factory=list)
    pending: list[list[Pending]] = field(default_factory=list)
    ragged: list[tuple[TextTable, Ragged]] = field(default_factory=list)

    def add(self, part: Part, loading: Loading) -> None:
        self.frames.append(loading.frame)
        self.parts.append(part)
        self.raws.append(loading.raw)
        self.pending.append(loading.pending)


def mapped(texts: Sequence[TextTable], preset: Preset, organisation: Organisation, stated: Choices) -> Export:
    """The rows of every table that the files hold, with the issues and notes of reading them.

    InputError when a needed table or field is missing, or when a column fits two readings.
    """
    files = files_of(preset, texts)
    for source in needed(preset):
        if source.file not in files:
            raise InputError(
                f"there is no file '{source.file}.csv' for the table '{source.table}' of {preset.title}. "
                "Nothing was imported; export it too."
            )
    export = Export(Desk(organisation.zone))
    gathered: dict[str, _Table] = defaultdict(_Table)
    texts = [_read_in_full(text, preset, files) for text in texts]
    pieces = shaped(texts, preset, stated, organisation.fiscal_year_start_month)
    export.notes += pieces.notes
    used = {file: set(headings) for file, headings in pieces.used.items()}
    careful: dict[str, TextTable] = {}
    for source, piece in pieces.sources:
        table = gathered[source.table]
        text = careful.get(piece.file, piece)
        try:
            reader = SourceReader(source, text, preset, organisation, stated, export, len(table.parts))
            table.add(*reader.part())
        except NotBulk as fast:
            careful[piece.file] = text = fast.table.careful()
            reader = SourceReader(source, text, preset, organisation, stated, export, len(table.parts))
            table.add(*reader.part())
        used.setdefault(text.file, set()).update(reader.headings.values())
        if not source.distinct:
            table.ragged += [(text, row) for row in text.ragged]
    for name, given in pieces.rows.items():
        table = gathered[name]
        table.add(*stated_rows(TABLES[name], given, f"{preset.name}.toml", organisation, len(table.parts)))
    export.texts = tuple(careful.get(text.file, text) for text in texts)
    _note_files(export.texts, used, preset, export, stated)
    for name in TABLES:  # the schema's order, whatever the order of the files
        if name in gathered:
            export.tables[name] = _rows(TABLES[name], gathered[name], export)
    export.desk.know_days(_earliest(export.tables.values()))
    return export


def _read_in_full(text: TextTable, preset: Preset, files: Mapping[str, TextTable]) -> TextTable:
    """The file with its cells, unless every use of it can leave them to the desk."""
    if not isinstance(text, BulkTable):
        return text
    mine = [source for source in preset.sources if files.get(source.file) is text]
    plain = not preset.stages and not any(source.distinct or source.steps != Steps() for source in mine)
    return text if mine and plain else text.careful()


def _earliest(tables: Iterable[Rows]) -> datetime | None:
    """The first moment that stands anywhere."""
    found: list[datetime] = []
    for rows in tables:
        moments = [each.name for each in rows.table.fields if each.type == "ts"]
        if moments:
            found += [moment for moment in rows.frame.select(pl.col(moments).min()).row(0) if moment is not None]
    return min(found, default=None)


def _rows(table: Table, gathered: _Table, export: Export) -> Rows:
    export.desk.tables[table.name], raw = one_table(table, gathered.frames, gathered.raws)
    gathered.frames.clear()  # so that what a rule replaces is not kept beside it
    first = np.cumsum([0, *(part.rows for part in gathered.parts)])
    pending = [
        Pending(each.rule, each.level, each.column, each.places + start, each.detail)
        for start, faults in zip(first, gathered.pending, strict=False)
        for each in faults
    ]
    return Rows(table, export.desk, gathered.parts, raw, pending, export.issues, gathered.ragged)


def _note_files(
    texts: Sequence[TextTable], used: Mapping[str, set[str]], preset: Preset, export: Export, stated: Choices
) -> None:
    expected = {fold(name) for name in preset.ignored_files}
    for text in texts:
        if text.file not in used:
            known = fold(Path(text.file).stem) in expected
            export.note("file_known" if known else "file_ignored", file=text.file, form=preset.title)
            continue
        dialect = text.dialect
        if dialect.encoding != "utf-8" and stated.encoding is None:
            export.note("encoding", file=text.file, encoding=dialect.encoding)
        if dialect.separator in SEPARATORS and dialect.separator != ",":
            export.note(f"separator_{SEPARATORS[dialect.separator]}", file=text.file)
        ignored = [heading for heading in text.header if heading not in used[text.file]]
        if ignored:
            export.note("columns_ignored", file=text.file, columns=", ".join(ignored))
