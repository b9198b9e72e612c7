"""A snapshot is written whole or not at all, is never changed, and is read back table by table."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from import_support import AS_OF, OPEN, TAKEN_AT, deal, put
from test_workspace import everything_in

from salescoach.crm.bulk import LARGE, read_large
from salescoach.crm.dialect import Choices
from salescoach.crm.importer import import_export
from salescoach.crm.issues import Findings, Issue, harmless, issues_csv, told
from salescoach.crm.publish import _write
from salescoach.errors import InputError, TableError, WorkspaceError
from salescoach.resources import load_words
from salescoach.tables.schema import TABLES
from salescoach.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace.create(tmp_path / "w", language="en")


def bring(folder: Path, into: Workspace, **options):
    return import_export(folder, into, **{"taken_at": TAKEN_AT, "as_of": AS_OF, **options})


def test_a_table_comes_back_with_the_schema_s_columns_and_plain_types(tmp_path, workspace):
    text = {"deal_id": "007", "name": "NA", "amount": "0.10", "probability": "0.5", "is_deleted": "no"}
    bring(put(tmp_path / "x", deal(**text), deal(deal_id="D2", **OPEN)), workspace)
    deals = workspace.snapshot().read("opportunity")

    assert tuple(deals.columns) == (*TABLES["opportunity"].names, "source_file", "source_row")
    assert deals.loc[0, ["deal_id", "name", "amount", "probability"]].tolist() == ["007", "NA", 0.1, 0.5]
    assert [str(deals[name].dtype) for name in ("name", "amount", "closed_at", "expected_close", "is_deleted")] == [
        "str", "float64", "datetime64[us]", "datetime64[us]", "boolean",
    ]  # fmt: skip
    assert str(workspace.snapshot().read("stage")["order"].dtype) == "Int64"
    assert deals["closed_at"].tolist()[0] == pd.Timestamp("2025-05-01 09:00")
    assert pd.isna(deals["closed_at"].tolist()[1])
    assert deals["source_row"].tolist() == [2, 3]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_a_forked_child_reads_tables_too(tmp_path, workspace):
    """Reads share one engine. One with threads of its own, as DuckDB makes them, would keep the child waiting."""
    bring(put(tmp_path / "x", deal(), deal(deal_id="D2", **OPEN)), workspace)
    snapshot = workspace.snapshot()
    snapshot.read("opportunity")  # makes the engine of this process
    child = os.fork()
    if child == 0:
        os._exit(0 if len(snapshot.read("opportunity")) == 2 else 1)
    end, left = time.monotonic() + 60, (0, 0)
    while left[0] == 0 and time.monotonic() < end:
        time.sleep(0.02)
        left = os.waitpid(child, os.WNOHANG)
    if left[0] == 0:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert left == (child, 0)


def test_only_what_was_imported_can_be_read(tmp_path, workspace):
    bring(put(tmp_path / "x"), workspace)
    snapshot = workspace.snapshot()

    assert snapshot.tables == ("rep", "stage", "opportunity")
    with pytest.raises(TableError, match="no table 'quota'; they hold: rep, stage, opportunity"):
        snapshot.read("quota")


def test_money_is_stored_to_the_last_kurus(tmp_path, workspace):
    import duckdb

    bring(put(tmp_path / "x", deal(amount="99999999999999.9999")), workspace)
    file = str(workspace.snapshot().path / "opportunity.parquet")
    (amount,) = duckdb.execute("SELECT CAST(amount AS VARCHAR) FROM read_parquet($file)", {"file": file}).fetchone()

    assert amount == "99999999999999.9999"


def test_the_same_export_changes_nothing(tmp_path, workspace):
    first = bring(put(tmp_path / "x"), workspace)
    before = everything_in(workspace.path)
    again = bring(tmp_path / "x", workspace)

    assert (first.unchanged, again.unchanged) == (False, True)
    assert again.to_dict() == {**first.to_dict(), "unchanged": True}
    assert everything_in(workspace.path) == before


def test_the_same_export_gives_the_same_bytes_elsewhere(tmp_path):
    put(tmp_path / "x", deal(), deal(deal_id="D2", amount="-1"))
    for name in ("one", "two"):
        bring(tmp_path / "x", Workspace.create(tmp_path / name, name="same"))

    assert everything_in(tmp_path / "one") == everything_in(tmp_path / "two")


def test_rows_of_several_groups_are_written_in_their_order_and_always_as_the_same_bytes(tmp_path):
    """They pass through in pieces, on several processors, and some are taken out on the way."""
    rows = pl.LazyFrame({"place": range(400_000)}).with_columns(text=pl.format("A{}", "place"))
    rows = rows.filter(pl.col("place") % 1000 != 7)
    paths = [tmp_path / f"{number}.parquet" for number in range(4)]
    for path in paths:
        _write(rows, path)

    assert pl.read_parquet(paths[0]).equals(rows.collect())
    assert len({path.read_bytes() for path in paths}) == 1


def test_a_later_export_and_another_day_are_new_snapshots_and_the_old_stay(tmp_path, workspace):
    ids = [bring(put(tmp_path / "x"), workspace).snapshot]
    ids += [bring(tmp_path / "x", workspace, as_of=date(2026, 1, 10)).snapshot]
    ids += [bring(put(tmp_path / "x", deal(amount="5")), workspace, taken_at=TAKEN_AT.replace(hour=23)).snapshot]

    assert len({path.name for path in workspace.snapshots.iterdir()} & set(ids)) == 3
    assert workspace.snapshot().as_of == date(2026, 1, 10)
    assert workspace.snapshot(AS_OF).snapshot_id == ids[2]
    with pytest.raises(WorkspaceError, match="no data as of 2024-01-01 or before; the earliest are as of 2025-12-31"):
        workspace.snapshot(date(2024, 1, 1))


def test_the_manifest_says_where_the_tables_came_from(tmp_path, workspace):
    import hashlib

    bring(put(tmp_path / "x", deal(), deal(deal_id="D2", amount="x")), workspace)
    manifest = workspace.snapshot().manifest
    data = (tmp_path / "x" / "opportunity.csv").read_bytes()
    (source,) = [source for source in manifest["sources"] if source["file"] == "opportunity.csv"]

    assert source["sha256"] == hashlib.sha256(data).hexdigest()
    assert (source["rows"], source["encoding"], source["separator"]) == (2, "utf-8", ",")
    assert manifest["tables"]["opportunity"] == {
        "rows_in": 2, "accepted": 1, "rejected": 1, "merged": 0, "quarantined": 1,
    }  # fmt: skip
    assert (manifest["as_of"], manifest["taken_at"]) == ("2025-12-31", "2026-01-15T09:00:00+00:00")
    assert manifest["crm"]["name"] == "canonical"
    assert manifest["organisation"]["timezone"] == "Europe/Istanbul"
    assert workspace.snapshot().content_hash.startswith(workspace.snapshot().snapshot_id.removeprefix("2025-12-31-"))


def test_the_report_has_its_stable_keys_and_sums_up(tmp_path, workspace):
    report = bring(
        put(tmp_path / "x", deal(), deal(deal_id="D2", amount="x"), deal(deal_id="D3", owner_id="")), workspace
    )
    document = json.loads(json.dumps(report.to_dict()))

    assert list(document) == [
        "workspace", "snapshot", "as_of", "crm", "unchanged", "tables", "rejects", "flags", "notes",
    ]  # fmt: skip
    assert document["rejects"] == {"D3": 1, "P2": 1}
    assert sum(document["rejects"].values()) == sum(table["rejected"] for table in document["tables"].values())
    assert all({"code", "values", "message_en", "message_tr"} == set(note) for note in document["notes"])


@pytest.mark.parametrize(("code", "said"), [("en", "Negative amount: 1"), ("tr", "Negatif tutar: 1")])
def test_the_report_reads_in_both_languages(tmp_path, workspace, code, said):
    report = bring(put(tmp_path / "x", deal(), deal(deal_id="D2", amount="-1")), workspace)

    assert said in report.text(load_words(code))


def test_rows_left_out_are_kept_as_they_stood_in_the_file(tmp_path, workspace):
    import duckdb

    put(tmp_path / "x", deal(), deal(deal_id="D2", amount="lots", note="kept, too"))
    bring(tmp_path / "x", workspace)
    file = str(workspace.snapshot().path / "set_aside.parquet")
    ((table, row, level, rule, cells),) = duckdb.execute(
        'SELECT "table", "row", level, rule, cells FROM read_parquet($file)', {"file": file}
    ).fetchall()

    assert (table, row, level, rule) == ("opportunity", 3, "Q", "P2")
    assert json.loads(cells)["amount"] == "lots"
    assert json.loads(cells)["note"] == "kept, too"


def test_findings_are_read_by_person(tmp_path, workspace):
    late = {**OPEN, "expected_close": "2025-12-01"}
    bring(
        put(tmp_path / "x", deal(**late), deal(deal_id="D2", **late), deal(deal_id="D3", owner_id="R2", amount="-1")),
        workspace,
    )
    snapshot = workspace.snapshot()

    assert snapshot.flags("R1") == {"D16": 2}
    assert snapshot.flags("R2") == {"D13": 1}
    assert snapshot.flags("nobody") == {}
    assert snapshot.issues()["message_tr"].str.startswith("opportunity.csv, satır").all()


def test_the_list_of_findings_opens_in_a_spreadsheet_without_running_anything(tmp_path, workspace):
    payloads = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")', " =1+1"]
    bring(
        put(tmp_path / "x", deal(), *(deal(deal_id=f"D{n}x", owner_id=text) for n, text in enumerate(payloads))),
        workspace,
    )
    text = (workspace.snapshot().path / "issues.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))

    assert [row["value"] for row in rows] == [f"'{text}" for text in payloads]
    assert all(harmless(cell) == cell for row in rows for cell in row.values())


def test_the_list_of_findings_is_quoted_as_the_csv_module_quotes():
    texts = ["plain", "a,b", "a;b", 'say "yes"', '"', "two\nlines", "a\rb", "-5", " x", "Işık", ""]
    issues = [Issue("opportunity", f"f{text}.csv", n or None, text, text, "D8", "Q") for n, text in enumerate(texts)]
    said = [(f"en {text}", text) for text in texts]
    messages = pl.DataFrame(said, schema=["message_en", "message_tr"], orient="row")
    findings = pl.concat([Findings(issues).frame, messages], how="horizontal")
    for separator in ",;":
        target = io.StringIO(newline="")
        writer = csv.writer(target, delimiter=separator)
        writer.writerow(["table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr"])
        writer.writerows([*issue[:7], *both] for issue, both in zip(issues, said, strict=True))

        assert issues_csv(findings, separator) == target.getvalue().encode("utf-8-sig")


def test_every_cell_of_the_list_of_findings_is_as_harmless_and_quoted_as_the_csv_module_and_harmless_make_it():
    starts = ["", " ", "\t", "\r", "\n", "\x1c", "\x85", "\u2028", "'", '"', ",", ";", "#", "A", "z", "{", "Ü", "1"]
    texts = [
        f"{start}{rest}" for start in starts for rest in ("", "=1", "-5", "+5,3", "@x", "-5\n", "null", ' "', ";,")
    ]
    names = ["table", "file", "row", "column", "value", "rule", "level", "message_en", "message_tr"]
    rows = [[*[text] * 2, n, *[text] * 6] for n, text in enumerate(texts)]
    findings = pl.DataFrame(
        rows, schema={name: pl.Int64 if name == "row" else pl.String for name in names}, orient="row"
    )
    for separator in ",;":
        target = io.StringIO(newline="")
        writer = csv.writer(target, delimiter=separator)
        writer.writerow(names)
        writer.writerows([harmless(str(cell)) for cell in row] for row in rows)

        assert issues_csv(findings, separator) == target.getvalue().encode("utf-8-sig")


def test_findings_told_together_say_what_each_says_alone():
    """Also where a file, a heading or a value looks like a place to be filled in."""
    words = load_words("en"), load_words("tr")
    issues = [
        Issue("opportunity", file, row, heading, value, rule, level, detail="%d", rows=1 if row else 3)
        for rule, level, heading in (("D8", "Q", "Amount (%s)"), ("D8", "Q", ""), ("D14", "F", "%"))
        for row, file, value in (
            (2, "100%.csv", "%s"),
            (3, "100%.csv", "x" * 90),
            (3, "100%.csv", " on\ntwo \x1f lines\u2003"),
            (4, "b.csv", ""),
            (5, "b.csv", "{row}"),
        )
    ]
    together = told(Findings(issues).frame, *words).select("message_en", "message_tr").rows()

    assert together == [tuple(issue.message(each) for each in words) for issue in issues]
    assert len(set(together)) == len(issues)
    assert "Amount (%s)" in together[0][0]
    assert "100%.csv" in together[0][0]


def test_a_turkish_spreadsheet_gets_semicolons(tmp_path):
    workspace = Workspace.create(tmp_path / "w", language="tr")
    bring(put(tmp_path / "x", deal(), deal(deal_id="D2", amount="-1")), workspace)

    assert (workspace.snapshot().path / "issues.csv").read_text(encoding="utf-8-sig").startswith("table;file;row;")


# --- nothing, or everything ----------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["missing", "empty", "broken", "ambiguous"])
def test_bad_input_leaves_the_workspace_byte_for_byte_unchanged(tmp_path, workspace, bad):
    bring(put(tmp_path / "x"), workspace)
    before = everything_in(workspace.path)
    source = put(tmp_path / "y", deal(amount="1", expected_close="3/4/2025"))
    if bad == "missing":
        source = tmp_path / "nowhere"
    elif bad == "empty":
        (source / "opportunity.csv").write_bytes(b"")
    elif bad == "broken":
        (source / "rep.csv").write_text('rep_id,full_name\nR1,"Elif\n')

    with pytest.raises(InputError) as error:
        bring(source, workspace)

    assert "\n" not in str(error.value)
    assert everything_in(workspace.path) == before


def test_bad_input_makes_no_workspace(tmp_path):
    with pytest.raises(InputError):
        bring(tmp_path / "nowhere", Workspace.at(tmp_path / "w"))

    assert not (tmp_path / "w").exists()


def test_an_ambiguous_column_is_read_once_the_caller_has_said_how(tmp_path, workspace):
    folder = put(tmp_path / "x", deal(**{**OPEN, "expected_close": "3/4/2026"}))
    bring(folder, workspace, choices=Choices(date_order="mdy"))

    assert workspace.snapshot().read("opportunity")["expected_close"].tolist() == [pd.Timestamp("2026-03-04")]


_IMPORTS = """
# For each line "SOURCE TARGET STEPS BYTES FULL" on standard input: import in a child of our own, and say how it ended.
# Before each step that touches the disk one of STEPS is used up; when none is left, the child kills itself.
# At the first byte that a file would have beyond BYTES the disk is full (FULL = disk), or the child dies.
import os, resource, signal, sys, traceback
from datetime import UTC, date, datetime
import duckdb
from salescoach.crm.importer import import_export
from salescoach.workspace import Workspace

