"""Each data-quality rule finds its fault, names the place, and does to the row what its level says."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_support import AS_OF, OPEN, deal, found, judge, notes, put

from salescoach.errors import InputError
from salescoach.resources import load_words


def kept(judged, table: str = "opportunity") -> list[str]:
    """Key of each accepted row."""
    rows = judged.export.tables[table]
    return rows.accepted[rows.table.key[0]].tolist()


def test_a_clean_export_has_no_findings(tmp_path):
    judged = judge(put(tmp_path, deal(), deal(deal_id="D2", **OPEN)))

    assert found(judged) == []
    assert kept(judged) == ["D1", "D2"]


ONE_DEAL = [
    # rule, level, what is wrong, heading, value, is the deal still used
    ("D3", "R", {"owner_id": ""}, "owner_id", "", False),
    ("D3", "R", {"closed_at": ""}, "closed_at", "", False),
    ("D8", "Q", {"owner_id": "A. Yilmaz"}, "owner_id", "A. Yilmaz", False),
    ("D10", "Q", {"closed_at": "31.02.2025"}, "closed_at", "31.02.2025", False),
    ("D11", "Q", {"closed_at": "2025-02-01"}, "closed_at", "2025-02-01", False),
    ("D12", "Q", {"closed_at": "2026-01-01"}, "closed_at", "2026-01-01", False),
    ("D13", "Q", {"amount": "-5"}, "amount", "-5", False),
    ("D14", "Q", {"currency": "XYZ"}, "currency", "XYZ", False),
    ("D16", "F", {**OPEN, "expected_close": "2025-12-30"}, "expected_close", "2025-12-30", True),
    ("D17", "F", {**OPEN, "amount": ""}, "amount", "", True),
    ("D20", "Q", {"stage": "Sent"}, "stage", "Sent", False),
    ("D21", "F", {**OPEN, "status": "paused"}, "status", "paused", True),
    (
        "D25",
        "F",
        {**OPEN, "created_at": "2025-12-01", "expected_close": "2025-11-01"},
        "expected_close",
        "2025-11-01",
        True,
    ),
    ("D26", "V", {"probability": "60"}, "probability", "60", True),
    ("D27", "V", {"discount_pct": "1.2"}, "discount_pct", "1.2", True),
    ("P2", "Q", {"amount": "lots"}, "amount", "lots", False),
    ("P3", "V", {"type": "upsell"}, "type", "upsell", True),
]


@pytest.mark.parametrize(("rule", "level", "changes", "column", "value", "used"), ONE_DEAL)
def test_a_fault_of_one_deal_is_found_and_nothing_else(tmp_path, rule, level, changes, column, value, used):
    judged = judge(put(tmp_path, deal(deal_id="D0"), deal(**changes)))

    assert (rule, level, 3, column, value) in found(judged)
    assert {finding[0] for finding in found(judged)} <= {rule, "D16"}  # D25's early date has also passed
    assert kept(judged) == (["D0", "D1"] if used else ["D0"])


def test_a_value_set_aside_is_empty_and_not_zero(tmp_path):
    deals = judge(put(tmp_path, deal(probability="60"))).export.tables["opportunity"].accepted

    assert deals["probability"].isna().tolist() == [True]


def test_a_deal_closed_on_the_day_it_was_created_is_used_and_counted_as_born_closed(tmp_path):
    """Many systems write the close as a day, which is earlier than the hour of creation."""
    judged = judge(put(tmp_path, deal(created_at="2025-03-01T15:00:00Z", closed_at="2025-03-01")))

    assert found(judged) == [("D36", "F", 2, "closed_at", "2025-03-01")]


def test_a_row_twice_counts_once_and_the_same_id_with_other_content_waits(tmp_path):
    judged = judge(
        put(tmp_path, deal(), deal(), deal(deal_id="D2"), deal(deal_id="D2", amount="7"), deal(deal_id="D3"))
    )

    assert found(judged) == [
        ("D4", "F", 3, "deal_id", "D1"),
        ("D5", "Q", 4, "deal_id", "D2"),
        ("D5", "Q", 5, "deal_id", "D2"),
    ]
    assert kept(judged) == ["D1", "D3"]
    assert judged.export.tables["opportunity"].count() == {
        "rows_in": 5, "accepted": 2, "rejected": 2, "merged": 1, "quarantined": 2,
    }  # fmt: skip


def test_deleted_and_merged_deals_are_left_out_and_counted(tmp_path):
    judged = judge(put(tmp_path, deal(), deal(deal_id="D2", is_deleted="true"), deal(deal_id="D3", merged_into="D1")))

    assert kept(judged) == ["D1"]
    assert [finding[0] for finding in found(judged)] == ["D7", "D7"]
    assert judged.export.tables["opportunity"].count()["merged"] == 2


def test_a_probable_duplicate_is_flagged_in_both_rows_and_kept(tmp_path):
    twin = {"account_id": "A1", "amount": "500"}
    accounts = "account_id,name\nA1,Anadolu\n"
    near = deal(deal_id="D2", created_at="2025-03-02T10:00:00Z", **twin)
    far = deal(deal_id="D3", created_at="2025-04-02T10:00:00Z", **twin)
    judged = judge(put(tmp_path, deal(**twin), near, far, account=accounts))

    assert [finding[:3] for finding in found(judged)] == [("D6", "F", 2), ("D6", "F", 3)]
    assert kept(judged) == ["D1", "D2", "D3"]


def test_an_owner_is_found_by_id_then_e_mail_then_full_name_never_by_likeness(tmp_path):
    owners = ("R1", "ELIF@example.com", "can ışık", "Can Isik", "Elif")
    judged = judge(put(tmp_path, *(deal(deal_id=f"D{n}", owner_id=owner) for n, owner in enumerate(owners))))

    deals = judged.export.tables["opportunity"].accepted
    assert deals["owner_id"].tolist() == ["R1", "R1"]  # in English I and ı are two letters: asked
    assert [finding[4] for finding in found(judged)] == ["can ışık", "Can Isik", "Elif"]
    assert notes(judged)["owners_matched"] == {"table": "opportunity", "n": 1}


def test_a_row_set_aside_shows_what_stands_in_its_file_and_not_what_was_found(tmp_path):
    """Its owner was found by e-mail before its amount set it aside."""
    wrong = deal(owner_id="elif@example.com", amount="-5.10", created_at="2025-03-01", closed_at="2025-05-01T09:00:00Z")
    (row,) = judge(put(tmp_path, wrong, deal(deal_id="D2"))).export.tables["opportunity"].set_aside()

    assert row["rule"] == "D13"
    assert {name: row["cells"][name] for name in ("owner_id", "amount", "created_at", "closed_at")} == {
        "owner_id": "elif@example.com", "amount": "-5.10", "created_at": "2025-03-01",
        "closed_at": "2025-05-01T09:00:00Z",
    }  # fmt: skip


def test_a_name_that_two_people_have_matches_neither(tmp_path):
    reps = "rep_id,full_name\nR1,Elif Kaya\nR2,Elif Kaya\n"
    judged = judge(put(tmp_path, deal(owner_id="Elif Kaya"), deal(deal_id="D2"), reps=reps))

    assert [finding[0] for finding in found(judged)] == ["D8"]


def test_a_reference_to_nothing_is_flagged_and_one_to_a_set_aside_row_is_not(tmp_path):
    history = (
        "deal_id,stage_to,entered_at\nD1,New,2025-03-01T09:00:00Z\nD9,New,2025-03-01T09:00:00Z\nD2,New,2025-03-02\n"
    )
    judged = judge(put(tmp_path, deal(), deal(deal_id="D2", amount="-1"), stage_history=history))

    assert [finding for finding in found(judged) if finding[0] == "D9"] == [("D9", "F", 3, "deal_id", "D9")]
    assert judged.export.tables["stage_history"].count()["accepted"] == 3


def test_without_the_other_table_nothing_is_called_an_orphan(tmp_path):
    assert found(judge(put(tmp_path, deal(account_id="A77")))) == []


def test_a_stage_matches_in_any_case_and_takes_its_pipeline(tmp_path):
    deals = judge(put(tmp_path, deal(stage="WON", pipeline=""))).export.tables["opportunity"].accepted

    assert deals[["pipeline", "stage"]].to_numpy().tolist() == [["Sales", "Won"]]


def test_an_amount_without_currency_is_the_organisation_s_when_no_other_is_used(tmp_path):
    judged = judge(put(tmp_path, deal(currency=""), deal(deal_id="D2", currency="")))

    (issue,) = judged.export.issues
    assert (issue.rule, issue.level, issue.row, issue.rows, issue.detail) == ("D14", "F", None, 2, "TRY")
    assert judged.export.tables["opportunity"].accepted["currency"].tolist() == ["TRY", "TRY"]


def test_an_amount_without_currency_waits_when_several_are_used(tmp_path):
    judged = judge(put(tmp_path, deal(currency=""), deal(deal_id="D2", currency="USD")))

    assert found(judged) == [("D14", "Q", 2, "amount", "100.00")]
    assert kept(judged) == ["D2"]


def test_a_dollar_sign_is_not_taken_for_lira(tmp_path):
    """The organisation's currency is TRY; the amount says otherwise, and no column does."""
    deals = judge(put(tmp_path, deal(currency="", amount="$1,234.50"))).export.tables["opportunity"].accepted

    assert deals["currency"].tolist() == ["USD"]


