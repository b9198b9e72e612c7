"""The rows of one file as typed rows of one table; and the rows that a form states itself.

A large file that Polars can read is taken as it is; what is not plain in it is left to the careful reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from salescoach.crm import certain
from salescoach.crm.bulk import BulkTable
from salescoach.crm.dialect import Choices
from salescoach.crm.export import Export
from salescoach.crm.headings import find, unit
from salescoach.crm.loading import NONE, Loading, Texts
from salescoach.crm.organisation import Organisation
from salescoach.crm.parse import Parsed, Reading
from salescoach.crm.preset import Preset, Source
from salescoach.crm.rows import Part
from salescoach.crm.spool import Spooled
from salescoach.crm.text import TextTable
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES, Table


class NotBulk(Exception):
    """The fast reader met something in *table* that only the careful one may decide."""

    def __init__(self, table: BulkTable) -> None:
        self.table = table
        super().__init__(table.file)


@dataclass
class SourceReader:
    """Reads the rows of one file as rows of one table."""

    source: Source
    text: TextTable
    preset: Preset
    organisation: Organisation
    stated: Choices
    export: Export
    number: int

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
        doubtful = np.logical_and.reduce([(column < "!") | (column > "~") for column in self.text.columns])
        for row in np.flatnonzero(doubtful):
            blank[row] = not any(column[row].strip() for column in self.text.columns)  # only spaces, of any kind
        if blank.any():
            self.export.note("blank_rows", file=self.text.file, n=int(blank.sum()))
        return np.flatnonzero(~blank)

    def part(self) -> tuple[Part, Loading]:
        """The typed rows."""
        lines = self.text.lines if isinstance(self.text, BulkTable) else self.text.lines[self.rows]
        one_each = np.array_equal(lines, np.arange(2, len(lines) + 2))
        loading = Loading(self.table, self.text.file, None if one_each else lines)
        readings = {name: self._reading(name, self.headings.get(name, name)) for name in self.table.names}
        constants = {name: text for name, text in self.source.constants.items() if name not in self.places}
        cells = {
            place: f"_cell_{self.number}_{place}"
            for place in range(len(self.text.header))
            if place not in self.places.values() and not self.source.distinct
        }
        texts = self._texts()
        try:
            loading.load(texts, self.places, constants, readings, cells, self.number)
        except pl.exceptions.PolarsError:
            if isinstance(self.text, BulkTable):
                raise NotBulk(self.text) from None
            raise
        if isinstance(self.text, BulkTable) and not self.text.tells(loading.frame):
            raise NotBulk(self.text)
        rows = len(loading.frame)
        doubtful = loading.doubtful(self.places, readings, texts)
        for name in self.places:
            reading, heading = readings[name], self.headings[name]
            if name in doubtful or loading.undecided(name, reading):
                self._note(loading.read(name, doubtful.get(name, NONE), reading, heading), heading)
            elif reading.unit not in ("", "%"):
                loading.stated_currency(name, reading.unit)
        self._empty_what_means_nothing(loading)
        self._name_empty_cells(loading)
        if self.source.distinct:
            heading = self.headings[self.table.key[0]]
            self.export.note("derived", file=self.text.file, table=self.table.name, n=rows, column=heading)
        return Part(self.text.file, rows, loading.lines, self.headings, self._cells(cells), loading.values), loading

    def _texts(self) -> Texts:
        """The texts of the rows that are used."""
        if isinstance(self.text, BulkTable):
            text = self.text
            return Texts(text.texts(), tidy=text.tidy, trimmed=text.trimmed, numbered=isinstance(text, Spooled))
        columns = {f"c{place}": column[self.rows] for place, column in enumerate(self.text.columns)}
        return Texts(pl.LazyFrame({name: column_of(cells) for name, cells in columns.items()}))

    def _cells(self, cells: Mapping[int, str]) -> dict[str, str]:
        """Heading: the field, or the column on the desk, that holds its text."""
        fields = {place: name for name, place in self.places.items()}
        columns = fields if self.source.distinct else {**cells, **fields}
        return {self.text.header[place]: columns[place] for place in sorted(columns)}

    def _note(self, column: Parsed, heading: str) -> None:
        for old, new, count in column.repairs:
            self.export.note("value_mapped", file=self.text.file, column=heading, value=old, canonical=new, n=count)
        if column.recomposed:
            self.export.note("recomposed", file=self.text.file, column=heading, n=column.recomposed)
        if column.unzoned and self.preset.timezone is None:
            self.export.note(
                "zone_assumed", file=self.text.file, column=heading, n=column.unzoned, zone=self.organisation.timezone
            )

    def _reading(self, name: str, heading: str) -> Reading:
        percent = self.source.units.get(name) == "percent"
        return Reading(
            self.organisation.zone,
            replace(self.stated, decimal=".") if heading in self.text.numeric else self.stated,
            self.preset.decimal,
            self.preset.date_order,
            ZoneInfo(self.preset.timezone) if self.preset.timezone else None,
            "%" if percent else unit(heading)[1],
            self.source.scale.get(name, 1),
            self.source.values.get(name, {}),
            name in self.source.last_day,
        )

    def _empty_what_means_nothing(self, loading: Loading) -> None:
        for rule in self.source.emptied:
            wanted = {rule.field: rule.value, **rule.when}
            where = pl.all_horizontal(
                pl.col(name) == certain.stated(value, self.table[name]) for name, value in wanted.items()
            )
            count = loading.empty(rule.field, where)
            if count:
                self.export.note(
                    "emptied",
                    file=self.text.file,
                    column=self.headings[rule.field],
                    value=rule.value,
                    when=", ".join(rule.when.values()),
                    n=count,
                )

    def _name_empty_cells(self, loading: Loading) -> None:
        for name in self.source.named_when_empty:
            rows = loading.frame.filter(pl.col(name).is_null())
            empty = len(rows)
            on_open = int((rows["status"] == "open").sum()) if "status" in self.table.names else 0
            if empty and name in self.headings:
                self.export.note(
                    "empty_cells_open" if empty == on_open else "empty_cells",
                    file=self.text.file,
                    column=self.headings[name],
                    n=empty,
                    of=len(loading.frame),
                )


def column_of(cells: npt.NDArray[np.object_]) -> pl.Series:
    """Cells as a column of texts, an empty one missing."""
    return pl.Series([cell or None for cell in cells], dtype=pl.String)


def stated_rows(
    table: Table, given: Sequence[Mapping[str, str]], file: str, organisation: Organisation, number: int
) -> tuple[Part, Loading]:
    """Rows that the preset itself states, such as the stages of a CRM that does not export them."""
    names = [name for name in table.names if any(name in row for row in given)]
    places = {name: place for place, name in enumerate(names)}
    columns = {f"c{place}": [row.get(name) or None for row in given] for name, place in places.items()}
    texts = Texts(pl.LazyFrame(columns, schema=dict.fromkeys(columns, pl.String)))
    loading = Loading(table, file, np.arange(1, len(given) + 1, dtype=np.int64))
    readings = dict.fromkeys(table.names, Reading(organisation.zone, usual_decimal="."))
    loading.load(texts, places, {}, readings, {}, number)
    for name, condition in loading.doubtful(names, readings, texts).items():
        loading.read(name, condition, readings[name], name)
    return Part(file, len(given), loading.lines, {}, {name: name for name in names}), loading
