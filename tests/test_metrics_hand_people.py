"""Metrics of leads, work, cost and forecasts, each worked out by hand, beside the naive number."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hand import activities, costs, deal, quotas, value
from tiny import organisation

OPEN = [deal("open", deal_id="a"), deal("open", deal_id="b")]


# --- from a lead to a customer


def test_leads_are_followed_to_the_deal_and_to_the_customer():
    """Five leads of 1 April: three became a deal, two of these were won within 30 days: 3/5, 2/5, of the deals 2/3."""
    deals = [
        deal(end, None if end == "open" else "2025-04-20", deal_id=f"l{place}", source="web")
        for place, end in enumerate(["won", "won", "open", "open", "open"])
    ]
    leads = pd.DataFrame(
        {
            "lead_id": list("abcde"), "created_at": pd.Timestamp("2025-04-01 06:00"), "owner_id": "elif",
            "status": ["converted"] * 3 + ["working"] * 2, "source": "web",
            "converted_at": [pd.Timestamp("2025-04-03 06:00")] * 3 + [pd.NaT] * 2,
            "converted_deal_id": ["l0", "l1", "l2", None, None],
        }
    )  # fmt: skip
    data = organisation(deals, lead=leads, as_of=date(2025, 12, 31))

    assert value(data, "lead_to_opp", "30")["value"] == pytest.approx(3 / 5)
    assert value(data, "lead_to_cust", "30")["value"] == pytest.approx(2 / 5)
    assert value(data, "opp_to_cust", "30")["value"] == pytest.approx(2 / 5)  # of all five deals
    assert value(data, "source_quality", "web: lead_to_cust")["value"] == pytest.approx(2 / 5)


def test_a_young_lead_that_was_answered_does_not_flatter():
    """Three answered and three not, all old: 3 of 6. Two that arrived 10 minutes before closing and were answered at
    once do not count: their unanswered likes do not count either. Counting them would give 5 of 8.
    """
    old, new = pd.Timestamp("2025-06-23 07:00"), pd.Timestamp("2025-06-30 14:50")
    leads = pd.DataFrame(
        {
            "lead_id": list("abcdefgh"), "created_at": [old] * 6 + [new] * 2, "owner_id": "elif", "status": "new",
            "first_response_at": [old + pd.Timedelta("5min")] * 3 + [pd.NaT] * 3 + [new + pd.Timedelta("1min")] * 2,
        }
    )  # fmt: skip
    row = value(organisation(OPEN, lead=leads), "lead_sla")

    assert (row["numerator"], row["n"]) == (3, 6)


def test_follow_up_counts_leads_that_nobody_tried():
    """0, 1, 2, 3 and 4 attempts: the median is 2. Of the leads that were tried it would be 2.5."""
    leads = pd.DataFrame(
        {"lead_id": list("abcde"), "created_at": pd.Timestamp("2025-05-05"), "owner_id": "elif", "status": "working"}
    )
    tried = [{"lead_id": lead, "direction": "out"} for lead, times in zip("bcde", (1, 2, 3, 4), strict=True)
             for _ in range(times)]  # fmt: skip

    assert value(organisation(OPEN, lead=leads, activity=activities(*tried)), "persistence")["value"] == 2


def test_adherence_is_of_criteria_and_n_of_exits():
    """Five deals left a stage with two criteria each; seven of ten were met: .7 of 5 exits."""
    deals = [deal("open", deal_id=f"x{place}") for place in range(5)]
    checked = pd.DataFrame(
        {
            "deal_id": [f"x{place}" for place in range(5) for _ in range(2)], "stage": "Proposal",
            "criterion": ["need", "budget"] * 5, "met": [True] * 7 + [False] * 3,
            "checked_at": pd.Timestamp("2025-05-05"),
        }
    )  # fmt: skip
    row = value(organisation(deals, exit_criterion=checked), "playbook_adherence")

    assert (row["value"], row["n"]) == (pytest.approx(0.7), 5)


# --- what is done


def test_calls_of_unknown_outcome_are_no_misses():
    """3 reached, 3 not, 4 unknown: 3 of 6, not 3 of 10."""
    rows = [{"outcome": outcome} for outcome in ["connected"] * 3 + ["no_answer"] * 3 + [None] * 4]

    assert value(organisation(OPEN, activity=activities(*rows)), "connect_rate")["value"] == 0.5


def test_the_mix_is_of_all_activities_and_two_way_lies_across_the_kinds():
    """Six calls, two of them two-way, and four e-mails: .6, .4, and .2."""
    rows = [{"direction": "two_way"}] * 2 + [{"direction": "out"}] * 4 + [{"type": "email", "direction": "out"}] * 4
    data = organisation(OPEN, activity=activities(*rows))

    assert [value(data, "activity_mix", part)["value"] for part in ("call", "email", "two_way")] == [0.6, 0.4, 0.2]


def test_activities_are_counted_for_each_month_a_deal_was_open():
    """Two deals open for the 91 days of the quarter are 182 / 30.4375 = 5.979 months; six activities: 1.0034."""
    rows = [{"deal_id": name} for name in "aaabbb"]

    assert value(organisation(OPEN, activity=activities(*rows)), "activities_per_opp")["value"] == pytest.approx(
        6 / (182 / 30.4375)
    )


def test_touched_is_within_fourteen_days():
    """a was spoken to 5 days ago, b 20 days ago: one of two."""
    days = [("a", "2025-06-25"), ("b", "2025-06-10")]
    rows = [{"deal_id": name, "direction": "two_way", "occurred_at": pd.Timestamp(day)} for name, day in days]

    assert value(organisation(OPEN, activity=activities(*rows)), "opp_touch")["value"] == 0.5


def test_a_deal_that_nobody_there_spoke_about_has_no_contact():
    """Two people in a, one in b, none in c: the median is 1; without c it would be 1.5."""
    talks = [{"deal_id": name, "contact_id": who, "direction": "two_way"} for name, who in
             (("a", "c1"), ("a", "c2"), ("a", "c1"), ("b", "c3"))]  # fmt: skip
    data = organisation([*OPEN, deal("open", deal_id="c")], activity=activities(*talks))

    assert value(data, "multithreading")["value"] == 1


# --- what each hour, person and unit of money brings

WON = [deal("won", "2025-05-05") for _ in range(3)]
MONTHS = 91 / (365.25 / 12)  # of the quarter


def test_revenue_of_a_person_is_that_of_a_year():
    """300 in 2.99 months of one full-time person: 300 / 2.99 x 12 = 1204. Expected of a half quota: twice as much."""
    data = organisation(WON, quota=quotas("elif", 1000.0, ramp_pct=0.5))

    assert value(data, "rev_per_rep")["value"] == pytest.approx(300 / MONTHS * 12)
    assert value(data, "rev_per_ramped_rep")["value"] == pytest.approx(300 / (MONTHS * 0.5) * 12)


def test_the_ramp_counts_with_the_days_it_was_asked_for():
    """A part of .5 for the 30 days of April and 1 for the other 61: (.5 x 30 + 61) / 91 = .835 of the months."""
    parts = pd.concat(
        [
            quotas("elif", 100.0, ramp_pct=0.5, period_end=pd.Timestamp("2025-05-01")),
            quotas("elif", 100.0, ramp_pct=1.0, period_start=pd.Timestamp("2025-05-01")),
        ],
        ignore_index=True,
    )
    weight = (0.5 * 30 + 61) / 91

    found = value(organisation(WON, quota=parts), "rev_per_ramped_rep")["value"]
    assert found == pytest.approx(300 / (MONTHS * weight) * 12)
    assert pytest.approx(weight) != (0.5 + 1) / 2  # negative control: the mean of the two parts


def test_revenue_and_wins_of_an_hour_with_customers():
    """300 and three wins in 40 hours with customers, whatever the 60 internal ones: 7.5 and .075."""
    weeks = pd.date_range("2025-04-07", periods=4, freq="W-MON")
    rows = [(week, kind, hours) for week in weeks for kind, hours in (("selling", 10.0), ("internal", 15.0))]
    table = pd.DataFrame(rows, columns=["week_start", "category", "hours"]).assign(rep_id="elif", method="log")
    data = organisation(WON, time_use=table)

    assert value(data, "rev_per_selling_hour")["value"] == pytest.approx(300 / 40)
    assert value(data, "wins_per_selling_hour")["value"] == pytest.approx(3 / 40)


CYCLE = [
    deal("won", "2025-05-01", "2025-01-31", account_id=account, source=source, cost=40.0)
    for account, source in (("a", "web"), ("a", "web"), ("b", "web"), ("c", "web"), ("d", "fair"))
]
EARLIER = deal("won", "2024-05-01", "2024-01-31", account_id="d")
NEW = [deal("open") for _ in range(4)]


def test_cost_per_opportunity_customer_and_win_of_a_source():
    """A cycle is 90 days; 500 in February belong to the second quarter. Four deals began in it: 125 each.

    Of the four companies won, d had bought before: 500 / 3. Web cost 500 for four wins: 125. The fair cost nothing that
    is known: no number, not 0. Margin 5 x 60 on 500: .6.
    """
    data = organisation([*CYCLE, EARLIER, *NEW], cost=costs("2025-02-01", 500.0))
    by_source = organisation([*CYCLE, EARLIER], cost=costs("2025-02-01", 500.0, "source", "web"))

    assert value(data, "cost_per_opp")["value"] == pytest.approx(125.0)
    assert value(data, "rep_roi")["value"] == pytest.approx(5 * 60 / 500)
    assert value(data, "cac", by="all")["value"] == pytest.approx(500 / 3)
    assert value(by_source, "source_cost_per_win", "web", by="all")["value"] == pytest.approx(125.0)
    assert value(by_source, "source_cost_per_win", "fair", by="all")["na_reason"] == "missing_field"


def test_renewals_are_no_new_revenue():
    """400 new and a renewal of 100 were won, one of 50 was lost; the quarter before cost 500: .8, and .7 net.

    With the renewal it would be 1.0.
    """
    deals = [
        *[deal("won", "2025-05-05", type="new") for _ in range(4)],
        deal("won", "2025-05-05", type="renewal"),
        deal("lost", "2025-05-05", type="renewal", amount=50.0),
    ]
    data = organisation(deals, cost=costs("2025-02-01", 500.0))

    assert value(data, "sales_efficiency_ratio", "gross", by="all")["value"] == pytest.approx(400 / 500)
    assert value(data, "sales_efficiency_ratio", "net", by="all")["value"] == pytest.approx(350 / 500)


def test_the_magic_number_is_growth_of_a_quarter_times_four():
    """Billed 1000 in the first quarter and 1200 in the second, which cost 500 before: 200 x 4 / 500 = 1.6."""
    bills = pd.DataFrame(
        {
            "invoice_id": ["1", "2"], "deal_id": "a", "issued": pd.to_datetime(["2025-02-03", "2025-05-05"]),
            "amount": [1000.0, 1200.0], "currency": "TRY",
        }
    )  # fmt: skip
    deals = [deal("won", "2025-01-20", "2025-01-02", deal_id="a", type="renewal")]
    data = organisation(deals, invoice=bills, cost=costs("2025-02-01", 500.0), as_of=date(2025, 7, 5))

    assert value(data, "magic_number", by="all")["value"] == pytest.approx(1.6)


def test_work_and_meetings_are_held_against_what_came_of_them():
    """Four opportunities from eight activities, four of them meetings that were held: 50 per hundred; 300 / 4 = 75."""
    rows = [{"type": "meeting", "outcome": "held"}] * 4 + [{}] * 4
    began = [deal("won", "2025-05-05"), *[deal("won", "2025-05-05", "2025-03-03") for _ in range(2)], *NEW[:3]]
    data = organisation(began, activity=activities(*rows))

    assert value(data, "activity_efficiency")["value"] == pytest.approx(50.0)
    assert value(data, "bookings_per_meeting")["value"] == pytest.approx(75.0)


# --- forecast


def test_bias_by_value_and_by_period_are_two_questions():
    """Called 150, 50, 100, 300 where 100 was won each time: 200 too much on 400 is +50 %.

    Period by period it is the mean of log 1.5, log .5, log 1 and log 3: .203.
    """
    starts = pd.to_datetime(["2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01"])
    said = pd.DataFrame(
        {
            "submission_id": list("abcd"), "rep_id": "elif", "period_start": starts, "category": "commit",
            "submitted_at": starts + pd.Timedelta(days=2), "amount": [150.0, 50.0, 100.0, 300.0], "kind": "rep_call",
            "currency": "TRY",
        }
    )  # fmt: skip
    days = ("2024-08-01", "2024-11-01", "2025-02-03", "2025-05-01")
    data = organisation([deal("won", day, "2024-06-03") for day in days], forecast_submission=said)

    row = value(data, "forecast_bias_value")
    assert (row["value"], row["n"]) == (pytest.approx(0.5), 4)
    assert row["low"] < row["value"] < row["high"]
    assert value(data, "forecast_bias")["value"] == pytest.approx(np.log([1.5, 0.5, 1.0, 3.0]).mean())
