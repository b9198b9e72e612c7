"""From files of text and a preset to typed rows of the canonical tables.

Says which heading became which field, and notes what it left out: files, columns, blank lines. A needed
table or field that no heading gives stops the import. It parses cells but judges no row: that is
:mod:`salescoach.crm.checks`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.dialect import SEPARATORS, Choices
from salescoach.crm.headings import find, fold, unit
from salescoach.crm.issues import Issue, Note
from salescoach.crm.organisation import Organisation
from salescoach.crm.parse import Fault, Parsed, Reading, empty, parsed
from salescoach.crm.preset import Preset, Source, files_of, needed
from salescoach.crm.rows import Part, Rows
from salescoach.crm.shape import shaped
from salescoach.crm.text import Ragged, TextColumn, TextTable
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES, Table


@dataclass
class Export:
    """Everything one export holds, while it is being judged."""

    tables: dict[str, Rows] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, **values: str | int) -> None:
        """Remember something that the reader of the report should know."""
        self.notes.append(Note(code, values))


@dataclass
class _Table:
    """What the files gave to one table so far; ``faults[i]`` belong to ``parts[i]``: (field, fault)."""

    parts: list[Part] = field(default_factory=list)
    faults: list[list[tuple[str, Fault]]] = field(default_factory=list)
    ragged: list[tuple[TextTable, Ragged]] = field(default_factory=list)


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
    export = Export()
    gathered: dict[str, _Table] = defaultdict(_Table)
    pieces = shaped(texts, preset, stated, organisation.fiscal_year_start_month)
    export.notes += pieces.notes
    used = {file: set(headings) for file, headings in pieces.used.items()}
    for source, text in pieces.sources:
        reader = _SourceReader(source, text, preset, organisation, stated, export)
        table = gathered[source.table]
        table.parts.append(reader.part())
        table.faults.append(reader.faults)
        used.setdefault(text.file, set()).update(reader.headings.values())
        if not source.distinct:
            table.ragged += [(reader.text, row) for row in reader.text.ragged]
    for name, given in pieces.rows.items():
        gathered[name].parts.append(_stated_rows(TABLES[name], given, f"{preset.name}.toml", organisation))
        gathered[name].faults.append([])
    _note_files(texts, used, preset, export, stated)
    for name in TABLES:  # the schema's order, whatever the order of the files
        if name in gathered:
            table = gathered[name]
            export.tables[name] = Rows(TABLES[name], table.parts, export.issues, table.ragged)
            _mark_faults(export.tables[name], table)
    return export


@dataclass
class _SourceReader:
    """Reads the rows of one file as rows of one table."""

    source: Source
    text: TextTable
    preset: Preset
    organisation: Organisation
    stated: Choices
    export: Export
    faults: list[tuple[str, Fault]] = field(default_factory=list)

    @cached_property
    def table(self) -> Table:
        return TABLES[self.source.table]

    @cached_property
    def places(self) -> dict[str, int]:
        """Field: position of its column in the file. InputError when a required field has none."""
        places = {name: find(aliases, self.text.header) for name, aliases in self.source.columns.items()}
        found = {name: place for name, place in places.items() if place is not None}
        absent = [name for name in self.table.required if name not in found and name not in self.source.constants]
        if absent:
            wanted = " or ".join(f"'{heading}'" for heading in self.source.columns.get(absent[0], absent[:1]))
            raise InputError(
                f"no column could be read as {absent[0]} of the table '{self.table.name}'. Nothing was "
                f"imported. Give a column the heading {wanted}; there are: {', '.join(self.text.header)}.",
                file=self.text.file,
            )
        return found

    @cached_property
    def headings(self) -> dict[str, str]:
        """Field: heading over its column."""
        return {name: self.text.header[place] for name, place in self.places.items()}

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Positions of the file's rows that are used: none that is blank, each combination once when ``distinct``."""
        cells = pd.DataFrame(dict(enumerate(self.text.columns)))
        if self.source.distinct:
            mine = cells[sorted(set(self.places.values()))].apply(lambda column: column.str.strip())
            keyed = (mine[[self.places[name] for name in self.table.key]] != "").all(axis=1)
            return np.flatnonzero(keyed & ~mine.duplicated())
        blank = np.logical_and.reduce([column == "" for column in self.text.columns])
        for row in np.flatnonzero(np.logical_and.reduce([column < "!" for column in self.text.columns])):
            blank[row] = not any(column[row].strip() for column in self.text.columns)  # only spaces
        if blank.any():
            self.export.note("blank_rows", file=self.text.file, n=int(blank.sum()))
        return np.flatnonzero(~blank)

    def part(self) -> Part:
        """The typed rows."""
        raw = {name: self.text.columns[place][self.rows] for name, place in self.places.items()}
        lines = self.text.lines[self.rows]
        columns = {name: self._column(name, raw, lines) for name in self.table.names}
        frame = pd.DataFrame({name: column.values for name, column in columns.items()}, columns=list(self.table.names))
        self._currency_from_signs(frame, columns)
        self._empty_what_means_nothing(frame)
        self._name_empty_cells(frame)
        rows = None if self.source.distinct else self.rows
        if self.source.distinct:
            self.export.note(
                "derived",
                file=self.text.file,
                table=self.table.name,
                n=len(frame),
                column=self.headings[self.table.key[0]],
            )
        return Part(self.text.file, lines, frame, raw, self.headings, self.text if rows is not None else None, rows)

    def _column(self, name: str, raw: Mapping[str, TextColumn], lines: npt.NDArray[np.int64]) -> Parsed:
        target = self.table[name]
        texts = raw.get(name)
        if texts is None and name not in self.source.constants:
            return Parsed(empty(target, len(lines)))
        if texts is None:
            texts = np.full(len(lines), self.source.constants[name], dtype=object)
        heading = self.headings.get(name, name)
        column = parsed(texts, target, self._reading(name, heading), file=self.text.file, heading=heading, lines=lines)
        self.faults += [(name, fault) for fault in column.faults]
        for old, new, count in column.repairs:
            self.export.note("value_mapped", file=self.text.file, column=heading, value=old, canonical=new, n=count)
        if column.recomposed:
            self.export.note("recomposed", file=self.text.file, column=heading, n=column.recomposed)
        if column.unzoned and self.preset.timezone is None:
            self.export.note(
                "zone_assumed", file=self.text.file, column=heading, n=column.unzoned, zone=self.organisation.timezone
            )
        return column

    def _reading(self, name: str, heading: str) -> Reading:
        percent = self.source.units.get(name) == "percent"
        return Reading(
            self.organisation.zone,
            self.stated,
            self.preset.decimal,
            self.preset.date_order,
            ZoneInfo(self.preset.timezone) if self.preset.timezone else None,
            "%" if percent else unit(heading)[1],
            self.source.scale.get(name, 1),
            self.source.values.get(name, {}),
        )

    def _currency_from_signs(self, frame: pd.DataFrame, columns: Mapping[str, Parsed]) -> None:
        """Use the currency written beside an amount where no column states one; two that differ are a fault."""
        for name, column in columns.items():
            if "currency" in frame and column.currency is not None:
                beside = pd.Series(column.currency, dtype="object")
                frame["currency"] = frame["currency"].where(frame["currency"].notna(), beside)
                differ = (beside.notna() & (beside != frame["currency"])).to_numpy(dtype=np.bool_)
                if differ.any():
                    self.faults.append((name, Fault("D14", "Q", differ)))

    def _empty_what_means_nothing(self, frame: pd.DataFrame) -> None:
        for rule in self.source.emptied:
            numeric = self.table[rule.field].type != "text"
            value = Decimal(rule.value) if numeric else rule.value
            rows = (frame[rule.field] == value).to_numpy(dtype=np.bool_)
            for name, wanted in rule.when.items():
                rows = rows & (frame[name] == wanted).to_numpy(dtype=np.bool_)
            if rows.any():
                frame[rule.field] = frame[rule.field].mask(rows, None)
                self.export.note(
                    "emptied",
                    file=self.text.file,
                    column=self.headings[rule.field],
                    value=rule.value,
                    when=", ".join(rule.when.values()),
                    n=int(rows.sum()),
                )

    def _name_empty_cells(self, frame: pd.DataFrame) -> None:
        for name in self.source.named_when_empty:
            rows = frame[name].isna()
            if rows.any() and name in self.headings:
                on_open = "status" in frame and bool((frame.loc[rows, "status"] == "open").all())
                self.export.note(
                    "empty_cells_open" if on_open else "empty_cells",
                    file=self.text.file,
                    column=self.headings[name],
                    n=int(rows.sum()),
                    of=len(frame),
                )


