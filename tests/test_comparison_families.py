"""Comparison by kind of number: counts, scores, ratios, the best estimate, ranks, the own past and targets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from test_comparison import YEAR, built, decided, equals, names, share_named, with_ages, with_amounts

from salescoach.calendar import Calendar, Period
from salescoach.errors import UsageError
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import Comparison, against_past, against_target, compare, compare_all
from salescoach.metrics.contract import Metric, answers
from salescoach.metrics.conversion import WIN_RATE
from salescoach.metrics.past import same_season
from salescoach.metrics.question import Question
from salescoach.metrics.ranking import ranking
from salescoach.metrics.tally import rows_of
from salescoach.metrics.told import Told, beside
from salescoach.statistics import mean_limits, poisson_rate
from salescoach.tables.data import SalesData

PEOPLE = 20


@pytest.fixture(scope="module")
def people() -> SalesData:
    """Twenty sellers with one deal each: who they are, for metrics that are given below."""
    return built(decided([True] * PEOPLE, names(PEOPLE)))


def metric(family: str, table: Told, better: str = "up", min_n: int = 5) -> Metric:
    """A metric whose answers are *table*: the comparison sees what any metric of that family would give it."""
    return Metric(
        metric_id="given", version=1, unit="rate", better=better, population="", time="", min_n=min_n, family=family,
        calculate=lambda ask: table, observe=lambda data, period: rows_of(data.deals),
    )  # type: ignore[arg-type]  # fmt: skip


def compared(people: SalesData, monkeypatch: pytest.MonkeyPatch, family: str, table: Told) -> dict[str, Comparison]:
    monkeypatch.setitem(METRICS, "given", metric(family, table))
    return compare(people, YEAR, "given")


def counts(events: Sequence[float], exposure: float = 100.0) -> Told:
    value, low, high = poisson_rate(events, exposure)
    index = pd.Index(names(PEOPLE), name="rep_id")
    return answers(value=value, n=events, numerator=events, denominator=exposure, low=low, high=high, index=index)


def scores(means: Sequence[float], n: int = 60, sd: float = 1.0) -> Told:
    low, high = mean_limits(means, np.full(len(means), sd), n)
    index = pd.Index(names(PEOPLE), name="rep_id")
    return answers(value=means, n=n, numerator=np.nan, denominator=n, low=low, high=high, index=index)


def ratios(values: Sequence[float], factor: float = 1.2, n: int = 30) -> Told:
    value, index = np.asarray(values), pd.Index(names(PEOPLE), name="rep_id")
    return answers(
        value=value, n=n, numerator=value, denominator=1.0, low=value / factor, high=value * factor, index=index
    )


# --- counts beside exposure -----------------------------------------------------------------------


def test_twice_the_rate_of_events_is_above(people, monkeypatch):
    found = compared(people, monkeypatch, "rate", counts([120] + [60] * 19))

    assert found["r00"].verdict == "signal_above"
    assert (found["r00"].expected, found["r00"].peers) == (pytest.approx(0.6), pytest.approx(0.6))
    assert found["r00"].ratio == pytest.approx(2.0, rel=0.01)
    assert not any(found[rep].signal for rep in names(PEOPLE)[1:])


def test_among_equal_rates_almost_nobody_is_named(people, monkeypatch):
    generator = np.random.default_rng(3)
    found = [compared(people, monkeypatch, "count", counts(generator.poisson(40, PEOPLE))) for _ in range(40)]

    assert share_named(found, named=lambda one: one.signal) <= 0.03


def test_exact_limits_of_a_rate_ratio_are_those_of_the_binomial(people, monkeypatch):
    """No event of one's own and 190 of nineteen others: the upper limit is 1 - .05**(1/190) of the events."""
    found = compared(people, monkeypatch, "rate", counts([0] + [10] * 19))["r00"]
    share = 1 - 0.05 ** (1 / 190)

    assert found.low == 0
    assert found.high == pytest.approx(share / (1 - share) * 19)


def test_nobody_with_an_event_is_compared_with_nobody(people, monkeypatch):
    found = compared(people, monkeypatch, "rate", counts([0] * 20))

    assert {one.verdict for one in found.values()} == {"not_compared"}


# --- scores ---------------------------------------------------------------------------------------


