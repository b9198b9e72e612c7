"""How far each person is from the others in each driver of bookings, and how sure that is.

A driver's gap is a log ratio, above 0 = better, to what the others would have had with the same time, mix and prices.
Two posteriors stand beside each other: limited translation for naming and sizing, and a stricter one with a mixture
prior, because a claim about a person should not hang on one prior.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.diagnosis.flows import Flows
from salescoach.statistics import GapPosterior, chi_square_p, limited_translation, tailed_posterior

Array = npt.NDArray[np.float64]

NOTICEABLE = 0.05
"""Relative difference that a person could notice at all."""
SHORT = float(np.log(1 - NOTICEABLE))
BETTER = float(np.log(1 + NOTICEABLE))


@dataclass(frozen=True)
class Gaps:
    """One driver of all people of a role; arrays of shape (people,).

    Attributes
    ----------
    gap, variance : observed log ratio and its error; missing where nothing was observed
    n : opportunities, exits, wins or ended deals it rests on
    observed, expected : the numbers whose ratio it is
    best : posterior by limited translation: what names and sizes
    strict : posterior with the mixture prior: what has to agree before a priority is named
    spread_p : p-value that these people differ at all
    told : both posteriors lie around what scorecards let expect
    """

    driver: str
    stage: str
    gap: Array
    variance: Array
    n: Array
    observed: Array
    expected: Array
    best: GapPosterior
    strict: GapPosterior
    spread_p: float
    told: bool = False

    @property
    def raw_limits(self) -> tuple[Array, Array]:
        """90 % limits of the observed log ratio."""
        half = 1.6448536269514722 * np.sqrt(self.variance)
        return self.gap - half, self.gap + half


def gaps_of(
    driver: str, gap: Array, variance: Array, *, n: Array, observed: Array, expected: Array, stage: str = ""
) -> Gaps:
    """Posteriors of one driver from its observed log ratios and their error variances."""
    known = np.isfinite(gap) & np.isfinite(variance) & (variance > 0)
    x, v = np.where(known, gap, np.nan), np.where(known, variance, np.nan)
    best = limited_translation(x, v)
    return Gaps(driver, stage, x, v, n, observed, expected, best, tailed_posterior(x, v), _spread_p(x - best.centre, v))


def _beside_others(variance: Array, n: Array) -> Array:
    """*variance* with that of what it is held against: the others' cases, of which there are not endlessly many.

    Nobody is in the own comparison, so both errors add up: v (1 + n / the others' n). Left out, eight people who are
    all alike look further apart than they are.
    """
    own = np.nan_to_num(n)
    rest = own.sum() - own
    wider: Array = variance * np.where(rest > 0, 1 + own / np.where(rest > 0, rest, 1.0), 1.0)
    return wider


def drivers(seen: Flows) -> Mapping[str, Gaps]:
    """Every driver that the data carry: ``volume``, each stage, ``size``, ``discount``, ``speed``.

    ``volume`` is missing when nobody's working time is known, ``discount`` when discounts are not.
    """
    found = [_volume(seen), *_stages(seen), _size(seen), _discount(seen), _speed(seen)]
    return {gaps.driver: gaps for gaps in found if gaps is not None}


def _volume(seen: Flows) -> Gaps | None:
    """Opportunities begun over the others' per working day."""
    known = np.isfinite(seen.days) & (seen.days > 0)
    if known.sum() < 2:
        return None
    days, begun = np.where(known, seen.days, 0.0), np.where(known, seen.created, 0.0)
    rest = days.sum() - days
    expected = np.where(known & (rest > 0), (begun.sum() - begun) / np.where(rest > 0, rest, 1.0) * days, np.nan)
    gap = np.log((seen.created + 0.5) / (expected + 0.5))
    variance = _beside_others(1 / (seen.created + 0.5), begun)
    return gaps_of("volume", gap, variance, n=seen.created, observed=seen.created, expected=expected)


def _stages(seen: Flows) -> list[Gaps]:
    """Advances over what the others' deals give on the same mix, stage by stage."""
    found = []
    for place, driver in enumerate(seen.steps):
        won, expected, n = seen.advances[:, place], seen.expected[:, place], seen.exits[:, place]
        some = np.where((n > 0) & (expected > 0), expected, np.nan)
        variance = _beside_others(seen.spread[:, place] / (some * np.maximum(won + 0.5, 1.0)), n)
        gap = np.log((won + 0.5) / (some + 0.5))
        found.append(
            gaps_of(driver, gap, variance, n=n, observed=won, expected=expected, stage=seen.stages[place])
        )  # fmt: skip
    return found


def _size(seen: Flows) -> Gaps:
    value = seen.value
    typical, usual = np.exp(value.expected + value.residual), np.exp(value.expected)
    variance = _beside_others(value.variance, value.n)
    return gaps_of("size", value.residual, variance, n=value.n, observed=typical, expected=usual)


def _discount(seen: Flows) -> Gaps | None:
    kept = seen.discount
    if kept is None or not np.nanmax(kept.variance, initial=0.0) > 0:
        return None
    observed, expected = np.exp(kept.expected + kept.residual), np.exp(kept.expected)
    variance = _beside_others(kept.variance, kept.n)
    return gaps_of("discount", kept.residual, variance, n=kept.n, observed=observed, expected=expected)


def _speed(seen: Flows) -> Gaps:
    """Rate at which deals end over the others' in the same segment (Peto's estimate of the hazard ratio)."""
    some = np.where(seen.ended_variance > 0, seen.ended_variance, np.nan)
    return gaps_of(
        "speed", (seen.ended - seen.ended_expected) / some, 1 / some,
        n=seen.ended, observed=seen.ended, expected=seen.ended_expected,
    )  # fmt: skip


def _spread_p(centred: Array, variance: Array) -> float:
    """p-value that the gaps scatter by chance only."""
    known = np.isfinite(centred)
    return chi_square_p(float((centred[known] ** 2 / variance[known]).sum()), int(known.sum()) - 1)
