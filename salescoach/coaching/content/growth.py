"""What people grow by: competencies, scorecards, goals, training, career paths, recognition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from salescoach.coaching.content.item import ROLES, Item
from salescoach.coaching.content.text import NO_TEXT, Count, OneOf, Slots, Text, Within

THEMES = ("product", "technique", "relationship", "process", "collaboration")
OBSERVED = ("call", "discovery", "demo", "negotiation", "visit", "role_play", "deal")
TOPICS = ("product", "technique", "relationship", "tool")
SPACING = (2, 7, 21, 60)
GOAL_THEMES = ("result", "driver", "customer", "collaboration", "development")
GOAL_SLOTS = frozenset({"baseline", "target", "due"})
GATES = ("none", "signal")
BASES = ("behaviour", "personal_best", "streak", "outcome", "team", "ramp")
CERTIFICATE_SLOTS = frozenset({"rep", "date", "reason", "evidence"})


@dataclass(frozen=True, kw_only=True)
class Competency(Item):
    """A skill with what each of its five levels looks like, and the level expected of each role.

    ``levels`` go from aware over practises with help, independent, teaches, to shapes. A role that is not in
    ``expected`` does not need it.
    """

    theme: Annotated[str, OneOf(THEMES)]
    title: Text
    definition: Text
    levels: Annotated[tuple[Text, ...], Count(5, 5)]
    expected: Annotated[Mapping[str, int], Within(1, 5)]


@dataclass(frozen=True)
class ScorecardItem:
    """One thing to observe, with a text for each level from 1 to 5.

    ``weight`` counts within this form only. ``guide`` says what to look for and what does not count.
    """

    id: str
    competency: str
    weight: Annotated[int, Within(1, 5)]
    text: Text
    guide: Text
    anchors: Annotated[tuple[Text, ...], Count(5, 5)]


@dataclass(frozen=True, kw_only=True)
class Scorecard(Item):
    """An observation form. A published version is frozen; a change is a new version.

    Attributes
    ----------
    observed : what it is used for
    quote_for : points for which the observer has to quote what was said or done
    not_observed : whether an item may be left out as not observed; it is then dropped and the rest re-weighted
    items : five to eight things to observe
    """

    observed: Annotated[tuple[str, ...], OneOf(OBSERVED), Count(1, len(OBSERVED))]
    title: Text
    purpose: Text
    items: Annotated[tuple[ScorecardItem, ...], Count(5, 8)]
    quote_for: Annotated[tuple[int, ...], Within(1, 5)] = (1, 5)
    not_observed: bool = True


@dataclass(frozen=True, kw_only=True)
class GoalTemplate(Item):
    """A goal to be filled in: one metric, or one verb with its object.

    Attributes
    ----------
    kind : ``outcome`` is bound to a metric, ``behaviour`` to a verb and an object that can be counted
    theme : what it belongs to; goals of theme ``driver`` name their driver
    text : sentence with the slots ``baseline``, ``target`` and ``due``
    metric : of an outcome goal, else empty
    verb, object : of a behaviour goal; an outcome goal has neither
    unit : what the target counts
    direction : which way is better
    days : usual horizon
    exposures : how many chances are needed before a change could be seen, and ``exposure`` is what they are
    pair : id of the other goal of the pair (outcome and behaviour)
    conflicts : metrics that could get worse by it and are watched beside it
    road_map : metrics on the way to it, nearest first
    """

    kind: Annotated[str, OneOf(("outcome", "behaviour"))]
    theme: Annotated[str, OneOf(GOAL_THEMES)]
    title: Text
    text: Annotated[Text, Slots(GOAL_SLOTS)]
    unit: Annotated[str, OneOf(("share", "count", "money", "days", "minutes", "points", "ratio"))]
    direction: Annotated[str, OneOf(("up", "down"))]
    days: Annotated[int, Within(14, 365)]
    exposures: Annotated[int, Within(1, 1000)]
    exposure: Text
    metric: str = ""
    verb: Text = NO_TEXT
    object: Text = NO_TEXT
    pair: str = ""
    conflicts: tuple[str, ...] = ()
    road_map: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Course(Item):
    """A training; ``minutes`` is its length.

    ``recall`` are four short tasks, for the days of :data:`SPACING` after the course. ``check`` says how one sees in
    the work whether it helped.
    """

    topic: Annotated[str, OneOf(TOPICS)]
    title: Text
    summary: Text
    practice: Text
    recall: Annotated[tuple[Text, ...], Count(len(SPACING), len(SPACING))]
    check: Text


@dataclass(frozen=True)
class CareerStep:
    """One step of the way: by experience, by exposure to others, or by education; ``proof`` shows that it is done."""

    kind: Annotated[str, OneOf(("experience", "exposure", "education"))]
    text: Text
    proof: Text


@dataclass(frozen=True, kw_only=True)
class CareerPath(Item):
    """From one role to another: what changes, the levels that are needed, and steps with their proof."""

    from_role: Annotated[str, OneOf(ROLES)]
    to_role: Annotated[str, OneOf((*ROLES, "Presales", "Analyst", "Coach"))]
    title: Text
    changes: Text
    stays: Text
    needed: Annotated[Mapping[str, int], Within(1, 5)]
    steps: Annotated[tuple[CareerStep, ...], Count(3, 6)]
    asked: Annotated[tuple[Text, ...], Count(3, 5)]


@dataclass(frozen=True, kw_only=True)
class Recognition(Item):
    """A reason to recognise somebody, known beforehand, with the rule that decides and the words of a certificate.

    Attributes
    ----------
    basis : what it rests on; ``outcome`` always stands behind the gate ``signal``
    gate : ``signal`` needs a reliable difference, ``none`` is for what was seen or counted
    days, at_least : window and number of times of the rule
    rule : the rule in words
    kudos, certificate : texts with slots; shown to others only with consent
    """

    basis: Annotated[str, OneOf(BASES)]
    gate: Annotated[str, OneOf(GATES)]
    days: Annotated[int, Within(7, 365)]
    at_least: Annotated[int, Within(1, 100)]
    title: Text
    rule: Text
    kudos: Annotated[Text, Slots(CERTIFICATE_SLOTS)]
    certificate: Annotated[Text, Slots(CERTIFICATE_SLOTS)]
