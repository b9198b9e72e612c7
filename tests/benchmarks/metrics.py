"""How fast the metrics are: against a loop over reps, and with ever more rows. Ratios measured in one run.

python tests/benchmarks/metrics.py [ROWS ...]     (10000 100000 1000000 10000000 when not given)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from salescoach.calendar import Calendar, Period
from salescoach.metrics import METRICS, measure
from salescoach.metrics.question import Question
from salescoach.metrics.tally import tally
from salescoach.statistics import kaplan_meier, wilson
from salescoach.synthetic import organisation
from salescoach.tables.data import SalesData

AS_OF = date(2025, 11, 28)
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SUMS = {
    "won": nw.col("status") == "won",
    "amount": nw.col("amount"),
    "squares": nw.col("amount") ** 2,
    "logs": nw.col("amount").log(),
}


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Least processor time of a few runs: others on the machine only ever add."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def loop_over_reps(deals: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The straightforward version: for each rep, for each deal, one row at a time."""
    found = []
    for rep in sorted(set(deals["owner_id"])):
        won = closed = 0
        total = squares = logs = 0.0
        exits, ended = [], []
        for _, deal in deals[deals["owner_id"] == rep].iterrows():
            inside = period.first <= deal["closed"] < period.after
            if inside and deal["status"] in ("won", "lost"):
                closed += 1
                exits.append(deal["closed"] - deal["started"])
                ended.append(True)
                if deal["status"] == "won":
                    won += 1
                    total, squares = total + deal["amount"], squares + deal["amount"] ** 2
                    logs += np.log(deal["amount"])
        median = kaplan_meier(exits, ended).median() if exits else (np.nan,) * 3
        found.append((rep, won, closed, total, squares, logs, *median, *wilson(won, closed)))
    return pd.DataFrame(found)


def same_by_tally(ask: Question) -> None:
    """The same numbers, as the registry makes them."""
    for name in ("bookings", "win_rate_count", "ads_geometric", "cycle_won"):
        METRICS[name].answer(ask)


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


def main(sizes: tuple[int, ...]) -> str:
    """The figures, as text."""
    made = organisation()
    given = {**made.tables, "opportunity": made.tables["opportunity"].drop_duplicates("deal_id")}
    data = SalesData.build(given, as_of=AS_OF, calendar=Calendar(), currency="TRY")
    period = data.calendar.period("2025Q3")
    every = seconds(lambda: measure(data, period))
    ours = seconds(lambda: same_by_tally(Question.about(data, period)))
    naive = seconds(lambda: loop_over_reps(data.deals, period), 1)
    lines = [
        f"{len(METRICS)} metrics, {len(data.sellers)} reps, {len(data.deals)} deals: {every:.2f} s",
        f"four of them: {ours:.3f} s; row by row in a loop over reps: {naive:.3f} s; ratio {naive / ours:.0f}",
    ]
    before: dict[str, float] = {}
    for count in sizes:
        deals = rows(count)
        relation = duckdb.connect().from_df(deals)
        for engine, source in (("pandas", deals), ("duckdb", relation)):
            took = seconds(lambda source=source: tally(source, ["owner_id"], **SUMS), 2)  # type: ignore[misc]
            growth = f", {took / before[engine]:.1f} times the size before" if engine in before else ""
            lines.append(f"tally of {count} rows, {engine}: {took:.3f} s{growth}")
            before[engine] = took
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(main(tuple(int(size) for size in sys.argv[1:]) or SIZES) + "\n")
