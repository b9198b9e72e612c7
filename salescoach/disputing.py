"""What an upheld objection does: the number is worked out again, and both figures are kept with the reasons."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace

from salescoach.calendar import Period
from salescoach.coaching.disputes import Dispute, Figure
from salescoach.diagnosis.findings import answer_of
from salescoach.errors import UsageError
from salescoach.known import Known, calendar_of, sales_data
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.report_files import Pair, reports_around
from salescoach.store import Record
from salescoach.store.models import Objection
from salescoach.store.service.identity import SIGNED_IN, USER
from salescoach.workspace import Workspace


def decided(
    home: Workspace, record: Record, objection: Objection, status: str, text: str, deals: tuple[str, ...], owner: str
) -> Objection:
    """Keep the answer; when it is upheld, the number as the data, so corrected, give it now is kept beside the first.

    *deals* are no longer those of the person but those of *owner*, for every page and run from then on.

    Raises
    ------
    UsageError
        a deal or an owner that the data do not hold, a deal that was never the person's, or a rule of the record.
    """
    _check_correction(home, objection, deals, owner)
    answered = record.save(
        replace(
            objection, status=status, answer=text, examined_by=record.principal.person, deals=deals or None,
            right_owner=owner or None,
        ),
        why=status,
    )  # fmt: skip
    return again(home, record, answered) if answered.is_upheld else answered


def again(home: Workspace, record: Record, objection: Objection) -> Objection:
    """Work the number of an upheld objection out again and keep it; unchanged when it gives the same."""
    data = sales_data(Known.at(home))
    metric_id, period = number_of(home, objection)
    now = answer_of(METRICS[metric_id].answer(Question.about(data, period, only=(objection.rep_id,))))
    new = replace(
        objection, again_value=_finite(now.value), again_low=_finite(now.low), again_high=_finite(now.high),
        again_n=now.n, again_as_of=data.as_of,
    )  # fmt: skip
    return objection if new == objection else record.save(new, why="recomputed")


def number_of(home: Workspace, objection: Objection) -> tuple[str, Period]:
    """Metric and period of the number; UsageError when the objection is about something else."""
    kind, _, rest = objection.number_ref.partition(":")
    metric_id, _, label = rest.partition(":")
    if kind != "metric" or metric_id not in METRICS:
        raise UsageError(f"{objection.number_ref} is no number that can be worked out again.")
    return metric_id, calendar_of(home.organisation).period(label, home.snapshot().as_of)


def deals_in_question(home: Workspace, objection: Objection) -> list[tuple[str, str]]:
    """(name, deal_id) of the person's deals that closed in the period of the number or are open, the newest first."""
    data = sales_data(Known.at(home))
    _, period = number_of(home, objection)
    deals = data.deals[data.deals["owner_id"] == objection.rep_id]
    asked = deals[deals["closed"].between(period.first, period.after - 1) | (deals["status"] == "open")]
    newest = asked.sort_values(["closed", "deal_id"], ascending=False, na_position="last")
    names = newest["name"].where(newest["name"].notna(), newest["deal_id"])
    return [(f"{name} ({deal})", str(deal)) for name, deal in zip(names, newest["deal_id"], strict=True)]


def owners_beside(home: Workspace, objection: Objection) -> list[tuple[str, str]]:
    """(name, rep_id) of everybody else who sells: whose a deal could be."""
    data = sales_data(Known.at(home))
    return [(str(data.reps.at[rep, "full_name"]), str(rep)) for rep in data.sellers if rep != objection.rep_id]


def reports_of(home: Workspace, objection: Objection) -> tuple[Pair, ...]:
    """The person's reports that were made again, each beside the one before; none while that was not done."""
    if objection.recomputed_run_id is None:
        return ()
    _, period = number_of(home, objection)
    return reports_around(home.reviews / period.label, objection.rep_id, objection.recomputed_run_id)


def reports_made_apart(home: Workspace, objection: Objection, by: str) -> None:
    """Have the reports of an upheld objection made again by the command, which a page that goes away does not end.

    Only for a record in a file: the process acts for the owner of the workspace, so a report says no less than before.
    *by* stands in the audit. UsageError with what the command said when it failed, and for a shared record.
    """
    if not home.database_url.startswith("sqlite"):
        raise UsageError(
            "The answer is kept. In a shared record whoever runs the reviews makes the reports again: "
            f"salescoach objections WORKSPACE --recompute {objection.id}"
        )
    environment = {name: value for name, value in os.environ.items() if name != SIGNED_IN} | {USER: by}
    command = [sys.executable, "-m", "salescoach.cli", "objections", str(home.path), "--recompute", str(objection.id)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UsageError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"Exit {done.returncode}.")


def dispute_of(objection: Objection) -> Dispute | None:
    """The objection as a page shows it; None when no figure was kept with it."""
    if objection.first_as_of is None or objection.created_at is None:
        return None
    first = _figure(objection.first_value, objection.first_low, objection.first_high, objection.first_n)
    second = _figure(objection.again_value, objection.again_low, objection.again_high, objection.again_n)
    state = "upheld" if objection.status == "closed" else objection.status
    return Dispute(
        objection.number_ref, objection.rep_id, objection.number_author or "", objection.created_at.date(),
        objection.text, Figure(*first, objection.first_as_of), state, objection.examined_by or "", objection.answer,  # type: ignore[arg-type]
        Figure(*second, objection.again_as_of) if objection.again_as_of else None,
        objection.changed_at.date() if objection.answer and objection.changed_at else None,
    )  # fmt: skip


def _figure(
    value: float | None, low: float | None, high: float | None, n: int | None
) -> tuple[float, float, float, int]:
    value, low, high = (math.nan if one is None else one for one in (value, low, high))
    return value, low, high, n or 0


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _check_correction(home: Workspace, objection: Objection, deals: tuple[str, ...], owner: str) -> None:
    if not deals:
        return
    data = sales_data(Known.at(home))
    if owner not in data.reps.index:
        raise UsageError.unknown("rep", owner, list(data.reps.index))
    mine = set(data.deals.loc[data.deals["owner_id"] == objection.rep_id, "deal_id"])
    for deal in deals:
        if deal not in mine:
            raise UsageError(f"{deal} is no deal of {objection.rep_id}. Nothing was saved.")
