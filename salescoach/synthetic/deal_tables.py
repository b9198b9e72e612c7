"""What the CRM shows of the deals on the day of the export: deals, their stages, owners, customers, products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.synthetic import names, phrases
from salescoach.synthetic.deals import STAGES, Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import CURRENCY, SEGMENTS, SOURCES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Bools, Floats, Ints, choice, lognormal
from salescoach.synthetic.view import View, chosen, numbered, table

_STATED_PROBABILITY = np.array([0.20, 0.40, 0.55, 0.75])
_QUALIFIED_FROM = 1  # entering the second stage means that the first, to qualify, is done
_NET_FROM = 2  # a price is named, discount included, in the third stage
_FORECAST = ("pipeline", "pipeline", "best_case", "commit", "closed", "omitted")


@dataclass(frozen=True)
class Shown:
    """The deals an export shows, as positions in :class:`Deals`, with their state on that day."""

    deals: Deals
    rows: Ints
    stage: Ints  # 0 … 3 open stages reached by then
    closed: Bools
    won: Bools
    owner: Ints
    amount: Floats
    last_activity: Floats


def deal_ids(rows: Ints, where: Bools | None = None) -> pd.Series:
    """Text column: ids of the deals at *rows*, missing where *where* is false."""
    return numbered("D", rows, 6, where)


def account_ids(numbers: Ints, where: Bools | None = None) -> pd.Series:
    """Text column: ids of companies, missing where *where* is false."""
    return numbered("A", numbers, 6, where)


def shown(deals: Deals, owners: Ownership, view: View, last_activity: Floats) -> Shown:
    """State of the deals at the cut. *last_activity* has one time per deal, ``nan`` without any."""
    rows = np.flatnonzero(view.created(deals.created))
    stage = np.stack([view.seen(deals.entered[rows, stage]) for stage in range(STAGES)], axis=1).sum(axis=1) - 1
    closed = view.seen(deals.closed[rows])
    end = np.where(closed, deals.closed[rows], view.cut - 1e-6)
    priced = stage >= _NET_FROM
    return Shown(
        deals, rows, stage, closed, closed & deals.won[rows], owners.at(rows, end),
        np.where(priced, np.round(deals.net_amount[rows]), deals.list_amount[rows]), last_activity[rows],
    )  # fmt: skip


def opportunity(shown: Shown, people: People, view: View, lead_ids: pd.Series) -> pd.DataFrame:
    """Table ``opportunity``; *lead_ids* has one text per shown deal."""
    deals, rows, language = shown.deals, shown.rows, view.language
    draws = deals.draws
    open_now = ~shown.closed
    stages = (*phrases.OPEN_STAGES[language], phrases.WON[language], phrases.LOST[language])
    place = np.where(shown.won, STAGES, np.where(shown.closed, STAGES + 1, shown.stage))
    known_at = np.where(shown.closed, deals.closed[rows], view.cut)
    priced = shown.stage >= _NET_FROM
    engaged = np.where(shown.stage >= _QUALIFIED_FROM, deals.entered[rows, _QUALIFIED_FROM], np.nan)
    reason = choice(draws["reason"][rows], np.array(phrases.LOSS_SHARES))
    planned = open_now & (draws["step"][rows] < 0.8)
    steps = [text for stage in phrases.NEXT_STEPS[language] for text in stage]
    alive_until = np.minimum(deals.ended[rows], view.cut)  # nobody plans anything for a deal given up long ago
    due = np.floor(alive_until - 5 + 20 * draws["step_due"][rows])
    companies = [
        names.company(number, segment, language)[0]
        for number, segment in zip(deals.account[rows].tolist(), deals.segment[rows].tolist(), strict=True)
    ]
    products = [name for name, _ in phrases.PRODUCTS[language]]
    return table("opportunity", {
        "deal_id": deal_ids(rows),
        "name": [f"{company} – {products[product]}"
                 for company, product in zip(companies, deals.product[rows].tolist(), strict=True)],
        "account_id": account_ids(deals.account[rows]),
        "lead_id": lead_ids,
        "owner_id": chosen(people.ids, shown.owner),
        "pipeline": [phrases.PIPELINE[language]] * len(rows),
        "stage": chosen(stages, place),
        "status": chosen(("open", "won", "lost"), np.where(shown.won, 1, np.where(shown.closed, 2, 0))),
        "amount": shown.amount,
        "currency": [CURRENCY[language]] * len(rows),
        "discount_pct": np.where(priced, deals.discount[rows], np.nan),
        "created_at": view.moments(deals.created[rows]),
        "engaged_at": view.moments(engaged),
        "expected_close": view.days.dates(np.floor(deals.expected_at(known_at, rows))),
        "closed_at": view.moments(deals.closed[rows]),
        "probability": np.where(open_now, _STATED_PROBABILITY[shown.stage], shown.won.astype(float)),
        "forecast_category": chosen(_FORECAST, place),
        "type": chosen(("new", "expansion"), _returning(deals)[rows].astype(np.int64)),
        "segment": chosen(SEGMENTS, deals.segment[rows]),
        "source": chosen(SOURCES, deals.source[rows]),
        "product_id": numbered("P", deals.product[rows], 2),
        "loss_reason": chosen(phrases.LOSS_REASONS, reason, shown.closed & ~shown.won),
        "next_step": chosen(steps, 2 * shown.stage + (draws["step"][rows] < 0.4), planned),
        "next_step_due": view.days.dates(np.where(planned, due, np.nan)),
        "last_activity_at": view.moments(shown.last_activity),
        "is_deleted": np.zeros(len(rows), dtype=bool),
    })  # fmt: skip


def _returning(deals: Deals) -> Bools:
    """Deals whose company had bought before: expansion, not new business."""
    first_win = np.full(int(deals.account.max(initial=0)) + 1, np.inf)
    np.minimum.at(first_win, deals.account[deals.won], deals.ended[deals.won])
    return first_win[deals.account] < deals.created


def stage_history(shown: Shown, view: View) -> pd.DataFrame:
    """Table ``stage_history``: every stage entered before the cut, the closing stage included."""
    deals, rows, language = shown.deals, shown.rows, view.language
    deal, place = np.nonzero(np.arange(STAGES) <= shown.stage[:, None])
    last = np.flatnonzero(shown.closed)
    deal = np.concatenate([deal, last])
    to = np.concatenate([place, np.where(shown.won[last], STAGES, STAGES + 1)])
    come_from = np.concatenate([place - 1, shown.stage[last]])
    order = np.lexsort((to, deal))
    deal, to, come_from = deal[order], to[order], come_from[order]
    position = rows[deal]
    entered = np.where(to < STAGES, deals.entered[position, np.minimum(to, STAGES - 1)], deals.ended[position])
    priced = np.where(to < STAGES, to, come_from) >= _NET_FROM
    stages = (*phrases.OPEN_STAGES[language], phrases.WON[language], phrases.LOST[language])
    return table("stage_history", {
        "deal_id": deal_ids(position),
        "stage_to": chosen(stages, to),
        "stage_from": chosen(stages, come_from, come_from >= 0),
        "entered_at": view.moments(entered),
        "amount_at": np.where(priced, np.round(deals.net_amount[position]), deals.list_amount[position]),
        "close_date_at": view.days.dates(np.floor(deals.expected_at(entered, position))),
    })  # fmt: skip


def owner_history(shown: Shown, owners: Ownership, people: People, view: View) -> pd.DataFrame:
    """Table ``owner_history``: who owned each shown deal, as known at the cut."""
    keep = np.isin(owners.deal, shown.rows) & view.seen(owners.since)
    until = np.where(np.isfinite(owners.until), owners.until, np.nan)[keep]
    return table("owner_history", {
        "deal_id": deal_ids(owners.deal[keep]),
        "owner_id": chosen(people.ids, owners.owner[keep]),
        "valid_from": view.moments(owners.since[keep]),
        "valid_to": view.moments(until),
    })  # fmt: skip


def account(shown: Shown, view: View) -> pd.DataFrame:
    """Table ``account``: the companies of the shown deals, each created with its first deal."""
    deals = shown.deals
    numbers, first = np.unique(deals.account[shown.rows], return_index=True)
    earliest = shown.rows[first]  # deals are in order of creation, so the first one found is the oldest
    segments = deals.segment[earliest]
    made = [names.company(number, segment, view.language)
            for number, segment in zip(numbers.tolist(), segments.tolist(), strict=True)]  # fmt: skip
    return table("account", {
        "account_id": account_ids(numbers),
        "name": [name for name, _, _ in made],
        "industry": [industry for _, industry, _ in made],
        "employees": headcount(numbers, segments),
        "country": [names.COUNTRY[view.language]] * len(numbers),
        "city": [city for _, _, city in made],
        "segment": chosen(SEGMENTS, segments),
        "created_at": view.moments(deals.created[earliest]),
    })  # fmt: skip


def headcount(numbers: Ints, segments: Ints) -> Ints:
    """Employees of companies: a fixed function of their number, since nothing depends on it."""
    uniform = (numbers * 7_919 % 1_000 + 0.5) / 1_000
    return np.maximum(lognormal(uniform, np.array([22, 160, 1_400])[segments], 0.6).astype(np.int64), 1)


def product(p: Parameters, language: str, scale: float) -> pd.DataFrame:
    """Table ``product``: two per segment, listed at the segment's median and at one and a half times it."""
    prices = np.repeat(np.array(p.amount_median), 2) * np.tile([1.0, 1.5], 3) * scale
    return table("product", {
        "product_id": numbered("P", np.arange(6), 2),
        "name": [name for name, _ in phrases.PRODUCTS[language]],
        "family": [family for _, family in phrases.PRODUCTS[language]],
        "list_price": prices,
        "currency": [CURRENCY[language]] * 6,
    })  # fmt: skip


def stage(language: str) -> pd.DataFrame:
    """Table ``stage``: qualified from the second stage on; a lost deal need not have been qualified."""
    places = np.arange(STAGES + 2)
    return table("stage", {
        "pipeline": [phrases.PIPELINE[language]] * len(places),
        "stage": [*phrases.OPEN_STAGES[language], phrases.WON[language], phrases.LOST[language]],
        "order": places + 1,
        "kind": ["open"] * STAGES + ["won", "lost"],
        "qualified": (places >= _QUALIFIED_FROM) & (places <= STAGES),
    })  # fmt: skip
