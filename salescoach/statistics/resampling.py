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
    rows = np.column_stack([np.asarray(part, dtype=float) for part in (numerator, denominator)])
    rows = rows[np.lexsort((rows[:, 0], rows[:, 1]))]
    total = rows.sum(axis=0)
    if len(rows) < 2 or not total[1] > 0:
        return float("nan"), float("nan")
    sums = _resampled(rows, draws)
    sums = sums[sums[:, 1] > 0]
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.5 - level / 2, 0.5 + level / 2])
    ratio = total[0] / total[1]
    return float(min(low, ratio)), float(max(high, ratio))


def _resampled(rows: Array, draws: int) -> Array:
    """Sums of *rows* over *draws* samples of their own size, drawn with replacement."""
    generator = np.random.default_rng(_SEED)
    n = len(rows)
    sums = np.empty((draws, rows.shape[1]))
    batch = max(_CELLS // n, 1)
    for first in range(0, draws, batch):
        count = min(batch, draws - first)
        sums[first : first + count] = rows[generator.integers(0, n, size=(count, n))].sum(axis=1)
    return sums
