"""A text file is read exactly, or refused with its place. Nothing is shifted, renamed, rounded or guessed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salescoach.crm.dialect import Choices
from salescoach.crm.text import Limits, NoRows, TextTable, read_table
from salescoach.errors import InputError


def read(tmp_path, data: str | bytes, choices: Choices | None = None, **options) -> TextTable:
    path = tmp_path / "deals.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_table(path, choices or Choices(), **options)


def rows_of(table: TextTable) -> list[tuple[str, ...]]:
    return [tuple(table.cells(row).values()) for row in range(len(table.lines))]


# --- round trip --------------------------------------------------------------------------------

_LETTERS = "abcABC019 ğıİşçöüŞ€,;\t|'\"\r\n.-=%"
_cell = st.text(_LETTERS, max_size=8)
_heading = st.text("abcğıİş,;|\t'\" ", min_size=1, max_size=6).map(str.strip).filter(bool)


@st.composite
def text_tables(draw) -> tuple[list[str], list[list[str]]]:
    header = draw(st.lists(_heading, min_size=2, max_size=5, unique=True))
    rows = draw(st.lists(st.lists(_cell, min_size=len(header), max_size=len(header)), min_size=1, max_size=6))
    return header, rows


def written(header, rows, separator: str, quote_all: bool, newline: str) -> str:
    """The table as a careful program writes it: quotes where a cell could be mistaken, or everywhere."""

    def cell(text: str) -> str:
        needs = quote_all or any(mark in text for mark in (separator, '"', "\r", "\n"))
        return '"' + text.replace('"', '""') + '"' if needs else text

    return "".join(separator.join(map(cell, row)) + newline for row in [header, *rows])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=text_tables(),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1254"]),
    quote_all=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
    told=st.booleans(),
)
def test_any_table_in_any_dialect_is_read_exactly_or_refused(
    tmp_path, table, separator, encoding, quote_all, newline, told
):
    """Told its dialect, a table is always read; left to find out, it may be asked about, never misread."""
    header, rows = table
    data = written(header, rows, separator, quote_all, newline).encode(encoding)
    choices = Choices(encoding=encoding, separator=separator) if told else Choices()
    try:
        result = read(tmp_path, data, choices)
    except InputError:
        assert not told
        return
    assert list(result.header) == header
    assert rows_of(result) == [tuple(row) for row in rows]
    assert not result.ragged


def test_the_same_text_in_a_dialect_told_wrongly_is_not_what_was_written(tmp_path):
    """The control for the round trip: it can see a difference."""
    assert read(tmp_path, "a;b\n1;2\n", Choices(separator=",")).header == ("a;b",)


# --- lines -------------------------------------------------------------------------------------


def test_a_line_number_is_that_of_an_editor(tmp_path):
    table = read(tmp_path, 'a,b\n1,"two\nlines"\n\n2,x\n')

    assert table.lines.tolist() == [2, 5]
    assert table.cells(0) == {"a": "1", "b": "two\nlines"}


def test_a_row_of_another_width_is_kept_apart_and_shifts_nothing(tmp_path):
    table = read(tmp_path, "a,b\n1,2\n3,4,5\n6\n7,8\n")

    assert rows_of(table) == [("1", "2"), ("7", "8")]
    assert [(row.line, row.cells) for row in table.ragged] == [(3, ("3", "4", "5")), (4, ("6",))]


def test_excels_line_about_the_separator_is_followed(tmp_path):
    table = read(tmp_path, "sep=;\r\na;b\r\n1,5;2\r\n")

    assert table.header == ("a", "b")
    assert table.lines.tolist() == [3]


# --- what the file decides ----------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_that_fits_every_row_is_found(tmp_path, separator):
    text = "id,amount,note\n1,10,x\n2,20,y\n".replace(",", separator)

    assert read(tmp_path, text).dialect.separator == separator


def test_decimal_commas_do_not_pass_for_separators(tmp_path):
    table = read(tmp_path, "ad;tutar\nElif;1,5\nCan;2,5\n")

    assert rows_of(table) == [("Elif", "1,5"), ("Can", "2,5")]


def test_two_separators_that_fit_are_asked_about_with_the_beginning_of_the_file(tmp_path):
    with pytest.raises(InputError, match="comma or semicolon") as error:
        read(tmp_path, "a,b;c\n1,2;3\n4,5;6\n")

    assert "a,b;c" in str(error.value)
    assert "--separator" in str(error.value)
    assert read(tmp_path, "a,b;c\n1,2;3\n", Choices(separator=";")).header == ("a,b", "c")


def test_one_column_needs_no_separator(tmp_path):
    assert rows_of(read(tmp_path, 'name\nElif\n"Can, Dr."\n')) == [("Elif",), ("Can, Dr.",)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1254"])
def test_turkish_letters_arrive_whatever_the_encoding(tmp_path, encoding):
    table = read(tmp_path, "id,ad\n1,ŞÜKRÜ IĞDIR İpek çöğüş\n".encode(encoding))

    assert rows_of(table) == [("1", "ŞÜKRÜ IĞDIR İpek çöğüş")]
    assert table.dialect.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


@pytest.mark.parametrize(
    "data",
    [
        "id,ad\n1,Привет мир\n".encode("cp1251"),
        "id,ad\n1,Wałęsa\n".encode("cp1250"),
        "id,ad\n1,Gökhan\n".encode("cp857"),
    ],
)
def test_another_table_of_letters_is_asked_about_with_the_candidates(tmp_path, data):
    with pytest.raises(InputError, match="encoding is not clear") as error:
        read(tmp_path, data)

    assert error.value.row == 2
    assert "cp1254" in str(error.value)
    assert "cp1251" in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "Şükrü Iğdır".encode().decode("cp1252", errors="replace"),
        "Şükrü".encode("cp1254").decode("latin-1"),
        "Müşteri \ufffd",
    ],
)
def test_text_that_was_damaged_before_is_asked_about_and_read_when_insisted_on(tmp_path, text):
    data = f"id,ad\n1,{text}\n".encode()

    with pytest.raises(InputError, match="damaged") as error:
        read(tmp_path, data)

    assert error.value.row == 2
    assert rows_of(read(tmp_path, data, Choices(encoding="utf-8"))) == [("1", text)]


# --- what cannot be read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said", "row"),
    [
        (b"", "is empty", None),
        (b" \n\n", "is empty", None),
        (b"a,b\n", "no rows", 1),
        (b"a,b,a\n1,2,3\n", "the heading 'a' stands over columns 1 and 3", 1),
        (b"a,,b\n1,2,3\n", 'column 2 has no heading but holds values such as "2"', 2),
        (b",\n1,2\n", "heading is empty", 1),
        (b'a,b\n1,"never closed\n2,3\n', "quotes are broken", 2),
        (b'a,b\n1,2\n3,"x"y\n', "quotes are broken", 3),
        (b"a,b\n1,\0\n", "NUL", 2),
        ("a,b\n1,2\n".encode("utf-16-le"), "NUL", 1),
        (b"PK\x03\x04rest", "an Excel workbook", None),
        (b"\x1f\x8brest", "a gzip archive", None),
        (b"a,b\n1,2,3\n4,5,6\n", "every row has another number of cells", 2),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_where(tmp_path, data, said, row):
    with pytest.raises(InputError) as error:
        read(tmp_path, data)

    assert said in str(error.value)
    assert str(error.value).startswith("deals.csv")
    assert error.value.row == row


def test_a_heading_alone_is_told_apart_from_a_broken_file(tmp_path):
    with pytest.raises(NoRows):
        read(tmp_path, "a,b\n")


def test_an_empty_column_at_the_end_is_the_spreadsheet_s_and_left_out(tmp_path):
    assert read(tmp_path, "a,b,\n1,2,\n").header == ("a", "b")


@pytest.mark.parametrize(
    ("data", "limits", "said"),
    [
        (b"a,b\n1,2\n", Limits(bytes=5), "8 bytes long; the most that is read is 5"),
        (b"a,b,c\n1,2,3\n", Limits(columns=2), "3 cells; the most that is read is 2"),
        (b"a,b\n1,wide\n", Limits(cell=3), "a cell has more than 3 characters"),
        (b"a,b\n1," + b"x" * 1_000_000 + b"\n", Limits(), "a cell has more than 100,000 characters"),
        (b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + b"," * 9_999 + b"\n", Limits(), "10,000 cells"),
    ],
)
def test_what_is_too_large_is_refused_with_the_limit(tmp_path, data, limits, said):
    with pytest.raises(InputError) as error:
        read(tmp_path, data, limits=limits)

    assert said in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"encoding": "cp9999"},
        {"separator": ";;"},
        {"separator": '"'},
        {"quote": "''"},
        {"decimal": ";"},
        {"date_order": "ymd"},
    ],
)
def test_a_choice_that_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        Choices(**wrong)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 60), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused_and_nothing_else(tmp_path, place, byte):
    data = bytearray('id;ad;tutar\n1;Elif Işık;1.234,50\n2;"Can; Dr.";7\n3;x;8\n'.encode())
    data[place % len(data)] = byte
    try:
        table = read(tmp_path, bytes(data))
    except InputError:
        return
    assert len(table.lines) + len(table.ragged) > 0
