"""Scorecards on the desk: the library's forms, what was observed with them, and how far those who score agree.

The rules stand in :mod:`salescoach.coaching.scorecards` and :mod:`salescoach.coaching.raters`; here they meet the
record, which authorises every read and write again.
"""

from __future__ import annotations

import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import combinations
from typing import Any, Literal

import pandas as pd

from salescoach.coaching import raters
from salescoach.coaching import scorecards as rules
from salescoach.coaching.content import Scorecard
from salescoach.coaching.from_library import form as form_of
from salescoach.coaching.remarks import Remark, blocked
from salescoach.errors import UsageError
from salescoach.known import data_at
from salescoach.meetings import Desk
from salescoach.recorded import OURS
from salescoach.review import content
from salescoach.store import Record
from salescoach.store import models as kept
from salescoach.store.policy import COACH, HR, MANAGER, SELF
from salescoach.store.service import growth
from salescoach.workspace import Workspace

FEWEST_UNNAMED = 5
"""People whom a pair of observers must have scored in common before HR reads how far the two agree."""
IMPORTED = "import "
"""Begins the ids of observations that came with the data."""
KINDS = ("call", "discovery", "demo", "negotiation", "visit", "role_play", "deal")
Source = Literal["deal", "activity"]


def cards(kind: str) -> tuple[Scorecard, ...]:
    """The library's forms for a kind of observation."""
    if kind not in KINDS:
        raise UsageError.unknown("kind of observation", kind, KINDS)
    return tuple(card for card in content().all(Scorecard) if kind in card.observed)


def card(card_id: str) -> Scorecard:
    """The form with this id."""
    return content().one(Scorecard, card_id)


@dataclass(frozen=True)
class Subject:
    """What was observed: a deal of the data, or a call, visit or role-play under the name that both know it by."""

    source: Source
    name: str


def observed(record: Record, rep_id: str | None = None) -> tuple[rules.Observation, ...]:
    """Observations that the person may read, as the rules look at them, oldest first.

    A form whose version the library no longer has keeps its items as they were answered, each of the same weight.
    """
    with record.read() as unit:
        seen = unit.readable(kept.Observation, rep_id)
        answers: dict[int, list[kept.Answer]] = defaultdict(list)
        for answer in unit.readable(kept.Answer, rep_id):
            answers[answer.observation_id].append(answer)
    return tuple(_as_rule(one, answers[one.id]) for one in seen)


def imported(home: Workspace, record: Record, people: Collection[str]) -> tuple[rules.Observation, ...]:
    """Observations of *people* that came with the data, oldest first; only about those whose results the reader sees.

    They have the items as they were answered: a form of another program is none of the library's, whatever its name.
    """
    data = data_at(home)
    with record.read() as unit:
        seen = {rep for rep in people if unit.access.standings(rep) & {SELF, COACH, MANAGER}}
    rows = data.table("observation")
    rows = rows[rows["rep_id"].isin(seen) & ~rows["obs_id"].str.startswith(OURS)]
    answers = data.table("answer")
    given = dict(list(answers[answers["obs_id"].isin(rows["obs_id"])].groupby("obs_id")))
    ordered = rows.sort_values(["occurred_at", "obs_id"]).to_dict("records")
    return tuple(_imported(row, given.get(row["obs_id"], answers.iloc[:0])) for row in ordered)


def _imported(row: Mapping[Any, Any], answers: pd.DataFrame) -> rules.Observation:
    items = zip(answers["item_id"], answers["competency_id"], strict=True)
    form = rules.Form(row["template_id"], int(row["version"]), tuple(rules.Item(*item) for item in items))
    lines = zip(answers["item_id"], answers["value"], answers["evidence"], strict=True)
    given = {item: _answer(value, evidence) for item, value, evidence in lines}
    subject = _text(row["subject_deal_id"]) or _text(row["subject_activity_id"])
    return rules.Observation(
        f"{IMPORTED}{row['obs_id']}", form, row["rep_id"], row["observer_id"], row["occurred_at"].date(), given,
        subject, bool(row["is_self"]),
    )  # fmt: skip


def _answer(value: float, evidence: object) -> rules.Answer:
    """Points of an import, to the nearest level; without points it could not be observed."""
    return rules.Answer(None, True) if math.isnan(value) else rules.Answer(round(value), evidence=_text(evidence))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def everything(desk: Desk) -> tuple[rules.Observation, ...]:
    """All that was observed of the rep, here and in the data, oldest first."""
    found = [*imported(desk.home, desk.record, [desk.rep_id]), *observed(desk.record, desk.rep_id)]
    return tuple(sorted(found, key=lambda one: one.day))


