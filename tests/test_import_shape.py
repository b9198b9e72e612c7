"""Each step that a form may ask for changes the text as it says, tells that it did, and leaves the rest alone."""

from __future__ import annotations

import pytest

from salescoach.crm.dialect import Choices
from salescoach.crm.preset import read_preset
from salescoach.crm.shape import shaped
from salescoach.crm.text import read_table
from salescoach.errors import InputError

HEAD = "[crm]\ntitle = 'Mine'\nstages = 'open'\n[[source]]\nfile = 'deals'\ntable = 'opportunity'\n"


def pieces(tmp_path, form, **files):
    """What a form makes of files, each given as text."""
    (tmp_path / "mine.toml").write_text(form, encoding="utf-8")
    texts = []
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        texts.append(read_table(tmp_path / f"{name}.csv", Choices(separator=",")))
    return shaped(texts, read_preset(tmp_path / "mine.toml"), Choices())


def cells(made, name, table=0):
    """The cells of a field of one piece."""
    source, text = made.sources[table]
    return list(text.columns[text.header.index(source.heading(name, text.header))])


def codes(made):
    return {note.code for note in made.notes}


STATUS = (
    HEAD
    + """
[source.columns]
stage = "Stage"
[[source.rule]]
field = "status"
when = { Closed = false }
then = "open"
[[source.rule]]
field = "status"
when = { Closed = true, Won = true }
then = "won"
[[source.rule]]
field = "status"
when = { Closed = true, Won = false }
then = "lost"
"""
)


def test_a_status_follows_from_two_columns_by_their_truth_table(tmp_path):
    made = pieces(tmp_path, STATUS, deals="Stage,Closed,Won\na,0,0\nb,TRUE,1\nc,Evet,Hayır\nd,,\n")

    assert cells(made, "status") == ["open", "won", "lost", ""]


def test_without_one_of_the_columns_no_status_is_made_up(tmp_path):
    made = pieces(tmp_path, STATUS, deals="Stage,Won\na,0\nb,1\n")
    source, text = made.sources[0]

    assert source.heading("status", text.header) is None


AMOUNT = (
    HEAD
    + """
[source.columns]
status = "Status"
amount = "Est. revenue (EUR)"
[source.values.status]
"Kazanıldı" = "won"
[[source.rule]]
field = "amount"
when = { status = "won" }
take = "Actual (EUR)"
"""
)


def test_a_rule_sees_values_as_the_form_reads_them_and_keeps_the_unit_of_the_heading(tmp_path):
    made = pieces(tmp_path, AMOUNT, deals="Status,Est. revenue (EUR),Actual (EUR)\nKazanıldı,10,12\nOpen,7,\n")
    source, text = made.sources[0]

    assert cells(made, "amount") == ["12", "7"]
    assert source.columns["amount"][0].endswith("(EUR)")
    assert "Actual (EUR)" in text.header


TWO = """
[crm]
title = "Mine"
stages = "open"
[[source]]
file = "deals"
table = "opportunity"
where = { Type = "opportunity" }
[source.columns]
deal_id = "ID"
stage = "Stage"
[[source]]
file = "deals"
table = "lead"
where = { Type = "lead" }
[source.columns]
lead_id = "ID"
created_at = "On"
status = "Stage"
"""


def test_one_file_feeds_two_tables_and_keeps_its_line_numbers(tmp_path):
    made = pieces(tmp_path, TWO, deals="ID,Type,Stage,On\n1,Lead,x,y\n2,Opportunity,x,y\n3,lead,x,y\n4,call\n")
    (_, deals), (_, leads) = made.sources

    assert (list(deals.lines), list(leads.lines)) == ([3], [2, 4])
    assert deals.cells(0)["ID"] == "2"
    assert (len(deals.ragged), len(leads.ragged)) == (1, 0)  # the short row is counted once
    assert "rows_of_table" in codes(made)


