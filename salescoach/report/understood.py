"""The part of the quality page about what was understood: owners who were found, words that the value map knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.words import Words

Counts = Sequence[Mapping[str, Any]]


def understood_section(owners: Counts, values: Counts, words: Words) -> Section:
    """One table of owners, one of the fields that hold an unknown word; each share beside its n.

    *owners* and *values* as the manifest of a snapshot keeps them, see :mod:`salescoach.crm.understood`.
    """
    blocks: list[Table | Text] = []
    if owners:
        rows = [[_table(each, words), *_counts(each, ("by_id", "otherwise", "unmatched"), words)] for each in owners]
        headings = (words("import.report.table"), *(words(f"quality.owners.{name}") for name in _OWNERS))
        notes = (words("quality.owners.note"),)
        blocks.append(Table(words("quality.owners.caption"), _columns(headings, 1), rows, notes=notes))
    strange = [each for each in values if each["unknown"]]
    if strange:
        rows = [
            [
                _table(each, words),
                Cell(each["field"], detail=each["file"]),
                *_counts(each, ("known", "mapped", "unknown"), words),
            ]
            for each in strange
        ]
        headings = (
            words("import.report.table"),
            words("quality.filled.field"),
            *(words(f"quality.values.{name}") for name in _VALUES),
        )
        notes = (words("quality.values.note"),)
        blocks.append(Table(words("quality.values.caption"), _columns(headings, 2), rows, notes=notes))
    if len(values) > len(strange):
        blocks.append(Text(words.plural("quality.values.rest", len(values) - len(strange)), "muted"))
    if not blocks:
        blocks.append(Text(words("quality.understood.none"), "muted"))
    return Section("understood", words("quality.understood.title"), blocks, lead=words("quality.understood.lead"))


_OWNERS = ("share", "by_id", "otherwise", "unmatched")
_VALUES = ("share", "known", "mapped", "unknown")


def _table(each: Mapping[str, Any], words: Words) -> Cell:
    return Cell(words(f"import.table.{each['table']}"))


def _columns(headings: Sequence[str], names: int) -> list[Column]:
    return [Column(text) if place < names else Column(text, "right") for place, text in enumerate(headings)]


def _counts(each: Mapping[str, Any], names: tuple[str, str, str], words: Words) -> list[Cell]:
    """The share that was understood, then the counts; the last of *names* are those that were not."""
    counts = [int(each[name]) for name in names]
    total = sum(counts)
    found = total - counts[2]
    share = (
        Cell(words.language.percent(found / total), detail=words("quality.filled.of", filled=found, n=total))
        if total
        else Cell(words("quality.understood.nothing"), tone="na")
    )
    return [share, *(Cell(words.language.number(count)) for count in counts)]
