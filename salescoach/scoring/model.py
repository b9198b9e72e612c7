"""A fitted model with all that its use needs: which columns it reads, where they are neutral, where grades begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from salescoach.errors import InputError
from salescoach.scoring.encoding import Binned, is_text
from salescoach.scoring.evaluation import Evaluation
from salescoach.scoring.grades import Grades, grades_of
from salescoach.scoring.ladder import Rung, default_ladder
from salescoach.scoring.leads import Leads
from salescoach.scoring.models import MeanOf

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LeadModel:
    """A model that scores leads.

    Attributes
    ----------
    rung : str
        Its name on the ladder.
    estimator : estimator
        Fitted; takes a table with ``columns``.
    columns : mapping of column to ``number``, ``text`` or ``moment``
        What it reads, in order; a moment is read as days from it to the snapshot.
    neutral : mapping of column to value
        The middle number or the most frequent text of the training leads.
    base_rate : float
        Conversion of the training leads, between 0 and 1.
    grades : Grades
        Cut-offs fixed when the model was made.
    """

    rung: str
    estimator: Any
    columns: Mapping[str, str]
    neutral: Mapping[str, float | str | None]
    base_rate: float
    grades: Grades

    def probabilities(self, features: pd.DataFrame) -> Array:
        """Probability of each lead, between 0 and 1. InputError when a column is missing."""
        return np.asarray(self.estimator.predict_proba(self.aligned(features))[:, 1], dtype=float)

    def aligned(self, features: pd.DataFrame) -> pd.DataFrame:
        """*features* in the order and form of the training leads."""
        missing = [name for name in self.columns if name not in features]
        if missing:
            raise InputError(
                f"the model reads columns that are not there: {', '.join(missing)}. "
                "Export them too; a cell that is not known stays empty."
            )
        return pd.DataFrame({name: _as(features[name], kind) for name, kind in self.columns.items()})


def _as(column: pd.Series, kind: str) -> pd.Series:
    if kind == "text":
        return column if is_text(column) else column.map("{:.15g}".format, na_action="ignore").astype("category")
    if is_text(column):
        return pd.to_numeric(column.astype(object), errors="coerce").astype(float)
    return column.astype(float)


def fit(
    leads: Leads,
    evaluation: Evaluation,
    *,
    ladder: tuple[Rung, ...] | None = None,
    kinds: Mapping[str, str] | None = None,
) -> LeadModel:
    """Fit the champion of *evaluation* on the closed leads.

    Where leads were judged over time, it learns from as many of the latest as the evaluated models did.
    *kinds* names columns that were moments in the file. InputError when there is no usable signal: then no
    score is better than one.
    """
    if not evaluation.usable:
        raise InputError(
            "there is no usable signal: nothing beat the base rate on leads that were not learned from. "
            "No model is made; see the evaluation."
        )
    rows = np.flatnonzero(leads.closed)
    if leads.when is not None:
        rows = rows[np.argsort(leads.when[rows], kind="stable")][-max(len(f.train) for f in evaluation.split.folds) :]
    won = leads.won[rows]
    table = leads.features.iloc[rows].reset_index(drop=True)
    closed = leads.won[leads.closed]  # all of them, as the evaluation counted: the latest alone may hold too few
    fewest = int(min(closed.sum(), len(closed) - closed.sum()))
    rungs = ladder or default_ladder(len(closed), fewest, leads.points)
    rung = next(rung for rung in rungs if rung.name == evaluation.champion)
    judged = np.isfinite(evaluation.p)
    names = [str(name) for name in table.columns]
    found = {name: "text" if is_text(table[name]) else "number" for name in names}
    return LeadModel(
        rung=rung.name,
        estimator=rung.make(len(won)).fit(table, won),
        columns=found | {name: kind for name, kind in (kinds or {}).items() if name in found},
        neutral={name: _neutral(table[name]) for name in names},
        base_rate=float(won.mean()),
        grades=grades_of(evaluation.p[judged], leads.won[judged]),
    )


def _neutral(column: pd.Series) -> float | str | None:
    if is_text(column):
        counts = column.value_counts()
        return str(counts.index[0]) if len(counts) and counts.iloc[0] else None
    middle = float(column.median())
    return middle if np.isfinite(middle) else None


def logistic_part(estimator: Any) -> Pipeline | None:
    """The logistic model in *estimator*: itself or a part of a mean; None when there is none."""
    if isinstance(estimator, Pipeline) and isinstance(estimator.steps[0][1], Binned):
        return estimator if hasattr(estimator.steps[-1][1], "coef_") else None
    if isinstance(estimator, MeanOf):
        return next((part for model in estimator.fitted_ if (part := logistic_part(model)) is not None), None)
    return None
