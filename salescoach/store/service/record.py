"""The coaching record for one principal: open it, then read and write through it.

Reads see one moment; a write is durable when it returned, together with its line in the audit, or
nothing of it is there. Each refusal is audited too.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeVar

from salescoach.errors import AccessDenied
from salescoach.store.database import Database, StoreLostError
from salescoach.store.models import Entry, Notice
from salescoach.store.schema import bring_up_to_date
from salescoach.store.service import audit
from salescoach.store.service.access import Access, Principal, Teams, no_teams
from salescoach.store.service.unit import Unit

RECONNECT_SECONDS = 1.0  # a server that restarts is back by then, or it is not our second try that helps
Clock = Callable[[], datetime]
E = TypeVar("E", bound=Entry)


def utc_now() -> datetime:
    """What the clock says, in UTC."""
    return datetime.now(UTC)


class Record:
    """One principal's view of the record. Safe in threads; usable in a forked child.

    All methods raise :class:`~salescoach.store.StoreBusyError` when another program holds the
    record for more than five seconds, :class:`~salescoach.errors.WorkspaceError` when it cannot be
    read or written, and :class:`~salescoach.errors.AccessDenied` when the principal may not.
    """

    def __init__(
        self, database: Database, principal: Principal, *, clock: Clock = utc_now, teams: Teams = no_teams
    ) -> None:
        self.database = database
        self.principal = principal
        self._clock = clock
        self._teams = teams

    @classmethod
    def open(cls, url: str, principal: Principal, *, clock: Clock = utc_now, teams: Teams = no_teams) -> Record:
        """Open the record at *url*, making or upgrading it when needed.

        Parameters
        ----------
        url : str
            ``sqlite:///`` and a path. Characters that an address does not allow are percent-encoded,
            as ``sqlalchemy.URL.create("sqlite", database=path)`` does.
        principal : Principal
            Who asks; the server says so, never a widget or an address.
        clock : callable
            Gives the aware moment that is written beside each change.
        teams : callable
            Teams of a rep on a day, for scopes that name a team. Default: none, so such scopes reach nobody.

        Raises
        ------
        WorkspaceError
            no such folder, not writable, another program's file, one of a newer salescoach, or a role in PostgreSQL
            that owns the tables while the principal is no administrator.
        """
        database = Database.at(url)
        try:
            bring_up_to_date(database)
            if not principal.is_owner:
                database.refuse_for_everybody()
        except BaseException:
            database.close()
            raise
        return cls(database, principal, clock=clock, teams=teams)

    def of(self, principal: Principal) -> Record:
        """The same record for somebody else; the connections are shared."""
        return Record(self.database, principal, clock=self._clock, teams=self._teams)

    def close(self) -> None:
        """Give back the connections; what was saved is stored."""
        self.database.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def now(self) -> datetime:
        """The moment that is written beside a change made now."""
        return self._clock()

    def was_noticed(self, rep_id: str) -> bool:
        """Whether a privacy notice reached *rep_id*; anybody may ask, for nothing about a person is shown before."""
        with self.read() as unit:
            return bool(unit.stored(Notice, rep_id=rep_id))

    def head(self) -> str:
        """The last link of the audit's chain: as long as it is the same, nothing was changed."""
        with self.database.read() as session:
            return audit.head(session)

    @contextmanager
    def write(self) -> Iterator[Unit]:
        """Several reads and writes that hold or fail together."""
        with self._told(), self.database.write() as session:
            now = self._clock()
            yield Unit(session, Access(session, self.principal, now.date(), self._teams), now)

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """Several reads of one moment."""
        with self._told(), self.database.read() as session:
            now = self._clock()
            yield Unit(session, Access(session, self.principal, now.date(), self._teams), now)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Put a refusal into the audit: in a transaction of its own, for the refused one left nothing."""
        try:
            yield
        except AccessDenied:
            with self.database.write() as session:
                audit.write(session, at=self._clock(), who=self.principal.person, act="denied")
            raise

    def _once_more(self, work: Callable[[Unit], E]) -> E:
        try:
            with self.write() as unit:
                return work(unit)
        except StoreLostError:
            time.sleep(RECONNECT_SECONDS)
            with self.write() as unit:
                return work(unit)

    # -- one step at a time --------------------------------------------------------------------

    def get(self, entry: type[E], id: int) -> E:
        """See :meth:`Unit.get`."""
        with self.read() as unit:
            return unit.get(entry, id)

    def entries(self, entry: type[E], rep_id: str | None = None, **where: Any) -> tuple[E, ...]:
        """See :meth:`Unit.entries`."""
        with self.read() as unit:
            return unit.entries(entry, rep_id, **where)

    def readable(self, entry: type[E], rep_id: str | None = None, **where: Any) -> tuple[E, ...]:
        """See :meth:`Unit.readable`."""
        with self.read() as unit:
            return unit.readable(entry, rep_id, **where)

    def history(self, entry: type[E], id: int) -> tuple[E, ...]:
        """See :meth:`Unit.history`."""
        with self.read() as unit:
            return unit.history(entry, id)

    def add(self, entry: E, *, why: str = "") -> E:
        """See :meth:`Unit.add`. Tried once more when the connection was lost: the key makes that safe."""
        keyed = replace(entry, key=entry.key or uuid.uuid4().hex)
        return self._once_more(lambda unit: unit.add(keyed, why=why))

    def save(self, entry: E, *, why: str = "") -> E:
        """See :meth:`Unit.save`. Tried again when the connection was lost; if the first try had arrived, it counts."""
        try:
            with self.write() as unit:
                return unit.save(entry, why=why)
        except StoreLostError:
            return self._once_more(lambda unit: unit.saved(entry) or unit.save(entry, why=why))

    def remove(self, entry: Entry, *, why: str = "") -> None:
        """See :meth:`Unit.remove`."""
        with self.write() as unit:
            unit.remove(entry, why=why)

    def viewed(self, rep_id: str, page: str) -> None:
        """See :meth:`Unit.viewed`. Only the first look of a day waits for those who write."""
        with self.read() as unit:
            if unit.was_viewed(rep_id, page):
                return
        with self.write() as unit:
            unit.viewed(rep_id, page)
