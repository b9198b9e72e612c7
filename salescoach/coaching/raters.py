"""Those who score are looked at too: how far they agree, and who is strict or generous.

The same call has to be scored by two before anything can be said. It says nothing about who is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from salescoach.coaching.remarks import Remark, note
from salescoach.coaching.scorecards import Observation, Score
from salescoach.metrics import LEVEL
from salescoach.statistics import gap_posterior, intraclass_correlation, intraclass_limits, kappa_limits

FEWEST_DOUBLE = 10
"""Items scored by two before agreement or severity is worked out."""
DOUBLE_SHARE = 0.10
"""Part of the observations that a second person should score too."""

Thing = tuple[str, str, str, str]
"""Subject, form, person observed, item: what two can have scored."""
Double = Mapping[Thing, Mapping[str, float]]
"""Points for each thing, by observer."""


def double_scored(observations: Iterable[Observation]) -> Double:
    """What at least two others scored: the items of one form about the same subject and person."""
    found: dict[Thing, dict[str, float]] = defaultdict(dict)
    for observation in observations:
        if observation.is_self or not observation.subject:
            continue
        for item_id, answer in observation.answers.items():
            if answer.value is not None and not answer.na:
                thing = observation.subject, observation.form.template_id, observation.rep_id, item_id
                found[thing][observation.observer] = float(answer.value)
    return {thing: given for thing, given in found.items() if len(given) > 1}


def agreement(double: Double, one: str, other: str) -> Score:
    """Quadratically weighted kappa of two observers on what both scored (Cohen 1968), with jackknife limits."""
    pairs = [(given[one], given[other]) for given in double.values() if one in given and other in given]
    missing = float("nan")
    if len(pairs) < FEWEST_DOUBLE:
        return Score(missing, missing, missing, len(pairs), "below_min_n" if pairs else "no_exposure")
    first, second = np.array(pairs).T
    found = kappa_limits(first, second, weights="quadratic")
    return Score(*found, len(pairs), None if np.isfinite(found[0]) else "no_exposure")


def consistency(double: Double, observers: Sequence[str]) -> Score:
    """Part of the variance of single scores that lies between the things scored: ICC(2, 1), absolute agreement.

    Only what all of *observers* scored; one who is always stricter costs agreement (Shrout & Fleiss 1979).
    """
    table = [[given[one] for one in observers] for given in double.values() if all(one in given for one in observers)]
    missing = float("nan")
    if len(table) < FEWEST_DOUBLE or len(observers) < 2:
        return Score(missing, missing, missing, len(table), "below_min_n" if table else "no_exposure")
    value = intraclass_correlation(table)
    return Score(value, *intraclass_limits(table), len(table), None if np.isfinite(value) else "no_exposure")


@dataclass(frozen=True)
class Severity:
    """How many points an observer gives more than the others about the same things; below 0 is strict.

    ``raw`` as it was seen, ``best`` drawn in as far as few observations demand, with its 90 % interval.
    """

    raw: float
    best: float
    low: float
    high: float
    n: int


def severities(double: Double) -> Mapping[str, Severity]:
    """Severity of each observer who scored at least :data:`FEWEST_DOUBLE` things together with somebody.

    Each score is compared with the mean of the *others* on that thing: an observer who is part of the bar hides part of
    the difference. Means are drawn towards each other by the normal grid.
    """
    gaps: dict[str, list[float]] = defaultdict(list)
    for given in double.values():
        for observer, points in given.items():
            rest = [value for other, value in given.items() if other != observer]
            gaps[observer].append(points - float(np.mean(rest)))
    names = sorted(observer for observer, found in gaps.items() if len(found) >= FEWEST_DOUBLE)
    if not names:
        return {}
    n = np.array([len(gaps[name]) for name in names])
    raw = np.array([float(np.mean(gaps[name])) for name in names])
    # One variance for all: ten scores of one person do not tell how widely that person scores.
    within = sum(float(np.var(gaps[name], ddof=1)) * (len(gaps[name]) - 1) for name in names) / float((n - 1).sum())
    found = gap_posterior(raw, np.maximum(within, 1e-6) / n)
    best = found.mean + found.centre
    half = float(special.ndtri(0.5 + LEVEL / 2)) * found.sd
    low, high = best - half, best + half
    return {
        name: Severity(float(raw[place]), float(best[place]), float(low[place]), float(high[place]), int(n[place]))
        for place, name in enumerate(names)
    }


def scoring_advice(observations: Sequence[Observation], severity: Mapping[str, Severity]) -> tuple[Remark, ...]:
    """What those who score should know: too little double scoring, and who is clearly strict or generous."""
    others = [one for one in observations if not one.is_self]
    doubles = {subject for subject, *_ in double_scored(others)}
    looked_at = {one.subject or one.obs_id for one in others}
    found: list[Remark] = []
    if len(looked_at) >= FEWEST_DOUBLE and len(doubles) < DOUBLE_SHARE * len(looked_at):
        found.append(note("development.score.few_double", n=len(doubles), all=len(looked_at)))
    for name, one in severity.items():
        if one.low > 0:
            found.append(note("development.score.generous", observer=name, n=one.n))
        elif one.high < 0:
            found.append(note("development.score.strict", observer=name, n=one.n))
    return tuple(found)