def test_a_sign_that_contradicts_the_currency_column_waits(tmp_path):
    judged = judge(put(tmp_path, deal(amount="$5", currency="TRY"), deal(deal_id="D2")))

    assert found(judged) == [("D14", "Q", 2, "amount", "$5")]


@pytest.mark.parametrize(("unit", "code"), [("TL", "TRY"), ("₺", "TRY"), ("$", "USD"), ("EUR", "EUR")])
def test_the_currency_in_the_heading_is_that_of_the_amounts(tmp_path, unit, code):
    """As offices write it: a sign or an abbreviation is a currency too, and not an unknown one."""
    row = {name: text for name, text in deal().items() if name not in ("amount", "currency")}
    judged = judge(put(tmp_path, row | {f"amount ({unit})": "12.50"}), crm="canonical")

    deals = judged.export.tables["opportunity"].accepted
    assert found(judged) == []
    assert (deals["currency"].tolist(), [float(each) for each in deals["amount"]]) == ([code], [12.5])


def test_a_planned_activity_is_kept_and_one_held_in_the_future_waits(tmp_path):
    activities = (
        "activity_id,type,occurred_at,owner_id,is_system,outcome\n"
        "V1,meeting,2026-01-10T09:00:00Z,R1,no,\n"
        "V2,meeting,2026-01-10T09:00:00Z,R1,no,held\n"
        "V3,meeting,2025-12-31T20:30:00Z,R1,no,held\n"  # 23:30 in Istanbul, still the day of the data
        "V4,meeting,2025-12-31T21:30:00Z,R1,no,held\n"
    )
    judged = judge(put(tmp_path, activity=activities))

    assert [finding[:3] for finding in found(judged)] == [("D18", "Q", 3), ("D18", "Q", 5)]


