"""The rows of one table on their way in: typed values, where each came from, and what becomes of it.

Every row that a file holds ends in exactly one place: accepted, rejected (for good, or set aside until
somebody decides) or merged. Rules say so through :meth:`Rows.mark`, which also writes the issue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.issues import Issue
from salescoach.crm.parse import Mask, empty
from salescoach.crm.text import Ragged, TextColumn, TextTable
from salescoach.tables.schema import Table

_OWNER = ("owner_id", "rep_id", "rep_or_team")


@dataclass(frozen=True)
class Part:
    """The rows that one file gave to one table. ``rows[k]`` is the row of ``text`` behind row k, if it is one."""

    file: str
    lines: npt.NDArray[np.int64]
    frame: pd.DataFrame
    raw: Mapping[str, TextColumn]
    headings: Mapping[str, str]
    text: TextTable | None = None
    rows: npt.NDArray[np.int64] | None = None


@dataclass
class Rows:
    """All rows of one table. ``fate`` is "" (accepted), R, Q or M for each; ``reason`` the rule behind it."""

    table: Table
    parts: list[Part]
    issues: list[Issue]
    ragged: list[tuple[TextTable, Ragged]] = field(default_factory=list)
    frame: pd.DataFrame = field(init=False)
    fate: npt.NDArray[np.object_] = field(init=False)
    reason: npt.NDArray[np.object_] = field(init=False)

    def __post_init__(self) -> None:
        frames = [part.frame for part in self.parts]
        self.frame = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0].reset_index(drop=True)
        self.fate = np.full(len(self.frame), "", dtype=object)
        self.reason = np.full(len(self.frame), "", dtype=object)
        self._first = np.cumsum([0, *map(len, frames)])
        for text, row in self.ragged:
            detail = f"{len(row.cells)} / {len(text.header)}"
            self.issues.append(Issue(self.table.name, text.file, row.line, "", "", "P1", "R", detail=detail))

    @property
    def alive(self) -> Mask:
        """Rows that nothing has taken out."""
        return np.asarray(self.fate == "", dtype=np.bool_)

    @property
    def accepted(self) -> pd.DataFrame:
        """The rows that are used: canonical columns, ``source_file``, ``source_row``."""
        return self.frame.assign(source_file=self._files(), source_row=self._lines())[self.alive].reset_index(drop=True)

    def has(self, *columns: str) -> bool:
        """True when every one of *columns* holds something in some row."""
        return all(self.frame[column].notna().any() for column in columns)

    def fill(self, column: str, rows: Mask, values: object) -> None:
        """Put *values* into some rows of a column, keeping its type."""
        changed = self.frame[column].copy()
        changed[rows] = values
        self.frame[column] = changed

    def mark(self, rule: str, level: str, rows: Mask | pd.Series[bool], column: str, detail: str = "") -> int:
        """Write an issue for each of *rows*, and let its level act on the row. Returns how many.

        R and Q take the row out, M (in the log F) merges it into another, V empties the value, F only counts.
        """
        mask = np.asarray(rows, dtype=np.bool_)
        if level != "R":
            mask = mask & (self.alive | (self.fate == "Q"))
        places = np.flatnonzero(mask)
        owners = next((self.frame[name] for name in _OWNER if name in self.frame), None)
        for place in places:
            part, position = self._origin(int(place))
            raw = part.raw.get(column)
            self.issues.append(
                Issue(
                    self.table.name,
                    part.file,
                    int(part.lines[position]),
                    part.headings.get(column, column),
                    "" if raw is None else str(raw[position]),
                    rule,
                    "F" if level == "M" else level,
                    None if owners is None or pd.isna(owners.iloc[place]) else str(owners.iloc[place]),
                    detail,
                )
            )
        if level in ("R", "Q", "M"):
            taken = mask & ((self.fate == "") | ((self.fate == "Q") & (level == "R")))
            self.fate[taken], self.reason[taken] = level, rule
        elif level == "V" and len(places):
            self.fill(column, mask, empty(self.table[column], 1).iloc[0])
        return len(places)

    def place(self, row: int, column: str) -> tuple[str, int, str]:
        """File, line and heading of a cell: where a person finds it."""
        part, position = self._origin(row)
        return part.file, int(part.lines[position]), part.headings.get(column, column)

    def set_aside(self) -> list[dict[str, Any]]:
        """Rejected and set-aside rows as they stand in their file: file, row, level, rule, cells by heading."""
        kept: list[dict[str, Any]] = []
        for text, row in self.ragged:
            cells = {str(number): cell for number, cell in enumerate(row.cells, 1)}
            kept.append({"file": text.file, "row": row.line, "level": "R", "rule": "P1", "cells": cells})
        for place in np.flatnonzero((self.fate == "R") | (self.fate == "Q")):
            part, position = self._origin(int(place))
            cells = {part.headings.get(name, name): str(column[position]) for name, column in part.raw.items()}
            if part.text is not None and part.rows is not None:
                cells = part.text.cells(int(part.rows[position]))
            kept.append(
                {
                    "file": part.file,
                    "row": int(part.lines[position]),
                    "level": self.fate[place],
                    "rule": self.reason[place],
                    "cells": cells,
                }
            )
        return kept

    def count(self) -> dict[str, int]:
        """rows_in = accepted + rejected + merged; ``quarantined`` is the part of rejected that waits for a decision."""
        fates = {fate: int((self.fate == fate).sum()) for fate in ("", "R", "Q", "M")}
        return {
            "rows_in": len(self.frame) + len(self.ragged),
            "accepted": fates[""],
            "rejected": fates["R"] + fates["Q"] + len(self.ragged),
            "merged": fates["M"],
            "quarantined": fates["Q"],
        }

    def _origin(self, place: int) -> tuple[Part, int]:
        number = int(np.searchsorted(self._first, place, side="right")) - 1
        return self.parts[number], place - int(self._first[number])

    def _files(self) -> npt.NDArray[np.object_]:
        return np.repeat(
            np.array([part.file for part in self.parts], dtype=object), [len(part.frame) for part in self.parts]
        )

    def _lines(self) -> npt.NDArray[np.int64]:
        return np.concatenate([part.lines for part in self.parts]).astype(np.int64)
