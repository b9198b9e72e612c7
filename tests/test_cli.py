"""The terminal: what it says, what it answers, and that a wrong request changes nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import import_support
import psutil
import pytest
from runs_support import CHECKOUT, REPS, organisation, published

from salescoach.cli import cli, main
from salescoach.report_files import file_stem
from salescoach.workspace import Workspace

SALESCOACH = [sys.executable, "-m", "salescoach.cli"]
HEAVY = (
    "pandas numpy scipy duckdb polars sqlalchemy alembic papermill nbconvert plotly ipywidgets sklearn voila".split()
)
COMMANDS = sorted(cli.commands)


def salescoach(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a person does."""
    command = [*SALESCOACH, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=300, check=False)


@dataclass(frozen=True)
class Answer:
    """What one command said."""

    code: int
    out: str
    err: str


class Terminal:
    """Commands without a process of their own, for requests that start nothing."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> Answer:
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        assert isinstance(left.value.code, int)
        return Answer(left.value.code, *self._capsys.readouterr())


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


def tree(folder: Path) -> dict[str, str]:
    """Everything below *folder*: path -> SHA-256 of the content, "/" for a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "/"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three reps, each with one deal of 2025Q4. No test here may change it."""
    return organisation(tmp_path_factory.mktemp("cli")).path


# --- help ----------------------------------------------------------------------------------------


def test_the_first_help_shows_the_whole_road(terminal):
    help_ = terminal("--help")

    assert help_.code == 0
    assert "salescoach demo demo-workspace" in help_.out
    assert "salescoach import EXPORT_FOLDER --into WORKSPACE" in help_.out
    assert "salescoach review WORKSPACE --period 2025Q4 --language tr" in help_.out
    assert "salescoach serve WORKSPACE" in help_.out
    commands = help_.out[help_.out.index("Commands:") :]
    assert all(f"  {command} " in commands for command in COMMANDS)
    assert "..." not in commands  # each says its sentence to the end


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_its_options_and_shows_an_example(terminal, command):
    help_ = terminal(command, "-h")

    assert help_.out.startswith(f"Usage: salescoach {command} ")
    assert f"Example:\n    salescoach {command} " in help_.out
    for parameter in cli.commands[command].params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_each_command_is_a_command(command):
    """Parsed only, so that nothing runs."""
    lines = cli.commands[command].help.splitlines()
    example = next(shlex.split(line) for line in lines if line.strip().startswith("salescoach "))
    called, arguments = cli.commands[command], example[2:]
    if isinstance(called, click.Group):
        _, called, arguments = called.resolve_command(click.Context(called), arguments)
    with click.Context(cli) as context:
        parsed = called.make_context(command, arguments, parent=context)

    assert example[:2] == ["salescoach", command]
    assert next(value for name, value in parsed.params.items() if name in ("workspace", "file", "kind")) is not None


def test_the_way_in_stays_light():
    """Help must not wait for pandas. Control: the review itself needs it."""
    show = f"; print(sorted(set({HEAVY}) & set(sys.modules)), file=sys.stderr)"
    helped = "\nimport sys; from salescoach.cli import main\ntry: main(['review', '--help'])\nexcept SystemExit: pass\n"
    loaded = []
    for program in ("import sys, salescoach" + show, helped + show[2:], "import sys, salescoach.review" + show):
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=CHECKOUT, check=True)
        loaded.append(done.stderr.strip())

    assert loaded[:2] == ["[]", "[]"]
    assert "pandas" in loaded[2]


# --- import --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four deals, of which one is there twice and one has no owner anybody knows."""
    deal = import_support.deal
    return import_support.put(
        tmp_path_factory.mktemp("export"), deal(), deal(), deal(deal_id="D2", **import_support.OPEN),
        deal(deal_id="D3", owner_id="nobody"),
    )  # fmt: skip


