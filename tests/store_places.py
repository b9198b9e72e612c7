"""Where a coaching record can be kept, for tests that must hold in both places: a file, and a PostgreSQL."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from postgres import Cluster

ROLE = "salescoach_app"  # no superuser: that would be refused
_NUMBERS = itertools.count()
PLACES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@dataclass(frozen=True)
class Place:
    """An empty place for one record; ``url`` is what salescoach is given."""

    url: str

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a program that is not ours gets when it executes *statement* there."""
        with self._connection() as connection:
            found = connection.execute(statement)
            return [tuple(row) for row in found.fetchall()] if found.description else []

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While another program is writing there."""
        with self._connection() as other:
            if self.url.startswith("sqlite"):
                other.execute("BEGIN IMMEDIATE")
            else:
                other.execute("BEGIN")
                other.execute("SELECT pg_advisory_xact_lock(1396920129)")
            yield
            other.execute("ROLLBACK")

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.url.startswith("sqlite"):
            connection: Any = sqlite3.connect(self.url.removeprefix("sqlite:///"), isolation_level=None)
        else:
            import psycopg

            connection = psycopg.connect(self.url, autocommit=True)
        try:
            yield connection
        finally:
            connection.close()


def schema_in(cluster: Cluster, role: str = ROLE) -> Place:
    """A schema of its own in *cluster*, owned by a role that is no superuser."""
    schema = f"record_{next(_NUMBERS)}"
    cluster.run(
        f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
        f"CREATE SCHEMA {schema} AUTHORIZATION {role}",
    )
    return Place(f"{cluster.url(user=role)}&options={quote(f'-csearch_path={schema}')}")


def clerk_of(cluster: Cluster, place: Place) -> Place:
    """The same record through a role that may read and write its rows, and owns nothing."""
    [(schema,)] = place.rows("SELECT current_schema()")
    cluster.run(
        "DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN END $$",
        f"GRANT USAGE ON SCHEMA {schema} TO clerk",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO clerk",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO clerk",
    )
    return Place(place.url.replace("//salescoach_app@", "//clerk@"))


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each test that asks for it runs in both places."""
    if request.param == "sqlite":
        return Place(f"sqlite:///{tmp_path / 'coaching.db'}")
    return schema_in(request.getfixturevalue("postgres"))
