"""A one-on-one from its planning to both signatures, as steps of one record.

Each step is one transaction. Words that are being typed are kept as drafts, which nobody else reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from salescoach.errors import ConflictError, UsageError
from salescoach.store.models import (
    ActionItem,
    AgendaItem,
    Draft,
    OneOnOne,
    PrivateNote,
    SharedNote,
    ShownNumber,
)
from salescoach.store.policy import COACH, SELF
from salescoach.store.records import CLOSED
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit

if TYPE_CHECKING:
    from salescoach.calendar import Period

Side = Literal["rep", "coach"]


@dataclass(frozen=True)
class Meeting:
    """A one-on-one with all its parts, as it stood at one moment.

    ``private`` are the reader's own notes about it, ``carried`` the promises of before that are neither done
    nor dropped, ``promised`` those of this meeting.
    """

    one_on_one: OneOnOne
    agenda: tuple[AgendaItem, ...]
    numbers: tuple[ShownNumber, ...]
    shared: SharedNote | None
    private: tuple[PrivateNote, ...]
    carried: tuple[ActionItem, ...]
    promised: tuple[ActionItem, ...]


def plan(
    record: Record, rep_id: str, coach_id: str, kind: str, *, planned_at: datetime | None = None, key: str = ""
) -> OneOnOne:
    """Plan the next meeting of a rep; its number follows the last one. The same *key* again plans nothing."""
    with record.write() as unit:
        last = max((meeting.number for meeting in unit.entries(OneOnOne, rep_id)), default=0)
        return unit.add(
            OneOnOne(
                rep_id=rep_id, key=key, kind=kind, coach_id=coach_id, number=last + 1, planned_at=planned_at,
            )
        )  # fmt: skip


def meeting(record: Record, one_on_one_id: int) -> Meeting:
    """Everything about a meeting that the principal may read; logged when they look at somebody else."""
    with record.read() as unit:
        found = unit.get(OneOnOne, one_on_one_id)
        rep, here = found.rep_id, {"one_on_one_id": one_on_one_id}
        before = [action for action in unit.entries(ActionItem, rep) if action.one_on_one_id != one_on_one_id]
        shared = unit.entries(SharedNote, rep, **here)
        result = Meeting(
            found,
            unit.entries(AgendaItem, rep, **here),
            unit.entries(ShownNumber, rep, **here),
            shared[0] if shared else None,
            () if record.principal.batch else unit.entries(PrivateNote, rep, **here),
            tuple(action for action in before if action.status not in CLOSED),
            unit.entries(ActionItem, rep, **here),
        )
    record.viewed(rep, f"one_on_one {one_on_one_id}")
    return result


def set_agenda(record: Record, one_on_one: OneOnOne, by: str, texts: Sequence[str]) -> tuple[AgendaItem, ...]:
    """The points of one side, in their order: up to three of the rep, one of the manager.

    Places beyond *texts* are emptied. The loser of a race gets a ConflictError when *one_on_one* is not as it was read.
    """
    with record.write() as unit:
        _same(unit, one_on_one)
        known = {
            item.place: item for item in unit.entries(AgendaItem, one_on_one.rep_id, one_on_one_id=one_on_one.id, by=by)
        }
        for place in range(1, max([len(texts), *known]) + 1):
            text = texts[place - 1] if place <= len(texts) else ""
            if place not in known:
                item = AgendaItem(rep_id=one_on_one.rep_id, one_on_one_id=one_on_one.id, by=by, place=place, text=text)
                known[place] = unit.add(item)
            elif known[place].text != text:
                known[place] = unit.save(replace(known[place], text=text))
        return tuple(known[place] for place in sorted(known))


def write_shared(record: Record, one_on_one: OneOnOne, text: str, *, version: int) -> SharedNote:
    """Replace the shared note that was read at *version* (0: there was none); else a ConflictError with both texts."""
    with record.write() as unit:
        found = unit.entries(SharedNote, one_on_one.rep_id, one_on_one_id=one_on_one.id)
        if version != (found[0].version if found else 0):
            raise ConflictError(text, found[0].text if found else "", found[0].version if found else 0)
        if found:
            return unit.save(replace(found[0], text=text))
        return unit.add(SharedNote(rep_id=one_on_one.rep_id, one_on_one_id=one_on_one.id, text=text))


def hold(record: Record, one_on_one: OneOnOne, *, held_at: datetime, duration_s: float | None = None) -> OneOnOne:
    """The meeting took place."""
    return record.save(replace(one_on_one, status="held", held_at=held_at, duration_s=duration_s))


def sign(record: Record, one_on_one: OneOnOne, side: Side) -> OneOnOne:
    """One side signs what stands there; with both signatures nothing of the meeting changes any more.

    A part that is changed after one signature takes it back. On a laptop the rep signs at the coach's screen:
    ``record.of(Principal.owner(name, beside=rep_id))``.
    """
    with record.write() as unit:
        _same(unit, one_on_one)
        standing = SELF if side == "rep" else COACH
        if standing not in unit.access.standings(one_on_one.rep_id):
            raise unit.access.denied("sign", "one_on_one")
        if side == "rep":
            return unit.save(replace(one_on_one, signed_rep_at=unit.now), why="signed as rep")
        return unit.save(replace(one_on_one, signed_coach_at=unit.now), why="signed as coach")


def promise(
    record: Record,
    one_on_one: OneOnOne,
    period: Period,
    action: ActionItem | None = None,
    *,
    text: str = "",
    key: str = "",
) -> ActionItem:
    """Add a promise to the meeting; give *action* for more than its text. The same *key* again adds nothing."""
    new = action or ActionItem(
        rep_id=one_on_one.rep_id, key=key, period=period.label, period_start=period.start, text=text,
        owner_id=one_on_one.rep_id,
    )  # fmt: skip
    return record.add(replace(new, one_on_one_id=one_on_one.id))


def carry(record: Record, one_on_one: OneOnOne, action: ActionItem) -> ActionItem:
    """Take an open promise of an earlier meeting into this one; where it came from stays known."""
    if action.status in CLOSED:
        raise UsageError("The action is closed already. Add a new one, or open it again.")
    return record.save(replace(action, carried_from=action.one_on_one_id, one_on_one_id=one_on_one.id))


def set_status(record: Record, action: ActionItem, status: str, *, reason: str | None = None) -> ActionItem:
    """Open, in progress, done, or dropped for a reason; a new status forgets the reason of the one before."""
    kept = action.reason if status == action.status and reason is None else reason
    return record.save(replace(action, status=status, reason=kept))


def autosave(
    record: Record, rep_id: str, form: str, place: str, text: str, *, version: int = 0, base: str = ""
) -> Draft:
    """Keep what is being typed at *place* of a *form* (``one_on_one 12``, ``shared``); only its author reads it.

    *version* is that of the draft that was loaded: of two windows of one author the second gets a ConflictError.
    *base*, the text that was stored when the draft was begun, is kept with it: whoever comes back to a draft after
    somebody else saved has to see that.
    """
    with record.write() as unit:
        found = _draft(unit, rep_id, form, place)
        if version != (found.version if found else 0):
            raise ConflictError(text, found.text if found else "", found.version if found else 0)
        if found:
            return unit.save(replace(found, text=text))
        _forget(unit, rep_id, form, _base_of(place))
        if base:
            _begin(unit, rep_id, form, _base_of(place), base)
        return _begin(unit, rep_id, form, place, text)


def draft(record: Record, rep_id: str, form: str, place: str) -> Draft | None:
    """What the principal was typing there; None when nothing was kept."""
    with record.read() as unit:
        return _draft(unit, rep_id, form, place)


def draft_base(record: Record, rep_id: str, form: str, place: str) -> str:
    """The text that was stored when the principal's draft was begun there."""
    found = draft(record, rep_id, form, _base_of(place))
    return found.text if found else ""


