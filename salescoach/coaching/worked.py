"""Did coaching work, by the ledger of interventions: each person beside the return to the mean that was due anyway.

Outcome by outcome only conversion is judged (a stage, or the win rate): its events can be counted. The link from action
to behaviour to scorecard to outcome is looked at in this order; where nothing is seen, the chain says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.diagnosis.effect import (
    Chain,
    Intervention,
    PersonEffect,
    Programme,
    Verdict,
    between_people,
    chain,
    person_effect,
    programme_effect,
)
from salescoach.diagnosis.flows import DECISION, leavings, main_stages
from salescoach.diagnosis.scorecards import COMPETENCIES
from salescoach.metrics.question import Question
from salescoach.statistics import without_action
from salescoach.tables.data import SalesData

BEFORE, LONGEST = 182, 365
"""Days that are looked at before the start, and at most after it."""
FEWEST_DEALS = 20
"""On either side, before a verdict about a person: with fewer the test errs more often than it says."""
_FEWEST_SCORES = 5
_CLEAR = 1.28  # one-sided 10 %, as for the outcome


@dataclass(frozen=True)
class Worked:
    """One intervention with one person: what came of it in the ``days`` since; ``stage`` is empty for the win rate."""

    intervention: Intervention
    stage: str
    effect: PersonEffect
    chain: Chain
    days: int


@dataclass(frozen=True)
class WorkedProgramme:
    """Everybody who was coached on the same thing from the same day, beside the others."""

    driver: str
    stage: str
    start: date
    selected_by: str
    registered: bool
    effect: Programme


@dataclass(frozen=True)
class Ledger:
    """The interventions that had begun: by person, the newest first, and by programme."""

    people: Mapping[str, tuple[Worked, ...]]
    programmes: tuple[WorkedProgramme, ...]


def ledger(data: SalesData) -> Ledger:
    """What came of every intervention about conversion that had begun before ``data.as_of``."""
    people: dict[str, tuple[Worked, ...]] = {}
    programmes: list[WorkedProgramme] = []
    stages = dict(_stages(data))
    rows = [one for one in interventions(data) if one.driver in stages and one.start < data.as_of]
    groups: dict[tuple[date, str], list[Intervention]] = {}
    for one in rows:
        groups.setdefault((one.start, one.driver), []).append(one)
    for (start, driver), group in sorted(groups.items(), reverse=True):
        stage = stages[driver]
        before, after = _counts(data, start, stage)
        coached = {one.rep_id for one in group}
        for one in group:
            effect = person_verdict(one, before, after, coached)
            links = _links(data, one) | {"outcome": effect.verdict}
            days = min((data.as_of - start).days + 1, LONGEST)
            worked = Worked(one, "" if driver == DECISION else stage, effect, chain(links), days)
            people[one.rep_id] = (*people.get(one.rep_id, ()), worked)
        columns = [before["k"], before["n"], after["k"], after["n"]]
        k0, n0, k1, n1 = (column.to_numpy(float) for column in columns)
        took_part = before.index.isin(list(coached))
        programmes.append(
            WorkedProgramme(
                driver, "" if driver == DECISION else stage, start, group[0].selected_by,
                all(one.registered for one in group), programme_effect((k0, n0), (k1, n1), took_part),
            )
        )  # fmt: skip
    return Ledger(people, tuple(programmes))


def interventions(data: SalesData) -> tuple[Intervention, ...]:
    """The ledger as it was imported, oldest first; what was stated after ``as_of`` is not known yet."""
    rows = data.table("intervention").sort_values(["start_day", "intervention_id"])

    def day(number: Any) -> date:
        return date(1970, 1, 1) + timedelta(days=int(number))

    return tuple(
        Intervention(
            str(row["rep_id"]), str(row["driver"]), day(row["start_day"]),
            day(row["end_day"]) if pd.notna(row["end_day"]) else data.as_of, str(row["selection_reason"]),
            str(row["hypothesis"]), float(row["expected_effect"]), day(row["recorded_at_day"]),
        )
        for row in rows.to_dict("records")
    )  # fmt: skip


def _stages(data: SalesData) -> list[tuple[str, str]]:
    """Driver and the stage that it is about; the win rate where there is no stage history."""
    if not data.history:
        return [(DECISION, DECISION)]
    return [(f"stage_{number}", stage) for number, stage in enumerate(main_stages(data), 1)]


def _counts(data: SalesData, start: date, stage: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deals that advanced (``k``) of those that left the stage (``n``), by seller, before and after *start*."""
    after = min(data.as_of + timedelta(days=1), start + timedelta(days=LONGEST))
    spans = Period("", start - timedelta(days=BEFORE), start), Period("", start, after)
    found = []
    for span in spans:
        rows = leavings(Question.about(data, span))
        counted = rows[rows["stage"] == stage].groupby("owner_id")["advanced"].agg(["sum", "size"])
        counted.columns = pd.Index(["k", "n"])
        found.append(counted.reindex(list(data.sellers), fill_value=0).astype(int))
    return found[0], found[1]


