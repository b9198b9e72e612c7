"""One-on-ones and what belongs to them: agenda, numbers shown, private notes, drafts; notes and promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Limit, Line, Name, OneOf, Person, Refers, Said, Words, entity
from salescoach.store.policy import (
    AUTHOR,
    COACH,
    EXECUTIVE,
    HR,
    MANAGER,
    OWN_WORDS,
    SELF,
    SHARED,
    Policy,
    who,
)
from salescoach.store.records import CLOSED

KINDS_OF_MEETING = "weekly pipeline skill forecast career new_hire_30 new_hire_60 new_hire_90 recovery group"
PRIVATE_LIMIT = 2_000  # characters: a private note is a reminder, not a file on somebody
MEETING = Policy(
    read=who(SELF, COACH, EXECUTIVE),
    add=who(SELF, COACH),
    change=who(SELF, COACH),
    fields={"signed_rep_at": who(SELF), "signed_coach_at": who(COACH), "rating": who(SELF)},
)


@entity("one_on_one", policy=MEETING, unique=("rep_id number",), keeps_versions=True)
class OneOnOne(Entry):
    """A meeting of a coach and a rep, from its planning to the signatures of both.

    ``number`` counts a rep's meetings from 1; 0 lets the record choose the next. ``duration_s`` is in seconds.
    """

    kind: Annotated[str, OneOf(KINDS_OF_MEETING)]
    coach_id: Person
    number: int = 0
    status: Annotated[str, OneOf("planned held cancelled missed")] = "planned"
    planned_at: datetime | None = None
    held_at: datetime | None = None
    duration_s: float | None = None
    brief_run_id: Name | None = None
    evidence_kind: Annotated[str, OneOf("metric observation deal survey")] | None = None
    evidence_ref: Name | None = None
    skill_commitment: Line = ""
    deal_id: Name | None = None
    deal_step: Line = ""
    rating: int | None = None
    signed_rep_at: datetime | None = None
    signed_coach_at: datetime | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """A meeting that was held has its moment; what is signed by both no longer changes."""
        if self.status != "held" and (self.signed_rep_at or self.signed_coach_at):
            raise UsageError("Only a meeting that was held can be signed. Set its status to held first.")
        if before and before.is_closed:
            raise UsageError(
                f"Meeting {before.number} is signed by both and no longer changes. Write an addition into the next one."
            )
        if before and _content(before) != _content(self):
            return self.reopened()
        return self

    @property
    def is_closed(self) -> bool:
        """Signed by both."""
        return bool(self.signed_rep_at and self.signed_coach_at)

    def reopened(self) -> Self:
        """Without signatures: nobody signed what now stands there."""
        return replace(self, signed_rep_at=None, signed_coach_at=None)


def _content(meeting: OneOnOne) -> tuple[object, ...]:
    return (
        meeting.status, meeting.held_at, meeting.evidence_kind, meeting.evidence_ref,
        meeting.skill_commitment, meeting.deal_id, meeting.deal_step,
    )  # fmt: skip


@entity("shared_note", policy=SHARED, unique=("one_on_one_id",), keeps_versions=True)
class SharedNote(Entry):
    """What both may read of a meeting; kept apart from it, because a manager reads it only by the switch."""

    PART_OF = "one_on_one_id"

    one_on_one_id: Annotated[int, Refers("one_on_one")]
    text: Words


@entity(
    "agenda_item",
    policy=Policy(read=who(SELF, COACH, EXECUTIVE), add=who(SELF, COACH), change=who(SELF, COACH)),
    unique=("one_on_one_id by place",),
    checks={"place": "place >= 1 AND (\"by\" = 'rep' AND place <= 3 OR \"by\" = 'manager' AND place = 1)"},
)
class AgendaItem(Entry):
    """A point of the agenda: up to three are the rep's, one is the manager's. An empty text takes it off."""

    PART_OF = "one_on_one_id"

    one_on_one_id: Annotated[int, Refers("one_on_one")]
    by: Annotated[str, OneOf("rep manager")]
    place: int
    text: Line
    outcome: Line = ""

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Three places are the rep's, one is the manager's."""
        if not 1 <= self.place <= (3 if self.by == "rep" else 1):
            raise UsageError("The agenda has three items of the rep and one of the manager. Take one off first.")
        return self


@entity("shown_number", policy=MEETING, unique=("one_on_one_id metric_id",))
class ShownNumber(Entry):
    """A figure that was on the table, with all that is needed to read it: n, interval, where it came from."""

    PART_OF = "one_on_one_id"

    one_on_one_id: Annotated[int, Refers("one_on_one")]
    metric_id: Name
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    na_reason: Name | None = None
    run_id: Name | None = None


@entity("private_note", policy=OWN_WORDS)
class PrivateNote(Entry):
    """A note that only its author reads, and the person it is about on request."""

    text: Annotated[str, Limit(PRIVATE_LIMIT)]
    one_on_one_id: Annotated[int, Refers("one_on_one")] | None = None


@entity("draft", policy=replace(OWN_WORDS, add=OWN_WORDS.add | {HR}), months=3)  # HR writes answers to objections
class Draft(Entry):
    """What somebody is writing in a form and has not saved yet; ``form`` and ``key`` name the place."""

    form: Name
    text: Words


@entity("note", policy=SHARED, unique=("rep_id period",), keeps_versions=True)
class PeriodNote(Entry):
    """The shared note of one rep and one period, whoever writes it."""

    period: Name
    period_start: date
    text: Words


@entity(
    "action_item",
    policy=Policy(
        read=who(SELF, COACH, MANAGER),
        add=who(SELF, COACH, MANAGER),
        change=who(SELF, COACH, AUTHOR),
    ),
    checks={
        "dropped_has_reason": "status <> 'dropped' OR reason IS NOT NULL",
        "closed_at": "(closed_at IS NOT NULL) = (status IN ('done', 'dropped'))",
    },
    keeps_versions=True,
)
class ActionItem(Entry):
    """Something that was promised; ``period`` is the one in which it was raised."""

    period: Name
    period_start: date
    text: Said
    owner_id: Person
    one_on_one_id: Annotated[int, Refers("one_on_one")] | None = None
    carried_from: Annotated[int, Refers("one_on_one")] | None = None
    due: date | None = None
    status: Annotated[str, OneOf("open in_progress done dropped")] = "open"
    reason: Said | None = None
    template_id: Name | None = None
    metric_id: Name | None = None
    expected_effect: float | None = None
    closed_at: datetime | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Dropped needs a reason; done and dropped close the action, the others open it again."""
        if self.status == "dropped" and self.reason is None:
            raise UsageError("An action is dropped for a reason. Say in a few words why it is no longer worth doing.")
        if self.status != (before.status if before else "open"):
            return replace(self, closed_at=now if self.status in CLOSED else None)
        return self
