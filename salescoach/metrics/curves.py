"""Medians and shares by an age, from histograms: an engine counts days, the statistics run on the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from scipy import special

from salescoach.metrics.contract import LEVEL, answers, reasons
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows
from salescoach.statistics import cumulative_incidence_counts, kaplan_meier_counts, wilson

MATURE = 0.80
"""Part of a cohort that must have had the time to reach an age before its share by that age is told."""


def everyone_by(ask: Question, parts: Sequence[str]) -> pd.MultiIndex:
    """Every group with every part: the index of an answer in parts."""
    return pd.MultiIndex.from_product([ask.groups, list(parts)], names=[ask.groups.name, "part"])


def duration_median(
    ask: Question, rows: Rows, part: str | None = None, parts: Sequence[str] = (), weight: str | None = None
) -> pd.DataFrame:
    """Kaplan-Meier median and its limits of durations that may still run, per group (and *part*).

    *rows* have ``entry`` (age from which each is watched, half a day before a whole one), ``exit`` (whole days) and
    ``ended``; with *weight* each counts with the value of that column. Returns ``median``, ``low``, ``high`` (days),
    ``events``, ``n``.
    """
    by = [] if part is None else [part]
    each = nw.lit(1.0) if weight is None else nw.col(weight)
    ended = nw.when(nw.col("ended")).then(each).otherwise(nw.lit(0.0))
    left = ask.tally(rows, *by, "exit", left=each, ended=ended).reset_index()
    came = ask.tally(rows, *by, "entry", came=each).reset_index()
    keys = [str(ask.groups.name), *by]
    ages = pd.concat(
        [
            left[keys].assign(age=left["exit"], ended=left["ended"], running=left["left"] - left["ended"], entered=0.0),
            came[keys].assign(age=came["entry"], ended=0.0, running=0.0, entered=came["came"]),
        ]
    )
    found: dict[Any, tuple[float, ...]] = {}
    for key, seen in ages.groupby(keys if by else keys[0], sort=False):
        columns = (seen[name].to_numpy() for name in ("age", "ended", "running", "entered"))
        median, low, high = kaplan_meier_counts(*columns, level=LEVEL).median()
        found[key] = (median, low, high, seen["ended"].sum(), seen["entered"].sum())
    index = everyone_by(ask, parts) if by else ask.groups
    rows_found = [found.get(key, (np.nan, np.nan, np.nan, 0, 0)) for key in index]
    table = pd.DataFrame(rows_found, columns=["median", "low", "high", "events", "n"], index=index)
    return table.assign(events=table["events"].round().astype(int), n=table["n"].round().astype(int))


def median_answers(found: pd.DataFrame, min_n: int, **more: pd.Series) -> pd.DataFrame:
    """Answers from :func:`duration_median`; a median or a limit beyond the observed time is not reached."""
    reached = found[["median", "low", "high"]].notna().all(axis=1)
    unreached = (found["events"] >= min_n) & ~reached
    return answers(
        value=found["median"], n=found["events"], numerator=found["events"], denominator=found["n"],
        low=found["low"], high=found["high"], na_reason=reasons(found.index, not_reached=unreached),
        index=found.index, **more,
    )  # fmt: skip


def shares_by_age(
    ask: Question, rows: Rows, ages: Sequence[int], part: str | None = None, parts: Sequence[str] = ()
) -> pd.DataFrame:
    """Answers for the share of a cohort that ended in the way asked for by each of *ages* (days).

    Cumulative incidence (Aalen-Johansen): what ended otherwise can no longer end in that way, what still runs is
    censored. *rows* have ``exit`` (whole days), ``mine``, ``other`` and ``possible``: the age that each could have
    reached by now. Parts are the ages, after *part* and a colon when that is given.
    """
    by = [] if part is None else [part]
    mature = {f"mature_{age}": nw.col("possible") >= age for age in ages}
    counted = ask.tally(rows, *by, "exit", mine=nw.col("mine"), other=nw.col("other"), **mature).reset_index()
    keys = [str(ask.groups.name), *by]
    groups = dict(list(counted.groupby(keys if by else keys[0], sort=False)))
    cohorts = everyone_by(ask, parts) if by else ask.groups
    found = {}
    for key in cohorts:
        group, prefix = (key[0], f"{key[1]}: ") if by else (key, "")
        for age in ages:
            found[(group, f"{prefix}{age}")] = _by_age(groups.get(key), age)
    columns = ["value", "n", "numerator", "denominator", "low", "high", "na_reason"]
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(list(found), names=[ask.groups.name, "part"])
    return table


def _by_age(seen: pd.DataFrame | None, age: int) -> tuple[object, ...]:
    n = 0 if seen is None else int(seen["n"].sum())
    if seen is None or n == 0:
        return np.nan, 0, 0.0, 0.0, np.nan, np.nan, "no_exposure"
    mine = float(seen.loc[seen["exit"] <= age, "mine"].sum())
    if seen[f"mature_{age}"].sum() < MATURE * n:
        return np.nan, n, mine, float(n), np.nan, np.nan, "immature_cohort"
    running = seen["n"] - seen["mine"] - seen["other"]
    value, low, high = cumulative_incidence_counts(seen["exit"], seen["mine"], seen["other"], running, level=LEVEL).at(
        age
    )
    if not np.isfinite(value):  # nothing has ended by then
        value, low, high = 0.0, 0.0, float(wilson(0, n, LEVEL)[1])
    return value, n, mine, float(n), low, high, None


def medians_of(counted: pd.DataFrame, keys: Sequence[str], value: str, index: pd.Index) -> pd.DataFrame:
    """Median and its limits of *value* per group, from rows with ``n`` observations each.

    Limits are the order statistics between which the median lies with the asked coverage, by the normal
    approximation of their ranks; they need no shape of the distribution. Returns ``median, low, high, n``.
    """
    ordered = counted.sort_values([*keys, value])
    z = float(special.ndtri(0.5 + LEVEL / 2))
    found: dict[Any, tuple[float, ...]] = {}
    for key, seen in ordered.groupby(list(keys) if len(keys) > 1 else keys[0], sort=False):
        values, upto = seen[value].to_numpy(dtype=float), seen["n"].to_numpy().cumsum()
        n = int(upto[-1])

        def at(rank: float, values: Any = values, upto: Any = upto, n: int = n) -> float:
            return float(values[np.searchsorted(upto, min(max(rank, 1), n), side="left")])

        middle = (at((n + 1) // 2) + at(n // 2 + 1)) / 2
        half = z * np.sqrt(n) / 2
        found[key] = (middle, at(np.floor((n + 1) / 2 - half)), at(np.ceil((n + 1) / 2 + half)), n)
    rows = [found.get(key, (np.nan, np.nan, np.nan, 0)) for key in index]
    return pd.DataFrame(rows, columns=["median", "low", "high", "n"], index=index).astype({"n": int})
