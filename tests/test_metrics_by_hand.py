"""Metrics that need several tables, each worked out by hand in the comment of its test; beside it the naive number."""

from __future__ import annotations

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
