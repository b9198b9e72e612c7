"""Goals that both accept, feedback that can be answered and disputed, and what a rep may know of decisions."""

from __future__ import annotations

from dataclasses import replace

from salescoach.store.models import ORGANISATION, Decision, Feedback, Goal, ImprovementCycle
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


def decisions_about(record: Record, rep_id: str, team_id: str) -> tuple[Decision, ...]:
    """Decisions that concern a rep, oldest first: those for everybody, and what came of a cycle of the rep's team.

    For the rep alone; who stands to somebody else reads the whole log as a member. AccessDenied for all others.
    """
    with record.read() as unit:
        if SELF not in unit.access.standings(rep_id):
            raise unit.access.denied("read", "decision")
        cycles = unit.stored(ImprovementCycle)
        elsewhere = {f"cycle {one.id}" for one in cycles if one.team_id and one.team_id != team_id}
        return tuple(one for one in unit.stored(Decision, rep_id=ORGANISATION) if one.key not in elsewhere)
