"""One SQLite file: its connections, its units of work, and its faults in words a person can act on.

Nobody else sets a PRAGMA or begins a transaction. Knows nothing about notes or actions.

How a unit of work runs, and why:

- A unit that writes takes the write lock first (``BEGIN IMMEDIATE``). A transaction that begins by
  reading and then writes is refused at once when another one wrote in between, whatever the time-out.
- WAL lets readers go on meanwhile; ``synchronous=FULL`` makes a commit survive a power cut;
  ``secure_delete=FAST`` overwrites erased text where that costs no extra writing.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import URL, Connection, Engine, Pool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from salescoach.errors import SalesCoachError, WorkspaceError

BUSY_SECONDS = 5.0
_INHERITED: list[Pool] = []  # a parent's connections, see Database._own_engine
_CREATING = threading.Lock()  # nobody here opens a file that is just being made, see _prepare_file


class StoreBusyError(SalesCoachError):
    """Another program holds the coaching record; nothing was saved, trying again is safe."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The coaching record {path} is being written by another program and did not become free "
            f"within {BUSY_SECONDS:.0f} seconds. Nothing was saved; your text is kept where you wrote it: try again."
        )


class Database:
    """One SQLite file and its pooled connections. Safe in threads; usable in a forked child."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = _engine(path)
        self._pid = os.getpid()
        self._forking = threading.Lock()

    @classmethod
    def at(cls, url: str) -> Database:
        """The database at an address such as ``sqlite:////home/ada/sales/coaching.db``.

        The file is made when it is missing, readable by its owner only; its folder must exist.

        Raises
        ------
        WorkspaceError
            not an SQLite address, no such folder, or not writable.
        """
        path = _path(url)
        _prepare_file(path)
        return cls(path)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work that writes: all of it is durable when the block ends well, or none."""
        with self._unit(self._own_engine().execution_options(begin="BEGIN IMMEDIATE")) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A unit of work that only reads: everything as it stood at its first look."""
        with self._unit(self._own_engine()) as session:
            yield session

    def keep_write_ahead_log(self) -> None:
        """Switch the file to WAL; the file itself remembers, so later calls only look.

        The switch needs the file for itself, and SQLite refuses it at once, whatever the time-out,
        while another process writes: hence the patience here.
        """
        give_up = time.monotonic() + BUSY_SECONDS
        while True:
            connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS)
            try:
                mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.Error as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                    self._raise_readable(error)
                time.sleep(0.02)
            else:
                break
            finally:
                connection.close()
        if mode != "wal":
            raise WorkspaceError(
                f"The coaching record {self.path} cannot keep a write-ahead log there. "
                "Put the workspace on a local disk, not on a network share."
            )

    def close(self) -> None:
        """Give back all connections."""
        self._own_engine().dispose()

    @contextmanager
    def _unit(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except (DBAPIError, sqlite3.Error) as error:  # the driver's own while a connection is set up
            self._raise_readable(error)

    def _own_engine(self) -> Engine:
        """The engine, with connections of this process only.

        SQLite forbids to use, and even to close, in a child a connection opened by its parent. So
        the pool that was inherited is put aside for good and the child opens its own.
        """
        if os.getpid() != self._pid:
            with self._forking:
                if os.getpid() != self._pid:
                    _INHERITED.append(self._engine.pool)
                    self._engine.dispose(close=False)
                    self._pid = os.getpid()
        return self._engine

    def _raise_readable(self, error: DBAPIError | sqlite3.Error) -> NoReturn:
        """Say in words what went wrong; a defect of ours is raised as it is."""
        match _code(error):
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise StoreBusyError(self.path) from error
            case sqlite3.SQLITE_FULL:
                why = "cannot grow, the disk is full. Nothing was saved; free some space and try again."
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                why = "cannot be written. Check that you may write the file and its folder."
            case sqlite3.SQLITE_IOERR:
                why = "met a fault of the disk. Nothing was saved; check the disk and its free space, then try again."
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                why = "is damaged or is no coaching record. Move it away, or put a backup in its place."
            case _:
                raise error
        raise WorkspaceError(f"The coaching record {self.path} {why}") from error


def _code(error: DBAPIError | sqlite3.Error) -> int:
    """SQLite's primary result code (the higher bits only say more about it), 0 when it gave none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0)) & 0xFF


def _path(url: str) -> Path:
    try:
        address = make_url(url)
    except ArgumentError:
        raise WorkspaceError(
            f"'{url}' is not the address of a database. Write sqlite:/// and the path of a file."
        ) from None
    shown = address.render_as_string(hide_password=True)
    if address.get_backend_name() != "sqlite":
        raise WorkspaceError(
            f"The coaching record cannot be kept at {shown}. It is kept in an SQLite file: "
            "write sqlite:/// and the path of a file."
        )
    if address.query or not address.database or address.database.startswith((":memory:", "file:")):
        raise WorkspaceError(
            f"{shown} does not name a plain file, so the coaching record would not be kept. "
            "Write sqlite:/// and the path of a file."
        )
    return Path(address.database).absolute()


def _prepare_file(path: Path) -> None:
    """Make the file when it is missing; take it from everybody but its owner."""
    try:
        if not path.parent.is_dir():
            raise WorkspaceError(
                f"There is no folder {path.parent} to keep the coaching record in. Make the workspace first."
            )
        _create(path)
        if not path.is_file():
            raise WorkspaceError(f"{path} is not a file, so the coaching record cannot be kept there.")
        # Not opened to see whether it can be: closing it again would drop this process's SQLite locks.
        if not os.access(path, os.R_OK | os.W_OK) or not os.access(path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        status = path.stat()
        if status.st_mode & 0o077 and status.st_uid == os.geteuid():
            path.chmod(0o600)  # SQLite gives the log beside it the same rights
    except OSError as error:
        raise WorkspaceError(
            f"The coaching record {path} cannot be written ({error.strerror}). "
            "Check that you may write the file and its folder, where its log is kept."
        ) from error


def _create(path: Path) -> None:
    with _CREATING:
        if not path.exists():
            try:
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                return  # another process was quicker


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_SECONDS},
        max_overflow=-1,  # a thread waits for the write lock, never for a connection
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    """Runs for every connection that enters the pool."""
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = FAST")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
