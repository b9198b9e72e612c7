"""From a diagnosis to what a one-on-one says: a strength first, then what is worth working on, then the pace.

Chooses and carries evidence along; judges nothing anew. Where somebody is beside nobody, the findings that rest on the
metrics alone take its place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from salescoach.calendar import Elapsed, day_number
from salescoach.diagnosis.diagnose import RepDiagnosis
from salescoach.diagnosis.findings import MOST_FINDINGS, Finding, Kind, Line, Shown, achieved, findings, pace, silence
from salescoach.diagnosis.priority import Judged
from salescoach.diagnosis.whatif import WhatIf
from salescoach.tables.data import SalesData

PLAYBOOKS = {
    "volume": "volume", "size": "deal_size", "discount": "negotiation", "speed": "cycle",
    "stage_1": "qualification", "stage_2": "discovery", "stage_3": "proposal", "stage_4": "negotiation",
}  # fmt: skip
"""Playbook of each driver; conversion in a later stage, or without stages, leads to that of winning."""

_FAMILIES = ("volume", "size", "discount", "speed", "win_rate")


def said_of(
    found: RepDiagnosis, lines: Mapping[str, Line], elapsed: Elapsed, evidence: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """At most three findings: a strength or what was achieved; the priorities, a question or silence; the pace."""
    if found.na_reason is not None:
        return findings(lines, elapsed, evidence)
    good = [_finding(one, _praise(one), None) for one in found.strengths[:1] if one.praise != "none"]
    kinds: dict[str, Kind] = {"priority": "development", "hypothesis": "hypothesis"}
    bad = [
        _finding(one, kinds[one.verdict], found.what_if.get(one.driver))
        for one in found.findings[:1]  # one thing at a time: the second priority waits for the next meeting
    ]
    compared = [line for line in lines.values() if line.comparison and line.year.known]
    said = (good or achieved(lines, evidence)) + (bad or [silence(compared)]) + pace(lines, elapsed)
    return tuple(said[:MOST_FINDINGS])


def _praise(one: Judged) -> Kind:
    return "strength" if one.praise == "strength" else "tentative"


def _finding(one: Judged, kind: Kind, effect: WhatIf | None) -> Finding:
    family = one.driver if one.driver in _FAMILIES else "stage"
    unit = "money" if family == "size" else "share" if family == "discount" else "count"
    slots = {
        "driver": Shown(one.driver, "text"),
        "stage": Shown(one.stage, "text"),
        "family": Shown(family, "text"),
        "size": Shown(one.size, "share"),
        "low": Shown(one.low, "share"),
        "high": Shown(one.high, "share"),
        "n": Shown(one.n, "count"),
        "observed": Shown(1 - one.observed if family == "discount" else one.observed, unit),  # type: ignore[arg-type]
        "expected": Shown(1 - one.expected if family == "discount" else one.expected, unit),  # type: ignore[arg-type]
    }
    if effect is not None and kind == "development" and effect.value > 0:
        slots |= {
            "gain": Shown(effect.value, "money"),
            "gain_low": Shown(effect.low, "money"),
            "gain_high": Shown(effect.high, "money"),
        }
    return Finding(kind, f"review.said.{kind}", PLAYBOOKS.get(one.driver, "win_rate"), one.n, slots, one.evidence)


@dataclass(frozen=True)
class Since:
    """What happened to a person's deals since ``day``; ``met``: that was the last one-on-one, else a period's start."""

    day: date
    met: bool
    begun: int
    won: int
    won_value: float
    lost: int
    lost_value: float


def since_last_time(data: SalesData, rep_id: str, otherwise: date) -> Since:
    """Deals begun, won and lost after the last one-on-one before ``as_of``, or from *otherwise* on."""
    held = data.table("one_on_one")
    held = held[(held["rep_id"] == rep_id) & (held["status"] == "held")]
    last = held["held_at_day"].max()
    met = bool(pd.notna(last))
    day = date(1970, 1, 1) + timedelta(days=int(last)) if met else otherwise
    first = day_number(day) + met  # what was closed on the day of the meeting was known there
    deals = data.deals[data.deals["owner_id"] == rep_id]
    closed = deals[deals["closed"] >= first]
    won, lost = (closed[closed["status"] == status] for status in ("won", "lost"))
    amounts = (float(rows["amount"].fillna(0.0).sum()) for rows in (won, lost))
    won_value, lost_value = (value if math.isfinite(value) else 0.0 for value in amounts)
    begun = int((deals["started"] >= first).sum())
    return Since(day, met, begun, len(won), won_value, len(lost), lost_value)
