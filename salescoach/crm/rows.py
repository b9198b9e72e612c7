"""The rows of one table on their way in: typed values, where each came from, and what becomes of it.

Every row that a file holds ends in exactly one place: accepted, rejected (for good, or set aside until
somebody decides) or merged. Rules say so through :meth:`Rows.mark`, which also writes the issue. The rows lie
on the desk as a table of the same name; a rule is a condition on it, as an expression of Polars.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

from salescoach.crm import certain
from salescoach.crm.certain import TYPES
from salescoach.crm.desk import Desk
from salescoach.crm.issues import Findings, Issue
from salescoach.crm.parse import DTYPES
from salescoach.crm.text import Ragged, TextTable
from salescoach.crm.understood import ValueMatch
from salescoach.tables.schema import Field, Table

Places = npt.NDArray[np.int64]

_PANDAS = {"text": "str", "money": "float64"}
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
    issues: Findings
    ragged: list[tuple[TextTable, Ragged]] = field(default_factory=list)
    rules: list[str] = field(default_factory=lambda: [""])  # that took rows out, by the number in ``_rule``

    def __post_init__(self) -> None:
        self._first = np.cumsum([0, *(part.rows for part in self.parts)])
        for text, row in self.ragged:
            detail = f"{len(row.cells)} / {len(text.header)}"
            self.issues.append(Issue(self.table.name, text.file, row.line, "", "", "P1", "R", detail=detail))

    @property
    def frame(self) -> pl.DataFrame:
        """All its rows as they lie on the desk."""
        return self.desk.tables[self.table.name]

    @frame.setter
    def frame(self, frame: pl.DataFrame) -> None:
        self.desk.tables[self.table.name] = frame

    def used(self, *columns: str) -> pl.DataFrame:
        """These columns of the rows that were not taken out."""
        return self.desk.used(self.table.name, *columns)

    @property
    def owner(self) -> str | None:
        """The column that says whose a row is; None when the table has none."""
        return next((name for name in _OWNER if name in self.table.names), None)

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows that are used: canonical columns, ``source_file``, ``source_row``."""
        return self.first(None)

    def first(self, rows: int | None) -> pd.DataFrame:
        """The same, of the first *rows* of them."""
        kept = self.kept().slice(0, rows).collect()
        types = {each.name: _PANDAS.get(each.type, DTYPES[each.type]) for each in self.table.fields}
        columns = {name: pd.Series(kept[name].to_list(), dtype="object") for name in kept.columns}
        return pd.DataFrame(columns).astype({**types, "source_file": "str", "source_row": "int64"})

    def kept(self) -> pl.LazyFrame:
        """What a snapshot keeps of the rows that are used: canonical columns, file, line. Not made yet: to be written
        piece by piece, or to be made of the first few only."""
        files = [part.file for part in self.parts]
        file = self._by_part(files, pl.Enum(list(dict.fromkeys(files))))  # much quicker to write than texts
        line = self._line(pl.col("_place"))
        return (
            self._used(self.frame.lazy().with_row_index("_place"))
            .with_columns(source_file=file, source_row=line)
            .select(*self.table.names, "source_file", "source_row")
        )

    def _used(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Its rows that were not taken out. Of a table that lost none, nothing need be copied."""
        lost = (self.frame["_fate"] != _FATES[""]).any()
        return frame.filter(pl.col("_fate") == _FATES[""]) if lost else frame

    def has(self, *columns: str) -> bool:
        """True when every one of *columns* holds something in some row."""
        return all(self.frame[column].null_count() < len(self.frame) for column in columns)

    def keep_raw(self, column: str) -> None:
        """Remember the texts of a column before its values change."""
        self.frame, self.raw[column] = keep_raw(self.frame, self.table[column], self.raw)

    def fill(self, column: str, value: pl.Expr, where: pl.Expr) -> None:
        """Put a value into some rows of a column."""
        self.keep_raw(column)
        value = value.cast(TYPES[self.table[column].type])
        self.frame = self.frame.with_columns(pl.when(where).then(value).otherwise(pl.col(column)).alias(column))

    def mark(
        self,
        rule: str,
        level: str,
        where: pl.Expr,
        column: str,
        detail: str = "",
        *,
        alive: bool = True,
        near: pl.Expr | None = None,
    ) -> int:
        """Write an issue for each row for which *where* is true, and let the level act on it. Returns how many.

        R and Q take the row out, M (in the log F) merges it into another, V empties the value, F only counts;
        "" does nothing. Rows that were taken out before are left alone; without *alive* those set aside are
        marked, too, and rejected ones by R. *near*: what must be true wherever *where* is, and is known much sooner;
        *where* is then asked of few rows, and is none of :meth:`at`.
        """
        if not level:
            return 0
        if alive or level != "R":
            fate = pl.col("_fate")
            where = where & ((fate == _FATES[""]) | (fate == (_FATES[""] if alive else _FATES["Q"])))
        if near is None:
            places = self.frame.select(pl.arg_where(where)).to_series()
        else:
            places = self.frame.select(pl.arg_where(near)).to_series()
            asked = self.frame.select({*where.meta.root_names()})[places]
            places = places.filter(asked.select(where).to_series())
        return self._mark(rule, level, places.cast(pl.Int64).to_numpy(), column, detail)

    def at(self, places: Places | pl.Series) -> pl.Expr:
        """Condition: the row is at one of these places."""
        mine = np.zeros(len(self.frame), dtype=np.bool_)
        mine[np.asarray(places)] = True
        return pl.lit(pl.Series(mine))

    def mark_places(self, pending: Pending, level: str) -> int:
        """Mark what reading found wrong."""
        if not level:
            return 0
        fates = self.frame["_fate"].to_numpy()[pending.places]
        places = pending.places if level == "R" else pending.places[np.isin(fates, (_FATES[""], _FATES["Q"]))]
        return self._mark(pending.rule, level, np.unique(places), pending.column, pending.detail)

    def _mark(self, rule: str, level: str, places: Places, column: str, detail: str) -> int:
        if not len(places):
            return 0
        needed = {column, self.raw.get(column, column), self.owner or column, "_part", "_line"}
        text = self.text_of(column).fill_null("") if self._told(column) else pl.lit("")
        found = self.frame.select(needed)[places].select(
            table=pl.lit(self.table.name),
            file=self._by_part([part.file for part in self.parts]),
            row=self._line(pl.lit(pl.Series(places))),
            column=self._by_part([part.headings.get(column, column) for part in self.parts]),
            value=text,
            rule=pl.lit(rule),
            level=pl.lit("F" if level == "M" else level),
            owner_id=pl.lit(None) if self.owner is None else pl.col(self.owner),
            detail=pl.lit(detail),
            rows=1,
        )
        self.issues.add(found)
        self._act(rule, level, column, places)
        return len(places)

    def _act(self, rule: str, level: str, column: str, places: Places) -> None:
        if level in ("R", "Q", "M"):
            fates, rules = self.frame["_fate"].to_numpy().copy(), self.frame["_rule"].to_numpy().copy()
            weaker = (_FATES[""], _FATES["Q"]) if level == "R" else (_FATES[""],)
            taken = places[np.isin(fates[places], weaker)]
            self.rules.append(rule)
            fates[taken], rules[taken] = _FATES[level], len(self.rules) - 1
            self.frame = self.frame.with_columns(_fate=pl.Series(fates), _rule=pl.Series(rules))
        elif level == "V":
            self.fill(column, pl.lit(None), self.at(places))

    def text_of(self, column: str) -> pl.Expr:
        """What stands in the file for a field, whatever became of its value."""
        target = self.table[column] if column in self.table.names else None
        return pl.col(column) if target is None else certain.text(column, self.raw.get(column), target)

    def _by_part(self, values: Sequence[str], kind: pl.Enum | None = None) -> pl.Expr:
        """What holds for the part that a row is of."""
        if len(values) == 1:
            return pl.lit(values[0], dtype=kind)
        return pl.lit(pl.Series(values, dtype=kind)).gather(pl.col("_part"))

    def _line(self, place: pl.Expr) -> pl.Expr:
        """The line of a row in its file, from its place."""
        if len(self.parts) == 1 and not self.has("_line"):
            return place.cast(pl.Int64) + 2
        firsts = self._first[:-1]
        first = pl.lit(firsts[0]) if len(firsts) == 1 else pl.lit(pl.Series(firsts)).gather(pl.col("_part"))
        return pl.coalesce(pl.col("_line").cast(pl.Int64), place.cast(pl.Int64) + 2 - first)

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
        places = self.frame["_fate"].is_in([_FATES["R"], _FATES["Q"]]).arg_true()
        gone = self.frame[places].with_columns(_place=places)
        for number, part in enumerate(self.parts):
            mine = gone.filter(pl.col("_part") == number)
            texts = [self.text_of(column).fill_null("").alias(heading) for heading, column in part.cells.items()]
            in_file = mine.select(texts).to_dicts() if texts else [{}] * len(mine)
            fates = mine.select("_place", "_fate", "_rule").iter_rows()
            for (place, fate, rule), found in zip(fates, in_file, strict=True):
                line = part.line(place - int(self._first[number]))
                level = _LEVELS[fate]
                kept.append({"file": part.file, "row": line, "level": level, "rule": self.rules[rule], "cells": found})
        return kept

    def left_out(self) -> dict[str, int]:
        """Rejected and set-aside rows by the rule that took them out."""
        found = self.frame["_rule"].filter(self.frame["_fate"].is_in([_FATES["R"], _FATES["Q"]])).value_counts()
        counts = Counter({"P1": len(self.ragged)})
        for rule, rows in found.rows():
            counts[self.rules[rule]] += rows
        return dict(counts)

    def count(self) -> dict[str, int]:
        """rows_in = accepted + rejected + merged; ``quarantined`` is the part of rejected that waits for a decision."""
        found = self.frame.select((pl.col("_fate") == number).sum().alias(fate) for fate, number in _FATES.items())
        fates: dict[str, int] = found.row(0, named=True)
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


def keep_raw(frame: pl.DataFrame, target: Field, raw: Mapping[str, str]) -> tuple[pl.DataFrame, str]:
    """Keep the texts of a field beside it, whatever becomes of its values; with the column that holds them now.

    *raw*: the columns that hold texts already, all of them or those that the values do not tell.
    """
    kept = raw.get(target.name)
    copy = kept or f"_raw_{target.name}"
    if kept is None or certain.rewritable(target):
        frame = frame.with_columns(certain.text(target.name, kept, target).alias(copy))
    return frame, copy


def one_table(
    table: Table, frames: Sequence[pl.DataFrame], raws: Sequence[Mapping[str, str]]
) -> tuple[pl.DataFrame, dict[str, str]]:
    """The *frames* under one another, as the rows of *table*; and which column holds the texts of which field."""
    together = {column: copy for raw in raws for column, copy in raw.items()}
    whole = []
    for frame, raw in zip(frames, raws, strict=True):
        for column in sorted(together.keys() - raw.keys()):
            if table[column].type == "text":
                frame, _ = keep_raw(frame, table[column], raw)
        whole.append(frame)
    return (whole[0] if len(whole) == 1 else pl.concat(whole, how="diagonal")), together
