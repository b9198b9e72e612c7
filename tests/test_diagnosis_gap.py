"""The gap in parts: it closes, it nests, and neither the currency nor the order of rows matters."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from salescoach.calendar import Calendar, Period
from salescoach.diagnosis.diagnose import diagnose, twelve_months
from salescoach.diagnosis.gap import PARENTS
from salescoach.errors import UsageError
from salescoach.synthetic import organisation
from salescoach.synthetic.presets import preset
from salescoach.tables.data import SalesData

SPAN = Period("2024", date(2024, 1, 1), date(2026, 1, 1))
BED = preset("diagnosis_bed")
TABLES = organisation("diagnosis_bed", seed=3).tables


def seen(tables: dict) -> SalesData:
    return SalesData.build(tables, as_of=BED.as_of, calendar=Calendar(), currency="TRY")


DATA = seen(TABLES)
FOUND = diagnose(DATA, SPAN, span=SPAN)


@pytest.mark.parametrize("benchmark", ["peers", "plan"])
def test_the_top_lines_add_up_to_the_gap(benchmark):
    found = diagnose(DATA, SPAN, span=SPAN, benchmark=benchmark)
    gaps = [one.gap for one in found.reps.values() if one.gap and not one.gap.na_reason]

    assert gaps or benchmark == "plan"
    for gap in gaps:
        total = sum(line.value for line in gap.lines if not line.parent)
        assert total == pytest.approx(gap.actual - gap.reference, rel=1e-9, abs=1e-9 * gap.reference)


def test_children_add_up_to_their_parent():
    for one in FOUND.reps.values():
        for parent in PARENTS:
            children = [line.value for line in one.gap.lines if line.parent == parent]
            assert sum(children) == pytest.approx(one.gap.line(parent).value, rel=1e-9, abs=1e-6)


def test_every_line_has_an_interval_around_it_and_an_n():
    for one in FOUND.reps.values():
        for line in one.gap.lines:
            assert line.na_reason or (line.low <= line.value + 1e-6 and line.high >= line.value - 1e-6)
            assert line.n > 0 or line.na_reason


def test_the_currency_does_not_matter():
    scaled = {name: table.copy() for name, table in TABLES.items()}
    for name, column in (("opportunity", "amount"), ("line_item", "total"), ("line_item", "list_price")):
        scaled[name][column] = scaled[name][column] * 1000
    other = diagnose(seen(scaled), SPAN, span=SPAN)

    for rep, one in FOUND.reps.items():
        for line, same in zip(one.gap.lines, other.reps[rep].gap.lines, strict=True):
            assert same.value == pytest.approx(1000 * line.value, rel=1e-9, abs=1e-3)
        assert [judged.verdict for judged in one.drivers] == [judged.verdict for judged in other.reps[rep].drivers]


def test_the_order_of_rows_does_not_matter():
    mixed = {name: table.sample(frac=1, random_state=5).reset_index(drop=True) for name, table in TABLES.items()}
    other = diagnose(seen(mixed), SPAN, span=SPAN)

    for rep, one in FOUND.reps.items():
        for line, same in zip(one.gap.lines, other.reps[rep].gap.lines, strict=True):
            assert same.value == pytest.approx(line.value, rel=1e-9, abs=1e-6)


def test_the_gaps_of_all_say_what_is_the_persons_and_what_is_not():
    names = {line.driver for line in FOUND.reps["R001"].gap.lines}

    assert {"capacity", "mix", "volume", "flow", "stage_1", "stage_4", "size", "chance"} <= names


def test_without_a_season_a_year_earlier_there_is_no_gap_to_it():
    gap = diagnose(DATA, Calendar().period("2024"), benchmark="own_season").reps["R001"].gap

    assert gap.na_reason == "no_history"
    assert math.isnan(gap.gap)


def test_a_change_since_the_same_season_adds_up_too():
    p = replace(BED, months=24, as_of=BED.start + timedelta(days=730))
    data = seen(organisation("diagnosis_bed", seed=4, parameters=p).tables)
    found = diagnose(data, Calendar().period("2025"), benchmark="own_season").reps["R002"].gap

    assert found.line("market").n > 0
    assert sum(line.value for line in found.lines if not line.parent) == pytest.approx(found.gap, rel=1e-9, abs=1e-3)


def test_an_unknown_benchmark_is_named():
    with pytest.raises(UsageError, match="own_season"):
        diagnose(DATA, SPAN, benchmark="the best")  # type: ignore[arg-type]


def test_fewer_than_five_peers_are_no_peers():
    few = organisation("small_team", seed=1, reps=5, planted=preset("diagnosis_bed").plants)
    data = SalesData.build(few.tables, as_of=date(2025, 11, 28), calendar=Calendar(), currency="TRY")
    found = diagnose(data, data.calendar.period("2025Q3"))

    assert {one.na_reason for one in found.reps.values()} <= {"few_peers", "ramping", "absent"}
    assert not any(one.findings or one.gap for one in found.reps.values())


def test_a_quarter_is_looked_at_with_the_three_before_it():
    quarter = Calendar().period("2025Q3")

    assert twelve_months(quarter) == Period("", date(2024, 10, 1), date(2025, 10, 1))


def test_findings_are_at_most_two_priorities_or_one_question():
    for one in FOUND.reps.values():
        kinds = [judged.verdict for judged in one.findings]
        assert kinds in ([], ["priority"], ["priority", "priority"], ["hypothesis"])
        assert all(judged.evidence for judged in one.findings)


def test_speed_is_shown_and_never_judged():
    speed = [judged for one in FOUND.reps.values() for judged in one.drivers if judged.driver == "speed"]

    assert speed
    assert {judged.verdict for judged in speed} == {"none"}
    assert {judged.praise for judged in speed} == {"none"}
