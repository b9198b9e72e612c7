"""How likely it is that a target is reached: the A of SMART, from the person's own drawn-in rate and the time there is.

A rate is drawn towards those of the others as far as its few observations demand; then comes the chance of the coming
weeks themselves. Leaving out either makes every goal look safer, or more hopeless, than it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.statistics import Sizes, chance_of_sum, gap_posterior, rate_posterior

Array = npt.NDArray[np.float64]
Direction = Literal["up", "down"]

LEAST, MOST = 0.10, 0.70
"""A goal stretches and stays believable between these probabilities (Epton et al. 2017: difficult goals move more)."""
_DRAWS = 4_000


@dataclass(frozen=True)
class Improvement:
    """How others changed in such a time, on the scale of the rate: logits for shares, logarithms for counts and money.

    ``mean`` 0 with ``sd`` 0 asks what comes without any action.
    """

    mean: float = 0.0
    sd: float = 0.0

    def draws(self, generator: np.random.Generator) -> Array:
        """Changes, one per draw."""
        drawn: Array = self.mean + self.sd * generator.standard_normal(_DRAWS)
        return drawn


NONE = Improvement()


def share_draws(k: npt.ArrayLike, n: npt.ArrayLike, person: int, *, seed: int = 0) -> Array:
    """What is known of one person's share, as draws; *k* of *n* of everybody of the role, this person included."""
    return rate_posterior(k, n).draws(_DRAWS, seed)[:, person]


def rate_draws(counts: npt.ArrayLike, time: npt.ArrayLike, person: int, *, seed: int = 0) -> Array:
    """What is known of one person's events per unit of *time*, as draws; *counts* of everybody of the role.

    Log ratios to the pooled rate, drawn in by the normal grid. Missing without any event or any time at all.
    """
    count, spent = np.asarray(counts, dtype=float), np.asarray(time, dtype=float)
    if not (count.sum() > 0 and spent.sum() > 0):
        return np.full(_DRAWS, np.nan)
    pooled = count.sum() / spent.sum()
    there = spent > 0
    gap = np.where(there, np.log((count + 0.5) / (pooled * np.where(there, spent, 1.0) + 0.5)), np.nan)
    found = gap_posterior(gap, np.where(there, 1 / (count + 0.5), np.nan))
    drawn: Array = pooled * np.exp(found.draws(_DRAWS, seed)[:, person] + found.centre)
    return drawn


def chance_of_share(
    rate: Array, target: float, exposures: float, *, direction: Direction = "up", improvement: Improvement = NONE,
    seed: int = 0,
) -> float:  # fmt: skip
    """Probability that the share of the coming *exposures* reaches *target*.

    Parameters
    ----------
    rate : draws of the person's share, see :func:`share_draws`
    exposures : how many are expected until the goal is due; how many will come is itself chance (Poisson)
    direction : ``down`` when fewer is better: the share has to be at most the target

    Notes
    -----
    No exposure at all does not reach a goal. Beta-binomial: the binomial tail is averaged over the draws, exactly.

    >>> round(chance_of_share(np.full(4000, 0.5), 0.9, 1e6), 3)
    0.0
    """
    if not exposures > 0:
        return 0.0
    generator = np.random.default_rng([seed, 1])
    moved = special.expit(special.logit(rate) + improvement.draws(generator)).astype(np.float64)
    trials = generator.poisson(exposures, _DRAWS).astype(float)
    if direction == "up":
        reached = _at_least(np.ceil(target * trials - 1e-9), trials, moved)
    else:
        reached = 1 - _at_least(np.floor(target * trials + 1e-9) + 1, trials, moved)
    return float(np.where(trials > 0, reached, 0.0).mean())


def chance_of_count(rate: Array, target: int, time: float, *, improvement: Improvement = NONE, seed: int = 0) -> float:
    """Probability of at least *target* events in *time*, from draws of the rate (see :func:`rate_draws`).

    >>> round(chance_of_count(np.full(4000, 2.0), 3, 1.0), 3)  # Poisson with mean 2
    0.323
    """
    if target <= 0:
        return 1.0
    generator = np.random.default_rng([seed, 2])
    mean = rate * np.exp(improvement.draws(generator)) * max(time, 0.0)
    return float(special.gammainc(target, mean).mean())


def chance_of_money(
    rate: Array, sizes: Sizes, target: float, time: float, *, improvement: Improvement = NONE, seed: int = 0
) -> float:
    """Probability that the deals won in *time* bring at least *target*, base currency.

    Compound Poisson: how many are won and how large each is are both chance, and so is the mean size as far as it is
    known from ``sizes.n`` deals. Missing below two deals, which give no deviation.

    >>> round(chance_of_money(np.full(4000, 2.0), Sizes(np.log(100.0), 0.0, 1000), 250.0, 1.0), 2)  # three deals of 100
    0.32
    """
    generator = np.random.default_rng([seed, 3])
    return chance_of_sum(rate * np.exp(improvement.draws(generator)) * max(time, 0.0), sizes, target)


def _at_least(wanted: Array, trials: Array, rate: Array) -> Array:
    """P(at least *wanted* of *trials*) for each draw; 1 for none wanted, 0 for more than there are."""
    inside = (wanted >= 1) & (wanted <= trials)
    k = np.where(inside, wanted, 1.0)
    tail = special.betainc(k, np.where(inside, trials, 1.0) - k + 1, rate).astype(np.float64)
    return np.where(wanted < 1, 1.0, np.where(wanted > trials, 0.0, tail))


def peers_improvement(before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]]) -> Improvement:
    """How the shares of others moved between two stretches, in logits: their mean and true deviation.

    Parameters
    ----------
    before, after : events and trials of each of the others; who has no trial on one side is left out

    What chance alone spreads is taken off the deviation, which is therefore never below 0.

    >>> peers_improvement([(10, 40), (20, 80)], [(10, 40), (20, 80)])
    Improvement(mean=0.0, sd=0.0)
    """
    pairs = [(*one, *other) for one, other in zip(before, after, strict=True) if one[1] > 0 and other[1] > 0]
    if not pairs:
        return NONE
    k0, n0, k1, n1 = np.array(pairs, dtype=float).T
    change = special.logit((k1 + 0.5) / (n1 + 1)) - special.logit((k0 + 0.5) / (n0 + 1))
    noise = sum(1 / (k + 0.5) + 1 / (n - k + 0.5) for k, n in ((k0, n0), (k1, n1)))
    weight = 1 / noise
    mean = float((weight * change).sum() / weight.sum())
    spread = float(np.var(change, ddof=1) - noise.mean()) if len(change) > 1 else 0.0
    return Improvement(mean, math.sqrt(max(spread, 0.0)))
