"""Workbooks and archives: every cell comes out as it is stored, or the sheet is refused with its place."""

from __future__ import annotations

import gzip
from datetime import date, datetime

import pytest
import xlsxwriter
from import_support import deal, found, judge, notes, put
from python_calamine import CalamineWorkbook
from workbooks import by_hand, packed, workbook, zipped

from salescoach.crm.dialect import Choices
from salescoach.crm.gather import gather
from salescoach.crm.text import Limits, TextTable
from salescoach.errors import InputError
from salescoach.resources import load_words

REPS = [["rep_id", "full_name"], ["R1", "Elif"], ["007", "Bond"]]
STAGES = [["pipeline", "stage", "order", "kind"], ["Sales", "Won", 1, "won"]]
HEAD = ["deal_id", "owner_id", "stage", "status", "amount", "currency", "closed_at"]
MAY = datetime(2025, 5, 1, 9, 30)


def won(deal_id: object = "D1", owner: object = "R1", amount: object = 100.5, closed: object = MAY) -> list[object]:
    return [deal_id, owner, "Won", "won", amount, "TRY", closed]


def book(tmp_path, *deals, change=None, above=(), below=()):
    """A workbook of the three tables that every export needs; the deals on the last sheet."""
    rows = [*above, HEAD, *(deals or (won(),)), *below]
    return workbook(tmp_path / "crm.xlsx", {"rep": REPS, "stage": STAGES, "opportunity": rows}, change)


def only(path, choices: Choices | None = None, **limits: int) -> TextTable:
    """The only table of a file."""
    (table,) = gather(path, choices or Choices(), Limits(**limits)).texts
    return table


def cells(table: TextTable) -> list[list[str]]:
    return [list(map(str, column)) for column in table.columns]


# --- cells ---------------------------------------------------------------------------------------------------


def test_cells_come_out_as_they_are_stored(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        {"Deals": [["text", "n", "day", "moment", "yes"], ["007", 0.1, date(2025, 5, 1), MAY, True]]},
    )

    assert cells(only(path)) == [["007"], ["0.1"], ["2025-05-01"], ["2025-05-01T09:30:00"], ["true"]]


def test_a_figure_of_seventeen_digits_is_the_number_that_excel_shows(tmp_path):
    """Excel stores 4.35 as 4.3499999999999996; both are the same double, and 4.35 is its shortest text."""
    row = '<row r="1"><c r="A1" t="str"><v>n</v></c></row><row r="2"><c r="A2"><v>4.3499999999999996</v></c></row>'

    assert cells(only(by_hand(tmp_path / "a.xlsx", row))) == [["4.35"]]


def test_another_reader_finds_the_same_values(tmp_path):
    """python-calamine as the oracle: texts, numbers and days of a sheet with everything in it."""
    rows = [["id", "n", "day"], *([f"D{k}", k * 1.1 - 3, date(2024, 2, 28 + k % 2)] for k in range(1, 60))]
    path = workbook(tmp_path / "a.xlsx", {"Sheet1": rows})
    theirs = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]
    ours = only(path)

    assert list(ours.columns[0]) == [row[0] for row in theirs]
    assert [float(cell) for cell in ours.columns[1]] == [row[1] for row in theirs]
    assert list(ours.columns[2]) == [row[2].isoformat() for row in theirs]


def test_a_workbook_that_counts_from_1904_gives_the_same_days(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"date_1904": True}) as made:
        sheet = made.add_worksheet()
        sheet.write(0, 0, "day")
        sheet.write_datetime(1, 0, datetime(2025, 5, 1), made.add_format({"num_format": "yyyy-mm-dd"}))

    assert cells(only(tmp_path / "a.xlsx")) == [["2025-05-01"]]


def test_a_text_in_runs_is_one_text_and_reading_aids_are_not_part_of_it(tmp_path):
    row = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><r><t>Ay</t></r><r><t>şe</t></r><rPh><t>x</t></rPh></is></c></row>'
    )

    assert cells(only(by_hand(tmp_path / "a.xlsx", row))) == [["Ayşe"]]


