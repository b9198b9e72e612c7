"""A scorecard counts what was seen, a profile waits for enough of it, and those who score are looked at too."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from coaching_support import keys, read

from salescoach.coaching.raters import agreement, consistency, double_scored, scoring_advice, severities
from salescoach.coaching.scorecards import (
    Answer,
    Form,
    Item,
    Observation,
    as_tables,
    lacking,
    profile,
    score,
    self_gap,
    total,
    trend,
)
from salescoach.statistics import kappa
from salescoach.tables.schema.coaching import COACHING

FORM = Form(
    "discovery", 1, (Item("effect", "discovery", 2.0), Item("summary", "discovery"), Item("who", "qualification"))
)


def seen(obs_id: str, points: dict[str, int | None], observer: str = "C1", rep_id: str = "R1", **more) -> Observation:
    answers = {item: Answer(value, value is None, "said so") for item, value in points.items()}
    day = date(2026, 1, 5) + timedelta(days=int(more.pop("after", 0)))
    return Observation(obs_id, more.pop("form", FORM), rep_id, observer, day, answers, **more)


# --- one observation --------------------------------------------------------------------------------------------


def test_an_item_that_could_not_be_seen_is_re_weighted_away():
    """Weights 2 and 1 on the points 5 and 2 give 4; counted as 0 the missing item would drag it to 3."""
    found = total(seen("O1", {"effect": 5, "summary": 2, "who": None}))

    assert (found.value, found.answered, found.dropped, found.covered) == (4.0, 2, ("who",), 0.75)
    assert (2 * 5 + 2 + 0) / 4 == 3.0  # negative control


def test_nothing_seen_is_no_answer():
    assert total(seen("O1", {"effect": None, "summary": None, "who": None})).na_reason == "no_exposure"


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ({"effect": Answer()}, "open"),
        ({"effect": Answer(6)}, "outside"),
        ({"effect": Answer(5)}, "no_quote"),
        ({"effect": Answer(1, evidence=" ")}, "no_quote"),
        ({"effect": Answer(3, na=True)}, "both"),
        ({"effect": Answer(3), "mood": Answer(3)}, "unknown"),
    ],
)
def test_an_observation_says_what_it_lacks(answers, key):
    rest = {"summary": Answer(3), "who": Answer(na=True)}
    remarks = lacking(Observation("O1", FORM, "R1", "C1", date(2026, 1, 5), rest | answers))

    assert keys(remarks) == [f"development.score.{key}"]
    assert read(remarks, "tr")


def test_the_middle_needs_no_quote_and_a_self_score_is_named_one():
    whole = {"effect": Answer(3), "summary": Answer(4), "who": Answer(na=True)}

    assert lacking(Observation("O1", FORM, "R1", "C1", date(2026, 1, 5), whole)) == ()
    assert keys(lacking(Observation("O1", FORM, "R1", "R1", date(2026, 1, 5), whole))) == ["development.score.self"]


# --- a person -----------------------------------------------------------------------------------------------------


def test_below_five_observations_there_is_no_number():
    four = [seen(f"O{i}", {"effect": 3, "summary": 4}) for i in range(4)]

    assert profile(four, "R1")["discovery"].na_reason == "below_min_n"
    five = profile([*four, seen("O4", {"effect": 4, "summary": 5})], "R1")["discovery"]
    assert (five.n, five.value) == (5, pytest.approx(3.7))


def test_a_long_form_is_one_look():
    """Two items of one call are not two calls: the interval rests on observations."""
    calls = [seen(f"O{i}", {"effect": 2 + i % 3, "summary": 2 + i % 3}) for i in range(6)]
    items = [2.0 + i % 3 for i in range(6) for _ in range(2)]  # negative control: every item for itself

    assert profile(calls, "R1")["discovery"].n == 6
    wide, narrow = profile(calls, "R1")["discovery"], score(items)
    assert wide.high - wide.low > narrow.high - narrow.low


def test_the_own_view_is_a_series_of_its_own():
    calls = [seen(f"O{i}", {"effect": 2}, subject=f"call{i}") for i in range(5)]
    own = [seen(f"S{i}", {"effect": 4}, "R1", subject=f"call{i}", is_self=True) for i in range(5)]

    assert profile(calls + own, "R1")["discovery"].value == 2.0
    assert profile(calls + own, "R1", own=True)["discovery"].value == 4.0
    assert self_gap(calls + own, "R1")["discovery"].value == 2.0


def test_the_own_view_is_compared_on_the_same_calls_only():
    """The rep scored the good calls, the coach the bad ones: there is nothing to compare."""
    calls = [seen(f"O{i}", {"effect": 2}, subject=f"bad{i}") for i in range(5)]
    own = [seen(f"S{i}", {"effect": 4}, "R1", subject=f"good{i}", is_self=True) for i in range(5)]

    assert self_gap(calls + own, "R1") == {}


def test_a_trend_waits_for_twenty():
    rising = [seen(f"O{i:02}", {"effect": 2 + (i >= 10) + i % 2}, after=i) for i in range(20)]

    assert trend(rising[:19], "R1", "discovery").na_reason == "below_min_n"
    found = trend(rising, "R1", "discovery")
    assert (found.value, found.n) == (1.0, 20)
    assert found.low > 0


# --- those who score ----------------------------------------------------------------------------------------------

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def pairs(points: list[tuple[int, int]]) -> list[Observation]:
    return [
        seen(f"O{place}{name}", {"effect": value}, name, subject=f"call{place}")
        for place, both in enumerate(points)
        for name, value in zip(("C1", "C2"), both, strict=True)
    ]


def test_consistency_is_that_of_the_published_mean_squares():
    """Shrout and Fleiss print 11.24, 32.49 and 1.02 for six things; the same six twice over double the sums."""
    double = {
        ("c", "f", "r", str(place)): dict(zip("abcd", row, strict=True)) for place, row in enumerate(SHROUT_FLEISS * 2)
    }
    between, judges, error = 2 * 5 * 11.24 / 11, 2 * 32.49, 2 * 15 * 1.02 / 33
    found = consistency(double, "abcd")

    assert found.value == pytest.approx(
        (between - error) / (between + 3 * error + 4 * (judges - error) / 12), abs=0.001
    )
    assert found.low < found.value < found.high
    few = consistency(dict(list(double.items())[:6]), "abcd")
    assert (few.na_reason, few.n) == ("below_min_n", 6)


def test_agreement_needs_ten_and_weighs_a_near_miss_less():
    near = [(1, 2), (2, 2), (3, 3), (4, 5), (5, 5)] * 2
    far = [(1, 5), (2, 2), (3, 3), (4, 1), (5, 5)] * 2
    found = agreement(double_scored(pairs(near)), "C1", "C2")

    assert agreement(double_scored(pairs(near[:9])), "C1", "C2").na_reason == "below_min_n"
    assert found.value == pytest.approx(kappa(*np.array(near).T, weights="quadratic"))
    assert found.value > agreement(double_scored(pairs(far)), "C1", "C2").value
    assert found.low < found.value


def test_a_strict_observer_is_found_and_drawn_in():
    """C1 gives a point less than C2 and C3 on the same twelve calls; against the mean of all: two thirds."""
    calls = [
        seen(f"O{place}{name}", {"effect": 3 + place % 2 - (name == "C1")}, name, subject=f"call{place}")
        for place in range(12)
        for name in ("C1", "C2", "C3")
    ]
    found = severities(double_scored(calls))

    assert found["C1"].raw == pytest.approx(-1.0)
    assert found["C1"].raw < found["C1"].best < 0
    assert found["C2"].raw == pytest.approx(0.5)
    assert "development.score.strict" in keys(scoring_advice(calls, found))


def test_chance_makes_nobody_strict():
    """Two hundred pairs of even-handed observers: at 90 %, at most about one in ten is called anything."""
    draw = np.random.default_rng(8)
    called = 0
    for _ in range(100):
        true = draw.integers(2, 5, 12)
        double = {
            ("c", "f", "r", str(i)): {name: float(true[i] + draw.integers(-1, 2)) for name in ("C1", "C2")}
            for i in range(12)
        }
        called += sum(one.low > 0 or one.high < 0 for one in severities(double).values())

    assert called / 200 < 0.12


def test_too_little_double_scoring_is_said():
    calls = [seen(f"O{i}", {"effect": 3}, subject=f"call{i}") for i in range(20)]

    assert keys(scoring_advice(calls, {})) == ["development.score.few_double"]
    assert scoring_advice([*calls, *pairs([(3, 3), (4, 4)])], {}) == ()


# --- on to the diagnosis --------------------------------------------------------------------------------------------


def test_observations_become_the_tables_that_the_diagnosis_reads():
    schema = {table.name: set(table.names) for table in COACHING}
    observed, answered = as_tables([seen("O1", {"effect": 4, "who": None})])

    assert set(observed) <= schema["observation"]
    assert set(answered) == schema["answer"]
    assert answered["value"].isna().tolist() == [False, True]
    assert len(as_tables([])[1]) == 0