def _stated_rows(table: Table, given: Sequence[Mapping[str, str]], file: str, organisation: Organisation) -> Part:
    lines = np.arange(1, len(given) + 1, dtype=np.int64)
    raw: dict[str, TextColumn] = {}
    columns: dict[str, pd.Series[Any]] = {}
    for name in table.names:
        texts = np.array([row.get(name, "") for row in given], dtype=object)
        raw[name] = texts
        columns[name] = parsed(
            texts, table[name], Reading(organisation.zone, usual_decimal="."), file=file, heading=name, lines=lines
        ).values
    return Part(file, lines, pd.DataFrame(columns, columns=list(table.names)), raw, {})


def _mark_faults(rows: Rows, gathered: _Table) -> None:
    start = 0
    for part, faults in zip(gathered.parts, gathered.faults, strict=True):
        here = slice(start, start + len(part.frame))
        start = here.stop
        for name, fault in faults:
            mask = np.zeros(len(rows.frame), dtype=np.bool_)
            mask[here] = fault.rows
            rows.mark(fault.rule, fault.level, mask, name, ", ".join(rows.table[name].values))
    faulty = {
        (issue.file, issue.row, issue.column)
        for issue in rows.issues
        if issue.table == rows.table.name and issue.level == "R"
    }
    for name in rows.table.required:
        absent = rows.frame[name].isna().to_numpy(dtype=np.bool_, copy=True)
        for place in np.flatnonzero(absent):  # a cell that could not be parsed was named already
            absent[place] = rows.place(int(place), name) not in faulty
        rows.mark("D3", "R", absent, name)


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
