"""How a delimited text file is written: its encoding, separator, quote, decimal mark and date order.

What the file itself decides is proposed with a reason; what it leaves open is asked for, with the
candidates and an example from the file. Nothing here prefers the likelier of two readings.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import re
from dataclasses import dataclass
from typing import Any

from salescoach.crm.layout import heading_at
from salescoach.errors import InputError

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_SAMPLE_ROWS = 1000
_SAMPLE = 1_000_000
_BINARY = {
    b"PK\x03\x04": "a zip archive or an Excel workbook (xlsx)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (xls)",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF document",
}

# Letters and signs that a Turkish or Western European office writes; all else in a file that is not
# UTF-8, or a quotation mark inside a word, means that cp1254 is probably the wrong table.
_TURKISH = "çğıöşüÇĞİÖŞÜâîûÂÎÛéÉäÄßñÑ€’‘“”–—…«»°·•™®©½²³§´\xa0"
_IMPLAUSIBLE = re.compile(rf"[^\x00-\x7f{_TURKISH}]|\w[“”«»§•°]\w")

# UTF-8 that some program read as cp1252 or latin-1 and saved again; cp1254 read as latin-1; letters given up.
_MOJIBAKE = re.compile("Ã[\x87\x96\x9c\xa0-\xbf‡–œ]|[ÄÅ][±°Ÿž\x9e\x9f]|â€|[þÞðÐ\ufffd]")


@dataclass(frozen=True)
class Dialect:
    """How one file was read: a Python codec, the character between cells, the quote ("" = none)."""

    encoding: str
    separator: str
    quote: str


@dataclass(frozen=True)
class Choices:
    """What the caller knows about the files. None = let each file decide, and ask when it does not.

    ``encoding`` a Python codec name; ``separator`` one character; ``quote`` one character, or "" when
    quotes are ordinary characters; ``decimal`` "." or ","; ``date_order`` "dmy" or "mdy".
    """

    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    decimal: str | None = None
    date_order: str | None = None

    def __post_init__(self) -> None:
        if self.encoding is not None:
            try:
                codecs.lookup(self.encoding)
            except LookupError:
                raise InputError(f"'{self.encoding}' is not an encoding; common ones: utf-8, cp1254, utf-16.") from None
        for what, value, allowed in (
            ("separator", self.separator, re.compile('[^\r\n\0"]', re.DOTALL)),
            ("quote", self.quote, re.compile("[^\r\n\0 ]?", re.DOTALL)),
            ("decimal mark", self.decimal, re.compile("[.,]")),
            ("date order", self.date_order, re.compile("dmy|mdy")),
        ):
            if value is not None and not allowed.fullmatch(value):
                raise InputError(f"{value!r} is not a {what}; see the help of the import command.")
        if self.quote and self.quote == self.separator:
            raise InputError(f"{self.quote!r} cannot be both quote and separator.")


def decoded(data: bytes, file: str, given: str | None) -> tuple[str, str]:
    """The text of a file and the encoding it was read with.

    Valid UTF-8 is UTF-8. Bytes that are not, and that read as Turkish in cp1254, are cp1254. Anything
    else, and text that was damaged before it was saved, is refused unless the caller named the encoding.
    """
    for start, kind in _BINARY.items():
        if data.startswith(start):
            raise InputError(f"is {kind}, not a text file. Save it as CSV, or unpack it, and import that.", file=file)
    encoding = given or _encoding(data, file)
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, UnicodeError) as error:
        raise InputError(
            f"is not text in {encoding} ({error}). Name its encoding, or export it as UTF-8.", file=file
        ) from None
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise InputError(
            "holds NUL characters, so it is not a text file in this encoding. Export it again as CSV in UTF-8.",
            file=file,
            row=text.count("\n", 0, text.index("\0")) + 1,
        )
    damaged = None if given or text.isascii() else _MOJIBAKE.search(text)
    if damaged:
        raise InputError(
            f'"{_around(text, damaged.start())}" looks like letters that were damaged before this file was saved. '
            f"Export it again as UTF-8; if the text is right as it is, import with the encoding stated: {encoding}.",
            file=file,
            row=text.count("\n", 0, damaged.start()) + 1,
        )
    return text, encoding


def _encoding(data: bytes, file: str) -> str:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = error.start
    else:
        return "utf-8"
    if b"\0" in data:
        raise InputError(
            "holds NUL bytes, so it is not a text file; perhaps UTF-16 without a mark at its start. "
            "Export it again as CSV in UTF-8.",
            file=file,
            row=data.count(b"\n", 0, data.index(b"\0")) + 1,
        )
    if not _IMPLAUSIBLE.search(data.decode("cp1254", errors="replace")):
        return "cp1254"
    place = data[max(0, where - 20) : where + 20]
    readings = ", ".join(
        f'{name}: "{_line_at(place.decode(name, errors="replace"))}"'
        for name in ("cp1254", "cp1252", "cp1250", "cp1251")
    )
    raise InputError(
        f"is not UTF-8, and its encoding is not clear. It reads as {readings}. "
        "Say which is right with --encoding, or export it as UTF-8.",
        file=file,
        row=data.count(b"\n", 0, where) + 1,
        asks="encoding",
        example=readings,
    )


def _around(text: str, position: int) -> str:
    return _line_at(text[max(0, position - 15) : position + 15])


def _line_at(text: str) -> str:
    return " ".join(text.split())


def separator(text: str, file: str, quote: str) -> str:
    """The character between two cells.

    The one that cuts the heading; when several do, the one that cuts clearly more rows into as many cells.
    A file in which none of the four cuts anything has one column. InputError otherwise.
    """
    found = {mark: _regularity(text, mark, quote) for mark in SEPARATORS}
    cutting = {mark: score for mark, (width, score) in found.items() if width > 1}
    if all(width <= 1 and score == 1 for width, score in found.values()):
        return ","
    if len(cutting) == 1 and (only := next(iter(cutting.items())))[1] > 0:
        return only[0]
    if max(cutting.values(), default=0.0) == 0:  # no row looks like the first: it may be a title
        below = {mark: _regularity(text, mark, quote, below_titles=True) for mark in SEPARATORS}
        cutting = {mark: score for mark, (width, score) in below.items() if width > 2} or cutting
        if len(cutting) == 1:
            return next(iter(cutting))
    best = max(cutting.values(), default=0.0)
    leaders = [mark for mark, score in cutting.items() if score > best - 0.25]
    if len(leaders) != 1 or best < 0.5:
        raise _undecided(text, file, tuple(leaders or (mark for mark in SEPARATORS if mark in text)))
    return leaders[0]


def _regularity(text: str, mark: str, quote: str, *, below_titles: bool = False) -> tuple[int, float]:
    """Cells in the heading, and the share of rows that have as many."""
    reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=mark, **quoting(quote))
    widths: list[int] = []
    with contextlib.suppress(csv.Error):  # the reading proper will name the line; the rows before it have to do
        widths.extend(itertools.islice((len(row) for row in reader if row), _SAMPLE_ROWS))
    if len(text) > _SAMPLE and len(widths) > 2:
        widths.pop()  # cut in the middle
    heading, *rows = widths[heading_at(widths) if below_titles else 0 :] or [0]
    return heading, sum(width == heading for width in rows) / len(rows) if rows else 1.0


def quoting(quote: str) -> dict[str, Any]:
    """The csv module's arguments for a quote character; none when ``quote`` is empty."""
    return {"quotechar": quote, "doublequote": True} if quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}


def _undecided(text: str, file: str, candidates: tuple[str, ...]) -> InputError:
    first = next((line for line in text.splitlines() if line.strip()), "")
    names = " or ".join(SEPARATORS[mark] for mark in candidates) or ", ".join(SEPARATORS.values())
    return InputError(
        f'its separator is not clear ({names}?). It begins: "{first[:80]}". Say which with --separator.',
        file=file,
        row=1,
        asks="separator",
        example=first[:80],
    )
