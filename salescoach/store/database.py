"""The database under the coaching record: its connections, its units of work, its faults in words.

What is the same for a file and for a server stands here; :mod:`~salescoach.store.sqlite` and
:mod:`~salescoach.store.postgres` say the rest. Knows nothing about notes or actions.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from sqlalchemy import URL, Engine, Pool, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session

from salescoach.errors import SalesCoachError, WorkspaceError

BUSY_SECONDS = 5.0
_INHERITED: list[Pool] = []  # a parent's connections, see Database._own_engine


class StoreBusyError(SalesCoachError):
    """Another program holds the coaching record; nothing was saved, trying again is safe."""

    def __init__(self, where: object) -> None:
        super().__init__(
            f"The coaching record {where} is being written by another program and did not become free "
            f"within {BUSY_SECONDS:.0f} seconds. Nothing was saved; your text is kept where you wrote it: try again."
        )


class StoreLostError(SalesCoachError):
    """The connection went away in the middle. What was being saved is stored whole or not at all; try again."""

    def __init__(self, where: object) -> None:
        super().__init__(
            f"The connection to the coaching record {where} was lost. Your text is kept where you wrote it: try again. "
            "What had arrived before is not saved twice."
        )


class Database(ABC):
    """One database and its pooled connections. Safe in threads; usable in a forked child."""

    def __init__(self, engine: Engine, shown: object) -> None:
        self.shown = shown  # how errors name it; never with a user or a password
        self._engine = engine
        self._pid = os.getpid()
        self._forking = threading.Lock()

    @staticmethod
    def at(url: str) -> Database:
        """The database at an address: ``sqlite:////home/ada/sales/coaching.db`` or ``postgresql://user@host/name``.

        An SQLite file is made when it is missing, readable by its owner only; its folder must exist.

        Raises
        ------
        WorkspaceError
            no such address, not writable, or a database on which nothing would be safe. Never repeats a password.
        """
        from salescoach.store.postgres import PostgresDatabase
        from salescoach.store.sqlite import SqliteDatabase

        address = _address(url)
        if address.get_backend_name() == "postgresql":
            return PostgresDatabase.at(address)
        return SqliteDatabase.at(address)

    @staticmethod
    def is_there(url: str) -> bool:
        """Whether there is a record to be opened, for those who would rather not make one; a server is always there."""
        from salescoach.store.sqlite import file_of

        address = _address(url)
        return address.get_backend_name() == "postgresql" or file_of(address).is_file()

    @property
    @abstractmethod
    def is_file(self) -> bool:
        """Whether it is an SQLite file, so that what lies in the file's bytes counts."""

    @abstractmethod
    def prepare(self) -> None:
        """Set right what the database itself remembers; refuse what would not keep a promise."""

    @abstractmethod
    def refuse_for_everybody(self) -> None:
        """Refuse what only an administrator's commands may use, when somebody else is to read and write through it."""

    @abstractmethod
    def revision(self, session: Session) -> str | None:
        """Revision of the tables; None when there are none yet. WorkspaceError when they are another program's."""

    @abstractmethod
    def scrub(self) -> None:
        """Take what was deleted out of the bytes on disk too, as far as the database can."""

    @abstractmethod
    def fold(self) -> None:
        """Put everything into the one file, where there is one."""

    @abstractmethod
    def move_aside(self) -> None:
        """Give the place free without losing what is there; UsageError where that cannot be done."""

    @abstractmethod
    def after_copy(self, session: Session) -> None:
        """Let new entries be numbered after those that were copied in with their numbers."""

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work that writes: all of it is durable when the block ends well, or none.

        Such units run one after the other, also in several processes.
        """
        with self._unit(self._own_engine().execution_options(unit="write")) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A unit of work that only reads: everything as it stood at its first look."""
        with self._unit(self._own_engine()) as session:
            yield session

    def close(self) -> None:
        """Give back all connections."""
        self._own_engine().dispose()

    @contextmanager
    def _unit(self, engine: Engine) -> Iterator[Session]:
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except self._faults() as error:
            self._raise_readable(error)

    def _faults(self) -> tuple[type[Exception], ...]:
        return (DBAPIError,)

    @abstractmethod
    def _raise_readable(self, error: Any) -> NoReturn:
        """Say in words what went wrong; a defect of ours is raised as it is."""

    def _own_engine(self) -> Engine:
        """The engine, with connections of this process only.

        SQLite forbids to use, and even to close, in a child a connection opened by its parent, and two
        processes on one connection to a server mix their answers. So the pool that was inherited is put
        aside for good and the child opens its own.
        """
        if os.getpid() != self._pid:
            with self._forking:
                if os.getpid() != self._pid:
                    _INHERITED.append(self._engine.pool)
                    self._engine.dispose(close=False)
                    self._pid = os.getpid()
        return self._engine


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    if address is None or address.get_backend_name() not in ("sqlite", "postgresql"):
        # the text may hold a password, so it is not repeated
        raise WorkspaceError(
            "That is not the address of a database that can keep the coaching record. "
            "Write sqlite:/// and the path of a file, or postgresql://user@host/name."
        )
    return address
