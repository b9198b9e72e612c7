"""Sums of amounts still to come: the closed form says what a simulation says."""

from __future__ import annotations

import numpy as np
import pytest

from salescoach.statistics import Sizes, chance_of_sum


@pytest.mark.parametrize(("expected", "target"), [(2.0, 300.0), (6.0, 900.0), (20.0, 2500.0), (60.0, 9000.0)])
def test_the_chance_of_a_sum_is_that_of_a_simulation(expected: float, target: float):
    """Amounts with a log deviation of .8 around 100; the control takes their number for certain."""
    usual, draw = Sizes(np.log(100.0), 0.8, 50), np.random.default_rng(4)
    kept = []
    for _ in range(40):
        middle = usual.log_mean + usual.log_sd / np.sqrt(usual.n) * draw.standard_normal(500)
        counts = draw.poisson(expected, 500)
        kept += [draw.lognormal(m, usual.log_sd, n).sum() >= target for m, n in zip(middle, counts, strict=True)]

    assert chance_of_sum(expected, usual, target) == pytest.approx(np.mean(kept), abs=0.02)


def test_an_unknown_rate_is_averaged_over_and_not_taken_for_its_mean():
    """One of two rates, 1 or 9 deals of 100, for 500: (P(N>=5 | 1) + P(N>=5 | 9)) / 2 = (.0037 + .9450) / 2."""
    alike = Sizes(np.log(100.0), 0.0, 10**6)

    assert chance_of_sum([1.0, 9.0], alike, 500.0) == pytest.approx((0.0037 + 0.9450) / 2, abs=1e-4)
    assert chance_of_sum(5.0, alike, 500.0) > 0.55  # negative control: the mean rate
