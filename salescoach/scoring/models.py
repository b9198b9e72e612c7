"""The rungs of the ladder: from the base rate to boosted trees, each an estimator in scikit-learn's form.

An estimator takes the table of features (float64 and ``category``) and gives two columns of
probabilities. No reweighting, no resampling: both ruin probabilities at equal ranking. Trained on log
loss, the logistic model and the trees are calibrated already where the data do not drift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from salescoach.scoring.encoding import MISSING, Binned, TargetMeans
from salescoach.scoring.evidence import supported_spread
from salescoach.scoring.measures import surprises

Array = npt.NDArray[np.float64]

FEW = 1_000
"""Below so many leads, trees are smaller and rarer levels count."""

MANY = 50_000
"""From so many leads on, fewer and larger trees: a million leads are scored in seconds."""

_SEED = 20260
_SMOOTHING = 0.1
_ASIDE, _FEWEST_ASIDE = 0.25, 15
_MOST_ASKED = 10_000
_STRONG = 0.5
_Z90 = float(special.ndtri(0.95))


def two_columns(p: Array) -> Array:
    """Probabilities of lost and won, as scikit-learn wants them."""
    return np.column_stack([1 - p, p])


class FrequencyTable(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Naive Bayes over counts of each value among won and lost leads: what common CRMs ship.

    Numbers are cut into tenths, missing values are skipped, 0.1 is added to each count. It ranks decently;
    its probabilities are poor, because columns that say the same are counted twice.
    """

    def __init__(self, least: int = 1) -> None:
        self.least = least

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Count."""
        self.classes_ = np.array([0, 1])
        self.binned_ = Binned(least=self.least, values=False).fit(leads)
        self.weights_: list[Array] = []
        self.start_ = float(np.log(max(won.sum(), _SMOOTHING) / max(len(won) - won.sum(), _SMOOTHING)))
        for number, name in enumerate(self.binned_.columns_):
            width = int(self.binned_.starts_[number + 1] - self.binned_.starts_[number])
            codes = self.binned_.codes(leads[name], name)
            gained = np.bincount(codes, weights=won, minlength=width) + _SMOOTHING
            failed = np.bincount(codes, weights=1 - won, minlength=width) + _SMOOTHING
            weights = np.log(gained / gained.sum()) - np.log(failed / failed.sum())
            weights[MISSING] = 0.0
            self.weights_.append(weights)
        return self

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        total = np.full(len(leads), self.start_)
        for name, weights in zip(self.binned_.columns_, self.weights_, strict=True):
            total += weights[self.binned_.codes(leads[name], name)]
        return two_columns(special.expit(total))


class Points(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A rule score: a point for each answer that converts clearly better than all, one off for clearly worse.

    Clearly: the 90 % interval of its conversion leaves out the base rate. The probability of a total is read
    from a line through the totals. So coarse that anybody can add it up on paper.
    """

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Give the points."""
        self.classes_ = np.array([0, 1])
        self.binned_ = Binned(bins=5, values=False).fit(leads)
        base = float(np.mean(won))
        self.points_: list[Array] = []
        for number, name in enumerate(self.binned_.columns_):
            width = int(self.binned_.starts_[number + 1] - self.binned_.starts_[number])
            codes = self.binned_.codes(leads[name], name)
            n = np.bincount(codes, minlength=width)
            share = np.bincount(codes, weights=won, minlength=width) / np.maximum(n, 1)
            clear = np.abs(share - base) > _Z90 * np.sqrt(base * (1 - base) / np.maximum(n, 1))
            self.points_.append(np.where(clear & (n > 0), np.sign(share - base), 0.0))
        self.line_ = LogisticRegression(C=10.0).fit(self.totals(leads)[:, None], won)
        return self

    def totals(self, leads: pd.DataFrame) -> Array:
        """Points of each lead."""
        total = np.zeros(len(leads))
        for name, points in zip(self.binned_.columns_, self.points_, strict=True):
            total += points[self.binned_.codes(leads[name], name)]
        return total

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        return np.asarray(self.line_.predict_proba(self.totals(leads)[:, None]))


class MeanOf(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """The mean of the probabilities of several models: they err in different places."""

    def __init__(self, models: Sequence[Any] = ()) -> None:
        self.models = models

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Fit every one."""
        self.classes_ = np.array([0, 1])
        self.fitted_ = [clone(model).fit(leads, won) for model in self.models]
        return self

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        return np.asarray(np.mean([model.predict_proba(leads) for model in self.fitted_], axis=0))


class Logistic(Pipeline):  # type: ignore[misc]
    """:class:`Binned`, then logistic regression. It scores column by column: most of the work was the matrix.

    How widely effects are spread (C) is asked of the leads: one belief for all files makes the probabilities of some
    too timid and of others too bold.
    """

    def fit(self, leads: pd.DataFrame, won: Array, **_: Any) -> Self:
        """Fit on all leads."""
        binned, model = (step for _, step in self.steps)
        outcomes = np.asarray(won, dtype=float)
        matrix = binned.fit_transform(leads, outcomes)
        model.set_params(C=supported_spread(matrix, outcomes)).fit(matrix, outcomes)
        return self

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        binned, model = (step for _, step in self.steps)
        total = np.full(len(leads), float(model.intercept_[0]))
        for name in binned.columns_:
            total += binned.part(leads[name], name, model.coef_[0])
        return two_columns(special.expit(total))


