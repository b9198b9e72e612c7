"""A large file is read by Polars, and gives what the careful reader gives: the same rows, findings and refusals."""

from __future__ import annotations

import string
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from import_support import AS_OF, OPEN, ORGANISATION, STAGES, deal, put

from salescoach.crm import certain, checks
from salescoach.crm.bulk import BulkTable, read_large
from salescoach.crm.desk import Desk
from salescoach.crm.dialect import Choices
from salescoach.crm.letters import all_composed, doubtful_leads, letters_lost
from salescoach.crm.loading import plain
from salescoach.crm.mapping import mapped
from salescoach.crm.parse import Reading, parsed
from salescoach.crm.preset import load_preset
from salescoach.crm.text import read_table
from salescoach.errors import InputError
from salescoach.tables.schema import Field

ISTANBUL = ZoneInfo("Europe/Istanbul")


def outcome(folder: Path, *, bulk: bool, choices: Choices | None = None) -> object:
    """All that an import of *folder* would say and keep, or the words in which it is refused."""
    choices = choices or Choices()
    try:
        texts = [
            (read_large(path, choices, large=0) if bulk else None) or read_table(path, choices)
            for path in sorted(folder.iterdir())
        ]
        export = mapped(texts, load_preset("canonical"), ORGANISATION, choices)
        checks.judge(export, ORGANISATION, AS_OF)
    except InputError as error:
        return str(error)
    tables = {
        name: (
            rows.accepted.astype(object).where(rows.accepted.notna(), None).to_dict("records"),
            rows.count(),
            rows.set_aside(),
        )
        for name, rows in export.tables.items()
    }
    sources = [
        (text.file, text.header, text.lines.tolist(), text.sha256, text.size, text.dialect) for text in export.texts
    ]
    return tables, export.issues, export.notes, sources


# --- which files are read fast -----------------------------------------------------------------------


def test_a_plain_file_is_read_fast(tmp_path):
    folder = put(tmp_path, deal(deal_id="007", name="NA", amount="0.10"), deal(deal_id="1E5", **OPEN))

    assert isinstance(read_large(folder / "opportunity.csv", Choices(), large=0), BulkTable)
    assert outcome(folder, bulk=True) == outcome(folder, bulk=False)


def test_a_small_file_is_not_worth_it(tmp_path):
    assert read_large(put(tmp_path) / "opportunity.csv", Choices()) is None