def test_a_score_outside_its_scale_is_rejected(tmp_path):
    surveys = "survey_id,name,kind,scale_min,scale_max,denominator_rule\nS1,NPS,nps,0,10,cohort\n"
    answers = "response_id,survey_id,answered_at,score\nA1,S1,2025-05-01,10\nA2,S1,2025-05-01,11\n"
    judged = judge(put(tmp_path, survey=surveys, survey_response=answers))

    assert found(judged) == [("D28", "R", 3, "score", "11")]


def test_a_quota_of_nobody_waits_and_one_of_a_team_does_not(tmp_path):
    quotas = "rep_or_team,metric_id,period_start,period_end,value,recorded_at\n" + "".join(
        f"{who},bookings,2025-10-01,2026-01-01,100,2025-09-01\n" for who in ("R1", "T1", "R9")
    )
    judged = judge(put(tmp_path, quota=quotas, team="team_id,name\nT1,North\n"))

    assert found(judged) == [("D8", "Q", 4, "rep_or_team", "R9")]


def test_rows_of_people_who_were_rejected_have_no_owner(tmp_path):
    judged = judge(put(tmp_path, deal(), deal(deal_id="D2", owner_id="R2"), reps="rep_id,full_name\nR1,\nR2,Can\n"))

    assert [finding[:2] for finding in found(judged)] == [("D3", "R"), ("D8", "Q")]


# --- the whole file -----------------------------------------------------------------------------------


def test_a_missing_column_stops_the_import_and_names_what_is_there(tmp_path):
    put(tmp_path, stages="pipeline,stage,order,type\nSales,New,1,open\n")

    with pytest.raises(InputError, match="no column could be read as kind") as error:
        judge(tmp_path)

    assert "pipeline, stage, order, type" in str(error.value)


