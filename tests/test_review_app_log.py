"""Who looked at whose review is logged, once a day, and the person can read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from one_on_one_support import REP, organisation

from salescoach.app.review import ReviewApp
from salescoach.store import Principal, Record
from salescoach.store.service.datapack import data_pack
from salescoach.workspace import Workspace


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return organisation(tmp_path_factory.mktemp("log"))


def test_who_opened_a_review_stands_in_the_data_pack_of_the_person(home: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUERY_STRING", f"rep={REP}")
    for _ in range(2):
        ReviewApp(home.path, "en")

    with Record.open(home.database_url, Principal.owner("ada")) as record:
        views = data_pack(record, REP, why="asked for")["views"]
        other = data_pack(record, "R2", why="asked for")["views"]

    today = datetime.now(UTC).date().isoformat()
    assert [(view["page"], view["day"]) for view in views] == [("review 2025Q4", today)]
    assert other == []
