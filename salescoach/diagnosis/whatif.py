"""What would be if one driver reached the peers: a range for twelve months, an association, never a promise.

Also the road to a goal: how many deals, opportunities and meetings it takes at the person's own rates. Everything rests
on drawn-in estimates: with raw rates such promises come out three to five times too high.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.diagnosis.drivers import Gaps
from salescoach.diagnosis.flows import Flows
from salescoach.diagnosis.gap import DRAWS, Parts

Array = npt.NDArray[np.float64]

LEVEL = 0.80
"""Coverage of the ranges here: they are for planning, not for judging."""
_YEAR = 365.25
_BEST = 0.75  # quantile aimed at by somebody who is at the median already


@dataclass(frozen=True)
class WhatIf:
    """Effect on twelve months' bookings if *driver* reached the target, base currency.

    Attributes
    ----------
    target : ``median`` of the peers, or ``upper_quarter`` for who has reached that already
    value, low, high : median and 80 % interval over the posterior draws
    capped : share of the draws in which more deals would have to be won than anybody carries
    n : observations behind the driver
    base : what the twelve months would bring at today's level, median over the draws: last year's bookings without
        their luck, on which the effect is counted
    """

    driver: str
    target: str
    value: float
    low: float
    high: float
    capped: float
    n: int
    base: float


@dataclass(frozen=True)
class Needed:
    """What a goal takes: expected number with its 80 % interval, and how many observations the rate rests on."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class RoadMap:
    """From a goal in money to deals, opportunities and meetings; ``meetings`` is None where none are recorded."""

    goal: float
    deals: Needed
    opportunities: Needed
    meetings: Needed | None


def what_if(
    seen: Flows, gaps: Mapping[str, Gaps], parts: Parts, person: int, driver: str, *, days: int, seed: int = 0
) -> WhatIf | None:
    """The effect of *driver* at the peers' level; None for what is not part of the flow, such as speed.

    Parameters
    ----------
    days : length of the stretch in which *parts* were counted; the effect is for twelve months

    Notes
    -----
    The identity is recomputed in every draw with the driver at its target. Wins cannot exceed what a person can carry:
    the most wins per working day that anybody of the role had.
    """
    if driver not in parts.names or not parts.reference[person] > 0:
        return None
    place = parts.names.index(driver)
    if not parts.known[person, place]:
        return None
    drawn = parts.draws(person, seed=seed)
    others = np.delete(gaps[driver].best.mean, person)
    others = others[np.isfinite(np.delete(gaps[driver].gap, person))]
    reached = parts.mean[person, place] >= np.median(others)
    target = float(np.quantile(others, _BEST) if reached else np.median(others))
    lift = np.exp(np.maximum(target - drawn[:, place], 0.0))
    before = parts.reference[person] * np.exp(drawn.sum(axis=1))
    if driver in ("size", "discount"):
        cap = np.inf
    else:
        cap = _most_wins(seen, person) / max(float(seen.advances[person, -1]), 1.0)
    effect = before * (np.minimum(lift, max(cap, 1.0)) - 1) * _YEAR / days
    low, value, high = np.quantile(effect, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return WhatIf(
        driver, "upper_quarter" if reached else "median", float(value), float(low), float(high),
        float((lift > cap).mean()), int(gaps[driver].n[person]), float(np.median(before)) * _YEAR / days,
    )  # fmt: skip


def _most_wins(seen: Flows, person: int) -> float:
    """Wins that the busiest person of the role would have had in this one's working time."""
    wins = seen.advances[:, -1]
    if not np.isfinite(seen.days).all():
        return float(wins.max())
    rate = wins / np.where(seen.days > 0, seen.days, np.inf)
    return float(rate.max() * seen.days[person])


def road_map(
    seen: Flows, gaps: Mapping[str, Gaps], person: int, goal: float, meetings: int | None, *, seed: int = 0
) -> RoadMap | None:
    """What *goal* (base currency) takes at the person's own estimated rates; None without any win among all.

    Parameters
    ----------
    meetings : meetings that this person held with customers in the same stretch; None = not recorded
    """
    wins, value = float(seen.wins.sum()), float(seen.win_value.sum())
    if not (wins and goal > 0 and seen.created[person] > 0):
        return None
    generator = np.random.default_rng([seed, person, 1])
    size = _drawn(gaps["size"], person, generator) if "size" in gaps else np.zeros(DRAWS)
    mix = float(seen.value.mix[person])
    worth = value / wins * np.exp(size + (mix if np.isfinite(mix) else 0.0))
    deals = goal / worth
    rate = np.ones(DRAWS)
    for place, driver in enumerate(seen.steps):
        exits = seen.exits[person, place]
        usual = seen.expected[person, place] / exits if exits else seen.pooled[person, place]
        rate *= np.clip(usual * np.exp(_drawn(gaps[driver], person, generator)), 1e-6, 1.0)
    begun = deals / rate
    per_deal = None if meetings is None else generator.gamma(meetings + 0.5, 1.0, DRAWS) / seen.created[person]
    return RoadMap(
        goal,
        _needed(deals, seen.wins[person]),
        _needed(begun, seen.exits[person].sum()),
        None if per_deal is None else _needed(begun * per_deal, float(meetings or 0)),
    )


def _drawn(gap: Gaps, person: int, generator: np.random.Generator) -> Array:
    drawn: Array = gap.best.mean[person] + gap.best.sd[person] * generator.standard_normal(DRAWS)
    return drawn


def _needed(drawn: Array, n: float) -> Needed:
    low, value, high = np.quantile(drawn, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
    return Needed(float(value), float(low), float(high), int(n))
