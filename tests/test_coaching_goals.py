"""A goal is judged letter by letter, from the rep's own numbers; goals beside each other are seen together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from coaching_support import keys, read
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from salescoach.calendar import Calendar
from salescoach.coaching.goal_chance import (
    NONE,
    Improvement,
    chance_of_count,
    chance_of_money,
    chance_of_share,
    peers_improvement,
    rate_draws,
    share_draws,
)
from salescoach.coaching.goal_paths import END, OUT_OF_REACH, PATHS
from salescoach.coaching.goal_set import (
    agreed,
    conflicts,
    pair,
    shared_out,
    team_rate,
    too_many,
)
from salescoach.coaching.goals import Baseline, Goal, Setting, review_dates, several, smart
from salescoach.metrics import METRICS
from salescoach.statistics import Sizes

CALENDAR = Calendar()
START, DUE = date(2026, 4, 6), date(2026, 5, 15)
GOAL = Goal(
    text="Raise the share of deals won",
    metric_id="win_rate_count",
    scope="SMB",
    unit="share",
    baseline=Baseline(0.20, 0.13, 0.30, 40),
    target=0.26,
    start=START,
    due=DUE,
    reviews=review_dates(CALENDAR, START, DUE),
    driver="stage_2",
    team_goal="T1",
)
SETTING = Setting(CALENDAR, priority="stage_2", reference=0.32, chance=0.35, exposures=2000)


def letter(name: str, goal: Goal = GOAL, setting: Setting = SETTING):
    return smart(goal, setting, vague=("improve",))[name]


# --- the letters --------------------------------------------------------------------------------------------


def test_a_whole_goal_passes_every_letter():
    assert {name: verdict.passed for name, verdict in smart(GOAL, SETTING).items()} == dict.fromkeys(
        ("specific", "measurable", "achievable", "relevant", "timely"), True
    )


def test_an_empty_goal_fails_nothing_it_only_lacks():
    """Nobody is told off for a form that is not filled in yet."""
    found = smart(Goal(), Setting(CALENDAR))

    assert [verdict.passed for verdict in found.values()] == [None, None, None, True, None]
    assert all(read(verdict.remarks, "tr") for verdict in found.values())


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"text": "Raise the win rate and shorten the cycle"}, "goals.specific.list"),
        ({"verb": "ask", "thing": "for the effect"}, "goals.specific.both"),
        ({"kind": "behaviour", "metric_id": "", "verb": "Improve", "thing": "calls"}, "goals.specific.vague"),
        ({"metric_id": ""}, "goals.specific.no_metric"),
        ({"scope": ""}, "goals.specific.no_scope"),
    ],
)
def test_specific_is_one_thing_in_one_place(change, key):
    verdict = letter("specific", replace(GOAL, **change))

    assert not verdict.passed
    assert key in keys(verdict.remarks)


def test_one_verb_may_have_an_object_in_two_words():
    goal = Goal(
        kind="behaviour", verb="note", thing="pairs of problem and effect", scope="all", text="Problem and effect"
    )

    assert letter("specific", goal).passed
    assert "goals.specific.perhaps" in keys(letter("specific", goal).remarks)
    assert not letter("specific", replace(goal, verb="note and send")).passed


@pytest.mark.parametrize("text", ["Her hafta 2,5 saat", "Brand new customers", "Servis veren bölge"])
def test_a_joining_word_inside_a_word_joins_nothing(text):
    """Negative control: a plain search for "and" or "ve" would find one in each of these, or a comma."""
    assert not several(text)
    assert "and" in text.lower() or "ve" in text or "," in text


@pytest.mark.parametrize(
    ("change", "key", "passed"),
    [
        ({"baseline": None}, "goals.measurable.no_baseline", None),
        ({"baseline": Baseline(0.2, np.nan, np.nan, 2)}, "goals.measurable.no_interval", None),
        ({"target": None}, "goals.measurable.no_target", None),
        ({"target": 0.15}, "goals.measurable.no_change", False),
        ({"baseline": Baseline(0.2, 0.1, 0.3, 40, live=False)}, "goals.measurable.not_live", False),
        ({"metric_id": "happiness"}, "goals.measurable.unknown", False),
        ({"metric_id": "cac"}, "goals.measurable.unknown", False),  # nothing that one person has
        ({"metric_id": "activity_volume", "direction": "up"}, "goals.measurable.no_direction", False),
        ({"metric_id": "forecast_bias"}, "goals.measurable.which_way", None),
    ],
)
def test_measurable_names_what_is_missing(change, key, passed):
    verdict = letter("measurable", replace(GOAL, **change))

    assert verdict.passed is passed
    assert keys(verdict.remarks) == [key]


def test_less_is_better_where_the_metric_says_so():
    lower = replace(GOAL, metric_id="discount_rate", target=0.15)

    assert letter("measurable", lower).passed
    assert not letter("measurable", replace(lower, target=0.25)).passed


def test_a_behaviour_is_counted():
    goal = Goal(kind="behaviour", verb="book", thing="a second contact", target=3, unit="meetings a week")

    assert read(letter("measurable", goal).remarks) == ("It is counted: 3 meetings a week.",)
    assert letter("measurable", replace(goal, target=None)).passed is None


@pytest.mark.parametrize(
    ("chance", "key"),
    [(0.05, "too_far"), (0.10, "right"), (0.70, "right"), (0.80, "already"), (float("nan"), "unknown")],
)
def test_achievable_lies_between_a_tenth_and_seven_tenths(chance, key):
    assert keys(letter("achievable", setting=replace(SETTING, chance=chance)).remarks) == [f"goals.achievable.{key}"]


def test_relevant_is_what_the_diagnosis_names_and_the_rep_can_change():
    assert letter("relevant").passed
    assert "goals.driver.discount" in keys(letter("relevant", replace(GOAL, metric_id="discount_rate")).remarks)
    assert not any(letter("relevant", replace(GOAL, driver=driver)).passed for driver in OUT_OF_REACH)


def test_without_a_reliable_gap_any_strength_may_be_built_on():
    assert keys(letter("relevant", setting=replace(SETTING, priority="")).remarks)[:2] == [
        "goals.relevant.strength", "goals.relevant.no_priority",
    ]  # fmt: skip


def test_the_share_of_the_gap_is_shown():
    """From 20 to 26 of the way from 20 to 32: half."""
    assert "It covers 50% of the way to the peers’ level." in read(letter("relevant").remarks)


def test_looks_are_at_most_two_weeks_apart():
    assert letter("timely", replace(GOAL, reviews=())).passed is False
    assert letter("timely", replace(GOAL, due=START)).passed is False
    assert letter("timely", replace(GOAL, due=None)).passed is None


def test_too_few_observations_ask_for_a_leading_goal():
    """Needed to see 20 % become 26 %: two-sided at 10 %, as statistics.needed_n says."""
    verdict = letter("timely", setting=replace(SETTING, exposures=40))

    assert keys(verdict.remarks) == ["goals.timely.dated", "goals.timely.few"]
    assert "about 303" in read(verdict.remarks)[1]


@settings(deadline=None)
@given(st.dates(date(2025, 1, 1), date(2026, 6, 1)), st.integers(1, 200))
def test_reviews_fall_on_working_days_and_leave_no_gap(start, days):
    due = date.fromordinal(start.toordinal() + days)
    found = review_dates(CALENDAR, start, due)
    stops = [start, *found, due]

    assert all((after - before).days <= 14 for before, after in pairwise(stops))
    assert all(CALENDAR.working_days(day, date.fromordinal(day.toordinal() + 1)) > 0 for day in found)


def test_every_metric_on_a_path_is_registered():
    assert {metric for path in (*PATHS.values(), END) for metric in path} <= METRICS.keys()


# --- how likely -----------------------------------------------------------------------------------------------


def poisson_binomial(exposures: float, rate: float, target: float) -> float:
    """P(share >= target) summed over how many there will be."""
    n = np.arange(1, 200)
    reached = stats.binom.sf(np.ceil(target * n) - 1, n, rate)
    return float((stats.poisson.pmf(n, exposures) * reached).sum())


def test_with_a_known_rate_the_chance_is_the_binomial_tail():
    known = np.full(4000, 0.5)

    assert chance_of_share(known, 0.6, 10) == pytest.approx(poisson_binomial(10, 0.5, 0.6), abs=0.01)
    assert chance_of_share(known, 0.4, 10, direction="down") == pytest.approx(
        poisson_binomial(10, 0.5, 0.6), abs=0.01
    )  # fewer than four tenths lost is more than six tenths kept


def test_with_a_known_rate_the_count_is_a_poisson_tail():
    assert chance_of_count(np.full(4000, 1.5), 6, 3.0) == pytest.approx(stats.poisson.sf(5, 4.5), abs=1e-9)


def test_equal_amounts_make_of_money_a_count():
    """Deals of exactly 100: 450 need five of them."""
    alike = Sizes(np.log(100.0), 0.0, 10**6)

    assert chance_of_money(np.full(4000, 1.5), alike, 450.0, 3.0) == pytest.approx(stats.poisson.sf(4, 4.5), abs=0.02)


def test_a_lucky_quarter_does_not_make_a_goal_safe():
    """12 of 20 where everybody else wins a quarter: most of it will not come again."""
    k, n = [12, *[25] * 9], [20, *[100] * 9]
    drawn_in = chance_of_share(share_draws(k, n, 0), 0.6, 20)
    raw = chance_of_share(np.full(4000, 0.6), 0.6, 20)  # negative control: the raw rate, taken for the truth

    assert raw > 0.5
    assert drawn_in < 0.35


def test_the_chance_is_what_happens():
    """The best-looking of ten in 150 made-up teams, aiming at what they just had: promised and kept agree."""
    draw = np.random.default_rng(17)
    said, naive, kept = [], [], []
    for seed in range(150):
        true = 1 / (1 + np.exp(1.1 - 0.25 * draw.standard_normal(10)))
        k = draw.binomial(40, true)
        best = int(np.argmax(k))
        n = int(draw.poisson(30))
        said.append(chance_of_share(share_draws(k, np.full(10, 40), best, seed=seed), k[best] / 40, 30, seed=seed))
        naive.append(chance_of_share(np.full(4000, k[best] / 40), k[best] / 40, 30))
        kept.append(n > 0 and draw.binomial(n, true[best]) / max(n, 1) >= k[best] / 40)

    assert np.mean(said) == pytest.approx(np.mean(kept), abs=0.08)  # two errors of 150 tries
    assert np.mean(naive) > np.mean(kept) + 0.15  # negative control: the raw rate


def test_what_is_not_known_of_a_rate_widens_the_chance():
    """A plug-in rate is too sure that a far target is missed."""
    rates = share_draws([5, 6, 4, 5, 6, 4], [20] * 6, 0)

    assert chance_of_share(rates, 0.45, 60) > chance_of_share(np.full(4000, rates.mean()), 0.45, 60)


def test_improvement_of_others_moves_the_chance():
    known = np.full(4000, 0.3)

    assert chance_of_share(known, 0.4, 40, improvement=Improvement(0.4, 0.1)) > chance_of_share(known, 0.4, 40)
    assert peers_improvement([], []) == NONE


def test_chance_alone_is_no_improvement_of_others():
    """Ten people of the same unchanged rate: the spread of their changes is noise, and taken off."""
    draw = np.random.default_rng(0)
    halves = [[(float(k), 50.0) for k in draw.binomial(50, 0.3, 200)] for _ in range(2)]
    found = peers_improvement(halves[0], halves[1])
    raw = np.std([b[0] / 50 - a[0] / 50 for a, b in zip(*halves, strict=True)])

    assert abs(found.mean) < 0.1
    assert found.sd < 0.2
    assert raw > 0.08  # negative control: the plain spread would pass for real change


def test_nobody_with_an_event_gives_no_rate():
    assert np.isnan(rate_draws([0, 0], [10, 10], 0)).all()
    assert chance_of_share(np.full(4000, 0.5), 0.1, 0) == 0.0


# --- goals beside each other ---------------------------------------------------------------------------------


def test_an_outcome_needs_a_behaviour_for_the_same_topic():
    behaviour = Goal(kind="behaviour", verb="ask", thing="for the effect", driver="stage_2")

    assert keys(pair([GOAL, behaviour])) == ["goals.pair.whole"]
    assert keys(pair([GOAL, replace(behaviour, driver="volume")])) == ["goals.pair.no_behaviour"]
    assert keys(pair([behaviour])) == ["goals.pair.no_outcome"]
    assert pair([]) == ()


def test_three_topics_at_a_time_are_too_many():
    assert too_many(["volume", "volume", "size"]) == ()
    assert keys(too_many(["volume", "size", "discount"])) == ["goals.active.many"]


def test_less_discount_and_more_wins_pull_against_each_other():
    less = replace(GOAL, metric_id="discount_rate", target=0.1)

    assert [found.kind for found in conflicts([less, GOAL])] == ["pulling"]
    assert [found.kind for found in conflicts([GOAL, replace(GOAL, target=0.1)])] == ["opposite"]
    assert conflicts([GOAL, replace(GOAL, metric_id="csat")]) == ()
    assert conflicts([GOAL, replace(GOAL, target=0.1, scope="Enterprise")]) == ()


@settings(deadline=None)
@given(
    st.decimals(0, 10**7, places=2),
    st.lists(st.decimals(0, 10**5, places=2), min_size=1, max_size=8),
    st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(1000)]),
)
def test_what_is_shared_out_and_what_is_left_add_up_exactly(total, weights, step):
    found = shared_out(total, {str(place): weight for place, weight in enumerate(weights)}, step)

    assert sum(found.parts.values(), found.rest) == total
    assert found.rest >= 0
    assert set(found.parts) | set(found.without) == {str(place) for place in range(len(weights))}


def test_no_goal_yet_is_not_a_goal_of_nothing():
    found = agreed(Decimal(100), {"Ali": Decimal(60), "Elif": None})

    assert (found.rest, found.without) == (Decimal(40), ("Elif",))


def test_shares_are_weighted_not_averaged():
    assert team_rate({"a": (0.5, 10), "b": (0.1, 90)}) == pytest.approx(0.14)
    assert np.mean([0.5, 0.1]) == pytest.approx(0.3)  # negative control
    assert np.isnan(team_rate({"a": (0.5, 0)}))
