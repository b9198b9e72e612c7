"""One unit of work: reads and writes that are authorised, versioned and audited, and hold or fail together."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from salescoach.errors import ConflictError, UsageError
from salescoach.store.models.control import EARLIER, VIEW
from salescoach.store.models.entry import KINDS, ORGANISATION, Entry, Kind, Refers, kind_of
from salescoach.store.policy import Standings
from salescoach.store.service import audit
from salescoach.store.service.access import Access

E = TypeVar("E", bound=Entry)


class Unit:
    """Get one from :meth:`Record.write` or :meth:`Record.read`; it ends with their block."""

    def __init__(self, session: Session, access: Access, now: datetime) -> None:
        self.session = session
        self.access = access
        self.now = now

    # -- reading -------------------------------------------------------------------------------

    def get(self, entry: type[E], id: int) -> E:
        """The entry as it stands; AccessDenied also when there is none, for that is nobody's business either."""
        kind = kind_of(entry)
        found = self._stored(kind, id)
        if found is None or not self._may_read(kind, found):
            raise self.access.denied("read", kind.name)
        return found  # type: ignore[return-value]

    def entries(self, entry: type[E], rep_id: str | None = None, **where: Any) -> tuple[E, ...]:
        """All entries of a kind that the principal may read, oldest first.

        Parameters
        ----------
        rep_id : str, optional
            Only about this person; AccessDenied when the principal may read none of their entries.
            Without it: about everybody whom the principal may read, which may be nobody.
        **where
            Values that fields must have.
        """
        kind = kind_of(entry)
        if rep_id is not None and not self._may_read_some(kind, rep_id):
            raise self.access.denied("read", kind.name)
        return self.readable(entry, rep_id, **where)

    def readable(self, entry: type[E], rep_id: str | None = None, **where: Any) -> tuple[E, ...]:
        """As :meth:`entries`, but what the principal may not read is left out instead of refused."""
        kind = kind_of(entry)
        given = where if rep_id is None else {"rep_id": rep_id, **where}
        return tuple(each for each in self.stored(entry, **given) if self._may_read(kind, each))

    def history(self, entry: type[E], id: int) -> tuple[E, ...]:
        """Every version of an entry, the first one first; only the present one where its kind keeps no earlier ones."""
        return self.versions(self.get(entry, id))

    def versions(self, entry: E) -> tuple[E, ...]:
        """The same of an entry that was read or counted in this unit."""
        kind = kind_of(type(entry))
        query = (
            select(EARLIER.c.content)
            .where(EARLIER.c.kind == kind.name, EARLIER.c.entry_id == entry.id)
            .order_by(EARLIER.c.version)
        )
        return (*(_from_json(kind, text) for text in self.session.scalars(query)), entry)  # type: ignore[arg-type]

    def countable(self, entry: type[E]) -> tuple[E, ...]:
        """Entries that the principal may count: they must hand on no words of theirs."""
        kind = kind_of(entry)
        return tuple(
            each for each in self.stored(entry) if self.access.standings(each.rep_id, each.author) & kind.policy.counted
        )

    def stored(self, entry: type[E], **where: Any) -> tuple[E, ...]:
        """Entries as they stand, whoever asks. For steps of this package that hand out less than entries."""
        kind = kind_of(entry)
        query = select(kind.table).order_by(kind.table.c.id)
        for name, value in where.items():
            query = query.where(kind.table.c[name] == value)
        return tuple(_entry(kind, row) for row in self.session.execute(query).mappings())  # type: ignore[misc]

    # -- writing -------------------------------------------------------------------------------

    def add(self, entry: E, *, why: str = "") -> E:
        """Keep a new entry. The same ``rep_id`` and ``key`` again add nothing and give what is there: retry at will.

        Raises
        ------
        AccessDenied
            the principal may not add such an entry about this person.
        UsageError
            a field cannot be kept, a rule of the kind forbids it, or it refers to something about somebody else.
        """
        kind = kind_of(type(entry))
        person = self.access.principal.person
        if not self.access.standings(entry.rep_id) & kind.policy.add:
            raise self.access.denied("add", kind.name)
        entry = replace(
            entry, id=0, key=entry.key or uuid.uuid4().hex, author=person, created_at=self.now,
            changed_by=person, changed_at=self.now, version=1,
        )  # fmt: skip
        known = self._by_key(kind, entry)
        if known is not None:
            if not self._may_read(kind, known):
                raise self.access.denied("add", kind.name)
            return known  # type: ignore[return-value]
        kind.check(entry)
        entry = entry.settled(None, self.now)
        self._check_references(kind, entry)
        values = _values(kind, entry)
        del values["id"]
        try:
            done = self.session.execute(insert(kind.table).values(**values).returning(kind.table.c.id))
        except IntegrityError:
            name = kind.name.replace("_", " ")
            raise UsageError(f"There is such a {name} already. Read it and change it instead.") from None
        entry = replace(entry, id=done.scalar_one())
        self._log("added", kind, entry, why)
        self._reopen_whole(kind, entry)
        return entry

    def save(self, entry: E, *, why: str = "") -> E:
        """Keep a changed copy of an entry that was read: ``unit.save(replace(goal, target=3.0))``.

        Every save is a version of its own, even of the same words.

        Raises
        ------
        ConflictError
            somebody saved since it was read; nothing was written, and the error carries both texts.
        AccessDenied
            a field was changed that is not the principal's to change.
        UsageError
            a field cannot be kept, or a rule of the kind forbids it.
        """
        kind = kind_of(type(entry))
        stored = self._stored(kind, entry.id)
        if stored is None or not self._may_read(kind, stored):
            raise self.access.denied("change", kind.name)
        if stored.rep_id != entry.rep_id:
            raise UsageError(
                f"The entry is about {stored.rep_id}; it cannot be moved to {entry.rep_id}. Add a new one."
            )
        changed = [name for name in kind.written if getattr(stored, name) != getattr(entry, name)]
        self._check_rights(kind, stored, changed)
        if stored.version != entry.version:
            raise _conflict(kind, entry, stored, changed)
        kind.check(entry)
        entry = entry.settled(stored, self.now)  # type: ignore[arg-type]
        self._check_references(kind, entry)
        entry = self._replace(kind, stored, entry)
        self._log("changed", kind, entry, why)
        self._reopen_whole(kind, entry)
        return entry

    def saved(self, entry: E) -> E | None:
        """What is stored, when it is just what the principal wanted to save on top of what they had read."""
        kind = kind_of(type(entry))
        stored = self._stored(kind, entry.id)
        if stored is None or stored.changed_by != self.access.principal.person or stored.version != entry.version + 1:
            return None
        same = all(getattr(stored, name) == getattr(entry, name) for name in kind.written)
        return stored if same else None  # type: ignore[return-value]

    def remove(self, entry: Entry, *, why: str = "") -> None:
        """Take away an entry for good, where its kind keeps no earlier versions (a draft, a private note)."""
        kind = kind_of(type(entry))
        stored = self._stored(kind, entry.id)
        if stored is None or not self._may_read(kind, stored):
            raise self.access.denied("remove", kind.name)
        self._check_rights(kind, stored, list(kind.written))
        if kind.keeps_versions:
            raise UsageError(f"A {kind.name.replace('_', ' ')} is not removed, so that what was said stays. Close it.")
        if stored.version != entry.version:
            raise _conflict(kind, entry, stored, [])
        self.session.execute(delete(kind.table).where(kind.table.c.id == stored.id))
        self._log("removed", kind, stored, why)

    def viewed(self, rep_id: str, page: str) -> None:
        """Log that the principal looked at a page about somebody else: once a day is enough to know."""
        viewer = self.access.principal.person
        if viewer == rep_id:
            return
        if not self.access.standings(rep_id):
            raise self.access.denied("read", page)
        if not self.was_viewed(rep_id, page):
            key = {"viewer_id": viewer, "rep_id": rep_id, "page": page, "day": self.now.date()}
            self.session.execute(insert(VIEW).values(**key, first_at=self.now))

    def was_viewed(self, rep_id: str, page: str) -> bool:
        """Whether it is logged already that the principal looked at that page today."""
        key = {"viewer_id": self.access.principal.person, "rep_id": rep_id, "page": page, "day": self.now.date()}
        return self.session.execute(select(VIEW.c.page).filter_by(**key)).first() is not None

    # -- rights --------------------------------------------------------------------------------

    def _may_read(self, kind: Kind, entry: Entry) -> bool:
        if kind.policy.private and self.access.principal.batch:
            return False
        return bool(self.access.standings(entry.rep_id, entry.author) & kind.policy.read)

    def _may_read_some(self, kind: Kind, rep_id: str) -> bool:
        if kind.policy.private and self.access.principal.batch:
            return False
        return bool(self.access.standings(rep_id, self.access.principal.person) & kind.policy.read)

    def _check_rights(self, kind: Kind, stored: Entry, changed: list[str]) -> None:
        standings: Standings = self.access.standings(stored.rep_id, stored.author)
        any_right = kind.policy.change.union(*kind.policy.fields.values()) & standings
        if not any_right or not all(kind.policy.may_change(name, standings) for name in changed):
            raise self.access.denied("change", kind.name)

    def _check_references(self, kind: Kind, entry: Entry) -> None:
        """What an entry refers to is about the same person, or about nobody."""
        for name, (_, marks, _) in kind.rules.items():
            target, value = next((mark.table for mark in marks if isinstance(mark, Refers)), ""), getattr(entry, name)
            if target and value is not None:
                found = self._stored(KINDS[target], value)
                if found is None or found.rep_id not in (entry.rep_id, ORGANISATION):
                    raise UsageError(f"{kind.name}.{name}: this person has no {target.replace('_', ' ')} {value}.")
                if name == kind.entry.PART_OF and found.is_closed:
                    raise UsageError(
                        f"The {target.replace('_', ' ')} is signed by both and no longer changes. "
                        "Write an addition into the next one."
                    )

    def _reopen_whole(self, kind: Kind, entry: Entry) -> None:
        part_of = kind.entry.PART_OF
        if part_of:
            whole = KINDS[next(mark.table for mark in kind.rules[part_of][1] if isinstance(mark, Refers))]
            stored = self._stored(whole, getattr(entry, part_of))
            if stored is not None and stored.reopened() != stored:
                self._log("reopened", whole, self._replace(whole, stored, stored.reopened()), "")

    # -- rows ----------------------------------------------------------------------------------

    def _stored(self, kind: Kind, id: int) -> Entry | None:
        row = self.session.execute(select(kind.table).where(kind.table.c.id == id)).mappings().first()
        return None if row is None else _entry(kind, row)

    def _by_key(self, kind: Kind, entry: Entry) -> Entry | None:
        query = select(kind.table).where(kind.table.c.rep_id == entry.rep_id, kind.table.c.key == entry.key)
        row = self.session.execute(query).mappings().first()
        return None if row is None else _entry(kind, row)

    def _replace(self, kind: Kind, stored: Entry, entry: E) -> E:
        """Put *entry* in the place of *stored*, as its next version."""
        entry = replace(
            entry, key=stored.key, author=stored.author, created_at=stored.created_at,
            changed_by=self.access.principal.person, changed_at=self.now, version=stored.version + 1,
        )  # fmt: skip
        table = kind.table
        place = (table.c.id == stored.id) & (table.c.version == stored.version)
        done = self.session.execute(update(table).where(place).values(_values(kind, entry)).returning(table.c.id))
        if done.first() is None:
            raise _conflict(kind, entry, stored, [])
        self._keep_earlier(kind, stored)
        return entry

    def _keep_earlier(self, kind: Kind, stored: Entry) -> None:
        if kind.keeps_versions:
            content = json.dumps(asdict(stored), ensure_ascii=False, default=lambda moment: moment.isoformat())
            self.session.execute(
                insert(EARLIER).values(
                    kind=kind.name, entry_id=stored.id, version=stored.version, rep_id=stored.rep_id, content=content
                )
            )

    def _log(self, act: str, kind: Kind, entry: Entry, why: str) -> None:
        audit.write(
            self.session, at=self.now, who=self.access.principal.person, act=act, kind=kind.name, entry_id=entry.id,
            version=entry.version, rep_id=entry.rep_id, why=why,
        )  # fmt: skip


def _entry(kind: Kind, row: RowMapping) -> Entry:
    return kind.entry(**row)


def _values(kind: Kind, entry: Entry) -> dict[str, Any]:
    return {column.name: getattr(entry, column.name) for column in kind.table.columns}


def _conflict(kind: Kind, mine: Entry, theirs: Entry, changed: list[str]) -> ConflictError:
    """Both texts; of several fields that differ, the first is what people compare."""
    name = next(
        (each for each in changed if isinstance(getattr(mine, each), str)), changed[0] if changed else "version"
    )
    return ConflictError(_shown(getattr(mine, name)), _shown(getattr(theirs, name)), theirs.version)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _from_json(kind: Kind, text: str) -> Entry:
    return kind.entry(**dict(_read(kind, json.loads(text))))


def _read(kind: Kind, content: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, (type_, _, _) in kind.rules.items():
        value = content.get(name)
        if value is not None and type_ in (date, datetime):
            value = type_.fromisoformat(value)
        if type_ is tuple and value is not None:
            value = tuple(value)
        if name in content:  # a field that came later has its default
            yield name, value
