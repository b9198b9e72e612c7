"""A delimited text file as a table of text. Every cell stays what it was: ids such as 007, NA and 1E5 too.

A row with too many or too few cells is kept apart with its line, never shifted; a file whose quotes
are broken is refused, because after the break nobody knows where a row begins. Nothing is parsed here.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from salescoach.crm.dialect import SEPARATORS, Choices, Dialect, decoded, quoting, separator
from salescoach.crm.issues import Note
from salescoach.crm.layout import Frame, framed
from salescoach.errors import InputError
from salescoach.language import shortened

TextColumn = npt.NDArray[np.object_]


class NoRows(InputError):
    """A heading and nothing below it: a table that is there and empty."""


@dataclass(frozen=True)
class Limits:
    """What one export may hold. Beyond it the answer is an error, not a full memory."""

    bytes: int = 1 << 30  # of one file
    unpacked: int = 1 << 30  # of all that an archive or a workbook holds
    ratio: int = 200  # of unpacked to packed; text shrinks 5 to 40 times
    entries: int = 2000  # files in an archive
    rows: int = 10_000_000
    columns: int = 1000
    cells: int = 50_000_000  # of a table that is read cell by cell: about 4 GB
    held: int = 3_000_000  # of an answer of a database that is kept in memory; a longer one passes through a file
    book_cells: int = 3_000_000  # of a workbook, which is read more slowly
    cell: int = 100_000  # characters; the csv module's own limit is 131,072


_SHARED = 50_000  # different texts of a file that are looked for in later rows
_ASK = Choices()
_LIMITS = Limits()


@dataclass(frozen=True)
class Ragged:
    """A row whose number of cells is not that of the heading; ``line`` is its first line in the file."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class TextTable:
    """One table, read. ``columns[i][k]`` is the text under ``header[i]`` in the row at line ``lines[k]``.

    ``file`` is the name a person finds it by: ``deals.csv``, ``june.zip/deals.csv``, ``june.xlsx/Deals``.
    ``notes`` say what was left out. ``numeric``: headings under which the file holds numbers and not text,
    so that their decimal mark is a point. ``broken``: cells that a spreadsheet could not compute, as (line,
    heading, text).
    """

    file: str
    header: tuple[str, ...]
    columns: tuple[TextColumn, ...]
    lines: npt.NDArray[np.int64]
    ragged: tuple[Ragged, ...]
    dialect: Dialect
    sha256: str
    size: int
    notes: tuple[Note, ...] = ()
    numeric: frozenset[str] = frozenset()
    broken: tuple[tuple[int, str, str], ...] = ()

    def cells(self, row: int) -> dict[str, str]:
        """One row as it stands in the file, by heading."""
        return {heading: str(column[row]) for heading, column in zip(self.header, self.columns, strict=True)}


def read_table(
    path: Path, choices: Choices = _ASK, *, limits: Limits = _LIMITS, number_unnamed: bool = False
) -> TextTable:
    """Read one delimited text file. InputError, naming file, line and column, when it cannot be read.

    What *choices* leave open is decided by the file (see :mod:`salescoach.crm.dialect`). Lines without
    any character are not rows; a line number is that of a text editor, the heading usually being 1.
    A filled column without a heading is refused, or called ``column 1`` by its place when *number_unnamed*.
    """
    try:
        size = path.stat().st_size
        if size > limits.bytes:
            raise InputError(
                f"is {size:,} bytes long; the most that is read is {limits.bytes:,}. Export it in parts.",
                file=path.name,
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    return read_text(data, path.name, choices, limits=limits, number_unnamed=number_unnamed)


def read_text(
    data: bytes, file: str, choices: Choices = _ASK, *, limits: Limits = _LIMITS, number_unnamed: bool = False
) -> TextTable:
    """The same for the bytes of a file named *file*, wherever they come from."""
    if not data.strip():
        raise InputError("is empty. Export it again.", file=file)
    text, encoding = decoded(data, file, choices.encoding)
    quote = '"' if choices.quote is None else choices.quote
    text, stated, skipped = _stated_separator(text)
    mark = choices.separator or stated or separator(text, file, quote)
    rows, lines = _rows(text, file, mark, quote, limits, skipped)
    del text
    if number_unnamed and rows:
        rows[0] = [heading.strip() or f"column {number}" for number, heading in enumerate(rows[0], 1)]
    return table_of(rows, lines, file, Dialect(encoding, mark, quote), hashlib.sha256(data).hexdigest(), len(data))


def table_of(rows: list[list[str]], lines: list[int], file: str, dialect: Dialect, sha256: str, size: int) -> TextTable:
    """Rows with their lines as a table: its heading found, what stands around it left out and noted.

    InputError for a heading that is empty or says the same twice, for a table in which no row fits its
    heading, and for a column with values and no heading; NoRows when there is nothing below the heading.
    """
    frame = framed(rows, lines)
    notes = _notes(rows, lines, frame, file)
    header = tuple(heading.strip() for heading in rows[frame.heading])
    place = lines[frame.heading]
    if frame.heading and not any(letter.isalpha() for letter in "".join(header)):
        raise InputError("its heading is empty.", file=file, row=lines[0])  # figures below an empty row are data
    _check_header(header, file, place)
    rows, lines = rows[frame.heading + 1 : frame.end], lines[frame.heading + 1 : frame.end]
    if not rows:
        raise NoRows("no rows: there is a heading and nothing below it.", file=file, row=place)
    width = len(header)
    ragged = tuple(Ragged(line, tuple(row)) for row, line in zip(rows, lines, strict=True) if len(row) != width)
    if len(ragged) == len(rows):
        raise InputError(
            f"every row has another number of cells than the heading, which has {width}; the first has "
            f"{len(rows[0])}. Export it again, or state its separator.",
            file=file,
            row=lines[0],
        )
    if ragged:
        whole = [(row, line) for row, line in zip(rows, lines, strict=True) if len(row) == width]
        rows, lines = [row for row, _ in whole], [line for _, line in whole]
    columns = tuple(np.array(cells, dtype=object) for cells in zip(*rows, strict=True))
    header, columns = _without_unnamed(header, columns, file, lines)
    return TextTable(file, header, columns, np.array(lines, dtype=np.int64), ragged, dialect, sha256, size, notes)


def _stated_separator(text: str) -> tuple[str, str | None, int]:
    """Excel's own first line ``sep=;``: the rest, the separator, and how many lines were taken off."""
    first, _, rest = text.partition("\n")
    first = first.rstrip("\r")
    if len(first) == 5 and first.lower().startswith("sep=") and first[4] in SEPARATORS:
        return rest, first[4], 1
    return text, None, 0


def _rows(
    text: str, file: str, mark: str, quote: str, limits: Limits, skipped: int
) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True, **quoting(quote))
    rows: list[list[str]] = []
    lines: list[int] = []
    known: dict[str, str] = {}
    line, cells = 1 + skipped, 0
    try:
        for row in reader:
            if row:
                if len(row) > limits.columns:
                    raise InputError(
                        f"has {len(row):,} cells; the most that is read is {limits.columns:,}.", file=file, row=line
                    )
                if len("".join(row)) > limits.cell and max(map(len, row)) > limits.cell:  # joined: one cheap look
                    raise _too_long(file, line, limits)
                rows.append(_shared(row, known))
                lines.append(line)
                cells += len(row)
                if len(rows) > limits.rows or cells > limits.cells:
                    raise too_many(file, line, limits)
            line = reader.line_num + 1 + skipped
    except csv.Error as error:
        if "field limit" in str(error):
            raise _too_long(file, line, limits) from None
        raise InputError(
            f"its quotes are broken ({error}), so it cannot be told where this row ends. "
            "Correct this row, or export the file again.",
            file=file,
            row=line,
        ) from None
    if not rows:
        raise InputError("is empty. Export it again.", file=file)
    return rows, lines


