"""What is really so: written beside the demo for tests and method notebooks, never read by the product."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
import pandas as pd

from salescoach.synthetic.customers import account_ids, lost_again
from salescoach.synthetic.deal_lines import paid
from salescoach.synthetic.deal_tables import deal_ids
from salescoach.synthetic.expected import expected
from salescoach.synthetic.parameters import AMOUNT_SCALE, SEGMENTS, SOURCES, Parameters
from salescoach.synthetic.people import true_effects
from salescoach.synthetic.plant import Planted
from salescoach.synthetic.programmes import true_effect
from salescoach.synthetic.quota import METRIC
from salescoach.synthetic.quota_change import quota_change
from salescoach.synthetic.view import View
from salescoach.synthetic.world import World

VERSION = 2
"""Of the generator: raised whenever the same seed gives other bytes."""
_SHOWS_IN = {  # behaviour → the check or figure that must show it
    "cherry_picker": "win_rate_adj", "hard_territory": "win_rate_adj", "zombie_hoarder": "D16",
    "sandbagger": "forecast_bias", "optimist": "slippage", "discounter": "discount_rate", "stuffer": "stage_conv_flow",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What the tables were made from, and the mistakes put into them."""

    world: World
    view: View
    planted: list[Planted]
    never_thinned: int


def truth(told: Told, tables: dict[str, pd.DataFrame], p: Parameters, preset: str, seed: int) -> dict[str, object]:
    """Everything known about the organisation, ready for JSON. Probabilities are as seen from each open stage."""
    world, view = told.world, told.view
    deals = world.deals
    rows = np.flatnonzero(view.created(deals.created))
    chances = np.round(deals.win_probability[rows], 4).tolist()
    return {
        "generator_version": VERSION,
        "preset": preset,
        "seed": seed,
        "language": view.language,
        "amount_scale": AMOUNT_SCALE[view.language],
        "activity_rate": p.activity_rate,
        "activities_never_thinned": told.never_thinned,
        "parameters": _plain(asdict(p)),
        "reps": _reps(world, p, view),
        "deals": dict(zip(deal_ids(rows), chances, strict=True)),
        "cycle_days": {
            name: round(float(np.median((deals.ended - deals.created)[deals.won & (deals.segment == place)])), 1)
            for place, name in enumerate(SEGMENTS)
            if (deals.won & (deals.segment == place)).any()
        },
        "interventions": _interventions(world, p, view),
        "trainings": _trainings(world, p, view),
        "planted": [asdict(row) for row in told.planted] + _planted_people(p),
        "natural": _natural(world, tables, view, p),
        "expected": expected(world.people, p, AMOUNT_SCALE[view.language]),
    }


def _reps(world: World, p: Parameters, view: View) -> dict[str, object]:
    people, effects = world.people, true_effects(world.people, p)
    told: dict[str, object] = {}
    for place in np.flatnonzero(people.hired < view.cut).tolist():
        moved = float(people.moved[place])
        told[people.ids[place]] = {
            "effects_log": {name: round(float(values[place]), 4) for name, values in effects.items()},
            "stage_logit": np.round(people.stage_logit[place], 4).tolist(),
            "optimism": round(float(people.optimism[place]), 4),
            "service": round(float(people.service[place]), 4),
            "ramp_months": round(float(people.ramp[place]), 2),
            "territory": round(float(people.territory[place]), 4),
            "territory_after": round(float(people.territory_after[place]), 4) if moved < view.cut else None,
            "moved": view.days.day(int(moved)).isoformat() if moved < view.cut else None,
            "segments": dict(zip(SEGMENTS, np.round(people.segments[place], 4).tolist(), strict=True)),
            "sources": dict(zip(SOURCES, np.round(people.sources[place], 4).tolist(), strict=True)),
            "zombie_share": float(people.zombies[place]),
        }
    return told


def _interventions(world: World, p: Parameters, view: View) -> list[dict[str, object]]:
    """Coaching programmes that had begun: one row per rep, with the reason to choose and the true effect."""
    return [
        {
            "intervention": number + 1,
            "rep_id": world.people.ids[rep],
            "driver": f"stage_{programme.stage}",
            "start": view.days.day(view.days.month_first(programme.month)).isoformat(),
            "end": view.days.day(view.days.month_first(programme.month + programme.months)).isoformat(),
            "selection_reason": programme.reason,
            "selection_months": programme.before,
            "true_effect_logit": programme.effect_logit,
            "true_effect": round(true_effect(programme, p), 4),
        }
        for number, (programme, reps) in enumerate(world.programmes)
        if view.days.month_first(programme.month) < view.cut
        for rep in reps.tolist()
    ]  # fmt: skip


def _trainings(world: World, p: Parameters, view: View) -> list[dict[str, object]]:
    """Trainings completed by the export that move a stage."""
    learned = world.trainings
    rows = np.flatnonzero(learned.done < view.cut)
    return [
        {
            "rep_id": world.people.ids[learned.rep[row]],
            "driver": f"stage_{learned.course[row] + 1}",
            "completed": view.days.day(int(learned.done[row])).isoformat(),
            "effect_logit": p.training_logit,
            "half_life_days": None if learned.reinforced[row] else p.half_life_days,
        }
        for row in rows.tolist()
        if learned.course[row] < len(p.advance)
    ]


def _planted_people(p: Parameters) -> list[dict[str, object]]:
    """Planted behaviour: found by figures, not by a data-quality check, save the hoarder's open deals."""
    plants = p.plants
    notes: list[dict[str, object]] = [
        {"anomaly": "driver", "table": "rep", "row_id": driver.rep_id, "check": "",
         "detail": driver.driver, "multiplier": driver.multiplier}
        for driver in plants.drivers
    ]  # fmt: skip
    for anomaly, check in _SHOWS_IN.items():
        if rep := getattr(plants, anomaly):
            notes.append({"anomaly": anomaly, "table": "rep", "row_id": rep, "check": check, "detail": ""})
    if change := quota_change(p):
        key = f"{change.rep_id} {METRIC} {change.period_start.isoformat()} {change.recorded.isoformat()}"
        notes.append(
            {"anomaly": "territory_change", "table": "quota", "row_id": key, "check": "effective_quota", "detail": ""}
        )
    return notes


def _natural(world: World, tables: dict[str, pd.DataFrame], view: View, p: Parameters) -> dict[str, object]:
    """Rows that a check must also find although nobody planted them."""
    deals = tables["opportunity"]
    past_due = (deals["status"] == "open") & (deals["expected_close"] < pd.Timestamp(p.as_of))
    true = world.deals
    owners = world.owners
    known = view.created(true.created)
    taken_over = view.seen(owners.since) & (owners.since > true.created[owners.deal]) & known[owners.deal]
    unpaid = np.flatnonzero(true.won & np.isinf(paid(true, p)) & view.seen(true.ended) & known)
    given_up = np.flatnonzero(true.zombie & known & view.seen(true.ended))
    lost = np.flatnonzero(view.seen(np.minimum(lost_again(true, world.people, p), 1e6)))
    return {
        "D16": sorted(deals.loc[past_due, "deal_id"]),
        "inherited": deal_ids(np.unique(owners.deal[taken_over])).tolist(),
        "unpaid_wins": deal_ids(unpaid).tolist(),
        "zombies": deal_ids(given_up).tolist(),
        "former_customers": account_ids(lost).tolist(),
        "system_activities": int(tables["activity"]["is_system"].sum()),
    }


def _plain(value: object) -> object:
    """*value* with dates as text, for JSON."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
