"""The coaching record in one SQLite file. Nobody else sets a PRAGMA or begins a transaction there.

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
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from salescoach.errors import WorkspaceError
from salescoach.store.database import BUSY_SECONDS, Database, StoreBusyError

MARK = 0x53434F41  # "SCOA": written into the file's header, so that it is known whatever its name
# File systems that other machines write too: locks and write-ahead logs cannot be trusted there.
SHARES = frozenset("nfs nfs4 cifs smb3 smbfs 9p afs ceph fuse.sshfs fuse.glusterfs fuse.cephfs fuse.rclone".split())
MOUNTS = Path("/proc/self/mounts")
_CREATING = threading.Lock()  # nobody here opens a file that is just being made, see _prepare_file


class SqliteDatabase(Database):
    """One SQLite file and its pooled connections. Safe in threads; usable in a forked child."""

    is_file = True

    def __init__(self, path: Path) -> None:
        super().__init__(_engine(path), path)
        self.path = path

    @classmethod
    def at(cls, address: URL) -> SqliteDatabase:  # type: ignore[override]
        """See :meth:`Database.at`."""
        path = file_of(address)
        refuse_network_share(path)
        _prepare_file(path)
        return cls(path)

    def prepare(self) -> None:
        """Also a restored copy, which may have lost it, gets its write-ahead log."""
        self.keep_write_ahead_log()

    def refuse_for_everybody(self) -> None:
        """Nothing to refuse: whoever can open the file can do all, and is its owner."""

    def revision(self, session: Session) -> str | None:
        """See :meth:`Database.revision`: the file's header says whose it is."""
        if not session.scalar(text("SELECT count(*) FROM sqlite_master")):
            return None
        if session.scalar(text("PRAGMA application_id")) != MARK:
            raise WorkspaceError(
                f"{self.path} is a database of another program, not a coaching record. It was left as it is: "
                "name another file in the workspace's settings."
            )
        return str(session.scalar(text("SELECT version_num FROM alembic_version")))

    def scrub(self) -> None:
        """VACUUM and an emptied log: no deleted byte stays, neither in the file nor in its log."""
        self._alone("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")

    def fold(self) -> None:
        """See :meth:`Database.fold`."""
        self._alone("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE")

    def move_aside(self) -> None:
        """To a name beside it that is free."""
        self.fold()
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.before-restore-{number}")).exists():
            number += 1
        self.path.rename(aside)

    def after_copy(self, session: Session) -> None:
        """SQLite numbers on from the highest by itself."""

    def _alone(self, *statements: str) -> None:
        """Outside any transaction, on a connection of its own; the pool's idle ones are given back first."""
        self.close()
        connection = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            for statement in statements:
                connection.execute(statement)
        except sqlite3.Error as error:
            self._raise_readable(error)
        finally:
            connection.close()

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

    def _faults(self) -> tuple[type[Exception], ...]:
        return (DBAPIError, sqlite3.Error)  # the driver's own while a connection is set up

    def _raise_readable(self, error: Any) -> NoReturn:
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


def file_of(address: URL) -> Path:
    """The file that *address* names; WorkspaceError when it names none that would be kept."""
    shown = address.render_as_string(hide_password=True)
    if address.query or not address.database or address.database.startswith((":memory:", "file:")):
        raise WorkspaceError(
            f"{shown} does not name a plain file, so the coaching record would not be kept. "
            "Write sqlite:/// and the path of a file."
        )
    return Path(address.database).absolute()


def refuse_network_share(path: Path, mounts: str | None = None) -> None:
    """WorkspaceError when *path* lies on a file system that other machines write too.

    *mounts* is the system's table of mounts, read when not given; a system without one is not judged.

    >>> refuse_network_share(Path("/home/ada/coaching.db"), "/dev/sda1 / ext4 rw 0 0")
    >>> refuse_network_share(Path("/team/coaching.db"), "/dev/sda1 / ext4 rw 0 0\\nnas:/vol /team nfs4 rw 0 0")
    Traceback (most recent call last):
    salescoach.errors.WorkspaceError: /team/coaching.db lies on a network share (nfs4), where an SQLite file ...
    """
    if mounts is None:
        if not MOUNTS.exists():
            return
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    places = [line.split() for line in mounts.splitlines() if len(line.split()) > 2]
    above = [(place[1].replace("\\040", " "), place[2]) for place in places]
    above = [(place, kind) for place, kind in above if path.is_relative_to(place)]
    kind = max(above, key=lambda each: len(each[0]), default=("", ""))[1]
    if kind in SHARES:
        raise WorkspaceError(
            f"{path} lies on a network share ({kind}), where an SQLite file can be damaged by two writers. "
            "Put the workspace on a local disk, or keep the record in PostgreSQL: [store] url in salescoach.toml."
        )


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
    writes = connection.get_execution_options().get("unit") == "write"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
