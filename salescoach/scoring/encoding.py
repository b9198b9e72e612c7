"""Columns as numbers that a model can use, learned from the training rows only.

A table of leads has columns of float64 (numbers, missing = nan) and of pandas' ``category`` (texts,
missing = nan). Here it becomes a sparse matrix for the logistic model and a dense one for trees. Missing
is information: it has a place of its own. A level that was never seen, or seen rarely, is "other", so a
new kind of lead is scored and never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse, special
from sklearn.base import BaseEstimator, TransformerMixin

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

ENCODING = 3
"""Rises whenever a stored model would no longer read its columns as it was fitted on them."""

MISSING, OTHER = 0, 1
"""Codes that every column of texts has; its levels follow from 2 on."""

_BULK = (0.02, 0.98)
_FURTHEST = 3.0
_SHARED = 0.5**0.5
"""What stands in place of 1 where a column speaks in two places: both together are believed like one."""
_FEWEST_TO_POOL = 100
"""Of the rarer outcome: with fewer, what levels convert at differs more between fifths of the rows than it tells."""
_LEAST_SHARE = 0.02
"""No level is taken to convert less or more than this short of always: few rows cannot show it."""


def is_text(column: pd.Series) -> bool:
    """True for a column of texts, false for one of numbers."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def level_codes(column: pd.Series, levels: npt.NDArray[np.object_]) -> Codes:
    """Code of each cell: 0 missing, 1 a level that is not among *levels*, 2 and more the place in *levels*.

    >>> level_codes(pd.Series(["web", None, "fair"], dtype="category"), np.array(["web"], dtype=object)).tolist()
    [2, 0, 1]
    """
    place = {level: number for number, level in enumerate(levels, 2)}
    codes = np.array([MISSING, *(place.get(level, OTHER) for level in column.cat.categories)], dtype=np.int64)
    return codes[column.cat.codes.to_numpy().astype(np.int64) + 1]


def frequent_levels(column: pd.Series, least: int) -> npt.NDArray[np.object_]:
    """Levels that at least *least* rows have, in order of the alphabet."""
    counts = np.bincount(column.cat.codes.to_numpy().astype(np.int64) + 1, minlength=len(column.cat.categories) + 1)[1:]
    kept = [str(level) for level, count in zip(column.cat.categories, counts, strict=True) if count >= least]
    return np.array(sorted(kept), dtype=object)


def bin_edges(values: Array, bins: int) -> Array:
    """Inner edges that cut the known *values* into at most *bins* parts of about equal size.

    Few different values keep a part each.

    >>> bin_edges(np.array([1.0, 1, 1, 2, 3, 3]), 10).tolist()
    [1.5, 2.5]
    """
    known = values[np.isfinite(values)]
    distinct = np.unique(known)
    if len(distinct) <= bins:
        return np.asarray((distinct[1:] + distinct[:-1]) / 2, dtype=float)
    cuts, times = np.unique(np.quantile(known, np.arange(1, bins) / bins), return_counts=True)
    # A value that many rows have, such as 0, is a part of its own: it often means something else than its neighbours.
    return np.unique(np.concatenate([cuts, np.nextafter(cuts[times > 1], np.inf)]))


def bin_codes(values: Array, edges: Array) -> Codes:
    """Code of each number: 0 missing, 1 and more its bin."""
    codes = np.searchsorted(edges, values, side="right") + 1
    codes[~np.isfinite(values)] = MISSING
    return codes


