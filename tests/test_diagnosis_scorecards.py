"""Scorecards as evidence: as far as observers agree, as far as calls agree, and only where outcomes follow."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salescoach.diagnosis.drivers import Gaps, gaps_of
from salescoach.diagnosis.priority import judged
from salescoach.diagnosis.scorecards import calibrate, reliable, severity, told, with_scores

SKILLS = ("qualification", "discovery", "value_message", "negotiation")


def answers(
    seed: int, *, severe: float, teams: int = 6, size: int = 5, calls: int = 6
) -> tuple[pd.DataFrame, pd.Series]:
    """Points of six teams, each seen by its own manager; and what is true of everybody's skills."""
    draw = np.random.default_rng(seed)
    rows, true = [], {}
    for team in range(teams):
        shift = severe * draw.standard_normal()
        for person in range(size):
            rep = f"R{team}{person}"
            for skill in SKILLS:
                true[rep, skill] = 0.5 * draw.standard_normal()
                rows += [(f"M{team}", rep, skill, 3 + true[rep, skill] + shift + 0.5 * draw.standard_normal())
                         for _ in range(calls)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["observer_id", "rep_id", "competency_id", "value"])
    return frame, pd.Series(true)


def agreement(frame: pd.DataFrame, true: pd.Series, shift: pd.Series) -> float:
    """Correlation with the truth of the points less *shift*."""
    found = (frame["value"] - shift).groupby([frame["rep_id"], frame["competency_id"]]).mean()
    return float(np.corrcoef(found.reindex(true.index), true)[0, 1])


def mean_agreement(severe: float, how: str) -> float:
    found = []
    for seed in range(8):
        frame, true = answers(seed, severe=severe)
        own = frame.groupby(["observer_id", "competency_id"])["value"].transform("mean")
        shifts = {"ours": frame["observer_id"].map(severity(frame)), "whole": own, "none": 0 * own}
        found.append(agreement(frame, true, shifts[how]))
    return float(np.mean(found))


def test_the_severity_of_an_observer_is_taken_off_and_the_team_stays():
    """Negative controls: nothing taken off fails where observers differ, the whole mean where teams do."""
    assert mean_agreement(0.6, "ours") > mean_agreement(0.6, "none") + 0.1
    assert mean_agreement(0.6, "ours") > mean_agreement(0.6, "whole") + 0.02
    assert mean_agreement(0.0, "ours") > mean_agreement(0.0, "whole") + 0.04


def test_a_single_observer_has_no_severity():
    frame = pd.DataFrame({"observer_id": "M", "rep_id": ["a", "b"], "competency_id": "discovery", "value": [2.0, 4.0]})

    assert severity(frame).tolist() == [0.0]


def test_few_calls_are_drawn_to_the_middle_and_many_hardly():
    """Between people .5, within a person 1: three calls keep .5 / (.5 + 1/3) = .6 of the distance, 27 keep .93."""
    index = pd.MultiIndex.from_product([["a", "b", "c"], ["discovery"]])
    few, many = (pd.DataFrame({"mean": [2.0, 3.0, 4.0], "var": 1.0, "size": float(n)}, index=index) for n in (3, 27))
    spread = {n: 1.0 - 1.0 / n for n in (3, 27)}

    for n, frame in ((3, few), (27, many)):
        kept = spread[n] / (spread[n] + 1 / n)
        assert reliable(frame)["discovery"].tolist() == pytest.approx([3 - kept, 3.0, 3 + kept])


def stages(seed: int, slope: float) -> tuple[dict[str, Gaps], pd.DataFrame]:
    """Four stages of 40 people whose log gaps follow their scores by *slope* times what is left to win."""
    draw = np.random.default_rng(seed)
    points = pd.DataFrame(draw.standard_normal((40, 4)), columns=list(SKILLS))
    gaps = {}
    for place, rate in enumerate((0.5, 0.6, 0.7, 0.8), 1):
        true = slope * (1 - rate) * points.iloc[:, place - 1].to_numpy()
        exits, variance = np.full(40, 60.0), np.full(40, (1 - rate) / rate / 60)
        gap = true + np.sqrt(variance) * draw.standard_normal(40)
        gaps[f"stage_{place}"] = gaps_of(
            f"stage_{place}", gap, variance, n=exits, observed=exits * rate, expected=exits * rate
        )  # fmt: skip
    return gaps, points


def test_scores_that_say_nothing_about_outcomes_change_nothing_in_most_organisations():
    """One-sided 5 %; and where they say much they are always listened to."""

    def moved(slope: float) -> float:
        made = [stages(seed, slope) for seed in range(40)]
        return float(np.mean([with_scores(gaps, points)["stage_1"] is not gaps["stage_1"] for gaps, points in made]))

    assert moved(0.0) <= 0.125
    assert moved(0.5) == 1.0


def test_scores_bring_the_best_estimate_nearer_to_the_truth():
    gaps, points = stages(3, 0.5)
    told = with_scores(gaps, points)
    true = 0.5 * 0.5 * points["qualification"].to_numpy()

    def error(found: Gaps) -> float:
        return float(((found.best.mean - true) ** 2).mean())

    assert error(told["stage_1"]) < 0.8 * error(gaps["stage_1"])


def test_what_is_expected_from_an_unsure_slope_is_unsure():
    """A hand's example: an error of .3 in the slope, a score of -2 deviations; the square root of both errors."""
    gaps, points = stages(3, 0.5)
    gap = gaps["stage_1"]
    score = points["qualification"].to_numpy()
    sure, unsure = told(gap, 0.2 * score, 0.0 * score), told(gap, 0.2 * score, 0.3 * np.abs(score))

    assert unsure.best.mean == pytest.approx(sure.best.mean)
    assert unsure.best.sd == pytest.approx(np.sqrt(sure.best.sd**2 + (0.3 * score) ** 2))


def test_where_scores_speak_the_stricter_judge_orders():
    """Control: the same gaps without scores are ordered by the best estimate's probability."""
    gaps, points = stages(3, 0.5)
    plain, scored = judged(gaps, 0, 1.0, {}), judged(with_scores(gaps, points), 0, 1.0, {})

    for found, name in ((plain, "probability"), (scored, "strict")):
        for one in found:
            assert one.score == pytest.approx(max(1 / (1 + one.size) - 1, 0) * getattr(one, name))


def test_a_slope_that_points_the_wrong_way_is_never_clear():
    score = np.linspace(-1, 1, 30)

    assert calibrate(score, np.full(30, 0.01), score).clear
    assert not calibrate(-score, np.full(30, 0.01), score).clear
