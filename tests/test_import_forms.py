"""Each CRM's export of the organisation with known truth comes in as that truth, less what that CRM cannot hold.

What is lost on the way is written down per form in ``forms_lost.py``; every other difference, in any row, is a failure.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime

import pandas as pd
import pytest
from forms_lost import ALWAYS, LOST
from import_support import notes

from salescoach.crm.importer import import_export, judged_export
from salescoach.crm.preset import detect, load_presets
from salescoach.crm.text import read_table
from salescoach.errors import InputError
from salescoach.synthetic import FORMS, organisation, write
from salescoach.tables.schema import TABLES
from salescoach.workspace import Organisation, Workspace

TAKEN_AT = datetime(2030, 1, 1, tzinfo=UTC)
PRESET = {"salesforce_report": "salesforce"}
"""Preset of a form that is not named after it."""
OTHERS = [form for form in FORMS if form != "canonical"]


@pytest.fixture(scope="module")
def small():
    return organisation("small_team", seed=4, language="tr")


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
        if fault["table"] == table and fault["check"] in ("D5", "D11", "D13", "D18")
    }
    rows = small.tables[table]
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
    known = {"owners": set(deals["owner_id"]), "namesakes": set(deals["deal_id"][deals.duplicated("name", keep=False)])}
    found = []
    skipped = {*ALWAYS.split(), *lost.tables.split()}
    for table in [name for name, rows in small.tables.items() if len(rows) and name not in skipped]:
        true, came = truth(small, table), snapshot.read(table)
        kept = [f for f in TABLES[table].fields if f.name not in lost.fields.get(table, "").split()]
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
        gone = set(left.index[true.eval(lost.absent[table], local_dict=known)]) if table in lost.absent else set()
        if not left.index.is_unique:
            left, right = left[~left.index.duplicated()], right[~right.index.duplicated()]
        found += [(table, row, "", "there", "missing") for row in left.index.difference(right.index) if row not in gone]
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


@pytest.mark.parametrize("form", OTHERS)
def test_what_came_in_is_the_truth_less_what_the_crm_cannot_hold(small, form, tmp_path):
    _, snapshot = arrived(small, form, tmp_path)

    assert differences(small, snapshot, form)[:12] == []
