"""The columns of one file while a form's steps change them: text in, text out, each row with its line.

No step changes what a row says without a word: what was put together, cut or left out is noted, and a
row keeps its cells as they stand in the file for whoever must correct it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm import moments
from salescoach.crm.amounts import Undecided
from salescoach.crm.dialect import Choices
from salescoach.crm.form import Source, Unpivot, Wanted
from salescoach.crm.headings import fold, unit
from salescoach.crm.text import TextColumn, TextTable

_YES = {fold(word) for word in ("true", "yes", "1", "y", "t", "evet", "doğru")}
_NO = {fold(word) for word in ("false", "no", "0", "n", "f", "hayır", "yanlış")}
_SERIAL = re.compile(r"[0-9]{1,5}(?:\.[0-9]+)?")
_LONG_ID = re.compile(r"[A-Za-z0-9]{18}")
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FIRST_SERIAL = date(1899, 12, 30)  # Excel counts from here, its false 29 February 1900 included

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
PeriodOf = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True, kw_only=True)
class Shaped(TextTable):
    """A file after its steps. ``rows[k]`` is the row of ``origin`` behind row k; ``used`` headings a step has read."""

    origin: TextTable
    rows: Rows
    used: frozenset[str]

    def cells(self, row: int) -> dict[str, str]:
        """One row as it stands in the file, by heading."""
        return self.origin.cells(int(self.rows[row]))


@dataclass
class Columns:
    """The columns of *text* as the steps of *source* leave them; ``made`` field: heading of the column it became."""

    source: Source
    text: TextTable
    cells: dict[str, TextColumn] = field(init=False)
    rows: Rows = field(init=False)
    made: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cells = dict(zip(self.text.header, self.text.columns, strict=True))
        self.rows = np.arange(len(self.text.lines), dtype=np.int64)

    def heading(self, name: str) -> str | None:
        """The heading under which a field, a part or a heading itself stands now."""
        return self.made.get(name) or self.source.heading(name, self.text.header)

    def column(self, name: str) -> TextColumn | None:
        """The cells of a field, a part or a heading, trimmed; None when there is none."""
        heading = self.heading(name)
        if heading is None:
            return None
        if heading in self.text.header:
            self.used.add(heading)
        return _each(self.cells[heading], str.strip)

    def add(self, name: str, cells: TextColumn, headings: Sequence[str]) -> None:
        """Make *cells* the column of a field, named after the headings they were read from."""
        title = " + ".join(dict.fromkeys(unit(heading)[0] for heading in headings)) or name
        sign = next((sign for heading in headings if (sign := unit(heading)[1])), "")
        while fold(title) in {fold(unit(heading)[0]) for heading in self.cells}:
            title += f" → {name}"
        title += f" ({sign})" if sign else ""
        self.cells[title] = np.where(self.blank(), "", cells).astype(object)
        self.made[name] = title

    def replace(self, name: str, cells: TextColumn) -> None:
        """Put other cells under the heading of a field."""
        heading = self.heading(name)
        if heading is not None:
            self.cells[heading] = cells

    def blank(self) -> Mask:
        """Rows in which the file says nothing at all."""
        empty = np.ones(len(self.rows), dtype=np.bool_)
        for column in self.text.columns:
            empty &= _each(column[self.rows], str.strip) == ""
        return empty

    def keep(self, kept: Mask | Rows) -> None:
        """Keep these rows: a mask, or positions, of which one may stand there several times."""
        self.cells = {heading: cells[kept] for heading, cells in self.cells.items()}
        self.rows = self.rows[kept]

    def holds(self, when: Mapping[str, Wanted]) -> Mask | None:
        """Rows in which every named column has a wanted value; None when the file has not all of these columns."""
        rows = np.ones(len(self.rows), dtype=np.bool_)
        for name, wanted in when.items():
            cells = self.column(name)
            if cells is None:
                return None
            known = self.source.values.get(name, {})
            codes, texts = pd.factorize(cells)
            fits = np.array([any(_is(text, each, known) for each in wanted) for text in texts], dtype=np.bool_)
            rows &= fits[codes]
        return rows

    def shaped(self) -> Shaped:
        """The table that the steps have led to."""
        text = self.text
        return Shaped(
            text.file,
            tuple(self.cells),
            tuple(self.cells.values()),
            text.lines[self.rows],
            text.ragged,
            text.dialect,
            text.sha256,
            text.size,
            text.notes,
            text.numeric.intersection(self.cells),
            text.broken,
            origin=text,
            rows=self.rows,
            used=frozenset(self.used),
        )


def _each(cells: TextColumn, change: Callable[[str], str]) -> TextColumn:
    codes, texts = pd.factorize(cells)
    changed = np.empty(len(texts), dtype=object)
    changed[:] = [change(text) for text in texts]
    return np.asarray(changed[codes], dtype=object)


def _is(text: str, wanted: str | bool, known: Mapping[str, str]) -> bool:
    if isinstance(wanted, bool):
        return fold(text) in (_YES if wanted else _NO)
    if wanted == "":
        return text == ""
    if wanted.endswith("*"):
        return text != "" and fold(text).startswith(fold(wanted[:-1]))
    return fold(wanted) in (fold(text), fold(known.get(text, text)))


def split(columns: Columns, name: str, pattern: str) -> None:
    """Take "Offer (Sales)" apart by ``{stage} ({pipeline})``; a cell not written so stays whole."""
    cells = columns.column(name)
    heading = columns.heading(name)
    if cells is None or heading is None:
        return
    written = _pattern(pattern)
    found = [written.fullmatch(text) for text in cells]
    if not any(found):
        return
    for part in written.groupindex:
        whole = cells if part == name else columns.column(part)
        rest = [""] * len(cells) if whole is None else whole.tolist()
        texts = np.empty(len(cells), dtype=object)
        texts[:] = [match[part] if match else text for match, text in zip(found, rest, strict=True)]
        columns.add(part, texts, [heading])


def _pattern(text: str) -> re.Pattern[str]:
    """A regular expression for a text such as "{stage} ({pipeline})"."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(text)), re.IGNORECASE)


