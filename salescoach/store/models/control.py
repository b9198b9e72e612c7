"""The record about the record: who is who, what was done, what was said about why, earlier versions.

Kept by the service only; nobody adds to these tables by hand. The audit holds no words and no names,
so that a person can be erased and the chain still be whole: people stand in it by a token that
``person`` resolves, reasons by their digest.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table, Text, UniqueConstraint

from salescoach.store.models.entry import METADATA, Moment
from salescoach.store.records import NAME_LIMIT

DIGEST = String(64)
TOKEN = String(32)

PERSON = Table(
    "person",
    METADATA,
    Column("person_id", String(NAME_LIMIT), primary_key=True),
    Column("token", TOKEN, nullable=False),
    UniqueConstraint("token"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("who", TOKEN, nullable=False),
    Column("act", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("entry_id", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", TOKEN, nullable=False),
    Column("reason", DIGEST, nullable=False),
    Column("chain", DIGEST, nullable=False),
)

REASON = Table(
    "audit_reason",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("rep_id", String(NAME_LIMIT), nullable=False),
    Column("salt", TOKEN, nullable=False),
    Column("text", Text, nullable=False),
)

EARLIER = Table(
    "earlier_version",
    METADATA,
    Column("kind", String(40), primary_key=True),
    Column("entry_id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("rep_id", String(NAME_LIMIT), nullable=False),
    Column("content", Text, nullable=False),
)

VIEW = Table(
    "view_log",
    METADATA,
    Column("viewer_id", String(NAME_LIMIT), primary_key=True),
    Column("rep_id", String(NAME_LIMIT), primary_key=True),
    Column("page", String(NAME_LIMIT), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("first_at", Moment, nullable=False),
)

TOMBSTONE = Table(
    "tombstone",
    METADATA,
    Column("token", TOKEN, primary_key=True),
    Column("erased_at", Moment, nullable=False),
)

CONTROL_TABLES = frozenset(table.name for table in (PERSON, AUDIT, REASON, EARLIER, VIEW, TOMBSTONE))
