"""Open deals of one person worth a word in a meeting, and those that have gone to sleep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.calendar import day_number
from salescoach.diagnosis.deal_risk import SILENT_DAYS, Lift, usual_age
from salescoach.tables.data import SalesData
from salescoach.tables.money import recorded_sum

MOST_DEALS = 5
ASLEEP_DAYS = 182
"""Without any activity for half a year: such deals are gone through in one sitting, not talked about one by one."""
_FURTHER = (
    "pushed", "one_contact", "no_decision_maker", "amount_cut", "discount_early", "moved_back", "quarter_end",
)  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """An open deal worth a word, and why: reason keys with their number of days where there is one."""

    deal_id: str
    name: str
    stage: str
    amount: float
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Asleep:
    """Open deals of a person that nothing has happened on for :data:`ASLEEP_DAYS`; ``amount`` as far as recorded."""

    deals: int
    amount: float


def _sleeping(open_deals: pd.DataFrame, today: int) -> pd.Series:
    """Whether nothing happened on each of *open_deals* for :data:`ASLEEP_DAYS`; never where no activity is known."""
    if not open_deals["last_activity"].notna().any():
        return pd.Series(data=False, index=open_deals.index)
    return today - open_deals["last_activity"].fillna(open_deals["started"]) > ASLEEP_DAYS


def asleep(data: SalesData, rep_id: str) -> Asleep:
    """The open deals of *rep_id* that nothing has happened on for half a year."""
    everyone = data.open()
    mine = everyone[(everyone["owner_id"] == rep_id) & _sleeping(everyone, day_number(data.as_of))]
    return Asleep(len(mine), recorded_sum(mine["amount"]))


def _longest(deal: Deal) -> int:
    """Most days that a reason of *deal* names: where nothing else tells deals apart, the oldest is talked of first."""
    return max(days for _, days in deal.reasons)


def deals_to_touch(
    data: SalesData, rep_id: str, signs: Mapping[str, tuple[str, ...]], lifts: Mapping[str, Lift]
) -> tuple[Deal, ...]:
    """Open deals with at least one reason, those with most reasons and the largest amount first.

    *signs*: rules that fire on each deal. Those that a reason with its days says already are not said twice, and what
    by its *lift* has clearly meant fewer losses in this organisation is no reason to worry. Deals that are asleep are
    left to :func:`asleep`: they have the most reasons, and would crowd out those that can be helped.
    """
    everyone = data.open()
    today = day_number(data.as_of)
    mine = everyone[(everyone["owner_id"] == rep_id) & ~_sleeping(everyone, today)]
    oldest = usual_age(data)
    steps_known = everyone["next_step"].notna().any()
    activity_known = everyone["last_activity"].notna().any()
    found = []
    for row in mine.to_dict("records"):
        reasons: list[tuple[str, int]] = []
        if row["expected"] < today:
            reasons.append(("past_due", int(today - row["expected"])))
        if activity_known and pd.isna(row["last_activity"]):
            reasons.append(("never_touched", 0))
        elif today - row["last_activity"] > SILENT_DAYS:
            reasons.append(("silent", int(today - row["last_activity"])))
        if steps_known and pd.isna(row["next_step"]):
            reasons.append(("no_next_step", 0))
        limit = oldest.get(row["segment"] if pd.notna(row["segment"]) else "", oldest.get("", np.inf))
        if today - row["started"] > limit:
            reasons.append(("old", int(today - row["started"])))
        said = {reason for reason, _ in reasons}
        fired = signs.get(str(row["deal_id"]), ())
        reasons += [(rule, 0) for rule in fired if rule in _FURTHER and not (rule in lifts and lifts[rule].harmless)]
        if "silent" in fired and not said & {"silent", "never_touched"}:
            reasons.append(("one_way", SILENT_DAYS))
        if reasons:
            name = str(row["name"] if pd.notna(row["name"]) else row["deal_id"])
            stage = str(row["stage"]) if pd.notna(row["stage"]) else ""
            found.append(Deal(row["deal_id"], name, stage, float(row["amount"]), tuple(reasons)))
    found.sort(key=lambda deal: (-len(deal.reasons), -np.nan_to_num(deal.amount), -_longest(deal), deal.deal_id))
    return tuple(found[:MOST_DEALS])
