"""What HR, an analyst and an administrator may know: that coaching takes place and that people's rights are kept.

Never a word of a one-on-one, and nothing of a single person's coaching: groups below five are put together, or
left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from salescoach.store.models import ORGANISATION, OneOnOne
from salescoach.store.models.control import AUDIT, PERSON
from salescoach.store.policy import ADMIN, ANALYST, HR, Standings, who
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit

OVERSEERS = who(HR, ANALYST, ADMIN)
FEWEST_IN_GROUP = 5
TOGETHER = ""
"""Name of the groups that are too small to be told apart, put together."""


@dataclass(frozen=True)
class GroupCoaching:
    """Of the ``people`` of a group, so many were ``met``; of the meetings ``held`` with them, so many ``signed``."""

    group: str
    people: int
    met: int
    held: int
    signed: int


@dataclass(frozen=True)
class Handed:
    """A person's data were ``exported`` or ``erased``; ``person`` is empty once nobody knows any more whose."""

    at: datetime
    act: str
    person: str


def standing(record: Record) -> Standings:
    """As which of :data:`OVERSEERS` the principal stands to anybody; empty for somebody who oversees nothing."""
    with record.read() as unit:
        return unit.access.standings(ORGANISATION) & OVERSEERS


def coaching_by_group(record: Record, group_of: Mapping[str, str], since: datetime) -> tuple[GroupCoaching, ...]:
    """How much coaching each group has had since a moment, for whoever oversees all of its people.

    Groups below :data:`FEWEST_IN_GROUP` are one group, :data:`TOGETHER`; is that too small as well, it is left out.
    A total is not given: less all the others, it would tell what was left out.
    """
    with record.read() as unit:
        members: dict[str, set[str]] = defaultdict(set)
        for rep, group in group_of.items():
            members[group].add(rep)
        mine = {
            group: people
            for group, people in members.items()
            if all(unit.access.standings(rep) & OVERSEERS for rep in people)
        }
        held = [one for one in unit.stored(OneOnOne, status="held") if one.held_at is not None and one.held_at >= since]
    told: dict[str, set[str]] = defaultdict(set)
    for group, people in mine.items():
        told[group if group and len(people) >= FEWEST_IN_GROUP else TOGETHER] |= people
    return tuple(
        _counted(group, people, [one for one in held if one.rep_id in people])
        for group, people in sorted(told.items())
        if len(people) >= FEWEST_IN_GROUP
    )


def _counted(group: str, people: set[str], held: list[OneOnOne]) -> GroupCoaching:
    met = len({one.rep_id for one in held})
    return GroupCoaching(group, len(people), met, len(held), sum(one.is_closed for one in held))


def handed(record: Record) -> tuple[Handed, ...]:
    """Whose data were written out or erased, the newest first; for HR and administrators of those people.

    Of an erasure nobody knows whose it was: that it took place is told to whoever has one of the two roles.
    """
    with record.read() as unit:
        if not unit.access.standings(ORGANISATION) & {HR, ADMIN}:
            raise unit.access.denied("read", "person")
        query = (
            select(AUDIT.c.at, AUDIT.c.act, PERSON.c.person_id)
            .outerjoin(PERSON, PERSON.c.token == AUDIT.c.subject)
            .where(AUDIT.c.kind == "person", AUDIT.c.act.in_(("exported", "erased")))
            .order_by(AUDIT.c.seq.desc())
        )
        found = [Handed(row.at, row.act, row.person_id or "") for row in unit.session.execute(query)]
        return tuple(one for one in found if not one.person or _oversees(unit, one.person))


def _oversees(unit: Unit, person: str) -> bool:
    return bool(unit.access.standings(person) & {HR, ADMIN})
