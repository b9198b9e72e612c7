"""The rows of one file, typed, on the desk: what is beyond doubt in SQL, every other text by the careful parser.

A text is parsed once, however many rows hold it; whatever is decided from a whole column (decimal mark, order
of day and month) is decided from all its texts, the certain ones too. Both ways of reading a file end here, so
that the same file gives the same rows whichever way it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd

from salescoach.crm import certain
from salescoach.crm.certain import SQL_TYPES
from salescoach.crm.desk import Desk, literal, quoted
from salescoach.crm.parse import Parsed, Reading, parsed
from salescoach.crm.rows import Pending, Places, keep_raw
from salescoach.crm.understood import ValueMatch, value_match
from salescoach.tables.schema import Field, Table


@dataclass(frozen=True)
class Relation:
    """The texts of a file, for a query: columns ``c0``, ``c1`` … in the order of its heading.

    ``tidy``: no cell holds a blank of ASCII other than the space. ``trimmed``: moreover none begins or ends with a
    space, and every letter is one in every normal form, so that a text is what it is.
    """

    sql: str
    tidy: bool = False
    trimmed: bool = False


@dataclass
class Loading:
    """Puts the rows of one file on the desk as the table *name*, field by field.

    ``raw`` and ``pending`` are as in :class:`salescoach.crm.rows.Rows`; ``values`` field: how its words were
    understood.
    """

    desk: Desk
    name: str
    table: Table
    file: str
    lines: Places | None  # of its rows; None where row k stands on line k + 2
    raw: dict[str, str] = field(default_factory=dict)
    pending: list[Pending] = field(default_factory=list)
    values: dict[str, ValueMatch] = field(default_factory=dict)

    def load(
        self,
        relation: Relation,
        places: Mapping[str, int],
        constants: Mapping[str, str],
        readings: Mapping[str, Reading],
        cells: Mapping[int, str],
        part: int,
    ) -> int:
        """Make the table, certain values filled in; returns its number of rows. *cells* position: column."""
        columns, values = [], []  # each value is computed once, below what asks whether there is one
        for each in self.table.fields:
            name, kind = quoted(each.name), SQL_TYPES[each.type]
            if each.name in places:
                text = f"c{places[each.name]}"
                if each.type == "text":
                    columns.append(f"nullif({text}, '') AS {name}")
                else:
                    self.raw[each.name] = f"_raw_{each.name}"
                    value = quoted(f"_value_{each.name}")
                    values.append(f"{certain.value(text, each, readings[each.name])} AS {value}")
                    kept = f"nullif({text}, '')"
                    if certain.rewritable(each):
                        kept = f"CASE WHEN {value} IS NULL THEN {kept} END"
                    columns.append(f"{kept} AS {quoted(self.raw[each.name])}")
                    columns.append(f"{value} AS {name}")
            elif each.name in constants:
                columns.append(
                    f"CAST({self._constant(each, constants[each.name], readings[each.name])} AS {kind}) AS {name}"
                )
            else:
                columns.append(f"CAST(NULL AS {kind}) AS {name}")
        columns += [f"c{position} AS {quoted(column)}" for position, column in cells.items()]
        columns += [
            f"CAST({part} AS UTINYINT) AS _part",
            "CAST(0 AS UTINYINT) AS _fate",
            "CAST(NULL AS VARCHAR) AS _rule",
        ]
        columns.append("CAST(NULL AS INTEGER) AS _line" if self.lines is None else "CAST(line AS INTEGER) AS _line")
        source = f"(SELECT {', '.join(['*', *values])} FROM {relation.sql})"
        self.desk.run(f"CREATE TABLE {quoted(self.name)} AS SELECT {', '.join(columns)} FROM {source}")
        return int(self.desk.one(f"SELECT count(*) FROM {quoted(self.name)}")[0])

    def _constant(self, target: Field, text: str, reading: Reading) -> str:
        cell = np.array([text], dtype=object)
        result = parsed(cell, target, reading, file=self.file, heading=target.name, lines=np.ones(1, dtype=np.int64))
        value = as_text(result.values.iloc[0])
        return "NULL" if value is None else literal(value)

    def doubtful(self, names: Sequence[str], readings: Mapping[str, Reading], relation: Relation) -> dict[str, str]:
        """Field: condition for the rows whose text the careful parser has to read; only fields with such rows."""
        asked: dict[str, str] = {}
        for name in names:
            target, column = self.table[name], quoted(name)
            if target.type != "text":
                asked[name] = f"({column} IS NULL AND {quoted(self.raw[name])} IS NOT NULL)"
            elif target.values or readings[name].value_map or name in ("email", "currency"):
                asked[name] = "true"
            elif not relation.trimmed:
                asked[name] = f"NOT {certain.plain_text(column, tidy=relation.tidy)}"
        if not asked:
            return {}
        counts = ", ".join(f"count(*) FILTER ({condition})" for condition in asked.values())
        found = self.desk.one(f"SELECT {counts} FROM {quoted(self.name)}")
        return {name: condition for (name, condition), count in zip(asked.items(), found, strict=True) if count}

    def read(self, name: str, condition: str, reading: Reading, heading: str) -> Parsed:
        """Parse the doubtful texts of a field, and put their values in place. InputError as in ``parsed``."""
        target = self.table[name]
        texts = self._texts(name, condition)
        number = target.type in ("money", "number", "share", "int") and not reading.stated.decimal
        witnesses = self._witnesses(name) if number and condition != "true" else {}
        result, places = self._parse(target, {**texts, **witnesses}, reading, heading)
        for text in witnesses:  # a certain reading that the other texts of the column contradict
            if result.values.iloc[places[text]] != self._certain(name, text):
                texts = self._texts(name, "true")
                result, places = self._parse(target, texts, reading, heading)
                break
        values = {text: as_text(result.values.iloc[places[text]]) for text in texts}
        self._put(target, values)
        if target.values or reading.value_map:
            counts = {text: count for text, (_, count) in texts.items()}
            self.values[name] = value_match(counts, values, target.values, reading.value_map)
        for fault in result.faults:
            wrong = [text for text in texts if fault.rows[places[text]]]
            if wrong:
                self._remember(fault.rule, fault.level, name, wrong)
        if result.currency is not None and "currency" in self.table.names:
            self._currency(name, {text: result.currency[places[text]] for text in texts})
        return result

    def _texts(self, name: str, condition: str) -> dict[str, tuple[int, int]]:
        """Text: its first row and how many rows hold it, in the order of the first rows."""
        text = f"coalesce({quoted(self.raw.get(name, name))}, '')"
        found = self.desk.rows(
            f"SELECT {text} AS _text, min(rowid) AS _first, count(*) FROM {quoted(self.name)} "
            f"WHERE {condition} GROUP BY _text ORDER BY _first"
        )
        return {text: (first, count) for text, first, count in found}

    def _witnesses(self, name: str) -> dict[str, tuple[int, int]]:
        """The first certain number that tells the decimal mark, and the first that could be read in both ways."""
        raw = quoted(self.raw[name])
        found: dict[str, tuple[int, int]] = {}
        for condition in (certain.tells_the_point(raw), certain.could_be_thousands(raw)):
            for text, first in self.desk.rows(
                f"SELECT {raw}, rowid FROM {quoted(self.name)} "
                f"WHERE {quoted(name)} IS NOT NULL AND {condition} ORDER BY rowid LIMIT 1"
            ):
                found[text] = (first, 0)
        return found

    def _certain(self, name: str, text: str) -> object:
        return float(text) if self.table[name].type in ("share", "number") else Decimal(text)

    def stated_currency(self, name: str, code: str) -> None:
        """The currency that the heading states, for the amounts below it."""
        if "currency" in self.table.names and self.table[name].type == "money":
            self._currency(name, dict.fromkeys(self._texts(name, f"{quoted(name)} IS NOT NULL"), code))

    def empty(self, name: str, where: str) -> int:
        """Empty a field where a condition holds; returns in how many rows."""
        count = int(self.desk.one(f"SELECT count(*) FROM {quoted(self.name)} WHERE {where}")[0])
        if count:
            self.raw[name] = keep_raw(self.desk, self.name, self.table[name], self.raw)
            self.desk.run(f"UPDATE {quoted(self.name)} SET {quoted(name)} = NULL WHERE {where}")
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

    def _put(self, target: Field, given: Mapping[str, str | None]) -> None:
        if target.type == "text":
            given = {text: value for text, value in given.items() if (value or "") != text}
        if not given:
            return
        if target.type == "text":
            self.raw[target.name] = keep_raw(self.desk, self.name, target, self.raw)
        frame = pd.DataFrame({"text": list(given), "value": pd.Series(list(given.values()), dtype=object)})
        raw, kind = quoted(self.raw[target.name]), SQL_TYPES[target.type]
        with self.desk.beside(_given=frame):
            self.desk.run(
                f"UPDATE {quoted(self.name)} SET {quoted(target.name)} = CAST(_given.value AS {kind}) FROM _given "
                f"WHERE coalesce({raw}, '') = _given.text"
            )

    def _places(self, name: str, texts: Sequence[str]) -> Places:
        raw = quoted(self.raw.get(name, name))
        with self.desk.beside(_wrong=pd.DataFrame({"text": pd.Series(list(texts), dtype=object)})):
            found = self.desk.rows(
                f"SELECT rowid FROM {quoted(self.name)} "
                f"WHERE coalesce({raw}, '') IN (SELECT text FROM _wrong) ORDER BY rowid"
            )
        return np.array([row[0] for row in found], dtype=np.int64)

    def _remember(self, rule: str, level: str, name: str, texts: Sequence[str]) -> None:
        detail = ", ".join(self.table[name].values)
        self.pending.append(Pending(rule, level, name, self._places(name, texts), detail))

    def _currency(self, name: str, beside: Mapping[str, object]) -> None:
        """Use the currency written beside an amount where no column states one; two that differ are a fault."""
        known = {text: code for text, code in beside.items() if code}
        if not known:
            return
        self.raw["currency"] = keep_raw(self.desk, self.name, self.table["currency"], self.raw)
        raw = quoted(self.raw[name])
        frame = pd.DataFrame({"text": list(known), "code": list(known.values())}, dtype=object)
        with self.desk.beside(_beside=frame):
            same = f"{raw} = _beside.text AND {quoted(name)} IS NOT NULL"
            self.desk.run(
                f"UPDATE {quoted(self.name)} SET currency = _beside.code FROM _beside WHERE {same} AND currency IS NULL"
            )
            differ = self.desk.rows(
                f"SELECT t.rowid FROM {quoted(self.name)} t, _beside "
                f"WHERE {raw} = _beside.text AND t.{quoted(name)} IS NOT NULL AND currency <> code ORDER BY t.rowid"
            )
        if differ:
            self.pending.append(Pending("D14", "Q", name, np.array([row[0] for row in differ], dtype=np.int64)))


def as_text(value: object) -> str | None:
    """A parsed value as the text from which SQL makes the same value; None when it is missing."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)
