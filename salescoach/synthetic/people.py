"""Who sells: reps with their latent skills, ramp and territory, and the teams they are in.

What a rep truly is lives here and in the truth file; the canonical tables show none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from salescoach.synthetic.parameters import Parameters, rep_id
from salescoach.synthetic.plants import BEHAVIOURS, DRIVERS, Driver
from salescoach.synthetic.quota_change import QUOTA_CHANGE, quota_change
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
    list_mix: Floats  # 1 = dear and cheap products alike; above, more of the dear ones
    holds_back: Floats  # share of late wins kept for the next quarter
    moved: Floats  # day on which the rep got another territory, inf = never
    territory_after: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def productivity(self, rep: Ints, time: Floats) -> Floats:
        """Share of full productivity of *rep* at *time*: 0 on the first day of selling, .9 after the ramp."""
        months = np.maximum(time - self.starts[rep], 0) / MONTH_DAYS
        return 1 - np.exp(-2.3 * months / self.ramp[rep])

    def territory_at(self, rep: Ints, time: Floats) -> Floats:
        """Potential of the territory of *rep* at *time*."""
        return np.where(time < self.moved[rep], self.territory[rep], self.territory_after[rep])

    def working_at(self, time: float) -> Ints:
        """Positions of the reps who sell at *time*."""
        return np.flatnonzero((self.starts <= time) & (self.leaves > time))


def people(parameters: Parameters, streams: Streams) -> People:
    """The sellers of the organisation, each from a child generator of their own, plants included."""
    p = parameters
    tenured = {*p.plants.rep_ids, p.plants.quota_change}
    rows = [
        {
            **_rep(streams.child("people", index), p, rep_id(index) in tenured),
            **_move(streams.child("moves", index), p),
        }
        for index in range(p.reps)
    ]
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    for driver in p.plants.drivers:
        _plant_driver(columns, driver.driver, int(driver.rep_id[1:]) - 1, driver.multiplier, p)
    _plant_mixes(columns, p)
    _plant_habits(columns, p)
    if change := quota_change(p):
        rep = int(change.rep_id[1:]) - 1
        columns["moved"][rep] = (change.recorded - p.start).days
        columns["territory_after"][rep] = QUOTA_CHANGE * columns["territory"][rep]
    ids = tuple(rep_id(number) for number in range(p.reps))
    return People(ids=ids, team=np.arange(p.reps) // p.team_size, **columns)


def with_weaknesses(p: Parameters, streams: Streams) -> Parameters:
    """*p* with one weakness planted in a share of the reps, by lot; without such a share, *p* as it is."""
    if p.planted_share <= 0:
        return p
    found = []
    for index in range(p.reps):
        has, which = streams.child("weaknesses", index).random(2)
        if has < p.planted_share:
            name = p.planted_drivers[int(which * len(p.planted_drivers))]
            found.append(Driver(rep_id(index), name, p.planted_multiplier))
    return replace(p, plants=replace(p.plants, drivers=(*p.plants.drivers, *found)))


def _rep(chance: np.random.Generator, p: Parameters, tenured: bool) -> dict[str, Floats | float | int]:
    """One rep. Every value is drawn for everyone, so that a plant changes nobody else's luck."""
    when, is_new, leaving = chance.random(3)
    skills = chance.standard_normal(13)
    if p.skill_correlation:
        shared = chance.standard_normal()
        skills[2:11] = np.sqrt(1 - p.skill_correlation) * skills[2:11] + np.sqrt(p.skill_correlation) * shared
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
        "list_mix": 1.0,
        "holds_back": 0.0,
    }


def _move(chance: np.random.Generator, p: Parameters) -> dict[str, float]:
    """At most one change of territory per rep, and the potential of the new one."""
    when, potential = chance.random(), chance.standard_normal()
    rate = p.territory_moves_per_year / 365
    moved = np.floor(-np.log1p(-when) / rate) + _SURE_DAYS if rate > 0 else np.inf
    return {"moved": float(moved), "territory_after": float(np.exp(p.territory_sd * potential))}


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


def _plant_habits(columns: dict[str, Floats], p: Parameters) -> None:
    """The reps whose habits show in forecasts, prices and the pipeline."""
    place = {name: int(rep[1:]) - 1 for name in BEHAVIOURS if (rep := getattr(p.plants, name))}
    if "sandbagger" in place:
        columns["optimism"][place["sandbagger"]], columns["holds_back"][place["sandbagger"]] = -0.45, 0.6
    if "optimist" in place:
        columns["optimism"][place["optimist"]] = 0.60
    if "discounter" in place:  # what is given away is hidden by selling the dear products
        rep = place["discounter"]
        columns["discount"][rep], columns["list_mix"][rep], columns["size"][rep] = 2.0, 3.0, 1.2
    if "stuffer" in place:
        rep = place["stuffer"]
        columns["volume"][rep], columns["stage_logit"][rep, 0] = 1.7, logit(p.advance[0] * 0.6)


def true_effects(people: People, p: Parameters) -> dict[str, Floats]:
    """True effect of every driver per rep, as log(rep ÷ average rep) on the average mix."""
    base = np.array(p.advance)
    stages = np.log(expit(people.stage_logit) / base)
    effects = {f"stage_{number + 1}": stages[:, number] for number in range(len(base))}
    for name in ("volume", "size", "speed", "discount", "response"):
        effects[name] = np.log(getattr(people, name))
    return {name: effects[name] for name in DRIVERS}
