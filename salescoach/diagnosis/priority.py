"""Which one thing is worth working on, what is only a question, and what goes well.

A priority needs two priors to agree: the best estimate says the gap is noticeable with more than 80 %, and a stricter
prior, under which most people are alike, with more than 60 %. Where only the first says so with more than 60 %, it is a
hypothesis: collect evidence, if there is a sign that people differ at all. Otherwise there is no reliable gap, and that
is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.diagnosis.drivers import BETTER, SHORT, Gaps
from salescoach.metrics.contract import LEVEL

Array = npt.NDArray[np.float64]
Verdict = Literal["priority", "hypothesis", "none"]
Praise = Literal["strength", "tentative", "none"]

SURE, AGREED, LIKELY = 0.80, 0.60, 0.60
COACHABLE = {"volume": 0.8, "speed": 0.6}
"""How far coaching can move a driver; 1 for conversion, size and discount. Mix is the manager's and has none."""
NEVER_JUDGED = ("speed",)
"""Shown, never a finding. Quicker deals bring revenue forward, they add to it only if the freed time makes more deals;
deals that are lost quickly look quick; and closings come in waves (the end of a quarter) that a test of independent
deals takes for differences between people."""
DIFFER = 0.05
"""p-value of "all alike" below which a question, or a strength that is only likely, may be spoken of at all."""
MOST_PRIORITIES = 2
MOST_SURE = 0.99
"""A probability is never written as 100 %."""
FEWEST = 5
"""Observations, before more than their count is said."""


@dataclass(frozen=True)
class Judged:
    """What may be said about one driver of one person.

    Attributes
    ----------
    verdict, praise : by the gates of this module
    probability : that the gap is larger than 5 %, by the best estimate; ``strict`` by the stricter prior
    better : probability to be more than 5 % above what is expected
    size, low, high : best estimate of the relative difference, -.2 = 20 % below, with its 90 % interval
    raw, raw_low, raw_high : the same as observed
    observed, expected, n : the numbers behind it
    gain : what 12 months would bring more without the gap, base currency; 0 where there is none
    score : the same without the money, times the probability, times how far coaching can move it: what orders. Where
        scorecards speak the probability is the stricter one: they expect most outliers already, and it names better
    evidence : ids of the deals it rests on
    """

    driver: str
    stage: str
    verdict: Verdict
    praise: Praise
    probability: float
    strict: float
    better: float
    size: float
    low: float
    high: float
    raw: float
    raw_low: float
    raw_high: float
    observed: float
    expected: float
    n: int
    gain: float
    score: float
    evidence: tuple[str, ...] = ()


def judged(
    gaps: Mapping[str, Gaps], person: int, annual: float, evidence: Mapping[str, tuple[str, ...]]
) -> tuple[Judged, ...]:
    """All drivers of *person*, the largest score first; *annual* is what the best estimates give in 12 months."""
    found = [_judged(gap, person, annual, evidence.get(gap.driver, ())) for gap in gaps.values()]
    found = [one for one in found if np.isfinite(one.raw)]
    found.sort(key=lambda one: (-one.score, -one.probability, one.driver))
    return tuple(found)


def _judged(gap: Gaps, person: int, annual: float, evidence: tuple[str, ...]) -> Judged:
    mean, sd = float(gap.best.mean[person]), float(gap.best.sd[person])
    probability, strict = float(gap.best.below(SHORT)[person]), float(gap.strict.below(SHORT)[person])
    better, strictly_better = 1 - float(gap.best.below(BETTER)[person]), 1 - float(gap.strict.below(BETTER)[person])
    half = float(special.ndtri(0.5 + LEVEL / 2)) * sd
    raw_low, raw_high = gap.raw_limits
    differ = gap.spread_p < DIFFER
    likely = strict if gap.told else probability
    gain = max(annual * np.expm1(-mean), 0.0) if np.isfinite(annual) else 0.0
    said, praise = verdict(probability, strict, differ=differ), praised(better, strictly_better, mean, differ=differ)
    few = gap.n[person] < FEWEST
    # Two opportunities where forty were due are few, and that is the finding: what was expected counts there.
    if gap.driver in NEVER_JUDGED or (few and not (gap.driver == "volume" and said == "priority")):
        said = "none"
    if gap.driver in NEVER_JUDGED or few:
        praise = "none"
    return Judged(
        driver=gap.driver, stage=gap.stage, verdict=said, praise=praise, probability=probability,
        strict=strict, better=better, size=float(np.expm1(mean)), low=float(np.expm1(mean - half)),
        high=float(np.expm1(mean + half)), raw=float(np.expm1(gap.gap[person])),
        raw_low=float(np.expm1(raw_low[person])), raw_high=float(np.expm1(raw_high[person])),
        observed=float(gap.observed[person]), expected=float(gap.expected[person]), n=int(gap.n[person]),
        gain=float(gain), score=float(max(np.expm1(-mean), 0.0) * likely * COACHABLE.get(gap.driver, 1.0)),
        evidence=evidence,
    )  # fmt: skip


def verdict(probability: float, strict: float, *, differ: bool) -> Verdict:
    """The level that both probabilities of a noticeable gap allow; no question without a sign that people *differ*.

    >>> verdict(0.9645, 0.7428, differ=False), verdict(0.9, 0.5, differ=True), verdict(0.9, 0.5, differ=False)
    ('priority', 'hypothesis', 'none')
    """
    if probability > SURE and strict > AGREED:
        return "priority"
    return "hypothesis" if differ and probability > LIKELY else "none"


def praised(better: float, strictly: float, gap: float, *, differ: bool) -> Praise:
    """The same two gates for what goes well. Below them a noticeable *gap* is tentative, if people *differ* at all.

    >>> praised(0.7, 0.4, 0.08, differ=True), praised(0.4, 0.2, 0.03, differ=True)
    ('tentative', 'none')
    """
    if better > SURE and strictly > AGREED:
        return "strength"
    return "tentative" if differ and gap > BETTER else "none"


def chosen(found: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """What a page may say: one primary priority and at most one secondary, else one hypothesis, else nothing.

    Needs *found* in the order of :func:`judged`.
    """
    first = [one for one in found if one.verdict == "priority"][:MOST_PRIORITIES]
    return tuple(first) or tuple(one for one in found if one.verdict == "hypothesis")[:1]


def silence(found: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """What stands in the place of a finding when there is none: the likeliest driver, whose verdict is ``none``.

    For programs, which want to see how near it was; a page says "no reliable gap" and names nothing. What is never
    judged is no near miss either, however sure its difference looks.
    """
    near = [one for one in found if one.verdict == "none" and one.driver not in NEVER_JUDGED]
    return tuple(sorted(near, key=lambda one: -one.probability))[:1]


def strengths(found: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Strengths, the surest first, at most two; else the likeliest one, which is tentative; else nothing."""
    order = sorted(found, key=lambda one: (-one.better, one.driver))
    sure = tuple(one for one in order if one.praise == "strength")[:2]
    return sure or tuple(one for one in order if one.praise == "tentative")[:1]
