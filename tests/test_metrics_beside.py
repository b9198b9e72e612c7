"""A number held against peers, the same season last year and the target; what its parts are called on a page."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hand import Q2, deal, quotas, value
from metric_world import PERIOD, organisation, tables
from runs_support import organisation as workspace
from tiny import organisation as tiny

from salescoach.cli.metrics import metrics
from salescoach.errors import UsageError
from salescoach.language import CODES
from salescoach.metric_data import metric_data
from salescoach.metrics import METRICS
from salescoach.metrics.beside import beside, targets
from salescoach.metrics.question import Question
from salescoach.metrics.ranking import Ranking
from salescoach.report.metric_compared import compared_section, ranking_blocks
from salescoach.report.metric_parts import part_name
from salescoach.report.metric_values import value_cells
from salescoach.report.page import Table
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.tables.data import SalesData

YEARS = [
    deal("won" if number < won else "lost", day, begun)
    for day, begun, won, n in (("2024-05-06", "2024-04-01", 10, 100), ("2025-05-05", "2025-04-01", 60, 100))
    for number in range(n)
]
"""Ten of a hundred won in the spring of 2024, sixty of a hundred a year later; 100 each."""


@cache
def made_up() -> SalesData:
    return organisation(tables())


def test_the_past_and_the_target_are_said_for_one_rep():
    """60 % after 10 %: higher than a year earlier. Bookings of 6000 on a quota of 4000: 1.5 times, surely above."""
    data = tiny(YEARS, quota=quotas("elif", 4000.0))
    rate, money = (beside(data, Q2, name, "elif")[0] for name in ("win_rate_count", "bookings"))

    assert rate.past is not None
    assert (rate.past.verdict, rate.past.earlier) == ("signal_above", pytest.approx(0.10))
    assert money.target is not None
    assert (money.target.verdict, money.target.ratio) == ("signal_above", pytest.approx(1.5))
    assert rate.target is None  # nobody promised a win rate


def test_money_to_date_is_not_judged_by_the_quota_of_the_whole_period():
    """On 20 May the quarter is half over: below the quota is where everybody is."""
    found = beside(tiny(YEARS, quota=quotas("elif", 1e6), as_of=date(2025, 5, 20)), Q2, "bookings", "elif")[0].target

    assert found is not None
    assert found.verdict == "not_compared_partial"


def test_a_goal_is_the_target_of_its_metric():
    data = made_up()

    assert targets(data, PERIOD, "win_rate_count")["ayse"] == 0.6
    assert targets(data, PERIOD, "ads") == {}


def test_an_unknown_rep_is_refused_by_name():
    with pytest.raises(UsageError):
        beside(tiny(YEARS), Q2, "bookings", "nobody")


@pytest.mark.parametrize("code", CODES)
def test_every_verdict_of_every_metric_can_be_said(code: str):
    data, wording = made_up(), Wording(load_words(code), "TRY")
    for name in ("win_rate_count", "bookings", "stage_conv_flow", "cycle_resolution", "pipeline_bridge"):
        assert compared_section(beside(data, PERIOD, name, "ayse"), wording).blocks


@pytest.mark.parametrize("code", CODES)
def test_every_part_has_a_name_and_no_code_is_shown(code: str):
    """Names of stages, themes and ranges of chances are the organisation's, or numbers."""
    words, data = load_words(code), made_up()
    theirs = {"Contact", "Demo", "Proposal", "price", "service", "0-20", "20-40", "40-60", "60-80", "80-100"}
    theirs |= {"web", "event", "competitor", ""}
    same = "commit pipeline all internal travel other selling gross net amount contact source none demo".split()
    same += ["expansion", "renewal"]
    for name, metric in METRICS.items():
        for by in ("rep", "all"):
            for part in set(metric.answer(Question.about(data, PERIOD, by))["part"]) - theirs:
                said = part_name(name, part, words)
                assert "_" not in said
                assert ":" in said or said != part or said in same


def test_below_five_the_counts_are_shown_and_no_percentage():
    """Two answered invitations of three: "2 of 3"."""
    sent = pd.Timestamp("2025-05-05")
    surveys = pd.DataFrame(
        {"survey_id": ["s"], "name": "s", "kind": "csat", "scale_min": 1.0, "scale_max": 5.0, "cutoff_days": 10,
         "denominator_rule": "cohort"}
    )  # fmt: skip
    asked = pd.DataFrame(
        {"invitation_id": list("abc"), "survey_id": "s", "sent_at": sent, "rep_id": "elif", "delivered": True}
    )
    said = pd.DataFrame(
        {"response_id": list("ab"), "survey_id": "s", "invitation_id": list("ab"), "sent_at": sent, "score": 4.0,
         "answered_at": sent + pd.Timedelta(days=1), "rep_id": "elif"}
    )  # fmt: skip
    data = tiny([deal("open")], survey=surveys, survey_invitation=asked, survey_response=said)
    cells = value_cells(value(data, "survey_response_rate"), Wording(load_words("en"), "TRY"))

    assert str(cells[0].text) == "2 of 3"
    assert "%" not in str(cells)


def test_an_interval_of_another_level_says_so():
    """Every column says 90 %; the landing is at 80 %."""
    data = made_up()
    row = METRICS["landing_range"].rows(data, PERIOD).loc["ayse"]
    usual = METRICS["win_rate_count"].rows(data, PERIOD).loc["ayse"]
    wording = Wording(load_words("en"), "TRY")

    assert value_cells(row, wording)[1].detail == "80%"
    assert value_cells(usual, wording)[1].detail == ""


def test_a_ranking_that_holds_is_shown_with_the_range_of_each_rank():
    places = pd.DataFrame({"low": [1, 1], "high": [1, 2], "expected": [1.0, 1.6], "top_quarter": [0.9, 0.4]},
                          index=["a", "b"])  # fmt: skip
    names, wording = pd.Series({"a": "Ada", "b": "Bora"}), Wording(load_words("en"), "TRY")
    held = ranking_blocks({"AE": Ranking(None, places)}, names, wording)
    refused = ranking_blocks({"AE": Ranking("overlap", places.iloc[:0])}, names, wording)

    assert [type(block) for block in held].count(Table) == 1
    assert [type(block) for block in refused].count(Table) == 0


def test_the_command_says_against_what_and_whether_a_ranking_holds(tmp_path: Path):
    home = workspace(tmp_path)
    rep = metric_data(home).sellers[0]
    asked = ["compare", str(home.path), "win_rate_count", "--rep", rep, "--period", "2025Q4"]
    found = json.loads(CliRunner().invoke(metrics, [*asked, "--json"], catch_exceptions=False).output)
    text = CliRunner().invoke(metrics, [*asked, "--language", "en"], catch_exceptions=False).output

    (row,) = found["rows"]
    assert set(row) == {"part", "value", "n", "low", "high", "na_reason", "peers", "past", "target", "ranking"}
    assert row["ranking"] in {"held", "few_peers", "no_direction", "alike", "overlap"}
    assert "ranking" in text
    assert "same season last year" in text
