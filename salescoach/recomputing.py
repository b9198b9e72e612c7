"""The last step of an upheld objection: the reports that it changes are made again, and those before stay readable."""

from __future__ import annotations

from dataclasses import replace

from salescoach.disputing import number_of
from salescoach.errors import SalesCoachError, UsageError
from salescoach.report_files import reports_around
from salescoach.runs import run_reviews
from salescoach.runs.results import RunResult
from salescoach.store import Record
from salescoach.store.models import Objection
from salescoach.workspace import Workspace


def recomputed(home: Workspace, record: Record, objection: Objection) -> Objection:
    """Make the reports about the person again, and about who gets their deals; the objection then names the run.

    In every language in which the person has a report of that period, else in the organisation's. Doing it again after
    a crash makes nothing twice.

    Raises
    ------
    UsageError
        the objection was not upheld, or the report cannot be made now: the answer that was given stays.
    """
    if not objection.is_upheld:
        raise UsageError(f"Objection {objection.id} was not upheld, so there is nothing to work out again.")
    _, period = number_of(home, objection)
    there = reports_around(home.reviews / period.label, objection.rep_id, "")
    languages = [pair.language for pair in there] or [home.organisation.language]
    reps = [objection.rep_id, *([objection.right_owner] if objection.right_owner else [])]
    try:
        result = run_reviews(home, period=period.label, languages=languages, reps=reps, keep_before=True)
    except SalesCoachError as error:
        raise UsageError(f"{error} {_later(objection)}") from error
    run_id = _run_about(result, objection)
    return record.save(replace(objection, recomputed_run_id=run_id), why="reports made again")


def _run_about(result: RunResult, objection: Objection) -> str:
    """The run that made the person's reports; UsageError when one of them failed."""
    own = [report for report in result.reports if report.rep_id == objection.rep_id]
    for report in own:
        if report.run_id is None or report.status == "failed":
            raise UsageError(f"The report about {report.rep_id} failed: {report.reason} {_later(objection)}")
    return max(str(report.run_id) for report in own)


def _later(objection: Objection) -> str:
    return f"The answer is kept. Make the reports later: salescoach objections WORKSPACE --recompute {objection.id}"
