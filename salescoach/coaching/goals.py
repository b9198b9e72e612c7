"""Is this a goal? A verdict for each letter of SMART, while it is being written.

A letter passes, does not pass, or cannot be judged yet because something is missing; each verdict says which and why.
Nothing is refused: the rep and the coach decide, and what they decided against a verdict stays visible beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.goal_chance import LEAST, MOST
from salescoach.coaching.goal_paths import END, OUT_OF_REACH, PATHS, TOPICS, family_of
from salescoach.coaching.remarks import Remark, block, good, in_unit, note, warning
from salescoach.diagnosis.findings import Shown
from salescoach.metrics import METRICS
from salescoach.metrics.contract import Metric
from salescoach.statistics import needed_n

Letter = Literal["specific", "measurable", "achievable", "relevant", "timely"]
Kind = Literal["outcome", "behaviour"]
LETTERS: tuple[Letter, ...] = ("specific", "measurable", "achievable", "relevant", "timely")

REVIEW_EVERY = 14
"""Days between two looks at a goal, at most: progress that is watched moves (Harkin et al. 2016)."""

JOINERS = ("and", "ve")
"""Words that make two goals of one, in both languages; the joining signs stand in the pattern below."""

_SIGNS = re.compile(r"[;+&/]|,\s")

_OPEN_SCALES = ("ces",)  # in some organisations 7 is easy, in others hard: the goal says which way


@dataclass(frozen=True)
class Baseline:
    """Where the person stands: the value, its interval, how many observations, and whether it still comes in."""

    value: float
    low: float
    high: float
    n: int
    live: bool = True


@dataclass(frozen=True)
class Goal:
    """A goal as far as it is written; whatever is empty or None has not been filled in yet.

    Attributes
    ----------
    text : the sentence that both agree on
    metric_id : of an outcome goal, from the registry
    verb, thing : of a behaviour goal: what can be seen being done, and to what
    scope : where it holds: a segment, a stage, all deals
    unit : of the target; for a behaviour the thing that is counted, such as "meetings a week"
    driver : driver of the diagnosis, or topic of a playbook, that it is meant for
    team_goal : the goal of the team that it is part of, by id
    direction : which way is better, where the metric itself leaves it open
    """

    text: str = ""
    kind: Kind = "outcome"
    metric_id: str = ""
    verb: str = ""
    thing: str = ""
    scope: str = ""
    unit: str = ""
    baseline: Baseline | None = None
    target: float | None = None
    start: date | None = None
    due: date | None = None
    reviews: tuple[date, ...] = ()
    driver: str = ""
    team_goal: str = ""
    direction: Literal["up", "down", ""] = ""


@dataclass(frozen=True)
class Setting:
    """What the verdicts rest on, from the diagnosis and the calendar.

    Attributes
    ----------
    priority : driver that the diagnosis names for this person; empty when there is no reliable gap
    reference : value of the metric at the peers' level; missing when it is not known
    chance : probability that the target is reached in the time, from :mod:`salescoach.coaching.goal_chance`
    exposures : observations of the metric that are expected by the day it is due
    judged : no chance can be worked out for this kind of metric, so that people judge for themselves
    """

    calendar: Calendar
    priority: str = ""
    reference: float = math.nan
    chance: float = math.nan
    exposures: float = math.nan
    judged: bool = False


@dataclass(frozen=True)
class Verdict:
    """What is to be said about one letter; ``passed`` is None when something is missing that it needs."""

    letter: Letter
    passed: bool | None
    remarks: tuple[Remark, ...]

    @property
    def title(self) -> str:
        """Key of the letter's name."""
        return f"goals.letter.{self.letter}"

    @property
    def state(self) -> str:
        """Key of the word for the verdict."""
        return f"goals.state.{'open' if self.passed is None else 'passed' if self.passed else 'not_yet'}"


def smart(goal: Goal, setting: Setting, *, vague: Collection[str] = ()) -> Mapping[Letter, Verdict]:
    """All five verdicts on *goal*.

    Parameters
    ----------
    vague : verbs that nobody can see being done, such as "improve"; from the content library

    >>> found = smart(Goal(text="Win more and sell faster"), Setting(Calendar()))
    >>> found["specific"].passed, found["specific"].remarks[0].key
    (False, 'goals.specific.list')
    """
    found = {
        "specific": specific(goal, vague), "measurable": measurable(goal), "achievable": achievable(goal, setting),
        "relevant": relevant(goal, setting), "timely": timely(goal, setting),
    }  # fmt: skip
    return {letter: Verdict(letter, *found[letter]) for letter in LETTERS}


Judged = tuple[bool | None, tuple[Remark, ...]]


