"""What coaching left behind: one-on-ones, promises, feedback."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.synthetic import phrases
from salescoach.synthetic.away import Leaves
from salescoach.synthetic.parameters import Parameters
from salescoach.synthetic.people import People
from salescoach.synthetic.people_tables import Staff
from salescoach.synthetic.streams import Floats, Ints, Streams, choice, lognormal, pick
from salescoach.synthetic.view import View, chosen, numbered, table

_EVERY_DAYS = 14
_DRAWS = 10
_HELD, _CANCELLED = 0.84, 0.94  # the rest was missed
_PROMISED, _TOLD = 0.5, 0.4
_DONE, _DROPPED = 0.70, 0.80


@dataclass(frozen=True)
class Meetings:
    """One-on-ones planned before the export, by rep and time."""

    rep: Ints
    turn: Ints
    time: Floats
    uniform: Floats  # meetings × draws

    @property
    def held(self) -> Ints:
        """Positions of those that took place."""
        return np.flatnonzero(self.uniform[:, 1] < _HELD)


def meetings_of(people: People, leaves: Leaves, view: View, p: Parameters, streams: Streams) -> Meetings:
    """A one-on-one every second week of everybody, on a fixed weekday; none on leave."""
    turns = max(-(-int(view.cut) // _EVERY_DAYS), 1)
    uniform = streams.series("meetings", len(people), turns, _DRAWS)
    weekday = np.arange(len(people)) % 5
    day = view.days.ranked(view.days.working_rank(_EVERY_DAYS * np.arange(turns) + weekday[:, None]))
    time = day + 0.1 + 0.8 * uniform[:, :, 0]
    rep, turn = np.nonzero((time >= people.starts[:, None]) & (time < np.minimum(people.leaves, view.cut)[:, None]))
    here = ~leaves.away(rep, time[rep, turn])
    rep, turn = rep[here], turn[here]
    return Meetings(rep, turn, time[rep, turn], uniform[rep, turn])


def tables(meetings: Meetings, people: People, staff: Staff, view: View) -> dict[str, pd.DataFrame]:
    """Tables ``one_on_one``, ``action_item``, ``feedback``."""
    return {
        "one_on_one": _one_on_one(meetings, people, staff, view),
        "action_item": _action_item(meetings, people, view),
        "feedback": _feedback(meetings, people, staff, view),
    }


def _number(meetings: Meetings, rows: Ints) -> Ints:
    """A number for each meeting that a longer window leaves as it is."""
    return meetings.rep[rows] * 1_000 + meetings.turn[rows]


def _one_on_one(meetings: Meetings, people: People, staff: Staff, view: View) -> pd.DataFrame:
    every = np.arange(len(meetings.rep))
    luck = meetings.uniform[:, 1]
    held = luck < _HELD
    return table("one_on_one", {
        "one_on_one_id": numbered("W", _number(meetings, every), 7),
        "rep_id": chosen(people.ids, meetings.rep),
        "coach_id": chosen(staff.managers, people.team[meetings.rep]),
        "planned_at": view.moments(meetings.time),
        "held_at": view.moments(np.where(held, meetings.time, np.nan)),
        "status": chosen(("held", "cancelled", "missed"), np.where(held, 0, np.where(luck < _CANCELLED, 1, 2))),
        "duration_s": np.where(held, np.round(lognormal(meetings.uniform[:, 2], 2_400, 0.3)), np.nan),
    })  # fmt: skip


def _action_item(meetings: Meetings, people: People, view: View) -> pd.DataFrame:
    """A promise after every second meeting, most of them kept, some after the day they were promised for."""
    rows = meetings.held[meetings.uniform[meetings.held, 3] < _PROMISED]
    made, luck = meetings.time[rows], meetings.uniform[rows]
    days = np.array([14, 21, 28])[pick(luck[:, 4], 3)]
    ends = made + days * (0.4 + 0.8 * luck[:, 5])
    fate = np.where(luck[:, 6] < _DONE, 0, np.where(luck[:, 6] < _DROPPED, 1, 2))
    over = view.seen(ends) & (fate < 2)
    state = np.where(over, fate, np.where(made + 7 < view.cut, 2, 3))
    return table("action_item", {
        "action_id": numbered("Q", _number(meetings, rows), 7),
        "owner_id": chosen(people.ids, meetings.rep[rows]),
        "text": chosen(phrases.PROMISES[view.language], pick(luck[:, 7], len(phrases.COMPETENCIES))),
        "created_at": view.moments(made),
        "due": view.days.dates(np.floor(made) + days),
        "status": chosen(("done", "dropped", "in_progress", "open"), state),
        "closed_at": view.moments(np.where(over, ends, np.nan)),
    })  # fmt: skip


def _feedback(meetings: Meetings, people: People, staff: Staff, view: View) -> pd.DataFrame:
    """Feedback in a good part of the meetings, about something of the days before."""
    rows = meetings.held[meetings.uniform[meetings.held, 8] < _TOLD]
    luck = meetings.uniform[rows]
    kind = choice(luck[:, 9] * 53 % 1, np.array([0.5, 0.3, 0.2]))
    return table("feedback", {
        "feedback_id": numbered("Z", _number(meetings, rows), 7),
        "rep_id": chosen(people.ids, meetings.rep[rows]),
        "author_id": chosen(staff.managers, people.team[meetings.rep[rows]]),
        "given_at": view.moments(meetings.time[rows]),
        "about_event_at": view.moments(meetings.time[rows] - lognormal(luck[:, 9], 3.0, 0.8)),
        "kind": chosen(("strength", "development", "suggestion"), kind),
    })  # fmt: skip
