"""Whether two who judge the same things agree by more than chance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

Weights = Literal["none", "linear", "quadratic"]


def kappa(first: npt.ArrayLike, second: npt.ArrayLike, *, weights: Weights = "none") -> float:
    """Agreement of two raters on ordered or named grades, beyond chance (Cohen 1960, 1968).

    Parameters
    ----------
    first, second : the grade each gave to each thing, shape (n,)
    weights : ``none`` counts only equal grades; ``linear`` and ``quadratic`` count a near miss as less wrong. The
        distance of grades is that of their values.

    Returns
    -------
    1 for full agreement, 0 for chance, negative below it; missing when chance alone would agree
    fully (everybody gave the same grade), because then there is nothing to agree about.

    >>> round(kappa([1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15), 2)
    0.4
    """
    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if not len(one):
        return float("nan")
    grades, codes = np.unique(np.concatenate([one, other]), return_inverse=True)
    a, b = codes[: len(one)], codes[len(one) :]
    seen = np.bincount(a * len(grades) + b, minlength=len(grades) ** 2).reshape(len(grades), -1) / len(one)
    apart = np.abs(grades[:, None] - grades[None, :])
    cost = {"none": (apart > 0).astype(float), "linear": apart, "quadratic": apart**2}[weights]
    by_chance = float((cost * np.outer(seen.sum(axis=1), seen.sum(axis=0))).sum())
    return 1 - float((cost * seen).sum()) / by_chance if by_chance > 0 else float("nan")


def kappa_limits(
    first: npt.ArrayLike, second: npt.ArrayLike, times: npt.ArrayLike | None = None, *, weights: Weights = "none",
    level: float = 0.90,
) -> tuple[float, float, float]:  # fmt: skip
    """Kappa of pairs of grades that occurred *times* often (once each when not given), with limits inside -1 to 1.

    Jackknife over the pairs. Full agreement leaves nothing to vary; its lower limit is that of the smallest
    disagreement which so many pairs could have missed. Missing where kappa is.

    >>> value, low, high = kappa_limits([1, 2, 3, 4, 5] * 4, [1, 2, 3, 4, 5] * 4, weights="quadratic")
    >>> value, round(low, 2), high
    (1.0, 0.97, 1.0)
    """
    own, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    often = np.ones(len(own), dtype=int) if times is None else np.asarray(times, dtype=int)
    n = int(often.sum())
    value = kappa(np.repeat(own, often), np.repeat(other, often), weights=weights)
    if not np.isfinite(value):
        return np.nan, np.nan, np.nan
    if np.array_equal(own, other):
        grades = np.unique(own)
        apart = np.abs(own[:, None] - own[None, :])
        power = {"none": 0, "linear": 1, "quadratic": 2}[weights]
        by_chance = float((often * ((apart**power * (apart > 0)) @ often)).sum()) / n**2
        missed = 1 - (0.5 - level / 2) ** (1 / n)
        return value, max(1 - missed * float(np.diff(grades).min()) ** power / by_chance, -1.0), 1.0
    without = np.empty(len(often))
    for place in range(len(often)):
        fewer = often - (np.arange(len(often)) == place)
        without[place] = kappa(np.repeat(own, fewer), np.repeat(other, fewer), weights=weights)
    centre = float((often * without).sum()) / n
    error = float(np.sqrt((n - 1) / n * (often * (without - centre) ** 2).sum()))
    half = float(special.ndtri(0.5 + level / 2)) * error
    return value, max(value - half, -1.0), min(value + half, 1.0)


def intraclass_correlation(scores: npt.ArrayLike, *, raters: int = 1) -> float:
    """Share of the variance of scores that lies between the things scored: ICC(2, k), absolute agreement.

    Raters count as drawn from many, so one who is always stricter costs agreement (Shrout & Fleiss
    1979). Missing below two things or two raters.

    Parameters
    ----------
    scores : shape (things, raters), complete
    raters : over how many raters the score in use is averaged

    >>> round(intraclass_correlation([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...                               [6, 2, 4, 7]]), 2)
    0.29
    """
    table = np.asarray(scores, dtype=float)
    things, judges = table.shape
    if things < 2 or judges < 2:
        return float("nan")
    between, strictness, error = _mean_squares(table)
    single = between + (judges - 1) * error + judges * (strictness - error) / things
    share = (between - error) / single if single > 0 else float("nan")
    # Spearman-Brown: the reliability of an average of several raters.
    return raters * share / (1 + (raters - 1) * share)


def intraclass_limits(scores: npt.ArrayLike, level: float = 0.90) -> tuple[float, float]:
    """Limits of ICC(2, 1), by F quantiles with Satterthwaite's degrees of freedom (Shrout & Fleiss 1979).

    Missing where the correlation is, and where all judges agree fully, which leaves no error to go by.

    >>> low, high = intraclass_limits([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...                                [6, 2, 4, 7]], level=0.95)
    >>> round(low, 2), round(high, 2)
    (0.02, 0.76)
    """
    table = np.asarray(scores, dtype=float)
    things, judges = table.shape
    share = intraclass_correlation(table)
    if not np.isfinite(share) or share >= 1:
        return float("nan"), float("nan")
    between, strictness, error = _mean_squares(table)
    odds = judges * share / (things * (1 - share))
    parts = odds * strictness, (1 + odds * (things - 1)) * error
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (judges - 1) + parts[1] ** 2 / ((things - 1) * (judges - 1)))
    rest = judges * strictness + (judges * things - judges - things) * error
    tail = 0.5 + level / 2
    below, above = special.fdtri(things - 1, freedom, tail), special.fdtri(freedom, things - 1, tail)
    low = things * (between - below * error) / (below * rest + things * between)
    high = things * (above * between - error) / (rest + things * above * between)
    return float(low), float(high)


def _mean_squares(table: Array) -> tuple[float, float, float]:
    """Between things, between judges, and what is left."""
    things, judges = table.shape
    by_thing, by_judge, middle = table.mean(axis=1), table.mean(axis=0), table.mean()
    between = judges * float(((by_thing - middle) ** 2).sum()) / (things - 1)
    strictness = things * float(((by_judge - middle) ** 2).sum()) / (judges - 1)
    rest = table - by_thing[:, None] - by_judge[None, :] + middle
    return between, strictness, float((rest**2).sum()) / ((things - 1) * (judges - 1))
