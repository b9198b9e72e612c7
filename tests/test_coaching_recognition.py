"""What is recognised is behaviour, or more than luck; nobody is ranked; a bonus is simulated to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from coaching_support import keys, read
from hypothesis import given
from hypothesis import strategies as st

from salescoach.coaching.bonus import Accelerator, BonusPlan, curve, faults, payout
from salescoach.coaching.recognition import (
    BehaviourRule,
    awards,
    behaviour,
    by_group,
    certificate,
    not_recognised,
    personal_best,
)
from salescoach.diagnosis.findings import Answer
from salescoach.statistics import wilson

RULE = BehaviourRule("next_steps", "Every meeting ended with a date", 4)


def rate(k: int, n: int) -> Answer:
    low, high = wilson(k, n)
    return Answer(k / n, n, k, n, float(low), float(high), None)


# --- who is recognised ------------------------------------------------------------------------------------------


def test_behaviour_is_recognised_when_it_was_done_every_time():
    found = behaviour("R1", [False, True, True, True, True], RULE)

    assert found is not None
    assert "the last 4 times" in read([found.said])[0]
    assert behaviour("R1", [True, True, True, True, False], RULE) is None


def test_a_personal_best_beyond_chance_is_recognised():
    found = personal_best("R1", "win_rate_count", [rate(4, 20)] * 5, rate(14, 20))

    assert found is not None
    assert found.kind == "outcome"
    assert read([found.said], "tr")


def test_a_best_that_may_be_luck_recognises_the_way_it_was_done():
    found = personal_best("R1", "win_rate_count", [rate(4, 20)] * 5, rate(6, 20))

    assert found is not None
    assert found.kind == "process"
    assert certificate(found, "Elif", date(2026, 4, 10), "M1")[0] is None


def test_fewer_discounts_are_better():
    usual = [rate(10, 20)] * 5

    assert personal_best("R1", "no_decision_rate", usual, rate(2, 20)).kind == "outcome"
    assert personal_best("R1", "no_decision_rate", usual, rate(18, 20)) is None


@pytest.mark.parametrize(
    ("metric", "history", "now"),
    [
        ("win_rate_count", [rate(4, 20)] * 3, rate(14, 20)),  # too few periods
        ("win_rate_count", [*[rate(4, 20)] * 5, rate(15, 20)], rate(14, 20)),  # it was better once
        ("activity_volume", [rate(4, 20)] * 5, rate(14, 20)),  # more is not better
    ],
)
def test_what_is_no_best_is_not_recognised(metric, history, now):
    assert personal_best("R1", metric, history, now) is None


def test_luck_alone_is_hardly_ever_an_award():
    """Nobody changes in 2,000 careers of nine quarters; a plain "best so far" would award one in ten or more."""
    draw = np.random.default_rng(5)
    k = draw.binomial(20, 0.25, (2000, 9))
    naive = gated = 0
    for row in k:
        found = personal_best("R1", "win_rate_count", [rate(int(one), 20) for one in row[:-1]], rate(int(row[-1]), 20))
        naive += row[-1] > row[:-1].max()
        gated += found is not None and found.kind == "outcome"

    assert naive / 2000 > 0.06  # negative control
    assert gated / 2000 < 0.04


def test_awards_stand_by_name_and_only_with_consent_in_public():
    given_ = [behaviour(name, [True] * n, RULE, public=True) for name, n in (("Z", 9), ("A", 4), ("A", 5))]
    found = awards([*given_, None], {"A": True})

    assert [(one.rep_id, one.public) for one in found] == [("A", True), ("Z", False)]


def test_a_certificate_names_who_gives_it():
    best = behaviour("R1", [True] * 4, RULE)

    assert keys(certificate(best, "Elif", date(2026, 4, 10), "")[1]) == ["recognition.certificate.unsigned"]
    assert certificate(best, "Elif", date(2026, 4, 10), "M1")[0].display_name == "Elif"


def test_who_goes_unseen_is_listed_but_not_who_is_new():
    since = {"old": date(2024, 1, 1), "seen": date(2024, 1, 1), "new": date(2026, 1, 1)}
    given_ = [("seen", date(2026, 2, 1)), ("old", date(2025, 5, 1)), ("gone", date(2026, 1, 1))]

    assert not_recognised(since, given_, date(2026, 4, 10)) == (("old", 11),)


def test_small_groups_are_not_shown():
    group_of = {f"n{i}": "North" for i in range(5)} | {f"s{i}": "South" for i in range(4)}
    north, south = by_group(group_of, ["n0", "s0", "s1"])

    assert (north.recognised, north.n, south.na_reason) == (1, 5, "below_min_n")
    assert south.recognised == 0  # not even the count


def test_before_any_recognition_was_kept_a_group_has_no_share():
    group_of = {f"n{i}": "North" for i in range(5)}

    assert by_group(group_of, None)[0].na_reason == "no_exposure"
    assert by_group(group_of, [])[0].na_reason is None  # somebody elsewhere was recognised: nobody here is an answer


# --- the bonus ------------------------------------------------------------------------------------------------------

D = Decimal
PLAN = BonusPlan(D(10000), D("0.5"), accelerators=(Accelerator(D(1), D("1.5")), Accelerator(D("1.2"), D(2))), cap=D(2))
QUOTA = D(100000)


@pytest.mark.parametrize(
    ("credited", "paid"),
    [
        ("49999.99", "0.00"),  # below the threshold
        ("50000", "5000.00"),  # on it, from the first
        ("100000", "10000.00"),
        ("110000", "11500.00"),  # 10,000 + .1 x 1.5
        ("130000", "15000.00"),  # 10,000 + .2 x 1.5 + .1 x 2
        ("200000", "20000.00"),  # 29,000, capped at twice the target
    ],
)
def test_the_payout_is_the_one_by_hand(credited, paid):
    assert payout(PLAN, D(credited), QUOTA).paid == D(paid)


def test_only_what_lies_above_the_threshold_may_count():
    above = BonusPlan(D(10000), D("0.5"), from_first=False)

    assert payout(above, D(80000), QUOTA).paid == D("3000.00")


def test_half_a_year_has_half_a_quota_and_half_a_target():
    found = payout(PLAN, D(55000), QUOTA, worked=D("0.5"))

    assert (found.quota, found.paid) == (D(50000), D("5750.00"))


def test_cents_are_exact_where_binary_numbers_are_not():
    """A third of a cent three times: 1.005 is rounded up, which a float would not do."""
    plan = BonusPlan(D("1.005"))

    assert payout(plan, QUOTA, QUOTA).paid == D("1.01")
    assert round(1.005, 2) == 1.0  # negative control


def test_the_way_there_is_shown():
    found = payout(PLAN, D(200000), QUOTA)

    assert [(band.credited, band.paid) for band in found.bands] == [
        (D("100000.00"), D("10000.00")), (D("20000.00"), D("3000.00")), (D("80000.00"), D("16000.00")),
    ]  # fmt: skip
    assert (found.before_cap, found.attainment) == (D("29000.00"), D(2))
    assert keys(found.remarks) == ["recognition.bonus.capped", "recognition.bonus.not_payroll"]
    assert all(read(found.remarks, code) for code in ("en", "tr"))


def test_without_a_quota_there_is_no_attainment():
    found = payout(PLAN, D(10), D(0))

    assert found.attainment is None
    assert "recognition.bonus.no_quota" in keys(found.remarks)


def test_rules_that_contradict_each_other_are_named():
    turned = BonusPlan(D(1), accelerators=(Accelerator(D(2), D(1)), Accelerator(D(1), D(1))))

    assert keys(faults(turned)) == ["recognition.bonus.order"]
    assert keys(faults(BonusPlan(D(-1)))) == ["recognition.bonus.negative"]
    assert payout(turned, D(1), D(1)).paid == 0


@given(st.lists(st.decimals(0, 3, places=4), min_size=2, max_size=6))
def test_more_is_never_paid_less(shares):
    paid = [amount for _, amount in curve(PLAN, QUOTA, sorted(shares))]

    assert paid == sorted(paid)
    assert max(paid) <= 2 * PLAN.target