class Binned(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A sparse matrix with one place per bin or level, and each number itself, in standard deviations.

    With *means*, each text also has a place for the log-odds of its level, drawn towards those of all: where
    leads are few, a level then needs no weight of its own to be told from the others. While fitting, a row's own
    outcome is never in its own figure.

    Parameters
    ----------
    bins : int
        Parts into which a number is cut.
    least : int
        Rows a level needs for a place of its own.
    values : bool
        Give each number itself, too: most effects only rise or fall, and a straight line needs fewer leads than bins.
    means : bool
        Give each text the log-odds of its level, too, where a hundred leads of the rarer outcome show them;
        needs the outcomes.
    """

    def __init__(self, bins: int = 10, least: int = 20, values: bool = True, means: bool = False) -> None:
        self.bins = bins
        self.least = least
        self.values = values
        self.means = means

    def fit(self, leads: pd.DataFrame, won: object = None) -> Self:
        """Learn edges, spans and levels, and what levels convert at."""
        self.columns_ = list(leads.columns)
        self.levels_: dict[str, npt.NDArray[np.object_]] = {}
        self.edges_: dict[str, Array] = {}
        self.spans_: dict[str, tuple[float, float]] = {}
        widths: list[int] = []
        for name in self.columns_:
            if is_text(leads[name]):
                self.levels_[name] = frequent_levels(leads[name], self.least)
                widths.append(len(self.levels_[name]) + 2)
            else:
                values = leads[name].to_numpy(dtype=float)
                self.edges_[name] = bin_edges(values, self.bins)
                self.spans_[name] = _span(values[np.isfinite(values)])
                widths.append(len(self.edges_[name]) + 2)
        self.starts_ = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        self.means_: dict[str, Array] = {}
        if self.means:
            outcomes = np.asarray(won, dtype=float)
            enough = min(outcomes.sum(), len(outcomes) - outcomes.sum()) >= _FEWEST_TO_POOL
            for name, levels in self.levels_.items() if enough else ():
                codes = level_codes(leads[name], levels)
                self.means_[name] = relative_log_odds(codes, outcomes, len(levels) + 2)
        return self

    @property
    def further(self) -> list[str]:
        """Columns that have one more place after all others, in the order of these."""
        return [*(self.spans_ if self.values else ()), *self.means_]

    @property
    def scale(self) -> float:
        """What all places are multiplied with."""
        return _SHARED if self.means_ else 1.0

    def _one(self, name: str) -> float:
        """What stands in the place of a bin or level."""
        return _SHARED if self.values and name in self.spans_ else 1.0

    def one_more(self, column: pd.Series, name: str) -> Array:
        """What stands there: the number in standard deviations, the log-odds of a level."""
        if name in self.means_:
            return self.means_[name][self.codes(column, name)]
        return self.value(column, name)

    def fit_transform(self, leads: pd.DataFrame, won: object = None, **_: Any) -> sparse.csr_matrix:
        """The matrix of the training rows; each level's log-odds from four fifths of the others."""
        self.fit(leads, won)
        crossed = {}
        outcomes = np.asarray(won, dtype=float) if self.means else np.zeros(0)
        for name in self.means_:
            codes, width = self.codes(leads[name], name), len(self.levels_[name]) + 2
            crossed[name] = _crossed(codes, outcomes, width, relative_log_odds, seed=0)
        return self._matrix(leads, crossed)

    def transform(self, leads: pd.DataFrame) -> sparse.csr_matrix:
        """The matrix: ``starts_`` says where the places of a column begin; :attr:`further` stand after all places."""
        return self._matrix(leads, {})

    def _matrix(self, leads: pd.DataFrame, crossed: Mapping[str, Array]) -> sparse.csr_matrix:
        own, width = len(self.columns_), int(self.starts_[-1])
        shape = len(leads), own + len(self.further)
        places, values = np.empty(shape, dtype=np.int32), np.ones(shape)
        for number, name in enumerate(self.columns_):
            places[:, number] = self.starts_[number] + self.codes(leads[name], name)
            values[:, number] = self._one(name)
        for number, name in enumerate(self.further):
            places[:, own + number] = width + number
            values[:, own + number] = crossed[name] if name in crossed else self.one_more(leads[name], name)
        values *= self.scale
        pointers = np.arange(0, places.size + 1, shape[1], dtype=np.int32)
        return sparse.csr_matrix(
            (values.ravel(), places.ravel(), pointers), shape=(len(leads), width + len(self.further)), copy=False
        )

    def part(self, column: pd.Series, name: str, weights: Array) -> Array:
        """What the column *name* adds to the product of the matrix and *weights*, without making the matrix."""
        start, width = int(self.starts_[self.columns_.index(name)]), int(self.starts_[-1])
        found: Array = (weights[start:] * self._one(name))[self.codes(column, name)]
        if name in self.further:
            found += weights[width + self.further.index(name)] * self.one_more(column, name)
        found *= self.scale
        return found

    def codes(self, column: pd.Series, name: str) -> Codes:
        """Place of each cell within its column: 0 missing, then levels ("other" first) or bins."""
        if name in self.levels_:
            return level_codes(column, self.levels_[name])
        return bin_codes(column.to_numpy(dtype=float), self.edges_[name])

    def value(self, column: pd.Series, name: str) -> Array:
        """Each number in standard deviations from the middle one, at most three; 0 when missing."""
        middle, spread = self.spans_[name]
        found: Array = np.clip((column.to_numpy(dtype=float) - middle) / spread, -_FURTHEST, _FURTHEST)
        found[np.isnan(found)] = 0.0
        return found


def _span(known: Array) -> tuple[float, float]:
    """Middle and standard deviation of numbers, without the few furthest ones.

    >>> _span(np.array([1.0, 2, 3])), _span(np.array([7.0, 7])), _span(np.array([]))
    ((2.0, 0.816496580927726), (7.0, 1.0), (0.0, 1.0))
    """
    if not len(known):
        return 0.0, 1.0
    low, middle, high = np.quantile(known, [_BULK[0], 0.5, _BULK[1]])
    spread = float(known[(known >= low) & (known <= high)].std()) or float(known.std()) or 1.0
    return float(middle), spread


class TargetMeans(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Numbers as they are; each text as the conversion of leads that have it, drawn towards that of all.

    While fitting, a row's own outcome is never in its own figure: five parts of the rows are each encoded
    from the other four. Without that, trees would read the outcome back from rare levels.

    Parameters
    ----------
    seed : int
        Of the split into parts.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Learn the conversion of each level."""
        self.columns_ = list(leads.columns)
        self.levels_ = {name: frequent_levels(leads[name], 1) for name in self.columns_ if is_text(leads[name])}
        self.means_: dict[str, Array] = {}
        for name, levels in self.levels_.items():
            self.means_[name] = shrunken_means(level_codes(leads[name], levels), won, len(levels) + 2)
        return self

    def transform(self, leads: pd.DataFrame) -> Array:
        """The matrix, columns in the order of the table."""
        return self._matrix(leads, lambda name, codes: self.means_[name][codes])

    def fit_transform(self, leads: pd.DataFrame, won: Array, **_: Any) -> Array:
        """The matrix of the training rows, each encoded without its own outcome."""
        outcomes = np.asarray(won, dtype=float)
        self.fit(leads, outcomes)

        def crossed(name: str, codes: Codes) -> Array:
            return _crossed(codes, outcomes, len(self.levels_[name]) + 2, shrunken_means, self.seed)

        return self._matrix(leads, crossed)

    def _matrix(self, leads: pd.DataFrame, encoded: Any) -> Array:
        matrix = np.empty((len(leads), len(self.columns_)))
        for number, name in enumerate(self.columns_):
            levels = self.levels_.get(name)
            if levels is None:
                matrix[:, number] = leads[name].to_numpy(dtype=float)
            else:
                matrix[:, number] = encoded(name, level_codes(leads[name], levels))
        return matrix


def _crossed(codes: Codes, won: Array, width: int, figures: Callable[[Codes, Array, int], Array], seed: int) -> Array:
    """The figure of each row's code, learned from the four fifths of the rows that it is not in."""
    part = np.random.default_rng(seed).integers(0, 5, len(won))
    found = np.empty(len(codes))
    for k in range(5):
        inside = part == k
        found[inside] = figures(codes[~inside], won[~inside], width)[codes[inside]]
    return found


def relative_log_odds(codes: Codes, won: Array, width: int) -> Array:
    """Log-odds of each code's :func:`shrunken_means`, less those of all rows; 0 says nothing.

    >>> relative_log_odds(np.array([0, 0, 0, 1, 1, 1]), np.array([1.0, 1, 0, 0, 1, 0]), 3).round(2).tolist()
    [0.53, -0.53, 0.0]
    """
    overall = float(won.mean()) if len(won) else 0.5
    means = np.clip(shrunken_means(codes, won, width), _LEAST_SHARE, 1 - _LEAST_SHARE)
    return np.asarray(special.logit(means) - special.logit(np.clip(overall, _LEAST_SHARE, 1 - _LEAST_SHARE)))


def shrunken_means(codes: Codes, won: Array, width: int) -> Array:
    """Conversion for each code, drawn towards that of all rows by an empirical-Bayes weight.

    The weight of a level with n rows is n / (n + variance within the level / variance of all rows), as in
    Micci-Barreca (2001). A code without rows has the conversion of all.

    >>> shrunken_means(np.array([0, 0, 1, 1]), np.array([1.0, 1, 0, 0]), 3).round(2).tolist()
    [1.0, 0.0, 0.5]
    """
    n = np.bincount(codes, minlength=width).astype(float)
    k = np.bincount(codes, weights=won, minlength=width)
    overall = float(won.mean()) if len(won) else 0.5
    mean = np.where(n > 0, k / np.maximum(n, 1), overall)
    within, total = mean * (1 - mean), overall * (1 - overall)
    weight = np.where(n > 0, n * total / np.maximum(n * total + within, 1e-12), 0.0)
    return np.asarray(weight * mean + (1 - weight) * overall, dtype=float)
