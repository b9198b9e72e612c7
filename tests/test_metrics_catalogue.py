"""Metrics of the catalogue by hand: numbers small enough to check, beside the naive ones that would be wrong."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from test_metrics import QUARTER, answer, closed, quotas
from tiny import organisation

from salescoach.metrics import METRICS

STAGE = pd.DataFrame(
    {
        "pipeline": "all", "stage": ["Demo", "Proposal", "Won", "Lost"], "order": [1, 2, 3, 4],
        "kind": ["open", "open", "won", "lost"], "qualified": [True, True, True, False],
    }
)  # fmt: skip


def through(*moves: tuple[str, str, str]) -> pd.DataFrame:
    """A stage history from (deal, stage, day)."""
    days = pd.to_datetime([f"{day} 06:00" for _, _, day in moves])
    return pd.DataFrame({"deal_id": [m[0] for m in moves], "stage_to": [m[1] for m in moves], "entered_at": days})


def deal(name: str, status: str, day: str | None = None, **more: object) -> dict[str, object]:
    return {
        "deal_id": name, "status": status, "closed_at": day, "created_at": "2025-04-01", "engaged_at": "2025-04-01",
        "amount": 100.0, "pipeline": "all", **more,
    }  # fmt: skip


def test_win_rate_by_value_is_not_the_one_by_count():
    """One large win among twenty decisions: 5 % of the deals, and a third of the money."""
    deals = [closed("won", amount=950.0), *[closed("lost") | {"amount": 100.0} for _ in range(19)]]

    assert answer("win_rate_count", deals)["value"] == pytest.approx(1 / 20)
    assert answer("win_rate_value", deals)["value"] == pytest.approx(950 / (950 + 1900))


def test_lost_deals_without_amounts_leave_no_rate_by_value():
    """Their amounts were emptied: the money that is left is all won, which says nothing."""
    deals = [*[closed("won") for _ in range(15)], *[closed("lost") for _ in range(15)]]

    assert answer("win_rate_value", deals)["na_reason"] == "missing_field"


def test_a_young_cohort_is_not_judged():
    deals = [deal(f"d{i}", "open") for i in range(6)]

    rows = METRICS["win_rate_cohort"].rows(organisation(deals, as_of=date(2025, 6, 10)), QUARTER)

    assert set(rows["na_reason"]) == {"immature_cohort"}


def test_a_cohort_of_an_age_counts_the_open_deals_too():
    """Two of five were won within 90 days; of those decided it would be two of three."""
    ends = ["won", "won", "lost", "open", "open"]
    deals = [deal(f"d{i}", end, None if end == "open" else "2025-05-01") for i, end in enumerate(ends)]
    rows = METRICS["win_rate_cohort"].rows(organisation(deals, as_of=date(2025, 12, 31)), QUARTER)

    assert rows.set_index("part").loc["90", "value"] == pytest.approx(2 / 5)


def test_a_skipped_stage_was_passed_and_a_deal_still_there_has_not_left():
    history = through(
        ("a", "Proposal", "2025-04-10"), ("a", "Won", "2025-05-01"),
        ("b", "Demo", "2025-04-10"), ("b", "Lost", "2025-05-02"),
        ("c", "Demo", "2025-04-10"),
    )  # fmt: skip
    deals = [deal("a", "won", "2025-05-01"), deal("b", "lost", "2025-05-02"), deal("c", "open", stage="Demo")]
    data = organisation(deals, stage=STAGE, stage_history=history)
    rows = METRICS["stage_conv_flow"].rows(data, QUARTER).set_index("part")

    assert rows.loc["Demo", ["numerator", "denominator"]].tolist() == [1, 2]
    assert rows.loc["Proposal", ["numerator", "denominator"]].tolist() == [1, 1]


def test_going_back_and_forth_is_one_exit_and_one_regression():
    history = through(
        ("a", "Demo", "2025-04-02"), ("a", "Proposal", "2025-04-10"), ("a", "Demo", "2025-04-20"),
        ("a", "Proposal", "2025-04-25"), ("a", "Won", "2025-05-01"),
    )  # fmt: skip
    data = organisation([deal("a", "won", "2025-05-01")], stage=STAGE, stage_history=history)

    assert METRICS["stage_conv_flow"].rows(data, QUARTER).set_index("part").loc["Demo", "denominator"] == 1
    assert METRICS["regressions"].rows(data, QUARTER).loc["elif", "numerator"] == 1


def test_pipeline_created_remembers_the_deals_that_are_gone():
    """Three came in; only one is still open. Its 100 alone would be survivor bias."""
    deals = [deal("a", "won", "2025-05-01"), deal("b", "lost", "2025-05-02"), deal("c", "open")]
    row = answer("pipeline_created", deals)

    assert (row["value"], row["n"]) == (300.0, 3)
    assert row["warnings"] == ("no_stage_history",)


def test_the_largest_deal_may_be_most_of_it():
    row = answer("top_deal_share", [closed("won", amount=amount) for amount in (100, 100, 200)])

    assert row["value"] == pytest.approx(0.5)
    assert row["warnings"] == ("one_deal_dominates",)


def test_median_and_typical_size_are_not_moved_by_one_giant():
    deals = [closed("won", amount=amount) for amount in (100, 100, 200, 400, 10_000)]

    assert answer("ads", deals)["value"] == pytest.approx(2160.0)
    assert answer("ads_median", deals)["value"] == pytest.approx(200.0)
    assert answer("ads_geometric", deals)["value"] == pytest.approx((100 * 100 * 200 * 400 * 10_000) ** 0.2)


def test_discount_is_weighted_with_value():
    """10 % off nine hundred and 50 % off one hundred: 130 of 1000, not 30 %."""
    deals = [closed("won", amount=90.0 * 2, discount_pct=0.1) for _ in range(5)]
    deals += [closed("won", amount=50.0, discount_pct=0.5)]
    row = answer("discount_rate", deals)

    assert row["value"] == pytest.approx(1 - (5 * 180 + 50) / (5 * 200 + 100))


def test_velocity_of_a_steady_flow_is_the_bookings_of_a_day():
    """One deal a day, each won after ten days for 100: by Little's law 100 a day, whatever the stock is called."""
    first = pd.Timestamp("2025-03-01")
    deals = [
        deal(f"d{i:03d}", "won", str((first + pd.Timedelta(days=i + 10)).date()),
             created_at=str((first + pd.Timedelta(days=i)).date()),
             engaged_at=str((first + pd.Timedelta(days=i)).date()))
        for i in range(140)
    ]  # fmt: skip

    assert answer("velocity", deals)["value"] == pytest.approx(100.0, rel=0.05)


