"""Every number that was published, or worked by hand, for the methods of the statistics room."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import optimize

from salescoach.statistics import (
    RatePosterior,
    beta_binomial_log,
    cumulative_incidence,
    cumulative_incidence_counts,
    expected_without,
    flow,
    funnel_limits,
    gap_posterior,
    intraclass_correlation,
    james_stein,
    kaplan_meier,
    kappa,
    kitagawa,
    limited_translation,
    lmdi,
    needed_for_reliability,
    needed_per_side,
    net_share,
    q_values,
    rate_posterior,
    shapley,
    spread_on_shares,
    standardised_rate,
    tailed_posterior,
    wilson,
)

# --- how much must be seen ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "needed"), [(0.45, [1521, 381, 169, 60]), (0.22, [4536, 1170, 535, 202])], ids=["45 %", "22 %"]
)
def test_needed_exposures_of_a_registered_change(base, needed):
    changes = (0.1, 0.2, 0.3, 0.5)

    assert [needed_per_side(base, base * (1 + change), one_sided=True) for change in changes] == needed


@pytest.mark.parametrize(("other", "needed"), [(0.30, 1251), (0.35, 328), (0.40, 152)])
def test_needed_exposures_of_an_exploratory_difference(other, needed):
    """The first was printed for the pooled normal test (1250.8); on the arcsine scale it is 1250."""
    assert needed_per_side(0.25, other) == pytest.approx(needed, abs=1)


@pytest.mark.parametrize(("logit_sd", "n"), [(0.15, 251), (0.25, 90), (0.35, 46)])
def test_closed_deals_for_a_reliability_of_one_half(logit_sd, n):
    assert round(needed_for_reliability(spread_on_shares(logit_sd, 0.23) ** 2, 0.23 * 0.77)) == n


@pytest.mark.parametrize(("between", "n"), [(0.12, 34), (0.2, 12), (0.3, 5)])
def test_wins_for_a_reliability_of_one_half(between, n):
    assert round(needed_for_reliability(between**2, 0.7**2)) == n


def test_five_of_twenty_says_almost_nothing():
    found = [round(float(limit), 2) for level in (0.90, 0.95) for limit in wilson(5, 20, level)]

    assert found == [0.13, 0.43, 0.11, 0.47]


# --- intervals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plus", "neither", "minus", "low", "high"),
    [(5, 3, 2, -19.1, 65.2), (6, 4, 2, -11.3, 64.6), (30, 40, 30, -14.9, 14.9), (10, 0, 0, 47.5, 100.0)],
)
def test_adjusted_wald_limits_as_published(plus, neither, minus, low, high):
    n = plus + neither + minus
    value, least, most = net_share(plus, minus, n, level=0.95)

    assert float(value) == pytest.approx((plus - minus) / n)
    assert (round(100 * float(least), 1), round(100 * float(most), 1)) == (low, high)


def test_plain_limits_of_a_net_share_have_no_width_when_all_agree():
    """Control: why the variance is taken with three answers more."""
    share = np.array([10, 0, 0]) / 10

    assert share[0] + share[2] - (share[0] - share[2]) ** 2 == 0
    assert float(net_share(10, 0, 10)[1]) < 0.6


# --- many units at once ---------------------------------------------------------------------------

RATS = """0/20x7 0/19x4 0/18x2 0/17 1/20x4 1/19x2 1/18x2 3/27 2/25 2/24 2/23 2/20x6 1/10 5/49 2/19 5/46 2/17 7/49 7/47
3/20x2 2/13 9/48 10/50 4/20x7 10/48 4/19x3 5/22 11/46 12/49 5/20x2 6/23 5/19 6/22 6/20x3 16/52 15/46 15/47 9/24"""
HITS = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
SEASON = (
    ".346 .298 .276 .222 .273 .270 .263 .210 .269 .230 .264 .256 .303 .264 .226 .285 .316 .200"  # of the same players
)


def most_likely(k: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    def cost(logs: np.ndarray) -> float:
        return -float(beta_binomial_log(k, n, *np.exp(logs)).sum())

    fitted = optimize.minimize(cost, np.log([2.0, 10.0]), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12,
                                                                                       "maxiter": 4000})  # fmt: skip
    a, b = np.exp(fitted.x)
    return float(a), float(b)


def rats() -> tuple[np.ndarray, np.ndarray]:
    pairs: list[tuple[int, int]] = []
    for item in RATS.split():
        counts, _, times = item.partition("x")
        k, n = counts.split("/")
        pairs += [(int(k), int(n))] * int(times or 1)
    k, n = np.array(pairs).T
    return k, n


def test_beta_binomial_likelihood_of_the_rat_tumours_as_published():
    k, n = rats()
    a, b = most_likely(k, n)

    assert (len(k), k.sum(), n.sum()) == (70, 263, 1725)
    assert (a, b) == (pytest.approx(2.30478, abs=2e-4), pytest.approx(14.0798, abs=2e-3))


def test_posterior_of_the_71st_group_of_rats_as_published():
    found = RatePosterior(np.array([1.0]), np.array([[4 + 1.4]]), np.array([[10 + 8.6]]))

    assert (round(found.mean[0], 3), round(found.sd[0], 4)) == (0.225, 0.0835)


def test_with_little_spread_the_most_likely_prior_is_enormous():
    """Control: why the strength of the prior is capped and integrated instead of put in."""
    a, b = most_likely(np.array(HITS), np.full(18, 45))

    assert (a, b) == (pytest.approx(210.55, rel=0.01), pytest.approx(582.68, rel=0.01))


def test_james_stein_as_published_by_efron_and_morris():
    early, season = np.array(HITS) / 45, np.array([float(value) for value in SEASON.split()])
    shrunken, factor = james_stein(early, early.mean() * (1 - early.mean()) / 45)
    raw_error, error = ((early - season) ** 2).sum(), ((shrunken - season) ** 2).sum()

    assert (round(early.mean(), 5), round(factor, 3)) == (0.26543, 0.212)
    assert (round(shrunken[0], 3), round(shrunken[-1], 3)) == (0.294, 0.242)
    assert (round(raw_error, 4), round(error, 4), round(raw_error / error, 2)) == (0.0753, 0.0213, 3.53)


def test_worked_example_of_the_rate_grid():
    found = rate_posterior([2, 5, 9, 4, 7, 1], [12, 20, 25, 16, 18, 10])
    low, high = found.limits()

    assert found.mean == pytest.approx([0.2504, 0.2694, 0.3096, 0.2705, 0.3145, 0.2379], abs=5.1e-5)
    assert found.sd == pytest.approx([0.0745, 0.0659, 0.0679, 0.0694, 0.0751, 0.0792], abs=5.1e-5)
    assert low == pytest.approx([0.1232, 0.1632, 0.2089, 0.1587, 0.2059, 0.0984], abs=5.1e-5)
    assert high == pytest.approx([0.3697, 0.3797, 0.4312, 0.3866, 0.4518, 0.3613], abs=5.1e-5)


GAPS = [-0.60, -0.10, 0.05, 0.12, -0.02, 0.20, 0.00, 0.08]
ERRORS = [0.04, 0.03, 0.05, 0.02, 0.03, 0.04, 0.06, 0.03]


def test_worked_example_of_the_normal_grid():
    found = gap_posterior(GAPS, ERRORS)

    assert found.mean == pytest.approx([-0.2058, -0.0294, 0.0253, 0.0714, 0.0034, 0.0823, 0.0084, 0.0445], abs=5.1e-5)
    assert found.sd == pytest.approx([0.1847, 0.1130, 0.1277, 0.1049, 0.1110, 0.1306, 0.1324, 0.1136], abs=5.1e-5)
    assert found.centre == pytest.approx(-0.0257, abs=5.1e-5)


def test_worked_example_of_limited_translation():
    """Only the outlier is held back; the probability that it is more than 5 % short stays high."""
    plain, limited = gap_posterior(GAPS, ERRORS), limited_translation(GAPS, ERRORS)

    assert limited.mean[1:].tolist() == plain.mean[1:].tolist()
    assert (round(limited.mean[0], 4), round(limited.sd[0], 4)) == (-0.3743, 0.1789)
    assert round(float(limited.below(math.log(0.95))[0]), 4) == 0.9645


def test_worked_example_of_the_stricter_prior():
    found = tailed_posterior(GAPS, ERRORS)

    assert (round(found.mean[0], 4), round(found.sd[0], 4)) == (-0.1834, 0.2026)
    assert round(float(found.below(math.log(0.95))[0]), 4) == 0.7428


def test_benjamini_hochberg_finds_four_where_bonferroni_and_holm_find_three():
    ordered = ".0001 .0004 .0019 .0095 .0201 .0278 .0298 .0344 .0459 .3240 .4262 .5719 .6528 .7590 1.0"
    p = np.array([float(value) for value in ordered.split()])
    holm = np.argmax(p > 0.05 / np.arange(len(p), 0, -1))

    assert (int((q_values(p) <= 0.05).sum()), int((p <= 0.05 / len(p)).sum()), int(holm)) == (4, 3, 3)


# --- mix ------------------------------------------------------------------------------------------


def test_kidney_stones_turn_around_when_standardised():
    """Simpson: A is better for small and for large stones, and looks worse together."""
    n, k = np.array([[87, 263], [270, 80]]), np.array([[81, 192], [234, 55]])
    shares, base = n.sum(axis=0) / n.sum(), k.sum(axis=0) / n.sum(axis=0)
    crude = k.sum(axis=1) / n.sum(axis=1)
    direct = [standardised_rate(n[i], k[i], shares) for i in (0, 1)]

    assert crude.round(4).tolist() == [0.7800, 0.8257]
    assert [round(rate, 4) for rate in direct] == [0.8325, 0.7789]
    assert (k.sum(axis=1) / (n * base).sum(axis=1)).round(4).tolist() == [1.0257, 0.9769]


def test_a_unit_is_expected_to_do_what_the_others_do_on_its_mix():
    """T10: among ten equals the one with the hard cases looks weak and is exactly as expected."""
    easy_n, hard_n = np.full(10, 80), np.full(10, 20)
    easy_n[0], hard_n[0] = 20, 180
    events = np.concatenate([easy_n * 0.5, hard_n * 0.15])
    units, hard = np.tile(np.arange(10), 2), np.repeat([0, 1], 10)
    adjusted = expected_without(hard[:, None], events, units, 10, trials=np.concatenate([easy_n, hard_n]))
    blind = expected_without(np.zeros((20, 1), int), events, units, 10, trials=np.concatenate([easy_n, hard_n]))

    assert adjusted.observed[0] / adjusted.expected[0] == pytest.approx(1.0, abs=0.03)
    assert blind.observed[0] / blind.expected[0] < 0.5  # control: the same cases, their kind unknown


def test_bands_of_expected_chance_hold_all_cases_once_and_fit_where_units_differ():
    """Two factor levels, half of the cases each: two bands. Units differ by skill, and each is in both bands."""
    level, units = np.tile([0, 1], 400), np.repeat(np.arange(8), 100)
    chance = np.where(level == 0, 0.2, 0.6) + np.where(units % 2 == 0, 0.1, -0.1)
    events = (np.arange(800) // 2 % 50 + 0.5) / 50 < chance  # each chance is met exactly
    found = expected_without(level[:, None], events, units, 8)
    bands = found.bands(2)

    assert [n for n, _, _ in bands] == [400, 400]
    assert sum(won for _, _, won in bands) == events.sum()
    assert [expected for _, expected, _ in bands] == pytest.approx([won for _, _, won in bands], rel=0.05)
    by_unit = found.expected[::2].sum() / found.observed[::2].sum()  # the control: whole units of one skill
    assert abs(by_unit - 1) > 0.15


def test_kitagawa_worked_example_is_all_mix():
    n, k = np.array([10, 30, 20]), np.array([4, 7, 2])
    rate, mix = kitagawa(n, k, [0.4, 0.4, 0.2], [0.35, 0.25, 0.12])
    expected = float((n * np.array([0.35, 0.25, 0.12])).sum())

    assert (round(rate, 5), round(mix, 5), round(rate + mix, 5)) == (0.00133, -0.04867, -0.04733)
    assert (k.sum(), round(expected, 1), round(k.sum() / expected, 4)) == (13, 13.4, 0.9701)


# --- durations ------------------------------------------------------------------------------------

AGES = [5, 8, 8, 12, 15, 20, 20, 25, 30, 30]
ENDS = [2, 1, 0, 2, 1, 0, 2, 1, 0, 0]  # 1 = won, 2 = lost, 0 = open


def test_aalen_johansen_worked_example():
    curve = cumulative_incidence(AGES, ENDS)

    assert [round(curve.at(age)[0], 4) for age in (8, 15, 25)] == [0.1, 0.2143, 0.3667]
    assert curve.survival.round(4).tolist() == [0.9, 0.8, 0.6857, 0.5714, 0.4571, 0.3048]


def test_losses_taken_for_still_open_promise_too_much():
    """Control: 1 - Kaplan-Meier of won, losses censored."""
    naive = 1 - kaplan_meier(AGES, np.array(ENDS) == 1).survival[-1]

    assert naive > cumulative_incidence(AGES, ENDS).at(25)[0] + 0.1


def test_incidence_from_counts_is_the_incidence_from_cases():
    ages = sorted(set(AGES))
    won, lost, still_open = ([sum(a == age and e == end for a, e in zip(AGES, ENDS, strict=True)) for age in ages]
                             for end in (1, 2, 0))  # fmt: skip
    cases, counts = cumulative_incidence(AGES, ENDS), cumulative_incidence_counts(ages, won, lost, still_open)

    assert counts.incidence.tolist() == cases.incidence.tolist()
    assert (counts.low.tolist(), counts.high.tolist()) == (cases.low.tolist(), cases.high.tolist())


# --- why a product differs ------------------------------------------------------------------------

THREE = ([40, 0.20, 20_000], [50, 0.25, 24_000])
SIX = ([40, 0.60, 0.50, 0.70, 0.80, 20_000], [50, 0.62, 0.68, 0.72, 0.78, 24_000])


@pytest.mark.parametrize(
    ("method", "sides", "parts"),
    [
        (lmdi, THREE, [-49697.21, -49697.21, -40605.58]),
        (shapley, THREE, [-49666.67, -49666.67, -40666.67]),
        (lmdi, SIX, [-44630.538, -6558.233, -61499.459, -5634.406, 5063.769, -36465.805]),
        (shapley, ([40, 0, 20_000], [50, 0.25, 24_000]), [-28333.33, -248333.33, -23333.33]),
    ],
    ids=["LMDI", "Shapley", "LMDI of six", "Shapley with a zero"],
)
def test_parts_of_a_difference_as_worked(method, sides, parts):
    digits = 3 if len(parts) == 6 else 2

    assert method(*sides).round(digits).tolist() == parts
    assert method(*sides).sum() == pytest.approx(np.prod(sides[0]) - np.prod(sides[1]), rel=1e-12)


def test_stages_add_up_to_their_win_rate_with_lmdi_and_not_with_shapley():
    nested = tuple([side[0], math.prod(side[1:5]), side[5]] for side in SIX)

    assert lmdi(*SIX)[1:5].sum() == pytest.approx(-68_628.329, abs=5e-4)
    assert lmdi(*nested)[1] == pytest.approx(-68_628.329, abs=5e-4)
    assert (round(shapley(*nested)[1], 2), round(shapley(*SIX)[1:5].sum(), 2)) == (-68_312.09, -68_450.02)


# --- funnels and raters ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "low", "high"),
    [(0.95, [0.10, 0.14, 0.17], [0.45, 0.38, 0.34]), (0.998, [0, 0.08, 0.12], [0.55, 0.46, 0.39])],
)
def test_funnel_limits_as_published(level, low, high):
    found = funnel_limits([20, 50, 100], 0.25, level)

    assert (found[0].round(4).tolist(), found[1].round(4).tolist()) == (low, high)


def test_intraclass_correlation_as_published_by_shrout_and_fleiss():
    scores = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

    assert round(intraclass_correlation(scores), 2) == 0.29
    assert round(intraclass_correlation(scores, raters=4), 2) == 0.62


def test_near_misses_cost_less_when_grades_are_ordered():
    first, second = [1, 2, 3, 4] * 10, [2, 3, 4, 4] * 10
    far = [4, 4, 1, 1] * 10

    assert kappa(first, second) < kappa(first, second, weights="linear") < kappa(first, second, weights="quadratic")
    assert kappa(first, far, weights="quadratic") < 0


# --- exact identities -----------------------------------------------------------------------------


def test_the_flow_of_a_period_multiplies_to_its_wins():
    generator = np.random.default_rng(3)
    for _ in range(50):
        advances = generator.integers(1, 60, 4)
        entries = np.concatenate([[70], advances[:-1]])
        exits = advances + generator.integers(0, 30, 4)
        found = flow(entries, exits, advances)
        factors = found.throughput * found.conversion

        assert 70 * factors.prod() == pytest.approx(advances[-1], rel=1e-12)
        assert found.stages == ((0, 0), (1, 1), (2, 2), (3, 3))


def test_a_stage_without_exits_is_merged_and_the_flow_still_closes():
    found = flow([10, 6, 0, 2], [10, 0, 3, 2], [6, 0, 2, 1])

    assert found.stages == ((0, 0), (1, 2), (3, 3))
    assert 10 * found.passed.prod() == pytest.approx(1)


def test_a_flow_into_which_nothing_came_is_missing():
    assert np.isnan(flow([0, 2], [3, 2], [2, 1]).passed[0])


@pytest.mark.parametrize("scale", [1, 0.001, 34.5])
def test_decomposition_closes_in_every_currency_and_order(scale):
    """T8: to 1e-9 of the difference, for posterior draws as well as for one pair."""
    generator = np.random.default_rng(11)
    ours, theirs = generator.uniform(0.1, 2, (2, 200, 6)) * [1, 1, 1, 1, 1, 2e4 * scale]
    gap = ours.prod(axis=1) - theirs.prod(axis=1)
    order = np.array([3, 0, 5, 1, 4, 2])

    assert lmdi(ours, theirs).sum(axis=1) == pytest.approx(gap, rel=1e-9)
    assert lmdi(ours[:, order], theirs[:, order]) == pytest.approx(lmdi(ours, theirs)[:, order], rel=1e-9)


def test_equal_factors_have_no_part():
    assert lmdi([2.0, 3.0], [2.0, 3.0]).tolist() == [0.0, 0.0]
    assert lmdi([2.0, 3.0], [2.0, 4.0])[0] == 0


def test_naive_parts_do_not_add_up():
    """Control: changing one factor at a time leaves a rest."""
    ours, theirs = (np.array(side, dtype=float) for side in THREE)
    naive = sum((ours[i] - theirs[i]) * np.delete(theirs, i).prod() for i in range(3))

    assert abs(naive - (ours.prod() - theirs.prod())) > 10_000


def test_shapley_is_the_mean_over_all_orders_of_change():
    ours, theirs = (np.array(side, dtype=float) for side in THREE)
    steps = np.zeros(3)
    for order in itertools.permutations(range(3)):
        now = theirs.copy()
        for factor in order:
            before = now.prod()
            now[factor] = ours[factor]
            steps[factor] += (now.prod() - before) / 6

    assert shapley(ours, theirs) == pytest.approx(steps)
