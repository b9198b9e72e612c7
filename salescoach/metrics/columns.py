"""Rows in memory as columns of numbers: what Narwhals does for an engine, for arrays that are already here.

A table of an organisation has tens of columns and a metric looks at five. So nothing is copied before it is looked at:
a filter keeps the places of its rows, and a column is taken when somebody asks for it, once. Texts are whole numbers
that point into the :class:`Words` of their table, so comparing, joining and counting them is arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.metrics.expressions import Expr
from salescoach.metrics.values import Places, Text, Value, encoded, joined, numbers, taken, worked_out


class Column:
    """One column, made when it is first asked for: as a :data:`Value` to reckon with, or as an array of pandas."""

    def __init__(self, value: Callable[[], Value], array: Callable[[], Any] | None = None) -> None:
        self._value, self._array = value, array

    @cached_property
    def value(self) -> Value:
        """Numbers, or the numbers of texts."""
        return self._value()

    @cached_property
    def text(self) -> Text:
        """The entries numbered, whatever they are."""
        if self._array is not None and not isinstance(self.value, Text):
            array = self.array
            if isinstance(array.dtype, pd.Int64Dtype):  # as floats, which missing ones make of them, large ids meet
                return encoded(array)
        return encoded(self.value)

    @cached_property
    def array(self) -> Any:
        """As pandas holds it; a column that was only moved keeps its type."""
        if self._array is not None:
            return self._array()
        return self.value.array() if isinstance(self.value, Text) else self.value

    def take(self, places: Places, *, holes: bool = False) -> Column:
        """The entries at *places*; with *holes*, -1 among them is missing."""
        return Column(
            lambda: taken(self.value, places, holes),
            lambda: pd.api.extensions.take(self.array, places, allow_fill=holes),
        )


class Columns:
    """Rows in memory. Never changed: every method gives new rows over the same columns."""

    def __init__(self, columns: Mapping[str, Column], length: int) -> None:
        self.columns, self.length = columns, length

    @classmethod
    def of(cls, table: pd.DataFrame, places: Places | None = None) -> Columns:
        """The rows of a pandas *table*, those at *places* when given; its index does not matter."""
        length = len(table) if places is None else len(places)
        return cls({str(name): _column_of(table, name, places) for name in table.columns}, length)

    def __len__(self) -> int:
        return self.length

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.columns)

    def table(self, names: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas table; only the columns *names* when given."""
        return pd.DataFrame(
            {name: self.columns[name].array for name in names or self.columns}, index=pd.RangeIndex(self.length),
            copy=False,
        )  # fmt: skip

    def value(self, said: object) -> Value:
        """What *said* comes to: a value per row, or one for all."""
        return worked_out(said, self)

    def numbers(self, said: object) -> npt.NDArray[np.float64]:
        """What *said* comes to, as a number per row; true is 1."""
        return numbers(self.value(said), self.length)

    def text(self, name: str) -> Text:
        """The column *name* as texts, or as whatever else it has, numbered."""
        return self.columns[name].text

    def rows(self, places: Places, *, holes: bool = False) -> Columns:
        """The rows at *places*, in that order; with *holes*, -1 among them is a row without values."""
        return Columns({name: one.take(places, holes=holes) for name, one in self.columns.items()}, len(places))

    def filter(self, *conditions: Expr) -> Columns:
        """The rows for which all *conditions* hold."""
        kept = np.ones(self.length, dtype=bool)
        for condition in conditions:
            kept &= self.value(condition) == 1
        return self if kept.all() else self.rows(np.flatnonzero(kept))

    def select(self, *names: str, **made: Expr) -> Columns:
        """The columns *names*, and those *made* of others."""
        return Columns({name: self.columns[name] for name in names} | self._made(made), self.length)

    def with_columns(self, **made: Expr) -> Columns:
        """All columns, and those *made* of them beside or in place of their namesakes."""
        return Columns({**self.columns, **self._made(made)}, self.length)

    def drop(self, *names: str) -> Columns:
        """All columns but *names*."""
        return Columns({name: one for name, one in self.columns.items() if name not in names}, self.length)

    def head(self, most: int) -> Columns:
        """The first rows, *most* of them at most."""
        return self.rows(np.arange(min(most, self.length)))

    def _made(self, made: Mapping[str, Expr]) -> dict[str, Column]:
        return {
            name: self.columns[said.args[0]] if said.op == "col" else Column(lambda said=said: self._full(said))  # type: ignore[misc]
            for name, said in made.items()
        }

    def _full(self, said: Expr) -> Value:
        found = self.value(said)
        if isinstance(found, Text):
            return found
        return found if np.ndim(found) else np.full(self.length, found)

    def join(self, other: Columns, *, on: str | Sequence[str], how: str) -> Columns:
        """The rows beside those of *other* with the same values of *on*; *how* is inner, left, semi or anti."""
        keys = [on] if isinstance(on, str) else list(on)
        mine, theirs = _matched([self.text(key) for key in keys], [other.text(key) for key in keys])
        if how in ("semi", "anti"):
            return self.rows(np.flatnonzero(np.isin(mine, theirs[theirs >= 0]) & (mine >= 0) == (how == "semi")))
        left, right = joined(mine, theirs, keep=how == "left")
        straight = len(left) == self.length and bool((left == np.arange(self.length)).all())
        beside = {name: one for name, one in other.columns.items() if name not in keys}
        found = dict(self.columns) if straight else dict(self.rows(left).columns)
        for name, one in beside.items():
            found[f"{name}_right" if name in found else name] = one.take(right, holes=how == "left")
        return Columns(found, len(left))

    def unique(self, of: str | Sequence[str], *, keep: str = "any", in_order: Sequence[str] = ()) -> Columns:
        """One row of those with the same values of *of*: the last in the order of *in_order*, or the first."""
        place = self.grouped([of] if isinstance(of, str) else list(of))[0]
        order = self.ordered(in_order)
        chosen = order[::-1] if keep == "last" else order
        first = np.unique(place[chosen], return_index=True)[1]
        return self.rows(np.sort(chosen[first]))

    def ordered(self, by: Sequence[str]) -> Places:
        """Places of the rows in the order of the columns *by*, missing values last."""
        if not by:
            return np.arange(self.length)
        keys = [one.words.rank[one.codes] if isinstance(one, Text) else one for one in map(self._value_of, by)]
        return np.lexsort(keys[::-1])

    def _value_of(self, name: str) -> Value:
        return self.columns[name].value

    def grouped(self, by: Sequence[str]) -> tuple[Places, int]:
        """The number of the group that each row belongs to, by its values of *by*, and how many there can be."""
        place, size = np.zeros(self.length, dtype=np.int64), 1
        for key in by:
            one = self.text(key)
            many = len(one.words) + 1
            place, size = place * many + one.codes + 1, size * many
            if size > _MANY:
                values, place = np.unique(place, return_inverse=True)
                size = len(values)
        return place, size

    def summed(self, by: str, **made: Expr) -> Columns:
        """One row per value of *by*, with the sums, largest and smallest values that *made* names."""
        key = self.text(by)
        there = np.flatnonzero(np.bincount(key.codes + 1, minlength=len(key.words) + 1)[1:])
        found = {by: Column(lambda: Text(there, key.words))}
        for name, said in made.items():
            whole = _REDUCED[said.op](key.codes, len(key.words), *(self.numbers(one) for one in said.args))
            found[name] = Column(lambda whole=whole: whole[there])  # type: ignore[misc]
        return Columns(found, len(there))


