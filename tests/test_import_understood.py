"""What was understood of an export, and how old it is: counted at the import, shown on the quality page with its n."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from import_support import TAKEN_AT, deal, judge, notes, put
from test_quality_page import facts, section

from salescoach.crm.importer import import_export
from salescoach.crm.issues import Note
from salescoach.crm.owners import unmatched_owners
from salescoach.crm.report import in_short
from salescoach.crm.understood import understood
from salescoach.quality import open_quality
from salescoach.report.page import Table, Text
from salescoach.resources import load_words
from salescoach.workspace import Workspace

DEALS = [deal(deal_id=f"D{n}", owner_id=owner) for n, owner in enumerate(["R1", "R2", "Can Işık", "Nobody"])]
TUNA = """
[crm]
title = "Tuna"
[[source]]
file = "rep"
table = "rep"
[source.columns]
rep_id = "rep_id"
full_name = "full_name"
[[source]]
file = "stage"
table = "stage"
[source.columns]
pipeline = "pipeline"
stage = "stage"
order = "order"
kind = "kind"
[[source]]
file = "opportunity"
table = "opportunity"
[source.columns]
deal_id = "deal_id"
owner_id = "owner_id"
pipeline = "pipeline"
stage = "stage"
status = "status"
source = "source"
[source.values.status]
Kazan = "won"
[source.values.source]
Web = "inbound"
"""


def test_owners_are_counted_by_how_they_were_found(tmp_path):
    (found,) = understood(judge(put(tmp_path, *DEALS)).export)["owners"]

    assert found == {"table": "opportunity", "by_id": 2, "otherwise": 1, "unmatched": 1}


def test_words_are_counted_by_whether_the_map_knows_them(tmp_path):
    folder = put(
        tmp_path,
        *(deal(deal_id=f"D{n}", status=word) for n, word in enumerate(["won", "Won", "Kazan", "strange"])),
        deal(deal_id="D8", source="Web"),
        deal(deal_id="D9", source="Fair"),
    )
    (tmp_path / "tuna.toml").write_text(TUNA, encoding="utf-8")
    judged = judge(folder, crm=str(tmp_path / "tuna.toml"))
    found = {each["field"]: each for each in understood(judged.export)["values"] if each["table"] == "opportunity"}

    assert [found["status"][name] for name in ("known", "mapped", "unknown")] == [4, 1, 1]
    assert [found["source"][name] for name in ("known", "mapped", "unknown")] == [0, 1, 1]


def test_a_company_whose_owner_is_nobody_stays_and_asks_for_its_owner(tmp_path):
    accounts = "account_id,name,owner_id\nA1,One,Elif Yılmaz\nA2,Two,Nobody\n"
    judged = judge(put(tmp_path, deal(account_id="A2"), account=accounts))
    rows = judged.export.tables["account"].accepted

    assert rows["owner_id"].fillna("").tolist() == ["R1", ""]
    assert [(each.rule, each.level, each.value) for each in judged.export.issues] == [("D8", "V", "Nobody")]
    assert [each.owner for each in unmatched_owners(judged.export.issues, judged.export.tables["rep"].accepted, "en")]
    assert judged.export.tables["opportunity"].count()["accepted"] == 1


def test_credit_of_nobody_waits(tmp_path):
    splits = "deal_id,rep_id,pct,credit_type\nD1,can@example.com,0.5,revenue\nD1,Nobody,0.5,revenue\n"
    rows = judge(put(tmp_path, split=splits)).export.tables["split"]

    assert rows.count()["quarantined"] == 2  # the half of nobody, and with it the other: what is left is no whole
    assert understood(judge(put(tmp_path, split=splits)).export)["owners"][1]["otherwise"] == 1


def test_an_old_export_is_said_to_be_old_and_a_fresh_one_is_not(tmp_path):
    """The newest event is of 1 May 2025; the files were taken on 15 January 2026."""
    old = judge(put(tmp_path / "old"), as_of=None)
    fresh = judge(put(tmp_path / "new", deal(closed_at="2025-12-31T09:00:00Z")), as_of=None)

    assert notes(old)["export_old"] == {"day": "2025-05-01", "days": 259}
    assert "export_old" not in notes(fresh)


def test_who_states_the_day_of_the_data_knows_how_old_they_are(tmp_path):
    assert "export_old" not in notes(judge(put(tmp_path), as_of=date(2025, 6, 30)))


@pytest.fixture
def home(tmp_path) -> Workspace:
    workspace = Workspace.at(tmp_path / "w", name="Örnek A.Ş.")
    import_export(put(tmp_path / "e", *DEALS), workspace, taken_at=TAKEN_AT)
    return workspace


@pytest.mark.parametrize(("language", "said"), [("en", "259 days after"), ("tr", "259 gün sonra")])
def test_the_page_says_when_the_files_were_imported_and_how_old_they_were(home, language, said):
    pairs = dict(open_quality(home, language).page.header.pairs)

    assert said in pairs[load_words(language)("quality.header.imported")]


def test_every_page_built_on_old_data_says_so(home):
    for code in ("en", "tr"):
        day = load_words(code).language.date(date(2025, 5, 1))
        assert [text for text in home.snapshot().warnings(code) if day in text]


def test_a_share_of_owners_stands_beside_its_n(home):
    part = next(each for each in open_quality(home, "en").page.sections if each.anchor == "understood")
    (row,) = next(block for block in part.blocks if isinstance(block, Table)).rows

    assert [(cell.text, cell.detail) for cell in row[1:]] == [("75%", "3 of 4"), ("2", ""), ("1", ""), ("1", "")]


def test_where_no_row_is_left_there_is_no_share():
    nothing = {"table": "opportunity", "by_id": 0, "otherwise": 0, "unmatched": 0}
    part = section(replace(facts(), owners=[nothing]), "understood")
    (row,) = next(block for block in part.blocks if isinstance(block, Table)).rows

    assert (row[1].text, row[1].tone) == ("none filled", "na")


def test_only_fields_with_an_unknown_word_are_listed_and_the_others_counted():
    known = {"table": "opportunity", "field": "type", "file": "deals.csv", "known": 3, "mapped": 1, "unknown": 0}
    values = [known, known | {"field": "source", "unknown": 4}, known | {"field": "status"}]
    part = section(replace(facts(), values=values), "understood")
    listed, rest = part.blocks

    assert isinstance(listed, Table)
    assert [(row[1].text, row[2].text, row[2].detail) for row in listed.rows] == [("source", "50%", "4 of 8")]
    assert isinstance(rest, Text)
    assert rest.text == "In 2 other fields every word is known."


def test_a_dozen_columns_that_are_not_used_are_named_and_the_rest_counted():
    """The record of the import has them all."""
    many = [f"extra{number}" for number in range(30)]
    note = Note("columns_ignored", {"file": "deals.csv", "columns": ", ".join(many)})
    (line,) = in_short([note], load_words("en"))

    assert "extra10 … (19 more)" in line
    assert "extra11" not in line
    assert note.message(load_words("en")).count("extra") == 30
