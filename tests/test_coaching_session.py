"""A one-on-one is the rep's, begins with what was promised, is whole before it is signed; no draft is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product
from typing import get_args

import pytest
from coaching_support import keys, read
from hypothesis import given, settings
from hypothesis import strategies as st

from salescoach.calendar import Calendar
from salescoach.coaching.draft_merge import Clash, merged
from salescoach.coaching.feedback import Evidence
from salescoach.coaching.session import (
    AFTER_START,
    CADENCE,
    MOVES,
    Action,
    Item,
    Kind,
    Session,
    State,
    action_lacks,
    agenda_lacks,
    agenda_order,
    carried,
    close_lacks,
    missing_numbers,
    move_lacks,
    next_day,
    overdue,
    preread_by,
    preread_lacks,
)

CALENDAR = Calendar()
DAY = date(2026, 4, 10)
WHOLE = Session(
    5,
    "weekly",
    "R1",
    "C1",
    DAY,
    state="held",
    agenda=(Item("rep", "the Acme demo"),),
    numbers=("win_rate_count",),
    evidence=Evidence("observation", "O17", "R1"),
    skill_commitment="ask for the effect",
    deal_id="D1",
    deal_step="second contact by Friday",
    held=DAY,
)


# --- the agenda -----------------------------------------------------------------------------------------------------


def test_the_reps_points_come_first():
    items = [Item("coach", "forecast"), Item("rep", "Acme"), Item("rep", " "), Item("rep", "leave")]

    assert [item.text for item in agenda_order(items)] == ["Acme", "leave", "forecast"]
    assert agenda_lacks(items) == ()


@pytest.mark.parametrize(
    ("reps", "coaches", "found"), [(0, 1, ["none"]), (4, 0, ["many"]), (1, 2, ["coach"]), (3, 1, []), (0, 0, ["none"])]
)
def test_three_points_are_the_reps_and_one_is_the_coachs(reps, coaches, found):
    items = [Item("rep", "x")] * reps + [Item("coach", "y")] * coaches

    assert keys(agenda_lacks(items)) == [f"session.agenda.{key}" for key in found]


# --- what was promised ------------------------------------------------------------------------------------------------


def test_what_waits_from_the_last_session_comes_first():
    actions = [
        Action("old", "a", "R1", 2, due=date(2026, 3, 1)),
        Action("later", "b", "R1", 4, due=date(2026, 4, 9)),
        Action("soon", "c", "R1", 4, "in_progress", date(2026, 4, 2)),
        Action("done", "d", "R1", 4, "done"),
        Action("now", "e", "R1", 5),
    ]

    assert [one.action_id for one in carried(actions, 5)] == ["soon", "later", "old"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"text": " ", "due": DAY}, "no_text"),
        ({}, "no_day"),
        ({"due": date(2026, 4, 1)}, "overdue"),
        ({"status": "dropped"}, "no_reason"),
    ],
)
def test_a_promise_says_what_it_lacks(change, key):
    found = action_lacks(replace(Action("A1", "call", "R1", 4), **change), DAY)

    assert keys(found) == [f"session.action.{key}"]
    assert read(found, "tr")


# --- before and after -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"evidence": None}, "no_evidence"),
        ({"evidence": Evidence("deal", "D9", "R2")}, "foreign"),
        ({"numbers": ("win_rate_count",) * 7}, "numbers"),
        ({"numbers": ("happiness",)}, "unknown"),
    ],
)
def test_the_pre_read_says_what_it_lacks(change, key):
    found = preread_lacks(replace(WHOLE, **change))

    assert keys(found) == [f"session.preread.{key}"]
    assert read(found, "tr")
    assert preread_lacks(WHOLE, findings=3) == ()
    assert keys(preread_lacks(WHOLE, findings=4)) == ["session.preread.findings"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"held": None}, "not_held"),
        ({"skill_commitment": " "}, "no_skill"),
        ({"deal_step": ""}, "no_deal_step"),
        ({"deal_id": ""}, "no_deal"),
        ({"evidence": None}, "no_evidence"),
    ],
)
def test_closing_says_what_is_missing(change, key):
    found = close_lacks(replace(WHOLE, **change), [])

    assert keys(found) == [f"session.close.{key}"]
    assert read(found, "tr")
    assert close_lacks(WHOLE, []) == ()


def test_a_career_meeting_needs_no_deal():
    assert close_lacks(replace(WHOLE, kind="career", deal_step="", deal_id=""), []) == ()


@pytest.mark.parametrize(
    ("action", "answered"),
    [
        (Action("A1", "call", "R1", 4, "done"), True),
        (Action("A1", "call", "R1", 4, "dropped", reason="they signed elsewhere"), True),
        (Action("A1", "call", "R1", 4, "dropped"), False),
        (Action("A1", "call", "R1", 4, "open", date(2026, 4, 17)), True),
        (Action("A1", "call", "R1", 4, "in_progress", date(2026, 4, 3)), False),
        (Action("A1", "call", "R1", 4), False),
    ],
)
def test_each_carried_promise_is_answered(action, answered):
    assert (close_lacks(WHOLE, [action]) == ()) is answered


# --- who may do what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "to", "side"), [*product(get_args(State), get_args(State), ("rep", "coach"))])
def test_only_the_named_moves_are_open_and_to_the_named_side(state, to, side):
    found = move_lacks(replace(WHOLE, state=state), to, side)

    assert (found == ()) is (side in MOVES.get((state, to), ()))


def test_what_is_not_whole_is_neither_prepared_nor_signed():
    empty = Session(5, "weekly", "R1", "C1", DAY)

    assert keys(move_lacks(empty, "prepared", "coach")) == ["session.agenda.none", "session.preread.no_evidence"]
    assert "session.close.no_skill" in keys(move_lacks(replace(empty, state="held"), "signed", "rep"))
    assert keys(move_lacks(replace(WHOLE, signed=frozenset({"rep"})), "signed", "rep")) == [
        "session.move.signed_already"
    ]
    assert keys(move_lacks(replace(WHOLE, state="signed"), "held", "coach")) == ["session.move.closed"]


# --- days and numbers -------------------------------------------------------------------------------------------------


def test_every_kind_has_a_cadence_or_a_day_after_the_start():
    assert set(CADENCE) | set(AFTER_START) == set(get_args(Kind))


@settings(deadline=None)
@given(st.sampled_from(sorted(CADENCE)), st.dates(date(2025, 1, 1), date(2026, 9, 1)))
def test_the_next_session_falls_on_a_working_day_not_before_its_cadence(kind, last):
    day = next_day(kind, last, date(2024, 1, 1), CALENDAR)

    assert CADENCE[kind] <= (day - last).days <= CADENCE[kind] + 10
    assert CALENDAR.working_days(day, date.fromordinal(day.toordinal() + 1)) > 0


def test_a_new_hire_session_takes_place_once():
    start = date(2026, 1, 5)

    assert next_day("new_hire_30", None, start, CALENDAR) == date(2026, 2, 4)
    assert next_day("new_hire_30", date(2026, 2, 4), start, CALENDAR) is None


def test_the_pre_read_is_there_on_the_working_day_before():
    assert preread_by(date(2026, 4, 24), CALENDAR) == date(2026, 4, 22)  # the 23rd is a holiday


def test_gaps_in_the_numbers_are_seen():
    assert missing_numbers([1, 2, 4, 7]) == (3, 5, 6)
    assert missing_numbers([]) == ()


def test_three_weeks_without_a_meeting_are_told_to_the_manager():
    start = {"R1": date(2020, 1, 1), "R2": date(2020, 1, 1)}

    assert overdue({"R1": date(2026, 3, 20), "R2": date(2026, 3, 19)}, start, DAY) == (("R2", 22),)


# --- two drafts -------------------------------------------------------------------------------------------------------

LINES = st.lists(st.sampled_from("abcdef"), max_size=8).map("\n".join)


def test_what_two_wrote_in_different_places_is_put_together():
    assert merged("one\ntwo\nthree", "ONE\ntwo\nthree", "one\ntwo\nTHREE").text == "ONE\ntwo\nTHREE"


def test_where_both_changed_a_line_both_texts_stand_and_the_place_is_named():
    found = merged("plan", "plan A", "plan B")

    assert found.text == "plan A\nplan B"
    assert found.clashes == (Clash(("plan A",), ("plan B",)),)


@given(LINES, LINES)
def test_one_who_changed_nothing_changes_nothing(base, mine):
    wanted = "\n".join(mine.splitlines())

    assert merged(base, mine, base) == merged(base, base, mine)
    assert merged(base, mine, base).text == wanted
    assert merged(base, mine, base).clashes == ()
    assert merged(base, mine, mine).text == wanted


@given(LINES, LINES, LINES)
def test_nothing_that_anybody_added_is_lost(base, mine, theirs):
    """The last one to save would lose it all: that is the negative control of the test below."""
    text = set(merged(base, mine, theirs).text.splitlines())

    assert (set(mine.splitlines()) | set(theirs.splitlines())) - set(base.splitlines()) <= text


def test_the_last_to_save_would_lose_the_others_line():
    """Negative control."""
    base, mine, theirs = "a", "a\nmine", "theirs\na"

    assert "mine" not in theirs
    assert merged(base, mine, theirs).text == "theirs\na\nmine"
