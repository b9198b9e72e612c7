"""The rules about histories, credit, people and rates, and what an organisation sets otherwise about all of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_support import AS_OF, OPEN, ORGANISATION, TAKEN_AT, deal, found, judge, notes, put

from salescoach.crm import checks
from salescoach.crm.dialect import Choices
from salescoach.crm.importer import import_export, judged_export
from salescoach.crm.mapping import mapped
from salescoach.crm.preset import load_preset
from salescoach.crm.quality import LEVELS, RULES, Quality
from salescoach.crm.text import read_table
from salescoach.errors import InputError, WorkspaceError
from salescoach.resources import load_words
from salescoach.workspace import SETTINGS, Workspace


def set_to(folder, **levels):
    """Judged with these settings."""
    return judged_export(folder, ORGANISATION, taken_at=TAKEN_AT, as_of=AS_OF, levels=levels)


def kept(judged, table: str = "opportunity") -> list[str]:
    return judged.export.tables[table].accepted[judged.export.tables[table].table.key[0]].tolist()


HISTORY = "deal_id,stage_to,entered_at,left_at\n"
SPLITS = "deal_id,rep_id,pct,credit_type\n"
REPS = "rep_id,full_name,hire_date,end_date\nR1,Elif,2025-03-01,2025-06-01\nR2,Can,,\n"
ACTIVITIES = "activity_id,type,occurred_at,owner_id,is_system\n"

RULES_SEEN = [
    # rule, level, table, what the table holds, line and value of each finding
    ("D15", "Q", "split", SPLITS + "D1,R1,0.5,revenue\nD1,R2,0.4,revenue\n", [(2, "0.5"), (3, "0.4")]),
    ("D15", "Q", "split", SPLITS + "D1,R1,0.5,revenue\nD1,R2,0.50005,revenue\nD1,R2,3,overlay\n", []),
    ("D22", "Q", "opportunity", [deal(stage="Won", status="lost")], [(2, "Won")]),
    ("D22", "Q", "opportunity", [deal(stage="Offer", status="won")], [(2, "Offer")]),
    ("D22", "Q", "opportunity", [deal(stage="Lost", status="lost")], []),
    ("D23", "F", "stage_history", HISTORY + "D1,New,2025-03-02,2025-03-01\nD1,Won,2025-03-01,\n",
     [(2, "2025-03-01")]),
    ("D23", "F", "stage_history", HISTORY + "D1,New,2025-03-01,2025-03-05\nD1,Won,2025-03-07,\n",
     [(2, "2025-03-05")]),
    ("D23", "F", "stage_history", HISTORY + "D1,New,2025-03-01,2025-03-09\nD1,Won,2025-03-07,\n",
     [(2, "2025-03-09")]),
    ("D23", "F", "stage_history", HISTORY + "D1,Won,2025-03-07,\nD1,New,2025-03-01,2025-03-07\n", []),
    ("D24", "F", "stage_history", HISTORY + "D1,New,2025-03-01,2025-03-07\nD1,Offer,2025-03-07,\n", [(3, "Offer")]),
    ("D24", "F", "stage_history", HISTORY + "D1,Won,2025-03-07,\nD1,New,2025-03-01,\n", []),
    ("D27", "V", "line_item", "line_id,deal_id,product_id,list_price,unit_price,currency\nL1,D1,P1,10,12,TRY\n"
     "L2,D1,P1,10,10,TRY\n", [(2, "10")]),
    ("D29", "Q", "survey_response", "response_id,survey_id,sent_at,answered_at\nA1,S1,2025-03-02,2025-03-01\n"
     "A2,S1,2025-03-01,2025-03-01\nA3,S1,,2025-03-01\n", [(2, "2025-03-01")]),
    ("D31", "V", "product", "product_id,name,list_price,currency\nP1,Flow,-5,TRY\nP2,Flow,0,TRY\n", [(2, "-5")]),
    ("D13", "Q", "cost", "scope,scope_id,period_start,period_end,kind,amount,currency\nrep,R1,2025-01-01,2025-02-01,"
     "salary,-5,TRY\n", [(2, "-5")]),
    ("D34", "Q", "quota", "rep_or_team,metric_id,period_start,period_end,value,recorded_at\nR1,bookings,2025-01-01,"
     "2025-04-01,100,2024-12-01\nR1,bookings,2025-01-01,2025-04-01,200,2024-12-01\nR1,bookings,2025-01-01,2025-04-01,"
     "300,2024-12-02\n", [(2, "R1"), (3, "R1")]),
    ("D36", "F", "opportunity", [deal(created_at="2025-04-30T21:30:00Z", closed_at="2025-05-01T09:00:00Z")],
     [(2, "2025-05-01T09:00:00Z")]),  # the first of May in Istanbul, both
    ("D38", "F", "opportunity", [deal(**OPEN, last_activity_at="2025-10-01"), deal(deal_id="D2", **OPEN,
     last_activity_at="2025-10-02")], [(2, "2025-10-01")]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "level", "table", "content", "expected"), RULES_SEEN)
def test_a_rule_finds_its_fault_and_nothing_beside_it(tmp_path, rule, level, table, content, expected):
    folder = put(tmp_path, *content) if table == "opportunity" else put(tmp_path, **{table: content})
    judged = judge(folder)

    assert [(line, value) for name, _, line, _, value in found(judged) if name == rule] == expected
    assert {how for name, how, *_ in found(judged) if name == rule} <= {level}


def test_credit_that_waits_leaves_the_deal_in_the_totals(tmp_path):
    judged = judge(put(tmp_path, split=SPLITS + "D1,R1,0.5,revenue\n"))

    assert kept(judged) == ["D1"]
    assert judged.export.tables["split"].count()["quarantined"] == 1


def test_an_activity_before_hire_or_after_the_last_day_is_flagged_by_the_day_of_the_organisation(tmp_path):
    moments = ("2025-02-28T20:30:00Z", "2025-02-28T21:30:00Z", "2025-05-31T20:30:00Z", "2025-05-31T21:30:00Z")
    rows = "".join(f"V{number},call,{moment},R1,no\n" for number, moment in enumerate(moments))
    judged = judge(
        put(tmp_path, deal(owner_id="R2"), reps=REPS, activity=ACTIVITIES + rows + "V9,call,2020-01-01,R2,no\n")
    )

    assert [finding[:3] for finding in found(judged)] == [("D19", "F", 2), ("D19", "F", 5)]


def test_mostly_automatic_activities_are_counted_by_person(tmp_path):
    rows = (
        "V1,email,2025-04-01,R1,yes\nV2,email,2025-04-01,R1,yes\nV3,call,2025-04-01,R1,no\nV4,call,2025-04-01,R2,no\n"
    )
    (issue,) = judge(put(tmp_path, activity=ACTIVITIES + rows)).export.issues

    assert (issue.rule, issue.owner_id, issue.rows, issue.detail, issue.row) == ("D37", "R1", 2, "3", None)
    assert "2" in issue.message(load_words("tr"))


def test_days_without_a_rate_are_listed_by_currency(tmp_path):
    deals = (deal(currency="USD"), deal(deal_id="D2", currency="USD", **OPEN), deal(deal_id="D3"))
    rates = "date,currency,rate_to_base,kind\n2025-05-01,USD,30,spot\n2025-12-31,USD,40,plan\n"
    (issue,) = [each for each in judge(put(tmp_path, *deals, fx_rate=rates)).export.issues if each.rule == "D35"]

    assert (issue.value, issue.rows, issue.detail) == ("USD", 1, "2025-12-31 (1)")


INTERVALS = "rep_id,team_id,valid_from,valid_to\nR1,T1,2025-01-01,2025-03-01\nR1,T1,2025-03-01,\nR2,T1,2025-01-01,\n"


def test_overlapping_intervals_stop_the_import_and_touching_ones_do_not(tmp_path):
    judge(put(tmp_path, assignment=INTERVALS))
    put(tmp_path, assignment=INTERVALS + "R1,T1,2025-02-01,2025-02-02\n")

    with pytest.raises(InputError, match="lies inside an earlier interval") as error:
        judge(tmp_path)
    assert (error.value.file, error.value.row, error.value.column) == ("assignment.csv", 5, "valid_from")


def test_a_team_above_itself_stops_the_import(tmp_path):
    put(tmp_path, team="team_id,name,parent_team_id\nT1,A,T2\nT2,B,T3\nT3,C,T2\n")

    with pytest.raises(InputError, match='"T3" stands'):
        judge(tmp_path)


def test_what_stops_an_import_can_be_set_aside_instead(tmp_path):
    put(tmp_path, assignment=INTERVALS + "R1,T1,2025-02-01,2025-02-02\n")

    assert [finding[:3] for finding in found(set_to(tmp_path, D32="quarantine"))] == [("D32", "Q", 5)]


def test_much_left_out_is_said_of_the_whole_import(tmp_path):
    many = [deal(deal_id=f"D{number}") for number in range(100)]
    assert "much_left_out" not in notes(judge(put(tmp_path / "1", *many[1:], deal(deal_id="X", owner_id=""))))
    judged = judge(put(tmp_path / "2", *many[2:], deal(deal_id="X", owner_id=""), deal(deal_id="Y", owner_id="")))

    assert notes(judged)["much_left_out"] == {"table": "opportunity", "rejected": 2, "quarantined": 0, "of": 100}
    assert "much_left_out" not in notes(set_to(tmp_path / "2", rejected_share=0.02))
    assert "much_left_out" not in notes(set_to(tmp_path / "2", D30="off"))


def test_pages_can_read_the_warning_the_rows_and_the_fill_rates(tmp_path):
    workspace = Workspace.create(tmp_path / "w", language="en")
    folder = put(tmp_path / "x", deal(amount=""), deal(deal_id="D2", owner_id="R2"), deal(deal_id="D3", owner_id=""))
    import_export(folder, workspace, as_of=AS_OF, taken_at=TAKEN_AT)
    snapshot = workspace.snapshot()
    rates = snapshot.fill_rates().query("table == 'opportunity' and field == 'amount'")

    assert snapshot.warnings("en")[0].startswith("Deals: much was left out: rejected 1, kept aside 0, of 3 rows.")
    assert snapshot.warnings("tr") != snapshot.warnings("en")
    assert snapshot.set_aside()[["table", "row", "level", "rule"]].to_numpy().tolist() == [
        ["opportunity", 4, "R", "D3"]
    ]
    assert rates[["filled", "rows"]].to_numpy().tolist() == [[1, 2], [0, 1], [1, 1]]
    assert rates["owner_id"].fillna("all").tolist() == ["all", "R1", "R2"]


# --- owners ------------------------------------------------------------------------------------------


def test_the_owner_map_comes_before_the_name_and_never_names_a_stranger(tmp_path):
    owners = ("Can Işık", "E. Y.", "X", "R1")
    folder = put(tmp_path, *(deal(deal_id=f"D{number}", owner_id=owner) for number, owner in enumerate(owners)))
    texts = [read_table(path) for path in sorted(folder.iterdir())]
    export = mapped(texts, load_preset("canonical"), ORGANISATION, Choices())
    checks.judge(export, ORGANISATION, AS_OF, owners={"Can Işık": "R1", "E. Y.": "R2", "X": "R99", "R1": "R2"})

    assert export.tables["opportunity"].accepted["owner_id"].tolist() == ["R1", "R2", "R1"]  # an id stays an id
    assert [(issue.rule, issue.value) for issue in export.issues] == [("D8", "X")]


# --- settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "letter"), [("reject", "R"), ("quarantine", "Q"), ("flag", "F"), ("off", None)])
def test_a_level_of_the_settings_is_what_happens_to_the_row(tmp_path, level, letter):
    folder = put(tmp_path, deal(**{**OPEN, "expected_close": "2025-12-01"}), deal(deal_id="D2"))
    judged = set_to(folder, D16=level)

    assert [finding[:2] for finding in found(judged)] == ([("D16", letter)] if letter else [])
    assert kept(judged) == (["D1", "D2"] if letter in ("F", None) else ["D2"])


def test_a_threshold_of_the_settings_is_used(tmp_path):
    twin = {"account_id": "A1", "amount": "500"}
    folder = put(tmp_path, deal(**twin), deal(deal_id="D2", **twin, created_at="2025-03-05T09:00:00Z"))

    assert found(judge(folder)) == []
    assert [finding[0] for finding in found(set_to(folder, twin_days=4))] == ["D6", "D6"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('D16 = "maybe"', '[quality] D16 = "maybe": allowed is reject, quarantine, flag, off.'),
        ('D3 = "flag"', '[quality] D3 = "flag": allowed is reject, quarantine.'),
        ("D16 = 1", "[quality] D16 = 1: allowed is reject"),
        ('D99 = "flag"', "[quality] D99: there is no such rule or threshold; there are P1, P2"),
        ('D4 = "off"', "[quality] D4: this rule is always applied as it is."),
        ('twin_days = "two"', '[quality] twin_days = "two": allowed is a number from 0.'),
        ("rejected_share = 5", "[quality] rejected_share = 5: allowed is a share from 0 to 1."),
    ],
)
def test_a_setting_without_sense_is_an_error_that_says_what_there_is(tmp_path, line, said):
    home = Workspace.create(tmp_path / "w")
    with (home.path / SETTINGS).open("a", encoding="utf-8") as file:
        file.write(f"\n[quality]\n{line}\n")

    with pytest.raises(WorkspaceError) as error:
        Workspace.open(home.path)
    assert said in str(error.value)
    assert error.value.exit_code == 2


def test_other_settings_make_another_snapshot(tmp_path):
    home = Workspace.create(tmp_path / "w", language="en")
    folder = put(tmp_path / "x", deal(**{**OPEN, "expected_close": "2025-12-01"}), deal(deal_id="D2"))
    first = import_export(folder, home, as_of=AS_OF, taken_at=TAKEN_AT)
    with (home.path / SETTINGS).open("a", encoding="utf-8") as file:
        file.write('\n[quality]\nD16 = "quarantine"\n')
    second = import_export(folder, Workspace.open(home.path), as_of=AS_OF, taken_at=TAKEN_AT)

    assert first.snapshot != second.snapshot
    assert (first.tables["opportunity"]["accepted"], second.tables["opportunity"]["accepted"]) == (2, 1)


def test_a_row_that_lacks_what_it_must_have_is_never_used_whatever_is_set():
    assert [Quality.of({"P2": "value"}).level("P2", usual) for usual in ("R", "Q", "V")] == ["R", "V", "V"]
    assert Quality.of({"P2": "quarantine"}).level("P2", "R") == "Q"


@pytest.mark.parametrize("code", ["en", "tr"])
def test_every_rule_can_speak_at_every_level_it_may_have(code):
    words = load_words(code)
    spoken = {rule for rule in RULES if rule not in ("D1", "D2", "D30")}

    assert [rule for rule in spoken if not words.has(f"import.rule.{rule}.title")] == []
    assert [rule for rule in spoken - {"D35", "D37"} if not words.has(f"import.rule.{rule}.found")] == []
    assert all(words.has(f"import.done.{LEVELS[name]}") for name in ("reject", "quarantine", "flag", "value"))


# --- accounting ------------------------------------------------------------------------------------------

_tables = {
    "split": (SPLITS, "D1,R1,{},revenue\n", ["1", "0.5", "x", ""]),
    "stage_history": (HISTORY, "D1,{},2025-03-01,2025-02-01\n", ["New", "Won", "Sent", ""]),
    "activity": (ACTIVITIES, "V1,{},2027-01-01,R9,no\n", ["call", "shout", ""]),
    "quota": ("rep_or_team,metric_id,period_start,period_end,value,recorded_at\n",
              "R1,m,2025-01-01,2025-04-01,{},2024-12-01\n", ["1", "2", "x"]),
    "cost": ("scope,scope_id,period_start,period_end,kind,amount,currency\n",
             "org,,2025-01-01,2025-02-01,tool,{},TRY\n", ["5", "-5", "$5", ""]),
    "survey_response": ("response_id,survey_id,sent_at,answered_at,score\n", "{},S1,2025-03-02,2025-03-01,99\n",
                        ["A1", "A2", ""]),
    "assignment": ("rep_id,team_id,valid_from,valid_to\n", "R1,T1,{},2025-09-01\n", ["2025-01-01", "2025-05-01", "?"]),
}  # fmt: skip
_levels = st.fixed_dictionaries(
    {"D32": st.sampled_from(["reject", "quarantine"])},
    optional={
        rule: st.sampled_from([name for name in known.may if name != "block"])
        for rule, known in RULES.items()
        if known.may and rule != "D32"
    },
)
_contents = st.fixed_dictionaries(
    {name: st.lists(st.sampled_from(texts), min_size=1, max_size=4) for name, (_, _, texts) in _tables.items()}
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_contents, _levels)
def test_whatever_is_set_every_row_of_every_table_ends_in_exactly_one_place(tmp_path, contents, levels):
    """Rows in = accepted + rejected + merged; what is left out is named, and is kept as it was."""
    files = {
        name: head + "".join(line.format(text) for text in contents[name]) for name, (head, line, _) in _tables.items()
    }
    judged = set_to(put(tmp_path, deal(), deal(amount="-1"), **files), **levels)

    for name, rows in judged.export.tables.items():
        count = rows.count()
        assert count["rows_in"] == count["accepted"] + count["rejected"] + count["merged"]
        assert count["rows_in"] == len(contents.get(name, ())) or name not in contents
        assert count["accepted"] == len(rows.accepted)
        assert count["rejected"] == len(rows.set_aside())
    named = {(issue.file, issue.row) for issue in judged.export.issues if issue.level in "RQ"}
    assert named == {(row["file"], row["row"]) for rows in judged.export.tables.values() for row in rows.set_aside()}


def test_a_won_deal_may_stay_in_its_last_stage_where_no_stage_means_won(tmp_path):
    """Pipedrive and Dynamics close a deal by its status alone; to set all its wins aside would empty every figure."""
    without = "pipeline,stage,order,kind,qualified\nSales,New,1,open,no\nSales,Offer,2,open,yes\n"
    judged = judge(put(tmp_path, deal(stage="Offer"), stages=without))

    assert [issue.rule for issue in judged.export.issues if issue.rule == "D22"] == []
