"""How long deals take, those still running included, and how fast they turn into money."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.cases import closed, watched
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons
from salescoach.metrics.curves import duration_mean, duration_median, median_answers, median_of
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, in_memory
from salescoach.metrics.told import Told, some
from salescoach.tables.data import SalesData

_FEWEST_WINS = 5


def ages_in(data: SalesData, period: Period) -> pd.DataFrame:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``."""
    seen = watched(data, period).select("deal_id", "owner_id", "segment", "entry", "exit", "ended")
    return in_memory(seen)


def won_cycles(data: SalesData, period: Period) -> Rows:
    """Deals won in *period* whose beginning is known, with ``days`` they took; not those born closed."""
    won = closed(data, period).filter(col("won"), ~col("started").is_null())
    return won.with_columns(days=col("closed") - col("started"))


def _time_to_resolution(ask: Question) -> Told:
    """Kaplan-Meier median, event = won or lost, open = right-censored, late entry at the period's first day."""
    return median_answers(duration_median(ask, ask.once(watched)), CYCLE_RESOLUTION.min_n)


def _cycle_won(ask: Question) -> Told:
    """Median of closed - started of won deals; limits are order statistics."""
    found = median_of(ask, ask.once(won_cycles), "days")
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"], low=found["low"],
        high=found["high"], index=found.index,
    )  # fmt: skip


def _velocity(ask: Question) -> Told:
    """mean open count x win rate x deal size / mean resolution days (Little's law), all from the same deals.

    The mean duration is the area below the Kaplan-Meier curve: the stock holds the deals that still run, so the
    duration must, too, else stale deals are taken for a fast flow. The stock is taken as seen; win rate, deal size
    and duration vary: their relative variances add up.
    """
    sums = velocity_sums(ask)
    n, wins = sums["ended"], sums["won"]
    rate, size = wins / some(n), sums["amount"] / some(sums["priced"])
    days = duration_mean(ask, ask.once(watched))
    stock = sums["open_days"] / max(ask.stop - ask.period.first, 1)
    value = stock * rate * size / some(days)
    several = np.where(sums["priced"] > 1, sums["priced"], np.nan)
    sizes = np.maximum(sums["amount2"] / several - size**2, 0.0) / size**2 / (several - 1)
    spread = (1 - rate) / some(wins) + 1 / some(n) + sizes
    factor = np.exp(float(special.ndtri(0.5 + LEVEL / 2)) * np.sqrt(spread))
    few = (n > 0) & ((sums["priced"] < _FEWEST_WINS) | (n < VELOCITY.min_n))
    return answers(
        value=value, n=n.astype(int), numerator=stock * rate * size, denominator=days, low=value / factor,
        high=value * factor, na_reason=reasons(sums.index, below_min_n=few, no_exposure=np.isnan(value)),
        index=sums.index,
    )  # fmt: skip


def velocity_sums(ask: Question) -> Told:
    """What velocity is made of: ``open_days``, and of deals decided in the period ``ended``, ``won``, and
    ``amount`` of the ``priced`` won ones, with its sum of squares."""
    ended, won = col("ended"), col("ended") & (col("status") == "won")
    priced = won & (col("amount") > 0)
    amount = when(priced).then(col("amount")).otherwise(lit(0.0))
    return ask.tally(
        ask.once(watched), open_days=col("open_days"), ended=ended, won=won, priced=priced, amount=amount,
        amount2=amount**2,
    )  # fmt: skip


CYCLE_WON = Metric(
    metric_id="cycle_won",
    version=1,
    unit="days",
    better="down",
    population="won deals",
    time="closed in the period; days from the first qualified stage (creation when unknown)",
    value="days",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5 wins: below_min_n",
    min_n=5,
    calculate=_cycle_won,
    observe=won_cycles,
    fields=("started",),
    roles=CLOSERS,
)
CYCLE_RESOLUTION = Metric(
    metric_id="cycle_resolution",
    version=1,
    unit="days",
    family="days",
    better="down",
    population="deals open for at least a day of the period; won or lost ends one, still open is right-censored",
    time="days from the first qualified stage (creation when unknown), watched during the period",
    value="days",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="median or a limit beyond the observed time: not_reached",
    source="own; Kaplan & Meier 1958, limits: Brookmeyer & Crowley 1982",
    min_n=5,
    calculate=_time_to_resolution,
    observe=watched,
    fields=("started",),
    roles=CLOSERS,
)
VELOCITY = Metric(
    metric_id="velocity",
    version=1,
    unit="money_per_day",
    better="up",
    population="deals open for at least a day of the period",
    time="stock: mean over the period; rate, size and duration: decided in the period",
    value="days open, 1 if won, amount, days to the decision",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5 wins with an amount or 5 decisions: below_min_n",
    source="Little 1961",
    min_n=5,
    calculate=_velocity,
    observe=watched,
    fields=("started", "amount"),
    roles=CLOSERS,
)
METRICS = (CYCLE_WON, CYCLE_RESOLUTION, VELOCITY)
