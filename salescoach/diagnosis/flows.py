"""What each person did in a stretch of time, beside what the others of the same role would have done.

Counts of one flow, all in the same period: opportunities begun, entries, exits and advances of each stage, wins and
their value. Their product is what was won, exactly, whatever the age of the deals. Observes only; what follows from
it is the business of :mod:`salescoach.diagnosis.drivers` and :mod:`salescoach.diagnosis.gap`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import booked_by_credit, sold_usual, watched
from salescoach.metrics.contract import CLOSERS
from salescoach.metrics.question import Question
from salescoach.metrics.stage_cases import entries_of, exits_of, open_stages, steps
from salescoach.metrics.tally import in_memory
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
_MONTH = 30.4  # days
_KNOWN = 0.95  # of the wins must have a discount, else list and net prices would be mixed


@dataclass(frozen=True)
class Flows:
    """The people of one role in one stretch of time. R people, K stages.

    Attributes
    ----------
    people : in the order of all arrays
    stages : names, in order; (:data:`DECISION`,) without a stage history
    days : (R,) working days x territory potential (1 = average) x productivity while learning the job; missing where
        nobody knows since when a person has been there
    created : (R,) opportunities begun
    entries, exits, advances : (R, K) deals that came into a stage, left it, and got further
    expected, spread : (R, K) advances that the others' deals give on the own mix, and the chance variance of that
    pooled : (R, K) share of the others' exits that advanced
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
    left, came = ask.shared(leavings), ask.shared(comings)
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


def leavings(ask: Question) -> pd.DataFrame:
    """Stages left in the period: ``deal_id``, ``stage``, ``owner_id`` at that moment, ``advanced``, and the mix.

    Without a history every deal has one stage, which it leaves when it is won or lost.
    """
    data = ask.data
    if data.history:
        return _of_main_pipeline(data, in_memory(exits_of(ask.once(steps), ask.period)))
    closed = data.closed_in(ask.period)
    return closed.assign(stage=DECISION, advanced=closed["status"] == "won")


def comings(ask: Question) -> pd.DataFrame:
    """Stages entered in the period: ``deal_id``, ``stage``, ``owner_id`` at that moment."""
    data = ask.data
    if data.history:
        return _of_main_pipeline(data, in_memory(entries_of(ask.once(steps), ask.period)))
    deals = data.deals
    begun = deals[
        deals["started"].between(ask.period.first, ask.period.after - 1)
        & ~deals["born_closed"]
        & (deals["status"] != "cancelled")
    ]
    return begun.assign(stage=DECISION, owner_id=begun["creator_id"].fillna(begun["owner_id"]))


def levels(cases: pd.DataFrame, columns: tuple[str, ...]) -> Codes:
    """Levels of the mix *columns* that hold anything, by falling frequency, rare ones together; (cases, columns)."""
    found = []
    for name in columns:
        if name in cases and cases[name].notna().any():
            codes = pd.factorize(cases[name], use_na_sentinel=False, sort=True)[0]
            order = np.argsort(-np.bincount(codes), kind="stable")
            rank = np.empty_like(order)
            rank[order] = np.arange(len(order))
            found.append(np.minimum(rank[codes], _MOST_LEVELS - 1).astype(np.intp))
    return np.column_stack(found) if found else np.zeros((len(cases), 0), dtype=np.intp)


def _of(rows: pd.DataFrame, people: pd.Index) -> pd.DataFrame:
    """Rows of these *people*, in an order that does not depend on that of the file: sums of floats do."""
    mine = rows[rows["owner_id"].isin(people)]
    return mine.sort_values(["owner_id", "deal_id"], kind="stable")


def _count(rows: pd.DataFrame, people: pd.Index) -> Array:
    counts = rows["owner_id"].value_counts().reindex(people, fill_value=0)
    return np.asarray(counts, dtype=np.float64)


def _sum(rows: pd.DataFrame, people: pd.Index) -> Array:
    mine = _of(rows, people)
    return mine.groupby("owner_id")["amount"].sum().reindex(people, fill_value=0.0).to_numpy(float)


def _days(data: SalesData, period: Period, people: pd.Index) -> Array:
    """Working days weighted with the potential of the territory and the share expected of somebody who is learning.

    Missing for whom neither a first day nor an assignment is known.
    """
    spells = data.table("assignment")
    known = data.reps["start_date"].notna() | data.reps.index.isin(spells["rep_id"])
    days = data.exposure(period)["working_days"].where(known)
    within = spells[(spells["valid_from_day"] < period.after) & ~(spells["valid_to_day"] <= period.first)]
    weight = _potential(data, within, period) * _productivity(data, within, period)
    return (days * weight.reindex(days.index).fillna(1.0)).reindex(people).to_numpy(float)


def _potential(data: SalesData, spells: pd.DataFrame, period: Period) -> pd.Series:
    """Mean potential of each person's territories in *period*, over the average of all; 1 where none is stated."""
    territory = data.table("territory")
    if spells.empty or territory.empty or not territory["potential"].notna().any():
        return pd.Series(1.0, index=data.reps.index)
    known = spells.assign(potential=spells["territory_id"].map(territory.set_index("territory_id")["potential"]))
    known = known.dropna(subset=["potential"])
    length = known["valid_to_day"].fillna(period.after).clip(upper=period.after) - known["valid_from_day"].fillna(
        period.first
    ).clip(lower=period.first)
    total = (known["potential"].astype(float) * length).groupby(known["rep_id"]).sum()
    mean = total / length.groupby(known["rep_id"]).sum()
    return (mean / mean.mean()).reindex(data.reps.index).fillna(1.0)


def _productivity(data: SalesData, spells: pd.DataFrame, period: Period) -> pd.Series:
    """Mean productivity that the ramp curve expects of each person in *period*; 1 where there is no curve."""
    curve, started = data.table("ramp_curve"), pd.to_datetime(data.reps["start_date"])
    share = pd.Series(1.0, index=data.reps.index)
    if curve.empty or spells.empty:
        return share
    middle = pd.Timestamp(period.start) + (pd.Timestamp(period.end) - pd.Timestamp(period.start)) / 2
    months = ((middle - started).dt.days / _MONTH).clip(lower=0) + 1
    given = spells.drop_duplicates("rep_id", keep="last").set_index("rep_id")["ramp_curve_id"].dropna()
    for name, mine in curve.sort_values("month_index").groupby("ramp_curve_id"):
        since = months.reindex(given.index[given == name]).dropna()
        expected = np.interp(since, mine["month_index"].astype(float), mine["productivity"].astype(float))
        share.loc[since.index] = expected
    return share.where(share > 0, 1.0)


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