def held_back(desk: Desk, seen: Sequence[rules.Observation]) -> frozenset[str]:
    """Observations of others whose points the rep reads after scoring the same thing: own eyes first, then theirs.

    An order, not a secret: the rep may look without an own score at any time. What came with the data is open.
    """
    own = {(one.subject, one.form.template_id) for one in seen if one.is_self}
    return frozenset(
        one.obs_id
        for one in seen
        if SELF in desk.standing and not one.is_self and one.subject and not one.obs_id.startswith(IMPORTED)
        and (one.subject, one.form.template_id) not in own
    )  # fmt: skip


def _as_rule(one: kept.Observation, answers: Sequence[kept.Answer]) -> rules.Observation:
    known = {card.id: card for card in content().all(Scorecard)}
    found = known.get(one.template_id)
    if found is not None and found.version == one.template_version:
        form = form_of(found)
    else:
        items = tuple(rules.Item(answer.item_id, answer.competency_id) for answer in answers)
        form = rules.Form(one.template_id, one.template_version, items)
    given = {
        answer.item_id: rules.Answer(None if answer.value is None else int(answer.value), answer.na, answer.evidence)
        for answer in answers
    }
    subject = one.subject_deal_id or one.subject_activity_id or ""
    return rules.Observation(
        str(one.id), form, one.rep_id, one.observer_id, one.occurred_at.date(), given, subject, one.is_self
    )


def written(
    desk: Desk, card_id: str, day: date, subject: Subject | None, answers: Mapping[str, rules.Answer]
) -> rules.Observation:
    """What is being filled in, as the rules look at it. Whoever is the rep fills in a self-assessment."""
    as_rep = SELF in desk.standing
    observer = desk.rep_id if as_rep else desk.record.principal.person
    return rules.Observation(
        "", form_of(card(card_id)), desk.rep_id, observer, day, answers, subject.name if subject else "", as_rep
    )


def keep(
    desk: Desk, kind: str, card_id: str, day: date, subject: Subject | None, answers: Mapping[str, rules.Answer],
    *, key: str = "",
) -> tuple[kept.Observation | None, tuple[Remark, ...]]:  # fmt: skip
    """Keep a form that is filled in, or say what is missing in it; the same *key* again keeps nothing."""
    if kind not in KINDS:
        raise UsageError.unknown("kind of observation", kind, KINDS)
    found = written(desk, card_id, day, subject, answers)
    lacks = rules.lacking(found)
    if blocked(lacks):
        return None, lacks
    zone = desk.home.organisation.zone
    observation = kept.Observation(
        rep_id=desk.rep_id, key=key or uuid.uuid4().hex, template_id=found.form.template_id,
        template_version=found.form.version, observer_id=found.observer, is_self=found.is_self,
        occurred_at=datetime.combine(day, time(12), zone).astimezone(UTC), kind=kind.replace("_", ""),
        subject_deal_id=subject.name if subject and subject.source == "deal" else None,
        subject_activity_id=subject.name if subject and subject.source == "activity" else None,
    )  # fmt: skip
    lines = [
        kept.Answer(
            rep_id=desk.rep_id, observation_id=0, item_id=item.item_id, competency_id=item.competency,
            value=None if answer.na or answer.value is None else float(answer.value), na=answer.na,
            evidence=answer.evidence.strip(),
        )
        for item in found.form.items
        for answer in (answers[item.item_id],)
    ]  # fmt: skip
    return growth.observe(desk.record, observation, lines), lacks


def correctable(desk: Desk) -> tuple[kept.Observation, ...]:
    """Forms that whoever sits before the screen filled in and may put right, the newest first.

    Only in the version that the library has: a form that changed since has other items.
    """
    as_rep, person = SELF in desk.standing, desk.record.principal.person
    versions = {card.id: card.version for card in content().all(Scorecard)}
    return tuple(
        one
        for one in reversed(desk.record.readable(kept.Observation, desk.rep_id))
        if one.author == person and one.is_self == as_rep and versions.get(one.template_id) == one.template_version
    )


def correct(
    desk: Desk, observation: kept.Observation, answers: Mapping[str, rules.Answer]
) -> tuple[kept.Observation | None, tuple[Remark, ...]]:
    """Put the points and quotes of a saved form right, or say what is missing; what was said before stays readable.

    ConflictError when the form was corrected since *observation* was read; AccessDenied for anybody but its author.
    """
    subject = Subject("activity", observation.subject_deal_id or observation.subject_activity_id or "")
    found = written(desk, observation.template_id, observation.occurred_at.date(), subject, answers)
    lacks = rules.lacking(found)
    if blocked(lacks):
        return None, lacks
    with desk.record.write() as unit:
        stored = unit.save(observation, why="corrected")
        for line in unit.entries(kept.Answer, desk.rep_id, observation_id=observation.id):
            new = answers[line.item_id]
            value = None if new.na or new.value is None else float(new.value)
            unit.save(replace(line, value=value, na=new.na, evidence=new.evidence.strip()), why="corrected")
    return stored, lacks


