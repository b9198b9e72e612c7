"""Observations, plans and recognition as steps of the record: each is one transaction.

What is asked here beyond single entries is answered with less than the entries say: that somebody agreed, what
people put on the wall themselves, points without names.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from salescoach.coaching.recognition import GroupShare, by_group
from salescoach.store.models import Answer, Consent, DevelopmentPlan, Observation, Recognition
from salescoach.store.policy import ADMIN, COACH, HR, MANAGER, SELF
from salescoach.store.service.one_on_ones import Side
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit

Purpose = Literal["wall", "mentor", "mentee"]
PURPOSES: tuple[Purpose, ...] = ("wall", "mentor", "mentee")


def observe(record: Record, observation: Observation, answers: Sequence[Answer]) -> Observation:
    """Keep a filled-in form with all its answers, or nothing of it. The same ``key`` again keeps nothing."""
    with record.write() as unit:
        kept = unit.add(observation)
        if not unit.entries(Answer, kept.rep_id, observation_id=kept.id):
            for answer in answers:
                unit.add(replace(answer, observation_id=kept.id, key=f"{kept.key}-{answer.item_id}"))
        return kept


def sign_plan(record: Record, plan: DevelopmentPlan, side: Side) -> DevelopmentPlan:
    """One side signs what it has read; ConflictError when the plan changed since."""
    with record.write() as unit:
        if side == "rep":
            return unit.save(replace(plan, signed_rep_at=unit.now), why="signed as rep")
        return unit.save(replace(plan, signed_manager_at=unit.now), why="signed as coach")


# -- consent ---------------------------------------------------------------------------------------


def agree(record: Record, rep_id: str, purpose: Purpose) -> Consent:
    """The person agrees to something optional; agreeing twice is agreeing once."""
    with record.write() as unit:
        return _agree(unit, rep_id, purpose)


def _agree(unit: Unit, rep_id: str, purpose: Purpose) -> Consent:
    if SELF not in unit.access.standings(rep_id):
        raise unit.access.denied("add", "consent")  # a yes is the person's own, also where somebody may write
    given = [one for one in unit.entries(Consent, rep_id, purpose=purpose) if one.withdrawn_at is None]
    return given[0] if given else unit.add(Consent(rep_id=rep_id, purpose=purpose, given_at=unit.now))


def withdraw(record: Record, rep_id: str, purpose: Purpose) -> None:
    """The person takes a consent back. It holds from this moment: what was on the wall is off it."""
    with record.write() as unit:
        for one in unit.entries(Consent, rep_id, purpose=purpose):
            if one.withdrawn_at is None:
                unit.save(replace(one, withdrawn_at=unit.now), why="withdrawn")
        if purpose == "wall":
            for shown in unit.entries(Recognition, rep_id, public=True):
                unit.save(replace(shown, public=False), why="withdrawn")


def agreed(record: Record, purpose: Purpose, people: Collection[str]) -> frozenset[str]:
    """Who of *people* agreed to *purpose* and did not take it back; only about those the principal stands to.

    Says no more than yes: when and in which words stays between the person and HR.
    """
    with record.read() as unit:
        wanted = {SELF, COACH, MANAGER, HR, ADMIN}
        asked = {one for one in people if unit.access.standings(one) & wanted}
        return frozenset(asked & _agreed(unit, purpose))


def _agreed(unit: Unit, purpose: Purpose) -> set[str]:
    return {one.rep_id for one in unit.stored(Consent, purpose=purpose) if one.withdrawn_at is None}


# -- recognition -----------------------------------------------------------------------------------


def show(record: Record, recognition: Recognition) -> Recognition:
    """The person puts their recognition on the wall, and with it agrees that others read it."""
    with record.write() as unit:
        _agree(unit, recognition.rep_id, "wall")
        return unit.save(replace(recognition, public=True), why="shown on the wall")


def hide(record: Record, recognition: Recognition) -> Recognition:
    """The person takes one recognition off the wall; the others stay."""
    return record.save(replace(recognition, public=False), why="taken off the wall")


def wall(record: Record) -> tuple[Recognition, ...]:
    """What people put on the wall themselves, the newest first: everybody who is signed in may read it.

    Both have to hold, the mark on the entry and a consent that was not taken back.
    """
    with record.read() as unit:
        willing = _agreed(unit, "wall")
        shown = unit.stored(Recognition, public=True)
        return tuple(sorted((one for one in shown if one.rep_id in willing), key=lambda one: -one.id))


def recognised_by_group(record: Record, group_of: Mapping[str, str]) -> tuple[GroupShare, ...]:
    """Part of each group that was recognised, for whoever stands as manager or HR to all of a group.

    Groups below five have no share, so no person shows through; none has one before the record knows of recognition.
    """
    with record.read() as unit:
        allowed = {
            group
            for group in set(group_of.values())
            if all(unit.access.standings(rep) & {MANAGER, HR, ADMIN} for rep, of in group_of.items() if of == group)
        }
        mine = {rep: group for rep, group in group_of.items() if group in allowed}
        kept = unit.stored(Recognition)
        return by_group(mine, [one.rep_id for one in kept if one.rep_id in mine] if kept else None)


# -- points without names --------------------------------------------------------------------------


@dataclass(frozen=True)
class Points:
    """Points for one item of a form about one subject, by an observer; people are numbers without meaning."""

    subject: str
    template_id: str
    version: int
    person: str
    observer: str
    item_id: str
    value: float


def unnamed_points(record: Record) -> tuple[Points, ...]:
    """All points given by others about people to whom the principal stands as HR; from five people on, else none."""
    with record.read() as unit:
        seen = {
            one.id: one
            for one in unit.stored(Observation, is_self=False)
            if HR in unit.access.standings(one.rep_id) and (one.subject_deal_id or one.subject_activity_id)
        }
        answers = [one for one in unit.stored(Answer) if one.observation_id in seen and one.value is not None]
    reps = _numbered({one.rep_id for one in seen.values()})
    observers = _numbered({one.observer_id for one in seen.values()})
    subjects = _numbered({one.subject_deal_id or one.subject_activity_id or "" for one in seen.values()})
    if len(reps) < 5:
        return ()
    return tuple(
        Points(
            subjects[one.subject_deal_id or one.subject_activity_id or ""], one.template_id, one.template_version,
            reps[one.rep_id], observers[one.observer_id], answer.item_id, answer.value or 0.0,
        )
        for answer in answers
        for one in (seen[answer.observation_id],)
    )  # fmt: skip


def _numbered(names: Collection[str]) -> Mapping[str, str]:
    return {name: str(number) for number, name in enumerate(sorted(names), 1)}