def without(columns: Columns, name: str, nothing: Sequence[str]) -> None:
    """Empty the cells that say *nothing* in other words, such as 9999-12-31; a clock time behind it aside."""
    cells = columns.column(name)
    if cells is not None:
        words = tuple(fold(word) for word in nothing)
        days = tuple(word for word in nothing if word[:4].isdigit())

        def read(text: str) -> str:
            return "" if fold(text) in words or (days and text.startswith(days)) else text

        columns.replace(name, _each(cells, read))


def dated(columns: Columns, name: str) -> int:
    """Write the days that a spreadsheet counts (45000.5) as days and times. Returns how many.

    Only when every cell of the column is such a number: a column with both is for the reader to decide.
    """
    cells = columns.column(name)
    if cells is None:
        return 0
    filled = cells[cells != ""]
    if not len(filled) or not all(_SERIAL.fullmatch(text) for text in filled):
        return 0
    columns.replace(name, _each(cells, _day))
    return len(filled)


def _day(text: str) -> str:
    if not text:
        return ""
    whole, _, part = text.partition(".")
    day = datetime.combine(_FIRST_SERIAL + timedelta(days=int(whole)), datetime.min.time())
    if not part.strip("0"):
        return day.date().isoformat()
    return (day + timedelta(seconds=round(float(f"0.{part}") * 86_400))).isoformat(" ")


def unpivot(columns: Columns, how: Unpivot, period: PeriodOf) -> int:
    """Turn each filled cell under a heading like *how* says into a row of its own. Returns how many columns."""
    patterns = [_pattern(headings) for headings in how.headings]
    name = next(iter(patterns[0].groupindex))
    taken = {columns.heading(field) for field in (*columns.source.columns, *columns.source.parts)}
    words: dict[str, str] = {}
    for heading in columns.text.header:
        found = next((match for pattern in patterns if (match := pattern.fullmatch(unit(heading)[0]))), None)
        if found and heading not in taken and not (how.period and period(found[name]) is None):
            words[heading] = found[name].strip()
    if not words:
        return 0
    cells = {heading: _each(columns.cells[heading], str.strip) for heading in words}
    places = [np.flatnonzero(column != "") for column in cells.values()]
    rows = np.concatenate(places)
    order = np.argsort(rows, kind="stable")
    value = np.concatenate([column[place] for column, place in zip(cells.values(), places, strict=True)])
    headings = np.repeat(np.array(list(words), dtype=object), [len(place) for place in places])
    columns.used.update(words)
    columns.keep(rows[order])
    columns.add(how.value, value[order], [how.headings[0].replace(f"{{{name}}}", "…")])
    labels = headings[order]
    if how.period:
        spans = {heading: period(word) or ("", "") for heading, word in words.items()}
        for number, end in enumerate(("period_start", "period_end")):
            days = {heading: span[number] for heading, span in spans.items()}
            columns.add(end, _each(labels, days.__getitem__), [end])
    else:
        columns.add(name, _each(labels, words.__getitem__), [name])
    return len(words)


