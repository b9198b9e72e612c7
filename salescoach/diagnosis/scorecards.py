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
_CLEAR_SLOPE = 2.0  # errors from 0
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
    """Mean points of each of *people* by competency, as others saw them in *period*, less the observer's mean.

    Missing where there are fewer than :data:`FEWEST_CALLS` answers. Empty without observations.
    """
    seen, given = data.table("observation"), data.table("answer")
    if seen.empty or given.empty:
        return pd.DataFrame(index=pd.Index(people))
    seen = seen[~seen["is_self"].astype(bool) & (seen["occurred_at_day"] < period.after)]
    seen = seen[seen["occurred_at_day"] >= period.first]
    rows = given.dropna(subset=["value"]).merge(seen[["obs_id", "rep_id", "observer_id"]], on="obs_id")
    severity = rows.groupby(["observer_id", "competency_id"])["value"].transform("mean")
    rows = rows.assign(points=rows["value"] - severity)
    means = rows.groupby(["rep_id", "competency_id"])["points"].agg(["mean", "size"])
    return means["mean"].where(means["size"] >= FEWEST_CALLS).unstack().reindex(pd.Index(people))


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

    The stages share one slope: they are measured on one scale, and one slope from all of them is steadier.
    """
    columns = {
        driver: _standard(points[competency].to_numpy(float))
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
                found[driver] = told(gaps[driver], calibration.slope * columns[driver])
    return found


def told(gap: Gaps, expected: Array) -> Gaps:
    """*gap* with both posteriors around what the scores let expect (log ratios); a missing score expects nothing."""
    middle = np.nan_to_num(expected)
    return replace(
        gap,
        best=_moved(limited_translation(gap.gap - middle, gap.variance), middle),
        strict=_moved(tailed_posterior(gap.gap - middle, gap.variance), middle),
    )


def _moved(posterior: GapPosterior, middle: Array) -> GapPosterior:
    return GapPosterior(posterior.mean + middle, posterior.sd, posterior.centre)


def _standard(score: Array) -> Array:
    """Scores around 0, in deviations between people."""
    spread = float(np.nanstd(score))
    standard: Array = (score - np.nanmean(score)) / (spread if spread > 0 else np.nan)
    return standard
