"""How fast the metrics are: against a loop over reps, and with ever more rows. Ratios measured in one run.

python tests/benchmarks/metrics.py [ROWS ...]     (10000 100000 1000000 10000000 when not given)
"""

from __future__ import annotations

import functools
import itertools
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

import duckdb
import numpy as np
import pandas as pd

from salescoach.calendar import Calendar, Period, day_number
from salescoach.metrics import METRICS, measure
from salescoach.metrics.expressions import col
from salescoach.metrics.quota import effective_quota
from salescoach.metrics.tally import tally
from salescoach.statistics import (
    geometric_mean,
    kaplan_meier,
    random_sum_limits,
    ratio_limits,
    skewed_mean_factor,
    wilson,
)
from salescoach.synthetic import organisation
from salescoach.tables.data import SalesData

AS_OF = date(2025, 11, 28)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
COPIES = (1, 10)
TODAY = day_number(AS_OF)
T = TypeVar("T")
BOTH = tuple(
    "win_rate_count no_decision_rate win_rate_value top_deal_share ads ads_median ads_geometric bookings "
    "quota_attainment attainment_pace open_pipeline coverage cycle_won cycle_resolution time_in_stage "
    "stage_conv_flow".split()
)
"""Metrics of every kind that a loop over reps can be written for in a page."""
SUMS = {
    "won": col("status") == "won",
    "amount": col("amount"),
    "squares": col("amount") ** 2,
    "logs": col("amount").log(),
}


def seconds(work: Callable[[T], object], make: Callable[[], T], times: int = 2) -> float:
    """Least processor time of a few runs: others on the machine only ever add.

    Each run has what *make* gives anew, unmeasured: data remember what was found in them, and the first call counts.
    """
    taken = []
    for _ in range(times):
        given = make()
        start = time.process_time()
        work(given)
        taken.append(time.process_time() - start)
    return min(taken)


def loop_over_reps(data: SalesData, period: Period) -> dict[str, dict[str, float]]:
    """The straightforward version of :data:`BOTH`: filter the tables for each rep, then compute each metric."""
    elapsed = data.elapsed(period).share
    return {rep: of_one_rep(data, period, rep, elapsed) for rep in data.sellers}


def of_one_rep(data: SalesData, period: Period, rep: str, elapsed: float) -> dict[str, float]:
    """What an analyst would write for one rep: masks and means in pandas, intervals from the same functions."""
    found: dict[str, float] = {}
    mine = data.deals[data.deals["owner_id"] == rep]
    inside = mine["closed"].between(period.first, period.after - 1)
    closed = mine[inside & mine["status"].isin(["won", "lost"]) & ~mine["born_closed"]]
    won, lost = closed["status"] == "won", closed[closed["status"] == "lost"]
    found["win_rate_count"] = share(won.sum(), len(closed))
    found["no_decision_rate"] = share((lost["loss_reason"] == "no_decision").sum(), len(closed))
    valued = closed[closed["amount"] > 0]
    gained = valued["amount"].where(valued["status"] == "won", 0.0)
    found["win_rate_value"] = gained.sum() / valued["amount"].sum() if len(valued) else np.nan
    ratio_limits(gained, valued["amount"])

    sold = mine[inside & (mine["status"] == "won") & (mine["amount"] > 0)]
    found["top_deal_share"] = sold["amount"].max() / sold["amount"].sum() if len(sold) else np.nan
    usual = sold.loc[~sold["is_mega"], "amount"]
    logs = np.log(usual)
    found["ads"], found["ads_median"] = usual.mean(), usual.median()
    found["ads_geometric"] = float(geometric_mean(logs.mean(), logs.std(), len(logs), 0.90)[0]) if len(logs) else np.nan
    skewed_mean_factor(logs.std(), len(logs), 0.90)

    credit = data.credit[data.credit["rep_id"] == rep].merge(data.deals, on="deal_id")
    booked = credit[(credit["status"] == "won") & credit["closed"].between(period.first, period.after - 1)]
    amounts = booked.loc[booked["amount"] > 0, "amount"] * booked.loc[booked["amount"] > 0, "pct"]
    found["bookings"] = amounts.sum()
    random_sum_limits(amounts.sum(), (amounts**2).sum(), 0.90)
    quota = effective_quota(data, period, pd.Index([rep])).iloc[0]
    found["quota_attainment"] = amounts.sum() / quota
    found["attainment_pace"] = amounts.sum() / (quota * elapsed)

    is_open = mine[mine["status"] == "open"]
    due = is_open[(is_open["expected"] >= max(period.first, TODAY)) & (is_open["expected"] < period.after)]
    found["open_pipeline"] = due["amount"].sum()
    found["coverage"] = due["amount"].sum() / (quota - amounts.sum()) if quota > amounts.sum() else np.nan

    days = (closed["closed"] - closed["started"])[won].dropna()
    found["cycle_won"] = days.median()
    found["cycle_resolution"] = median_age(mine, "started", "closed", period)
    visits = data.visits[(data.visits["kind"] == "open") & data.visits["is_first"] & (data.visits["owner_id"] == rep)]
    visits = visits.merge(data.deals[["deal_id", "closed", "status", "born_closed"]], on="deal_id")
    visits = visits.assign(left=visits["left"].fillna(visits["closed"]))
    for stage, stays in visits.groupby("stage"):
        found[f"time_in_stage: {stage}"] = median_age(stays, "entered", "left", period)
    moved = data.visits[data.visits["deal_id"].isin(mine["deal_id"])]
    for stage in data.stages.loc[data.stages["kind"] == "open", "stage"]:
        left = moved[(moved["stage"] == stage) & moved["left"].between(period.first, period.after - 1)]
        further = (left["next_order"] > left["order"]).groupby(left["deal_id"]).any()
        found[f"stage_conv_flow: {stage}"] = share(further.sum(), len(further))
    return found


