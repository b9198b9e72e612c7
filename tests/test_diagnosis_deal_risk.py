"""Deal review: which rules fire on an open deal, and what each has meant in the organisation's own closed deals."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pandas as pd
import pytest
from tiny import organisation

from salescoach.diagnosis.deal_risk import RULES, DealReview, deal_review, lift
from salescoach.tables.data import SalesData

TODAY = date(2025, 6, 30)
STAGES = pd.DataFrame({
    "pipeline": "all", "stage": ["Talk", "Need", "Offer", "Close", "Won", "Lost"], "order": range(1, 7),
    "kind": ["open"] * 4 + ["won", "lost"],
})  # fmt: skip
CONTACTS = pd.DataFrame({
    "contact_id": ["boss", "user", "buyer", "unknown"],
    "role": ["decision_maker", "evaluator", "economic_buyer", None],
})  # fmt: skip


def open_deal(name: str = "d", **fields: object) -> dict[str, object]:
    """An open deal on which no rule fires by itself."""
    usual = {"deal_id": name, "pipeline": "all", "stage": "Offer", "created_at": TODAY - timedelta(days=20),
             "amount": 100.0, "currency": "TRY", "expected_close": pd.Timestamp(2025, 8, 1)}  # fmt: skip
    return usual | fields


def moves(*rows: tuple[str, int, str, float, date | None]) -> pd.DataFrame:
    """Stage changes: deal, days ago, stage entered, amount and expected close at that moment."""
    return pd.DataFrame([
        {"deal_id": deal, "entered_at": pd.Timestamp(TODAY - timedelta(days=ago)) + pd.Timedelta(hours=6),
         "stage_to": stage, "amount_at": amount, "close_date_at": pd.Timestamp(close) if close else pd.NaT}
        for deal, ago, stage, amount, close in rows
    ])  # fmt: skip


def calls(*rows: tuple[str, int, str | None]) -> pd.DataFrame:
    """Two-way calls: deal, days ago, who was spoken to."""
    return pd.DataFrame([
        {"activity_id": f"a{number}", "deal_id": deal, "contact_id": contact, "type": "call", "direction": "two_way",
         "owner_id": "elif", "is_system": False,
         "occurred_at": pd.Timestamp(TODAY - timedelta(days=ago)) + pd.Timedelta(hours=6)}
        for number, (deal, ago, contact) in enumerate(rows)
    ])  # fmt: skip


def firing(data: SalesData, deal: str = "d") -> set[str]:
    return {rule for found in deal_review(data).deals if found.deal_id == deal for rule in found.rules}


def test_a_deal_on_which_nothing_stands_out_is_not_listed():
    data = organisation([open_deal()], stage=STAGES, activity=calls(("d", 2, "boss"), ("d", 3, "user")),
                        contact=CONTACTS)  # fmt: skip

    assert deal_review(data).deals == ()


def test_a_close_date_that_has_passed_fires():
    assert firing(organisation([open_deal(expected_close=pd.Timestamp(2025, 6, 29))], stage=STAGES)) == {"past_due"}
    assert firing(organisation([open_deal(expected_close=pd.Timestamp(2025, 6, 30))], stage=STAGES)) == set()


def test_two_delays_fire_and_one_does_not():
    once = moves(("d", 20, "Talk", 100, date(2025, 7, 1)), ("d", 15, "Need", 100, date(2025, 8, 1)))
    twice = moves(("d", 20, "Talk", 100, date(2025, 7, 1)), ("d", 15, "Need", 100, date(2025, 7, 20)),
                  ("d", 10, "Offer", 100, date(2025, 8, 1)))  # fmt: skip

    assert firing(organisation([open_deal()], stage=STAGES, stage_history=once)) == set()
    assert firing(organisation([open_deal()], stage=STAGES, stage_history=twice)) == {"pushed"}


def test_only_a_talk_in_both_directions_ends_the_silence():
    """A mail that nobody answers is no contact: counting every activity would hide the silence."""
    late = calls(("d", 15, "boss"), ("d", 1, "boss")).assign(direction=["two_way", "out"], type=["call", "email"])
    fresh = late.assign(direction="two_way")

    assert "silent" in firing(organisation([open_deal()], stage=STAGES, activity=late))
    assert "silent" not in firing(organisation([open_deal()], stage=STAGES, activity=fresh))


def test_no_decision_maker_fires_where_those_spoken_to_cannot_decide():
    def rules(*contacts: str) -> set[str]:
        work = calls(*(("d", 2, contact) for contact in contacts))
        return firing(organisation([open_deal()], stage=STAGES, activity=work, contact=CONTACTS))

    assert rules("user") == {"no_decision_maker"}
    assert rules("user", "boss") == set()
    assert rules("user", "buyer") == set()
    assert rules("unknown") == set()  # a role that nobody wrote down accuses nobody


def test_an_organisation_that_records_no_roles_is_not_told_that_deciders_are_missing():
    without = CONTACTS.assign(role="evaluator")
    data = organisation([open_deal()], stage=STAGES, activity=calls(("d", 2, "user")), contact=without)

    assert firing(data) == set()


@pytest.mark.parametrize(
    ("stage", "amount", "rules"),
    [("Need", 90, {"discount_early"}), ("Close", 90, set()), ("Close", 70, {"amount_cut"}), ("Need", 110, set()),
     ("Need", 70, {"discount_early", "amount_cut"})],
)  # fmt: skip
def test_a_price_that_falls_early_is_a_discount_asked_early_and_a_late_one_is_not(stage, amount, rules):
    history = moves(("d", 20, "Talk", 100, None), ("d", 10, stage, amount, None))

    assert firing(organisation([open_deal(stage=stage)], stage=STAGES, stage_history=history)) == rules


def test_without_amounts_over_time_the_stated_discount_counts_today_and_has_no_past():
    deals = [open_deal(stage="Need", discount_pct=0.1), open_deal("late", stage="Close", discount_pct=0.1)]
    data = organisation(deals, stage=STAGES)

    assert (firing(data), firing(data, "late")) == ({"discount_early"}, set())
    assert deal_review(data).lifts["discount_early"].na_reason == "no_history"


def test_a_step_back_fires():
    history = moves(("d", 20, "Need", 100, None), ("d", 10, "Offer", 100, None), ("d", 5, "Need", 100, None))

    assert firing(organisation([open_deal(stage="Need")], stage=STAGES, stage_history=history)) == {"moved_back"}


def test_an_early_stage_with_a_close_in_the_last_week_of_the_quarter_fires():
    history = moves(("d", 20, "Need", 100, None))

    def rules(stage: str, day: date) -> set[str]:
        deal = open_deal(stage=stage, expected_close=pd.Timestamp(day))
        return firing(organisation([deal], stage=STAGES, stage_history=history.assign(stage_to=stage)))

    assert rules("Need", date(2025, 9, 25)) == {"quarter_end"}
    assert rules("Need", date(2025, 9, 20)) == set()
    assert rules("Close", date(2025, 9, 25)) == set()
    assert rules("Need", date(2025, 3, 28)) == {"past_due"}  # nobody expects a day that has passed


def test_one_contact_on_a_large_deal_fires():
    deals = [open_deal(amount=500.0), open_deal("small", amount=10.0), open_deal("middle", amount=100.0)]
    work = calls(("d", 2, "boss"), ("small", 2, "boss"), ("middle", 2, "boss"))

    found = organisation(deals, stage=STAGES, activity=work)
    assert (firing(found), firing(found, "small")) == ({"one_contact"}, set())


def test_the_lift_is_the_ratio_of_the_shares_lost():
    """30 of 40 lost where it fired and 20 of 60 elsewhere: 2.25 times as often, by halves (30.5/40.5)/(20.5/60.5)."""
    fired = pd.Series([1.0] * 40 + [0.0] * 60)
    lost = pd.Series([1.0] * 30 + [0.0] * 10 + [1.0] * 20 + [0.0] * 40)
    found = lift(fired, lost)

    assert found.value == pytest.approx((30.5 / 40.5) / (20.5 / 60.5))
    assert found.low < found.value < found.high
    assert (found.n, found.fired, found.grey) == (100, 40, False)
    assert math.log(found.high / found.value) == pytest.approx(math.log(found.value / found.low))


def test_a_lift_that_chance_could_give_is_grey_and_one_of_few_deals_is_missing():
    even = lift(pd.Series([1.0] * 30 + [0.0] * 30), pd.Series([1.0, 0.0] * 30))
    few = lift(pd.Series([1.0] * 19 + [0.0] * 60), pd.Series([1.0] * 79))

    assert even.grey
    assert even.low < 1 < even.high
    assert (few.na_reason, few.fired) == ("below_min_n", 19)


def history_of(deciders: bool) -> DealReview:
    """60 deals spoken of with a user only, three of four lost; 60 with the boss, one of four lost.

    With *deciders* as an afterthought, the boss comes in on the day of the close everywhere.
    """
    deals, work = [open_deal(created_at=TODAY - timedelta(days=20))], []
    for number in range(120):
        alone, begun = number < 60, TODAY - timedelta(days=200 + number)
        lost = (number % 4 != 0) if alone else (number % 4 == 0)
        ended = begun + timedelta(days=40)
        stage, status = ("Lost", "lost") if lost else ("Won", "won")
        deals.append(open_deal(f"c{number}", stage=stage, status=status, created_at=begun, closed_at=ended))
        work.append((f"c{number}", 198 + number, "user" if alone else "boss"))
        if deciders:
            work.append((f"c{number}", 161 + number, "boss"))
    return deal_review(organisation(deals, stage=STAGES, activity=calls(*work), contact=CONTACTS))


def test_each_rule_carries_what_it_has_meant_in_the_closed_deals():
    found = history_of(deciders=False)

    assert set(found.lifts) == set(RULES)
    assert found.lifts["no_decision_maker"].value == pytest.approx((45.5 / 60.5) / (15.5 / 60.5))
    assert not found.lifts["no_decision_maker"].grey


def test_what_became_known_after_the_age_that_is_compared_is_not_looked_at():
    """Whoever wins speaks to the boss at last: with all that is known today, no deal would have lacked one."""
    assert history_of(deciders=True).lifts["no_decision_maker"] == history_of(deciders=False).lifts["no_decision_maker"]
