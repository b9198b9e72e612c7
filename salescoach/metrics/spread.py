"""Answers from sums of rows: means, ratios and counts over an exposure, each with limits that hold it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.metrics.contract import LEVEL, answers, reasons
from salescoach.metrics.ratios import ratio_of_sums
from salescoach.statistics import mean_limits, poisson_rate, zero_count_limit


def means(sums: pd.DataFrame, *, scale: float = 1.0, **more: pd.Series) -> pd.DataFrame:
    """Answers for a mean: *sums* has ``n``, ``total`` and ``squares``; Student's limits, missing below two rows.

    >>> means(pd.DataFrame({"n": [4], "total": [16.0], "squares": [66.0]}))[["value", "low", "high"]].round(2)
       value   low  high
    0    4.0  3.04  4.96
    """
    n = sums["n"].where(sums["n"] > 0)
    mean = sums["total"] / n
    variance = (sums["squares"] - n * mean**2).clip(lower=0) / (n - 1).where(n > 1)
    low, high = mean_limits(mean, np.sqrt(variance), sums["n"], LEVEL)
    return answers(
        value=mean * scale, n=sums["n"], numerator=sums["total"], denominator=sums["n"], low=low * scale,
        high=high * scale, index=sums.index, **more,
    )  # fmt: skip


def ratios(sums: pd.DataFrame, *, na_reason: pd.Series | None = None, **more: pd.Series) -> pd.DataFrame:
    """Answers for a ratio of two sums over the same rows, which are what varies: columns as in ``ratio_of_sums``.

    Nothing counted above the line is 0 with the upper limit of no event; one row alone has no limits, so no answer.
    """
    ratio, low, high = ratio_of_sums(sums, LEVEL)
    none = (sums["top"] == 0) & (sums["bottom"] > 0) & (sums["n"] > 1)
    low, high = low.mask(none, 0.0), high.mask(none, zero_count_limit(LEVEL) / sums["bottom"].where(sums["bottom"] > 0))
    vague = (sums["n"] > 0) & ~np.isfinite(low)
    because = reasons(sums.index, no_exposure=sums["bottom"] <= 0, below_min_n=vague)
    return answers(
        value=ratio, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=low, high=high,
        na_reason=because if na_reason is None else na_reason.where(na_reason.notna(), because), index=sums.index,
        **more,
    )  # fmt: skip


def rates(count: pd.Series, exposure: pd.Series, *, scale: float = 1.0, **more: pd.Series) -> pd.DataFrame:
    """Answers for a count over an exposure, with exact limits (Garwood 1936); n is the count.

    >>> rates(pd.Series([10]), pd.Series([5.0]))[["value", "n", "low", "high"]].round(2)
       value   n   low  high
    0    2.0  10  1.09  3.39
    """
    rate, low, high = (part * scale for part in poisson_rate(count, exposure.fillna(0.0), LEVEL))
    return answers(
        value=rate, n=count.astype(int), numerator=count, denominator=exposure, low=low, high=high,
        index=count.index, **more,
    )  # fmt: skip


def costs_each(cost: pd.Series, count: pd.Series, **more: pd.Series) -> pd.DataFrame:
    """Answers for a cost per counted thing: the cost is known, the count is what could have come out otherwise.

    >>> costs_each(pd.Series([1000.0]), pd.Series([10]))[["value", "n", "low", "high"]].round(0)
       value   n   low   high
    0  100.0  10  59.0  184.0
    """
    _, few, many = poisson_rate(count, np.ones(len(count)), LEVEL)
    some = count.where(count > 0)
    return answers(
        value=cost / some, n=count.astype(int), numerator=cost, denominator=count, low=cost / many,
        high=cost / np.where(few > 0, few, np.nan), index=count.index, **more,
    )  # fmt: skip
