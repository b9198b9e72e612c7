"""Durations of each group beside those of all others, for every group at once.

All groups are counted on one table of ages by group, so thirty groups cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from salescoach.statistics.survival import Array, entered_from

Codes = npt.NDArray[np.intp]


def log_rank(
    exits: npt.ArrayLike,
    events: npt.ArrayLike,
    member: npt.ArrayLike,
    *,
    entries: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
) -> tuple[float, float, float]:
    """Events of *member* observed, expected if it were like the others, and their variance.

    ``(observed - expected)**2 / variance`` is the log-rank statistic on one degree of freedom;
    within *strata* first, then summed, when given (Mantel 1966).

    >>> o, e, v = log_rank([6, 7, 9, 10], [1, 1, 1, 1], [True, False, True, False])
    >>> round(o, 2), round(e, 2)
    (2.0, 1.33)
    """
    groups = np.asarray(member, dtype=bool).astype(int)
    observed, expected, variance = log_rank_each(exits, events, groups, 2, entries=entries, strata=strata)
    return float(observed[1]), float(expected[1]), float(variance[1])


def log_rank_each(
    exits: npt.ArrayLike,
    events: npt.ArrayLike,
    groups: npt.ArrayLike,
    count: int,
    *,
    entries: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
) -> tuple[Array, Array, Array]:
    """Each group's events observed, expected if it were like the others, and their variance.

    Parameters
    ----------
    exits, events, entries : as for :func:`salescoach.statistics.kaplan_meier`
    groups : group of each, 0 to *count* - 1
    strata : ages are compared within each of them only

    Returns
    -------
    observed, expected, variance : shape (count,)

    >>> [part.round(2).tolist() for part in log_rank_each([6, 7, 9, 10], [1, 1, 1, 1], [1, 0, 1, 0], 2)]
    [[2.0, 2.0], [2.67, 1.33], [0.72, 0.72]]
    """
    observed, expected, variance = np.zeros(count), np.zeros(count), np.zeros(count)
    for _, _, risk, ended in _tables(exits, events, groups, count, entries, strata):
        all_risk, all_ended = risk.sum(axis=1, keepdims=True), ended.sum(axis=1, keepdims=True)
        share = risk / all_risk
        observed += ended.sum(axis=0)
        expected += (all_ended * share).sum(axis=0)
        left_over = (all_risk - all_ended) / np.maximum(all_risk - 1, 1)
        variance += (all_ended * share * (1 - share) * left_over).sum(axis=0)
    return observed, expected, variance


def median_of_others(
    exits: npt.ArrayLike,
    events: npt.ArrayLike,
    groups: npt.ArrayLike,
    count: int,
    *,
    entries: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
) -> Array:
    """Median duration that each group would have if it took as long as the others, on its own mix of *strata*.

    The others' curves per stratum are averaged with the group's own numbers as weights: a ratio of
    hazards is no ratio of durations. Missing where the average does not reach one half.

    >>> median_of_others([6, 7, 9, 10], [1, 1, 1, 1], [1, 0, 1, 0], 2).tolist()
    [6.0, 7.0]
    """
    layers = list(_tables(exits, events, groups, count, entries, strata))
    every = np.unique(np.concatenate([times for times, *_ in layers])) if layers else np.array([])
    alive, weights = np.zeros((len(every), count)), np.zeros(count)
    for times, members, risk, ended in layers:
        others_risk = risk.sum(axis=1, keepdims=True) - risk
        others_ended = ended.sum(axis=1, keepdims=True) - ended
        steps = 1 - others_ended / np.maximum(others_risk, 1)
        curve = np.vstack([np.ones(count), np.cumprod(steps, axis=0)])
        # A stratum that nobody else has says nothing about how long the others would take in it.
        weight = np.where(others_risk.sum(axis=0) > 0, members, 0.0)
        alive += weight * curve[np.searchsorted(times, every, side="right")]
        weights += weight
    reached = alive <= 0.5 * weights
    first = np.where(reached.any(axis=0) & (weights > 0), reached.argmax(axis=0) if len(every) else 0, -1)
    return np.where(first >= 0, every[first] if len(every) else np.nan, np.nan)


def _tables(
    exits: npt.ArrayLike,
    events: npt.ArrayLike,
    groups: npt.ArrayLike,
    count: int,
    entries: npt.ArrayLike | None,
    strata: npt.ArrayLike | None,
) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Per stratum with an event: its times, members per group, and at risk and ended by time and group."""
    exit_, event, group = np.asarray(exits, dtype=float), np.asarray(events, dtype=bool), np.asarray(groups, dtype=int)
    entry = entered_from(entries, exit_)
    layer = np.zeros(len(exit_), dtype=int) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1]
    for number in range(int(layer.max(initial=-1)) + 1):
        here = layer == number
        times = np.unique(exit_[here & event])
        if len(times):
            mine, enter, leave = group[here], entry[here], exit_[here]
            # At risk from the first time after the entry, up to and including the time of the exit.
            came = _counted(np.searchsorted(times, enter, side="right"), mine, len(times) + 1, count)
            went = _counted(np.searchsorted(times, leave, side="right"), mine, len(times) + 1, count)
            ended = here & event
            over = _counted(np.searchsorted(times, exit_[ended]), group[ended], len(times), count)
            members = np.bincount(mine, minlength=count).astype(float)
            yield times, members, np.cumsum(came - went, axis=0)[:-1], over


def _counted(rows: Codes, columns: Codes, height: int, width: int) -> Array:
    """How many fall into each cell of a table."""
    return np.bincount(rows * width + columns, minlength=height * width).reshape(height, width).astype(float)
