"""One pattern for everything the record keeps: a frozen value with an owner, a version and a policy.

A kind of entry is declared once, as a frozen dataclass; its table, its checks, its rights, its
retention and its place in a person's data pack follow from the declaration. Opens no connection.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import (
    Annotated,
    Any,
    ClassVar,
    Self,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from salescoach.errors import UsageError
from salescoach.store.policy import Policy
from salescoach.store.records import ACTION_LIMIT, NAME_LIMIT, NOTE_LIMIT, checked_text

# Every constraint has a name, so that a later migration can change it on any database.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMES)
ORGANISATION = ""  # the subject of what is about nobody in particular


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, also where the database keeps no time zones (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; a moment without time zone is refused, for it could be anybody's local time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise UsageError(
                f"The moment {value} names no time zone, so it could be anybody's. Give one with its zone."
            )
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC, marked as such."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Listed(TypeDecorator[tuple[str, ...]]):
    """Several short texts in one column, in their order: a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """To JSON that people can read in the database too."""
        return None if value is None else json.dumps(list(value), ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Back to a tuple."""
        return None if value is None else tuple(json.loads(value))


@dataclass(frozen=True)
class Limit:
    """How long a text may be, in characters, and whether it must say something."""

    characters: int
    required: bool = False


@dataclass(frozen=True)
class OneOf:
    """The words that may stand in a field."""

    values: tuple[str, ...]

    def __init__(self, values: str) -> None:
        object.__setattr__(self, "values", tuple(values.split()))


@dataclass(frozen=True)
class Refers:
    """The field holds the ``id`` of an entry in another table."""

    table: str


@dataclass(frozen=True)
class Someone:
    """The field names a person, so that it is pseudonymised and erased with them."""


Name = Annotated[str, Limit(NAME_LIMIT, required=True)]
Person = Annotated[str, Limit(NAME_LIMIT, required=True), Someone()]
Line = Annotated[str, Limit(ACTION_LIMIT)]
Said = Annotated[str, Limit(ACTION_LIMIT, required=True)]
Words = Annotated[str, Limit(NOTE_LIMIT)]
Names = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry knows; the record itself fills in all but ``rep_id`` and ``key``.

    ``rep_id`` is the person it is about (:data:`ORGANISATION` when it is about nobody), ``key`` is
    made by the client once per entry, so that a retry adds nothing. ``version`` counts the saves.
    """

    PART_OF: ClassVar[str] = ""  # the field that names the entry this one is a part of

    rep_id: Annotated[str, Limit(NAME_LIMIT), Someone()]
    key: Annotated[str, Limit(NAME_LIMIT)] = ""
    id: int = 0
    author: Annotated[str, Limit(NAME_LIMIT), Someone()] = ""
    created_at: datetime | None = None
    changed_by: Annotated[str, Limit(NAME_LIMIT), Someone()] = ""
    changed_at: datetime | None = None
    version: int = 0

    def settled(self, before: Self | None, now: datetime) -> Self:
        """The entry as its kind's rules want it kept; raises UsageError when they forbid it.

        *before* is what is stored (None for a new entry). Kinds with rules override this.
        """
        return self

    @property
    def is_closed(self) -> bool:
        """Whether its parts (see :attr:`PART_OF`) no longer change."""
        return False

    def reopened(self) -> Self:
        """The entry when one of its parts was changed: what people signed must be what stands there."""
        return self


KEPT_BY_US = frozenset({"id", "key", "rep_id", "author", "created_at", "changed_by", "changed_at", "version"})


@dataclass(frozen=True)
class Kind:
    """What was declared about one kind of entry."""

    entry: type[Entry]
    table: Table
    policy: Policy
    months: int | None  # how long it is kept after its last change; None: as counsel sets
    keeps_versions: bool
    rules: Mapping[str, tuple[type, tuple[Any, ...], bool]] = field(repr=False)

    @property
    def name(self) -> str:
        """Name of the table, which is the name of the kind."""
        return self.table.name

    @property
    def written(self) -> tuple[str, ...]:
        """Fields that people fill in, in their order."""
        return tuple(each.name for each in fields(self.entry) if each.name not in KEPT_BY_US)

    def marked(self, mark: type) -> tuple[str, ...]:
        """Fields that carry a mark such as :class:`Someone`."""
        return tuple(
            name for name, (_, marks, _) in self.rules.items() if any(isinstance(each, mark) for each in marks)
        )

    @property
    def texts(self) -> tuple[str, ...]:
        """Fields in which people write freely."""
        return tuple(
            name
            for name, (_, marks, _) in self.rules.items()
            if any(isinstance(mark, Limit) and mark.characters > NAME_LIMIT for mark in marks)
        )

    def check(self, entry: Entry) -> None:
        """UsageError when a field cannot be kept as it is."""
        for name, (kind, marks, optional) in self.rules.items():
            value = getattr(entry, name)
            if value is None and optional:
                continue
            _check(f"{self.name}.{name}", value, kind, marks)


KINDS: dict[str, Kind] = {}
E = TypeVar("E", bound=Entry)


@dataclass_transform(kw_only_default=True, frozen_default=True)
def entity(
    name: str,
    *,
    policy: Policy,
    months: int | None = 24,
    keeps_versions: bool = False,
    unique: tuple[str, ...] = (),
    checks: Mapping[str, str] | None = None,
) -> Callable[[type[E]], type[E]]:
    """Declare a kind of entry: the class becomes a frozen dataclass and gets a table called *name*.

    Parameters
    ----------
    policy : Policy
        Who may read, add and change it.
    months : int, optional
        Retention after the last change; None for what is kept as counsel sets.
    keeps_versions : bool
        Whether earlier versions stay readable.
    unique : tuple of str
        Columns, separated by blanks, that no two entries share.
    checks : mapping of str to str, optional
        Further rules of the table, by name, in SQL that all databases know.
    """

    def declare(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        hints = get_type_hints(made, include_extras=True)
        rules = {each.name: _read_hint(hints[each.name]) for each in fields(made)}
        ours = "id key rep_id author created_at changed_by changed_at version".split()
        names = ours + [each.name for each in fields(made) if each.name not in ours]
        table = Table(
            name,
            METADATA,
            *(_column(each, *rules[each]) for each in names),
            UniqueConstraint("rep_id", "key"),
            *(UniqueConstraint(*columns.split()) for columns in unique),
            *(_choices(each, rules[each]) for each in names if _words(rules[each])),
            *(CheckConstraint(rule, name=label) for label, rule in (checks or {}).items()),
            sqlite_autoincrement=True,
        )
        KINDS[name] = Kind(made, table, policy, months, keeps_versions, rules)
        return made

    return declare


def kind_of(entry: type[Entry]) -> Kind:
    """What was declared about a class of entries."""
    return next(kind for kind in KINDS.values() if kind.entry is entry)


def _read_hint(hint: Any) -> tuple[type, tuple[Any, ...], bool]:
    """Type, marks and whether it may be empty, of an annotation such as ``Name | None``."""
    optional = False
    if get_origin(hint) in (Union, types.UnionType):
        inner = [part for part in get_args(hint) if part is not type(None)]
        hint, optional = inner[0], True
    marks: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        marks = tuple(rest)
    return get_origin(hint) or hint, marks, optional


_TYPES: dict[type, TypeEngine[Any]] = {
    int: Integer(), float: Float(), bool: Boolean(), date: Date(), datetime: Moment(), tuple: Listed(),
}  # fmt: skip


def _column(name: str, kind: type, marks: tuple[Any, ...], optional: bool) -> Column[Any]:
    if name == "id":
        return Column(name, Integer, primary_key=True)
    nullable = optional and name not in ("created_at", "changed_at")
    if kind is not str:
        keys = [ForeignKey(f"{mark.table}.id") for mark in marks if isinstance(mark, Refers)]
        return Column(name, _TYPES[kind], *keys, nullable=nullable)
    size = next((mark.characters for mark in marks if isinstance(mark, Limit)), 40)
    return Column(name, Text() if size > ACTION_LIMIT else String(size), nullable=nullable)


def _words(rule: tuple[type, tuple[Any, ...], bool]) -> tuple[str, ...]:
    return next((mark.values for mark in rule[1] if isinstance(mark, OneOf)), ())


def _choices(name: str, rule: tuple[type, tuple[Any, ...], bool]) -> CheckConstraint:
    return CheckConstraint(f"{name} IN ({', '.join(repr(word) for word in _words(rule))})", name=name)


def _check(what: str, value: Any, kind: type, marks: tuple[Any, ...]) -> None:
    fits = isinstance(value, (int, float) if kind is float else kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise UsageError(f"{what}: {value!r} is not a {kind.__name__}. Nothing was saved.")
    if kind is float and not math.isfinite(value):
        raise UsageError(f"{what}: {value} is no number. Where there is no answer, leave it empty. Nothing was saved.")
    for each in value if kind is tuple else ():
        checked_text(each, what=what, limit=ACTION_LIMIT, required=True)
    for mark in marks:
        if isinstance(mark, Limit):
            checked_text(value, what=what, limit=mark.characters, required=mark.required)
        elif isinstance(mark, OneOf) and value not in mark.values:
            raise UsageError.unknown(what, value, mark.values)
