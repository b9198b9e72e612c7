"""Tables out of a real PostgreSQL and a DuckDB file: what came in equals what is there, and nothing was written."""

from __future__ import annotations

import tempfile
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import duckdb
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from import_support import ORGANISATION, TAKEN_AT, deal, judge, put
from postgres import Cluster

from salescoach.cli import main
from salescoach.crm.database import read_database, read_queries
from salescoach.crm.dialect import Choices
from salescoach.crm.gather import Gathered
from salescoach.crm.importer import import_export
from salescoach.crm.judged import Asked, judged_export
from salescoach.crm.mapping import mapped
from salescoach.crm.preset import load_preset
from salescoach.crm.spool import Spooled
from salescoach.crm.text import Limits, TextTable
from salescoach.errors import InputError, SalesCoachError
from salescoach.workspace import Workspace

SCHEMA = (
    "DROP SCHEMA IF EXISTS crm CASCADE", "CREATE SCHEMA crm",
    "CREATE TABLE crm.rep (rep_id text, full_name text, email text, is_active boolean)",
    "INSERT INTO crm.rep VALUES ('R1', 'Elif Yılmaz', 'elif@example.com', true), ('007', 'Can Işık', NULL, false)",
    "CREATE TABLE crm.stage (pipeline text, stage text, \"order\" int, kind text, qualified boolean)",
    "INSERT INTO crm.stage VALUES ('Sales', 'Offer', 1, 'open', true), ('Sales', 'Won', 2, 'won', true)",
    "CREATE TABLE crm.deal (deal_id text, owner_id text, stage text, status text, amount numeric(18, 4), currency text,"
    " probability double precision, created_at timestamptz, closed_at timestamptz, expected_close date)",
    "INSERT INTO crm.deal VALUES ('D1', 'R1', 'Won', 'won', 1.234, 'TRY', 0.1, '2025-03-01 22:30+00',"
    " '2025-05-01 09:00+03', NULL), ('D2', '007', 'Offer', 'open', 12345678901234.5678, 'TRY', NULL,"
    " '2025-03-02 10:00+03', NULL, '2026-02-01')",
)  # fmt: skip
QUERIES = """[queries]
rep = "SELECT * FROM crm.rep"
stage = "SELECT * FROM crm.stage"
opportunity = "SELECT * FROM crm.deal ORDER BY deal_id"
"""


@pytest.fixture
def crm(postgres: Cluster) -> str:
    """The address of a small CRM."""
    postgres.run(*SCHEMA)
    return postgres.url()


def asking(tmp_path, text: str = QUERIES):
    path = tmp_path / "queries.toml"
    path.write_text(text, encoding="utf-8")
    return path


def one(address: str, tmp_path, query: str, table: str = "opportunity") -> TextTable:
    """The table that one query gives."""
    (text,) = read_database(address, asking(tmp_path, f"[queries]\n{table} = '''{query}'''\n")).texts
    return text


def cells(text: TextTable) -> list[list[str]]:
    return [[str(cell) for cell in column] for column in text.columns]


# --- PostgreSQL --------------------------------------------------------------------------------------------------


def test_what_came_in_equals_what_is_in_the_database(crm, tmp_path):
    judged = judged_export(crm, ORGANISATION, taken_at=TAKEN_AT, asked=Asked(queries=asking(tmp_path)))
    deals = judged.export.tables["opportunity"].accepted.set_index("deal_id")

    amounts = judged.export.tables["opportunity"].frame.sort("deal_id").select(pl.col("amount").cast(pl.String)).rows()
    assert [Decimal(text) for (text,) in amounts] == [Decimal("1.234"), Decimal("12345678901234.5678")]
    assert list(deals["owner_id"]) == ["R1", "007"]
    assert deals["created_at"].dt.to_pydatetime().tolist() == [datetime(2025, 3, 1, 22, 30), datetime(2025, 3, 2, 7)]
    assert deals.loc["D2", "expected_close"].date() == date(2026, 2, 1)
    assert judged.export.issues == []


