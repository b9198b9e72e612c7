"""Throughput and memory of an import, beside what one would write with pandas. Run by ``make bench``.

``python tests/benchmarks/imports.py [DEALS] [ACTIVITIES]`` makes canonical files from the synthetic organisation
(repeated, with ids, amounts and moments of their own), then runs in turn, each as a process of its own:

- *pandas*: ``pd.read_csv(dtype=str)``, then one call for each column (``pd.to_datetime``, ``pd.to_numeric``,
  ``Decimal`` for money, because ours is exact, ``pd.Categorical`` where only some words are allowed). It judges nothing
  and writes nothing.
- *floor*: what Polars, which reads for us, takes alone: every column read, cast and written to Parquet, nothing looked
  at. No import that ends in Parquet files can be faster on this engine.
- *read*: our reading alone, which does the work of *pandas*: from the files to typed columns. It also takes each file's
  digest and looks whether every row is as it should be; what was doubtful is named, by row.
- *ours*: the whole import: read, parse, judge by every rule, write the snapshot.

Prints rows per second, the ratios, and the peak memory of each. The ratio counts, not the seconds. pandas uses
one processor, ours all: beside the ratio of the clock stands that of processor time, which a busy machine changes less.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

AS_OF = date(2025, 11, 28)


def make(folder: Path, deals: int, activities: int) -> None:
    """The synthetic organisation, its deals and activities repeated until there are enough."""
    import duckdb

    from salescoach import synthetic

    once = folder.parent / "once"
    organisation = synthetic.organisation(seed=1, reps=36, months=30, start=date(2023, 7, 1), as_of=AS_OF)
    synthetic.write(organisation, once)
    folder.mkdir()
    for name in ("rep", "stage", "team", "account", "product", "quota", "assignment"):
        (once / f"{name}.csv").rename(folder / f"{name}.csv")
    connection = duckdb.connect()
    copies = max(1, deals // len(organisation.tables["opportunity"]))
    amount = "CAST(CAST(amount AS DECIMAL(18, 2)) + k + (hash(deal_id) % 100) / 100.0 AS DECIMAL(18, 2))"
    repeated = {
        "opportunity": (deals, f"deal_id || '-' || k AS deal_id, {amount} AS amount, {_later('created_at')}"),
        "activity": (
            activities,
            f"activity_id || '-' || k AS activity_id, deal_id || '-' || (k % {copies}) AS deal_id, "
            f"{_later('occurred_at')}",
        ),
    }
    for name, (rows, changes) in repeated.items():
        times = rows // len(organisation.tables[name]) + 1
        connection.execute(
            f"COPY (SELECT * EXCLUDE (k) REPLACE ({changes}) FROM read_csv('{once / name}.csv', all_varchar = true, "
            f"header = true), range({times}) r(k) ORDER BY k LIMIT {rows}) TO '{folder / name}.csv' (HEADER)"
        )


def _later(column: str) -> str:
    moment = f"CAST({column} AS TIMESTAMP) + to_seconds(k * 7)"
    return f"strftime({moment}, '%Y-%m-%dT%H:%M:%SZ') AS {column}"


def pandas_way(folder: Path) -> None:
    """Read every file as text, then parse column by column."""
    import pandas as pd

    from salescoach.tables.schema import TABLES

    kept = {}
    for file in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])
        for field in TABLES[file.stem].fields:
            texts = frame[field.name]
            if field.type in ("date", "ts"):
                frame[field.name] = pd.to_datetime(texts, utc=True, format="ISO8601")
            elif field.type == "money":
                frame[field.name] = texts.map(Decimal, na_action="ignore")
            elif field.type in ("share", "number", "int"):
                frame[field.name] = pd.to_numeric(texts)
            elif field.type == "bool":
                frame[field.name] = texts.map({"true": True, "false": False}).astype("boolean")
            elif field.values:
                frame[field.name] = pd.Categorical(texts, categories=list(field.values))
        kept[file.stem] = frame


def floor(folder: Path) -> None:
    """Read, cast and write with Polars, judging nothing and holding nothing: the rows pass through in pieces."""
    import polars as pl

    from salescoach.crm.certain import value
    from salescoach.crm.dialect import Choices
    from salescoach.crm.parse import Reading
    from salescoach.tables.schema import TABLES

    reading = Reading(ZoneInfo("UTC"), Choices(decimal="."))
    with tempfile.TemporaryDirectory() as place:
        for file in sorted(folder.glob("*.csv")):
            typed = [
                value(pl.col(field.name), field, reading).alias(field.name)
                for field in TABLES[file.stem].fields
                if field.type != "text"
            ]
            pl.scan_csv(file, infer_schema=False).with_columns(typed).sink_parquet(
                Path(place, f"{file.stem}.parquet"), compression="zstd", compression_level=1, statistics=False
            )


def our_reading(folder: Path) -> None:
    """The files as typed rows, before anything is judged or written."""
    from salescoach.crm.dialect import Choices
    from salescoach.crm.gather import gather
    from salescoach.crm.mapping import mapped
    from salescoach.crm.preset import load_preset
    from salescoach.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        organisation = Workspace.at(Path(place) / "w", name="bench").organisation
    gathered = gather(folder, Choices())
    with gathered.held:
        mapped(gathered.texts, load_preset("canonical"), organisation, Choices())


def our_way(folder: Path) -> None:
    """Import into a new workspace."""
    from salescoach.crm.importer import import_export
    from salescoach.workspace import Workspace

    with tempfile.TemporaryDirectory() as place:
        home = Workspace.at(Path(place) / "w", name="bench")
        import_export(folder, home, as_of=AS_OF, taken_at=datetime(2026, 1, 1, tzinfo=UTC))


WAYS: dict[str, Callable[[Path], None]] = {"pandas": pandas_way, "floor": floor, "read": our_reading, "ours": our_way}


def measured(way: str, folder: Path) -> dict[str, float]:
    """Seconds and peak memory (MB) of one way, in a process of its own."""
    answer = subprocess.run([sys.executable, __file__, "--run", way, str(folder)], check=True, capture_output=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def run(way: str, folder: Path) -> None:
    """The child: one way, timed without its imports of modules being warm."""
    started = time.perf_counter()
    WAYS[way](folder)
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak}))


def main(deals: int, activities: int) -> None:
    """Make the files, measure every way, print the ratios."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "export"
        # Elsewhere, too: a child's peak is never below what its parent held when it was started.
        subprocess.run([sys.executable, __file__, "--make", str(folder), str(deals), str(activities)], check=True)
        found = {way: measured(way, folder) for way in WAYS}
    rows = deals + activities
    for way, each in found.items():
        sys.stdout.write(
            f"{way:7s} {rows / each['seconds']:>12,.0f} rows/s  {each['seconds']:7.1f} s  "
            f"{each['cpu']:7.1f} s of processor  {each['peak']:7,.0f} MB at most\n"
        )
    for way in ("floor", "read", "ours"):
        ratio, work = (found["pandas"][what] / found[way][what] for what in ("seconds", "cpu"))
        aim = " (to reach: 3)" if way == "ours" else ""
        sys.stdout.write(f"pandas / {way}: {ratio:.2f} by the clock{aim}, {work:.2f} of processor time\n")
    sys.stdout.write(f"on {os.cpu_count()} processors; {deals:,} deals and {activities:,} activities\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        run(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(*(int(number) for number in sys.argv[1:] or ("100000", "500000")))
