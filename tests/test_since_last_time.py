"""What became of deals since the last meeting: an amount that nobody recorded is no zero."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd

from salescoach.calendar import Calendar
from salescoach.coaching.said import since_last_time
from salescoach.tables.data import SalesData

STAGES = pd.DataFrame(
    {"pipeline": "default", "stage": ["open", "won", "lost"], "order": [1, 2, 3], "kind": ["open", "won", "lost"]}
)


def lost_value(*amounts: float) -> float:
    """Together what R1 has lost since 1 October, of deals with these amounts."""
    deals = pd.DataFrame({
        "deal_id": [f"D{number}" for number in range(len(amounts))], "owner_id": "R1", "stage": "lost",
        "status": "lost", "amount": pd.Series(amounts, dtype=float), "currency": "TRY",
        "created_at": pd.Timestamp("2025-09-01"), "closed_at": pd.Timestamp("2025-10-10"),
    })  # fmt: skip
    people = pd.DataFrame({"rep_id": ["R1"], "full_name": ["A"], "role": ["AE"]})
    tables = {"opportunity": deals, "stage": STAGES, "rep": people}
    data = SalesData.build(tables, as_of=date(2025, 11, 1), calendar=Calendar(), currency="TRY")
    return since_last_time(data, "R1", date(2025, 10, 1)).lost_value


def test_deals_without_any_amount_come_to_no_answer():
    """Control: a plain sum says 0."""
    assert math.isnan(lost_value(math.nan, math.nan))
    assert pd.Series([math.nan, math.nan]).sum() == 0


def test_a_win_that_two_people_share_counts_for_each_as_the_bookings_count():
    """100 won by R1, 30 of it credited to R2. Control: by owner R1 would have all of it and R2 nothing."""
    deals = pd.DataFrame({
        "deal_id": ["D1"], "owner_id": "R1", "stage": "won", "status": "won", "amount": 100.0, "currency": "TRY",
        "created_at": pd.Timestamp("2025-09-01"), "closed_at": pd.Timestamp("2025-10-10"),
    })  # fmt: skip
    people = pd.DataFrame({"rep_id": ["R1", "R2"], "full_name": ["A", "B"], "role": "AE"})
    split = pd.DataFrame({"deal_id": "D1", "rep_id": ["R1", "R2"], "pct": [0.7, 0.3], "credit_type": "revenue"})
    tables = {"opportunity": deals, "stage": STAGES, "rep": people, "split": split}
    data = SalesData.build(tables, as_of=date(2025, 11, 1), calendar=Calendar(), currency="TRY")
    found = [since_last_time(data, rep, date(2025, 10, 1)) for rep in ("R1", "R2")]

    assert [(one.won, round(one.won_value)) for one in found] == [(1, 70), (1, 30)]


def test_what_is_recorded_is_added_up():
    assert lost_value(100.0, math.nan, 50.0) == 150
