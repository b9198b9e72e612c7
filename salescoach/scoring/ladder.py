"""The ladder: what each rung is, from the simplest to the most complex, and which of them is the champion.

Any estimator of scikit-learn can join: ``Rung("svm", lambda n: make_pipeline(Binned(), SVC(probability=True)))``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from salescoach.scoring.models import FEW, FrequencyTable, Points, logistic, mean, trees
from salescoach.scoring.points import RuleScore
from salescoach.scoring.prior import PriorLogistic

Array = npt.NDArray[np.float64]

FEWEST_EACH = 40
"""So many won and so many lost leads are needed before anything but base rate, rules and prior is tried."""

AUC_FLOOR = 0.55
"""An interval of the ranking that reaches down to it claims no skill."""


@dataclass(frozen=True)
class Rung:
    """One model of the ladder. ``make`` gives an unfitted estimator for so many training leads."""

    name: str
    make: Callable[[int], Any]
    from_few: bool = False  # may be tried when leads are few
    parts: tuple[str, ...] = ()  # rungs whose mean it is: their predictions are reused


def default_ladder(n: int, fewest: int, points: Mapping[str, Mapping[str, float]] | None = None) -> tuple[Rung, ...]:
    """Rungs for *n* closed leads of which the rarer outcome has *fewest*; *points* are those of a declared rule."""
    rungs = [
        *([Rung("rule", lambda _: RuleScore(points), from_few=True)] if points else []),
        Rung("points", lambda _: Points(), from_few=True),
        Rung("frequency", lambda _: FrequencyTable(), from_few=True),
        *([Rung("prior", lambda _: PriorLogistic(), from_few=True)] if n < FEW else []),
        Rung("logistic", logistic),
        Rung("trees", trees),
        Rung("mean", mean, parts=("logistic", "trees")),
    ]
    return tuple(rung for rung in rungs if rung.from_few or fewest >= FEWEST_EACH)


@dataclass(frozen=True)
class Standing:
    """What decides about one rung: its interval of the ranking, and on each lead its squared error and its surprise."""

    name: str
    auc_low: float
    skill_low: float
    losses: Array
    surprises: Array


def champion(standings: Sequence[Standing], weights: Array) -> str | None:
    """The simplest rung within one standard error of the best, of those with skill; None when none has.

    Skill: the interval of the AUC stays above :data:`AUC_FLOOR`, and that of the gain in Brier score over the
    base rate above 0. The best has the least Brier score. Another is within one standard error of it when that
    holds for the Brier score and for the log loss: where wins are rare the Brier score hardly sees that a rung is
    far too sure of itself, and its grades would promise what does not come. The standard error is that of the
    paired difference, over bootstrap *weights* of the same leads.
    """
    able = [s for s in standings if s.auc_low > AUC_FLOOR and s.skill_low > 0]
    if not able:
        return None
    best = min(able, key=lambda s: float(s.losses.mean()))
    pairs = ((s.name, s.losses - best.losses, s.surprises - best.surprises) for s in able)
    return next(name for name, *further in pairs if all(_by_chance(more, weights) for more in further))


def _by_chance(difference: Array, weights: Array) -> bool:
    """True when the mean *difference* is within one standard error of none."""
    drawn = weights @ difference.astype(weights.dtype) / weights.sum(axis=1)
    return bool(difference.mean() <= drawn.std())
