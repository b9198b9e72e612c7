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
from datetime import date
from functools import lru_cache
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
        return "".join(self._pieces(words, shortened(self.value)))

    def messages(self, *languages: Words) -> tuple[str, ...]:
        """The message in each language."""
        value = shortened(self.value)
        return tuple(["".join(self._pieces(words, value)) for words in languages])

    def _pieces(self, words: Words, value: str) -> list[str]:
        form = "all" if self.row is None else self.level
        pieces, places = _pieces(words, self.rule, form, self.file, self.column, self.detail, self.rows)
        row, said = str(self.row), pieces.copy()
        for place in places:
            said[place] = row if said[place] == "row" else value
        return said


@lru_cache(4096)
def _pieces(
    words: Words, rule: str, form: str, file: str, column: str, detail: str, rows: int
) -> tuple[list[str], tuple[int, ...]]:
    """The message of a rule in pieces, and at which places stands "row" or "value", still to be said.

    A large export has many messages that differ in nothing else.
    """
    if form == "all":
        keys = [f"import.rule.{rule}.all"]
    else:
        done = f"import.rule.{rule}.done"
        keys = [
            "import.where.cell" if column else "import.where.row",
            f"import.rule.{rule}.found",
            done if words.has(done) else f"import.done.{form}",
            f"import.rule.{rule}.do",
        ]
    text = " ".join(words(key, **{name: f"\0{name}\0" for name in words.slots(key)}) for key in keys)
    same = {"n": words.language.number(rows), "detail": detail or "–", "file": file, "column": column}
    pieces = text.split("\0")
    pieces[1::2] = [same.get(slot, slot) for slot in pieces[1::2]]
    slots = text.split("\0")[1::2]
    return pieces, tuple(2 * number + 1 for number, slot in enumerate(slots) if slot in ("row", "value"))


class Note(NamedTuple):
    """Something about a whole file or column that a reader of the report should know."""

    code: str
    values: Mapping[str, str | int]

    def message(self, words: Words) -> str:
        """The note as a sentence."""
        values = dict(self.values)
        if "table" in values:
            values["table"] = words(f"import.table.{values['table']}")
        if "day" in values:
            values["day"] = words.language.date(date.fromisoformat(str(values["day"])))
        return _filled(words, f"import.note.{self.code}", values)

    def to_dict(self, words: Iterable[Words]) -> dict[str, object]:
        """Stable keys ``code``, ``values``, and one ``message_<language>`` for each of *words*."""
        messages = {f"message_{each.language.code}": self.message(each) for each in words}
        return {"code": self.code, "values": dict(self.values), **messages}


def _filled(words: Words, key: str, values: Mapping[str, str | int]) -> str:
    return words(key, **{name: values[name] for name in words.slots(key)})


def issues_csv(issues: Iterable[Issue], messages: Iterable[tuple[str, ...]], separator: str) -> bytes:
    """The issues with their messages, English and Turkish, as a CSV file that a spreadsheet opens rightly and in
    which no cell is a formula."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=separator, lineterminator="\r\n")
    writer.writerow(("table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr"))
    known: dict[str, str] = {}  # a large export says the same names and headings many times

    def named(text: str) -> str:
        return known[text] if text in known else known.setdefault(text, harmless(text))

    writer.writerows(
        [
            named(issue.table),
            named(issue.file),
            issue.row,
            named(issue.column),
            harmless(issue.value),
            issue.rule,
            issue.level,
            *map(harmless, said),
        ]
        for issue, said in zip(issues, messages, strict=True)
    )
    return target.getvalue().encode("utf-8-sig")


_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)*")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: marked with ', unless it is a plain number.

    >>> harmless("=1+1"), harmless("-5"), harmless("Elif")
    ("'=1+1", '-5', 'Elif')
    """
    if cell[:1].isalnum():
        return cell
    formula = cell.lstrip()[:1] in ("=", "+", "-", "@") or cell[:1] in ("\t", "\r", "\n")
    return f"'{cell}" if formula and not _NUMBER.fullmatch(cell) else cell
