"""Curves of judged leads, thinned to what a figure can show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from salescoach.scoring.measures import Ranked
from salescoach.statistics import wilson

Array = npt.NDArray[np.float64]
Points = list[tuple[float, float]]

_MOST = 200
_ROUNDING = 1e-9


def roc(won: Array, p: Array) -> Points:
    """Share of lost leads taken along, and share of wins found, from the best lead to the worst.

    Both kinds of leads are needed; leads of equal probability are taken together.

    >>> roc(np.array([1.0, 0, 1]), np.array([0.9, 0.5, 0.1]))
    [(0.0, 0.0), (0.0, 0.5), (1.0, 0.5), (1.0, 1.0)]
    """
    found, along = _steps(won, p)
    return _thinned(np.append(0.0, along / along[-1]), np.append(0.0, found / found[-1]))


def precision_recall(won: Array, p: Array) -> Points:
    """Share of wins found, and share of wins among the leads taken for them.

    >>> precision_recall(np.array([1.0, 0, 1]), np.array([0.9, 0.5, 0.1]))[:2]
    [(0.5, 1.0), (0.5, 0.5)]
    """
    found, along = _steps(won, p)
    return _thinned(found / found[-1], found / (found + along))


def lift(gains: Sequence[Sequence[float]]) -> Points:
    """Conversion of the best share of leads over that of all, from shares of leads and of wins.

    >>> lift([(0.0, 0.0), (0.5, 0.75), (1.0, 1.0)])
    [(0.5, 1.5), (1.0, 1.0)]
    """
    return [(share, found / share) for share, found in gains if share > 0]


def won_in_best(gains: Sequence[Sequence[float]], share: float, judged: int, won: int) -> tuple[float, int, int]:
    """Precision at a capacity: the share that was looked at, how many of the *judged* leads it holds, and how many of
    the *won* ones.

    *gains* are shares of leads and of the *won* ones found there. The first of them that is not below *share* is
    told: between two of them nothing was counted, and the very best leads are won more often than the next.

    >>> won_in_best([(0.0, 0.0), (0.5, 0.75), (1.0, 1.0)], share=0.1, judged=40, won=8)
    (0.5, 20, 6)
    """
    counted, found = next(point for point in gains if point[0] >= share - _ROUNDING)
    return counted, round(counted * judged), round(found * won)


def came_between(n: int, came: float) -> tuple[float, float]:
    """90 % interval of a conversion *came* of *n* leads."""
    low, high = wilson(round(came * n), n)
    return float(low), float(high)


def _steps(won: Array, p: Array) -> tuple[Array, Array]:
    ranked = Ranked(won, p)
    return np.cumsum(ranked.won)[ranked.ends], np.cumsum(1 - ranked.won)[ranked.ends]


def _thinned(x: Array, y: Array) -> Points:
    places = np.unique(np.linspace(0, len(x) - 1, _MOST).round().astype(int))
    return [(float(x[i]), float(y[i])) for i in places]
