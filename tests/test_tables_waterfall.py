"""The pipeline between two days: each step by hand, and any history balances to the last cent."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salescoach.calendar import Calendar
from salescoach.errors import TableError, UsageError
from salescoach.tables.data import SalesData
from salescoach.tables.waterfall import COLUMNS, LINES, balanced, hundredths, waterfall

FIRST, LAST = date(2025, 3, 31), date(2025, 6, 13)
Q2 = Calendar().period("2025Q2")


def state(day: date, *deals: dict[str, object], fx_rate: pd.DataFrame | None = None) -> SalesData:
    """The deals as an export of *day* has them; open, due in May and worth 100 unless said otherwise."""
    usual = {
        "owner_id": "elif", "stage": "Offer", "status": "open", "amount": 100.0, "currency": "TRY",
        "created_at": pd.Timestamp("2025-01-15"), "expected_close": pd.Timestamp("2025-05-20"), "closed_at": pd.NaT,
    }  # fmt: skip
    frame = pd.DataFrame([{"deal_id": f"d{place}", **usual, **deal} for place, deal in enumerate(deals)])
    people = sorted(set(frame["owner_id"])) if len(frame) else []
    tables = {
        "opportunity": frame if len(frame) else pd.DataFrame(columns=["deal_id", *usual]),
        "rep": pd.DataFrame({"rep_id": people, "full_name": people}),
        "stage": pd.DataFrame({"pipeline": ["Sales"], "stage": ["Offer"], "order": [1], "kind": ["open"]}),
    }
    if fx_rate is not None:
        tables["fx_rate"] = fx_rate
    return SalesData.build(tables, as_of=day, calendar=Calendar(), currency="TRY", exported=day)


def won(amount: float | None = 100.0, **more: object) -> dict[str, object]:
    return {"status": "won", "amount": amount, "closed_at": pd.Timestamp("2025-05-05 09:00"), **more}


def lines(before: list[dict[str, object]], after: list[dict[str, object]], **rates: pd.DataFrame) -> dict[str, int]:
    """The steps that are not zero, of everybody, for deals due in the second quarter, in whole units."""
    total = waterfall(state(FIRST, *before, **rates), state(LAST, *after, **rates), Q2).total()
    return {line: amount // 100 for line, amount in total.items() if amount}


LATER = {"expected_close": pd.Timestamp("2025-08-01")}
NEW = {"created_at": pd.Timestamp("2025-04-10")}


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ({}, {}, {"start": 100, "end": 100}),
        ({}, {"amount": 130.0}, {"start": 100, "increased": 30, "end": 130}),
        ({}, {"amount": 80.0}, {"start": 100, "decreased": -20, "end": 80}),
        ({}, LATER, {"start": 100, "pushed_out": -100}),
        (LATER, {}, {"pulled_in": 100, "end": 100}),
        (LATER, {"amount": 70.0}, {"pulled_in": 100, "decreased": -30, "end": 70}),
        ({}, won(120.0), {"start": 100, "increased": 20, "won": -120}),
        (LATER, won(), {"pulled_in": 100, "won": -100}),
        ({}, won(None, status="lost"), {"start": 100, "lost": -100}),
        ({}, won(status="cancelled"), {"start": 100, "cancelled": -100}),
        ({}, {"is_deleted": True}, {"start": 100, "cancelled": -100}),
        (won(closed_at=pd.Timestamp("2025-02-02")), {}, {"reopened": 100, "end": 100}),
        ({"amount": None}, {"amount": 60.0}, {"increased": 60, "end": 60}),
    ],
)
def test_each_step_by_hand(before, after, steps):
    assert lines([before], [after]) == steps


def test_new_deals_and_those_won_at_once():
    assert lines([], [NEW]) == {"new": 100, "end": 100}
    assert lines([], [won(**NEW)]) == {"new": 100, "won": -100}


def test_all_open_deals_together_are_neither_pulled_nor_pushed():
    total = waterfall(state(FIRST, {}), state(LAST, LATER)).total()

    assert total[["start", "end", "pushed_out"]].tolist() == [100_00, 100_00, 0]


def test_a_change_of_owner_moves_the_pipeline_and_changes_no_total():
    bridge = waterfall(state(FIRST, {}), state(LAST, {"owner_id": "can", "amount": 110.0}), Q2)

    assert bridge.table["owner_change"].to_dict() == {"can": 100_00, "elif": -100_00}
    assert bridge.table["end"].to_dict() == {"can": 110_00, "elif": 0}
    assert bridge.total(["can"])["increased"] == 10_00
    assert bridge.total()["owner_change"] == 0


def test_a_rate_that_moved_is_no_work_of_the_rep():
    days = pd.to_datetime(["2025-03-31", "2025-06-13"])
    rates = pd.DataFrame({"date": days, "currency": "EUR", "rate_to_base": [40.0, 50.0], "kind": "spot"})
    euro = {"currency": "EUR"}
    steps = lines([euro], [{**euro, "amount": 110.0}], fx_rate=rates)

    assert steps == {"start": 4000, "increased": 400, "currency": 1100, "end": 5500}


def test_the_steps_name_their_deals():
    bridge = waterfall(state(FIRST, {}, {}), state(LAST, won(120.0), {}, NEW), Q2)

    assert bridge.moves[["deal_id", "line", "amount"]].values.tolist() == [
        ["d2", "new", 100_00], ["d0", "increased", 20_00], ["d0", "won", -120_00],
    ]  # fmt: skip
    assert bridge.deals()[["new", "won", "lost"]].tolist() == [1, 1, 0]


# --- it balances -------------------------------------------------------------------------------

AMOUNTS = st.none() | st.integers(0, 10**9).map(lambda cents: cents / 100)
DAYS = st.integers(-60, 120).map(lambda days: pd.Timestamp("2025-03-15") + pd.Timedelta(days=days))
DEALS = st.fixed_dictionaries(
    {
        "owner_id": st.sampled_from(["elif", "can", "derya"]),
        "status": st.sampled_from(["open", "open", "won", "lost", "cancelled"]),
        "amount": AMOUNTS,
        "currency": st.sampled_from(["TRY", "EUR", "USD"]),
        "expected_close": DAYS | st.none(),
        "created_at": DAYS,
        "closed_at": DAYS,
        "is_deleted": st.sampled_from([False, False, False, True]),
    }
)
RATES = pd.DataFrame(
    {
        "date": pd.date_range("2025-01-01", "2025-06-30", freq="7D"),
        "currency": "EUR",
        "rate_to_base": np.linspace(38.1234, 47.4321, 26),
        "kind": "spot",
    }
)


@given(pairs=st.lists(st.tuples(DEALS, DEALS), max_size=12), due=st.sampled_from([Q2, None]))
@settings(max_examples=30, deadline=None)
def test_any_two_states_balance_to_the_last_cent(pairs, due):
    before = state(FIRST, *(old for old, _ in pairs), fx_rate=RATES)
    after = state(LAST, *(new for _, new in pairs), fx_rate=RATES)
    bridge = waterfall(before, after, due)

    explained = bridge.table[["start", *LINES]].sum(axis=1)
    assert (explained == bridge.table["end"]).all()
    for data, end in ((before, "start"), (after, "end")):
        deals = data.open()
        inside = deals if due is None else deals[deals["expected"].between(due.first, due.after - 1)]
        assert bridge.total()[end] == hundredths(inside["amount"]).sum()
    assert bridge.total()["owner_change"] == 0


@pytest.mark.parametrize("line", LINES)
def test_a_step_left_out_is_refused(line):
    """Each line is needed: without it a figure would be shown that does not add up."""
    row = dict.fromkeys(COLUMNS, 0) | {"start": 500, line: -1, "end": 499}
    balanced(pd.DataFrame([row], index=["elif"]))

    with pytest.raises(TableError, match="The waterfall of 'elif' does not balance"):
        balanced(pd.DataFrame([row | {line: 0}], index=["elif"]))


def test_sums_of_fractions_would_not_balance():
    """Why whole hundredths: with binary fractions ten deals of 0.10 are not 1."""
    tenths = pd.Series([0.1] * 10)

    assert sum(tenths) != 1.0
    assert hundredths(tenths).sum() == 100


def test_an_inferred_past_has_no_waterfall():
    before, after = state(FIRST, {}), state(LAST, {})
    guessed = SalesData.build(before.sources, as_of=FIRST, calendar=Calendar(), currency="TRY", exported=LAST)

    with pytest.raises(UsageError, match="How the deals stood on 2025-03-31 is not known"):
        waterfall(guessed, after)
    with pytest.raises(UsageError, match="2025-03-31 is not after 2025-06-13"):
        waterfall(after, before)


def test_the_days_between_do_not_matter():
    """From March to June in one step or in two: the ends meet."""
    middle = FIRST + timedelta(days=30)
    states = [state(FIRST, {}, {}), state(middle, {"amount": 150.0}, LATER), state(LAST, won(150.0), {})]
    whole = waterfall(states[0], states[2], Q2).total()
    parts = [waterfall(*pair, Q2).total() for pair in pairwise(states)]

    assert parts[0]["end"] == parts[1]["start"]
    assert (whole["start"], whole["end"]) == (parts[0]["start"], parts[1]["end"])
