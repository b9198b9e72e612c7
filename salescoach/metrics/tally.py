"""Counting and adding up, once for every engine: rows of any kind in, a small pandas table out.

The only place where metrics aggregate. Rows may be a pandas frame, a DuckDB relation, or anything else
Narwhals understands; what comes back fits in memory whatever the rows are, and all statistics run on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

Rows = nw.LazyFrame[Any]
"""Rows that Narwhals has taken in. Typed as lazy, so that the type checker lets nobody do with them what only a frame
in memory could do; rows of a pandas frame are worked on at once."""

Array = npt.NDArray[np.float64]
_DENSE = 4  # cells per row up to which an array with a place for every combination is the quicker one


def tally(rows: object, by: Sequence[str], *, largest: Sequence[str] = (), **sums: nw.Expr) -> pd.DataFrame:
    """How many rows each combination of *by* has, and the sums that sufficient statistics are made of.

    Parameters
    ----------
    rows : pandas frame, DuckDB relation, Spark frame, or Narwhals frame
    by : columns to group on; rows without a value in the first one belong to nobody and are left out
    largest : columns of which the largest value is wanted, as ``largest_<column>``
    **sums : name and row-wise expression; true counts as 1, missing adds nothing

    Returns
    -------
    DataFrame indexed by *by*, sorted
        ``n`` (int) and one float column per sum. Only combinations that occur.

    Notes
    -----
    A histogram is a tally with the integer value among *by*. Sums of engines that add in parallel may
    differ in the last digits; no metric rounds before it is shown.

    Examples
    --------
    >>> deals = pd.DataFrame({"owner_id": ["a", "a", "b"], "status": ["won", "lost", "won"]})
    >>> tally(deals, ["owner_id"], won=nw.col("status") == "won")
              n  won
    owner_id
    a         2  1.0
    b         1  1.0
    """
    # A row-wise expression first, a plain sum after it: that is what every engine does at full speed.
    frame: Any = nw.from_native(rows)
    if isinstance(here := frame.to_native(), pd.DataFrame):
        return _tally_here(frame, here, list(by), largest, sums)
    tops = {f"largest_{name}": nw.col(name) for name in largest}
    prepared = frame.select(*by, **tops, **sums)
    numbers = prepared.with_columns(nw.col(name).cast(nw.Float64) for name in sums).filter(~nw.col(by[0]).is_null())
    highest = [nw.col(name).max() for name in tops]
    counted = numbers.group_by(*by).agg(nw.len().alias("n"), *(nw.col(name).sum() for name in sums), *highest)
    return in_memory(counted).set_index(list(by)).sort_index().astype({"n": int})


def _tally_here(
    frame: Any, table: pd.DataFrame, by: list[str], largest: Sequence[str], sums: dict[str, nw.Expr]
) -> pd.DataFrame:
    """The same of a pandas frame: each combination of *by* is a whole number, and numbers are counted as arrays."""
    owner, people = pd.factorize(table[by[0]], sort=True)
    kept = owner >= 0
    keys = [(owner, people), *(pd.factorize(table[name], sort=True, use_na_sentinel=False) for name in by[1:])]
    place, size = np.zeros(int(kept.sum()), dtype=np.int64), 1
    for codes, values in keys:
        place, size = place * len(values) + codes[kept], size * len(values)
    if size > _DENSE * (len(place) + 1):
        cells, place = np.unique(place, return_inverse=True)
        counts = np.bincount(place, minlength=len(cells))
        chosen = np.arange(len(cells))
    else:
        counts = np.bincount(place, minlength=size)
        cells = chosen = np.flatnonzero(counts)
    # A constant alone would be a single row, so the owners come along.
    asked = frame.select(by[0], **sums).to_native() if sums else table
    columns: dict[str, Array | npt.NDArray[np.int64]] = {"n": counts[chosen]}
    for name in sums:
        numbers = asked[name].to_numpy(dtype=np.float64, na_value=np.nan)[kept]
        numbers = np.where(np.isnan(numbers), 0.0, numbers)
        columns[name] = np.bincount(place, numbers, minlength=len(counts))[chosen]
    for name, column in ((f"largest_{name}", name) for name in largest):
        highest = np.full(len(counts), np.nan)
        np.fmax.at(highest, place, table[column].to_numpy(dtype=np.float64, na_value=np.nan)[kept])
        columns[name] = highest[chosen]
    return pd.DataFrame(columns, index=_index_of(cells, keys, by))


def _index_of(cells: npt.NDArray[np.int64], keys: list[tuple[Any, Any]], by: list[str]) -> pd.Index:
    """The combinations behind the whole numbers *cells*."""
    found: list[pd.Index[Any]] = []
    for _, values in reversed(keys):
        cells, codes = np.divmod(cells, max(len(values), 1))
        # Texts that pandas holds as objects become texts again, as any other grouping would have it.
        found.append(values.take(codes) if values.dtype != object else pd.Index(values.to_numpy()[codes]))
    if len(by) == 1:
        return found[0].rename(by[0])
    return pd.MultiIndex.from_arrays(found[::-1], names=by)


def in_memory(rows: object) -> pd.DataFrame:
    """*rows* as a pandas frame; for a lazy engine this is the moment at which it works."""
    frame: Any = nw.from_native(rows)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect("pandas")
    table: pd.DataFrame = frame.to_pandas()
    return table
