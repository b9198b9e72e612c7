"""The life of every deal, from creation to its true end, before anybody looks at it.

A deal's fate is a function of its own random numbers and its owner's truth. Nothing here knows
``as_of``: what an export would show of it is decided in :mod:`salescoach.synthetic.deal_tables`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from salescoach.synthetic.days import Days
from salescoach.synthetic.learning import Learning
from salescoach.synthetic.money import Rates
from salescoach.synthetic.parameters import STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.prices import Prices, priced
from salescoach.synthetic.response import Response
from salescoach.synthetic.streams import Bools, Draws, Floats, Ints, Streams, choice, lognormal, normal, pick

PUSHES = 6
HORIZON_MONTHS = 2  # deals simulated beyond the window: their leads arrive inside it
_ACCOUNT_MONTHS = 30  # fixed, so that more months do not change who buys
_INBOUND = 0


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}_{number}" for number in range(1, count + 1))


DRAWS = (
    "day", "time", "segment", "source", "account", "product", "noise", "amount", "discount",
    *_numbered("advance", STAGES), *_numbered("dwell", STAGES), *_numbered("contact", STAGES),
    "zombie", "pull", "pull_day", "estimate", *_numbered("push", PUSHES), *_numbered("lag", PUSHES),
    "reason", "heir", "step", "step_due", "response", "response_within", "qualify", "touch_1", "touch_2", "touch_3",
    "touch_4", "feeling", "csat", "csat_day", "csat_asked", "nps", "nps_day", "nps_asked", "nps_noise", "comment",
    "second_line", "second_share", "transfer", "transfer_day", "split", "split_share", "split_with", "sourced",
    "paid_day", "paid", "competitor", "campaign", "cost", "score", *_numbered("criterion", STAGES), "churn",
)  # fmt: skip
"""Uniform numbers a deal owns. Append only: a name added at the end leaves the others as they are."""


@dataclass(frozen=True)
class Deals:
    """Every deal in order of creation. Times are days from the start of the window, ``nan`` = never."""

    draws: Draws
    rep: Ints  # who created it
    created: Floats
    segment: Ints
    source: Ints
    account: Ints
    prices: Prices
    entered: Floats  # deals × 4
    decided: Floats  # deals × 4: when the customer's mind is made up; a lost deal ends then
    leaving: Floats  # deals × 4: when the deal moves on, if it does
    ended: Floats  # when it was truly over, also for those nobody closes
    won: Bools
    zombie: Bools  # lost, but left open
    advance: Floats  # deals × 4: true probability to go on from each stage
    contact: Bools  # deals × 4: two-way contact in the last 14 days of the stage
    expected: Floats  # deals × 7: expected close, as first stated and after each push
    stated: Floats  # deals × 7: when that was stated

    def __len__(self) -> int:
        return len(self.rep)

    @property
    def closed(self) -> Floats:
        """When it was closed in the CRM; a zombie never is."""
        return np.where(self.zombie, np.nan, self.ended)

    @property
    def net_amount(self) -> Floats:
        """Amount after discount, in whole units of the deal's currency."""
        return np.round(self.prices.list_amount * (1 - self.prices.discount))

    @property
    def base_amount(self) -> Floats:
        """The same in the organisation's currency, at the rate of the day of creation."""
        return self.net_amount * self.prices.rate

    @property
    def win_probability(self) -> Floats:
        """True probability to be won, seen from each stage: deals × 4."""
        return np.asarray(np.cumprod(self.advance[:, ::-1], axis=1)[:, ::-1], dtype=np.float64)

    def expected_at(self, time: Floats | float, rows: Ints | None = None) -> Floats:
        """Expected close as it stood at *time*."""
        chosen = np.arange(len(self)) if rows is None else rows
        moment = np.minimum(np.broadcast_to(np.asarray(time, dtype=np.float64), chosen.shape), self.ended[chosen])
        place = (self.stated[chosen, 1:] <= moment[:, None]).sum(axis=1)
        return np.asarray(self.expected[chosen, place], dtype=np.float64)


