"""What the CRM shows of the deals on the day of the export: deals, their stages, owners, customers, products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from salescoach.synthetic import phrases
from salescoach.synthetic.customers import account_ids, contact_ids, customers, first_bought
from salescoach.synthetic.days import Stamps
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import (
    AMOUNT_SCALE,
    CURRENCIES,
    CURRENCY,
    SEGMENTS,
    SOURCES,
    STAGES,
    Parameters,
)  # fmt: skip
from salescoach.synthetic.people import People
from salescoach.synthetic.prices import catalogue
from salescoach.synthetic.streams import Bools, Floats, Ints, choice, normal, pick
from salescoach.synthetic.view import View, chosen, numbered, table

STATED_PROBABILITY = np.array([0.20, 0.40, 0.55, 0.75])
_SLA_DAYS = (21, 30, 30, 21)
_QUALIFIED_FROM = 1  # entering the second stage means that the first, to qualify, is done
_NET_FROM = 2  # a price is named, discount included, in the third stage
FORECAST = ("pipeline", "pipeline", "best_case", "commit", "closed", "omitted")


@dataclass(frozen=True)
class Shown:
    """The deals an export shows, as positions in :class:`Deals`, with their state on that day."""

    deals: Deals
    rows: Ints
    stage: Ints  # 0 … 3 open stages reached by then
    closed: Bools
    won: Bools
    owner: Ints
    amount: Floats  # in the deal's currency
    priced: Bools  # a price was named, the discount is in the amount
    last_activity: Floats


def deal_ids(rows: Ints, where: Bools | None = None) -> pd.Series:
    """Text column: ids of the deals at *rows*, missing where *where* is false."""
    return numbered("D", rows, 6, where)


def shown(deals: Deals, owners: Ownership, view: View, last_activity: Floats) -> Shown:
    """State of the deals at the cut. *last_activity* has one time per deal, ``nan`` without any."""
    rows = np.flatnonzero(view.created(deals.created))
    stage = np.stack([view.seen(deals.entered[rows, stage]) for stage in range(STAGES)], axis=1).sum(axis=1) - 1
    closed = view.seen(deals.closed[rows])
    end = np.where(closed, deals.closed[rows], view.cut - 1e-6)
    priced = stage >= _NET_FROM
    return Shown(
        deals, rows, stage, closed, closed & deals.won[rows], owners.at(rows, end),
        np.where(priced, deals.net_amount[rows], np.round(deals.prices.list_amount[rows])), priced, last_activity[rows],
    )  # fmt: skip


def opportunity(shown: Shown, people: People, view: View, p: Parameters, lead_ids: pd.Series) -> pd.DataFrame:
    """Table ``opportunity``; *lead_ids* has one text per shown deal."""
    deals, rows, language = shown.deals, shown.rows, view.language
    draws = deals.draws
    open_now = ~shown.closed
    stages = (*phrases.OPEN_STAGES[language], phrases.WON[language], phrases.LOST[language])
    place = np.where(shown.won, STAGES, np.where(shown.closed, STAGES + 1, shown.stage))
    known_at = np.where(shown.closed, deals.closed[rows], view.cut)
    engaged = np.where(shown.stage >= _QUALIFIED_FROM, deals.entered[rows, _QUALIFIED_FROM], np.nan)
    lost = shown.closed & ~shown.won
    reason = choice(draws["reason"][rows], np.array(phrases.LOSS_SHARES))
    rival = (shown.stage >= _NET_FROM) & ((draws["competitor"][rows] < 0.5) | (lost & (reason == 1)))
    net = deals.net_amount[rows]
    mega = shown.amount * deals.prices.rate[rows] > p.mega_amount * AMOUNT_SCALE[language]
    return table("opportunity", {
        "deal_id": deal_ids(rows),
        "name": _deal_names(deals, rows, view, p),
        "account_id": account_ids(deals.account[rows]),
        "contact_id": contact_ids(deals.account[rows]),
        "lead_id": lead_ids,
        "owner_id": chosen(people.ids, shown.owner),
        "pipeline": [phrases.PIPELINE[language]] * len(rows),
        "stage": chosen(stages, place),
        "status": chosen(("open", "won", "lost"), np.where(shown.won, 1, np.where(shown.closed, 2, 0))),
        "amount": shown.amount,
        "currency": chosen(CURRENCIES, deals.prices.currency[rows]),
        "discount_pct": np.where(shown.priced, deals.prices.discount[rows], np.nan),
        "cost": np.where(shown.priced, np.round(net * (0.35 + 0.15 * draws["cost"][rows])), np.nan),
        "created_at": view.moments(deals.created[rows]),
        "engaged_at": view.moments(engaged),
        "expected_close": view.days.dates(np.floor(deals.expected_at(known_at, rows))),
        "closed_at": view.moments(deals.closed[rows]),
        "probability": np.where(open_now, STATED_PROBABILITY[shown.stage], shown.won.astype(float)),
        "forecast_category": chosen(FORECAST, place),
        "type": chosen(("new", "expansion"), _returning(deals)[rows].astype(np.int64)),
        "segment": chosen(SEGMENTS, deals.segment[rows]),
        "source": chosen(SOURCES, deals.source[rows]),
        "campaign": _campaigns(deals, rows, language),
        "product_id": numbered("P", deals.prices.product[rows, 0], 2),
        "loss_reason": chosen(phrases.LOSS_REASONS, reason, lost),
        "competitor": chosen(phrases.COMPETITORS[language], pick(draws["competitor"][rows] * 7 % 1, 3), rival),
        **_next_step(shown, view),
        "last_activity_at": view.moments(shown.last_activity),
        "score_prev": _score(deals, rows, p),
        "is_mega": mega,
        "is_deleted": np.zeros(len(rows), dtype=bool),
    })  # fmt: skip


def _deal_names(deals: Deals, rows: Ints, view: View, p: Parameters) -> list[str]:
    products = [name for name, _ in phrases.PRODUCTS[view.language]]
    companies = customers(deals.account[rows], deals.segment[rows], view, p)
    return [
        f"{company[0]} – {products[product]}"
        for company, product in zip(companies, deals.prices.product[rows, 0].tolist(), strict=True)
    ]


def _next_step(shown: Shown, view: View) -> dict[str, pd.Series | Stamps]:
    """The step that is planned for most open deals, and its day."""
    draws, rows = shown.deals.draws, shown.rows
    planned = ~shown.closed & (draws["step"][rows] < 0.8)
    steps = [text for stage in phrases.NEXT_STEPS[view.language] for text in stage]
    alive_until = np.minimum(shown.deals.ended[rows], view.cut)  # nobody plans anything for a deal given up long ago
    due = np.floor(alive_until - 5 + 20 * draws["step_due"][rows])
    return {
        "next_step": chosen(steps, 2 * shown.stage + (draws["step"][rows] < 0.4), planned),
        "next_step_due": view.days.dates(np.where(planned, due, np.nan)),
    }


def _score(deals: Deals, rows: Ints, p: Parameters) -> Floats:
    """What another system makes of segment and source, and a good deal of chance: 0 to 100."""
    customer = np.array(p.segment_logit)[deals.segment[rows]] + np.array(p.source_logit)[deals.source[rows]]
    return np.asarray(np.round(100 * expit(4 * customer + normal(deals.draws["score"][rows]))), dtype=np.float64)


def _campaigns(deals: Deals, rows: Ints, language: str) -> pd.Series:
    """Campaign behind most of the inbound deals: one a quarter of the year."""
    quarter = np.floor(deals.created[rows] / 91.3).astype(np.int64) % len(phrases.CAMPAIGNS[language])
    behind = (deals.source[rows] == SOURCES.index("inbound")) & (deals.draws["campaign"][rows] < 0.7)
    return chosen(phrases.CAMPAIGNS[language], quarter, behind)


def _returning(deals: Deals) -> Bools:
    """Deals whose company had bought before: expansion, not new business."""
    return first_bought(deals)[deals.account] < deals.created


def stage_history(shown: Shown, owners: Ownership, people: People, view: View) -> pd.DataFrame:
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
        "changed_by": chosen(people.ids, owners.at(position, entered)),
        "amount_at": np.where(priced, deals.net_amount[position], np.round(deals.prices.list_amount[position])),
        "close_date_at": view.days.dates(np.floor(deals.expected_at(entered, position))),
        "forecast_category_at": chosen(FORECAST, to),
        "source_kind": ["history"] * len(to),
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


def product(p: Parameters, language: str, scale: float) -> pd.DataFrame:
    """Table ``product``: two per segment, sold by the seat; twenty seats of the first are a median deal."""
    return table("product", {
        "product_id": numbered("P", np.arange(6), 2),
        "name": [name for name, _ in phrases.PRODUCTS[language]],
        "family": [family for _, family in phrases.PRODUCTS[language]],
        "list_price": catalogue(p, scale),
        "currency": [CURRENCY[language]] * 6,
        "is_active": [True] * 6,
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
        "default_prob": [*STATED_PROBABILITY.tolist(), 1.0, 0.0],
        "sla_days": [*_SLA_DAYS, None, None],
    })  # fmt: skip
