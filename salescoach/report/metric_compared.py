"""One number of one rep beside the peers, the same season last year and the target, and whether a ranking holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from salescoach.metrics.beside import Beside
from salescoach.metrics.ranking import Ranking
from salescoach.report.metric_parts import part_name
from salescoach.report.metric_values import value_cells, written_value
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.report.wording import Wording


def compared_section(found: Sequence[Beside], wording: Wording) -> Section:
    """A line for each thing that a number is held against, with the verdict; no arrow and no colour."""
    words = wording.words
    columns = (
        Column(words("metrics.against.what")), Column(words("metrics.value"), "right"),
        Column(words("metrics.against.reference"), "right"), Column(words("label.verdict")),
    )  # fmt: skip
    lines = [line for one in found for line in _lines(one, wording)]
    title = words("metrics.against.title")
    if not lines:
        return Section("against", title, (Text(words("metrics.against.nothing"), "muted"),))
    table = Table(words("metrics.against.caption"), columns, lines, notes=(words("metrics.against.note"),))
    return Section("against", title, (table,))


def _lines(one: Beside, wording: Wording) -> list[tuple[Cell, ...]]:
    words, unit = wording.words, one.metric.unit
    value = value_cells(one.answer, wording)[0]
    part = part_name(one.metric.metric_id, one.part, words)
    said: list[tuple[str, float, str]] = []
    if one.peers is not None:
        said.append(("peers", one.peers.expected, one.peers.verdict))
    if one.past is not None:
        said.append(("past", one.past.earlier, one.past.verdict))
    if one.target is not None:
        said.append(("target", one.target.target, one.target.verdict))
    return [
        (
            Cell(words(f"metrics.against.{kind}"), detail=part),
            value,
            Cell(written_value(reference, unit, wording)) if math.isfinite(reference) else Cell("–", tone="na"),
            Cell(words(f"metrics.against.{kind}_{verdict}" if verdict.startswith("signal") else f"verdict.{verdict}")),
        )
        for kind, reference, verdict in said
    ]


def ranking_blocks(found: Mapping[str, Ranking], names: pd.Series, wording: Wording) -> tuple[Text | Table, ...]:
    """For each role why there is no ranking; where there is one, the range of everybody's rank, best first."""
    words = wording.words
    blocks: list[Text | Table] = []
    for role, one in found.items():
        named = words(f"role.{role}") if role else words("label.rep")
        blocks.append(Text(words(f"metric_lab.ranking.{one.refused or 'held'}", role=named)))
        if one.refused is None:
            rows = [
                (
                    Cell(str(names.get(rep, rep))),
                    Cell(words.language.range(words.language.number(row["low"]), words.language.number(row["high"]))),
                    Cell(words.language.percent(float(row["top_quarter"]))),
                )
                for rep, row in one.table.iterrows()
            ]
            columns = (
                Column(words("label.rep")), Column(words("metrics.ranks.range", level=wording.level), "right"),
                Column(words("metrics.ranks.top"), "right"),
            )  # fmt: skip
            blocks.append(Table(words("metrics.ranks.caption", role=named), columns, rows))
    return tuple(blocks)
