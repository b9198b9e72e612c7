"""Each CRM's export of the organisation with known truth comes in as that truth, less what that CRM cannot hold.

What is lost on the way is written down per form in ``forms_lost.py``; every other difference, in any row, is a failure.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime

import pandas as pd
import pytest
from forms_lost import ALWAYS, LOST, NOWHERE
from import_support import notes

from salescoach.crm.importer import import_export, judged_export
from salescoach.crm.preset import detect, load_presets
from salescoach.crm.text import read_table
from salescoach.errors import InputError, UsageError
from salescoach.synthetic import FORMS, organisation, write
from salescoach.tables.schema import TABLES
from salescoach.workspace import Organisation, Workspace

TAKEN_AT = datetime(2030, 1, 1, tzinfo=UTC)
PRESET = {"salesforce_report": "salesforce"}
"""Preset of a form that is not named after it."""


ROADS = [
    *((form, "en") for form in FORMS if form != "canonical"),
    *((form, "tr") for form in ("hubspot", "pipedrive", "espocrm")),
]
"""Each form with the language of its headings; the last three translate them."""


@pytest.fixture(scope="module")
def small():
    return organisation("small_team", seed=4, reps=3, months=4, language="tr")


@pytest.fixture(scope="module", params=ROADS, ids="-".join)
def road(request, small, tmp_path_factory):
    """One form in one language: its name, its import report, and the snapshot that came of it."""
    form, language = request.param
    return form, *arrived(small, form, tmp_path_factory.mktemp("road"), language)


def arrived(small, form, tmp_path, language=None):
    """The snapshot of an import of that form, without being told which it is."""
    write(small, tmp_path / "export", form=form, language=language)
    workspace = Workspace.at(tmp_path / "workspace", **small.settings)
    report = import_export(tmp_path / "export", workspace, taken_at=TAKEN_AT)
    return report, workspace.snapshot()


def truth(small, table):
    """The rows of a table that an import must accept: not those planted to be set aside, a double row once."""
    planted = {
        fault["row_id"]
        for fault in small.truth["planted"]
        if fault["table"] == table and fault["check"] in ("D5", "D11", "D13", "D14", "D15", "D18")
    }
    rows = small.tables[table]
    if table == "opportunity":
        rows = rows[rows["merged_into"].isna() & ~rows["is_deleted"].astype("boolean").fillna(False)]
    key = TABLES[table].key[0]
    return rows[~rows[key].isin(planted)].drop_duplicates(list(TABLES[table].key))


def shown(column, kind, *, to=""):
    """A column as texts that can be compared: a moment to the second, the minute, or the day it is in Istanbul."""
    if kind in ("ts", "date"):
        moments = pd.to_datetime(column)
        if to == "minute":
            moments = moments.dt.floor("min")
        if to == "day":
            moments = moments.dt.tz_localize("UTC").dt.tz_convert("Europe/Istanbul").dt.tz_localize(None).dt.normalize()
        return moments.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("")
    if kind in ("money", "share", "number", "int"):
        return pd.Series([f"{float(value):.4f}" if pd.notna(value) else "" for value in column], column.index)
    if kind == "bool":
        return pd.Series([str(bool(value)) if pd.notna(value) else "" for value in column], column.index)
    return column.astype(object).where(column.notna(), "")


def own_id(text):
    """The organisation's own id inside an id of the CRM: 00600000D000001 and 68000001 are D000001."""
    if number := re.fullmatch(r"(?:zcrm_)?([6-9][0-9])([0-9]+)", str(text)):
        return chr(int(number[1])) + number[2]
    match = re.search(r"[A-Z][0-9]+$", str(text))
    return match.group() if match else text


def differences(small, snapshot, form):
    """Every (table, key, field, true, imported) that the form does not excuse."""
    lost = LOST[form]
    people = small.tables["rep"].set_index("rep_id")[lost.people].to_dict() if lost.people else {}
    deals = small.tables["opportunity"].drop_duplicates("deal_id")
    known = {
        "owners": set(deals["owner_id"]),
        "namesakes": set(deals["deal_id"][deals.duplicated("name", keep=False)]),
        "companies": set(small.tables["account"]["account_id"]),
        "with_history": set(small.tables["stage_history"]["deal_id"]),
    }
    found = []
    skipped = {*ALWAYS, *lost.tables.split()}
    for table in [name for name, rows in small.tables.items() if len(rows) and name not in skipped]:
        true, came = truth(small, table), snapshot.read(table)
        gone = f"{lost.fields.get(table, '')} {NOWHERE.get(table, '')}".split()
        kept = [f for f in TABLES[table].fields if f.name not in gone]
        key = [name for name in TABLES[table].key if name in {f.name for f in kept}] or ["full_name"]
        sides = []
        for rows in (true, came):
            side = pd.DataFrame({f.name: shown(rows[f.name], f.type, to=lost.precision(table, f.name)) for f in kept})
            for f in kept:
                if f.refers_to or f.name in TABLES[table].key:
                    side[f.name] = side[f.name].map(own_id)
                if "rep.rep_id" in (f.refers_to, f"{table}.{f.name}"):
                    side[f.name] = side[f.name].map(lambda value: people.get(value, value))
            side["__row"] = side[key].agg("|".join, axis=1)
            sides.append(side.set_index("__row"))
        left, right = sides
        without = set(left.index[true.eval(lost.absent[table], local_dict=known)]) if table in lost.absent else set()
        if not left.index.is_unique:
            left, right = left[~left.index.duplicated()], right[~right.index.duplicated()]
        found += [
            (table, row, "", "there", "missing") for row in left.index.difference(right.index) if row not in without
        ]
        found += [
            (table, row, "", "missing", "there")
            for row in right.index.difference(left.index)
            if row.split("|")[0] not in {fault["row_id"] for fault in small.truth["planted"]}
        ]
        both = left.index.intersection(right.index)
        left, right, rows = left.loc[both], right.loc[both], true.set_index(left.index).loc[both]
        for f in kept:
            excused = rows.eval(lost.some[table, f.name], local_dict=known) if (table, f.name) in lost.some else False
            wrong = (left[f.name] != right[f.name]) & ~pd.Series(excused, index=both, dtype=bool)
            found += [(table, row, f.name, left.at[row, f.name], right.at[row, f.name]) for row in both[wrong]]
    return found


