"""Whether coaching worked: few false claims where nothing happened, and the usual ways make many."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.special import expit, logit

from salescoach.diagnosis.effect import Intervention, chain, person_effect, programme_effect, roll_out

RUNS = 300


def bed(seed: int, *, n: int = 40, lowest: bool = True, effect: float = 0.0):
    """Thirty people at 45 %, eight of them coached between two halves: the bed of the published table."""
    draw = np.random.default_rng(seed)
    true = expit(logit(0.45) + 0.25 * draw.standard_normal(30))
    before, trials = draw.binomial(n, true), np.full(30, n)
    chosen = np.argsort(before if lowest else draw.random(30), kind="stable")[:8]
    coached = np.isin(np.arange(30), chosen)
    after = draw.binomial(n, np.where(coached, np.minimum(true * (1 + effect), 1), true))
    return before, after, trials, coached


def share_significant(lowest: bool, effect: float = 0.0) -> float:
    found = []
    for seed in range(RUNS):
        before, after, n, coached = bed(seed, lowest=lowest, effect=effect)
        found.append(programme_effect((before, n), (after, n), coached, seed=seed).p < 0.05)
    return float(np.mean(found))


def test_a_programme_of_the_lowest_that_does_nothing_is_hardly_ever_called_a_success():
    """T7: at most 7.5 % at a nominal 5 %."""
    assert share_significant(lowest=True) <= 0.075


def test_difference_in_differences_calls_it_a_success_most_of_the_time():
    """Negative control of T7: those chosen for a low half come back by themselves."""
    false = []
    for seed in range(RUNS):
        before, after, n, coached = bed(seed)
        change = (after - before) / n
        inside, outside = change[coached], change[~coached]
        error = np.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside))
        false.append((inside.mean() - outside.mean()) / error > 1.70)

    assert np.mean(false) > 0.5


def test_a_programme_that_works_is_found_with_about_its_true_size():
    effects = []
    for seed in range(100):
        before, after, n, coached = bed(seed, effect=0.30)
        effects.append(programme_effect((before, n), (after, n), coached, seed=seed).effect)

    assert np.mean(effects) == pytest.approx(0.122, abs=0.02)


@pytest.mark.parametrize("n", [20, 40, 80])
def test_a_person_who_was_lowest_is_not_said_to_have_moved_by_chance(n):
    """T6: false "moved" at most 13 % at a nominal 10 %."""
    moved, naive = [], []
    for seed in range(150):
        before, after, trials, coached = bed(seed, n=n)
        for one in np.flatnonzero(coached):
            found = person_effect((before[one], n), (after[one], n), 0.2, (before, trials))
            moved.append(found.verdict == "moved")
            naive.append(after[one] > before[one])

    assert np.mean(moved) <= 0.13
    assert np.mean(naive) > 0.6  # "improved" is what chance gives seven of ten of them


def test_silence_with_too_few_observations_is_cannot_tell_yet():
    found = person_effect((8, 20), (9, 20), 0.2, (np.full(10, 9), np.full(10, 20)))

    assert found.verdict == "cannot_tell"
    assert found.needed > 20


def test_silence_with_many_observations_is_no_sign():
    found = person_effect((900, 2000), (905, 2000), 0.2, (np.full(10, 900), np.full(10, 2000)))

    assert found.verdict == "no_sign"
    assert found.needed == 0


def test_what_was_not_written_before_it_started_is_only_described():
    late = Intervention("R1", "stage_2", date(2025, 1, 1), date(2025, 3, 1), "lowest_metric", "", 0.2, date(2025, 2, 1))
    found = person_effect((5, 40), (30, 40), 0.2, (np.full(10, 18), np.full(10, 40)), registered=late.registered)

    assert found.verdict == "descriptive_only"


def test_nobody_coached_gives_no_number():
    found = programme_effect(([5, 6], [10, 10]), ([5, 6], [10, 10]), [False, False])

    assert np.isnan(found.effect)
    assert found.coached == 0


def test_a_chain_that_holds_stops_nowhere():
    assert chain(dict.fromkeys(("action", "behaviour", "scorecard", "outcome"), "moved")).stops_at == ""


def test_a_roll_out_takes_half_of_each_team_and_the_same_half_for_the_same_seed():
    people = [f"R{number}" for number in range(12)]
    teams = {rep: "T1" if place < 6 else "T2" for place, rep in enumerate(people)}
    first = roll_out(people, teams, seed=3)

    assert [sum(teams[rep] == team for rep in first) for team in ("T1", "T2")] == [3, 3]
    assert roll_out(list(reversed(people)), teams, seed=3) == first


def test_of_people_from_as_many_teams_half_wait_too():
    """Team by team each of them is half a coin: the control, in which nobody waits for one lot in sixteen."""
    people = ["a", "b", "c", "d"]

    assert {len(roll_out(people, {one: one for one in people}, seed=seed)) for seed in range(40)} == {2}
    assert 0 in {int(np.random.default_rng(seed).integers(2, size=4).sum()) for seed in range(40)}
