"""Metrics of customers, capability and coaching, each worked out by hand, beside the naive number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hand import after, deal, value
from tiny import organisation

from salescoach.metrics import METRICS

OPEN = [deal("open", deal_id="a"), deal("open", deal_id="b")]
PEOPLE = pd.DataFrame({"rep_id": ["elif", "mert", "naz"], "full_name": list("emn"), "role": ["AE", "Manager", "Coach"]})


# --- customers


def test_the_mean_answer_of_satisfaction_and_of_effort():
    """Ten answers of 1 to 5, two of each: the mean is 3. Of satisfaction two boxes of five are the best: .4."""
    sent = pd.Timestamp("2025-05-05")
    surveys = pd.DataFrame(
        {"survey_id": ["csat", "ces"], "name": "s", "kind": ["csat", "ces"], "scale_min": 1.0, "scale_max": 5.0,
         "cutoff_days": 30, "denominator_rule": "cohort"}
    )  # fmt: skip
    rows = [(kind, place, float(place % 5 + 1)) for kind in ("csat", "ces") for place in range(10)]
    said = pd.DataFrame(
        {
            "response_id": [f"{kind}{place}" for kind, place, _ in rows], "survey_id": [kind for kind, _, _ in rows],
            "score": [score for *_, score in rows], "rep_id": "elif", "sent_at": sent,
            "answered_at": sent + pd.Timedelta(days=2),
        }
    )  # fmt: skip
    data = organisation(OPEN, survey=surveys, survey_response=said)

    assert value(data, "csat_mean")["value"] == pytest.approx(3.0)
    assert value(data, "ces")["value"] == pytest.approx(3.0)
    assert value(data, "csat")["value"] == pytest.approx(0.4)


def test_the_value_lost_with_a_theme_counts_each_deal_once_and_nobody():
    """Five lost deals of 100, 200, … 500 with the theme price, one of them coded twice: 1500. With service only one: n.

    Adding up the codes would give 1600.
    """
    lost = [deal("lost", "2025-05-05", deal_id=f"t{place}", amount=100.0 * place) for place in range(1, 6)]
    coded = [*[f"t{place}" for place in range(1, 6)], "t1"]
    themes = pd.DataFrame(
        {
            "note_id": [f"n{place}" for place in range(7)], "kind": "loss_reason", "coder_id": "x",
            "occurred_at": pd.Timestamp("2025-05-06"), "theme": ["price"] * 6 + ["service"], "deal_id": [*coded, "t1"],
        }
    )  # fmt: skip
    data = organisation(lost, theme_code=themes)

    row = value(data, "voc_lost_value", "price", by="all")
    assert (row["value"], row["n"]) == (1500.0, 5)
    assert value(data, "voc_lost_value", "service", by="all")["na_reason"] == "below_min_n"
    assert value(data, "voc_lost_value")["na_reason"] == "not_applicable"


# --- what people can do, and how it is judged


def test_newcomers_have_found_their_feet_with_four_fifths_of_an_experienced_quarter():
    """Five experienced reps win 100 a month, so a quarter is 300 and the bar 240: three months of 100 in a row.

    Seven newcomers win nothing for 0, 1, … 6 months then 100 a month: there after 3, 4, … 9 months, the middle is 6.
    """
    months = pd.date_range("2023-01-10", "2025-06-10", freq=pd.DateOffset(months=1))
    old, new = list("abcde"), list("nopqrst")
    start = pd.Timestamp("2024-02-01")
    idle = {rep: place for place, rep in enumerate(new)}
    deals = [
        deal("won", f"{day:%Y-%m-%d}", after(f"{day:%Y-%m-%d}", -8), owner_id=rep)
        for rep in [*old, *new] for day in months
        if rep in old or day >= start + pd.DateOffset(months=idle[rep])
    ]  # fmt: skip
    people = pd.DataFrame({"rep_id": [*old, *new], "full_name": [*old, *new], "role": "AE"})
    people["start_date"] = [pd.Timestamp("2019-01-01")] * 5 + [start] * 7
    row = value(organisation(deals, rep=people), "ramp_time", "with_leavers", by="all")

    assert (row["n"], row["denominator"]) == (7, 7)
    assert row["value"] == 6


def test_training_counts_when_it_is_due():
    """Four were due in May, three of them done by then, one a day late; one is due in August: 3 of 4."""
    due = pd.to_datetime(["2025-05-15"] * 4 + ["2025-08-15"])
    done = pd.to_datetime(["2025-05-02", "2025-05-10", "2025-05-15", "2025-05-16", None])
    courses = pd.DataFrame(
        {"rep_id": "elif", "course_id": list("abcde"), "assigned_at": pd.Timestamp("2025-04-02"), "due": due,
         "status": ["completed"] * 4 + ["assigned"], "completed_at": done}
    )  # fmt: skip
    row = value(organisation(OPEN, training_completion=courses), "training_completion")

    assert (row["value"], row["n"]) == (0.75, 4)


def scored(*looks: tuple[str, str, str, float], subject: str = "") -> dict[str, pd.DataFrame]:
    """Observations: (rep, observer, deal, points)."""
    keys = [f"o{place}" for place in range(len(looks))]
    seen = pd.DataFrame(
        {
            "obs_id": keys, "rep_id": [rep for rep, *_ in looks], "observer_id": [who for _, who, *_ in looks],
            "subject_deal_id": [about or None for *_, about, _ in looks], "template_id": "t", "version": 1,
            "occurred_at": pd.Timestamp("2025-05-05 08:00"), "is_self": False,
        }
    )  # fmt: skip
    given = pd.DataFrame(
        {"obs_id": keys, "item_id": "q", "competency_id": "c", "value": [points for *_, points in looks], "na": False}
    )
    return {"observation": seen, "answer": given}


def test_a_competency_score_is_the_mean_of_what_others_saw():
    """3, 4, 4, 5 and 4: 4.0, as given, because nobody scored anything twice."""
    row = value(organisation(OPEN, **scored(*[("elif", "mert", "", points) for points in (3, 4, 4, 5, 4)])),
                "competency_score")  # fmt: skip

    assert row["value"] == pytest.approx(4.0)
    assert "rater_as_given" in row["warnings"]


def test_one_look_is_as_reliable_as_people_differ_beyond_it():
    """Five people seen twice: 1 2, 2 3, 3 4, 4 5, 5 4. Means 1.5, 2.5, 3.5, 4.5, 4.5 around 3.3.

    Between: 2 (3.24 + .64 + .04 + 1.44 + 1.44) / 4 = 3.4. Within: 5 x .5 / 5 = .5. ICC = 2.9 / 3.9 = .744.
    """
    pairs = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 4)]
    looks = [(rep, "mert", "", float(points)) for rep, both in zip("abcde", pairs, strict=True) for points in both]
    deals = [deal("open", owner_id=rep) for rep in "abcde"]
    row = value(organisation(deals, **scored(*looks)), "competency_reliability", by="all")

    assert row["value"] == pytest.approx(2.9 / 3.9)
    assert (row["n"], row["denominator"]) == (10, 5)
    assert row["low"] < row["value"] < row["high"]
    swapped = [(rep, *rest) for (_, *rest), rep in zip(looks, "abcdeabcde", strict=True)]
    mixed = value(organisation(deals, **scored(*swapped)), "competency_reliability", by="all")
    assert mixed["value"] < 0.3  # negative control: the same points, dealt out to the wrong people


def test_observers_who_differ_by_one_point_agree_less_and_one_of_them_is_generous():
    """Ten deals seen by both; naz gives 1 to 5 twice, mert the same and one more on half of them: +.5 and -.5."""
    looks = []
    for place in range(10):
        points = float(place % 4 + 1)
        looks += [("elif", "naz", f"d{place}", points), ("elif", "mert", f"d{place}", points + place % 2)]
    data = organisation(OPEN, rep=PEOPLE, **scored(*looks))

    assert value(data, "rater_leniency", rep="mert")["value"] == pytest.approx(0.5)
    assert value(data, "rater_leniency", rep="naz")["value"] == pytest.approx(-0.5)
    assert 0.5 < value(data, "rater_agreement", rep="mert")["value"] < 1


# --- coaching


def meetings(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """One-on-ones of mert that were held: (rep, day, hours)."""
    days = pd.to_datetime([f"{day} 08:00" for _, day, _ in rows])
    return pd.DataFrame(
        {
            "one_on_one_id": [str(place) for place in range(len(rows))], "rep_id": [rep for rep, *_ in rows],
            "coach_id": "mert", "planned_at": days, "held_at": days, "status": "held",
            "duration_s": [hours * 3600 for *_, hours in rows],
        }
    )  # fmt: skip


def test_coaching_is_counted_in_days_since_and_in_hours_for_each_person():
    """elif was met 10 days ago and before, can 30 days ago: the median is 20. Two hours and a half for two: 1.25."""
    held = meetings(("elif", "2025-06-20", 1.0), ("elif", "2025-05-20", 1.0), ("can", "2025-05-31", 0.5))
    unsaid = held.assign(duration_s=[3600.0, np.nan, 1800.0])
    data = organisation(OPEN, rep=PEOPLE, one_on_one=held)

    assert value(data, "coaching_gap", rep="mert")["value"] == 20
    assert value(data, "coaching_hours", rep="mert")["value"] == pytest.approx(1.25)
    assert value(data, "coaching_gap", rep="elif")["na_reason"] == "not_applicable"
    found = value(organisation(OPEN, rep=PEOPLE, one_on_one=unsaid), "coaching_hours", rep="mert")
    assert found["na_reason"] == "missing_field"  # a meeting of unknown length is not one of no length


def test_open_actions_are_as_old_as_the_promise():
    """Promised 10 and 30 days ago and still open; one done, one dropped: the median of the open ones is 20."""
    promised = pd.to_datetime([f"{after('2025-06-30', -days)} 08:00" for days in (10, 30, 50, 60)])
    actions = pd.DataFrame(
        {
            "action_id": list("abcd"), "owner_id": "elif", "text": "call", "created_at": promised,
            "due": pd.Timestamp("2025-07-15"), "status": ["open", "in_progress", "done", "dropped"],
            "closed_at": pd.to_datetime([None, None, "2025-06-20 08:00", "2025-06-20 08:00"]),
        }
    )  # fmt: skip
    row = value(organisation(OPEN, action_item=actions), "action_open_age")

    assert (row["value"], row["n"]) == (20, 2)


def test_feedback_is_as_late_as_the_middle_one():
    """1, 3 and 8 days after the event: 3, where the mean is 4."""
    given = pd.Timestamp("2025-05-20 08:00")
    said = pd.DataFrame(
        {
            "feedback_id": list("abc"), "rep_id": "elif", "author_id": "mert", "given_at": given, "kind": "strength",
            "about_event_at": [given - pd.Timedelta(days=days) for days in (1, 3, 8)],
        }
    )  # fmt: skip

    assert value(organisation(OPEN, rep=PEOPLE, feedback=said), "feedback_timeliness", rep="mert")["value"] == 3


def test_progress_is_the_part_of_the_way_and_not_of_the_target():
    """From .2 to .6, now 5 of 10: .3 of .4 is three quarters of the way; of the target it would be .83."""
    goal = pd.DataFrame(
        {
            "goal_id": ["g"], "version": 1, "owner_id": "elif", "kind": "outcome", "metric_id": "win_rate_count",
            "baseline": 0.2, "target": 0.6, "start": pd.Timestamp("2025-04-01"), "due": pd.Timestamp("2025-06-30"),
            "status": "signed", "recorded_at": pd.Timestamp("2025-03-20"),
        }
    )  # fmt: skip
    deals = [deal("won" if number < 5 else "lost", "2025-05-05") for number in range(10)]

    assert value(organisation(deals, goal=goal), "goal_progress", "win_rate_count")["value"] == pytest.approx(0.75)


def test_every_metric_has_a_number_that_was_worked_out_by_hand(request: pytest.FixtureRequest):
    """Each id stands in one of the files of numbers by hand; the bridge, which adds up by itself, in its own."""
    folder = request.path.parent
    names = ("test_metrics.py", "test_metrics_*.py", "test_tables_waterfall.py")
    told = "".join(
        path.read_text(encoding="utf-8")
        for pattern in names for path in folder.glob(pattern) if path.name != "test_metrics_contract.py"
    )  # fmt: skip

    assert [name for name in METRICS if f'"{name}"' not in told and name != "pipeline_bridge"] == []
