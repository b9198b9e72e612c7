"""The wait-list: the lot decides who is coached first, the same lot every time, and says so on the team's page."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny import organisation

from salescoach.coaching.rollout import rollout
from salescoach.diagnosis.effect import programme_effect
from salescoach.errors import UsageError
from salescoach.report.page import Section
from salescoach.report.plain import written
from salescoach.report.rollout import rollout_table
from salescoach.resources import load_words
from salescoach.tables.data import SalesData

PEOPLE = [f"R{number}" for number in range(8)]


def team(gone: str = "") -> SalesData:
    """Eight sellers in two teams; *gone* has left."""
    reps = pd.DataFrame({"rep_id": PEOPLE, "full_name": [f"Name {rep}" for rep in PEOPLE], "role": "AE",
                         "team_id": ["A"] * 4 + ["B"] * 4})  # fmt: skip
    reps["end_date"] = [pd.Timestamp(2025, 5, 1) if rep == gone else pd.NaT for rep in PEOPLE]
    return organisation([{"owner_id": rep, "created_at": "2025-05-01"} for rep in PEOPLE], rep=reps)


def test_half_of_each_team_starts_now_and_everybody_is_in_one_half():
    found = rollout(team())

    assert sorted((*found.now, *found.later)) == PEOPLE
    assert [sum(rep in half for rep in found.now) for half in (PEOPLE[:4], PEOPLE[4:])] == [2, 2]


def test_the_lot_is_tied_to_the_day_of_the_data_and_not_drawn_until_it_pleases():
    first = rollout(team())

    assert first == rollout(team(), PEOPLE[::-1])
    assert first.seed == 20250630
    assert {rollout(team(), seed=seed).now for seed in range(20)} != {first.now}  # the control: lots do differ


def test_who_has_left_is_in_no_lot():
    found = rollout(team(gone="R3"))

    assert "R3" not in (*found.now, *found.later)


def test_a_lot_among_three_is_refused_with_what_to_do_instead():
    with pytest.raises(UsageError, match=r"at least 4 are needed.*behaviour and scorecards"):
        rollout(team(), PEOPLE[:3])


def test_somebody_unknown_is_named_with_who_there_is():
    with pytest.raises(UsageError, match="R99"):
        rollout(team(), [*PEOPLE[:4], "R99"])


def test_those_who_wait_show_what_came_by_itself():
    """No effect, but the lowest eight of sixteen rise by themselves. Choosing them misleads, the lot does not."""
    lowest, by_lot = [], []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        before, after = (draw.binomial(30, 0.3, 16) / 30 for _ in range(2))
        chosen = np.argsort(before)[:8]
        lowest.append((after - before)[chosen].mean() - np.delete(after - before, chosen).mean())
        lot = draw.permutation(16)[:8]
        coached = np.isin(np.arange(16), lot)
        by_lot.append(programme_effect((before * 30, np.full(16, 30)), (after * 30, np.full(16, 30)), coached).effect)

    assert np.mean(lowest) > 0.10
    assert abs(np.mean(by_lot)) < 0.02


@pytest.mark.parametrize("code", ["tr", "en"])
def test_the_table_names_both_halves_and_the_number_of_the_lot(code):
    found = rollout(team())
    words = load_words(code)
    text = written(Section("rollout", words("rollout.title"), (
        rollout_table(found, {rep: f"Name {rep}" for rep in PEOPLE}, words),)))  # fmt: skip

    assert all(f"Name {rep}" in text for rep in PEOPLE)
    assert "20250630" in text
