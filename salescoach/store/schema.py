"""Whether a file is a coaching record, and bringing it to the schema that this code knows.

A file that belongs to something else, or to a newer salescoach, is never touched. Alembic is
imported only when there is something to do, so opening a record that is up to date stays quick.

A schema change is a new module in ``migrations/versions``, the same change in ``models/``, and
:data:`HEAD` raised to its revision; the tests fail when one of the three is forgotten.
"""

from __future__ import annotations

import threading
from pathlib import Path

from salescoach.errors import WorkspaceError
from salescoach.store.database import Database

HEAD = "0004"
MIGRATIONS = Path(__file__).with_name("migrations")

_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps the migration it runs in module globals


def bring_up_to_date(database: Database) -> None:
    """Make or upgrade the tables; does nothing when they are as this code knows them.

    Any number of processes may do this to one new file at once.

    Raises
    ------
    WorkspaceError
        the file belongs to another program or was written by a newer salescoach.
    """
    revision = stored_revision(database)
    database.prepare()
    if revision == HEAD:
        return
    with _ONE_AT_A_TIME:
        _upgrade(database)


def stored_revision(database: Database) -> str | None:
    """Revision of the tables; None for a database that is still empty."""
    with database.read() as session:
        return database.revision(session)


def _upgrade(database: Database) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    revision = stored_revision(database)
    if revision is not None and revision not in known:
        raise WorkspaceError(
            f"The coaching record {database.shown} was written by a newer salescoach (its schema is {revision}, "
            f"this one knows {HEAD}). It was left as it is: update salescoach and open it again."
        )
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
