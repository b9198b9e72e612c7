"""What reps said every Monday they would win in the quarter, and what their managers made of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.days import Days
from salescoach.synthetic.deal_tables import FORECAST
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import CURRENCY, STAGES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats, Ints, Streams, normal
from salescoach.synthetic.view import View, chosen, numbered, table

CATEGORIES = ("commit", "best_case", "pipeline")
_MONDAY_MORNING = 0.1
_WORDS = 2.0  # what people say is further off than the dates they enter
_ADJUSTED = 4  # a manager adjusts the commit of every fourth week
_CAUTION = 0.9
_STEP = 1_000.0  # what people round their figures to


def mondays(days: Days, p: Parameters, cut: float) -> Ints:
    """Day numbers of the Mondays of the window that the export has seen."""
    first = (7 - p.start.weekday()) % 7
    last = min(int(cut), days.month_first(p.months))
    return np.arange(first, last, 7)


def called(deals: Deals, owners: Ownership, days: Days, weeks: Ints, reps: int) -> Floats:
    """What each rep's own deals promise for the quarter: weeks × reps × 4, in the organisation's currency.

    What is won since the quarter began, then what is expected to close in it, by category, the surest first.
    """
    said = np.zeros((len(weeks), reps, 1 + len(CATEGORIES)))
    quarter, after = days.quarter(weeks.astype(np.float64))
    amount = deals.base_amount
    for place, day in enumerate((weeks + _MONDAY_MORNING).tolist()):
        closed = deals.closed
        won = np.flatnonzero(deals.won & (closed >= quarter[place]) & (closed < day))
        np.add.at(said[place, :, 0], owners.at(won, deals.ended[won]), amount[won])
        alive = np.flatnonzero((deals.created <= day) & ~(closed <= day))
        expected = deals.expected_at(day, alive)
        alive = alive[
            (expected >= quarter[place]) & (expected < after[place])
        ]  # a day that has passed is still promised
        stage = (deals.entered[alive] <= day).sum(axis=1) - 1
        kind = 1 + np.array([CATEGORIES.index(FORECAST[one]) for one in range(STAGES)])[stage]
        np.add.at(said[place], (owners.at(alive, np.full(len(alive), day)), kind), amount[alive])
    return said


def forecast_submission(
    deals: Deals, owners: Ownership, people: People, view: View, p: Parameters, streams: Streams
) -> pd.DataFrame:
    """Table ``forecast_submission``: the rep's call per week and category, and a manager's adjustment now and then.

    A call is what is won already and what the open deals promise, the latter shifted by the rep's optimism and by
    chance; a surer category is part of the next. Nothing is ever edited.
    """
    weeks = mondays(view.days, p, view.cut)
    promised = called(deals, owners, view.days, weeks, len(people))
    luck = normal(streams.series("forecasts", len(people), len(weeks), 2)).transpose(1, 0, 2)
    shift = np.exp(_WORDS * people.optimism[:, None] + p.forecast_noise * luck[:, :, :1])
    stated = promised[:, :, :1] + promised[:, :, 1:].cumsum(axis=2) * shift
    stated = np.round(stated / _STEP) * _STEP
    here = (people.starts <= weeks[:, None]) & (people.leaves > weeks[:, None])
    week, rep = np.nonzero(here)
    quarter, _ = view.days.quarter(weeks.astype(np.float64))
    calls = (np.repeat(week, 3), np.repeat(rep, 3), np.tile(np.arange(3), len(week)), stated[week, rep].ravel())
    some = np.flatnonzero((week + rep) % _ADJUSTED == 0)
    caution = _CAUTION * np.exp(0.05 * luck[week[some], rep[some], 1])
    lowered = np.round(stated[week[some], rep[some], 0] * caution / _STEP) * _STEP
    adjusted = (week[some], rep[some], np.zeros(len(some), dtype=np.int64), lowered)
    at_week, at_rep, category, amount = (np.concatenate(pair) for pair in zip(calls, adjusted, strict=True))
    kind = np.repeat([0, 1], [len(calls[0]), len(some)])
    order = np.lexsort((category, kind, at_rep, at_week))
    at_week, at_rep, category, amount, kind = (column[order] for column in (at_week, at_rep, category, amount, kind))
    return table("forecast_submission", {
        "submission_id": numbered("X", (at_week * len(people) + at_rep) * 4 + category + 3 * kind, 7),
        "rep_id": chosen(people.ids, at_rep),
        "period_start": view.days.dates(quarter[at_week]),
        "submitted_at": view.moments(weeks[at_week] + _MONDAY_MORNING + 0.1 * kind),
        "category": chosen(CATEGORIES, category),
        "amount": amount,
        "currency": [CURRENCY[view.language]] * len(at_week),
        "kind": chosen(("rep_call", "manager_adjustment"), kind),
        "reason": chosen((phrases.CAUTION[view.language],), np.zeros(len(kind), dtype=np.int64), kind == 1),
    })  # fmt: skip