def test_names_with_a_prefix_are_the_same_names(tmp_path):
    """Some programs write <x:c> for <c>; a reader that does not know sees an empty sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = (
        f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row r="1"><x:c r="A1" t="str"><x:v>id</x:v></x:c></x:row>'
        '<x:row r="2"><x:c r="A2"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )

    assert cells(only(packed(tmp_path / "a.xlsx", {"xl/worksheets/sheet1.xml": sheet}))) == [["7"]]


def test_a_number_with_three_decimals_is_not_thousands(tmp_path):
    """Where commas are usual, "1.234" in a text file is 1234; a workbook stores the number itself."""
    (tmp_path / "ours.toml").write_text('[crm]\ntitle = "Ours"\ncanonical = true\ndecimal = ","\n')
    put(tmp_path / "text", deal(amount="1.234"))

    def amount(source) -> float:
        judged = judge(source, crm=str(tmp_path / "ours.toml"))
        return float(judged.export.tables["opportunity"].accepted["amount"].iloc[0])

    assert amount(book(tmp_path, won(amount=1.234))) == 1.234
    assert amount(tmp_path / "text") == 1234


def test_a_text_among_numbers_that_reads_two_ways_is_asked_about(tmp_path):
    path = book(tmp_path, won(), won("D2", amount="1.234"))
    with pytest.raises(InputError) as error:
        judge(path)

    assert (error.value.file, error.value.row, error.value.column) == ("crm.xlsx/opportunity", 3, "amount")
    assert "1.234 or 1234" in str(error.value)


def test_ids_stored_as_numbers_are_said_because_zeros_in_front_are_gone(tmp_path):
    judged = judge(book(tmp_path, won(deal_id=7), won(deal_id=8)))

    assert notes(judged)["ids_numeric"] == {"file": "crm.xlsx/opportunity", "column": "deal_id"}
    assert list(judged.export.tables["opportunity"].accepted["deal_id"]) == ["7", "8"]
    assert "ids_numeric" not in notes(judge(book(tmp_path, won(deal_id="007"))))


def test_a_cell_that_was_not_computed_sets_its_row_aside_with_its_place(tmp_path):
    def spoil(made, sheet):
        sheet.write_formula(2, 1, "=Missing!A1", None, "#REF!")

    judged = judge(book(tmp_path, won(), won("D2"), change=spoil))

    assert list(judged.export.tables["opportunity"].accepted["deal_id"]) == ["D1"]
    assert ("P9", "Q", 3, "owner_id", "#REF!") in found(judged)
    for code in ("en", "tr"):
        said = next(issue for issue in judged.export.issues if issue.rule == "P9").message(load_words(code))
        assert all(part in said for part in ("crm.xlsx/opportunity", "3", "owner_id", "#REF!"))


def test_a_formula_that_nobody_computed_is_no_empty_cell(tmp_path):
    """Programs that write formulas without values: taken for empty, the amounts would vanish in silence."""
    row = (
        '<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>n</v></c></row>'
        '<row r="2"><c r="A2" t="str"><v>D1</v></c><c r="B2"><f>1+1</f></c></row>'
    )

    assert only(by_hand(tmp_path / "a.xlsx", row)).broken == ((2, "n", "(formula without a value)"),)


# --- the table in the sheet -------------------------------------------------------------------------------------


def test_titles_above_and_totals_below_are_left_out_and_said(tmp_path):
    above = [["Open deals of June"], [None], ["Owner", "everybody"]]
    below = [["Total", None, None, None, 100.5], [None], ["Copyright 2026"], ["Elif Yılmaz"]]
    judged = judge(book(tmp_path, above=above, below=below))

    assert list(judged.export.tables["opportunity"].accepted["deal_id"]) == ["D1"]
    assert judged.export.tables["opportunity"].count()["rows_in"] == 1
    assert notes(judged)["heading_below"]["row"] == "4"
    assert notes(judged)["footer_cut"]["row"] == "6"
    assert "Elif Yılmaz" in str(notes(judged)["footer_cut"]["text"])


def test_a_customer_called_total_is_no_total(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"account": [["account_id", "name", "n"], ["A1", "X", 1], ["A2", "Total", 2]]})

    assert len(only(path).lines) == 2


def test_a_row_that_only_has_an_id_is_not_cut(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"account": [["account_id", "name"], ["A1", "X"], ["A2"]]})

    assert cells(only(path))[0] == ["A1", "A2"]


def hide_a_row(made, sheet):
    sheet.set_row(2, None, None, {"hidden": True})


def merge_two_rows(made, sheet):
    sheet.merge_range(1, 1, 2, 1, "R1")


@pytest.mark.parametrize(("change", "says", "line"), [(hide_a_row, "is hidden", 3), (merge_two_rows, "merged", 2)])
def test_a_sheet_that_shows_something_else_than_it_stores_is_refused(tmp_path, change, says, line):
    with pytest.raises(InputError, match=says) as error:
        judge(book(tmp_path, won(), won("D2"), change=change))

    assert (error.value.file, error.value.row) == ("crm.xlsx/opportunity", line)
    assert "export it from the CRM" in str(error.value)


def test_hidden_columns_are_columns(tmp_path):
    """Dynamics 365 keeps its ids in them."""
    judged = judge(book(tmp_path, change=lambda made, sheet: sheet.set_column(0, 0, None, None, {"hidden": True})))

    assert list(judged.export.tables["opportunity"].accepted["deal_id"]) == ["D1"]


def test_a_pivot_table_is_refused_and_the_list_behind_it_asked_for(tmp_path):
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="p" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable" Target="../p.xml"/>'
        "</Relationships>"
    )
    path = by_hand(tmp_path / "a.xlsx", "", **{"xl/worksheets/_rels/sheet1.xml.rels": links})

    with pytest.raises(InputError, match="pivot table"):
        gather(path, Choices())


def test_a_hidden_sheet_is_not_read_and_said(tmp_path):
    path = book(tmp_path, change=lambda made, sheet: made.add_worksheet("quota").hide())

    assert notes(judge(path))["sheet_hidden"] == {"file": "crm.xlsx/quota"}


# --- kinds of files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0rest", "of the old kind"),
        ("a.xls", b"\xd0\xcf\x11\xe0rest", "of the old kind"),
        ("a.xlsx", b"<html><table>", "not an Excel workbook"),
        ("a.xlsx", b"PK\x03\x04broken", "damaged or no archive"),
        ("a.xlsx", zipped({"word/document.xml": b"<x/>"}), "list of sheets is missing"),
        ("a.ods", b"PK\x03\x04", "is a workbook; what is read is"),
        ("a.csv.gz", b"\x1f\x8bbroken", "is damaged"),
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], "is damaged"),
        ("a.zip", zipped({}), "holds no files"),
        ("a.zip", zipped({"../../etc/passwd.csv": b"a,b\n1,2\n"}), "leads out of the archive"),
        ("a.zip", zipped({"/etc/passwd.csv": b"a,b\n1,2\n"}), "leads out of the archive"),
        ("a.zip", zipped({"inner.zip": zipped({"a.csv": b"a,b\n1,2\n"})}), "an archive inside another"),
        ("a.tar", b"x", "is an archive"),
        ("a.pdf", b"%PDF", "of kind '.pdf'"),
        ("export", b"a,b\n1,2\n", "without an ending"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_kind(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as error:
        gather(tmp_path / name, Choices())

    assert says in str(error.value)
    assert name in str(error.value)


def test_a_zip_of_a_folder_is_that_folder(tmp_path):
    put(tmp_path / "june", deal())
    files = {f"june/{path.name}": path.read_bytes() for path in (tmp_path / "june").iterdir()}
    junk = {"__MACOSX/june/._rep.csv": b"\0\0", "june/.DS_Store": b"\0"}
    (tmp_path / "june.zip").write_bytes(zipped(files | junk))
    judged, unpacked = judge(tmp_path / "june.zip"), judge(tmp_path / "june")

    assert [text.file for text in judged.texts] == [
        "june.zip/opportunity.csv", "june.zip/rep.csv", "june.zip/stage.csv"
    ]  # fmt: skip
    assert [text.sha256 for text in judged.texts] == [text.sha256 for text in unpacked.texts]
    assert not [note for note in judged.export.notes if note.code == "file_unread"]


def test_a_workbook_in_a_folder_gives_its_sheets(tmp_path):
    put(tmp_path, deal())
    workbook(tmp_path / "more.xlsx", {"quota": [["rep_or_team", "period"], ["R1", "2025Q1"]], "Sheet2": []})
    found_here = gather(tmp_path, Choices())

    assert "more.xlsx/quota" in [text.file for text in found_here.texts]
    assert [tuple(note) for note in found_here.notes] == [("sheet_empty", {"file": "more.xlsx/Sheet2"})]


def test_gzip_is_read_as_what_it_holds(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0))

    assert only(tmp_path / "a.csv.gz").file == "a.csv"
    assert cells(only(tmp_path / "a.csv.gz")) == [["1", "3"], ["2", "4"]]
