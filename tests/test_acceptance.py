"""A small, seeded part of `make acceptance`: what the diagnosis names, and that it is silent where nothing is."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from acceptance.beds import EQUAL, bed, people, short

from salescoach.coaching.said import agreed
from salescoach.crm.importer import import_export
from salescoach.diagnosis.diagnose import diagnose
from salescoach.known import data_at, standing_of
from salescoach.review import open_review
from salescoach.workspace import Workspace

SEEDS = range(1, 5)


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    return pd.concat([people(bed(), seed) for seed in SEEDS])


@pytest.fixture(scope="module")
def equal() -> pd.DataFrame:
    return pd.concat([people(bed(**EQUAL), seed) for seed in SEEDS])


def test_the_planted_weakness_is_named_first_more_often_than_by_rank(year):
    """T1 with the few organisations that a test can afford; percentile ranks are the negative control."""
    some = year[year["planted"] != ""]
    named = (some["first"] == some["planted"]).mean()

    assert named >= 0.65
    assert named > (some["rank_first"] == some["planted"]).mean()


def test_what_is_called_a_priority_is_material(year):
    """T2."""
    said = year[(year["named"] != "") & (year["planted"] != "")]

    assert short(said["true_named"]).mean() >= 0.75


def test_nobody_is_named_where_all_are_equal(equal):
    """T3; "20 % below the others" names a third of them, for nothing."""
    assert (equal["named"] != "").mean() <= 0.06
    assert equal["raw_speaks"].mean() > 0.25


def test_on_data_without_differences_nobody_is_accused_and_nobody_praised(maven, tmp_path):
    """The null case among the real data sets: agents there do not differ beyond chance."""
    workspace = Workspace.at(tmp_path / "ws", language="en", currency="USD")
    import_export(maven, workspace, taken_at=datetime(2018, 1, 1, tzinfo=UTC))
    data = data_at(workspace)
    found = diagnose(data, data.calendar.period("2017Q4"))

    assert len(found.reps) == 30
    assert [rep for rep, one in found.reps.items() if one.findings] == []
    assert [rep for rep, one in found.reps.items() if one.strengths] == []


def test_no_section_of_a_page_accuses_or_praises_where_all_are_alike(maven, tmp_path):
    """Every number of every agent, the alerts, the stages. Negative control: each metric alone singles out most."""
    workspace = Workspace.at(tmp_path / "ws", language="en", currency="USD")
    import_export(maven, workspace, taken_at=datetime(2018, 1, 1, tzinfo=UTC))
    standing = standing_of(workspace, data_at(workspace).calendar.period("2017Q4"))
    alone = [(name, one.comparison, standing.diagnoses[rep]) for rep, mine in standing.yearly.items()
             for name, one in mine.items() if one.comparison]  # fmt: skip
    shown = [agreed(comparison, name, found) for name, comparison, found in alone]
    some = [open_review(workspace, rep=rep, period="2017Q4", language="en") for rep in list(standing.yearly)[:3]]

    assert sum(comparison.signal for _, comparison, _ in alone) > 15
    assert [name for name, comparison, _ in alone if comparison.signal and name != "cycle_resolution"] == ["ads", "ads"]
    assert [one for one in shown if one.signal] == []
    assert {one.facts.own_change.verdict for one in some} == {"too_early"}
    assert {finding.kind for one in some for finding in one.facts.findings} == {"fact", "none"}
    assert standing.alerts == {}
