"""Read a CRM's form from its TOML file, and refuse, with its place, every word that a form does not know.

What the parts of a form mean is said in :mod:`salescoach.crm.form`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from salescoach.crm.form import (
    REASONS,
    STAGE_MODES,
    Emptied,
    Lookup,
    Preset,
    Reference,
    Rule,
    Source,
    Steps,
    Unpivot,
    Wanted,
)
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES


def read_preset(path: Path) -> Preset:
    """The form in a TOML file; InputError naming what is wrong in it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    return preset_of(path.stem, data)


@lru_cache(64)
def preset_of(name: str, data: bytes) -> Preset:
    """The form of that name in TOML; InputError as above. The same text is understood once."""
    try:
        return _preset(name, tomllib.loads(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"is not a CRM form: {error}", file=f"{name}.toml") from None


TOP_KEYS = {"title", "canonical", "decimal", "date_order", "timezone", "ignored_files", "stages", "prefixes", "beside"}
"""What ``[crm]`` may say."""
_FIELDS = ("columns", "constants", "values", "units", "scale")
SOURCE_KEYS = {
    *("file", "names", "table", "key", "parts", "ignored", "distinct", "fallback", "empty", "named_when_empty"),
    "last_day",
    *("where", "split", "nothing", "serial", "unpivot", "short_ids", "rule", "absorbed", "collapse", "until"),
    *_FIELDS,
}
"""What ``[[source]]`` may say."""


def _preset(name: str, form: Mapping[str, Any], sha256: str) -> Preset:
    crm = form["crm"]
    _only(form, {"crm", "source", "reference", "rows", "stages", "choices"}, "top")
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
    days = [each.name for each in TABLES[given["table"]].fields if each.type == "date"]
    _only(given.get("last_day", ()), days, f"{place}, last_day")
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
        last_day=tuple(given.get("last_day", ())),
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
    until = given.get("until", {})
    _only(until, {"by", "order", "field"}, f"{place}, until")
    _only([until["field"]] if until else [], names, f"{place}, until")
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
        (until["by"], until["order"], until["field"]) if until else None,
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
