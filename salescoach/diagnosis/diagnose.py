"""From the data of an organisation to what may be said about each person: one call, facts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.diagnosis.bottleneck import Bottleneck, bottleneck, times_in_stage
from salescoach.diagnosis.drivers import Gaps, drivers
from salescoach.diagnosis.flows import Flows, comings, flows, leavings
from salescoach.diagnosis.gap import (
    Benchmark,
    Decomposition,
    Parts,
    beside_plan,
    decompose,
    decompose_over_time,
    parts_beside_peers,
)
from salescoach.diagnosis.priority import Judged, chosen, judged, strengths
from salescoach.diagnosis.scorecards import COMPETENCIES, scores, with_scores
from salescoach.diagnosis.whatif import RoadMap, WhatIf, road_map, what_if
from salescoach.errors import UsageError
from salescoach.metrics.cases import sold_usual
from salescoach.metrics.contract import CLOSERS
from salescoach.metrics.question import Question
from salescoach.metrics.quota import effective_quota
from salescoach.metrics.tally import in_memory
from salescoach.tables.data import SalesData

BENCHMARKS: tuple[Benchmark, ...] = ("peers", "own_season", "plan")
_YEAR = 365.25
_MEETINGS = ("meeting", "demo", "visit")


@dataclass(frozen=True)
class RepDiagnosis:
    """What may be said about one person.

    Attributes
    ----------
    gap : parts of the gap to the benchmark that was asked for
    drivers : every driver with its gates, the most worth working on first
    findings : at most two priorities, else one hypothesis, else nothing: there is no reliable gap
    strengths : what goes well; tentative ones say so themselves
    bottleneck : the stages
    what_if : effect of each finding at the peers' level
    na_reason : why this person is beside nobody: ``not_applicable`` (role), ``ramping``, ``absent``, ``few_peers``;
        then everything else is empty
    """

    rep_id: str
    peers_n: int
    gap: Decomposition | None = None
    drivers: tuple[Judged, ...] = ()
    findings: tuple[Judged, ...] = ()
    strengths: tuple[Judged, ...] = ()
    bottleneck: Bottleneck | None = None
    what_if: Mapping[str, WhatIf] = field(default_factory=dict)
    na_reason: str | None = None


@dataclass(frozen=True)
class _Role:
    """All that was worked out about the people of one role."""

    seen: Flows
    gaps: Mapping[str, Gaps]
    parts: Parts
    days: int


@dataclass(frozen=True)
class Diagnosis:
    """What may be said about everybody, on the same footing.

    ``span`` is the stretch that was looked at; one quarter of one person is mostly chance, so it is the twelve months
    that end with ``period``.
    """

    period: Period
    span: Period
    as_of: date
    benchmark: Benchmark
    reps: Mapping[str, RepDiagnosis]
    _roles: Mapping[str, _Role] = field(default_factory=dict, repr=False, compare=False)

    def what_if(self, rep_id: str, driver: str) -> WhatIf | None:
        """Effect of *driver* at the peers' level on twelve months' bookings of *rep_id*; None where unknown."""
        role, person = self._place(rep_id)
        if role is None:
            return None
        return what_if(role.seen, role.gaps, role.parts, person, driver, days=role.days)

    def road_map(self, rep_id: str, goal: float, meetings: int | None = None) -> RoadMap | None:
        """Deals, opportunities and meetings that *goal* takes at the own rates of *rep_id*; None where unknown.

        *meetings*: held with customers in ``span`` (:func:`meetings_held`); None = not recorded.
        """
        role, person = self._place(rep_id)
        return road_map(role.seen, role.gaps, person, goal, meetings) if role else None

    def gaps(self, rep_id: str) -> tuple[Mapping[str, Gaps], int] | None:
        """Drivers of everybody in the role of *rep_id*, and the place of *rep_id* in them; None where not compared."""
        role, person = self._place(rep_id)
        return (role.gaps, person) if role else None

    def _place(self, rep_id: str) -> tuple[_Role | None, int]:
        for role in self._roles.values():
            if rep_id in role.seen.people:
                return role, role.seen.people.index(rep_id)
        return None, -1


def diagnose(
    data: SalesData,
    period: Period,
    *,
    benchmark: Benchmark = "peers",
    reps: Sequence[str] | None = None,
    span: Period | None = None,
    use_scorecards: bool = True,
    competencies: Mapping[str, str] = COMPETENCIES,
    seed: int = 0,
) -> Diagnosis:
    """What the data allow to say about each of *reps* (all sellers when not given), as known at ``data.as_of``.

    Parameters
    ----------
    benchmark : ``peers``, the own ``own_season`` a year earlier, or the ``plan`` (quota): what the gap is measured to.
        Findings always rest on the peers
    span : the stretch to look at; the twelve months that end with *period* when not given
    competencies : competency of the scorecards in which each driver shows
    seed : of the draws behind intervals; the same data and seed give the same numbers

    Raises
    ------
    UsageError
        For an unknown benchmark or rep.
    """
    if benchmark not in BENCHMARKS:
        raise UsageError.unknown("benchmark", benchmark, BENCHMARKS)
    for rep in reps or ():
        data.rep(rep)
    stretch = span or twelve_months(period)
    ask = Question.about(data, stretch)
    roles = {name: _role(ask, seen, use_scorecards, competencies) for name, seen in flows(ask).items()}
    earlier = _a_year_earlier(data, stretch) if benchmark == "own_season" else {}
    wanted = data.sellers if reps is None else tuple(reps)
    found: dict[str, RepDiagnosis] = {}
    for name, role in roles.items():
        mine = [rep for rep in role.seen.people if rep in wanted]
        if mine:
            found |= _people(ask, role, mine, benchmark, earlier.get(name), seed)
    everybody = {rep: found.get(rep) or _nothing(data, stretch, rep) for rep in wanted}
    return Diagnosis(period, stretch, data.as_of, benchmark, everybody, roles)


def twelve_months(period: Period) -> Period:
    """The twelve months that end with *period*; a longer period is its own.

    >>> twelve_months(Period("2025Q3", date(2025, 7, 1), date(2025, 10, 1))).start
    datetime.date(2024, 10, 1)
    """
    start = _year_before(period.end)
    return period if period.start <= start else Period("", start, period.end)


def meetings_held(data: SalesData, span: Period, rep_id: str) -> int | None:
    """Meetings, demos and visits of *rep_id* in *span*; None when the organisation records none at all."""
    work = data.table("activity")
    if work.empty:
        return None
    held = work[work["type"].isin(_MEETINGS) & ~work["is_system"].astype(bool)]
    if held.empty:
        return None
    within = held["occurred_at_day"].between(span.first, min(span.after - 1, day_number(data.as_of)))
    return int((within & (held["owner_id"] == rep_id)).sum())


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28)) if (day.month, day.day) == (2, 29) else (
        day.replace(year=day.year - 1)
    )  # fmt: skip


def _role(ask: Question, seen: Flows, use_scorecards: bool, competencies: Mapping[str, str]) -> _Role:
    gaps = drivers(seen)
    if use_scorecards:
        gaps = with_scores(gaps, scores(ask.data, ask.period, seen.people), competencies)
    days = min(ask.period.after, day_number(ask.data.as_of) + 1) - ask.period.first
    return _Role(seen, gaps, parts_beside_peers(seen, gaps), max(days, 1))


def _a_year_earlier(data: SalesData, span: Period) -> Mapping[str, _Role]:
    before = Period("", _year_before(span.start), _year_before(span.end))
    ask = Question.about(data, before)
    return {name: _role(ask, seen, False, {}) for name, seen in flows(ask).items()}


def _people(
    ask: Question, role: _Role, reps: list[str], benchmark: Benchmark, earlier: _Role | None, seed: int
) -> dict[str, RepDiagnosis]:
    times = times_in_stage(ask, role.seen)
    quotas = effective_quota(ask.data, ask.period, pd.Index(reps)) if benchmark == "plan" else None
    evidence = _evidence(ask, role.seen)
    found = {}
    for rep in reps:
        person = role.seen.people.index(rep)
        beside = decompose(role.parts, person, seed=seed)
        annual = beside.model * _YEAR / role.days
        every = judged(role.gaps, person, annual, evidence.get(rep, {}))
        said = chosen(every)
        effects = {one.driver: what_if(role.seen, role.gaps, role.parts, person, one.driver, days=role.days, seed=seed)
                   for one in said}  # fmt: skip
        found[rep] = RepDiagnosis(
            rep_id=rep,
            peers_n=len(role.seen.people) - 1,
            gap=_beside(benchmark, beside, role, person, earlier, quotas, seed),
            drivers=every,
            findings=said,
            strengths=strengths(every),
            bottleneck=bottleneck(role.seen, role.gaps, times, beside, person),
            what_if={driver: effect for driver, effect in effects.items() if effect is not None},
        )
    return found


def _beside(
    benchmark: Benchmark, peers: Decomposition, role: _Role, person: int, earlier: _Role | None,
    quotas: pd.Series | None, seed: int,
) -> Decomposition:  # fmt: skip
    if benchmark == "plan" and quotas is not None:
        return beside_plan(peers, float(quotas[role.seen.people[person]]))
    if benchmark == "own_season":
        rep = role.seen.people[person]
        if earlier is None or rep not in earlier.seen.people:
            nothing = float("nan")
            return Decomposition("own_season", peers.actual, nothing, nothing, peers.model, (), "no_history")
        return decompose_over_time(role.parts, earlier.parts, person, earlier.seen.people.index(rep), seed=seed)
    return peers


def _evidence(ask: Question, seen: Flows) -> dict[str, dict[str, tuple[str, ...]]]:
    """Ids of the deals behind each driver of each person."""
    left, came = ask.shared(leavings), ask.shared(comings)
    frames: dict[str, Any] = {"volume": came[came["stage"] == seen.stages[0]]}
    frames |= {driver: left[left["stage"] == stage] for driver, stage in zip(seen.steps, seen.stages, strict=True)}
    frames["size"] = frames["discount"] = in_memory(ask.once(sold_usual))
    frames["speed"] = ask.data.closed_in(ask.period)
    found: dict[str, dict[str, tuple[str, ...]]] = {rep: {} for rep in seen.people}
    for driver, rows in frames.items():
        mine: dict[str, set[str]] = {rep: set() for rep in seen.people}
        for rep, deal in zip(rows["owner_id"].tolist(), rows["deal_id"].tolist(), strict=True):
            if rep in mine:
                mine[rep].add(deal)
        for rep, deals in mine.items():
            if deals:
                found[rep][driver] = tuple(sorted(deals))
    return found


def _nothing(data: SalesData, span: Period, rep: str) -> RepDiagnosis:
    """Somebody who is beside nobody, and why."""
    role = data.rep(rep)["role"]
    peers = data.peers(rep)
    if pd.notna(role) and role not in CLOSERS:
        return RepDiagnosis(rep, len(peers), na_reason="not_applicable")
    if rep in data.ramping(span):
        return RepDiagnosis(rep, len(peers), na_reason="ramping")
    share = data.exposure(span)["share"].get(rep, np.nan)
    absent = np.isfinite(share) and share <= 0
    return RepDiagnosis(rep, len(peers), na_reason="absent" if absent else "few_peers")
