"""What is said about each row, in words that every place understands: arrays in memory, and any engine.

An expression is a small tree. :mod:`salescoach.metrics.columns` works it out on arrays; :func:`on_engine` says the same
in Narwhals, for rows that stay on DuckDB or Spark. A comparison with a missing value does not hold, ``!=`` no more than
``==``; what ``~`` makes of one differs from place to place: ask :meth:`Expr.is_null` first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw


@dataclass(frozen=True, eq=False)
class Expr:
    """One value per row: *op* of *args*, which are expressions or constants.

    >>> (col("amount") > 0).op
    'gt'
    """

    op: str
    args: tuple[Any, ...]

    def __add__(self, other: object) -> Expr:
        return Expr("add", (self, other))

    def __sub__(self, other: object) -> Expr:
        return Expr("sub", (self, other))

    def __rsub__(self, other: object) -> Expr:
        return Expr("sub", (lit(other), self))

    def __mul__(self, other: object) -> Expr:
        return Expr("mul", (self, other))

    def __truediv__(self, other: object) -> Expr:
        return Expr("div", (self, other))

    def __pow__(self, power: float) -> Expr:
        return Expr("pow", (self, power))

    def __neg__(self) -> Expr:
        return Expr("neg", (self,))

    def __gt__(self, other: object) -> Expr:
        return Expr("gt", (self, other))

    def __ge__(self, other: object) -> Expr:
        return Expr("ge", (self, other))

    def __lt__(self, other: object) -> Expr:
        return Expr("lt", (self, other))

    def __le__(self, other: object) -> Expr:
        return Expr("le", (self, other))

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return Expr("eq", (self, other))

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return Expr("ne", (self, other))

    def __and__(self, other: Expr) -> Expr:
        return Expr("and", (self, other))

    def __or__(self, other: Expr) -> Expr:
        return Expr("or", (self, other))

    def __invert__(self) -> Expr:
        return Expr("not", (self,))

    def is_null(self) -> Expr:
        """The value is missing."""
        return Expr("is_null", (self,))

    def is_in(self, values: Sequence[object]) -> Expr:
        """The value is one of *values*."""
        return Expr("is_in", (self, tuple(values)))

    def fill_null(self, value: object) -> Expr:
        """The value, or *value* where it is missing."""
        return Expr("fill_null", (self, value))

    def abs(self) -> Expr:
        """The value without its sign."""
        return Expr("abs", (self,))

    def log(self) -> Expr:
        """Natural logarithm."""
        return Expr("log", (self,))

    def floor(self) -> Expr:
        """Largest whole number that is not above the value."""
        return Expr("floor", (self,))

    def round(self) -> Expr:
        """Nearest whole number."""
        return Expr("round", (self,))

    def number(self) -> Expr:
        """The value as a number; true is 1."""
        return Expr("number", (self,))

    def sum(self) -> Expr:
        """Sum over the rows of a group."""
        return Expr("sum", (self,))

    def max(self) -> Expr:
        """Largest value among the rows of a group."""
        return Expr("max", (self,))

    def min(self) -> Expr:
        """Smallest value among the rows of a group."""
        return Expr("min", (self,))

    def highest_so_far(self, of: str, in_order: Sequence[str]) -> Expr:
        """Largest value up to this row, among those with the same *of*, in the order of the columns *in_order*.

        Missing where the value of the row itself is.
        """
        return Expr("highest_so_far", (self, of, tuple(in_order)))

    def neighbour(self, steps: int, of: str, in_order: Sequence[str]) -> Expr:
        """Value *steps* rows earlier (below 0: later) among those with the same *of*; missing at the ends."""
        return Expr("neighbour", (self, steps, of, tuple(in_order)))


@dataclass(frozen=True)
class When:
    """The first half of a choice: see :func:`when`."""

    condition: Expr

    def then(self, value: object) -> Choice:
        """*value* where the condition holds."""
        return Choice("when", (self.condition, value, None))


class Choice(Expr):
    """A value where a condition holds; missing elsewhere unless :meth:`otherwise` says what."""

    def otherwise(self, value: object) -> Expr:
        """*value* where the condition does not hold, or is missing."""
        return Expr("when", (*self.args[:2], value))


def col(name: str) -> Expr:
    """The value of the column *name*."""
    return Expr("col", (name,))


def lit(value: object) -> Expr:
    """The same *value* in every row; None is a missing number."""
    return Expr("lit", (value,))


def when(condition: Expr) -> When:
    """A choice: ``when(condition).then(value).otherwise(other)``."""
    return When(condition)


def count() -> Expr:
    """How many rows a group has."""
    return Expr("count", ())


_SAID: Mapping[str, Callable[..., Any]] = {
    "col": nw.col,
    "lit": lambda value: nw.lit(None, dtype=nw.Float64) if value is None else nw.lit(value),
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "neg": lambda a: -a,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "and": lambda a, b: a & b,
    "or": lambda a, b: a | b,
    "not": lambda a: ~a,
    "is_null": lambda a: a.is_null(),
    "is_in": lambda a, values: a.is_in(list(values)),
    "fill_null": lambda a, value: a.fill_null(value=value),
    "abs": lambda a: a.abs(),
    "log": lambda a: a.log(),
    "floor": lambda a: a.floor(),
    "round": lambda a: a.round(),
    "number": lambda a: a.cast(nw.Float64),
    "sum": lambda a: a.sum(),
    "max": lambda a: a.max(),
    "min": lambda a: a.min(),
    "count": nw.len,
    "highest_so_far": lambda a, of, order: a.cum_max().over(of, order_by=list(order)),
    "neighbour": lambda a, steps, of, order: a.shift(steps).over(of, order_by=list(order)),
}


def on_engine(said: object) -> Any:
    """*said* as Narwhals has it: an expression becomes one of Narwhals, a constant stays what it is."""
    if not isinstance(said, Expr):
        return said
    if said.op == "when":
        condition, value, other = said.args
        chosen = nw.when(on_engine(condition)).then(on_engine(value))
        return chosen if other is None else chosen.otherwise(on_engine(other))
    return _SAID[said.op](*map(on_engine, said.args))
