"""Notes, action items, and the log of their changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from salescoach.store.migrations.shapes import append_only
from salescoach.store.sqlite import MARK

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """From an empty file."""
    op.create_table(
        "note",
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("rep_id", sa.String(200), nullable=False),
        sa.Column("period", sa.String(200), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("note_id", name="pk_note"),
        sa.UniqueConstraint("rep_id", "period", name="uq_note_rep_id_period"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "action_item",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("rep_id", sa.String(200), nullable=False),
        sa.Column("period", sa.String(200), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500), nullable=True),
        sa.Column("template_id", sa.String(200), nullable=True),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("rep_id", "key", name="uq_action_item_rep_id_key"),
        sa.CheckConstraint("status IN ('open', 'in_progress', 'done', 'dropped')", name="status"),
        sa.CheckConstraint("status <> 'dropped' OR reason IS NOT NULL", name="dropped_has_reason"),
        sa.CheckConstraint("(closed_at IS NOT NULL) = (status IN ('done', 'dropped'))", name="closed_at"),
        sa.PrimaryKeyConstraint("action_id", name="pk_action_item"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "change",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_change"),
        sqlite_autoincrement=True,
    )
    append_only("change")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"PRAGMA application_id = {MARK}")
