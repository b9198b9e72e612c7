"""The coaching record as its callers see it: read, save, change, and never overwrite in silence.

Every write is one transaction: the row and its line in the change log are both there or both not,
and a call that returned is durable. Order comes from periods, ids and versions, never from the
clock, which may jump.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from salescoach.errors import ConflictError, UsageError
from salescoach.store.database import Database
from salescoach.store.models import ActionRow, ChangeRow, NoteRow
from salescoach.store.records import (
    ACTION_LIMIT,
    CLOSED,
    NOTE_LIMIT,
    Action,
    Note,
    checked_name,
    checked_status,
    checked_text,
)
from salescoach.store.schema import bring_up_to_date

if TYPE_CHECKING:
    from salescoach.calendar import Period

Clock = Callable[[], datetime]
Kind = Literal["note_saved", "action_added", "action_changed"]


def utc_now() -> datetime:
    """What the clock says, in UTC."""
    return datetime.now(UTC)


class CoachingStore:
    """Notes and action items of one organisation. Safe in threads; usable in a forked child.

    All methods raise :class:`~salescoach.store.StoreBusyError` when another program holds the
    record for more than five seconds, and :class:`~salescoach.errors.WorkspaceError` when the file
    cannot be read or written.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @classmethod
    def open(cls, url: str, *, clock: Clock = utc_now) -> CoachingStore:
        """Open the record at *url* (``sqlite:///`` and a path), making or upgrading it when needed.

        Parameters
        ----------
        url : str
            Characters that an address does not allow are percent-encoded, as
            ``sqlalchemy.URL.create("sqlite", database=path)`` does.
        clock : callable
            Gives the aware moment that is written beside each change.

        Raises
        ------
        WorkspaceError
            no such folder, not writable, another program's file, or one of a newer salescoach.
        """
        database = Database.at(url)
        try:
            bring_up_to_date(database)
        except BaseException:
            database.close()
            raise
        return cls(database, clock)

    def close(self) -> None:
        """Give back the connections; what was saved is in the file."""
        self._database.close()

    def __enter__(self) -> CoachingStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- notes ---------------------------------------------------------------------------------

    def note(self, rep_id: str, period: Period) -> Note:
        """The shared note of *period*; version 0 and an empty text when none was saved yet."""
        with self._database.read() as session:
            row = _note_row(session, rep_id, period.label)
            return _note(row) if row else Note(rep_id, period.label, "", 0, "", None)

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
        checked_name(author, what="author")
        checked_text(text, what="note", limit=NOTE_LIMIT)
        with self._database.write() as session:
            row = _note_row(session, rep_id, period.label)
            if version != (row.version if row else 0):
                raise ConflictError(text, row.text if row else "", row.version if row else 0)
            if row is None:
                row = NoteRow(rep_id=rep_id, period=checked_name(period.label, what="period label"), text="")
                session.add(row)
            now = self._clock()
            row.text, row.period_start, row.author, row.updated_at = text, period.start, author, now
            flag_modified(row, "text")
            session.flush()
            _log(session, "note_saved", row.note_id, row.version, author, now)
            return _note(row)

    def latest_note(self, rep_id: str, upto: date) -> Note | None:
        """The last note that has a text, of a period that starts on *upto* or before; None if there is none."""
        query = (
            select(NoteRow)
            .where(NoteRow.rep_id == rep_id, NoteRow.period_start <= upto, NoteRow.text != "")
            .order_by(NoteRow.period_start.desc(), NoteRow.note_id.desc())
            .limit(1)
        )
        with self._database.read() as session:
            row = session.scalars(query).first()
            return _note(row) if row else None

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
        now = self._clock()
        row = ActionRow(
            key=checked_name(uuid.uuid4().hex if key is None else key, what="key"),
            rep_id=checked_name(rep_id, what="rep id"),
            period=checked_name(period.label, what="period label"),
            period_start=period.start,
            text=checked_text(text, what="action", limit=ACTION_LIMIT, required=True),
            due=due,
            status="open",
            template_id=None if template_id is None else checked_name(template_id, what="template id"),
            author=checked_name(author, what="author"),
            raised_at=now,
        )
        with self._database.write() as session:
            known = session.scalars(select(ActionRow).filter_by(rep_id=rep_id, key=row.key)).one_or_none()
            if known is not None:
                return _action(known)
            session.add(row)
            session.flush()
            _log(session, "action_added", row.action_id, row.version, author, now)
            return _action(row)

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
        checked_name(author, what="author")
        wanted = _wanted_changes(status=status, text=text, due=due, reason=reason)
        with self._database.write() as session:
            row = session.get(ActionRow, action_id)
            if row is None:
                raise UsageError(f"There is no action {action_id}. Read the list again.")
            if row.version != version:
                first = next(iter(wanted))
                raise ConflictError(str(wanted[first]), str(getattr(row, first) or ""), row.version)
            now = self._clock()
            _apply(wanted, row, now)
            session.flush()
            _log(session, "action_changed", row.action_id, row.version, author, now)
            return _action(row)

    def actions(self, rep_id: str, upto: date) -> tuple[Action, ...]:
        """All action items raised in periods that start on *upto* or before, oldest period first."""
        with self._database.read() as session:
            return _actions(session, rep_id, upto)

    # -- evidence ------------------------------------------------------------------------------

    def fingerprint(self, rep_id: str, upto: date) -> str:
        """SHA-256 (hex) over all that a review of *rep_id* can read up to *upto*.

        The same record gives the same fingerprint on any machine, and any change another one.
        """
        query = (
            select(NoteRow)
            .where(NoteRow.rep_id == rep_id, NoteRow.period_start <= upto)
            .order_by(NoteRow.period_start, NoteRow.note_id)
        )
        with self._database.read() as session:
            notes = [asdict(_note(row)) for row in session.scalars(query)]
            actions = [asdict(action) for action in _actions(session, rep_id, upto)]
        content = json.dumps(
            {"rep_id": rep_id, "notes": notes, "actions": actions},
            default=lambda moment: moment.isoformat(),
            sort_keys=True,
        )
        return hashlib.sha256(content.encode()).hexdigest()


