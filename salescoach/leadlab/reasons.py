"""Reasons, alternatives and the work list in the reader's words, and as files without live formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from salescoach.errors import InputError, WorkspaceError
from salescoach.report.lead_words import change_text, reason_text, status_text
from salescoach.scoring.reasons import Change, Explanation
from salescoach.scoring.worklist import WorkList
from salescoach.words import Words

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def explanation_lines(explanation: Explanation, changes: Sequence[Change], words: Words) -> list[str]:
    """Everything about one lead, a line each."""
    lines = [words("leads.reason.lead", lead=explanation.lead, p=words.language.percent(explanation.p))]
    lines += [f"  + {reason_text(reason, words)}" for reason in explanation.pros]
    lines += [f"  - {reason_text(reason, words)}" for reason in explanation.cons]
    if not explanation.pros and not explanation.cons:
        lines.append(f"  {words('leads.reason.nothing')}")
    return [*lines, *(f"  > {change_text(change, explanation.p, words)}" for change in changes)]


def list_rows(made: WorkList, grades: Mapping[str, str], reasons: Mapping[str, str], words: Words) -> list[list[str]]:
    """The list as rows of text, the heading first."""
    titles = ("place", "lead", "owner", "probability", "grade", "per_hour", "status", "reasons")
    heading = [words(f"leads.list.heading.{title}") for title in titles]
    rows = [
        [
            str(item.place), item.lead, item.owner, words.language.percent(item.p, 1), grades.get(item.lead, ""),
            words.language.number(item.per_hour, 2), status_text(item, words), reasons.get(item.lead, ""),
        ]
        for item in made.items
    ]  # fmt: skip
    return [heading, *rows]


def write_rows(rows: Sequence[Sequence[str]], path: Path) -> None:
    """Write text rows as .csv or .xlsx. No cell is a formula: what begins like one is marked as text."""
    try:
        if path.suffix.lower() == ".csv":
            path.write_text(csv_text(rows), encoding="utf-8-sig", newline="")
        elif path.suffix.lower() == ".xlsx":
            path.write_bytes(workbook_bytes(rows))
        else:
            raise InputError(f"'{path.suffix}' is not a kind of file that is written; choose .csv or .xlsx.")
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be written ({error.strerror}).") from None


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """The rows as CSV; a cell that a spreadsheet would compute begins with an apostrophe.

    >>> csv_text([["=1+1", "a,b"]])
    '\\'=1+1,"a,b"\\r\\n'
    """
    text = io.StringIO()
    csv.writer(text).writerows([_inert(cell) for cell in row] for row in rows)
    return text.getvalue()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def workbook_bytes(rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as a workbook (.xlsx) of texts: no cell is a formula, a link or a number."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # loaded for workbooks only

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(target, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
    return target.getvalue()
