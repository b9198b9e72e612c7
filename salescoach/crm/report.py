"""The import report: what was read, what was left out and why, what was assumed. Its words come from outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import polars as pl

from salescoach.crm.desk import among
from salescoach.crm.issues import Findings, Issue, Note
from salescoach.words import Words

Counts = Mapping[str, Mapping[str, int]]

_COLUMNS = 12
"""As many columns of a file are named in one sentence."""


@dataclass(frozen=True)
class ImportReport:
    """What became of every row of an export.

    ``tables`` table: rows_in = accepted + rejected + merged, and ``quarantined``, the part of rejected
    that waits for a decision. ``rejects`` rule: rows it took out (each row once, under its first rule;
    they sum up to all rejected rows). ``flags`` rule: rows or values it counted (F) or emptied (V).
    ``unchanged``: the same export was imported before, and nothing was written.
    """

    workspace: Path
    snapshot: str
    content_sha256: str
    as_of: date
    crm: str
    unchanged: bool
    tables: Counts
    rejects: Mapping[str, int]
    flags: Mapping[str, int]
    notes: tuple[Mapping[str, object], ...]
    issues: Sequence[Issue] = ()

    def to_dict(self) -> dict[str, object]:
        """The report for ``--json``: stable keys, plain types. A note has ``code``, ``values``, ``message_en``,
        ``message_tr``."""
        return {
            "workspace": str(self.workspace),
            "snapshot": self.snapshot,
            "as_of": self.as_of.isoformat(),
            "crm": self.crm,
            "unchanged": self.unchanged,
            "tables": {table: dict(counts) for table, counts in self.tables.items()},
            "rejects": dict(self.rejects),
            "flags": dict(self.flags),
            "notes": [dict(note) for note in self.notes],
        }

    def text(self, words: Words) -> str:
        """The report for a terminal: counts by table, then by rule, then the notes."""
        number = words.language.number
        state = "unchanged" if self.unchanged else "done"
        lines = [words(f"import.report.{state}", snapshot=self.snapshot, day=words.language.date(self.as_of)), ""]
        columns = ("rows_in", "accepted", "rejected", "merged")
        table = [[words("import.report.table"), *(words(f"import.report.{column}") for column in columns)]]
        table += [
            [words(f"import.table.{name}"), *(number(counts[column]) for column in columns)]
            for name, counts in self.tables.items()
        ]
        widths = [max(map(len, cells)) for cells in zip(*table, strict=True)]
        for first, *rest in table:
            lines.append(
                "  ".join(
                    [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]
                )
            )
        for title, counts in (("rejects", self.rejects), ("flags", self.flags)):
            if counts:
                lines += ["", words(f"import.report.{title}")]
                lines += [
                    f"  {rule}  {words(f'import.rule.{rule}.title')}: {number(count)}" for rule, count in counts.items()
                ]
        if self.notes:
            lines += [
                "",
                words("import.report.notes"),
                *(f"  {line}" for line in in_short(kept_notes(self.notes), words)),
            ]
        return "\n".join(lines)


def kept_notes(notes: Iterable[Mapping[str, object]]) -> list[Note]:
    """The notes that :func:`note_dicts` wrote down, as a manifest keeps them."""
    return [Note(str(note["code"]), cast("Mapping[str, str | int]", note["values"])) for note in notes]


def in_short(notes: Sequence[Note], words: Words) -> list[str]:
    """The notes as sentences for people: what is said of many columns in the same words is said once, and long
    lists of columns are cut. The preview's page names them all below each file, and so does ``--json``.

    >>> from salescoach.resources import load_words
    >>> notes = [Note("zone_assumed", {"file": "a.csv", "column": c, "zone": "UTC", "n": 2}) for c in ("opened", "won")]
    >>> in_short(notes, load_words("en"))
    ['Times without a time zone were read as local time of UTC; columns: 2, cells: 4.']
    """
    zones: dict[object, list[Note]] = {}
    for note in notes:
        if note.code == "zone_assumed":
            zones.setdefault(note.values["zone"], []).append(note)
    lines = []
    for note in notes:
        same = zones.get(note.values.get("zone"), []) if note.code == "zone_assumed" else []
        if len(same) > 1:
            if note is same[0]:
                cells = sum(int(each.values["n"]) for each in same)
                zone = str(note.values["zone"])
                lines.append(words("import.report.zones_assumed", zone=zone, columns=len(same), n=cells))
        else:
            lines.append(_cut(note, words).message(words))
    return lines


def _cut(note: Note, words: Words) -> Note:
    columns = str(note.values.get("columns", "")).split(", ")
    if len(columns) <= _COLUMNS:
        return note
    shown = ", ".join(columns[: _COLUMNS - 1])
    rest = words("import.report.more_columns", n=len(columns) - _COLUMNS + 1)
    return Note(note.code, {**note.values, "columns": f"{shown} {rest}"})


def counted(rule_counts: Mapping[str, int]) -> dict[str, int]:
    """Rules in their order (D4 before D10, D before P), without those that found nothing."""
    return {
        rule: rule_counts[rule]
        for rule in sorted(rule_counts, key=lambda rule: (rule[0], int(rule[1:])))
        if rule_counts[rule]
    }


def flag_counts(findings: Findings) -> dict[str, int]:
    """Rows flagged (F) or with a value set aside (V), by rule."""
    flags = findings.frame.filter(among(pl.col("level"), ("F", "V")))
    return counted(dict(flags.group_by("rule").agg(pl.sum("rows")).rows()))


def note_dicts(notes: list[Note], words: tuple[Words, ...]) -> tuple[dict[str, object], ...]:
    """The notes in every language of *words*, as the manifest keeps them."""
    return tuple(note.to_dict(words) for note in notes)
