"""Which deals a metric looks at: each population once, as Narwhals expressions on any engine.

Every function takes ``(data, period)`` and gives rows with ``owner_id``, so that a number, the deals behind
it and the cases of a comparison are always the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import narwhals.stable.v2 as nw
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.tally import Rows, in_memory
from salescoach.tables.data import SalesData

T = TypeVar("T")
NOBODY = ""
"""Owner of what counts for the organisation and for no person: deals whose splits do not sum to 1."""


def remembered(find: Callable[[SalesData, Period], T]) -> Callable[[SalesData, Period], T]:
    """*find*, which looks once for the same data and period, whoever asks: populations are built on one another."""

    @wraps(find)
    def found(data: SalesData, period: Period) -> T:
        return data.once((find, period), lambda: find(data, period))

    return found


def rows_of(frame: object) -> Rows:
    """*frame* of any engine as rows that expressions can be applied to."""
    return cast(Rows, nw.from_native(cast(Any, frame)))


def beside_deals(data: SalesData, frame: pd.DataFrame) -> Rows:
    """A table of *data* as rows that can be joined with its deals."""
    return rows_of(data.beside_deals(frame))


def within(day: str, period: Period) -> nw.Expr:
    """Day number *day* lies in *period*; missing does not."""
    return (nw.col(day) >= period.first) & (nw.col(day) < period.after)


@remembered
def closed(data: SalesData, period: Period) -> Rows:
    """Deals won or lost in *period*, without those born closed; ``won`` says which."""
    return rows_of(data.closed_in(period)).with_columns(won=nw.col("status") == "won")


@remembered
def valued(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`closed` with an amount above 0 in the base currency."""
    return closed(data, period).filter(nw.col("amount") > 0)


