"""Who is chosen for a coaching programme, and what it truly does."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from salescoach.synthetic.days import Days
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.parameters import STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.plants import Programme
from salescoach.synthetic.streams import Floats, Ints, Streams


def selected(programme: Programme, number: int, deals: Deals, people: People, days: Days, streams: Streams) -> Ints:
    """Positions of the reps a programme coaches; only what happened before its start decides."""
    first = days.month_first(programme.month)
    before = days.month_first(max(programme.month - programme.before, 0))
    over = days.month_first(programme.month + programme.months)
    here = np.flatnonzero((people.starts <= before) & (people.leaves > over))
    if programme.reason == "all":
        return here
    if programme.reason != "lowest_metric":
        lots = streams.child("programmes", number).random(len(people))
        return np.sort(here[np.argsort(lots[here], kind="stable")[: programme.count]])
    rate = stage_rates(deals, programme.stage - 1, (before, first), days, len(people))
    known = here[~np.isnan(rate[here])]
    return np.sort(known[np.argsort(rate[known], kind="stable")[: programme.count]])


def stage_rates(deals: Deals, stage: int, window: tuple[int, int], days: Days, reps: int) -> Floats:
    """Share of the deals recorded to leave *stage* on days of *window* that went on, per rep; missing without any."""
    following = deals.entered[:, stage + 1] if stage + 1 < STAGES else np.where(deals.won, deals.ended, np.nan)
    went_on = ~np.isnan(following)
    left = np.where(went_on, following, deals.closed)
    day, _ = days.office_moment(np.nan_to_num(left, nan=-1.0))
    counted = ~np.isnan(deals.entered[:, stage]) & (day >= window[0]) & (day < window[1])
    exits = np.bincount(deals.rep[counted], minlength=reps).astype(np.float64)
    advances = np.bincount(deals.rep[counted & went_on], minlength=reps)
    return np.asarray(np.divide(advances, exits, out=np.full(reps, np.nan), where=exits > 0), dtype=np.float64)


def true_effect(programme: Programme, p: Parameters) -> float:
    """What a programme truly adds to the average rep's probability to advance from its stage."""
    base = p.advance[programme.stage - 1]
    return float(expit(logit(base) + programme.effect_logit) - base)
