"""The page about data quality: every finding with its place, nobody ranked, nothing shown that is not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from salescoach.report.page import Block, Bullets, Fold, Section, Table
from salescoach.report.quality import ROWS_SHOWN, QualityFacts, quality_page
from salescoach.resources import load_words

COLUMNS = ["table", "file", "row", "column", "value", "rule", "level", "owner_id", "count", "message_en", "message_tr"]


def issue(rule: str, level: str, row: int, owner: str | None = "R1") -> dict[str, object]:
    words = (f"deals.csv, line {row}: mend it.", f"deals.csv, satır {row}: düzeltin.")
    known = ("opportunity", "deals.csv", row, "Close date", "x", rule, level, owner, 1, *words)
    return dict(zip(COLUMNS, known, strict=True))


def facts(*issues: dict[str, object]) -> QualityFacts:
    return QualityFacts(
        organisation="Örnek A.Ş.",
        snapshot="2025-06-30-abc",
        as_of=date(2025, 6, 30),
        form="canonical",
        tables={"opportunity": {"rows_in": 10, "accepted": 7, "rejected": 2, "merged": 1, "quarantined": 1}},
        issues=pd.DataFrame(issues, columns=COLUMNS),
        fill_rates=pd.DataFrame(
            {"table": ["opportunity"] * 2, "field": ["amount", "deal_id"], "filled": [4, 10], "rows": [10, 10]}
        ),
        notes=["Separator: semicolon."],
        names={"R1": "Zeynep", "R2": "Çağla", "R3": "Cem"},
    )


def section(found: QualityFacts, anchor: str, language: str = "en") -> Section:
    page = quality_page(found, load_words(language))
    return next(part for part in page.sections if isinstance(part, Section) and part.anchor == anchor)


def opened(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks with what is folded away among them, as on paper."""
    for block in blocks:
        yield from opened(block.blocks) if isinstance(block, Fold) else (block,)


def table(found: QualityFacts, anchor: str, language: str = "en") -> Table:
    return next(block for block in opened(section(found, anchor, language).blocks) if isinstance(block, Table))


def test_every_row_of_a_table_is_accounted_for_on_the_page():
    together, deals = table(facts(), "rows").rows

    assert [cell.text for cell in together] == ["All tables", "10", "7", "2", "1", "1"]
    assert [cell.text for cell in deals] == ["Deals", "10", "7", "2", "1", "1"]


def test_a_table_of_which_every_row_is_used_counts_in_the_sum_and_is_folded_away():
    whole = {"rows_in": 5, "accepted": 5, "rejected": 0, "merged": 0, "quarantined": 0}
    found = replace(facts(), tables={"rep": whole, **facts().tables})
    at_once, folded = section(found, "rows").blocks

    assert [row[0].text for row in at_once.rows] == ["All tables", "Deals"]
    assert [cell.text for cell in at_once.rows[0]] == ["All tables", "15", "12", "2", "1", "1"]
    assert folded.title == "1 table of which every row is used"
    assert [row[0].text for row in folded.blocks[0].rows] == ["People"]


def test_what_to_do_is_seen_at_once_and_the_rows_of_a_rule_on_demand():
    said, folded = section(facts(issue("D16", "F", 7), issue("D16", "F", 9)), "rule-d16").blocks

    assert isinstance(said, Bullets)
    assert isinstance(folded, Fold)
    assert folded.title == "2 rows, with their owners"


def test_what_left_rows_out_comes_before_what_only_counts_them():
    """Twenty counted rows are less urgent than one that is missing from every figure."""
    found = facts(*(issue("D16", "F", line) for line in range(2, 22)), issue("D3", "R", 30))

    assert [row[0].detail for row in table(found, "first").rows] == ["D3", "D16"]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_a_rule_says_what_to_do_once_and_where_each_row_stands(language: str):
    found = facts(issue("D16", "F", 7), issue("D16", "F", 9, "R3"))
    said = section(found, "rule-d16", language).blocks[0]
    rows = table(found, "rule-d16", language).rows

    assert isinstance(said, Bullets)
    assert [item.text for item in said.items] == [
        {"en": "deals.csv, line 7: mend it.", "tr": "deals.csv, satır 7: düzeltin."}[language]
    ]
    assert [row[3].text for row in rows] == ["Zeynep", "Cem"]
    assert rows[1][0].text == {"en": "deals.csv, line 9", "tr": "deals.csv, satır 9"}[language]


def test_more_rows_than_the_page_shows_are_said_to_be_in_the_file():
    found = facts(*(issue("D16", "F", line) for line in range(2, ROWS_SHOWN + 5)))
    *_, rest = opened(section(found, "rule-d16").blocks)

    assert len(table(found, "rule-d16").rows) == ROWS_SHOWN
    assert rest.text.startswith("3 more")


def test_owners_stand_in_the_order_of_the_alphabet_not_of_their_findings():
    found = facts(issue("D16", "F", 2, "R1"), issue("D16", "F", 3, "R1"), issue("D16", "F", 4, "R2"),
                  issue("D16", "F", 5, "R3"))  # fmt: skip

    assert [row[0].text for row in table(found, "people", "tr").rows] == ["Cem", "Çağla", "Zeynep"]


def test_a_row_without_an_owner_is_counted_and_blamed_on_nobody():
    found = facts(issue("D8", "Q", 2, None))

    assert table(found, "first").rows[0][3].tone == "na"
    assert section(found, "people").blocks[0].text == load_words("en")("quality.people.none")


def test_only_fields_with_gaps_are_listed():
    (folded,) = section(facts(), "filled").blocks
    rows = table(facts(), "filled").rows

    assert folded.title == "Deals: 1 field is not always filled"
    assert [(row[0].text, row[1].text, row[1].detail) for row in rows] == [("amount", "40%", "4 of 10")]


def test_a_clean_import_says_so():
    clean = replace(facts(), fill_rates=pd.DataFrame({"table": [], "field": [], "filled": [], "rows": []}))

    assert section(clean, "first").blocks[0].text == load_words("en")("quality.first.none")
    assert section(clean, "filled").blocks[0].text == load_words("en")("quality.filled.all")


@pytest.mark.parametrize(("rule", "done"), [("D4", "Merged"), ("D7", "Merged"), ("D16", "Used, counted")])
def test_a_row_that_was_merged_is_not_called_used(rule: str, done: str):
    assert table(facts(issue(rule, "F", 2)), "first").rows[0][1].text == done
