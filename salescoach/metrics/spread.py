"""Answers from sums of rows: means, ratios and counts over an exposure, each with limits that hold it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.metrics.contract import LEVEL, answers, reasons
from salescoach.metrics.ratios import Array, ratio_of_sums
from salescoach.metrics.told import Told, some
from salescoach.statistics import mean_limits, poisson_rate, zero_count_limit


def means(sums: Told, *, scale: float = 1.0, **more: object) -> Told:
    """Answers for a mean: *sums* has ``n``, ``total`` and ``squares``; Student's limits, missing below two rows.

    >>> sums = Told.of(pd.Index(["a"]), n=[4], total=[16.0], squares=[66.0])
    >>> means(sums).table()[["value", "low", "high"]].round(2)
       value   low  high
    a    4.0  3.04  4.96
    """
    n = some(sums["n"])
    mean = sums["total"] / n
    variance = np.maximum(sums["squares"] - n * mean**2, 0.0) / np.where(n > 1, n - 1, np.nan)
    low, high = mean_limits(mean, np.sqrt(variance), sums["n"], LEVEL)
    return answers(
        value=mean * scale, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=low * scale,
        high=high * scale, index=sums.index, **more,
    )  # fmt: skip


def ratios(sums: Told) -> Told:
    """Answers for a ratio of two sums over the same rows, which are what varies: columns as in ``ratio_of_sums``.

    Nothing counted above the line is 0 with the upper limit of no event; one row alone has no limits, so no answer.
    """
    ratio, low, high = ratio_of_sums(sums, LEVEL)
    none = (sums["top"] == 0) & (sums["bottom"] > 0) & (sums["n"] > 1)
    low, high = np.where(none, 0.0, low), np.where(none, zero_count_limit(LEVEL) / some(sums["bottom"]), high)
    vague = (sums["n"] > 0) & ~np.isfinite(low)
    return answers(
        value=ratio, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=low, high=high,
        na_reason=reasons(sums.index, no_exposure=sums["bottom"] <= 0, below_min_n=vague), index=sums.index,
    )  # fmt: skip


def rates(index: pd.Index, count: npt.ArrayLike, exposure: Array, *, scale: float = 1.0, **more: object) -> Told:
    """Answers for a count over an exposure, with exact limits (Garwood 1936); n is the count.

    >>> rates(pd.Index(["a"]), [10], np.array([5.0])).table()[["value", "n", "low", "high"]].round(2)
       value   n   low  high
    a    2.0  10  1.09  3.39
    """
    rate, low, high = (part * scale for part in poisson_rate(count, np.nan_to_num(exposure), LEVEL))
    return answers(value=rate, n=count, numerator=count, denominator=exposure, low=low, high=high, index=index, **more)


def costs_each(index: pd.Index, cost: Array, count: npt.ArrayLike, **more: object) -> Told:
    """Answers for a cost per counted thing: the cost is known, the count is what could have come out otherwise.

    >>> costs_each(pd.Index(["a"]), np.array([1000.0]), [10]).table()[["value", "n", "low", "high"]].round(0)
       value   n   low   high
    a  100.0  10  59.0  184.0
    """
    _, few, many = poisson_rate(count, np.ones(len(index)), LEVEL)
    return answers(
        value=cost / some(count), n=count, numerator=cost, denominator=count, low=cost / many, high=cost / some(few),
        index=index, **more,
    )  # fmt: skip
