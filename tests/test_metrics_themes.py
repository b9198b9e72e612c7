"""Forecast, activity, efficiency, customer and coaching metrics on organisations small enough to check by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics import METRICS
from salescoach.tables.data import SalesData

Q2 = Calendar().period("2025Q2")
OPEN = [{"created_at": "2025-04-01"}]


def value(data: SalesData, metric_id: str, part: str = "", *, by: str = "rep", period=Q2) -> pd.Series:
    rows = METRICS[metric_id].rows(data, period, by=by)
    return rows[rows["part"] == part].iloc[0]


def won(amount: float, day: str, **more: object) -> dict[str, object]:
    return {"status": "won", "amount": amount, "created_at": "2025-01-02", "closed_at": day, **more}


# --- forecast


def forecasts(*amounts: float) -> pd.DataFrame:
    starts = pd.to_datetime(["2024-07-01", "2024-10-01", "2025-01-01", "2025-04-01"])[: len(amounts)]
    return pd.DataFrame(
        {
            "submission_id": [str(start) for start in starts], "rep_id": "elif", "period_start": starts,
            "submitted_at": starts + pd.Timedelta(days=2), "category": "commit", "amount": amounts, "kind": "rep_call",
            "currency": "TRY",
        }
    )  # fmt: skip


QUARTERS = [
    won(100.0, day, created_at="2024-06-01") for day in ("2024-08-01", "2024-11-01", "2025-02-01", "2025-05-01")
]


def test_too_high_and_too_low_do_not_cancel_out():
    data = organisation(QUARTERS, forecast_submission=forecasts(150.0, 50.0, 100.0, 100.0))

    assert value(data, "forecast_accuracy", "day_1")["value"] == pytest.approx(1 - 100 / 400)
    assert 1 - abs((150 + 50 + 100 + 100) - 400) / 400 == 1  # negative control: the totals agree


def test_a_forecast_that_is_always_twice_the_result_has_a_bias_of_log_two():
    row = value(organisation(QUARTERS, forecast_submission=forecasts(200.0, 200.0, 200.0, 200.0)), "forecast_bias")

    assert row["value"] == pytest.approx(np.log(2))
    assert row["n"] == 4


def test_a_managers_adjustment_does_not_change_the_reps_call():
    said = forecasts(100.0, 100.0, 100.0, 100.0)
    adjusted = said.assign(kind="manager_adjustment", amount=999.0, submission_id="m" + said["submission_id"])
    data = organisation(QUARTERS, forecast_submission=pd.concat([said, adjusted], ignore_index=True))

    assert value(data, "forecast_accuracy", "day_1")["value"] == 1


# --- activity and responsiveness


def activities(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {"owner_id": "elif", "is_system": False, "occurred_at": pd.Timestamp("2025-05-06 08:00"), "type": "call"}
    return pd.DataFrame([{"activity_id": str(number), **usual, **row} for number, row in enumerate(rows)])


def test_automatic_activities_are_never_counted():
    data = organisation(OPEN, activity=activities({}, {"is_system": True}, {"is_system": True}))

    assert value(data, "activity_volume")["numerator"] == 1


def test_a_meeting_called_off_is_neither_held_nor_missed():
    rows = [{"type": "meeting", "outcome": outcome} for outcome in ["held"] * 4 + ["no_show"] + ["cancelled"] * 5]
    row = value(organisation(OPEN, activity=activities(*rows)), "show_rate")

    assert (row["value"], row["n"]) == (0.8, 5)


def test_no_mail_is_replied_to_twice():
    sent = [{"type": "email", "direction": "out"}] * 5
    replies = [{"type": "email", "direction": "in", "outcome": "replied"}] * 7

    assert value(organisation(OPEN, activity=activities(*sent, *replies)), "reply_rate")["value"] == 1


def leads(*minutes: float | None) -> pd.DataFrame:
    """Leads that arrived on a Monday at 10:00 and were answered so many minutes later, or not at all."""
    came = pd.Timestamp("2025-05-05 07:00")
    answers = [pd.NaT if wait is None else came + pd.Timedelta(minutes=wait) for wait in minutes]
    return pd.DataFrame(
        {
            "lead_id": [str(number) for number in range(len(minutes))], "created_at": came, "owner_id": "elif",
            "status": "new", "first_response_at": pd.to_datetime(pd.Series(answers)),
        }
    )  # fmt: skip


def test_leads_that_nobody_answered_make_the_median_longer():
    """5 answered at once and 4 never: half are answered only after the slowest of the five."""
    data = organisation(OPEN, lead=leads(10, 20, 30, 40, 50, None, None, None, None))
    among_answered = float(np.median([10, 20, 30, 40, 50]))

    found = value(data, "lead_response_time")
    assert found["numerator"] == 5
    assert found["denominator"] == 9
    assert among_answered == 30  # negative control: dropping the unanswered
    assert found["na_reason"] == "not_reached"  # the upper limit of the median lies beyond what was seen


def test_a_lead_answered_in_time_and_one_never_answered_are_half():
    data = organisation(OPEN, lead=leads(10, 20, 30, None, None, None))

    assert value(data, "lead_sla")["value"] == 0.5


# --- efficiency


def costs(day: str, amount: float) -> pd.DataFrame:
    start = pd.Timestamp(day)
    return pd.DataFrame(
        {
            "scope": ["rep"], "scope_id": ["elif"], "period_start": [start], "kind": ["salary"], "amount": [amount],
            "period_end": [start + pd.offsets.MonthBegin(1)], "currency": ["TRY"],
        }
    )  # fmt: skip


CYCLE = [won(100.0, "2025-05-01", created_at="2025-01-31") for _ in range(5)]  # 90 days each


def test_cost_is_that_of_one_sales_cycle_earlier():
    early, late = (organisation(CYCLE, cost=costs(day, 500.0)) for day in ("2025-02-01", "2025-06-01"))

    assert value(early, "cost_per_win")["value"] == pytest.approx(100.0)
    assert value(late, "cost_per_win")["value"] == 0  # the cost of June belongs to what is won in September


def test_hours_that_were_estimated_are_said_to_be():
    weeks = pd.date_range("2025-04-07", periods=4, freq="W-MON")
    rows = [(week, kind, hours) for week in weeks for kind, hours in (("selling", 10.0), ("internal", 30.0))]
    table = pd.DataFrame(rows, columns=["week_start", "category", "hours"]).assign(rep_id="elif", method="survey")
    row = value(organisation(OPEN, time_use=table), "selling_time_share", "selling")

    assert row["value"] == 0.25
    assert "hours_estimated" in row["warnings"]


# --- customers


def surveys(kind: str, scores: list[float], rule: str = "cohort", days: int = 3) -> dict[str, pd.DataFrame]:
    ids = [str(number) for number in range(len(scores))]
    sent = pd.Timestamp("2025-05-05 08:00")
    asked = pd.DataFrame({"invitation_id": ids, "survey_id": "s", "sent_at": sent, "rep_id": "elif", "delivered": True})
    said = pd.DataFrame(
        {
            "response_id": ids, "survey_id": "s", "invitation_id": ids, "score": scores, "rep_id": "elif",
            "answered_at": sent + pd.Timedelta(days=days),
        }
    )  # fmt: skip
    top = 10.0 if kind == "nps" else 5.0
    survey = pd.DataFrame(
        {
            "survey_id": ["s"], "name": ["s"], "kind": [kind], "scale_min": [0.0], "scale_max": [top],
            "cutoff_days": [30], "denominator_rule": [rule],
        }
    )  # fmt: skip
    return {"survey": survey, "survey_invitation": asked, "survey_response": said}


def test_ten_promoters_are_not_certainty():
    """Published: adjusted Wald gives 48 to 100 at 95 %; at 90 % it starts a little higher. Plain Wald has no width."""
    row = value(organisation(OPEN, **surveys("nps", [10.0] * 10)), "nps")

    assert row["value"] == row["high"] == 100
    assert 48 < row["low"] < 65


def test_the_two_best_boxes_are_satisfied():
    row = value(organisation(OPEN, **surveys("csat", [5.0] * 4 + [4.0] * 4 + [3.0, 1.0])), "csat")

    assert row["value"] == 0.8


def test_an_answer_after_the_cut_off_is_late_by_the_cohort_rule_only():
    scores = [5.0] * 10
    cohort, window = (organisation(OPEN, **surveys("csat", scores, rule, days=40)) for rule in ("cohort", "window"))

    assert value(cohort, "csat")["n"] == 0
    assert value(window, "csat")["n"] == 10


def test_an_invitation_that_can_still_be_answered_does_not_lower_the_response_rate():
    tables = surveys("csat", [5.0] * 4)
    tables["survey_response"] = tables["survey_response"].head(1)
    young = organisation(OPEN, as_of=date(2025, 5, 20), **tables)

    assert value(organisation(OPEN, **tables), "survey_response_rate")["value"] == 0.25
    assert value(young, "survey_response_rate")["na_reason"] == "no_exposure"


def test_themes_are_never_anybodys():
    coded = pd.DataFrame(
        {
            "note_id": list("abcde"), "kind": "interview", "occurred_at": pd.Timestamp("2025-05-05"), "theme": "price",
            "coder_id": "x",
        }
    )  # fmt: skip
    data = organisation(OPEN, theme_code=coded)

    assert value(data, "voc_themes", "price", by="all")["value"] == 5
    assert value(data, "voc_themes")["na_reason"] == "not_applicable"


# --- coaching


def test_cadence_is_a_number_of_the_coach():
    people = pd.DataFrame({"rep_id": ["elif", "mert"], "full_name": ["elif", "mert"], "role": ["AE", "Manager"]})
    meetings = pd.DataFrame(
        {
            "one_on_one_id": list("abcd"), "rep_id": "elif", "coach_id": "mert", "status": ["held"] * 3 + ["missed"],
            "planned_at": pd.Timestamp("2025-05-05 08:00"),
        }
    )  # fmt: skip
    data = organisation(OPEN, rep=people, one_on_one=meetings)
    rows = METRICS["coaching_cadence"].rows(data, Q2, ["elif", "mert"])

    assert rows.loc["mert", "value"] == 0.75
    assert rows.loc["elif", "na_reason"] == "not_applicable"


def test_an_action_closed_late_or_dropped_is_not_closed_on_time():
    days = pd.to_datetime(["2025-05-01", "2025-05-20", "2025-05-01"])
    actions = pd.DataFrame(
        {
            "action_id": list("abc"), "owner_id": "elif", "text": "call", "created_at": pd.Timestamp("2025-04-20"),
            "due": pd.Timestamp("2025-05-10"), "status": ["done", "done", "dropped"], "closed_at": days,
        }
    )  # fmt: skip
    row = value(organisation(OPEN, action_item=actions), "action_closure")

    assert (row["value"], row["n"]) == (0.5, 2)


def test_each_item_of_hygiene_is_told_apart():
    data = organisation(
        [
            {"amount": 5.0, "expected_close": pd.Timestamp("2025-08-01"), "created_at": "2025-05-01"},
            {"created_at": "2025-05-01"},
        ]
    )

    assert value(data, "hygiene", "amount")["value"] == 0.5
    assert value(data, "hygiene", "contact")["value"] == 0
