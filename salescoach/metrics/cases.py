"""Which deals a metric looks at: each population once, as Narwhals expressions on any engine.

Every function takes ``(data, period)`` and gives rows with ``owner_id``, so that a number, the deals behind
it and the cases of a comparison are always the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.tally import Rows, below, in_memory, rows_of
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


def deals_of(data: SalesData) -> Rows:
    """The deals of *data* as rows."""
    return data.once("deals as rows", lambda: rows_of(data.deals))


def visits_of(data: SalesData) -> Rows:
    """The stage visits of *data* as rows."""
    return data.once("visits as rows", lambda: rows_of(data.visits))


def credit_of(data: SalesData) -> Rows:
    """Who has the credit for the deals of *data*, as rows."""
    return data.once("credit as rows", lambda: rows_of(data.credit))


def undone_of(data: SalesData) -> Rows:
    """The closings of *data* that were undone, as rows."""
    return data.once("undone as rows", lambda: rows_of(data.undone))


def beside_deals(data: SalesData, frame: pd.DataFrame) -> Rows:
    """A table of *data* as rows that can be joined with its deals."""
    return rows_of(data.beside_deals(frame))


def within(day: str, period: Period) -> Expr:
    """Day number *day* lies in *period*; missing does not."""
    return (col(day) >= period.first) & (col(day) < period.after)


@remembered
def closings(data: SalesData, period: Period) -> Rows:
    """Deals closed in any way in *period*; see :meth:`salescoach.tables.data.SalesData.won_in`."""
    names = deals_of(data).names
    stood = undone_of(data).filter(within("closed", period), col("undone_on") >= period.after)
    return below(deals_of(data).filter(within("closed", period)), stood.select(*names))


@remembered
def closed(data: SalesData, period: Period) -> Rows:
    """Deals won or lost in *period*, without those born closed; ``won`` says which."""
    decided = closings(data, period).filter(col("status").is_in(["won", "lost"]), ~col("born_closed"))
    return decided.with_columns(won=col("status") == "won")


@remembered
def valued(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`closed` with an amount above 0 in the base currency."""
    return closed(data, period).filter(col("amount") > 0)