def rates(people: People, response: Response, days: Days, p: Parameters) -> Floats:
    """Expected new deals per rep and month, reps × months of the window and its horizon."""
    months = p.months + HORIZON_MONTHS
    first = np.array([days.month_first(month) for month in range(months + 1)])
    low = np.maximum(first[None, :-1], people.starts[:, None])
    high = np.minimum(first[None, 1:], people.leaves[:, None]).astype(np.int64).clip(min=low)
    worked = (days.working_rank(high) - days.working_rank(low)) / np.diff(days.working_rank(first))
    reps = np.arange(len(people))[:, None]
    season = np.array([p.month_index[(p.start.month - 1 + month) % 12] for month in range(months)])
    feasts = np.array([days.feast_share(month) for month in range(months)])
    ramped = 0.25 + 0.75 * people.productivity(reps, (low + high) / 2)
    answered = 1 + people.sources[:, _INBOUND] * (response.relative - 1)
    own = people.volume * answered
    grown = (1 + p.growth_per_year) ** (first[:-1] / 365)
    potential = people.territory_at(reps, first[None, :-1])  # a territory that changes hands yields from the next month
    usual = p.deals_per_month * season * (1 - feasts) * grown
    return np.asarray(usual * ramped * worked * own[:, None] * potential, dtype=np.float64)


def drawn(people: People, response: Response, days: Days, p: Parameters, streams: Streams) -> tuple[Draws, Floats]:
    """The chance of all deals created in the window and its horizon, and when each was created, in that order."""
    draws = streams.monthly("deals", rates(people, response, days, p), DRAWS)
    created = _created(draws, people, days)
    order = np.argsort(created, kind="stable")
    return draws.take(order), created[order]


def simulate(
    chance: tuple[Draws, Floats], people: People, learning: Learning, response: Response, days: Days, p: Parameters,
    currencies: Rates, scale: float,
) -> Deals:  # fmt: skip
    """The whole lives of the deals drawn; amounts are *scale* × the medians. Same chance, same luck: what people
    learn after a decision changes nothing about it."""
    draws, created = chance
    rep = draws.rep

    shares = people.sources.copy()
    shares[:, _INBOUND] *= response.relative
    source = choice(draws["source"], (shares / shares.sum(axis=1, keepdims=True))[rep])
    segment = choice(draws["segment"], people.segments[rep])

    medians = np.array(p.dwell_days)[segment]
    dwell = lognormal(draws.each("dwell", STAGES), medians, p.dwell_sd) * people.speed[rep][:, None]
    expected, stated = _close_dates(draws, people, p, created, dwell)
    contact = draws.each("contact", STAGES) < p.contact_share
    leaving = created[:, None] + np.cumsum(dwell, axis=1)
    decided = leaving - (1 - p.lost_dwell) * dwell
    lift = learning.lift(rep, decided)
    advance = _advance(draws, people, p, segment, source, created, leaving, expected, contact, lift)

    went_on = np.logical_and.accumulate(draws.each("advance", STAGES) < advance, axis=1)
    reached = np.minimum(went_on.sum(axis=1), STAGES - 1)
    won = went_on[:, -1]
    starts = np.concatenate([created[:, None], leaving], axis=1)
    entered = np.where(np.arange(STAGES) <= reached[:, None], starts[:, :-1], np.nan)
    row = np.arange(len(rep))
    ended = np.where(won, starts[:, -1], decided[row, reached])
    ended = np.where(won, _moved(ended, draws, people, days, p), ended)

    account = company_in_circle(draws["account"], rep, segment, p)
    prices = priced(
        draws, people, days, p, currencies, scale, segment=segment, account=account, created=created, ended=ended
    )  # fmt: skip
    return Deals(
        draws=draws, rep=rep, created=created, segment=segment, source=source, account=account, prices=prices,
        entered=entered, ended=ended, won=won, zombie=~won & (draws["zombie"] < people.zombies[rep]),
        advance=advance, contact=contact, expected=expected, stated=stated, decided=decided, leaving=leaving,
    )  # fmt: skip


