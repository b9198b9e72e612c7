"""What observers saw, as evidence about the same gaps: scores calibrated to outcomes, combined by precision.

A score says something about a driver only as far as the organisation's own data show it: the slope of outcome on score
is estimated over all people, and without a slope that chance would hardly give, scores change nothing. What a score
lets expect becomes the middle towards which the outcome is drawn. Averaging two estimates that were both drawn to
"all alike" already would draw twice, and hide the very people who stand out in both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.diagnosis.drivers import Gaps
from salescoach.statistics import GapPosterior, limited_translation, tailed_posterior
from salescoach.tables.data import SalesData

Array = npt.NDArray[np.float64]

COMPETENCIES: Mapping[str, str] = {
    "stage_1": "qualification", "stage_2": "discovery", "stage_3": "value_message", "stage_4": "negotiation",
    "size": "account_growth", "discount": "price_discipline",
}  # fmt: skip
"""Competency of the scorecard in which each driver shows. A wrong pair does no harm: its slope is not there."""
FEWEST_CALLS = 3  # observed by others, before a person's scores are looked at
_CLEAR_SLOPE = 1.645  # errors from 0: one-sided 5 %, because which way a score points is known before
_FEWEST = 8  # people with scores, before a slope is estimated
_STAGE = "stage_"


@dataclass(frozen=True)
class Calibration:
    """How a score of one deviation shows in the log gap of a driver, estimated on ``n`` people or their stages."""

    slope: float
    error: float
    n: int

    @property
    def clear(self) -> bool:
        """The slope is one that chance would hardly give."""
        return self.n >= _FEWEST and self.slope > _CLEAR_SLOPE * self.error


def scores(data: SalesData, period: Period, people: tuple[str, ...]) -> pd.DataFrame:
    """Points of each of *people* by competency, as others saw them in *period*, free of who saw them.

    What a severe observer takes from everybody is given back (:func:`severity`), and what remains is drawn towards
    the middle of the competency as far as calls of the same person differ among themselves (:func:`reliable`).
    Missing where there are fewer than :data:`FEWEST_CALLS` answers. Empty without observations.
    """
    seen, given = data.table("observation"), data.table("answer")
    if seen.empty or given.empty:
        return pd.DataFrame(index=pd.Index(people))
    seen = seen[~seen["is_self"].astype(bool) & (seen["occurred_at_day"] < period.after)]
    seen = seen[seen["occurred_at_day"] >= period.first]
    rows = given.dropna(subset=["value"]).merge(seen[["obs_id", "rep_id", "observer_id"]], on="obs_id")
    fair = rows["value"] - rows["observer_id"].map(severity(rows)).astype(float)
    found = rows.assign(value=fair).groupby(["rep_id", "competency_id"])["value"].agg(["mean", "var", "size"])
    return reliable(found[found["size"] >= FEWEST_CALLS]).reindex(pd.Index(people))


def severity(rows: pd.DataFrame) -> pd.Series:
    """What each observer gives above (or below) the others over all competencies, by ``observer_id``.

    *rows* has ``observer_id``, ``rep_id``, ``competency_id``, ``value``. Observers mostly see a team of their own,
    which may be better than another: only as much of a difference is put down to the observer as exceeds what
    people of one team differ by. Taking the whole away would make all teams alike.
    """
    free = rows["value"] - rows.groupby("competency_id")["value"].transform("mean")
    cells = free.groupby([rows["observer_id"], rows["rep_id"], rows["competency_id"]]).mean()
    given = cells.groupby(level=[0, 1]).mean().groupby(level=0).agg(["mean", "var", "size"])
    size = given["size"].astype(float)
    if len(given) < 2 or not (size > 1).any():
        return given["mean"] * 0.0
    within = float((given["var"].fillna(0.0) * (size - 1)).sum() / (size - 1).sum())
    between = max(float(given["mean"].var()) - within * float((1 / size).mean()), 0.0)
    total = between + within / size
    return given["mean"] * (between / total.where(total > 0, 1.0))


def reliable(found: pd.DataFrame) -> pd.DataFrame:
    """Means of people (rows) by competency, each drawn to the middle by 1 - its reliability.

    *found* has ``mean``, ``var`` and ``size`` of the calls of one person, indexed by person and competency.
    Reliability = between / (between + within / calls), the intraclass correlation stepped up to that many calls.
    """
    mean, var, size = (found[name].astype(float).unstack() for name in ("mean", "var", "size"))
    within = (var * (size - 1)).sum() / (size - 1).sum()
    between = (mean.var() - within * (1 / size).mean()).clip(lower=0.0).fillna(0.0)
    total = between + within / size
    return mean.mean() + (mean - mean.mean()) * (between / total.where(total > 0))


def calibrate(gap: Array, variance: Array, score: Array) -> Calibration:
    """Regression of observed log gaps on scores, weighted by how well each gap is known."""
    known = np.isfinite(gap) & np.isfinite(variance) & np.isfinite(score)
    n = int(known.sum())
    if n < _FEWEST or np.ptp(score[known]) == 0:
        return Calibration(0.0, np.inf, n)
    x, v, s = gap[known], variance[known], score[known]
    within = max(float(np.var(x)) - float(np.median(v)), 0.0)
    weight = 1 / (v + within)
    middle = float((weight * s).sum() / weight.sum())
    spread_of_score = float((weight * (s - middle) ** 2).sum())
    slope = float((weight * (s - middle) * x).sum()) / spread_of_score
    return Calibration(slope, float(spread_of_score**-0.5), n)


def with_scores(
    gaps: Mapping[str, Gaps], points: pd.DataFrame, competencies: Mapping[str, str] = COMPETENCIES
) -> Mapping[str, Gaps]:
    """*gaps* with the evidence of the scorecards in both posteriors, where scores carry any.

    The stages share one slope: they are measured on one scale, and one slope from all of them is steadier. It is
    a slope of log odds, which is where skill acts: the same skill moves the log of a rate by 1 - rate as much.
    """
    columns = {
        driver: _room(gaps[driver]) * _standard(points[competency].to_numpy(float))
        for driver, competency in competencies.items()
        if driver in gaps and competency in points and points[competency].notna().any()
    }
    staged = [driver for driver in columns if driver.startswith(_STAGE)]
    groups = [staged] * bool(staged) + [[driver] for driver in columns if driver not in staged]
    found = dict(gaps)
    for group in groups:
        calibration = calibrate(
            np.concatenate([gaps[driver].gap - gaps[driver].best.centre for driver in group]),
            np.concatenate([gaps[driver].variance for driver in group]),
            np.concatenate([columns[driver] for driver in group]),
        )
        if calibration.clear:
            for driver in group:
                score = columns[driver]
                found[driver] = told(gaps[driver], calibration.slope * score, calibration.error * np.abs(score))
    return found


def told(gap: Gaps, expected: Array, error: Array) -> Gaps:
    """*gap* with both posteriors around what the scores let expect (log ratios); a missing score expects nothing.

    *error* of what is expected: the slope is estimated, too, which with few people is no small matter.
    """
    middle, unsure = np.nan_to_num(expected), np.nan_to_num(error)
    return replace(
        gap,
        best=_moved(limited_translation(gap.gap - middle, gap.variance), middle, unsure),
        strict=_moved(tailed_posterior(gap.gap - middle, gap.variance), middle, unsure),
        told=True,
    )


def _moved(posterior: GapPosterior, middle: Array, unsure: Array) -> GapPosterior:
    return GapPosterior(posterior.mean + middle, np.hypot(posterior.sd, unsure), posterior.centre)


def _room(gap: Gaps) -> float:
    """Part of a stage's exits that did not advance; 1 for what is no rate."""
    exits = float(np.nansum(gap.n))
    return 1.0 - float(np.nansum(gap.observed)) / exits if gap.driver.startswith(_STAGE) and exits > 0 else 1.0


def _standard(score: Array) -> Array:
    """Scores around 0, in deviations between people."""
    spread = float(np.nanstd(score))
    standard: Array = (score - np.nanmean(score)) / (spread if spread > 0 else np.nan)
    return standard
