"""Whether the intervals of best estimates hold the true rates, in organisations of 6, 8 and 30 people."""

from __future__ import annotations

import numpy as np
from scipy import special

from acceptance.figures import Figure, at_most, between
from salescoach.statistics import rate_posterior

BEDS = {6: (8, 30, 120), 8: (15, 50, 90), 30: (15, 60, 30)}


def organisations(reps: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """True rates around 24 % with a deviation of .3 on the logit, and few deals each."""
    least, most, count = BEDS[reps]
    generator = np.random.default_rng(reps)
    found = []
    for _ in range(count):
        truth = special.expit(special.logit(0.24) + generator.normal(0, 0.3, reps))
        n = generator.integers(least, most, reps)
        found.append((truth, generator.binomial(n, truth), n))
    return found


def plug_in_limits(k: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The naive interval: the most likely prior, taken for known."""
    pooled, strength = k.sum() / n.sum(), np.geomspace(1, 1e5, 200)[:, None]
    a, b = pooled * strength, (1 - pooled) * strength
    best = np.argmax((special.betaln(k + a, n - k + b) - special.betaln(a, b)).sum(axis=1))
    a, b = k + a[best], n - k + b[best]
    return special.betaincinv(a, b, 0.05), special.betaincinv(a, b, 0.95)


def covered(reps: int) -> tuple[float, float]:
    """Share of the true rates that the 90 % intervals hold: ours, and with the prior taken for known."""
    ours, naive = [], []
    for truth, k, n in organisations(reps):
        for found, (low, high) in ((ours, rate_posterior(k, n).limits()), (naive, plug_in_limits(k, n))):
            found.append((low <= truth) & (truth <= high))
    return float(np.mean(ours)), float(np.mean(naive))


def coverage() -> list[Figure]:
    """T5 for each size, and the naive interval beside it, which must hold too few."""
    found = []
    for reps, (_, _, count) in BEDS.items():
        ours, naive = covered(reps)
        found.append(between("T5", f"{reps} people: 90 % intervals hold the true rate", ours, 0.85, 0.95, reps * count))
        found.append(at_most("T5-", f"{reps} people: naive, prior taken for known", naive, 0.80, reps * count))
    return found
