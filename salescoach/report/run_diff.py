"""The section that says what changed between two runs and why, from the split numbers and words. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from salescoach.metrics.changed import CAUSES, Shift, scale
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.words import Words

MOST_ROWS = 40


def run_diff_section(
    runs: tuple[str, str], materials: Mapping[str, tuple[str, str]], shifts: Sequence[Shift], currency: str,
    names: Mapping[str, str], words: Words, most: int = MOST_ROWS,
) -> Section:  # fmt: skip
    """What the runs were made of that differs, and the *most* changed numbers with the part of each cause.

    *names*: of the people, by rep id.
    """
    about = Text(words("run_diff.runs", a=runs[0], b=runs[1]))
    blocks = [about, _materials(materials, words)]
    if not shifts:
        return Section("run-diff", words("run_diff.title"), (*blocks, Text(words("run_diff.same"))))
    notes = [words("run_diff.adds_up")]
    if any(one.joined for one in shifts):
        notes.append(words("run_diff.joined"))
    if len(shifts) > most:
        notes.append(words("run_diff.more", n=len(shifts) - most))
    columns = (
        Column(words("run_diff.person")), Column(words("run_diff.number")), Column("A", "right"), Column("B", "right"),
        *(Column(words(f"run_diff.cause.{cause}"), "right") for cause in CAUSES),
    )  # fmt: skip
    rows = [_row(one, currency, names, words) for one in shifts[:most]]
    table = Table(words("run_diff.caption", n=len(shifts)), columns, rows, notes)
    return Section("run-diff", words("run_diff.title"), (*blocks, table))


def _materials(materials: Mapping[str, tuple[str, str]], words: Words) -> Table | Text:
    if not materials:
        return Text(words("run_diff.same_parts"))
    columns = (Column(words("run_diff.part")), Column("A"), Column("B"))
    none = words("run_diff.nothing")
    rows = [
        (Cell(words(f"run_diff.material.{name}")), Cell(a or none), Cell(b or none))
        for name, (a, b) in materials.items()
    ]
    return Table(words("run_diff.parts"), columns, rows)


def _row(one: Shift, currency: str, names: Mapping[str, str], words: Words) -> tuple[Cell, ...]:
    name = words(f"metric.{one.metric_id}.name")
    split = one.parts or (None,) * len(CAUSES)
    return (
        Cell(names.get(one.rep_id, one.rep_id)),
        Cell(name, detail=words(f"run_diff.stretch.{one.stretch}")),
        *(Cell(_written(value, one, currency, words)) for value in (one.a, one.b, *split)),
    )


def _written(amount: int | None, one: Shift, currency: str, words: Words) -> str:
    """With all its digits: what is shown has to add up, too."""
    if amount is None:
        return words("run_diff.no_number")
    value, write = amount / scale(one.unit), words.language
    match one.unit:
        case "money" | "money_per_day":
            return write.money(value, currency, 2)
        case "count":
            return write.number(value)
        case "days" | "months":
            return write.number(value, 2)
        case _:
            return write.number(value, 6)
