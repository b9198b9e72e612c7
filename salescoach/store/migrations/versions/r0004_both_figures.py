"""An objection keeps both figures, and what was found not to be the person's."""

from __future__ import annotations

from alembic import op

from salescoach.store.migrations.shapes import day, number, text, whole

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """New columns only, empty for what was written before."""
    for figure in ("first", "again"):
        for column in (
            number(f"{figure}_value", empty=True), number(f"{figure}_low", empty=True),
            number(f"{figure}_high", empty=True), whole(f"{figure}_n", empty=True), day(f"{figure}_as_of", empty=True),
        ):  # fmt: skip
            op.add_column("objection", column)
    op.add_column("objection", text("deals", None, empty=True))
    op.add_column("objection", text("right_owner", empty=True))
