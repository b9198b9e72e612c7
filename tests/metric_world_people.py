"""The tables beside the deals, for the made-up organisation of ``metric_world``: a few rows of everything."""

from __future__ import annotations

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]

_QUARTERS = pd.to_datetime(["2024-04-01", "2024-07-01", "2024-10-01", "2025-01-01"])
_WEEKS = pd.date_range("2024-09-02", "2025-06-09", freq="W-MON")
_COACHES = ("mert", "naz")


def enriched(given: Tables, reps: tuple[str, ...]) -> Tables:
    """*given* with all tables that metrics beyond the deals look at, and the columns they need in those there."""
    draw = np.random.default_rng(11)
    deals = given["opportunity"]
    return {
        **given,
        "opportunity": _deals(draw, deals),
        "stage": given["stage"].assign(default_prob=[0.1, 0.3, 0.6, 1.0, 0.0]),
        "stage_history": given["stage_history"].assign(
            forecast_category_at=draw.choice(["commit", "best_case", "pipeline"], size=len(given["stage_history"]))
        ),
        "lead": _leads(draw, given["lead"]),
        "activity": pd.concat([given["activity"], _activities(draw, deals, given["lead"])], ignore_index=True),
        "exit_criterion": pd.DataFrame(
            {
                "deal_id": deals["deal_id"], "stage": "Contact", "criterion": "need",
                "met": draw.random(len(deals)) < 0.7,
                "checked_at": deals["created_at"] + pd.Timedelta(days=3),
            }
        ),
        "forecast_submission": _forecasts(draw, reps),
        **_money_and_time(draw, reps),
        **_surveys(draw, deals),
        **_coaching(draw, deals, reps),
    }  # fmt: skip