_MANY = 2**40
_NUMERIC = ("floating", "integer", "mixed-integer-float", "boolean")


def _column_of(table: pd.DataFrame, name: Any, places: Places | None) -> Column:
    def held() -> Any:
        whole = _held(table[name])
        return whole if places is None else whole.take(places)

    return Column(lambda: _plain(held()), held)


def _held(column: pd.Series) -> Any:
    return column.array if isinstance(column.dtype, pd.DatetimeTZDtype) else column.values  # else the zone is lost


def _plain(array: Any) -> Value:
    """An array of pandas as numbers; texts, numbered."""
    if isinstance(array, np.ndarray) and array.dtype != object:
        return array
    if isinstance(array.dtype, pd.BooleanDtype | pd.Int64Dtype):
        # Truths and whole numbers that may be missing are plain ones where none is.
        holes = pd.isna(array).any()
        plain = bool if isinstance(array.dtype, pd.BooleanDtype) else np.int64
        return array.to_numpy(np.float64, na_value=np.nan) if holes else array.to_numpy(plain)
    if array.dtype == object and pd.api.types.infer_dtype(array, skipna=True) in _NUMERIC:
        return np.asarray(pd.to_numeric(pd.Series(array)), dtype=np.float64)
    text = encoded(array)
    # Nobody filled it: it may be asked as a number or as a text.
    return text if len(text.words) else np.full(len(array), np.nan)


def _matched(mine: Sequence[Text], theirs: Sequence[Text]) -> tuple[Places, Places]:
    """The keys of two tables as numbers that are the same where the values are; -1 where one is missing."""
    left = np.zeros(len(mine[0].codes), dtype=np.int64)
    right = np.zeros(len(theirs[0].codes), dtype=np.int64)
    for one, other in zip(mine, theirs, strict=True):
        many, across = len(one.words), np.append(other.words.in_other(one.words), -1)[other.codes]
        left = np.where((left < 0) | (one.codes < 0), -1, left * many + one.codes)
        right = np.where((right < 0) | (across < 0), -1, right * many + across)
    return left, right


def _added(codes: Places, size: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    added: npt.NDArray[np.float64] = np.bincount(
        codes + 1, np.where(np.isnan(values), 0.0, values), minlength=size + 1
    ).astype(np.float64, copy=False)
    return added[1:]


def _counted(codes: Places, size: int) -> npt.NDArray[np.float64]:
    return np.bincount(codes + 1, minlength=size + 1)[1:].astype(np.float64)


def _largest(codes: Places, size: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found = np.full(size + 1, np.nan)
    np.fmax.at(found, codes + 1, values)
    return found[1:]


def _smallest(codes: Places, size: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return -_largest(codes, size, -values)


_REDUCED: Mapping[str, Callable[..., npt.NDArray[np.float64]]] = {
    "sum": _added, "count": _counted, "max": _largest, "min": _smallest,
}  # fmt: skip


def below(parts: Sequence[Columns]) -> Columns:
    """The rows of all *parts* below one another; they have the same columns."""
    filled = [part for part in parts if len(part)] or list(parts[:1])
    if len(filled) == 1:
        return filled[0]

    def stacked(name: str) -> Column:
        return Column(lambda: _stacked([part.columns[name].value for part in filled]))

    return Columns({name: stacked(name) for name in filled[0].names}, sum(map(len, filled)))


def _stacked(values: Sequence[Value]) -> Value:
    if not any(isinstance(one, Text) for one in values):
        return np.concatenate([np.asarray(one) for one in values])
    texts = [encoded(one) for one in values]
    words = max((one.words for one in texts), key=len)
    for one in texts:
        words = words.with_those_of(one.words)
    codes = [np.append(one.words.in_other(words), -1)[one.codes] for one in texts]
    return Text(np.concatenate(codes), words)
