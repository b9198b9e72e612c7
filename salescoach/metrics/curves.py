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
from salescoach.metrics.tally import Rows, tally
from salescoach.statistics import Survival, cumulative_incidence_counts, kaplan_meier_counts, wilson

Array = npt.NDArray[np.float64]
MATURE = 0.80
"""Part of a cohort that must have had the time to reach an age before its share by that age is told."""


_UNKNOWN = (np.nan, np.nan, np.nan)
_EMPTY: tuple[object, ...] = (np.nan, 0, 0.0, 0.0, np.nan, np.nan, "no_exposure")


def everyone_by(ask: Question, parts: Sequence[str]) -> pd.MultiIndex:
    """Every group with every part: the index of an answer in parts."""
    return pd.MultiIndex.from_product([ask.groups, list(parts)], names=[ask.groups.name, "part"])


def by_group(counted: pd.DataFrame, keys: Sequence[str]) -> dict[Any, dict[str, Array]]:
    """The columns of *counted* as arrays, for each combination of *keys*."""
    places = counted.groupby(list(keys) if len(keys) > 1 else keys[0], sort=False).indices
    columns = {str(name): counted[name].to_numpy() for name in counted.columns if name not in keys}
    return {key: {name: column[rows] for name, column in columns.items()} for key, rows in places.items()}


def _curves(
    ask: Question, rows: Rows, part: str | None, weight: str | None
) -> dict[Any, tuple[Survival, Array, Array]]:
    """Kaplan-Meier curve per group (and *part*), with its ages, and how many ended and entered."""
    by = [] if part is None else [part]
    each = lit(1.0) if weight is None else col(weight)
    ended = when(col("ended")).then(each).otherwise(lit(0.0))
    left = ask.tally(rows, *by, "exit", left=each, ended=ended).reset_index()
    came = ask.tally(rows, *by, "entry", came=each).reset_index()
    keys = [str(ask.groups.name), *by]
    ages = pd.concat(
        [
            left[keys].assign(age=left["exit"], ended=left["ended"], running=left["left"] - left["ended"], entered=0.0),
            came[keys].assign(age=came["entry"], ended=0.0, running=0.0, entered=came["came"]),
        ],
        ignore_index=True,
    )
    found = {}
    for key, seen in by_group(ages, keys).items():
        curve = kaplan_meier_counts(seen["age"], seen["ended"], seen["running"], seen["entered"], level=LEVEL)
        found[key] = (curve, seen["age"], np.array([seen["ended"].sum(), seen["entered"].sum()]))
    return found


def duration_median(
    ask: Question, rows: Rows, part: str | None = None, parts: Sequence[str] = (), weight: str | None = None
) -> pd.DataFrame:
    """Kaplan-Meier median and its limits of durations that may still run, per group (and *part*).

    *rows* have ``entry`` (age from which each is watched, half a day before a whole one), ``exit`` (whole days) and
    ``ended``; with *weight* each counts with the value of that column. Returns ``median``, ``low``, ``high`` (days),
    ``events``, ``n``.
    """
    curves = _curves(ask, rows, part, weight)
    index = everyone_by(ask, parts) if part is not None else ask.groups
    found = [(*curves[key][0].median(), *curves[key][2]) if key in curves else (*_UNKNOWN, 0.0, 0.0) for key in index]
    table = pd.DataFrame(found, columns=["median", "low", "high", "events", "n"], index=index)
    return table.assign(events=table["events"].round().astype(int), n=table["n"].round().astype(int))


def duration_mean(ask: Question, rows: Rows) -> pd.Series:
    """Mean days per group, those still running included: area below the Kaplan-Meier curve to the last age seen."""
    curves = _curves(ask, rows, None, None)
    means = {key: _area(curve, float(ages.max())) for key, (curve, ages, _) in curves.items()}
    return pd.Series(means, dtype=float).reindex(ask.groups)


def _area(curve: Survival, last: float) -> float:
    edges = np.concatenate([[0.0], np.minimum(curve.time, last), [last]])
    return float((np.diff(edges) * np.concatenate([[1.0], curve.survival])).sum())


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
    sums = {f"mature_{age}": col("possible") >= age for age in ages}
    sums |= {"mine": col("mine"), "other": col("other")}
    counted = ask.rolled_up(tally(rows, ("owner_id", *by, "exit"), largest=(), **sums), *by, "exit").reset_index()
    groups = by_group(counted, [str(ask.groups.name), *by])
    cohorts = everyone_by(ask, parts) if by else ask.groups
    found = {}
    for key in cohorts:
        group, prefix = (key[0], f"{key[1]}: ") if by else (key, "")
        told = _by_ages(groups[key], ages) if key in groups else [_EMPTY] * len(ages)
        found.update({(group, f"{prefix}{age}"): row for age, row in zip(ages, told, strict=True)})
    columns = ["value", "n", "numerator", "denominator", "low", "high", "na_reason"]
    table = pd.DataFrame(list(found.values()), columns=columns)
    table.index = pd.MultiIndex.from_tuples(list(found), names=[ask.groups.name, "part"])
    return table


def _by_ages(seen: dict[str, Array], ages: Sequence[int]) -> list[tuple[object, ...]]:
    n = int(seen["n"].sum())
    running = seen["n"] - seen["mine"] - seen["other"]
    curve = None
    told: list[tuple[object, ...]] = []
    for age in ages:
        mine = float(seen["mine"][seen["exit"] <= age].sum())
        if seen[f"mature_{age}"].sum() < MATURE * n:
            told.append((np.nan, n, mine, float(n), np.nan, np.nan, "immature_cohort"))
            continue
        if curve is None:
            curve = cumulative_incidence_counts(seen["exit"], seen["mine"], seen["other"], running, level=LEVEL)
        value, low, high = curve.at(age)
        if not np.isfinite(value):  # nothing has ended by then
            value, low, high = 0.0, 0.0, float(wilson(0, n, LEVEL)[1])
        told.append((value, n, mine, float(n), low, high, None))
    return told


def medians_of(counted: pd.DataFrame, keys: Sequence[str], value: str, index: pd.Index) -> pd.DataFrame:
    """Median and its limits of *value* per group, from rows with ``n`` observations each.

    Limits are the order statistics between which the median lies with the asked coverage, by the normal
    approximation of their ranks; they need no shape of the distribution. Returns ``median, low, high, n``.
    """
    z = float(special.ndtri(0.5 + LEVEL / 2))
    found: dict[Any, tuple[float, ...]] = {}
    for key, seen in by_group(counted.sort_values(value), keys).items():
        values, upto = seen[value].astype(float), seen["n"].cumsum()
        n = int(upto[-1])
        half = z * np.sqrt(n) / 2
        ranks = [(n + 1) // 2, n // 2 + 1, np.floor((n + 1) / 2 - half), np.ceil((n + 1) / 2 + half)]
        lower, upper, low, high = values[np.searchsorted(upto, np.clip(ranks, 1, n), side="left")]
        found[key] = ((lower + upper) / 2, low, high, n)
    rows = [found.get(key, (np.nan, np.nan, np.nan, 0)) for key in index]
    return pd.DataFrame(rows, columns=["median", "low", "high", "n"], index=index).astype({"n": int})
