"""Development plans, mentors, training and recognition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import (
    ORGANISATION,
    Entry,
    Line,
    Name,
    Names,
    OneOf,
    Person,
    Refers,
    Said,
    Words,
    entity,
)
from salescoach.store.policy import ADMIN, COACH, MANAGER, MEMBER, SELF, Policy, who

TOGETHER = Policy(
    read=who(SELF, COACH, MANAGER),
    add=who(SELF, COACH, MANAGER),
    change=who(SELF, COACH, MANAGER),
    fields={"signed_rep_at": who(SELF), "signed_manager_at": who(MANAGER, COACH)},
)
GIVEN = Policy(read=who(SELF, COACH, MANAGER), add=who(COACH, MANAGER), change=who(COACH, MANAGER))


@entity("development_plan", policy=TOGETHER, keeps_versions=True)
class DevelopmentPlan(Entry):
    """Where somebody wants to go, and by when; the steps are entries of their own."""

    motivation: Words
    target_role: Name | None = None
    target_level: int | None = None
    horizon: date | None = None
    signed_rep_at: datetime | None = None
    signed_manager_at: datetime | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """What one signed is what stands there: a changed aim is signed anew by both."""
        aim = ("motivation", "target_role", "target_level", "horizon")
        if before and any(getattr(before, name) != getattr(self, name) for name in aim):
            return replace(self, signed_rep_at=None, signed_manager_at=None)
        return self


@entity("plan_step", policy=TOGETHER)
class PlanStep(Entry):
    """An experience, an exposure or a piece of education, with its date and its proof."""

    plan_id: Annotated[int, Refers("development_plan")]
    competency_id: Name
    action: Said
    kind: Annotated[str, OneOf("experience exposure education")]
    due: date | None = None
    status: Annotated[str, OneOf("open in_progress done dropped")] = "open"
    evidence: Line = ""


@entity("mentor_pair", policy=GIVEN)
class MentorPair(Entry):
    """*rep_id* is the mentee; the pair holds from ``valid_from`` until before ``valid_to``."""

    mentor_id: Person
    valid_from: date
    valid_to: date | None = None
    competency_id: Name | None = None


@entity("training_completion", policy=GIVEN, unique=("rep_id course_id assigned_at",))
class TrainingCompletion(Entry):
    """Which training somebody was to take, and did. ``hours`` is the time spent, ``grade`` as given."""

    course_id: Name
    assigned_at: datetime
    status: Annotated[str, OneOf("assigned started completed cancelled")] = "assigned"
    due: date | None = None
    completed_at: datetime | None = None
    hours: float | None = None
    grade: float | None = None
    expires: date | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """What is completed was completed at some moment."""
        if (self.status == "completed") != (self.completed_at is not None):
            raise UsageError("A training that is completed has the moment at which it was; no other has one.")
        return self


@entity("recognition", policy=Policy(
    read=who(SELF, COACH, MANAGER), add=who(COACH, MANAGER), change=who(COACH, MANAGER),
    fields={"public": who(SELF)},
))  # fmt: skip
class Recognition(Entry):
    """What somebody is thanked for, and on what evidence; it goes on the wall only when they say so."""

    reason: Said
    evidence_refs: Names
    badge_id: Name | None = None
    public: bool = False

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Nobody is put on the wall by somebody else."""
        if before is None and self.public:
            raise UsageError("Recognition is private until the person agrees to show it. Give it first, then ask.")
        return self


@entity(
    "improvement_cycle",
    policy=Policy(read=who(MEMBER), add=who(COACH, MANAGER, ADMIN), change=who(COACH, MANAGER, ADMIN)),
    keeps_versions=True,
)
class ImprovementCycle(Entry):
    """One turn of plan, do, check, act of a team; it is about nobody in particular."""

    title: Said
    plan: Words
    do: Words = ""
    check: Words = ""
    act: Words = ""
    metric_id: Name | None = None
    team_id: Name | None = None
    status: Annotated[str, OneOf("plan do check act closed")] = "plan"

    def settled(self, before: Self | None, now: datetime) -> Self:
        """A cycle is a team's."""
        _check_about_nobody(self, "improvement cycle")
        return self


@entity(
    "experiment_card",
    policy=Policy(read=who(MEMBER), add=who(COACH, MANAGER, ADMIN), change=who(COACH, MANAGER, ADMIN)),
)
class ExperimentCard(Entry):
    """What is tried, what is expected, when it is looked at: written before the result is known."""

    cycle_id: Annotated[int, Refers("improvement_cycle")]
    hypothesis: Said
    metric_id: Name
    expected_effect: float
    start: date
    look_on: date
    result: Line = ""
    verdict: Annotated[str, OneOf("open keep change stop")] = "open"

    def settled(self, before: Self | None, now: datetime) -> Self:
        """The expectation stays as it was written."""
        if before and (before.hypothesis, before.expected_effect) != (self.hypothesis, self.expected_effect):
            raise UsageError("What was expected is not rewritten afterwards. Write a new card.")
        _check_about_nobody(self, "experiment card")
        return self


def _check_about_nobody(entry: Entry, what: str) -> None:
    if entry.rep_id != ORGANISATION:
        raise UsageError(f"An {what} is about the team's work, not about {entry.rep_id}. Leave rep_id empty.")