def _created(draws: Draws, people: People, days: Days) -> Floats:
    """A working day of the month on which the rep worked, and a time of that day."""
    months = int(draws.month.max(initial=0)) + 1
    first = np.array([days.month_first(month) for month in range(months + 1)])
    low = days.working_rank(np.maximum(first[draws.month], people.starts[draws.rep]))
    leaves = np.minimum(people.leaves[draws.rep], first[-1]).astype(np.int64)
    high = days.working_rank(np.minimum(first[draws.month + 1], leaves))
    return days.ranked(low + pick(draws["day"], high - low)) + draws["time"]


def _advance(
    draws: Draws, people: People, p: Parameters, segment: Ints, source: Ints,
    created: Floats, leaving: Floats, expected: Floats, contact: Bools, lift: Floats,
) -> Floats:  # fmt: skip
    """Probability to go on from each stage: rep, customer, source, ramp, contact, and every missed close date."""
    customer = np.array(p.segment_logit)[segment] + np.array(p.source_logit)[source]
    own = p.deal_sd * normal(draws["noise"]) + p.ramp_logit * (1 - people.productivity(draws.rep, created))
    # Centred: the stage probabilities are those of the average deal, which has had its share of contact.
    touched = p.contact_logit * (contact - p.contact_share)
    misses = (expected[:, None, :] < leaving[:, :, None]).sum(axis=2)
    logits = people.stage_logit[draws.rep] + (customer + own)[:, None] + touched + p.miss_logit * misses
    return np.asarray(expit(logits + lift), dtype=np.float64)


def _close_dates(draws: Draws, people: People, p: Parameters, created: Floats, dwell: Floats) -> tuple[Floats, Floats]:
    """Expected closes, as first stated and after each push, and when each was stated: up to ten days late."""
    estimate = np.exp(p.close_estimate_sd * normal(draws["estimate"]) - people.optimism[draws.rep])
    first = created + dwell.sum(axis=1) * estimate
    pushes = 14 + 31 * draws.each("push", PUSHES)
    expected = np.concatenate([first[:, None], first[:, None] + np.cumsum(pushes, axis=1)], axis=1)
    noticed = expected[:, :-1] + 10 * draws.each("lag", PUSHES)
    return expected, np.concatenate([created[:, None], noticed], axis=1)


def _moved(ended: Floats, draws: Draws, people: People, days: Days, p: Parameters) -> Floats:
    """When wins are booked. Of those of days 55 to 80 of a quarter, some are pulled into its last five working
    days; who holds back keeps late ones for the first five of the next."""
    first, after = days.quarter(ended)
    day = np.floor(ended) - first + 1
    pulled = (day >= 55) & (day <= 80) & (draws["pull"] < p.pull_share)
    held = ~pulled & (after - ended <= 30) & (draws["pull"] > 1 - people.holds_back[draws.rep])
    place = pick(draws["pull_day"], 5)
    edge = days.working_rank(after)
    target = days.ranked(np.where(held, edge + place, edge - 1 - place))
    return np.where(pulled | held, target + ended - np.floor(ended), ended)


def company_in_circle(uniform: Floats, rep: Ints, segment: Ints, p: Parameters) -> Ints:
    """Number of the buying company: each rep has a fixed circle of companies per segment."""
    circle = account_circle(p)
    offset = np.concatenate([[0], np.cumsum(circle)])
    return np.asarray(rep * int(offset[-1]) + offset[segment] + pick(uniform, circle[segment]), dtype=np.int64)


def account_circle(p: Parameters) -> Ints:
    """Companies in a rep's circle, per segment."""
    deals = p.deals_per_month * _ACCOUNT_MONTHS * np.array(p.segment_mix)
    return np.ceil(deals / p.deals_per_account).astype(np.int64)
