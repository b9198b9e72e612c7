"""Which rows a metric looks at: each population once, as Narwhals expressions on any engine.

Every function takes ``(data, period)`` and gives rows with ``owner_id``, so that a number, the deals behind
it and the cases of a comparison are always the same rows.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from salescoach.calendar import Period, day_number
from salescoach.metrics.tally import Rows
from salescoach.tables.data import SalesData


def rows_of(frame: object) -> Rows:
    """*frame* of any engine as rows that expressions can be applied to."""
    rows: Any = nw.from_native(frame)
    return rows  # type: ignore[no-any-return]


def closed(data: SalesData, period: Period) -> Rows:
    """Deals won or lost in *period*, without those born closed; ``won`` says which."""
    return rows_of(data.deals).filter(
        nw.col("status").is_in(["won", "lost"]), _within("closed", period), ~nw.col("born_closed")
    ).with_columns(won=nw.col("status") == "won")  # fmt: skip


def won(data: SalesData, period: Period) -> Rows:
    """Deals won in *period*, those born closed included: they are bookings."""
    return rows_of(data.deals).filter(nw.col("status") == "won", _within("closed", period))


def sold(data: SalesData, period: Period) -> Rows:
    """Deals won in *period* with an amount above 0 in the base currency."""
    return won(data, period).filter(nw.col("amount") > 0)


def open_now(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of``, with ``age`` in days; *period* does not matter."""
    age = day_number(data.as_of) - nw.col("started")
    return rows_of(data.deals).filter(nw.col("status") == "open").with_columns(age=age)


def due(data: SalesData, period: Period) -> Rows:
    """Open deals expected to close in *period*; those past due at ``as_of`` are shown apart."""
    from_day = max(period.first, day_number(data.as_of))
    return open_now(data, period).filter(nw.col("expected") >= from_day, nw.col("expected") < period.after)


def watched(data: SalesData, period: Period) -> Rows:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``, ``won``.

    A deal that began before the period enters at the age it then had, so it says nothing about younger
    ages; one still open when the period or the known data end is right-censored there.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    seen = rows_of(data.deals).filter(
        nw.col("started") < stop, nw.col("closed").is_null() | (nw.col("closed") >= period.first),
        nw.col("status").is_in(["open", "won", "lost"]), ~nw.col("born_closed"),
    )  # fmt: skip
    ended = ~nw.col("closed").is_null() & (nw.col("closed") < stop)
    leave = nw.when(ended).then(nw.col("closed")).otherwise(nw.lit(float(stop)))
    late = nw.when(nw.col("started") < period.first).then(period.first - nw.col("started")).otherwise(nw.lit(0.0))
    return seen.with_columns(
        entry=late - 0.5,  # watched from the morning of that day
        exit=leave - nw.col("started"),
        ended=ended,
        won=ended & (nw.col("status") == "won"),
    )


def _within(day: str, period: Period) -> nw.Expr:
    return (nw.col(day) >= period.first) & (nw.col(day) < period.after)
