"""What an import would do, shown before anything is written: mapping, first rows, faults, owners to be named.

Works on a judged export; reads and writes nothing. Its words come from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl

from salescoach.crm.issues import Issue
from salescoach.crm.judged import Judged
from salescoach.crm.owners import Unmatched, unmatched_owners
from salescoach.crm.report import ImportReport, in_short, note_dicts
from salescoach.language import shortened
from salescoach.words import Words

LEVELS = ("R", "Q", "V", "F")
_FIRST_ROWS = 3
_FAULTS = 20
_OWNERS = 20
_CELL = 40


@dataclass(frozen=True)
class Preview:
    """A judged export on its way to the reader. ``report`` holds the counts that the import would report."""

    judged: Judged
    report: ImportReport
    language: str
    zone: ZoneInfo

    @property
    def owners(self) -> tuple[Unmatched, ...]:
        """Owners that nobody matched, most rows first, with the people it may be."""
        reps = self.judged.export.tables["rep"].accepted
        return unmatched_owners(self.judged.export.issues.of("D8"), reps, self.language)

    @property
    def levels(self) -> dict[str, int]:
        """Findings by level: R rejected, Q set aside, V value set aside, F counted."""
        found = dict(self.judged.export.issues.frame.group_by("level").agg(pl.sum("rows")).rows())
        return {level: int(found.get(level, 0)) for level in LEVELS}

    @property
    def faults(self) -> list[Issue]:
        """What takes a row or a value out, in the order of the files."""
        return [issue for issue in self.judged.export.issues if issue.level != "F"]

    def mapping(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        """File: table: heading: the fields that it feeds."""
        found: dict[str, dict[str, dict[str, list[str]]]] = {}
        for name, rows in self.judged.export.tables.items():
            for part in rows.parts:
                for field, heading in part.headings.items():
                    fields = found.setdefault(part.file, {}).setdefault(name, {}).setdefault(heading, [])
                    if field not in fields:
                        fields.append(field)
        return found

    def not_used(self) -> dict[str, list[str]]:
        """File: its columns that feed no field."""
        notes = [note.values for note in self.judged.export.notes if note.code == "columns_ignored"]
        return {str(values["file"]): str(values["columns"]).split(", ") for values in notes}

    def notes(self, words: Words) -> list[str]:
        """How the files were read, as sentences; columns without use stand below the mapping of their file."""
        mapped = self.mapping()
        return in_short(
            [
                note
                for note in self.judged.export.notes
                if note.code != "columns_ignored" or note.values["file"] not in mapped
            ],
            words,
        )

    def first_rows(self, table: str) -> list[dict[str, str]]:
        """The first rows as they will be stored; fields that are empty in all of them are left out."""
        rows = self.judged.export.tables[table]
        head = rows.first(_FIRST_ROWS)
        filled = [name for name in rows.table.names if head[name].notna().any()]
        return [
            {name: _shown(row[name], rows.table[name].type, self.zone) for name in filled} for _, row in head.iterrows()
        ]

    def to_dict(self, words: Mapping[str, Words]) -> dict[str, object]:
        """For ``--json``: stable keys, plain types; at most twenty faults in full, their number beside them."""
        mapping, not_used = self.mapping(), self.not_used()
        return {
            "workspace": str(self.report.workspace),
            "written": False,
            "crm": self.report.crm,
            "as_of": self.report.as_of.isoformat(),
            "unchanged": self.report.unchanged,
            "files": [
                {
                    "file": text.file,
                    "rows": len(text.lines) + len(text.ragged),
                    "encoding": text.dialect.encoding,
                    "separator": text.dialect.separator,
                    "mapping": mapping.get(text.file, {}),
                    "columns_not_used": not_used.get(text.file, []) if text.file in mapping else list(text.header),
                }
                for text in self.judged.texts
            ],
            "tables": {
                name: {**counts, "first_rows": self.first_rows(name)} for name, counts in self.report.tables.items()
            },
            "levels": self.levels,
            "faults_in_all": len(self.faults),
            "faults": [_fault(issue, words) for issue in self.faults[:_FAULTS]],
            "owners_unmatched": [
                {
                    "owner": each.owner,
                    "rows": each.rows,
                    "candidates": [{"rep_id": rep, "full_name": name} for rep, name in each.candidates],
                }
                for each in self.owners
            ],
            "notes": list(note_dicts(self.judged.export.notes, tuple(words.values()))),
        }

    def text(self, words: Words) -> str:
        """For a terminal, in the language of *words*."""
        language = words.language
        lines = [words("preview.title"), ""]
        lines.append(words("preview.form", form=self.judged.preset.title, day=language.date(self.report.as_of)))
        lines += self._files_text(words)
        for name, counts in self.report.tables.items():
            lines += ["", words("preview.table", table=words(f"import.table.{name}"), n=counts["rows_in"])]
            lines.append(
                "  " + words("preview.counts", **{key: counts[key] for key in ("accepted", "rejected", "merged")})
            )
            for row in self.first_rows(name):
                lines.append("  · " + ", ".join(f"{field} = {value}" for field, value in row.items() if value))
        lines += ["", words("preview.levels", **{f"n_{level.lower()}": n for level, n in self.levels.items()})]
        lines += [f"  {issue.message(words)}" for issue in self.faults[:_FAULTS]]
        if len(self.faults) > _FAULTS:
            lines.append("  " + words("preview.more", n=len(self.faults) - _FAULTS))
        lines += self._owners_text(words)
        if notes := self.notes(words):
            lines += ["", words("import.report.notes"), *(f"  {note}" for note in notes)]
        return "\n".join([*lines, "", words("preview.end")])

    def _files_text(self, words: Words) -> list[str]:
        mapping, not_used = self.mapping(), self.not_used()
        lines: list[str] = []
        for text in self.judged.texts:
            if text.file not in mapping:
                continue
            lines += ["", words("preview.file", file=text.file, n=len(text.lines) + len(text.ragged))]
            for table, fields in mapping[text.file].items():
                lines.append(f"  {words(f'import.table.{table}')}:")
                width = max(map(len, fields))
                lines += [f"    {heading.ljust(width)}  →  {', '.join(names)}" for heading, names in fields.items()]
            if columns := not_used.get(text.file):
                lines.append("  " + words("preview.not_used", columns=", ".join(columns)))
        return lines

    def _owners_text(self, words: Words) -> list[str]:
        owners = self.owners
        if not owners:
            return []
        lines = ["", words("preview.owners")]
        for each in owners[:_OWNERS]:
            people = ", ".join(f"{name} ({rep})" for rep, name in each.candidates) or words("preview.nobody")
            lines.append("  " + words("preview.owner", owner=shortened(each.owner), n=each.rows, people=people))
        if len(owners) > _OWNERS:
            lines.append("  " + words("preview.more", n=len(owners) - _OWNERS))
        return lines


def _shown(value: Any, kind: str, zone: ZoneInfo) -> str:
    """A moment by the organisation's clock, so that a day of the file is the day that its reader sees."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        local = value.tz_localize("UTC").tz_convert(zone)
        return local.isoformat(sep=" ", timespec="minutes") if kind == "ts" else f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.15g}"
    return shortened(str(value), _CELL)


def _fault(issue: Issue, words: Mapping[str, Words]) -> dict[str, object]:
    facts = {key: getattr(issue, key) for key in ("table", "file", "row", "column", "value", "rule", "level")}
    return facts | {f"message_{code}": issue.message(each) for code, each in words.items()}
