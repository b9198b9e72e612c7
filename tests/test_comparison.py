"""Who is named, when the truth is known: nobody among equals, the one who differs, and never the mix."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics.comparison import Comparison, compare, own_change
from salescoach.statistics import needed_n
from salescoach.tables.data import SalesData

YEAR = Calendar().period("2025")
AS_OF = date(2025, 12, 31)
REPS = 30
SEEDS = range(40)
_STARTED = "2025-01-06"


def built(columns: dict[str, object], started: dict[str, str] | None = None) -> SalesData:
    """An organisation from columns of deals; *started*: first day of those who are new."""
    frame = pd.DataFrame({"stage": "Proposal", "created_at": _STARTED, "engaged_at": _STARTED, **columns})
    frame["deal_id"] = [f"d{i:05d}" for i in range(len(frame))]
    for name in ("created_at", "engaged_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name]) + pd.Timedelta(hours=6)
    owners = sorted(set(frame["owner_id"]))
    reps = pd.DataFrame({"rep_id": owners, "full_name": owners, "role": "AE"})
    reps["start_date"] = pd.to_datetime(pd.Series([(started or {}).get(rep, "2020-01-01") for rep in owners]))
    stage = pd.DataFrame({"pipeline": ["all"], "stage": ["Proposal"], "order": [1], "kind": ["open"]})
    tables = {"opportunity": frame, "rep": reps, "stage": stage}
    return SalesData.build(tables, as_of=AS_OF, calendar=Calendar(), currency="TRY")


def decided(won: Iterable[bool], owners: Iterable[str], **more: object) -> dict[str, object]:
    """Columns of deals that were all decided in June; a won one is worth 100."""
    wins = np.asarray(list(won))
    return {
        "owner_id": list(owners), "status": np.where(wins, "won", "lost"), "closed_at": "2025-06-10",
        "amount": np.where(wins, 100.0, np.nan), **more,
    }  # fmt: skip


def names(count: int = REPS) -> list[str]:
    return [f"r{i:02d}" for i in range(count)]


@cache
def equals(seed: int, n: int = 80, rate: float = 0.25, weak: float | None = None) -> SalesData:
    """Thirty reps with one and the same win rate; with *weak*, the first rep's own."""
    rates = np.full(REPS, rate)
    rates[0] = rate if weak is None else weak
    return built(decided(np.random.default_rng(seed).random(REPS * n) < np.repeat(rates, n), np.repeat(names(), n)))


def raw_rates(data: SalesData) -> pd.Series:
    closed = data.closed_in(YEAR)
    return (closed["status"] == "won").groupby(closed["owner_id"]).mean()


def share_named(found: Iterable[dict[str, Comparison]], *, named: Callable[[Comparison], bool]) -> float:
    every = [named(comparison) for comparisons in found for comparison in comparisons.values()]
    return sum(every) / len(every)


