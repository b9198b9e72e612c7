"""A CRM's form is data: found by its headings, checked when it is read, and it says why."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from import_support import judge, notes, put

from salescoach.crm.importer import import_export
from salescoach.crm.preset import detect, files_of, load_preset, load_presets, read_preset
from salescoach.crm.text import read_table
from salescoach.errors import InputError, UsageError
from salescoach.synthetic import organisation, write
from salescoach.workspace import Workspace


def texts_of(folder):
    return [read_table(path) for path in sorted(folder.glob("*.csv"))]


def test_an_unknown_form_names_those_there_are():
    with pytest.raises(UsageError, match="Known: canonical, dynamics, espocrm"):
        load_preset("excel")


def test_forms_are_told_apart_by_their_headings_alone(tmp_path, maven):
    assert detect(texts_of(maven), load_presets()).name == "maven"
    assert detect(texts_of(put(tmp_path)), load_presets()).name == "canonical"


def test_a_renamed_file_is_found_by_its_headings(tmp_path, maven):
    for path in maven.glob("*.csv"):
        name = {"sales_pipeline.csv": "Fırsatlar 2017.csv"}.get(path.name, path.name)
        (tmp_path / name).write_bytes(path.read_bytes())
    texts = texts_of(tmp_path)

    assert files_of(detect(texts, load_presets()), texts)["sales_pipeline"].file == "Fırsatlar 2017.csv"


def test_a_file_of_one_table_never_stands_in_for_another(tmp_path):
    """The deals have a product_id and a name too; they are not the product table."""
    folder = put(tmp_path)
    (folder / "opportunity.csv").write_text(
        "deal_id,name,owner_id,stage,status,product_id,closed_at\nD1,x,R1,Won,won,P1,2025-05-01\n"
    )

    assert "product" not in judge(folder).export.tables


def test_two_files_that_could_be_the_same_table_are_asked_about(tmp_path):
    folder = put(tmp_path)
    (folder / "Opportunity.tsv").write_bytes((folder / "opportunity.csv").read_bytes())

    with pytest.raises(InputError, match=r"Opportunity\.tsv and opportunity\.csv can both be 'opportunity'"):
        judge(folder)


def test_a_form_that_is_stated_is_not_guessed(tmp_path):
    folder = put(tmp_path)

    assert "crm_detected" in notes(judge(folder))
    assert "crm_detected" not in notes(judge(folder, crm="canonical"))
    with pytest.raises(InputError, match=r"there is no file 'sales_teams\.csv'"):
        judge(folder, crm="maven")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crm]\ntitle = 'X'\nsepartor = ';'\n", "crm: there is no 'separtor'"),
        ("[crm]\ntitle = 'X'\n[[source]]\nfile = 'd'\ntable = 'deal'\n[source.columns]\n", "'deal'"),
        (
            "[crm]\ntitle = 'X'\n[[source]]\nfile = 'd'\ntable = 'opportunity'\n[source.columns]\nvalue = 'Amount'\n",
            "source d, columns: there is no 'value'",
        ),
        ("[crm]\n", "'title'"),
        ("[crm\n", "line 1"),
    ],
)
def test_a_form_with_a_mistake_is_refused_with_its_file_and_word(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text)

    with pytest.raises(InputError, match=r"mine\.toml: is not a CRM form") as error:
        read_preset(path)
    assert said in str(error.value)


LIVED = {"D16", "D36", "D38"}
"""What any organisation has, without a mistake: close dates gone by, deals of one day, deals that were forgotten."""


def planted_faults(demo) -> set[tuple[str, str, str]]:
    """(table, rule, key) of what was planted for a rule to find; of a deal entered twice, both sides."""
    faults = {
        (fault["table"], fault["check"], fault["row_id"])
        for fault in demo.truth["planted"]
        if fault["check"].startswith("D") and fault["table"] != "rep"
    }
    deals = demo.tables["opportunity"]
    again = deals[deals["deal_id"].isin([row for _, rule, row in faults if rule == "D6"])]
    both = deals.merge(again[["account_id", "amount", "owner_id", "name"]])
    return faults | {("opportunity", "D6", deal_id) for deal_id in both["deal_id"]}


def test_the_whole_demo_comes_in_with_every_planted_mistake_found_and_nothing_else(tmp_path):
    demo = organisation(seed=3)
    write(demo, tmp_path / "demo")
    workspace = Workspace.at(tmp_path / "w", **demo.settings)
    report = import_export(tmp_path / "demo", workspace, taken_at=datetime(2030, 1, 1, tzinfo=UTC))
    snapshot = workspace.snapshot()
    keys = {"opportunity": "deal_id", "activity": "activity_id", "split": "deal_id"}
    issues = snapshot.issues().query("rule not in @LIVED")
    found = {
        (table, rule, demo.tables[table][keys[table]][row - 2])
        for table, rule, row in zip(issues["table"], issues["rule"], issues["row"], strict=True)
    }

    assert found == planted_faults(demo)
    assert {rule for _, rule, _ in found} == {"D4", "D5", "D6", "D7", "D9", "D11", "D13", "D14", "D15", "D18", "D25"}
    for name in ("lead", "owner_history", "survey_response"):
        came_in = snapshot.read(name).drop(columns=["source_file", "source_row"])
        pd.testing.assert_frame_equal(came_in, demo.tables[name])
    assert {table: counts["rows_in"] for table, counts in report.tables.items()} == {
        name: len(table) for name, table in demo.tables.items() if len(table)
    }
