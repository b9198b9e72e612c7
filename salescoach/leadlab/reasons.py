"""Reasons, alternatives and the work list in the reader's words, and as files without live formulas."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from salescoach.errors import InputError, WorkspaceError
from salescoach.scoring.explanation import Change, Explanation, Reason
from salescoach.scoring.worklist import NO_HOURS, Item, WorkList
from salescoach.words import Words

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def reason_text(reason: Reason, words: Words) -> str:
    """One reason: the column, the value that it has, for or against, and how strongly."""
    side = "for" if reason.effect > 0 else "against"
    return words(
        f"leads.reason.{side}", column=reason.column, value=value_text(reason.value, words),
        factor=words.language.number(math.exp(abs(reason.effect)), 1),
    )  # fmt: skip


def change_text(change: Change, p: float, words: Words) -> str:
    """One alternative: what the model would say if the column had another value."""
    percent = words.language.percent
    return words(
        "leads.reason.change", column=change.column, value=value_text(change.value, words), now=percent(p),
        then=percent(change.p),
    )  # fmt: skip


def explanation_lines(explanation: Explanation, changes: Sequence[Change], words: Words) -> list[str]:
    """Everything about one lead, a line each."""
    lines = [words("leads.reason.lead", lead=explanation.lead, p=words.language.percent(explanation.p))]
    lines += [f"  + {reason_text(reason, words)}" for reason in explanation.pros]
    lines += [f"  - {reason_text(reason, words)}" for reason in explanation.cons]
    if not explanation.pros and not explanation.cons:
        lines.append(f"  {words('leads.reason.nothing')}")
    return [*lines, *(f"  > {change_text(change, explanation.p, words)}" for change in changes)]


def value_text(value: float | str | None, words: Words) -> str:
    """The value that a column has, as the reader writes it."""
    if value is None:
        return words("leads.reason.missing")
    if isinstance(value, str):
        return value
    return words.language.number(value, 0 if float(value).is_integer() else 2)


def status_text(item: Item, words: Words) -> str:
    """Why a lead is on the list, or why not."""
    if item.override is not None:
        side = "work" if item.override.work else "aside"
        return words(f"leads.list.override_{side}", by=item.override.by, reason=item.override.reason)
    if item.status == NO_HOURS and math.isfinite(item.line):
        number = words.language.number
        return words("leads.list.below_line", earns=number(item.per_hour, 2), line=number(item.line, 2))
    return words(f"leads.list.{item.status}")


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
            _write_workbook(rows, path)
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


def _write_workbook(rows: Sequence[Sequence[str]], path: Path) -> None:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # loaded for workbooks only

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(path, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
        sheet.freeze_panes(1, 0)
