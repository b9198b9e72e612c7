"""What was found in an export, row by row, in words a sales operations person can act on.

An issue names the file, the line, the heading and the value as they stand in the export. Levels: R the
row was rejected, Q the row was set aside, V one value was set aside, F the row is used and the fault is
counted. The log decides nothing and changes no row.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple, overload

from salescoach.crm.interrupts import pl
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
        pieces = [*_pieces(words, self.rule, form, self.file, self.column, self.detail, self.rows)]
        said = {"row": str(self.row), "value": shortened(self.value)}
        pieces[1::2] = [said[slot] for slot in pieces[1::2]]
        return "".join(pieces)


_FINDING = {
    "table": pl.String, "file": pl.String, "row": pl.Int64, "column": pl.String, "value": pl.String, "rule": pl.String,
    "level": pl.String, "owner_id": pl.String, "detail": pl.String, "rows": pl.Int64,
}  # fmt: skip


class Findings(Sequence[Issue]):
    """The findings of an import, in the order in which they were made; as columns, because there may be very many.

    >>> found = Findings([Issue("rep", "rep.csv", 2, "email", "x", "P6", "V")])
    >>> found.frame["value"].to_list(), found[0].row
    (['x'], 2)
    """

    def __init__(self, issues: Iterable[Issue] = ()) -> None:
        self._frames: list[pl.DataFrame] = []
        self._single = list(issues)

    def append(self, issue: Issue) -> None:
        """Add one finding."""
        self._single.append(issue)

    def add(self, findings: pl.DataFrame) -> None:
        """Add many, with the columns of an :class:`Issue`."""
        self._frames = [self.frame, findings.select(pl.col(name).cast(kind) for name, kind in _FINDING.items())]

    @property
    def frame(self) -> pl.DataFrame:
        """All of them, with the columns of an :class:`Issue`."""
        self._frames.append(pl.DataFrame(self._single, schema=_FINDING, orient="row"))
        self._single = []
        self._frames = [pl.concat(self._frames)]
        return self._frames[0]

    def of(self, rule: str) -> list[Issue]:
        """Those of one rule."""
        return [Issue(*row) for row in self.frame.filter(pl.col("rule") == rule).iter_rows()]

    def __len__(self) -> int:
        return len(self.frame)

    def __iter__(self) -> Iterator[Issue]:
        return (Issue(*row) for row in self.frame.iter_rows())

    @overload
    def __getitem__(self, place: int) -> Issue: ...
    @overload
    def __getitem__(self, place: slice) -> list[Issue]: ...
    def __getitem__(self, place: int | slice) -> Issue | list[Issue]:
        return [Issue(*row) for row in self.frame[place].iter_rows()] if isinstance(place, slice) else [*self][place]

    def __eq__(self, other: object) -> bool:
        return [*self] == [*other] if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it grows


def told(findings: pl.DataFrame, *languages: Words) -> pl.DataFrame:
    """The findings with the message of each in each language, ``message_<language>``.

    A large export has many that differ in nothing but row and value: what they share is put into words once.
    """
    form = pl.when(pl.col("row").is_null()).then(pl.lit("all")).otherwise("level")
    findings = findings.with_columns(form=form, shown=_shortened(findings["value"]))
    slots = {"row": pl.col("row").cast(pl.String), "value": pl.col("shown")}
    alike = ["rule", "form", "file", "column", "detail", "rows"]
    names = [f"message_{words.language.code}" for words in languages]
    said = [pl.DataFrame(schema={"place": pl.UInt32, **dict.fromkeys(names, pl.String)})]
    for group in findings.with_row_index("place").partition_by(alike, maintain_order=True):
        same = group.select(alike).row(0)
        texts = {}
        for name, words in zip(names, languages, strict=True):
            pieces = _pieces(words, *same)
            text = [slots[piece] if number % 2 else pl.lit(piece) for number, piece in enumerate(pieces)]
            texts[name] = pl.concat_str(text)
        said.append(group.select("place", **texts))
    messages = pl.concat(said).sort("place").drop("place")
    return findings.hstack(messages).drop("form", "shown")


def _shortened(texts: pl.Series) -> pl.Series:
    """Each text as :func:`shortened` has it; most are short and on one line as they are."""
    long = (texts.str.len_chars() > 60) | texts.str.contains(r"^\s|\s$|\s\s|[^\S ]|[\x1c-\x1f]")
    return texts.replace({text: shortened(text) for text in texts.filter(long).unique()})


@lru_cache(4096)
def _pieces(words: Words, rule: str, form: str, file: str, column: str, detail: str, rows: int) -> tuple[str, ...]:
    """The message of a rule: text and, after it, "row" or "value", where these are still to be said, and so on."""
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
    said = [pieces[0]]
    for slot, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if slot in same:
            said[-1] += same[slot] + text
        else:
            said += [slot, text]
    return tuple(said)


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


def issues_csv(findings: pl.DataFrame, separator: str) -> bytes:
    """The findings with their messages, English and Turkish, as a CSV file that a spreadsheet opens rightly and in
    which no cell is a formula."""
    names = ("table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr")
    texts = [name for name in names if name != "row"]
    # No cell that begins with a letter is a formula, and most columns hold no other.
    letter = findings.select(pl.col(texts).is_between(pl.lit("A"), pl.lit("{"), closed="left").all()).row(0, named=True)
    cells = [pl.col(name) if letter.get(name, True) else _cell(pl.col(name)).alias(name) for name in names]
    file = io.BytesIO()
    findings.lazy().select(cells).sink_csv(
        file, separator=separator, line_terminator="\r\n", quote_style="necessary", include_bom=True
    )
    return file.getvalue()


def _cell(text: pl.Expr) -> pl.Expr:
    """As :func:`harmless` has it: many cells are much quicker done in this way. An empty one is missing, because Polars
    would put it in quotes."""
    formula = text.str.contains(r"^(?:[\s\x1c-\x1f]*[=+\-@]|[\t\r\n])") & ~text.str.contains(f"^(?:{_NUMBER.pattern})$")
    return pl.when(formula).then("'" + text).when(text != "").then(text)


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
