"""The error of a gap holds that of what the gap is measured to."""

from __future__ import annotations

import numpy as np
import pytest

from salescoach.diagnosis.drivers import _beside_others


def test_the_error_of_the_others_is_added_to_the_own():
    """Eight people with the same number of cases: the seven others add a seventh; a hundred add next to nothing."""
    assert _beside_others(np.full(8, 0.07), np.full(8, 50.0)) == pytest.approx(np.full(8, 0.08))
    assert _beside_others(np.full(101, 0.07), np.full(101, 50.0)) == pytest.approx(np.full(101, 0.0707))


def test_people_who_are_alike_scatter_as_the_error_says():
    """Negative control: without the others' error the eight look further apart than they are."""
    draw = np.random.default_rng(1)
    own = 0.2 * draw.standard_normal((4000, 8))
    gap = own - (own.sum(axis=1, keepdims=True) - own) / 7
    told = _beside_others(np.full(8, 0.04), np.full(8, 25.0))

    assert np.mean(gap**2 / told) == pytest.approx(1.0, abs=0.03)
    assert np.mean(gap**2 / 0.04) > 1.1