def earlier(desk: Desk, obs_id: str) -> tuple[rules.Observation, ...]:
    """How a form of the record was filled in before it was corrected, the first time first."""
    if obs_id.startswith(IMPORTED):
        return ()
    with desk.record.read() as unit:
        versions = unit.versions(unit.get(kept.Observation, int(obs_id)))
        if len(versions) == 1:
            return ()
        lines = unit.readable(kept.Answer, desk.rep_id, observation_id=int(obs_id))
        # Every correction saves all lines with their form, so that one version of each belongs together.
        given = list(zip(*(unit.versions(line) for line in lines), strict=True))
    return tuple(_as_rule(one, answers) for one, answers in zip(versions[:-1], given, strict=False))


@dataclass(frozen=True)
class Pair:
    """How far two observers agree: weighted kappa and ICC of what both scored; the names of both, or none."""

    one: str
    other: str
    kappa: rules.Score
    consistency: rules.Score


@dataclass(frozen=True)
class Agreement:
    """What may be said to the reader about those who score."""

    pairs: tuple[Pair, ...]
    severities: Mapping[str, raters.Severity]
    advice: tuple[Remark, ...]
    named: bool


def subject_names(desk: Desk, seen: Collection[rules.Observation]) -> Mapping[str, str]:
    """Names of the deals among the subjects of *seen*, by id; a call is known by the name that both gave it."""
    deals = data_at(desk.home).deals
    asked = deals[deals["deal_id"].isin([one.subject for one in seen]) & deals["name"].notna()]
    return dict(zip(asked["deal_id"].astype(str), asked["name"].astype(str), strict=True))


def agreement(record: Record) -> Agreement | None:
    """Agreement of observers, as far as the reader may know it; None for somebody to whom it is not shown.

    A manager sees all who score their people; a coach sees only the pairs that the coach is one of; HR sees values
    without names, from five people observed on.
    """
    with record.read() as unit:
        seen = {one.rep_id: unit.access.standings(one.rep_id) for one in unit.readable(kept.Observation)}
        is_hr = HR in unit.access.standings("")
    managed = {rep for rep, standings in seen.items() if MANAGER in standings}
    coached = {rep for rep, standings in seen.items() if COACH in standings}
    if managed or coached:
        looked_at = [one for one in observed(record) if one.rep_id in managed | coached]
        return _agreement(looked_at, "" if managed >= coached else record.principal.person)
    return _agreement(_unnamed(record), "", named=False) if is_hr else None


def _agreement(observations: Sequence[rules.Observation], only: str, *, named: bool = True) -> Agreement:
    double = raters.double_scored(observations)
    names = sorted({observer for given in double.values() for observer in given})
    pairs = [pair for pair in combinations(names, 2) if not only or only in pair]
    if not named:
        pairs = [pair for pair in pairs if _people_of(observations, pair) >= FEWEST_UNNAMED]
    found = tuple(
        Pair(one, other, raters.agreement(double, one, other), raters.consistency(double, (one, other)))
        for one, other in pairs
    )
    severity = {name: one for name, one in raters.severities(double).items() if not only or name == only}
    return Agreement(found, severity, raters.scoring_advice(observations, severity if named else {}), named)


def _people_of(observations: Sequence[rules.Observation], pair: tuple[str, str]) -> int:
    """How many people both observers of a *pair* scored on the same subject."""
    seen = [{(one.rep_id, one.subject) for one in observations if one.observer == name} for name in pair]
    return len({person for person, _ in seen[0] & seen[1]})


def _unnamed(record: Record) -> list[rules.Observation]:
    """Points without names as observations, one for each form, subject and observer."""
    forms: dict[tuple[str, str, int, str, str], dict[str, rules.Answer]] = defaultdict(dict)
    for one in growth.unnamed_points(record):
        place = one.subject, one.template_id, one.version, one.person, one.observer
        forms[place][one.item_id] = rules.Answer(int(one.value))
    return [
        rules.Observation(
            str(number), rules.Form(template, version, tuple(rules.Item(item, "") for item in answers)),
            f"person {person}", f"observer {observer}", date.min, answers, subject,
        )
        for number, ((subject, template, version, person, observer), answers) in enumerate(forms.items())
    ]  # fmt: skip