def test_money_counts_on_the_day_it_comes():
    deals = [deal("a", "won", "2025-02-01"), deal("b", "won", "2025-05-01")]
    invoice = pd.DataFrame(
        {
            "invoice_id": ["i1", "i2"], "deal_id": ["a", "b"], "issued": pd.to_datetime(["2025-02-02", "2025-05-02"]),
            "amount": 100.0, "currency": "TRY", "paid_at": pd.to_datetime(["2025-04-20 09:00", None]),
        }
    )  # fmt: skip

    assert answer("paid_bookings", deals, invoice=invoice)["value"] == 100.0
    assert answer("bookings", deals, invoice=invoice)["value"] == 100.0  # the other deal's
    assert answer("paid_bookings", deals)["na_reason"] == "missing_field"


def test_credit_follows_the_split_and_the_organisation_counts_the_deal_once():
    split = pd.DataFrame(
        {"deal_id": ["a", "a"], "rep_id": ["elif", "can"], "pct": [0.7, 0.3], "credit_type": "revenue"}
    )
    data = organisation([deal("a", "won", "2025-05-01"), deal("b", "lost", "2025-05-01", owner_id="can")], split=split)
    rows = METRICS["bookings"].rows(data, QUARTER)
    whole = METRICS["bookings"].rows(data, QUARTER, by="all").loc["all"]

    assert rows["value"].to_dict() == pytest.approx({"can": 30.0, "elif": 70.0})
    assert (whole["value"], whole["n"]) == (100.0, 1)


def test_leave_lowers_the_quota():
    leave = pd.DataFrame({"rep_id": ["elif"], "from": [pd.Timestamp("2025-04-01")], "to": [pd.Timestamp("2025-05-01")]})
    deals = [closed("won")]
    full, relieved = (
        answer("effective_quota", deals, quota=quotas(), **more)["value"] for more in ({}, {"leave": leave})
    )

    assert full == 1000.0
    assert 600 < relieved < 720


def test_run_rate_of_a_quota_that_is_reached_is_not_needed():
    day = date(2025, 6, 2)
    short, done = ([closed("won", amount=amount)] for amount in (400.0, 1000.0))

    assert answer("required_run_rate", done, quota=quotas(), as_of=day)["na_reason"] == "met"
    assert answer("required_run_rate", short, quota=quotas(), as_of=day)["value"] > 600 / 30
