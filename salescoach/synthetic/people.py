"""Who sells: reps with their latent skills, ramp and territory, and the teams they are in.

What a rep truly is lives here and in the truth file; the canonical tables show none of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from salescoach.synthetic.parameters import DRIVERS, Parameters, rep_id
from salescoach.synthetic.streams import Floats, Ints, Streams

MONTH_DAYS = 30.4375
_SETTLING_DAYS = 14  # between the first day at work and the first day selling
_SURE_DAYS = 90  # nobody leaves before


@dataclass(frozen=True)
class People:
    """The sellers, one position per rep. Days count from the start of the window, ``inf`` = never."""

    ids: tuple[str, ...]
    team: Ints
    hired: Ints
    starts: Ints
    leaves: Floats
    ramp: Floats
    territory: Floats
    volume: Floats  # factor on the rate of deals
    stage_logit: Floats  # reps × 4: logit of the probability to advance, before deal and customer
    size: Floats  # factor on amounts
    speed: Floats  # factor on dwell times
    discount: Floats  # factor on discounts
    response: Floats  # factor on the time to answer a lead
    optimism: Floats  # log: how much too early closes are expected
    service: Floats  # what customers feel, in standard deviations of an answer
    segments: Floats  # reps × 3, shares
    sources: Floats  # reps × 4, shares
    zombies: Floats  # share of losses never closed

    def __len__(self) -> int:
        return len(self.ids)

    def productivity(self, rep: Ints, time: Floats) -> Floats:
        """Share of full productivity of *rep* at *time*: 0 on the first day of selling, .9 after the ramp."""
        months = np.maximum(time - self.starts[rep], 0) / MONTH_DAYS
        return 1 - np.exp(-2.3 * months / self.ramp[rep])

    def working_at(self, time: float) -> Ints:
        """Positions of the reps who sell at *time*."""
        return np.flatnonzero((self.starts <= time) & (self.leaves > time))


def people(parameters: Parameters, streams: Streams) -> People:
    """The sellers of the organisation, each from a child generator of their own, plants included."""
    p = parameters
    tenured = {*p.plants.rep_ids, p.plants.quota_change}
    rows = [_rep(streams.child("people", index), p, rep_id(index) in tenured) for index in range(p.reps)]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for driver in p.plants.drivers:
        _plant_driver(columns, driver.driver, int(driver.rep_id[1:]) - 1, driver.multiplier, p)
    _plant_mixes(columns, p)
    ids = tuple(rep_id(number) for number in range(p.reps))
    return People(ids=ids, team=np.arange(p.reps) // p.team_size, **columns)


def _rep(chance: np.random.Generator, p: Parameters, tenured: bool) -> dict[str, Floats | float | int]:
    """One rep. Every value is drawn for everyone, so that a plant changes nobody else's luck."""
    when, is_new, leaving = chance.random(3)
    skills = chance.standard_normal(13)
    segments = chance.dirichlet(p.segment_concentration * np.array(p.segment_mix))
    sources = chance.dirichlet(p.source_concentration * np.array(p.source_mix))
    new = is_new < p.hired_share and not tenured
    hired = int(when * p.hired_within_days) if new else -int(200 + when * 1_300)
    # The yearly rate fixes the Weibull scale: P(gone within a year) = exits_per_year, counted from a first quarter
    # that everybody stays.
    leaves = np.inf
    if p.exits_per_year > 0 and not tenured:
        scale = (-np.log1p(-p.exits_per_year)) ** (-1 / p.exit_shape)
        leaves = np.floor(max(hired, 0) + 365 * scale * (-np.log(1 - leaving)) ** (1 / p.exit_shape)) + _SURE_DAYS
    return {
        "hired": hired,
        "starts": hired + _SETTLING_DAYS,
        "leaves": float(leaves),
        "ramp": float(np.clip(p.ramp_months * np.exp(p.ramp_sd * skills[0]), 1, 18)),
        "territory": float(np.exp(p.territory_sd * skills[1])),
        "volume": float(np.exp(p.volume_sd * skills[2])),
        "stage_logit": logit(np.array(p.advance)) + p.stage_sd * skills[3:7],
        "size": float(np.exp(p.size_sd * skills[7])),
        "speed": float(np.exp(p.speed_sd * skills[8])),
        "discount": float(np.exp(p.discount_sd * skills[9])),
        "response": float(np.exp(p.response_sd * skills[10])),
        "optimism": float(p.optimism_sd * skills[11]),
        "service": float(p.service_sd * skills[12]),
        "segments": segments,
        "sources": sources,
        "zombies": p.zombie_share,
    }


def _plant_driver(columns: dict[str, Floats], driver: str, rep: int, multiplier: float, p: Parameters) -> None:
    if driver.startswith("stage_"):
        stage = int(driver[-1]) - 1
        columns["stage_logit"][rep, stage] = logit(min(p.advance[stage] * multiplier, 0.99))
    else:
        columns[driver][rep] = multiplier


def _plant_mixes(columns: dict[str, Floats], p: Parameters) -> None:
    """The reps whose raw figures mislead: easy customers, hard customers, losses never closed."""
    average = logit(np.array(p.advance))
    if p.plants.cherry_picker:
        rep = int(p.plants.cherry_picker[1:]) - 1
        columns["segments"][rep], columns["sources"][rep] = (0.80, 0.18, 0.02), (0.60, 0.02, 0.33, 0.05)
        columns["stage_logit"][rep] = average
    if p.plants.hard_territory:
        rep = int(p.plants.hard_territory[1:]) - 1
        columns["segments"][rep], columns["sources"][rep] = (0.10, 0.35, 0.55), (0.08, 0.85, 0.02, 0.05)
        columns["stage_logit"][rep] = average + 0.10  # truly better than average on every stage
    if p.plants.zombie_hoarder:
        columns["zombies"][int(p.plants.zombie_hoarder[1:]) - 1] = p.hoarder_zombie_share


def true_effects(people: People, p: Parameters) -> dict[str, Floats]:
    """True effect of every driver per rep, as log(rep ÷ average rep) on the average mix."""
    base = np.array(p.advance)
    stages = np.log(expit(people.stage_logit) / base)
    effects = {f"stage_{number + 1}": stages[:, number] for number in range(len(base))}
    for name in ("volume", "size", "speed", "discount", "response"):
        effects[name] = np.log(getattr(people, name))
    return {name: effects[name] for name in DRIVERS}
