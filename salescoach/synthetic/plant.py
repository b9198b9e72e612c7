"""Mistakes put into the tables on purpose, each noted with the check that must find it.

Every kind has its own months of the window, and takes a deal that is long closed by then: a longer
window or a later ``as_of`` plants more, and moves none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.synthetic import spoil
from salescoach.synthetic.days import Stamps
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.streams import Bools, Streams
from salescoach.synthetic.view import View

_EVERY_MONTHS = 5
_SETTLED_DAYS = 60

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Planted:
    """One planted row: what it is, where it lies, which data-quality check must name it.

    ``check`` is the id of a check of the import (D4 …), or the name of the figure that must show it.
    """

    anomaly: str
    table: str
    row_id: str
    check: str
    detail: str = ""


Mistake = Callable[[Tables, str, spoil.Place], tuple[Tables, str]]
KINDS: Mapping[str, tuple[str, str, Mistake]] = {
    # kind → check, table of the row to be named, what is done. Their order decides their months: append only.
    "duplicate_row": ("D4", "opportunity", spoil.repeated),
    "same_id_other_content": ("D5", "opportunity", spoil.contradicted),
    "closed_before_created": ("D11", "opportunity", spoil.swapped),
    "negative_amount": ("D13", "opportunity", spoil.negated),
    "missing_currency": ("D14", "opportunity", spoil.without_currency),
    "probable_duplicate": ("D6", "opportunity", spoil.entered_twice),
    "merged_deal": ("D7", "opportunity", spoil.merged),
    "orphan_account": ("D9", "opportunity", spoil.orphaned),
    "orphan_activity": ("D9", "activity", spoil.orphaned_activity),
    "reopened_win": ("adjustment", "opportunity", spoil.reopened),
    "splits_not_one": ("D15", "split", spoil.split_short),
    "equal_times": ("stable_order", "activity", spoil.at_the_same_time),
    "close_expected_too_early": ("D25", "opportunity", spoil.expected_too_early),
}
FUTURE = "future_activity"


def plant(tables: Tables, view: View, p: Parameters, streams: Streams) -> tuple[Tables, list[Planted]]:
    """Copies of *tables* with the mistakes of ``p.plants``, and the list of them."""
    done: list[Planted] = []
    clean, taken = _candidates(tables["opportunity"]), set[str]()
    for place, (anomaly, (check, name, mistake)) in enumerate(KINDS.items()):
        for number in range(p.plants.mistakes.get(anomaly, 0)):
            month = 1 + (place % _EVERY_MONTHS) + _EVERY_MONTHS * number
            chance = streams.child("plants", place, number)
            won_only = anomaly in ("reopened_win", "splits_not_one")
            deal_id = _candidate(clean, month, view, p, chance, taken, won_only)
            if deal_id is None:
                continue
            spoilt, row_id = mistake(tables, deal_id, spoil.Place(view, month, number, place))
            if row_id:
                taken.add(deal_id)
                tables = spoilt
                done.append(Planted(anomaly, name, row_id, check))
    tables, future = _future(tables, view, p.plants.mistakes.get(FUTURE, 0), streams)
    tables, gap = _survey_gap(tables, view, p)
    return tables, done + future + gap


@dataclass(frozen=True)
class _Candidates:
    """The deals before any mistake, as plain columns."""

    deal_id: npt.NDArray[np.object_]
    created: Stamps
    closed: Stamps
    won: Bools


def _candidates(deals: pd.DataFrame) -> _Candidates:
    return _Candidates(
        deals["deal_id"].to_numpy(dtype=object), deals["created_at"].to_numpy(), deals["closed_at"].to_numpy(),
        (deals["status"] == "won").to_numpy(),
    )  # fmt: skip


def _candidate(
    deals: _Candidates, month: int, view: View, p: Parameters, chance: np.random.Generator, taken: set[str],
    won_only: bool,
) -> str | None:  # fmt: skip
    """A deal created in that month of the window and closed soon after; None when the export is too early for it."""
    if month >= p.months or view.days.month_first(month + 1) + _SETTLED_DAYS >= view.cut:
        return None
    first, after = (np.datetime64(view.days.day(view.days.month_first(number))) for number in (month, month + 1))
    rows = np.flatnonzero(
        (deals.created >= first) & (deals.created < after) & (deals.closed < after + np.timedelta64(_SETTLED_DAYS, "D"))
        & (deals.closed > deals.created + np.timedelta64(3, "D")) & (deals.won | (not won_only))
    )  # fmt: skip
    free = [deal_id for deal_id in deals.deal_id[rows].tolist() if deal_id not in taken]
    return str(free[int(chance.random() * len(free))]) if free else None


def _future(tables: Tables, view: View, count: int, streams: Streams) -> tuple[Tables, list[Planted]]:
    """Meetings on open deals dated after the export, and yet marked as held."""
    deals = tables["opportunity"]
    open_deals = deals[deals["status"] == "open"]
    if not count or open_deals.empty:
        return tables, []
    chance = streams.child("plants", 99)
    picked = open_deals.iloc[np.sort(chance.permutation(len(open_deals))[:count])]
    spoilt, ids = spoil.with_future_meetings(tables, picked, view)
    return spoilt, [Planted(FUTURE, "activity", row_id, "D18") for row_id in ids]


def _survey_gap(tables: Tables, view: View, p: Parameters) -> tuple[Tables, list[Planted]]:
    """The invitations of one month are lost, the answers to them are not."""
    month = p.plants.survey_gap
    if month is None or month < p.start or view.days.number(month) + 31 >= view.cut:
        return tables, []
    invitations, responses = tables["survey_invitation"], tables["survey_response"]
    lost = invitations["sent_at"].dt.to_period("M") == pd.Period(month, "M")
    ids = set(invitations.loc[lost, "invitation_id"])
    answered = responses["invitation_id"].isin(ids)
    notes = [
        Planted("survey_without_invitations", "survey_response", row_id, "response_rate", month.isoformat()[:7])
        for row_id in responses.loc[answered, "response_id"]
    ]
    kept = responses.assign(invitation_id=responses["invitation_id"].mask(answered))
    return {**tables, "survey_invitation": invitations[~lost].reset_index(drop=True), "survey_response": kept}, notes
