"""Large delimited files, read by DuckDB: the same rows as :mod:`salescoach.crm.text` reads, only faster, or none.

Nothing is sniffed. The dialect is decided by the rules of :mod:`salescoach.crm.dialect`, every cell stays text,
and the number of rows is counted twice: by line ends here and by rows there. Whatever is not plain (blank
lines, cells over several lines, rows of another width, tabs, odd bytes) is left to the careful reader.
"""

from __future__ import annotations

import csv
import hashlib
import io
import mmap
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from salescoach.crm.desk import literal
from salescoach.crm.dialect import Choices, Dialect, decoded, separator
from salescoach.crm.layout import framed
from salescoach.crm.text import Limits, TextTable, read_table
from salescoach.errors import InputError

LARGE = 4 << 20
"""Bytes from which a file is worth it."""

_CHUNK = 16 << 20
_ENDS = 1 << 16  # bytes at either end that show what stands around the table
_SAMPLE = 4_000_004  # bytes that hold as many letters as the careful reader looks at
_BLANK_LINE = re.compile(rb"\n[ ,;|\"]*\r?(?:\n|\Z)")
_NEWLINE, _RETURN, _SPACE = b"\n\r "
_COULD_BE_BLANK = np.frombuffer(b' ,;|"\n\r', dtype=np.uint8)
_DAMAGE = tuple(letter.encode() for letter in "ÃÄÅâþÞðÐ\ufffd")
_UTF8 = ("utf-8", "UTF-8", "utf8", "UTF8")
_LIMITS = Limits()


@dataclass(frozen=True, kw_only=True)
class BulkTable(TextTable):
    """A file whose cells have not been read yet.

    ``sql`` is how DuckDB reads them, as columns ``c0``, ``c1`` …; ``trimmed``: they are ASCII, and none begins or ends
    with a space.
    """

    path: Path
    choices: Choices
    sql: str
    trimmed: bool

    def careful(self) -> TextTable:
        """The same file, read by the careful reader."""
        return read_table(self.path, self.choices)


def read_large(path: Path, choices: Choices, *, limits: Limits = _LIMITS, large: int = LARGE) -> BulkTable | None:
    """The file, if it is large and plain; None when the careful reader has to read it or to refuse it."""
    try:
        size = path.stat().st_size
        if not large <= size <= limits.bytes or choices.quote not in (None, '"'):
            return None
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _plain(path, data, choices, limits)
    except (OSError, ValueError, csv.Error, InputError):  # whoever reads it carefully will say what is wrong
        return None


def _plain(path: Path, data: mmap.mmap, choices: Choices, limits: Limits) -> BulkTable | None:
    first = data.find(b"\n")
    heading = data[: first + 1]
    if first < 0 or heading[:4].lower().startswith((b"\xef\xbb\xbf", b"sep=", b"\r", b"\n")):
        return None
    if _longest_line_exceeds(data, limits.cell):
        return None
    sample = data[:_SAMPLE].decode("utf-8", errors="ignore")
    mark = choices.separator or separator(sample, path.name, '"')
    edges = [edge.encode() for edge in (f"{mark} ", f" {mark}", " \n", "\n ", " \r", '" ', ' "')]
    sha256 = hashlib.sha256()
    lines = returns = pairs = start = 0
    blank, trimmed = False, True
    while start < len(data):
        end = data.rfind(b"\n", start, start + _CHUNK) + 1
        if not end or len(data) - start <= _CHUNK:
            end = len(data)
        chunk = data[start:end]  # ends after a line, so that neither a letter nor a line end is cut
        if not _readable(chunk, path.name, choices, first=not start):
            return None
        sha256.update(chunk)
        trimmed = trimmed and chunk.isascii() and not any(edge in chunk for edge in edges)
        letters = np.frombuffer(chunk, dtype=np.uint8)
        ends = np.flatnonzero(letters == _NEWLINE)
        carriage = int(np.count_nonzero(letters == _RETURN))
        if int(np.count_nonzero(letters < _SPACE)) != len(ends) + carriage:
            return None
        lines, returns = lines + len(ends), returns + carriage
        pairs += chunk.count(b"\r\n") if carriage else 0
        firsts = letters[np.concatenate(([0], ends[:-1] + 1))] if len(ends) else letters[:1]
        blank = blank or bool(np.isin(firsts, _COULD_BE_BLANK).any())
        start = end
    if (blank and _BLANK_LINE.search(data)) or (returns and not returns == pairs == lines):
        return None
    header = tuple(cell.strip() for cell in next(csv.reader([heading.decode("utf-8")], delimiter=mark, strict=True)))
    if _has_more_than_a_table(data, mark):
        return None
    rows = lines - 1 + (data[-1:] != b"\n")
    if rows < 1 or not all(header) or len(set(header)) < len(header) or len(header) > limits.columns:
        return None
    return BulkTable(
        path.name,
        header,
        (),
        np.arange(2, rows + 2, dtype=np.int64),
        (),
        Dialect(choices.encoding or "utf-8", mark, '"'),
        sha256.hexdigest(),
        len(data),
        path=path,
        choices=choices,
        sql=_sql(path, len(header), mark, limits),
        trimmed=trimmed,
    )


def _has_more_than_a_table(data: mmap.mmap, mark: str) -> bool:
    """True when there is a title above the heading, or a total or an imprint below the rows."""
    head = data[: data.rfind(b"\n", 0, _ENDS) + 1]
    tail = data[max(len(head), data.find(b"\n", max(0, len(data) - _ENDS)) + 1) :]
    text = io.StringIO((head + tail).decode("utf-8", errors="ignore"), newline="")
    rows = [row for row in csv.reader(text, delimiter=mark) if row]
    return framed(rows, range(len(rows))) != (0, len(rows))


def _readable(chunk: bytes, file: str, choices: Choices, *, first: bool) -> bool:
    """True for UTF-8 without damaged letters; the costly look is only for letters that damage leaves behind."""
    if chunk.isascii() and not first:
        return True
    if first or any(trace in chunk for trace in _DAMAGE):
        return decoded(chunk, file, choices.encoding)[1] in _UTF8
    chunk.decode("utf-8")  # UnicodeDecodeError, a ValueError, when it is not
    return True


def _longest_line_exceeds(data: mmap.mmap, limit: int) -> bool:
    start = 0
    while len(data) - start > limit:
        start = data.rfind(b"\n", start, start + limit) + 1
        if not start:
            return True
    return False


def _sql(path: Path, width: int, mark: str, limits: Limits) -> str:
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(width))
    return (
        f"read_csv({literal(str(path))}, columns = {{{columns}}}, auto_detect = false, header = false, skip = 1, "
        f"delim = {literal(mark)}, quote = '\"', escape = '\"', strict_mode = true, null_padding = false, "
        f"ignore_errors = false, comment = '', max_line_size = {max(limits.cell, 1 << 16) * 2}, encoding = 'utf-8')"
    )
