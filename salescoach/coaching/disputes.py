"""When somebody objects to a number: who looks at it, by when, and what then stands beside it.

The first figure never disappears. An objection that is upheld puts the recomputed figure next to it, with the reasons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.remarks import Remark, block, blocked

State = Literal["raised", "acknowledged", "upheld", "partly", "declined"]
OPEN: tuple[State, ...] = ("raised", "acknowledged")
ACKNOWLEDGE_WITHIN = 3
"""Working days until somebody has to say that the objection was received."""


@dataclass(frozen=True)
class Figure:
    """A number as it stood: its value, interval, observations, and the day of the data."""

    value: float
    low: float
    high: float
    n: int
    as_of: date


@dataclass(frozen=True)
class Dispute:
    """An objection to ``first``, the figure with the id ``ref`` that ``author`` put in writing."""

    ref: str
    rep_id: str
    author: str
    raised: date
    text: str
    first: Figure
    state: State = "raised"
    examined_by: str = ""
    reasons: str = ""
    recomputed: Figure | None = None
    answered_on: date | None = None

    @property
    def title(self) -> str:
        """Key of the word for its state."""
        return f"feedback.dispute.{self.state}"

    @property
    def disputed(self) -> bool:
        """While it is open, the number is marked as disputed wherever it stands."""
        return self.state in OPEN

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All that has to be shown: the first figure, and the recomputed one beside it."""
        return (self.first,) if self.recomputed is None else (self.first, self.recomputed)


def acknowledge_by(dispute: Dispute, calendar: Calendar) -> date:
    """Last day on which to say that it was received.

    >>> raised = Dispute("win_rate", "R1", "C1", date(2026, 4, 10), "two deals are not mine", Figure(0.2, 0.1, 0.4, 20,
    ...     date(2026, 4, 1)))
    >>> acknowledge_by(raised, Calendar())  # raised on a Friday
    datetime.date(2026, 4, 15)
    """
    day = dispute.raised
    while calendar.working_days(dispute.raised + timedelta(days=1), day + timedelta(days=1)) < ACKNOWLEDGE_WITHIN:
        day += timedelta(days=1)
    return day


def lacking(
    dispute: Dispute, outcome: State, examined_by: str, reasons: str, recomputed: Figure | None
) -> tuple[Remark, ...]:
    """What stands in the way of an answer: somebody else has to look, give reasons, and recompute what is upheld."""
    found = []
    if not dispute.disputed:
        found.append(block("feedback.answer.closed"))
    if outcome in OPEN:
        found.append(block("feedback.answer.no_outcome"))
    if not examined_by or examined_by in (dispute.author, dispute.rep_id):
        found.append(block("feedback.answer.same_person"))
    if not reasons.strip():
        found.append(block("feedback.answer.no_reasons"))
    if outcome in ("upheld", "partly") and recomputed is None:
        found.append(block("feedback.answer.not_recomputed"))
    if outcome == "declined" and recomputed is not None:
        found.append(block("feedback.answer.declined_but_changed"))
    return tuple(found)


def answered(
    dispute: Dispute, outcome: State, examined_by: str, reasons: str, recomputed: Figure | None = None
) -> tuple[Dispute, tuple[Remark, ...]]:
    """The dispute with its answer; unchanged, with what is lacking, when there is none yet."""
    missing = lacking(dispute, outcome, examined_by, reasons, recomputed)
    if blocked(missing):
        return dispute, missing
    return replace(dispute, state=outcome, examined_by=examined_by, reasons=reasons, recomputed=recomputed), ()