def _judged(remarks: Sequence[Remark], passed: Remark) -> Judged:
    """Not passed with a warning, open with a block (something is missing), else passed and said so."""
    if any(remark.weight in ("warning", "block") for remark in remarks):
        return _failed(remarks)
    return True, (passed, *remarks)


def _failed(remarks: Sequence[Remark]) -> Judged:
    return (False if any(remark.weight == "warning" for remark in remarks) else None), tuple(remarks)


def specific(goal: Goal, vague: Collection[str] = ()) -> Judged:
    """Exactly one metric, or one verb that can be seen with its object; no list; a scope."""
    found = []
    behaviour = bool(goal.verb or goal.thing)
    if several(goal.verb) or (several(goal.text) and not behaviour):
        found.append(warning("goals.specific.list"))
    elif several(goal.text) or several(goal.thing):
        # One verb may have an object that is one thing in two words: pairs of problem and effect.
        found.append(note("goals.specific.perhaps"))
    if goal.metric_id and behaviour:
        found.append(warning("goals.specific.both"))
    elif goal.kind == "outcome" and not goal.metric_id:
        found.append(block("goals.specific.no_metric"))
    elif goal.kind == "behaviour" and not (goal.verb and goal.thing):
        found.append(block("goals.specific.no_verb"))
    if goal.verb and goal.verb.strip().casefold() in {verb.casefold() for verb in vague}:
        found.append(warning("goals.specific.vague", verb=goal.verb))
    if not goal.scope:
        found.append(block("goals.specific.no_scope"))
    return _judged(found, good("goals.specific.single", scope=goal.scope))


def several(text: str, joiners: Collection[str] = JOINERS) -> bool:
    """The sentence lists things: a joining word as a whole word, or a joining sign. Decimal commas join nothing.

    >>> several("Raise win rate and shorten the cycle"), several("Yeni müşteri ve teklif"), several("Brand: 2,5 a week")
    (True, True, False)
    """
    words = re.findall(r"\w+", text.lower())
    return bool(set(words) & set(joiners) or _SIGNS.search(text))


def measurable(goal: Goal) -> Judged:
    """A metric with a baseline, its interval, a target and live data; or something that can be counted."""
    if goal.kind == "behaviour":
        return _countable(goal)
    if not goal.metric_id:
        return None, (block("goals.measurable.no_metric"),)
    metric = METRICS.get(goal.metric_id)
    if metric is None or "rep" not in metric.scopes:
        return False, (warning("goals.measurable.unknown", metric=goal.metric_id),)
    way = metric.better
    if way == "target" or metric.metric_id in _OPEN_SCALES:
        if not goal.direction:
            return None, (block("goals.measurable.which_way", metric=Shown(goal.metric_id, "metric")),)
        way = goal.direction
    if way not in ("up", "down"):
        return False, (warning("goals.measurable.no_direction", metric=Shown(goal.metric_id, "metric")),)
    return _measured(goal, metric, 1 if way == "up" else -1)


def _countable(goal: Goal) -> Judged:
    found = []
    if goal.target is None or goal.target <= 0:
        found.append(block("goals.measurable.no_number"))
    if not goal.unit:
        found.append(block("goals.measurable.no_unit"))
    if found:
        return None, tuple(found)
    return True, (good("goals.measurable.counted", target=Shown(goal.target or 0.0, "count"), unit=goal.unit),)


def _measured(goal: Goal, metric: Metric, way: int) -> Judged:
    found, base = [], goal.baseline
    name = Shown(metric.metric_id, "metric")
    if base is None or not math.isfinite(base.value):
        found.append(block("goals.measurable.no_baseline", metric=name))
    elif metric.estimate and not (math.isfinite(base.low) and math.isfinite(base.high)):
        found.append(block("goals.measurable.no_interval", metric=name, n=base.n))
    if goal.target is None:
        found.append(block("goals.measurable.no_target", metric=name))
    if base is not None and not base.live:
        found.append(warning("goals.measurable.not_live", metric=name))
    if found or base is None or goal.target is None:
        return _failed(found)
    if (goal.target - base.value) * way <= 0:
        values = {"baseline": in_unit(base.value, metric.unit), "target": in_unit(goal.target, metric.unit)}
        return False, (warning("goals.measurable.no_change", metric=name, **values),)
    slots = {part: in_unit(getattr(base, part), metric.unit) for part in ("value", "low", "high")}
    if not math.isfinite(base.low):  # an exact count: there is nothing to be unsure about
        return True, (good("goals.measurable.exact", metric=name, value=slots["value"], n=base.n),)
    return True, (good("goals.measurable.bound", metric=name, n=base.n, **slots),)