def test_a_database_gives_the_same_rows_as_the_same_rows_in_files(crm, tmp_path):
    names = "deal_id owner_id stage status amount currency created_at closed_at".split()
    with psycopg.connect(crm) as connection:
        rows = connection.execute(f"SELECT {', '.join(names)} FROM crm.deal").fetchall()
    texts = [dict(zip(names, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows]
    reps = "rep_id,full_name,email\nR1,Elif Yılmaz,elif@example.com\n007,Can Işık,\n"
    files = judge(put(tmp_path / "files", *(deal(**text) for text in texts), reps=reps), as_of=date(2025, 12, 31))
    tables = judged_export(crm, ORGANISATION, taken_at=TAKEN_AT, asked=Asked(queries=asking(tmp_path)))

    ours = [each.export.tables["opportunity"].accepted[names].astype(str) for each in (files, tables)]
    assert ours[0].equals(ours[1])


def test_values_become_the_text_that_says_the_same(crm, tmp_path):
    text = one(
        crm, tmp_path,
        "SELECT 1.50::numeric AS money, 0.1::float8 AS share, 1e21::float8 AS large, true AS yes,"
        " NULL::text AS nothing, '2025-05-01'::date AS day, '2025-05-01 09:30+03'::timestamptz AS moment,"
        " '2025-05-01 09:30'::timestamp AS bare,"
        " '007' AS id, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS uuid",
    )  # fmt: skip
    values = dict(zip(text.header, (column[0] for column in text.columns), strict=True))

    assert values["money"] == "1.50"
    assert (values["share"], values["large"], values["yes"]) == ("0.1", "1000000000000000000000", "true")
    assert (values["nothing"], values["day"], values["id"]) == ("", "2025-05-01", "007")
    assert datetime.fromisoformat(values["moment"]) == datetime(2025, 5, 1, 6, 30, tzinfo=UTC)
    assert values["bare"] == "2025-05-01T09:30:00"
    assert text.numeric == {"money", "share", "large"}


@pytest.mark.parametrize(
    "value",
    [
        "ARRAY[1, 2]",
        "'{\"a\": 1}'::jsonb",
        "'\\x00'::bytea",
        "'NaN'::float8",
        "'Infinity'::numeric",
        "interval '1 day'",
    ],
)
def test_a_value_without_an_exact_text_is_refused_with_its_place(crm, tmp_path, value):
    with pytest.raises(InputError) as error:
        one(crm, tmp_path, f"SELECT CASE n WHEN 2 THEN {value} END AS amount FROM generate_series(1, 3) n")

    assert (error.value.file, error.value.row, error.value.column) == ("database/opportunity", 2, "amount")


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM crm.deal RETURNING *",
        "WITH gone AS (DELETE FROM crm.deal RETURNING *) SELECT * FROM gone",
        "SELECT nextval('crm.numbers')",
        "SELECT crm.wipe()",
        "COPY crm.deal TO '/tmp/salescoach-stolen'",
        "CREATE TABLE crm.mine AS SELECT 1",
    ],
)
def test_a_query_that_writes_fails_and_writes_nothing(crm, postgres, tmp_path, query):
    postgres.run(
        "CREATE SEQUENCE crm.numbers",
        "CREATE FUNCTION crm.wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM crm.deal; SELECT 1'",
    )
    with pytest.raises(InputError, match="database"):
        one(crm, tmp_path, query)

    assert len(one(crm, tmp_path, "SELECT * FROM crm.deal").lines) == 2


def test_the_same_query_would_write_without_our_care(crm, tmp_path):
    """The control: the account may delete; only the read-only transaction stops it."""
    with psycopg.connect(crm) as connection:
        assert len(connection.execute("DELETE FROM crm.deal RETURNING *").fetchall()) == 2


def test_two_statements_in_one_query_are_refused(tmp_path):
    """A second statement could end the read-only transaction and begin another."""
    text = '[queries]\nrep = "SELECT 1; COMMIT; BEGIN; DELETE FROM crm.deal"\n'
    with pytest.raises(InputError, match="holds a semicolon"):
        read_queries(asking(tmp_path, text))


