"""Whether a file is a coaching record, and bringing it to the schema that this code knows.

A file that belongs to something else, or to a newer salescoach, is never touched. Alembic is
imported only when there is something to do, so opening a record that is up to date stays quick.

A schema change is a new module in ``migrations/versions``, the same change in ``models.py``, and
:data:`HEAD` raised to its revision; the tests fail when one of the three is forgotten.
"""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import text

from salescoach.errors import WorkspaceError
from salescoach.store.database import Database

HEAD = "0002"
MARK = 0x53434F41  # "SCOA": written into the file's header, so that it is known whatever its name
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
    database.keep_write_ahead_log()  # also on a restored copy, which may have lost it
    if revision == HEAD:
        return
    with _ONE_AT_A_TIME:
        _upgrade(database)


def stored_revision(database: Database) -> str | None:
    """Revision of the tables in the file; None for a file that is still empty."""
    with database.read() as session:
        if not session.scalar(text("SELECT count(*) FROM sqlite_master")):
            return None
        if session.scalar(text("PRAGMA application_id")) != MARK:
            raise WorkspaceError(
                f"{database.path} is a database of another program, not a coaching record. It was left as it is: "
                "name another file in the workspace's settings."
            )
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))


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
            f"The coaching record {database.path} was written by a newer salescoach (its schema is {revision}, "
            f"this one knows {HEAD}). It was left as it is: update salescoach and open it again."
        )
    with database.write() as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")
