"""What a review reads and writes of the coaching record: the notes of periods and the promises.

A view of the record, not a second way in: all goes through :class:`~salescoach.store.service.Record`,
which authorises, keeps versions and audits. Order comes from periods, ids and versions, never from
the clock, which may jump.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Any

from salescoach.errors import AccessDenied, ConflictError, NotNoticedError, UsageError
from salescoach.store.models import ActionItem, Objection, PeriodNote
from salescoach.store.records import (
    ACTION_LIMIT,
    NOTE_LIMIT,
    Action,
    Note,
    checked_name,
    checked_status,
    checked_text,
)
from salescoach.store.service import Principal, Record, Unit
from salescoach.store.service.access import Teams, no_teams
from salescoach.store.service.record import Clock, utc_now

if TYPE_CHECKING:
    from salescoach.calendar import Period

OWNER = "owner"  # of the laptop, where nobody said their name


class CoachingStore:
    """Notes and action items of one organisation. Safe in threads; usable in a forked child.

    All methods raise :class:`~salescoach.store.StoreBusyError` when another program holds the
    record for more than five seconds, and :class:`~salescoach.errors.WorkspaceError` when the file
    cannot be read or written. On a laptop *author* says who of those before the screen writes; where the
    server names a principal, it is the principal who writes, whatever is said here.
    """

    def __init__(self, record: Record) -> None:
        self._record = record

    @classmethod
    def open(
        cls, url: str, *, principal: Principal | None = None, clock: Clock = utc_now, teams: Teams = no_teams
    ) -> CoachingStore:  # fmt: skip
        """Open the record at *url* (``sqlite:///`` and a path), making or upgrading it when needed.

        Parameters are those of :meth:`Record.open`; without a *principal* it is the owner of the laptop.
        """
        return cls(Record.open(url, principal or Principal.owner(OWNER), clock=clock, teams=teams))

    def close(self) -> None:
        """Give back the connections; what was saved is in the file."""
        self._record.close()

    def __enter__(self) -> CoachingStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _by(self, author: str) -> Record:
        checked_name(author, what="author")
        principal = self._record.principal
        return self._record.of(replace(principal, person=author)) if principal.is_owner else self._record

    # -- notes ---------------------------------------------------------------------------------

    def note(self, rep_id: str, period: Period) -> Note:
        """The shared note of *period*; version 0 and an empty text when none was saved yet."""
        found = self._record.entries(PeriodNote, rep_id, period=period.label)
        return _note(found[0]) if found else Note(rep_id, period.label, "", 0, "", None)

    def save_note(self, rep_id: str, period: Period, text: str, *, version: int, author: str) -> Note:
        """Replace the note that was read at *version* (0: there was none) by *text*.

        Each save is a version of its own, even of the same text. An empty text clears the note.

        Raises
        ------
        ConflictError
            it is no longer at *version*. Nothing was written; the error carries both texts. When
            they are equal, an earlier save of the caller had arrived though its answer was lost.
        UsageError
            the text cannot be kept as it is, or *rep_id* or *author* is blank.
        """
        checked_name(rep_id, what="rep id")
        checked_text(text, what="note", limit=NOTE_LIMIT)
        with self._by(author).write() as unit:
            stored = next(iter(unit.entries(PeriodNote, rep_id, period=period.label)), None)
            if version != (stored.version if stored else 0):
                raise ConflictError(text, stored.text if stored else "", stored.version if stored else 0)
            if stored is None:
                label = checked_name(period.label, what="period label")
                new = PeriodNote(rep_id=rep_id, period=label, period_start=period.start, text=text)
                return _note(unit.add(new))
            return _note(unit.save(replace(stored, text=text, period_start=period.start)))

    def latest_note(self, rep_id: str, upto: date) -> Note | None:
        """The last note that has a text, of a period that starts on *upto* or before; None if there is none."""
        notes = [note for note in _notes_upto(self._record, rep_id, upto) if note.text]
        return _note(notes[-1]) if notes else None

    def viewed(self, rep_id: str, period: Period) -> None:
        """Log that the review of *period* was looked at, for the person it is about to read."""
        self._record.viewed(rep_id, f"review {period.label}")

    # -- action items --------------------------------------------------------------------------

    def add_action(
        self,
        rep_id: str,
        period: Period,
        text: str,
        *,
        author: str,
        due: date | None = None,
        template_id: str | None = None,
        key: str | None = None,
    ) -> Action:
        """Add what was promised in *period*, open.

        Parameters
        ----------
        key : str, optional
            Made by the client once per promise (a UUID). The same *rep_id* and *key* again add
            nothing and give the action that is there, as it now stands: a retry is safe.

        Raises
        ------
        UsageError
            the text is empty or cannot be kept as it is, or a name is blank.
        """
        entry = ActionItem(
            rep_id=checked_name(rep_id, what="rep id"),
            key="" if key is None else checked_name(key, what="key"),
            period=checked_name(period.label, what="period label"),
            period_start=period.start,
            text=checked_text(text, what="action", limit=ACTION_LIMIT, required=True),
            owner_id=rep_id,
            due=due,
            template_id=None if template_id is None else checked_name(template_id, what="template id"),
        )
        return _action(self._by(author).add(entry))

    def change_action(
        self,
        action_id: int,
        *,
        version: int,
        author: str,
        status: str | None = None,
        text: str | None = None,
        due: date | None = None,
        reason: str | None = None,
    ) -> Action:
        """Change what is given of the action that was read at *version*; the rest stays.

        Any status may follow any other, so that a slip can be mended. Done and dropped close the
        action, open and in_progress open it again. A new status forgets the reason of the one
        before; dropped needs one of its own.

        Raises
        ------
        ConflictError
            the action is no longer at *version*. Nothing was written; ``mine`` and ``theirs`` are
            the texts, or the statuses, due dates or reasons when no text was given.
        UsageError
            no such action, nothing to change, dropped without a reason, or a text that cannot be
            kept as it is.
        """
        record = self._by(author)
        wanted = _wanted_changes(status=status, text=text, due=due, reason=reason)
        with record.write() as unit:
            stored = _stored_action(unit, action_id)
            if stored.version != version:
                first = next(iter(wanted))
                raise ConflictError(str(wanted[first]), str(getattr(stored, first) or ""), stored.version)
            if status not in (None, stored.status):
                wanted.setdefault("reason", None)  # the reason of the status before is not that of this one
            return _action(unit.save(replace(stored, **wanted)))

    def actions(self, rep_id: str, upto: date) -> tuple[Action, ...]:
        """All action items raised in periods that start on *upto* or before, oldest period first."""
        return tuple(_action(entry) for entry in _actions_upto(self._record, rep_id, upto))

    def check_notice(self, rep_id: str) -> None:
        """In a shared record nothing about a person is shown before the privacy notice reached them.

        On a laptop the owner is the only one who looks, and is told by ``salescoach notice`` what to hand out.

        Raises
        ------
        NotNoticedError
            no notice is recorded for *rep_id*.
        """
        if not self._record.principal.is_owner and not self._record.was_noticed(rep_id):
            raise NotNoticedError(
                f"The privacy notice has not reached {rep_id} yet, so nothing about them is shown. Hand it out, then "
                f"record it: salescoach notice WORKSPACE --contact WHO --delivered {rep_id}"
            )

    def objections(self, rep_id: str) -> tuple[Objection, ...]:
        """What the rep objects to, oldest first; none for a reader who may not know of it."""
        return self._record.readable(Objection, rep_id)

    # -- evidence ------------------------------------------------------------------------------

    def fingerprint(self, rep_id: str, upto: date) -> str:
        """SHA-256 (hex) over all that a review of *rep_id* can read up to *upto*.

        The same record gives the same fingerprint on any machine, and any change another one.
        """
        notes = [asdict(_note(entry)) for entry in _notes_upto(self._record, rep_id, upto)]
        actions = [asdict(action) for action in self.actions(rep_id, upto)]
        objections = [_said(one) for one in self.objections(rep_id)]
        said = {"objections": objections} if objections else {}
        content = json.dumps(
            {"rep_id": rep_id, "notes": notes, "actions": actions, **said},
            default=lambda moment: moment.isoformat(),
            sort_keys=True,
        )
        return hashlib.sha256(content.encode()).hexdigest()


def _notes_upto(record: Record, rep_id: str, upto: date) -> list[PeriodNote]:
    """A manager who may see the promises but not the notes gets none of these."""
    notes = [note for note in record.readable(PeriodNote, rep_id) if note.period_start <= upto]
    return sorted(notes, key=lambda note: (note.period_start, note.id))


def _actions_upto(record: Record, rep_id: str, upto: date) -> list[ActionItem]:
    actions = [action for action in record.entries(ActionItem, rep_id) if action.period_start <= upto]
    return sorted(actions, key=lambda action: (action.period_start, action.id))


def _stored_action(unit: Unit, action_id: int) -> ActionItem:
    try:
        return unit.get(ActionItem, action_id)
    except AccessDenied:
        if unit.access.principal.is_owner:  # nothing is hidden from the owner: it is not there
            raise UsageError(f"There is no action {action_id}. Read the list again.") from None
        raise


def _wanted_changes(*, status: str | None, text: str | None, due: date | None, reason: str | None) -> dict[str, Any]:
    """What was given, checked; the text first, for it is what people compare after a conflict."""
    wanted: dict[str, Any] = {}
    if text is not None:
        wanted["text"] = checked_text(text, what="action", limit=ACTION_LIMIT, required=True)
    if status is not None:
        wanted["status"] = checked_status(status)
    if due is not None:
        wanted["due"] = due
    if reason is not None:
        wanted["reason"] = checked_text(reason, what="reason", limit=ACTION_LIMIT, required=True)
    if not wanted:
        raise UsageError("Nothing to change was given: name a status, a text, a due date or a reason.")
    return wanted


def _said(objection: Objection) -> dict[str, Any]:
    """What a review shows of an objection; not which run showed it, or each run would make another one needed."""
    changed = objection.changed_at.date() if objection.changed_at else None
    shown = replace(objection, recomputed_run_id=None, version=0, changed_by="", changed_at=None, note="")
    return asdict(shown) | {"changed_on": changed}


def _note(entry: PeriodNote) -> Note:
    return Note(entry.rep_id, entry.period, entry.text, entry.version, entry.changed_by, entry.changed_at)


def _action(entry: ActionItem) -> Action:
    assert entry.created_at is not None  # it is stored
    return Action(
        action_id=entry.id,
        rep_id=entry.rep_id,
        period=entry.period,
        text=entry.text,
        due=entry.due,
        status=entry.status,
        reason=entry.reason,
        template_id=entry.template_id,
        author=entry.author,
        raised_at=entry.created_at,
        closed_at=entry.closed_at,
        version=entry.version,
    )
