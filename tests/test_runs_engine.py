"""One notebook, one process, one verdict. Every notebook here really runs."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from nbclient.exceptions import DeadKernelError

from salescoach import resources
from salescoach.runs import engine
from salescoach.runs.engine import SENTINEL, Job, Outcome
from salescoach.runs.verdict import Failure, one_line, verdict

END = f"from IPython.display import HTML, display\ndisplay(HTML('<i class=\"{SENTINEL}\"></i>'))"
DIES = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"


def notebook(*sources: str) -> Any:
    """Parameters, the given cells, and nothing else."""
    first = nbformat.v4.new_code_cell("rep = ''\nflag = True", metadata={"tags": ["parameters"]})
    cells = [first, *map(nbformat.v4.new_code_cell, sources)]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=spec)


def run(folder: Path, *sources: str, **limits: Any) -> Outcome:
    return engine.execute(Job(notebook(*sources), {"rep": "Ayşe Öztürk", "flag": False}, folder, **limits))


# What each of these notebooks does after its parameters, its limits, and what must be said of it.
FAULTS: dict[str, tuple[list[str], dict[str, Any], Failure]] = {
    "raises": (["1 / 0", END], {}, Failure("raised", 3, detail="ZeroDivisionError: division by zero")),
    "leaves": (["import sys\nsys.exit()", END], {}, Failure("raised", 3, detail="SystemExit")),
    "is killed": ([DIES, END], {}, Failure("signal", 3, code=9)),
    "exits": (["import os\nos._exit(3)", END], {}, Failure("exit", 3, code=3)),
    "exits at its end": ([END + "\nimport os\nos._exit(0)"], {}, Failure("exit", 3, code=0)),
    "hangs": (["import time\ntime.sleep(60)", END], {"cell_timeout": 3}, Failure("timeout", 3, seconds=3)),
    "shows no end": (["print('no end')"], {}, Failure("no_end")),
    "prints the end": ([f"print('{SENTINEL}')"], {}, Failure("no_end")),
    "cannot start": (
        [END],
        {"environment": {"PYTHONHOME": "/nowhere"}},
        Failure("not_started", detail="ModuleNotFoundError: No module named 'encodings'"),
    ),
}
LOOKS = """
import os, subprocess, sys
print(sys.executable)
print(os.environ["OMP_NUM_THREADS"], os.environ["GIVEN"])
print(rep, type(flag).__name__)
print(get_ipython().history_manager.hist_file)
print(get_ipython().profile_dir.location)
print(subprocess.Popen(["sleep", "600"]).pid)
"""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """The outcomes of all faulty notebooks, executed four at a time."""
    with ThreadPoolExecutor(4) as pool:
        runs = {
            name: pool.submit(run, tmp_path_factory.mktemp("fault"), *sources, **limits)
            for name, (sources, limits, _) in FAULTS.items()
        }
        return {name: future.result() for name, future in runs.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """The outcome of a good notebook that looked around, and its folder."""
    folder = tmp_path_factory.mktemp("whole")
    return run(folder, LOOKS, END, environment={"GIVEN": "by the caller"}), folder


@pytest.fixture(scope="module")
def seen(whole: tuple[Outcome, Path]) -> list[str]:
    """The lines that it printed."""
    cells = [cell for cell in whole[0].notebook.cells if cell.cell_type == "code"]
    return "".join(output.text for output in cells[2].outputs).splitlines()


def test_a_whole_notebook_is_good(whole: tuple[Outcome, Path]) -> None:
    assert whole[0].failure is None
    assert whole[0].notebook.metadata.papermill["exception"] is False


def test_it_runs_in_this_interpreter_with_one_thread_and_the_given_environment(seen: list[str]) -> None:
    assert seen[:2] == [sys.executable, "1 by the caller"]


def test_parameters_arrive_with_their_letters_and_types(seen: list[str]) -> None:
    assert seen[2] == "Ayşe Öztürk bool"


def test_the_users_history_and_profile_are_left_alone(seen: list[str], whole: tuple[Outcome, Path]) -> None:
    assert seen[3] == ":memory:"
    assert Path(seen[4]).is_relative_to(whole[1])


def test_what_a_notebook_started_ends_with_it(seen: list[str]) -> None:
    orphan = int(seen[5])
    # Killed at once, but it stays a zombie as long as nobody asks for it.
    assert not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE


def test_the_notebook_carries_no_path_and_no_second_copy_of_the_parameters(whole: tuple[Outcome, Path]) -> None:
    kept = set(whole[0].notebook.metadata.papermill)
    assert kept == {"version", "start_time", "end_time", "duration", "exception"}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_way_to_fail_is_told_with_its_cell(fault: str, failed: dict[str, Outcome]) -> None:
    outcome = failed[fault]
    assert outcome.failure == FAULTS[fault][2]
    nbformat.validate(outcome.notebook)
    assert outcome.notebook.metadata.papermill["exception"] is True


def test_after_a_death_the_notebook_says_which_cells_never_ran(failed: dict[str, Outcome]) -> None:
    notebook = failed["is killed"].notebook
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.metadata.papermill["status"] for cell in code] == ["completed", "completed", "failed", "pending"]
    assert "not complete" in notebook.cells[0].source


def test_papermill_alone_calls_a_dead_notebook_completed(tmp_path: Path) -> None:
    """Negative control: a check of papermill's metadata would publish this."""
    path = tmp_path / "dead.ipynb"
    with pytest.raises(DeadKernelError):
        papermill.execute_notebook(notebook(DIES, END), str(path), progress_bar=False)
    dead = nbformat.read(path, as_version=4)
    assert dead.metadata.papermill["exception"] is None
    assert {cell.metadata.papermill["status"] for cell in dead.cells} == {"completed"}

    failure = verdict(dead)
    assert failure is not None
    assert failure.cause == "incomplete"