def short_ids(columns: Columns, name: str) -> int:
    """Write ids of 18 characters as the 15 that they extend. Returns how many.

    Salesforce adds three characters that repeat which of the 15 are capitals; a text in which they do not say
    that is no such id and stays whole.
    """
    cells = columns.column(name)
    if cells is None:
        return 0
    longer = sum(_is_long_id(text) for text in cells)
    if longer:
        columns.replace(name, _each(cells, lambda text: text[:15] if _is_long_id(text) else text))
    return longer


def _is_long_id(text: str) -> bool:
    if not _LONG_ID.fullmatch(text):
        return False
    groups = (text[start : start + 5] for start in (0, 5, 10))
    capitals = (sum(letter.isupper() << place for place, letter in enumerate(group)) for group in groups)
    return text[15:].upper() == "".join(_CAPITALS[number] for number in capitals)


def absorbed(columns: Columns, listed: str, key: str) -> None:
    """Say of each row that another row lists it as merged into itself: ``merged_into`` is that other row."""
    lists, ids = columns.column(listed), columns.column(key)
    heading = columns.heading(listed)
    if lists is None or ids is None or heading is None:
        return
    into = {old: new for new, text in zip(ids, lists, strict=True) for old in re.split(r"[;,\s]+", text) if old}
    cells = np.empty(len(ids), dtype=object)
    cells[:] = [into.get(text, "") for text in ids]
    columns.add("merged_into", cells, [heading])


def collapse(columns: Columns, by: str, order: str, equal: str, usual: str | None, stated: Choices) -> int:
    """Drop each row that repeats what the row before it, in time, of the same *by* says. Returns how many.

    The rows end in the order of time, so that a lookup finds the last one. Nothing is dropped while the order of
    day and month is open: the reader of the column will ask.
    """
    keys, values = columns.column(by), columns.column(equal)
    rows = _in_time(columns, by, order, usual, stated)
    if keys is None or values is None or rows is None:
        return 0
    kept = np.ones(len(keys), dtype=np.bool_)
    for before, row in pairwise(rows):
        kept[row] = keys[before] != keys[row] or fold(values[before]) != fold(values[row]) or not values[row]
    columns.keep(np.array(rows, dtype=np.int64)[kept[rows]])
    return int((~kept).sum())


def until(columns: Columns, by: str, order: str, name: str, usual: str | None, stated: Choices) -> None:
    """Let each row hold until the next one, in time, of the same *by*: its *order* becomes the *name* of this row.

    The last row of each stays without an end.
    """
    keys, times, heading = columns.column(by), columns.column(order), columns.heading(order)
    rows = _in_time(columns, by, order, usual, stated)
    if keys is None or times is None or heading is None or rows is None:
        return
    ends = np.full(len(keys), "", dtype=object)
    for row, after in pairwise(rows):
        if keys[row] == keys[after]:
            ends[row] = times[after]
    columns.add(name, ends, [heading])


def _in_time(columns: Columns, by: str, order: str, usual: str | None, stated: Choices) -> list[int] | None:
    """The rows by *by* and then by time; None when a column is missing or the order of day and month is open."""
    keys, times = columns.column(by), columns.column(order)
    if keys is None or times is None:
        return None
    written = {text: when for text in set(times) if (when := moments.taken_apart(text))}
    try:
        days = moments.day_order(list(written.values()), stated=stated.date_order, usual=usual)
    except Undecided:
        return None
    moment = [_order(written.get(text), days) for text in times]
    return sorted(range(len(keys)), key=lambda row: (keys[row], *moment[row], row))


def _order(written: moments.Written | None, days: str) -> tuple[date, time]:
    day = written.day(days) if written else None
    return day or date.max, (written.clock if written else None) or time()
