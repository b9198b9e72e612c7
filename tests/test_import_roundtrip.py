"""Any table in any dialect comes out equal or is refused; changed bytes end in a table or in words of our own."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_support import deal, judge, put
from workbooks import by_hand, workbook, zipped

from salescoach.crm.dialect import Choices
from salescoach.crm.gather import gather
from salescoach.crm.text import Limits, NoRows, TextTable, read_text
from salescoach.crm.workbook import read_workbook
from salescoach.errors import InputError, SalesCoachError

EXAMPLES = 2_000
MUTATIONS = 5_000
LETTERS = "abcABC019 ğıİşçöüŞ€,;\t|'\"\r\n.-=%#_x"
_cell = st.one_of(st.text(LETTERS, max_size=8), st.sampled_from(["Total", "007", "1.234", "03.04.2025", "NA", "=1+1"]))
_heading = st.text("abcğıİş,;|\t'\" ", min_size=1, max_size=6).map(str.strip).filter(bool)


@st.composite
def tables(draw) -> tuple[list[str], list[list[str]]]:
    header = draw(st.lists(_heading, min_size=2, max_size=5, unique=True))
    rows = draw(st.lists(st.lists(_cell, min_size=len(header), max_size=len(header)), min_size=1, max_size=6))
    return header, rows


def text_of(header: list[str], rows: list[list[str]], separator: str, quote_all: bool, newline: str) -> str:
    """The table as a careful program writes it: quotes where a cell could be mistaken, or everywhere."""

    def written(cell: str) -> str:
        needs = quote_all or any(mark in cell for mark in (separator, '"', "\r", "\n"))
        return '"' + cell.replace('"', '""') + '"' if needs else cell

    return "".join(separator.join(map(written, row)) + newline for row in [header, *rows])


def book_of(header: list[str], rows: list[list[str]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Deals")
        for number, row in enumerate([header, *rows]):
            for column, cell in enumerate(row):
                if cell:
                    sheet.write_string(number, column, cell)
    return target.getvalue()


def cells_of(table: TextTable) -> list[list[str]]:
    return [[str(column[row]) for column in table.columns] for row in range(len(table.lines))]


def left_out(table: TextTable) -> int:
    """Rows that the table's notes say were cut off below it."""
    return sum(int(note.values["n"]) for note in table.notes if note.code == "footer_cut")


def begins_with_total(row: list[str]) -> bool:
    """True for a row that may be taken for a total, so that nothing is left of the table."""
    return next((cell for cell in row if cell.strip()), "Total") == "Total"


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    table=tables(),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1254"]),
    quote_all=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
    told=st.booleans(),
)
def test_any_table_in_any_dialect_is_read_exactly_or_refused(table, separator, encoding, quote_all, newline, told):
    """Told its dialect a table is always read; left to find out, it may be asked about, never misread."""
    header, rows = table
    data = text_of(header, rows, separator, quote_all, newline).encode(encoding)
    choices = Choices(encoding=encoding, separator=separator) if told else Choices()
    try:
        result = read_text(data, "deals.csv", choices)
    except NoRows:
        assert begins_with_total(rows[0])
        return
    except InputError:
        assert not told
        return
    assert list(result.header) == header
    assert cells_of(result) == rows[: len(rows) - left_out(result)]
    assert not result.ragged


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_any_table_in_a_workbook_is_read_exactly(table):
    """A row without any cell is no row there; an empty column has a heading and stays."""
    header, rows = table
    kept = [row for row in rows if any(row)]
    unread: list[InputError] = []
    read, _ = read_workbook(
        book_of(header, rows), "a.xlsx", Choices(), Limits(), lambda file, error: unread.append(error)
    )
    if not read:
        assert not kept or begins_with_total(kept[0])
        assert "no rows" in str(unread[0])
        return
    assert list(read[0].header) == header
    assert cells_of(read[0]) == kept[: len(kept) - left_out(read[0])]


def test_a_round_trip_in_a_dialect_told_wrongly_would_be_seen():
    """The control: the comparison can fail."""
    assert list(read_text(b"a;b\n1;2\n", "a.csv", Choices(separator=",")).header) != ["a", "b"]


# --- bytes changed at random ------------------------------------------------------------------------------------