class Trees(Pipeline):  # type: ignore[misc]
    """:class:`TargetMeans`, then boosted trees, which are asked with the bins that they were grown on.

    scikit-learn compares each number with a threshold; the number of its bin says the same in one byte instead of
    eight and in two thirds of the time. That is no public part of scikit-learn: a test holds both to equal scores,
    and a stored model is refused by any other version than its own.

    They hold back, as most leads need; where leads tell a lot they are bolder, but only when a quarter of the leads,
    kept aside, shows it by more than one standard error. It is asked only if quick trees leave less than half of the
    squared error of the base rate, because asking takes long.
    """

    bolder: ClassVar[Mapping[str, Any]] = {
        "model__max_iter": 200, "model__max_leaf_nodes": 15, "model__min_samples_leaf": 10,
        "model__learning_rate": 0.1, "model__l2_regularization": 1.0, "model__max_features": 0.5,
        "model__early_stopping": False,
    }  # fmt: skip
    screen: ClassVar[Mapping[str, Any]] = {
        "model__max_iter": 30, "model__learning_rate": 0.2, "model__early_stopping": False,
    }  # fmt: skip

    def fit(self, leads: pd.DataFrame, won: Array, **_: Any) -> Self:
        """Fit on all leads."""
        if self._bolder_is_better(leads, np.asarray(won, dtype=float)):
            self.set_params(**self.bolder)
        super().fit(leads, won)
        return self

    def _bolder_is_better(self, leads: pd.DataFrame, won: Array) -> bool:
        aside = np.random.default_rng(_SEED).random(len(won)) < _ASIDE
        came, seen = won[aside], won[~aside]
        fewest = min(came.sum(), len(came) - came.sum(), seen.sum(), len(seen) - seen.sum())
        if len(won) > _MOST_ASKED or fewest < _FEWEST_ASIDE:
            return False

        def said(parameters: Mapping[str, Any]) -> Array:
            model = Pipeline(clone(self).steps).set_params(**parameters).fit(leads[~aside], seen)
            return np.asarray(model.predict_proba(leads[aside])[:, 1])

        if np.mean((said(self.screen) - came) ** 2) > _STRONG * np.mean((seen.mean() - came) ** 2):
            return False
        gain = surprises(came, said({})) - surprises(came, said(self.bolder))
        return bool(gain.mean() > gain.std() / np.sqrt(len(gain)))

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won."""
        return two_columns(self.of_bins(self.bins(leads)))

    def bins(self, leads: pd.DataFrame) -> npt.NDArray[np.uint8]:
        """The bin of each lead in each column."""
        found: npt.NDArray[np.uint8] = self.steps[-1][1]._bin_mapper.transform(self.steps[0][1].transform(leads))
        return np.ascontiguousarray(found)

    def of_bins(self, bins: npt.NDArray[np.uint8]) -> Array:
        """Probability of won of each row of :meth:`bins`."""
        trees = self.steps[-1][1]
        raw = np.full((len(bins), 1), trees._baseline_prediction[0, 0], order="F")
        trees._predict_iterations(bins, trees._predictors, raw, is_binned=True, n_threads=1)
        return np.asarray(special.expit(raw[:, 0]))


def logistic(n: int) -> Logistic:
    """Logistic regression on bins, numbers and levels, for *n* training leads.

    Few leads: levels are pooled through their log-odds, too.
    """
    few = n < FEW
    binned = Binned(least=5 if few else 20, means=few)
    return Logistic([("binned", binned), ("model", LogisticRegression(C=0.1, max_iter=200))])


def trees(n: int) -> Trees:
    """Boosted trees on numbers and on the conversion of each level, for *n* training leads."""
    few = {
        "max_iter": 120,
        "max_leaf_nodes": 6,
        "min_samples_leaf": 10,
        "max_features": 0.4,
        "early_stopping": False,
        "learning_rate": 0.05,
    }
    some = {
        "max_iter": 400, "max_leaf_nodes": 15, "min_samples_leaf": 40, "max_features": 0.5, "early_stopping": True,
        "validation_fraction": 0.15, "n_iter_no_change": 20, "learning_rate": 0.08,
    }  # fmt: skip
    many = {"max_iter": 80, "max_leaf_nodes": 31, "min_samples_leaf": 40, "max_features": 0.5, "learning_rate": 0.12}
    sizes: dict[str, Any] = few if n < FEW else some if n < MANY else many | {"early_stopping": False}
    model = HistGradientBoostingClassifier(l2_regularization=5.0, random_state=_SEED, **sizes)
    return Trees([("means", TargetMeans()), ("model", model)])


def mean(n: int) -> MeanOf:
    """The mean of the logistic model and the trees: the default."""
    return MeanOf([logistic(n), trees(n)])
