"""No text of a person becomes a formula in any file that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from one_on_one_support import REP, desk_of, organisation
from test_documents import SESSION

from salescoach.crm.issues import Findings, Issue, issues_csv
from salescoach.crm.owners import Unmatched, owners_csv
from salescoach.leadlab.reasons import csv_text, workbook_bytes
from salescoach.meeting_documents import document
from salescoach.report.documents.minutes import minutes_rows
from salescoach.resources import load_words
from salescoach.store import Principal

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.test","click")', "\t=1+1", "\r=1+1",
    "\n=1+1", "=IMPORTXML(A1)", "+A1", "-A1", "@A1", "=\u200b1+1", "==1+1",
)  # fmt: skip
LIVE = re.compile(r"[=+\-@\t\r\n]")
CELLS = {
    "lists and minutes (csv)": lambda text: csv_text([["who"], [text]]).encode(),
    "issues of an import": lambda text: issues_csv(
        Findings([Issue("rep", text, 2, text, text, "D01", "R")]).frame.with_columns(
            message_en=pl.lit(text), message_tr=pl.lit(text)
        ),
        ";",
    ),
    "owners of an import": lambda text: owners_csv({text: "R1"}, [Unmatched(f"{text} ", 1, ())], ","),
}
WRITERS = {
    "crm/issues.py", "crm/owners.py", "leadlab/reasons.py",  # to be opened by people: tested here
    "crm/spool.py", "synthetic/write.py",  # read back by an import: a changed cell would be a changed datum
}  # fmt: skip


def cells(data: bytes) -> list[str]:
    text = data.decode("utf-8-sig")
    return [
        cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in text else ",") for cell in row
    ]


@pytest.mark.parametrize("where", CELLS)
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_cell_of_a_csv_begins_like_a_formula(where: str, payload: str) -> None:
    write: Callable[[str], bytes] = CELLS[where]
    found = cells(write(payload))

    assert any(payload.strip() in cell for cell in found)
    assert [cell for cell in found if LIVE.match(cell)] == []


def test_negative_control_the_plain_writer_leaves_them_live() -> None:
    text = io.StringIO()
    csv.writer(text).writerows([[payload] for payload in PAYLOADS])

    assert len([cell for cell in cells(text.getvalue().encode()) if LIVE.match(cell)]) == len(PAYLOADS)


def test_a_workbook_holds_texts_only() -> None:
    with zipfile.ZipFile(io.BytesIO(workbook_bytes([["who"], *([payload] for payload in PAYLOADS)]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        names = book.namelist()

    assert len(re.findall(r'<c r="A\d+"[^>]* t="s"', sheet)) == 1 + len(PAYLOADS)
    assert "<f>" not in sheet
    assert [name for name in names if "rels" in name and "sheet" in name] == []  # no link


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_minutes_with_a_formula_in_a_promise_and_its_reason_have_none(tmp_path: Path, form: str) -> None:
    home = organisation(tmp_path)
    desk = desk_of(home, "C1")
    desk = replace(desk, record=desk.record.of(Principal.owner("C1")))
    meeting = desk.plan("weekly", date(2025, 11, 28), "09:30", "formulas")
    for number, payload in enumerate(PAYLOADS):
        desk.promise(meeting, payload, None, "", f"p{number}")
    made = document(desk, meeting.id, "minutes", form)

    if form == "csv":
        found = cells(made.data)
        assert [cell for cell in found if LIVE.match(cell)] == []
    else:
        with zipfile.ZipFile(io.BytesIO(made.data)) as book:
            assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
            found = re.findall(r"<t[^>]*>([^<]*)</t>", book.read("xl/sharedStrings.xml").decode())
    assert any("SUM(A1)" in cell for cell in found)
    assert REP in made.name


def test_nothing_else_writes_a_spreadsheet() -> None:
    """Whoever adds an export adds it here, so that it is attacked too."""
    root = Path(__file__).parent.parent / "salescoach"
    writes = re.compile(r"csv\.(?:writer|DictWriter)\(|xlsxwriter|\.to_excel\(|\.to_csv\([^i)]|def \w+_csv\(")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }

    assert found == WRITERS
    assert minutes_rows(SESSION, load_words("tr"))  # what the minutes write goes through leadlab/reasons.py