def seeds(folder: Path) -> dict[str, bytes]:
    """One small, right file of each kind, by name."""
    csv = (put(folder / "seed", deal(), deal(deal_id="D2")) / "opportunity.csv").read_bytes()
    book = workbook(folder / "seed.xlsx", {"Deals": [["id", "n"], ["D1", 1.5]]}).read_bytes()
    return {
        "a.csv": csv,
        "b.csv": csv.decode().replace("R1", "Şükrü Iğdır").encode("cp1254"),
        "c.csv": csv.decode().encode("utf-16"),
        "d.csv.gz": gzip.compress(csv, mtime=0),
        "e.zip": zipped({"june/a.csv": csv}),
        "f.xlsx": book,
    }


def mutated(data: bytes, dice: random.Random) -> bytes:
    """A few bytes changed, dropped, doubled, or the end cut off."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        place = dice.randrange(len(changed))
        match dice.randrange(4):
            case 0:
                changed[place] = dice.randrange(256)
            case 1:
                del changed[place]
            case 2:
                changed[place:place] = changed[place : place + dice.randint(1, 9)]
            case _:
                changed[place : place + 1] = dice.choice([b"\0", b'"', b"\r", b"<", b"&", b"\xff\xfe", b",,", b"\n\n"])
    return bytes(changed[: dice.randrange(1, len(changed) + 1)] if dice.random() < 0.05 else changed)


def test_changed_bytes_end_in_a_table_or_in_our_own_words(tmp_path):
    dice = random.Random(20251128)
    kinds = list(seeds(tmp_path).items())
    outcomes = {"read": 0, "refused": 0}
    for number in range(MUTATIONS):
        name, data = kinds[number % len(kinds)]
        (tmp_path / name).write_bytes(mutated(data, dice))
        try:
            gather(tmp_path / name, Choices())
            outcomes["read"] += 1
        except SalesCoachError:
            outcomes["refused"] += 1

    assert min(outcomes.values()) > MUTATIONS // 10  # neither all nothing nor all harmless


SHEET = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="str"><v>n</v></c></row>'
    '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" s="1"><v>45778.5</v></c></row>'
    '<row r="3" hidden="0"><c r="A3" t="e"><v>#REF!</v></c><c r="B3" t="b"><v>1</v></c></row>'
)
SHARED = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>D1_x000D_</t></si></sst>'


def test_changed_xml_inside_a_workbook_ends_the_same_way(tmp_path):
    """Past the checksum of the archive, which catches almost every change from outside."""
    dice = random.Random(7)
    for _ in range(1000):
        rows = mutated(SHEET.encode(), dice).decode("latin-1")
        shared = mutated(SHARED.encode(), dice).decode("latin-1") if dice.random() < 0.3 else SHARED
        path = by_hand(tmp_path / "a.xlsx", rows, **{"xl/sharedStrings.xml": shared})
        try:
            gather(path, Choices())
        except SalesCoachError as error:
            assert "a.xlsx" in str(error)  # noqa: PT017 - most changes are refused, and each names its file


def test_changed_bytes_are_judged_or_refused_too(tmp_path):
    """The whole way to judged rows, for fewer changes."""
    dice = random.Random(11)
    put(tmp_path, deal(), deal(deal_id="D2"))
    data = (tmp_path / "opportunity.csv").read_bytes()
    for _ in range(40):
        (tmp_path / "opportunity.csv").write_bytes(mutated(data, dice))
        try:
            counts = judge(tmp_path, crm="canonical").export.tables["opportunity"].count()
        except SalesCoachError:
            continue
        assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["merged"]


def test_what_the_usual_reader_says_to_changed_bytes_is_not_for_people(tmp_path):
    """The control: the same changes end in all kinds of errors elsewhere."""
    pandas = pytest.importorskip("pandas")
    dice = random.Random(20251128)
    data = seeds(tmp_path)["b.csv"]
    kinds = set()
    for _ in range(50):
        try:
            pandas.read_csv(io.BytesIO(mutated(data, dice)))
        except Exception as error:  # noqa: BLE001 - the point is which kinds there are
            kinds.add(type(error).__name__)

    assert "UnicodeDecodeError" in kinds
