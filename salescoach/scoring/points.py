"""A rule score that somebody declared: points for answers, as teams keep them on paper or in their CRM."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from salescoach.scoring.encoding import is_text

Array = npt.NDArray[np.float64]

CONDITION = re.compile(r"(?P<sign>>=|<=|>|<|=)\s*(?P<limit>-?[0-9]+(?:\.[0-9]+)?)")
_SIGNS: dict[str, Callable[[Any, float], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq,
}  # fmt: skip


class RuleScore(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Declared points of each lead, added up; a line through the totals gives probabilities.

    The points are not learned, only what a total is worth. So a team sees what its own rule is good for.

    Parameters
    ----------
    rules : mapping of column to mapping of answer to points
        An answer is a text as it stands in the column or, for numbers, a condition such as ``>= 5``; every
        condition that holds gives its points. A missing cell gives none, nor does a column that is left out.
    """

    def __init__(self, rules: Mapping[str, Mapping[str, float]]) -> None:
        self.rules = rules

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Learn what a total is worth."""
        self.classes_ = np.array([0, 1])
        self.line_ = LogisticRegression(C=10.0).fit(self.totals(leads)[:, None], won)
        return self

    def totals(self, leads: pd.DataFrame) -> Array:
        """Points of each lead.

        >>> leads = pd.DataFrame({"source": pd.Series(["web", "fair"], dtype="category"), "visits": [7.0, 1.0]})
        >>> RuleScore({"source": {"fair": 2.0}, "visits": {">= 5": 3.0, "< 2": -1.0}}).totals(leads).tolist()
        [3.0, 1.0]
        """
        total = np.zeros(len(leads))
        for name, answers in self.rules.items():
            if name in leads:
                for answer, points in answers.items():
                    total += points * _holds(leads[name], answer)
        return total

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        return np.asarray(self.line_.predict_proba(self.totals(leads)[:, None]))


def _holds(column: pd.Series, answer: str) -> npt.NDArray[np.bool_]:
    if is_text(column):
        return (column.astype(object) == answer).to_numpy()
    condition = CONDITION.fullmatch(answer.strip()) or CONDITION.fullmatch(f"={answer.strip()}")
    if condition is None:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(_SIGNS[condition["sign"]](column.to_numpy(dtype=float), float(condition["limit"])))