def test_an_import_answers_with_one_document_that_accounts_for_every_row(tmp_path, export):
    done = salescoach("import", export, "--into", tmp_path / "w", "--as-of", "2025-12-31", "--json")
    report = json.loads(done.stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert set(report) >= {*"workspace snapshot as_of crm unchanged tables rejects flags notes".split()}
    assert set(report["tables"]) == {"rep", "stage", "opportunity"}
    for counts in report["tables"].values():
        assert set(counts) >= {"rows_in", "accepted", "rejected", "merged"}
        assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["merged"]
    assert report["tables"]["opportunity"]["rows_in"] == 4
    assert sum(report["rejects"].values()) == report["tables"]["opportunity"]["rejected"] == 1
    assert report["tables"]["opportunity"]["merged"] == 1


def test_importing_again_changes_nothing(terminal, tmp_path, export):
    first = terminal("import", export, "--into", tmp_path / "w", "--as-of", "2025-12-31", "--json")
    before = tree(tmp_path)
    second = terminal("import", export, "--into", tmp_path / "w", "--as-of", "2025-12-31", "--json")
    later = terminal("import", export, "--into", tmp_path / "w", "--as-of", "2026-01-05", "--json")

    assert [json.loads(answer.out)["unchanged"] for answer in (first, second, later)] == [False, True, False]
    assert json.loads(first.out)["snapshot"] == json.loads(second.out)["snapshot"]
    assert set(before) < set(tree(tmp_path))  # control: another day is another snapshot


def test_without_json_the_report_is_in_the_language_of_the_workspace(terminal, tmp_path, export):
    turkish = terminal("import", export, "--into", tmp_path / "tr")
    english = terminal("import", export, "--into", tmp_path / "en", "--language", "en")

    assert "Fırsatlar" in turkish.out
    assert "Deals" in english.out


def test_an_import_says_where_the_page_of_what_it_found_lies(terminal, tmp_path, export):
    newer = terminal("import", export, "--into", tmp_path / "w", "--as-of", "2026-01-05", "--language", "en")
    older = terminal("import", export, "--into", tmp_path / "w", "--as-of", "2025-12-31", "--json")
    report = json.loads(older.out)
    pages = report["quality"]

    assert newer.out.splitlines()[-1].endswith(str(tmp_path / "w" / "quality" / "en.html"))
    assert set(pages) == {"en", "tr"}
    for page in pages.values():
        text = Path(page).read_text(encoding="utf-8")
        assert report["snapshot"] in text  # the page is of this import, although newer data are there


def test_semicolons_decimal_commas_and_cp1254_are_read_right(terminal, tmp_path):
    folder = import_support.put(tmp_path / "export", import_support.deal(amount="1234,50"))
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        comma = "opportunity" not in path.name  # the amount's own comma is not a separator
        text = (
            text.replace(",", ";")
            if comma
            else text.replace('"1234,50"', "@").replace(",", ";").replace("@", "1234,50")
        )
        path.write_bytes(text.encode("cp1254"))
    answer = terminal("import", folder, "--into", tmp_path / "w", "--as-of", "2025-12-31", "--json")
    snapshot = Workspace.open(tmp_path / "w").snapshot()

    assert answer.code == 0
    assert snapshot.read("rep")["full_name"].tolist() == ["Elif Yılmaz", "Can Işık"]
    assert snapshot.read("opportunity")["amount"].tolist() == [1234.5]


# --- wrong input: one clear message, exit 2, nothing changed ---------------------------------------


def broken_export(folder: Path, fault: str) -> Path:
    """An export with one *fault*."""
    import_support.put(folder)
    if fault == "missing":
        shutil.rmtree(folder)
    elif fault == "empty":
        (folder / "opportunity.csv").write_bytes(b"")
    elif fault == "heading only":
        heading = (folder / "opportunity.csv").read_text(encoding="utf-8").splitlines()[0]
        (folder / "opportunity.csv").write_text(heading + "\n", encoding="utf-8")
    elif fault == "encoding":
        (folder / "rep.csv").write_bytes("rep_id,full_name\nR1,Łucja Wiśniewska\n".encode("cp1250"))
    elif fault == "separator":
        (folder / "rep.csv").write_text("rep_id;full_name,email;x\nR1;Elif,e;x\nR2;Can,c;x\n", encoding="utf-8")
    elif fault == "no table":
        (folder / "opportunity.csv").unlink()
    elif fault == "workbook":
        (folder / "opportunity.csv").write_bytes(b"PK\x03\x04 and so on")
    elif fault == "no file":
        for path in folder.iterdir():
            path.unlink()
    return folder


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("missing", ["there is no such folder or file"]),
        ("no file", ["holds no files"]),
        ("empty", ["opportunity.csv", "is empty"]),
        ("heading only", ["opportunity.csv", "no rows"]),
        ("no table", ["opportunity"]),
        ("workbook", ["opportunity.csv", "not a text file"]),
        ("encoding", ["rep.csv", "encoding is not clear", "cp1254", "cp1250", "Łucja", "--encoding"]),
        ("separator", ["rep.csv", "comma or semicolon", "--separator"]),
    ],
)
def test_an_export_that_cannot_be_read_changes_nothing(terminal, tmp_path, home, fault, message):
    folder, before = broken_export(tmp_path / "export", fault), tree(home)
    there = terminal("import", folder, "--into", home)
    new = terminal("import", folder, "--into", tmp_path / "new")

    for answer in (there, new):
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("Error: ")
        assert answer.err.count("\n") == 1
        assert all(part in answer.err for part in message), answer.err
    assert tree(home) == before
    assert not (tmp_path / "new").exists()


