"""What the others would have achieved on one unit's own mix: expected against observed.

A logistic model of mix factors, fitted for each unit *without its own cases*, because a unit that
helps to set its own expectation hides part of its difference. Rows are first added up to patterns
of factors, and all fits run side by side, so that leaving out costs little more than one fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

_ROUNDS = 25
_CLOSE = 1e-8
_FLOOR = 1e-6  # of a weight, so that a level won or lost throughout cannot make a step infinite


@dataclass(frozen=True)
class Expected:
    """Observed and expected events of each unit; all of shape (units,).

    Attributes
    ----------
    variance : of observed - expected: chance, plus what the others' fit does not know
    alone : trials in a factor level that no other unit has; their expectation is a guess
    auc : how well the model tells events from others, on cases it was not fitted on; .5 is chance
    cells : chance, events and trials of each pattern of the mix (rows) with each unit (columns)
    """

    observed: Array
    trials: Array
    expected: Array
    variance: Array
    alone: Array
    auc: float
    cells: tuple[Array, Array, Array]

    def bands(self, count: int) -> tuple[tuple[int, float, float], ...]:
        """Cases in *count* bands of about equal size by their expected chance, the lowest first.

        Each with its number of cases, expected and observed events. Every unit is in every band, so that what units
        differ by evens out, which it does not where whole units are put together.
        """
        p, k, n = (part.ravel() for part in self.cells)
        order = np.argsort(p, kind="stable")
        p, k, n = p[order], k[order], n[order]
        reached = np.cumsum(n) - n / 2
        place = np.minimum((reached / n.sum() * count).astype(int), count - 1) if n.sum() else np.zeros(len(n), int)
        return tuple(
            (int(n[place == band].sum()), float((n * p)[place == band].sum()), float(k[place == band].sum()))
            for band in range(count)
        )


def expected_without(
    factors: npt.ArrayLike,
    events: npt.ArrayLike,
    units: npt.ArrayLike,
    count: int,
    *,
    trials: npt.ArrayLike | None = None,
    ridge: float = 1.0,
) -> Expected:
    """Expected events of each unit from a ridge logistic model of the other units' cases.

    Parameters
    ----------
    factors : level of each factor as a number from 0, shape (rows, factors); no column gives the others' plain rate.
        Only what the unit does not choose: a discount or a number of meetings belongs to the
        outcome, not to the mix.
    events : events of each row: 0 or 1 per case, or a count when rows are already added up
    units : unit of each row, 0 to *count* - 1
    trials : cases per row; one each when not given
    ridge : penalty on every coefficient but the intercept; 1 = a normal prior of deviation 1 on the logit

    >>> hard = [0] * 30 + [1] * 10 + [0] * 10 + [1] * 30  # second unit: mostly hard cases
    >>> won = [1] * 15 + [0] * 15 + [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5 + [1] * 6 + [0] * 24
    >>> found = expected_without(np.array([hard]).T, won, [0] * 40 + [1] * 40, 2)
    >>> found.observed.tolist(), found.expected.round(1).tolist()
    ([17.0, 11.0], [15.6, 12.4])
    """
    levels = np.asarray(factors, dtype=int)
    unit, event = np.asarray(units, dtype=int), np.asarray(events, dtype=float)
    trial = np.ones_like(event) if trials is None else np.asarray(trials, dtype=float)
    pattern, design = _patterns(levels)
    place = pattern * count + unit
    shape = (len(design), count)
    k, n = (
        np.bincount(place, part, minlength=len(design) * count).reshape(shape).astype(float) for part in (event, trial)
    )
    rest_k, rest_n = k.sum(axis=1, keepdims=True) - k, n.sum(axis=1, keepdims=True) - n
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    fit = _fits(design, rest_k, rest_n, penalty)
    p = special.expit(design @ fit)
    known = rest_n.sum(axis=0) > 0
    variance = n * p * (1 - p)
    # The others' rates are themselves estimated: their error enters through the slope of the expected total.
    slope = design.T @ variance
    information = _information(design, rest_n * p * (1 - p), penalty)
    unsure = np.einsum("pr,rp->r", slope, np.linalg.solve(information, slope.T[:, :, None])[:, :, 0])
    seen_elsewhere = design.T @ rest_n > 0
    alone = (n * ((design @ (~seen_elsewhere).astype(float)) > 0)).sum(axis=0)
    nothing = np.where(known, 0.0, np.nan)
    return Expected(
        observed=k.sum(axis=0),
        trials=n.sum(axis=0),
        expected=(n * p).sum(axis=0) + nothing,
        variance=variance.sum(axis=0) + unsure + nothing,
        alone=alone,
        auc=_auc(p, k, n),
        cells=(p, k, n),
    )


def _patterns(levels: Codes) -> tuple[Codes, Array]:
    """Pattern of each row, and the design: a constant and one column per level of each factor, per pattern."""
    code = np.zeros(len(levels), dtype=np.intp)
    for column in levels.T:
        code = code * (int(column.max(initial=0)) + 1) + column
        code = np.unique(code, return_inverse=True)[1]  # renumbered at each step: many factors cannot overflow
    first = np.unique(code, return_index=True)[1]
    blocks = [np.ones((len(first), 1))]
    for column in levels[first].T:
        present = np.unique(column)
        if len(present) > 1:
            blocks.append((column[:, None] == present[None, :]).astype(float))
    return code, np.hstack(blocks)


def _fits(design: Array, k: Array, n: Array, penalty: Array) -> Array:
    """Penalised logistic coefficients, shape (columns, fits): one fit per column of *k* and *n*, by Newton's method."""
    total_k, total_n = k.sum(axis=0), n.sum(axis=0)
    coefficients = np.zeros((design.shape[1], k.shape[1]))
    coefficients[0] = special.logit((total_k + 0.5) / (total_n + 1))
    for _ in range(_ROUNDS):
        p = special.expit(design @ coefficients)
        gradient = design.T @ (k - n * p) - penalty[:, None] * coefficients
        step = np.linalg.solve(_information(design, n * p * (1 - p), penalty), gradient.T[:, :, None])[:, :, 0].T
        coefficients += np.clip(step, -2.0, 2.0)
        if np.max(np.abs(step), initial=0.0) < _CLOSE:
            break
    return coefficients


def _information(design: Array, weights: Array, penalty: Array) -> Array:
    """Penalised information of every fit, shape (fits, columns, columns)."""
    columns = design.shape[1]
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), columns**2)
    matrices = (products.T @ weights).T.reshape(-1, columns, columns)
    information: Array = matrices + np.diag(np.maximum(penalty, _FLOOR))
    return information


