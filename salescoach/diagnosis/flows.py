"""What each person did in a stretch of time, beside what the others of the same role would have done.

Counts of one flow, all in the same period: opportunities begun, entries, exits and advances of each stage, wins and
their value. Their product is what was won, exactly, whatever the age of the deals. Observes only; what follows from
it is the business of :mod:`salescoach.diagnosis.drivers` and :mod:`salescoach.diagnosis.gap`.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import booked_by_credit, sold_usual, watched, within
from salescoach.metrics.contract import CLOSERS
from salescoach.metrics.question import Question
from salescoach.metrics.stage_cases import entries_of, exits_of, open_stages, steps
from salescoach.metrics.tally import Rows, in_memory
from salescoach.statistics import ExpectedValues, expected_values_without, expected_without, log_rank_each
from salescoach.tables.data import SalesData

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

FEWEST_PEERS = 5
"""Fewer others than this are not compared with: their own numbers would show through."""
MIX = ("segment", "source", "product_id", "type")
"""What a rep does not choose. Never a discount or a number of meetings: these are part of the outcome."""
DECISION = "win_rate"
"""The one stage of an organisation without a stage history: from the beginning to won or lost."""
_MOST_LEVELS = 12  # of one factor of the mix; the rarest share the last one
_KNOWN = 0.95  # of the wins must have a discount, else list and net prices would be mixed


@dataclass(frozen=True)
class Flows:
    """The people of one role in one stretch of time. R people, K stages.

    Attributes
    ----------
    people : in the order of all arrays
    stages : names, in order; (:data:`DECISION`,) without a stage history
    days : (R,) working days, missing where nobody knows since when a person has been there
    created : (R,) opportunities begun
    entries, exits, advances : (R, K) deals that came into a stage, left it, and left it for the next one or the customer
    expected, spread : (R, K) advances that the others' deals give on the own mix, and the chance variance of that
    pooled, others_exits, others_entries : (R, K) share of the others' exits that advanced, and their counts
    wins : (R,) wins with a value; ``value`` their mean log list value beside the others' on the same mix, ``discount``
        the same for the share of the list price that was kept, None when discounts are not known
    win_value : (R,) sum of the values of these wins, in base currency
    bookings : (R,) credited amounts won, less wins undone: the number on the page
    ended, ended_expected, ended_variance : (R,) deals that ended, and how many would have at the others' speed
    alone : (R,) exits in a level of the mix that nobody else has: there the expectation is a guess
    """

    people: tuple[str, ...]
    role: str
    stages: tuple[str, ...]
    days: Array
    created: Array
    entries: Array
    exits: Array
    advances: Array
    expected: Array
    spread: Array
    pooled: Array
    wins: Array
    value: ExpectedValues
    discount: ExpectedValues | None
    win_value: Array
    bookings: Array
    ended: Array
    ended_expected: Array
    ended_variance: Array
    alone: Array

    @property
    def steps(self) -> tuple[str, ...]:
        """Driver names of the stages: ``stage_1`` and on; ``win_rate`` where there is no history."""
        if self.stages == (DECISION,):
            return self.stages
        return tuple(f"stage_{place + 1}" for place in range(len(self.stages)))


def flows(ask: Question) -> dict[str, Flows]:
    """Flows of the comparable people of each role, by role; ``""`` where no role is known.

    Left out are people who are learning the job, were not there, or have a role that closes no deals; and roles with
    fewer than :data:`FEWEST_PEERS` + 1 people.
    """
    data = ask.data
    there = data.exposure(ask.period)["share"]
    absent = set(there.index[there <= 0])
    out = data.ramping(ask.period) | absent
    roles = data.reps["role"].reindex(pd.Index(data.sellers)).fillna("").astype(str)
    found = {}
    for role, members in roles.groupby(roles):
        people = pd.Index([rep for rep in members.index if rep not in out])
        if str(role) in ("", *CLOSERS) and len(people) > FEWEST_PEERS:
            found[str(role)] = _flows(ask, str(role), people)
    return found


def _flows(ask: Question, role: str, people: pd.Index) -> Flows:
    data, count = ask.data, len(people)
    stages = main_stages(data) if data.history else (DECISION,)
    left, came = (_of_main_pipeline(data, in_memory(ask.once(find))) for find in (leavings, comings))
    shape = (count, len(stages))
    entries, exits, advances, expected, spread = (np.zeros(shape) for _ in range(5))
    alone = np.zeros(count)
    for place, stage in enumerate(stages):
        entries[:, place] = _count(came[came["stage"] == stage], people)
        mine = _of(left[left["stage"] == stage], people)
        units = people.get_indexer(pd.Index(mine["owner_id"]))
        event = mine["advanced"].to_numpy(float)
        exits[:, place] = np.bincount(units, minlength=count)
        advances[:, place] = np.bincount(units, event, minlength=count)
        found = expected_without(levels(mine, MIX), event, units, count)
        expected[:, place], spread[:, place] = np.nan_to_num(found.expected), np.nan_to_num(found.variance)
        alone += found.alone
    rest, rest_won = exits.sum(axis=0) - exits, advances.sum(axis=0) - advances
    won = _of(in_memory(ask.once(sold_usual)), people)
    value, discount = _values(won, people)
    ended = _speed(ask, people)
    return Flows(
        people=tuple(map(str, people)),
        role=role,
        stages=stages,
        days=_days(data, ask.period, people),
        created=entries[:, 0],
        entries=entries,
        exits=exits,
        advances=advances,
        expected=expected,
        spread=spread,
        pooled=rest_won / np.where(rest > 0, rest, np.nan),
        wins=value.n,
        value=value,
        discount=discount,
        win_value=_sum(won, people),
        bookings=_sum(in_memory(ask.once(booked_by_credit)), people),
        ended=ended[0],
        ended_expected=ended[1],
        ended_variance=ended[2],
        alone=alone,
    )


def main_pipeline(data: SalesData) -> str:
    """Pipeline in which most deals are; the others have stages of their own and are not mixed in."""
    counts = data.deals["pipeline"].value_counts()
    named = sorted(set(open_stages(data)["pipeline"]), key=lambda name: (-int(counts.get(name, 0)), str(name)))
    return str(named[0]) if named else ""


def main_stages(data: SalesData) -> tuple[str, ...]:
    """Open stages of :func:`main_pipeline`, in order."""
    named = open_stages(data)
    return tuple(named.loc[named["pipeline"] == main_pipeline(data), "stage"])


def _of_main_pipeline(data: SalesData, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of deals in the main pipeline; all where deals do not name theirs or there is no history."""
    if not data.history or data.deals["pipeline"].nunique() <= 1:
        return rows
    return rows[rows["deal_id"].isin(data.deals.loc[data.deals["pipeline"] == main_pipeline(data), "deal_id"])]


