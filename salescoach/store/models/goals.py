"""Goals, the key steps towards them, and feedback."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Line, Name, Names, OneOf, Person, Refers, Said, Words, entity
from salescoach.store.policy import AUTHOR, COACH, HR, MANAGER, SELF, Policy, who

AGREED = Policy(
    read=who(SELF, COACH, MANAGER),
    add=who(SELF, COACH, MANAGER),
    change=who(SELF, COACH, MANAGER),
    fields={"accepted_rep_at": who(SELF), "accepted_coach_at": who(COACH, MANAGER)},
)
_PROMISE = ("text", "metric_id", "kind", "baseline", "target", "start", "due", "direction", "review_on")


@entity("goal", policy=AGREED, months=24, keeps_versions=True)
class Goal(Entry):
    """A goal that coach and rep propose and accept; each change of what is promised is a version to accept anew.

    ``baseline`` has its interval and n. ``parent_id`` is the team's goal it serves, ``review_on`` the dates
    (ISO) on which both look at it. A team's goal has the rep_id of nobody and its team in ``team_id``.
    """

    text: Said
    kind: Annotated[str, OneOf("outcome behaviour")]
    target: float
    due: date
    metric_id: Name | None = None
    unit: Name | None = None
    baseline: float | None = None
    baseline_low: float | None = None
    baseline_high: float | None = None
    baseline_n: int | None = None
    start: date | None = None
    direction: Annotated[str, OneOf("up down")] = "up"
    review_on: Names = ()
    pair_id: Annotated[int, Refers("goal")] | None = None
    parent_id: Annotated[int, Refers("goal")] | None = None
    team_id: Name | None = None
    template_id: Name | None = None
    status: Annotated[str, OneOf("draft proposed signed met missed dropped")] = "draft"
    reason: Said | None = None
    accepted_rep_at: datetime | None = None
    accepted_coach_at: datetime | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """What one accepted is what stands there: a changed promise is proposed again."""
        if self.status == "dropped" and self.reason is None:
            raise UsageError("A goal is dropped for a reason. Say in a few words why.")
        goal = self
        if before and any(getattr(before, name) != getattr(self, name) for name in _PROMISE):
            goal = replace(
                goal,
                accepted_rep_at=_fresh(before.accepted_rep_at, self.accepted_rep_at),
                accepted_coach_at=_fresh(before.accepted_coach_at, self.accepted_coach_at),
                status="proposed" if self.status == "signed" else self.status,
            )
        if goal.status == "proposed" and goal.accepted_rep_at and goal.accepted_coach_at:
            goal = replace(goal, status="signed")
        if goal.status == "signed" and not (goal.accepted_rep_at and goal.accepted_coach_at):
            raise UsageError("A goal is signed when both have accepted it. Propose it first.")
        return goal


def _fresh(before: datetime | None, after: datetime | None) -> datetime | None:
    """An acceptance that came with the change itself; one from before does not count."""
    return after if after != before else None


@entity("key_step", policy=AGREED)
class KeyStep(Entry):
    """A leading indicator or a step on the way to a goal."""

    goal_id: Annotated[int, Refers("goal")]
    place: int
    text: Said
    metric_id: Name | None = None
    target: float | None = None
    due: date | None = None
    status: Annotated[str, OneOf("open done dropped")] = "open"


@entity(
    "feedback",
    policy=Policy(
        read=who(SELF, COACH, MANAGER),
        add=who(SELF, COACH, MANAGER),
        change=who(AUTHOR),
        fields={
            "reply_text": who(SELF),
            "dispute_text": who(SELF),
            "dispute_status": who(SELF, MANAGER, HR),
            "decision_text": who(MANAGER, HR),
            "decided_by": who(MANAGER, HR),
            "reply_at": who(SELF),
        },
    ),
    keeps_versions=True,
)
class Feedback(Entry):
    """A strength, something to develop or a suggestion, with the evidence it rests on.

    ``evidence_refs`` name what it rests on, as ``metric:win_rate``, ``observation:12``, ``deal:D7`` or
    ``survey:S1``. A dispute keeps the texts of both sides.
    """

    kind: Annotated[str, OneOf("strength development suggestion")]
    text: Words
    evidence_refs: Names
    about_event_at: datetime | None = None
    one_on_one_id: Annotated[int, Refers("one_on_one")] | None = None
    reply_text: Words = ""
    reply_at: datetime | None = None
    dispute_status: Annotated[str, OneOf("none open upheld declined")] = "none"
    dispute_text: Words = ""
    decision_text: Line = ""
    decided_by: Person | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Feedback cites evidence; a dispute is opened with a text and closed with reasons."""
        if not self.evidence_refs:
            raise UsageError("Feedback rests on evidence. Name a metric, an observation, a deal or a survey.")
        if self.dispute_status == "open" and not self.dispute_text.strip():
            raise UsageError("A dispute says what is wrong. Write it in your own words.")
        if self.dispute_status in ("upheld", "declined") and not self.decision_text.strip():
            raise UsageError("A dispute is decided with reasons. Write them down; both texts stay.")
        if self.dispute_status in ("upheld", "declined") and self.decided_by == (before or self).author:
            raise UsageError("A dispute is decided by somebody other than the author of the feedback.")
        return self
