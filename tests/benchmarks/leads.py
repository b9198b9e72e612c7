"""How fast the lead lab is: training, scoring, explaining, as-of features. Ratios within one run are what counts.

Run by ``make bench``, or: OMP_NUM_THREADS=1 python tests/benchmarks/leads.py [--large]
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd

from salescoach.scoring.explanation import explain
from salescoach.scoring.grades import Grades
from salescoach.scoring.history import Events, known_before
from salescoach.scoring.model import LeadModel
from salescoach.scoring.models import FrequencyTable, logistic, mean, trees


def leads(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """12 numbers and 6 texts of up to 200 levels, with a smooth signal in some of them."""
    random = np.random.default_rng(seed)
    table: dict[str, Any] = {f"number_{i}": random.normal(size=n) for i in range(12)}
    log_odds = -2 + table["number_0"] + 0.7 * np.abs(table["number_1"]) - 0.5 * table["number_2"] * table["number_3"]
    for i, levels in enumerate((2, 4, 8, 20, 60, 200)):
        codes = random.integers(0, levels, n)
        log_odds += random.normal(scale=0.4, size=levels)[codes]
        table[f"text_{i}"] = pd.Categorical.from_codes(codes, [f"level {k}" for k in range(levels)])
    won = (random.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float)
    return pd.DataFrame(table), won


def timed(action: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What *action* gives, and its wall and CPU seconds."""
    wall, cpu = perf_counter(), process_time()
    result = action()
    return result, {"wall_s": round(perf_counter() - wall, 2), "cpu_s": round(process_time() - cpu, 2)}


def fitting(n: int) -> dict[str, Any]:
    """Fit and score every model on *n* leads."""
    table, won = leads(n)
    found: dict[str, Any] = {}
    for name, model in (
        ("frequency", FrequencyTable()), ("logistic", logistic(n)), ("trees", trees(n)), ("mean", mean(n)),
    ):  # fmt: skip
        fitted, fit_times = timed(lambda model=model: model.fit(table, won))
        _, score_times = timed(lambda fitted=fitted: fitted.predict_proba(table))
        found[name] = {"fit": fit_times, "score": score_times}
    base = found["frequency"]["fit"]["cpu_s"] or 0.01
    return {
        name: {**times, "fit_over_frequency": round(times["fit"]["cpu_s"] / base, 1)} for name, times in found.items()
    }


def explaining(n: int = 10_000) -> dict[str, float]:
    """Explain *n* leads with the mean of both models."""
    table, won = leads(n)
    kinds = {name: "text" if name.startswith("text") else "number" for name in table}
    neutral = {name: ("level 0" if kind == "text" else 0.0) for name, kind in kinds.items()}
    model = LeadModel("mean", mean(n).fit(table, won), kinds, neutral, 0.2, Grades((0.5, 0.3, 0.1), ()))
    return timed(lambda: explain(model, table, [str(i) for i in range(n)]))[1]


def as_of(events: int, n: int) -> dict[str, float]:
    """Features of *n* leads from *events* events."""
    random = np.random.default_rng(0)
    made = Events(
        random.integers(0, n, events), random.integers(0, 6, events), np.sort(random.random(events) * 500),
        ("call", "chat", "demo", "email", "meeting", "visit"), random.integers(0, 100, events),
    )  # fmt: skip
    snapshot = random.random(n) * 500
    return timed(lambda: known_before(made, snapshot, created=snapshot - 30))[1]


def at_once(processes: int = 4, n: int = 100_000, rounds: int = 3) -> dict[str, float]:
    """Wall seconds of training on *n* leads: one process alone, then several at once, as kernels of notebooks are.

    All begin together, after their imports; the middle one of several *rounds*.
    """

    def wall(count: int) -> float:
        command = [sys.executable, __file__, "--train", str(n)]
        kernels = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)
        ]
        for kernel in kernels:
            assert kernel.stdout is not None
            kernel.stdout.readline()
        for kernel in kernels:
            assert kernel.stdin is not None
            kernel.stdin.write("go\n")
            kernel.stdin.flush()
        return max(float(kernel.communicate()[0]) for kernel in kernels)

    seen = sorted(
        (round(together / alone, 2), alone, together)
        for alone, together in ((wall(1), wall(processes)) for _ in range(rounds))
    )
    ratio, alone, together = seen[rounds // 2]
    return {"alone_s": alone, "together_s": together, "together_over_alone": ratio, "most": seen[-1][0]}


def training(n: int) -> float:
    """Wall seconds of one training on *n* leads, begun when a line comes in."""
    table, won = leads(n)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    return timed(lambda: mean(n).fit(table, won))[1]["wall_s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--train", type=int, metavar="N", help="only train once on N leads, when a line comes in, and print the seconds"
    )
    parser.add_argument("--large", action="store_true", help="a million leads, ten million events")
    said = parser.parse_args()
    if said.train:
        sys.stdout.write(f"{training(said.train)}\n")
        return
    large = said.large
    report: dict[str, Any] = {
        "fit_100k": fitting(100_000),
        "explain_10k": explaining(),
        "as_of_2M": as_of(2_000_000, 100_000),
        "four_at_once_100k": at_once(),
    }
    if large:
        report |= {"fit_1M": fitting(1_000_000), "as_of_10M": as_of(10_000_000, 500_000)}
    json.dump(report, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
