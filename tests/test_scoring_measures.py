"""Figures of probabilities, checked by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from salescoach.scoring import measures
from salescoach.scoring.ladder import Standing, champion
from salescoach.scoring.measures import Ranked


@pytest.fixture
def judged():
    random = np.random.default_rng(1)
    p = random.integers(0, 20, 3_000) / 20  # many ties
    return (random.random(3_000) < p).astype(float), p


def test_auc_precision_and_losses_agree_with_scikit_learn(judged):
    won, p = judged

    assert Ranked(won, p).auc() == pytest.approx(metrics.roc_auc_score(won, p))
    assert Ranked(won, p).average_precision() == pytest.approx(metrics.average_precision_score(won, p))
    assert measures.brier(won, p) == pytest.approx(metrics.brier_score_loss(won, p))
    assert measures.log_loss(won, p) == pytest.approx(metrics.log_loss(won, np.clip(p, 1e-6, 1 - 1e-6)))


def test_a_weight_of_two_is_a_row_twice(judged):
    won, p = judged
    twice = np.ones(len(won)) + (np.arange(len(won)) % 3 == 0)
    repeated = np.repeat(np.arange(len(won)), twice.astype(int))

    assert Ranked(won, p).auc(twice) == pytest.approx(Ranked(won[repeated], p[repeated]).auc())
    assert Ranked(won, p).lift(0.1, twice) == pytest.approx(Ranked(won[repeated], p[repeated]).lift(0.1))


def test_lift_is_conversion_of_the_top_tenth_over_that_of_all():
    won = np.array([1.0, 0, 0, 0, 0, 0, 0, 0, 0, 1])

    assert Ranked(won, np.arange(10, 0, -1.0)).lift(0.1) == pytest.approx(5.0)
    assert Ranked(won, np.zeros(10)).lift(0.1) == pytest.approx(1.0)  # all equal: no order, no lift


def test_calibration_error_sees_probabilities_that_are_too_high(judged):
    won, p = judged

    assert measures.calibration_error(won, p) < 0.03
    assert measures.calibration_error(won, np.minimum(p + 0.2, 1)) > 0.15


def test_a_constant_is_one_bin():
    """Equal probabilities are never parted, or chance would look like miscalibration."""
    bins = measures.reliability(np.array([0.0, 1, 0, 1]), np.full(4, 0.5))

    assert [(r.n, r.said, r.came) for r in bins] == [(4, 0.5, 0.5)]


def test_groups_are_drawn_whole():
    weights = measures.group_weights(np.array([7, 7, 9]))

    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 0] + weights[:, 2] == 2).all()


def test_an_interval_covers_the_truth_about_as_often_as_it_says():
    """Calibrated by construction: the Brier score's expectation is known."""
    covered = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        p = random.random(300)
        loss = ((random.random(300) < p) - p) ** 2
        low, high = measures.interval(
            lambda w, x=loss: float(np.average(x, weights=w)), measures.group_weights(np.arange(300))
        )
        covered += low <= 1 / 6 <= high

    assert 88 <= covered <= 99


def standing(name, won, p, auc_low=0.7, skill_low=0.1):
    return Standing(name, auc_low, skill_low, (p - won) ** 2, measures.surprises(won, p))


def test_the_simplest_within_one_standard_error_is_the_champion(judged):
    won, p = judged
    p = np.clip(p, 0.05, 0.95)
    noise = np.random.default_rng(0).normal(scale=0.005, size=len(p))
    complex_, weights = standing("complex", won, p), measures.group_weights(np.arange(len(p)))

    assert champion([standing("simple", won, np.clip(p + noise, 0.01, 0.99)), complex_], weights) == "simple"
    assert champion([standing("simple", won, 0.5 + (p - 0.5) / 2), complex_], weights) == "complex"


def test_a_rung_that_is_far_too_sure_of_itself_is_no_champion():
    """One lead in fifty is won and nearly impossible, as it says: the Brier score hardly sees it."""
    won = np.tile(np.repeat([1.0, 0.0], [1, 49]), 3)
    fair, sure = np.full(150, 0.02), np.full(150, 1e-5)
    weights = measures.group_weights(np.arange(150))
    both = [standing("sure", won, sure), standing("fair", won, fair)]
    by_brier_alone = [Standing(s.name, s.auc_low, s.skill_low, s.losses, s.losses) for s in both]

    assert champion(both, weights) == "fair"
    assert champion(by_brier_alone, weights) == "sure"


def test_without_skill_there_is_no_champion(judged):
    won, p = judged
    weights = measures.group_weights(np.arange(len(p)))

    assert champion([standing("a", won, p, auc_low=0.54), standing("b", won, p, skill_low=-0.01)], weights) is None