def test_a_score_is_compared_in_deviations_of_one_answer(people, monkeypatch):
    found = compared(people, monkeypatch, "score", scores([5.0] + [4.0] * 19))["r00"]

    assert found.verdict == "signal_above"
    assert found.effect == pytest.approx(1.0, rel=0.03)
    assert (found.expected, found.peers) == (4.0, 4.0)
    assert math.isnan(found.ratio)  # a score has no zero: five is not a quarter more than four


def test_among_equal_scores_almost_nobody_is_named(people, monkeypatch):
    generator = np.random.default_rng(5)
    found = [
        compared(people, monkeypatch, "score", scores(4 + generator.normal(0, 1 / math.sqrt(60), PEOPLE)))
        for _ in range(40)
    ]

    assert share_named(found, named=lambda one: one.signal) <= 0.03


def test_a_score_below_zero_can_be_compared(people, monkeypatch):
    """Net scores run from -100 to 100: a ratio would turn better and worse around."""
    found = compared(people, monkeypatch, "score", scores([-60.0] + [-10.0] * 19, sd=60.0))["r00"]

    assert found.verdict == "signal_below"
    assert -60 < found.best < -10


# --- ratios ---------------------------------------------------------------------------------------


def test_half_of_the_others_ratio_is_below(people, monkeypatch):
    found = compared(people, monkeypatch, "ratio", ratios([0.5] + [1.0] * 19, factor=1.15))

    assert found["r00"].verdict == "signal_below"
    assert found["r00"].expected == pytest.approx(1.0)
    assert found["r00"].ratio == pytest.approx(0.5)


def test_among_equal_ratios_almost_nobody_is_named(people, monkeypatch):
    generator = np.random.default_rng(7)
    error = math.log(1.2) / 1.645
    found = [
        compared(people, monkeypatch, "ratio", ratios(np.exp(generator.normal(0, error, PEOPLE)))) for _ in range(40)
    ]

    assert share_named(found, named=lambda one: one.signal) <= 0.03


def test_nothing_yet_is_no_ratio_that_could_be_compared(people, monkeypatch):
    table = ratios([0.5] + [1.0] * 19)
    nothing = {"value": 0.0, "low": 0.0, "high": 0.2}
    table = table.assign(**{name: [one, *table[name][1:]] for name, one in nothing.items()})

    assert compared(people, monkeypatch, "ratio", table)["r00"].verdict == "too_early"


# --- shares without cases, parts, roles -----------------------------------------------------------


def test_a_share_whose_cases_say_nothing_is_compared_by_its_counts(people, monkeypatch):
    index = pd.Index(names(PEOPLE), name="rep_id")
    hits = pd.Series([20] + [60] * 19, index=index, dtype=float)
    table = answers(value=hits / 120, n=120, numerator=hits, denominator=120.0, low=hits / 150, high=hits / 100,
                    index=index)  # fmt: skip
    found = compared(people, monkeypatch, "share", table)["r00"]

    assert (found.verdict, found.expected) == ("signal_below", pytest.approx(0.5, abs=0.01))


def test_each_part_of_a_metric_is_compared_on_its_own(people, monkeypatch):
    first, second = counts([120] + [60] * 19), counts([60] * 20)
    both = beside({"a": first, "b": second}, pd.MultiIndex.from_product([names(PEOPLE), ["a", "b"]]))
    monkeypatch.setitem(METRICS, "given", metric("rate", both))

    assert compare(people, YEAR, "given", "a")["r00"].verdict == "signal_above"
    assert not compare(people, YEAR, "given", "b")["r00"].signal
    assert compare(people, YEAR, "given") == {}


def test_an_unknown_metric_is_refused_by_name(people):
    with pytest.raises(UsageError, match="nonsense"):
        compare(people, YEAR, "nonsense")


def test_the_newcomers_deals_do_not_set_the_others_expectation():
    """Twenty people win half; a newcomer who wins nothing must not make them look good."""
    wins = [i % 2 == 0 and rep != "r00" for rep in names(20) for i in range(100)]
    columns = decided(wins, np.repeat(names(20), 100))
    with_newcomer, all_old = built(columns, started={"r00": "2025-11-20"}), built(columns)

    assert compare(with_newcomer, YEAR, "win_rate_count")["r01"].expected == pytest.approx(0.5)
    assert compare(all_old, YEAR, "win_rate_count")["r01"].expected < 0.48


