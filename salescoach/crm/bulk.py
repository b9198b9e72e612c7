"""Large delimited files, read by Polars: the same rows as :mod:`salescoach.crm.text` reads, only faster, or none.

Nothing is sniffed. The dialect is decided by the rules of :mod:`salescoach.crm.dialect`, every cell stays text,
and every row is looked at before it is read: as many cells as the heading has, quotes only where they belong.
Whatever is not plain (blank lines, cells over several lines, rows of another width, tabs, odd bytes) is left to the
careful reader.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import mmap
import os
import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl

from salescoach.crm.dialect import Choices, Dialect, decoded, separator
from salescoach.crm.layout import framed
from salescoach.crm.text import Limits, TextTable, read_table
from salescoach.errors import InputError

LARGE = 4 << 20
"""Bytes from which a file is worth it."""

_CHUNK = 1 << 20  # small enough for a processor's own memory: a look at twice as much takes four times as long
_ENDS = 1 << 16  # bytes at either end that show what stands around the table
_SAMPLE = 4_000_004  # bytes that hold as many letters as the careful reader looks at
_BLANK_LINE = re.compile(
    rb"\n(?:[ ,;|\"]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"
    rb"\r?(?:\n|\Z)"
)  # with the spaces beyond ASCII that str.strip() takes away
_BLANK_STARTS = b' ,;|"\n\r\xc2\xe1\xe2\xe3'
_NEWLINE, _RETURN, _SPACE, _QUOTE = b'\n\r "'
_UTF8 = ("utf-8", "UTF-8", "utf8", "UTF8")
_LIMITS = Limits()

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class BulkTable(TextTable):
    """A file whose cells have not been read yet.

    ``tidy``: no blank of ASCII but the space is in them; ``trimmed``: none needs trimming or composing.
    ``quotes``: there may be some.
    """

    path: Path
    choices: Choices
    trimmed: bool
    tidy: bool = True
    quotes: bool = True

    def texts(self) -> pl.LazyFrame:
        """Its cells, as columns ``c0``, ``c1`` …; an empty one is missing. PolarsError, when it is collected, for a
        row with more cells."""
        return cells_of(
            self.path, [f"c{number}" for number in range(len(self.header))], self.dialect.separator, quotes=self.quotes
        )

    def tells(self, frame: pl.DataFrame) -> bool:
        """True when a frame made of all its texts, with a column ``_line``, has its rows."""
        return len(frame) == len(self.lines)

    def careful(self) -> TextTable:
        """The same file, read by the careful reader."""
        return read_table(self.path, self.choices)


def read_large(path: Path, choices: Choices, *, limits: Limits = _LIMITS, large: int = LARGE) -> BulkTable | None:
    """The file, if it is large and plain; None when the careful reader has to read it or to refuse it."""
    try:
        size = path.stat().st_size
        if not large <= size <= limits.bytes or choices.quote not in (None, '"'):
            return None
        return _plain(path, size, choices, limits)
    except (
        OSError,
        ValueError,
        csv.Error,
        InputError,
        pl.exceptions.PolarsError,
    ):  # whoever reads it carefully will say what is wrong
        return None


def _plain(path: Path, size: int, choices: Choices, limits: Limits) -> BulkTable | None:
    with _mapped(path) as data:
        first = data.find(b"\n")
        heading = data[: first + 1]
        if first < 0 or heading[:4].lower().startswith((b"\xef\xbb\xbf", b"sep=", b"\r", b"\n")):
            return None
        if _longest_line_exceeds(data, limits.cell):
            return None
        mark = choices.separator or separator(data[:_SAMPLE].decode("utf-8", errors="ignore"), path.name, '"')
        if not mark.isascii() or _has_more_than_a_table(data, mark):
            return None
        spans, ended = _spans(data), data[-1:] == b"\n"
    header = tuple(cell.strip() for cell in next(csv.reader([heading.decode("utf-8")], delimiter=mark, strict=True)))
    parts, sha256 = _looked_at(path, spans, choices, mark, len(header))
    if any(part.odd for part in parts):
        return None
    lines, returns = sum(part.lines for part in parts), sum(part.returns for part in parts)
    if returns and not returns == sum(part.pairs for part in parts) == lines:
        return None
    if any(part.blank for part in parts):
        with _mapped(path) as data:
            if _BLANK_LINE.search(data):
                return None
    rows = lines - ended
    if rows < 1 or not all(header) or len(set(header)) < len(header) or len(header) > limits.columns:
        return None
    return BulkTable(
        path.name,
        header,
        (),
        np.arange(2, rows + 2, dtype=np.int64),
        (),
        Dialect(choices.encoding or "utf-8", mark, '"'),
        sha256,
        size,
        path=path,
        choices=choices,
        trimmed=all(part.trimmed for part in parts),
        quotes=any(part.quotes for part in parts),
    )


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    """The bytes of a file. Not for longer than needed: a large one takes much of the room for addresses."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


