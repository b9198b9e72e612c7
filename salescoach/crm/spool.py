"""A long answer of a database: written to a file of our own, row by row, and then read fast like any large file.

The file lies in a folder that only its user can open, and is gone when the rows are on the desk. Nobody looks for a
title or a total in it, as one does in a file that people exported: every row of an answer is data.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from salescoach.crm.bulk import BulkTable, cells_of
from salescoach.crm.dialect import Choices, Dialect
from salescoach.crm.issues import Note
from salescoach.crm.text import Limits, NoRows, TextTable
from salescoach.errors import InputError

IN_A_DATABASE = Dialect("utf-8", "", "")
_PIECE = 5000  # rows written at a time
_BLANK = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_ASK = Choices()


@dataclass(frozen=True, kw_only=True)
class Spooled(BulkTable):
    """The answer of a database in a file whose last column says which row of the answer it is."""

    limits: Limits

    def texts(self) -> pl.LazyFrame:
        """Its cells, as columns ``c0``, ``c1`` …, and which row of the answer each is, as ``line``."""
        return cells_of(self.path, [*(f"c{number}" for number in range(len(self.header))), "line"], ",")

    def tells(self, frame: pl.DataFrame) -> bool:
        """True when its rows are those of the answer."""
        return np.array_equal(frame["_line"].to_numpy(), self.lines)

    def careful(self) -> TextTable:
        """The same rows in memory. InputError when they are more than it holds."""
        if len(self.lines) * len(self.header) > self.limits.cells:
            raise InputError(
                f"has {len(self.lines):,} rows of {len(self.header)} columns that are too odd to be read fast, and in "
                f"memory at most {self.limits.cells:,} cells are read. Take line ends out of its texts, or ask for "
                "fewer rows or columns.",
                file=self.file,
            )
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            *columns, _ = zip(*rows, strict=True)
        texts = tuple(np.array(column, dtype=object) for column in columns)
        return TextTable(
            self.file,
            self.header,
            texts,
            self.lines,
            (),
            self.dialect,
            self.sha256,
            self.size,
            self.notes,
            self.numeric,
        )


def spooled(
    file: str, header: tuple[str, ...], rows: Iterable[Sequence[str]], limits: Limits, held: ExitStack
) -> Spooled:
    """*rows*, read once, as a table of the name *file*; what is on the disk is gone when *held* is closed.

    Rows in which every cell is blank are left out and noted. InputError when the disk takes no more.
    """
    folder = Path(held.enter_context(TemporaryDirectory(prefix="salescoach-")))
    path = folder / "answer.csv"
    written = _Written(header)
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            for piece in written.pieces(rows):
                out.write(piece)
    except OSError as error:
        raise InputError(
            f"is too long for memory, and cannot be laid into a file meanwhile ({error.strerror}). Make room in "
            f"{folder.parent}, or ask for fewer rows.",
            file=file,
        ) from None
    if not written.lines:
        raise NoRows("no rows: the query answers with blank ones only.", file=file)
    return Spooled(
        file,
        header,
        (),
        np.array(written.lines, dtype=np.int64),
        (),
        IN_A_DATABASE,
        written.digest.hexdigest(),
        written.size,
        (Note("blank_rows", {"file": file, "n": written.blank}),) if written.blank else (),
        path=path,
        choices=_ASK,
        trimmed=False,
        tidy=written.tidy,
        limits=limits,
    )


class _Written:
    """What was written so far: which rows, and what is known of their texts."""

    def __init__(self, header: tuple[str, ...]) -> None:
        self.header = header
        self.lines = array("q")
        self.blank, self.size, self.tidy = 0, 0, True
        self.digest = hashlib.sha256()

    def pieces(self, rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        """The bytes of the file, some rows at a time."""
        numbered = enumerate(rows, 1)
        yield self._bytes([(*self.header, "line")])
        while piece := list(islice(numbered, _PIECE)):
            filled = [(number, row) for number, row in piece if any(text.strip() for text in row)]
            self.lines.extend(number for number, _ in filled)
            self.blank += len(piece) - len(filled)
            yield self._bytes([(*row, number) for number, row in filled])

    def _bytes(self, rows: Sequence[Sequence[object]]) -> bytes:
        target = io.StringIO(newline="")
        csv.writer(target, lineterminator="\r\n").writerows(rows)  # so that a cell with either of them is quoted
        text = target.getvalue()
        if self.tidy and (_BLANK.search(text) or max(text.count("\n"), text.count("\r")) > len(rows)):
            self.tidy = False
        data = text.encode()
        self.digest.update(data)
        self.size += len(data)
        return data