def test_all_metrics_at_once_say_what_each_says_alone():
    data = with_amounts(0, 2.0)
    found = compare_all(Question.about(data, YEAR))

    assert {("win_rate_count", ""), ("ads", ""), ("cycle_resolution", "")} <= set(found)
    assert found["ads", ""]["r00"] == compare(data, YEAR, "ads")["r00"]


# --- best estimate, funnel, tiers -----------------------------------------------------------------


def test_the_best_estimate_lies_between_the_raw_value_and_what_is_expected():
    found = compare(equals(3, n=40), YEAR, "win_rate_count")

    for rep, row in WIN_RATE.rows(equals(3, n=40), YEAR).iterrows():
        one = found[str(rep)]
        inner, outer = sorted((row["value"], one.expected))
        assert inner - 0.01 <= one.best <= outer + 0.01
        assert one.best_low < one.best < one.best_high


def test_best_estimates_are_nearer_to_the_truth_than_raw_ones():
    raw, best = 0.0, 0.0
    for seed in range(6):
        data = equals(seed, n=40)
        found = compare(data, YEAR, "win_rate_count")
        raw += ((WIN_RATE.rows(data, YEAR)["value"] - 0.25) ** 2).sum()
        best += sum((one.best - 0.25) ** 2 for one in found.values())

    assert best < raw / 3


def test_an_outlier_is_drawn_in_by_no_more_than_one_error():
    one = compare(with_ages(1, 2.0), YEAR, "cycle_resolution")["r00"]

    assert abs(math.log(one.best / one.expected) - one.effect) <= one.se * 1.0001


def test_equals_lie_in_the_funnel_and_the_one_who_differs_does_not():
    inside = [
        one.funnel == "inside" for seed in range(5) for one in compare(equals(seed), YEAR, "win_rate_count").values()
    ]
    weak = compare(equals(1, n=150, rate=0.30, weak=0.10), YEAR, "win_rate_count")["r00"]

    assert np.mean(inside) > 0.92
    assert weak.funnel == "beyond_998"


@pytest.mark.parametrize(("n", "tier"), [(3, "counts"), (12, "grey"), (40, "plain")])
def test_little_is_shown_of_little(n, tier):
    found = compare(equals(0, n=n), YEAR, "win_rate_count")["r01"]

    assert (found.n, found.tier) == (n, tier)


# --- ranks ----------------------------------------------------------------------------------------


def test_equals_are_not_ranked():
    assert ranking(equals(0), YEAR, "win_rate_count")["AE"].refused == "alike"


def test_overlapping_ranks_are_no_ranking():
    """Twenty who win 17 to 33 % of sixty deals: they differ, but the first could as well be the last."""
    wins = np.random.default_rng(2).random(1200) < np.repeat(np.linspace(0.17, 0.33, 20), 60)
    owners = np.repeat(names(20), 60)
    found = ranking(built(decided(wins, owners)), YEAR, "win_rate_count")["AE"]

    assert found.refused == "overlap"
    assert found.table.empty


def test_those_who_are_far_apart_are_ranked_with_intervals():
    wins = [i < 20 * (rep + 1) for rep in range(8) for i in range(200)]
    found = ranking(built(decided(wins, np.repeat(names(8), 200))), YEAR, "win_rate_count")["AE"]

    assert found.refused is None
    assert found.table.index.tolist() == names(8)[::-1]
    assert (found.table["low"] <= found.table["high"]).all()
    assert found.table.loc["r07", "top_quarter"] > 0.99


def test_quick_is_first_where_lower_is_better():
    found = ranking(with_ages(0, 0.3), YEAR, "cycle_resolution")["AE"]

    assert found.refused is None
    assert found.table.index[0] == "r00"


def test_few_people_and_metrics_without_a_direction_are_not_ranked(people, monkeypatch):
    few = built(decided([True, False] * 150, np.repeat(names(5), 60)))
    monkeypatch.setitem(METRICS, "given", metric("rate", counts([120] + [60] * 19), better="context"))

    assert ranking(few, YEAR, "win_rate_count")["AE"].refused == "few_peers"
    assert ranking(people, YEAR, "given")["AE"].refused == "no_direction"
    assert ranking(people, YEAR, "bookings") == {}


# --- the own past, and targets --------------------------------------------------------------------


