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
import polars as pl

from salescoach.crm.dialect import Choices, Dialect, decoded, separator
from salescoach.crm.layout import framed
from salescoach.crm.letters import (
    NEWLINE,
    RETURN,
    SPACE,
    all_composed,
    among_bytes,
    doubtful_leads,
    letters_lost,
    space_at_an_edge,
    well_formed,
)
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
_UTF8 = ("utf-8", "UTF-8", "utf8", "UTF8")
_LIMITS = Limits()


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
    ends = np.flatnonzero(letters == NEWLINE)
    returns = int(np.count_nonzero(letters == RETURN))
    if odd or int(np.count_nonzero(letters < SPACE)) != len(ends) + returns:
        return _Part(odd=True)
    quotes = b'"' in chunk
    if not well_formed(letters, ends, mark, width, quotes=quotes):
        return _Part(odd=True)
    firsts = letters[np.concatenate(([0], ends[:-1] + 1))] if len(ends) else letters[:1]
    return _Part(
        odd=False,
        lines=len(ends),
        returns=returns,
        pairs=chunk.count(b"\r\n") if returns else 0,
        blank=bool(among_bytes(_BLANK_STARTS)[firsts].any()),
        trimmed=not space_at_an_edge(letters, mark) and (plain or all_composed(letters, leads)),
        quotes=quotes,
    )


def _has_more_than_a_table(data: mmap.mmap, mark: str) -> bool:
    """True when there is a title above the heading, or a total or an imprint below the rows."""
    head = data[: data.rfind(b"\n", 0, _ENDS) + 1]
    tail = data[max(len(head), data.find(b"\n", max(0, len(data) - _ENDS)) + 1) :]
    text = io.StringIO((head + tail).decode("utf-8", errors="ignore"), newline="")
    rows = [row for row in csv.reader(text, delimiter=mark) if row]
    return framed(rows, range(len(rows))) != (0, len(rows))


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
