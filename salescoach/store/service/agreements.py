"""Goals that both accept, and feedback that can be answered and disputed."""

from __future__ import annotations

from dataclasses import replace

from salescoach.store.models import Feedback, Goal
from salescoach.store.policy import COACH, MANAGER, SELF
from salescoach.store.service.one_on_ones import Side
from salescoach.store.service.record import Record


def propose(record: Record, goal: Goal) -> Goal:
    """Put a goal (a new one, or a changed copy of one that was read) before the other side."""
    proposed = replace(goal, status="proposed")
    return record.save(proposed, why="proposed") if goal.id else record.add(proposed, why="proposed")


def accept(record: Record, goal: Goal, side: Side) -> Goal:
    """Accept what stands there; with both acceptances the goal is signed. A change of the promise asks both anew."""
    with record.write() as unit:
        wanted = {SELF} if side == "rep" else {COACH, MANAGER}
        if not wanted & unit.access.standings(goal.rep_id):
            raise unit.access.denied("accept", "goal")
        if side == "rep":
            return unit.save(replace(goal, accepted_rep_at=unit.now), why="accepted as rep")
        return unit.save(replace(goal, accepted_coach_at=unit.now), why="accepted as coach")


def reply(record: Record, feedback: Feedback, text: str) -> Feedback:
    """The rep's answer to feedback; it stands beside it."""
    with record.write() as unit:
        return unit.save(replace(feedback, reply_text=text, reply_at=unit.now), why="replied")


def dispute(record: Record, feedback: Feedback, text: str) -> Feedback:
    """The rep says what is wrong; until it is decided the feedback is marked as disputed."""
    return record.save(replace(feedback, dispute_status="open", dispute_text=text), why="disputed")


def decide(record: Record, feedback: Feedback, *, upheld: bool, text: str) -> Feedback:
    """Somebody other than the author decides a dispute, with reasons; both texts stay."""
    status = "upheld" if upheld else "declined"
    decided = replace(feedback, dispute_status=status, decision_text=text, decided_by=record.principal.person)
    return record.save(decided, why=f"dispute {status}")
