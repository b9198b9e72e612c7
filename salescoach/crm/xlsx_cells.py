"""The cells of one sheet of an Excel workbook: gathered as its XML streams by, and written as exact text.

Figures keep the shortest text that is the same number; days and moments become ISO text where the cell's
format shows them so. What Excel could not compute is remembered with its place. Opens no file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from salescoach.crm.text import Limits
from salescoach.errors import InputError

NOT_COMPUTED = "(formula without a value)"

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_DATE_FORMATS = {14, 15, 16, 17, 22, *range(27, 32), 34, 35, 36, *range(50, 55), 57, 58}
_CLOCK_FORMATS = {18, 19, 20, 21, 32, 33, 45, 46, 47, 55, 56}
_NOT_TOKENS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_MERGED = re.compile(r"([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)")


class Figure(str):
    """A cell in which the workbook stores a number, written as text; all other cells are ``str``."""

    __slots__ = ()


@dataclass
class Sheet:
    """The filled cells of one sheet. ``rows[k]`` are the cells of line ``lines[k]`` from the first column on."""

    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    hidden: int | None = None  # the first hidden line with cells
    broken: list[tuple[int, int, str]] = field(default_factory=list)  # line, column from 0, text
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first line, last line, first, last column


class SharedText:
    """Puts a text together from its runs, without the reading aids (phonetic runs) of East Asian texts."""

    def __init__(self) -> None:
        self._runs: list[str] = []
        self._in_text = self._in_aid = False

    def start(self, name: str, _: Mapping[str, str]) -> None:
        self._in_aid |= name == "rPh"
        self._in_text = name == "t" and not self._in_aid

    def end(self, name: str) -> None:
        self._in_text = False
        if name == "rPh":
            self._in_aid = False

    def data(self, text: str) -> None:
        if self._in_text:
            self._runs.append(text)

    def taken(self) -> str:
        text = "".join(self._runs)
        self._runs.clear()
        return unescaped(text)


class SheetReader:
    """Handlers that gather the filled cells of one sheet."""

    def __init__(
        self, shared: Callable[[str], str], figure: Callable[[str, str | None], str], file: str, limits: Limits
    ) -> None:
        self.sheet = Sheet()
        self._shared, self._figure, self._file, self._limits = shared, figure, file, limits
        self._line = self._column = self._cells = 0
        self._row: dict[int, str] = {}
        self._hidden = self._formula = self._in_value = False
        self._kind = self._stored = ""
        self._style: str | None = None
        self._text = SharedText()

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._column = column_number(reference) if reference else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s")
            self._stored, self._formula = "", False
        elif name == "v":
            self._in_value = True
        elif name == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._column, self._hidden = -1, attributes.get("hidden") in ("1", "true")
        elif name == "f":
            self._formula = True
        elif name == "mergeCell" and (match := _MERGED.fullmatch(attributes.get("ref", ""))):
            first, top, last, bottom = match.groups()
            self.sheet.merged.append((int(top), int(bottom), column_number(first), column_number(last)))
        elif ":" in name:
            raise ValueError(f"{name} is not in the language of the sheet")
        elif self._kind == "inlineStr":
            self._text.start(name, attributes)

    def data(self, text: str) -> None:
        if self._in_value:
            self._stored += text
            if len(self._stored) > self._limits.cell:
                raise self._too_long()
        elif self._kind == "inlineStr":
            self._text.data(text)

    def end(self, name: str) -> None:
        if name == "v":
            self._in_value = False
        elif name == "c":
            if self._stored or self._formula or self._kind == "inlineStr":
                self._end_cell()
            self._kind = ""
        elif name == "row":
            self._end_row()
        elif self._kind == "inlineStr":
            self._text.end(name)

    def _end_cell(self) -> None:
        text = self._cell()
        if not text:
            return
        if self._column >= self._limits.columns:
            raise InputError(
                f"has more than {self._limits.columns:,} columns. Export fewer.", file=self._file, row=self._line
            )
        if len(text) > self._limits.cell:
            raise self._too_long()
        self._cells += 1
        if self._cells > self._limits.book_cells:
            raise InputError(
                f"has more than {self._limits.book_cells:,} cells. Export it as CSV.", file=self._file, row=self._line
            )
        self._row[self._column] = text

    def _cell(self) -> str:
        kind = self._kind
        try:
            if kind == "s":
                return self._shared(self._stored)
            if kind == "n" and self._stored:
                return self._figure(self._stored, self._style)
            if kind == "inlineStr":
                return self._text.taken()
            if kind == "b":
                return {"0": "false", "1": "true"}[self._stored]
            if kind in ("str", "d"):
                return unescaped(self._stored)
        except (ValueError, KeyError, OverflowError):
            pass  # whatever it is, the workbook cannot say: the cell is broken
        return self._broken(self._stored or NOT_COMPUTED)

    def _too_long(self) -> InputError:
        return InputError(
            f"a cell has more than {self._limits.cell:,} characters. Leave that column out.",
            file=self._file,
            row=self._line,
        )

    def _broken(self, text: str) -> str:
        self.sheet.broken.append((self._line, self._column, text))
        return text

    def _end_row(self) -> None:
        if not self._row:
            return
        sheet = self.sheet
        if sheet.lines and self._line <= sheet.lines[-1]:
            raise InputError("is damaged: its rows are not in order. Save it again in Excel.", file=self._file)
        if self._hidden and sheet.hidden is None:
            sheet.hidden = self._line
        cells = [""] * (max(self._row) + 1)
        for column, text in self._row.items():
            cells[column] = text
        sheet.rows.append(cells)
        sheet.lines.append(self._line)
        self._row.clear()


_COLUMNS: dict[str, int] = {}


def column_number(reference: str) -> int:
    """Column of a cell, counted from 0.

    >>> column_number("A1"), column_number("AB12")
    (0, 27)
    """
    letters = reference.rstrip("0123456789")
    if letters not in _COLUMNS:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise ValueError(f"{reference} is no place in a sheet")
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        _COLUMNS[letters] = number - 1
    return _COLUMNS[letters]


def format_kind(number: int, code: str | None) -> str:
    """What a number format shows: "date", "clock" or "" for a plain number.

    >>> format_kind(14, None), format_kind(164, "dd.mm.yyyy hh:mm"), format_kind(165, '#,##0.00 "days"')
    ('date', 'date', '')
    >>> format_kind(166, "[h]:mm"), format_kind(167, "[Red]0.00"), format_kind(168, "[$-41F]d mmmm yyyy")
    ('clock', '', 'date')
    """
    if code is None:
        return "date" if number in _DATE_FORMATS else "clock" if number in _CLOCK_FORMATS else ""
    tokens = _NOT_TOKENS.sub("", code.split(";")[0]).lower()
    if "general" in tokens:
        return ""
    if re.search("[yd]", tokens) or (re.search("m", tokens) and not re.search("[hs0#?]", tokens)):
        return "date"
    return "clock" if re.search("[hs]", tokens) else ""


def plain(number: float) -> str:
    """The shortest decimal text that is this number, without exponent.

    >>> plain(0.1), plain(4.3499999999999996), plain(12.0), plain(1e21)
    ('0.1', '4.35', '12', '1000000000000000000000')
    """
    exact = Decimal(repr(number))
    if not exact.is_finite():
        raise ValueError(number)
    return format(exact.quantize(1) if exact == exact.to_integral_value() and abs(exact) < 10**27 else exact, "f")


def calendar_text(serial: float, kind: str, epoch: datetime) -> str:
    """A day, a moment or a clock time, to the millisecond, which is as exact as Excel is."""
    milliseconds = round(serial * 86_400_000)
    if kind == "clock":
        seconds, rest = divmod(milliseconds, 1000)
        if seconds < 0:
            raise ValueError(serial)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"{clock}.{rest:03}" if rest else clock
    if serial < (0 if epoch.year == 1904 else 61):  # before March 1900 Excel counts a day that never was
        raise ValueError(serial)
    moment = epoch + timedelta(milliseconds=milliseconds)
    if moment == datetime(moment.year, moment.month, moment.day):
        return f"{moment:%Y-%m-%d}"
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def unescaped(text: str) -> str:
    """A text with the characters that XML cannot hold, which Excel writes as _x000D_."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if code == 0 or 0xD800 <= code < 0xE000 else chr(code)  # neither stands in any text
