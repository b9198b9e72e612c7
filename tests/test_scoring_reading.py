"""A file of leads that the tool has never seen: columns typed, outcomes read, and questions where both fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scoring_support import lead_file, ready, simulated

from salescoach.errors import InputError
from salescoach.leadlab.reading import names, read_leads
from salescoach.scoring.declaration import Declaration, parse_declaration
from salescoach.scoring.leads import prepare
from salescoach.scoring.outcome import outcome_of


def read(tmp_path, text, **options):
    file = tmp_path / "leads.csv"
    file.write_text(text, encoding=options.pop("written_as", "utf-8"))
    return read_leads(file, **{"outcome": "won", **options})


def reasons(file):
    return {d.column: d.reason for d in file.prepared().dropped}


def test_numbers_texts_and_days_are_told_apart(tmp_path):
    table = read(tmp_path, "n;when;what;code;won\n1,5;31.01.2025;web;007;evet\n2,25;01.02.2025;fair;010;hayır\n").table

    assert table["n"].tolist() == [1.5, 2.25]
    assert table["when"].tolist() == [pd.Timestamp("2025-01-31"), pd.Timestamp("2025-02-01")]
    assert table["what"].tolist() == ["web", "fair"]
    assert table["code"].tolist() == ["007", "010"]  # leading zeros: a code, not seven


def test_words_for_not_known_are_missing_among_numbers_and_an_answer_among_texts(tmp_path):
    table = read(tmp_path, "age_days,budget,won\n5,Unknown,1\n?,Yes,0\n7,No,1\n8,Yes,0\n").table

    assert table["age_days"].isna().tolist() == [False, True, False, False]
    assert table["budget"].tolist() == ["Unknown", "Yes", "No", "Yes"]


def test_a_declared_code_is_missing(tmp_path):
    declare = tmp_path / "d.toml"
    declare.write_text('[leads]\noutcome = "won"\n[columns.pdays]\nmissing = ["999"]\n', encoding="utf-8")

    assert read(tmp_path, "pdays,won\n999,1\n3,0\n", declare=declare).table["pdays"].isna().tolist() == [True, False]


def test_a_number_that_can_be_read_twice_is_asked_about(tmp_path):
    text = "n;won\n1.234;1\n2.500;0\n"

    with pytest.raises(InputError, match="--decimal"):
        read(tmp_path, text)
    from salescoach.crm.dialect import Choices

    assert read(tmp_path, text, choices=Choices(decimal=",")).table["n"].tolist() == [1234.0, 2500.0]


def test_what_one_column_says_about_the_decimal_mark_holds_for_the_file(tmp_path):
    assert read(tmp_path, "n;m;won\n1.234;0,5;1\n2.500;1,5;0\n").table["n"].tolist() == [1234.0, 2500.0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["Won", "Lost"], [1, 0]),
        (["yes", "no"], [1, 0]),
        (["1.0", "0.0"], [1, 0]),
        (["TRUE", "FALSE"], [1, 0]),
        (["Kazanıldı", "Kaybedildi"], [1, 0]),
        (["Closed Won", "Closed-Lost"], [1, 0]),
    ],
)
def test_usual_words_for_an_outcome_are_known(values, expected):
    assert outcome_of(np.array(values, dtype=object), names(), column="x").won.tolist() == expected


def test_other_values_of_an_outcome_are_leads_that_are_still_open():
    found = outcome_of(np.array(["Won", "Lost", "Engaging", ""], dtype=object), names(), column="stage")

    assert np.isnan(found.won).tolist() == [False, False, True, True]
    assert found.values["open"] == {"Engaging": 1, "": 1}


@pytest.mark.parametrize("values", [["A", "B"], ["0", "1", "2", "3"], ["1", "2"]])
def test_an_outcome_that_is_not_clear_is_asked_about(values):
    """0 and 1 among other numbers are a count; nobody said that 1 means won."""
    with pytest.raises(InputError, match="--won"):
        outcome_of(np.array(values, dtype=object), names(), column="x")
    assert outcome_of(np.array(values, dtype=object), names(), column="x", won=[values[1]]).won[1] == 1


def test_owner_protected_identifier_constant_and_free_text_are_left_out(tmp_path):
    rows = "\n".join(f"L{i},Elif,{30 + i},TR,she said {i} and then no,{i % 3},{i % 2}" for i in range(60))
    file = read(tmp_path, f"Lead,Sales_Agent,Age,Country,Comment,visits,won\n{rows}\n")

    assert reasons(file) == {
        "Lead": "identifier", "Sales_Agent": "owner", "Age": "protected", "Country": "constant",
        "Comment": "free_text",
    }  # fmt: skip
    assert list(file.prepared().leads.features) == ["visits"]


def test_the_age_of_a_lead_is_no_protected_attribute(tmp_path):
    assert not names().protected.has("lead_age_days")
    assert names().protected.has("Customer Age")
    assert names().protected.has("yaş")


def test_a_day_after_the_snapshot_is_left_out_and_one_before_becomes_a_distance(tmp_path):
    text = "seen,made,closed,won\n2025-01-10,2025-01-01,2025-02-01,1\n2025-01-11,2025-01-10,2025-03-01,0\n"
    prepared = read(tmp_path, text, time="seen").prepared()

    assert prepared.leads.features["made"].tolist() == [9.0, 1.0]
    assert {d.column: d.reason for d in prepared.dropped}["closed"] == "dated_later"


def test_what_derives_from_a_late_column_is_late():
    """A cycle length cannot slip in through the closing date."""
    said = parse_declaration(
        {
            "leads": {"outcome": "won", "known_at": "created"},
            "columns": {
                "closed": {"known_at": "after_outcome"},
                "cycle": {"derived_from": ["closed"]},
                "cycle_weeks": {"derived_from": ["cycle"]},
            },
        },
        file="d.toml",
    )

    assert [said.lateness(name) for name in ("closed", "cycle", "cycle_weeks", "other")] == [
        "after_outcome", "after_outcome", "after_outcome", "created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tables", "wrong"),
    [
        ({"leads": {"outcome": "won", "knwon_at": "created"}}, "knwon_at"),
        ({"leads": {"outcome": "won", "known_at": "later"}}, "later"),
        ({"leads": {"outcome": "won"}, "columns": {"x": {"answer": "accept"}}}, "reason"),
        ({"leads": {"outcome": "won", "won": "yes"}}, "list of texts"),
        ({"leads": {}}, "outcome"),
    ],
)
def test_a_mistake_in_a_declaration_is_no_silent_permission(tables, wrong):
    with pytest.raises(InputError, match=wrong):
        parse_declaration(tables, file="d.toml")


def test_a_column_that_is_declared_and_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="visits, won"):
        read(tmp_path, "visits,won\n1,1\n2,0\n", time="seen").prepared()


def test_identical_rows_stay_together_unless_the_columns_are_coarse():
    table = pd.DataFrame({"x": [1.0, 1.0, 2.0, 3.0, 4.0], "won": ["yes", "no", "yes", "no", "no"]})
    coarse = pd.DataFrame({"x": [1.0, 2.0] * 5, "won": ["yes", "no"] * 5})

    assert ready(table).grouping == "copies"
    assert ready(table).group[0] == ready(table).group[1]
    assert ready(coarse).grouping == "none"


def test_declared_groups_stay_together():
    table = simulated(6).assign(account=["a", "a", "b", "b", None, None])
    file = lead_file(table, Declaration("won", group="account"))
    group = prepare(file.table, file.outcome, file.declaration, names()).leads.group

    assert group[0] == group[1] != group[2] == group[3]
    assert len(set(group)) == 4  # those without an account are each on their own
