"""Values of columns in memory, and what expressions make of them. Texts are numbers that point into their words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.metrics.expressions import Expr

if TYPE_CHECKING:
    from salescoach.metrics.columns import Columns

Places = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
NOWHERE = -2
"""Number of a text that is not among the words: no row has it."""


class Words:
    """The different texts of a column, numbered."""

    def __init__(self, texts: Any) -> None:
        self.texts = texts
        self._in_other: WeakKeyDictionary[Words, Places] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def index(self) -> pd.Index:
        """The texts, for looking many of them up."""
        found: pd.Index = pd.Index(np.asarray(self.texts, dtype=object), dtype=object)
        return found

    @cached_property
    def place(self) -> Mapping[object, int]:
        """Number of each text."""
        return {text: number for number, text in enumerate(self.index)}

    @cached_property
    def rank(self) -> Places:
        """Place of each text in the order of texts; the last entry is that of a missing one."""
        rank = np.full(len(self) + 1, len(self), dtype=np.int64)
        rank[np.argsort(np.asarray(self.texts), kind="stable")] = np.arange(len(self))
        return rank

    @cached_property
    def in_rank(self) -> pd.Index:
        """The texts in their order."""
        return pd.Index(pd.api.extensions.take(self.texts, np.argsort(self.rank[:-1])))

    def in_other(self, other: Words) -> Places:
        """Number that each text has in *other*, -1 where it is not there."""
        if other is self:
            return np.arange(len(self))
        if other not in self._in_other:
            self._in_other[other] = other.index.get_indexer(self.index).astype(np.int64)
        return self._in_other[other]

    def with_those_of(self, other: Words) -> Words:
        """These, and behind them those of *other* that are not among them."""
        new = np.flatnonzero(other.in_other(self) < 0)
        if not len(new):
            return self
        return Words(pd.array(np.concatenate([self.index.to_numpy(), other.index.to_numpy()[new]]), dtype=_dtype(self)))


def _dtype(words: Words) -> Any:
    return getattr(words.texts, "dtype", None) or object


@dataclass(frozen=True)
class Text:
    """A column of texts: the number of each in *words*, -1 where it is missing."""

    codes: Places
    words: Words

    def array(self) -> Any:
        """As pandas holds it."""
        return pd.api.extensions.take(self.words.texts, self.codes, allow_fill=True)


Value: TypeAlias = Any
"""An array of numbers, truths or moments; a :class:`Text`; or one constant for all rows."""


def encoded(value: Any) -> Text:
    """*value* with its different entries numbered."""
    if isinstance(value, Text):
        return value
    codes, texts = pd.factorize(value)
    return Text(codes.astype(np.int64, copy=False), Words(texts))


def taken(value: Value, places: Places, holes: bool) -> Value:
    """The entries of *value* at *places*; with *holes*, -1 among them is missing."""
    if isinstance(value, Text):
        if not holes:
            return Text(value.codes[places], value.words)
        return Text(np.append(value.codes, -1)[places], value.words)
    if not holes:
        return value[places]
    return np.asarray(pd.api.extensions.take(value, places, allow_fill=True)) if len(value) else _nothing(value, places)


def _nothing(value: Value, places: Places) -> Value:
    missing = np.datetime64("NaT") if value.dtype.kind == "M" else np.nan
    return np.full(len(places), missing, dtype=value.dtype if value.dtype.kind == "M" else np.float64)


def numbers(value: Value, length: int) -> Numbers:
    """*value* as a number per row; true is 1."""
    found = np.asarray(value, dtype=np.float64)
    return found if found.ndim else np.full(length, found)


def joined(mine: Places, theirs: Places, *, keep: bool) -> tuple[Places, Places]:
    """Places on the left and on the right of all pairs with the same number from 0 on.

    With *keep* also those on the left that find nothing, with -1 on the right.
    """
    there = np.flatnonzero(theirs >= 0)
    order = there[np.argsort(theirs[there], kind="stable")]
    size = int(max(mine.max(initial=-1), theirs.max(initial=-1))) + 1
    many = np.append(np.bincount(theirs[there], minlength=size), 0)
    begin = np.append(np.cumsum(many[:-1]) - many[:-1], 0)
    found = many[mine]
    rows = np.maximum(found, 1) if keep else found
    left = np.repeat(np.arange(len(mine)), rows)
    nth = np.arange(len(left)) - np.repeat(np.cumsum(rows) - rows, rows)
    right = np.append(order, -1)[np.where(found[left] > 0, begin[mine[left]] + nth, len(order))]
    return left, right


def worked_out(said: object, rows: Columns) -> Value:
    """What *said* comes to on *rows*."""
    if not isinstance(said, Expr):
        return said
    if said.op == "col":
        return rows.columns[said.args[0]].value
    if said.op in _IN_ORDER:
        return _in_order(said, rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _WORK[said.op](*(worked_out(one, rows) for one in said.args))


def _same(a: Value, b: Value) -> Value:
    if isinstance(b, Text):
        a, b = b, a
    if not isinstance(a, Text):
        # Numbers and a text are never the same: a column nobody filled has no texts.
        return np.zeros(len(a), dtype=bool) if isinstance(b, str) else a == b
    if isinstance(b, Text):
        return (np.append(b.words.in_other(a.words), NOWHERE)[b.codes] == a.codes) & (a.codes >= 0)
    if isinstance(b, np.ndarray):
        return np.zeros(len(b), dtype=bool)
    return a.codes == a.words.place.get(b, NOWHERE)


def _different(a: Value, b: Value) -> Value:
    """A missing value is not different from another one: nothing is known of it."""
    found = ~_same(a, b)
    for one in (a, b):
        if isinstance(one, Text | np.ndarray):
            found &= ~_missing(one)
    return found


def _one_of(value: Value, wanted: tuple[object, ...]) -> Value:
    if isinstance(value, Text):
        places = [value.words.place.get(one, NOWHERE) for one in wanted]
        chosen = np.zeros(len(value.words) + 1, dtype=bool)
        chosen[[place for place in places if place >= 0]] = True
        return chosen[value.codes]
    numbers: list[Any] = [one for one in wanted if not isinstance(one, str)]
    return np.isin(value, numbers)


def _missing(value: Value) -> Value:
    if isinstance(value, Text):
        return value.codes < 0
    return np.isnat(value) if value.dtype.kind == "M" else (value != value)


def _all_of(a: Value, b: Value) -> Value:
    if np.asarray(a).dtype == bool and np.asarray(b).dtype == bool:
        return a & b
    return np.where((a == 0) | (b == 0), 0.0, a * b)


def _any_of(a: Value, b: Value) -> Value:
    if np.asarray(a).dtype == bool and np.asarray(b).dtype == bool:
        return a | b
    return np.where((a == 1) | (b == 1), 1.0, a + b)


def _not(a: Value) -> Value:
    return ~a if np.asarray(a).dtype == bool else 1.0 - a


def _chosen(condition: Value, value: Value, other: Value) -> Value:
    holds = condition == 1
    if not (isinstance(value, Text | str) or isinstance(other, Text | str)):
        return np.where(holds, value, np.nan if other is None else other)
    words = next((one.words for one in (value, other) if isinstance(one, Text)), Words(np.array([], dtype=object)))
    codes = []
    for one in (value, other):
        here = one if isinstance(one, Text) else _constant(one)
        words = words.with_those_of(here.words)
        codes.append(np.append(here.words.in_other(words), -1)[here.codes])
    return Text(np.where(holds, *codes), words)


def _constant(value: object) -> Text:
    """A text for every row, or none at all."""
    if isinstance(value, np.ndarray):  # a column nobody filled
        return Text(np.full(len(value), -1), Words(np.array([], dtype=object)))
    if value is None:
        return Text(np.array(-1), Words(np.array([], dtype=object)))
    return Text(np.array(0), Words(np.array([value], dtype=object)))


def _filled(value: Value, other: Value) -> Value:
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return value
    return _chosen(_missing(value), other, value)


_WORK: Mapping[str, Callable[..., Value]] = {
    "lit": lambda value: np.nan if value is None else value,
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: np.true_divide(a, b),
    "pow": lambda a, b: np.square(a) if b == 2 else a**b,
    "neg": lambda a: -a,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": _same,
    "ne": _different,
    "and": _all_of,
    "or": _any_of,
    "not": _not,
    "is_null": _missing,
    "is_in": _one_of,
    "fill_null": _filled,
    "abs": np.abs,
    "log": np.log,
    "floor": np.floor,
    "round": np.round,
    "number": lambda a: np.asarray(a, dtype=np.float64),
    "when": _chosen,
}


def _in_order(said: Expr, rows: Columns) -> Value:
    """Values that depend on the rows before or after, among those that belong together."""
    *_, of, in_order = said.args
    value, place = worked_out(said.args[0], rows), rows.text(of).codes
    order = rows.ordered(in_order)
    order = order[np.argsort(place[order], kind="stable")]
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return _IN_ORDER[said.op](value, order, place[order], back, *said.args[1:-2])


def _highest(value: Value, order: Places, place: Places, back: Places) -> Value:
    found = np.asarray(value, dtype=np.float64)[order]
    known = found[~np.isnan(found)]
    if not len(known):
        return np.full(len(found), np.nan)
    # Group after group on one ladder: each begins above all that came before it, what is missing on its lowest step.
    ranks = np.unique(known)
    step = np.where(np.isnan(found), 0, np.searchsorted(ranks, found) + 1)
    ladder = np.maximum.accumulate(step + place * (len(ranks) + 1)) - place * (len(ranks) + 1)
    return np.where(step > 0, ranks[ladder - 1], np.nan)[back]


def _neighbour(value: Value, order: Places, place: Places, back: Places, steps: int) -> Value:
    source = np.arange(len(order)) - steps
    inside = (source >= 0) & (source < len(order))
    source = np.where(inside, source, 0)
    inside &= place[source] == place if len(place) else inside
    return taken(value, np.where(inside, order[source] if len(order) else source, -1)[back], True)


_IN_ORDER: Mapping[str, Callable[..., Value]] = {"highest_so_far": _highest, "neighbour": _neighbour}
__all__: Sequence[str] = ("Places", "Text", "Value", "Words", "encoded", "joined", "numbers", "taken", "worked_out")
