"""The rows of one file, typed: what is beyond doubt by expressions, every other text by the careful parser.

A text is parsed once, however many rows hold it; whatever is decided from a whole column (decimal mark, order
of day and month) is decided from all its texts, the certain ones too. Both ways of reading a file end here, so
that the same file gives the same rows whichever way it came.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from salescoach.crm import certain
from salescoach.crm.certain import TYPES
from salescoach.crm.desk import among
from salescoach.crm.parse import Parsed, Reading, parsed
from salescoach.crm.rows import Pending, Places, keep_raw
from salescoach.crm.understood import ValueMatch, value_match
from salescoach.tables.schema import Field, Table

ALL, NONE = pl.lit(True), pl.lit(False)


@dataclass(frozen=True)
class Texts:
    """The texts of a file, not yet read: columns ``c0``, ``c1`` … by its heading; an empty cell is missing.

    ``numbered``: a column ``line`` says on which line each row stands. ``tidy``: no cell holds a blank of ASCII other
    than the space. ``trimmed``: moreover none begins or ends with a space, and every letter is one in every normal
    form, so that a text is what it is.
    """

    frame: pl.LazyFrame
    tidy: bool = False
    trimmed: bool = False
    numbered: bool = False


@dataclass
class Loading:
    """Makes a typed ``frame`` of the rows of one file, field by field.

    ``raw`` and ``pending`` are as in :class:`salescoach.crm.rows.Rows`; ``values`` field: how its words were
    understood.
    """

    table: Table
    file: str
    lines: Places | None  # of its rows; None where row k stands on line k + 2
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    raw: dict[str, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    values: dict[str, ValueMatch] = field(default_factory=dict)

    def load(
        self,
        texts: Texts,
        places: Mapping[str, int],
        constants: Mapping[str, str],
        readings: Mapping[str, Reading],
        cells: Mapping[int, str],
        part: int,
    ) -> None:
        """Make the frame, certain values filled in. *cells* position: column. PolarsError when the file cannot be read.

        The texts pass through in pieces, so that those which the values tell are never all in memory.
        """
        typed = {each.name: each for each in self.table.fields if each.name in places and each.type != "text"}
        given = texts.frame.with_columns(
            certain.value(pl.col(f"c{places[name]}"), each, readings[name]).alias(name) for name, each in typed.items()
        )
        self.raw = {name: f"_raw_{name}" for name in typed}
        columns, of_all = [], []
        for each in self.table.fields:
            cell = pl.col(f"c{places.get(each.name)}")
            if each.name in typed:
                untold = pl.col(each.name).is_null() & cell.is_not_null()  # takes much less room than the texts
                kept = untold if certain.rewritable(each) else cell
                columns += [pl.col(each.name), kept.alias(self.raw[each.name])]
            elif each.name in places:
                columns.append(cell.alias(each.name))
            else:
                constant = constants.get(each.name)
                value = None if constant is None else self._constant(each, constant, readings[each.name])
                of_all.append(pl.lit(value, dtype=TYPES[each.type]).alias(each.name))
        columns += [pl.col(f"c{position}").alias(column) for position, column in cells.items()]
        if texts.numbered:
            columns.append(pl.col("line").cast(pl.Int32, strict=False).alias("_line"))
        else:
            line = pl.lit(None) if self.lines is None else pl.lit(pl.Series(self.lines))
            of_all.append(line.cast(pl.Int32).alias("_line"))
        frame = given.select(columns).collect(engine="streaming")
        flags = [self.raw[name] for name, each in typed.items() if certain.rewritable(each)]
        asked = [flag for flag in flags if frame[flag].any()]
        self.raw = {name: raw for name, raw in self.raw.items() if raw not in flags or raw in asked}
        frame = frame.drop(flags).rechunk()  # whatever follows is faster in one piece
        if asked:
            again = given.select(
                pl.when(pl.col(name).is_null()).then(pl.col(f"c{places[name]}")).alias(raw)
                for name, raw in self.raw.items()
                if raw in asked
            )
            frame = frame.hstack(again.collect(engine="streaming").rechunk())
        of_all += [pl.lit(number, dtype=pl.UInt16).alias(name) for name, number in (("_part", part), ("_rule", 0))]
        of_all.append(pl.lit(0, dtype=pl.UInt8).alias("_fate"))
        names = [column for name in self.table.names for column in (name, self.raw.get(name)) if column]
        self.frame = frame.with_columns(of_all).select(*names, *cells.values(), "_part", "_rule", "_fate", "_line")

    def _constant(self, target: Field, text: str, reading: Reading) -> object:
        cell = np.array([text], dtype=object)
        result = parsed(cell, target, reading, file=self.file, heading=target.name, lines=np.ones(1, dtype=np.int64))
        return plain(result.values, target)[0]

    def doubtful(self, names: Collection[str], readings: Mapping[str, Reading], texts: Texts) -> dict[str, pl.Expr]:
        """Field: condition for the rows whose text the careful parser has to read; only fields with such rows."""
        asked: dict[str, pl.Expr] = {}
        for name in names:
            target, column = self.table[name], pl.col(name)
            if target.type != "text":
                if name in self.raw:
                    asked[name] = column.is_null() & pl.col(self.raw[name]).is_not_null()
            elif target.values or readings[name].value_map or name in ("email", "currency"):
                asked[name] = ALL
            elif not texts.trimmed:
                asked[name] = ~certain.plain_text(column, tidy=texts.tidy)
        if not (asked and len(self.frame)):
            return {}
        found = self.frame.select(condition.any().alias(name) for name, condition in asked.items()).row(0)
        return {name: condition for (name, condition), some in zip(asked.items(), found, strict=True) if some}

    def read(self, name: str, condition: pl.Expr, reading: Reading, heading: str) -> Parsed:
        """Parse the doubtful texts of a field, and put their values in place. InputError as in ``parsed``."""
        target = self.table[name]
        texts = self._texts(name, condition)
        number = target.type in ("money", "number", "share", "int") and not reading.stated.decimal
        witnesses = self._witnesses(name) if number else {}
        result, places = self._parse(target, {**texts, **witnesses}, reading, heading)
        for text in witnesses:  # a certain reading that the other texts of the column contradict
            if result.values.iloc[places[text]] != self._certain(name, text):
                texts = self._texts(name, ALL)
                result, places = self._parse(target, texts, reading, heading)
                break
        found = plain(result.values, target)
        values = {text: found[places[text]] for text in texts}
        self._put(target, values)
        if target.values or reading.value_map:
            counts = {text: count for text, (_, count) in texts.items()}
            said = {text: None if value is None else str(value) for text, value in values.items()}
            self.values[name] = value_match(counts, said, target.values, reading.value_map)
        for fault in result.faults:
            wrong = [text for text in texts if fault.rows[places[text]]]
            if wrong:
                self._remember(fault.rule, fault.level, name, wrong)
        if result.currency is not None and "currency" in self.table.names:
            self._currency(name, {text: result.currency[places[text]] for text in texts})
        return result

    def _text(self, name: str) -> pl.Expr:
        """The texts of a field, empty ones too."""
        return pl.col(self.raw.get(name, name)).fill_null("")

    def _texts(self, name: str, condition: pl.Expr) -> dict[str, tuple[int, int]]:
        """Text: its first row and how many rows hold it, in the order of the first rows."""
        asked = self.frame.select(self._text(name).alias("text"), condition.alias("asked")).with_row_index("place")
        found = asked.filter("asked").group_by("text", maintain_order=True).agg(pl.first("place"), pl.len())
        return {text: (first, count) for text, first, count in found.iter_rows()}

    def _witnesses(self, name: str) -> dict[str, tuple[int, int]]:
        """The first certain number that tells the decimal mark, and the first that could be read in both ways."""
        raw = pl.col(self.raw[name])
        certain_ones = self.frame.select(raw.alias("text"), pl.col(name).is_not_null().alias("sure")).with_row_index()
        found: dict[str, tuple[int, int]] = {}
        for condition in (certain.tells_the_point(pl.col("text")), certain.could_be_thousands(pl.col("text"))):
            for first, text, _ in certain_ones.filter(pl.col("sure") & condition).head(1).iter_rows():
                found[text] = (first, 0)
        return found

    def _certain(self, name: str, text: str) -> object:
        return float(text) if self.table[name].type in ("share", "number") else Decimal(text)

    def stated_currency(self, name: str, code: str) -> None:
        """The currency that the heading states, for the amounts below it."""
        if "currency" in self.table.names and self.table[name].type == "money":
            self._currency(name, dict.fromkeys(self._texts(name, pl.col(name).is_not_null()), code))

    def empty(self, name: str, where: pl.Expr) -> int:
        """Empty a field where a condition holds; returns in how many rows."""
        count = int(self.frame.select(where.sum()).item())
        if count:
            self._keep_raw(name)
            self.frame = self.frame.with_columns(pl.when(where).then(None).otherwise(pl.col(name)).alias(name))
        return count

    def undecided(self, name: str, reading: Reading) -> bool:
        """True when no text of a number column is doubtful and yet all fit two readings: it has to be asked."""
        target = self.table[name]
        if target.type not in ("money", "number", "share", "int") or reading.stated.decimal or reading.usual_decimal:
            return False
        return bool(self._witnesses(name))

    def _parse(
        self, target: Field, texts: Mapping[str, tuple[int, int]], reading: Reading, heading: str
    ) -> tuple[Parsed, dict[str, int]]:
        ordered = sorted(texts, key=lambda text: texts[text][0])
        lines = np.array([self.line_of(texts[text][0]) for text in ordered], dtype=np.int64)
        weights = np.array([texts[text][1] for text in ordered], dtype=np.int64)
        cells = np.array(ordered, dtype=object)
        result = parsed(cells, target, reading, file=self.file, heading=heading, lines=lines, weights=weights)
        return result, {text: place for place, text in enumerate(ordered)}

    def line_of(self, row: int) -> int:
        """Line in the file of a row."""
        return row + 2 if self.lines is None else int(self.lines[row])

    def _keep_raw(self, name: str) -> None:
        self.frame, self.raw[name] = keep_raw(self.frame, self.table[name], self.raw)

    def _put(self, target: Field, given: Mapping[str, object]) -> None:
        if target.type == "text":
            given = {text: value for text, value in given.items() if (value or "") != text}
        if not given:
            return
        if target.type == "text":
            self._keep_raw(target.name)
        kind = TYPES[target.type]
        self.frame = self.frame.with_columns(
            self._text(target.name)
            .replace_strict(
                pl.Series(list(given), dtype=pl.String),
                pl.Series(list(given.values()), dtype=kind),
                default=pl.col(target.name),
                return_dtype=kind,
            )
            .alias(target.name)
        )

    def _places(self, condition: pl.Expr) -> Places:
        return self.frame.select(pl.arg_where(condition)).to_series().cast(pl.Int64).to_numpy()

    def _remember(self, rule: str, level: str, name: str, texts: Sequence[str]) -> None:
        detail = ", ".join(self.table[name].values)
        self.pending.append(Pending(rule, level, name, self._places(among(self._text(name), texts)), detail))

    def _currency(self, name: str, beside: Mapping[str, object]) -> None:
        """Use the currency written beside an amount where no column states one; two that differ are a fault."""
        known = {text: str(code) for text, code in beside.items() if code}
        if not known:
            return
        self._keep_raw("currency")
        code = pl.col(self.raw[name]).replace_strict(known, default=None, return_dtype=pl.String)
        code = pl.when(pl.col(name).is_not_null()).then(code)
        self.frame = self.frame.with_columns(currency=pl.coalesce("currency", code))
        differ = self._places(pl.col("currency") != code)
        if len(differ):
            self.pending.append(Pending("D14", "Q", name, differ))


def plain(values: pd.Series[Any], target: Field) -> list[object]:
    """Parsed values as Polars takes them: Python's own, None where one is missing."""
    made = _MADE.get(target.type)
    return [
        None if missing else made(value) if made else value
        for value, missing in zip(values.tolist(), values.isna(), strict=True)
    ]


_MADE: dict[str, Callable[[Any], object]] = {
    "date": lambda moment: moment.date(),
    "ts": lambda moment: moment.to_pydatetime(),
    "money": lambda amount: round(amount, 4),  # the same amount, with as many digits as its column has
}