# --- win rate: chance ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alike() -> list[SalesData]:
    return [equals(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def alike_compared(alike: list[SalesData]) -> list[dict[str, Comparison]]:
    return [compare(data, YEAR, "win_rate_count") for data in alike]


@pytest.fixture(scope="module")
def one_is_weak() -> list[dict[str, Comparison]]:
    """r00 wins half as often as the other twenty-nine."""
    return [compare(equals(seed, n=150, rate=0.30, weak=0.15), YEAR, "win_rate_count") for seed in range(20)]


def test_among_equals_almost_nobody_is_named(alike_compared):
    assert share_named(alike_compared, named=lambda one: one.signal) <= 0.03


def test_the_naive_rule_accuses_a_third_of_equals(alike):
    """Control: "20 % away from the mean" names people for their luck. What it finds is chance only."""
    rates = pd.concat([raw_rates(data) / raw_rates(data).mean() for data in alike])

    assert ((rates < 0.8) | (rates > 1.2)).mean() > 0.30


def test_among_equals_the_test_of_all_is_calibrated(alike_compared):
    spread = np.array([found["r00"].spread_p for found in alike_compared])

    assert np.mean(spread < 0.05) <= 0.15  # 5 % of 40 organisations, with room for chance
    assert 0.3 < spread.mean() < 0.7


def test_half_the_win_rate_is_found_in_most_organisations(one_is_weak):
    """In the rest one of thirty is too little for the test that the reps differ at all: silence, not a wrong name."""
    verdicts = [found["r00"].verdict for found in one_is_weak]

    assert verdicts.count("signal_below") > 10
    assert set(verdicts) <= {"signal_below", "too_early"}


def test_beside_one_weak_rep_the_others_are_left_alone(one_is_weak):
    others = [{rep: one for rep, one in found.items() if rep != "r00"} for found in one_is_weak]

    assert share_named(others, named=lambda one: one.signal) <= 0.03


def test_twice_the_rate_is_above():
    wins = [i % 10 < (6 if rep == "r00" else 3) for rep in names(10) for i in range(100)]
    found = compare(built(decided(wins, np.repeat(names(10), 100))), YEAR, "win_rate_count")["r00"]

    assert found.verdict == "signal_above"
    assert (found.peers, found.expected) == (pytest.approx(0.30), pytest.approx(0.30, abs=0.01))
    assert found.ratio == pytest.approx(2.0, rel=0.05)
    assert found.low < found.ratio < found.high


# --- win rate: mix --------------------------------------------------------------------------------


def with_a_hard_mix(seed: int) -> SalesData:
    """All win 50 % of the easy deals and 15 % of the hard ones; r00 has mostly hard ones."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(names(), 150)
    hard = rng.random(len(owners)) < np.where(owners == "r00", 0.9, 0.3)
    won = rng.random(len(owners)) < np.where(hard, 0.15, 0.50)
    return built(decided(won, owners, segment=np.where(hard, "enterprise", "smb")))


def test_a_hard_mix_is_no_weakness():
    """Simpson: the rate is far lower, the skill is the same."""
    hard = [with_a_hard_mix(seed) for seed in range(15)]
    found = [compare(data, YEAR, "win_rate_count")["r00"] for data in hard]

    assert all(raw_rates(data)["r00"] < 0.7 * raw_rates(data).mean() for data in hard)
    assert sum(one.signal for one in found) <= 1
    assert np.mean([one.ratio for one in found]) == pytest.approx(1.0, abs=0.1)
    assert np.mean([one.expected for one in found]) == pytest.approx(0.9 * 0.15 + 0.1 * 0.50, abs=0.03)


def test_without_the_mix_the_same_rep_would_be_accused():
    """Control: the same deals, their segment unknown."""
    accused = 0
    for seed in range(15):
        data = with_a_hard_mix(seed)
        blind = built(decided(data.deals["status"] == "won", data.deals["owner_id"]))
        accused += compare(blind, YEAR, "win_rate_count")["r00"].verdict == "signal_below"

    assert accused >= 12


# --- win rate: who is compared, and what silence means --------------------------------------------


@pytest.mark.parametrize(("people", "compared"), [(5, False), (6, True)])
def test_fewer_than_five_peers_are_not_compared_with(people, compared):
    """Their own numbers would show through. Rep 0 wins nothing, so that there is something to be seen."""
    wins = [i % 2 == 0 and rep != "r00" for rep in names(people) for i in range(100)]
    found = compare(built(decided(wins, np.repeat(names(people), 100))), YEAR, "win_rate_count")["r00"]

    assert (found.verdict != "not_compared") == compared
    assert found.peers_n == people - 1


def test_peers_are_those_in_the_same_role():
    reps = pd.DataFrame({"rep_id": names(9), "full_name": names(9), "role": ["AE"] * 5 + ["AM"] * 4})
    deals = [{"owner_id": rep, "status": "won", "closed_at": "2025-06-10"} for rep in names(9) for _ in range(6)]
    found = compare(organisation(deals, rep=reps), YEAR, "win_rate_count")

    assert {one.verdict for one in found.values()} == {"not_compared"}
    assert (found["r00"].peers_n, found["r08"].peers_n) == (4, 3)


@pytest.mark.parametrize(("start", "compared"), [("2025-07-20", False), ("2025-06-01", True)])
def test_who_is_still_learning_the_job_is_not_compared(start, compared):
    wins = [i % 2 == 0 and rep != "r00" for rep in names(10) for i in range(100)]
    data = built(decided(wins, np.repeat(names(10), 100)), started={"r00": start})

    assert (compare(data, YEAR, "win_rate_count")["r00"].verdict == "signal_below") == compared
    assert (compare(data, YEAR, "win_rate_count")["r00"].verdict == "not_compared") != compared


def test_a_rep_without_a_decided_deal_is_not_compared():
    wins = [i % 2 == 0 for _ in names(9) for i in range(40)]
    columns = decided([*wins, True], [*np.repeat(names(9), 40), "r09"])
    columns["closed_at"] = ["2025-06-10"] * len(wins) + ["2024-12-01"]
    columns["created_at"] = columns["engaged_at"] = "2024-10-01"

    assert compare(built(columns), YEAR, "win_rate_count")["r09"].verdict == "not_compared"


@pytest.mark.parametrize(("n", "verdict"), [(40, "too_early"), (2000, "no_difference")])
def test_alike_is_said_only_when_a_difference_that_matters_is_ruled_out(n, verdict):
    """Both have exactly the peers' rate; forty deals cannot tell it from one a third lower."""
    wins = [i % 4 == 0 for _ in names(8) for i in range(n)]
    found = compare(built(decided(wins, np.repeat(names(8), n))), YEAR, "win_rate_count")["r00"]

    assert found.ratio == pytest.approx(1.0, abs=0.01)
    assert found.verdict == verdict
    assert (found.low > 0.8 and found.high < 1.25) == (verdict == "no_difference")


def test_no_difference_never_hides_a_wide_interval(alike_compared):
    for found in alike_compared:
        for one in found.values():
            inside = one.low > 0.8 and one.high < 1.25
            assert one.signal or (one.verdict == "no_difference") == inside


def test_too_early_says_how_many_more_are_needed():
    wins = [i % 4 == 0 for _ in names(8) for i in range(40)]
    found = compare(built(decided(wins, np.repeat(names(8), 40))), YEAR, "win_rate_count")["r00"]

    assert found.needed == needed_n(0.25, -0.20) - 40 > 0


def test_what_cannot_be_compared_has_no_comparison():
    assert compare(equals(0), YEAR, "bookings") == {}
    assert compare(organisation([{"status": "open"}]), YEAR, "win_rate_count")["elif"].verdict == "not_compared"


# --- deal size ------------------------------------------------------------------------------------


def with_amounts(seed: int, factor: float, product_of_first: str = "small") -> SalesData:
    """Sixty wins each, amounts spread by a factor of e; r00's are *factor* times as large."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(names(), 60)
    product = np.where(owners == "r00", product_of_first, np.where(rng.random(len(owners)) < 0.5, "small", "large"))
    amount = np.exp(rng.normal(7, 1, len(owners))) * np.where(product == "large", 3, 1)
    amount *= np.where(owners == "r00", factor, 1)
    return built(decided(np.ones(len(owners), bool), owners, product_id=product) | {"amount": amount})


def test_larger_deals_are_found_and_an_expensive_product_is_not_taken_for_skill():
    larger = [compare(with_amounts(seed, 2.0), YEAR, "ads")["r00"] for seed in range(10)]
    dearer = [compare(with_amounts(seed, 1.0, "large"), YEAR, "ads") for seed in range(10)]

    assert sum(one.verdict == "signal_above" for one in larger) >= 8
    assert share_named(dearer, named=lambda one: one.signal) <= 0.03


def test_one_enormous_deal_is_not_a_skill():
    """Control: the mean of its owner is many times the others', the comparison is of typical deals."""
    data = with_amounts(0, 1.0)
    mine = data.deals.index[data.deals["owner_id"] == "r00"][0]
    data.deals.loc[mine, "amount"] = 1e7
    mean = data.deals.groupby("owner_id")["amount"].mean()

    assert mean["r00"] > 10 * mean.drop("r00").mean()
    assert not compare(data, YEAR, "ads")["r00"].signal


# --- time to resolution ---------------------------------------------------------------------------


def with_ages(seed: int, slower: float = 1.0, *, first_is_enterprise: bool = False) -> SalesData:
    """Sixty deals each, ages around 40 days, enterprise ones three times that; some are still running."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(names(), 60)
    enterprise = np.where(owners == "r00", first_is_enterprise, rng.random(len(owners)) < 0.5)
    age = np.maximum(rng.gamma(2, 20, len(owners)) * np.where(enterprise, 3, 1), 1)
    age = (age * np.where(owners == "r00", slower, 1)).round()
    begun = pd.Timestamp("2025-01-06") + pd.to_timedelta(rng.integers(0, 120, len(owners)), unit="D")
    ended = begun + pd.to_timedelta(age, unit="D")
    still_open = ended > pd.Timestamp("2025-12-30")
    columns = {
        "owner_id": owners, "status": np.where(still_open, "open", "won"), "created_at": begun, "engaged_at": begun,
        "closed_at": pd.Series(ended).where(~pd.Series(still_open)), "amount": 100.0,
        "segment": np.where(enterprise, "enterprise", "smb"),
    }  # fmt: skip
    return built(columns)


def test_the_slow_one_takes_longer_than_expected():
    found = [compare(with_ages(seed, 2.0), YEAR, "cycle_resolution")["r00"] for seed in range(5)]

    assert [one.verdict for one in found] == ["signal_above"] * 5
    assert all(one.ratio > 1.3 for one in found)


def test_the_quick_one_takes_less():
    found = compare(with_ages(1, 0.5), YEAR, "cycle_resolution")["r00"]

    assert found.verdict == "signal_below"
    assert found.high < 1


def test_long_deals_are_not_slowness():
    """Same pace in every segment; the median is longer because of the mix, and so is what is expected."""
    found = [compare(with_ages(seed, first_is_enterprise=True), YEAR, "cycle_resolution")["r00"] for seed in range(8)]

    assert sum(one.signal for one in found) <= 1
    assert all(one.expected > 1.5 * one.peers for one in found)


@pytest.mark.parametrize("pace", [0.5, 1.0, 2.0])
def test_what_is_expected_does_not_depend_on_the_reps_own_pace(pace):
    """Control: own median over the ratio of hazards would expect 70 days of peers who take 34 (pace 0.5)."""
    data = with_ages(2, pace)
    others = data.deals[(data.deals["owner_id"] != "r00") & (data.deals["segment"] == "smb")]
    usual = float((others["closed"] - others["started"]).median())
    mine = data.deals[data.deals["owner_id"] == "r00"]
    found = compare(data, YEAR, "cycle_resolution")["r00"]

    assert found.expected == pytest.approx(usual, rel=0.05)
    if pace == 0.5:
        assert float((mine["closed"] - mine["started"]).median()) / found.ratio > 1.8 * usual


def test_among_equally_quick_reps_almost_nobody_is_named():
    found = [compare(with_ages(seed), YEAR, "cycle_resolution") for seed in range(8)]

    assert share_named(found, named=lambda one: one.signal) <= 0.03


# --- against oneself ------------------------------------------------------------------------------


def in_two_quarters(then: int, now: int, n: int = 60) -> SalesData:
    wins = [i < then for i in range(n)] + [i < now for i in range(n)]
    columns = decided(wins, ["r00"] * 2 * n)
    columns["closed_at"] = ["2025-02-10"] * n + ["2025-05-10"] * n
    return built(columns)


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [(12, 45, "signal_above"), (45, 12, "signal_below"), (20, 26, "too_early"), (20, 20, "too_early")],
)
def test_a_change_needs_to_be_larger_than_chance(then, now, verdict):
    """Six more wins in sixty are what chance does; thirty-three are not."""
    calendar = Calendar()
    change = own_change(in_two_quarters(then, now), calendar.period("2025Q2"), (calendar.period("2025Q1"),), "r00")

    assert (change.verdict, change.earlier, change.n) == (verdict, then / 60, 60)
    assert change.low < change.earlier < change.high
    assert change.difference == pytest.approx((now - then) / 60)


def test_no_change_is_said_only_of_many_deals():
    calendar = Calendar()
    before = (calendar.period("2025Q1"),)

    change = own_change(in_two_quarters(1000, 1000, 2000), calendar.period("2025Q2"), before, "r00")
    assert change.verdict == "no_difference"


def test_four_deals_are_no_past():
    data = organisation([{"status": "won", "closed_at": "2025-02-10"} for _ in range(4)])
    calendar = Calendar()
    change = own_change(data, calendar.period("2025Q2"), (calendar.period("2025Q1"),), "elif")

    assert (change.verdict, change.n) == ("too_early", 4)
    assert np.isnan([change.earlier, change.low, change.high, change.difference]).all()  # 100% of four is no rate