def _deals(draw: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    count = len(deals)
    return deals.assign(
        account_id=[f"acc{number % 300:03d}" for number in range(count)],
        contact_id=np.where(draw.random(count) < 0.8, "c" + deals["deal_id"], None),
        next_step=np.where(draw.random(count) < 0.5, "call again", None),
        type=draw.choice(["new", "renewal"], p=[0.8, 0.2], size=count),
        cost=deals["amount"] * draw.uniform(0.2, 0.6, size=count),
    )


def _leads(draw: np.random.Generator, leads: pd.DataFrame) -> pd.DataFrame:
    answered = leads["created_at"] + pd.to_timedelta(draw.integers(5, 3000, size=len(leads)), unit="min")
    return leads.assign(first_response_at=answered.where(draw.random(len(leads)) < 0.7), segment="SMB")


def _activities(draw: np.random.Generator, deals: pd.DataFrame, leads: pd.DataFrame) -> pd.DataFrame:
    kinds = {
        "call": ["connected", "no_answer"], "email": ["replied", "other"], "meeting": ["held", "no_show"],
    }  # fmt: skip
    rows = []
    chosen = deals[deals["deal_id"] != "idle"].reset_index(drop=True)
    for number, deal in enumerate(chosen.itertuples()):
        for kind, outcomes in kinds.items():
            outcome = str(draw.choice(outcomes))
            two_way = outcome in ("connected", "held")
            rows.append(
                {
                    "activity_id": f"{kind}{number}", "type": kind, "outcome": outcome, "owner_id": deal.owner_id,
                    "occurred_at": deal.created_at + pd.Timedelta(days=int(draw.integers(0, 30))), "is_system": False,
                    "direction": "two_way" if two_way else "in" if outcome == "replied" else "out",
                    "deal_id": deal.deal_id, "contact_id": f"c{draw.integers(0, 4)}" if two_way else None,
                    "lead_id": f"lead-{deal.deal_id}" if kind == "call" else None,
                }
            )  # fmt: skip
    table = pd.DataFrame(rows)
    first = table[table["type"] == "call"].index[::2]
    arrived = table.loc[first, "lead_id"].map(leads.set_index("lead_id")["created_at"])
    table.loc[first, "occurred_at"] = arrived + pd.Timedelta(hours=5)
    return table


def _forecasts(draw: np.random.Generator, reps: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        {
            "submission_id": f"f{rep}{start:%Y%m}{week}", "rep_id": rep, "period_start": start, "category": "commit",
            "submitted_at": start + pd.Timedelta(days=3 + 25 * week), "kind": "rep_call", "currency": "TRY",
            "amount": float(np.round(draw.uniform(50_000, 150_000))),
        }
        for rep in reps for start in _QUARTERS for week in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _money_and_time(draw: np.random.Generator, reps: tuple[str, ...]) -> Tables:
    months = pd.date_range("2024-01-01", "2025-06-01", freq="MS")
    costs = [
        {
            "scope": "rep", "scope_id": rep, "period_start": month, "period_end": month + pd.offsets.MonthBegin(1),
            "kind": "salary", "amount": 9000.0, "currency": "TRY",
        }
        for rep in reps for month in months
    ]  # fmt: skip
    hours = [
        {
            "rep_id": rep, "week_start": week, "category": kind, "hours": float(np.round(draw.uniform(3, 15), 1)),
            "method": "survey" if rep == reps[0] else "log",
        }
        for rep in reps for week in _WEEKS for kind in ("selling", "internal", "travel")
    ]  # fmt: skip
    return {"cost": pd.DataFrame(costs), "time_use": pd.DataFrame(hours)}


def _surveys(draw: np.random.Generator, deals: pd.DataFrame) -> Tables:
    won = deals[deals["status"] == "won"].reset_index(drop=True)
    kind = np.array(["csat", "nps", "ces"])[np.arange(len(won)) % 3]
    sent = pd.to_datetime(won["closed_at"]) + pd.Timedelta(days=5)
    asked = pd.DataFrame(
        {
            "invitation_id": "i" + won["deal_id"], "survey_id": kind, "sent_at": sent, "deal_id": won["deal_id"],
            "rep_id": won["owner_id"], "delivered": True,
        }
    )  # fmt: skip
    told = asked[draw.random(len(asked)) < 0.9]
    said = told.assign(
        response_id="r" + told["deal_id"], answered_at=told["sent_at"] + pd.Timedelta(days=4),
        score=np.where(told["survey_id"] == "nps", draw.integers(3, 11, len(told)), draw.integers(2, 6, len(told))),
    ).drop(columns="delivered")  # fmt: skip
    coded = pd.DataFrame(
        {
            "note_id": "n" + deals["deal_id"], "kind": "loss_reason", "occurred_at": deals["created_at"],
            "theme": draw.choice(["price", "service"], size=len(deals)), "coder_id": "x", "deal_id": deals["deal_id"],
        }
    )  # fmt: skip
    surveys = pd.DataFrame(
        {
            "survey_id": ["csat", "nps", "ces"], "name": "survey", "kind": ["csat", "nps", "ces"],
            "scale_min": [1.0, 0.0, 1.0], "scale_max": [5.0, 10.0, 5.0], "cutoff_days": 30,
            "denominator_rule": "cohort",
        }
    )  # fmt: skip
    return {"survey": surveys, "survey_invitation": asked, "survey_response": said, "theme_code": coded}


def _coaching(draw: np.random.Generator, deals: pd.DataFrame, reps: tuple[str, ...]) -> Tables:
    pairs = [(rep, week) for rep in reps for week in _WEEKS]
    person, week = [rep for rep, _ in pairs], pd.Series([when for _, when in pairs])
    count, key = len(pairs), [f"{number:04d}" for number in range(len(pairs))]
    moment = week + pd.Timedelta(hours=8)
    coach = np.array(_COACHES)[np.arange(count) % 2]
    points = pd.DataFrame(
        [(f"o{number}{side}", item, "skill", float(draw.integers(1, 6)))
         for number in key for side in "ab" for item in ("q1", "q2")],
        columns=["obs_id", "item_id", "competency_id", "value"],
    )  # fmt: skip
    seen = pd.DataFrame({"rep_id": person, "occurred_at": moment, "template_id": "t", "version": 1, "is_self": False})
    seen["subject_deal_id"] = ["x" + number for number in key]
    return {
        "one_on_one": pd.DataFrame(
            {
                "one_on_one_id": key, "rep_id": person, "coach_id": coach, "planned_at": moment, "held_at": moment,
                "status": draw.choice(["held", "missed"], p=[0.8, 0.2], size=count),
            }
        ),
        "action_item": pd.DataFrame(
            {
                "action_id": key, "owner_id": person, "text": "call", "created_at": moment,
                "due": week + pd.Timedelta(days=14),
                "status": "done", "closed_at": moment + pd.to_timedelta(draw.integers(5, 20, size=count), unit="D"),
            }
        ),
        "feedback": pd.DataFrame(
            {
                "feedback_id": key, "rep_id": person, "author_id": coach, "given_at": moment, "kind": "strength",
                "about_event_at": moment - pd.to_timedelta(draw.integers(0, 9, size=count), unit="D"),
            }
        ),
        "goal": pd.DataFrame(
            {
                "goal_id": list(reps), "version": 1, "owner_id": list(reps), "kind": "outcome", "metric_id": "win_rate",
                "baseline": 0.2, "target": 0.6, "start": pd.Timestamp("2025-01-01"), "due": pd.Timestamp("2025-12-31"),
                "status": "signed", "recorded_at": pd.Timestamp("2024-12-20"),
            }
        ),
        "observation": pd.concat(
            [seen.assign(obs_id=[f"o{number}a" for number in key], observer_id=coach),
             seen.assign(obs_id=[f"o{number}b" for number in key], observer_id=coach[::-1])], ignore_index=True
        ),
        "answer": points.assign(na=False),
        "training_completion": pd.DataFrame(
            {
                "rep_id": person, "course_id": key, "assigned_at": moment, "due": week + pd.Timedelta(days=30),
                "status": "completed",
                "completed_at": moment + pd.to_timedelta(draw.integers(5, 40, size=count), unit="D"),
            }
        ),
    }  # fmt: skip
