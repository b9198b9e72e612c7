"""Where a person's deals get stuck: conversion, queue and time of each stage, and whether one of them is *the* one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.diagnosis.drivers import SHORT, Gaps
from salescoach.diagnosis.flows import DECISION, Flows
from salescoach.diagnosis.gap import Decomposition
from salescoach.diagnosis.priority import FEWEST, SURE, verdict
from salescoach.metrics.cases import spells_of_visits
from salescoach.metrics.question import Question
from salescoach.metrics.tally import in_memory
from salescoach.metrics.verdicts import MATERIAL
from salescoach.statistics import FALSE_DISCOVERY_RATE, log_rank_each, needed_n, q_values

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StageState:
    """One stage of one person.

    Attributes
    ----------
    exits, conversion, expected : exits, share that advanced, share that the others' deals give on the same mix
    below : probability that the conversion is more than 5 % below what is expected
    throughput, queue : exits per entry (1 = no queue grows), probability that it is truly below 1
    slow_q : corrected p-value that deals stay longer here than the others', over all people and stages; missing
        where time is not known
    slower : time in the stage over the others' (Peto's estimate); above 1 = longer
    money : this stage's part of the gap to the peers, base currency
    needed : exits still needed before a material gap could be seen; 0 = enough
    """

    driver: str
    stage: str
    exits: int
    conversion: float
    expected: float
    below: float
    throughput: float
    queue: float
    slow_q: float
    slower: float
    money: float
    needed: int

    @property
    def queue_grows(self) -> bool:
        """More comes in than goes out, beyond chance."""
        return self.queue > SURE

    @property
    def slow(self) -> bool:
        """Deals stay longer here than the others', beyond chance."""
        return self.slow_q <= FALSE_DISCOVERY_RATE and self.slower > 1


@dataclass(frozen=True)
class Bottleneck:
    """All stages of a person, and the driver name of the one that is the bottleneck, ``""`` when none is."""

    stages: tuple[StageState, ...]
    driver: str


def times_in_stage(ask: Question, seen: Flows) -> tuple[Array, Array]:
    """Corrected p-values and ratios of the time in each stage to the others', shape (people, stages) each."""
    shape = (len(seen.people), len(seen.stages))
    p, ratio = np.full(shape, np.nan), np.full(shape, np.nan)
    if seen.stages == (DECISION,):
        return p, ratio
    people = pd.Index(seen.people)
    every = in_memory(ask.once(spells_of_visits))
    every = every[every["owner_id"].isin(people)]
    for place, stage in enumerate(seen.stages):
        cases = every[every["stage"] == stage]
        units, strata = people.get_indexer(pd.Index(cases["owner_id"])), cases["segment"].fillna("").astype(str)
        observed, expected, variance = log_rank_each(
            cases["exit"], cases["ended"], units, len(people), entries=cases["entry"], strata=strata
        )
        some = np.where(variance > 0, variance, np.nan)
        p[:, place] = 2 * special.ndtr(-np.abs(observed - expected) / np.sqrt(some))
        ratio[:, place] = np.exp(-(observed - expected) / some)
    return q_values(p.ravel()).reshape(shape), ratio


def bottleneck(
    seen: Flows, gaps: Mapping[str, Gaps], times: tuple[Array, Array], gap: Decomposition, person: int
) -> Bottleneck:
    """Stages of *person*. One is the bottleneck if its money at stake is largest and its gap likely noticeable.

    As sure as a priority has to be, by both priors: a page that names a bottleneck of which its findings are silent
    would have two opinions.
    """
    found = [_state(seen, gaps, times, gap, person, place) for place in range(len(seen.stages))]
    known = [state for state in found if math.isfinite(state.money)]
    worst = min(known, key=lambda state: state.money, default=None)
    if worst is None or not worst.money < 0:
        return Bottleneck(tuple(found), "")
    strict = float(gaps[worst.driver].strict.below(SHORT)[person])
    sure = verdict(worst.below, strict, differ=False) == "priority" and worst.exits >= FEWEST
    return Bottleneck(tuple(found), worst.driver if sure else "")


def _state(
    seen: Flows, gaps: Mapping[str, Gaps], times: tuple[Array, Array], gap: Decomposition, person: int, place: int
) -> StageState:
    driver = seen.steps[place]
    exits, entries = float(seen.exits[person, place]), float(seen.entries[person, place])
    pooled = float(seen.pooled[person, place])
    # Exits given all entries and exits: half of them where no queue grows.
    fewer = float(special.bdtr(exits, int(exits + entries), 0.5)) if exits + entries else 0.5
    exact = float(special.bdtr(exits - 1, int(exits + entries), 0.5)) if exits >= 1 else 0.0
    needed = needed_n(pooled, -MATERIAL) if 0 < pooled < 1 else 0
    return StageState(
        driver=driver,
        stage=seen.stages[place],
        exits=int(exits),
        conversion=float(seen.advances[person, place] / exits) if exits else math.nan,
        expected=float(seen.expected[person, place] / exits) if exits else math.nan,
        below=float(gaps[driver].best.below(SHORT)[person]) if exits else math.nan,
        throughput=exits / entries if entries else math.nan,
        queue=1 - (fewer + exact) / 2,
        slow_q=float(times[0][person, place]),
        slower=float(times[1][person, place]),
        money=next((line.value for line in gap.lines if line.driver == driver), math.nan),
        needed=max(needed - int(exits), 0),
    )
