"""How long the invented organisation takes, and how much memory: seconds of processor time, rows, peak memory.

    python tests/benchmarks/synthetic.py            the demo, and 1,000 reps as Parquet
    python tests/benchmarks/synthetic.py 10000 12   the demo, and 10,000 reps × 12 months as Parquet

Each size runs in a process of its own, so that the peak is its own. Goals: the demo (36 reps × 30 months) within 3 s,
10,000 reps × 12 months within 4 GB.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time


def say(line: str) -> None:
    """One line of output."""
    sys.stdout.write(line + "\n")


def demo() -> int:
    """Rows of the demo's organisation."""
    from salescoach.synthetic import organisation

    return sum(map(len, organisation().tables.values()))


def parquet(reps: int, months: int) -> int:
    """Rows written for an organisation of that size."""
    from salescoach.synthetic import write_parquet

    with tempfile.TemporaryDirectory() as folder:
        return sum(write_parquet(folder, reps=reps, months=months).values())


def measured(*arguments: str) -> dict[str, float]:
    """One run in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--one", *arguments], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def one(arguments: list[str]) -> None:
    """Run one size and print what it took, the imports left out of the time but not of the memory."""
    import duckdb  # noqa: F401  (imported before the clock starts)

    import salescoach.synthetic  # noqa: F401

    begun = time.process_time()
    rows = demo() if arguments == ["demo"] else parquet(*map(int, arguments))
    seconds = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(json.dumps({"seconds": seconds, "rows": rows, "peak_mb": peak}))


def main() -> None:
    """Print a line per size, and how the second grows against the first."""
    reps, months = (sys.argv[1:] + ["1000", "12"][len(sys.argv) - 1 :])[:2]
    say(f"{'size':<28}{'rows':>12}{'seconds':>10}{'rows/s':>10}{'peak MB':>10}")
    for name, arguments in (("36 reps x 30 months", ["demo"]), (f"{reps} reps x {months} months", [reps, months])):
        run = measured(*arguments)
        say(
            f"{name:<28}{run['rows']:>12,.0f}{run['seconds']:>10.1f}{run['rows'] / run['seconds']:>10,.0f}"
            f"{run['peak_mb']:>10,.0f}"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2:])
    else:
        main()
