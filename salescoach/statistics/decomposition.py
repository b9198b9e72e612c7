"""Why a product of factors differs from another: exact parts that add up to the difference.

LMDI gives each factor a part in money; parts of factors add up to the part of their product, so a
rate may be opened into its stages. Shapley values do not, but they also take a true zero.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def log_mean(a: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Logarithmic mean (a - b) / ln(a / b), which is a where both are equal.

    >>> log_mean([2.0, 3.0], [2.0, 1.0]).round(4).tolist()
    [2.0, 1.8205]
    """
    a_, b_ = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(a_ / b_)
        # Very near to each other the quotient loses all digits; there the mean of both is exact to ratio**2 / 12.
        mean: Array = np.where(np.abs(ratio) < 1e-6, (a_ + b_) / 2, (a_ - b_) / ratio)
    return mean


def lmdi(actual: npt.ArrayLike, benchmark: npt.ArrayLike) -> Array:
    """Additive LMDI-I parts of the difference of two products (Ang 2005).

    Parameters
    ----------
    actual, benchmark : factors, all above 0, along the last axis; leading axes (draws, units) broadcast.
        A factor of 0 gives missing parts: use :func:`shapley` there.

    Returns
    -------
    One part per factor, in the unit of the product; they add up to the difference exactly.

    >>> lmdi([40, 0.20, 20_000], [50, 0.25, 24_000]).round(2).tolist()
    [-49697.21, -49697.21, -40605.58]
    """
    x, y = np.asarray(actual, dtype=float), np.asarray(benchmark, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = log_mean(x.prod(axis=-1), y.prod(axis=-1))
        parts: Array = np.asarray(weight)[..., None] * np.log(x / y)
    return np.where(np.isfinite(parts), parts, np.nan)


def shapley(actual: npt.ArrayLike, benchmark: npt.ArrayLike) -> Array:
    """Parts of the difference of two products: each factor's effect averaged over all orders of change.

    Takes zeros. The cost doubles with each factor: meant for up to about ten of them.

    >>> shapley([40, 0, 20_000], [50, 0.25, 24_000]).round(2).tolist()
    [-28333.33, -248333.33, -23333.33]
    """
    x, y = np.asarray(actual, dtype=float), np.asarray(benchmark, dtype=float)
    count = len(x)
    parts = np.zeros(count)
    for factor in range(count):
        others = [other for other in range(count) if other != factor]
        for size in range(count):
            weight = 1 / (count * math.comb(count - 1, size))
            for changed in itertools.combinations(others, size):
                rest = np.where(np.isin(np.arange(count), changed), x, y)
                parts[factor] += weight * (x[factor] - y[factor]) * np.delete(rest, factor).prod()
    return parts


@dataclass(frozen=True)
class Flow:
    """Factors of one period's flow; the product of ``passed`` is last advances over first entries, exactly.

    Attributes
    ----------
    stages : first and last stage of each block
    passed : advances over entries of the block, missing where nothing entered
    throughput : exits over entries (1 = no queue grows)
    conversion : advances over exits, missing where nothing left
    """

    stages: tuple[tuple[int, int], ...]
    passed: Array
    throughput: Array
    conversion: Array


def flow(entries: npt.ArrayLike, exits: npt.ArrayLike, advances: npt.ArrayLike) -> Flow:
    """Exact factors of the flow through stages in a row, all counted in one period.

    The advances of a stage are the entries of the next one, so the product telescopes: neither the
    maturity of a cohort nor an assumption on open cases enters. A stage without an exit, or before one
    without an entry, has no factor of its own: it is one block with the next.

    >>> found = flow([10, 6, 0], [10, 0, 2], [6, 0, 2])  # nobody left the second; two old ones left the third
    >>> found.stages, found.passed.round(3).tolist()
    (((0, 0), (1, 2)), [0.6, 0.333])
    """
    enter, leave, advance = (np.asarray(part, dtype=float) for part in (entries, exits, advances))
    begins = np.flatnonzero(np.concatenate([[True], (leave[:-1] > 0) & (enter[1:] > 0)]))
    ends = np.append(begins[1:], len(enter)) - 1
    came = np.where(enter[begins] > 0, enter[begins], np.nan)
    went = np.where(leave[ends] > 0, leave[ends], np.nan)
    return Flow(
        stages=tuple(zip(begins.tolist(), ends.tolist(), strict=True)),
        passed=advance[ends] / came,
        throughput=leave[ends] / came,
        conversion=advance[ends] / went,
    )