@pytest.mark.parametrize("table", ["rep", "stage", "opportunity"])
def test_a_needed_file_that_is_missing_is_named(tmp_path, table):
    put(tmp_path)
    (tmp_path / f"{table}.csv").unlink()

    with pytest.raises(InputError, match=f"there is no file '{table}.csv'"):
        judge(tmp_path)
    with pytest.raises(InputError, match=f"there is no file '{table}.csv'"):
        judge(tmp_path, crm="canonical")


def test_the_newest_event_is_the_day_of_the_data_plans_and_the_future_aside(tmp_path):
    activities = "activity_id,type,occurred_at,owner_id,is_system\nV1,call,2025-06-30T09:00:00Z,R1,no\n"
    deals = (deal(), deal(deal_id="D2", **OPEN), deal(deal_id="D3", closed_at="2099-01-01"))
    judged = judge(put(tmp_path, *deals, activity=activities), as_of=None)

    assert judged.as_of == date(2025, 5, 1)
    assert notes(judged)["as_of_found"] == {"day": "2025-05-01", "file": "opportunity.csv", "column": "closed_at"}
    assert ("D12", "Q", 4, "closed_at", "2099-01-01") in found(judged)


def test_without_any_dated_event_the_day_is_asked_for(tmp_path):
    folder = put(tmp_path, deal(**OPEN, created_at=""))

    with pytest.raises(InputError, match="--as-of"):
        judge(folder, as_of=None)
    assert judge(folder).as_of == AS_OF


# --- accounting -------------------------------------------------------------------------------------------

_texts = {
    "deal_id": ["D1", "D2", "D3", "D4", ""],
    "owner_id": ["R1", "R2", "R9", ""],
    "stage": ["New", "Won", "Sent", ""],
    "status": ["won", "lost", "open", "?", ""],
    "amount": ["5", "-5", "1e5", "", "$7"],
    "currency": ["TRY", "EUR", "ZZZ", ""],
    "created_at": ["2025-01-05", "x", ""],
    "closed_at": ["2025-02-01", "2024-01-01", "2027-01-01", ""],
    "is_deleted": ["", "no", "yes", "perhaps"],
    "probability": ["0.5", "70", ""],
}
_deals = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in _texts.items()}), min_size=1, max_size=8
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    _deals, st.lists(st.sampled_from(["a,b\n", ",\n", "D1,New,2025-01-05,more\n", "D1,New,2025-01-06\n"]), max_size=4)
)
def test_every_row_ends_in_exactly_one_place(tmp_path, deals, history):
    """Rows in = accepted + rejected + merged; each rejected row has one reason and is kept as it was."""
    text = "deal_id,stage_to,entered_at\nD1,New,2025-01-05\n" + "".join(history)
    judged = judge(put(tmp_path, deal(deal_id="D0"), *deals, stage_history=text), crm="canonical")

    expected = {"opportunity": 1 + len(deals), "stage_history": 1 + len(history), "rep": 2, "stage": 4}
    aside: list[dict[str, object]] = []
    for name, rows in judged.export.tables.items():
        count = rows.count()
        assert count["rows_in"] == count["accepted"] + count["rejected"] + count["merged"]
        assert count["rows_in"] == expected[name]
        if name in ("rep", "stage"):  # as they were written above: nothing to be left out
            assert count["accepted"] == expected[name]
            continue
        mine = rows.set_aside()
        assert count["accepted"] == len(rows.accepted)
        assert count["rejected"] == len(mine)
        aside += mine
    assert all(row["rule"] and row["level"] in ("R", "Q") for row in aside)
    named = {(issue.file, issue.row) for issue in judged.export.issues if issue.level in "RQ"}
    assert named == {(row["file"], row["row"]) for row in aside}


# --- words ---------------------------------------------------------------------------------------------


def test_every_finding_has_a_whole_message_with_place_and_value_in_both_languages(tmp_path):
    languages = [(load_words("en"), "line"), (load_words("tr"), "satır")]
    for number, (_, _, changes, column, value, _) in enumerate(ONE_DEAL):
        judged = judge(put(tmp_path / str(number), deal(deal_id="D0"), deal(**changes)))
        for issue, (words, line) in product(judged.export.issues, languages):
            message = issue.message(words)
            assert message.startswith(f"opportunity.csv, {line} 3, {issue.column}")
            assert value in message or issue.column != column
            assert words.has(f"import.rule.{issue.rule}.title")
