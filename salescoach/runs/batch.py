"""All reviews of a period: in parallel, each on its own, published only when whole.

One report's failure leaves the others and the last good report untouched. A report whose materials
have not changed is not made again. Interrupted or killed, a run leaves whole files only.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas

from salescoach.errors import UsageError, WorkspaceError
from salescoach.resources import load_words, root
from salescoach.runs import engine
from salescoach.runs.engine import Job, Outcome
from salescoach.runs.folder import PeriodFolder
from salescoach.runs.index import index_page
from salescoach.runs.kernel import Guard
from salescoach.runs.numbers import Numbers, numbers_said
from salescoach.runs.plan import TEAM, WORKSPACE_VARIABLE, Person, Plan, Report, plan
from salescoach.runs.publish import keep_report, publish_plotly, publish_report, written
from salescoach.runs.record import Entry, Record, close_killed_runs, write_manifest
from salescoach.runs.results import Progress, ReportResult, RunResult
from salescoach.runs.verdict import Failure

if TYPE_CHECKING:
    from salescoach.workspace import Workspace

ENGINE = {"name": engine.NAME, "why": "one new process per report: the engine that runs on every system"}


def run_reviews(
    workspace: Workspace,
    *,
    period: str,
    languages: Sequence[str],
    reps: Sequence[str] | None = None,
    as_of: date | None = None,
    workers: int | None = None,
    notebook: Path | None = None,
    progress: Progress | None = None,
    team: bool = False,
    fail_fast: bool = False,
    force: bool = False,
    keep_before: bool = False,
    cell_timeout: int = engine.CELL_TIMEOUT,
    report_timeout: float = engine.REPORT_TIMEOUT,
) -> RunResult:
    """Make, or leave as they are, the reviews of *period* in *languages*.

    Parameters
    ----------
    reps : rep ids, optional
        Everybody whom a review can say something about, when not given.
    as_of : date, optional
        Last day whose events are known; the snapshot's own day when not given.
    workers : int, optional
        Reports made at the same time; one per core when not given.
    notebook : Path, optional
        Another notebook than ``rep_review.ipynb``, with the same parameters.
    team : bool
        Also the review of everybody together.
    fail_fast, force : bool
        Start nothing new after the first failure; make unchanged reports again.
    keep_before : bool
        Keep each report that a new one takes the place of, beside it, for good.
    cell_timeout, report_timeout : seconds
        Longest time for one cell, and for a whole report.

    Raises
    ------
    UsageError, WorkspaceError
        before any report is touched: a request that cannot be met, a run that is already there.
    KeyboardInterrupt
        after the running notebooks were ended and the run was recorded as interrupted.
    """
    clock = _Clock()
    if workers is not None and workers < 1:
        raise UsageError(f"{workers} reports at a time make none; give 1 or more.")
    request = plan(workspace, period=period, languages=languages, reps=reps, as_of=as_of, notebook=notebook, team=team)
    limits = _Limits(workers or _cores(), fail_fast, force, keep_before, cell_timeout, report_timeout)
    try:
        with PeriodFolder.open(workspace.reviews / request.period.label) as folder:
            close_killed_runs(folder)
            return _Run(request, folder, limits, clock).go(progress or _silence)
    except OSError as error:
        raise WorkspaceError(
            f"{workspace.reviews}: the run could not be written down ({error.strerror}). What was published is whole; "
            "make room or give the right to write, and start again."
        ) from error


@dataclass(frozen=True)
class _Limits:
    workers: int
    fail_fast: bool
    force: bool
    keep_before: bool
    cell_timeout: int
    report_timeout: float


@dataclass(frozen=True)
class _Made:
    """What a thread brings back: the outcome, and what there is to publish of it."""

    outcome: Outcome
    contents: Mapping[str, str]

    @classmethod
    def broken(cls, cause: str, error: Exception) -> _Made:
        return cls(Outcome(None, Failure.of(cause, error), 0.0), {})


class _Clock:
    """Wall time and the CPU time of this process and of the children that it has reaped."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)
        self._wall, self._cpu = time.monotonic(), self._used()

    @property
    def wall_seconds(self) -> float:
        return round(time.monotonic() - self._wall, 3)

    @property
    def cpu_seconds(self) -> float:
        return round(self._used() - self._cpu, 3)

    @staticmethod
    def _used() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system