def _note_row(session: Session, rep_id: str, label: str) -> NoteRow | None:
    return session.scalars(select(NoteRow).filter_by(rep_id=rep_id, period=label)).one_or_none()


def _actions(session: Session, rep_id: str, upto: date) -> tuple[Action, ...]:
    query = (
        select(ActionRow)
        .where(ActionRow.rep_id == rep_id, ActionRow.period_start <= upto)
        .order_by(ActionRow.period_start, ActionRow.action_id)
    )
    return tuple(_action(row) for row in session.scalars(query))


def _wanted_changes(
    *, status: str | None, text: str | None, due: date | None, reason: str | None
) -> dict[str, str | date]:
    """What was given, checked; the text first, for it is what people compare after a conflict."""
    wanted: dict[str, str | date] = {}
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


def _apply(wanted: dict[str, str | date], row: ActionRow, now: datetime) -> None:
    before = row.status
    if wanted.get("status", before) != before:
        row.reason = None
    for name, value in wanted.items():
        setattr(row, name, value)
    if row.status == "dropped" and row.reason is None:
        raise UsageError("An action is dropped for a reason. Say in a few words why it is no longer worth doing.")
    if row.status != before:
        row.closed_at = now if row.status in CLOSED else None
    flag_modified(row, "status")  # a version of its own, even when nothing came out different


def _log(session: Session, kind: Kind, subject_id: int, version: int, who: str, at: datetime) -> None:
    session.add(ChangeRow(at=at, who=who, kind=kind, subject_id=subject_id, version=version))


def _note(row: NoteRow) -> Note:
    return Note(row.rep_id, row.period, row.text, row.version, row.author, row.updated_at)


def _action(row: ActionRow) -> Action:
    return Action(
        action_id=row.action_id,
        rep_id=row.rep_id,
        period=row.period,
        text=row.text,
        due=row.due,
        status=row.status,
        reason=row.reason,
        template_id=row.template_id,
        author=row.author,
        raised_at=row.raised_at,
        closed_at=row.closed_at,
        version=row.version,
    )