@dataclass(frozen=True)
class _Part:
    """What a look at some whole lines has shown. ``odd``: only the careful reader may decide about them."""

    odd: bool
    lines: int = 0
    returns: int = 0
    pairs: int = 0
    blank: bool = False
    trimmed: bool = False
    quotes: bool = False


def _spans(data: mmap.mmap) -> list[tuple[int, int]]:
    """Parts of a file that end after a line, so that neither a letter nor a line end is cut."""
    spans: list[tuple[int, int]] = []
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _CHUNK) + 1
        if not end or len(data) - start <= _CHUNK:
            end = len(data)
        spans.append((start, end))
        start = end
    return spans


def _looked_at(
    path: Path, spans: Sequence[tuple[int, int]], choices: Choices, mark: str, width: int
) -> tuple[list[_Part], str]:
    """Every part of the file, looked at side by side, and the digest of the whole."""
    with path.open("rb") as file, ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        mine = threading.local()  # memory that is used again and again: to touch new one costs more than to read

        def look(span: tuple[int, int]) -> _Part:
            room = mine.__dict__.setdefault("room", bytearray())
            _fetch(file, span, room)
            return _part(room, path.name, choices, mark, width, first=not span[0])

        def digest() -> str:
            sha256, room = hashlib.sha256(), bytearray()
            for span in spans:
                _fetch(file, span, room)
                sha256.update(room)
            return sha256.hexdigest()

        digested = pool.submit(digest)
        parts = list(pool.map(look, spans))
        return parts, digested.result()


def _fetch(file: BinaryIO, span: tuple[int, int], room: bytearray) -> None:
    """Read a part of the file into *room*, which then is as long as it."""
    start, end = span
    del room[end - start :]
    room.extend(bytes(end - start - len(room)))
    if os.preadv(file.fileno(), [room], start) < len(room):
        raise OSError(errno.EIO, "shorter than it was")


def _part(chunk: bytearray, file: str, choices: Choices, mark: str, width: int, *, first: bool) -> _Part:
    letters = np.frombuffer(chunk, dtype=np.uint8)
    plain = chunk.isascii()
    leads = doubtful_leads(letters) if not plain else np.empty(0, dtype=np.int64)
    lost = letters_lost(letters, leads)
    asked = chunk if lost else chunk[: chunk.find(b"\n") + 1] if first else b""  # its start may be that of another kind
    odd = bool(asked) and decoded(bytes(asked), file, choices.encoding)[1] not in _UTF8
    if not (odd or plain or lost):
        text = pl.Series([bytes(chunk)], dtype=pl.Binary)
        text.cast(pl.String)  # PolarsError when it is not UTF-8; decode() is slower
    ends = np.flatnonzero(letters == _NEWLINE)
    returns = int(np.count_nonzero(letters == _RETURN))
    if odd or int(np.count_nonzero(letters < _SPACE)) != len(ends) + returns:
        return _Part(odd=True)
    quotes = b'"' in chunk
    if not _well_formed(letters, ends, mark, width, quotes=quotes):
        return _Part(odd=True)
    firsts = letters[np.concatenate(([0], ends[:-1] + 1))] if len(ends) else letters[:1]
    return _Part(
        odd=False,
        lines=len(ends),
        returns=returns,
        pairs=chunk.count(b"\r\n") if returns else 0,
        blank=bool(_among(_BLANK_STARTS)[firsts].any()),
        trimmed=not _space_at_an_edge(letters, mark) and (plain or all_composed(letters, leads)),
        quotes=quotes,
    )


def _well_formed(letters: Bytes, ends: Places, mark: str, width: int, *, quotes: bool) -> bool:
    """True when the lines have *width* cells on the whole, and every quote opens, closes or is doubled in its cell.

    So a line with too few cells means that another has too many, and that is an error when they are read.
    """
    if len(letters) and letters[-1] != _NEWLINE:  # the last line of the file
        ends = np.append(ends, len(letters))
    if not quotes:
        marks = int(np.count_nonzero(letters == ord(mark)))
    else:
        places = np.flatnonzero(letters == _QUOTE)
        if not _quotes_belong(letters, places, mark) or (np.searchsorted(places, ends) % 2).any():
            return False
        found = np.flatnonzero(letters == ord(mark))
        marks = int(np.count_nonzero(np.searchsorted(places, found) % 2 == 0))
    return marks == len(ends) * (width - 1)


