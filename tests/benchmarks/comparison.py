"""What comparing costs: everybody at once beside one rep at a time, and all metrics of the synthetic organisation.

Run as ``python tests/benchmarks/comparison.py``. CPU time of this process; ratios of one run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from salescoach.calendar import Calendar
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import compare_all
from salescoach.metrics.question import Question
from salescoach.statistics import expected_without, log_rank, log_rank_each
from salescoach.synthetic import organisation
from salescoach.tables.data import SalesData

REPS, DEALS = 36, 7200


def seconds(run: Callable[[], object], times: int = 3) -> float:
    """CPU seconds of the quickest of several runs."""
    taken = []
    for _ in range(times):
        before = time.process_time()
        run()
        taken.append(time.process_time() - before)
    return min(taken)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def beside(name: str, at_once: Callable[[], object], one_by_one: Callable[[], object]) -> None:
    quick, slow = seconds(at_once), seconds(one_by_one, 1)
    say(f"{name:<44} at once {1000 * quick:7.0f} ms   one by one {1000 * slow:7.0f} ms   ratio {slow / quick:5.1f}")


def main() -> None:
    """Print one line per measurement."""
    generator = np.random.default_rng(1)
    factors, units = generator.integers(0, 4, (DEALS, 4)), generator.integers(0, REPS, DEALS)
    won, ages = generator.random(DEALS) < 0.25, generator.integers(1, 200, DEALS)
    strata = factors[:, 0]

    def mix_one_by_one() -> None:
        for unit in range(REPS):
            expected_without(factors, won, (units == unit).astype(int), 2)

    def log_rank_one_by_one() -> None:
        for unit in range(REPS):
            log_rank(ages, won, units == unit, strata=strata)

    beside("expected on the mix, without the rep", lambda: expected_without(factors, won, units, REPS), mix_one_by_one)
    beside("log-rank", lambda: log_rank_each(ages, won, units, REPS, strata=strata), log_rank_one_by_one)

    as_of = date(2025, 11, 28)
    tables = organisation(seed=1, reps=REPS, months=30, start=date(2023, 7, 1), as_of=as_of).tables
    tables = {**tables, "opportunity": tables["opportunity"].drop_duplicates("deal_id")}
    data = SalesData.build(tables, as_of=as_of, calendar=Calendar(), currency="TRY")
    ask = Question.about(data, data.calendar.period("2025"))
    answers = {metric_id: metric.answer(ask) for metric_id, metric in METRICS.items()}
    count = len(compare_all(ask, answers))
    taken = 1000 * seconds(lambda: compare_all(ask, answers))
    say(f"{count} comparisons of {REPS} reps, already measured: {taken:.0f} ms")


if __name__ == "__main__":
    main()
