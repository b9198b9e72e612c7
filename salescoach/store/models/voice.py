"""What customers say, what other departments are asked for, what was decided, and what coaching is to change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Self

from salescoach.errors import UsageError
from salescoach.store.models.entry import Entry, Line, Name, OneOf, Refers, Said, Words, entity
from salescoach.store.policy import AUTHOR, COACH, MANAGER, MEMBER, SELF, TEAM, Policy, who

OF_CUSTOMERS = Policy(
    read=who(SELF, COACH, MANAGER, MEMBER), add=who(SELF, COACH, MANAGER), change=who(AUTHOR, MANAGER)
)


@entity("survey_answer", policy=OF_CUSTOMERS)
class SurveyAnswer(Entry):
    """An answer of a customer that was written down here; *rep_id* is the deal's owner, or nobody."""

    survey_id: Name
    answered_at: datetime
    score: float | None = None
    comment: Words = ""
    account_id: Name | None = None
    deal_id: Name | None = None
    channel: Name | None = None


@entity("interview_note", policy=OF_CUSTOMERS)
class InterviewNote(Entry):
    """Notes of an interview about a win, a loss, or a customer's wishes."""

    kind: Annotated[str, OneOf("win loss customer")]
    occurred_at: datetime
    text: Words
    deal_id: Name | None = None


@entity("theme_code", policy=OF_CUSTOMERS)
class ThemeCode(Entry):
    """A theme that a person found in an answer or an interview, with the words that show it."""

    theme: Name
    survey_answer_id: Annotated[int, Refers("survey_answer")] | None = None
    interview_note_id: Annotated[int, Refers("interview_note")] | None = None
    quote: Line = ""

    def settled(self, before: Self | None, now: datetime) -> Self:
        """A code belongs to one source."""
        if (self.survey_answer_id is None) == (self.interview_note_id is None):
            raise UsageError("A theme belongs to one survey answer or to one interview. Name one of them.")
        return self


@entity("request", policy=Policy(
    read=who(SELF, COACH, MANAGER, MEMBER), add=who(SELF, COACH, MANAGER), change=who(SELF, COACH, MANAGER),
))  # fmt: skip
class Request(Entry):
    """What marketing, product or another department is asked for; *rep_id* is who needs it."""

    to_department: Name
    ask: Said
    deal_id: Name | None = None
    due: date | None = None
    status: Annotated[str, OneOf("open answered declined")] = "open"
    answer: Line = ""
    answered_at: datetime | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Closed with words."""
        if self.status != "open" and not self.answer.strip():
            raise UsageError("A request is answered or declined with words. Write what was said.")
        return self


@entity("decision", policy=TEAM, keeps_versions=True)
class Decision(Entry):
    """What was changed, why, what is expected of it and when it is looked at again."""

    adjustment: Said
    reason: Said
    review_on: date
    expected_effect: Line = ""
    metric_id: Name | None = None
    outcome: Line = ""


@entity("intervention", policy=Policy(
    read=who(SELF, COACH, MANAGER), add=who(COACH, MANAGER), change=who(COACH, MANAGER),
), months=36, keeps_versions=True)  # fmt: skip
class Intervention(Entry):
    """A piece of coaching whose effect is to be checked: written before it starts, with why this person was chosen."""

    driver: Name
    metric_id: Name
    start: date
    hypothesis: Said
    expected_effect: float
    selection_reason: Annotated[str, OneOf("lowest_metric own_request all random")]
    end: date | None = None
    selection_window_start: date | None = None
    selection_window_end: date | None = None

    def settled(self, before: Self | None, now: datetime) -> Self:
        """Nothing of the expectation is written after the start."""
        if before is None and self.start < now.date():
            raise UsageError(
                f"The coaching began on {self.start}; what is expected of it is written down before. "
                "Without that, chance looks like an effect."
            )
        fixed = ("driver", "metric_id", "start", "hypothesis", "expected_effect", "selection_reason")
        if before and any(getattr(before, name) != getattr(self, name) for name in fixed):
            raise UsageError("What was expected is not rewritten afterwards. Only the end can still be set.")
        return self
