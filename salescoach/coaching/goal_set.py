"""Goals beside each other: pairs, conflicts, what a team goal means for each, and the road to a result.

Adds up and points out; it deals out nothing. What is left over when a team goal is shared out stays in sight.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.coaching.goals import Goal
from salescoach.coaching.remarks import Remark, block, good, warning
from salescoach.diagnosis.findings import Shown
from salescoach.diagnosis.whatif import Needed, RoadMap
from salescoach.metrics import METRICS

Array = npt.NDArray[np.float64]

MOST_ACTIVE = 2
"""Goals that one person works on at a time."""

_RATES = ("win_rate_count", "win_rate_value", "win_rate_cohort", "win_rate_adj")
_PULLING = (
    (("discount_rate",), _RATES),
    (("discount_rate",), ("cycle_won", "cycle_resolution", "no_decision_rate")),
    (("ads", "ads_median", "ads_geometric"), (*_RATES, "cycle_won", "cycle_resolution")),
    (("pipeline_created", "open_pipeline"), (*_RATES, "stalled", "pipeline_age", "time_in_stage")),
    (("activity_volume", "activities_per_opp"), ("activity_efficiency", "bookings_per_meeting")),
)
"""Metrics of which one can be made better at the other's cost, each in its own better direction."""


def pair(goals: Sequence[Goal]) -> tuple[Remark, ...]:
    """An outcome goal has a behaviour goal for the same driver beside it: what one can do, not only hope for."""
    done = {goal.driver for goal in goals if goal.kind == "behaviour"}
    alone = [goal for goal in goals if goal.kind == "outcome" and goal.driver not in done]
    if alone:
        return tuple(block("goals.pair.no_behaviour", goal=goal.text or goal.metric_id) for goal in alone)
    wanted = {goal.driver for goal in goals if goal.kind == "outcome"}
    if goals and not wanted:
        return (warning("goals.pair.no_outcome"),)
    return (good("goals.pair.whole"),) if goals else ()


def too_many(drivers: Sequence[str]) -> tuple[Remark, ...]:
    """More than :data:`MOST_ACTIVE` topics at a time; an outcome and its behaviour are one topic.

    >>> [remark.key for remark in too_many(["volume", "size", "volume"])], len(too_many(["a", "b", "c"]))
    ([], 1)
    """
    n = len(set(drivers))
    return (warning("goals.active.many", n=n, most=MOST_ACTIVE),) if n > MOST_ACTIVE else ()


@dataclass(frozen=True)
class Conflict:
    """Two goals, by their place; ``opposite`` cannot both be met, ``pulling`` can, at each other's cost."""

    first: int
    second: int
    kind: Literal["opposite", "pulling"]
    remark: Remark


def conflicts(goals: Sequence[Goal], also: Collection[tuple[str, str]] = ()) -> tuple[Conflict, ...]:
    """Pairs of goals that pull against each other.

    Parameters
    ----------
    also : further metrics that pull against each other, from the content library

    >>> found = conflicts([Goal(metric_id="discount_rate"), Goal(metric_id="win_rate_count")])
    >>> found[0].kind
    'pulling'
    """
    pulling = (*_PULLING, *(((left,), (right,)) for left, right in also))
    found: list[Conflict] = []
    for (i, one), (j, other) in combinations(enumerate(goals), 2):
        if not (one.metric_id in METRICS and other.metric_id in METRICS):
            continue
        names = {"one": Shown(one.metric_id, "metric"), "other": Shown(other.metric_id, "metric")}
        if one.metric_id == other.metric_id and one.scope == other.scope and _way(one) * _way(other) < 0:
            found.append(Conflict(i, j, "opposite", block("goals.conflict.opposite", metric=names["one"])))
        elif any(_across(one.metric_id, other.metric_id, left, right) for left, right in pulling):
            found.append(Conflict(i, j, "pulling", warning("goals.conflict.pulling", **names)))
    return tuple(found)


def _way(goal: Goal) -> int:
    if goal.baseline is None or goal.target is None:
        return 0
    return (goal.target > goal.baseline.value) - (goal.target < goal.baseline.value)


def _across(one: str, other: str, left: Sequence[str], right: Sequence[str]) -> bool:
    return (one in left and other in right) or (one in right and other in left)


@dataclass(frozen=True)
class Cascade:
    """A team goal and what it means for each: ``parts`` add up to ``total`` less ``rest``, exactly."""

    total: Decimal
    parts: Mapping[str, Decimal]
    rest: Decimal
    without: tuple[str, ...]


def shared_out(total: Decimal, by: Mapping[str, Decimal], step: Decimal = Decimal(1)) -> Cascade:
    """*total* in the ratio of quota or exposure *by*, in whole *steps*; the rest is the team's, and is shown.

    Rounded down, so that nobody is given what only rounding made. Who has no quota or exposure gets no part and is
    named in ``without``.

    >>> found = shared_out(Decimal(100), {"Ali": Decimal(1), "Elif": Decimal(2), "Can": Decimal(0)})
    >>> {name: int(part) for name, part in found.parts.items()}, int(found.rest), found.without
    ({'Ali': 33, 'Elif': 66}, 1, ('Can',))
    """
    shares = {name: weight for name, weight in by.items() if weight > 0}
    whole = sum(shares.values(), Decimal(0))
    parts = {
        name: (total * weight / whole / step).to_integral_value(ROUND_FLOOR) * step for name, weight in shares.items()
    }
    rest = total - sum(parts.values(), Decimal(0))
    return Cascade(total, parts, rest, tuple(name for name in by if name not in shares))


def agreed(total: Decimal, goals: Mapping[str, Decimal | None]) -> Cascade:
    """What people have agreed to beside the team's *total*; ``rest`` below 0 is more than the team needs.

    None: no goal yet; named in ``without``, never counted as 0.
    """
    parts = {name: value for name, value in goals.items() if value is not None}
    rest = total - sum(parts.values(), Decimal(0))
    return Cascade(total, parts, rest, tuple(name for name in goals if name not in parts))


def team_rate(goals: Mapping[str, tuple[float, float]]) -> float:
    """The team's share if everybody reaches theirs: shares do not add, they are weighted with exposures.

    Parameters
    ----------
    goals : (share, exposures) of each person; missing without any exposure

    >>> team_rate({"Ali": (0.2, 30.0), "Elif": (0.4, 10.0)})
    0.25
    """
    exposures = sum(n for _, n in goals.values())
    return sum(share * n for share, n in goals.values()) / exposures if exposures > 0 else float("nan")


@dataclass(frozen=True)
class Road:
    """The road to one goal of one person.

    Attributes
    ----------
    wanted : it is a goal in money, to be counted back
    needed : deals, opportunities and meetings counted back from it; None where that cannot be said
    working_days : until the goal is due
    indicators : answers of the metrics on the way, nearest first, with the columns of a measure
    """

    wanted: bool
    needed: RoadMap | None
    working_days: float
    indicators: pd.DataFrame


def weekly(needed: Needed, working_days: float) -> Needed:
    """The same for each week of five working days; unknown when there is no time left.

    >>> weekly(Needed(40.0, 30.0, 60.0, 12), 20.0)
    Needed(value=10.0, low=7.5, high=15.0, n=12)
    """
    weeks = working_days / 5 if working_days > 0 else float("nan")
    return Needed(needed.value / weeks, needed.low / weeks, needed.high / weeks, needed.n)
