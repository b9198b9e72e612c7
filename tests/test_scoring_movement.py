"""Whether leads changed while they came in: known truth, and files in which nothing moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scoring_support import ready, simulated

from salescoach.scoring.declaration import Declaration
from salescoach.scoring.movement import ROWS, TIME, movement
from salescoach.scoring.splits import split_of


def moved_by(amount: float, n: int = 900, **known: bool):
    """Leads whose budget rises by *amount* from the first row to the last."""
    table = simulated(n, seed=5)
    leads = ready(table.assign(budget=table["budget"] + np.linspace(0, amount, n)), Declaration("won", **known))
    return movement(leads, split_of(leads))


def test_a_column_that_rises_with_the_rows_is_named_and_the_others_are_not():
    found = moved_by(100)

    assert found.by == ROWS
    assert [each.column for each in found.acting] == ["budget"]


def test_where_the_rows_are_time_it_is_no_hint_but_a_finding():
    assert moved_by(100, row_order=True).by == TIME


@pytest.mark.parametrize("seed", range(5))
def test_rows_in_no_order_give_no_hint(seed: int):
    """Few leads and many levels make the index large by chance; that much is taken off."""
    table = simulated(330, seed)
    leads = ready(table.assign(town=np.random.default_rng(seed).integers(0, 40, 330).astype(str)))

    assert movement(leads, split_of(leads)).by == ""


def test_rows_that_are_sorted_by_the_outcome_say_nothing_about_time():
    leads = ready(simulated(900, signal=3.0).sort_values("won"))

    assert movement(leads, split_of(leads)).by == ""


def test_rows_that_are_sorted_by_a_column_are_asked_about():
    leads = ready(simulated(900).sort_values("budget"))

    assert movement(leads, split_of(leads)).by == ROWS


def test_without_features_nothing_moves():
    leads = ready(simulated(300))

    assert movement(replace(leads, features=leads.features[[]]), split_of(leads)).columns == ()
