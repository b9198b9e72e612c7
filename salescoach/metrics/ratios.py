"""Shares and ratios with their limits, from sums alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.metrics.contract import LEVEL, answers
from salescoach.metrics.tally import Cells
from salescoach.metrics.told import Told, some
from salescoach.statistics import ratio_limits, wilson

Array = npt.NDArray[np.float64]

_DRAWN = 2000
"""Up to so many rows the limits come from drawing them again; beyond, the delta method gives the same digits."""


def share(index: pd.Index, part: npt.NDArray[Any], whole: npt.NDArray[Any], **more: object) -> Told:
    """Answers for a share of counted things, with Wilson's interval.

    >>> share(pd.Index(["a"]), np.array([2]), np.array([5])).table()[["value", "n", "low", "high"]].round(2)
       value  n   low  high
    a    0.4  5  0.14  0.73
    """
    low, high = wilson(part, whole, LEVEL)
    return answers(
        value=part / some(whole), n=whole, numerator=part, denominator=whole, low=low, high=high, index=index, **more
    )


def value_share_limits(inside: Array, amounts: Array, counts: Array) -> tuple[float, float]:
    """Limits of the share of value that lies *inside*, over rows of equal amount counted together.

    Parameters
    ----------
    inside : 1 or 0 per row
    amounts, counts : amount of each row, and how many deals have it

    Notes
    -----
    All or nothing inside has no spread to draw from: then the limits are those of the share of deals.
    """
    n = int(counts.sum())
    k = float((inside * counts).sum())
    if k in (0.0, float(n)):
        low, high = wilson(k, n, LEVEL)
        return float(low), float(high)
    if n <= _DRAWN:
        times = counts.astype(int)
        return ratio_limits(np.repeat(inside * amounts, times), np.repeat(amounts, times), level=LEVEL)
    total = float((amounts * counts).sum())
    ratio = float((inside * amounts * counts).sum()) / total
    spread = float((counts * (amounts * (inside - ratio)) ** 2).sum()) * n / (n - 1)
    half = _z(LEVEL) * np.sqrt(spread) / total / (ratio * (1 - ratio))
    middle = np.log(ratio / (1 - ratio))
    return float(special.expit(middle - half)), float(special.expit(middle + half))


def value_shares(index: pd.Index, cells: Cells, inside: npt.NDArray[Any], line: npt.NDArray[np.int64]) -> Told:
    """Share of value *inside*, with :func:`value_share_limits`, for each row of *index*: ``inside`` of ``total``.

    *cells* are bars of equal amounts with their ``total``; *line* is the row that each belongs to.
    """
    many, within = len(index), np.asarray(inside, dtype=np.float64)
    n, total = cells["n"].astype(np.float64), cells["total"]
    order = np.argsort(line, kind="stable")
    ends = np.cumsum(np.bincount(line, minlength=many))
    limits = np.full((many, 2), np.nan)
    for row, rows in enumerate(np.split(order, ends[:-1])):
        if len(rows):
            limits[row] = value_share_limits(within[rows], total[rows] / n[rows], n[rows])
    sums = Told(index, cells.added(line, many)).assign(inside=np.bincount(line, within * total, minlength=many))
    return sums.assign(value=sums["inside"] / some(sums["total"]), low=limits[:, 0], high=limits[:, 1])


def ratio_of_sums(sums: Mapping[str, Array] | Told, level: float = LEVEL) -> tuple[Array, Array, Array]:
    """Ratio of two sums over the same rows and its limits, on the log scale by the delta method.

    *sums* has the columns ``top``, ``bottom``, their sums of squares ``top2``, ``bottom2``, of products ``both``,
    and ``n`` rows. Missing below two rows or without a bottom.

    >>> sums = {"top": [30.0], "bottom": [40.0], "top2": [460.0], "bottom2": [800.0], "both": [600.0], "n": [2]}
    >>> parts = ratio_of_sums({name: np.array(numbers) for name, numbers in sums.items()})
    >>> [round(float(part[0]), 2) for part in parts]
    [0.75, 0.59, 0.96]
    """
    ratio = sums["top"] / some(sums["bottom"])
    left = sums["top2"] - 2 * ratio * sums["both"] + ratio**2 * sums["bottom2"]
    n = np.where(sums["n"] > 1, sums["n"], np.nan)
    error = np.sqrt(np.maximum(left, 0.0) * n / (n - 1)) / some(sums["top"])
    factor = np.exp(_z(level) * error)
    return ratio, ratio / factor, ratio * factor


def gamma_limits(mean: Array, variance: Array, level: float) -> tuple[Array, Array]:
    """Limits of a sum that cannot be negative, of known mean and variance (a gamma of the same moments).

    Stretched to hold the mean; 0 and 0 where the mean is 0.
    """
    m, v = mean, variance
    safe = (m > 0) & (v > 0)
    shape = np.divide(m**2, v, out=np.ones_like(m), where=safe)
    scale = np.divide(v, m, out=np.zeros_like(m), where=safe)
    low, high = (special.gammaincinv(shape, 0.5 + side * level / 2) * scale for side in (-1, 1))
    return np.where(safe, np.minimum(low, m), m), np.where(safe, np.maximum(high, m), m)


def _z(level: float) -> float:
    return float(special.ndtri(0.5 + level / 2))
