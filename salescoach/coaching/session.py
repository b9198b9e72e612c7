"""The rules of a one-on-one: whose agenda it is, what is carried over, when it is whole, and what comes next.

The rep owns the agenda. What was promised last time comes first. It ends with one skill to work on and one step in one
deal, and it is signed by both. Nothing here keeps a record: what was said and agreed is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.feedback import Evidence
from salescoach.coaching.remarks import Remark, block, note, warning
from salescoach.metrics import METRICS

Kind = Literal[
    "weekly",
    "pipeline",
    "skill",
    "forecast",
    "career",
    "new_hire_30",
    "new_hire_60",
    "new_hire_90",
    "recovery",
    "group",
]
State = Literal["planned", "prepared", "held", "signed", "cancelled", "missed"]
Side = Literal["rep", "coach"]
Status = Literal["open", "in_progress", "done", "dropped"]

CADENCE: Mapping[Kind, int] = {
    "weekly": 7, "forecast": 7, "pipeline": 14, "skill": 14, "recovery": 14, "group": 28, "career": 91,
}  # fmt: skip
"""Days from one session to the next of its kind."""
AFTER_START: Mapping[Kind, int] = {"new_hire_30": 30, "new_hire_60": 60, "new_hire_90": 90}
"""Days after the first day of a new hire; each of these takes place once."""
WITHOUT_DEAL: frozenset[Kind] = frozenset({"career", "group", "new_hire_30", "recovery"})
"""Kinds that do not end with a step in a deal."""

REP_ITEMS, COACH_ITEMS = 3, 1
MOST_NUMBERS = 6
OVERDUE_AFTER = 21
"""Days since the last session from which the manager is reminded; the rep is not."""

MOVES: Mapping[tuple[State, State], frozenset[Side]] = {
    ("planned", "prepared"): frozenset({"rep", "coach"}),
    ("planned", "held"): frozenset({"coach"}),
    ("prepared", "held"): frozenset({"coach"}),
    ("held", "signed"): frozenset({"rep", "coach"}),
    ("planned", "cancelled"): frozenset({"rep", "coach"}),
    ("prepared", "cancelled"): frozenset({"rep", "coach"}),
    ("planned", "missed"): frozenset({"coach"}),
    ("prepared", "missed"): frozenset({"coach"}),
}
"""Who may move a session from one state to another. What is signed stays as it is: additions go into the next one."""


@dataclass(frozen=True)
class Item:
    """One point of the agenda and whose it is."""

    by: Side
    text: str


@dataclass(frozen=True)
class Action:
    """Something that was promised in session ``raised``. A dropped one has its ``reason``."""

    action_id: str
    text: str
    owner: str
    raised: int
    status: Status = "open"
    due: date | None = None
    reason: str = ""

    @property
    def waits(self) -> bool:
        """Neither done nor dropped."""
        return self.status in ("open", "in_progress")


@dataclass(frozen=True)
class Session:
    """A one-on-one as far as it has come; ``signed`` holds the sides that have signed, ``numbers`` metric ids."""

    number: int
    kind: Kind
    rep_id: str
    coach_id: str
    planned: date
    state: State = "planned"
    agenda: tuple[Item, ...] = ()
    numbers: tuple[str, ...] = ()
    evidence: Evidence | None = None
    skill_commitment: str = ""
    deal_id: str = ""
    deal_step: str = ""
    held: date | None = None
    signed: frozenset[Side] = frozenset()

    @property
    def title(self) -> str:
        """Key of the name of its kind."""
        return f"session.kind.{self.kind}"

    @property
    def state_title(self) -> str:
        """Key of the word for its state."""
        return f"session.state.{self.state}"


def agenda_order(items: Sequence[Item]) -> tuple[Item, ...]:
    """The rep's points first, in their order, then the coach's; empty ones fall out."""
    return tuple(item for side in ("rep", "coach") for item in items if item.by == side and item.text.strip())


def agenda_lacks(items: Sequence[Item]) -> tuple[Remark, ...]:
    """Three points are the rep's, one is the coach's; without one of the rep's it is not the rep's meeting."""
    points = agenda_order(items)
    reps, coaches = (sum(item.by == side for item in points) for side in ("rep", "coach"))
    found: list[Remark] = []
    if reps == 0:
        found.append(block("session.agenda.none"))
    if reps > REP_ITEMS:
        found.append(warning("session.agenda.many", n=reps, most=REP_ITEMS))
    if coaches > COACH_ITEMS:
        found.append(block("session.agenda.coach", n=coaches, most=COACH_ITEMS))
    return tuple(found)


def carried(actions: Iterable[Action], before: int) -> tuple[Action, ...]:
    """With what session number *before* begins: what waits, those of the last session first, then by the day it is due.

    Older promises are not forgotten: they follow, the newest session first.

    >>> old, new = Action("A1", "call", "R1", 3), Action("A2", "write", "R1", 4, "in_progress")
    >>> [one.action_id for one in carried([old, new, Action("A3", "ask", "R1", 4, "done")], 5)]
    ['A2', 'A1']
    """
    waiting = [one for one in actions if one.waits and one.raised < before]
    return tuple(sorted(waiting, key=lambda one: (-one.raised, one.due or date.max, one.action_id)))


def action_lacks(action: Action, as_of: date) -> tuple[Remark, ...]:
    """What a promise needs to be one that can be kept, or given up honestly."""
    found: list[Remark] = []
    if not action.text.strip():
        found.append(block("session.action.no_text"))
    if action.waits and action.due is None:
        found.append(warning("session.action.no_day", action=action.text))
    elif action.waits and action.due is not None and action.due < as_of:
        found.append(note("session.action.overdue", action=action.text, due=action.due))
    if action.status == "dropped" and not action.reason.strip():
        found.append(block("session.action.no_reason", action=action.text))
    return tuple(found)


def preread_lacks(session: Session, findings: int = 0) -> tuple[Remark, ...]:
    """What both should have before they meet: the rep's agenda, at most six numbers and three findings, one evidence.

    Parameters
    ----------
    findings : how many the brief shows
    """
    found = [*agenda_lacks(session.agenda), *_numbers(session.numbers)]
    if findings > 3:
        found.append(warning("session.preread.findings", n=findings, most=3))
    if session.evidence is None:
        found.append(block("session.preread.no_evidence"))
    elif session.evidence.about != session.rep_id:
        found.append(block("session.preread.foreign", ref=session.evidence.ref))
    return tuple(found)


def _numbers(numbers: Sequence[str]) -> list[Remark]:
    found: list[Remark] = [block("session.preread.unknown", metric=one) for one in numbers if one not in METRICS]
    if len(numbers) > MOST_NUMBERS:
        found.append(block("session.preread.numbers", n=len(numbers), most=MOST_NUMBERS))
    return found


def close_lacks(session: Session, actions: Iterable[Action]) -> tuple[Remark, ...]:
    """What is missing before *session* can be signed.

    Parameters
    ----------
    actions : what was carried into it, as it stands now; each has to be answered: still waiting with a new day counts

    Deals and numbers are optional where the kind of meeting has none; one skill to work on is part of each.
    """
    found: list[Remark] = []
    if session.held is None:
        found.append(block("session.close.not_held"))
    if not session.skill_commitment.strip():
        found.append(block("session.close.no_skill"))
    if session.kind not in WITHOUT_DEAL and not session.deal_step.strip():
        found.append(block("session.close.no_deal_step"))
    if session.deal_step.strip() and not session.deal_id:
        found.append(warning("session.close.no_deal"))
    if session.evidence is None:
        found.append(warning("session.close.no_evidence"))
    for action in actions:
        if action.status == "dropped" and not action.reason.strip():
            found.append(block("session.action.no_reason", action=action.text))
        elif action.waits and (action.due is None or (session.held is not None and action.due <= session.held)):
            found.append(block("session.close.unanswered", action=action.text))
    return tuple(found)


def move_lacks(session: Session, to: State, by: Side, actions: Iterable[Action] = ()) -> tuple[Remark, ...]:
    """What stands in the way of *by* moving *session* to *to*: who may, and what is missing. Nothing: it may go.

    >>> planned = Session(5, "weekly", "R1", "C1", date(2026, 4, 10))
    >>> [remark.key for remark in move_lacks(planned, "missed", "rep")]
    ['session.move.not_yours']
    """
    allowed = MOVES.get((session.state, to))
    if allowed is None:
        return (block("session.move.closed" if session.state == "signed" else "session.move.impossible"),)
    if by not in allowed:
        return (block("session.move.not_yours"),)
    if to == "prepared":
        return tuple(one for one in preread_lacks(session) if one.weight == "block")
    if to == "signed":
        if by in session.signed:
            return (block("session.move.signed_already"),)
        return tuple(one for one in close_lacks(session, actions) if one.weight == "block")
    return ()


def state_of(status: State, signed: Iterable[Side], *, ready: bool) -> State:
    """The state of a session whose record says *status*: prepared once nothing is lacking, signed once both have.

    Parameters
    ----------
    ready : :func:`preread_lacks` holds nothing that blocks

    >>> state_of("planned", (), ready=True), state_of("held", ["rep"], ready=True)
    ('prepared', 'held')
    >>> state_of("held", ["rep", "coach"], ready=False)
    'signed'
    """
    if status == "held" and {"rep", "coach"} <= set(signed):
        return "signed"
    return "prepared" if status == "planned" and ready else status


def next_number(numbers: Iterable[int]) -> int:
    """Number of the next session: sessions are counted from 1, so that gaps can be seen.

    >>> next_number([]), next_number([1, 2, 4])
    (1, 5)
    """
    return max(numbers, default=0) + 1


def missing_numbers(numbers: Iterable[int]) -> tuple[int, ...]:
    """Numbers that should be there and are not."""
    known = set(numbers)
    return tuple(number for number in range(1, max(known, default=0)) if number not in known)


def next_day(kind: Kind, last: date | None, start: date, calendar: Calendar) -> date | None:
    """The day of the next session of *kind*: by its cadence after *last*, on a day off the next working day.

    Parameters
    ----------
    last : day on which one of this kind was held; None when there was none
    start : first day of the person; new-hire sessions are counted from it, and None is the answer once they were held

    >>> next_day("weekly", date(2026, 4, 16), date(2024, 1, 1), Calendar())  # a week later is a holiday
    datetime.date(2026, 4, 24)
    """
    if kind in AFTER_START:
        if last is not None:
            return None
        day = start + timedelta(days=AFTER_START[kind])
    else:
        day = (last or start) + timedelta(days=CADENCE[kind])
    while not calendar.working_days(day, day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def preread_by(planned: date, calendar: Calendar) -> date:
    """The day on which the pre-read has to be there: the last working day before the meeting."""
    day = planned - timedelta(days=1)
    while not calendar.working_days(day, day + timedelta(days=1)):
        day -= timedelta(days=1)
    return day


def overdue(last: Mapping[str, date | None], start: Mapping[str, date], as_of: date) -> tuple[tuple[str, int], ...]:
    """For the manager: with whom nobody has met for more than :data:`OVERDUE_AFTER` days, and for how many. By name.

    >>> began = {"R1": date(2020, 1, 1), "R2": date(2026, 1, 5)}
    >>> overdue({"R1": date(2026, 4, 1), "R2": None}, began, date(2026, 4, 10))
    (('R2', 95),)
    """
    days = [(rep_id, (as_of - (met or start[rep_id])).days) for rep_id, met in last.items()]
    return tuple(sorted(one for one in days if one[1] > OVERDUE_AFTER))
