"""Scorecards on the desk: the library's forms, what was observed with them, and how far those who score agree.

The rules stand in :mod:`salescoach.coaching.scorecards` and :mod:`salescoach.coaching.raters`; here they meet the
record, which authorises every read and write again.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import combinations
from typing import Literal

from salescoach.coaching import raters
from salescoach.coaching import scorecards as rules
from salescoach.coaching.content import Scorecard
from salescoach.coaching.from_library import form as form_of
from salescoach.coaching.remarks import Remark, blocked
from salescoach.errors import UsageError
from salescoach.meetings import Desk
from salescoach.review import content
from salescoach.store import Record
from salescoach.store import models as kept
from salescoach.store.policy import COACH, HR, MANAGER, SELF
from salescoach.store.service import growth

FEWEST_UNNAMED = 5
"""People whom a pair of observers must have scored in common before HR reads how far the two agree."""
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
    """Keep a form that is filled in, or say what is missing in it; the same *key* again keeps nothing.

    Points and quotes are final: what one said about a call is not rewritten when the other has said something else.
    """
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