def test_a_pipeline_in_brackets_is_taken_off_the_stage_and_any_other_bracket_stays(tmp_path):
    form = HEAD + 'split = { stage = "{stage} ({pipeline})" }\n[source.columns]\nstage = "Stage"\n'
    made = pieces(tmp_path, form, deals="Stage,x\nOffer (Sales),1\nOffer,1\n(draft) Offer,1\n")

    assert cells(made, "stage") == ["Offer", "Offer", "(draft) Offer"]
    assert cells(made, "pipeline") == ["Sales", "", ""]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("45627,45628.5", ["2024-12-01", "2024-12-02 12:00:00"]),
        ("45627,01.12.2024", ["45627", "01.12.2024"]),  # both in one column: for the reader to decide
    ],
)
def test_days_as_numbers_are_read_only_where_the_whole_column_is_so(tmp_path, written, read):
    form = HEAD + 'serial = ["created_at"]\n[source.columns]\ncreated_at = "On"\nstage = "Stage"\n'
    one, two = written.split(",")
    made = pieces(tmp_path, form, deals=f"On,Stage\n{one},a\n{two},a\n")

    assert cells(made, "created_at") == read
    assert ("serial_dates" in codes(made)) == (read[0] != "45627")


HISTORY = """
[crm]
title = "Mine"
stages = "open"
[[source]]
file = "history"
table = "stage_history"
collapse = { by = "deal_id", order = "entered_at", equal = "stage_to" }
[source.columns]
deal_id = "Deal"
entered_at = "On"
stage_to = "Stage"
"""


def test_a_stage_repeated_is_one_but_one_entered_again_is_two(tmp_path):
    rows = "1,2025-01-04,A\n1,2025-01-01,A\n1,2025-01-02,a\n1,2025-01-03,B\n2,2025-01-02,A\n"
    made = pieces(tmp_path, HISTORY, history="Deal,On,Stage\n" + rows)

    assert cells(made, "entered_at") == ["2025-01-01", "2025-01-03", "2025-01-04", "2025-01-02"]
    assert next(note for note in made.notes if note.code == "collapsed").values["n"] == 1


def test_nothing_is_put_together_while_day_and_month_are_undecided(tmp_path):
    made = pieces(tmp_path, HISTORY, history="Deal,On,Stage\n1,01/02/2025,A\n1,03/02/2025,A\n")

    assert len(cells(made, "stage_to")) == 2


def test_columns_per_stage_become_rows(tmp_path):
    form = """
[crm]
title = "Mine"
stages = "open"
[[source]]
file = "deals"
table = "stage_history"
unpivot = { headings = ["Date entered {stage_to}", "Giriş: {stage_to}"], value = "entered_at" }
[source.columns]
deal_id = "ID"
"""
    made = pieces(tmp_path, form, deals="ID,Date entered A,Giriş: B\n1,d1,d2\n2,d3,\n")

    assert cells(made, "stage_to") == ["A", "B", "A"]
    assert cells(made, "entered_at") == ["d1", "d2", "d3"]
    assert list(made.sources[0][1].lines) == [2, 2, 3]


def test_quotas_by_person_and_period_become_rows(tmp_path):
    sheet = "rep_or_team,metric_id,recorded_at,Note,2025Q1,2025-07,Total\nR1,bookings,2025-01-01,x,10,20,30\n"
    made = pieces(tmp_path, "[crm]\ntitle = 'Mine'\nbeside = ['quota']\n", quota=sheet)

    assert cells(made, "value") == ["10", "20"]
    assert cells(made, "period_start") == ["2025-01-01", "2025-07-01"]
    assert cells(made, "period_end") == ["2025-04-01", "2025-08-01"]


LOOKUP = (
    HEAD
    + """
[source.columns]
account_id = "Company"
stage = "Stage"
[[source.rule]]
field = "account_id"
lookup = { by = "Company", file = "companies", key = "Name", take = "Id" }
[[reference]]
file = "companies"
"""
)


def test_a_name_that_two_companies_have_is_not_taken_for_either(tmp_path):
    made = pieces(
        tmp_path, LOOKUP, deals="Company,Stage\nAcme,a\nDuo,a\nNone,a\n", companies="Id,Name\n7,ACME\n8,Duo\n9,Duo\n"
    )

    assert cells(made, "account_id") == ["7", "Duo", "None"]


def test_only_an_id_whose_last_three_characters_repeat_its_capitals_is_shortened(tmp_path):
    form = HEAD + 'short_ids = ["deal_id"]\n[source.columns]\ndeal_id = "Id"\nstage = "Stage"\n'
    made = pieces(
        tmp_path, form, deals="Id,Stage\n0061G00000Ja7B6QAJ,a\n0061G00000Ja7B6XYZ,a\nDoğukan Göçmenlioğlu,a\n"
    )

    assert cells(made, "deal_id") == ["0061G00000Ja7B6", "0061G00000Ja7B6XYZ", "Doğukan Göçmenlioğlu"]


