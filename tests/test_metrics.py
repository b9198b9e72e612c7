"""Each metric by hand, and the contract that all of them keep."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics import COLUMNS, METRICS, NA_REASONS, measure

QUARTER = Calendar().period("2025Q2")


def quotas(value: float = 1000.0, recorded: str = "2025-03-20", rep: str = "elif") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rep_or_team": [rep], "metric_id": ["bookings"], "period_start": [pd.Timestamp("2025-04-01")],
            "period_end": [pd.Timestamp("2025-07-01")], "value": [value], "currency": ["TRY"],
            "recorded_at": [pd.Timestamp(recorded)],
        }
    )  # fmt: skip


def closed(
    status: str, day: str = "2025-05-10", amount: float | None = 100.0, owner: str = "elif", **more: object
) -> dict[str, object]:
    deal = {"status": status, "closed_at": day, "amount": amount if status == "won" else None, "owner_id": owner}
    return {**deal, "created_at": "2025-04-01", "engaged_at": "2025-04-05", **more}


def answer(metric_id: str, deals: list[dict[str, object]], **options: object) -> pd.Series:
    return METRICS[metric_id].rows(organisation(deals, **options), QUARTER).loc["elif"]


# --- by hand -----------------------------------------------------------------------------------


def test_win_rate_of_two_in_five():
    row = answer("win_rate_count", [closed("won"), closed("won"), closed("lost"), closed("lost"), closed("lost")])

    assert (row["value"], row["n"], row["numerator"]) == (0.4, 5, 2)
    assert row["low"] < 0.4 < row["high"]


def test_no_closed_deal_means_no_win_rate():
    """0% would be an accusation; there is simply nothing to say yet."""
    row = answer("win_rate_count", [{"status": "open", "created_at": "2025-05-01"}])

    assert row["n"] == 0
    assert pd.isna(row["value"])
    assert row["na_reason"] == "no_exposure"


def test_four_closed_deals_give_counts_and_no_rate():
    row = answer("win_rate_count", [closed("won"), closed("lost"), closed("lost"), closed("lost")])

    assert (row["na_reason"], row["n"], row["numerator"]) == ("below_min_n", 4, 1)


def test_cancelled_open_and_born_closed_deals_are_no_decision():
    others = [
        closed("cancelled"),
        {"status": "open", "created_at": "2025-05-01"},
        closed("won", created_at="2025-05-10"),
    ]
    row = answer("win_rate_count", [closed("won") for _ in range(5)] + others)

    assert row["n"] == 5


def test_deal_size_is_bookings_over_wins():
    row = answer("ads", [closed("won", amount=amount) for amount in (100, 200, 300, 400, 500)])

    assert (row["value"], row["numerator"], row["n"]) == (300.0, 1500.0, 5)


def test_open_deals_make_the_cycle_longer():
    """Nine deals took 5 to 45 days, their median is 25; six more are running: dropping those flatters."""
    done = [
        closed("won", day=f"2025-{5 if age > 25 else 4}-{(age - 25 if age > 25 else age + 5):02d}")
        for age in range(5, 50, 5)
    ]
    running = [{"status": "open", "created_at": "2025-04-01", "engaged_at": "2025-04-05"} for _ in range(6)]

    alone, together = answer("cycle_resolution", done), answer("cycle_resolution", done + running)
    assert (alone["value"], alone["n"]) == (25, 9)
    assert together["na_reason"] == "not_reached" or together["value"] > 25


def test_a_cycle_without_a_middle_is_not_reached():
    done = [closed("won", day="2025-04-25") for _ in range(5)]
    running = [{"status": "open", "created_at": "2025-04-01", "engaged_at": "2025-04-10"} for _ in range(6)]

    assert answer("cycle_resolution", done + running)["na_reason"] == "not_reached"


def test_attainment_and_pace_use_working_days():
    deals = [closed("won", amount=300.0)]
    row = answer("quota_attainment", deals, quota=quotas(), as_of=date(2025, 5, 15))
    pace = answer("attainment_pace", deals, quota=quotas(), as_of=date(2025, 5, 15))

    elapsed = Calendar().elapsed(QUARTER, date(2025, 5, 15)).share
    assert row["value"] == pytest.approx(0.3)
    assert pace["value"] == pytest.approx(0.3 / elapsed)
    assert 0.4 < elapsed < 0.6


def test_newest_quota_known_at_as_of_counts():
    both = pd.concat([quotas(1000.0), quotas(2000.0, recorded="2025-06-10")])
    early = answer("effective_quota", [closed("won")], quota=both, as_of=date(2025, 6, 1))
    late = answer("effective_quota", [closed("won")], quota=both, as_of=date(2025, 6, 30))

    assert (early["value"], late["value"]) == (1000.0, 2000.0)


def test_part_of_a_quota_is_not_the_quota():
    year = Calendar().period("2025")
    row = METRICS["effective_quota"].rows(organisation([closed("won")], quota=quotas()), year).loc["elif"]

    assert row["na_reason"] == "missing_field"


def test_coverage_of_a_met_quota_is_met_not_infinite():
    due = {"status": "open", "created_at": "2025-05-01", "expected_close": pd.Timestamp("2025-06-20"), "amount": 50.0}
    deals = [closed("won", amount=1500.0), due]
    row = answer("coverage", deals, quota=quotas(), as_of=date(2025, 6, 1))
    short = answer("coverage", [closed("won", amount=900.0), due], quota=quotas(), as_of=date(2025, 6, 1))

    assert row["na_reason"] == "met"
    assert short["value"] == pytest.approx(50 / 100)


def test_no_win_still_leaves_room_for_luck():
    row = answer("bookings", [closed("lost"), closed("won", owner="can")], as_of=date(2025, 6, 30))

    assert (row["value"], row["low"]) == (0.0, 0.0)
    assert row["high"] == pytest.approx(2.9957 * 100, rel=1e-3)


def test_a_deal_that_closed_later_was_open_then():
    deals = [closed("won", day="2025-06-20"), *[closed("lost") for _ in range(5)]]

    assert answer("win_rate_count", deals, as_of=date(2025, 6, 1))["n"] == 5
    assert answer("win_rate_count", deals, as_of=date(2025, 6, 30))["n"] == 6


def test_amounts_in_another_currency_are_never_added():
    data = organisation([closed("won"), closed("won", currency="EUR")])

    assert METRICS["bookings"].rows(data, QUARTER).loc["elif", "value"] == 100.0
    assert data.unconverted.loc["EUR"].tolist() == [1, 100.0]


# --- the same, over many small organisations --------------------------------------------------------

SMALL = (
    "bookings effective_quota quota_attainment attainment_pace open_pipeline coverage win_rate_count ads "
    "cycle_resolution"
).split()
"""Metrics that anything drawn at random must leave unharmed; all of them are held to the rules in
``test_metrics_contract.py``, on one organisation."""

days = st.dates(date(2025, 1, 1), date(2025, 6, 30))


@st.composite
def some_deals(draw: st.DrawFn) -> list[dict[str, object]]:
    deals: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 25))):
        created = draw(days)
        status = draw(st.sampled_from(["open", "won", "lost", "cancelled"]))
        end = created + timedelta(days=draw(st.integers(0, 120)))
        amount = draw(st.none() | st.integers(1, 900))
        deals.append(
            {
                "deal_id": f"d{number:03d}", "status": status, "created_at": created.isoformat(),
                "engaged_at": created.isoformat() if draw(st.booleans()) else None,
                "closed_at": None if status == "open" else end.isoformat(),
                "expected_close": pd.Timestamp(end), "amount": None if amount is None else float(amount),
                "owner_id": draw(st.sampled_from(["elif", "can", "derya"])),
            }
        )  # fmt: skip
    return deals


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-12)


@given(deals=some_deals(), as_of=days)
@settings(max_examples=10, deadline=None)
def test_every_answer_has_n_and_either_a_value_or_a_reason(deals, as_of):
    table = measure(organisation(deals, as_of=as_of, quota=quotas()), QUARTER, SMALL)
    said = table["na_reason"].isna()

    assert list(table.columns) == ["rep_id", *COLUMNS]
    assert table["n"].notna().all()
    assert (table["value"].notna() == said).all()
    assert table.loc[~said, "na_reason"].isin(NA_REASONS).all()
    assert np.isfinite(table.loc[said, "value"]).all()
    limited = said & table["level"].notna()
    assert (table.loc[limited, "low"] <= table.loc[limited, "value"]).all()
    assert (table.loc[limited, "value"] <= table.loc[limited, "high"]).all()


@given(deals=some_deals(), seed=st.integers(0, 5))
@settings(max_examples=5, deadline=None)
def test_order_of_rows_does_not_matter(deals, seed):
    shuffled = [deals[i] for i in np.random.default_rng(seed).permutation(len(deals))]

    same(
        measure(organisation(deals, quota=quotas()), QUARTER, SMALL),
        measure(organisation(shuffled, quota=quotas()), QUARTER, SMALL),
    )


def test_without_its_tables_a_metric_is_missing_not_an_error():
    table = measure(organisation([{"status": "won", "closed_at": "2025-05-01"}]), QUARTER)

    assert (table["value"].notna() == table["na_reason"].isna()).all()
    assert table.set_index("metric_id").loc[["lead_to_opp", "quota_attainment"], "na_reason"].eq("missing_field").all()
    assert table.set_index("metric_id").loc["stage_conv_flow", "na_reason"] == "no_history"
