"""Scorecards filled in about a call, a visit or a deal."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Line, Name, OneOf, Person, Refers, entity
from salescoach.store.policy import AUTHOR, COACH, MANAGER, SELF, Policy, who

SEEN = Policy(read=who(SELF, COACH, MANAGER), add=who(SELF, COACH, MANAGER), change=who(AUTHOR))


@entity("observation", policy=SEEN, keeps_versions=True)
class Observation(Entry):
    """One scorecard of one version, filled in by one observer; ``is_self`` marks the rep's own view."""

    template_id: Name
    template_version: int
    observer_id: Person
    occurred_at: datetime
    is_self: bool
    kind: Annotated[str, OneOf("call discovery demo negotiation visit roleplay deal other")] = "call"
    subject_activity_id: Name | None = None
    subject_deal_id: Name | None = None
    one_on_one_id: Annotated[int, Refers("one_on_one")] | None = None


@entity("answer", policy=SEEN, keeps_versions=True, unique=("observation_id item_id",))
class Answer(Entry):
    """Points for one item, 1 to 5, or that it could not be observed; with what was seen or heard."""

    observation_id: Annotated[int, Refers("observation")]
    item_id: Name
    competency_id: Name
    value: float | None = None
    na: bool = False
    evidence: Line = ""

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Either points or N/A: an empty answer is neither 0 nor 3."""
        if self.na != (self.value is None):
            raise UsageError(f"Item {self.item_id} needs points from 1 to 5, or N/A, and not both.")
        if self.value is not None and not 1 <= self.value <= 5:
            raise UsageError(f"Item {self.item_id} has {self.value} points; allowed are 1 to 5.")
        return self
