"""The language in which a CRM's form is written: what a TOML file in ``templates/crm/`` may say.

Every key is explained, with an example, in ``docs/add-a-crm.md``. A form holds data only, so a CRM is
added without Python. Here a file is read and checked; which form fits an export is decided in
:mod:`salescoach.crm.preset`, and what a form says is carried out in :mod:`salescoach.crm.shape`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salescoach.crm.headings import find
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES

REASONS = (
    "score",
    "setting",
    "recomputed",
    "automatic",
    "after_outcome",
    "private",
    "base_currency",
    "technical",
    "not_asked",
)
"""Why a known column is left out on purpose; a sentence for each stands in ``templates/words/*/forms.toml``."""

STAGE_MODES = ("ask", "status", "open")
"""Where stages come from when no file lists them. ask: the user says. status: from the deals, won and lost as
their status says. open: from the deals, all open, because this CRM keeps a closed deal in its last stage."""

Wanted = tuple[str | bool, ...]


@dataclass(frozen=True)
class Emptied:
    """A value that the exporter writes when it means nothing: *value* in *field* where the row says *when*."""

    field: str
    value: str
    when: Mapping[str, str]


@dataclass(frozen=True)
class Lookup:
    """A value from another file: there, *take* in the row whose *key* is this row's *by*.

    Several rows that differ: none of them, or with ``last`` the last one.
    """

    by: tuple[str, ...]
    file: str
    key: tuple[str, ...]
    take: str
    last: bool = False


@dataclass(frozen=True)
class Rule:
    """How a field is made of columns: where *when* holds, the text *then*, a column, columns joined, or a lookup."""

    field: str
    when: Mapping[str, Wanted]
    then: str = ""
    take: str = ""
    join: tuple[str, ...] = ()
    lookup: Lookup | None = None


@dataclass(frozen=True)
class Unpivot:
    """Columns that become rows: each heading like one of *headings* gives a row, its cell is *value*.

    ``period``: the word in the heading is a period such as 2026Q2; it becomes period_start and period_end.
    """

    headings: tuple[str, ...]
    value: str
    period: bool = False


@dataclass(frozen=True)
class Steps:
    """What is done to the text of a file before its columns are fields; carried out in this order."""

    where: Mapping[str, Wanted] = field(default_factory=dict)
    split: Mapping[str, str] = field(default_factory=dict)
    nothing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    serial: tuple[str, ...] = ()
    unpivot: Unpivot | None = None
    short_ids: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    absorbed: str = ""
    collapse: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class Source:
    """How the rows of one file become rows of one table.

    ``columns`` field: headings, the first found counts. ``constants`` field: text. ``values`` field:
    {raw: canonical}. ``units`` field: "percent". ``scale`` field: factor of its figures. ``distinct``:
    one row for each different combination, such as the managers named in a list of sellers.
    ``named_when_empty``: fields whose empty cells the report counts. ``by_name``: the file must have its
    name, its headings are not enough. ``names``: other names of the file. ``parts``: columns that are no field
    themselves. ``ignored`` heading: why it is left out. ``fallback``: used only when no other file gives the table.
    """

    file: str
    table: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    constants: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]
    scale: Mapping[str, int]
    distinct: bool
    emptied: tuple[Emptied, ...]
    named_when_empty: tuple[str, ...]
    by_name: bool = False
    names: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)
    fallback: bool = False
    steps: Steps = field(default_factory=Steps)

    def heading(self, name: str, header: Sequence[str]) -> str | None:
        """The heading that *name*, a field, a part or a heading itself, has in a file; None when it has none."""
        place = find(self.parts.get(name) or self.columns.get(name) or (name,), header)
        return None if place is None else header[place]

    def found(self, header: Sequence[str]) -> tuple[str, ...]:
        """The key headings that a file has."""
        headings = (self.heading(name, header) for name in self.key)
        return tuple(heading for heading in headings if heading is not None)


@dataclass(frozen=True)
class Reference:
    """A file whose rows are no table, only looked up; it must have its name, or one of *names*."""

    file: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Preset:
    """One CRM. ``rows`` are table rows that no file holds, such as its stages, as text by field."""

    name: str
    title: str
    decimal: str | None
    date_order: str | None
    timezone: str | None
    ignored_files: tuple[str, ...]
    sources: tuple[Source, ...]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    sha256: str
    stages: str = ""  # one of STAGE_MODES; empty: a file must list them
    references: tuple[Reference, ...] = ()


def read_preset(path: Path) -> Preset:
    """The form in a TOML file; InputError naming what is wrong in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    try:
        return _preset(path.stem, tomllib.loads(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"is not a CRM form: {error}", file=path.name) from None


TOP_KEYS = {"title", "canonical", "decimal", "date_order", "timezone", "ignored_files", "stages", "prefixes", "beside"}
"""What ``[crm]`` may say."""
_FIELDS = ("columns", "constants", "values", "units", "scale")
SOURCE_KEYS = {
    *("file", "names", "table", "key", "parts", "ignored", "distinct", "fallback", "empty", "named_when_empty"),
    *("where", "split", "nothing", "serial", "unpivot", "short_ids", "rule", "absorbed", "collapse"),
    *_FIELDS,
}
"""What ``[[source]]`` may say."""


def _preset(name: str, form: Mapping[str, Any], sha256: str) -> Preset:
    crm = form["crm"]
    _only(form, {"crm", "source", "reference", "rows", "stages"}, "top")
    _only(crm, TOP_KEYS, "crm")
    mode = crm.get("stages", "")
    if mode and mode not in STAGE_MODES:
        raise ValueError(f"crm: stages is one of {', '.join(STAGE_MODES)}, not '{mode}'")
    rows = {
        table: tuple({field: _text(value) for field, value in row.items()} for row in given)
        for table, given in form.get("rows", {}).items()
    }
    for table, given in rows.items():
        for row in given:
            _only(row, TABLES[table].names, f"rows.{table}")
    if "stages" in form:
        rows["stage"] = (*rows.get("stage", ()), *_stages(form["stages"]))
    prefixes = tuple(crm.get("prefixes", ()))
    sources = [_source(given, prefixes) for given in form.get("source", ())]
    beside = TABLES if crm.get("canonical") else crm.get("beside", ())
    _only(beside, TABLES, "crm, beside")
    sources += [_canonical(table) for table in beside]
    return Preset(
        name,
        crm["title"],
        crm.get("decimal"),
        crm.get("date_order"),
        crm.get("timezone"),
        tuple(crm.get("ignored_files", ())),
        tuple(sources),
        rows,
        sha256,
        mode,
        tuple(Reference(given["file"], tuple(given.get("names", ()))) for given in form.get("reference", ())),
    )


def _stages(given: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """The rows of the stage table that the short form ``[stages]`` stands for."""
    _only(given, {"pipeline", "open", "won", "lost", "qualified_from"}, "stages")
    first = given.get("qualified_from")
    if first is not None and first not in given["open"]:
        raise ValueError(f"stages, qualified_from: '{first}' is none of the open stages")
    rows: list[dict[str, str]] = []
    for kind in ("open", "won", "lost"):
        for stage in given[kind]:
            row = {"pipeline": given["pipeline"], "stage": stage, "order": str(len(rows) + 1), "kind": kind}
            if first is not None and kind == "open":
                row["qualified"] = _text(given["open"].index(stage) >= given["open"].index(first))
            rows.append(row)
    return tuple(rows)


def _source(given: Mapping[str, Any], prefixes: tuple[str, ...]) -> Source:
    place = f"source {given['file']}"
    _only(given, SOURCE_KEYS, place)
    names = TABLES[given["table"]].names
    for part in _FIELDS:
        _only(given.get(part, {}), names, f"{place}, {part}")
    _only(given.get("named_when_empty", ()), names, f"{place}, named_when_empty")
    emptied = tuple(Emptied(rule["field"], rule["value"], rule.get("when", {})) for rule in given.get("empty", ()))
    ignored = given.get("ignored", {})
    for heading, reason in ignored.items():
        if reason not in REASONS:
            raise ValueError(f"{place}, ignored, {heading}: '{reason}' is none of {', '.join(REASONS)}")
    return Source(
        given["file"],
        given["table"],
        tuple(given.get("key", ())),
        _headings(given["columns"], prefixes),
        given.get("constants", {}),
        given.get("values", {}),
        given.get("units", {}),
        given.get("scale", {}),
        given.get("distinct", False),
        emptied,
        tuple(given.get("named_when_empty", ())),
        names=tuple(given.get("names", ())),
        parts=_headings(given.get("parts", {}), prefixes),
        ignored={prefix + heading: reason for heading, reason in ignored.items() for prefix in ("", *prefixes)},
        fallback=given.get("fallback", False),
        steps=_steps(given, names, place),
    )


def _headings(given: Mapping[str, Any], prefixes: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each name with its headings, alone and after each prefix."""
    return {
        name: tuple(prefix + heading for heading in _list(headings) for prefix in ("", *prefixes))
        for name, headings in given.items()
    }


def _list(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _steps(given: Mapping[str, Any], names: Iterable[str], place: str) -> Steps:
    rules = tuple(_rule(rule, place) for rule in given.get("rule", ()))
    _only((rule.field for rule in rules), names, f"{place}, rule")
    unpivot = given.get("unpivot")
    if unpivot is not None:
        _only(unpivot, {"headings", "value", "period"}, f"{place}, unpivot")
        _only((unpivot["value"],), names, f"{place}, unpivot")
    collapse = given.get("collapse", {})
    _only(collapse, {"by", "order", "equal"}, f"{place}, collapse")
    return Steps(
        _wanted(given.get("where", {})),
        given.get("split", {}),
        {name: tuple(texts) for name, texts in given.get("nothing", {}).items()},
        tuple(given.get("serial", ())),
        Unpivot(_list(unpivot["headings"]), unpivot["value"], unpivot.get("period", False)) if unpivot else None,
        tuple(given.get("short_ids", ())),
        rules,
        given.get("absorbed", ""),
        (collapse["by"], collapse["order"], collapse["equal"]) if collapse else None,
    )


def _rule(given: Mapping[str, Any], place: str) -> Rule:
    ways = [way for way in ("then", "take", "join", "lookup") if way in given]
    if len(ways) != 1:
        raise ValueError(f"{place}, rule for {given['field']}: it needs one of then, take, join, lookup")
    _only(given, {"field", "when", *ways}, f"{place}, rule for {given['field']}")
    return Rule(
        given["field"],
        _wanted(given.get("when", {})),
        _text(given.get("then", "")),
        given.get("take", ""),
        tuple(given.get("join", ())),
        _lookup(given["lookup"], place) if "lookup" in given else None,
    )


def _lookup(given: Mapping[str, Any], place: str) -> Lookup:
    _only(given, {"by", "file", "key", "take", "last"}, f"{place}, lookup")
    return Lookup(_list(given["by"]), given["file"], _list(given["key"]), given["take"], given.get("last", False))


def _wanted(given: Mapping[str, Any]) -> dict[str, Wanted]:
    """What is wanted of each column: yes or no, a text, one of several, "" for nothing, "006*" for how it begins."""
    return {name: tuple(wanted) if isinstance(wanted, list) else (wanted,) for name, wanted in given.items()}


def _canonical(table: str) -> Source:
    """The source of a table in salescoach's own form. Quotas may also stand as people by periods, one column each."""
    columns = {field: (field,) for field in TABLES[table].names}
    steps = Steps(unpivot=Unpivot(("{period}",), "value", period=True)) if table == "quota" else Steps()
    key = TABLES[table].required
    return Source(table, table, key, columns, {}, {}, {}, {}, False, (), (), by_name=True, steps=steps)


def _only(given: Iterable[str], known: Iterable[str], place: str) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"{place}: there is no '{sorted(unknown)[0]}'")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
