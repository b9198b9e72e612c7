"""Best estimates of many gaps at once, when each has a normal error: logs of ratios, mean scores.

The spread between units is averaged over a grid. Plain shrinkage draws in exactly the outliers one
looks for, so naming and sizing use *limited translation*: nobody is moved by more than one error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

_SPREADS = np.linspace(0.01, 0.80, 60)[:, None]
_SPREAD_SCALE = 0.35
_LIMIT = 1.0  # errors by which an estimate may be moved
_CLIPPED_VARIANCE = 0.8  # of the squared error, where the estimate was held back

_TAIL_SPREADS = np.geomspace(0.02, 0.50, 22)
_TAIL_SCALE = 0.30
_TAIL_SHARES = (0.0, 0.1, 0.2, 0.3)
_TAIL_WIDTH = 3.5
_HUBER = 1.5


@dataclass(frozen=True)
class GapPosterior:
    """Each unit's gap to the centre of all: ``mean`` and ``sd``, shape (units,); ``centre`` was taken off."""

    mean: Array
    sd: Array
    centre: float

    def below(self, gap: float) -> Array:
        """Probability that each gap is below *gap*; for a log ratio, ``log(.95)`` is 5 % short.

        >>> GapPosterior(np.array([-0.3743]), np.array([0.1789]), 0.0).below(np.log(0.95)).round(3).tolist()
        [0.965]
        """
        share: Array = special.ndtr((gap - self.mean) / self.sd)
        return share

    def draws(self, count: int, seed: int = 0) -> Array:
        """Gaps drawn from what is known, shape (count, units)."""
        generator = np.random.default_rng(seed)
        return self.mean + self.sd * generator.standard_normal((count, len(self.mean)))


def _given(x: npt.ArrayLike, variance: npt.ArrayLike) -> tuple[Array, Array]:
    """Values and variances; a missing value has an infinite variance, which is how it gets the prior."""
    x_, v_ = np.asarray(x, dtype=float), np.asarray(variance, dtype=float)
    known = np.isfinite(x_) & (v_ > 0)
    return np.where(known, x_, 0.0), np.where(known, v_, np.inf)


def gap_posterior(x: npt.ArrayLike, variance: npt.ArrayLike) -> GapPosterior:
    """Plain shrinkage of *x* with error *variance*, the spread between units integrated over a grid.

    Spread on 60 points .01 .. .80 with a half-normal prior of scale .35, centre integrated out.
    A missing *x* gets the prior.

    >>> x = [-0.60, -0.10, 0.05, 0.12, -0.02, 0.20, 0.00, 0.08]
    >>> found = gap_posterior(x, [0.04, 0.03, 0.05, 0.02, 0.03, 0.04, 0.06, 0.03])
    >>> found.mean[:2].round(4).tolist(), found.sd[:2].round(4).tolist()
    ([-0.2058, -0.0294], [0.1847, 0.113])
    """
    x_, v_ = _given(x, variance)
    precision = 1 / (v_ + _SPREADS**2)
    total = precision.sum(axis=1)
    if not total.any():  # nothing is known of anybody: all get the prior, around no gap
        return GapPosterior(np.zeros_like(x_), np.full_like(x_, _SPREAD_SCALE), 0.0)
    centre = (precision * x_).sum(axis=1) / total
    logs = (
        0.5 * np.log(precision, where=precision > 0, out=np.zeros_like(precision)).sum(axis=1)
        - 0.5 * (precision * (x_ - centre[:, None]) ** 2).sum(axis=1)
        - 0.5 * np.log(total)
        - 0.5 * (_SPREADS[:, 0] / _SPREAD_SCALE) ** 2
    )
    weight = np.exp(logs - logs.max())
    weight /= weight.sum()
    kept = _SPREADS**2 * precision
    means = centre[:, None] + kept * (x_ - centre[:, None])
    variances = _SPREADS**2 * (1 - kept)
    mean = weight @ means
    sd = np.sqrt(weight @ (variances + means**2) - mean**2)
    middle = float(weight @ centre)
    return GapPosterior(mean - middle, sd, middle)