def discard_draft(record: Record, rep_id: str, form: str, place: str) -> None:
    """Forget a draft, after its words were saved or given up."""
    with record.write() as unit:
        for each in (place, _base_of(place)):
            _forget(unit, rep_id, form, each)


def _begin(unit: Unit, rep_id: str, form: str, place: str, text: str) -> Draft:
    key = _draft_key(unit.access.principal.person, form, place)
    return unit.add(Draft(rep_id=rep_id, key=key, form=form, text=text))


def _forget(unit: Unit, rep_id: str, form: str, place: str) -> None:
    found = _draft(unit, rep_id, form, place)
    if found is not None:
        unit.remove(found)


def _base_of(place: str) -> str:
    return f"{place} before"


def _draft(unit: Unit, rep_id: str, form: str, place: str) -> Draft | None:
    key = _draft_key(unit.access.principal.person, form, place)
    return next(iter(unit.entries(Draft, rep_id, key=key)), None)


def _draft_key(person: str, form: str, place: str) -> str:
    return hashlib.sha256("\0".join((person, form, place)).encode()).hexdigest()


def _same(unit: Unit, one_on_one: OneOnOne) -> None:
    stored = unit.get(OneOnOne, one_on_one.id)
    if stored.version != one_on_one.version:
        raise ConflictError(f"version {one_on_one.version}", f"version {stored.version}", stored.version)
