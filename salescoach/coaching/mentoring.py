"""Who could be a mentor to whom: complementary strengths that are credible, within everybody's load, by consent.

A proposal for people to talk about. Nobody mentors in their own reporting line, where a question could become a mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

CREDIBLE = 0.80
"""Probability of being clearly above the peers from which a strength can be passed on."""

Why = Literal["no_consent", "no_strength", "no_room"]


@dataclass(frozen=True)
class Mentor:
    """Somebody who could help. ``strengths``: probability by competency; ``load`` of at most ``limit`` mentees now."""

    rep_id: str
    strengths: Mapping[str, float]
    consents: bool
    load: int = 0
    limit: int = 2

    @property
    def room(self) -> int:
        """Mentees that can be taken on."""
        return max(self.limit - self.load, 0)


@dataclass(frozen=True)
class Mentee:
    """Somebody who wants help. ``needs``: weight by competency, for example the size of the gap."""

    rep_id: str
    needs: Mapping[str, float]
    consents: bool


@dataclass(frozen=True)
class Pairing:
    """A proposal: the competencies in which the mentor's strength answers the need, the surest first."""

    mentee: str
    mentor: str
    competencies: tuple[str, ...]
    probability: float


@dataclass(frozen=True)
class Matches:
    """Proposals, and why the others have none: a key of ``development.unmatched``."""

    pairs: tuple[Pairing, ...]
    without: Mapping[str, Why]

    def reason(self, mentee: str) -> str:
        """Key of the sentence that says why *mentee* has no mentor."""
        return f"development.unmatched.{self.without[mentee]}"


def in_line(one: str, other: str, manager_of: Mapping[str, str]) -> bool:
    """One of the two stands above the other, at whatever distance; a loop in the data ends the search.

    >>> manager_of = {"Ali": "Elif", "Elif": "Can"}
    >>> in_line("Ali", "Can", manager_of), in_line("Can", "Ali", manager_of), in_line("Ali", "Naz", manager_of)
    (True, True, False)
    """
    return other in _above(one, manager_of) or one in _above(other, manager_of)


def _above(person: str, manager_of: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    while (manager := manager_of.get(person)) is not None and manager not in found:
        found.add(manager)
        person = manager
    return found


def matches(mentees: Sequence[Mentee], mentors: Sequence[Mentor], manager_of: Mapping[str, str]) -> Matches:
    """The pairs that together answer most of the needs, each mentor within the room there is.

    A pair counts the need's weight times the probability of the strength, over competencies in which the strength is
    credible. Assignment of the most worth (Kuhn 1955), a mentor with room for two standing there twice. The order of
    the people changes nothing.
    """
    from scipy.optimize import linear_sum_assignment  # 100 ms that only this needs

    people = sorted((one for one in mentees if one.consents), key=lambda one: one.rep_id)
    places = [one for one in sorted(mentors, key=lambda one: one.rep_id) if one.consents for _ in range(one.room)]
    worth = np.array([[_worth(mentee, mentor, manager_of) for mentor in places] for mentee in people])
    pairs: list[Pairing] = []
    if worth.size:
        for row, column in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if worth[row, column] > 0:
                pairs.append(_pairing(people[row], places[column]))
    found = {pair.mentee for pair in pairs}
    why = {one.rep_id: _why(one, mentors, manager_of) for one in mentees if one.rep_id not in found}
    return Matches(tuple(pairs), why)


def _shared(mentee: Mentee, mentor: Mentor) -> tuple[str, ...]:
    able = [skill for skill in mentee.needs if mentee.needs[skill] > 0 and mentor.strengths.get(skill, 0.0) > CREDIBLE]
    return tuple(sorted(able, key=lambda skill: (-mentee.needs[skill] * mentor.strengths[skill], skill)))


def _worth(mentee: Mentee, mentor: Mentor, manager_of: Mapping[str, str]) -> float:
    if mentee.rep_id == mentor.rep_id or in_line(mentee.rep_id, mentor.rep_id, manager_of):
        return 0.0
    return sum(mentee.needs[skill] * mentor.strengths[skill] for skill in _shared(mentee, mentor))


def _pairing(mentee: Mentee, mentor: Mentor) -> Pairing:
    skills = _shared(mentee, mentor)
    return Pairing(mentee.rep_id, mentor.rep_id, skills, mentor.strengths[skills[0]])


def _why(mentee: Mentee, mentors: Sequence[Mentor], manager_of: Mapping[str, str]) -> Why:
    if not mentee.consents:
        return "no_consent"
    able = any(one.consents and _worth(mentee, one, manager_of) > 0 for one in mentors)
    return "no_room" if able else "no_strength"
