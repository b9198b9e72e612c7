"""The coaching record in PostgreSQL, for a team: the same promises as the file, or a refusal.

How a unit of work runs, and why:

- Units that write take one lock of the database first, so they run one after the other: what was
  read in the unit still holds when it writes, and the audit is one chain.
- Units that read see one moment (repeatable read) and cannot write.
- A role that may bypass rights, and a server that acknowledges before it has written, are refused.
- Who owns the tables can switch the guards of the audit off. So the tables belong to a role for the administrator's
  commands (``salescoach migrate``), and the app comes in with a role that may only read and write rows.

Row-level security is not used. All people come in through one role of the server, whose statements are ours; a policy
that follows a setting protects from nobody who could write statements of their own as that role, for they could set it
too. What one person may see of another is decided in the service, entry by entry. Analysts get no login here but a
workspace without names (``salescoach person pseudonymise``).
"""

from __future__ import annotations

from typing import Any, NoReturn

from sqlalchemy import URL, Connection, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from salescoach.errors import UsageError, WorkspaceError
from salescoach.store.database import BUSY_SECONDS, Database, StoreBusyError, StoreLostError
from salescoach.store.models import KINDS

OWNS = """SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND pg_has_role(current_user, relowner, 'MEMBER')"""  # a member of the owner can become the owner
LOCK = 0x53434F41  # the same for every program of ours that writes this database
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
ROLE = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


class PostgresDatabase(Database):
    """One schema of a PostgreSQL database and its pooled connections."""

    is_file = False

    @classmethod
    def at(cls, address: URL) -> PostgresDatabase:  # type: ignore[override]
        """See :meth:`Database.at`; nothing is asked of the server yet."""
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,  # a connection that died while it lay idle is replaced unseen
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": int(BUSY_SECONDS), "application_name": "salescoach"},
            hide_parameters=True,  # people's words and names stay out of error texts
        )
        event.listen(engine, "begin", _begin)
        return cls(engine, "in PostgreSQL")

    def prepare(self) -> None:
        """Refuse a role or a server with which a promise would not hold."""
        with self.read() as session:
            if session.scalar(text(ROLE)):
                raise WorkspaceError(
                    "The role of the coaching record in PostgreSQL is a superuser or may bypass row security. "
                    "Give salescoach a role of its own: CREATE ROLE ... LOGIN NOSUPERUSER NOBYPASSRLS."
                )
            if session.scalar(text("SHOW synchronous_commit")) == "off":
                raise WorkspaceError(
                    "synchronous_commit is off: PostgreSQL would acknowledge what a crash can still lose. "
                    "Switch it on for the role: ALTER ROLE ... SET synchronous_commit = on."
                )

    def refuse_for_everybody(self) -> None:
        """Refuse a role that owns the tables, or can become their owner."""
        with self.read() as session:
            if session.scalar(text(OWNS)):
                raise WorkspaceError(
                    "The role of the coaching record in PostgreSQL owns its tables, so it could switch the guards of "
                    "the audit off. Let another role own them (it runs salescoach migrate), and give the app's role "
                    "SELECT, INSERT, UPDATE, DELETE on the tables and USAGE on the sequences."
                )

    def revision(self, session: Session) -> str | None:
        """See :meth:`Database.revision`: the record's own tables say whose schema it is."""
        tables = set(session.scalars(text(TABLES)))
        if not tables:
            return None
        if not {"alembic_version", "action_item"} <= tables:
            raise WorkspaceError(
                "The schema in PostgreSQL holds tables of another program and no coaching record. It was left as it "
                "is: make a database or a schema for salescoach alone."
            )
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))

    def scrub(self) -> None:
        """VACUUM: the server may write over the bytes. What its own logs and copies hold is its administrator's."""
        with self._own_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")

    def fold(self) -> None:
        """Nothing to do on a server."""

    def move_aside(self) -> None:
        """A schema with a record in it is not emptied for a restore."""
        raise UsageError(
            "A record in PostgreSQL is restored into an empty schema only: make one and name it in [store] url."
        )

    def after_copy(self, session: Session) -> None:
        """Set each table's counter behind its highest number."""
        for name in KINDS:
            session.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), greatest((SELECT max(id) FROM {name}), 1), "
                    f"EXISTS (SELECT 1 FROM {name}))"
                )
            )

    def _raise_readable(self, error: Any) -> NoReturn:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = str(getattr(cause, "sqlstate", None) or "")
        if state in ("55P03", "40001", "40P01"):
            raise StoreBusyError(self.shown) from None
        if state.startswith(("08", "57P")) or getattr(error, "connection_invalidated", False):
            raise StoreLostError(self.shown) from None
        match state:
            case "":
                why = "cannot be reached, or refused the user. Check [store] url and that the server runs."
            case "42501" | "25006":
                why = "may not be written by this role. Grant it SELECT, INSERT, UPDATE and DELETE on the tables."
            case "53100":
                why = "cannot grow, the server's disk is full. Nothing was saved; free some space and try again."
            case _ if state.startswith(("28", "3D")):
                why = "refused the user or has no such database. Check [store] url."
            case _:
                raise error
        # Without the driver's text, which names user and host, and may name more.
        raise WorkspaceError(f"The coaching record {self.shown} {why}") from None


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("unit") == "write":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(BUSY_SECONDS * 1000)}")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
