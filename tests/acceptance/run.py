"""`make acceptance`: the figures that the diagnosis promises, over many organisations with known truth.

Prints a table and leaves with 1 when a target is missed, or when a naive variant does better than it is known to.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pandas as pd

from acceptance import figures
from acceptance.beds import EQUAL, bed, people

ORGANISATIONS = 60


def settings(count: int) -> list[figures.Figure]:
    """All figures, *count* organisations for each setting."""
    seeds = range(1, count + 1)

    def rows(scorecards: bool = False, **changes: object) -> pd.DataFrame:
        return pd.concat([people(bed(**changes), seed, scorecards=scorecards) for seed in seeds])

    year, scored = rows(), rows(scorecards=True)
    some = scored[scored["planted"] != ""]
    with_scores = float((some["first"] == some["planted"]).mean())
    found = figures.naming(year) + figures.speaking(year) + figures.spoken(year)
    found.append(figures.at_least("T1+", "with scorecards: planted driver named first", with_scores, 0.80, len(some)))
    found += figures.promising(year, "12 months") + figures.promising(rows(months=6), "6 months")
    found += figures.silent(rows(**EQUAL), "no difference, 12 months")
    found += figures.silent(rows(months=6, **EQUAL), "no difference, 6 months")
    found += figures.silent(rows(reps=8, **EQUAL), "no difference, 8 people")
    return found


def main() -> int:
    """Print the table; 0 when all is as promised."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORGANISATIONS
    began = time.process_time()
    found = settings(count)
    print(f"{count} organisations per setting, {time.process_time() - began:.0f} s of CPU")
    for figure in found:
        print(figure.line())
    return int(any(not figure.good for figure in found))


if __name__ == "__main__":
    sys.exit(main())
