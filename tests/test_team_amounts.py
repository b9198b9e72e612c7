"""Amounts on the team's page: what nobody recorded is said to be so; it is no zero."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.coaching.team import prepare_team
from salescoach.coaching.team_flow import loss_reasons, sources, stage_steps
from salescoach.metrics.question import Question
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.tables.data import SalesData

Q2 = Calendar().period("2025Q2")


def lost(*deals: tuple[str, float | None]) -> SalesData:
    """Deals lost in May for a reason each, with an amount or without; all of them left the stage Proposal."""
    rows = [
        {"status": "lost", "created_at": "2025-04-02", "closed_at": "2025-05-05", "loss_reason": reason,
         "amount": amount, "source": "web", "pipeline": "all", "expected_close": pd.Timestamp("2025-05-20")}
        for reason, amount in deals
    ]  # fmt: skip
    history = pd.DataFrame(
        [(f"d{number:04d}", "all", stage, pd.Timestamp(day)) for number in range(len(deals))
         for stage, day in (("Proposal", "2025-04-02"), ("Lost", "2025-05-05"))],
        columns=["deal_id", "pipeline", "stage_to", "entered_at"],
    )  # fmt: skip
    stages = pd.DataFrame({"pipeline": "all", "stage": ["Proposal", "Lost"], "order": [1, 2], "kind": ["open", "lost"]})
    return organisation(rows, stage_history=history, stage=stages)


def ask(data: SalesData) -> Question:
    return Question.about(data, Q2, "all")


def test_reasons_without_an_amount_have_none_and_come_last():
    """price: 100 and one unrecorded = 100; fit: two unrecorded = not known, although a plain sum would say 0."""
    found = loss_reasons(ask(lost(("fit", None), ("fit", None), ("price", 100.0), ("price", None))))

    assert [one.reason for one in found] == ["price", "fit"]
    assert found[0].value == 100
    assert math.isnan(found[1].value)
    assert pd.Series([math.nan, math.nan]).sum() == 0  # negative control


@pytest.mark.parametrize(("amounts", "together"), [((100.0, None), 100.0), ((None, None), math.nan)])
def test_what_was_lost_in_a_stage_is_known_as_far_as_it_is_recorded(amounts, together):
    step = next(iter(stage_steps(ask(lost(*(("price", amount) for amount in amounts))), Calendar().period("2024Q2"))))

    assert step.lost == 2
    assert step.lost_value == pytest.approx(together, nan_ok=True)


def test_a_source_whose_wins_have_no_amount_has_won_an_unknown_sum():
    won = {"status": "won", "created_at": "2025-04-02", "closed_at": "2025-05-05"}
    data = organisation([{**won, "source": "web"}, {**won, "source": "fair", "amount": 50.0}])

    assert {one.source: math.isnan(one.won) for one in sources(ask(data))} == {"fair": False, "web": True}


def test_open_deals_that_stand_still_without_amounts_come_to_no_sum():
    """Two past due: without amounts their value is unknown; with one amount it is that amount; none past due is 0."""
    late = {"created_at": "2025-01-02", "expected_close": pd.Timestamp("2025-03-01")}
    ahead = {"created_at": "2025-01-02", "expected_close": pd.Timestamp("2025-12-01")}

    assert math.isnan(stale([late, late]))
    assert stale([late, {**late, "amount": 70.0}]) == 70
    assert stale([ahead]) == 0


def stale(deals: list[dict[str, object]]) -> float:
    return prepare_team(organisation(deals), Q2, {}).stale[2]


@pytest.mark.parametrize(("code", "said"), [("en", "not recorded"), ("tr", "kayıtlı değil")])
def test_a_page_says_that_an_amount_is_not_recorded(code: str, said: str):
    wording = Wording(load_words(code), "TRY")

    assert wording.amount(math.nan) == said
    assert "0" in wording.amount(0.0)
