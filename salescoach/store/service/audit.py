"""The audit: one line for each change, refusal, export and erasure, each chained to the one before.

Holds no words and no names: a person stands in it by a token, a reason by a salted digest. So a
person can be erased and the chain still be verified from its first line to its last. That lines at
the end are missing shows only against a head that was noted elsewhere: ``salescoach audit verify`` prints it.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from salescoach.store.models.control import AUDIT, PERSON, REASON
from salescoach.store.records import NOTE_LIMIT, checked_text

START = "0" * 64
_CHAINED = ("seq", "at", "who", "act", "kind", "entry_id", "version", "subject", "reason")


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found: ``broken_at`` is the first line that does not fit, None when all do."""

    lines: int
    head: str
    broken_at: int | None


def write(
    session: Session,
    *,
    at: datetime,
    who: str,
    act: str,
    kind: str = "",
    entry_id: int = 0,
    version: int = 0,
    rep_id: str = "",
    why: str = "",
) -> None:
    """Add a line, in the transaction of what it tells about."""
    last = session.execute(select(AUDIT.c.seq, AUDIT.c.chain).order_by(AUDIT.c.seq.desc()).limit(1)).first()
    line: dict[str, Any] = {
        "seq": last.seq + 1 if last else 1,
        "at": at,
        "who": token_of(session, who),
        "act": act,
        "kind": kind,
        "entry_id": entry_id,
        "version": version,
        "subject": token_of(session, rep_id) if rep_id else "",
        "reason": "",
    }
    if why:
        salt = uuid.uuid4().hex
        line["reason"] = _digest(salt + checked_text(why, what="reason", limit=NOTE_LIMIT))
        session.execute(insert(REASON).values(seq=line["seq"], rep_id=rep_id, salt=salt, text=why))
    session.execute(insert(AUDIT).values(**line, chain=link(last.chain if last else START, line)))


def verify(session: Session) -> Verdict:
    """Walk the chain: a line that was changed, left out, added or moved breaks it."""
    before, lines = START, 0
    reasons = {row.seq: row for row in session.execute(select(REASON))}
    for row in session.execute(select(AUDIT).order_by(AUDIT.c.seq)):
        lines += 1
        told = reasons.get(row.seq)  # None also when it was erased with its person
        fits = row.seq == lines and row.chain == link(before, dict(row._mapping))
        if not fits or (told is not None and _digest(told.salt + told.text) != row.reason):
            return Verdict(lines, before, row.seq)
        before = row.chain
    return Verdict(lines, before, None)


def head(session: Session) -> str:
    """The last link of the chain; its start when there is no line yet."""
    return str(session.scalar(select(AUDIT.c.chain).order_by(AUDIT.c.seq.desc()).limit(1)) or START)


def has_head(session: Session, head: str) -> bool:
    """Whether a head that was noted earlier still stands in the chain."""
    return head == START or session.execute(select(AUDIT.c.seq).where(AUDIT.c.chain == head)).first() is not None


def token_of(session: Session, person_id: str) -> str:
    """What stands for a person in the audit; made at first use, gone when they are erased."""
    found = session.scalar(select(PERSON.c.token).where(PERSON.c.person_id == person_id))
    if found is None:
        found = uuid.uuid4().hex
        session.execute(insert(PERSON).values(person_id=person_id, token=found))
    return str(found)


def link(before: str, line: Mapping[str, Any]) -> str:
    """The chain at a line: SHA-256 (hex) over the one before and all that the line says."""
    said = [line[name].isoformat() if name == "at" else line[name] for name in _CHAINED]
    return _digest(before + json.dumps(said))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
