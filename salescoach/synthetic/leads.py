"""Leads: those that became the inbound deals, and the many that did not.

A Poisson stream of leads splits exactly into leads that convert and leads that do not, so the two are
drawn apart: every inbound deal has its lead, with the response times that leads to deals had, and the
others are drawn as candidates from which those that would have converted are taken out.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.customers import customers, headcount
from salescoach.synthetic.days import Days
from salescoach.synthetic.deal_tables import Shown, deal_ids
from salescoach.synthetic.deals import Deals, company_in_circle, rates
from salescoach.synthetic.parameters import SEGMENTS, SOURCES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.response import Response
from salescoach.synthetic.streams import Floats, Ints, Streams, choice, lognormal
from salescoach.synthetic.view import View, chosen, numbered, table

DRAWS = ("time", "answered", "response", "converts", "segment", "company", "outcome", "reason")
_OFFICE_HOURS = 9.0
_QUALIFYING_DAYS, _QUALIFYING_SD, _QUALIFYING_MOST = 3.0, 0.8, 30.0
_GIVING_UP_DAYS, _GIVING_UP_SD = 12.0, 0.7
_UNANSWERED_DAYS = 45.0
_EMPTY = -1


@dataclass(frozen=True)
class Leads:
    """Every lead in order of arrival. ``deal`` is a position in the deals, -1 for those that never became one."""

    rep: Ints
    created: Floats
    answered: Floats  # nan = never
    ended: Floats  # converted or disqualified
    deal: Ints
    segment: Ints
    company: Ints
    reason: Ints

    def __len__(self) -> int:
        return len(self.rep)


def leads(deals: Deals, people: People, response: Response, days: Days, p: Parameters, streams: Streams) -> Leads:
    """All leads of the window, whole lives, in order of arrival."""
    parts = (_converted(deals, people, response), _others(people, response, days, p, streams))
    order = np.argsort(np.concatenate([part.created for part in parts]), kind="stable")
    return Leads(**{
        field.name: np.concatenate([getattr(part, field.name) for part in parts])[order] for field in fields(Leads)
    })  # fmt: skip


def _converted(deals: Deals, people: People, response: Response) -> Leads:
    """One lead for each inbound deal, answered, then qualified, then made a deal."""
    deal = np.flatnonzero(deals.source == SOURCES.index("inbound"))
    draws, rep = deals.draws, deals.rep[deal]
    hours = response.hours_of_converted(rep, draws["response"][deal], draws["response_within"][deal])
    waited = hours / _OFFICE_HOURS
    qualifying = np.minimum(lognormal(draws["qualify"][deal], _QUALIFYING_DAYS, _QUALIFYING_SD), _QUALIFYING_MOST)
    # A lead of somebody's first days arrived after that person did: the same order of events in less time.
    room = np.maximum(deals.created[deal] - people.starts[rep], 0.1) / (waited + qualifying)
    squeeze = np.where(people.starts[rep] > 0, np.minimum(room, 1.0), 1.0)
    created = deals.created[deal] - (waited + qualifying) * squeeze
    return Leads(
        rep, created, created + waited * squeeze, deals.created[deal], deal, deals.segment[deal],
        deals.account[deal], np.full(len(deal), _EMPTY),
    )  # fmt: skip


def _others(people: People, response: Response, days: Days, p: Parameters, streams: Streams) -> Leads:
    """Leads that come to nothing."""
    inbound = people.sources[:, SOURCES.index("inbound")]
    relative = 1 + inbound * (response.relative - 1)  # undone: who answers slowly gets as many leads as anyone
    arriving = rates(people, response, days, p) * (inbound / relative / response.usual)[:, None]
    draws = streams.monthly("leads", arriving[:, : p.months], DRAWS)
    hours = response.hours(draws.rep, draws["response"])
    answered = draws["answered"] >= p.never_answered
    draws_kept = ~(answered & (draws["converts"] < response.converts(hours)))
    draws, hours, answered = draws.take(draws_kept), hours[draws_kept], answered[draws_kept]

    first = np.array([days.month_first(month) for month in range(p.months + 1)])
    low = np.maximum(first[draws.month], people.starts[draws.rep])
    high = np.minimum(first[draws.month + 1], people.leaves[draws.rep])
    created = low + draws["time"] * (high - low)
    answer = np.where(answered, created + hours / _OFFICE_HOURS, np.nan)
    patience = lognormal(draws["outcome"], _GIVING_UP_DAYS, _GIVING_UP_SD)
    ended = np.where(answered, answer + patience, created + _UNANSWERED_DAYS)
    reason = choice(draws["reason"], np.array(phrases.DISQUALIFY_SHARES))
    reason = np.where(answered, reason, len(phrases.DISQUALIFY_REASONS))
    segment = choice(draws["segment"], people.segments[draws.rep])
    # From the circle whose companies also buy: a company by itself must not tell what becomes of a lead.
    company = company_in_circle(draws["company"], draws.rep, segment, p)
    return Leads(draws.rep, created, answer, ended, np.full(len(draws), _EMPTY), segment, company, reason)


def shown_leads(leads: Leads, view: View) -> Ints:
    """Positions of the leads that an export shows."""
    return np.flatnonzero(view.created(leads.created))


def lead_ids(leads: Leads, shown: Shown, view: View) -> pd.Series:
    """Text column: the lead of each shown deal, missing where a deal has none."""
    lead_of = np.full(len(shown.deals), _EMPTY)
    rows = shown_leads(leads, view)
    from_lead = leads.deal[rows] >= 0
    lead_of[leads.deal[rows][from_lead]] = rows[from_lead]
    place = lead_of[shown.rows]
    return numbered("L", place, 6, place >= 0)


def lead(leads: Leads, people: People, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``lead``. A lead that will become a deal after the export is qualified once it was answered."""
    rows = shown_leads(leads, view)
    deal = leads.deal[rows]
    answered, over = view.seen(leads.answered[rows]), view.seen(leads.ended[rows])
    will = deal >= 0
    state = np.where(over, np.where(will, 3, 4), np.where(answered, np.where(will, 2, 1), 0))
    made = customers(leads.company[rows], leads.segment[rows], view, p)
    reasons = (*phrases.DISQUALIFY_REASONS, phrases.NOT_ANSWERED)
    return table("lead", {
        "lead_id": numbered("L", rows, 6),
        "created_at": view.moments(leads.created[rows]),
        "owner_id": chosen(people.ids, leads.rep[rows]),
        "status": chosen(("new", "working", "qualified", "converted", "disqualified"), state),
        "source": [SOURCES[0]] * len(rows),
        "company": [name for name, _, _, _ in made],
        "industry": [industry for _, industry, _, _ in made],
        "employees": headcount(leads.company[rows], leads.segment[rows]),
        "country": [country for _, _, _, country in made],
        "segment": chosen(SEGMENTS, leads.segment[rows]),
        "first_response_at": view.moments(leads.answered[rows]),
        "converted_at": view.moments(np.where(will, leads.ended[rows], np.nan)),
        "converted_deal_id": deal_ids(deal, over & will),
        "disqualified_at": view.moments(np.where(will, np.nan, leads.ended[rows])),
        "disqualify_reason": chosen(reasons, leads.reason[rows], over & ~will),
    })  # fmt: skip
