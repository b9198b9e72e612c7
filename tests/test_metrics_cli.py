"""`salescoach metrics`: what one asks for singly is judged as in the whole, and an engine says the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from metric_world import AS_OF, PERIOD, organisation, tables
from runs_support import organisation as workspace

from salescoach.cli import main
from salescoach.errors import UsageError
from salescoach.metric_data import metric_data
from salescoach.metrics.sheet import sheet
from salescoach.workspace import Workspace

ROW = {"rep_id", "metric_id", "version", "value", "n", "low", "high", "level", "na_reason", "verdict"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace(tmp_path_factory.mktemp("metrics")).path


def rows(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, object]]:
    with pytest.raises(SystemExit) as ended:
        main([str(part) for part in ("metrics", *arguments, "--json")])
    assert not ended.value.code
    return json.loads(capsys.readouterr().out)["rows"]


def test_one_metric_has_the_verdicts_that_it_has_among_all():
    data = organisation(tables(), AS_OF)
    alone = sheet(data, PERIOD, metric_ids=["win_rate_count"])
    every = sheet(data, PERIOD)

    assert alone["verdict"].notna().any()
    assert alone["verdict"].tolist() == every.loc[every["metric_id"] == "win_rate_count", "verdict"].tolist()


def test_a_row_carries_all_that_is_needed_to_read_it(capsys, home):
    (first, *_) = rows(capsys, home, "--metric", "win_rate_count", "--period", "2025Q4")

    assert set(first) >= ROW


def test_the_engine_that_is_asked_for_says_the_same(capsys, home):
    """A comparison looks at all observations at once, so there are no verdicts on an engine."""
    asked = ("--metric", "win_rate_count", "--metric", "bookings", "--metric", "hygiene", "--period", "2025Q4")
    here = rows(capsys, home, *asked)
    there = rows(capsys, home, *asked, "--engine", "duckdb")

    assert {row["verdict"] for row in there} == {None}
    assert [row | {"verdict": None} for row in here] == there


def test_data_stay_in_memory_while_they_fit(home):
    opened = Workspace.open(home)

    assert metric_data(opened).in_memory
    assert not metric_data(opened, engine="duckdb").in_memory


def test_an_engine_elsewhere_needs_its_address(home):
    with pytest.raises(UsageError, match="say where"):
        metric_data(Workspace.open(home), engine="dask")


def test_an_unknown_engine_is_named_with_those_there_are(home):
    with pytest.raises(UsageError, match=r"no engine 'abacus'. Known: auto, pandas, duckdb, spark, dask"):
        metric_data(Workspace.open(home), engine="abacus")
