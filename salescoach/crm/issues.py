"""What was found in an export, row by row, in words a sales operations person can act on.

An issue names the file, the line, the heading and the value as they stand in the export. Levels: R the
row was rejected, Q the row was set aside, V one value was set aside, F the row is used and the fault is
counted. The log decides nothing and changes no row.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from salescoach.language import shortened
from salescoach.tables.schema import Field
from salescoach.words import Words

ISSUE_FIELDS = (
    Field("table", "text", "Table"),
    Field("file", "text", "File"),
    Field("row", "int", "Line; missing for many rows at once"),
    Field("column", "text", "Heading"),
    Field("value", "text", "As it stands in the file"),
    Field("rule", "text", "Rule"),
    Field("level", "text", "R, Q, V or F"),
    Field("owner_id", "text", "Whose row, when known"),
    Field("count", "int", "Rows it is about"),
    Field("message_en", "text", "In English"),
    Field("message_tr", "text", "In Turkish"),
)


class Issue(NamedTuple):
    """One finding. ``row`` is the line in the file, None when it is about ``count`` rows at once."""

    table: str
    file: str
    row: int | None
    column: str
    value: str
    rule: str
    level: str
    owner_id: str | None = None
    detail: str = ""
    rows: int = 1

    def message(self, words: Words) -> str:
        """Where, what was found, what was expected, what was done, what to do."""
        form = "all" if self.row is None else self.level
        pieces = list(_pieces(words, self.rule, form, bool(self.column)))
        for number in range(1, len(pieces), 2):
            pieces[number] = self._said(pieces[number], words)
        return "".join(pieces)

    def _said(self, slot: str, words: Words) -> str:
        if slot == "value":
            return shortened(self.value)
        if slot == "n":
            return words.language.number(self.rows)
        if slot == "row":
            return str(self.row)
        if slot == "detail":
            return self.detail or "–"
        return self.file if slot == "file" else self.column


@cache
def _pieces(words: Words, rule: str, form: str, cell: bool) -> tuple[str, ...]:
    """The message of a rule, cut at its slots: text, slot, text … A large export has many messages of one form."""
    if form == "all":
        keys = [f"import.rule.{rule}.all"]
    else:
        done = f"import.rule.{rule}.done"
        keys = [
            "import.where.cell" if cell else "import.where.row",
            f"import.rule.{rule}.found",
            done if words.has(done) else f"import.done.{form}",
            f"import.rule.{rule}.do",
        ]
    text = " ".join(words(key, **{name: f"\0{name}\0" for name in words.slots(key)}) for key in keys)
    return tuple(text.split("\0"))


class Note(NamedTuple):
    """Something about a whole file or column that a reader of the report should know."""

    code: str
    values: Mapping[str, str | int]

    def message(self, words: Words) -> str:
        """The note as a sentence."""
        values = dict(self.values)
        if "table" in values:
            values["table"] = words(f"import.table.{values['table']}")
        return _filled(words, f"import.note.{self.code}", values)

    def to_dict(self, words: Iterable[Words]) -> dict[str, object]:
        """Stable keys ``code``, ``values``, and one ``message_<language>`` for each of *words*."""
        messages = {f"message_{each.language.code}": self.message(each) for each in words}
        return {"code": self.code, "values": dict(self.values), **messages}


def _filled(words: Words, key: str, values: Mapping[str, str | int]) -> str:
    return words(key, **{name: values[name] for name in words.slots(key)})


def issues_csv(issues: Iterable[Issue], messages: Iterable[tuple[str, str]], separator: str) -> bytes:
    """The issues with their messages, English and Turkish, as a CSV file that a spreadsheet opens rightly and in
    which no cell is a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, lineterminator="\r\n")
    writer.writerow(("table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr"))
    for issue, said in zip(issues, messages, strict=True):
        row = "" if issue.row is None else str(issue.row)
        cells = (issue.table, issue.file, row, issue.column, issue.value, issue.rule, issue.level, *said)
        writer.writerow([cell if cell[:1].isalnum() else harmless(cell) for cell in cells])
    return target.getvalue().encode("utf-8-sig")


_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)*")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: marked with ', unless it is a plain number.

    >>> harmless("=1+1"), harmless("-5"), harmless("Elif")
    ("'=1+1", '-5', 'Elif')
    """
    formula = cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n")
    return f"'{cell}" if formula and not _NUMBER.fullmatch(cell) else cell