def undecided(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`closed`; ``event`` marks those lost because the customer did not decide."""
    never = (col("status") == "lost") & (col("loss_reason") == "no_decision")
    return closed(data, period).with_columns(event=when(never).then(lit(value=True)).otherwise(lit(value=False)))


@remembered
def lost(data: SalesData, period: Period) -> Rows:
    """Deals lost in *period*, with their reason as ``part``; ``unknown`` where none was given."""
    reason = when(col("loss_reason").is_null()).then(lit("unknown")).otherwise(col("loss_reason"))
    return closed(data, period).filter(col("status") == "lost").with_columns(part=reason)


@remembered
def sold(data: SalesData, period: Period) -> Rows:
    """Deals won in *period* with an amount above 0 in the base currency, those born closed included; whole."""
    return closings(data, period).filter(col("status") == "won", col("amount") > 0)


@remembered
def sold_usual(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`sold` without mega deals: what averages are made of."""
    return sold(data, period).filter(~col("is_mega"))


def credited(data: SalesData, rows: Rows) -> Rows:
    """*rows* once per person with credit, who becomes ``owner_id``; ``amount`` is that person's part of it."""
    part = when(col("pct").is_null()).then(lit(1.0)).otherwise(col("pct"))
    person = when(col("rep_id").is_null()).then(lit(NOBODY)).otherwise(col("rep_id"))
    shared = rows.join(credit_of(data), on="deal_id", how="left")
    return shared.with_columns(owner_id=person, amount=col("amount") * part)


@remembered
def booked(data: SalesData, period: Period) -> Rows:
    """Whole deals of :func:`sold`, and those won earlier and undone in *period*, with their amount below 0."""
    gone = undone_of(data).filter(col("closed") < period.first, within("undone_on", period))
    undone = gone.filter(col("status") == "won", col("amount") > 0)
    names = [name for name in deals_of(data).names if name != "amount"]
    won = sold(data, period).select(*names, "amount")
    taken = undone.select(*names, amount=-col("amount"))
    return below(won, taken) if len(data.undone) else won


@remembered
def booked_by_credit(data: SalesData, period: Period) -> Rows:
    """Rows of :func:`booked`, split among those who have the credit."""
    return credited(data, booked(data, period))


@remembered
def open_now(data: SalesData, period: Period) -> Rows:
    """Deals open at ``as_of``, with ``age`` in days; *period* does not matter."""
    age = lit(float(day_number(data.as_of))) - col("started")
    return deals_of(data).filter(col("status") == "open").with_columns(age=age)


def due(data: SalesData, period: Period) -> Rows:
    """Open deals expected to close in *period*; those past due at ``as_of`` are shown apart."""
    from_day = max(period.first, day_number(data.as_of))
    return open_now(data, period).filter(col("expected") >= from_day, col("expected") < period.after)


def due_and_sold(data: SalesData, period: Period) -> Rows:
    """The deals that coverage rests on: due in *period*, and booked in it."""
    names = deals_of(data).names
    parts = [rows.select(*names) for rows in (due(data, period), booked_by_credit(data, period))]
    return below(*parts)


def has_renewals(data: SalesData) -> bool:
    """Some deal is a renewal: the organisation tells them from new business."""
    return len(in_memory(deals_of(data).select("type").filter(col("type") == "renewal").head(1))) > 0


@remembered
def watched(data: SalesData, period: Period) -> Rows:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``, ``open_days``.

    A deal that began before the period enters at the age it then had, so it says nothing about younger
    ages; one still open when the period or the known data end is right-censored there.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    seen = deals_of(data).filter(
        col("started") < stop,
        col("closed").is_null() | (col("closed") >= period.first),
        col("status").is_in(["open", "won", "lost"]),
        ~col("born_closed"),
    )
    return _spells(seen, "started", "closed", period, stop)


def _spells(rows: Rows, begin: str, end: str, period: Period, stop: int) -> Rows:
    """Columns ``entry``, ``exit``, ``ended``, ``open_days`` of stretches from *begin* to *end* seen in *period*."""
    ended = ~col(end).is_null() & (col(end) < stop)
    leave = when(ended).then(col(end)).otherwise(lit(float(stop)))
    came = when(col(begin) < period.first).then(lit(float(period.first))).otherwise(col(begin))
    return rows.with_columns(
        entry=came - col(begin) - 0.5,  # watched from the morning of that day
        exit=leave - col(begin),
        open_days=leave - came,
        ended=ended,
    )


@remembered
def spells_of_visits(data: SalesData, period: Period) -> Rows:
    """First visits of open stages watched in *period*: ``stage``, ``entry``, ``exit``, ``ended``, one row each."""
    stop = min(period.after, day_number(data.as_of) + 1)
    ends = deals_of(data).select("deal_id", "closed", "status", "segment", "born_closed")
    visits = visits_of(data).filter(col("kind") == "open", col("is_first"))
    joined = visits.join(ends, on="deal_id", how="inner").filter(col("status") != "cancelled", ~col("born_closed"))
    # A history without the closing stage: the visit ended when the deal did.
    left = when(col("left").is_null()).then(col("closed")).otherwise(col("left"))
    seen = joined.with_columns(left=left).filter(
        col("entered") < stop, col("left").is_null() | (col("left") >= period.first)
    )
    return _spells(seen.with_columns(part=col("stage")), "entered", "left", period, stop)


def cohort(data: SalesData, period: Period) -> Rows:
    """Deals begun in *period*, followed until won, lost, or ``as_of``: ``exit``, ``mine``, ``other``, ``possible``."""
    today = float(day_number(data.as_of))
    begun = deals_of(data).filter(
        within("started", period), col("status").is_in(["open", "won", "lost"]), ~col("born_closed")
    )
    leave = when(col("closed").is_null()).then(lit(today)).otherwise(col("closed"))
    return begun.with_columns(
        exit=leave - col("started"),
        mine=col("status") == "won",
        other=col("status") == "lost",
        possible=lit(today) - col("started"),
    )