def counted(call):
    def run(*arguments, **options):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return call(*arguments, **options)
    return run

for line in sys.stdin:
    source, target, steps, size, full = line.split()
    child = os.fork()
    if child == 0:
        left = int(steps)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN if full == "disk" else signal.SIG_DFL)
        for name in ("fsync", "rename", "mkdir", "chmod", "open"):
            setattr(os, name, counted(getattr(os, name)))
        try:
            day, taken_at = date(2025, 12, 31), datetime(2026, 1, 15, tzinfo=UTC)
            import_export(source, Workspace.at(target, name="w"), as_of=day, taken_at=taken_at)
            print("done", int(steps) - left, flush=True)
        except Exception as error:
            print("refused", type(error).__name__, error, flush=True)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        print("killed", flush=True)
"""
_ALL, _LARGE = 10_000, 1 << 40


class Importer:
    """Imports in a process of their own, which may be killed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _IMPORTS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, source: Path, target: Path, steps: int = _ALL, size: int = _LARGE, *, full: str = "disk") -> str:
        """How the import ended: "done STEPS", "refused ERROR TEXT" or "killed"."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{source} {target} {steps} {size} {full}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def importer():
    process = Importer()
    yield process
    process.close()


def ways_to_die(steps: int, largest: int, every: int) -> list[dict[str, object]]:
    """Inside files, at *every* bytes of the largest; and before each step that touches the disk, so beside each rename.

    In this order: killed after the last rename, an import has nothing left to do when it is tried again.
    """
    inside = range(0, largest, every)
    return [{"size": size, "full": "dead"} for size in inside] + [{"steps": step} for step in range(steps)]


@pytest.mark.parametrize(
    ("name", "inside", "points"), [("opportunity", 24, 50), ("account", 8, 35)], ids=["small", "large"]
)
def test_an_import_killed_anywhere_leaves_the_old_snapshot_or_the_whole_new_one(
    tmp_path, importer, name, inside, points
):
    """Killed, looked at, killed somewhere else; then it must finish. A large file is read by Polars."""
    old, new = put(tmp_path / "old"), put(tmp_path / "new", deal(amount="7"), deal(deal_id="D2"))
    if name == "account":
        rows = "".join(f"A{number},{'Örnek ' * 400}{number}\n" for number in range(LARGE // 2400))
        (new / "account.csv").write_text("account_id,name\n" + rows, encoding="utf-8")
        assert read_large(new / "account.csv", Choices()) is not None
    target, whole = tmp_path / "w", tmp_path / "whole"
    Workspace.create(whole, name="w")
    done, steps = importer.run(new, whole).split()
    assert done == "done"
    expected = everything_in(whole / "snapshots")
    largest = max(len(data) for data in expected.values() if data)
    bring(old, Workspace.create(target, name="w"))
    (kept,) = [path.name for path in (target / "snapshots").iterdir()]
    ways = ways_to_die(int(steps), largest, largest // inside)
    for way in ways:
        assert importer.run(new, target, **way) == "killed", way
        visible = {path.name for path in (target / "snapshots").iterdir() if not path.name.startswith(".")}
        assert kept in visible
        for snapshot in visible - {kept}:
            assert everything_in(target / "snapshots" / snapshot) == everything_in(whole / "snapshots" / snapshot)
        assert Workspace.open(target).snapshot().read("opportunity").shape[0] in (1, 2)
    assert len(ways) >= points

    assert importer.run(new, target).startswith("done")
    left = everything_in(target / "snapshots")
    assert {name: data for name, data in left.items() if not name.startswith(kept)} == expected


def test_a_naive_writer_leaves_half_a_snapshot(tmp_path):
    """The control: files written under their final name, killed after the first."""
    script = (
        "import os, pathlib, signal\n"
        f"folder = pathlib.Path({str(tmp_path / 'naive')!r}); folder.mkdir()\n"
        "(folder / 'rep.parquet').write_bytes(b'x')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=False)

    assert [path.name for path in (tmp_path / "naive").iterdir()] == ["rep.parquet"]


@pytest.mark.parametrize("size", [0, 100, 1_000, 2_000, 4_000])
def test_a_full_disk_leaves_the_old_snapshot_and_one_message(tmp_path, importer, size):
    """Whichever file is the first that no longer fits."""
    target = tmp_path / "w"
    bring(put(tmp_path / "x"), Workspace.create(target, name="w"))
    before = everything_in(target)
    put(tmp_path / "x", *(deal(deal_id=f"D{n}", amount="-1") for n in range(100)), deal(deal_id="E"))

    answer = importer.run(tmp_path / "x", target, size=size)

    assert answer.startswith("refused WorkspaceError")
    assert "cannot be written" in answer
    assert everything_in(target) == before


def test_a_place_that_cannot_be_written_is_one_message(tmp_path):
    folder = put(tmp_path / "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError):
        bring(folder, Workspace.at(tmp_path / "file" / "w"))
    if not os.path.isdir("/proc/self"):
        pytest.skip("there is no /proc here")
    with pytest.raises(WorkspaceError, match="/proc/w"):
        bring(folder, Workspace.at("/proc/w"))
