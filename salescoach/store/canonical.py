"""The record as canonical tables, so that what was coached can be counted like everything else.

Hands out what the principal may count: that something took place and when, states and points. Words
that people wrote stay in the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from salescoach.store.models import (
    ORGANISATION,
    ActionItem,
    Answer,
    Feedback,
    Goal,
    Intervention,
    Objection,
    Observation,
    OneOnOne,
    TrainingCompletion,
)
from salescoach.store.service import Record
from salescoach.store.service.unit import Unit
from salescoach.tables.frames import complete

UNSAID = "–"  # stands for the words of a promise, which a count does not need
Row = Mapping[str, Any]


def canonical_tables(record: Record) -> dict[str, pd.DataFrame]:
    """Tables of :mod:`salescoach.tables.schema.coaching` with what the principal may count.

    Returns
    -------
    dict of table name to DataFrame
        ``one_on_one``, ``action_item``, ``feedback``, ``goal`` (one row per version), ``intervention``,
        ``observation``, ``answer``, ``training_completion``; without rows where there is nothing, or nothing to be
        seen. Ids are text, moments naive UTC, days midnight. What cannot be told apart from the record (a length, a
        grade) is missing.
    """
    with record.read() as unit:
        rows = {name: list(read(unit)) for name, read in _TABLES.items()}
    return {name: complete(name, _frame(found)) for name, found in rows.items()}


def corrections(record: Record) -> dict[str, tuple[str, str]]:
    """Deals moved by upheld objections: from whom, to whom. Of several about one deal the newest counts."""
    with record.read() as unit:
        upheld = [one for one in unit.stored(Objection) if one.is_upheld]
    return {deal: (one.rep_id, one.right_owner) for one in upheld for deal in one.deals or () if one.right_owner}


def _frame(rows: list[Row]) -> pd.DataFrame:
    return pd.DataFrame([{name: _value(value) for name, value in row.items()} for row in rows])


def _value(value: Any) -> Any:
    """A moment as the tables hold it: in UTC, without saying so."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _one_on_ones(unit: Unit) -> Iterable[Row]:
    for meeting in unit.countable(OneOnOne):
        yield {
            "one_on_one_id": str(meeting.id), "rep_id": meeting.rep_id, "coach_id": meeting.coach_id,
            "planned_at": meeting.planned_at or meeting.held_at or meeting.created_at, "held_at": meeting.held_at,
            "status": meeting.status, "duration_s": meeting.duration_s,
        }  # fmt: skip


def _action_items(unit: Unit) -> Iterable[Row]:
    for action in unit.countable(ActionItem):
        yield {
            "action_id": str(action.id), "owner_id": action.owner_id, "text": UNSAID, "created_at": action.created_at,
            "due": action.due, "status": action.status, "closed_at": action.closed_at,
        }  # fmt: skip


def _feedback(unit: Unit) -> Iterable[Row]:
    for given in unit.countable(Feedback):
        yield {
            "feedback_id": str(given.id), "rep_id": given.rep_id, "author_id": given.author,
            "given_at": given.created_at, "about_event_at": given.about_event_at, "kind": given.kind,
        }  # fmt: skip


def _goals(unit: Unit) -> Iterable[Row]:
    for present in unit.countable(Goal):
        for goal in unit.versions(present):
            yield {
                "goal_id": str(goal.id), "version": goal.version,
                "owner_id": goal.team_id or UNSAID if goal.rep_id == ORGANISATION else goal.rep_id,
                "kind": goal.kind, "metric_id": goal.metric_id, "baseline": goal.baseline, "target": goal.target,
                "start": goal.start, "due": goal.due, "direction": goal.direction, "status": goal.status,
                "recorded_at": goal.changed_at,
            }  # fmt: skip


def _observations(unit: Unit) -> Iterable[Row]:
    for seen in unit.countable(Observation):
        yield {
            "obs_id": str(seen.id), "template_id": seen.template_id, "version": seen.template_version,
            "rep_id": seen.rep_id, "observer_id": seen.observer_id, "occurred_at": seen.occurred_at,
            "subject_activity_id": seen.subject_activity_id, "subject_deal_id": seen.subject_deal_id,
            "is_self": seen.is_self,
        }  # fmt: skip


def _answers(unit: Unit) -> Iterable[Row]:
    for given in unit.countable(Answer):
        yield {
            "obs_id": str(given.observation_id), "item_id": given.item_id, "competency_id": given.competency_id,
            "value": given.value, "na": given.na,
        }  # fmt: skip


def _trainings(unit: Unit) -> Iterable[Row]:
    names = ("rep_id", "course_id", "assigned_at", "due", "status", "completed_at", "hours", "grade")
    for training in unit.countable(TrainingCompletion):
        yield {name: getattr(training, name) for name in names}


def _interventions(unit: Unit) -> Iterable[Row]:
    for planned in unit.countable(Intervention):
        yield {
            "intervention_id": str(planned.id), "rep_id": planned.rep_id, "driver": planned.driver,
            "metric_id": planned.metric_id, "start": planned.start, "end": planned.end, "hypothesis": UNSAID,
            "expected_effect": planned.expected_effect, "selection_reason": planned.selection_reason,
            "selection_window_start": planned.selection_window_start,
            "selection_window_end": planned.selection_window_end, "recorded_at": planned.created_at,
        }  # fmt: skip


_TABLES: Mapping[str, Callable[[Unit], Iterable[Row]]] = {
    "one_on_one": _one_on_ones,
    "action_item": _action_items,
    "feedback": _feedback,
    "goal": _goals,
    "intervention": _interventions,
    "observation": _observations,
    "answer": _answers,
    "training_completion": _trainings,
}
