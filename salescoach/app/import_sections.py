"""What an import would do, and what it did, as sections of a page."""

from __future__ import annotations

from collections.abc import Sequence

from salescoach.crm.preview import LEVELS, Preview
from salescoach.crm.report import ImportReport
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.tables.schema import TABLES
from salescoach.words import Words

_FAULTS = 20
_FIELDS = 6  # of the first rows: more would not fit a page


def preview_sections(preview: Preview, words: Words) -> tuple[Section, ...]:
    """Form and files, findings, mapping, first rows and notes of an export that is not imported yet."""
    return (
        _form(preview, words),
        _findings(preview, words),
        *_mapping(preview, words),
        *_first_rows(preview, words),
        _notes(preview, words),
    )


def imported_sections(report: ImportReport, words: Words) -> tuple[Section, ...]:
    """That it was done, and how the files were read."""
    state = "unchanged" if report.unchanged else "done"
    said = words(f"import.report.{state}", snapshot=report.snapshot, day=words.language.date(report.as_of))
    return (Section("imported", words("imports.result"), (Text(said, "strong"),)),)


def _form(preview: Preview, words: Words) -> Section:
    said = words("preview.form", form=preview.judged.preset.title, day=words.language.date(preview.report.as_of))
    rows = [
        [
            Cell(words(f"import.table.{name}")),
            *(Cell(words.language.number(counts[key])) for key in ("rows_in", "accepted", "rejected", "merged")),
        ]
        for name, counts in preview.report.tables.items()
    ]
    columns = [Column(words("import.report.table"))]
    columns += [Column(words(f"quality.rows.{key}"), "right") for key in ("rows_in", "accepted", "rejected", "merged")]
    table = Table(words("quality.rows.caption"), columns, rows)
    return Section("form", words("preview.title"), (Text(said), table))


def _mapping(preview: Preview, words: Words) -> list[Section]:
    sections = []
    not_used = preview.not_used()
    for number, (file, tables) in enumerate(preview.mapping().items(), 1):
        rows = [
            [Cell(heading), Cell(", ".join(fields)), Cell(words(f"import.table.{table}"))]
            for table, headings in tables.items()
            for heading, fields in headings.items()
        ]
        columns = [Column(words(f"imports.mapping.{name}")) for name in ("heading", "field", "table")]
        notes = [words("imports.mapping.unused", columns=", ".join(not_used[file]))] if file in not_used else []
        table = Table(words("imports.mapping.caption"), columns, rows, notes=notes)
        sections.append(Section(f"mapping-{number}", file, (table,)))
    return sections


def _first_rows(preview: Preview, words: Words) -> list[Section]:
    sections = []
    for name in preview.report.tables:
        first = preview.first_rows(name)
        if not first:
            continue
        shown = _telling(name, list(first[0]))
        rows = [[Cell(row.get(field, "")) for field in shown] for row in first]
        table = Table(words("imports.first.caption"), [Column(field) for field in shown], rows)
        sections.append(Section(f"first-{name.replace('_', '-')}", words(f"import.table.{name}"), (table,)))
    return sections


def _telling(table: str, filled: Sequence[str]) -> list[str]:
    """The fields to show: the key, then what can be read in two ways (days, numbers), then texts; in their order."""
    fields = [TABLES[table][name] for name in filled]
    ranked = sorted(fields, key=lambda field: (field.name not in TABLES[table].key, field.type in ("text", "bool")))
    return [field.name for field in fields if field in ranked[:_FIELDS]]


def _findings(preview: Preview, words: Words) -> Section:
    counts = words("preview.levels", **{f"n_{level.lower()}": preview.levels[level] for level in LEVELS})
    items = [Item(issue.message(words)) for issue in preview.faults[:_FAULTS]]
    blocks: list[Text | Bullets] = [Text(counts), Bullets(items, empty=words("imports.findings.none"))]
    if len(preview.faults) > _FAULTS:
        blocks.append(Text(words("preview.more", n=len(preview.faults) - _FAULTS), "muted"))
    return Section("findings", words("imports.findings.title"), blocks)


def _notes(preview: Preview, words: Words) -> Section:
    items = [Item(line) for line in preview.notes(words)]
    return Section("notes", words("quality.notes.title"), (Bullets(items, empty=words("quality.notes.none")),))
