"""What the others' values would be on one unit's own mix: means of logs beside their expectation.

The twin of :mod:`salescoach.statistics.mix` for amounts instead of yes and no: a ridge regression on the levels of
the mix, fitted for each unit *without its own cases*.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ExpectedValues:
    """Each unit's mean value beside what the others' cases give on its own mix; all of shape (units,).

    Attributes
    ----------
    residual : mean of own values minus their expectation; missing without a case
    expected : mean expectation on the own mix; missing without a case
    others : plain mean of the others' values, whatever their mix
    mix : log of the ratio of the mean exponentials of the expectation, on the own mix over the others': what the mix
        does to a sum of amounts when values are their logs
    variance : of ``residual``: chance, plus what the others' fit does not know
    n : cases of the unit
    """

    residual: Array
    expected: Array
    others: Array
    mix: Array
    variance: Array
    n: Array


def expected_values_without(
    factors: npt.ArrayLike, values: npt.ArrayLike, units: npt.ArrayLike, count: int, *, ridge: float = 0.5
) -> ExpectedValues:
    """Mean *values* of each unit beside the expectation from a ridge regression on the other units' cases.

    Parameters
    ----------
    factors : level of each factor as a number from 0, shape (rows, factors); only what the unit does not choose
    values : one per row, on the scale on which factors add up: logs of amounts
    units : unit of each row, 0 to *count* - 1
    ridge : cases' worth of "no effect" added to every level

    >>> large = [0, 0, 0, 1, 0, 1, 1, 1]  # the second unit has the large cases
    >>> found = expected_values_without(np.array([large]).T, [1, 1, 1, 3, 1, 3, 3, 3], [0] * 4 + [1] * 4, 2, ridge=1e-9)
    >>> found.residual.round(6).tolist(), found.others.tolist()
    ([-0.0, 0.0], [2.5, 1.5])
    """
    levels, unit = np.asarray(factors, dtype=int), np.asarray(units, dtype=int)
    value = np.asarray(values, dtype=float)
    n = np.bincount(unit, minlength=count).astype(float)
    if not len(value):
        nothing = np.full(count, np.nan)
        return ExpectedValues(nothing, nothing, nothing, nothing, nothing, n)
    design = _design(levels, len(value))
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-9  # the mean itself is not drawn anywhere; a unit alone still has a solution
    middle = float(value.mean())
    target = value - middle
    own = np.zeros((count, design.shape[1], design.shape[1]))
    moment, sums, total = np.zeros((count, design.shape[1])), np.zeros((count, design.shape[1])), np.zeros(count)
    np.add.at(own, unit, design[:, :, None] * design[:, None, :])
    np.add.at(moment, unit, design * target[:, None])
    np.add.at(sums, unit, design)
    np.add.at(total, unit, value)
    without = own.sum(axis=0) - own + np.diag(penalty)
    fit = np.linalg.solve(without, (moment.sum(axis=0) - moment)[:, :, None])[:, :, 0]
    some, rest = np.where(n > 0, n, np.nan), n.sum() - n
    mean_design = sums / some[:, None]
    residual_of_case = target - np.einsum("ij,ij->i", design, fit[unit])
    mean = np.bincount(unit, residual_of_case, minlength=count) / some
    freedom = len(value) - int((n > 0).sum())
    within = float(((residual_of_case - mean[unit]) ** 2).sum()) / freedom if freedom > 0 else np.nan
    unsure = np.einsum("ri,ri->r", mean_design, np.linalg.solve(without, mean_design[:, :, None])[:, :, 0])
    known = np.where(rest > 0, 1.0, np.nan)
    typical = np.exp(design @ fit.T)  # of every case, by each fit
    mine = typical[np.arange(len(value)), unit]
    own_sum = np.bincount(unit, mine, minlength=count)
    others_mean = (typical.sum(axis=0) - own_sum) / np.where(rest > 0, rest, np.nan)
    return ExpectedValues(
        residual=mean * known,
        expected=(middle + np.einsum("ri,ri->r", mean_design, fit)) * known,
        others=(total.sum() - total) / np.where(rest > 0, rest, np.nan),
        mix=np.log(np.where(own_sum > 0, own_sum, np.nan) / some) - np.log(others_mean),
        variance=within * (1 / some + unsure) * known,
        n=n,
    )


def _design(levels: npt.NDArray[np.int_], rows: int) -> Array:
    """A constant, and one column per level of each factor that has more than one."""
    blocks = [np.ones((rows, 1))]
    for column in levels.T:
        present = np.unique(column)
        if len(present) > 1:
            blocks.append((column[:, None] == present[None, :]).astype(float))
    return np.hstack(blocks)
