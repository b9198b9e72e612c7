"""Several exports of one organisation: each becomes a snapshot, and together they are a history."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from import_support import OPEN, TAKEN_AT, deal, put

from salescoach.cli import main
from salescoach.crm.importer import import_export
from salescoach.errors import UsageError
from salescoach.known import data_at, snapshot_at
from salescoach.workspace import Workspace

MARCH, APRIL, JUNE = date(2025, 3, 31), date(2025, 4, 30), date(2025, 6, 30)
EXPORTS = {
    MARCH: (deal(deal_id="D1", **(OPEN | {"stage": "New", "amount": "300.00"})), deal(deal_id="D2", **OPEN)),
    APRIL: (deal(deal_id="D1", **OPEN, owner_id="R2"), deal(deal_id="D2", **OPEN)),
    JUNE: (
        deal(deal_id="D1", owner_id="R2", closed_at="2025-05-20T09:00:00Z"),
        deal(deal_id="D2", **(OPEN | {"amount": "90.00"})),
        deal(deal_id="D3", created_at="2025-06-02T09:00:00Z", **OPEN),
    ),
}


def bring(workspace: Workspace, folder: Path, day: date) -> str:
    export = put(folder / str(day), *EXPORTS[day])
    return import_export(export, workspace, taken_at=TAKEN_AT, as_of=day).snapshot


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    folder = tmp_path_factory.mktemp("exports")
    home = Workspace.create(folder / "w", language="en")
    for day in (JUNE, MARCH, APRIL):  # in any order
        bring(home, folder, day)
    return home


def test_the_snapshots_stand_in_time_and_the_same_export_again_changes_nothing(workspace, tmp_path):
    before = [snapshot.snapshot_id for snapshot in workspace.history()]
    again = bring(workspace, tmp_path, APRIL)

    assert [snapshot.as_of for snapshot in workspace.history()] == [MARCH, APRIL, JUNE]
    assert [snapshot.snapshot_id for snapshot in workspace.history()] == before
    assert again == before[1]


@pytest.mark.parametrize(
    ("day", "stage", "owner", "amount", "status"),
    [
        (MARCH, "New", "R1", 300.0, "open"),
        (date(2025, 4, 29), "New", "R1", 300.0, "open"),  # the newest export up to that day
        (APRIL, "Offer", "R2", 100.0, "open"),
        (JUNE, "Won", "R2", 100.0, "won"),
    ],
)
def test_the_past_is_read_as_it_was_known_then(workspace, day, stage, owner, amount, status):
    row = data_at(workspace, day).deals.set_index("deal_id").loc["D1"]

    assert row[["stage", "owner_id", "amount", "status"]].tolist() == [stage, owner, amount, status]


def test_what_changed_between_exports_is_a_history(workspace):
    data = data_at(workspace)
    visits = data.visits[data.visits["deal_id"] == "D1"]

    assert data.history
    assert visits["stage"].tolist() == ["New", "Offer", "Won"]
    assert set(data.table("stage_history")["source_kind"]) == {"snapshot_diff"}
    assert (
        visits["entered"].iloc[2] == data.deals.set_index("deal_id").at["D1", "closed"]
    )  # the closing has its own day
    assert data.deals.set_index("deal_id").loc["D1", ["owner_id", "creator_id"]].tolist() == ["R2", "R1"]


def test_one_export_is_no_history(workspace):
    """Up to March there was one: what it says is exact, how it came to be so is not known."""
    data = data_at(workspace, MARCH)

    assert not data.history
    assert data.state_known
    assert data.visits.empty


def test_a_later_export_changes_nothing_about_the_past(workspace, tmp_path):
    alone = Workspace.create(tmp_path / "alone", language="en")
    for day in (MARCH, APRIL):
        bring(alone, tmp_path, day)
    then, now = data_at(alone, APRIL), data_at(workspace, APRIL)

    assert then.deals.equals(now.deals)
    assert then.visits.equals(now.visits)


def test_before_the_first_export_the_past_is_inferred_and_after_the_last_unknown(workspace):
    assert snapshot_at(workspace, date(2025, 3, 15)).as_of == MARCH
    assert not data_at(workspace, date(2025, 3, 15)).state_known
    with pytest.raises(UsageError, match="The data end on 2025-06-30; as of 2025-07-01 is later"):
        data_at(workspace, date(2025, 7, 1))


def test_the_waterfall_between_two_exports(workspace, capsys):
    options = ["--from", str(MARCH), "--to", str(JUNE), "--period", "all"]
    with pytest.raises(SystemExit) as done:
        main(["waterfall", str(workspace.path), *options, "--json"])
    document = json.loads(capsys.readouterr().out)
    steps = {step["step"]: step["amount"] for step in document["steps"]}

    assert done.value.code == 0
    assert {name: amount for name, amount in steps.items() if amount != "0.00"} == {
        "start": "400.00", "new": "100.00", "decreased": "-210.00", "won": "-100.00", "end": "190.00",
    }  # fmt: skip


@pytest.mark.parametrize(("language", "said"), [("en", "Won"), ("tr", "Kazanılan")])
def test_the_waterfall_is_told_in_both_languages(workspace, capsys, language, said):
    with pytest.raises(SystemExit):
        main(["waterfall", str(workspace.path), "--from", str(MARCH), "--language", language, "--rep", "R2"])
    text = capsys.readouterr().out

    assert said in text
    assert "R2" in text


def test_a_day_before_the_data_has_no_waterfall(workspace, capsys):
    with pytest.raises(SystemExit) as done:
        main(["waterfall", str(workspace.path), "--from", "2025-03-15"])

    assert done.value.code == 2
    assert "Import the stage history, or an export of each of the two days" in capsys.readouterr().err