def undecided(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`closed`; ``event`` marks those lost because the customer did not decide."""
    never = (nw.col("status") == "lost") & (nw.col("loss_reason") == "no_decision")
    return closed(data, period).with_columns(
        event=nw.when(never).then(nw.lit(value=True)).otherwise(nw.lit(value=False))
    )


def lost(data: SalesData, period: Period) -> Rows:
    """Deals lost in *period*, with their reason as ``part``; ``unknown`` where none was given."""
    reason = nw.when(nw.col("loss_reason").is_null()).then(nw.lit("unknown")).otherwise(nw.col("loss_reason"))
    return closed(data, period).filter(nw.col("status") == "lost").with_columns(part=reason)


@remembered
def sold(data: SalesData, period: Period) -> Rows:
    """Deals won in *period* with an amount above 0 in the base currency, those born closed included; whole."""
    return rows_of(data.won_in(period)).filter(nw.col("amount") > 0)


@remembered
def sold_usual(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`sold` without mega deals: what averages are made of."""
    return sold(data, period).filter(~nw.col("is_mega"))


def credited(data: SalesData, rows: Rows) -> Rows:
    """*rows* once per person with credit, who becomes ``owner_id``; ``amount`` is that person's part of it."""
    part = nw.when(nw.col("pct").is_null()).then(nw.lit(1.0)).otherwise(nw.col("pct"))
    person = nw.when(nw.col("rep_id").is_null()).then(nw.lit(NOBODY)).otherwise(nw.col("rep_id"))
    shared = rows.join(rows_of(data.credit), on="deal_id", how="left")
    return shared.with_columns(owner_id=person, amount=nw.col("amount") * part)


@remembered
def booked(data: SalesData, period: Period) -> Rows:
    """Whole deals of :func:`sold`, and those won earlier and undone in *period*, with their amount below 0."""
    undone = rows_of(data.adjustments(period)).filter(nw.col("status") == "won", nw.col("amount") > 0)
    names = [name for name in rows_of(data.deals).collect_schema().names() if name != "amount"]
    won = sold(data, period).select(*names, "amount")
    taken = undone.select(*names, amount=-nw.col("amount"))
    return nw.concat([won, taken], how="vertical") if len(data.undone) else won


@remembered
def booked_by_credit(data: SalesData, period: Period) -> Rows:
    """Rows of :func:`booked`, split among those who have the credit."""
    return credited(data, booked(data, period))


@remembered
def open_now(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of``, with ``age`` in days; *period* does not matter."""
    age = nw.lit(float(day_number(data.as_of))) - nw.col("started")
    return rows_of(data.open()).with_columns(age=age)


def due(data: SalesData, period: Period) -> Rows:
    """Open deals expected to close in *period*; those past due at ``as_of`` are shown apart."""
    from_day = max(period.first, day_number(data.as_of))
    return open_now(data, period).filter(nw.col("expected") >= from_day, nw.col("expected") < period.after)


def due_and_sold(data: SalesData, period: Period) -> Rows:
    """The deals that coverage rests on: due in *period*, and booked in it."""
    names = rows_of(data.deals).collect_schema().names()
    parts = [rows.select(*names) for rows in (due(data, period), booked_by_credit(data, period))]
    return nw.concat(parts, how="vertical")


def has_renewals(data: SalesData) -> bool:
    """Some deal is a renewal: the organisation tells them from new business."""
    return len(in_memory(rows_of(data.deals).select("type").filter(nw.col("type") == "renewal").head(1))) > 0


@remembered
def watched(data: SalesData, period: Period) -> Rows:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``, ``open_days``.

    A deal that began before the period enters at the age it then had, so it says nothing about younger
    ages; one still open when the period or the known data end is right-censored there.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    seen = rows_of(data.deals).filter(
        nw.col("started") < stop,
        nw.col("closed").is_null() | (nw.col("closed") >= period.first),
        nw.col("status").is_in(["open", "won", "lost"]),
        ~nw.col("born_closed"),
    )
    return _spells(seen, "started", "closed", period, stop)


def _spells(rows: Rows, begin: str, end: str, period: Period, stop: int) -> Rows:
    """Columns ``entry``, ``exit``, ``ended``, ``open_days`` of stretches from *begin* to *end* seen in *period*."""
    ended = ~nw.col(end).is_null() & (nw.col(end) < stop)
    leave = nw.when(ended).then(nw.col(end)).otherwise(nw.lit(float(stop)))
    came = nw.when(nw.col(begin) < period.first).then(nw.lit(float(period.first))).otherwise(nw.col(begin))
    return rows.with_columns(
        entry=came - nw.col(begin) - 0.5,  # watched from the morning of that day
        exit=leave - nw.col(begin),
        open_days=leave - came,
        ended=ended,
    )


@remembered
def spells_of_visits(data: SalesData, period: Period) -> Rows:
    """First visits of open stages watched in *period*: ``stage``, ``entry``, ``exit``, ``ended``, one row each."""
    stop = min(period.after, day_number(data.as_of) + 1)
    ends = rows_of(data.deals).select("deal_id", "closed", "status", "segment", "born_closed")
    visits = rows_of(data.visits).filter(nw.col("kind") == "open", nw.col("is_first"))
    joined = visits.join(ends, on="deal_id", how="inner").filter(
        nw.col("status") != "cancelled", ~nw.col("born_closed")
    )
    # A history without the closing stage: the visit ended when the deal did.
    left = nw.when(nw.col("left").is_null()).then(nw.col("closed")).otherwise(nw.col("left"))
    seen = joined.with_columns(left=left).filter(
        nw.col("entered") < stop, nw.col("left").is_null() | (nw.col("left") >= period.first)
    )
    return _spells(seen.with_columns(part=nw.col("stage")), "entered", "left", period, stop)


def cohort(data: SalesData, period: Period) -> Rows:
    """Deals begun in *period*, followed until won, lost, or ``as_of``: ``exit``, ``mine``, ``other``, ``possible``."""
    today = float(day_number(data.as_of))
    begun = rows_of(data.deals).filter(
        within("started", period), nw.col("status").is_in(["open", "won", "lost"]), ~nw.col("born_closed")
    )
    leave = nw.when(nw.col("closed").is_null()).then(nw.lit(today)).otherwise(nw.col("closed"))
    return begun.with_columns(
        exit=leave - nw.col("started"),
        mine=nw.col("status") == "won",
        other=nw.col("status") == "lost",
        possible=nw.lit(today) - nw.col("started"),
    )