def test_a_merged_deal_names_the_one_that_took_it_in(tmp_path):
    form = HEAD + 'absorbed = "Merged"\n[source.columns]\ndeal_id = "Id"\nstage = "Stage"\n'
    made = pieces(tmp_path, form, deals="Id,Stage,Merged\n1,a,2;3\n2,a,\n3,a,\n4,a,\n")

    assert cells(made, "merged_into") == ["", "1", "1", ""]


def test_a_day_that_means_for_ever_is_empty_and_one_that_begins_alike_is_not(tmp_path):
    form = (
        HEAD
        + 'nothing = { closed_at = ["9999-12-31", "(No value)"] }\n[source.columns]\nclosed_at = "To"\nstage = "S"\n'
    )
    made = pieces(tmp_path, form, deals="To,S\n9999-12-31 23:59:59,a\n(no value),a\n2025-12-31,a\n")

    assert cells(made, "closed_at") == ["", "", "2025-12-31"]


def test_a_blank_line_stays_blank_whatever_the_rules_say(tmp_path):
    form = HEAD + '[source.columns]\nstage = "Stage"\n[[source.rule]]\nfield = "status"\nthen = "open"\n'
    made = pieces(tmp_path, form, deals="Stage,Name\na,x\n,\nb,y\n")

    assert cells(made, "status") == ["open", "", "open"]


def test_prefixes_of_headings_are_tolerated(tmp_path):
    form = "[crm]\ntitle='Mine'\nstages='open'\nprefixes=['Deal - ']\n[[source]]\nfile='deals'\ntable='opportunity'\n"
    made = pieces(tmp_path, form + "[source.columns]\nstage = 'Stage'\n", deals="Deal - Stage,Stage of life\na,x\n")

    assert cells(made, "stage") == ["a"]


def test_stages_taken_from_the_deals_follow_their_stated_chance_and_say_so(tmp_path):
    form = HEAD.replace("'open'", "'status'") + '[source.columns]\nstage = "S"\nstatus = "T"\nprobability = "P"\n'
    made = pieces(tmp_path, form, deals="S,T,P\nOffer,open,60\nWon,won,100\nNew,open,10\nOld,lost,0\nOffer,lost,0\n")

    assert [(row["stage"], row["kind"]) for row in made.rows["stage"]] == [
        ("New", "open"),
        ("Offer", "open"),
        ("Won", "won"),
        ("Old", "lost"),
    ]
    assert "stages_derived" in codes(made)


def test_a_stage_table_beside_the_export_is_used_instead(tmp_path):
    form = HEAD.replace("'open'", "'ask'\nbeside = ['stage']") + '[source.columns]\nstage = "S"\n'
    stage = "pipeline,stage,order,kind\nSales,New,1,open\n"

    assert "stage" not in pieces(tmp_path, form, deals="S,x\nNew,1\n", stage=stage).rows
    with pytest.raises(InputError, match="The stages in these files: New, Offer"):
        pieces(tmp_path, form, deals="S,x\nNew,1\nOffer,1\n")


def test_stages_in_the_short_form_are_the_stage_table(tmp_path):
    form = HEAD + '[source.columns]\nstage = "S"\n[stages]\npipeline = "P"\nopen = ["New", "Offer"]\nwon = ["Won"]\n'
    made = pieces(tmp_path, form + 'lost = ["Lost"]\nqualified_from = "Offer"\n', deals="S,x\nNew,1\n")

    assert [row.get("qualified") for row in made.rows["stage"]] == ["false", "true", None, None]
    assert [row["kind"] for row in made.rows["stage"]] == ["open", "open", "won", "lost"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source.rule]]\nfield = 'status'\n", "it needs one of then, take, join, lookup"),
        ("[[source.rule]]\nfield = 'state'\nthen = 'x'\n", "rule: there is no 'state'"),
        ("[source.ignored]\nAge = 'boring'\n", "'boring' is none of"),
        ("[source.unpivot]\nheadings = '{x}'\nvalue = 'won'\n", "unpivot: there is no 'won'"),
        ("[stages]\npipeline='P'\nopen=['A']\nwon=[]\nlost=[]\nqualified_from='B'\n", "'B' is none of the open stages"),
    ],
)
def test_a_mistake_in_a_step_is_refused_with_its_place(tmp_path, text, said):
    (tmp_path / "mine.toml").write_text(HEAD + "[source.columns]\nstage = 'S'\n" + text, encoding="utf-8")

    with pytest.raises(InputError, match=r"mine\.toml") as error:
        read_preset(tmp_path / "mine.toml")
    assert said in str(error.value)
