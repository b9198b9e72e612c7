"""A goal's baseline, chance and exposures come from the data of the last twelve months."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from metric_world import AS_OF, organisation, tables

from salescoach.coaching.goal_outlook import outlook
from salescoach.errors import UsageError
from salescoach.metrics import measure

DATA = organisation(tables())
DUE = date(2025, 9, 30)


def test_the_baseline_is_the_metrics_own_answer():
    window = DATA.calendar.period("last365d", AS_OF)
    row = measure(DATA, window, ["win_rate_count"], ["ayse"]).iloc[0]
    found = outlook(DATA, "ayse", "win_rate_count", 0.45, DUE)

    assert (found.baseline.value, found.baseline.n) == (row["value"], row["n"])
    assert found.na_reason is None


def test_exposures_are_those_of_the_year_in_the_time_there_is():
    """55 closed deals in 246 working days; from 11 June to 30 September there are so many days."""
    ahead = DATA.calendar.working_days(date(2025, 6, 11), date(2025, 10, 1))

    assert outlook(DATA, "ayse", "win_rate_count", 0.45, DUE).exposures == pytest.approx(55 / 246 * ahead)


@pytest.mark.parametrize("metric_id", ["win_rate_count", "no_decision_rate"])
def test_a_harder_target_is_less_likely(metric_id):
    """Less likely upwards for wins, downwards for deals without a decision."""
    chances = [outlook(DATA, "ayse", metric_id, target, DUE).chance for target in (0.10, 0.25, 0.45, 0.70)]
    wanted = sorted(chances, reverse=metric_id == "win_rate_count")

    assert chances == wanted
    assert chances[0] != chances[-1]


def test_more_money_in_less_time_is_less_likely():
    usual = outlook(DATA, "ayse", "bookings", 0.0, DUE).baseline.value
    chances = [outlook(DATA, "ayse", "bookings", usual * times, DUE).chance for times in (0.3, 1.0, 3.0)]

    assert chances == sorted(chances, reverse=True)
    assert 0.2 < chances[1] < 0.8  # about what the year brought: about an even chance
    assert outlook(DATA, "ayse", "bookings", usual, date(2025, 7, 15)).chance < chances[1]


def test_a_stage_is_a_part():
    found = outlook(DATA, "ayse", "stage_conv_flow", 0.85, DUE, part="Demo")

    assert found.baseline.n == 47
    assert 0 < found.chance < 1
    assert outlook(DATA, "ayse", "stage_conv_flow", 0.85, DUE, part="Nowhere").na_reason == "no_exposure"


def test_what_cannot_be_worked_out_has_a_reason():
    adjusted = outlook(DATA, "ayse", "win_rate_adj", 0.5, DUE)

    assert adjusted.na_reason == "not_applicable"
    assert adjusted.baseline is not None
    assert np.isnan(adjusted.chance)
    assert outlook(DATA, "ayse", "csat", 0.8, DUE).na_reason == "below_min_n"
    with pytest.raises(UsageError, match="happiness"):
        outlook(DATA, "ayse", "happiness", 1.0, DUE)


def test_few_peers_give_no_reference():
    """Of the five others one has closed nothing: four are too few to be shown as a level."""
    assert np.isnan(outlook(DATA, "ayse", "win_rate_count", 0.45, DUE).reference)


def test_the_same_question_has_the_same_answer():
    assert outlook(DATA, "can", "bookings", 1e5, DUE) == outlook(DATA, "can", "bookings", 1e5, DUE)


@pytest.mark.parametrize("metric_id", ["win_rate_count", "bookings"])
def test_a_day_that_is_over_has_no_chance_rather_than_one_of_0(metric_id):
    """The control: the next working day has one, however small."""
    over, still = (outlook(DATA, "ayse", metric_id, 0.45, day) for day in (AS_OF, date(2025, 6, 11)))

    assert np.isnan(over.chance)
    assert over.na_reason == "no_exposure"
    assert (over.baseline is None) == (metric_id == "bookings")
    assert np.isfinite(still.chance)
