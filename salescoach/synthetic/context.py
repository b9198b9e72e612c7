"""What else the organisation wrote down: seasons it reckons with, events, themes of what customers said."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.learning import Trainings
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.plants import Programme
from salescoach.synthetic.streams import Ints
from salescoach.synthetic.view import View, chosen, table

CODER = "demo"
_YEARLY = ((1, "price_change"), (4, "campaign"), (6, "outage"), (10, "product_release"))  # month, what


def seasonal_index(p: Parameters) -> pd.DataFrame:
    """Table ``seasonal_index``: the plan's months, which are the true ones without the moving feasts."""
    index = np.array(p.month_index) / np.mean(p.month_index)
    return table("seasonal_index", {
        "month": np.arange(1, 13),
        "index": np.round(index, 4),
        "scope": ["org"] * 12,
    })  # fmt: skip


def context_event(people: People, programmes: list[tuple[Programme, Ints]], view: View, p: Parameters) -> pd.DataFrame:
    """Table ``context_event``: price lists, fairs, new products, outages, new territories, coaching programmes."""
    said = phrases.EVENTS[view.language]
    rows: list[tuple[int, str, str, str]] = []
    for year in range(p.start.year, p.as_of.year + 1):
        rows += [(view.days.number(date(year, month, 5)), "org", kind, said[kind]) for month, kind in _YEARLY]
    rows += [
        (int(people.moved[rep]), people.ids[rep], "territory_change", said["territory_change"])
        for rep in np.flatnonzero(people.moved < people.leaves).tolist()
    ]
    for programme, reps in programmes:
        first = view.days.month_first(programme.month)
        rows += [(first, people.ids[rep], "training", said["training"]) for rep in reps.tolist()]
    rows = sorted(row for row in rows if 0 <= row[0] < view.cut)
    day, scope, kind, note = zip(*rows, strict=True) if rows else ((), (), (), ())
    return table("context_event", {
        "at": view.days.dates(np.array(day, dtype=np.float64)),
        "scope": list(scope),
        "kind": list(kind),
        "note": list(note),
    })  # fmt: skip


def theme_code(responses: pd.DataFrame, deals: pd.DataFrame, view: View) -> pd.DataFrame:
    """Table ``theme_code``: the theme of every comment, and of every reason for which a deal was lost."""
    said = responses[responses["comment"].notna()]
    texts = [text for group in phrases.COMMENTS[view.language] for text in group]
    theme_of = dict(zip(texts, phrases.COMMENT_THEMES, strict=True))
    lost = deals[deals["loss_reason"].notna() & deals["closed_at"].notna()]
    return table("theme_code", {
        "note_id": [*said["response_id"], *lost["deal_id"]],
        "kind": ["survey_response"] * len(said) + ["loss_reason"] * len(lost),
        "occurred_at": np.concatenate([said["answered_at"].to_numpy(), lost["closed_at"].to_numpy()]),
        "theme": [*(theme_of[text] for text in said["comment"]), *lost["loss_reason"]],
        "coder_id": [CODER] * (len(said) + len(lost)),
        "deal_id": [*said["deal_id"], *lost["deal_id"]],
        "quote": pd.Series([*said["comment"], *[None] * len(lost)], dtype="str"),
    })  # fmt: skip


def course(view: View) -> pd.DataFrame:
    """Table ``course``: one per stage of the process, one about the product, one about the CRM."""
    made = phrases.COURSES[view.language]
    return table("course", {
        "course_id": [f"O{number + 1}" for number in range(len(made))],
        "name": list(made),
        "topic": list(phrases.COURSE_TOPICS),
        "competency_id": list(phrases.COURSE_COMPETENCIES),
        "hours": [6.0, 6.0, 4.0, 8.0, 3.0, 2.0],
    })  # fmt: skip


def intervention(programmes: list[tuple[Programme, Ints]], people: People, view: View) -> pd.DataFrame:
    """Table ``intervention``: each programme as it was written down a week before it began."""
    days = view.days
    rows = [
        (number, rep, programme, days.month_first(programme.month))
        for number, (programme, reps) in enumerate(programmes, 1)
        for rep in reps.tolist()
        if days.month_first(programme.month) < view.cut
    ]
    first = np.array([row[3] for row in rows], dtype=np.float64)
    over = np.array([days.month_first(row[2].month + row[2].months) for row in rows], dtype=np.float64)
    since = np.array([days.month_first(max(row[2].month - row[2].before, 0)) for row in rows], dtype=np.float64)
    return table("intervention", {
        "intervention_id": [f"I{row[0]}-{people.ids[row[1]]}" for row in rows],
        "rep_id": [people.ids[row[1]] for row in rows],
        "driver": [f"stage_{row[2].stage}" for row in rows],
        "metric_id": ["stage_conversion"] * len(rows),
        "start": days.dates(first),
        "end": days.dates(over),
        "hypothesis": [phrases.EVENTS[view.language]["training"]] * len(rows),
        "expected_effect": np.full(len(rows), 0.2),
        "selection_reason": [row[2].reason for row in rows],
        "selection_window_start": days.dates(since),
        "selection_window_end": days.dates(first),
        "recorded_at": view.moments(first - 7 + 0.4),
    })  # fmt: skip


def training_completion(trainings: Trainings, people: People, view: View) -> pd.DataFrame:
    """Table ``training_completion``: those assigned by the export, finished or not."""
    rows = np.flatnonzero(view.seen(trainings.assigned))
    when = np.where(np.isfinite(trainings.done[rows]), trainings.done[rows], np.nan)
    done = view.seen(when)
    assigned = trainings.assigned[rows]
    gone = ~done & (assigned + 90 < view.cut)
    return table("training_completion", {
        "rep_id": chosen(people.ids, trainings.rep[rows]),
        "course_id": chosen([f"O{number + 1}" for number in range(6)], trainings.course[rows]),
        "assigned_at": view.moments(assigned),
        "due": view.days.dates(np.floor(assigned) + 30),
        "status": chosen(("started", "completed", "cancelled"), np.where(done, 1, np.where(gone, 2, 0))),
        "completed_at": view.moments(np.where(done, when, np.nan)),
        "hours": np.where(done, np.array([6.0, 6.0, 4.0, 8.0, 3.0, 2.0])[trainings.course[rows]], np.nan),
        "grade": np.where(done, trainings.grade[rows], np.nan),
    })  # fmt: skip
