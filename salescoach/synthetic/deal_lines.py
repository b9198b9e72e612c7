"""What hangs on the deals: their lines, the credit for them, invoices, and what the process asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.deal_tables import Shown, deal_ids
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.parameters import CURRENCIES, SOURCES, STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Bools, Floats, Ints, lognormal
from salescoach.synthetic.view import View, chosen, numbered, table

_OWNERS_PART = np.array([0.5, 0.6, 0.7])
_SOURCED_SHARE = 0.5  # outbound deals found by the team's SDR
_OVERLAY_SHARE, _OVERLAY = 0.2, 0.25  # splits in which a third person helped, outside the totals
_DUE_DAYS = 30
_LATE_SD = 1.0
_MET, _MET_WITH_CONTACT = 0.70, 0.90


def line_item(shown: Shown) -> pd.DataFrame:
    """Table ``line_item``. Totals of a deal sum to its amount; quantity × list price sums to the amount undiscounted.

    A price is rounded to the cent, and is never above the list's although an amount may be rounded up to the next
    whole unit: so quantity × price may differ from a line's total by up to that unit and half a cent a piece.
    """
    prices = shown.deals.prices
    quantity, price = prices.quantity[shown.rows], prices.price[shown.rows]
    off = np.where(shown.priced, prices.discount[shown.rows], 0.0)
    gross = quantity * price
    share = gross / gross.sum(axis=1, keepdims=True)
    second = np.round(share[:, 1] * shown.amount, 2)
    total = np.stack([shown.amount - second, second], axis=1)
    deal, line = np.nonzero(quantity > 0)
    position = shown.rows[deal]
    return table("line_item", {
        "line_id": numbered("N", 2 * position + line, 7),
        "deal_id": deal_ids(position),
        "product_id": numbered("P", prices.product[position, line], 2),
        "qty": quantity[deal, line].astype(np.float64),
        "list_price": price[deal, line],
        "unit_price": np.minimum(np.round(total[deal, line] / quantity[deal, line], 2), price[deal, line]),
        "discount": off[deal],
        "total": total[deal, line],
        "currency": chosen(CURRENCIES, prices.currency[position]),
    })  # fmt: skip


def split(shown: Shown, people: People, sdr_ids: list[str], view: View, p: Parameters) -> pd.DataFrame:
    """Table ``split``: some deals shared with a team mate; overlay and sourcing credit beside the total.

    Agreed by whoever created the deal, when it was created.
    """
    deals, rows = shown.deals, shown.rows
    first = deals.rep[rows]
    draws = deals.draws
    mate = _mates(people, first, draws["split_with"][rows])
    shared = (draws["split"][rows] < p.split_share) & (mate >= 0)
    part = _OWNERS_PART[(draws["split_share"][rows] * 3).astype(np.int64)]
    helped = shared & (draws["split_share"][rows] * 97 % 1 < _OVERLAY_SHARE)
    outbound = deals.source[rows] == SOURCES.index("outbound")
    found = outbound & (draws["sourced"][rows] < _SOURCED_SHARE) & bool(sdr_ids)
    parts = (
        (shared, first, part, 0),
        (shared, mate, 1 - part, 0),
        (helped, len(people) + len(sdr_ids) + people.team[first], np.full(len(rows), _OVERLAY), 1),
        (found, len(people) + _sdr_of(people.team[first], sdr_ids), np.ones(len(rows)), 2),
    )
    names = (*people.ids, *sdr_ids, *numbered("M", np.arange(int(people.team.max()) + 1), 2))
    place = np.concatenate([np.flatnonzero(where) for where, _, _, _ in parts])
    who = np.concatenate([whose[where] for where, whose, _, _ in parts])
    pct = np.concatenate([shares[where] for where, _, shares, _ in parts])
    kind = np.concatenate([np.full(int(where.sum()), code) for where, _, _, code in parts])
    order = np.lexsort((who, kind, place))
    place, who, pct, kind = place[order], who[order], pct[order], kind[order]
    return table("split", {
        "deal_id": deal_ids(rows[place]),
        "rep_id": chosen(names, who),
        "pct": np.round(pct, 2),
        "credit_type": chosen(("revenue", "overlay", "sourcing"), kind),
        "valid_from": view.days.dates(np.floor(deals.created[rows[place]])),
    })  # fmt: skip


def _mates(people: People, owner: Ints, uniform: Floats) -> Ints:
    """A team mate of each owner, the same for the same deal while the owner stays; -1 without any."""
    size = np.bincount(people.team)[people.team[owner]]
    first = np.searchsorted(people.team, people.team[owner])
    turn = 1 + (uniform * np.maximum(size - 1, 1)).astype(np.int64)
    return np.where(size > 1, first + (owner - first + turn) % size, -1)


def _sdr_of(team: Ints, sdr_ids: list[str]) -> Ints:
    """Which SDR works for a team, the first of its own."""
    per_team = max(len(sdr_ids) // max(int(team.max(initial=0)) + 1, 1), 1)
    return np.minimum(team * per_team, max(len(sdr_ids) - 1, 0))


def paid(deals: Deals, p: Parameters) -> Floats:
    """When each won deal is paid: around its due day or later, ``inf`` = never."""
    late = lognormal(deals.draws["paid_day"], p.paid_late_days, _LATE_SD)
    return np.where(deals.draws["paid"] < p.never_paid, np.inf, deals.ended + _DUE_DAYS - 10 + late)


def invoice(shown: Shown, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``invoice``: one for every win, on its day, due in thirty."""
    deals, rows = shown.deals, shown.rows[shown.won]
    when = paid(deals, p)[rows]
    known = view.seen(np.minimum(when, 1e6))
    issued = np.floor(deals.ended[rows])
    return table("invoice", {
        "invoice_id": numbered("F", rows, 6),
        "deal_id": deal_ids(rows),
        "issued": view.days.dates(issued),
        "due": view.days.dates(issued + _DUE_DAYS),
        "amount": deals.net_amount[rows],
        "currency": chosen(CURRENCIES, deals.prices.currency[rows]),
        "paid_at": view.moments(np.where(known, when, np.nan)),
        "paid_amount": np.where(known, deals.net_amount[rows], np.nan),
    })  # fmt: skip


def exit_criterion(shown: Shown, view: View) -> pd.DataFrame:
    """Table ``exit_criterion``: two for every stage left for the next, more often there after two-way contact."""
    deals, rows = shown.deals, shown.rows
    following = np.concatenate([deals.entered[rows, 1:], np.where(deals.won, deals.ended, np.nan)[rows, None]], axis=1)
    deal, stage = np.nonzero(_seen(view, following))
    uniform = deals.draws.each("criterion", STAGES)[rows[deal], stage]
    chance = np.where(deals.contact[rows[deal], stage], _MET_WITH_CONTACT, _MET)
    met = np.stack([uniform < chance, uniform * 61 % 1 < chance], axis=1)
    stages, asked = phrases.OPEN_STAGES[view.language], phrases.CRITERIA[view.language]
    return table("exit_criterion", {
        "deal_id": deal_ids(np.repeat(rows[deal], 2)),
        "stage": chosen(stages, np.repeat(stage, 2)),
        "criterion": chosen([text for pair in asked for text in pair], (2 * stage[:, None] + np.arange(2)).ravel()),
        "checked_at": view.moments(np.repeat(following[deal, stage], 2)),
        "met": met.ravel(),
    })  # fmt: skip


def _seen(view: View, times: Floats) -> Bools:
    return np.stack([view.seen(times[:, place]) for place in range(times.shape[1])], axis=1)