def test_a_report_that_takes_too_long_is_ended_wherever_it_is(tmp_path: Path) -> None:
    outcome = run(tmp_path, "import time\ntime.sleep(60)", END, report_timeout=3)
    assert outcome.failure is not None
    assert (outcome.failure.cause, outcome.failure.seconds) == ("deadline", 3)


def test_a_wrong_parameter_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        engine.execute(Job(notebook(END), {"workspace": tmp_path}, tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_error_cell_that_is_meant_does_not_fail_the_report() -> None:
    shown = nbformat.v4.new_output("error", ename="ValueError", evalue="meant", traceback=[])
    ends = nbformat.v4.new_output("display_data", {"text/html": SENTINEL})
    meant = nbformat.v4.new_code_cell("x", execution_count=1, outputs=[shown], metadata={"tags": ["raises-exception"]})
    last = nbformat.v4.new_code_cell("y", execution_count=2, outputs=[ends])
    assert verdict(nbformat.v4.new_notebook(cells=[meant, last])) is None
    meant.metadata["tags"] = []
    assert verdict(nbformat.v4.new_notebook(cells=[meant, last])) == Failure("raised", 1, detail="ValueError: meant")


@pytest.mark.parametrize("language", ["en", "tr"])
@pytest.mark.parametrize("cause", sorted(Failure.SLOTS))
def test_every_cause_has_a_sentence_in_both_languages(cause: str, language: str) -> None:
    failure = Failure(cause, cell=4, seconds=2.5, code=9, detail="KeyError: 'rep'")
    assert "{" not in failure.sentence(resources.load_words(language))


def test_a_reason_is_one_line_whatever_the_error_says() -> None:
    told = one_line("ValueError", "\x1b[31mred\x1b[0m\ttab" + "x" * 500 + "\nTraceback (most recent call last)")
    assert told.startswith("ValueError: red tab")
    assert len(told) <= 220
    assert "Traceback" not in told
