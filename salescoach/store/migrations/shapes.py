"""The shapes of columns and tables that the steps write down. Frozen: a step that ran must mean the same for ever.

A new shape is a new function; none here is ever changed.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

MOMENT = sa.DateTime(timezone=True)
Part = sa.Column[Any] | sa.Constraint | tuple[sa.Column[Any], sa.Constraint]


def entry_table(name: str, *parts: Part) -> None:
    """A table of entries: what every entry has, and its own columns."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        text("key"), text("rep_id"), text("author"), moment("created_at"),
        text("changed_by"), moment("changed_at"), whole("version"),
        *(each for part in parts for each in (part if isinstance(part, tuple) else (part,))),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("rep_id", "key", name=f"uq_{name}_rep_id_key"),
        sqlite_autoincrement=True,
    )  # fmt: skip


def text(name: str, size: int | None = 200, *, empty: bool = False) -> sa.Column[Any]:
    """A text of at most *size* characters; None for a long one."""
    return sa.Column(name, sa.Text() if size is None else sa.String(size), nullable=empty)


def choice(name: str, values: str, *, empty: bool = False) -> tuple[sa.Column[Any], sa.Constraint]:
    """One of some words."""
    words = ", ".join(repr(word) for word in values.split())
    return text(name, 40, empty=empty), sa.CheckConstraint(f"{name} IN ({words})", name=name)


def whole(name: str, *, empty: bool = False) -> sa.Column[Any]:
    """A whole number."""
    return sa.Column(name, sa.Integer(), nullable=empty)


def number(name: str, *, empty: bool = False) -> sa.Column[Any]:
    """Any number."""
    return sa.Column(name, sa.Float(), nullable=empty)


def flag(name: str, *, empty: bool = False) -> sa.Column[Any]:
    """Yes or no."""
    return sa.Column(name, sa.Boolean(), nullable=empty)


def day(name: str, *, empty: bool = False) -> sa.Column[Any]:
    """A calendar day."""
    return sa.Column(name, sa.Date(), nullable=empty)


def moment(name: str, *, empty: bool = False) -> sa.Column[Any]:
    """A moment in UTC."""
    return sa.Column(name, MOMENT, nullable=empty)


def refers(name: str, table: str, *, empty: bool = False) -> tuple[sa.Column[Any], sa.Constraint]:
    """The ``id`` of an entry in another table; its constraint is named by the convention."""
    return whole(name, empty=empty), sa.ForeignKeyConstraint([name], [f"{table}.id"])


def rule(name: str, condition: str) -> sa.Constraint:
    """A check of the table."""
    return sa.CheckConstraint(condition, name=name)


def unique(*columns: str) -> sa.Constraint:
    """No two entries share these; its constraint is named by the convention."""
    return sa.UniqueConstraint(*columns)


def append_only(table: str) -> None:
    """The database itself refuses to change or delete a line of *table*."""
    for verb in ("UPDATE", "DELETE"):
        name = f"{table}_without_{verb.lower()}"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the {table} is append-only'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION 'the {table} is append-only'; END $$"
            )
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()")
