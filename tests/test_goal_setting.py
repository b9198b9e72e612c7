"""Where a rep stands, how likely a target is, and the road to a goal, from the imported deals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from one_on_one_support import COACH, desk_of, organisation

from salescoach.cli import main
from salescoach.coaching.goal_set import Road
from salescoach.coaching.goals import Goal, achievable
from salescoach.diagnosis.whatif import Needed, RoadMap
from salescoach.goal_setting import Standpoint
from salescoach.report.page import Table
from salescoach.report.plain import written
from salescoach.report.road import needed_blocks, road_section
from salescoach.report.wording import Wording
from salescoach.resources import load_words

EN, DUE = load_words("en"), date(2026, 2, 27)
WORDING = Wording(EN, "TRY")
MAP = RoadMap(600.0, Needed(6.0, 5.0, 8.0, 6), Needed(24.0, 18.0, 33.0, 9), Needed(60.0, 40.0, 90.0, 30))


@pytest.fixture(scope="module")
def stands(tmp_path_factory: pytest.TempPathFactory) -> Standpoint:
    """The rep has won six deals of 100 each and lost three; nobody recorded a meeting."""
    return Standpoint(desk_of(organisation(tmp_path_factory.mktemp("goals"), more=6), COACH))


def goal(**changes: object) -> Goal:
    start = date(2025, 11, 28)
    return replace(
        Goal(kind="outcome", metric_id="bookings", scope="all", target=600.0, start=start, due=DUE),
        **changes,  # type: ignore[arg-type]
    )


def test_a_goal_in_money_is_counted_back_to_deals_of_the_usual_size(stands: Standpoint):
    """600 at 100 a deal are six deals, and two in three are won: nine opportunities."""
    needed = stands.road(goal(), ()).needed

    assert needed is not None
    assert needed.deals.value == pytest.approx(6.0, rel=0.02)
    assert needed.opportunities.low < 9.0 < needed.opportunities.high
    assert needed.opportunities.n == 9
    assert needed.meetings is None


@pytest.mark.parametrize("change", [{"metric_id": "win_rate_count"}, {"target": None}, {"due": None}])
def test_nothing_is_counted_back_where_there_is_no_amount_or_no_day(stands: Standpoint, change: dict[str, object]):
    assert stands.road(goal(**change), ()).needed is None


def test_the_indicators_on_the_way_are_the_metrics_own_answers(stands: Standpoint):
    rows = stands.road(goal(target=None), ("win_rate_count", "connect_rate")).indicators.set_index("metric_id")

    assert (rows.at["win_rate_count", "value"], rows.at["win_rate_count", "n"]) == (pytest.approx(6 / 9), 9)
    assert np.isnan(rows.at["connect_rate", "value"])
    assert rows.at["connect_rate", "na_reason"] is not None


def test_a_target_in_money_has_a_chance_and_a_larger_one_has_less(stands: Standpoint):
    chances = [stands.setting(goal(target=target)).chance for target in (50.0, 200.0, 2000.0)]

    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.7 > 0.1 > chances[-1]


def test_where_no_chance_can_be_worked_out_people_are_asked_to_judge(stands: Standpoint):
    """A median has none; a share has one. Neither is called a lack of numbers."""
    median = goal(metric_id="ads_median", target=120.0)
    said = achievable(median, stands.setting(median))[1][0].key

    assert said == "goals.achievable.judged"
    assert np.isfinite(stands.setting(goal(metric_id="win_rate_count", target=0.7)).chance)


def test_the_chance_is_worked_out_once_for_the_same_question(stands: Standpoint):
    assert stands.outlook("bookings", 200.0, DUE) is stands.outlook("bookings", 200.0, DUE)


def test_a_week_of_the_road_is_the_whole_by_the_weeks_there_are():
    """Twelve weeks of five working days."""
    (table,) = needed_blocks(MAP, WORDING, 60.0)

    assert isinstance(table, Table)
    assert [cells[2].text for cells in table.rows] == ["0.5", "2.0", "5.0"]
    assert [cells[1].text for cells in table.rows] == ["6.0", "24", "60"]


def test_without_time_left_there_is_no_week():
    (table,) = needed_blocks(MAP, WORDING)

    assert [column.title for column in table.columns] == ["What", "In all", "n"]


def test_a_road_without_meetings_says_that_none_were_imported(stands: Standpoint):
    section = road_section(stands.road(goal(), ("win_rate_count",)), WORDING)

    assert section is not None
    assert EN("road.no_meetings") in written(section)
    assert EN("road.no_meetings") not in written(replace(section, blocks=needed_blocks(MAP, WORDING)))


def test_a_road_of_which_nothing_is_known_is_not_shown(stands: Standpoint):
    nothing: Road = stands.road(goal(metric_id="ads_median"), ())

    assert road_section(nothing, WORDING) is None


def test_the_command_counts_a_goal_back_for_everybody(stands: Standpoint, capsys: pytest.CaptureFixture[str]):
    def said(*options: str) -> list[dict[str, Any]]:
        with pytest.raises(SystemExit) as end:
            main(["diagnose", str(stands.desk.home.path), *options, "--json"])
        assert end.value.code == 0
        reps: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["reps"]
        return reps

    reps, without = said("--goal", "600"), said()

    assert {round(rep["road_map"]["deals"]["value"]) for rep in reps} == {6}
    assert not any("road_map" in rep for rep in without)


def test_where_nobody_can_be_compared_it_is_said_that_there_is_no_road(tmp_path: Path):
    """Two people of a role; the controls above have eight."""
    found = Standpoint(desk_of(organisation(tmp_path), COACH)).road(goal(), ())
    section = road_section(found, WORDING)

    assert found.needed is None
    assert section is not None
    assert EN("road.none") in written(section)
