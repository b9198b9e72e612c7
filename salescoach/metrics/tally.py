"""Counting and adding up, once for every engine: rows of any kind in, a small pandas table out.

The only place where metrics aggregate. Rows may be a pandas frame, a DuckDB relation, or anything else
Narwhals understands; what comes back fits in memory whatever the rows are, and all statistics run on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.metrics import columns, engine_rows
from salescoach.metrics.columns import Columns
from salescoach.metrics.engine_rows import EngineRows
from salescoach.metrics.expressions import Expr, col, count
from salescoach.metrics.told import Told

_DENSE = 4  # cells per row up to which an array with a place for every combination is the quicker one


class Rows(Protocol):
    """Rows that expressions can be applied to, wherever they are. Each method gives new rows."""

    @property
    def names(self) -> list[str]:
        """Names of the columns."""

    def table(self, names: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas table; only the columns *names* when given. For an engine this is when it works."""

    def filter(self, *conditions: Expr) -> Rows:
        """The rows for which all *conditions* hold."""

    def select(self, *names: str, **made: Expr) -> Rows:
        """The columns *names*, and those *made* of others."""

    def with_columns(self, **made: Expr) -> Rows:
        """All columns, and those *made* of them beside or in place of their namesakes."""

    def drop(self, *names: str) -> Rows:
        """All columns but *names*."""

    def head(self, most: int) -> Rows:
        """*most* rows at most."""

    def join(self, other: Any, *, on: str | Sequence[str], how: str) -> Rows:
        """The rows beside those of *other* with the same values of *on*; *how* is inner, left, semi or anti.

        A missing value is the same as no other. Columns of *other* that are here too are left out on the left side of
        nothing: they come as ``<name>_right``.
        """

    def unique(self, of: str | Sequence[str], *, keep: str = "any", in_order: Sequence[str] = ()) -> Rows:
        """One row of those with the same values of *of*: the first or last in the order of *in_order*, or any."""

    def summed(self, by: str, **made: Expr) -> Rows:
        """One row per value of *by*, with the sums, largest and smallest values that *made* names.

        Rows without a value of *by* belong to nobody and are left out.
        """


def rows_of(frame: object) -> Rows:
    """*frame* of any engine as rows that expressions can be applied to."""
    if isinstance(frame, Columns | EngineRows):
        return frame
    return Columns.of(frame) if isinstance(frame, pd.DataFrame) else EngineRows(frame)


def below(*parts: Rows) -> Rows:
    """The rows of all *parts* below one another; they have the same columns."""
    if all(isinstance(part, Columns) for part in parts):
        return columns.below(cast(Sequence[Columns], parts))
    return engine_rows.below(cast(Sequence[EngineRows], parts))


def in_memory(rows: object) -> pd.DataFrame:
    """*rows* as a pandas frame; for a lazy engine this is the moment at which it works."""
    return rows_of(rows).table()


def tally(rows: object, by: Sequence[str], *, largest: Sequence[str] = (), **sums: Expr) -> pd.DataFrame:
    """How many rows each combination of *by* has, and the sums that sufficient statistics are made of.

    Parameters
    ----------
    rows : pandas frame, DuckDB relation, Spark frame, or rows made of one
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
    >>> tally(deals, ["owner_id"], won=col("status") == "won")
              n  won
    owner_id
    a         2  1.0
    b         1  1.0
    """
    return cells_of(rows, by, largest=largest, **sums).table()


