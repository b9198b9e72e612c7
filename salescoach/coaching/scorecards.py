"""Scorecards: what one observation says, and what many say about a person.

Points from 1 to 5 stand beside a description of behaviour. What could not be observed is left out and said, never
counted as 0. A weighted total exists only inside one form; over forms a person has a profile by competency and no
single number. Who gives the points is looked at in :mod:`salescoach.coaching.raters`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy import special

from salescoach.coaching.remarks import Remark, block, warning
from salescoach.statistics import mean_limits

LOWEST, HIGHEST = 1, 5
FEWEST_SHOWN = 5
"""Observations before a score of a person is shown."""
FEWEST_TREND = 20
"""Observations before it is asked whether scores rise or fall."""


@dataclass(frozen=True)
class Item:
    """One line of a form: what is looked at, for which competency, and how much it weighs in this form."""

    item_id: str
    competency: str
    weight: float = 1.0


@dataclass(frozen=True)
class Form:
    """A form in one version; a version never changes once somebody has used it."""

    template_id: str
    version: int
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answer:
    """Points for one item; ``na``: it could not be observed. ``evidence``: what was said or done."""

    value: int | None = None
    na: bool = False
    evidence: str = ""


@dataclass(frozen=True)
class Observation:
    """One form filled in by ``observer`` about ``rep_id``; ``subject`` is the call, visit or deal it is about."""

    obs_id: str
    form: Form
    rep_id: str
    observer: str
    day: date
    answers: Mapping[str, Answer]
    subject: str = ""
    is_self: bool = False


@dataclass(frozen=True)
class Total:
    """Weighted points inside one form: ``value`` of ``answered`` items, ``dropped`` ones re-weighted away.

    ``covered``: part of the form's weight that was answered. ``na_reason`` when there is no answer at all.
    """

    value: float
    answered: int
    dropped: tuple[str, ...]
    covered: float
    na_reason: str | None = None


@dataclass(frozen=True)
class Score:
    """What a number of observations say: mean points, with an interval and how many; or why there is no number."""

    value: float
    low: float
    high: float
    n: int
    na_reason: str | None = None


def lacking(observation: Observation) -> tuple[Remark, ...]:
    """What has to be filled in before an observation is final: each item answered or "could not be observed".

    The highest and the lowest points ask for what was said or done: these are the ones that people argue about.
    """
    found, known = [], {item.item_id for item in observation.form.items}
    for item in observation.form.items:
        answer = observation.answers.get(item.item_id, Answer())
        if answer.na:
            if answer.value is not None:
                found.append(block("development.score.both", item=item.item_id))
        elif answer.value is None:
            found.append(block("development.score.open", item=item.item_id))
        elif not LOWEST <= answer.value <= HIGHEST:
            found.append(block("development.score.outside", item=item.item_id, low=LOWEST, high=HIGHEST))
        elif answer.value in (LOWEST, HIGHEST) and not answer.evidence.strip():
            found.append(block("development.score.no_quote", item=item.item_id, points=answer.value))
    found += [warning("development.score.unknown", item=item) for item in observation.answers if item not in known]
    if observation.is_self != (observation.rep_id == observation.observer):
        found.append(block("development.score.self"))
    return tuple(found)


def total(observation: Observation) -> Total:
    """Weighted mean of the answered items; those left out are named, and their weight is shared by the rest.

    >>> form = Form("discovery", 1, (Item("effect", "discovery", 2.0), Item("summary", "discovery"), Item("x", "d")))
    >>> given = {"effect": Answer(4), "summary": Answer(1, evidence="none given"), "x": Answer(na=True)}
    >>> total(Observation("O1", form, "R1", "C1", date(2026, 4, 8), given))
    Total(value=3.0, answered=2, dropped=('x',), covered=0.75, na_reason=None)
    """
    points = {
        item: answer.value
        for item in observation.form.items
        if (answer := observation.answers.get(item.item_id, Answer())).value is not None and not answer.na
    }
    dropped = tuple(item.item_id for item in observation.form.items if item not in points)
    whole = sum(item.weight for item in observation.form.items)
    weight = sum(item.weight for item in points)
    if not weight > 0:
        return Total(float("nan"), 0, dropped, 0.0, "no_exposure")
    value = sum(item.weight * (points[item] or 0) for item in points) / weight
    return Total(value, len(points), dropped, weight / whole)


def profile(observations: Iterable[Observation], rep_id: str, *, own: bool = False) -> Mapping[str, Score]:
    """Points of one person by competency, as others gave them (with *own*: as the person did), each with an interval.

    Items of one observation are averaged first: one long form is one look, not ten. Below :data:`FEWEST_SHOWN`
    observations there is no number, only how many there are.
    """
    seen: dict[str, list[float]] = defaultdict(list)
    for observation in observations:
        if observation.rep_id == rep_id and observation.is_self == own:
            for competency, mean in _by_competency(observation).items():
                seen[competency].append(mean)
    return {competency: score(points) for competency, points in sorted(seen.items())}


def _by_competency(observation: Observation) -> dict[str, float]:
    points: dict[str, list[int]] = defaultdict(list)
    for item in observation.form.items:
        answer = observation.answers.get(item.item_id, Answer())
        if answer.value is not None and not answer.na:
            points[item.competency].append(answer.value)
    return {competency: float(np.mean(given)) for competency, given in points.items()}


def score(points: Sequence[float], fewest: int = FEWEST_SHOWN) -> Score:
    """Mean of *points* with Student's 90 % limits; no number below *fewest*.

    >>> score([3.0, 4.0]).na_reason, score([3.0, 4.0, 3.0, 4.0, 3.5]).value
    ('below_min_n', 3.5)
    """
    n = len(points)
    if n < max(fewest, 2):
        missing = float("nan")
        return Score(missing, missing, missing, n, "below_min_n" if n else "no_exposure")
    mean = float(np.mean(points))
    low, high = mean_limits(mean, float(np.std(points, ddof=1)), n)
    return Score(mean, float(low), float(high), n)


def trend(observations: Iterable[Observation], rep_id: str, competency: str) -> Score:
    """Points in the later half of the observations by others less those in the earlier half, with 90 % limits.

    Only from :data:`FEWEST_TREND` observations on: before that a trend is mostly the choice of calls. Welch's t.
    """
    found = [
        (one.day, one.obs_id, means[competency])
        for one in observations
        if one.rep_id == rep_id and not one.is_self and competency in (means := _by_competency(one))
    ]
    points = np.array([mean for _, _, mean in sorted(found)])
    if len(points) < FEWEST_TREND:
        missing = float("nan")
        return Score(missing, missing, missing, len(points), "below_min_n" if len(points) else "no_exposure")
    halves = points[: len(points) // 2], points[len(points) // 2 :]
    errors = [float(np.var(half, ddof=1)) / len(half) for half in halves]
    change, error = float(halves[1].mean() - halves[0].mean()), sum(errors)
    if not error > 0:
        return Score(change, change, change, len(points))
    freedom = error**2 / sum(part**2 / (len(half) - 1) for part, half in zip(errors, halves, strict=True))
    half_width = float(special.stdtrit(freedom, 0.95)) * error**0.5
    return Score(change, change - half_width, change + half_width, len(points))


def self_gap(observations: Sequence[Observation], rep_id: str, fewest: int = FEWEST_SHOWN) -> Mapping[str, Score]:
    """Own points less those of others about the same subject, by competency: something to talk about, not a fault.

    Only subjects that both scored count: otherwise the calls would differ, not the eyes.
    """
    own: dict[tuple[str, str], float] = {}
    others: dict[tuple[str, str], list[float]] = defaultdict(list)
    for observation in observations:
        if observation.rep_id != rep_id or not observation.subject:
            continue
        for competency, mean in _by_competency(observation).items():
            if observation.is_self:
                own[observation.subject, competency] = mean
            else:
                others[observation.subject, competency].append(mean)
    gaps: dict[str, list[float]] = defaultdict(list)
    for (subject, competency), points in own.items():
        if given := others.get((subject, competency)):
            gaps[competency].append(points - float(np.mean(given)))
    return {competency: score(found, fewest) for competency, found in sorted(gaps.items())}


def as_tables(observations: Sequence[Observation]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of the canonical tables ``observation`` and ``answer``, which metrics and diagnosis read."""
    seen = [
        (one.obs_id, one.form.template_id, one.form.version, one.rep_id, one.observer, pd.Timestamp(one.day))
        for one in observations
    ]
    given = [
        (one.obs_id, item.item_id, item.competency, answer.value, answer.na, answer.evidence or None)
        for one in observations
        for item in one.form.items
        if (answer := one.answers.get(item.item_id)) is not None
    ]
    columns = "obs_id template_id version rep_id observer_id occurred_at".split()
    observed = pd.DataFrame(seen, columns=columns).assign(is_self=[one.is_self for one in observations])
    answers = pd.DataFrame(given, columns="obs_id item_id competency_id value na evidence".split())
    return observed, answers.astype({"value": "float64"})