def _shared(row: list[str], known: dict[str, str]) -> list[str]:
    """The row, each text that earlier rows hold, too, as the same one in memory: most cells of an export are such."""
    if len(known) < _SHARED:
        return [known.setdefault(cell, cell) for cell in row]
    return [known.get(cell, cell) for cell in row]


def _notes(rows: Sequence[Sequence[str]], lines: Sequence[int], frame: Frame, file: str) -> tuple[Note, ...]:
    """What was left out above and below the table, in the words of the file."""
    above = [cell.strip() for row in rows[: frame.heading] for cell in row if cell.strip()]
    below = [cell.strip() for row in rows[frame.end :] for cell in row if cell.strip()]
    notes = []
    if frame.heading:
        text = shortened(" · ".join(above))
        notes.append(Note("heading_below", {"file": file, "row": str(lines[frame.heading]), "text": text}))
    if frame.end < len(rows):
        row, n, text = str(lines[frame.end]), len(rows) - frame.end, shortened(" · ".join(below), 120)
        notes.append(Note("footer_cut", {"file": file, "row": row, "n": n, "text": text}))
    return tuple(notes)


def _check_header(header: tuple[str, ...], file: str, line: int) -> None:
    repeated = [heading for heading, count in Counter(header).items() if heading and count > 1]
    if repeated:
        places = [str(number) for number, heading in enumerate(header, 1) if heading == repeated[0]]
        raise InputError(
            f"the heading '{repeated[0]}' stands over columns {' and '.join(places)}. "
            "Give each column a name of its own.",
            file=file,
            row=line,
            column=repeated[0],
        )
    if not any(header):
        raise InputError("its heading is empty.", file=file, row=line)


def too_many(file: str, line: int, limits: Limits) -> InputError:
    """The error for a table that is longer than anything we promise to hold."""
    return InputError(
        f"goes on after {line:,} lines; the most that is read is {limits.rows:,} rows and {limits.cells:,} cells. "
        "Export it in parts.",
        file=file,
        row=line,
    )


def _too_long(file: str, line: int, limits: Limits) -> InputError:
    return InputError(
        f"a cell has more than {limits.cell:,} characters; perhaps a quote is opened and never closed. "
        "Correct it, or export the file again.",
        file=file,
        row=line,
    )


def _without_unnamed(
    header: tuple[str, ...], columns: tuple[TextColumn, ...], file: str, lines: list[int]
) -> tuple[tuple[str, ...], tuple[TextColumn, ...]]:
    """Leave out columns without a heading when they are empty, as spreadsheets write them; refuse them otherwise."""
    for number, (heading, column) in enumerate(zip(header, columns, strict=True), 1):
        filled = [row for row, cell in enumerate(column) if not heading and cell.strip()]
        if filled:
            raise InputError(
                f'column {number} has no heading but holds values such as "{column[filled[0]][:40]}". Give it a name.',
                file=file,
                row=lines[filled[0]],
            )
    named = [number for number, heading in enumerate(header) if heading]
    return tuple(header[number] for number in named), tuple(columns[number] for number in named)