@dataclass(frozen=True)
class Cells:
    """What :func:`tally` counts, as columns: a row for each combination of values that occurs, in their order.

    Attributes
    ----------
    names : of the columns that were grouped on
    codes : for each of them the number of the row's value among ``values``, -1 where it is missing
    values : the different values of each, in order
    columns : ``n`` and the sums
    """

    names: tuple[str, ...]
    codes: tuple[npt.NDArray[np.int64], ...]
    values: tuple[Any, ...]
    columns: Mapping[str, npt.NDArray[Any]]

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A sum; or the values of a column that was grouped on, for each row."""
        if name in self.columns:
            return self.columns[name]
        place = self.names.index(name)
        return np.asarray(pd.api.extensions.take(self.values[place].to_numpy(), self.codes[place], allow_fill=True))

    def __len__(self) -> int:
        return len(self.codes[0])

    def taken(self, places: npt.NDArray[Any]) -> Cells:
        """The rows at *places*, or where they are true."""
        columns = {name: column[places] for name, column in self.columns.items()}
        return Cells(self.names, tuple(codes[places] for codes in self.codes), self.values, columns)

    def table(self) -> pd.DataFrame:
        """As a pandas table, indexed by what was grouped on."""
        if len(self.names) == 1:
            index = self.values[0].take(self.codes[0]).rename(self.names[0])
        else:
            codes: list[Any] = list(self.codes)
            index = pd.MultiIndex(list(self.values), codes, names=self.names, verify_integrity=False)
        return pd.DataFrame(dict(self.columns), index=index, copy=False)

    def added(self, cell: npt.NDArray[np.int64], many: int) -> dict[str, npt.NDArray[Any]]:
        """The columns added up by *cell*, a number from 0 to below *many*; ``largest_*`` keep the largest."""
        found: dict[str, npt.NDArray[Any]] = {}
        for name, column in self.columns.items():
            if name.startswith("largest_"):
                found[name] = np.full(many, np.nan)
                np.fmax.at(found[name], cell, column)
            else:
                found[name] = np.bincount(cell, column, minlength=many).astype(column.dtype, copy=False)
        return found


def cells_of(rows: object, by: Sequence[str], *, largest: Sequence[str] = (), **sums: Expr) -> Cells:
    """What :func:`tally` counts, as columns."""
    known = rows_of(rows)
    if isinstance(known, Columns):
        return _cells_here(known, tuple(by), largest, sums)
    # A row-wise expression first, a plain sum after it: that is what every engine does at full speed.
    tops = {f"largest_{name}": col(name) for name in largest}
    asked = known.select(*by, **tops, **{name: said.number() for name, said in sums.items()})
    numbers = cast(EngineRows, asked)
    added = {name: col(name).sum() for name in sums} | {name: col(name).max() for name in tops}
    first, *more = by
    table = numbers.summed(first, *more, n=count(), **added).table().set_index(list(by)).sort_index().astype({"n": int})
    index, codes, values = table.index, [np.arange(len(table))], [table.index]
    if isinstance(index, pd.MultiIndex):
        codes, values = [np.asarray(one, dtype=np.int64) for one in index.codes], list(index.levels)
    columns = {str(name): table[name].to_numpy() for name in table.columns}
    return Cells(tuple(by), tuple(codes), tuple(values), columns)


def _cells_here(rows: Columns, by: tuple[str, ...], largest: Sequence[str], sums: dict[str, Expr]) -> Cells:
    """The same of rows in memory: each combination of *by* is a whole number, and numbers are counted as arrays."""
    keys = [_ranked(rows, name) for name in by]
    owner = keys[0][0]
    kept = owner >= 0
    all_kept = bool(kept.all())
    place, size = np.zeros(len(rows), dtype=np.int64), 1
    for codes, values in keys:
        # A missing value comes last, as one more.
        many = len(values) + 1
        place, size = place * many + np.where(codes < 0, many - 1, codes), size * many
    if not all_kept:
        place = place[kept]
    if size > _DENSE * (len(place) + 1):
        cells, place = np.unique(place, return_inverse=True)
        counts = np.bincount(place, minlength=len(cells))
        chosen = np.arange(len(cells))
    else:
        counts = np.bincount(place, minlength=size)
        cells = chosen = np.flatnonzero(counts)
    found: dict[str, npt.NDArray[Any]] = {"n": counts[chosen]}
    for name, said in sums.items():
        numbers = rows.numbers(said)
        numbers = np.where(np.isnan(numbers), 0.0, numbers)
        found[name] = np.bincount(place, numbers if all_kept else numbers[kept], minlength=len(counts))[chosen]
    for name in largest:
        highest = np.full(len(counts), np.nan)
        np.fmax.at(highest, place, rows.numbers(col(name))[kept])
        found[f"largest_{name}"] = highest[chosen]
    return Cells(by, _codes_of(cells, keys), tuple(values for _, values in keys), found)


def tally_of(
    rows: Columns,
    owner: str,
    groups: pd.Index,
    places: npt.NDArray[np.intp],
    largest: Sequence[str],
    sums: Mapping[str, Expr],
) -> Told:
    """:func:`tally` of rows in memory for owners that are known beforehand: a row for each of *groups*, in their order.

    *places* says which of them each word of the column *owner* is, -1 for none. Who owns nothing has zeros, and no
    largest value.
    """
    text = rows.text(owner)
    place = np.append(places, -1)[text.codes]
    kept = np.flatnonzero(place >= 0)
    place = place[kept]
    found: dict[str, npt.NDArray[Any]] = {"n": np.bincount(place, minlength=len(groups))}
    for name, said in sums.items():
        numbers = rows.numbers(said)[kept]
        found[name] = np.bincount(place, np.where(np.isnan(numbers), 0.0, numbers), minlength=len(groups))
    for name in largest:
        highest = np.full(len(groups), np.nan)
        np.fmax.at(highest, place, rows.numbers(col(name))[kept])
        found[f"largest_{name}"] = highest
    return Told(groups, found)


def _ranked(rows: Columns, name: str) -> tuple[npt.NDArray[np.int64], Any]:
    """The column *name* as numbers that are in order where its values are, -1 for missing; and the values."""
    text = rows.text(name)
    words = text.words
    rank = words.rank
    return np.append(rank[:-1], -1)[text.codes], words.in_rank


def _codes_of(cells: npt.NDArray[np.int64], keys: Sequence[tuple[Any, pd.Index]]) -> tuple[npt.NDArray[np.int64], ...]:
    """The numbers of the values behind the whole numbers *cells*, for each of *keys*."""
    found: list[npt.NDArray[np.int64]] = []
    for _, values in reversed(keys):
        cells, codes = np.divmod(cells, len(values) + 1)
        found.append(np.where(codes == len(values), -1, codes))
    return tuple(found[::-1])