def person_verdict(one: Intervention, before: pd.DataFrame, after: pd.DataFrame, coached: set[str]) -> PersonEffect:
    """What came of *one* with its person, from events ``k`` of ``n`` of everybody before and after its start."""
    drift = _drift(before, after, ~before.index.isin(list(coached)))
    mine = [_row(rows, one.rep_id) for rows in (before, after)]
    found = person_effect(
        mine[0], mine[1], one.effect, (before["k"].to_numpy(), before["n"].to_numpy()), drift,
        registered=one.registered,
    )  # fmt: skip
    few = min(found.n_before, found.n_after) < FEWEST_DEALS
    return replace(found, verdict="cannot_tell") if few and found.verdict != "descriptive_only" else found


def _drift(before: pd.DataFrame, after: pd.DataFrame, others: npt.NDArray[np.bool_]) -> float:
    """What the market did: how far the share of the *others* is from their own return to the mean.

    Where the lowest are coached, the others are those who had been lucky, and fall by themselves. Taken for the
    market, that fall would lower what is expected of the coached, and praise coaching that did nothing.
    """
    pooled, spread = between_people(before["k"], before["n"])
    rows = others & (before["n"] > 0).to_numpy() & (after["n"] > 0).to_numpy()
    if not rows.any():
        return 0.0
    k0, n0, k1, n1 = (column[rows].to_numpy(float) for side in (before, after) for column in (side["k"], side["n"]))
    due, _ = without_action(k0 / n0, n0, pooled, spread, n1, 0.0)
    return float((k1 - n1 * np.asarray(due)).sum() / n1.sum())


def _row(rows: pd.DataFrame, rep_id: str) -> tuple[int, int]:
    """Events and trials of one person; none for somebody who sells nothing."""
    own = rows[rows.index == rep_id].sum()
    return int(own["k"]), int(own["n"])


def _links(data: SalesData, one: Intervention) -> dict[str, Verdict]:
    """The links before the outcome: was it done, is there more contact, do others see it?"""
    return {"action": _done(data, one), "behaviour": _behaviour(data, one), "scorecard": _scorecard(data, one)}


def _done(data: SalesData, one: Intervention) -> Verdict:
    """Something that was promised while coaching lasted has been done."""
    promised = data.table("action_item")
    during = promised["created_at_day"].between(day_number(one.start), day_number(one.end))
    mine = promised[during & (promised["owner_id"] == one.rep_id)]
    if mine.empty:
        return "cannot_tell"
    return "moved" if (mine["status"] == "done").any() else "no_sign"


def _behaviour(data: SalesData, one: Intervention) -> Verdict:
    """Contacts with customers beside the person's own before, and what the others' did in the same time."""
    work = data.table("activity")
    work = work[~work["is_system"].astype(bool)]
    start, stop = day_number(one.start), min(day_number(data.as_of) + 1, day_number(one.start) + LONGEST)
    early = work[work["occurred_at_day"].between(start - BEFORE, start - 1)]
    late = work[work["occurred_at_day"].between(start, stop - 1)]
    mine = [int((rows["owner_id"] == one.rep_id).sum()) for rows in (early, late)]
    others = [len(rows) - count for rows, count in zip((early, late), mine, strict=True)]
    if min(*mine, *others) == 0:
        return "cannot_tell"
    gap = math.log(mine[1] / mine[0]) - math.log(others[1] / others[0])
    # Contacts come in waves: counted as if each stood for two.
    return _told(gap / math.sqrt(2 * sum(1 / count for count in (*mine, *others))))


def _scorecard(data: SalesData, one: Intervention) -> Verdict:
    """Points that others gave for the competency of the driver, before and after the start."""
    seen, given = data.table("observation"), data.table("answer")
    competency = COMPETENCIES.get(one.driver)
    if seen.empty or given.empty or competency is None:
        return "cannot_tell"
    seen = seen[~seen["is_self"].astype(bool) & (seen["rep_id"] == one.rep_id)]
    rows = given[given["competency_id"] == competency].dropna(subset=["value"])
    rows = rows.merge(seen[["obs_id", "occurred_at_day"]], on="obs_id")
    late = (rows["occurred_at_day"] >= day_number(one.start)).to_numpy()
    points = rows["value"].to_numpy(float)
    before, after = points[~late], points[late]
    if min(len(before), len(after)) < _FEWEST_SCORES:
        return "cannot_tell"
    error = math.sqrt(float(np.var(before, ddof=1)) / len(before) + float(np.var(after, ddof=1)) / len(after))
    return _told((float(after.mean()) - float(before.mean())) / error) if error > 0 else "cannot_tell"


def _told(z: float) -> Verdict:
    return "moved" if z > _CLEAR else "worse" if z < -_CLEAR else "no_sign"
