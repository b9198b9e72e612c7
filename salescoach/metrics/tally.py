"""Counting and adding up, once for every engine: rows of any kind in, a small pandas table out.

The only place where metrics aggregate. Rows may be a pandas frame, a DuckDB relation, or anything else
Narwhals understands; what comes back fits in memory whatever the rows are, and all statistics run on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

Rows = nw.LazyFrame[Any]
"""Rows that Narwhals has taken in. Typed as lazy, so that the type checker lets nobody do with them what only a frame
in memory could do; rows of a pandas frame are worked on at once."""


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
    tops = {f"largest_{name}": nw.col(name) for name in largest}
    prepared = frame.select(*by, **tops, **sums)
    if isinstance(here := prepared.to_native(), pd.DataFrame):
        return _tally_here(here, list(by), list(sums), list(tops))
    numbers = prepared.with_columns(nw.col(name).cast(nw.Float64) for name in sums).filter(~nw.col(by[0]).is_null())
    highest = [nw.col(name).max() for name in tops]
    counted = numbers.group_by(*by).agg(nw.len().alias("n"), *(nw.col(name).sum() for name in sums), *highest)
    return in_memory(counted).set_index(list(by)).sort_index().astype({"n": int})


def _tally_here(table: pd.DataFrame, by: list[str], sums: list[str], tops: list[str]) -> pd.DataFrame:
    """The same of a pandas frame, in one grouping: what an engine's plan costs is more than small tables take."""
    table = table.astype(dict.fromkeys(sums, np.float64))
    groups = table[table[by[0]].notna()].groupby(by, dropna=False, observed=True)
    counted = groups.size().to_frame("n")
    if sums:
        counted[sums] = groups[sums].sum()
    if tops:
        counted[tops] = groups[tops].max()
    return counted


def in_memory(rows: object) -> pd.DataFrame:
    """*rows* as a pandas frame; for a lazy engine this is the moment at which it works."""
    frame: Any = nw.from_native(rows)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect("pandas")
    table: pd.DataFrame = frame.to_pandas()
    return table
