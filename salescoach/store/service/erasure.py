"""Erasing a person, keeping no more than is needed, and copies without names.

What is erased leaves a tombstone that holds a token and a day, and no content. A backup of before knows whom the
token stood for, so that restoring it erases them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, cast, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from salescoach.errors import UsageError
from salescoach.store.database import Database
from salescoach.store.models.control import AUDIT, EARLIER, PERSON, REASON, TOMBSTONE, VIEW
from salescoach.store.models.entry import KINDS, METADATA, ORGANISATION, Kind, Someone
from salescoach.store.policy import ADMIN, HR
from salescoach.store.service import audit
from salescoach.store.service.record import Record
from salescoach.store.service.unit import Unit

NOBODY = "erased"
BACKED_UP = "backed up"
GOES_ON = frozenset({"draft", "proposed", "signed", "open", "in_progress", "planned", "assigned", "started"})


@dataclass(frozen=True)
class Erased:
    """What became of a person's rows: how many were erased, in how many of other people's their name was taken out."""

    token: str
    rows: int
    mentions: int


def erase_person(record: Record, rep_id: str, *, why: str, names: Sequence[str] = ()) -> Erased:
    """Erase all about *rep_id*, and *rep_id* and *names* from what is about others; then from the file's bytes.

    Parameters
    ----------
    why : str
        For the audit; it must not name the person, for it stays.
    names : sequence of str
        Under which others may have written about them.

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    UsageError
        the record holds nothing of such a person.
    """
    with record.write() as unit:
        _only_admin(unit, "erase")
        token = _token(unit, rep_id)
        who = unit.access.principal.person
        done = _erase(unit.session, rep_id, token, names, now=unit.now)
        if who != rep_id:
            audit.write(unit.session, at=unit.now, who=who, act="erased", kind="person", entry_id=done.rows, why=why)
    record.database.scrub()
    return done


def known_token(record: Record, rep_id: str, *, add: bool = False) -> str:
    """What stands for a person in the audit, so that a pseudonym can be made of it before they are erased.

    With *add* one is made for somebody whom the record does not know, but something else does.

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    UsageError
        the record holds nothing of such a person.
    """
    with record.write() as unit:
        _only_admin(unit, "erase")
        return audit.token_of(unit.session, rep_id) if add else _token(unit, rep_id)


def _token(unit: Unit, rep_id: str) -> str:
    token = unit.session.scalar(select(PERSON.c.token).where(PERSON.c.person_id == rep_id))
    if token is None:
        raise UsageError(f"The record holds nothing of '{rep_id}'. Nothing was erased.")
    return str(token)


def backed_up(record: Record, place: str) -> None:
    """Note in the audit that a copy was written to *place*: an erasure has to say where the person still is."""
    with record.write() as unit:
        who = unit.access.principal.person
        audit.write(unit.session, at=unit.now, who=who, act=BACKED_UP, kind="backup", why=place)


def backups_written(record: Record) -> tuple[str, ...]:
    """Where copies were written, each once, the first one first."""
    with record.write() as unit:
        _only_admin(unit, "read")
        query = select(REASON.c.text).join(AUDIT, AUDIT.c.seq == REASON.c.seq).where(AUDIT.c.act == BACKED_UP)
        return tuple(dict.fromkeys(unit.session.scalars(query.order_by(REASON.c.seq))))


def erase_again(database: Database, tokens: Iterable[str], *, now: datetime, names: Sequence[str] = ()) -> None:
    """Erase those of whom a restored backup still knows what was erased since it was made."""
    with database.write() as session:
        for token in sorted(set(tokens)):
            person = session.scalar(select(PERSON.c.person_id).where(PERSON.c.token == token))
            if person is not None:
                _erase(session, str(person), token, names, now=now)
    database.scrub()


def retention(record: Record, *, apply: bool) -> dict[str, int]:
    """How many entries of each kind have been kept for longer than their kind allows; erased when *apply* is given.

    What is still going on stays, whatever its age, and so does what something that stays refers to.
    """
    with record.write() as unit:
        _only_admin(unit, "erase")
        found = {}
        for name, ids in _kept_too_long(unit):  # one kind at a time: what is erased holds nothing else back any more
            found[name] = len(ids)
            if not apply:
                continue
            table = KINDS[name].table
            unit.session.execute(delete(EARLIER).where(EARLIER.c.kind == name, EARLIER.c.entry_id.in_(ids)))
            unit.session.execute(delete(table).where(table.c.id.in_(ids)))
            audit.write(
                unit.session, at=unit.now, who=unit.access.principal.person, act="retention", kind=name,
                entry_id=len(ids),
            )  # fmt: skip
        if apply:
            unit.session.execute(delete(VIEW).where(VIEW.c.day < months_before(unit.now, 24).date()))
    if apply and found:
        record.database.scrub()
    return found


def overdue(record: Record) -> dict[str, int]:
    """The same count, which HR may know as well."""
    with record.read() as unit:
        if not unit.access.standings(ORGANISATION) & {HR, ADMIN}:
            raise unit.access.denied("read", "person")
        return {name: len(ids) for name, ids in _kept_too_long(unit)}


def pseudonymise(database: Database) -> int:
    """Take names, words and reasons out of a *copy* of the record; gives how many people it was about.

    For analysts: dates, kinds, states and figures stay, people stand in it by their pseudonym.
    """
    with database.write() as session:
        people = {row.person_id: row.token for row in session.execute(select(PERSON))}
        for table in (EARLIER, REASON, VIEW):
            session.execute(delete(table))
        for kind in KINDS.values():
            if kind.policy.private:
                session.execute(delete(kind.table))
                continue
            blank: dict[str, Any] = dict.fromkeys(kind.texts, "–")
            blank["key"] = cast(kind.table.c.id, kind.table.c.key.type)  # a client may have put a name into it
            session.execute(update(kind.table).values(blank))
            for name in kind.marked(Someone):
                for person in session.scalars(select(kind.table.c[name]).distinct()).all():
                    if person not in (None, ORGANISATION):
                        column = kind.table.c[name]
                        new = pseudonym(people.get(person) or audit.token_of(session, person))
                        session.execute(update(kind.table).where(column == person).values({name: new}))
        session.execute(delete(PERSON))
    database.scrub()
    return len(people)


def pseudonym(token: str) -> str:
    """What stands for a person outside: stable, and nothing of the name.

    >>> pseudonym("8f14e45fceea167a5a36dedd4bea2543")
    'P-8f14e45f'
    """
    return f"P-{token[:8]}"


def months_before(now: datetime, months: int) -> datetime:
    """The same day of the month that many months earlier, or the last one there is.

    >>> months_before(datetime(2026, 3, 31), 1)
    datetime.datetime(2026, 2, 28, 0, 0)
    """
    count = now.year * 12 + now.month - 1 - months
    for day in range(now.day, 0, -1):
        try:
            return now.replace(year=count // 12, month=count % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def _only_admin(unit: Unit, verb: str) -> None:
    if ADMIN not in unit.access.standings(ORGANISATION):
        raise unit.access.denied(verb, "person")


def _kept_too_long(unit: Unit) -> Iterator[tuple[str, list[int]]]:
    """Ids of what is older than its kind allows, by kind; parts before what they are a part of."""
    for table in reversed(METADATA.sorted_tables):
        kind = KINDS.get(table.name)
        if kind is not None and kind.months is not None:
            ids = list(unit.session.scalars(_overdue(kind, unit.now)))
            if ids:
                yield kind.name, ids


def _overdue(kind: Kind, now: datetime) -> Select[int]:
    table = kind.table
    assert kind.months is not None
    query = select(table.c.id).where(table.c.changed_at < months_before(now, kind.months))
    if "status" in table.c:
        query = query.where(table.c.status.not_in(GOES_ON))
    for other in METADATA.sorted_tables:
        for key in other.foreign_keys:
            if key.column.table is table and other is not table:
                query = query.where(~exists().where(key.parent == table.c.id))
    return query


def _erase(session: Session, rep_id: str, token: str, names: Sequence[str], *, now: datetime) -> Erased:
    rows = sum(_delete(session, table, rep_id) for table in reversed(METADATA.sorted_tables) if "rep_id" in table.c)
    session.execute(delete(VIEW).where(VIEW.c.viewer_id == rep_id))
    mentions = sum(_take_out(session, kind, rep_id, names) for kind in KINDS.values())
    _take_out_of_versions(session, rep_id, names)
    for name in names:
        session.execute(delete(REASON).where(REASON.c.text.contains(name, autoescape=True)))
    written = select(AUDIT.c.seq).where(or_(AUDIT.c.who == token, AUDIT.c.subject == token))
    session.execute(delete(REASON).where(REASON.c.seq.in_(written)))
    session.execute(delete(PERSON).where(PERSON.c.person_id == rep_id))
    session.execute(insert(TOMBSTONE).values(token=token, erased_at=now))
    return Erased(token, rows, mentions)


def _delete(session: Session, table: Table, rep_id: str) -> int:
    gone = session.execute(delete(table).where(table.c.rep_id == rep_id).returning(*table.primary_key.columns))
    return len(gone.all())


def _take_out(session: Session, kind: Kind, rep_id: str, names: Sequence[str]) -> int:
    """From entries about others: the person in a field gives way to nobody, their name in a text to a dash."""
    table, count = kind.table, 0
    for field in kind.marked(Someone):
        column = table.c[field]
        changed = update(table).where(column == rep_id).values({field: NOBODY}).returning(table.c.id)
        count += len(session.execute(changed).all())
    for field in kind.texts:
        for name in names:
            column = table.c[field]
            places = column.contains(name, autoescape=True)
            changed = update(table).where(places).values({field: func.replace(column, name, "–")}).returning(table.c.id)
            count += len(session.execute(changed).all())
    return count


def _take_out_of_versions(session: Session, rep_id: str, names: Sequence[str]) -> None:
    """The same in earlier versions, which are kept as JSON."""
    said = [json.dumps(each, ensure_ascii=False)[1:-1] for each in (rep_id, *names)]
    for row in session.execute(
        select(EARLIER).where(or_(*(EARLIER.c.content.contains(s, autoescape=True) for s in said)))
    ):
        kind, content = KINDS[row.kind], json.loads(row.content)
        for field in kind.marked(Someone):
            content[field] = NOBODY if content.get(field) == rep_id else content.get(field)
        for field in kind.texts:
            for name in names:
                content[field] = content[field].replace(name, "–") if content.get(field) else content.get(field)
        place = (EARLIER.c.kind == row.kind) & (EARLIER.c.entry_id == row.entry_id) & (EARLIER.c.version == row.version)
        text = json.dumps(content, ensure_ascii=False)
        session.execute(update(EARLIER).where(place).values(content=text))
