"""Copies of the record that restore, and putting them back.

A backup is always an SQLite file, whatever the record is kept in: one consistent moment, checked
before it gets its name. Restoring never overwrites silently, and whoever was erased since stays erased.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from salescoach.errors import UsageError, WorkspaceError
from salescoach.store.database import Database
from salescoach.store.models import METADATA
from salescoach.store.models.control import TOMBSTONE
from salescoach.store.schema import bring_up_to_date, stored_revision
from salescoach.store.service import audit
from salescoach.store.service.erasure import erase_again
from salescoach.store.service.record import Clock, utc_now

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Checked:
    """What a look at a whole record found: rows by table, the length and the head of the audit's chain."""

    rows: dict[str, int]
    lines: int
    head: str


def backup(database: Database, into: Path) -> Checked:
    """Write the record, as it stands at one moment, into a new file; writers need not stop.

    Raises
    ------
    WorkspaceError
        there is such a file already, it cannot be written, or the copy does not hold.
    """
    if into.exists():
        raise WorkspaceError(f"{into} exists already. A backup overwrites nothing: name another file.")
    if not into.parent.is_dir():
        raise WorkspaceError(f"There is no folder {into.parent}. Make it first.")
    copy = into.with_name(f".{into.name}.{secrets.token_hex(4)}")
    try:
        with _file(copy) as target:
            _copy(database, target)
            found = check(target)
            target.fold()
        _to_disk(copy)
        os.link(copy, into)  # unlike a rename it never replaces a file that came meanwhile
        _to_disk(into.parent)
    except FileExistsError:
        raise WorkspaceError(f"{into} exists already. A backup overwrites nothing: name another file.") from None
    except OSError as error:
        raise WorkspaceError(f"{into} cannot be written ({error.strerror}). There is no backup.") from error
    finally:
        _remove(copy)
    return found


def restore(
    url: str, source: Path, *, erased: Iterable[str] = (), force: bool = False, clock: Clock = utc_now
) -> Checked:
    """Put a backup into the place at *url*; a file that is there is moved aside when *force* is given.

    Parameters
    ----------
    erased : iterable of str
        Tokens of people who were erased since; those that the present record knows are added. They are erased again.

    Raises
    ------
    UsageError
        there is a record already and *force* was not given, or it is in PostgreSQL: that needs an empty schema.
    WorkspaceError
        the backup is damaged, of a newer salescoach, or no record.
    """
    if not source.is_file():
        raise UsageError(f"There is no backup {source}.")
    staging = source.with_name(f".{source.name}.{secrets.token_hex(4)}")
    try:
        staging.write_bytes(source.read_bytes())  # the backup itself is never migrated or changed
        with _file(staging) as copy:
            bring_up_to_date(copy)
            check(copy)
            return _put(copy, url, set(erased), force=force, clock=clock)
    finally:
        _remove(staging)


def _put(copy: Database, url: str, tokens: set[str], *, force: bool, clock: Clock) -> Checked:
    database = Database.at(url)
    try:
        if stored_revision(database) is not None:
            with database.read() as session:
                tokens |= set(session.scalars(select(TOMBSTONE.c.token)))
            _make_way(database, force=force)
            database.close()
            database = Database.at(url)
        bring_up_to_date(database)
        _copy_rows(copy, database)
        erase_again(database, tokens, now=clock())
        return check(database)
    finally:
        database.close()


def check(database: Database) -> Checked:
    """Look at everything; WorkspaceError when the file is damaged, a reference leads nowhere or the audit is broken."""
    with database.read() as session:
        faults = _faults(session) if database.is_file else []
        verdict = audit.verify(session)
        if verdict.broken_at is not None:
            faults.append(f"the audit is broken at line {verdict.broken_at}")
        if faults:
            raise WorkspaceError(f"The record {database.shown} does not hold: {'; '.join(faults)}. Use another backup.")
        rows = {
            table.name: int(session.scalar(select(func.count()).select_from(table)) or 0)
            for table in METADATA.sorted_tables
        }
    return Checked(rows, verdict.lines, verdict.head)


def _faults(session: Session) -> list[str]:
    said = [str(line) for line in session.scalars(text("PRAGMA integrity_check"))]
    lost = session.execute(text("PRAGMA foreign_key_check")).all()
    return [line for line in said if line != "ok"] + [f"{len(lost)} references lead nowhere"] * bool(lost)


def _file(path: Path) -> _Closing:
    return _Closing(Database.at(f"sqlite:///{quote(str(path.absolute()))}"))


class _Closing:
    """A database that is closed at the end of a block."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Database:
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()


def _copy(source: Database, target: Database) -> None:
    bring_up_to_date(target)
    _copy_rows(source, target)


def _copy_rows(source: Database, target: Database) -> None:
    """All rows of one moment, in one transaction of the target."""
    with source.read() as reading, target.write() as writing:
        for table in METADATA.sorted_tables:
            key = list(table.primary_key.columns)
            rows = reading.execute(select(table).order_by(*key)).mappings()
            while chunk := rows.fetchmany(ROWS_AT_ONCE):
                writing.execute(insert(table), [dict(row) for row in chunk])
        target.after_copy(writing)


def _make_way(database: Database, *, force: bool) -> None:
    if not force:
        raise UsageError(
            f"There is a record {database.shown} already. Restore into another place, or say --force: "
            "the present one is then moved aside, not deleted."
        )
    database.move_aside()


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)
