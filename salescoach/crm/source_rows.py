"""The rows of one file as typed rows of one table, on the desk; and the rows that a form states itself.

A large file that DuckDB can read goes there as it is; what it cannot decide is left to the careful reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.bulk import BulkTable
from salescoach.crm.desk import Desk, literal, quoted
from salescoach.crm.dialect import Choices
from salescoach.crm.export import Export
from salescoach.crm.headings import find, unit
from salescoach.crm.loading import Loading, Relation
from salescoach.crm.organisation import Organisation
from salescoach.crm.parse import Parsed, Reading
from salescoach.crm.preset import Preset, Source
from salescoach.crm.rows import Part
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
        """The typed rows, on the desk."""
        relation, lines = self._relation()
        loading = Loading(
            self.export.desk,
            f"{self.table.name} {self.number}",
            self.table,
            self.text.file,
            lines,
        )
        readings = {name: self._reading(name, self.headings.get(name, name)) for name in self.table.names}
        cells = {
            place: f"_cell_{self.number}_{place}"
            for place in range(len(self.text.header))
            if place not in self.places.values()
        }
        rows = self._loaded(loading, relation, readings, {} if self.source.distinct else cells)
        doubtful = loading.doubtful([*self.places], readings, relation)
        for name in self.places:
            reading, heading = readings[name], self.headings[name]
            if name in doubtful or loading.undecided(name, reading):
                self._note(loading.read(name, doubtful.get(name, "false"), reading, heading), heading)
            elif reading.unit not in ("", "%"):
                loading.stated_currency(name, reading.unit)
        self._empty_what_means_nothing(loading)
        self._name_empty_cells(loading, rows)
        if self.source.distinct:
            heading = self.headings[self.table.key[0]]
            self.export.note("derived", file=self.text.file, table=self.table.name, n=rows, column=heading)
        return Part(self.text.file, rows, lines, self.headings, self._cells(cells), loading.values), loading

    def _relation(self) -> tuple[Relation, npt.NDArray[np.int64] | None]:
        """The texts of the file for a query, and the line of each row when it is not row + 2."""
        lines = self.text.lines if isinstance(self.text, BulkTable) else self.text.lines[self.rows]
        one_each = np.array_equal(lines, np.arange(2, len(lines) + 2))
        if isinstance(self.text, BulkTable):
            relation = Relation(self.text.sql, tidy=self.text.tidy, trimmed=self.text.trimmed)
        else:
            name = f"_text_{self.table.name}_{self.number}"
            frame = pd.DataFrame({f"c{place}": column[self.rows] for place, column in enumerate(self.text.columns)})
            self.export.desk.connection.register(name, frame.assign(line=lines))
            relation = Relation(name)
        return relation, None if one_each else lines  # the same bytes are kept, whichever way a file was read

    def _loaded(
        self, loading: Loading, relation: Relation, readings: Mapping[str, Reading], cells: Mapping[int, str]
    ) -> int:
        constants = {name: text for name, text in self.source.constants.items() if name not in self.places}
        try:
            rows = loading.load(relation, self.places, constants, readings, cells, self.number)
        except duckdb.Error:
            if not isinstance(self.text, BulkTable):
                raise
            raise NotBulk(self.text) from None
        if isinstance(self.text, BulkTable):
            if rows != len(self.text.lines):
                self.export.desk.run(f"DROP TABLE {quoted(loading.name)}")
                raise NotBulk(self.text)
        else:
            self.export.desk.connection.unregister(relation.sql)
        return rows

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
            column = quoted(rule.field)
            conditions = [f"{column} = {literal(rule.value)}"]
            conditions += [f"{quoted(name)} = {literal(wanted)}" for name, wanted in rule.when.items()]
            count = loading.empty(rule.field, " AND ".join(conditions))
            if count:
                self.export.note(
                    "emptied",
                    file=self.text.file,
                    column=self.headings[rule.field],
                    value=rule.value,
                    when=", ".join(rule.when.values()),
                    n=count,
                )

    def _name_empty_cells(self, loading: Loading, rows: int) -> None:
        for name in self.source.named_when_empty:
            status = "status" if "status" in self.table.names else "NULL"
            empty, on_open = self.export.desk.one(
                f"SELECT count(*), count(*) FILTER ({status} = 'open') FROM {quoted(loading.name)} "
                f"WHERE {quoted(name)} IS NULL"
            )
            if empty and name in self.headings:
                self.export.note(
                    "empty_cells_open" if empty == on_open else "empty_cells",
                    file=self.text.file,
                    column=self.headings[name],
                    n=empty,
                    of=rows,
                )


def stated_rows(
    table: Table, given: Sequence[Mapping[str, str]], file: str, organisation: Organisation, desk: Desk, number: int
) -> tuple[Part, Loading]:
    """Rows that the preset itself states, such as the stages of a CRM that does not export them."""
    names = [name for name in table.names if any(name in row for row in given)]
    places = {name: place for place, name in enumerate(names)}
    lines = np.arange(1, len(given) + 1, dtype=np.int64)
    frame = pd.DataFrame({f"c{place}": [row.get(name, "") for row in given] for place, name in enumerate(names)})
    loading = Loading(desk, f"{table.name} {number}", table, file, lines)
    readings = dict.fromkeys(table.names, Reading(organisation.zone, usual_decimal="."))
    with desk.beside(_stated=frame.assign(line=lines)):
        stated = Relation("_stated")
        rows = loading.load(stated, places, {}, readings, {}, number)
    for name, condition in loading.doubtful(names, readings, stated).items():
        loading.read(name, condition, readings[name], name)
    return Part(file, rows, lines, {}, {name: name for name in names}), loading
