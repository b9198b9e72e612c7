"""`make acceptance`: the figures that the diagnosis promises, over many organisations with known truth.

Prints a table and leaves with 1 when a target is missed, or when a naive variant does better than it is known to.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandas as pd

from acceptance import figures, intervals
from acceptance.beds import EQUAL, bed, people

ORGANISATIONS = 60


def rows(count: int, scorecards: bool = False, **changes: object) -> pd.DataFrame:
    """Everybody of *count* organisations."""
    return pd.concat([people(bed(**changes), seed, scorecards=scorecards) for seed in range(1, count + 1)])


def settings(count: int) -> Iterator[list[figures.Figure]]:
    """The figures of one setting after the other, *count* organisations each."""
    yield intervals.coverage()
    year = rows(count)
    yield figures.naming(year) + figures.speaking(year) + figures.spoken(year) + figures.promising(year, "12 months")
    scored = rows(count, scorecards=True)
    some = scored[scored["planted"] != ""]
    with_scores = float((some["first"] == some["planted"]).mean())
    yield [figures.at_least("T1+", "with scorecards: planted driver named first", with_scores, 0.80, len(some))]
    yield figures.silent(rows(count, **EQUAL), "no difference, 12 months")
    yield figures.silent(rows(count, reps=8, **EQUAL), "no difference, 8 people")
    yield figures.promising(rows(count, months=6), "6 months")
    yield figures.silent(rows(count, months=6, **EQUAL), "no difference, 6 months")


def main() -> int:
    """Print the table as it grows; 0 when all is as promised."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORGANISATIONS
    began, missed = time.process_time(), 0
    for found in settings(count):
        missed += sum(not figure.good for figure in found)
        sys.stdout.write("".join(f"{figure.line()}\n" for figure in found))
        sys.stdout.flush()
    sys.stdout.write(
        f"{count} organisations per setting, {time.process_time() - began:.0f} s of CPU, missed: {missed}\n"
    )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