def test_what_came_in_is_the_truth_less_what_the_crm_cannot_hold(small, road):
    form, _, snapshot = road

    assert differences(small, snapshot, form)[:12] == []


def test_a_form_is_recognised_as_itself_and_says_by_which_headings(road):
    form, report, _ = road
    told = [note["values"] for note in report.notes if note["code"] == "recognised"]

    assert report.crm == PRESET.get(form, form)
    assert told
    assert all(each["n"] <= each["of"] and each["columns"] for each in told)


def test_every_row_of_an_export_is_accounted_for(road):
    _, report, _ = road

    assert all(
        each["rows_in"] == each["accepted"] + each["rejected"] + each["merged"] for each in report.tables.values()
    )


def test_a_reader_of_names_alone_would_lose_deals(small, tmp_path):
    """The control: without the step that shortens ids, a deal and its history no longer meet."""
    write(small, tmp_path, form="salesforce")
    history = tmp_path / "OpportunityHistory.csv"
    rows = list(csv.reader(history.open(encoding="utf-8", newline="")))
    place = rows[0].index("OpportunityId")
    shorter = [rows[0], *([*row[:place], row[place][:15], *row[place + 1 :]] for row in rows[1:])]
    with history.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(shorter)
    raw = {row[0] for row in csv.reader((tmp_path / "Opportunity.csv").open(encoding="utf-8", newline=""))}
    settings = Organisation("Örnek A.Ş.")
    came = judged_export(tmp_path, settings, taken_at=TAKEN_AT).export.desk.tables

    assert not raw & {row[place] for row in shorter}
    assert set(came["stage_history"]["deal_id"]) <= set(came["opportunity"]["deal_id"])


def test_a_crm_that_knows_no_status_asks_which_stages_are_won_and_lists_them(small, tmp_path):
    write(small, tmp_path, form="zoho")
    (tmp_path / "stage.csv").unlink()

    with pytest.raises(InputError, match="Zoho CRM does not say which stages are won") as error:
        judged_export(tmp_path, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT)
    assert all(stage in str(error.value) for stage in set(small.tables["opportunity"]["stage"]))


def test_a_report_without_its_closed_and_won_columns_is_never_closed_by_guess(small, tmp_path):
    write(small, tmp_path, form="salesforce_report")
    report = next(tmp_path.glob("Opp*.csv"))
    rows = list(csv.DictReader(report.open(encoding="utf-8", newline="")))
    kept = [heading for heading in rows[0] if heading not in ("Closed", "Won")]
    with report.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, kept, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    judged = judged_export(tmp_path, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT, crm="salesforce")
    kinds = dict(zip(small.tables["stage"]["stage"], small.tables["stage"]["kind"], strict=True))
    deals = judged.export.desk.tables["opportunity"].select("stage", "status")
    (tmp_path / "stage.csv").unlink()

    assert (deals["status"] == deals["stage"].replace(kinds)).all()
    with pytest.raises(InputError, match="put a file stage"):
        judged_export(tmp_path, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT, crm="salesforce")


def test_what_is_never_taken_for_a_fact_is_left_out_with_its_reason(small, tmp_path):
    write(small, tmp_path, form="hubspot", language="en")
    judged = judged_export(tmp_path, Organisation("Örnek A.Ş."), taken_at=TAKEN_AT)
    told = {note.code: note.values["columns"] for note in judged.export.notes if note.code.startswith("left_out")}

    assert told["left_out_score"] == "Deal Score"
    assert "score" not in " ".join(judged.export.tables["opportunity"].parts[0].headings)
    assert notes(judged)["left_out_base_currency"]["columns"] == "Amount in company currency"


@pytest.mark.parametrize("form", [form for form in FORMS if form != "canonical"])
def test_a_needed_heading_less_and_the_form_is_not_mistaken_for_another(small, form, tmp_path):
    """The file of deals alone, under a name that says nothing, is still of this form, or of none."""
    write(small, tmp_path / "all", form=form, language="en")
    preset = next(each for each in load_presets() if each.name == PRESET.get(form, form))
    files = [read_table(path) for path in (tmp_path / "all").glob("*.csv")]
    wanted = next(source for source in preset.sources if source.table == "opportunity")
    deals = max(files, key=lambda table: len(wanted.found(table.header)))
    (tmp_path / "alone").mkdir()
    path = tmp_path / "alone" / "Liste 7.csv"
    path.write_bytes((tmp_path / "all" / deals.file).read_bytes())

    try:
        found = detect([read_table(path)], load_presets()).name
    except InputError:
        found = preset.name
    assert found == preset.name


def test_the_same_organisation_gives_the_same_bytes(small, tmp_path):
    for form in FORMS:
        write(small, tmp_path / "one" / form, form=form)
        write(small, tmp_path / "two" / form, form=form)

    one = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.csv")}
    assert one == {path.relative_to(tmp_path / "two"): path.read_bytes() for path in (tmp_path / "two").rglob("*.csv")}


def test_an_unknown_export_form_names_those_there_are(small, tmp_path):
    with pytest.raises(UsageError, match="salesforce_report"):
        write(small, tmp_path, form="sap")
