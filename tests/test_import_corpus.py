"""Ugly files, as people send them, each with the one right outcome: these deals, these findings, or this question.

The header is always the same four columns and the deals always won, so that a golden outcome is short:
(deal_id, owner_id, amount, close day in Istanbul) for each deal used, and (rule, line) for each finding.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest
from import_support import deal, judge, put

from salescoach.crm.dialect import Choices
from salescoach.errors import InputError

HEAD = "deal_id,owner_id,stage,status,amount,currency,closed_at\n"
MAY = "2025-05-01"


def line(deal_id: str = "D1", owner: str = "R1", amount: str = "100", closed: str = MAY, currency: str = "TRY") -> str:
    return f"{deal_id},{owner},Won,won,{amount},{currency},{closed}\n"


GOOD = ("D1", "R1", 100.0, MAY)


@dataclass(frozen=True)
class Ugly:
    """One file. ``deals`` and ``findings`` when it is read; ``asks`` and ``at`` (a line) when it is not."""

    name: str
    data: bytes
    deals: tuple[tuple[str, str, float | None, str], ...] = ()
    findings: tuple[tuple[str, int | None], ...] = ()
    asks: str = ""
    at: int | None = None
    reps: str = "rep_id,full_name\nR1,Elif Işık\n007,Bond\nNA,Nadir Akın\nNone,Nuri\n1E5,Efe\nŞükrü Iğdır,Şükrü Iğdır\n"


def semicolons(text: str) -> bytes:
    return text.replace(",", ";").encode()


CORPUS = [
    Ugly("plain", (HEAD + line()).encode(), (GOOD,)),
    Ugly("windows line ends", (HEAD + line()).replace("\n", "\r\n").encode(), (GOOD,)),
    Ugly("old mac line ends", (HEAD + line()).replace("\n", "\r").encode(), (GOOD,)),
    Ugly("no newline at the end", (HEAD + line()).rstrip().encode(), (GOOD,)),
    Ugly("byte order mark", (HEAD + line()).encode("utf-8-sig"), (GOOD,)),
    Ugly("utf-16", (HEAD + line()).encode("utf-16"), (GOOD,)),
    Ugly("utf-16 without its mark", (HEAD + line()).encode("utf-16-le"), asks="NUL", at=1),
    Ugly("cp1254", (HEAD + line(owner="Şükrü Iğdır")).encode("cp1254"), (("D1", "Şükrü Iğdır", 100.0, MAY),)),
    Ugly("cp1254 saved as latin-1 before", (HEAD + line(owner="Þükrü Iðdýr")).encode(), asks="damaged", at=2),
    Ugly("utf-8 saved as cp1252 before", (HEAD + line(owner="ÅžÃ¼krÃ¼")).encode(), asks="damaged", at=2),
    Ugly("cyrillic", (HEAD + line(owner="Иван")).encode("cp1251"), asks="encoding is not clear", at=2),
    Ugly("semicolons", semicolons(HEAD + line()), (GOOD,)),
    Ugly("tabs", (HEAD + line()).replace(",", "\t").encode(), (GOOD,)),
    Ugly("bars", (HEAD + line()).replace(",", "|").encode(), (GOOD,)),
    Ugly("excel says its separator", b"sep=;\n" + semicolons(HEAD + line()), (GOOD,)),
    Ugly("decimal commas", semicolons(HEAD) + semicolons(line()).replace(b"100", b"1.234,56"),
         (("D1", "R1", 1234.56, MAY),)),
    Ugly("turkish thousands, decided by a neighbour",
         semicolons(HEAD + line(amount="1.234") + line("D2", amount="0DEC5")).replace(b"DEC", b","),
         (("D1", "R1", 1234.0, MAY), ("D2", "R1", 0.5, MAY))),
    Ugly("contradicting decimals", (HEAD + line(amount='"1,234.5"') + line("D2", amount='"1.234,5"')).encode(),
         asks="contradict", at=2),
    Ugly("lira signs", (HEAD + line(amount='"₺1.234,56"', currency="")).encode(), (("D1", "R1", 1234.56, MAY),)),
    Ugly("an extra cell in the first row", (HEAD + line().rstrip() + ",extra\n" + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("P1", 2),)),
    Ugly("an extra cell in every row", (HEAD + line().rstrip() + ",\n").encode(),
         asks="every row has another number of cells", at=2),
    Ugly("a missing cell", (HEAD + "D1,R1,Won,won,100,TRY\n" + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("P1", 2),)),
    Ugly("a heading twice", (HEAD.replace("currency", "amount") + line()).encode(),
         asks="stands over columns 5 and 6", at=1),
    Ugly("no heading over a column", (HEAD.replace("currency", "") + line()).encode(),
         asks="column 6 has no heading", at=2),
    Ugly("empty rows below, as spreadsheets leave them", (HEAD + line() + ",,,,,,\n\n,,,,,,\n").encode(), (GOOD,)),
    Ugly("a total below", (HEAD + line() + "Total,,,,100,,\n").encode(), (GOOD,),
         (("D21", 3), ("D3", 3), ("D3", 3))),
    Ugly("a quote never closed", (HEAD + line() + line("D2", owner='"R1')).encode(), asks="quotes are broken", at=3),
    Ugly("text after a quote", (HEAD + line(owner='"R"1')).encode(), asks="quotes are broken", at=2),
    Ugly("a line break inside a cell", (HEAD + line(owner='"R\n1"') + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("D8", 2),)),
    Ugly("NUL", (HEAD + line(owner="R\x001")).encode(), asks="NUL", at=2),
    Ugly("an id with zeros in front", (HEAD + line("000123", "007")).encode(), (("000123", "007", 100.0, MAY),)),
    Ugly("ids that look like nothing", (HEAD + line("None", "NA") + line("nan", "None")).encode(),
         (("None", "NA", 100.0, MAY), ("nan", "None", 100.0, MAY))),
    Ugly("an id that looks like a number", (HEAD + line("1E5", "1E5") + line("100000")).encode(),
         (("1E5", "1E5", 100.0, MAY), ("100000", "R1", 100.0, MAY))),
    Ugly("ids of eighteen digits", (HEAD + line("123456789012345678") + line("123456789012345679")).encode(),
         (("123456789012345678", "R1", 100.0, MAY), ("123456789012345679", "R1", 100.0, MAY))),
    Ugly("an infinite amount", (HEAD + line(amount="1e999") + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("P2", 2),)),
    Ugly("not a number", (HEAD + line(amount="NaN") + line("D2")).encode(), (("D2", "R1", 100.0, MAY),), (("P2", 2),)),
    Ugly("a day that does not exist", (HEAD + line(closed="31.02.2025") + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("D10", 2),)),
    Ugly("day first, decided by a neighbour",
         (HEAD + line(closed="03/04/2025") + line("D2", closed="25/12/2025")).encode(),
         (("D1", "R1", 100.0, "2025-04-03"), ("D2", "R1", 100.0, "2025-12-25"))),
    Ugly("day or month first", (HEAD + line(closed="03/04/2025")).encode(), asks="day first", at=2),
    Ugly("points mean day first", (HEAD + line(closed="03.04.2025")).encode(), (("D1", "R1", 100.0, "2025-04-03"),)),
    Ugly("a year typed wrong", (HEAD + line(closed="20255-05-01") + line("D2")).encode(),
         (("D2", "R1", 100.0, MAY),), (("D10", 2),)),
    Ugly("half past ten in the evening in London is tomorrow", (HEAD + line(closed="2025-03-31T22:30:00Z")).encode(),
         (("D1", "R1", 100.0, "2025-04-01"),)),
    Ugly("a name in decomposed letters", (HEAD + line(owner="S\u0327u\u0308kru\u0308 Ig\u0306dır")).encode(),
         (("D1", "Şükrü Iğdır", 100.0, MAY),)),
    Ugly("headings in capitals with spaces", (HEAD.upper().replace("_", " ") + line()).encode(), (GOOD,)),
    Ugly("nothing", b"", asks="is empty"),
    Ugly("only a heading", HEAD.encode(), asks="no rows", at=1),
    Ugly("an excel workbook named csv", b"PK\x03\x04\x14\x00", asks="Excel workbook"),
]  # fmt: skip


@pytest.mark.parametrize("ugly", CORPUS, ids=lambda ugly: ugly.name)
def test_an_ugly_file_has_one_right_outcome(tmp_path, ugly: Ugly):
    put(tmp_path, reps=ugly.reps)
    (tmp_path / "opportunity.csv").write_bytes(ugly.data)
    if ugly.asks:
        with pytest.raises(InputError) as error:
            judge(tmp_path)
        assert ugly.asks in str(error.value)
        assert str(error.value).startswith("opportunity.csv")
        assert error.value.row == ugly.at
        return
    judged = judge(tmp_path)
    deals = judged.export.tables["opportunity"].accepted
    days = (deals["closed_at"] + pd.Timedelta(hours=3)).dt.strftime("%Y-%m-%d")
    assert tuple(zip(deals["deal_id"], deals["owner_id"], deals["amount"].map(float), days, strict=True)) == ugly.deals
    assert tuple((issue.rule, issue.row) for issue in judged.export.issues) == ugly.findings


def by_pandas(name: str, tmp_path) -> pd.DataFrame:
    """The usual call, on a file of the corpus."""
    data = next(ugly.data for ugly in CORPUS if ugly.name == name)
    (tmp_path / "naive.csv").write_bytes(data)
    return pd.read_csv(tmp_path / "naive.csv")


@pytest.mark.parametrize(
    ("name", "what_pandas_says"),
    [
        ("an extra cell in every row", lambda deals: deals["deal_id"].tolist() == ["R1"]),
        ("a heading twice", lambda deals: "amount.1" in deals),
        ("a missing cell", lambda deals: deals["closed_at"].isna().tolist() == [True, False]),
        ("an id with zeros in front", lambda deals: deals["deal_id"].tolist() == [123]),
        ("ids that look like nothing", lambda deals: deals["owner_id"].isna().all()),
        ("an infinite amount", lambda deals: deals["amount"].sum() == float("inf")),
        ("semicolons", lambda deals: len(deals.columns) == 1),
        ("a name in decomposed letters", lambda deals: deals["owner_id"].tolist() != ["Şükrü Iğdır"]),
    ],
)
def test_pandas_reads_the_same_file_wrongly_and_says_nothing(tmp_path, name, what_pandas_says):
    """The control: each of these would pass in silence."""
    assert what_pandas_says(by_pandas(name, tmp_path))


def test_latin_1_reads_turkish_wrongly_and_says_nothing(tmp_path):
    data = next(ugly.data for ugly in CORPUS if ugly.name == "cp1254")

    assert "Þükrü Iðdýr" in data.decode("latin-1")


def test_a_file_beside_the_export_is_named_and_not_used(tmp_path):
    put(tmp_path, deal())
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "plan.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / ".hidden.csv").write_text("")
    (tmp_path / "old").mkdir()
    judged = judge(tmp_path)

    named = {note.code: note.values["file"] for note in judged.export.notes if "file" in note.values}
    assert named["file_ignored"] == "notes.csv"
    assert named["file_unread"] == "plan.xlsx"


def test_an_optional_table_may_be_there_and_empty(tmp_path):
    judged = judge(put(tmp_path, deal(), lead="lead_id,created_at,status\n"))

    assert "lead" not in judged.export.tables
    assert any(note.code == "file_unread" and note.values["file"] == "lead.csv" for note in judged.export.notes)


def test_an_optional_table_that_is_broken_stops_the_import(tmp_path):
    put(tmp_path, deal(), lead='lead_id,created_at,status\nL1,"2025-01-01,new\n')

    with pytest.raises(InputError, match=r"lead\.csv, line 2: its quotes are broken"):
        judge(tmp_path)


def test_a_separator_that_is_wrong_but_insisted_on_finds_no_columns(tmp_path):
    put(tmp_path).joinpath("opportunity.csv").write_bytes(semicolons(HEAD + line()))

    with pytest.raises(InputError, match=r"opportunity\.csv has no deal_id"):
        judge(tmp_path, Choices(separator=","))
    with pytest.raises(InputError, match="no column could be read as deal_id"):
        judge(tmp_path, Choices(separator=","), crm="canonical")


@pytest.mark.parametrize("name", ["export.zip", "export.xlsx", "export.parquet", "export"])
def test_a_single_file_of_another_kind_is_refused_with_its_kind(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04")

    with pytest.raises(InputError, match=r"Save or unpack it as CSV"):
        judge(tmp_path / name)


def test_a_folder_that_is_not_there_and_one_without_files(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        judge(tmp_path / "nowhere")
    with pytest.raises(InputError, match="holds no files"):
        judge(tmp_path)


def test_files_of_no_known_form_name_the_nearest_and_what_it_lacks(tmp_path):
    put(tmp_path).joinpath("opportunity.csv").write_text("id,who\n1,2\n")

    with pytest.raises(
        InputError, match=r"Nearest: salescoach CSV, but opportunity\.csv has no deal_id, owner_id"
    ) as error:
        judge(tmp_path)
    assert "--crm" in str(error.value)
