"""What metrics of an organisation cost that does not fit into memory: seconds, peak memory, growth with the rows.

Run as ``python tests/benchmarks/scale.py [--rows DEALS ...]`` (``--rows 20000000``: what has to run within 8 GB;
it takes minutes, so ``make bench`` leaves it out); each size in a process of its own, as deals of made-up reps in
Parquet. Measured are the metrics that rest on opportunities alone, for every rep; the last line says how time grew.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from salescoach.calendar import Calendar
from salescoach.crm.large import open_large
from salescoach.metrics import METRICS, measure

SIZES = (10_000, 100_000, 1_000_000)
AS_OF = date(2025, 11, 28)
DEALS_PER_REP = 10_000
SEED = 0.25
ALONE = tuple(
    "win_rate_count win_rate_value win_rate_cohort no_decision_rate loss_reason_share win_rate_adj bookings "
    "top_deal_share ads ads_median ads_geometric pipeline_created open_pipeline pipeline_age zombie_share "
    "required_coverage cycle_won cycle_resolution velocity opp_to_cust weighted_pipeline landing_range "
    "stalled".split()
)
"""Metrics that look at no other table than ``opportunity``."""
PAID = ("paid_bookings", "paid_conversion", "collection_lag")
"""Metrics about bills: without invoices every won deal is one, and all bills are in memory at once."""


def invent(folder: Path, deals: int) -> dict[str, str]:
    """Three years of *deals* with the three tables that must be there; the same for the same number."""
    reps = max(deals // DEALS_PER_REP, 10)
    tables = {
        "rep": f"SELECT format('R{{:05d}}', i) AS rep_id, format('Rep {{}}', i) AS full_name, 'AE' AS role, "
        f"format('T{{:03d}}', i // 8) AS team_id FROM range({reps}) AS people(i)",
        "stage": "SELECT * FROM (VALUES ('all', 'Offer', 1, 'open', true), ('all', 'Won', 2, 'won', true), "
        "('all', 'Lost', 3, 'lost', false)) AS stages(pipeline, stage, \"order\", kind, qualified)",
        "opportunity": f"""
            SELECT format('D{{:09d}}', i) AS deal_id, format('Deal {{}}', i) AS name,
                   format('R{{:05d}}', CAST(floor(random() * {reps}) AS BIGINT)) AS owner_id, 'all' AS pipeline,
                   CASE status WHEN 'won' THEN 'Won' WHEN 'lost' THEN 'Lost' ELSE 'Offer' END AS stage, status,
                   round(exp(9 + 0.8 * sqrt(-2 * ln(1 - r3)) * cos(2 * pi() * r4)), 2) AS amount, 'TRY' AS currency,
                   created AS created_at, created + to_days(CAST(1 + 6 * r4 AS INTEGER)) AS engaged_at,
                   CASE WHEN status <> 'open' THEN ends END AS closed_at,
                   CAST(created + to_days(CAST(30 + 90 * r1 AS INTEGER)) AS DATE) AS expected_close,
                   CASE WHEN r1 < 0.7 THEN 'SMB' ELSE 'ENT' END AS segment,
                   CASE WHEN r2 < 0.5 THEN 'web' ELSE 'event' END AS source,
                   CASE WHEN r4 < 0.5 THEN 'P1' ELSE 'P2' END AS product_id, 'new' AS type,
                   CASE WHEN status = 'lost' THEN CASE WHEN r3 < 0.4 THEN 'price' ELSE 'no_decision' END END
                     AS loss_reason,
                   CASE WHEN status = 'won' AND r1 < 0.9 THEN ends + to_days(CAST(10 + 80 * r0 AS INTEGER)) END
                     AS paid_at
            FROM (SELECT *, CASE WHEN ends > TIMESTAMP '2025-11-28' THEN 'open' WHEN r2 < 0.3 THEN 'won' ELSE 'lost'
                    END AS status
                  FROM (SELECT *, created + to_days(CAST(8 + 120 * r3 AS INTEGER)) AS ends
                        FROM (SELECT *, TIMESTAMP '2022-12-01 09:00' + to_days(CAST(1090 * r0 AS INTEGER)) AS created
                              FROM (SELECT i, random() AS r0, random() AS r1, random() AS r2, random() AS r3,
                                           random() AS r4 FROM range({deals}) AS numbers(i)))))""",
    }
    with duckdb.connect(config={"threads": 1, "memory_limit": "2GB"}) as connection:
        connection.execute(f"SELECT setseed({SEED})")
        for name, query in tables.items():
            connection.execute(f"COPY ({query}) TO '{folder / name}.parquet' (FORMAT parquet)")
    return {name: str(folder / f"{name}.parquet") for name in tables}


def peak_gb() -> float:
    """Highest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def measured(files: dict[str, str], keep: Path) -> dict[str, float]:
    """Seconds for the state and for the metrics, of the clock and of the processor; peak memory of this process."""
    start, spent = time.perf_counter(), time.process_time()
    data = open_large(files, as_of=AS_OF, calendar=Calendar(), currency="TRY", keep=keep)
    state, used = time.perf_counter() - start, time.process_time() - spent
    answers = measure(data, Calendar().period("2025Q4"), ALONE)
    found = {
        "state": state, "metrics": time.perf_counter() - start - state, "cpu_state": used,
        "cpu_metrics": time.process_time() - spent - used, "peak_gb": peak_gb(), "reps": answers["rep_id"].nunique(),
        "answered": float(answers["na_reason"].isna().mean()),
    }  # fmt: skip
    measure(data, Calendar().period("2025Q4"), PAID)
    return found | {"peak_with_bills_gb": peak_gb()}


def main(sizes: list[int]) -> None:
    """Print a line per size, and how processor time grew from the smallest to the largest."""
    found: dict[int, dict[str, float]] = {}
    for deals in sizes:
        with tempfile.TemporaryDirectory(prefix="scale-") as name:
            files = invent(Path(name), deals)
            command = [sys.executable, __file__, "--measure", json.dumps(files), str(Path(name, "keep"))]
            run = subprocess.run(command, check=True, capture_output=True, text=True)
        one = found[deals] = json.loads(run.stdout)
        sys.stdout.write(
            f"{deals:>11,} deals, {one['reps']:5.0f} reps, {len(ALONE)} of {len(METRICS)} metrics: state "
            f"{one['state']:6.1f} s, metrics {one['metrics']:6.1f} s (processor {one['cpu_state']:.1f} and "
            f"{one['cpu_metrics']:.1f} s), peak {one['peak_gb']:.2f} GB, {one['answered']:.0%} answered; "
            f"with the {len(PAID)} metrics about bills peak {one['peak_with_bills_gb']:.2f} GB\n"
        )
        sys.stdout.flush()
    small, large = min(found), max(found)
    if small < large:
        cpu = {size: found[size]["cpu_state"] + found[size]["cpu_metrics"] for size in (small, large)}
        power = math.log(cpu[large] / cpu[small]) / math.log(large / small)
        sys.stdout.write(f"processor time grows with the {power:.2f}th power of the rows (1 = linear)\n")


def sizes_asked() -> list[int]:
    """The numbers of deals that the command line names."""
    parser = argparse.ArgumentParser(description="What metrics of data larger than memory cost.")
    parser.add_argument("--rows", type=int, nargs="+", default=list(SIZES), metavar="DEALS", help="how many deals")
    rows: list[int] = parser.parse_args().rows
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        sys.stdout.write(json.dumps(measured(json.loads(sys.argv[2]), Path(sys.argv[3]))))
    else:
        main(sizes_asked())