def in_two_springs(then: int, now: int, n: int) -> SalesData:
    columns = decided([i < then for i in range(n)] + [i < now for i in range(n)], ["r00"] * 2 * n)
    columns["closed_at"] = ["2024-05-10"] * n + ["2025-05-10"] * n
    columns["created_at"] = columns["engaged_at"] = ["2024-04-02"] * n + ["2025-04-02"] * n
    return built(columns)


@pytest.mark.parametrize(
    ("then", "now", "n", "verdict"),
    [
        (12, 45, 60, "signal_above"),
        (45, 12, 60, "signal_below"),
        (20, 26, 60, "too_early"),
        (1000, 1000, 2000, "no_difference"),
    ],
)
def test_a_rep_is_compared_with_the_same_season_last_year(then, now, n, verdict):
    found = against_past(in_two_springs(then, now, n), Calendar().period("2025Q2"), WIN_RATE)["r00"]

    assert (found.verdict, found.earlier, found.n) == (verdict, then / n, n)
    assert found.difference == pytest.approx((now - then) / n)


def test_a_quarter_that_is_not_over_is_compared_with_the_same_days():
    """To date against a full quarter would say everybody is behind."""
    quarter = Calendar().period("2025Q2")

    assert same_season(quarter, date(2025, 4, 20)) == Period("2025Q2-1", date(2024, 4, 1), date(2024, 4, 21))
    assert same_season(quarter, date(2025, 12, 31)).end == date(2024, 7, 1)
    assert same_season(Period("x", date(2024, 2, 29), date(2024, 3, 31)), date(2025, 1, 1)).start == date(2023, 2, 28)


def test_without_a_last_year_it_is_too_early_to_speak_of_change():
    found = against_past(in_two_springs(0, 30, 60), Calendar().period("2024Q2"), WIN_RATE)["r00"]

    assert found.verdict == "too_early"
    assert math.isnan(found.earlier)


def test_longer_and_larger_are_seen_on_their_own_scale():
    columns = decided([True] * 80, ["r00"] * 80, created_at="2024-04-02", engaged_at="2024-04-02")
    columns["closed_at"] = ["2024-05-10"] * 40 + ["2025-05-10"] * 40
    columns["amount"] = np.random.default_rng(1).lognormal(5, 0.4, 80) * np.repeat([1, 3], 40)
    data = built(columns)

    assert against_past(data, Calendar().period("2025Q2"), METRICS["ads"])["r00"].verdict == "signal_above"


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("usual", [200.0, 123.45, 0.7])
def test_amounts_that_are_all_alike_within_each_rep_do_not_say_how_sure_a_difference_is(usual: float):
    """A computer gives equal amounts a spread of 1e-17; taken as an error it would make everybody certain."""
    owners = names(6) * 7
    amounts = {"amount": [usual / 3 if owner == "r00" else usual for owner in owners]}
    found = compare(built(decided([True] * len(owners), owners) | amounts), YEAR, "ads")

    assert all(math.isnan(one.se) and math.isnan(one.q) for one in found.values())
    assert {one.verdict for one in found.values()} == {"too_early"}
    assert {one.funnel for one in found.values()} == {"inside"}


def test_amounts_that_differ_a_little_do_say_it():
    owners = names(6) * 7
    amounts = {
        "amount": [(50 if owner == "r00" else 200) * (1 + place % 4 / 100) for place, owner in enumerate(owners)]
    }
    found = compare(built(decided([True] * len(owners), owners) | amounts), YEAR, "ads")

    assert found["r00"].verdict == "signal_below"


@pytest.mark.parametrize(
    ("low", "value", "high", "verdict"),
    [(1.1, 1.3, 1.5, "signal_above"), (0.5, 0.7, 0.9, "signal_below"), (0.9, 1.0, 1.1, "no_difference"),
     (0.6, 1.0, 1.6, "too_early"), (0.0, 0.0, 0.4, "signal_below")],
)  # fmt: skip
def test_a_target_is_met_or_missed_only_beyond_chance(low, value, high, verdict):
    rows = pd.DataFrame({"value": [value], "low": [low], "high": [high]}, index=["r00"]) * 50

    assert against_target(rows, {"r00": 50.0, "r99": 1.0})["r00"].verdict == verdict


def test_a_missing_number_has_not_missed_its_target():
    rows = pd.DataFrame({"value": [np.nan], "low": [np.nan], "high": [np.nan]}, index=["r00"])

    assert against_target(rows, {"r00": 1.0})["r00"].verdict == "too_early"
