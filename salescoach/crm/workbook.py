"""The sheets of an Excel workbook as tables of text. Every cell stays what it was, or the sheet is refused.

Read are the sheets that people see. Hidden rows, pivot tables and cells merged across rows show something
else than what is stored, so such a sheet is refused and the export behind it asked for. Hidden columns
are ordinary columns: Dynamics keeps its ids there.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from salescoach.crm import amounts
from salescoach.crm.archive import Archive
from salescoach.crm.dialect import Choices, Dialect
from salescoach.crm.issues import Note
from salescoach.crm.layout import framed
from salescoach.crm.text import Limits, TextColumn, TextTable, table_of
from salescoach.crm.xlsx import Book, SheetPlace
from salescoach.crm.xlsx_cells import Figure, Sheet
from salescoach.errors import InputError

_OLD = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UNNAMED = re.compile(r"(sheet|sayfa|tabelle|feuil|hoja|planilha|foglio|blad|arkusz) ?[0-9]*", re.IGNORECASE)
_IN_A_BOOK = Dialect("utf-8", "", "")


def read_workbook(
    data: bytes, file: str, choices: Choices, limits: Limits, unread: Callable[[str, InputError], None]
) -> tuple[list[TextTable], list[Note]]:
    """The tables of a workbook, and notes about sheets that were passed over.

    A sheet is a table named ``file/sheet``, or ``file`` when it is the only one and nobody named it. One
    that cannot be read is given to *unread* with the reason. InputError when the whole file cannot.
    """
    if data.startswith(_OLD):
        raise InputError(
            "is protected by a password. Save it without one."
            if _ENCRYPTED in data
            else "is a workbook of the old kind (xls). Save it in Excel as xlsx, or as CSV.",
            file=file,
        )
    if not data.startswith(b"PK"):
        raise InputError("is not an Excel workbook (xlsx), whatever its name says. Export it again.", file=file)
    digest = hashlib.sha256(data).hexdigest()
    tables: list[TextTable] = []
    with Archive(io.BytesIO(data), file, limits) as archive:
        book = Book(archive, limits)
        visible = [place for place in book.sheets if place.visible]
        notes = [Note("sheet_hidden", {"file": f"{file}/{place.name}"}) for place in book.sheets if not place.visible]
        if not visible:
            raise InputError("holds no sheet that can be seen. Save it again in Excel, or as CSV.", file=file)
        alone = len(visible) == 1 and _UNNAMED.fullmatch(visible[0].name)
        for place in visible:
            name = file if alone else f"{file}/{place.name}"
            try:
                if table := _table(book, place, name, choices, digest, len(data)):
                    tables.append(table)
                else:
                    notes.append(Note("sheet_empty", {"file": name}))
            except InputError as error:
                unread(name, error)
    return tables, notes


def _table(book: Book, place: SheetPlace, name: str, choices: Choices, digest: str, size: int) -> TextTable | None:
    """One sheet as a table; None for a sheet without any cell."""
    if book.has_pivot(place):
        raise InputError(
            "shows a pivot table: sums, not rows. Export the list behind it from the CRM and import that.", file=name
        )
    sheet = book.read(place)
    if not sheet.rows:
        return None
    width = max(map(len, sheet.rows))
    for row in sheet.rows:
        row.extend([""] * (width - len(row)))
    _refuse_what_is_not_shown(sheet, name)
    table = table_of(sheet.rows, sheet.lines, name, _IN_A_BOOK, digest, size)
    figures = [any(type(cell) is Figure for cell in column) for column in table.columns]
    numeric = [
        heading
        for heading, column, some in zip(table.header, table.columns, figures, strict=True)
        if some and _all_figures(heading, column, table, choices)
    ]
    columns = tuple(
        np.array([str(cell) for cell in column], dtype=object) if some else column
        for column, some in zip(table.columns, figures, strict=True)
    )
    return replace(table, columns=columns, numeric=frozenset(numeric), broken=_broken(sheet, table))


def _all_figures(heading: str, column: TextColumn, table: TextTable, choices: Choices) -> bool:
    """True when no cell is text. InputError when one is text that reads as two numbers: the figures do not tell."""
    texts = [row for row, cell in enumerate(column) if cell and type(cell) is not Figure]
    for row in texts:
        number = amounts.taken_apart(column[row])
        if number is None or choices.decimal:
            continue
        point, comma = number.value("."), number.value(",")
        if point is not None and comma is not None and point != comma:
            raise InputError(
                f'the column holds numbers, but "{column[row]}" is text and can be {point} or {comma}. '
                "Turn it into a number in Excel, or say with --decimal how it is written.",
                file=table.file,
                row=int(table.lines[row]),
                column=heading,
            )
    return not texts


def _refuse_what_is_not_shown(sheet: Sheet, name: str) -> None:
    frame = framed(sheet.rows, sheet.lines)
    first = sheet.lines[frame.heading]
    last = sheet.lines[frame.end - 1]
    if sheet.hidden is not None:
        raise InputError(
            "is hidden, and other rows may be too. Clear the filter and show every row, or import the list "
            "behind this sheet: export it from the CRM.",
            file=name,
            row=sheet.hidden,
        )
    for top, bottom, left, right in sheet.merged:
        if first <= bottom and top <= last and (bottom > top or top == first):
            raise InputError(
                f"cells are merged here ({bottom - top + 1} rows, {right - left + 1} columns), so it is not clear what "
                "stands in each. Undo the merging, or import the list behind this sheet: export it from the CRM.",
                file=name,
                row=top,
            )


def _broken(sheet: Sheet, table: TextTable) -> tuple[tuple[int, str, str], ...]:
    """The cells that Excel could not compute, by line and heading, as far as they are in the table."""
    frame = framed(sheet.rows, sheet.lines)
    headings = [heading.strip() for heading in sheet.rows[frame.heading]]
    lines = set(table.lines.tolist())
    return tuple((line, headings[column], text) for line, column, text in sheet.broken if line in lines)