class _Run:
    """One run, from its first report to its manifest."""

    def __init__(self, request: Plan, folder: PeriodFolder, limits: _Limits, clock: _Clock) -> None:
        self.request, self.folder, self.limits, self.clock = request, folder, limits, clock
        self.run_id = f"{clock.moment:%Y%m%dT%H%M%SZ}-{uuid4().hex[:6]}"
        self.record = Record(folder)
        self.results: dict[tuple[str, str], ReportResult] = {}
        self.numbers: Numbers = {}
        self._environment = _environment(request.workspace.path) | _bytecode(folder.staging)
        self._guards: list[Guard] = []
        self._lock = threading.Lock()
        self._stopped = False

    def go(self, progress: Progress) -> RunResult:
        """Make every report that needs it; always leaves an index and a manifest that say how it ended."""
        self.numbers = numbers_said(self.request.workspace, self.request.period, self.request.as_of)
        self._write_manifest("running")
        status = "interrupted"
        try:
            publish_plotly(self.folder, self.request.languages)
            self._make_all(progress)
            status = "finished"
        finally:
            index = self._write_index()
            self._write_manifest(status)
        return RunResult.of(
            [self.results[report.about] for report in self.request.reports],
            cpu=self.clock.cpu_seconds,
            wall=self.clock.wall_seconds,
            engine=ENGINE["name"],
            period=self.request.period.label,
            index=str(index),
        )

    def _make_all(self, progress: Progress) -> None:
        progress(0, len(self.request.reports))
        to_make: list[Report] = []
        for report in self.request.reports:
            kept = None if self.limits.force else self.record.unchanged(report.about, report.key)
            if kept:
                self._note(report, self._result(report, "skipped", kept.files, run_id=kept.run_id), progress)
            else:
                to_make.append(report)
        with ThreadPoolExecutor(self.limits.workers, thread_name_prefix="report") as pool:
            try:
                futures = {pool.submit(self._make, report): report for report in to_make}
                for future in as_completed(futures):
                    self._note(futures[future], self._finished(futures[future], future), progress)
            except BaseException:
                self._end_kernels()
                raise

    def _make(self, report: Report) -> _Made | None:
        """Execute *report* in this thread; None when the run was stopped before its turn came."""
        guard = Guard()
        with self._lock:
            if self._stopped:
                return None
            self._guards.append(guard)
        job = Job(
            report.notebook,
            report.parameters,
            self.folder.workplace(),
            self._environment,
            self.limits.cell_timeout,
            self.limits.report_timeout,
        )
        outcome = engine.execute(job, guard)
        if outcome.failure and self.limits.fail_fast:
            self._stopped = True  # here, before this thread takes the next report
        return _Made(outcome, written(report, outcome, self.request.period, self.request.as_of))

    def _end_kernels(self) -> None:
        """Start nothing more and end what runs; the threads then come to their end by themselves."""
        with self._lock:
            self._stopped = True
            for guard in self._guards:
                guard.end("stopped")

    def _finished(self, report: Report, future: Future[_Made | None]) -> ReportResult:
        """Publish what a thread brought and write it down."""
        error = future.exception()
        if isinstance(error, Exception):  # one report's trouble, ours or the disk's, must not end the others
            made = _Made.broken("unwritten" if isinstance(error, OSError) else "broken", error)
        elif (result := future.result()) is None:
            return self._result(report, "skipped", (), Failure("not_run"))
        else:
            made = result
        stays: tuple[str, ...] = ()
        try:
            if self.limits.keep_before and made.outcome.failure is None:
                stays = keep_report(self.folder, self.record.published.get(report.about), self.run_id)
            files = publish_report(self.folder, report, made.contents)
        except OSError as full:
            made, files = _Made.broken("unwritten", full), {}
        outcome = made.outcome
        entry = Entry(
            run_id=self.run_id,
            rep_id=report.person.rep_id,
            language=report.language,
            status="failed" if outcome.failure else "ok",
            key=report.key,
            as_of=self.request.as_of.isoformat(),
            seconds=round(outcome.seconds, 3),
            files=files,
            failure=outcome.failure,
            kept=stays,
        )
        self.record.add(entry)
        return self._result(report, entry.status, files, outcome.failure, self.run_id)

    def _note(self, report: Report, result: ReportResult, progress: Progress) -> None:
        self.results[report.about] = result
        progress(len(self.results), len(self.request.reports))

    def _result(
        self, report: Report, status: str, files: Iterable[str], failure: Failure | None = None,
        run_id: str | None = None,
    ) -> ReportResult:  # fmt: skip
        paths = {name.rsplit(".", 1)[1]: str(self.folder.path / name) for name in files}
        reason = failure.sentence(load_words("en")) if failure else None
        return ReportResult(*report.about, status, paths.get("ipynb"), paths.get("html"), reason, run_id)

    def _write_index(self) -> Path:
        """The page of the period: everybody of this run and of the runs before it, in every language so far."""
        known = set(self.record.latest) | {report.about for report in self.request.reports}
        known = {about for about in known if about[0] != TEAM}
        people = {rep_id: self.request.people.get(rep_id) or Person(rep_id, rep_id) for rep_id, _ in known}
        home = self.request.workspace.organisation
        page = index_page(
            list(people.values()),
            sorted({code for _, code in known}, key=lambda code: (code != home.language, code)),
            self.record,
            period=self.request.period.label,
            organisation=home.name,
        )
        return self.folder.write(page, "index.html")

    def _write_manifest(self, status: str) -> None:
        """From what, with what and by what this run made its reports, and what came out so far."""
        seconds = {about: entry.seconds for about, entry in self.record.latest.items() if entry.run_id == self.run_id}
        reports = [
            {
                "rep_id": report.person.rep_id,
                "language": report.language,
                "key": report.key,
                "status": self.results[report.about].status,
                "reason": self.results[report.about].reason,
                "seconds": seconds.get(report.about),
            }
            for report in self.request.reports
            if report.about in self.results
        ]
        manifest = {
            "run_id": self.run_id,
            "status": status,
            "started_at": self.clock.moment.isoformat(timespec="seconds"),
            "cpu_seconds": self.clock.cpu_seconds,
            "wall_seconds": self.clock.wall_seconds,
            "limits": asdict(self.limits),
            "engine": ENGINE,
            "asked_for": len(self.request.reports),
            "numbers": self.numbers,
            "reports": reports,
        }
        write_manifest(self.folder, self.run_id, manifest | self.request.bill_of_materials())


def _environment(workspace: Path) -> dict[str, str]:
    """What a notebook's process must know: the workspace, and where this very salescoach is."""
    variables = {WORKSPACE_VARIABLE: str(workspace.resolve())}
    checkout = root()
    if (checkout / "salescoach").is_dir():
        paths = [str(checkout), *filter(None, [os.environ.get("PYTHONPATH")])]
        variables["PYTHONPATH"] = os.pathsep.join(paths)
    return variables


def _bytecode(place: Path) -> dict[str, str]:
    """Where the processes of a run share what they compile, when this Python is told to leave none beside the sources.

    Each report would otherwise compile all its libraries again, which takes longer than the report. *place* goes away
    with the run, so nothing is left behind.
    """
    compiled = Path(cache_from_source(str(pandas.__file__)))
    if not sys.dont_write_bytecode or compiled.exists():
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(place / "bytecode")}


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _silence(done: int, total: int) -> None:
    """Progress for callers that do not show any."""
