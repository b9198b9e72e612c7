"""Answers of metrics as a table to read: value, interval, n, verdict, and the reason where there is no value."""

from __future__ import annotations

import math

import pandas as pd

from salescoach.metrics import METRICS
from salescoach.report.page import Cell, Column, Section, Table
from salescoach.report.wording import FEWEST_PLAIN, FEWEST_SHOWN, Wording

_DIGITS = {"rate": 2, "score": 2, "count": 0, "months": 0}


def written_value(value: float, unit: str, wording: Wording) -> str:
    """A value with its unit, in the reader's language."""
    words = wording.words
    if unit == "money_per_day":
        return words("metrics.per_day", amount=wording.value(value, "money"))
    if unit == "minutes":
        return words("metrics.minutes", n=words.language.number(value))
    if unit == "months":
        return words("metrics.months", n=words.language.number(value))
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
        return Cell(words("metrics.only_counts"), tone="na"), empty, n
    value = Cell(written_value(float(row["value"]), metric.unit, wording), tone="grey" if few else "plain")
    if not (math.isfinite(row["low"]) and math.isfinite(row["high"])):
        return value, Cell(words("metrics.exact"), tone="na"), n
    low, high = (written_value(float(row[name]), metric.unit, wording) for name in ("low", "high"))
    return value, Cell(words.language.range(low, high)), n


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
        named = Cell(name, detail=str(row["part"]))
        lines.append((named, *value_cells(row, wording), Cell(verdict)))
        notes += [words(f"warning.{code}") for code in row["warnings"] if not isinstance(row["na_reason"], str)]
    table = Table(words("metrics.caption"), columns, lines, notes=tuple(dict.fromkeys(notes)))
    return Section("values", title, (table,))
