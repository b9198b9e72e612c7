"""Medians and shares by an age, from histograms: an engine counts days, the statistics run on the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.metrics.contract import LEVEL, answers, reasons
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Cells, Rows
from salescoach.metrics.told import Told, beside
from salescoach.statistics import Curves, cumulative_incidences, kaplan_meiers, wilson

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
MATURE = 0.80
"""Part of a cohort that must have had the time to reach an age before its share by that age is told."""


def everyone_by(ask: Question, parts: Sequence[str]) -> pd.MultiIndex:
    """Every group with every part: the index of an answer in parts."""
    return ask.in_parts(parts)


def lines_of(cells: Cells, parts: Sequence[str] | None) -> Places:
    """The row of the answer that each of *cells* belongs to: its group, or its group and part; -1 for another part."""
    if parts is None:
        return cells.codes[0]
    part = np.append(pd.Index(list(parts), dtype=object).get_indexer(cells.values[1]), -1)[cells.codes[1]]
    return np.where(part < 0, -1, cells.codes[0] * len(parts) + part)


def _curves(
    ask: Question, rows: Rows, part: str | None, parts: Sequence[str] | None, weight: str | None
) -> tuple[Curves, Array, Array]:
    """Kaplan-Meier curves, one for each row of the answer, and how many ended and entered in each."""
    by = [] if part is None else [part]
    each = lit(1.0) if weight is None else col(weight)
    ended = when(col("ended")).then(each).otherwise(lit(0.0))
    left, came = ask.cells(rows, *by, "exit", left=each, ended=ended), ask.cells(rows, *by, "entry", came=each)
    line = np.concatenate([lines_of(left, parts), lines_of(came, parts)])
    none_left, none_came = np.zeros(len(left)), np.zeros(len(came))
    age = np.concatenate([left["exit"], came["entry"]]).astype(np.float64)
    end = np.concatenate([left["ended"], none_came])
    running = np.concatenate([left["left"] - left["ended"], none_came])
    entered = np.concatenate([none_left, came["came"]])
    kept, many = line >= 0, len(ask.groups) * (1 if parts is None else len(parts))
    curves = kaplan_meiers(line[kept], age[kept], end[kept], running[kept], entered[kept], many=many, level=LEVEL)
    events, n = (np.bincount(line[kept], part[kept], minlength=many).astype(np.float64) for part in (end, entered))
    return curves, events, n


def duration_median(
    ask: Question, rows: Rows, part: str | None = None, parts: Sequence[str] = (), weight: str | None = None
) -> Told:
    """Kaplan-Meier median and its limits of durations that may still run, per group (and *part*).

    *rows* have ``entry`` (age from which each is watched, half a day before a whole one), ``exit`` (whole days) and
    ``ended``; with *weight* each counts with the value of that column. Tells ``median``, ``low``, ``high`` (days),
    ``events``, ``n``.
    """
    curves, events, n = _curves(ask, rows, part, None if part is None else parts, weight)
    median, low, high = curves.medians()
    index = ask.groups if part is None else everyone_by(ask, parts)
    return Told.of(
        index, median=median, low=low, high=high, events=events.round().astype(int), n=n.round().astype(int)
    )  # fmt: skip


def duration_mean(ask: Question, rows: Rows) -> Array:
    """Mean days per group, those still running included: area below the Kaplan-Meier curve to the last age seen."""
    return _curves(ask, rows, None, None, None)[0].means()


def median_answers(found: Told, min_n: int, **more: object) -> Told:
    """Answers from :func:`duration_median`; a median or a limit beyond the observed time is not reached."""
    reached = ~(np.isnan(found["median"]) | np.isnan(found["low"]) | np.isnan(found["high"]))
    unreached = (found["events"] >= min_n) & ~reached
    return answers(
        value=found["median"], n=found["events"], numerator=found["events"], denominator=found["n"],
        low=found["low"], high=found["high"], na_reason=reasons(found.index, not_reached=unreached),
        index=found.index, **more,
    )  # fmt: skip


def shares_by_age(
    ask: Question, rows: Rows, ages: Sequence[int], part: str | None = None, parts: Sequence[str] = ()
) -> Told:
    """Answers for the share of a cohort that ended in the way asked for by each of *ages* (days).

    Cumulative incidence (Aalen-Johansen): what ended otherwise can no longer end in that way, what still runs is
    censored. *rows* have ``exit`` (whole days), ``mine``, ``other`` and ``possible``: the age that each could have
    reached by now. Parts are the ages, after *part* and a colon when that is given.
    """
    by = [] if part is None else [part]
    sums: dict[str, Any] = {f"mature_{age}": col("possible") >= age for age in ages}
    cells = ask.cells(rows, *by, "exit", **sums, mine=col("mine"), other=col("other"))
    line = lines_of(cells, parts if by else None)
    seen, line = cells.taken(line >= 0), line[line >= 0]
    many = len(ask.groups) * (len(parts) if by else 1)
    counts = seen.added(line, many)
    running = seen["n"] - seen["mine"] - seen["other"]
    age = seen["exit"].astype(np.float64)
    curves = cumulative_incidences(line, age, seen["mine"], seen["other"], running, many=many, level=LEVEL)
    none_high = wilson(np.zeros(many), counts["n"], LEVEL)[1]
    found, lines = {}, pd.RangeIndex(many)
    for limit in ages:
        mine = np.bincount(line, np.where(age <= limit, seen["mine"], 0.0), minlength=many)
        value, low, high = curves.at(limit)
        nothing = np.isnan(value)  # has ended by then
        young, empty = counts[f"mature_{limit}"] < MATURE * counts["n"], counts["n"] == 0
        unsaid = young | empty
        found[str(limit)] = answers(
            value=np.where(unsaid, np.nan, np.where(nothing, 0.0, value)), n=counts["n"], numerator=mine,
            denominator=counts["n"], low=np.where(unsaid, np.nan, np.where(nothing, 0.0, low)),
            high=np.where(unsaid, np.nan, np.where(nothing, none_high, high)),
            na_reason=reasons(lines, no_exposure=empty, immature_cohort=young), index=lines,
        )  # fmt: skip
    names = [f"{prefix}: {limit}" for prefix in parts for limit in ages] if by else [str(limit) for limit in ages]
    return beside(found, everyone_by(ask, names))


def medians_of(cells: Cells, value: Array, line: Places, index: pd.Index) -> Told:
    """Median and its limits per row of *index*, from cells with a *value* and ``n`` observations each.

    *line* is the row that each cell belongs to. Limits are the order statistics between which the median lies with the
    asked coverage, by the normal approximation of their ranks; they need no shape of the distribution. Tells
    ``median, low, high, n``.
    """
    order = np.lexsort((value, line))
    values, counts = np.asarray(value, dtype=np.float64)[order], cells["n"][order]
    n = np.bincount(line, cells["n"], minlength=len(index)).astype(np.int64)
    upto, begin = np.cumsum(counts), np.cumsum(n) - n
    half = float(special.ndtri(0.5 + LEVEL / 2)) * np.sqrt(n) / 2
    ranks = (n + 1) // 2, n // 2 + 1, np.floor((n + 1) / 2 - half), np.ceil((n + 1) / 2 + half)
    there = n > 0

    def at(rank: npt.NDArray[np.number]) -> Array:
        """The value of the observation of that *rank* in each row; missing without any."""
        found = np.full(len(index), np.nan)
        inside = np.clip(rank, 1, n)[there]
        found[there] = values[np.searchsorted(upto, begin[there] + inside, side="left")]
        return found

    lower, upper, low, high = map(at, ranks)
    return Told.of(index, median=(lower + upper) / 2, low=low, high=high, n=n)


def median_of(ask: Question, rows: Rows, value: str) -> Told:
    """:func:`medians_of` the column *value* of *rows*, for each group."""
    cells = ask.cells(rows, value)
    return medians_of(cells, cells[value], cells.codes[0], ask.groups)
