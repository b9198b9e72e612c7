"""Mistakes put into the tables on purpose, each noted with the check that must find it.

Every kind has its own months of the window, and takes a deal that is long closed by then: a longer
window or a later ``as_of`` plants more, and moves none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.streams import Streams
from salescoach.synthetic.view import View

_EVERY_MONTHS = 5
_SETTLED_DAYS = 60

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Planted:
    """One planted row: what it is, where it lies, which data-quality check must name it."""

    anomaly: str
    table: str
    row_id: str
    check: str
    detail: str = ""


def plant(tables: Tables, view: View, p: Parameters, streams: Streams) -> tuple[Tables, list[Planted]]:
    """Copies of *tables* with the mistakes of ``p.plants``, and the list of them."""
    plants = p.plants
    deals = tables["opportunity"]
    done: list[Planted] = []
    kinds: tuple[tuple[str, str, int, Callable[[pd.DataFrame, int], pd.DataFrame]], ...] = (
        ("duplicate_row", "D4", plants.duplicates, _repeated),
        ("same_id_other_content", "D5", plants.conflicting_ids, _contradicted),
        ("closed_before_created", "D11", plants.closed_before_created, _swapped),
        ("negative_amount", "D13", plants.negative_amounts, _negated),
    )
    candidates = deals.copy()
    for place, (anomaly, check, count, mistake) in enumerate(kinds):
        for number in range(count):
            month = 1 + place + _EVERY_MONTHS * number
            row = _candidate(candidates, month, view, p, streams.child("plants", place, number))
            if row is None:
                continue
            deal_id = str(candidates.at[row, "deal_id"])
            deals = mistake(deals, row)
            done.append(Planted(anomaly, "opportunity", deal_id, check))
    activity, future = _future(tables["activity"], deals, view, plants.future_activities, streams)
    return {**tables, "opportunity": deals, "activity": activity}, done + future


def _candidate(deals: pd.DataFrame, month: int, view: View, p: Parameters, chance: np.random.Generator) -> int | None:
    """A deal created in that month of the window and closed soon after; None when the export is too early for it."""
    if month >= p.months or view.days.month_first(month + 1) + _SETTLED_DAYS >= view.cut:
        return None
    first, after = (pd.Timestamp(view.days.day(view.days.month_first(number))) for number in (month, month + 1))
    settled = after + pd.Timedelta(days=_SETTLED_DAYS)
    fits = (
        (deals["created_at"] >= first) & (deals["created_at"] < after)
        & (deals["closed_at"] < settled) & (deals["closed_at"] > deals["created_at"] + pd.Timedelta(days=3))
    )  # fmt: skip
    rows = np.flatnonzero(fits.to_numpy())
    return int(rows[int(chance.random() * len(rows))]) if len(rows) else None


def _repeated(deals: pd.DataFrame, row: int) -> pd.DataFrame:
    return pd.concat([deals, deals.iloc[[row]]], ignore_index=True)


def _contradicted(deals: pd.DataFrame, row: int) -> pd.DataFrame:
    other = deals.iloc[[row]].copy()
    other["amount"] = (other["amount"] * 1.25).round()
    return pd.concat([deals, other], ignore_index=True)


def _swapped(deals: pd.DataFrame, row: int) -> pd.DataFrame:
    created, closed = deals["created_at"], deals["closed_at"]
    here = deals.index == row
    return deals.assign(created_at=created.mask(here, closed), closed_at=closed.mask(here, created))


def _negated(deals: pd.DataFrame, row: int) -> pd.DataFrame:
    return deals.assign(amount=deals["amount"].mask(deals.index == row, -deals["amount"]))


def _future(
    activity: pd.DataFrame, deals: pd.DataFrame, view: View, count: int, streams: Streams
) -> tuple[pd.DataFrame, list[Planted]]:
    """Meetings on open deals dated after the export, and yet marked as held."""
    open_deals = deals[deals["status"] == "open"]
    if not count or open_deals.empty:
        return activity, []
    chance = streams.child("plants", 99)
    picked = open_deals.iloc[np.sort(chance.permutation(len(open_deals))[:count])]
    cut = view.days.day(int(view.cut))
    ids = [f"V9{number:06d}" for number in range(1, len(picked) + 1)]
    moments = [pd.Timestamp(cut) + timedelta(days=2 * number + 1, hours=8) for number in range(len(picked))]
    later = pd.DataFrame({
        "activity_id": ids, "type": "meeting", "occurred_at": moments, "owner_id": picked["owner_id"].to_list(),
        "is_system": False, "direction": "two_way", "duration_s": 3_600.0, "deal_id": picked["deal_id"].to_list(),
        "account_id": picked["account_id"].to_list(), "outcome": "held",
    }).reindex(columns=activity.columns).astype(activity.dtypes.to_dict())  # fmt: skip
    notes = [Planted("future_activity", "activity", row_id, "D18") for row_id in ids]
    return pd.concat([activity, later], ignore_index=True), notes
