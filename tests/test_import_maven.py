"""The public Maven CRM export, exactly as published: every row accounted for, every trap named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from salescoach.crm.importer import import_export
from salescoach.workspace import Workspace

TAKEN_AT = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def imported(maven, tmp_path_factory):
    workspace = Workspace.at(tmp_path_factory.mktemp("maven") / "w", language="en", currency="USD")
    report = import_export(maven, workspace, taken_at=TAKEN_AT)
    return report, workspace.snapshot()


def values_of(report, code: str) -> list[dict[str, object]]:
    return [note["values"] for note in report.notes if note["code"] == code]


def test_all_rows_are_accounted_for(imported):
    report, snapshot = imported

    assert {table: counts["rows_in"] for table, counts in report.tables.items()} == {
        "team": 6, "rep": 41, "account": 85, "product": 7, "stage": 4, "opportunity": 8800,
    }  # fmt: skip
    assert all(counts["accepted"] == counts["rows_in"] for counts in report.tables.values())
    assert report.rejects == {}
    assert snapshot.tables == tuple(report.tables)


def test_it_is_recognised_and_the_day_of_the_data_is_found(imported):
    report, snapshot = imported

    assert (report.crm, snapshot.as_of) == ("maven", date(2017, 12, 31))


def test_the_misspelt_product_is_mapped_and_named(imported):
    report, snapshot = imported

    assert {
        "file": "sales_pipeline.csv",
        "column": "product",
        "value": "GTXPro",
        "canonical": "GTX Pro",
        "n": 1480,
    } in (values_of(report, "value_mapped"))
    assert (snapshot.read("opportunity")["product_id"] == "GTX Pro").sum() == 1480
    assert set(snapshot.read("opportunity")["product_id"]) == set(snapshot.read("product")["product_id"])


def test_misspelt_sectors_and_countries_are_mapped_and_named(imported):
    report, snapshot = imported
    mapped = {(note["value"], note["canonical"], note["n"]) for note in values_of(report, "value_mapped")}

    assert {("technolgy", "technology", 12), ("Philipines", "Philippines", 1)} <= mapped
    assert "technolgy" not in set(snapshot.read("account")["industry"])


def test_blank_accounts_and_missing_engage_dates_are_named_and_left_empty(imported):
    report, snapshot = imported
    deals = snapshot.read("opportunity")

    assert values_of(report, "empty_cells_open") == [
        {"file": "sales_pipeline.csv", "column": "account", "n": 1425, "of": 8800},
        {"file": "sales_pipeline.csv", "column": "engage_date", "n": 500, "of": 8800},
    ]
    assert deals["account_id"].isna().sum() == 1425
    assert deals["engaged_at"].isna().sum() == 500


def test_the_zero_of_a_lost_deal_means_not_known(imported):
    report, snapshot = imported
    deals = snapshot.read("opportunity")

    assert [note["n"] for note in values_of(report, "emptied")] == [2473]
    assert deals.loc[deals["status"] == "lost", "amount"].isna().all()
    assert deals.loc[deals["status"] == "won", "amount"].sum() == 10_005_534


def test_status_and_stage_are_as_published(imported):
    deals = imported[1].read("opportunity")

    assert deals["stage"].value_counts().to_dict() == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}
    assert deals["status"].value_counts().to_dict() == {"won": 4238, "lost": 2473, "open": 2089}
    assert deals["created_at"].isna().all()


def test_days_are_days_of_the_organisation(imported):
    """2017-03-01 in Istanbul began at 21:00 UTC of the day before."""
    deals = imported[1].read("opportunity").set_index("deal_id")

    assert str(deals.at["1C1I7A6R", "closed_at"]) == "2017-02-28 21:00:00"


def test_people_without_a_deal_stay_people(imported):
    reps, deals = imported[1].read("rep"), imported[1].read("opportunity")

    assert reps["role"].value_counts().to_dict() == {"AE": 35, "Manager": 6}
    assert deals["owner_id"].nunique() == 30
    assert set(deals["owner_id"]) <= set(reps["rep_id"])
    assert reps.set_index("rep_id").at["Mei-Mei Johns", "region"] in ("Central", "East", "West")


def test_revenue_in_millions_is_exact(imported, maven):
    snapshot = imported[1]
    import duckdb

    (exact,) = duckdb.execute(
        "SELECT annual_revenue FROM read_parquet($file) WHERE account_id = 'Acme Corporation'",
        {"file": str(snapshot.path / "account.parquet")},
    ).fetchone()
    assert exact == Decimal("1100040000.0000")


def test_assumed_currency_and_missing_amounts_are_flagged(imported):
    report, snapshot = imported

    assert report.flags == {"D14": 4238 + 7, "D17": 1589}
    assert set(snapshot.read("opportunity")["currency"].dropna()) == {"USD"}
    assert sum(snapshot.flags("Moses Frase").values()) > 0


def test_files_without_data_are_named(imported):
    assert [note["file"] for note in values_of(imported[0], "file_known")] == ["data_dictionary.csv", "SOURCE.txt"]
    assert values_of(imported[0], "columns_ignored") == [{"file": "accounts.csv", "columns": "year_established"}]


@pytest.mark.parametrize(("separator", "order"), [(";", "%d.%m.%Y"), ("\t", "%m/%d/%Y")])
def test_a_copy_saved_by_another_program_gives_the_same_deals(imported, maven, tmp_path, separator, order):
    """cp1254 with semicolons and d.m.Y, or tabs and m/d/Y: the same table."""
    import csv

    for path in maven.glob("*.csv"):
        with (
            path.open(encoding="utf-8", newline="") as source,
            (tmp_path / path.name).open("w", encoding="cp1254", newline="") as target,
        ):
            writer = csv.writer(target, delimiter=separator)
            for row in csv.reader(source):
                writer.writerow(
                    [
                        datetime.fromisoformat(cell).strftime(order) if len(cell) == 10 and cell[4::3] == "--" else cell
                        for cell in row
                    ]
                )
    workspace = Workspace.at(tmp_path / "w", language="en", currency="USD")
    import_export(tmp_path, workspace, taken_at=TAKEN_AT)

    ours, theirs = workspace.snapshot().read("opportunity"), imported[1].read("opportunity")
    assert ours.equals(theirs)