def test_all_queries_see_one_state_of_the_database(crm, postgres, tmp_path):
    """A row that is added between two queries is in neither: a deal never refers to a person who came later."""
    slowly = "SELECT *, pg_sleep(1)::text AS pause FROM crm.rep LIMIT 1"
    text = f'[queries]\nrep = "{slowly}"\nopportunity = "SELECT deal_id FROM crm.deal"\n'
    insert = "INSERT INTO crm.deal (deal_id) VALUES ('D3')"
    timer = threading.Timer(0.5, postgres.run, [insert])
    timer.start()
    found = read_database(crm, asking(tmp_path, text)).texts
    timer.join()

    assert cells(found[1]) == [["D1", "D2"]]
    assert cells(one(crm, tmp_path, "SELECT deal_id FROM crm.deal")) == [["D1", "D2", "D3"]]


def test_rows_come_piece_by_piece(crm, tmp_path):
    """Twelve thousand rows are more than two pieces; each comes once and in order."""
    text = one(crm, tmp_path, "SELECT n::text AS deal_id FROM generate_series(1, 12000) n")

    assert list(text.columns[0]) == [str(number) for number in range(1, 12001)]


def test_a_percent_sign_and_a_colon_in_a_query_are_themselves(crm, tmp_path):
    assert cells(one(crm, tmp_path, "SELECT '100 %s :x' AS deal_id WHERE 'Won' LIKE 'W%'")) == [["100 %s :x"]]


def test_an_import_from_a_database_is_a_snapshot_and_the_same_again_changes_nothing(crm, tmp_path):
    home = Workspace.at(tmp_path / "w", currency="TRY")
    first = import_export(crm, home, taken_at=TAKEN_AT, queries=asking(tmp_path))
    again = import_export(crm, home, taken_at=TAKEN_AT, queries=asking(tmp_path))

    assert (first.unchanged, again.unchanged) == (False, True)
    assert len(home.snapshot().read("opportunity")) == 2


def test_no_address_user_or_password_is_kept_or_shown(crm, postgres, tmp_path, capsys):
    postgres.run("DROP ROLE IF EXISTS canary_user", "CREATE ROLE canary_user LOGIN SUPERUSER")
    address = postgres.url(user="canary_user", password="canary_password")
    queries = asking(tmp_path)
    import_export(address, Workspace.at(tmp_path / "w"), taken_at=TAKEN_AT, queries=queries)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file())
    said = []
    for wrong in (
        address.replace("canary_user", "canary_nobody"),
        address.replace("/postgres?", "/nowhere?"),
        "postgresql://canary_user:canary_password@127.0.0.1:1/x",
        "postgresql://canary_user:canary_password@[broken/x",
        "mysql://canary_user:canary_password@localhost/x",
    ):
        with pytest.raises(SystemExit) as leaving:
            main(["import", wrong, "--into", str(tmp_path / "other"), "--queries", str(queries), "--json"])
        assert leaving.value.code == 2
        said.append("".join(capsys.readouterr()))

    assert b"canary" not in kept
    assert all(text and "canary_password" not in text and "canary_user" not in text for text in said)
    assert not (tmp_path / "other").exists()


# --- many rows ---------------------------------------------------------------------------------------------------


SMALL = Limits(held=3)
"""An answer of a handful of cells passes through a file, as one of millions does."""
_odd = st.text(st.sampled_from("aİ ,;\"'\n\r\t#\\=€0.-e\u0301\u00a0"), max_size=4)
_rows = st.lists(st.tuples(_odd, _odd, st.sampled_from(["", "1", "2.5", "-3"])), min_size=2, max_size=12)


def outcome(gathered: Gathered) -> object:
    """The rows, faults and notes of the answers before they are judged."""
    with gathered.held:
        export = mapped(gathered.texts, load_preset("canonical"), ORGANISATION, Choices())
        notes = export.notes + [note for text in gathered.texts for note in text.notes]
    tables = {
        name: rows.accepted.astype(object).where(rows.accepted.notna(), None).to_dict("records")
        for name, rows in export.tables.items()
    }
    faults = {
        name: [(fault.rule, fault.column, fault.places.tolist()) for fault in rows.pending]
        for name, rows in export.tables.items()
    }
    return tables, faults, sorted(map(repr, notes))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_rows)
