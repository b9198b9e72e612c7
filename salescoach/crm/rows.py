"""The rows of one table on their way in: typed values, where each came from, and what becomes of it.

Every row that a file holds ends in exactly one place: accepted, rejected (for good, or set aside until
somebody decides) or merged. Rules say so through :meth:`Rows.mark`, which also writes the issue. The rows lie
on the desk as a table of the same name; a rule is a condition on it in SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm import certain
from salescoach.crm.certain import SQL_TYPES
from salescoach.crm.desk import Desk, literal, quoted
from salescoach.crm.issues import Issue
from salescoach.crm.text import Ragged, TextTable
from salescoach.crm.understood import ValueMatch
from salescoach.tables.schema import Field, Table

Places = npt.NDArray[np.int64]

_OWNER = ("owner_id", "rep_id", "rep_or_team")
_FATES = {"": 0, "R": 1, "Q": 2, "M": 3}
_LEVELS = {number: level for level, number in _FATES.items()}


@dataclass(frozen=True)
class Part:
    """The rows that one file gave to one table.

    ``lines`` are their lines in the file; None when row k stands on line k + 2. ``headings`` field: heading.
    ``cells`` heading: field, or column on the desk, that holds its text. ``values`` field: how its words were
    understood.
    """

    file: str
    rows: int
    lines: Places | None
    headings: Mapping[str, str]
    cells: Mapping[str, str]
    values: Mapping[str, ValueMatch] = field(default_factory=dict)

    def line(self, row: int) -> int:
        return row + 2 if self.lines is None else int(self.lines[row])


@dataclass(frozen=True)
class Pending:
    """What reading found wrong in a column: rows that break *rule*, at its usual *level*."""

    rule: str
    level: str
    column: str
    places: Places
    detail: str = ""


@dataclass
class Rows:
    """All rows of one table. ``raw`` field: the column that keeps its text as it stands in the file, or keeps it where
    the value does not tell it."""

    table: Table
    desk: Desk
    parts: list[Part]
    raw: dict[str, str]
    pending: list[Pending]
    issues: list[Issue]
    ragged: list[tuple[TextTable, Ragged]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._first = np.cumsum([0, *(part.rows for part in self.parts)])
        for text, row in self.ragged:
            detail = f"{len(row.cells)} / {len(text.header)}"
            self.issues.append(Issue(self.table.name, text.file, row.line, "", "", "P1", "R", detail=detail))

    @property
    def name(self) -> str:
        """Its name in a query."""
        return quoted(self.table.name)

    @property
    def owner(self) -> str:
        """The column that says whose a row is, for a query; NULL when the table has none."""
        return next((name for name in _OWNER if name in self.table.names), "NULL")

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows that are used: canonical columns, ``source_file``, ``source_row``."""
        return self.desk.frame(f"SELECT {self.columns()} FROM {self.name} WHERE _fate = 0 ORDER BY rowid")

    def columns(self) -> str:
        """What a snapshot keeps of a row, for a query: canonical columns, file, line."""
        fields = ", ".join(
            f"CAST({quoted(each.name)} AS {SQL_TYPES[each.type]}) AS {quoted(each.name)}" for each in self.table.fields
        )
        files = " ".join(f"WHEN {number} THEN {literal(part.file)}" for number, part in enumerate(self.parts))
        firsts = " ".join(f"WHEN {number} THEN {2 - first}" for number, first in enumerate(self._first[:-1]))
        return (
            f"{fields}, CASE _part {files} END AS source_file, "
            f"CAST(coalesce(_line, rowid + CASE _part {firsts} END) AS BIGINT) AS source_row"
        )

    def has(self, *columns: str) -> bool:
        """True when every one of *columns* holds something in some row."""
        found = self.desk.one(f"SELECT {', '.join(f'count({quoted(column)})' for column in columns)} FROM {self.name}")
        return all(found)

    def keep_raw(self, column: str) -> None:
        """Remember the texts of a column before its values change."""
        self.raw[column] = keep_raw(self.desk, self.table.name, self.table[column], self.raw)

    def fill(self, column: str, value: str, where: str, *, frm: str = "") -> None:
        """Put a value into some rows of a column; *value* and *where* are expressions over the table and *frm*."""
        self.keep_raw(column)
        self.desk.run(f"UPDATE {self.name} SET {quoted(column)} = {value} {frm and f'FROM {frm}'} WHERE {where}")

    def mark(self, rule: str, level: str, where: str, column: str, detail: str = "", *, alive: bool = True) -> int:
        """Write an issue for each row for which *where* is true, and let the level act on it. Returns how many.

        R and Q take the row out, M (in the log F) merges it into another, V empties the value, F only counts;
        "" does nothing. Rows that were taken out before are left alone; without *alive* those set aside are
        marked, too, and rejected ones by R.
        """
        if not level:
            return 0
        open_to = "_fate = 0" if alive else "true" if level == "R" else "_fate IN (0, 2)"
        text = self.text_of(column) if self._told(column) else "NULL"
        found = self.desk.rows(
            f"SELECT rowid, CAST({text} AS VARCHAR), CAST({self.owner} AS VARCHAR) FROM {self.name} "
            f"WHERE {open_to} AND coalesce({where}, false) ORDER BY rowid"
        )
        if not found:
            return 0
        shown = "F" if level == "M" else level
        table = self.table.name
        headings = [part.headings.get(column, column) for part in self.parts]
        for place, value, owner in found:
            number, position = self._origin(place)
            part = self.parts[number]
            line, heading = part.line(position), headings[number]
            self.issues.append(Issue(table, part.file, line, heading, value or "", rule, shown, owner, detail))
        self._act(rule, level, column, np.array([row[0] for row in found], dtype=np.int64))
        return len(found)

    def mark_places(self, pending: Pending, level: str) -> int:
        """Mark what reading found wrong."""
        with self.desk.beside(_wrong=pd.DataFrame({"place": pending.places})):
            return self.mark(
                pending.rule, level, "rowid IN (SELECT place FROM _wrong)", pending.column, pending.detail, alive=False
            )

    def _act(self, rule: str, level: str, column: str, places: Places) -> None:
        with self.desk.beside(_taken=pd.DataFrame({"place": places})):
            mine = f"{self.name}.rowid IN (SELECT place FROM _taken)"
            if level in ("R", "Q", "M"):
                weaker = "_fate IN (0, 2)" if level == "R" else "_fate = 0"
                self.desk.run(
                    f"UPDATE {self.name} SET _fate = {_FATES[level]}, _rule = {literal(rule)} WHERE {mine} AND {weaker}"
                )
            elif level == "V":
                self.fill(column, "NULL", mine)

    def text_of(self, column: str) -> str:
        """Expression: what stands in the file for a field, whatever became of its value."""
        value = quoted(column)
        return certain.text(value, quoted(self.raw[column]), self.table[column]) if column in self.raw else value

    def _told(self, column: str) -> bool:
        return any(column in part.headings for part in self.parts)

    def place(self, row: int, column: str) -> tuple[str, int, str]:
        """File, line and heading of a cell: where a person finds it."""
        number, position = self._origin(row)
        part = self.parts[number]
        return part.file, part.line(position), part.headings.get(column, column)

    def set_aside(self) -> list[dict[str, Any]]:
        """Rejected and set-aside rows as they stand in their file: file, row, level, rule, cells by heading."""
        kept: list[dict[str, Any]] = []
        for text, row in self.ragged:
            cells = {str(number): cell for number, cell in enumerate(row.cells, 1)}
            kept.append({"file": text.file, "row": row.line, "level": "R", "rule": "P1", "cells": cells})
        for number, part in enumerate(self.parts):
            texts = ", ".join(["rowid", "_fate", "_rule", *map(self.text_of, part.cells.values())])
            for place, fate, rule, *found in self.desk.rows(
                f"SELECT {texts} FROM {self.name} WHERE _fate IN (1, 2) AND _part = {number} ORDER BY rowid"
            ):
                row_cells = {heading: cell or "" for heading, cell in zip(part.cells, found, strict=True)}
                line = part.line(place - int(self._first[number]))
                kept.append({"file": part.file, "row": line, "level": _LEVELS[fate], "rule": rule, "cells": row_cells})
        return kept

    def count(self) -> dict[str, int]:
        """rows_in = accepted + rejected + merged; ``quarantined`` is the part of rejected that waits for a decision."""
        found: dict[int, int] = dict(self.desk.rows(f"SELECT _fate, count(*) FROM {self.name} GROUP BY _fate"))
        fates = {fate: int(found.get(number, 0)) for fate, number in _FATES.items()}
        return {
            "rows_in": sum(fates.values()) + len(self.ragged),
            "accepted": fates[""],
            "rejected": fates["R"] + fates["Q"] + len(self.ragged),
            "merged": fates["M"],
            "quarantined": fates["Q"],
        }

    def _origin(self, place: int) -> tuple[int, int]:
        """Which part a row is in, and its place there."""
        if len(self.parts) == 1:
            return 0, place
        number = int(np.searchsorted(self._first, place, side="right")) - 1
        while not self.parts[number].rows:  # a file that gave no rows begins where the next one does
            number -= 1
        return number, place - int(self._first[number])


