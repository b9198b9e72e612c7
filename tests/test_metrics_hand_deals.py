"""Metrics of deals, quota and pipeline, each worked out by hand in its docstring, beside the naive number."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hand import STAGE, after, deal, quotas, through, value
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics import METRICS

PAID = (10, 20, 30, 40, 50, 60)
SEVEN = [deal("won", "2025-02-03", "2025-01-02") for _ in range(7)]


def bills() -> pd.DataFrame:
    """Seven bills of 3 February, six of them paid after 10, 20, … 60 days."""
    paid = [pd.Timestamp(after("2025-02-03", days)) + pd.Timedelta(hours=6) for days in PAID]
    return pd.DataFrame(
        {
            "invoice_id": [str(number) for number in range(7)], "deal_id": [f"d{number:04d}" for number in range(7)],
            "issued": pd.Timestamp("2025-02-03"), "amount": 100.0, "currency": "TRY", "paid_at": [*paid, pd.NaT],
        }
    )  # fmt: skip


def test_a_bill_that_is_not_paid_makes_the_lag_longer():
    """Still unpaid after 30 days 4 of 7, after 40 days 3 of 7: the median is 40. Of those paid it would be 35."""
    data = organisation(SEVEN, as_of=date(2025, 9, 30), invoice=bills())

    assert value(data, "collection_lag", period=Calendar().period("2025Q1"))["value"] == 40
    assert np.median(PAID) == 35


def test_paid_by_an_age_is_of_all_that_were_won():
    """By 60 days 6 of 7, by 180 days still 6 of 7; of what was ever paid it would always be all."""
    data = organisation(SEVEN, as_of=date(2025, 9, 30), invoice=bills())

    for age in ("60", "180"):
        assert value(data, "paid_conversion", age, period=Calendar().period("2025Q1"))["value"] == pytest.approx(6 / 7)


def test_reps_at_quota_with_and_without_those_who_are_still_learning():
    """Seven reps, a quota of 100 each, four reach it; the two newcomers do not: 4 of 7, and 4 of 5."""
    names = list("abcdefg")
    deals = [deal("won", "2025-05-05", owner_id=name, amount=150.0 if name in "abcd" else 50.0) for name in names]
    people = pd.DataFrame({"rep_id": names, "full_name": names, "role": "AE"})
    people["start_date"] = pd.to_datetime(["2020-01-01"] * 5 + ["2025-03-03"] * 2)
    data = organisation(deals, rep=people, quota=quotas("a b c d e f g", 100.0))

    found = [value(data, "reps_at_quota", part, by="all") for part in ("all", "ramped")]
    assert [(row["numerator"], row["n"]) for row in found] == [(4, 7), (4, 5)]


def test_with_little_history_the_chances_of_the_crm_are_used_and_that_is_said():
    """100 and 200 in Demo, of which the CRM says .5: 150. The amounts alone would be 300."""
    deals = [deal("open", stage="Demo", pipeline="all", amount=amount) for amount in (100.0, 200.0)]
    row = value(organisation(deals, stage=STAGE, as_of=date(2025, 5, 30)), "weighted_pipeline")

    assert row["value"] == pytest.approx(150.0)
    assert "crm_probabilities" in row["warnings"]
    assert value(organisation(deals, stage=STAGE, as_of=date(2025, 5, 30)), "landing_range")["na_reason"]


def test_open_deals_are_worth_what_deals_like_them_came_to():
    """Of sixty deals thirty were won, each 20 days after the start. With 30 days left, 100 + 100 open are worth 100.

    With the 100 that were won in the quarter, the quarter should land at 200.
    """
    ends = ["won", "lost"] * 30
    past = [deal(end, "2024-03-21", "2024-03-01", owner_id="can") for end in ends]
    deals = [*past, deal("won", "2025-05-05"), *[deal("open", begun="2025-05-26") for _ in range(2)]]
    data = organisation(deals, as_of=date(2025, 5, 31))

    assert value(data, "weighted_pipeline", rep="elif")["value"] == pytest.approx(100.0, rel=0.02)
    assert value(data, "landing_range", rep="elif")["value"] == pytest.approx(200.0, rel=0.02)


def test_only_what_can_still_close_in_the_period_is_open_pipeline():
    """100 due on 15 June; 50 were due in May, 70 are due in August, one has no amount: 100 of two deals."""
    days = ["2025-06-15", "2025-05-02", "2025-08-15", "2025-06-20"]
    deals = [
        deal("open", amount=amount, expected_close=pd.Timestamp(day))
        for amount, day in zip((100.0, 50.0, 70.0, None), days, strict=True)
    ]
    row = value(organisation(deals, as_of=date(2025, 6, 1)), "open_pipeline")

    assert (row["value"], row["n"]) == (100.0, 2)
    assert {"without_amount", "past_due_apart"} <= set(row["warnings"])


def test_half_won_and_half_decided_need_four_times_the_gap():
    """Half of the value was won, and half of the stock of 31 December was decided by April: 1 / (.5 x .5) = 4."""
    decided = [deal(end, "2025-02-03", "2024-12-02") for end in ["won", "lost"] * 10]
    running = [deal("open", begun="2024-12-02") for _ in range(20)]

    assert value(organisation([*decided, *running]), "required_coverage")["value"] == pytest.approx(4.0)


def test_pipeline_age_is_that_of_the_middle_deal():
    """Open for 10, 20 and 60 days: the median is 20, the mean 30."""
    deals = [deal("open", begun=after("2025-06-30", -days)) for days in (10, 20, 60)]

    assert value(organisation(deals), "pipeline_age")["value"] == 20


def test_a_deal_is_old_when_nine_of_ten_were_won_sooner():
    """Twenty were won after 1, 2, … 20 days, nine of ten of them by day 18. Open: 100 of 18 days, 300 of 19."""
    won = [deal("won", after("2025-01-06", days), "2025-01-06") for days in range(1, 21)]
    still = [deal("open", begun=after("2025-06-30", -days), amount=worth) for days, worth in ((18, 100.0), (19, 300.0))]
    row = value(organisation([*won, *still]), "zombie_share")

    assert row["value"] == pytest.approx(0.75)
    assert row["n"] == 2


LOST = [
    *[deal("lost", "2025-05-05", loss_reason="no_decision") for _ in range(4)],
    *[deal("lost", "2025-05-05", loss_reason="price", amount=300.0) for _ in range(2)],
]


def test_losses_by_reason_are_other_shares_by_number_and_by_value():
    """Six lost: 4 without a decision, worth 400, and 2 for the price, worth 600. By number 4/6, by value 400/1000.

    One more without an amount is a loss by number and none by value.
    """
    data = organisation([*LOST, *[deal("won", "2025-05-06") for _ in range(4)]])
    more = organisation([*LOST, deal("lost", "2025-05-05", loss_reason="price", amount=None)])

    assert value(data, "no_decision_rate")["value"] == pytest.approx(4 / 10)
    assert value(data, "loss_reason_share", "no_decision")["value"] == pytest.approx(4 / 6)
    row = value(data, "loss_reason_value", "no_decision")
    assert (row["numerator"], row["denominator"], row["n"]) == (400, 1000, 6)
    assert row["low"] < row["value"] < row["high"]
    assert value(more, "loss_reason_share", "no_decision")["value"] == pytest.approx(4 / 7)
    assert value(more, "loss_reason_value", "no_decision")["value"] == pytest.approx(0.4)


def test_on_the_same_mix_the_adjusted_rate_is_observed_over_that_of_the_others():
    """a won 8 of 10, five others 4 of 10 each: expected 4, rate of all 28 of 60, so 8 / 4 x .4667 = .933."""
    deals = [
        deal("won" if number < (8 if rep == "a" else 4) else "lost", "2025-05-05", owner_id=rep)
        for rep in "abcdef" for number in range(10)
    ]  # fmt: skip

    assert value(organisation(deals), "win_rate_adj", rep="a")["value"] == pytest.approx(8 / 4 * 28 / 60, rel=0.01)


def test_a_team_is_compared_on_its_mix_though_nobody_filled_the_segment():
    """A team of one has the number of that one: deals without segment, source and product are deals all the same."""
    deals = [
        deal("won" if number < (8 if rep == "a" else 4) else "lost", "2025-05-05", owner_id=rep)
        for rep in "abcdef" for number in range(10)
    ]  # fmt: skip
    people = pd.DataFrame(
        {"rep_id": list("abcdef"), "full_name": list("abcdef"), "role": "AE", "team_id": list("abcdef")}
    )
    of_teams = METRICS["win_rate_adj"].rows(organisation(deals, rep=people), Calendar().period("2025Q2"), by="team")

    assert of_teams.loc["a", "n"] == 10
    assert of_teams.loc["a", "value"] == pytest.approx(8 / 4 * 28 / 60, rel=0.01)


def test_stages_by_cohort_by_balance_and_by_time():
    """Five came to Demo on 1 April: three went on after 10 days, one was lost after 20, one is still there.

    By 90 days 3 of 5 got further; 4 left and 5 came: .8. Of those who went on, the naive share would be 3 of 4.
    """
    ends = ["won", "won", "won", "lost", "open"]
    deals = [
        deal(end, None if end == "open" else after("2025-04-01", 20), deal_id=f"s{place}", stage="Demo", pipeline="all")
        for place, end in enumerate(ends)
    ]
    history = through(
        *[(f"s{place}", "Demo", "2025-04-01") for place in range(5)],
        *[(f"s{place}", "Proposal", "2025-04-11") for place in range(3)],
        *[(f"s{place}", "Won", "2025-04-21") for place in range(3)], ("s3", "Lost", "2025-04-21"),
    )  # fmt: skip
    data = organisation(deals, stage=STAGE, stage_history=history, as_of=date(2025, 12, 31))

    assert value(data, "stage_conv_cohort", "Demo")["value"] == pytest.approx(3 / 5)
    assert value(data, "stage_conv_flow", "Demo")["numerator"] == 3
    assert value(data, "throughput", "Demo")["value"] == pytest.approx(4 / 5)


def test_a_visit_that_goes_on_makes_the_time_in_a_stage_longer():
    """Seven came on 1 April; six left after 10, 20, … 60 days, one is still there: the median is 40, not 35."""
    deals = [
        deal("open" if place == 6 else "lost", None if place == 6 else after("2025-04-01", PAID[place]),
             deal_id=f"s{place}", stage="Demo", pipeline="all")
        for place in range(7)
    ]  # fmt: skip
    history = through(
        *[(f"s{place}", "Demo", "2025-04-01") for place in range(7)],
        *[(f"s{place}", "Lost", after("2025-04-01", PAID[place])) for place in range(6)],
    )
    data = organisation(deals, stage=STAGE, stage_history=history)

    assert value(data, "time_in_stage", "Demo")["value"] == 40


def test_a_sales_cycle_is_that_of_the_middle_win():
    """Won after 10, 20, 30, 40 and 90 days: the median is 30, the mean 38."""
    deals = [deal("won", "2025-05-05", after("2025-05-05", -days)) for days in (10, 20, 30, 40, 90)]

    assert value(organisation(deals), "cycle_won")["value"] == 30


def test_silent_and_past_due_deals_are_stalled():
    """One was spoken about 5 days ago, one 20 days ago, one is past due: two of three."""
    ahead, past = pd.Timestamp("2025-08-01"), pd.Timestamp("2025-06-02")
    deals = [deal("open", deal_id=name, expected_close=day) for name, day in (("a", ahead), ("b", ahead), ("c", past))]
    talks = pd.DataFrame(
        {
            "activity_id": list("abc"), "type": "call", "owner_id": "elif", "is_system": False, "direction": "two_way",
            "deal_id": list("abc"), "occurred_at": pd.to_datetime(["2025-06-25", "2025-06-10", "2025-06-25"]),
        }
    )  # fmt: skip
    row = value(organisation(deals, activity=talks), "stalled")

    assert (row["value"], row["n"]) == (2, 3)


def test_a_push_is_a_move_to_a_later_quarter():
    """a goes from May to 10 August and then to 12 August, b from May to June: one push in two deals."""
    history = through(
        ("a", "Demo", "2025-04-02"), ("a", "Demo", "2025-04-20"), ("a", "Demo", "2025-05-20"),
        ("b", "Demo", "2025-04-02"), ("b", "Demo", "2025-05-02"),
        close_date_at=pd.to_datetime(["2025-05-15", "2025-08-10", "2025-08-12", "2025-05-15", "2025-06-20"]),
    )  # fmt: skip
    deals = [deal("open", deal_id=name, stage="Demo", pipeline="all") for name in "ab"]
    row = value(organisation(deals, stage=STAGE, stage_history=history), "push_count")

    assert (row["value"], row["n"]) == (1, 2)


def due_before() -> tuple[list[dict[str, object]], pd.DataFrame]:
    """Due in the quarter on its first day: 100 that are won, 300 that move out, three times 100 that are lost."""
    ends = [("a", "won", 100.0), ("b", "open", 300.0), ("c", "lost", 100.0), ("d", "lost", 100.0), ("e", "lost", 100.0)]
    deals = [
        deal(end, None if end == "open" else "2025-05-05", "2025-02-03", deal_id=name, amount=amount, stage="Demo",
             pipeline="all", expected_close=pd.Timestamp("2025-08-01" if end == "open" else "2025-05-05"))
        for name, end, amount in ends
    ]  # fmt: skip
    history = through(
        *[(name, "Demo", "2025-02-03") for name, _, _ in ends], close_date_at=pd.Timestamp("2025-05-15"),
        amount_at=[amount for _, _, amount in ends], forecast_category_at=["commit", "commit", *["pipeline"] * 3],
    )  # fmt: skip
    return deals, history


def test_what_moved_out_has_slipped_and_what_was_lost_has_not():
    """300 of 700 moved out; as a share of deals it would be 1 of 5. Of 400 that were committed, 100 were won."""
    deals, history = due_before()
    data = organisation(deals, stage=STAGE, stage_history=history)

    assert value(data, "slippage")["value"] == pytest.approx(300 / 700)
    assert value(data, "category_conv", "commit")["value"] == pytest.approx(100 / 400)


def test_saying_one_half_of_what_is_won_half_of_the_time_costs_a_quarter():
    """A hundred deals in a stage of .5, fifty won: each miss is .5 squared, so the Brier score is .25."""
    deals = [
        deal("won" if number % 2 else "lost", "2025-05-05", "2025-02-03", deal_id=f"p{number}", stage="Demo",
             pipeline="all")
        for number in range(100)
    ]  # fmt: skip
    history = through(*[(f"p{number}", "Demo", "2025-02-03") for number in range(100)])
    data = organisation(deals, stage=STAGE, stage_history=history)

    assert value(data, "prob_calibration", "brier")["value"] == pytest.approx(0.25)
    assert value(data, "prob_calibration", "40-60")["value"] == pytest.approx(0.5)


def test_reps_who_are_alike_cannot_be_told_apart_and_opposites_can():
    """Six reps with 10 of 20 each differ by nothing; three with 38 of 40 and three with 2 of 40 truly do."""
    alike, apart = (
        organisation(
            [deal("won" if number < won[place % 2] else "lost", "2025-05-05", owner_id=rep)
             for place, rep in enumerate("abcdef") for number in range(n)]
        )
        for won, n in (((10, 10), 20), ((38, 2), 40))
    )  # fmt: skip

    assert value(alike, "reliability", "win_rate_count", by="all")["value"] == 0
    assert value(apart, "reliability", "win_rate_count", by="all")["value"] > 0.95
    assert value(apart, "reliability", "win_rate_count", by="all")["n"] == 6
