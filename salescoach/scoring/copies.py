"""Rows that are one record written several times: they stay together, or a model is judged on what it learned from."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

Grouping = Literal["declared", "copies", "none"]

_COARSE = 0.5
_KINDS_OF_COPIES, _PAIRS_TO_JUDGE, _END_DIFFERENTLY = 100, 20.0, 0.05


def copies(features: pd.DataFrame, won: Array) -> tuple[Codes, Grouping]:
    """Rows that are the same in every feature.

    Where more than half of the rows repeat another one, the columns are coarse rather than the rows copied;
    then each row is on its own. Unless equal rows end alike, too, far more often than chance would have it.
    """
    each = np.arange(len(features), dtype=np.int64)
    if features.shape[1] == 0:
        return each, "none"
    found, uniques = pd.factorize(pd.util.hash_pandas_object(features, index=False))
    codes = found.astype(np.int64)
    coarse = len(uniques) < _COARSE * len(features)
    return (each, "none") if coarse and not _end_alike(codes, len(uniques), won) else (codes, "copies")


def _end_alike(codes: Codes, width: int, won: Array) -> bool:
    """True when equal rows, of many kinds, hardly ever end differently although leads do."""
    closed = np.isfinite(won)
    n = np.bincount(codes[closed], minlength=width).astype(float)
    k = np.bincount(codes[closed], weights=won[closed], minlength=width)
    share = float(won[closed].mean()) if closed.any() else 0.0
    mixed = float((k * (n - k)).sum())  # pairs of equal rows of which one was won
    by_chance = float((n * (n - 1)).sum()) * share * (1 - share)
    return width >= _KINDS_OF_COPIES and by_chance >= _PAIRS_TO_JUDGE and mixed <= _END_DIFFERENTLY * by_chance
