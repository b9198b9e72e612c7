"""Nothing about a person is shown from a shared record before the privacy notice reached them (P3)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from runs_support import organisation
from store_places import clerk_of, schema_in

from salescoach.cli import main
from salescoach.errors import AccessDenied
from salescoach.review import open_review
from salescoach.store import CoachingStore, Principal, Record
from salescoach.store.models import AccessScope, Notice


@pytest.fixture
def shared(tmp_path: Path) -> str:
    """A record with a coach of R1, as the team shares it: whoever comes in is no owner."""
    url = f"sqlite:///{tmp_path / 'coaching.db'}"
    with Record.open(url, Principal.owner("admin")) as record:
        add_coach(record)
    return url


def add_coach(record: Record) -> None:
    day = datetime(2025, 1, 1).date()
    record.add(AccessScope(rep_id="C", level="coach", subject_kind="rep", subject_id="R1", valid_from=day))


@pytest.mark.parametrize("who", ["C", "R1"])
def test_neither_coach_nor_rep_sees_a_page_before_the_notice(shared: str, who: str) -> None:
    with CoachingStore.open(shared, principal=Principal(who)) as store:
        with pytest.raises(AccessDenied, match="notice has not reached R1"):
            store.check_notice("R1")
        with Record.open(shared, Principal.owner("admin")) as record:
            record.add(Notice(rep_id="R1", notice_version="v1", delivered_at=datetime.now(UTC)))

        store.check_notice("R1")
        with pytest.raises(AccessDenied):
            store.check_notice("R2")


def test_the_owner_of_a_laptop_is_not_asked(shared: str) -> None:
    with CoachingStore.open(shared) as store:
        store.check_notice("R1")


@pytest.mark.postgres
def test_a_review_from_postgresql_opens_only_after_the_command_recorded_the_notice(
    postgres: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, place = organisation(tmp_path), schema_in(postgres)  # type: ignore[arg-type]
    with Record.open(place.url, Principal.owner("admin")) as record:
        add_coach(record)
    clerk = clerk_of(postgres, place)  # type: ignore[arg-type]
    monkeypatch.setenv("SALESCOACH_USER", "C")
    monkeypatch.setenv("SALESCOACH_DATABASE", clerk.url)
    with pytest.raises(AccessDenied, match="notice has not reached R1"):
        open_review(home, "R1", "2025Q4")

    with pytest.raises(SystemExit) as done:
        main(["notice", str(home.path), "--contact", "x@example.com", "--delivered", "R1"])

    assert not done.value.code
    assert open_review(home, "R1", "2025Q4").facts.rep_id == "R1"
