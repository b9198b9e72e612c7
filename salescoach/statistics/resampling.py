"""Intervals by drawing the rows again: for a ratio of two sums, where no formula is honest.

Seeded, so that the same rows give the same limits, in whatever order they come.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_SEED = 20261
_CELLS = 2_000_000  # weights held in memory at once


def ratio_limits(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, *, level: float = 0.90, draws: int = 1000
) -> tuple[float, float]:
    """Limits of sum(numerator) / sum(denominator) over rows, by the percentiles of bootstrap ratios.

    Whole rows are drawn, so that a row's numerator and denominator stay together (Efron 1979). The
    limits are stretched to hold the ratio itself. Missing below two rows or without a denominator.

    Parameters
    ----------
    numerator, denominator : one value per row, shape (n,); for a rate by value the amount where won, and the amount

    >>> low, high = ratio_limits([10, 0, 0, 40] * 10, [10, 20, 20, 40] * 10)
    >>> round(low, 2), round(high, 2)
    (0.41, 0.68)
    """
    top, bottom = (np.asarray(part, dtype=float) for part in (numerator, denominator))
    order = np.lexsort((top, bottom))
    top, bottom = top[order], bottom[order]
    if len(order) < 2 or not bottom.sum() > 0:
        return float("nan"), float("nan")
    above, below = _resampled((top, bottom), draws)
    some = below > 0
    low, high = np.quantile(above[some] / below[some], [0.5 - level / 2, 0.5 + level / 2])
    ratio = top.sum() / bottom.sum()
    return float(min(low, ratio)), float(max(high, ratio))


def _resampled(columns: tuple[Array, ...], draws: int) -> Array:
    """Sums of *columns*, a row each, over *draws* samples of their rows, drawn with replacement."""
    generator = np.random.default_rng(_SEED)
    n = len(columns[0])
    sums = np.empty((len(columns), draws))
    batch = max(_CELLS // n, 1)
    for first in range(0, draws, batch):
        count = min(batch, draws - first)
        drawn = generator.integers(0, n, size=(count, n))
        for place, column in enumerate(columns):
            sums[place, first : first + count] = column.take(drawn).sum(axis=1)
    return sums
