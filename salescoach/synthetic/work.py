"""How working time is spent and what selling costs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic.away import Leaves
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.parameters import AMOUNT_SCALE, CURRENCIES, CURRENCY, SOURCES, Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.streams import Floats, Ints, Streams, normal
from salescoach.synthetic.view import View, chosen, table

CATEGORIES = ("selling", "sales_support", "internal", "travel", "other")
_USUAL = np.array([0.33, 0.29, 0.19, 0.11, 0.08])
_WEEK_HOURS, _DAY_HOURS = 45.0, 9.0
_METHODS = ("calendar", "calendar", "survey", "log", "survey")  # by category

_SALARY, _TOOL, _TRAVEL = 3_000.0, 150.0, 220.0  # a month, in the currency of the medians
_COMMISSION = 0.05
_ADS = {"inbound": 9_000.0, "outbound": 2_500.0, "partner": 1_500.0}  # a month for 36 people
_PLATFORM = 4_000.0


def time_use(people: People, leaves: Leaves, view: View, p: Parameters, streams: Streams) -> pd.DataFrame:
    """Table ``time_use``: every full week before the export, its shares around each person's own; none on leave."""
    monday = (7 - p.start.weekday()) % 7
    weeks = max((int(view.cut) - monday) // 7, 0)
    uniform = streams.series("hours", len(people), weeks + 1, len(CATEGORIES))
    own = 0.15 * normal(uniform[:, :1])  # the first draw is the person, the others are the weeks
    share = _USUAL * np.exp(own + 0.20 * normal(uniform[:, 1:]))
    share /= share.sum(axis=2, keepdims=True)
    start = monday + 7 * np.arange(weeks)
    rep, week = np.nonzero((start >= people.starts[:, None]) & (start + 7 <= people.leaves[:, None]))
    first = start[week]
    worked = view.days.working_rank(first + 7) - view.days.working_rank(first)
    for day in range(5):
        busy = view.days.working_rank(first + day + 1) > view.days.working_rank(first + day)
        worked = worked - (busy & leaves.away(rep, (first + day).astype(np.float64)))
    some = worked > 0
    rep, week, hours = rep[some], week[some], worked[some] * _DAY_HOURS
    spent = np.round(share[rep, week] * hours[:, None], 1)
    place = np.tile(np.arange(len(CATEGORIES)), len(rep))
    return table("time_use", {
        "rep_id": chosen(people.ids, np.repeat(rep, len(CATEGORIES))),
        "week_start": view.days.dates(np.repeat(start[week], len(CATEGORIES))),
        "category": chosen(CATEGORIES, place),
        "hours": spent.ravel(),
        "method": chosen(_METHODS, place),
    })  # fmt: skip


def cost(deals: Deals, owner: Ints, people: People, view: View, p: Parameters) -> pd.DataFrame:
    """Table ``cost``: every full month before the export. *owner* has who owned each deal at its close.

    Salary, commission, tools and travel of each rep; advertising of each source; the platform of all.
    """
    edges = np.array([view.days.month_first(month) for month in range(p.months + 1)])
    months = int((edges[1:] <= view.cut).sum())
    unit = AMOUNT_SCALE[view.language]
    dear = np.exp(p.inflation * edges[:-1] / 365)[:months] * unit
    rep, month = np.nonzero((people.starts[:, None] <= edges[:months]) & (people.leaves[:, None] > edges[:months]))
    earned = _commission(deals, owner, edges, len(people))[rep, month]
    personal: tuple[tuple[str, Floats], ...] = (
        ("salary", _SALARY * dear[month]), ("commission", earned), ("tool", _TOOL * dear[month]),
        ("travel", _TRAVEL * dear[month] * (0.5 + people.segments[rep, 2] * 4)),
    )  # fmt: skip
    heads = len(people) / 36
    every = np.arange(months)
    ids, periods, kinds, amounts, scopes = [], [], [], [], []
    for kind, amount in personal:
        ids += chosen(people.ids, rep).tolist()
        periods.append(month)
        kinds += [kind] * len(rep)
        amounts.append(amount)
        scopes += ["rep"] * len(rep)
    for scope, scope_id, kind, monthly in (
        *(("source", source, "ad", _ADS[source]) for source in SOURCES if source in _ADS),
        ("org", None, "tool", _PLATFORM),
    ):
        ids += [scope_id] * months
        periods.append(every)
        kinds += [kind] * months
        amounts.append(monthly * heads * dear)
        scopes += [scope] * months
    period = np.concatenate(periods)
    made = table("cost", {
        "scope": scopes,
        "scope_id": ids,
        "period_start": view.days.dates(edges[period]),
        "period_end": view.days.dates(edges[period + 1]),
        "kind": kinds,
        "amount": np.round(np.concatenate(amounts)),
        "currency": chosen(CURRENCIES, np.full(len(period), CURRENCIES.index(CURRENCY[view.language]))),
    })  # fmt: skip
    return made[made["amount"] > 0].sort_values("period_start", kind="stable", ignore_index=True)


def _commission(deals: Deals, owner: Ints, edges: Ints, reps: int) -> Floats:
    """Commission per rep and month of the close, in the organisation's currency."""
    paid = np.zeros((reps, len(edges) - 1))
    month = np.searchsorted(edges, np.floor(deals.ended), side="right") - 1
    counted = deals.won & (month >= 0) & (month < len(edges) - 1)
    np.add.at(paid, (owner[counted], month[counted]), _COMMISSION * deals.base_amount[counted])
    return paid
