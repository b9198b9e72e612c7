"""Single numbers of ``../shared/domain/statistics.md`` and ``metrics.md`` that no other test reproduces."""

from __future__ import annotations

import numpy as np
import pytest
from hand import value
from scipy import special, stats
from test_statistics_published import rats
from tiny import organisation

from salescoach.statistics import RatePosterior, net_share


@pytest.mark.parametrize(("n", "published"), [(20, 0.58), (40, 0.36)])
def test_ten_points_more_or_less_come_by_chance(n: int, published: float):
    """metrics.md §1.7: nothing changes, the true rate is 25 %, and two quarters differ by ten points or more."""
    chances = stats.binom.pmf(np.arange(n + 1), n, 0.25)
    apart = np.abs(np.subtract.outer(np.arange(n + 1), np.arange(n + 1))) >= 0.10 * n

    assert float(np.outer(chances, chances)[apart].sum()) == pytest.approx(published, abs=0.01)


def test_unweighted_moments_of_the_rat_tumours():
    """statistics.md §16: mean and variance of the 70 raw shares give a beta of 1.356 and 8.615."""
    k, n = rats()
    share = k / n
    strength = share.mean() * (1 - share.mean()) / share.var(ddof=1) - 1

    assert share.mean() * strength == pytest.approx(1.356, abs=0.001)
    assert (1 - share.mean()) * strength == pytest.approx(8.615, abs=0.005)


def test_variance_of_a_net_promoter_score():
    """statistics.md §16: shares of 1/2, 1/3 and 1/6: 1/3, a variance of 5/9, at n = 324 an error of .0414."""
    plus, minus = 1 / 2, 1 / 6
    variance = plus + minus - (plus - minus) ** 2

    assert variance == pytest.approx(5 / 9)
    assert np.sqrt(variance / 324) == pytest.approx(0.0414, abs=5e-5)
    found, low, high = (float(part) for part in net_share(162, 54, 324, level=0.95))
    assert found == pytest.approx(1 / 3)
    assert (high - low) / 2 == pytest.approx(1.96 * 0.0414, rel=0.01)


def test_plain_limits_of_a_small_net_promoter_score():
    """statistics.md §2: 33 +- 44 for 6, 4 and 2, the interval that is not used; the adjusted one is narrower."""
    answers = np.repeat([100.0, 0.0, -100.0], [6, 4, 2])
    half = 1.96 * answers.std(ddof=1) / np.sqrt(12)
    _, low, high = (100 * float(part) for part in net_share(6, 2, 12, level=0.95))

    assert (round(answers.mean()), round(half)) == (33, 44)
    assert (high - low) / 2 < half


@pytest.mark.parametrize(("cycle", "created_based"), [(45, 2.02), (90, 1.01)])
def test_velocity_is_the_flow_and_what_is_made_of_created_deals_is_not(cycle: int, created_based: float):
    """statistics.md §8: three deals a day, a quarter of them won. The stock formula is near what was booked per day;
    "created per quarter / cycle" is twice too much at 45 days, and about right at 90 by accident.
    """
    draw = np.random.default_rng(cycle)
    begun = np.sort(draw.uniform(-500, 91, size=3 * 591))
    long = np.log(cycle) - 0.32
    ended = begun + np.maximum(draw.lognormal(long, 0.8, len(begun)), 1.0)
    won, worth = draw.random(len(begun)) < 0.25, draw.lognormal(np.log(2000), 0.7, len(begun))
    first = np.datetime64("2025-04-01")
    rows = [
        {
            "status": "open" if end >= 90 else "won" if hit else "lost", "amount": float(amount),
            "created_at": str(first + int(start)), "engaged_at": str(first + int(start)),
            "closed_at": None if end >= 90 else str(first + int(end)),
        }
        for start, end, hit, amount in zip(np.floor(begun), np.floor(ended), won, worth, strict=True)
    ]  # fmt: skip
    inside = (ended >= 0) & (ended < 90)
    booked = worth[inside & won].sum() / 90
    naive = (begun >= 0).sum() * won[inside].mean() * worth[inside & won].mean() / (ended - begun)[inside].mean()

    assert value(organisation(rows), "velocity")["value"] == pytest.approx(booked, rel=0.15)
    assert naive / booked == pytest.approx(created_based, rel=0.25)


def test_a_value_seen_twice_proves_nothing():
    """statistics.md §15: won 2 of 2 in a team of 10 won and 30 lost. Independence with Laplace's .1 says 95.4 %, two
    such fields 99.9 %; a beta with the weight of twenty deals says 31.8 %.
    """
    ratio = (2.1 / 10.2) / (0.1 / 30.2)
    odds = np.log(10 / 30) + np.log(ratio)

    assert special.expit(odds) == pytest.approx(0.954, abs=5e-4)
    assert special.expit(odds + np.log(ratio)) == pytest.approx(0.999, abs=1e-3)
    pooled = RatePosterior(np.array([1.0]), np.array([[2 + 20 * 0.25]]), np.array([[0 + 20 * 0.75]]))
    assert float(pooled.mean[0]) == pytest.approx(0.318, abs=5e-4)


def flow(growth: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, resolution days and whether won: three deals a day, a quarter of them won, wins later than losses."""
    draw = np.random.default_rng(seed)
    days = np.arange(1000)
    starts = np.repeat(days, draw.poisson(3 * (1 + growth) ** (days / 365 - 2)))
    won = draw.random(len(starts)) < 0.25
    middle, spread = np.where(won, 75.1, 57.3), np.where(won, 0.7, 0.5)
    return starts, np.exp(np.log(middle) + spread * draw.normal(size=len(starts))), won


@pytest.mark.parametrize(("growth", "cycle", "rate", "older"), [(0.0, 74.4, 0.249, 0.215), (0.7, 70.7, 0.235, 0.213)])
def test_tempting_versions_of_cycle_and_win_rate_are_biased_as_published(growth, cycle, rate, older):
    """statistics.md §6: in a steady flow, and growing by 70 % a year; the truth is 75 days and a quarter won.

    The bed of the source is not printed; this one has its middles. Of the newest cohort only the direction is checked.
    """
    cycles, windows, rates, cohorts, young = [], [], [], [], []
    today = 1000
    for seed in range(60):
        starts, lasting, won = flow(growth, seed)
        ended, age = starts + lasting, today - starts
        over = ended < today
        quarter = over & (ended >= today - 90)
        cycles.append(np.median(lasting[quarter & won]))
        windows.append(np.median(lasting[over & (starts >= today - 180) & won]))
        rates.append(won[quarter].mean())
        cohorts.append(won[over & (age > 90) & (age <= 180)].mean())
        young.append(won[over & (age <= 90)].mean())

    assert np.mean(cycles) == pytest.approx(cycle, abs=2.5)
    assert np.mean(rates) == pytest.approx(rate, abs=0.012)
    assert np.mean(cohorts) == pytest.approx(older, abs=0.015)
    assert np.mean(windows) < 0.85 * 75
    assert np.mean(young) < 0.21