def share(part: float, whole: float) -> float:
    """A share, computed with its interval as the metrics do."""
    wilson(part, whole)
    return float(part / whole) if whole else np.nan


def median_age(rows: pd.DataFrame, begin: str, end: str, period: Period) -> float:
    """Kaplan-Meier median of the ages that *rows* reach while watched in *period*; what still runs is censored."""
    stop = min(period.after, TODAY + 1)
    open_or_later = rows[end].isna() | (rows[end] >= period.first)
    rows = rows[(rows[begin] < stop) & open_or_later & (rows["status"] != "cancelled") & ~rows["born_closed"]]
    if rows.empty:
        return np.nan
    ended = rows[end] < stop
    exits = rows[end].where(ended, stop) - rows[begin]
    entries = rows[begin].clip(lower=period.first) - rows[begin] - 0.5
    return kaplan_meier(exits, ended, entries).median()[0]


def same_by_registry(data: SalesData, period: Period) -> pd.DataFrame:
    """The same numbers, as the registry makes them."""
    return measure(data, period, BOTH)


def differing(data: SalesData, period: Period) -> list[str]:
    """Those of :data:`BOTH` without parts where the loop and the registry do not say the same."""
    loop = pd.DataFrame(loop_over_reps(data, period)).T
    table = same_by_registry(data, period)
    table = table[(table["part"] == "") & table["na_reason"].isna()].pivot(index="rep_id", columns="metric_id")["value"]
    near = np.isclose(loop.reindex(index=table.index, columns=table.columns), table, rtol=1e-3)
    return [str(name) for name in table.columns[(~near & table.notna()).any()]]


def enlarged(tables: Mapping[str, pd.DataFrame], times: int) -> dict[str, pd.DataFrame]:
    """The organisation *times* over, each copy with people and deals of its own."""
    ids = {"deal_id", "owner_id", "rep_id", "rep_or_team", "team_id", "manager_id"}
    return {
        name: pd.concat(
            [
                frame.assign(**{key: frame[key] + f"-{copy}" for key in ids & set(frame.columns)})
                for copy in range(times)
            ],
            ignore_index=True,
        )
        for name, frame in tables.items()
        if name in ("opportunity", "stage_history", "rep", "quota", "leave", "owner_history", "split")
    } | {"stage": tables["stage"]}


def rows(count: int) -> pd.DataFrame:
    """*count* made-up deals of 36 reps."""
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "owner_id": draw.integers(0, 36, size=count),
            "status": np.where(draw.random(count) < 0.25, "won", "lost"),
            "amount": np.exp(draw.normal(10, 0.7, size=count)),
        }
    )


def power(sizes: Sequence[int], took: Sequence[float]) -> float:
    """Exponent with which the time grows with the rows, by least squares of the logs; 1 = linear."""
    return float(np.polyfit(np.log(sizes), np.log(took), 1)[0])


def against_a_loop(tables: Mapping[str, pd.DataFrame], times: int) -> Iterator[str]:
    """Lines about the metrics of the organisation *times* over, each as soon as it is known."""
    given = tables if times == 1 else enlarged(tables, times)
    build = functools.partial(SalesData.build, given, as_of=AS_OF, calendar=Calendar(), currency="TRY")
    data, built = build(), seconds(lambda _: build(), lambda: None, 1)
    period = data.calendar.period("2025Q4")
    yield f"{len(data.sellers)} reps, {len(data.deals)} deals: built in {built:.2f} s"
    every = seconds(lambda fresh: measure(fresh, period), build)
    yield f"{len(METRICS)} metrics of each: {every:.2f} s"
    ours = seconds(lambda fresh: same_by_registry(fresh, period), build)
    naive = seconds(lambda fresh: loop_over_reps(fresh, period), build, 1)
    yield f"{len(BOTH)} of them: {ours:.3f} s; a loop over reps: {naive:.3f} s; ratio {naive / ours:.1f}"
    if times == 1:
        yield f"other values in: {', '.join(differing(data, period)) or 'none'}"


def growth(sizes: tuple[int, ...]) -> Iterator[str]:
    """Lines about the tally of ever more rows, and how its time grows."""
    took: dict[str, list[float]] = {"pandas": [], "duckdb": []}
    for count in sizes:
        deals = rows(count)
        relation = duckdb.connect().from_df(deals)
        for engine, source in (("pandas", deals), ("duckdb", relation)):
            took[engine].append(seconds(lambda given: tally(given, ["owner_id"], **SUMS), lambda source=source: source))  # type: ignore[misc]
            yield f"tally of {count:,} rows, {engine}: {took[engine][-1]:.3f} s"
    if len(sizes) > 1:
        for engine, times in took.items():
            last = power(sizes[-2:], times[-2:])
            yield (
                f"{engine}: time grows with the {power(sizes, times):.2f}th power of the rows, {last:.2f}th at the end"
            )


def main(sizes: tuple[int, ...]) -> None:
    """Print the figures, each as soon as it is known."""
    made = organisation()
    tables = {**made.tables, "opportunity": made.tables["opportunity"].drop_duplicates("deal_id")}
    for line in itertools.chain(*(against_a_loop(tables, times) for times in COPIES), growth(sizes)):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
