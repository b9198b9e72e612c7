"""The model of the first leads: a Bayesian logistic regression, exact enough for any number of columns."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, special
from sklearn.base import BaseEstimator, ClassifierMixin

from salescoach.scoring.encoding import Binned
from salescoach.scoring.models import two_columns

Array = npt.NDArray[np.float64]

_PRIOR_LEADS = 20.0
_Z90 = float(special.ndtri(0.95))


class _Narrow:
    """Curvature of the posterior, X'WX and the prior's precision, where leads are more than places."""

    def __init__(self, x: Array, precision: Array) -> None:
        self.x, self.precision = x, precision

    def at(self, w: Array) -> None:
        """The curvature for the weights *w* of the leads."""
        self.root = linalg.cholesky((self.x.T * w) @ self.x + np.diag(self.precision), lower=True)

    def solve(self, gradient: Array) -> Array:
        """Newton's step."""
        return np.asarray(linalg.cho_solve((self.root, True), gradient))

    def variance(self) -> tuple[Array, Array, float]:
        """``apart``, ``root``, ``sign``: the variance of a row z is z²·apart + sign·|root z|²."""
        inverse = linalg.solve_triangular(self.root, np.eye(len(self.root)), lower=True)
        return np.zeros(len(self.root)), inverse, 1.0


class _Wide(_Narrow):
    """The same where places are more than leads: a matrix of leads by leads is solved (Woodbury's identity)."""

    def __init__(self, x: Array, precision: Array) -> None:
        super().__init__(x, precision)
        self.scaled = x / precision
        self.alike = self.scaled @ x.T

    def at(self, w: Array) -> None:
        """The curvature for the weights *w* of the leads."""
        self.side = np.sqrt(w)
        self.root = linalg.cholesky(np.eye(len(w)) + self.side[:, None] * self.alike * self.side, lower=True)

    def solve(self, gradient: Array) -> Array:
        """Newton's step."""
        seen = linalg.cho_solve((self.root, True), self.side * (self.scaled @ gradient))
        return np.asarray(gradient / self.precision - self.scaled.T @ (self.side * seen))

    def variance(self) -> tuple[Array, Array, float]:
        """As above: what the prior left open, less what the leads have told."""
        told = linalg.solve_triangular(self.root, self.side[:, None] * self.scaled, lower=True)
        return 1 / self.precision, told, -1.0


class PriorLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A Bayesian logistic model for the first leads: what was believed before, moved by what is seen.

    Every effect has a normal prior with mean 0 and standard deviation *spread* in log-odds; the base rate has
    one worth twenty leads around *base_rate* (that of the training leads when not given). So five wins move a
    probability a little and never to 0 or 1. The posterior is Laplace's: its mode and curvature.

    Parameters
    ----------
    spread : float
        Standard deviation of an effect before anything was seen; 0.4 means that an answer changes the odds by
        less than a factor of two in most cases.
    base_rate : float or None
        Conversion that was usual before, between 0 and 1.
    """

    def __init__(self, spread: float = 0.4, base_rate: float | None = None) -> None:
        self.spread = spread
        self.base_rate = base_rate

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Find the posterior by Newton's method."""
        self.classes_ = np.array([0, 1])
        y = np.asarray(won, dtype=float)
        self.binned_ = Binned(bins=4, least=3).fit(leads)
        x = self._design(leads)
        base = float(np.clip(self.base_rate if self.base_rate is not None else y.mean(), 0.01, 0.99))
        self.centre_ = np.zeros(x.shape[1])
        self.centre_[0] = special.logit(base)
        precision = np.full(x.shape[1], 1 / self.spread**2)
        precision[0] = _PRIOR_LEADS * base * (1 - base)
        curved = _Wide(x, precision) if x.shape[1] > len(x) else _Narrow(x, precision)
        beta = self.centre_.copy()
        for _ in range(50):
            p = special.expit(x @ beta)
            curved.at(p * (1 - p))
            step = curved.solve(x.T @ (y - p) - precision * (beta - self.centre_))
            beta += step
            if np.abs(step).max() < 1e-8:
                break
        self.effects_ = beta
        self.variance_ = curved.variance()
        return self

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won, averaged over the posterior (MacKay 1992)."""
        mean, variance = self._posterior(leads)
        p = special.expit(mean / np.sqrt(1 + np.pi * variance / 8))
        return two_columns(p)

    def interval(self, leads: pd.DataFrame) -> tuple[Array, Array]:
        """90 % limits of the probability of each lead."""
        mean, variance = self._posterior(leads)
        half = _Z90 * np.sqrt(variance)
        return special.expit(mean - half), special.expit(mean + half)

    def _posterior(self, leads: pd.DataFrame) -> tuple[Array, Array]:
        x, (apart, root, sign) = self._design(leads), self.variance_
        return x @ self.effects_, x**2 @ apart + sign * ((x @ root.T) ** 2).sum(axis=1)

    def _design(self, leads: pd.DataFrame) -> Array:
        return np.column_stack([np.ones(len(leads)), self.binned_.transform(leads).toarray()])