HEAD = "pipeline,stage,order,kind\n"
ODD = {
    "blank line": HEAD + "Sales,New,1,open\n\nSales,Won,2,won\n",
    "line of separators": HEAD + "Sales,New,1,open\n,,,\nSales,Won,2,won\n",
    "line of spaces": HEAD + "Sales,New,1,open\n   \nSales,Won,2,won\n",
    "line of spaces beyond ASCII": HEAD + "Sales,New,1,open\n\u00a0,\u2003,\u3000,\nSales,Won,2,won\n",
    "tab": HEAD + "Sales,\tNew,1,open\nSales,Won,2,won\n",
    "lone return": HEAD + "Sales,New,1,open\rSales,Won,2,won\n",
    "mixed line ends": HEAD + "Sales,New,1,open\r\nSales,Won,2,won\n",
    "excel's first line": "sep=,\n" + HEAD + "Sales,New,1,open\nSales,Won,2,won\n",
    "byte order mark": "\ufeff" + HEAD + "Sales,New,1,open\nSales,Won,2,won\n",
    "no heading for a column": "pipeline,stage,order,kind,\nSales,New,1,open,\nSales,Won,2,won,\n",
    "only a heading": HEAD,
    "nothing": "",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_a_file_that_is_not_plain_is_left_to_the_careful_reader(tmp_path, text):
    put(tmp_path, stages=text)

    assert read_large(tmp_path / "stage.csv", Choices(), large=0) is None


DECEIVING = {
    "a cell over two lines": HEAD + 'Sales,"N\new",1,open\nSales,Won,2,won\n',
    "a row too short": HEAD + "Sales,New,1,open\nSales,Won,2\n",
    "a row too long": HEAD + "Sales,New,1,open\nSales,Won,2,won,more\n",
    "a row too short beside one too long": HEAD + "Sales,New,1,open,more\nSales,Won,2\nSales,Lost,3,lost\n",
    "a row too long beside one too short": HEAD + "Sales,New,1,open\nSales,Won,2\nSales,Lost,3,lost,more\n",
    "a quoted row too short beside one too long": HEAD + 'Sales,"New",1\nSales,Won,2,won,"more"\n',
    "a separator in quotes instead of a cell": HEAD + 'Sales,"New,1",open\nSales,Won,2,won\n',
    "quotes within quotes": HEAD + 'Sales,"""New""",1,open\nSales,Won,2,won\n',
    "quotes after nothing": HEAD + 'Sales,""New"",1,open\nSales,Won,2,won\n',
    "a quote never closed": HEAD + 'Sales,"New,1,open\nSales,Won,2,won\n',
    "a quote inside": HEAD + 'Sales,Ne"w,1,open\nSales,Won,2,won\n',
    "text after a quote": HEAD + 'Sales,"New"x,1,open\nSales,Won,2,won\n',
    "doubled quotes": HEAD + 'Sales,"N""ew",1,open\nSales,Won,2,won\n',
    "quoted separator": HEAD + 'Sales,"Ne,w",1,open\nSales,Won,2,won\n',
    "quoted nothing": HEAD + 'Sales,New,1,open\nSales,"",2,won\n',
    "no line end at the end": HEAD + "Sales,New,1,open\nSales,Won,2,won",
    "windows line ends": (HEAD + "Sales,New,1,open\nSales,Won,2,won\n").replace("\n", "\r\n"),
    "quoted heading": '"pipeline",stage,"order",kind\nSales,New,1,open\nSales,Won,2,won\n',
    "backslash": HEAD + 'Sales,"Ne\\w",1,open\nSales,Won,2,won\n',
    "hash": HEAD + "#Sales,New,1,open\nSales,Won,2,won\n",
    "spaces around": HEAD + "Sales , New,1 ,open\nSales,Won\u00a0,2,won\n",
}


@pytest.mark.parametrize("text", DECEIVING.values(), ids=DECEIVING.keys())
def test_a_file_that_only_looks_plain_has_the_careful_reader_s_outcome(tmp_path, text):
    put(tmp_path, deal(stage="Won"), stages=text)

    assert outcome(tmp_path, bulk=True) == outcome(tmp_path, bulk=False)


def test_the_usual_call_of_polars_changes_ids_and_says_nothing(tmp_path):
    """The control: sniffed and typed, 1E5 becomes 100000, and an unfinished row is filled up."""
    (tmp_path / "naive.csv").write_text("id,name,amount\n1E5,NA,1\n2,Elif,2\n3,Can\n")
    found = pl.read_csv(tmp_path / "naive.csv").rows()

    assert found[0][0] == 100_000
    assert found[2][2] is None


# --- the same outcome ----------------------------------------------------------------------------------

_cells = {
    "deal_id": ["D1", "D2", " D3", "007", "Ö-1", unicodedata.normalize("NFD", "Ö-1"), ""],
    "name": ["NA", "Işık, A.Ş.", 'say "yes"', "two\nlines", "a\u00a0", "-", ""],
    "owner_id": ["R1", "Elif Yılmaz", "CAN@example.com", "nobody"],
    "stage": ["New", "won", "Sent"],
    "status": ["open", "won", "LOST", "paused"],
    "amount": ["1234.50", "1.234", "12,5", "-3", "1e5", "₺5", "99999999999999.9999", "0", ""],
    "currency": ["TRY", "usd", "₺", ""],
    "created_at": ["2025-01-05T10:00:00Z", "2025-01-05", "05.01.2025", "2025-02-30T00:00:00Z", "2025-01-05 10:00"],
    "closed_at": ["2025-02-05T23:59:59Z", "2025-02-05T24:00:00Z", "2016-03-27 03:30", "2027-01-01T00:00:00Z", ""],
    "probability": ["0.5", "1", "60", "50%", ""],
    "is_deleted": ["false", "TRUE", "evet", "perhaps", ""],
}
_rows = st.lists(
    st.fixed_dictionaries({name: st.sampled_from(texts) for name, texts in _cells.items()}), min_size=1, max_size=6
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_rows)
def test_whichever_way_a_file_is_read_the_outcome_is_the_same(tmp_path, rows):
    put(tmp_path, *rows, stages=STAGES)

    assert outcome(tmp_path, bulk=True) == outcome(tmp_path, bulk=False)


# --- what is certain ------------------------------------------------------------------------------------

_TYPES = ("date", "ts", "money", "number", "share", "int", "bool")
_near = st.one_of(
    st.text(alphabet="0123456789.-,TZ: ", max_size=21),
    st.from_regex(r"\A(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?\Z"),
    st.from_regex(r"\A-?[0-9]{1,16}(\.[0-9]{1,5})?\Z"),
    st.sampled_from(["true", "false", "True", "1", "0", "1.0", "0.0", "-0", "2024-02-29", "2023-02-29"]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_near.filter(bool), min_size=1, max_size=40, unique=True))
def test_where_an_expression_is_certain_the_careful_parser_agrees(texts):
    """Each text alone, so that none is read in the light of another; the decimal mark is stated."""
    reading = Reading(ISTANBUL, Choices(decimal=".", date_order="dmy"))
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    for kind in _TYPES:
        target = Field("x", kind, "")
        column = certain.value(pl.col("text"), target, reading).cast(certain.TYPES[kind])
        for text, value in zip(texts, frame.select(column).to_series(), strict=True):
            if value is None:
                continue
            cell = np.array([text], dtype=object)
            careful = parsed(cell, target, reading, file="", heading="", lines=np.ones(1, dtype=np.int64))
            assert not careful.faults, (kind, text)
            assert pl.Series(plain(careful.values, target), dtype=certain.TYPES[kind]).to_list() == [value], (
                kind,
                text,
            )


def test_a_certain_text_is_one_that_nothing_would_be_done_to():
    """Every character of the basic plane, at the start, inside and at the end of a text."""
    letters = [chr(code) for code in range(1, 0x3100)]
    texts = [
        text for letter in letters for text in (letter, f"a{letter}", f"{letter}a", f"a{letter}b", f"e{letter}\u0301")
    ]
    sure = pl.DataFrame({"text": texts}).filter(certain.plain_text(pl.col("text"), tidy=False))["text"].to_list()

    assert len(sure) > 1500
    assert [text for text in sure if unicodedata.normalize("NFC", text).strip() != text] == []
    assert set(string.ascii_letters + "ğışçöüİĞŞÇÖÜ") <= set(sure)


def test_days_on_the_desk_are_those_of_the_zone():
    """Where the clocks changed, and long ago; the naive day, that of UTC, differs."""
    desk = Desk(ISTANBUL)
    desk.know_days(None)
    moments = pd.date_range("1915-01-01", "2030-01-01", freq="37h").as_unit("us")
    found = pl.DataFrame({"t": moments.to_numpy()}).select(desk.local_day(pl.col("t"))).to_series()
    local = moments.tz_localize("UTC").tz_convert(ISTANBUL).tz_localize(None).normalize()

    assert (found.to_numpy() == local.to_numpy(dtype="datetime64[D]")).all()
    assert (found.to_numpy() != moments.to_numpy(dtype="datetime64[D]")).any()


def seen_by(look, text: str) -> bool:
    """What *look* says of the doubtful letters, which is what it says of all."""
    letters = np.frombuffer(text.encode(), dtype=np.uint8)
    found = bool(look(letters, doubtful_leads(letters)))
    assert found == look(letters, np.flatnonzero(letters >= 0xC0))
    return found


def test_bytes_that_look_composed_are_letters_that_composing_leaves_alone():
    """Every letter up to the Chinese ones, one by one; some that composing would change are among them."""
    texts = [f"a{chr(code)}b" for code in range(0xA0, 0x3000)]
    taken = [text for text in texts if seen_by(all_composed, text)]

    assert len(taken) > 400
    assert all(unicodedata.normalize("NFC", text) == text and text.split() == [text] for text in taken)
    assert not all(unicodedata.normalize("NFC", text) == text for text in texts)


@pytest.mark.parametrize("word", ["Şükrü Iğdır", "Çağla Öğüt", "ŞIŞLİ"])
def test_no_trace_of_damaged_letters_is_overlooked(word):
    damaged = [word.encode().decode("cp1252", errors="replace"), word.encode("cp1254").decode("latin-1")]

    assert all(seen_by(letters_lost, text) for text in damaged)
    assert not seen_by(letters_lost, word)
