"""Calls, e-mails and meetings, tied to the deals that were open on their day.

The full rate of the specification is some 650,000 rows for the demo; ``activity_rate`` thins it evenly
over the whole window, so that later months never change earlier ones. Two-way contact that a deal's
fate depends on is never thinned, and where a stage had none in its last 14 days, none is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from salescoach.synthetic.away import Leaves
from salescoach.synthetic.customers import account_ids, contact_ids
from salescoach.synthetic.days import Days
from salescoach.synthetic.deal_tables import deal_ids
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Bools, Floats, Ints, Streams, choice, lognormal, pick
from salescoach.synthetic.view import View, chosen, numbered, table

DRAWS = ("day", "time", "type", "deal", "outcome", "duration", "system")
TYPES = ("call", "email", "meeting")
_CALL, _EMAIL, _MEETING = range(3)
_CONTACT_DAYS = 14.0
_NO_DEAL = -1
_OUT = 1
_OUTCOMES = ("connected", "no_answer", "held", "no_show", "cancelled", "replied", "other")
_DIRECTIONS = ("in", "out", "two_way")


@dataclass(frozen=True)
class Activities:
    """Everything that was or will be done, in order of time. ``deal`` -1: looking for new business."""

    time: Floats
    owner: Ints
    deal: Ints
    kind: Ints
    outcome: Ints
    direction: Ints
    duration: Floats  # seconds, nan = none
    system: Bools
    fateful: Bools  # the contact a deal's fate depends on; never thinned


def activities(
    deals: Deals, owners: Ownership, leaves: Leaves, people: People, days: Days, p: Parameters, streams: Streams
) -> Activities:
    """All activities of the window. On leave only the contact that a deal's fate depends on is kept up."""
    parts = (_daily(deals, owners, leaves, people, days, p, streams), _contacts(deals, owners, days))
    joined = {field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Activities)}
    order = np.lexsort([joined[name] for name in ("kind", "deal", "owner", "time")])
    return Activities(**{name: values[order] for name, values in joined.items()})


def _daily(
    deals: Deals, owners: Ownership, leaves: Leaves, people: People, days: Days, p: Parameters, streams: Streams
) -> Activities:
    """The day's work, thinned: who, when, on which open deal, with what result."""
    first = np.array([days.month_first(month) for month in range(p.months + 1)])
    low = days.working_rank(np.maximum(first[None, :-1], people.starts[:, None]))
    last = np.minimum(people.leaves, first[-1]).astype(np.int64)
    high = np.maximum(days.working_rank(np.minimum(first[None, 1:], last[:, None])), low)
    mix = np.array([p.calls_per_day, p.emails_per_day, p.meetings_per_day])
    a_day = mix.sum() * p.activity_rate * people.volume**0.7
    draws = streams.monthly("activities", (high - low) * a_day[:, None], DRAWS)

    at = (draws.rep, draws.month)
    rank = low[at] + pick(draws["day"], (high - low)[at])
    time = days.ranked(rank) + draws["time"]
    there = ~leaves.away(draws.rep, time)
    draws, rank, time = draws.take(there), rank[there], time[there]
    deal = _open_deal(draws.rep, rank, draws["deal"], owners, deals, days)
    kind = choice(draws["type"], mix / mix.sum())
    system = (kind == _EMAIL) & (draws["system"] < p.system_email_share)
    quiet = _without_contact(deals, deal, time)
    two_way = ~quiet & ~system & np.select(
        [kind == _CALL, kind == _EMAIL], [draws["outcome"] < 0.40, np.zeros(len(draws), dtype=bool)],
        draws["outcome"] < 0.82,
    )  # fmt: skip
    replied = (kind == _EMAIL) & ~system & ~quiet & (draws["outcome"] < 0.25)
    outcome = np.select(
        [kind == _CALL, kind == _EMAIL, draws["outcome"] < 0.92],
        [np.where(two_way, 0, 1), np.where(replied, 5, 6), np.where(two_way, 2, 3)],
        np.where(two_way, 2, 4),
    )
    direction = np.where(two_way, 2, np.where(replied, 0, 1))
    duration = np.where(two_way, _duration(draws["duration"], kind), np.nan)
    chance = np.zeros(len(draws), dtype=bool)
    return Activities(time, draws.rep, deal, kind, outcome, direction, duration, system, chance)


def _duration(uniform: Floats, kind: Ints) -> Floats:
    """Seconds of a conversation: minutes on the telephone, most of an hour in a meeting."""
    seconds = np.where(kind == _CALL, lognormal(uniform, 260.0, 0.7), lognormal(uniform, 2_700.0, 0.35))
    return np.asarray(np.round(seconds), dtype=np.float64)


