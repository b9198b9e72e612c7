"""How good probabilities are: ranking, size, calibration, lift, each with a bootstrap interval by group.

All figures take the outcome (1 or 0), the probability, and weights of rows: a bootstrap draws groups,
which is nothing but other weights, so rows are sorted once and never copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

BINS = 10
_TINY = 1e-12
_CELLS = 20_000_000
_DRAWS = (40, 200)


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval; nan where there is no answer."""

    value: float
    low: float = float("nan")
    high: float = float("nan")


class Ranked:
    """Outcomes in order of falling score, with rows of equal score known: what every ranking figure starts from."""

    def __init__(self, won: Array, score: Array) -> None:
        self.order = np.argsort(-score, kind="stable")
        ordered = score[self.order]
        self.won = won[self.order]
        last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, dtype=bool)
        self.ends = np.flatnonzero(last)  # last row of each run of equal scores

    def _steps(self, weights: Array | None) -> tuple[Array, Array]:
        """Won and lost rows down to the end of each run."""
        w = np.ones(len(self.won)) if weights is None else weights[self.order]
        return np.cumsum(w * self.won)[self.ends], np.cumsum(w * (1 - self.won))[self.ends]

    def auc(self, weights: Array | None = None) -> float:
        """Chance that a won lead stands above a lost one; ties count half.

        >>> Ranked(np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1])).auc()
        0.75
        """
        won, lost = self._steps(weights)
        if not len(won) or won[-1] <= 0 or lost[-1] <= 0:
            return float("nan")
        before = np.concatenate([[0.0], won[:-1]])
        fallen = np.diff(np.concatenate([[0.0], lost]))
        return float(np.sum(fallen * (before + won) / 2) / (won[-1] * lost[-1]))

    def average_precision(self, weights: Array | None = None) -> float:
        """Area under precision and recall, as steps (no interpolation, which would flatter)."""
        won, lost = self._steps(weights)
        if not len(won) or won[-1] <= 0:
            return float("nan")
        gained = np.diff(np.concatenate([[0.0], won]))
        return float(np.sum(gained * won / np.maximum(won + lost, _TINY)) / won[-1])

    def precision(self, share: float, weights: Array | None = None) -> float:
        """Conversion of the top *share* of leads; rows of equal score at the edge count by their mean."""
        won, lost = self._steps(weights)
        if not len(won) or won[-1] + lost[-1] <= 0:
            return float("nan")
        seen = won + lost
        wanted = share * seen[-1]
        return float(np.interp(wanted, np.concatenate([[0.0], seen]), np.concatenate([[0.0], won])) / wanted)

    def lift(self, share: float, weights: Array | None = None) -> float:
        """Conversion of the top *share* over that of all."""
        return self.precision(share, weights) / max(self.precision(1.0, weights), _TINY)

    def gains(self, points: int = 20) -> list[tuple[float, float]]:
        """Share of leads from the top, and the share of all wins found there."""
        won, lost = self._steps(None)
        seen = np.concatenate([[0.0], won + lost])
        found = np.concatenate([[0.0], won])
        shares = np.linspace(0, 1, points + 1)
        return [(float(s), float(np.interp(s * seen[-1], seen, found) / max(found[-1], _TINY))) for s in shares]


def brier(won: Array, p: Array, weights: Array | None = None) -> float:
    """Mean squared distance of probability and outcome."""
    return float(np.average((p - won) ** 2, weights=weights))


def surprises(won: Array, p: Array) -> Array:
    """Surprise at each outcome in nats; probabilities are kept a millionth away from 0 and 1.

    >>> surprises(np.array([1.0, 1.0]), np.array([0.5, 1.0])).round(3).tolist()
    [0.693, 0.0]
    """
    q = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(-(won * np.log(q) + (1 - won) * np.log(1 - q)))


def log_loss(won: Array, p: Array) -> float:
    """Mean surprise in nats."""
    return float(surprises(won, p).mean())


@dataclass(frozen=True)
class Reliability:
    """One bin of leads with about equal probability: what was said and what came."""

    n: int
    said: float
    came: float


def reliability(won: Array, p: Array, bins: int = BINS) -> tuple[Reliability, ...]:
    """At most *bins* bins with equal counts, by rising probability; leads of equal probability are never parted."""
    if not len(p):
        return ()
    order = np.argsort(p, kind="stable")
    ordered, came = p[order], won[order]
    cuts = np.searchsorted(ordered, ordered[(np.arange(1, bins) * len(p)) // bins], side="left")
    parts = np.unique(np.concatenate([[0], cuts, [len(p)]]))
    return tuple(
        Reliability(int(b - a), float(ordered[a:b].mean()), float(came[a:b].mean())) for a, b in pairwise(parts)
    )


def calibration_error(won: Array, p: Array, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of said and came over bins with equal counts (ECE)."""
    return float(sum(r.n * abs(r.said - r.came) for r in reliability(won, p, bins)) / max(len(p), 1))


def calibration_error_by_chance(p: Array, bins: int = BINS, draws: int = 20, seed: int = 0) -> float:
    """The calibration error that perfectly calibrated probabilities would show with as many leads."""
    random = np.random.default_rng(seed)
    drawn = [calibration_error((random.random(len(p)) < p).astype(float), p, bins) for _ in range(draws)]
    return float(np.mean(drawn))


def group_weights(group: Codes, seed: int = 0) -> Array:
    """Weights of rows for bootstrap draws: one row per draw, groups drawn with replacement."""
    _, codes = np.unique(group, return_inverse=True)
    groups = int(codes.max(initial=-1)) + 1
    draws = int(np.clip(_CELLS // max(len(group), 1), *_DRAWS))
    random = np.random.default_rng(seed)
    counts = np.empty((draws, len(group)), dtype=np.float32)
    for draw in range(draws):
        counts[draw] = np.bincount(random.integers(0, groups, groups), minlength=groups)[codes]
    return counts  # type: ignore[return-value]


def interval(figure: Callable[[Array], float], weights: Array, level: float = 0.95) -> tuple[float, float]:
    """Percentile limits of *figure* over bootstrap weights; nan when too few draws give an answer."""
    found = np.array([figure(w) for w in weights])
    found = found[np.isfinite(found)]
    if len(found) < len(weights) / 2:
        return float("nan"), float("nan")
    low, high = np.quantile(found, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)
