"""The model of the first leads: a Bayesian logistic regression, exact enough for any number of columns."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, optimize, special
from sklearn.base import BaseEstimator, ClassifierMixin

from salescoach.scoring.encoding import Binned
from salescoach.scoring.models import two_columns

Array = npt.NDArray[np.float64]

SPREADS = (0.2, 0.4, 0.8, 1.6)
"""Standard deviations of an effect, in log-odds, that are believed possible before anything was seen, and equally so:
from answers that change the odds by a fifth to some that change them fivefold."""

_NEGLIGIBLE = np.log(1_000)
"""Against the odds of the best supported belief: one that far behind no longer counts."""

_PRIOR_LEADS = 20.0
_FURTHEST = 1_000.0  # no log-odds are moved further
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

    def volume(self) -> float:
        """Logarithm of its determinant, less that of the prior's precision."""
        return float(2 * np.log(np.diag(self.root)).sum() - np.log(self.precision).sum())

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

    def volume(self) -> float:
        """As above; the prior's part cancels out."""
        return float(2 * np.log(np.diag(self.root)).sum())

    def variance(self) -> tuple[Array, Array, float]:
        """As above: what the prior left open, less what the leads have told."""
        told = linalg.solve_triangular(self.root, self.side[:, None] * self.scaled, lower=True)
        return 1 / self.precision, told, -1.0


class PriorLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A Bayesian logistic model for the first leads: what was believed before, moved by what is seen.

    Every effect has a normal prior with mean 0; the base rate has one worth twenty leads around *base_rate* (that of
    the training leads when not given). So five wins move a probability a little and never to 0 or 1. How large
    effects are is not known before, either: the model believes in all :data:`SPREADS`, each as far as the leads
    support it. Each posterior is Laplace's, its mode and curvature, and so is its evidence (MacKay 1992).

    A curvature is symmetric, and a posterior is not where wins are rare: averaged over it, too many would be promised.
    In the exact posterior the average over the leads that were learned from is what the mode says of them, because
    the slope of its logarithm averages to 0; every lead is moved by what brings that about.

    Parameters
    ----------
    spread : float or None
        Standard deviation of an effect in log-odds where it is known before; 0.4 means that an answer changes the
        odds by less than a factor of two in most cases.
    base_rate : float or None
        Conversion that was usual before, between 0 and 1.
    """

    def __init__(self, spread: float | None = None, base_rate: float | None = None) -> None:
        self.spread = spread
        self.base_rate = base_rate

    def fit(self, leads: pd.DataFrame, won: Array) -> Self:
        """Find the posterior under every spread, and how far each is believed."""
        self.classes_ = np.array([0, 1])
        y = np.asarray(won, dtype=float)
        self.binned_ = Binned(bins=4, least=3).fit(leads)
        x = self._design(leads)
        base = float(np.clip(self.base_rate if self.base_rate is not None else y.mean(), 0.01, 0.99))
        self.centre_ = np.zeros(x.shape[1])
        self.centre_[0] = special.logit(base)
        found, beta = [], self.centre_
        for spread in SPREADS if self.spread is None else (self.spread,):
            precision = np.full(x.shape[1], 1 / spread**2)
            precision[0] = _PRIOR_LEADS * base * (1 - base)
            curved = _Wide(x, precision) if x.shape[1] > len(x) else _Narrow(x, precision)
            beta, evidence = self._posterior(curved, y, beta)
            found.append((evidence, beta, curved.variance()))
            if evidence < max(each for each, *_ in found) - _NEGLIGIBLE:
                break  # it has one top: beyond it a bolder belief is supported ever less
        best = max(evidence for evidence, *_ in found)
        kept = [each for each in found if each[0] >= best - _NEGLIGIBLE]
        believed = np.exp([evidence - best for evidence, *_ in kept])
        self.believed_ = believed / believed.sum()
        self.effects_ = np.array([effects for _, effects, _ in kept])
        self.variances_ = [variance for *_, variance in kept]
        self.shifts_ = np.zeros(len(kept))
        self.shifts_ = np.array([_shift(*each) for each in zip(*self._log_odds(leads), strict=True)])
        return self

    def _posterior(self, curved: _Narrow, y: Array, start: Array) -> tuple[Array, float]:
        """Mode by Newton's method, and the logarithm of the evidence."""
        x, precision, beta = curved.x, curved.precision, start.copy()
        for _ in range(50):
            p = special.expit(x @ beta)
            curved.at(p * (1 - p))
            step = curved.solve(x.T @ (y - p) - precision * (beta - self.centre_))
            beta += step
            if np.abs(step).max() < 1e-8:
                break
        total = x @ beta
        fit = float(np.sum(y * total - np.logaddexp(0, total)))
        return beta, fit - 0.5 * float(np.sum(precision * (beta - self.centre_) ** 2)) - 0.5 * curved.volume()

    def predict_proba(self, leads: pd.DataFrame) -> Array:
        """Probabilities of lost and won, averaged over what is believed."""
        mean, variance = self._log_odds(leads)
        return two_columns(self.believed_ @ _averaged(mean, variance))

    def interval(self, leads: pd.DataFrame) -> tuple[Array, Array]:
        """90 % limits of the probability of each lead."""
        means, variances = self._log_odds(leads)
        mean = self.believed_ @ means
        half = _Z90 * np.sqrt(self.believed_ @ (variances + (means - mean) ** 2))
        return special.expit(mean - half), special.expit(mean + half)

    def _log_odds(self, leads: pd.DataFrame) -> tuple[Array, Array]:
        """Mean and variance of each lead's log-odds, a row per spread."""
        x = self._design(leads)
        squares = x**2
        variances = [squares @ apart + sign * ((x @ root.T) ** 2).sum(axis=1) for apart, root, sign in self.variances_]
        return self.effects_ @ x.T + self.shifts_[:, None], np.array(variances)

    def _design(self, leads: pd.DataFrame) -> Array:
        return np.column_stack([np.ones(len(leads)), self.binned_.transform(leads).toarray()])


def _averaged(mean: Array, variance: Array) -> Array:
    """The probability averaged over log-odds that are normal, nearly (MacKay 1992)."""
    return np.asarray(special.expit(mean / np.sqrt(1 + np.pi * variance / 8)))


def _shift(mode: Array, variance: Array) -> float:
    """What is added to all log-odds so that the averaged probabilities sum to those of the *mode*."""
    wins = special.expit(mode).sum()
    return float(optimize.brentq(lambda by: _averaged(mode + by, variance).sum() - wins, -_FURTHEST, _FURTHEST))