def achievable(goal: Goal, setting: Setting) -> Judged:
    """The probability to reach it lies between a tenth and seven tenths; a behaviour is the rep's to do."""
    if goal.kind == "behaviour":
        return True, (good("goals.achievable.own_doing"),)
    if not math.isfinite(setting.chance):
        return None, (note("goals.achievable.judged") if setting.judged else block("goals.achievable.unknown"),)
    chance = Shown(setting.chance, "share")
    if setting.chance < LEAST:
        return False, (warning("goals.achievable.too_far", chance=chance, least=Shown(LEAST, "share")),)
    if setting.chance > MOST:
        return False, (warning("goals.achievable.already", chance=chance, most=Shown(MOST, "share")),)
    return True, (good("goals.achievable.right", chance=chance),)


def relevant(goal: Goal, setting: Setting) -> Judged:
    """It lies on the path of the driver that the diagnosis names, and is the rep's to change."""
    found = []
    if goal.driver in OUT_OF_REACH:
        return False, (warning("goals.relevant.not_theirs"),)
    if not setting.priority:
        found.append(note("goals.relevant.no_priority"))
    elif not _on_path(goal, setting.priority):
        belongs = next((driver for driver in PATHS if goal.metric_id in PATHS[driver]), "")
        topic = f"goals.driver.{belongs}" if belongs else "goals.driver.unknown"
        return False, (warning("goals.relevant.elsewhere"), note(topic))
    if not goal.team_goal:
        found.append(note("goals.relevant.no_team_goal"))
    part = _part_of_gap(goal, setting)
    if part is not None:
        found.append(note("goals.relevant.share", share=Shown(part, "share")))
    return _judged(found, good("goals.relevant.priority" if setting.priority else "goals.relevant.strength"))


def _on_path(goal: Goal, priority: str) -> bool:
    family = family_of(priority)
    if goal.kind == "behaviour" and not goal.metric_id:
        return goal.driver in (priority, family, *TOPICS.get(family, ()))
    return goal.metric_id in END or goal.metric_id in PATHS.get(family, ())


def _part_of_gap(goal: Goal, setting: Setting) -> float | None:
    """How much of the way to the peers' level the goal covers; None where there is no such gap."""
    if goal.baseline is None or goal.target is None or not math.isfinite(setting.reference):
        return None
    way = setting.reference - goal.baseline.value
    part = (goal.target - goal.baseline.value) / way if way else math.nan
    return part if math.isfinite(part) and part > 0 else None


def timely(goal: Goal, setting: Setting) -> Judged:
    """A day by which, looks at most two weeks apart on working days, and enough to be seen by then."""
    if goal.start is None or goal.due is None:
        return None, (block("goals.timely.no_due"),)
    if goal.due <= goal.start:
        return False, (warning("goals.timely.backwards", start=goal.start, due=goal.due),)
    found = []
    stops = [goal.start, *sorted(day for day in goal.reviews if goal.start < day < goal.due), goal.due]
    gaps = [(after - before).days for before, after in pairwise(stops)]
    if max(gaps) > REVIEW_EVERY:
        found.append(warning("goals.timely.far_apart", days=max(gaps), most=REVIEW_EVERY))
    off = [day for day in goal.reviews if not setting.calendar.working_days(day, day + timedelta(days=1))]
    if off:
        found.append(note("goals.timely.day_off", day=min(off)))
    found += _enough_to_see(goal, setting)
    return _judged(found, good("goals.timely.dated", due=goal.due, n=len(stops) - 2))


def _enough_to_see(goal: Goal, setting: Setting) -> list[Remark]:
    """Too few observations by then: the goal stands, but a leading or behaviour goal has to show the way earlier."""
    metric, base = METRICS.get(goal.metric_id), goal.baseline
    if metric is None or metric.unit != "share" or base is None or goal.target is None or not 0 < base.value < 1:
        return []
    change = goal.target / base.value - 1
    if not math.isfinite(setting.exposures) or change == 0:
        return []
    needed = needed_n(base.value, change)
    if setting.exposures >= needed:
        return []
    return [note("goals.timely.few", n=round(setting.exposures), needed=needed)]


def review_dates(calendar: Calendar, start: date, due: date, *, every: int = REVIEW_EVERY) -> tuple[date, ...]:
    """Working days on which to look at a goal, at most *every* days apart: on a day off, the last working day before.

    Fewer than *every* days in all need no look in between.

    >>> [str(day) for day in review_dates(Calendar(), date(2026, 4, 9), date(2026, 5, 11))]  # 23 April is a holiday
    ['2026-04-22', '2026-05-06']
    """
    found: list[date] = []
    day = start
    while (due - day).days > every:
        before = day
        day = before + timedelta(days=every)
        while day > before and not calendar.working_days(day, day + timedelta(days=1)):
            day -= timedelta(days=1)
        if day == before:  # nothing but days off: the look comes when work begins again
            day = before + timedelta(days=every)
        found.append(day)
    return tuple(found)
