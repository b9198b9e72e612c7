"""What the coaching record hands out, and the rules its texts obey.

Frozen values only, never database rows: what a caller keeps cannot change under its hands. Texts
are kept exactly as written or refused with a reason, never shortened or cleaned in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from salescoach.errors import UsageError

NOTE_LIMIT = 20_000  # characters
ACTION_LIMIT = 500
NAME_LIMIT = 200  # rep ids, period labels, authors, client-made keys, template ids

STATUSES = ("open", "in_progress", "done", "dropped")
CLOSED = frozenset({"done", "dropped"})


@dataclass(frozen=True)
class Note:
    """The shared note of one rep and one period.

    ``version`` counts the saves; 0 means that nothing was saved yet (empty ``text`` and ``author``,
    ``updated_at`` None). ``updated_at`` is an aware moment in UTC.
    """

    rep_id: str
    period: str
    text: str
    version: int
    author: str
    updated_at: datetime | None


@dataclass(frozen=True)
class Action:
    """Something that was promised in a one-on-one.

    ``period`` is the label of the period in which it was raised, ``status`` one of
    :data:`STATUSES`, ``reason`` why it was dropped (or what the last change said). ``raised_at``
    and ``closed_at`` are aware moments in UTC; ``closed_at`` is set while done or dropped.
    """

    action_id: int
    rep_id: str
    period: str
    text: str
    due: date | None
    status: str
    reason: str | None
    template_id: str | None
    author: str
    raised_at: datetime
    closed_at: datetime | None
    version: int


def checked_text(text: str, *, what: str, limit: int, required: bool = False) -> str:
    """The same text, when it can be kept exactly as it is.

    Raises
    ------
    UsageError
        longer than *limit* characters, a NUL character, half of a character pair (it has no UTF-8
        form), or, when *required*, nothing but blanks.

    Examples
    --------
    >>> checked_text("Call Ayşe", what="action", limit=500)
    'Call Ayşe'
    >>> checked_text("  ", what="action", limit=500, required=True)
    Traceback (most recent call last):
    salescoach.errors.UsageError: The action is empty. Write at least one word.
    """
    if required and not text.strip():
        raise UsageError(f"The {what} is empty. Write at least one word.")
    if len(text) > limit:
        raise UsageError(
            f"The {what} has {len(text):,} characters; at most {limit:,} can be kept. "
            "Nothing was saved: shorten it and save again."
        )
    bad = next((place for place, sign in enumerate(text, 1) if sign == "\0" or "\ud800" <= sign <= "\udfff"), None)
    if bad is not None:
        raise UsageError(
            f"The {what} holds a character that no text can hold (U+{ord(text[bad - 1]):04X}, character {bad}). "
            "Nothing was saved: delete it and save again."
        )
    return text


def checked_name(name: str, *, what: str) -> str:
    """The same identifier, when it is not blank and can be kept.

    >>> checked_name("R07", what="rep id")
    'R07'
    """
    return checked_text(name, what=what, limit=NAME_LIMIT, required=True)


def checked_status(status: str) -> str:
    """The same status, when there is such a one.

    >>> checked_status("finished")
    Traceback (most recent call last):
    salescoach.errors.UsageError: There is no status 'finished'. Known: open, in_progress, done, dropped.
    """
    if status not in STATUSES:
        raise UsageError.unknown("status", status, STATUSES)
    return status