@example([("", "", ""), ("", "\u00a0", "")])
@example([("", "", ""), ("", "0", ""), ("", "", "")])  # the first row with anything in it is the second
def test_rows_that_pass_through_a_file_are_the_same_rows(tmp_path, rows):
    """Whatever stands in them: separators, quotes, line ends, letters in two pieces, nothing at all."""
    path = tmp_path / f"{uuid4().hex}.duckdb"
    with duckdb.connect(str(path)) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        connection.execute("CREATE TABLE account (account_id text, name text, employees text)")
        connection.executemany("INSERT INTO account VALUES (?, ?, ?)", [*rows, ("A1", "Anadolu", "7")])
    queries = asking(tmp_path, QUERIES + 'account = "SELECT * FROM account"\n')
    ways = [read_database(f"duckdb:{path}", queries, limits) for limits in (SMALL, Limits())]

    assert [sum(isinstance(text, Spooled) for text in way.texts) for way in ways] == [4, 0]
    assert outcome(ways[0]) == outcome(ways[1])


def test_more_cells_than_memory_holds_are_read_and_leave_nothing_behind(crm, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    query = "SELECT n::text AS deal_id, 'R1' AS owner_id FROM generate_series(1, 12000) n"
    gathered = read_database(crm, asking(tmp_path, f'[queries]\nopportunity = "{query}"\n'), Limits(held=10, cells=100))
    (text,) = gathered.texts
    with gathered.held:
        assert [path.stat().st_mode & 0o777 for path in tmp_path.glob("salescoach-*/*")] == [0o600]
        assert text.texts().select(pl.len(), pl.max("c0")).collect().row(0) == (12000, "9999")
        with pytest.raises(InputError, match="in memory at most 100 cells"):
            text.careful()

    assert list(tmp_path.glob("salescoach-*")) == []


def test_a_query_that_fails_halfway_leaves_no_file_behind(crm, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    query = "SELECT n::text AS deal_id, (1 / (12000 - n))::text AS amount FROM generate_series(1, 12000) n"
    with pytest.raises(InputError, match="division by zero"):
        read_database(crm, asking(tmp_path, f'[queries]\nopportunity = "{query}"\n'), SMALL)

    assert list(tmp_path.glob("salescoach-*")) == []


# --- DuckDB -------------------------------------------------------------------------------------------------------


@pytest.fixture
def warehouse(tmp_path) -> str:
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
    return f"duckdb:{tmp_path / 'warehouse.duckdb'}"


def test_a_duckdb_file_gives_the_same_as_postgresql(warehouse, crm, tmp_path):
    queries = asking(tmp_path)
    theirs = {text.file: text for text in read_database(crm, queries).texts}
    for text in read_database(warehouse, queries).texts:
        other = theirs[text.file]
        assert (text.header, text.numeric) == (other.header, other.numeric)
        if text.file != "database/opportunity":  # there its moments are written in another zone
            assert cells(text) == cells(other)


@pytest.mark.parametrize(
    "query", ["DELETE FROM crm.deal", "COPY crm.deal TO 'stolen.csv'", "SELECT 1 AS a UNION ALL SELECT error('x')"]
)
def test_duckdb_answers_one_select_and_nothing_else(warehouse, tmp_path, monkeypatch, query):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        one(warehouse, tmp_path, query)

    assert not (tmp_path / "stolen.csv").exists()
    assert len(one(warehouse, tmp_path, "SELECT * FROM crm.deal").lines) == 2


def test_a_database_file_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(InputError, match="no DuckDB file"):
        read_database(f"duckdb:{tmp_path / 'none.duckdb'}", asking(tmp_path))

    assert not (tmp_path / "none.duckdb").exists()


# --- the file of queries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "needs one table [queries]"),
        ("[queries]\n", "needs one table [queries]"),
        ('[queries]\nrep = "SELECT 1"\n[other]\n', "needs one table [queries]"),
        ('[queries]\ndeals = "SELECT 1"\n', "there is no table 'deals'"),
        ("[queries]\nrep = 1\n", "is not a query"),
        ('[queries]\nrep = " ; "\n', "is not a query"),
        ("[queries\n", "is not TOML"),
    ],
)
def test_a_file_of_queries_that_is_wrong_says_what_is_wrong(tmp_path, text, says):
    with pytest.raises(InputError) as error:
        read_queries(asking(tmp_path, text))

    assert says in str(error.value)
    assert error.value.file == "queries.toml"


def test_a_database_without_queries_says_what_is_missing():
    with pytest.raises(SalesCoachError, match="--queries"):
        read_database("postgresql://localhost/crm", None)
