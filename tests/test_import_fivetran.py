"""Layouts that a warehouse copies (tables of the public dbt test data) come in as far as they can, and say the rest."""

from __future__ import annotations

import csv
import shutil
from datetime import UTC, date, datetime

import pytest
from import_support import notes

from salescoach.crm.importer import judged_export
from salescoach.workspace import Organisation

TAKEN_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeds(shared_data):
    return shared_data / "fivetran_seeds"


@pytest.fixture(scope="module")
def salesforce(seeds):
    return judged_export(seeds, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT)


def column(path, name):
    with path.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


def test_the_salesforce_tables_are_recognised_among_the_thirteen(salesforce):
    counts = {name: rows.count()["rows_in"] for name, rows in salesforce.export.tables.items()}

    assert salesforce.preset.name == "salesforce"
    assert counts == {
        "team": 10, "rep": 10, "account": 1, "lead": 1, "stage": 3, "opportunity": 10, "stage_history": 10,
        "line_item": 10, "activity": 20,
    }  # fmt: skip


def test_deleted_deals_are_counted_and_used_nowhere(salesforce, seeds):
    deals = salesforce.export.tables["opportunity"]

    assert set(column(seeds / "sf_opportunity_data.csv", "is_deleted")) == {"true"}
    assert deals.count()["merged"] == 10
    assert len(deals.accepted) == 0


def lines(judged):
    """Row of the file, from 0, behind each row of the stage history."""
    return [line - 2 for line in judged.export.tables["stage_history"].parts[0].lines]


def test_a_version_that_is_valid_for_ever_has_no_end(salesforce, seeds):
    ends = column(seeds / "sf_opportunity_history_data.csv", "_fivetran_end")
    forever = [end.startswith("9999-12-31") for end in ends]
    versions = salesforce.export.tables["stage_history"].frame.select("left_at")

    assert any(forever)
    assert versions["left_at"].is_null().to_list() == [forever[row] for row in lines(salesforce)]
    assert "D10" not in {issue.rule for issue in salesforce.export.issues}


def test_what_is_of_another_crm_is_named_and_not_used(salesforce):
    told = {note.values["file"] for note in salesforce.export.notes if note.code == "file_ignored"}

    assert {file for file in told if file.startswith("hubspot_")} == {
        "hubspot_deal_pipeline_stage_data.csv",
        "hubspot_deal_property_history_data.csv",
        "hubspot_engagement_meeting_data.csv",
        "hubspot_owner_data.csv",
    }


@pytest.fixture
def hubspot(seeds, tmp_path):
    """The four HubSpot tables, and the one they lack: three made-up deals of their owners, in their stages."""
    for path in seeds.glob("hubspot_*.csv"):
        shutil.copyfile(path, tmp_path / path.name)
    owners = column(seeds / "hubspot_owner_data.csv", "owner_id")
    with (seeds / "hubspot_deal_pipeline_stage_data.csv").open(encoding="utf-8", newline="") as file:
        stages = [row for row in csv.DictReader(file) if row["active"] == "TRUE"]
    won = next(row for row in stages if row["closed_won"] == "TRUE")
    begun = next(row for row in stages if row["closed_won"] == "FALSE" and row["probability"] == "0.1")
    lines = ["hs_object_id,dealname,pipeline,dealstage,hubspot_owner_id,closedate,createdate"]
    for number, stage in enumerate((won, begun, begun), 1):
        facts = [str(number), "x", stage["pipeline_id"], stage["stage_id"], owners[number], "2020-05-05", "2020-03-03"]
        lines.append(",".join(facts))
    (tmp_path / "deals.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def test_the_hubspot_tables_give_people_stages_and_what_a_stage_means(hubspot):
    judged = judged_export(hubspot, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT, as_of=date(2020, 6, 30))
    deals = judged.export.tables["opportunity"].accepted

    assert judged.preset.name == "hubspot"
    assert list(deals["status"]) == ["won", "open", "open"]
    assert list(deals["closed_at"].notna()) == [True, False, False]
    assert judged.export.tables["rep"].count()["rows_in"] == 100


def test_meetings_without_an_owner_are_left_out_and_that_is_said(hubspot):
    judged = judged_export(hubspot, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT, as_of=date(2020, 6, 30))

    assert "activity" not in judged.export.tables
    assert notes(judged)["table_incomplete"] == {
        "file": "hubspot_engagement_meeting_data.csv",
        "table": "activity",
        "columns": "owner_id",
    }
