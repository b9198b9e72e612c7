"""What is really so: written beside the demo for tests and method notebooks, never read by the product."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import numpy as np
import pandas as pd

from salescoach.synthetic.deal_tables import deal_ids
from salescoach.synthetic.deals import Deals
from salescoach.synthetic.owners import Ownership
from salescoach.synthetic.parameters import SEGMENTS, SOURCES, Parameters
from salescoach.synthetic.people import People, true_effects
from salescoach.synthetic.plant import Planted
from salescoach.synthetic.quota import METRIC, quota_change
from salescoach.synthetic.view import View

VERSION = 1
"""Of the generator: raised whenever the same seed gives other bytes."""


def truth(
    preset: str, seed: int, language: str, scale: float, p: Parameters, people: People, deals: Deals,
    owners: Ownership, view: View, planted: list[Planted], tables: dict[str, pd.DataFrame], never_thinned: int,
) -> dict[str, object]:  # fmt: skip
    """Everything known about the organisation, ready for JSON. Probabilities are as seen from each open stage."""
    rows = np.flatnonzero(view.created(deals.created))
    chances = np.round(deals.win_probability[rows], 4).tolist()
    return {
        "generator_version": VERSION,
        "preset": preset,
        "seed": seed,
        "language": language,
        "amount_scale": scale,
        "activity_rate": p.activity_rate,
        "activities_never_thinned": never_thinned,
        "parameters": _plain(asdict(p)),
        "reps": _reps(people, p, view),
        "deals": dict(zip(deal_ids(rows), chances, strict=True)),
        "cycle_days": {
            name: round(float(np.median((deals.ended - deals.created)[deals.won & (deals.segment == place)])), 1)
            for place, name in enumerate(SEGMENTS)
            if (deals.won & (deals.segment == place)).any()
        },
        "transfers": int((view.seen(owners.since) & (owners.since > deals.created[owners.deal])).sum()),
        "planted": [asdict(row) for row in planted] + _planted_people(p),
        "natural": _natural(tables, p.as_of),
    }


def _reps(people: People, p: Parameters, view: View) -> dict[str, object]:
    effects = true_effects(people, p)
    told: dict[str, object] = {}
    for place in np.flatnonzero(people.hired < view.cut).tolist():
        told[people.ids[place]] = {
            "effects_log": {name: round(float(values[place]), 4) for name, values in effects.items()},
            "stage_logit": np.round(people.stage_logit[place], 4).tolist(),
            "optimism": round(float(people.optimism[place]), 4),
            "service": round(float(people.service[place]), 4),
            "ramp_months": round(float(people.ramp[place]), 2),
            "territory": round(float(people.territory[place]), 4),
            "segments": dict(zip(SEGMENTS, np.round(people.segments[place], 4).tolist(), strict=True)),
            "sources": dict(zip(SOURCES, np.round(people.sources[place], 4).tolist(), strict=True)),
            "zombie_share": float(people.zombies[place]),
        }
    return told


def _planted_people(p: Parameters) -> list[dict[str, object]]:
    """Planted behaviour: found by figures, not by a data-quality check, save the hoarder's open deals."""
    plants = p.plants
    notes: list[dict[str, object]] = [
        {"anomaly": "driver", "table": "rep", "row_id": driver.rep_id, "check": "",
         "detail": driver.driver, "multiplier": driver.multiplier}
        for driver in plants.drivers
    ]  # fmt: skip
    for anomaly, rep, check in (
        ("cherry_picker", plants.cherry_picker, ""),
        ("hard_territory", plants.hard_territory, ""),
        ("zombie_hoarder", plants.zombie_hoarder, "D16"),
    ):
        if rep:
            notes.append({"anomaly": anomaly, "table": "rep", "row_id": rep, "check": check, "detail": ""})
    if change := quota_change(p):
        key = f"{change.rep_id} {METRIC} {change.period_start.isoformat()} {change.recorded.isoformat()}"
        notes.append({"anomaly": "quota_change", "table": "quota", "row_id": key, "check": "", "detail": ""})
    return notes


def _natural(tables: dict[str, pd.DataFrame], as_of: date) -> dict[str, list[str]]:
    """Rows that a check must also find although nobody planted them."""
    deals = tables["opportunity"]
    past_due = (deals["status"] == "open") & (deals["expected_close"] < pd.Timestamp(as_of))
    return {"D16": sorted(deals.loc[past_due, "deal_id"])}


def _plain(value: object) -> object:
    """*value* with dates as text, for JSON."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value
