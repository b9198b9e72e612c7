"""What a calculation tells, as columns: a number per group, or per group and part. A table only when people look.

Every answer of every metric comes this way, so nothing here matches labels: all columns are arrays in the order of
``index``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Told:
    """Columns of equal length over *index*: the groups, or groups and parts.

    >>> told = Told.of(pd.Index(["a", "b"]), value=[0.5, 0.25], n=4)
    >>> told["n"].tolist(), told.reindex(pd.Index(["b", "c"]))["value"].tolist()
    ([4, 4], [0.25, nan])
    """

    index: pd.Index
    columns: Mapping[str, Array]

    @classmethod
    def of(cls, index: pd.Index, **columns: object) -> Told:
        """*columns* over *index*: an array or a series in its order, or one value for all rows."""
        return cls(index, {name: _full(column, len(index)) for name, column in columns.items()})

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.index)

    def assign(self, **columns: object) -> Told:
        """The same with other *columns* beside, or in place of their namesakes."""
        return Told(self.index, {**self.columns, **Told.of(self.index, **columns).columns})

    def set_axis(self, index: pd.Index) -> Told:
        """The same rows, named by *index*."""
        return Told(index, self.columns)

    def take(self, places: npt.NDArray[np.intp]) -> Told:
        """The rows at *places*, in that order."""
        return Told(self.index.take(places), {name: column[places] for name, column in self.columns.items()})

    def first(self, name: str) -> float:
        """The number in the first row of column *name*: of an answer about one group, such as the organisation."""
        return float(self.columns[name][0])

    def reindex(self, index: pd.Index) -> Told:
        """The rows named by *index*; a name that is not there is a row without values."""
        place = self.index.get_indexer(index)
        return Told(index, {name: _at(column, place) for name, column in self.columns.items()})

    def table(self, *texts: str) -> pd.DataFrame:
        """The columns as a pandas table; those of *texts* as its texts, other objects as they are."""
        columns = {name: self._held(column, name in texts) for name, column in self.columns.items()}
        return pd.DataFrame(columns, index=self.index, copy=False)

    def _held(self, column: Array, text: bool) -> Any:
        if column.dtype != np.object_:
            return column
        # Told what it is, so that objects which happen to be texts are not made into such.
        return pd.array(column, dtype="str") if text else pd.Series(column, index=self.index, dtype=object)


def some(number: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """*number* where it is above 0, missing elsewhere: what may be divided by.

    >>> some([2, 0]).tolist()
    [2.0, nan]
    """
    found = np.asarray(number, dtype=np.float64)
    return np.where(found > 0, found, np.nan)


def below(parts: Sequence[Told], index: pd.Index | None = None) -> Told:
    """The rows of all *parts* below one another; they have the same columns. *index* names them, when it is known."""
    if index is None:
        index = parts[0].index.append([part.index for part in parts[1:]])
    names = parts[0].columns
    return Told(index, {name: np.concatenate([part.columns[name] for part in parts]) for name in names})


def in_order(told: Told) -> Told:
    """The rows in the order of their names."""
    return told.take(told.index.argsort())


def beside(found: Mapping[str, Told], index: pd.Index) -> Told:
    """What is told of the same groups for each part, with a row of *index* for each group and part, in that order."""
    groups, parts = len(index) // len(found), len(found)
    order = np.arange(groups * parts).reshape(parts, groups).T.ravel()
    stacked = below(list(found.values()), index)
    return Told(index, {name: column[order] for name, column in stacked.columns.items()})


def _full(column: object, length: int) -> Array:
    if isinstance(column, str):
        return np.full(length, column, dtype=object)
    found = column if isinstance(column, np.ndarray) else np.asarray(column)
    return found if found.ndim else np.full(length, found)


def _at(column: Array, place: npt.NDArray[np.intp]) -> Array:
    if (place >= 0).all():
        return column[place]
    found: Array = np.asarray(pd.api.extensions.take(column, place, allow_fill=True))
    return found
