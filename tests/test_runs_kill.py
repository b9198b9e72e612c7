"""A batch killed with ``kill -9``: whole files only, and the next run finishes the work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator

import nbformat
import pytest
from runs_support import CHECKOUT, organisation, published, review

from salescoach.report_files import file_stem
from salescoach.runs.verdict import verdict
from salescoach.workspace import Workspace

# Imports once, then forks a run for each line it reads, which dies by its own hand next to the os.replace
# that makes a file appear, or in the caller's progress. Answers with the signal that the run died of.
KILLED_RUNS = """
    import os, pathlib, signal, sys
    from runs_support import review
    import alembic.command, duckdb, nbconvert.exporters, salescoach.review, salescoach.runs.batch
    from salescoach.workspace import Workspace
    workspace = Workspace.open(pathlib.Path(sys.argv[1]))
    replace = os.replace

    def run(ending, moment):
        def deadly(source, target):
            hit = str(target).endswith(ending)
            if hit and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            replace(source, target)
            if hit:
                os.kill(os.getpid(), signal.SIGKILL)
        def progress(done, total):
            if ending == "a finished report" and done == 1:
                os.kill(os.getpid(), signal.SIGKILL)
        os.replace = deadly
        review(workspace, reps=["R1"], force=True, progress=progress)

    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                run(*line.rstrip().split("|"))
            finally:
                os._exit(1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
STEM = file_stem("R1")
POINTS = [
    ("plotly.min.js", "before"),
    (f"tr/{STEM}.ipynb", "before"),
    (f"tr/{STEM}.ipynb", "after"),
    (f"tr/{STEM}.html", "before"),
    (f"tr/{STEM}.html", "after"),
    ("a finished report", "written down"),
    ("index.html", "before"),
    ("index.html", "after"),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One workspace for all kills: each finds what the one before left."""
    return organisation(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def killed_runs(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """The program that runs and kills batches in *workspace*."""
    paths = os.pathsep.join([str(CHECKOUT), str(CHECKOUT / "tests")])
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(KILLED_RUNS), str(workspace.path)],
        env=os.environ | {"PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program


def check_whole(workspace: Workspace) -> None:
    """Every file that a person could open is whole."""
    for name, content in published(workspace).items():
        if name.endswith(".html"):
            assert content.rstrip().endswith(b"</html>"), name
        else:
            assert verdict(nbformat.reads(content.decode(), as_version=4)) is None, name
    for path in (workspace.reviews / "2025Q4" / "runs").glob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("ending", "moment"), POINTS)
def test_a_killed_run_leaves_whole_files_only(
    workspace: Workspace, killed_runs: subprocess.Popen[str], ending: str, moment: str
) -> None:
    assert killed_runs.stdin is not None
    assert killed_runs.stdout is not None
    print(f"{ending}|{moment}", file=killed_runs.stdin, flush=True)
    assert killed_runs.stdout.readline() == f"{-signal.SIGKILL}\n"
    check_whole(workspace)


def test_the_next_run_finishes_the_work_and_sweeps(workspace: Workspace) -> None:
    """Comes after the kills: the record may end in half a line, and staging holds what was never published."""
    folder = workspace.reviews / "2025Q4"
    with (folder / "runs" / "results.jsonl").open("a", encoding="utf-8") as record:
        record.write('{"run_id": "killed while it wr')

    assert review(workspace, reps=["R1"], force=True).ok == 1
    assert review(workspace, reps=["R1"]).skipped == 1
    check_whole(workspace)
    assert sorted(published(workspace)) == ["index.html", f"tr/{STEM}.html", f"tr/{STEM}.ipynb"]
    assert not (folder / ".staging").exists()
    manifests = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "runs").glob("*.json")]
    assert sorted(run["status"] for run in manifests) == ["finished"] * 2 + ["killed"] * len(POINTS)
