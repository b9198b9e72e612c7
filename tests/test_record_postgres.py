"""What the record promises where it is kept in PostgreSQL: refusals, no lost save, no word about the address."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from postgres import Cluster
from store_places import clerk_of, schema_in

from salescoach.errors import SalesCoachError, WorkspaceError
from salescoach.store import Principal, Record
from salescoach.store.models import PeriodNote
from salescoach.workspace import Workspace

OWNER = Principal.owner("admin")
DAY = date(2025, 10, 1)


def note(text: str = "") -> PeriodNote:
    return PeriodNote(rep_id="R1", key="note", period="2025Q4", period_start=DAY, text=text)


def test_a_superuser_is_refused(postgres: Cluster) -> None:
    with pytest.raises(WorkspaceError, match="superuser"):
        Record.open(postgres.url(), OWNER)


def test_a_role_that_bypasses_row_security_is_refused(postgres: Cluster) -> None:
    place = schema_in(postgres, "bypasser")
    postgres.run("ALTER ROLE bypasser BYPASSRLS")

    with pytest.raises(WorkspaceError, match="bypass"):
        Record.open(place.url, OWNER)
    postgres.run("ALTER ROLE bypasser NOBYPASSRLS")
    Record.open(place.url, OWNER).close()  # the same role without it is welcome


def test_a_server_that_acknowledges_before_it_wrote_is_refused(postgres: Cluster) -> None:
    place = schema_in(postgres, "careless")
    postgres.run("ALTER ROLE careless SET synchronous_commit = off")

    with pytest.raises(WorkspaceError, match="synchronous_commit is off"):
        Record.open(place.url, OWNER)


def test_a_schema_of_another_program_is_left_alone(postgres: Cluster) -> None:
    place = schema_in(postgres)
    place.rows("CREATE TABLE theirs (id int)")

    with pytest.raises(WorkspaceError, match="another program"):
        Record.open(place.url, OWNER)
    assert place.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()") == [
        ("theirs",)
    ]


def test_no_error_shows_the_address(postgres: Cluster) -> None:
    for url in (
        "postgresql://canary_user:canary_secret@127.0.0.1:1/sales",
        postgres.url(user="canary_user", password="canary_secret"),
        postgres.url(database="canary_name"),
        "postgresql://canary_user:canary_secret@[broken/x",
    ):
        with pytest.raises(SalesCoachError) as refused:
            Record.open(url, OWNER)
        assert "canary" not in str(refused.value)
        assert "canary" not in repr(refused.value.__cause__)


def test_the_environment_names_the_database_before_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.create(tmp_path / "team")
    monkeypatch.setenv("SALESCOACH_DATABASE", "postgresql://db/sales")

    assert workspace.database_url == "postgresql://db/sales"


def test_the_app_is_refused_a_role_that_owns_the_tables(postgres: Cluster) -> None:
    place = schema_in(postgres)
    Record.open(place.url, OWNER).close()  # the administrator's commands own them
    place.rows("ALTER TABLE audit DISABLE TRIGGER ALL")  # negative control: what the refusal is for is possible
    place.rows("ALTER TABLE audit ENABLE TRIGGER ALL")

    with pytest.raises(WorkspaceError, match="owns its tables"):
        Record.open(place.url, Principal("R1"))

    clerk = clerk_of(postgres, place)
    with Record.open(clerk.url, Principal("R1")) as record:
        assert record.add(replace(note(), rep_id="R1", text="mine")).author == "R1"
    postgres.run("GRANT salescoach_app TO clerk")  # who is a member of the owner can become the owner
    try:
        with pytest.raises(WorkspaceError, match="owns its tables"):
            Record.open(clerk.url, Principal("R1"))
    finally:
        postgres.run("REVOKE salescoach_app FROM clerk")


def test_a_role_that_may_only_write_rows_can_use_a_record_that_another_role_made(postgres: Cluster) -> None:
    """The role of every day need not own the tables, so it cannot switch the audit's guard off either."""
    place = schema_in(postgres)
    Record.open(place.url, OWNER).close()
    clerk = clerk_of(postgres, place)

    with Record.open(clerk.url, OWNER) as record:
        assert record.add(note("written by a clerk")).version == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        clerk.rows("ALTER TABLE audit DISABLE TRIGGER ALL")
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        clerk.rows("DELETE FROM audit")