def _quotes_belong(letters: Bytes, quotes: Places, mark: str) -> bool:
    """True when quotes stand in pairs: at the start and at the end of a cell, or two as one inside."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    edge = _among(mark.encode() + b"\r\n")
    starts = (opening == 0) | edge[letters[opening - 1]]
    stops = (closing == len(letters) - 1) | edge[_after(letters, closing, 1)]
    doubled = closing[:-1] + 1 == opening[1:]
    starts[1:] |= doubled
    stops[:-1] |= doubled
    return bool(starts.all() and stops.all())


def _has_more_than_a_table(data: mmap.mmap, mark: str) -> bool:
    """True when there is a title above the heading, or a total or an imprint below the rows."""
    head = data[: data.rfind(b"\n", 0, _ENDS) + 1]
    tail = data[max(len(head), data.find(b"\n", max(0, len(data) - _ENDS)) + 1) :]
    text = io.StringIO((head + tail).decode("utf-8", errors="ignore"), newline="")
    rows = [row for row in csv.reader(text, delimiter=mark) if row]
    return framed(rows, range(len(rows))) != (0, len(rows))


_LEAD = 0xC0
"""From here on a byte begins a letter of several bytes."""


def _among(bytes_: bytes) -> npt.NDArray[np.bool_]:
    """A table that says of each of the 256 bytes whether it is one of these."""
    table = np.zeros(256, dtype=np.bool_)
    table[np.frombuffer(bytes_, dtype=np.uint8)] = True
    return table


_ALONE, _BEFORE = _among(b"\xbe\x9e\xb0\x90"), _among(b"\x83\x84\x85\xa2")
"""Second bytes of þ Þ ð Ð, and of Ã Ä Å â."""


def _everyday() -> npt.NDArray[np.bool_]:
    """A table that says of each two bytes whether they are a Latin letter with which nothing can be wrong."""
    table = np.zeros((256, 256), dtype=np.bool_)
    table[0xC3:0xC9, 0x80:0xC0] = True
    table[0xC3] &= ~(_ALONE | _BEFORE)
    return table.ravel()


_EVERYDAY = _everyday()


def doubtful_leads(letters: Bytes) -> Places:
    """Where letters of several bytes begin that are not everyday ones."""
    leads = np.flatnonzero(letters >= _LEAD)
    pairs = letters[leads].astype(np.uint16) << 8 | _after(letters, leads, 1)
    doubtful: Places = leads[~_EVERYDAY[pairs]]
    return doubtful


def _after(letters: Bytes, places: Places, number: int) -> Bytes:
    return np.take(letters, places + number, mode="clip")


def _space_at_an_edge(letters: Bytes, mark: str) -> bool:
    """True when a cell may begin or end with a space."""
    spaces = np.flatnonzero(letters == _SPACE)
    if not len(spaces):
        return False
    edge = _among(mark.encode() + b'"\r\n')
    if spaces[0] == 0 or spaces[-1] == len(letters) - 1:
        return True
    return bool(edge[letters[spaces - 1]].any() or edge[letters[spaces + 1]].any())


def letters_lost(letters: Bytes, leads: Places) -> bool:
    """True when there may be a trace of damaged letters, which :func:`decoded` then looks for: þ, Þ, ð, Ð and the
    sign for a lost letter anywhere; Ã, Ä, Å and â before a letter that is not ASCII."""
    lead, second, third = letters[leads], _after(letters, leads, 1), _after(letters, leads, 2)
    alone, before = _ALONE[second], _BEFORE[second] & (third >= _LEAD)
    return bool(((lead == 0xEF) | ((lead == 0xC3) & (alone | before))).any())


def all_composed(letters: Bytes, leads: Places) -> bool:
    """True when all letters beyond ASCII are among those that are one character in every normal form: Latin ones
    from À to ɏ, the dashes and quotation marks – — ‘ ’ “ ”, and the signs € and ₺."""
    lead, second, third = letters[leads], _after(letters, leads, 1), _after(letters, leads, 2)
    latin = (lead >= 0xC3) & (lead <= 0xC9) & ((lead < 0xC9) | (second <= 0x8F))
    dash = (second == 0x80) & _among(b"\x93\x94\x98\x99\x9c\x9d")[third]
    sign = (second == 0x82) & _among(b"\xac\xba")[third]
    return bool((latin | ((lead == 0xE2) & (dash | sign))).all())


def _longest_line_exceeds(data: mmap.mmap, limit: int) -> bool:
    start = 0
    while len(data) - start > limit:
        start = data.rfind(b"\n", start, start + limit) + 1
        if not start:
            return True
    return False


def cells_of(path: Path, names: Sequence[str], mark: str, *, quotes: bool = True) -> pl.LazyFrame:
    """A well-formed file below its heading: every cell as text, under *names*; an empty one is missing.

    PolarsError, when it is collected, for a row with more cells than there are names.
    """
    texts = pl.scan_csv(
        path.absolute(),
        has_header=False,
        skip_lines=1,
        schema=dict.fromkeys(names, pl.String),
        separator=mark,
        glob=False,
    )
    if not quotes:
        return texts
    return texts.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)) for name in names)  # "" is empty, too
