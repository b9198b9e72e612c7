"""Workbooks for tests: small ones by XlsxWriter, and hostile ones put together from XML by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>'
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_RELS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def workbook(
    path: Path, sheets: dict[str, Sequence[Sequence[Any]]], change: Callable[[Any, Any], None] | None = None
) -> Path:
    """Write one; texts stay texts, numbers numbers, days days. *change* (book, last sheet) makes it uglier."""
    book = xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if hasattr(cell, "hour"):
                    sheet.write_datetime(row, column, cell, moment)
                elif hasattr(cell, "year"):
                    sheet.write_datetime(row, column, cell, day)
                elif cell is not None:
                    sheet.write(row, column, cell)
    if change:
        change(book, sheet)
    book.close()
    return path


def by_hand(path: Path, rows: str, **more: str) -> Path:
    """A workbook whose only sheet has this XML between ``<sheetData>`` and its end. *more*: parts by name."""
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return packed(path, {"xl/worksheets/sheet1.xml": sheet, **more})


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    """A package with a list of one sheet and these parts."""
    whole: dict[str, str | bytes] = {"xl/workbook.xml": _BOOK, "xl/_rels/workbook.xml.rels": _LINKS, **parts}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    return path


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
