"""The cells of an Excel workbook (xlsx, xlsm) as text, exactly as they are stored.

A workbook is a zip of XML. It is read here as a stream, not by a library that builds the whole sheet
first: a sheet that claims 17 billion cells, or a bomb, must be refused within bounded memory. Macros,
links and formulas are never followed: of a formula the value that Excel stored beside it is taken.

What the cells mean as a table is said in :mod:`salescoach.crm.workbook`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from xml.parsers import expat

from salescoach.crm.archive import Archive
from salescoach.crm.text import Limits
from salescoach.crm.xlsx_cells import Figure, SharedText, Sheet, SheetReader, calendar_text, format_kind, plain
from salescoach.errors import InputError

_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}


@dataclass(frozen=True)
class SheetPlace:
    """A sheet of the workbook's list: its name, its part of the package, whether people can see it."""

    name: str
    part: str
    visible: bool


class Book:
    """An open workbook. InputError, naming the file, for whatever is not one."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive, self._limits = archive, limits
        self.file = archive.file
        self._parts = set(archive.names())
        home = next((name for name in ("xl/workbook.xml", "xl/workbook2.xml") if name in self._parts), None)
        if home is None:
            raise InputError(
                "is not an Excel workbook (xlsx): the list of sheets is missing. Save it in Excel as xlsx, or as CSV.",
                file=self.file,
            )
        self._from_1904 = False
        self.sheets = self._sheet_list(home)
        self._kinds = self._cell_formats()
        self._texts = self._shared_texts()

    def has_pivot(self, place: SheetPlace) -> bool:
        """True when the sheet shows a pivot table."""
        return any("pivotTable" in kind for kind, _ in self._relations(place.part).values())

    def read(self, place: SheetPlace) -> Sheet:
        """The cells of one sheet, within the limits."""
        reader = SheetReader(self.text, self.figure, f"{self.file}/{place.name}", self._limits)
        self._parse(place.part, reader.start, reader.end, reader.data)
        return reader.sheet

    def text(self, number: str) -> str:
        """A shared text by its number; ValueError for one that is not there."""
        place = int(number)
        if not 0 <= place < len(self._texts):
            raise ValueError(number)
        return self._texts[place]

    def figure(self, stored: str, style: str | None) -> str:
        """A stored number as text: shortest form, or a day or moment in ISO form where its format says so.

        ValueError when it is no number, or no day.
        """
        kind = self._kinds[int(style)] if style and int(style) < len(self._kinds) else ""
        if kind:
            return calendar_text(float(stored), kind, _EPOCHS[self._from_1904])
        if re.fullmatch(r"-?[0-9]+", stored):
            return Figure(stored)
        return Figure(plain(float(stored)))

    def _sheet_list(self, home: str) -> tuple[SheetPlace, ...]:
        found: list[Mapping[str, str]] = []

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet":
                found.append(attributes)
            elif name == "workbookPr":
                self._from_1904 = attributes.get("date1904", "0") in ("1", "true")

        self._parse(home, start)
        relations = self._relations(home)
        sheets = []
        for sheet in found:
            relation = next((value for key, value in sheet.items() if key.endswith(":id") or key == "id"), "")
            kind, part = relations.get(relation, ("", ""))
            if kind.endswith("/worksheet") and part in self._parts:
                sheets.append(SheetPlace(sheet.get("name", ""), part, sheet.get("state", "visible") == "visible"))
        return tuple(sheets)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Relation id: (its kind, the part it leads to), for one part of the package."""
        home = PurePosixPath(part)
        file = str(home.parent / "_rels" / f"{home.name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                target = attributes.get("Target", "")
                path = target.lstrip("/") if target.startswith("/") else str(home.parent / target)
                found[attributes.get("Id", "")] = (attributes.get("Type", ""), path)

        if file in self._parts:
            self._parse(file, start)
        return found

    def _cell_formats(self) -> list[str]:
        """For each cell style "date", "clock" or "" (a plain number)."""
        own: dict[int, str] = {}
        styles: list[str] = []
        inside = [""]

        def start(name: str, attributes: Mapping[str, str]) -> None:
            if name == "numFmt" and inside[-1] == "numFmts":
                own[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            elif name == "xf" and inside[-1] == "cellXfs":
                number = int(attributes.get("numFmtId", "0"))
                styles.append(format_kind(number, own.get(number)))
            inside.append(name)

        if "xl/styles.xml" in self._parts:
            self._parse("xl/styles.xml", start, lambda _: inside.pop())
        return styles

    def _shared_texts(self) -> list[str]:
        texts: list[str] = []
        state = SharedText()

        def end(name: str) -> None:
            if name == "si":
                texts.append(state.taken())
                if len(texts) > self._limits.book_cells:
                    raise InputError(f"holds more than {len(texts) - 1:,} texts. Export it as CSV.", file=self.file)
            state.end(name)

        if "xl/sharedStrings.xml" in self._parts:
            self._parse("xl/sharedStrings.xml", state.start, end, state.data)
        return texts

    def _parse(
        self,
        part: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], object] | None = None,
        data: Callable[[str], None] | None = None,
    ) -> None:
        """Stream one part through an XML parser that knows no entities; names come without the root's prefix."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse_doctype

        def root(name: str, attributes: Mapping[str, str]) -> None:
            """Choose the handlers: with a prefix before every name, as few writers do, they need one step more."""
            prefix, mark, _ = name.rpartition(":")
            skip = len(prefix + mark)
            parser.StartElementHandler = (lambda name, given: start(name[skip:], given)) if skip else start
            if end is not None:
                parser.EndElementHandler = (lambda name: end(name[skip:])) if skip else end
            parser.CharacterDataHandler = data
            parser.StartElementHandler(name, attributes)

        parser.StartElementHandler = root
        try:
            for piece in self._archive.pieces(part):
                parser.Parse(piece)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError) as error:
            raise InputError(
                f"is damaged ({part}: {error}). Save it again in Excel, or as CSV.", file=self.file
            ) from None

    def _refuse_doctype(self, *_: object) -> None:
        raise InputError("holds a document type, as no workbook does. Save it again in Excel.", file=self.file)
