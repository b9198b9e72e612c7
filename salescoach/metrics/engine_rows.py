"""Rows that stay on an engine: the same words as :class:`salescoach.metrics.columns.Columns`, said in Narwhals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from salescoach.metrics.expressions import Expr, on_engine


class EngineRows:
    """Rows of DuckDB, Spark, or whatever else Narwhals understands; nothing is worked out before it is collected."""

    def __init__(self, frame: Any) -> None:
        self.frame = nw.from_native(frame)

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self.frame.collect_schema().names())

    def to_native(self) -> Any:
        """As the engine holds them."""
        return self.frame.to_native()

    def table(self, names: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas table; only the columns *names* when given. This is when the engine works."""
        frame: Any = self.frame.select(*names) if names else self.frame
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect("pandas")
        table: pd.DataFrame = frame.to_pandas()
        return table

    def filter(self, *conditions: Expr) -> EngineRows:
        """The rows for which all *conditions* hold."""
        return EngineRows(self.frame.filter(*map(on_engine, conditions)))

    def select(self, *names: str, **made: Expr) -> EngineRows:
        """The columns *names*, and those *made* of others."""
        return EngineRows(self.frame.select(*names, **_said(made)))

    def with_columns(self, **made: Expr) -> EngineRows:
        """All columns, and those *made* of them beside or in place of their namesakes."""
        return EngineRows(self.frame.with_columns(**_said(made)))

    def drop(self, *names: str) -> EngineRows:
        """All columns but *names*."""
        return EngineRows(self.frame.drop(*names))

    def head(self, most: int) -> EngineRows:
        """*most* rows at most."""
        return EngineRows(self.frame.head(most))

    def join(self, other: Any, *, on: str | Sequence[str], how: str) -> EngineRows:
        """The rows beside those of *other* with the same values of *on*; *how* is inner, left, semi or anti."""
        keys: Any = on if isinstance(on, str) else list(on)
        kind: Any = how
        return EngineRows(self.frame.join(other.frame, on=keys, how=kind))

    def unique(self, of: str | Sequence[str], *, keep: str = "any", in_order: Sequence[str] = ()) -> EngineRows:
        """One row of those with the same values of *of*: the first or last in the order of *in_order*, or any."""
        keys, which = [of] if isinstance(of, str) else list(of), {"keep": keep}
        order = {"order_by": list(in_order)} if in_order else {}
        chosen: Any = self.frame
        return EngineRows(chosen.unique(keys, **which, **order))

    def summed(self, by: str, *more: str, **made: Expr) -> EngineRows:
        """One row per combination of *by* and *more*, with the sums, largest and smallest values that *made* names.

        Rows without a value of *by* belong to nobody and are left out.
        """
        return EngineRows(self.frame.filter(~nw.col(by).is_null()).group_by(by, *more).agg(**_said(made)))


def _said(made: dict[str, Expr]) -> dict[str, Any]:
    return {name: on_engine(said) for name, said in made.items()}


def below(parts: Sequence[EngineRows]) -> EngineRows:
    """The rows of all *parts* below one another."""
    return EngineRows(nw.concat([part.frame for part in parts], how="vertical"))