def _auc(p: Array, k: Array, n: Array) -> float:
    """Probability that an event had a higher prediction than a case without one; ties count half."""
    order = np.argsort(p, axis=None, kind="stable")
    value, event, other = p.ravel()[order], k.ravel()[order], (n - k).ravel()[order]
    if not (event.sum() > 0 and other.sum() > 0):
        return float("nan")
    group = np.concatenate([[0], np.cumsum(np.diff(value) > 1e-12)])
    events, others = np.bincount(group, event), np.bincount(group, other)
    below = np.cumsum(others) - others
    return float((events * (below + others / 2)).sum() / (event.sum() * other.sum()))


def kitagawa(
    n: npt.ArrayLike, k: npt.ArrayLike, benchmark_shares: npt.ArrayLike, benchmark_rates: npt.ArrayLike
) -> tuple[float, float]:
    """Difference of two overall rates, split into the part of the rates and the part of the mix (Kitagawa 1955).

    Parameters
    ----------
    n, k : trials and events per group of the mix
    benchmark_shares, benchmark_rates : share of each group, and its rate, in the benchmark

    >>> rate, mix = kitagawa([10, 30, 20], [4, 7, 2], [0.4, 0.4, 0.2], [0.35, 0.25, 0.12])
    >>> round(rate, 5), round(mix, 5)
    (0.00133, -0.04867)
    """
    n_, k_, shares, rates = (np.asarray(part, dtype=float) for part in (n, k, benchmark_shares, benchmark_rates))
    mine = n_ / n_.sum()
    own = np.where(n_ > 0, k_ / np.where(n_ > 0, n_, 1.0), rates)  # no case of a group: no difference of rates in it
    rate = ((mine + shares) / 2 * (own - rates)).sum()
    mix = ((own + rates) / 2 * (mine - shares)).sum()
    return float(rate), float(mix)


def standardised_rate(n: npt.ArrayLike, k: npt.ArrayLike, shares: npt.ArrayLike) -> float:
    """Rate that *k* of *n* per group would give on a mix with the given *shares*; missing with an empty group.

    >>> round(standardised_rate([87, 263], [81, 192], [357 / 700, 343 / 700]), 4)
    0.8325
    """
    n_, k_, shares_ = (np.asarray(part, dtype=float) for part in (n, k, shares))
    if (n_[shares_ > 0] <= 0).any():
        return float("nan")
    return float((shares_ * k_ / np.where(n_ > 0, n_, 1.0)).sum() / shares_.sum())
