"""What selling costs, for whom and when. Cost is set against what came of it one sales cycle later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import NOBODY, deals_of
from salescoach.metrics.events import each
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.tally import in_memory, rows_of, tally
from salescoach.tables.data import SalesData

_FEWEST_WON = 5
_YEAR = 365


def stop_of(data: SalesData, period: Period) -> int:
    """First day number that is no longer seen: the end of *period*, or of what is known."""
    return min(period.after, day_number(data.as_of) + 1)


def usual_cycle(data: SalesData, period: Period) -> float:
    """Median days from the first qualified stage to the win over the organisation's wins of the last 12 months.

    Missing with fewer than 5 wins.
    """
    stop = stop_of(data, period)
    deals = deals_of(data).select("status", "born_closed", "started", "closed")
    year = (col("closed") >= stop - _YEAR) & (col("closed") < stop)
    won = in_memory(deals.filter(col("status") == "won", ~col("born_closed"), year))
    days = (won["closed"] - won["started"]).dropna()
    return float(days.median()) if len(days) >= _FEWEST_WON else float("nan")


def _spent(data: SalesData, first: float, after: float) -> pd.DataFrame:
    """Each cost with the part of it that falls on the days from *first* up to *after*, in base currency."""
    costs = each(data, "cost")
    costs = costs.assign(amount=data.in_base(costs, "amount", "period_start_day"))
    length = costs["period_end_day"] - costs["period_start_day"]
    shared = costs["period_end_day"].clip(upper=after) - costs["period_start_day"].clip(lower=first)
    part = (shared.clip(lower=0) / length.where(length > 0)).fillna(0.0)
    owner = costs["scope_id"].where(costs["scope"] == "rep", NOBODY)
    return costs.assign(amount=costs["amount"] * part, owner_id=owner.fillna(NOBODY))


def cost_between(ask: Question, first: float, after: float) -> Numbers:
    """Cost of each group on the days from *first* up to *after*; missing where nothing was ever booked on it.

    A rep bears what is booked on the rep; a team also what is booked on the team; the organisation everything,
    marketing included.
    """
    if not np.isfinite(first):
        return np.full(len(ask.groups), np.nan)
    spent = _spent(ask.data, first, after)
    if ask.by == "all":
        return np.full(len(ask.groups), float(spent["amount"].sum()))
    mine = spent[spent["scope"] == "rep"]
    total = ask.added(tally(rows_of(mine), ["owner_id"], amount=col("amount"))["amount"])
    if ask.by == "team":
        own = spent[spent["scope"] == "team"].groupby("scope_id")["amount"].sum().reindex(ask.groups).to_numpy()
        return np.where(np.isnan(total) & np.isnan(own), np.nan, np.nan_to_num(total) + np.nan_to_num(own))
    return total


def _one_cycle_before(ask: Question) -> Numbers:
    cycle = ask.once(usual_cycle)
    return cost_between(ask, ask.period.first - cycle, ask.stop - cycle)


def lagged_cost(ask: Question) -> Numbers:
    """Cost of each group in the period, moved one sales cycle back."""
    return ask.shared(_one_cycle_before)


def lagged_cost_of_sources(ask: Question) -> pd.Series:
    """Cost booked on each source in the period, moved one sales cycle back; empty when the cycle is not known."""
    cycle = ask.once(usual_cycle)
    if not np.isfinite(cycle):
        return pd.Series(dtype=float)
    spent = _spent(ask.data, ask.period.first - cycle, ask.stop - cycle)
    return spent[spent["scope"] == "source"].groupby("scope_id")["amount"].sum()


def _the_period_before(ask: Question) -> Numbers:
    length = ask.period.after - ask.period.first
    return cost_between(ask, ask.period.first - length, ask.stop - length)


def prior_cost(ask: Question) -> Numbers:
    """Cost of each group in the stretch of the same length just before the period, up to the same day of it."""
    return ask.shared(_the_period_before)