def limited_translation(x: npt.ArrayLike, variance: npt.ArrayLike, plain: GapPosterior | None = None) -> GapPosterior:
    """Shrunken gaps, but none further than one error from what was seen (after Efron & Morris 1972).

    >>> x = [-0.60, -0.10, 0.05, 0.12, -0.02, 0.20, 0.00, 0.08]
    >>> limited_translation(x, [0.04, 0.03, 0.05, 0.02, 0.03, 0.04, 0.06, 0.03]).mean[:2].round(4).tolist()
    [-0.3743, -0.0294]
    """
    found = gap_posterior(x, variance) if plain is None else plain
    x_, v_ = _given(x, variance)
    error = np.sqrt(v_)
    seen = x_ - found.centre
    mean = np.clip(found.mean, seen - _LIMIT * error, seen + _LIMIT * error)
    sd = np.where(mean == found.mean, found.sd, np.sqrt(_CLIPPED_VARIANCE) * np.where(np.isfinite(error), error, 0.0))
    return GapPosterior(mean, sd, found.centre)


def tailed_posterior(x: npt.ArrayLike, variance: npt.ArrayLike) -> GapPosterior:
    """A stricter second opinion: most units alike, a few far out (a mixture of two normal priors).

    The centre is a robust one: the median by precision, then the mean after every value is held
    within 1.5 errors of it (one step of Huber 1964). A missing *x* gets the prior.

    >>> x = [-0.60, -0.10, 0.05, 0.12, -0.02, 0.20, 0.00, 0.08]
    >>> found = tailed_posterior(x, [0.04, 0.03, 0.05, 0.02, 0.03, 0.04, 0.06, 0.03])
    >>> round(float(found.mean[0]), 4), round(float(found.sd[0]), 4)
    (-0.1834, 0.2026)
    """
    x_, v_ = _given(x, variance)
    known = np.isfinite(v_)
    centre = _robust_centre(x_[known], v_[known])
    gap = np.where(known, x_ - centre, 0.0)
    logs, means, squares = [], [], []
    for spread in _TAIL_SPREADS:
        narrow, wide = (_normal_update(gap, v_, tau) for tau in (spread, _TAIL_WIDTH * spread))
        for share in _TAIL_SHARES:
            likelihood = (1 - share) * narrow[0] + share * wide[0]
            far = share * wide[0] / likelihood
            logs.append(np.log(likelihood).sum() - 0.5 * (spread / _TAIL_SCALE) ** 2)
            means.append((1 - far) * narrow[1] + far * wide[1])
            squares.append((1 - far) * (narrow[2] + narrow[1] ** 2) + far * (wide[2] + wide[1] ** 2))
    weight = np.exp(np.array(logs) - max(logs))
    weight /= weight.sum()
    mean = weight @ np.array(means)
    return GapPosterior(mean, np.sqrt(weight @ np.array(squares) - mean**2), centre)


def _robust_centre(x: Array, variance: Array) -> float:
    if not len(x):
        return 0.0
    order = np.argsort(x, kind="stable")
    reached = np.cumsum(1 / variance[order])
    middle = float(x[order][np.searchsorted(reached, reached[-1] / 2)])
    reach = _HUBER * np.sqrt(variance)
    return middle + float(np.clip(x - middle, -reach, reach).mean())


def _normal_update(gap: Array, variance: Array, spread: float) -> tuple[Array, Array, Array]:
    """Density of *gap* under N(0, spread**2) plus error, and posterior mean and variance."""
    kept = spread**2 / (spread**2 + variance)
    total = spread**2 + np.where(np.isfinite(variance), variance, 0.0)
    density = np.where(np.isfinite(variance), np.exp(-0.5 * gap**2 / total) / np.sqrt(total), 1.0)
    return density, kept * gap, spread**2 * (1 - kept)
