"""Which CRM an export comes from, and which of its files is which: by their names and their key headings.

What a form may say stands in :mod:`salescoach.crm.form`. A proposal says on which headings it rests; two
forms, or two files, that fit equally well are asked about, never chosen between.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from salescoach.crm.form import Emptied, Preset, Reference, Source
from salescoach.crm.form_file import read_preset
from salescoach.crm.headings import fold
from salescoach.crm.text import TextTable
from salescoach.errors import InputError, UsageError
from salescoach.resources import templates
from salescoach.tables.schema import REQUIRED_TABLES

__all__ = [
    "ENOUGH",
    "Emptied",
    "Preset",
    "Source",
    "detect",
    "files_of",
    "load_preset",
    "load_presets",
    "needed",
    "read_preset",
]

ENOUGH = 0.7
"""Share of its key headings at which a file is taken for a preset's."""


def load_preset(name: str) -> Preset:
    """The form of that name, or in that TOML file; UsageError naming those that there are."""
    files = {path.stem: path for path in sorted(templates("crm").glob("*.toml"))}
    own = Path(name)
    if own.suffix == ".toml" and own.is_file():
        return read_preset(own)
    if name not in files:
        raise UsageError.unknown("CRM form", name, files)
    return read_preset(files[name])


def load_presets() -> tuple[Preset, ...]:
    """All presets, by name."""
    return tuple(read_preset(path) for path in sorted(templates("crm").glob("*.toml")))


def files_of(preset: Preset, tables: Sequence[TextTable]) -> dict[str, TextTable]:
    """Which of the files read is which file of the preset.

    By name; else each file is the one of whose key headings it has most (:data:`ENOUGH` of them at least),
    when no file of that name is there. InputError when two files fit.
    """
    claims = _claims(preset, tables)
    for file, alike in claims.items():
        if len(alike) > 1:
            raise InputError(
                f"{' and '.join(table.file for table in alike)} can both be '{file}' of {preset.title}. "
                "Leave one of them in the folder."
            )
    return {file: alike[0] for file, alike in claims.items()}


def detect(tables: Sequence[TextTable], presets: Sequence[Preset]) -> Preset:
    """The preset whose key headings are there, for each table that is needed.

    InputError when none fits, naming what is missing for the nearest, and when several fit equally.
    """
    scores = {preset.name: _score(preset, tables) for preset in presets}
    best = max(scores.values())
    leaders = [preset for preset in presets if scores[preset.name] == best]
    if best[0] < ENOUGH:
        nearest = max(presets, key=lambda preset: _nearness(preset, tables))
        raise InputError(
            f"These files are of no known form ({', '.join(preset.title for preset in presets)}). "
            f"Nearest: {nearest.title}, but {_missing(nearest, tables)}. State the form with --crm, or export these "
            "columns too."
        )
    if len(leaders) > 1:
        names = ", ".join(preset.name for preset in leaders)
        raise InputError(f"These files fit several forms equally: {names}. Say which with --crm.")
    return leaders[0]


def needed(preset: Preset) -> Iterable[Source]:
    """The sources of the tables without which there is no page; one per table and file.

    A table that the form states itself, or can take from another file, is not among them.
    """
    elsewhere = {*preset.rows, *(source.table for source in preset.sources if source.fallback)}
    elsewhere |= {"stage"} if preset.stages else set()
    return [
        source
        for source in preset.sources
        if source.table in REQUIRED_TABLES and source.table not in elsewhere and not source.distinct
    ]


def _claims(preset: Preset, tables: Sequence[TextTable]) -> dict[str, list[TextTable]]:
    """Each file of the preset with the tables that can be it."""
    files: tuple[Source | Reference, ...] = (*preset.sources, *preset.references)
    names = {fold(name): each.file for each in files for name in (each.file, *each.names)}
    named: dict[str, list[TextTable]] = defaultdict(list)
    alike: dict[str, list[TextTable]] = defaultdict(list)
    for table in tables:
        stem = fold(Path(table.file).stem)
        if stem in names:
            named[names[stem]].append(table)
        elif nearest := _nearest(preset, table):
            alike[nearest].append(table)
    return {each.file: claims for each in files if (claims := named[each.file] or alike[each.file])}


def _nearest(preset: Preset, table: TextTable) -> str | None:
    """The file of the preset of whose key headings *table* has the greatest share, then the most."""
    fits = [
        (_share(source, table), len(source.found(table.header)), source.file)
        for source in preset.sources
        if source.key and not source.by_name
    ]
    share, _, file = max(fits, key=lambda fit: fit[:2], default=(0.0, 0, ""))
    return file if share >= ENOUGH else None


def _share(source: Source, table: TextTable) -> float:
    return len(source.found(table.header)) / len(source.key) if source.key else 0.0


def _score(preset: Preset, tables: Sequence[TextTable]) -> tuple[float, int]:
    """Share of the key headings found in the worst of the files that are needed, and how many were found in all."""
    files = _claims(preset, tables)
    pairs = [(source, files[source.file][0] if source.file in files else None) for source in needed(preset)]
    worst = min((_share(source, table) if table else 0.0 for source, table in pairs), default=0.0)
    return worst, sum(len(source.found(table.header)) for source, table in pairs if table)


def _nearness(preset: Preset, tables: Sequence[TextTable]) -> float:
    """Share of all the key headings of the files that are needed, one missing file not counting for all."""
    files = _claims(preset, tables)
    wanted = sum(len(source.key) for source in needed(preset))
    found = sum(len(source.found(files[source.file][0].header)) for source in needed(preset) if source.file in files)
    return found / wanted if wanted else 0.0


def _missing(preset: Preset, tables: Sequence[TextTable]) -> str:
    files = _claims(preset, tables)
    for source in needed(preset):
        if source.file not in files:
            return f"there is no file '{source.file}.csv'"
        table = files[source.file][0]
        if _share(source, table) < ENOUGH:
            absent = [key for key in source.key if source.heading(key, table.header) is None]
            return f"{table.file} has no {', '.join(absent)}"
    return "nothing of it is there"
