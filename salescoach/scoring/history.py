"""What was known about each lead at a moment: features from events strictly before it, labels that have matured.

Events are counted up to the snapshot, never over a lead's whole life: that would let those that lived long,
and so won, show it. Arrays in, arrays out; 10 million events take seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

RECENT_DAYS = 7.0
_LARGEST_BOARD = 200_000_000
_US_PER_DAY = 86_400_000_000


@dataclass(frozen=True)
class Events:
    """Things that happened to leads, one position per event.

    ``lead`` is the position of its lead, -1 for none of them; ``kind`` a number below ``len(kinds)``; ``at``
    days since 1970; ``actor`` who acted, as a number from 0, -1 unknown.
    """

    lead: Codes
    kind: Codes
    at: Array
    kinds: tuple[str, ...]
    actor: Codes | None = None

    @classmethod
    def of(cls, table: pd.DataFrame, leads: pd.Index, *, lead: str, kind: str, at: str, actor: str = "") -> Events:
        """From a table of events with one column each; *leads* are the names of the leads in order."""
        kind_codes, kinds = pd.factorize(table[kind], sort=True)
        actors = pd.factorize(table[actor])[0].astype(np.int64) if actor else None
        return cls(
            leads.get_indexer(pd.Index(table[lead])).astype(np.int64), kind_codes.astype(np.int64), days(table[at]),
            tuple(map(str, kinds)), actors,
        )  # fmt: skip


def days(moments: pd.Series) -> Array:
    """Moments as days since 1970 with their fraction; missing is nan.

    >>> days(pd.Series(pd.to_datetime(["1970-01-02 12:00", None]))).tolist()
    [1.5, nan]
    """
    stamps = moments.to_numpy().astype("datetime64[us]")
    return np.where(np.isnat(stamps), np.nan, stamps.astype("int64") / _US_PER_DAY)


def known_before(events: Events, snapshot: Array, *, created: Array | None = None) -> pd.DataFrame:
    """Counts, recency and first touch of each lead from events strictly before its snapshot.

    Parameters
    ----------
    events : Events
        In any order.
    snapshot : array
        For each lead the moment in days since 1970.
    created : array, optional
        When each lead arrived, for the hours until the first event.

    Returns
    -------
    DataFrame, one row per lead
        ``n_KIND`` events of each kind, ``n_recent`` within the last seven days, ``n_all``, ``actors`` different
        people (when known), ``days_since_last`` and, with *created*, ``hours_to_first``. Counts of a lead without
        events are 0; days and hours are missing.

    Examples
    --------
    >>> two = Events(np.array([0, 0, 0]), np.array([0, 0, 1]), np.array([1.0, 4.0, 9.0]), ("call", "mail"))
    >>> known_before(two, np.array([5.0]))[["n_call", "n_mail", "days_since_last"]].iloc[0].tolist()
    [2.0, 0.0, 1.0]
    """
    n, width = len(snapshot), max(len(events.kinds), 1)
    moment = np.append(snapshot, -np.inf)[events.lead]  # lead -1: before everything, so never counted
    seen = events.at < moment
    lead, kind, at = events.lead[seen], events.kind[seen], events.at[seen]
    counts = np.bincount(lead * width + kind, minlength=n * width).reshape(n, width)
    recent = at >= moment[seen] - RECENT_DAYS
    made: dict[str, Array] = {f"n_{name}": counts[:, i].astype(float) for i, name in enumerate(events.kinds)}
    made["n_all"] = counts.sum(axis=1).astype(float)
    made["n_recent"] = np.bincount(lead[recent], minlength=n).astype(float)
    if events.actor is not None:
        made["actors"] = _different(lead, events.actor[seen], n)
    first, last = _ends(lead, at, n)
    made["days_since_last"] = snapshot - last
    if created is not None:
        made["hours_to_first"] = (first - created) * 24
    return pd.DataFrame(made)


def _ends(lead: Codes, at: Array, n: int) -> tuple[Array, Array]:
    """First and last moment of each lead; nan where there is none."""
    if len(at) and not (at[1:] >= at[:-1]).all():
        order = np.argsort(at, kind="stable")
        lead, at = lead[order], at[order]
    first, last = np.full(n, np.nan), np.full(n, np.nan)
    last[lead] = at  # in order of time, the last write stays
    first[lead[::-1]] = at[::-1]
    return first, last


def _different(lead: Codes, actor: Codes, n: int) -> Array:
    """Number of different actors of each lead."""
    known = actor >= 0
    lead, actor = lead[known], actor[known]
    width = int(actor.max(initial=0)) + 1
    if n * width <= _LARGEST_BOARD:
        board = np.zeros(n * width, dtype=bool)
        board[lead * width + actor] = True
        return np.asarray(board.reshape(n, width).sum(axis=1), dtype=float)
    return np.bincount(np.unique(lead * width + actor) // width, minlength=n).astype(float)


def matured(snapshot: Array, won_at: Array, horizon: float, as_of: float) -> Array:
    """1 for leads won within *horizon* days of their snapshot, 0 for those not; nan while that is not known.

    A lead won early is known early, but counts only when its horizon has passed: else the young leads that
    are known would all be won.

    >>> matured(np.array([0.0, 0.0, 80.0]), np.array([10.0, 40.0, 85.0]), 30, as_of=100.0).tolist()
    [1.0, 0.0, nan]
    """
    won = (won_at >= snapshot) & (won_at < snapshot + horizon)
    return np.where(snapshot + horizon <= as_of, won.astype(float), np.nan)


def earlier(group: Codes, happened: Array, snapshot: Array, moment_group: Codes | None = None) -> Array:
    """For each snapshot the number of earlier happenings in its group, strictly before it.

    Prior outcomes of an account: *group* and *happened* say whose and when (nan = not yet), *moment_group* the
    group of each snapshot (that of *group* when not given).

    >>> earlier(np.array([0, 0, 1]), np.array([1.0, 5.0, 2.0]), np.array([0.0, 6.0, 6.0])).tolist()
    [0.0, 2.0, 1.0]
    """
    asked = group if moment_group is None else moment_group
    known = np.isfinite(happened) & (group >= 0)
    if not (known.any() and len(snapshot)):
        return np.zeros(len(snapshot))
    low = min(float(happened[known].min()), float(np.nanmin(snapshot)))
    span = max(float(happened[known].max()), float(np.nanmax(snapshot))) - low + 1.0
    keys = np.sort(group[known] * span + (happened[known] - low))
    upto = np.searchsorted(keys, asked * span + (snapshot - low), side="left")
    before = np.searchsorted(keys, asked * span, side="left")
    return np.where(asked >= 0, upto - before, 0).astype(float)


def snapshots(created: Array, ended: Array, moments: Sequence[float]) -> tuple[Codes, Array]:
    """Which leads were open at each of the *moments*: positions of leads, and their snapshots, in order of time.

    >>> rows, at = snapshots(np.array([0.0, 5.0]), np.array([8.0, np.nan]), [3.0, 10.0])
    >>> rows.tolist(), at.tolist()
    ([0, 1], [3.0, 10.0])
    """
    rows, at = [], []
    for moment in moments:
        open_then = np.flatnonzero((created < moment) & ~(ended <= moment))
        rows.append(open_then)
        at.append(np.full(len(open_then), float(moment)))
    return np.concatenate(rows).astype(np.int64), np.concatenate(at)


KNOWN_AT: Mapping[str, str] = {
    "n_": "event", "actors": "event", "days_since_last": "event", "hours_to_first": "event", "age_days": "created",
    "prior_": "event", "answered": "event", "stage": "event", "days_in_stage": "event", "moves": "event",
    "postponed": "event", "days_to_expected": "event", "amount": "event",
}  # fmt: skip
"""When each feature that is made here is known, by its name or the beginning of it."""


def as_it_stands(columns: Sequence[str]) -> tuple[str, ...]:
    """Those of *columns* that rest on what an export knows only as it is today: a company may have been renamed, or a
    field filled, on the day on which the lead was won.

    >>> as_it_stands(["age_days", "industry", "prior_won"])
    ('industry', 'prior_won')
    """
    dated = tuple(start for start in KNOWN_AT if start != "prior_")  # whose events are dated, but not their company
    return tuple(name for name in columns if not name.startswith(dated))


def declared(columns: Sequence[str]) -> dict[str, str]:
    """``known_at`` of each of *columns*: that of the features made here, "created" for the others.

    >>> declared(["n_call", "source"])
    {'n_call': 'event', 'source': 'created'}
    """
    return {
        name: next((known for start, known in KNOWN_AT.items() if name.startswith(start)), "created")
        for name in columns
    }
