"""How the coaching record lies in the database: one class per table.

Knows columns and constraints, no rules and no connections. What stands here and what the
migrations build is the same schema; a test compares the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from salescoach.store.records import ACTION_LIMIT, NAME_LIMIT

# Every constraint has a name, so that a later migration can change it on any database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, also where the database keeps no time zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a moment without time zone is refused, for it could be anybody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must carry its time zone; the clock of the store gave one without")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC, marked as such."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables of the coaching record share."""

    metadata = MetaData(naming_convention=NAMES)


class NoteRow(Base):
    """The shared note: one per rep and period, whoever writes it."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("rep_id", "period"), {"sqlite_autoincrement": True})

    note_id: Mapped[int] = mapped_column(primary_key=True)
    rep_id: Mapped[str] = mapped_column(String(NAME_LIMIT))
    period: Mapped[str] = mapped_column(String(NAME_LIMIT))
    period_start: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(NAME_LIMIT))
    updated_at: Mapped[datetime] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy declares it an instance variable)


class ActionRow(Base):
    """An action item. ``key`` is made by the client once per promise, so that a retry adds nothing."""

    __tablename__ = "action_item"
    __table_args__ = (
        UniqueConstraint("rep_id", "key"),
        CheckConstraint("status IN ('open', 'in_progress', 'done', 'dropped')", name="status"),
        CheckConstraint("status <> 'dropped' OR reason IS NOT NULL", name="dropped_has_reason"),
        CheckConstraint("(closed_at IS NOT NULL) = (status IN ('done', 'dropped'))", name="closed_at"),
        {"sqlite_autoincrement": True},
    )

    action_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(NAME_LIMIT))
    rep_id: Mapped[str] = mapped_column(String(NAME_LIMIT))
    period: Mapped[str] = mapped_column(String(NAME_LIMIT))
    period_start: Mapped[date]
    text: Mapped[str] = mapped_column(String(ACTION_LIMIT))
    due: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(ACTION_LIMIT))
    template_id: Mapped[str | None] = mapped_column(String(NAME_LIMIT))
    author: Mapped[str] = mapped_column(String(NAME_LIMIT))
    raised_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (SQLAlchemy declares it an instance variable)


class ChangeRow(Base):
    """One line of the change log: who changed what, when, to which version.

    Append-only (the database refuses updates and deletes) and without people's words, so that a
    text can be erased and the log still be whole.
    """

    __tablename__ = "change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    change_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(String(NAME_LIMIT))
    kind: Mapped[str] = mapped_column(String(40))  # note_saved, action_added, action_changed
    subject_id: Mapped[int]
    version: Mapped[int]