def keep_raw(desk: Desk, table: str, target: Field, raw: Mapping[str, str]) -> str:
    """Keep the texts of a field beside it, whatever becomes of its values; returns the column that holds them.

    *raw*: the columns that hold texts already, all of them or those that the values do not tell.
    """
    value, copy = quoted(target.name), raw.get(target.name, f"_raw_{target.name}")
    if target.name not in raw:
        desk.run(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(copy)} VARCHAR")
        desk.run(f"UPDATE {quoted(table)} SET {quoted(copy)} = {value}")
    elif certain.rewritable(target):
        text = certain.text(value, quoted(copy), target)
        desk.run(f"UPDATE {quoted(table)} SET {quoted(copy)} = {text} WHERE {quoted(copy)} IS NULL")
    return copy


def one_table(desk: Desk, table: Table, names: Sequence[str], raws: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Put the tables *names* under one another as *table*; returns which column holds the texts of which field."""
    together = {column: copy for raw in raws for column, copy in raw.items()}
    for name, raw in zip(names, raws, strict=True):
        for column in sorted(together.keys() - raw.keys()):
            if table[column].type == "text":
                keep_raw(desk, name, table[column], raw)
    if len(names) == 1:
        desk.run(f"ALTER TABLE {quoted(names[0])} RENAME TO {quoted(table.name)}")
    else:
        all_rows = " UNION ALL BY NAME ".join(f"SELECT * FROM {quoted(name)}" for name in names)
        desk.run(f"CREATE TABLE {quoted(table.name)} AS {all_rows}")
        for name in names:
            desk.run(f"DROP TABLE {quoted(name)}")
    return together