def test_what_was_asked_can_be_answered(terminal, tmp_path):
    folder = broken_export(tmp_path / "export", "encoding")
    answer = terminal("import", folder, "--into", tmp_path / "w", "--encoding", "cp1250", "--as-of", "2025-12-31")

    assert answer.code == 0
    assert Workspace.open(tmp_path / "w").snapshot().read("rep")["full_name"].tolist() == ["Łucja Wiśniewska"]


@pytest.mark.parametrize("place", ["a file/w", "a file", "nowhere/w", "full", "/proc/w", "/proc/1/w"])
def test_a_workspace_that_cannot_be_made_there(terminal, tmp_path, export, place):
    (tmp_path / "a file").write_text("text", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "theirs.txt").write_text("text", encoding="utf-8")
    if place.startswith("/proc") and not Path("/proc/1").is_dir():
        pytest.skip("this system has no /proc")
    before = tree(tmp_path)
    answer = terminal("import", export, "--into", tmp_path / place, "--as-of", "2025-12-31")

    assert (answer.code, answer.out) == (2, "")
    assert place.lstrip("/") in answer.err
    assert tree(tmp_path) == before


def test_a_setting_of_the_workspace_is_not_overruled(terminal, home, export):
    before = tree(home)
    answer = terminal("import", export, "--into", home, "--currency", "EUR")

    assert answer.code == 2
    assert "says currency = TRY, not EUR" in answer.err
    assert tree(home) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--period", "2025Q7"], "'2025Q7' is not a period. Write a quarter as 2025Q4"),
        (["--period", "1990Q1"], "1990Q1 ends on 1990-03-31, and the data begin on 2025-10-01"),
        (["--period", "2026Q1"], "2026Q1 begins on 2026-01-01, and the data end on 2025-12-31"),
        (["--period", "2030Q1", "--rep", "R1"], "2030Q1 begins on 2030-01-01"),
        (["--as-of", "2025-09-30"], "No deal has a date up to 2025-09-30"),
        (["--as-of", "2026-01-01"], "The data end on 2025-12-31; as of 2026-01-01 is later"),
        (["--as-of", "31.12.2025"], "'31.12.2025' does not match"),
        (["--rep", "R9"], "There is no rep 'R9'. Known: ../x, CON, R1."),
        (["--rep", "R1", "--rep", "R9"], "There is no rep 'R9'"),
        (["--language", "de"], "'de' is not one of 'tr', 'en'"),
        (["--workers", "0"], "0 is not in the range"),
        (["--colour", "red"], "No such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_review_that_cannot_be_made_changes_nothing(terminal, home, options, message):
    before = tree(home)
    answer = terminal("review", home, *options)

    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert answer.err.splitlines()[-1].startswith("Error: ")
    assert "review/s" not in answer.err  # no progress bar for what never began
    assert tree(home) == before


@pytest.mark.parametrize("command", ["review", "serve", "lab"])
def test_a_folder_that_is_no_workspace_is_not_made_one(terminal, tmp_path, command):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    before = tree(tmp_path)
    there, missing = terminal(command, tmp_path), terminal(command, tmp_path / "none")

    assert (there.code, missing.code) == (2, 2)
    assert "there is no workspace here" in there.err
    assert "salescoach import EXPORT_FOLDER --into" in missing.err
    assert tree(tmp_path) == before


@pytest.mark.parametrize("command", ["review", "serve"])
def test_an_empty_workspace_asks_for_an_import(terminal, tmp_path, command):
    Workspace.create(tmp_path / "w")
    before = tree(tmp_path)
    answer = terminal(command, tmp_path / "w")

    assert answer.code == 2
    assert "nothing has been imported yet. Do it with: salescoach import" in answer.err
    assert tree(tmp_path) == before


def test_a_port_that_is_taken_is_named(terminal, home):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = terminal("serve", home, "--port", str(port))

    assert answer.code == 2
    assert f"Port {port} on 127.0.0.1 cannot be used" in answer.err


def test_a_demo_does_not_go_into_somebody_elses_workspace(terminal, home):
    before = tree(home)
    answer = terminal("demo", home, "--reps", "6", "--months", "12", "--no-serve")

    assert answer.code == 2
    assert "says name = " in answer.err
    assert tree(home) == before


@pytest.mark.parametrize(
    "arguments",
    [["review", "{home}", "--period", "2025Q7"], ["review", "{home}", "--language", "de"], ["import", "{home}"],
     ["import", "{home}/none", "--into", "{home}/w"], ["review"]],
    ids=" ".join,
)  # fmt: skip
def test_with_json_an_error_is_one_document_too(terminal, home, arguments):
    answer = terminal(*(argument.format(home=home) for argument in arguments), "--json")
    document = json.loads(answer.out)

    assert answer.code == 2
    assert set(document) == {"error"}
    assert document["error"] in answer.err


# --- a whole run, as a person starts it --------------------------------------------------------------


@dataclass(frozen=True)
class Story:
    """Three runs: one report cannot be put in its place, then it can, then Ctrl-C in the middle."""

    workspace: Workspace
    hindered: subprocess.CompletedProcess[str]
    mended: subprocess.CompletedProcess[str]
    interrupted: int
    kernels: list[psutil.Process]
    before: dict[str, bytes]
    after: dict[str, bytes]

    @property
    def folder(self) -> Path:
        return self.workspace.reviews / "2025Q4"


def kernels_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Kernels that *process* runs."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if "ipykernel_launcher" in child.cmdline():
                found.append(child)
        except psutil.Error:
            continue
    return found


def wait_for_kernels(process: subprocess.Popen[str]) -> list[psutil.Process]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if found := kernels_of(process):
            return found
        time.sleep(0.05)
    raise AssertionError("the run never started a kernel")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    workspace = organisation(tmp_path_factory.mktemp("story"))
    in_the_way = workspace.reviews / "2025Q4" / "tr" / f"{file_stem('R1')}.html" / "a folder in the file's place"
    in_the_way.mkdir(parents=True)
    hindered = salescoach("review", workspace.path, "--json")
    shutil.rmtree(in_the_way.parent)
    mended = salescoach("review", workspace.path, "--json")
    before = published(workspace)
    with subprocess.Popen(
        [*SALESCOACH, "review", str(workspace.path), "--force", "--workers", "2"], cwd=CHECKOUT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        kernels = wait_for_kernels(running)
        os.kill(running.pid, signal.SIGINT)
        running.communicate(timeout=60)
    return Story(workspace, hindered, mended, running.returncode, kernels, before, published(workspace))


TEAM = ""  # stands for everybody together among the reports


def statuses(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    return {report["rep_id"]: report["status"] for report in json.loads(done.stdout)["reports"]}


def test_a_report_that_fails_is_exit_1_and_the_others_are_made(story):
    assert story.hindered.returncode == 1, story.hindered.stderr
    assert statuses(story.hindered) == {"R1": "failed", "../x": "ok", "CON": "ok", TEAM: "ok"}


def test_a_review_answers_with_stable_keys(story):
    document: dict[str, Any] = json.loads(story.hindered.stdout)

    assert set(document) >= {"ok", "failed", "skipped", "cpu_seconds", "wall_seconds", "reports"}
    assert (document["ok"], document["failed"], document["skipped"]) == (3, 1, 0)
    for report in document["reports"]:
        assert set(report) == {"rep_id", "language", "status", "ipynb", "html", "reason", "run_id"}
        assert bool(report["reason"]) == (report["status"] == "failed")
        assert report["status"] == "failed" or all(Path(report[kind]).is_file() for kind in ("ipynb", "html"))


def test_progress_goes_to_standard_error(story):
    assert "4/4" in story.hindered.stderr
    assert "{" not in story.hindered.stderr


def test_the_next_run_makes_only_what_is_missing(story):
    assert story.mended.returncode == 0, story.mended.stderr
    assert statuses(story.mended) == {"R1": "ok", "../x": "skipped", "CON": "skipped", TEAM: "skipped"}
    assert len([name for name in story.before if name.endswith(".html") and "index" not in name]) == len(REPS) + 1


def test_ctrl_c_is_exit_130_and_leaves_no_kernel(story):
    gone, alive = psutil.wait_procs(story.kernels, timeout=15)

    assert story.interrupted == 130
    assert len(gone) == len(story.kernels) > 0
    assert alive == []


def test_ctrl_c_leaves_every_published_report_whole(story):
    """And it was in the middle: the run says of itself that it was interrupted."""
    runs = sorted((story.folder / "runs").glob("*.json"), key=lambda path: path.stat().st_mtime_ns)

    assert json.loads(runs[-1].read_text(encoding="utf-8"))["status"] == "interrupted"
    assert set(story.after) == set(story.before)
    assert all(content.rstrip().endswith((b"</html>", b"}")) for content in story.after.values())
    assert not (story.folder / ".staging").exists()
