"""What a page says about lead scores, against figures that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from salescoach.report.leads import capacity_section
from salescoach.report.model_card import fair_blocks
from salescoach.report.page import Fold, Table, Text
from salescoach.resources import load_words
from salescoach.scoring.worklist import WorkList, work_list

EVALUATION = {"gains": [(0.0, 0.0), (0.5, 0.75), (1.0, 1.0)], "split": {"judged": 40, "won": 8}}


def segment(value: str, low: float, high: float) -> dict[str, object]:
    counted = {"n": 100, "selected": 0.1, "selected_low": 0.06, "selected_high": 0.16}
    return {"column": "region", "value": value, "ratio": 1.0, "ratio_low": low, "ratio_high": high, **counted}


def day(hours: float) -> WorkList:
    """Ten leads of one owner, an hour each."""
    return work_list([f"L{k}" for k in range(10)], np.full(10, 0.1), value=1.0, owners=["R1"] * 10, hours=hours)


def said(made: WorkList) -> str:
    (block,) = capacity_section(made, EVALUATION, load_words("en")).blocks
    assert isinstance(block, Text)
    return block.text


def test_half_of_the_leads_is_what_the_best_half_of_the_judged_ones_brought():
    text = said(day(5))

    assert "5 of 10 leads" in text
    assert "won at 30.0%" in text  # 6 of 20
    assert "n = 20" in text
    assert "all of them at 20.0%" in text  # 8 of 40


def test_the_best_few_are_not_told_from_a_line_between_two_counts():
    """One lead of ten: the best half was counted, the best tenth was not; a line between would make it 30 % of 4."""
    text = said(day(1))

    assert "1 of 10 leads" in text
    assert "the best 50% were won at 30.0%" in text
    assert "n = 20" in text


def test_hours_that_take_no_lead_have_no_conversion():
    assert "%" not in said(day(0))


def test_a_segment_is_counted_and_put_first_only_when_its_interval_leaves_one_out():
    records = [segment("north", 0.9, 1.2), segment("south", 1.1, 1.4), segment("west", 0.7, 1.0)]
    sentence, table = fair_blocks(records, load_words("en"))

    assert isinstance(sentence, Text)
    assert isinstance(table, Table)
    assert "1 of 3" in sentence.text
    assert "about 0.3" in sentence.text
    assert [row[0].text for row in table.rows] == ["region: south", "region: north", "region: west"]


def test_many_segments_show_those_that_differ_and_fold_the_others():
    records = [segment("south", 1.1, 1.4), *(segment(f"part {k}", 0.9, 1.2) for k in range(12))]
    _, table, fold = fair_blocks(records, load_words("en"))

    assert isinstance(table, Table)
    assert isinstance(fold, Fold)
    (others,) = fold.blocks
    assert isinstance(others, Table)
    assert (len(table.rows), len(others.rows)) == (1, 12)


@pytest.mark.parametrize("language", ["en", "tr"])
def test_without_segments_nothing_is_counted(language: str):
    words = load_words(language)

    (said,) = fair_blocks([], words)

    assert isinstance(said, Text)
    assert said.text == words("leads.card.no_segments")
