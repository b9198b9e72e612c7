"""Why a lead has its probability: what each column changes, and what would change it.

One measure for every model: how far the log-odds fall when the column says nothing. For the logistic model
that is exact and adds up; for trees each column is set to neutral in turn, which does not add up and is
never drawn as a sum. Associated with, never caused by. Computed for the leads that are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from sklearn.pipeline import Pipeline

from salescoach.scoring.encoding import is_text
from salescoach.scoring.model import LeadModel, logistic_part
from salescoach.scoring.models import MeanOf, Points, Trees
from salescoach.scoring.points import RuleScore
from salescoach.scoring.reasons import Change, Explanation, Reason

Array = npt.NDArray[np.float64]

MOST = 5
_LEAST_EFFECT = 0.05
_MOST_TRIED = 12
_ROWS_AT_ONCE = 200_000


def explain(model: LeadModel, features: pd.DataFrame, ids: Sequence[str]) -> list[Explanation]:
    """Explain each of the leads in *features*; *ids* are their names."""
    table = model.aligned(features)
    p = model.probabilities(table)
    effects = effects_of(model, table)
    names = list(model.columns)
    values = [_values(table[name]) for name in names]
    exact = logistic_part(model.estimator) is model.estimator
    strongest = _strongest(effects), _strongest(-effects)
    sizes, said, point = effects.tolist(), p.tolist(), _point(model.estimator)

    def side(row: int, columns: list[int]) -> tuple[Reason, ...]:
        if point:
            return tuple(
                Reason(names[i], values[i][row], sizes[row][i], round(sizes[row][i] / point, 2)) for i in columns
            )
        return tuple(Reason(names[i], values[i][row], sizes[row][i]) for i in columns)

    return [
        Explanation(str(lead), said[row], side(row, pros), side(row, cons), exact)
        for row, (lead, pros, cons) in enumerate(zip(ids, *strongest, strict=True))
    ]


def _point(estimator: Any) -> float:
    """What a point of a rule score changes in log-odds; 0 for a model that does not count in points."""
    return float(estimator.line_.coef_[0, 0]) if isinstance(estimator, Points | RuleScore) else 0.0


def _strongest(effects: Array) -> list[list[int]]:
    """For each lead the columns of its largest effects, at most :data:`MOST`, the largest first."""
    order = np.argsort(-effects, axis=1, kind="stable")[:, :MOST]
    counts = (np.take_along_axis(effects, order, axis=1) >= _LEAST_EFFECT).sum(axis=1)
    return [columns[:count] for columns, count in zip(order.tolist(), counts.tolist(), strict=True)]


def effects_of(model: LeadModel, features: pd.DataFrame) -> Array:
    """Change in log-odds that each column makes for each lead: one row per lead, one column per column."""
    table = model.aligned(features)
    size = max(1, _ROWS_AT_ONCE // max(len(table.columns), 1))
    parts = []
    for start in range(0, len(table), size):
        part = table.iloc[start : start + size]
        p, without = _without_each(model, model.estimator, part)
        parts.append(_logit(p)[:, None] - _logit(without))
    return np.vstack(parts) if parts else np.zeros((0, len(table.columns)))


def _logit(p: Array) -> Array:
    return np.asarray(special.logit(np.clip(p, 1e-6, 1 - 1e-6)))


def _without_each(model: LeadModel, estimator: Any, table: pd.DataFrame) -> tuple[Array, Array]:
    """Probabilities, and those with each column in turn saying nothing."""
    if isinstance(estimator, MeanOf):
        parts = [_without_each(model, part, table) for part in estimator.fitted_]
        return np.mean([p for p, _ in parts], axis=0), np.mean([without for _, without in parts], axis=0)
    if (logistic := logistic_part(estimator)) is not None:
        return _logistic_without(model, logistic, table)
    if isinstance(estimator, Trees):
        return _trees_without(model, estimator, table)
    p = estimator.predict_proba(table)[:, 1]
    without = [estimator.predict_proba(table.assign(**{n: _neutral(model, table, n)}))[:, 1] for n in table.columns]
    return p, np.column_stack(without)


def _logistic_without(model: LeadModel, pipeline: Pipeline, table: pd.DataFrame) -> tuple[Array, Array]:
    """Exact: the log-odds are a sum over columns, so a column is taken out by its part of the sum."""
    own = parts_of_sum(pipeline, table)
    neutral = parts_of_sum(pipeline, _neutral_row(model, table))
    total = own.sum(axis=1) + float(pipeline.steps[-1][1].intercept_[0])
    return special.expit(total), special.expit(total[:, None] - own + neutral)


def parts_of_sum(pipeline: Pipeline, table: pd.DataFrame) -> Array:
    """What each column adds to the log-odds of a logistic pipeline; with the intercept, they sum to the log-odds."""
    binned, weights = pipeline.steps[0][1], pipeline.steps[-1][1].coef_[0]
    return np.column_stack([binned.part(table[name], name, weights) for name in binned.columns_])


def _trees_without(model: LeadModel, trees: Trees, table: pd.DataFrame) -> tuple[Array, Array]:
    """Each column in turn neutral, asked only where it is not neutral already."""
    bins, neutral = trees.bins(table), trees.bins(_neutral_row(model, table))[0]
    p = trees.of_bins(bins)
    without = np.repeat(p[:, None], bins.shape[1], axis=1)
    for column, value in enumerate(neutral):
        rows = np.flatnonzero(bins[:, column] != value)
        other = bins[rows]
        other[:, column] = value
        without[rows, column] = trees.of_bins(other)
    return p, without


def changes(
    model: LeadModel, features: pd.DataFrame, *, rows: npt.NDArray[np.int64], most: int = 3
) -> list[tuple[Change, ...]]:
    """For the leads at *rows* the single answers that would move each probability most upwards, at most *most*.

    Tried are the most frequent levels of all *features*, and fifths of their numbers. What the model
    associates, not what would happen.
    """
    whole = model.aligned(features)
    table = whole.iloc[rows]
    p = model.probabilities(table)
    best: list[list[Change]] = [[] for _ in range(len(table))]
    for name in table.columns:
        highest, value_at = p.copy(), np.full(len(table), None, dtype=object)
        for value in _alternatives(whole[name]):
            said = model.probabilities(table.assign(**{name: _filled(table[name], value)}))
            better = said > highest + 1e-9
            highest[better], value_at[better] = said[better], value
        for row in np.flatnonzero(highest > p):
            best[row].append(Change(name, value_at[row], float(highest[row])))
    return [tuple(sorted(found, key=lambda change: -change.p)[:most]) for found in best]


def _alternatives(column: pd.Series) -> list[float | str]:
    if is_text(column):
        return [str(level) for level in column.value_counts().index[:_MOST_TRIED]]
    known = column.dropna()
    return [float(v) for v in np.unique(np.quantile(known, np.linspace(0.1, 0.9, 5)))] if len(known) else []


def _filled(column: pd.Series, value: float | str | None) -> pd.Series:
    if is_text(column):
        codes = np.full(len(column), -1 if value is None else 0)
        made = pd.Categorical.from_codes(codes, categories=pd.Index([] if value is None else [value], dtype=object))
        return pd.Series(made, index=column.index)
    return pd.Series(np.nan if value is None else float(value), index=column.index)


def _neutral(model: LeadModel, table: pd.DataFrame, name: str) -> pd.Series:
    return _filled(table[name], model.neutral[name])


def _neutral_row(model: LeadModel, table: pd.DataFrame) -> pd.DataFrame:
    row = table.iloc[:1]
    return pd.DataFrame({name: _neutral(model, row, name) for name in table.columns})


def _values(column: pd.Series) -> list[float | str | None]:
    return [None if pd.isna(value) else value for value in column.astype(object).tolist()]
