"""Where chance comes from: one seed, one child generator per block, rep and month.

Because each rep-month draws from its own child, a longer window, a later ``as_of`` or one more rep
leaves everything drawn before exactly as it was. There is no global state and no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BLOCKS = (
    "people", "deals", "leads", "activities", "plants", "moves", "leave", "trainings", "programmes", "rates",
    "forecasts", "scorecards", "hours", "meetings", "weaknesses",
)  # fmt: skip
"""Their order is part of what a seed means: append, never reorder."""


@dataclass(frozen=True)
class Streams:
    """All chance of one organisation."""

    seed: int
    branch: int = 0

    def child(self, block: str, *key: int) -> np.random.Generator:
        """The generator of one part of *block*, always the same for the same *key*; each branch has its own."""
        branch = (len(BLOCKS) + self.branch,) if self.branch else ()
        sequence = np.random.SeedSequence(self.seed, spawn_key=(*branch, BLOCKS.index(block), *key))
        return np.random.Generator(np.random.PCG64(sequence))

    def shared(self, block: str, *key: int) -> np.random.Generator:
        """The generator of what all branches have in common."""
        return Streams(self.seed).child(block, *key)

    def series(self, block: str, reps: int, length: int, width: int) -> Floats:
        """Uniforms reps × *length* × *width*: each rep's own, and a longer series begins with the shorter one."""
        return np.stack([self.child(block, rep).random((length, width)) for rep in range(reps)])

    def monthly(self, block: str, rates: Floats, draws: Sequence[str]) -> Draws:
        """Poisson events of every rep (row) and month (column) of *rates*, each with one uniform number per draw.

        The uniforms of a rep-month are drawn name by name: a name appended to *draws* changes no earlier one.
        """
        reps, months, parts = [], [], []
        for rep in range(rates.shape[0]):
            for month in range(rates.shape[1]):
                if rates[rep, month] <= 0:
                    continue
                generator = self.child(block, rep, month)
                count = int(generator.poisson(rates[rep, month]))
                if count:
                    reps.append(np.full(count, rep, dtype=np.int64))
                    months.append(np.full(count, month, dtype=np.int64))
                    parts.append(generator.random((len(draws), count)))
        if not parts:
            nothing = np.zeros(0, dtype=np.int64)
            return Draws(nothing, nothing, {name: np.zeros(0) for name in draws})
        uniforms = np.concatenate(parts, axis=1)
        return Draws(np.concatenate(reps), np.concatenate(months), dict(zip(draws, uniforms, strict=True)))


@dataclass(frozen=True)
class Draws:
    """Events in the order rep, month, number within the month; ``uniform[name]`` has one value per event."""

    rep: Ints
    month: Ints
    uniform: dict[str, Floats]

    def __len__(self) -> int:
        return len(self.rep)

    def __getitem__(self, name: str) -> Floats:
        return self.uniform[name]

    def each(self, name: str, count: int) -> Floats:
        """The draws *name*_1 … *name*_count side by side: events × count."""
        return np.stack([self.uniform[f"{name}_{number}"] for number in range(1, count + 1)], axis=1)

    def take(self, rows: Ints | Bools) -> Draws:
        """Only the events at *rows*, in that order."""
        return Draws(self.rep[rows], self.month[rows], {name: values[rows] for name, values in self.uniform.items()})


def normal(uniform: Floats) -> Floats:
    """Standard normal values with the given ranks.

    >>> normal(np.array([0.5])).tolist()
    [0.0]
    """
    return np.asarray(ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)), dtype=np.float64)


def lognormal(uniform: Floats, median: Floats | float, log_sd: float) -> Floats:
    """Log-normal values with the given ranks."""
    return np.asarray(median * np.exp(log_sd * normal(uniform)), dtype=np.float64)


def choice(uniform: Floats, shares: Floats) -> Ints:
    """Which of the categories each uniform falls into; *shares* is one row for all, or one row per event.

    >>> choice(np.array([0.1, 0.9]), np.array([0.5, 0.5])).tolist()
    [0, 1]
    """
    edges = np.cumsum(shares, axis=-1)[..., :-1]
    return np.asarray((uniform[:, None] > edges).sum(axis=1), dtype=np.int64)


def pick(uniform: Floats, count: Ints | int) -> Ints:
    """A whole number from 0 up to, not including, *count*.

    >>> pick(np.array([0.0, 0.99]), 4).tolist()
    [0, 3]
    """
    return np.minimum((uniform * count).astype(np.int64), np.asarray(count, dtype=np.int64) - 1)
