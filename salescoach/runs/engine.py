"""One notebook executed through papermill in a process of its own, and our verdict on it.

The stock engine, tuned: one process per report, on any system. It writes no file of its own (papermill's
writer truncates its target first, and the caller publishes in one step) and knows nothing of batches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from salescoach.runs import parameters
from salescoach.runs.kernel import Guard, Kernel, socket_folder
from salescoach.runs.verdict import SENTINEL as SENTINEL
from salescoach.runs.verdict import Failure, make_honest, one_line, verdict

NAME = "stock"
CELL_TIMEOUT = 120
REPORT_TIMEOUT = 600
_START_TIMEOUT = 60
_OUTPUT_TIMEOUT = 60  # seconds from a cell's reply to its last output; nbclient's 4 are too few on a busy machine

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # what went wrong is in the outcome; the terminal belongs to the progress bar


@dataclass(frozen=True)
class Job:
    """One report to make. *folder* is private and empty, *environment* is added to the kernel's own."""

    notebook: NotebookNode
    parameters: Mapping[str, object]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    cell_timeout: int = CELL_TIMEOUT
    report_timeout: float = REPORT_TIMEOUT


@dataclass(frozen=True)
class Outcome:
    """What became of a job. ``notebook`` is missing only when not one cell was reached."""

    notebook: NotebookNode | None
    failure: Failure | None
    seconds: float


def execute(job: Job, guard: Guard | None = None) -> Outcome:
    """Run *job* to its end, its time-out or its death; *guard* lets another thread end it.

    Raises
    ------
    ParameterError
        Before anything is started, for a parameter that must not pass.
    """
    guard = guard or Guard()
    values = parameters.check(job.notebook, job.parameters)
    started = time.monotonic()
    deadline = threading.Timer(job.report_timeout, guard.end, ["deadline"])
    deadline.daemon = True
    deadline.start()
    try:
        with socket_folder(job.folder) as sockets:
            notebook, failure = _attempt(job, values, sockets, guard)
    finally:
        deadline.cancel()
    if notebook is not None:
        make_honest(notebook, failure)
    return Outcome(notebook, failure, time.monotonic() - started)


class _Engine(NBClientEngine):  # type: ignore[misc]
    """papermill's stock engine with a kernel that we started and a desk that keeps the notebook in reach."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, desk: _Desk, cell_timeout: int, **settings: Any
    ) -> Any:
        desk.notebook = nb_man.nb
        # papermill records paths of this machine and every parameter; the notebook will be passed on.
        for private in ("input_path", "output_path", "parameters", "default_parameters", "environment_variables"):
            nb_man.nb.metadata.papermill.pop(private, None)
        client = PapermillNotebookClient(
            nb_man,
            km=desk.kernel.manager,
            log=_log,
            timeout=cell_timeout,
            startup_timeout=_START_TIMEOUT,
            iopub_timeout=_OUTPUT_TIMEOUT,
            shutdown_kernel="immediate",
            on_cell_execute=desk.cell_begins,
        )
        return client.execute(cleanup_kc=True)


@dataclass
class _Desk:
    """What must survive when papermill raises: the kernel, the notebook as far as it got, the running cell."""

    kernel: Kernel
    notebook: NotebookNode | None = None
    cell: int = 0

    def cell_begins(self, **_: object) -> None:
        self.cell += 1


@cache
def _register() -> None:
    parameters.register()
    papermill_engines.register("salescoach", _Engine)


def _attempt(
    job: Job, values: Mapping[str, object], sockets: Path, guard: Guard
) -> tuple[NotebookNode | None, Failure | None]:
    """The executed notebook and what is wrong with it, the kernel gone."""
    _register()
    desk = _Desk(Kernel(sockets, job.folder, job.environment, guard))
    failure: Failure | None = None
    try:
        execute_notebook(
            deepcopy(job.notebook),
            None,
            parameters=dict(values),
            engine_name="salescoach",
            kernel_name=parameters.KERNEL,
            language="python",
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            progress_bar=False,
            log_output=False,
            desk=desk,
            cell_timeout=job.cell_timeout,
        )
    except PapermillExecutionError as error:
        failure = Failure("raised", desk.cell, detail=one_line(error.ename, error.evalue))
    except CellTimeoutError:
        failure = Failure("timeout", desk.cell, seconds=job.cell_timeout)
    except RuntimeError as error:  # a dead kernel is one, and so is a kernel that never became ready
        if desk.cell and not isinstance(error, DeadKernelError):
            raise
        code = desk.kernel.exit_code
        dead = Failure("signal" if code < 0 else "exit", desk.cell, code=abs(code))
        failure = dead if desk.cell else Failure("not_started", detail=desk.kernel.last_words)
    finally:
        desk.kernel.stop()
    if guard.cause:
        failure = Failure(guard.cause, desk.cell, seconds=job.report_timeout)
    if failure is None and desk.notebook is not None:
        failure = verdict(desk.notebook)
    return desk.notebook, failure
