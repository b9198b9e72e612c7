"""Whether leads still look like those that a model learned from, and whether as many convert as it says.

The population stability index announces change; whether to learn anew is decided by observed over expected,
once outcomes are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.scoring.encoding import OTHER, Binned, is_text
from salescoach.statistics import wilson

Array = npt.NDArray[np.float64]

WATCH, ACT = 0.10, 0.25
_TINY = 1e-4


@dataclass(frozen=True)
class Reference:
    """How the training leads were spread over the parts of each column, and of their probability."""

    binned: Binned
    shares: dict[str, Array]
    edges: Array
    score_shares: Array


@dataclass(frozen=True)
class ColumnDrift:
    """One column: its stability index, its verdict (steady, watch, act), and the share of texts never seen before."""

    column: str
    psi: float
    verdict: str
    unseen: float


@dataclass(frozen=True)
class Calibration:
    """Observed over expected wins of ``n`` leads with known outcome; 90 % interval. ``holds``: it covers 1."""

    n: int
    won: int
    expected: float
    ratio: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """True when the difference could be chance."""
        return self.low <= 1 <= self.high


def reference(features: pd.DataFrame, p: Array, *, least: int = 1) -> Reference:
    """Remember the training leads by counts only; no row of them is kept. Levels with fewer than *least* are one."""
    binned = Binned(values=False, least=least).fit(features)
    shares = {name: _shares(binned, features[name], name) for name in binned.columns_}
    edges = np.unique(np.quantile(p, np.linspace(0.1, 0.9, 9)))
    return Reference(binned, shares, edges, _spread(np.searchsorted(edges, p, side="right"), len(edges) + 1))


def psi(expected: Array, observed: Array) -> float:
    """Population stability index of two spreads over the same parts.

    >>> round(psi(np.array([0.5, 0.5]), np.array([0.7, 0.3])), 3)
    0.169
    """
    a, b = np.maximum(expected, _TINY), np.maximum(observed, _TINY)
    return float(np.sum((b - a) * np.log(b / a)))


def column_drifts(then: Reference, features: pd.DataFrame) -> list[ColumnDrift]:
    """Every column of later leads against the training leads, the most moved first; none when there are no leads."""
    if features.empty:
        return []
    found = []
    for name in then.binned.columns_:
        moved = psi(then.shares[name], _shares(then.binned, features[name], name))
        unseen = 0.0
        if is_text(features[name]):
            unseen = float(np.mean(then.binned.codes(features[name], name) == OTHER))
        found.append(ColumnDrift(name, moved, verdict_of(moved), unseen))
    return sorted(found, key=lambda each: -each.psi)


def score_drift(then: Reference, p: Array) -> float:
    """Stability index of the probabilities."""
    return psi(then.score_shares, _spread(np.searchsorted(then.edges, p, side="right"), len(then.edges) + 1))


def verdict_of(moved: float) -> str:
    """``steady`` below 0.1, ``watch`` below 0.25, else ``act``."""
    return "steady" if moved < WATCH else "watch" if moved < ACT else "act"


def calibration(won: Array, p: Array) -> Calibration:
    """Observed over expected wins. Leads that are still open (nan) are not counted.

    >>> made = calibration(np.array([1.0, 0, 0, 0]), np.full(4, 0.25))
    >>> made.ratio, made.holds
    (1.0, True)
    """
    known = np.isfinite(won) & np.isfinite(p)
    n, k, expected = int(known.sum()), float(won[known].sum()), float(p[known].sum())
    if not expected:
        nothing = float("nan")
        return Calibration(n, int(k), expected, nothing, nothing, nothing)
    low, high = wilson(k, n)
    return Calibration(n, int(k), expected, k / expected, float(low) * n / expected, float(high) * n / expected)


def _shares(binned: Binned, column: pd.Series, name: str) -> Array:
    place = binned.columns_.index(name)
    return _spread(binned.codes(column, name), int(binned.starts_[place + 1] - binned.starts_[place]))


def _spread(codes: npt.NDArray[np.integer], width: int) -> Array:
    return np.bincount(codes, minlength=width) / max(len(codes), 1)
