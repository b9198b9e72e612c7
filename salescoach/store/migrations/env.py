"""Run by Alembic, which hands over the connection of a write unit that is already open.

The transaction is that unit's: the file ends with the old schema or the new one, never between.
"""

from __future__ import annotations

from alembic import context

from salescoach.store.models import METADATA


def migrate() -> None:
    """Take the steps that Alembic was asked for."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        render_as_batch=True,  # SQLite cannot alter most things in place
    )
    with context.begin_transaction():
        context.run_migrations()


if not __package__:  # Alembic runs this file by its path; importing it as a module does nothing
    migrate()
