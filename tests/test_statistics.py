"""Estimates against published numbers, and what naive versions get wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from salescoach.statistics import (
    chi_square_p,
    heterogeneity,
    kaplan_meier,
    log_rank,
    newcombe,
    q_values,
    random_sum_limits,
    skewed_mean_factor,
    wilson,
)

TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
TREATED_ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published_by_newcombe(k, n, low, high):
    found = wilson(k, n, level=0.95)

    assert [round(float(limit), 4) for limit in found] == [low, high]


def test_wilson_to_fifteen_digits():
    low, high = wilson(19, 38, level=0.95)

    assert float(low) == pytest.approx(0.348499283643951, abs=1e-14)
    assert float(high) == pytest.approx(0.651500716356049, abs=1e-14)


@given(st.integers(1, 400), st.integers(0, 400))
def test_wilson_holds_the_share_and_stays_a_share(n, k):
    k = min(k, n)
    low, high = (float(limit) for limit in wilson(k, n))

    assert 0 <= low <= k / n <= high <= 1
    assert low < high  # even 10 of 10 leaves something unknown; the plain interval has no width there


def test_newcombe_difference_as_published():
    low, high = newcombe(56, 70, 48, 80, level=0.95)

    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_kaplan_meier_as_published_for_6mp():
    curve = kaplan_meier(TREATED, TREATED_ENDED, level=0.95)

    at = dict(zip(curve.time.tolist(), curve.survival.round(4).tolist(), strict=True))
    assert at == {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert (curve.median()[0], kaplan_meier(PLACEBO, [1] * len(PLACEBO)).median()[0]) == (23, 8)
    ten = curve.time.tolist().index(10)
    assert (round(curve.low[ten], 4), round(curve.high[ten], 4)) == (0.5032, 0.8894)


def test_dropping_running_cases_makes_time_look_shorter():
    """Negative control: the median of those that ended is 10; with the running ones it is 23."""
    ended = [age for age, done in zip(TREATED, TREATED_ENDED, strict=True) if done]

    assert float(np.median(ended)) == 10


def test_log_rank_as_published_for_6mp():
    ages = TREATED + PLACEBO
    ended = TREATED_ENDED + [1] * len(PLACEBO)
    observed, expected, variance = log_rank(ages, ended, [True] * len(TREATED) + [False] * len(PLACEBO))

    statistic = (observed - expected) ** 2 / variance

    assert statistic == pytest.approx(16.7929, abs=5e-5)
    assert chi_square_p(statistic, 1) == pytest.approx(4.169e-5, abs=5e-9)


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=2, max_size=40))
def test_kaplan_meier_agrees_with_scipy(cases):
    ages, ended = np.array([age for age, _ in cases]), np.array([done for _, done in cases])
    theirs = stats.ecdf(stats.CensoredData(uncensored=ages[ended], right=ages[~ended])) if ended.any() else None
    ours = kaplan_meier(ages, ended)

    if theirs is None:
        assert len(ours.time) == 0
    else:
        assert ours.survival == pytest.approx(theirs.sf.evaluate(ours.time))


def test_late_entry_keeps_somebody_out_of_earlier_risk_sets():
    """Two seen from the start, one only from day 10: at day 5 there are two at risk, not three."""
    curve = kaplan_meier([5, 20, 30], [1, 1, 1], [0, 0, 10])

    assert curve.survival.round(4).tolist() == [0.5, 0.25, 0.0]


def test_median_that_was_not_reached_is_missing():
    assert math.isnan(kaplan_meier([5, 9, 9, 9], [1, 0, 0, 0]).median()[0])


def test_benjamini_hochberg_as_published():
    ordered = ".0001 .0004 .0019 .0095 .0201 .0278 .0298 .0344 .0459 .3240 .4262 .5719 .6528 .7590 1.0"
    p = [float(value) for value in ordered.split()]

    assert int((q_values(p) <= 0.05).sum()) == 4
    assert sum(value <= 0.05 for value in p) == 9  # what believing each p-value alone would claim


def test_identical_groups_are_rarely_called_different():
    """Size of the test: at most about one in twenty of organisations without differences."""
    generator = np.random.default_rng(5)
    n = np.full(30, 40)
    called = [heterogeneity(generator.binomial(n, 0.25), n)[2] < 0.05 for _ in range(400)]

    assert np.mean(called) < 0.08


def test_best_and_worst_of_identical_groups_are_far_apart():
    """Why a raw ranking is never shown: eight identical reps, 20 deals each, differ by 25 points."""
    generator = np.random.default_rng(5)
    wins = generator.binomial(20, 0.25, size=(4000, 8)) / 20

    assert float(np.median(wins.max(axis=1) - wins.min(axis=1))) == pytest.approx(0.25, abs=0.03)


def test_mean_interval_covers_a_skewed_mean():
    generator = np.random.default_rng(7)
    samples = generator.lognormal(0.0, 0.7, size=(2000, 15))
    factor = skewed_mean_factor(np.log(samples).std(axis=1, ddof=1), np.full(2000, 15))
    mean, truth = samples.mean(axis=1), math.exp(0.7**2 / 2)

    assert 0.87 <= np.mean((mean / factor <= truth) & (truth <= mean * factor)) <= 0.95


def test_random_sum_interval_covers_the_expected_total():
    generator = np.random.default_rng(9)
    hits = []
    for _ in range(1500):
        amounts = generator.lognormal(0.0, 0.7, generator.poisson(20))
        low, high = random_sum_limits(amounts.sum(), (amounts**2).sum())
        hits.append(bool(low <= 20 * math.exp(0.7**2 / 2) <= high))

    assert 0.85 <= np.mean(hits) <= 0.95
