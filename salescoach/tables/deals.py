"""Deals in the state they were in at the end of one day, rebuilt from what had been recorded by then.

What the export says of a deal holds from its closing on; before it, stage, amount, expected close, owner and
outcome come from the histories. Without a history they are inferred from dates, or missing: never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.calendar import Calendar
from salescoach.errors import TableError
from salescoach.tables.money import Rates
from salescoach.tables.visits import Owners, stage_visits

_KEPT = (
    "deal_id name account_id contact_id lead_id owner_id pipeline stage status amount currency discount_pct cost "
    "probability forecast_category type segment source campaign product_id loss_reason competitor next_step is_mega "
    "paid_amount closed_at created_at engaged_at"
).split()
_MOMENTS = ["closed_at", "created_at", "engaged_at"]
_CLOSED = ("won", "lost")
_DAYS = {
    "created": "created_at", "engaged": "engaged_at", "closed": "closed_at", "last_activity": "last_activity_at",
    "paid": "paid_at", "expected": "expected_close", "next_step_due": "next_step_due",
}  # fmt: skip


@dataclass(frozen=True)
class DealStates:
    """``deals`` as they were, the stage ``visits`` up to then, and the closings that had been ``undone`` by then.

    ``undone`` has the columns of ``deals``, each row as the deal was at that closing, and ``undone_on``: the day
    number on which it was reopened.
    """

    deals: pd.DataFrame
    visits: pd.DataFrame
    undone: pd.DataFrame


def deals_at(
    known: Mapping[str, pd.DataFrame], calendar: Calendar, today: int, rates: Rates, mega_limit: float = np.inf
) -> DealStates:
    """State at the end of day number *today*.

    *known* holds ``opportunity``, ``stage``, ``stage_history`` and ``owner_history``: complete, and without rows
    that became true later; dates have their day numbers beside them. From *mega_limit* on (base currency) a deal is
    a mega deal.

    Raises
    ------
    TableError
        When a deal is there twice: which of its rows is true cannot be known.
    """
    deals, owners = _visible(known["opportunity"], today), Owners(known["owner_history"])
    if (again := deals["deal_id"].duplicated()).any():
        twice = deals.loc[again, "deal_id"].iloc[0]
        raise TableError(f"opportunity has the deal '{twice}' more than once; keep one row per deal_id.")
    line = ["source_row"] if "source_row" in known["stage_history"] else []
    history = known["stage_history"].sort_values(["entered_at", *line, "stage_to"], kind="stable")
    visits = stage_visits(deals, history, known["stage"], owners, today)
    runs = _runs(visits)
    changed = _outcome(deals, runs, today)
    _recorded(deals, history, changed)
    states = pd.concat([deals, *_undone(deals, runs, history)], ignore_index=True)
    _owners(states, owners, calendar, today)
    states = _finished(states, rates, today, mega_limit)
    standing = states["undone_on"].isna()
    now = states if standing.all() else states[standing]
    return DealStates(now.drop(columns="undone_on"), visits, states[~standing].reset_index(drop=True))


def _visible(source: pd.DataFrame, today: int) -> pd.DataFrame:
    """Deals that were there on day *today*, with what had become true of them by then."""
    gone = source["is_deleted"].astype("boolean").fillna(False).astype(bool) | source["merged_into"].notna()
    source = source[~gone.to_numpy()].sort_values("deal_id", kind="stable")
    numbers = {day: source[f"{given}_day"] for day, given in _DAYS.items()}
    deals = source[_KEPT].assign(amount=source["amount"].astype(float), **numbers)

    first_seen = deals["created"].fillna(deals["engaged"])
    deals = deals[~(first_seen > today)].copy()  # unknown beginning: the export shows it, so it is there
    for day, also in (("paid", "paid_amount"), ("engaged", "engaged_at"), ("last_activity", None)):
        later = deals[day] > today
        for column in (day, also) if also else (day,):
            deals[column] = deals[column].mask(later)
    return deals.assign(undone_on=np.nan)


def _runs(visits: pd.DataFrame) -> pd.DataFrame:
    """Stretches of one kind (open, won, lost): the first visit of each, with ``until``, the day the next began."""
    kind, deal = visits["kind"].fillna(""), visits["deal_id"]
    runs = visits[deal.ne(deal.shift()) | kind.ne(kind.shift())]
    return runs.assign(until=runs["entered"].shift(-1).where(runs["deal_id"].eq(runs["deal_id"].shift(-1))))


def _outcome(deals: pd.DataFrame, runs: pd.DataFrame, today: int) -> pd.Series:
    """Set status and closing of *deals*; say which differ from what the export says now.

    The export's closing holds from its day on, unless the history shows an earlier closing that was undone
    later than that day. Before it, a deal is what its last recorded stage says, and open without a history.
    """
    last = runs.drop_duplicates("deal_id", keep="last").set_index("deal_id")
    reopened = deals["deal_id"].isin(runs.loc[runs["kind"].isin(_CLOSED) & runs["until"].notna(), "deal_id"])
    last = last.reindex(deals["deal_id"]).set_axis(deals.index)
    kind, since, moment = last["kind"], last["entered"].astype(float), pd.to_datetime(last["entered_at"])
    exported = (deals["status"] != "open") & ~(deals["closed"] > today)
    exported &= (deals["status"] == "cancelled") | ~reopened | ~(deals["closed"] < since)
    by_history = ~exported & kind.isin(_CLOSED)
    changed = ~exported & ((deals["status"] != "open") | by_history)

    deals["status"] = deals["status"].mask(changed, "open").mask(by_history, kind)
    standing = deals["status"] == "open"  # whatever day the export gives such a deal, it is not its closing
    deals["closed"] = deals["closed"].mask(standing).mask(by_history, since)
    deals["closed_at"] = pd.to_datetime(deals["closed_at"]).mask(standing).mask(by_history, moment)
    for column in ("loss_reason", "forecast_category", "probability"):
        deals[column] = deals[column].mask(changed)  # the export has what was known at the closing, not before
    return changed


def _recorded(deals: pd.DataFrame, history: pd.DataFrame, changed: pd.Series) -> None:
    """Set stage, amount, expected close and forecast category that open and changed deals had by their history."""
    then = changed | (deals["status"] == "open")
    deals["stage"] = deals["stage"].mask(changed)  # without a history it is unknown what it was then
    code, known = pd.factorize(history["deal_id"])
    place = pd.Index(known).get_indexer(
        pd.Index(deals["deal_id"])
    )  # -1 for a deal without a history: the last, empty row below
    for column, recorded in (
        ("stage", "stage_to"),
        ("amount", "amount_at"),
        ("expected", "close_date_at_day"),
        ("forecast_category", "forecast_category_at"),
    ):
        given = np.flatnonzero(history[recorded].notna().to_numpy() & (code >= 0))
        last = np.full(len(known) + 1, -1)
        last[code[given]] = given  # in the order of time: the last one stays
        latest = history[recorded].set_axis(range(len(history))).reindex(last[place]).set_axis(deals.index)
        deals[column] = deals[column].mask(then & latest.notna(), latest)


def _undone(deals: pd.DataFrame, runs: pd.DataFrame, history: pd.DataFrame) -> list[pd.DataFrame]:
    """Closings that did not last, each as its deal was then; ``undone_on`` is the day of the reopening."""
    ended = deals.loc[deals["status"] == "cancelled"].set_index("deal_id")["closed"]
    closings = runs[runs["kind"].isin(_CLOSED)]
    # A closing is undone by cancelling the deal, too.
    closings = closings.assign(undone_on=closings["until"].fillna(closings["deal_id"].map(ended)))
    closings = closings[closings["undone_on"].notna()]
    if closings.empty:
        return []
    of_them = deals[deals["deal_id"].isin(closings["deal_id"])]
    rows = closings[["deal_id", "kind", "stage", "entered", "entered_at", "undone_on"]].merge(
        of_them.drop(columns=["status", "stage", "closed", "closed_at", "undone_on"]), on="deal_id"
    )
    rows = rows.rename(columns={"kind": "status", "entered": "closed", "entered_at": "closed_at"})
    stated = history["amount_at"].notna() & history["deal_id"].isin(rows["deal_id"])
    at = history.loc[stated, ["deal_id", "entered_at", "amount_at"]]
    found = rows[["deal_id", "closed_at"]].reset_index().merge(at, on="deal_id")
    found = found[found["entered_at"] <= found["closed_at"]].drop_duplicates("index", keep="last")
    rows["amount"] = found.set_index("index")["amount_at"].reindex(rows.index).fillna(rows["amount"])
    return [rows]


def _owners(deals: pd.DataFrame, owners: Owners, calendar: Calendar, today: int) -> None:
    """Set the owner at the closing (at the end of *today* while open), at creation, and at engagement."""
    ids, exported = deals["deal_id"], deals["owner_id"]
    first = ids.map(owners.first)
    moment = calendar.last_moment(deals["closed_at"]).fillna(calendar.end_of(today))
    deals["owner_id"] = owners.at(ids, moment).fillna(exported)
    for column, event in (("creator_id", "created_at"), ("engager_id", "engaged_at")):
        deals[column] = owners.at(ids, deals[event]).fillna(first).fillna(exported)
    deals["inherited"] = first.notna() & (first != deals["owner_id"])


def _finished(deals: pd.DataFrame, rates: Rates, today: int, mega_limit: float) -> pd.DataFrame:
    """*deals* with money in base currency and the columns that follow from the others."""
    is_open = deals["status"] == "open"
    rate = rates.of(deals["currency"], deals["closed"].mask(is_open, float(today)))
    domestic = deals["currency"].isna() | (deals["currency"] == rates.base)
    kinds = np.select([domestic, rate.isna(), is_open], ["base", "unconverted", "as_of"], "close_date")
    amount = deals["amount"] * rate
    mega = deals["is_mega"].astype("boolean").fillna(False).astype(bool)
    return deals.drop(columns=_MOMENTS).assign(
        amount_original=deals["amount"],
        amount=amount,
        cost=deals["cost"].astype(float) * rate,
        paid_amount=deals["paid_amount"].astype(float) * rate,
        fx_kind=kinds,
        is_mega=mega | (amount >= mega_limit),
        started=deals["engaged"].fillna(deals["created"]),
        born_closed=deals["closed"].notna() & (deals["created"] == deals["closed"]),
    )
