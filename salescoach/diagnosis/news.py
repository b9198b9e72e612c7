"""What is looked at for alerts: three things of everybody, in two windows of six weeks, beside what was due anyway.

New opportunities, the share won of what was decided, and contacts. Each is held against the person's own year before,
drawn towards the others as far as it was chance, and against what the others did in the same weeks, so that the season
and the market cancel. Counts come in waves: the scatter of the year before says how far apart they lie without a cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.diagnosis.alerts import Alert, Signal, alerts
from salescoach.diagnosis.effect import between_people
from salescoach.metrics.comparison import FEWEST_PEERS
from salescoach.metrics.contract import CLOSERS, LEVEL
from salescoach.statistics import poisson_rate, wilson, without_action
from salescoach.tables.data import SalesData

Array = npt.NDArray[np.float64]

WINDOW = 42
"""Days of one window: a coaching cycle. Two of them in a row have to say the same."""
BEFORE = 336
"""Days before the windows: eight times one window, so that the weeks compare like with like."""
LOOKED_AT = ("begun", "contacts", "won")
_FALLS = {"halved": 0.5, "stopped": 0.0}
_FEWEST_DECIDED, _FEWEST_COUNTED = 8, 8.0
_PRESENT = 0.6
_LEAST_SPREAD = 0.01  # variance between people of the log of a count; none at all is never believed


def news(data: SalesData) -> dict[str, tuple[Alert, ...]]:
    """The alerts of the review cycle that ends at ``data.as_of``, by rep; corrected together over everybody."""
    found: dict[str, tuple[Alert, ...]] = {}
    for one in alerts(signals(data)):
        found[one.signal.rep_id] = (*found.get(one.signal.rep_id, ()), one)
    return found


def signals(data: SalesData) -> tuple[Signal, ...]:
    """All that is looked at. Nobody is who was not there all the time, or has fewer than five others of the role."""
    return tuple(signal for seen in _roles(data) for name in LOOKED_AT for signal in seen.signals(name))


@dataclass(frozen=True)
class Power:
    """Of ``looked_at`` numbers of single people, each made to fall in both windows, ``found`` gave an alert.

    ``how``: they ``halved``, or ``stopped`` altogether.
    """

    metric_id: str
    how: str
    found: int
    looked_at: int


def power(data: SalesData) -> tuple[Power, ...]:
    """What the alerts would see in these data: one number of one person falls at a time, and the alerts are asked.

    An alert has to survive being one of many, so it is silent about much that is true. How much belongs beside it:
    silence that is taken for an all-clear does harm.
    """
    roles = _roles(data)
    usual = {(place, name): seen.signals(name) for place, seen in enumerate(roles) for name in LOOKED_AT}
    found = []
    for name in LOOKED_AT:
        for how, kept in _FALLS.items():
            told = []
            for place, seen in enumerate(roles):
                rest = [one for at, ones in usual.items() if at != (place, name) for one in ones]
                for rep in [one.rep_id for one in usual[place, name]]:
                    said = alerts([*rest, *seen.fallen(name, rep, kept).signals(name)])
                    told.append(any((one.signal.rep_id, one.signal.metric_id) == (rep, name) for one in said))
            if told:
                found.append(Power(name, how, sum(told), len(told)))
    return tuple(found)


def _roles(data: SalesData) -> tuple[_Seen, ...]:
    """What was counted of the people of each role who were there all the time and have peers."""
    stretches = _stretches(data.as_of)
    time = pd.DataFrame({name: data.exposure(span)["share"] for name, span in enumerate(stretches)})
    there = {str(rep) for rep in time.index[(time >= _PRESENT).all(axis=1)]} - data.ramping(stretches[0])
    found: list[_Seen] = []
    roles = data.reps["role"].fillna("")
    for role in sorted(set(roles[roles.isin(("", *CLOSERS))])):
        people = [rep for rep in data.sellers if rep in there and roles[rep] == role]
        if len(people) > FEWEST_PEERS:
            found.append(_seen(data, people, stretches))
    return tuple(found)


def _stretches(today: date) -> tuple[Period, Period, Period]:
    """The year before, and the two windows, the newest last."""
    after = today + timedelta(days=1)
    middle, start = after - timedelta(days=WINDOW), after - timedelta(days=2 * WINDOW)
    return Period("", start - timedelta(days=BEFORE), start), Period("", start, middle), Period("", middle, after)


@dataclass(frozen=True)
class _Seen:
    """Counts of *people* (rows) in the windows of the year before and the two newest (columns, the newest last).

    ``tables`` has ``begun``, ``contacts``, ``won`` and ``decided``; ``days`` the working days in the three stretches.
    """

    people: list[str]
    days: Array
    tables: Mapping[str, Array]

    def signals(self, name: str) -> list[Signal]:
        """What is looked at of one of :data:`LOOKED_AT`."""
        if name == "won":
            return _shared(self.people, self.tables["won"], self.tables["decided"])
        return _counted(self.people, name, self.tables[name], self.days)

    def fallen(self, name: str, rep: str, kept: float) -> _Seen:
        """The same, had only the share *kept* of *name* come of *rep* in both of the newest windows."""
        table = self.tables[name].copy()
        row = self.people.index(rep)
        table[row, -2:] = np.floor(table[row, -2:] * kept)
        return replace(self, tables={**self.tables, name: table})


def _seen(data: SalesData, people: list[str], stretches: tuple[Period, ...]) -> _Seen:
    deals = data.deals[~data.deals["born_closed"]]
    decided = deals[deals["status"].isin(("won", "lost"))]
    work = data.table("activity")
    work = work[~work["is_system"].astype(bool)]
    first = stretches[0].first
    days = np.column_stack([data.exposure(span).loc[people, "working_days"].to_numpy(float) for span in stretches])
    days[:, 0] = np.maximum(days[:, 0], 1.0)

    def per_window(rows: pd.DataFrame, day: str) -> Array:
        """Rows of each person in each window since the beginning of the year before, oldest first."""
        counted = pd.crosstab(rows["owner_id"], (rows[day] - first) // WINDOW)
        windows = range((BEFORE + 2 * WINDOW) // WINDOW)
        table: Array = counted.reindex(index=people, columns=windows, fill_value=0).to_numpy(float)
        return table

    return _Seen(people, days, {
        "begun": per_window(deals, "started"), "contacts": per_window(work, "occurred_at_day"),
        "won": per_window(decided[decided["status"] == "won"], "closed"), "decided": per_window(decided, "closed"),
    })  # fmt: skip


def _counted(people: list[str], name: str, table: Array, days: Array) -> list[Signal]:
    """Counts in the two newest windows of *table*, beside what the year before and the others let one expect."""
    usual, newest = table[:, :-2], table[:, -2:]
    before = usual.sum(axis=1)
    if not before.sum():
        return []  # not recorded at all
    waves = _waves(usual)
    rate = before.sum() / days[:, 0].sum()
    own = np.log((before + 0.5) / (rate * days[:, 0] + 0.5))
    error = waves / (before + 0.5)
    spread = max(float(np.var(own, ddof=1) - error.mean()), _LEAST_SPREAD)
    kept = spread / (spread + error)
    z, expected = np.full_like(newest, np.nan), np.full_like(newest, np.nan)
    for window in (0, 1):
        others = newest[:, window].sum() - newest[:, window]
        weeks = days[:, 1 + window].sum() - days[:, 1 + window]
        due = (before.sum() - before) / (days[:, 0].sum() - days[:, 0]) * weeks
        drift = (others + 0.5) / (due + 0.5)
        expected[:, window] = rate * days[:, 1 + window] * np.exp(kept * (own - own.mean())) * drift
        beside = spread * (1 - kept) + waves / (others + 0.5)
        deviation = np.sqrt(waves + expected[:, window] * beside)
        z[:, window] = 2 * (np.sqrt(newest[:, window] + 0.375) - np.sqrt(expected[:, window] + 0.375)) / deviation
    _, low, high = poisson_rate(newest[:, 1], np.ones(len(people)), LEVEL)
    return [
        Signal(rep, name, "trend", tuple(map(float, z[row])), float(newest[row, 1]), float(low[row]), float(high[row]),
               float(expected[row, 1]), int(newest[row, 1]), "up")
        for row, rep in enumerate(people) if (expected[row] >= _FEWEST_COUNTED).all()
    ]  # fmt: skip


def _waves(usual: Array) -> float:
    """How many times as far apart counts lie as independent events would; never below 1."""
    share = usual.sum(axis=0) / usual.sum()
    due = np.outer(usual.sum(axis=1), share)
    freedom = (usual.shape[0] - 1) * (usual.shape[1] - 1)
    known = due > 0
    scatter = float(((usual[known] - due[known]) ** 2 / due[known]).sum())
    return max(float(scatter / freedom), 1.0)


def _shared(people: list[str], won: Array, decided: Array) -> list[Signal]:
    """Shares won of what was decided in the two newest windows."""
    k0, n0 = won[:, :-2].sum(axis=1), decided[:, :-2].sum(axis=1)
    pooled, spread = between_people(k0, n0)
    k, n = won[:, -2:], decided[:, -2:]
    enough = (n >= _FEWEST_DECIDED).all(axis=1) & (n0 >= _FEWEST_DECIDED)
    low, high = wilson(k[:, 1], np.maximum(n[:, 1], 1), LEVEL)
    found = []
    for row in np.flatnonzero(enough).tolist():
        z, expected = [], np.nan
        for window in (0, 1):
            drift = _share(k[:, window], n[:, window], row) - _share(k0, n0, row)
            due, sd = without_action(k0[row] / n0[row], n0[row], pooled, spread, n[row, window], drift)
            gap = k[row, window] / n[row, window] - float(due)
            # Half an event towards what was expected: a share of few is no smooth number.
            z.append(float(np.sign(gap) * max(abs(gap) - 0.5 / n[row, window], 0.0) / sd))
            expected = float(due)
        found.append(
            Signal(people[row], "won", "trend", tuple(z), float(k[row, 1] / n[row, 1]), float(low[row]),
                   float(high[row]), expected, int(n[row, 1]), "up")
        )  # fmt: skip
    return found


def _share(k: Array, n: Array, without: int) -> float:
    """Share of everybody but one."""
    trials: Any = n.sum() - n[without]
    return float((k.sum() - k[without]) / trials) if trials else 0.0
