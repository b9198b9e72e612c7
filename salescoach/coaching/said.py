"""From a diagnosis to what a one-on-one says: a strength first, then what is worth working on, then the pace.

Chooses and carries evidence along; judges nothing anew. Where somebody is beside nobody, the findings that rest on the
metrics alone take its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from salescoach.calendar import Elapsed, day_number
from salescoach.diagnosis.diagnose import RepDiagnosis
from salescoach.diagnosis.findings import MOST_FINDINGS, Finding, Kind, Line, Shown, achieved, findings, pace
from salescoach.diagnosis.priority import MOST_SURE, NEVER_JUDGED, Judged
from salescoach.diagnosis.whatif import WhatIf
from salescoach.metrics.comparison import Comparison
from salescoach.tables.data import SalesData
from salescoach.tables.money import recorded_sum

PLAYBOOKS = {
    "volume": "volume", "size": "deal_size", "discount": "negotiation", "speed": "cycle",
    "stage_1": "qualification", "stage_2": "discovery", "stage_3": "proposal", "stage_4": "negotiation",
}  # fmt: skip
"""Playbook of each driver; conversion in a later stage, or without stages, leads to that of winning."""

NEVER_SINGLED_OUT = ("cycle_resolution",)
_SHOWS_IN = {"win_rate_count": ("stage_", "win_rate"), "ads": ("size",)}
"""Beginnings of the drivers in which a difference of a metric has to show, too."""

_JUDGED_AS = {"win_rate_count": "win_rate", "ads": "size"}
"""The driver that is the same thing as a metric."""

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
    said = (good or achieved(lines, evidence)) + (bad or [_silence(found)]) + pace(lines, elapsed)
    return tuple(said[:MOST_FINDINGS])


def agreed(comparison: Comparison | None, metric_id: str, found: RepDiagnosis) -> Comparison | None:
    """*comparison*, held to what the diagnosis says: neither louder nor contradicting it.

    Silent where it would single somebody out about whom the diagnosis is silent. A test of one metric passes for one in
    some teams of equals; the diagnosis asks for more: two priors, and people who differ at all. A page that praises in
    its table what its findings do not say would be noise with a number: on Maven it would praise two of thirty agents
    for their deal size, where all are alike. It costs nothing that is there: in 20 organisations with known truth every
    difference that the tests named was kept (37 of 37, of which 33 are truly noticeable).

    Time to resolution singles nobody out at all: closings come in waves (the end of a quarter), which a test of
    independent deals takes for differences between people, so it is shown with what would be expected.

    Pointing to the findings where those judge the very same thing: they look at logarithms, list prices and scorecards,
    too, and "cannot be told" beside "likely below" would be two opinions on one page.
    """
    if comparison is None:
        return None
    if not comparison.signal:
        named = [one for one in found.findings[:1] if one.verdict == "priority"]
        named += [one for one in found.strengths[:1] if one.praise == "strength"]
        said = any(one.driver == _JUDGED_AS.get(metric_id) for one in named)
        return replace(comparison, verdict="see_findings") if said else comparison
    if metric_id in NEVER_SINGLED_OUT:
        return replace(comparison, verdict="only_shown")
    if metric_id not in _SHOWS_IN or found.na_reason is not None:
        return comparison
    shown = [one for one in found.drivers if one.driver.startswith(_SHOWS_IN[metric_id])]
    above = comparison.verdict == "signal_above"
    said = any(one.praise != "none" if above else one.verdict != "none" for one in shown)
    return comparison if said else replace(comparison, verdict="not_confirmed")


def _silence(found: RepDiagnosis) -> Finding:
    """Nothing stands out: how many topics were looked at, and on how many observations the most of them rests."""
    looked_at = [one for one in found.drivers if one.driver not in NEVER_JUDGED]
    n = max((one.n for one in looked_at), default=0)
    slots = {"k": Shown(len(looked_at), "count"), "n": Shown(n, "count")}
    return Finding("none", "review.said.none", "general", n, slots)


def _praise(one: Judged) -> Kind:
    return "strength" if one.praise == "strength" else "tentative"


def _finding(one: Judged, kind: Kind, effect: WhatIf | None) -> Finding:
    family = one.driver if one.driver in _FAMILIES else "stage"
    unit = "money" if family == "size" else "share" if family == "discount" else "count"
    slots = {
        "driver": Shown(one.driver, "text"),
        "stage": Shown(one.stage, "text"),
        "family": Shown(family, "text"),
        "size": Shown(one.size, "change"),
        "low": Shown(one.low, "change"),
        "high": Shown(one.high, "change"),
        "n": Shown(one.n, "count"),
        "probability": Shown(min(one.better if kind == "strength" else one.probability, MOST_SURE), "share"),
        "observed": Shown(1 - one.observed if family == "discount" else one.observed, unit),  # type: ignore[arg-type]
        "expected": Shown(1 - one.expected if family == "discount" else one.expected, unit),  # type: ignore[arg-type]
    }
    if effect is not None and kind == "development" and effect.value > 0:
        slots |= {
            "gain": Shown(effect.value, "money"),
            "gain_low": Shown(effect.low, "money"),
            "gain_high": Shown(effect.high, "money"),
            "base": Shown(effect.base, "money"),
        }
    # The gate asks for 80 % on one side of 5 %, the interval leaves 5 % out on each side: it may hold no difference.
    spans = kind in ("strength", "development") and round(one.low, 2) <= 0 <= round(one.high, 2)  # as it is written
    key = f"review.said.{kind}_open" if spans else f"review.said.{kind}"
    if kind == "hypothesis" and one.driver == "volume":  # no call tells why there are few of them
        key = "review.said.hypothesis_volume"
    return Finding(kind, key, PLAYBOOKS.get(one.driver, "win_rate"), one.n, slots, one.evidence)


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


def since_last_time(data: SalesData, rep_id: str, otherwise: date, met_on: date | None = None) -> Since:
    """Deals begun, won (as credited) and lost after the last one-on-one before ``as_of``, or from *otherwise* on.

    *met_on*: the last one that the coaching record knows of; the later of it and the imported ones counts.
    """
    held = data.table("one_on_one")
    held = held[(held["rep_id"] == rep_id) & (held["status"] == "held")]
    known = [held["held_at_day"].max(), day_number(met_on) if met_on and met_on <= data.as_of else np.nan]
    met = bool(np.isfinite(np.array(known, dtype=float)).any())
    last = np.nanmax(np.array(known, dtype=float)) if met else np.nan
    day = date(1970, 1, 1) + timedelta(days=int(last)) if met else otherwise
    first = day_number(day) + met  # what was closed on the day of the meeting was known there
    deals = data.deals[data.deals["owner_id"] == rep_id]
    lost = deals[(deals["closed"] >= first) & (deals["status"] == "lost")]
    won = data.deals[(data.deals["closed"] >= first) & (data.deals["status"] == "won")]
    mine = won.merge(data.credit[data.credit["rep_id"] == rep_id], on="deal_id")  # as the bookings count
    won_value, lost_value = recorded_sum(mine["amount"] * mine["pct"]), recorded_sum(lost["amount"])
    begun = int((deals["started"] >= first).sum())
    return Since(day, met, begun, len(mine), won_value, len(lost), lost_value)
