"""The organisation on disk: spelt the way exports are spelt, and too large for memory."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from salescoach.errors import UsageError, WorkspaceError
from salescoach.runs.demo import export_demo
from salescoach.synthetic import DIALECTS, SyntheticOrganisation, organisation, write, write_parquet
from salescoach.synthetic.parquet import BRANCH, SHARED
from salescoach.tables.schema import TABLES


@pytest.fixture(scope="module")
def small() -> SyntheticOrganisation:
    return organisation("small_team", months=6)


def cells(path: Path, encoding: str, separator: str) -> pd.DataFrame:
    return pd.read_csv(path, encoding=encoding, sep=separator, dtype=str, keep_default_na=False)


@pytest.mark.parametrize(("dialect", "encoding"), [("cp1254", "cp1254"), ("decimal_comma", "utf-8")])
def test_a_turkish_spreadsheet_program_writes_the_same_rows(small, dialect: str, encoding: str, tmp_path: Path):
    write(small, tmp_path / "plain")
    write(small, tmp_path / dialect, dialect=dialect)
    plain = cells(tmp_path / "plain" / "opportunity.csv", "utf-8", ",")
    spelt = cells(tmp_path / dialect / "opportunity.csv", encoding, ";")

    assert spelt["name"].tolist() == plain["name"].tolist()
    assert spelt["amount"].str.replace(",", ".").tolist() == plain["amount"].tolist()
    assert spelt["amount"].str.contains(",").all()
    with pytest.raises(UnicodeDecodeError):  # the negative control: these bytes are not UTF-8
        (tmp_path / dialect / "rep.csv").read_bytes().decode("utf-8" if dialect == "cp1254" else "ascii")


def test_garbled_text_is_what_a_wrong_program_makes_of_it(small, tmp_path: Path):
    write(small, tmp_path, dialect="mojibake")
    names = cells(tmp_path / "rep.csv", "utf-8", ",")["full_name"]

    assert names.tolist() != small.tables["rep"]["full_name"].tolist()
    mended = [name.encode("cp1252").decode() for name in names]
    assert mended == small.tables["rep"]["full_name"].tolist()


def test_an_organisation_has_a_dialect_of_its_own(tmp_path: Path):
    made = organisation("turkish_sme", months=6)
    write(made, tmp_path)

    assert made.dialect == "cp1254"
    assert (tmp_path / "rep.csv").read_bytes().decode("cp1254").split("\n")[0].startswith("rep_id;full_name;")


def test_an_unknown_dialect_is_refused_by_name(small, tmp_path: Path):
    with pytest.raises(UsageError, match="ebcdic"):
        write(small, tmp_path, dialect="ebcdic")
    assert set(DIALECTS) == {"plain", "cp1254", "decimal_comma", "mojibake"}


def test_the_files_of_a_form_are_exported_and_the_truth_lies_beside_them(tmp_path: Path):
    export_demo(tmp_path / "files", preset="small_team", months=12, form="salesforce")

    assert "Opportunity.csv" in {path.name for path in (tmp_path / "files").iterdir()}
    assert (tmp_path / "files-truth.json").exists()


def test_an_export_never_goes_into_a_folder_that_holds_something(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep")

    with pytest.raises(WorkspaceError, match="is not empty"):
        export_demo(tmp_path, preset="small_team")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


# Larger than memory

SIZE = {"months": 2, "seed": 5}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One rep more than a branch holds: two branches."""
    folder = tmp_path_factory.mktemp("large")
    write_parquet(folder, reps=BRANCH + 6, **SIZE)
    return folder


def read(folder: Path, table: str) -> pd.DataFrame:
    with duckdb.connect() as connection:  # one of its own: the shared one may be in use by others
        return connection.sql(f"SELECT * FROM '{folder / table}.parquet'").df()


def test_every_table_is_one_file(large: Path):
    assert {path.name for path in large.iterdir()} == {f"{name}.parquet" for name in TABLES}
    for name, table in TABLES.items():
        assert tuple(read(large, name).columns) == table.names


def test_the_first_branch_is_the_organisation_itself(large: Path):
    made = organisation(reps=BRANCH, start=date(2025, 10, 1), **SIZE)
    deals = read(large, "opportunity")
    first = deals[~deals["deal_id"].str.contains("-")].reset_index(drop=True)

    assert len(first) == len(made.tables["opportunity"])
    assert first["deal_id"].tolist() == made.tables["opportunity"]["deal_id"].tolist()
    assert first["amount"].tolist() == made.tables["opportunity"]["amount"].tolist()


def test_ids_are_unique_and_refer_to_rows_over_all_branches(large: Path):
    loaded = {name: read(large, name) for name in TABLES}
    for name, table in TABLES.items():
        later = loaded[name][loaded[name][table.key[0]].astype(str).str.startswith("001-")]
        assert not later.duplicated(list(table.key)).any(), name
        for field in table.fields:
            if field.refers_to:
                other, key = field.refers_to.split(".")
                assert later[field.name].dropna().isin(set(loaded[other][key])).all(), (name, field.name)
    assert loaded["rep"]["email"].is_unique
    assert all(len(loaded[name]) < 2_000 for name in SHARED)


def test_more_reps_leave_the_first_branches_as_they_are(large: Path, tmp_path: Path):
    write_parquet(tmp_path, reps=BRANCH + 12, **SIZE)
    before, after = read(large, "opportunity"), read(tmp_path, "opportunity")
    first = ~after["deal_id"].str.contains("-")

    pd.testing.assert_frame_equal(
        before[~before["deal_id"].str.contains("-")].reset_index(drop=True), after[first].reset_index(drop=True)
    )
    assert len(after) > len(before)


def test_the_same_seed_writes_the_same_parquet_bytes(tmp_path: Path):
    for name in ("one", "two"):
        write_parquet(tmp_path / name, reps=8, **SIZE)
    one, two = (
        {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )

    assert one == two
