"""Rows of the tables beside the deals: each once, in the period, with the person they are about as ``owner_id``."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, deals_of, remembered
from salescoach.metrics.columns import Columns
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.tally import Rows, in_memory, rows_of
from salescoach.tables.data import SELLER_ROLES, SalesData
from salescoach.tables.schema import TABLES

DAYS_A_MONTH = 365.25 / 12

COACHES = ("Manager", "Coach")
"""Whose metrics those about coaching are: a rep is not measured by how often the manager had time."""


def each(data: SalesData, name: str) -> pd.DataFrame:
    """Table *name* as known at ``as_of``, a row that was imported twice only once."""
    return data.once(("each", name), lambda: once_each(data.table(name), name))


def once_each(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of *table* *name*, one that was imported twice only once."""
    twice = table.duplicated(list(TABLES[name].key))
    return table[~twice].reset_index(drop=True) if twice.any() else table


def history_in_order(data: SalesData) -> pd.DataFrame:
    """The stage history, the entries of each deal below one another in the order in which they happened."""
    return data.once("history in order", lambda: _in_order(data.table("stage_history")))


def _in_order(history: pd.DataFrame) -> pd.DataFrame:
    deal = pd.factorize(history["deal_id"])[0]  # keeps a deal together like its id, and much faster
    return history.take(np.lexsort([history["entered_at"].to_numpy(), deal]))


def stated_before(data: SalesData, day: int, *columns: str) -> pd.DataFrame:
    """What the stage history last said of each deal before day number *day*: ``deal_id`` and its *columns*."""
    history = history_in_order(data)
    code, deals = data.once("deals of the history", lambda: pd.factorize(history["deal_id"]))
    before = (history["entered_at_day"] < day).to_numpy()

    def last(rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        found = np.full(len(deals), -1)
        found[code[rows]] = np.flatnonzero(rows)  # in the order of time: the last one stays
        return found

    there = last(before) >= 0
    said = {name: last(before & history[name].notna().to_numpy())[there] for name in columns}
    taken = {name: pd.api.extensions.take(history[name].array, rows, allow_fill=True) for name, rows in said.items()}
    return pd.DataFrame({"deal_id": deals[there], **taken})


def during(data: SalesData, name: str, moment: str, period: Period) -> Rows:
    """Rows of table *name* whose date *moment* lies in *period* and not after ``as_of``."""
    table = data.table(name)
    day = table[f"{moment}_day"].to_numpy()
    inside = np.flatnonzero((day >= period.first) & (day < min(period.after, day_number(data.as_of) + 1)))
    twice = table[list(TABLES[name].key)].take(inside).duplicated().to_numpy()
    return Columns.of(table, inside[~twice])


def surely(condition: Expr) -> Expr:
    """*condition*, false where a part of it is missing."""
    return when(condition).then(lit(value=True)).otherwise(lit(value=False))


def happened(table: pd.DataFrame, moment: str, today: int) -> pd.Series:
    """Day numbers of *moment*, missing where it had not come at the end of day number *today*."""
    day = table[f"{moment}_day"]
    return day.where(day <= today)


def sellers_of(data: SalesData) -> list[str]:
    """Everybody who sells, with or without a deal; people whose role is not known included."""
    role = data.reps["role"]
    return list(data.reps.index[role.isna() | role.isin(SELLER_ROLES)])


@remembered
def human(data: SalesData, period: Period) -> Rows:
    """What people who sell did in *period*: activities held, without the automatic ones."""
    rows = during(data, "activity", "occurred_at", period)
    return rows.filter(~col("is_system"), col("owner_id").is_in(sellers_of(data)))


@remembered
def two_way_until_now(data: SalesData, period: Period) -> Rows:
    """Human activities with the customer, of any day up to ``as_of``, that name a deal; *period* does not matter."""
    table = data.table("activity")
    named = table[(table["direction"] == "two_way").fillna(False)]
    named = named[named["deal_id"].notna()]
    named = named[["activity_id", "deal_id", "contact_id", "occurred_at_day", "is_system"]]
    return rows_of(once_each(named, "activity").reset_index(drop=True)).filter(~col("is_system"))


@remembered
def last_contact(data: SalesData, period: Period) -> Rows:
    """``contact``: the day of the last two-way human activity up to ``as_of`` of each deal that has one."""
    last = two_way_until_now(data, period).summed("deal_id", contact=col("occurred_at_day").max())
    return beside_deals(data, in_memory(last))


def owned(data: SalesData, period: Period, rows: Rows) -> Rows:
    """*rows* that name a deal, with the owner of that deal as ``owner_id``; rows of unknown deals are left out."""
    deals = deals_of(data).select("deal_id", "owner_id")
    kept = [name for name in rows.names if name != "owner_id"]
    mine = beside_deals(data, in_memory(rows.select(*kept)))
    return mine.join(deals, on="deal_id", how="inner")


def workdays(data: SalesData, period: Period) -> pd.Series:
    """Working days of everybody who sells in *period* up to ``as_of``, by ``rep_id``; missing when there are none."""
    days = data.exposure(period)["working_days"].reindex(sellers_of(data))
    return days.where(days > 0)


def months_worked(data: SalesData, period: Period) -> pd.Series:
    """Months of full time of everybody who sells in *period* up to ``as_of``, by ``rep_id``."""
    days = min(period.after, day_number(data.as_of) + 1) - period.first
    share = data.exposure(period)["share"].reindex(sellers_of(data))
    return (share * max(days, 0) / DAYS_A_MONTH).where(share > 0)


def looked_up(values: pd.Series, keys: pd.Series) -> pd.Series:
    """The entry of *values* for each of *keys*, missing where there is none; unlike ``map`` also when all are."""
    return pd.Series(values.reindex(keys).to_numpy(), index=keys.index)
