"""What was found in an export, row by row, in words a sales operations person can act on.

An issue names the file, the line, the heading and the value as they stand in the export. Levels: R the
row was rejected, Q the row was set aside, V one value was set aside, F the row is used and the fault is
counted. The log decides nothing and changes no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from itertools import groupby, repeat
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
        ((text,),) = messages((self,), words)
        return text


def messages(issues: Iterable[Issue], *languages: Words) -> list[tuple[str, ...]]:
    """The message of each issue in each language.

    A large export has many that differ in nothing but row and value, and a rule finds them one after another: such a
    run is put into words once.
    """
    told: list[tuple[str, ...]] = []
    for (rule, form, file, column, detail, rows), run in groupby(issues, key=_alike):
        alike = list(run)
        said = {"row": [str(each.row) for each in alike], "value": [shortened(each.value) for each in alike]}
        texts = []
        for words in languages:
            form_text, slots = _form_text(words, rule, form, file, column, detail, rows)
            given = zip(*(said[slot] for slot in slots), strict=True) if slots else repeat((), len(alike))
            texts.append([form_text % each for each in given])
        told += zip(*texts, strict=True)
    return told


def _alike(issue: Issue) -> tuple[str, str, str, str, str, int]:
    form = "all" if issue.row is None else issue.level
    return issue.rule, form, issue.file, issue.column, issue.detail, issue.rows


@lru_cache(4096)
def _form_text(
    words: Words, rule: str, form: str, file: str, column: str, detail: str, rows: int
) -> tuple[str, tuple[str, ...]]:
    """The message of a rule with a %s for each "row" and "value" still to be said, and which of the two each is."""
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
    pieces = " ".join(words(key, **{name: f"\0{name}\0" for name in words.slots(key)}) for key in keys).split("\0")
    same = {"n": words.language.number(rows), "detail": detail or "–", "file": file, "column": column}
    slots = tuple(slot for slot in pieces[1::2] if slot not in same)
    pieces[::2] = [piece.replace("%", "%%") for piece in pieces[::2]]
    pieces[1::2] = [same[slot].replace("%", "%%") if slot in same else "%s" for slot in pieces[1::2]]
    return "".join(pieces), slots


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


def issues_csv(issues: Iterable[Issue], told: Iterable[tuple[str, ...]], separator: str) -> bytes:
    """The issues with their messages, English and Turkish, as a CSV file that a spreadsheet opens rightly and in
    which no cell is a formula."""
    names = ("table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr")
    lines = [separator.join(names)]
    for (table, file, column), run in groupby(  # a large export says the same names and headings many times
        zip(issues, told, strict=True), key=lambda each: (each[0].table, each[0].file, each[0].column)
    ):
        where, heading = [_cell(text, separator) for text in (table, file)], _cell(column, separator)
        for issue, said in run:
            row = "" if issue.row is None else str(issue.row)
            texts = [_cell(text, separator) for text in (issue.value, *said)]
            lines.append(separator.join((*where, row, heading, texts[0], issue.rule, issue.level, *texts[1:])))
    return "\r\n".join([*lines, ""]).encode("utf-8-sig")


def _cell(text: str, separator: str) -> str:
    """As the csv module writes it, and harmless: many messages are much quicker written in this way."""
    cell = harmless(text)
    if separator in cell or '"' in cell or "\n" in cell or "\r" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


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
