"""Metrics that need several tables, each worked out by hand in the comment of its test; beside it the naive number."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics import METRICS
from salescoach.tables.data import SalesData

Q2 = Calendar().period("2025Q2")


def value(data: SalesData, metric_id: str, part: str = "", *, by: str = "rep", period=Q2) -> pd.Series:
    rows = METRICS[metric_id].rows(data, period, by=by)
    return rows[rows["part"] == part].iloc[0]


# --- what customers are worth a year later


def company(account: str, amount: float | None, *later: tuple[str, str, str, float | None]) -> list[dict[str, object]]:
    """A company won on 2 May 2024, and its later business: type, status, day, amount."""
    won = {"account_id": account, "type": "new", "status": "won", "amount": amount, "created_at": "2024-01-10",
           "closed_at": "2024-05-02"}  # fmt: skip
    rest = [
        {"account_id": account, "type": kind, "status": status, "amount": worth, "created_at": "2024-06-03",
         "closed_at": day}
        for kind, status, day, worth in later
    ]  # fmt: skip
    return [won, *rest]


FIVE = [
    *company("a", 100.0, ("renewal", "won", "2025-04-20", 120.0)),
    *company("b", 100.0, ("renewal", "lost", "2025-04-21", 100.0)),
    *company("c", 200.0, ("expansion", "won", "2024-11-05", 50.0), ("expansion", "lost", "2024-12-03", 900.0)),
    *company("d", 300.0, ("renewal", "won", "2025-04-22", 240.0), ("expansion", "won", "2025-03-03", 60.0)),
    *company("e", 100.0, ("renewal", "lost", "2025-06-10", 100.0)),
]


def test_net_revenue_is_what_the_companies_are_worth_after_a_year():
    """Won 100 + 100 + 200 + 300 + 100 = 800. A year later 120 + 0 + 250 + (240 + 60) + 100 = 770: 96.25 %.

    The renewal of e was lost after the year was over. Of companies, 3 of 5 did not lose theirs so far, 4 of 5 by then.
    """
    found = value(organisation(FIVE), "net_revenue_retention")

    assert (found["numerator"], found["denominator"], found["n"]) == (770, 800, 5)
    assert found["value"] == pytest.approx(0.9625)
    assert found["low"] < found["value"] < found["high"]
    kept = value(organisation(FIVE), "customer_retention")["value"]
    assert kept == pytest.approx(0.8)  # negative control: counting companies is another question


def test_a_company_with_a_missing_amount_is_left_out_and_that_is_said():
    """Without the amount of the renewal of f nobody knows what f is worth: not 0, not 500."""
    data = organisation([*FIVE, *company("f", 500.0, ("renewal", "won", "2025-04-25", None))])
    found = value(data, "net_revenue_retention")

    assert (found["numerator"], found["denominator"]) == (770, 800)
    assert "without_amount" in found["warnings"]
    assert 770 / 1300 < 0.6 < (770 + 500) / 1300 < 0.98  # negative controls: taken for 0, taken for unchanged


def test_without_renewals_nothing_is_known_about_staying():
    data = organisation([deal for letter in "abcde" for deal in company(letter, 100.0)])

    assert value(data, "net_revenue_retention")["na_reason"] == "missing_field"


def test_five_companies_that_are_worth_what_they_were_are_no_certainty():
    """5 of 5 unchanged: Wilson's limit of 5 of 5 at 90 % is 5 / (5 + 2.706) = .649, not 1."""
    rows = [deal for letter in "abcde" for deal in company(letter, 100.0, ("renewal", "won", "2025-04-20", 100.0))]
    found = value(organisation(rows), "net_revenue_retention")

    assert (found["value"], found["high"]) == (1, 1)
    assert found["low"] == pytest.approx(5 / (5 + 1.6449**2), abs=1e-4)


# --- will the quota be reached?


def steady(quota: float, *, wins: int = 240, as_of: date = date(2025, 6, 25)) -> SalesData:
    """Six reps who each won *wins* deals of 100 in the year up to 25 June 2025, the same number in every week."""
    days = pd.bdate_range("2024-07-01", "2025-06-24")
    chosen = [days[int(place * len(days) / wins)] for place in range(wins)]
    deals = [
        {"owner_id": rep, "status": "won", "amount": 100.0, "created_at": "2024-06-03", "closed_at": f"{day:%Y-%m-%d}"}
        for rep in "abcdef" for day in chosen
    ]  # fmt: skip
    targets = pd.DataFrame(
        {
            "rep_or_team": list("abcdef"), "metric_id": "bookings", "period_start": pd.Timestamp("2025-04-01"),
            "period_end": pd.Timestamp("2025-07-01"), "value": quota, "currency": "TRY",
            "recorded_at": pd.Timestamp("2025-03-20"),
        }
    )  # fmt: skip
    return organisation(deals, as_of=as_of, quota=targets)


def test_the_chance_of_the_quota_is_that_of_the_deals_still_needed():
    """Three working days are left (26, 27 and 30 June); about one deal a day is won, and all are worth 100.

    250 are missing, so three deals: P(Poisson(3 x pace) >= 3), with a pace of 240 / 247 working days = .97 a day:
    1 - exp(-2.92) (1 + 2.92 + 2.92^2 / 2) = .557.
    """
    booked = value(steady(1e6), "bookings")["value"]
    found = value(steady(booked + 250), "quota_chance")

    assert found["value"] == pytest.approx(0.557, abs=0.02)
    assert found["low"] < found["value"] < found["high"]
    assert booked / (booked + 250) > 0.95  # negative control: "95 % there" says nothing about the chance


def test_a_quota_that_is_reached_needs_no_chance_and_one_of_a_past_period_has_none():
    assert value(steady(100.0), "quota_chance")["na_reason"] == "met"
    assert value(steady(1e6, as_of=date(2025, 7, 2)), "quota_chance")["na_reason"] == "not_applicable"


def test_asked_about_alone_a_rep_has_the_same_chance():
    data = steady(7000.0)
    alone = METRICS["quota_chance"].rows(data, Q2, ["c"]).loc["c", "value"]

    assert alone == METRICS["quota_chance"].rows(data, Q2).loc["c", "value"]
