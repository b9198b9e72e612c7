"""Whether two who judge the same things agree by more than chance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

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
    by_thing, by_judge, middle = table.mean(axis=1), table.mean(axis=0), table.mean()
    between = judges * float(((by_thing - middle) ** 2).sum()) / (things - 1)
    strictness = things * float(((by_judge - middle) ** 2).sum()) / (judges - 1)
    rest = table - by_thing[:, None] - by_judge[None, :] + middle
    error = float((rest**2).sum()) / ((things - 1) * (judges - 1))
    single = between + (judges - 1) * error + judges * (strictness - error) / things
    share = (between - error) / single if single > 0 else float("nan")
    # Spearman-Brown: the reliability of an average of several raters.
    return raters * share / (1 + (raters - 1) * share)
