"""What is known about one CRM's exports: a TOML file in ``templates/crm/``, read and checked here.

A preset says which file feeds which table, under which headings, how stages and misspelt values map,
and how dates and numbers are usually written. It holds data only, so a CRM is added without Python.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salescoach.crm.headings import fold, share_found
from salescoach.crm.text import TextTable
from salescoach.errors import InputError, UsageError
from salescoach.resources import templates
from salescoach.tables.schema import REQUIRED_TABLES, TABLES

ENOUGH = 0.7
"""Share of its key headings at which a file is taken for a preset's."""


@dataclass(frozen=True)
class Emptied:
    """A value that the exporter writes when it means nothing: *value* in *field* where the row says *when*."""

    field: str
    value: str
    when: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """How the rows of one file become rows of one table.

    ``columns`` field: headings, the first found counts. ``constants`` field: text. ``values`` field:
    {raw: canonical}. ``units`` field: "percent". ``scale`` field: factor of its figures. ``distinct``:
    one row for each different combination, such as the managers named in a list of sellers.
    ``named_when_empty``: fields whose empty cells the report counts. ``by_name``: the file must have its
    name, its headings are not enough.
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


def load_preset(name: str) -> Preset:
    """The preset of that name; UsageError naming those that there are."""
    files = {path.stem: path for path in sorted(templates("crm").glob("*.toml"))}
    if name not in files:
        raise UsageError.unknown("CRM form", name, files)
    return read_preset(files[name])


def load_presets() -> tuple[Preset, ...]:
    """All presets, by name."""
    return tuple(read_preset(path) for path in sorted(templates("crm").glob("*.toml")))


def files_of(preset: Preset, tables: Sequence[TextTable]) -> dict[str, TextTable]:
    """Which of the files read is which file of the preset.

    By name, else by its key headings (:data:`ENOUGH` of them) when no other name claims the file. InputError
    when two files fit.
    """
    names = {fold(source.file) for source in preset.sources}
    unclaimed = [table for table in tables if fold(Path(table.file).stem) not in names]
    found: dict[str, TextTable] = {}
    for source in preset.sources:
        named = [table for table in tables if fold(Path(table.file).stem) == fold(source.file)]
        by_heading = [table for table in unclaimed if share_found(source.key, table.header) >= ENOUGH]
        alike = named or ([] if source.by_name else by_heading)
        if len(alike) > 1:
            raise InputError(
                f"{' and '.join(table.file for table in alike)} can both be '{source.file}' of {preset.title}. "
                "Leave one of them in the folder."
            )
        if alike and source.file not in found:
            found[source.file] = alike[0]
    return found


def detect(tables: Sequence[TextTable], presets: Sequence[Preset]) -> Preset:
    """The preset whose key headings are there, for each table that is needed.

    InputError when none fits, naming what is missing for the nearest, and when several fit equally.
    """
    scores = {preset.name: _score(preset, tables) for preset in presets}
    best = max(scores.values())
    leaders = [preset for preset in presets if scores[preset.name] == best]
    if best < ENOUGH:
        missing = _missing(leaders[0], tables)
        raise InputError(
            f"These files are of no known form ({', '.join(preset.title for preset in presets)}). "
            f"Nearest: {leaders[0].title}, but {missing}. State the form with --crm, or export these columns too."
        )
    if len(leaders) > 1:
        names = ", ".join(preset.name for preset in leaders)
        raise InputError(f"These files fit several forms equally: {names}. Say which with --crm.")
    return leaders[0]


def needed(preset: Preset) -> Iterable[Source]:
    """The sources of the tables without which there is no page; one per table and file."""
    return [
        source
        for source in preset.sources
        if source.table in REQUIRED_TABLES and source.table not in preset.rows and not source.distinct
    ]


def _score(preset: Preset, tables: Sequence[TextTable]) -> float:
    """Share of the key headings found, in the worst of the files that are needed."""
    files = files_of(preset, tables)
    return min(
        (
            share_found(source.key, files[source.file].header) if source.file in files else 0.0
            for source in needed(preset)
        ),
        default=0.0,
    )


def _missing(preset: Preset, tables: Sequence[TextTable]) -> str:
    files = files_of(preset, tables)
    for source in needed(preset):
        if source.file not in files:
            return f"there is no file '{source.file}.csv'"
        if share_found(source.key, files[source.file].header) < ENOUGH:
            absent = [key for key in source.key if not share_found([key], files[source.file].header)]
            return f"{files[source.file].file} has no {', '.join(absent)}"
    return "nothing of it is there"


def read_preset(path: Path) -> Preset:
    """The preset in a TOML file; InputError naming what is wrong in it."""
    data = path.read_bytes()
    try:
        return _preset(path.stem, tomllib.loads(data.decode("utf-8")), hashlib.sha256(data).hexdigest())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"is not a CRM form: {error}", file=path.name) from None


_CRM = {"title", "canonical", "decimal", "date_order", "timezone", "ignored_files"}
_SOURCE = {
    "file",
    "table",
    "key",
    "columns",
    "constants",
    "values",
    "units",
    "scale",
    "distinct",
    "empty",
    "named_when_empty",
}


def _preset(name: str, form: Mapping[str, Any], sha256: str) -> Preset:
    crm = form["crm"]
    _only(form, {"crm", "source", "rows"}, "top")
    _only(crm, _CRM, "crm")
    rows = {
        table: tuple({field: _text(value) for field, value in row.items()} for row in given)
        for table, given in form.get("rows", {}).items()
    }
    for table, given in rows.items():
        for row in given:
            _only(row, TABLES[table].names, f"rows.{table}")
    sources = [_source(given) for given in form.get("source", ())]
    if crm.get("canonical"):
        sources += [_canonical(table) for table in TABLES]
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
    )


def _source(given: Mapping[str, Any]) -> Source:
    place = f"source {given['file']}"
    _only(given, _SOURCE, place)
    names = TABLES[given["table"]].names
    for part in ("columns", "constants", "values", "units", "scale"):
        _only(given.get(part, {}), names, f"{place}, {part}")
    _only(given.get("named_when_empty", ()), names, f"{place}, named_when_empty")
    emptied = tuple(Emptied(rule["field"], rule["value"], rule.get("when", {})) for rule in given.get("empty", ()))
    columns = {
        field: (headings,) if isinstance(headings, str) else tuple(headings)
        for field, headings in given["columns"].items()
    }
    return Source(
        given["file"],
        given["table"],
        tuple(given.get("key", ())),
        columns,
        given.get("constants", {}),
        given.get("values", {}),
        given.get("units", {}),
        given.get("scale", {}),
        given.get("distinct", False),
        emptied,
        tuple(given.get("named_when_empty", ())),
    )


def _canonical(table: str) -> Source:
    columns = {field: (field,) for field in TABLES[table].names}
    return Source(table, table, TABLES[table].required, columns, {}, {}, {}, {}, False, (), (), by_name=True)


def _only(given: Iterable[str], known: Iterable[str], place: str) -> None:
    unknown = set(given) - set(known)
    if unknown:
        raise ValueError(f"{place}: there is no '{sorted(unknown)[0]}'")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
