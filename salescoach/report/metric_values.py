"""Answers of metrics as a table to read: value, interval, n, verdict, and the reason where there is no value."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from salescoach.language import shortened
from salescoach.metrics import LEVEL, METRICS
from salescoach.report.metric_parts import part_name
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.report.wording import FEWEST_PLAIN, FEWEST_SHOWN, Wording
from salescoach.words import Words

ROWS_SHOWN = 30
_WHOLE = 1e-6
_EVIDENCE = (
    "deal_id lead_id activity_id invoice_id response_id obs_id action_id name type stage status amount outcome event "
    "period forecast actual owner_id"
).split()
_DIGITS = {"rate": 2, "score": 2}


def written_value(value: float, unit: str, wording: Wording) -> str:
    """A value with its unit, in the reader's language."""
    words = wording.words
    if unit == "money_per_day":
        return words("metrics.per_day", amount=wording.value(value, "money"))
    if unit == "minutes":
        return words("metrics.minutes", n=words.language.number(value))
    if unit == "months":
        return words("metrics.months", n=words.language.number(value))
    if unit == "count":
        return words.language.number(value, 0 if float(value).is_integer() else 1)
    if unit in _DIGITS:
        return words.language.number(value, _DIGITS[unit])
    return wording.value(value, unit)


def value_cells(row: pd.Series, wording: Wording) -> tuple[Cell, Cell, Cell]:
    """Value, interval and n of one answer; below five observations the counts stand instead of a share."""
    words, metric = wording.words, METRICS[str(row["metric_id"])]
    n = Cell(words.language.number(int(row["n"])))
    empty = Cell("–", tone="na")
    if isinstance(row["na_reason"], str):
        return Cell(words("na.cell"), detail=words(f"metrics.why.{row['na_reason']}"), tone="na"), empty, n
    few = metric.estimate and row["n"] < FEWEST_PLAIN
    if metric.estimate and metric.unit == "share" and row["n"] < FEWEST_SHOWN:
        return Cell(_counts(row, words), tone="na"), empty, n
    value = Cell(written_value(float(row["value"]), metric.unit, wording), tone="grey" if few else "plain")
    if not (math.isfinite(row["low"]) and math.isfinite(row["high"])):
        return value, Cell(words("metrics.exact"), tone="na"), n
    low, high = (written_value(float(row[name]), metric.unit, wording) for name in ("low", "high"))
    own = words.language.percent(metric.level) if metric.level != LEVEL else ""
    return value, Cell(words.language.range(low, high), detail=own), n


def _counts(row: pd.Series, words: Words) -> str:
    """ "1 of 3" for a share of counted things; for a share of money only n tells something."""
    n = int(row["n"])
    hits = float(row["value"]) * n
    if abs(hits - round(hits)) > _WHOLE:
        return words("metrics.only_counts")
    return words("metrics.of_n", k=words.language.number(round(hits)), n=words.language.number(n))


def values_section(rows: pd.DataFrame, title: str, wording: Wording) -> Section:
    """The answers of one person, team or organisation; codes of verdicts and warnings become words."""
    words = wording.words
    columns = (
        Column(words("label.metric")), Column(words("metrics.value"), "right"),
        Column(words("metrics.interval", level=wording.level), "right"), Column(words("label.n"), "right"),
        Column(words("label.verdict")),
    )  # fmt: skip
    lines, notes = [], []
    for _, row in rows.iterrows():
        name = words(f"metric.{row['metric_id']}.name")
        verdict = words(f"verdict.{row['verdict']}") if isinstance(row["verdict"], str) else "–"
        named = Cell(name, detail=part_name(str(row["metric_id"]), str(row["part"]), words))
        lines.append((named, *value_cells(row, wording), Cell(verdict)))
        notes += [words(f"warning.{code}") for code in row["warnings"] if not isinstance(row["na_reason"], str)]
    table = Table(words("metrics.caption"), columns, lines, notes=tuple(dict.fromkeys(notes)))
    return Section("values", title, (table,))


def evidence_section(rows: pd.DataFrame, words: Words) -> Section:
    """The first rows behind a value, with the columns that say which they are."""
    title = words("metrics.evidence")
    names = [name for name in _EVIDENCE if name in rows and rows[name].notna().any()]
    if not len(rows) or not names:
        return Section("evidence", title, (Text(words("metrics.no_evidence"), "muted"),))
    shown = rows[names].head(ROWS_SHOWN)
    cells = [
        [Cell(_written(value, name, words)) for name, value in zip(names, row, strict=True)]
        for row in shown.itertuples(index=False)
    ]
    columns = [Column(words(f"metrics.column.{name}")) for name in names]
    note = words("metrics.shown", n=len(shown), total=len(rows))
    return Section("evidence", title, (Table(title, columns, cells, notes=(note,)),))


def _written(value: Any, column: str, words: Words) -> str:
    if pd.isna(value):
        return "–"
    if words.has(key := f"metrics.code.{column}_{value}"):
        return words(key)
    return words.language.number(value, 2) if isinstance(value, float) else shortened(str(value))