def _open_deal(rep: Ints, rank: Ints, uniform: Floats, owners: Ownership, deals: Deals, days: Days) -> Ints:
    """A deal that *rep* owned and that was open on the working day with that rank, each as likely; -1 without any."""
    begin = days.working_rank(np.floor(owners.since).astype(np.int64) + 1)
    over = np.minimum(owners.until, deals.ended[owners.deal])
    end = days.working_rank(np.floor(np.minimum(over, 1e5)).astype(np.int64))
    length = np.maximum(end - begin, 0)
    row = np.repeat(np.arange(len(begin)), length)
    day = begin[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    width = int(days.working.sum()) + 1
    line = owners.owner[row] * width + day
    order = np.argsort(line, kind="stable")
    wanted = rep * width + rank
    low, high = np.searchsorted(line[order], wanted), np.searchsorted(line[order], wanted, side="right")
    if not len(order):
        return np.full(len(rep), _NO_DEAL)
    found = owners.deal[row[order[np.minimum(low + pick(uniform, np.maximum(high - low, 1)), len(order) - 1)]]]
    return np.where(high > low, found, _NO_DEAL)


def _without_contact(deals: Deals, deal: Ints, time: Floats) -> Bools:
    """Activities in the 14 days before a decision, and until the deal moves on, that had no two-way contact."""
    quiet = np.zeros(len(deal), dtype=bool)
    for stage in range(STAGES):
        window = (time <= deals.leaving[deal, stage]) & (time > deals.decided[deal, stage] - _CONTACT_DAYS)
        quiet |= window & (time >= deals.entered[deal, stage]) & ~deals.contact[deal, stage]
    return quiet & (deal >= 0)


def _contacts(deals: Deals, owners: Ownership, days: Days) -> Activities:
    """One two-way call or meeting in the 14 days before each decision that had contact.

    Placed by when the customer decides, whatever the decision: what comes later cannot move what was done before.
    """
    deal, stage = np.nonzero(deals.contact & ~np.isnan(deals.entered))
    uniform = deals.draws.each("touch", STAGES)[deal, stage]
    decided = deals.decided[deal, stage]
    room = np.clip(_CONTACT_DAYS - (deals.leaving[deal, stage] - decided), 0.5, decided - deals.entered[deal, stage])
    time = decided - (0.02 + 0.96 * uniform) * room
    done, _ = days.office_moment(time)
    owner = owners.at(deal, np.maximum(time, done.astype(np.float64)))
    kind = np.where(uniform * 97 % 1 < 0.5, _MEETING, _CALL)
    outcome = np.where(kind == _MEETING, 2, 0)
    two_way = np.full(len(deal), 2)
    duration = _duration(uniform * 89 % 1, kind)
    always = np.ones(len(deal), dtype=bool)
    return Activities(time, owner, deal, kind, outcome, two_way, duration, ~always, always)


def last_human(activities: Activities, view: View, deals: Deals) -> Floats:
    """Time of the last human activity on each deal that an export sees; ``nan`` without any."""
    counted = view.created(activities.time) & ~activities.system & (activities.deal >= 0)
    last = np.full(len(deals), -np.inf)
    np.maximum.at(last, activities.deal[counted], activities.time[counted])
    return np.where(np.isfinite(last), last, np.nan)


def activity(activities: Activities, deals: Deals, people: People, view: View) -> pd.DataFrame:
    """Table ``activity``: what was done by the day of the export."""
    rows = np.flatnonzero(view.created(activities.time))
    deal = activities.deal[rows]
    by_itself = activities.system[rows] | (activities.kind[rows] == _EMAIL)
    on_deal = deal >= 0
    return table("activity", {
        "activity_id": numbered("V", np.arange(len(rows)), 7),
        "type": chosen(TYPES, activities.kind[rows]),
        "occurred_at": view.moments(activities.time[rows]),
        "owner_id": chosen(people.ids, activities.owner[rows]),
        "is_system": activities.system[rows],
        "direction": chosen(_DIRECTIONS, activities.direction[rows]),
        "duration_s": activities.duration[rows],
        "deal_id": deal_ids(deal, on_deal),
        "account_id": account_ids(deals.account[np.maximum(deal, 0)], on_deal),
        "contact_id": contact_ids(deals.account[np.maximum(deal, 0)], on_deal),
        "outcome": chosen(_OUTCOMES, activities.outcome[rows]),
        "is_customer_facing": activities.direction[rows] != _OUT,
        "logged_by": chosen(("manual", "auto"), by_itself.astype(np.int64)),
    })  # fmt: skip
