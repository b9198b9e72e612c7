"""Curves of many groups at once are, row for row, those of each group alone."""

from __future__ import annotations

import numpy as np
import pytest

from salescoach.statistics import (
    cumulative_incidence_counts,
    cumulative_incidences,
    kaplan_meier_counts,
    kaplan_meiers,
)

SIZES = (40, 1, 0, 7, 120)  # of the groups; one of them has nobody
DRAW = np.random.default_rng(7)


def groups():
    """Whole ages at the exit, and half ages at the entry before it, of groups of very different size."""
    row = np.repeat(np.arange(len(SIZES)), SIZES)
    exits = DRAW.integers(0, 60, size=len(row)).astype(float)
    return row, exits, np.minimum(DRAW.integers(0, 30, size=len(row)), exits) - 0.5


def counted(row, ages, weights):
    """One count per row and age."""
    keys, place = np.unique(np.column_stack([row, ages]), axis=0, return_inverse=True)
    return keys[:, 0].astype(int), keys[:, 1], np.bincount(place, weights, minlength=len(keys))


def spells():
    row, exits, entries = groups()
    ended = (DRAW.random(len(row)) < 0.7).astype(float)
    out_row, out_age, end = counted(row, exits, ended)
    run = counted(row, exits, 1 - ended)[2]
    in_row, in_age, came = counted(row, entries, np.ones(len(row)))
    zero_in, zero_out = np.zeros(len(in_row)), np.zeros(len(out_row))
    return (
        np.concatenate([out_row, in_row]), np.concatenate([out_age, in_age]), np.concatenate([end, zero_in]),
        np.concatenate([run, zero_in]), np.concatenate([zero_out, came]),
    )  # fmt: skip


def test_medians_of_many_groups_are_those_of_each():
    row, *counts = spells()
    found = np.array(kaplan_meiers(row, *counts, many=len(SIZES)).medians()).T

    alone = [kaplan_meier_counts(*(part[row == one] for part in counts)).median() for one in range(len(SIZES))]
    np.testing.assert_array_equal(found, alone)
    assert np.isnan(found[2]).all()  # nobody


def test_a_group_is_not_at_risk_for_the_ages_of_another():
    """The naive way, everybody on one line of ages, gives each group the median of all."""
    row, *counts = spells()
    apart, together = (kaplan_meiers(one, *counts, many=len(SIZES)).medians()[0] for one in (row, np.zeros_like(row)))

    assert len(set(apart[[0, 3, 4]])) > 1
    assert np.isfinite(together[0])
    assert np.isnan(together[1:]).all()


def test_the_mean_is_the_area_below_each_curve():
    row, age, end, run = np.array([0, 0, 1]), np.array([4.0, 10.0, 6.0]), np.array([1.0, 0, 1]), np.array([0.0, 1, 0])
    came = np.array([0, 1]), np.array([-0.5, -0.5]), np.array([2.0, 1.0])
    zeros = np.zeros(2)
    found = kaplan_meiers(
        np.concatenate([row, came[0]]), np.concatenate([age, came[1]]), np.concatenate([end, zeros]),
        np.concatenate([run, zeros]), np.concatenate([np.zeros(3), came[2]]), many=2,
    )  # fmt: skip

    assert found.means().tolist() == [4 + 6 * 0.5, 6.0]


@pytest.mark.parametrize("age", [0, 20, 59, 500])
def test_incidences_of_many_groups_are_those_of_each(age):
    row, exits, _ = groups()
    way = DRAW.integers(0, 3, size=len(row))
    line, ages, mine = counted(row, exits, (way == 1).astype(float))
    other, running = (counted(row, exits, (way == kind).astype(float))[2] for kind in (2, 0))
    found = np.array(cumulative_incidences(line, ages, mine, other, running, many=len(SIZES)).at(age)).T

    parts = ages, mine, other, running
    alone = [cumulative_incidence_counts(*(part[line == one] for part in parts)).at(age) for one in range(len(SIZES))]
    np.testing.assert_allclose(found, alone, rtol=1e-12)