def leavings(data: SalesData, period: Period) -> Rows:
    """Stages left in *period*: ``stage``, ``owner_id`` at that moment, ``advanced``, and the mix.

    Without a history every deal has one stage, which it leaves when it is won or lost.
    """
    if data.history:
        return exits_of(steps(data, period), period)
    closed = nw.from_native(data.closed_in(period))
    rows = closed.with_columns(stage=nw.lit(DECISION), advanced=nw.col("status") == "won")
    return rows  # type: ignore[return-value]


def comings(data: SalesData, period: Period) -> Rows:
    """Stages entered in *period*: ``stage`` and ``owner_id`` at that moment."""
    if data.history:
        return entries_of(steps(data, period), period)
    begun = nw.from_native(data.deals).filter(
        within("started", period), ~nw.col("born_closed"), nw.col("status") != "cancelled"
    )
    owner = nw.col("creator_id") if (data.deals["creator_id"].notna()).all() else nw.col("owner_id")
    return begun.with_columns(stage=nw.lit(DECISION), owner_id=owner)  # type: ignore[return-value]


def levels(cases: pd.DataFrame, columns: tuple[str, ...]) -> Codes:
    """Levels of the mix *columns* that hold anything, by falling frequency, rare ones together; (cases, columns)."""
    found = []
    for name in columns:
        if name in cases and cases[name].notna().any():
            codes = pd.factorize(cases[name], use_na_sentinel=False, sort=True)[0]
            order = np.argsort(-np.bincount(codes), kind="stable")
            rank = np.empty_like(order)
            rank[order] = np.arange(len(order))
            found.append(np.minimum(rank[codes], _MOST_LEVELS - 1))
    return np.column_stack(found) if found else np.zeros((len(cases), 0), dtype=np.intp)


def _of(rows: pd.DataFrame, people: pd.Index) -> pd.DataFrame:
    """Rows of these *people*, in an order that does not depend on that of the file: sums of floats do."""
    mine = rows[rows["owner_id"].isin(people)]
    return mine.sort_values(["owner_id", "deal_id"], kind="stable")


def _count(rows: pd.DataFrame, people: pd.Index) -> Array:
    return rows["owner_id"].value_counts().reindex(people, fill_value=0).to_numpy(float)


def _sum(rows: pd.DataFrame, people: pd.Index) -> Array:
    mine = _of(rows, people)
    return mine.groupby("owner_id")["amount"].sum().reindex(people, fill_value=0.0).to_numpy(float)


def _days(data: SalesData, period: Period, people: pd.Index) -> Array:
    """Working days; missing for whom neither a first day nor an assignment is known."""
    known = data.reps["start_date"].notna() | data.reps.index.isin(data.table("assignment")["rep_id"])
    days = data.exposure(period)["working_days"].where(known)
    return days.reindex(people).to_numpy(float)


def _values(won: pd.DataFrame, people: pd.Index) -> tuple[ExpectedValues, ExpectedValues | None]:
    """Mean log list value of the wins, and of the share of the list price kept, beside the others' on the same mix."""
    given = won["discount_pct"].astype(float)
    use = bool(len(won)) and float(given.between(0, 0.999).mean()) >= _KNOWN
    rows = won[given.between(0, 0.999)] if use else won
    kept = np.log1p(-rows["discount_pct"].astype(float).to_numpy()) if use else np.zeros(len(rows))
    units, factors = people.get_indexer(pd.Index(rows["owner_id"])), levels(rows, MIX)
    net = np.log(rows["amount"].to_numpy(float))
    value = expected_values_without(factors, net - kept, units, len(people))
    return value, expected_values_without(factors, kept, units, len(people)) if use else None


def _speed(ask: Question, people: pd.Index) -> tuple[Array, Array, Array]:
    """Deals that ended, beside how many would have at the others' speed in the same segment (log-rank)."""
    cases = _of(in_memory(ask.once(watched)), people)
    units = people.get_indexer(pd.Index(cases["owner_id"]))
    strata = cases["segment"].fillna("").astype(str)
    return log_rank_each(cases["exit"], cases["ended"], units, len(people), entries=cases["entry"], strata=strata)
