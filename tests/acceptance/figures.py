"""What the harness counts: each figure with its target, and the naive variant that must miss it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from acceptance.beds import short, trivial


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``good``: it keeps its target; a naive variant is good when it fails as it is known to."""

    target: str
    name: str
    value: float
    wanted: str
    good: bool
    n: int

    def line(self) -> str:
        """One line of the table."""
        mark = "ok  " if self.good else "MISS"
        return f"{self.target:4} {mark} {self.name:58} {self.value:9.3g}  {self.wanted:12} n {self.n}"


def at_least(target: str, name: str, value: float, bound: float, n: int) -> Figure:
    """A figure that must reach *bound*."""
    return Figure(target, name, value, f">= {bound:.2f}", bool(value >= bound), n)


def at_most(target: str, name: str, value: float, bound: float, n: int) -> Figure:
    """A figure that must not exceed *bound*."""
    return Figure(target, name, value, f"<= {bound:.2g}", bool(value <= bound), n)


def between(target: str, name: str, value: float, low: float, high: float, n: int) -> Figure:
    """A figure that must lie in a range."""
    return Figure(target, name, value, f"{low:.2f}..{high:.2f}", bool(low <= value <= high), n)


def naming(rows: pd.DataFrame) -> list[Figure]:
    """T1: the planted driver is named first, or among the first two, more often than by ranks."""
    some = rows[rows["planted"] != ""]
    top1 = float((some["first"] == some["planted"]).mean())
    top2 = float(((some["first"] == some["planted"]) | (some["second"] == some["planted"])).mean())
    rank = float((some["rank_first"] == some["planted"]).mean())
    raw = float((some["raw_first"] == some["planted"]).mean())
    n = len(some)
    return [
        at_least("T1", "planted driver named first", top1, 0.70, n),
        at_least("T1", "planted driver among the first two", top2, 0.88, n),
        at_least("T1", "named first, less the percentile rank's share", top1 - rank, 0.05, n),
        at_most("T1", "naive: percentile rank names it first", rank, 0.72, n),
        at_most("T1", "naive: raw gap names it first", raw, 0.70, n),
    ]


def speaking(rows: pd.DataFrame) -> list[Figure]:
    """T2: what is named as a priority is right, material, and hardly ever trivial."""
    said = rows[rows["named"] != ""]
    right = said[said["planted"] != ""]
    raw, hits = rows[rows["raw_speaks"]], float((right["named"] == right["planted"]).mean())
    return [
        at_least("T2", "right when it speaks for a planted one", hits, 0.78, len(right)),
        at_least("T2", "material when it speaks (planted)", float(short(right["true_named"]).mean()), 0.80, len(right)),
        at_most("T2", "trivial when it speaks (planted)", float(trivial(right["true_named"]).mean()), 0.10, len(right)),
        at_least("T2", "naive: raw gap of 20 % speaks of trivial ones", float(trivial(raw["true_raw"]).mean()), 0.15,
                 len(raw)),
    ]  # fmt: skip


def scored(rows: pd.DataFrame, plain: pd.DataFrame) -> list[Figure]:
    """T1 with scorecards; without them is the control."""
    some = rows[rows["planted"] != ""]
    share = float((some["first"] == some["planted"]).mean())
    without = plain[plain["planted"] != ""]
    gain = share - float((without["first"] == without["planted"]).mean())
    return [
        at_least("T1+", "with scorecards: planted driver named first", share, 0.80, len(some)),
        at_least("T1+", "with scorecards: what they add", gain, 0.02, len(some)),
    ]


def spoken(rows: pd.DataFrame) -> list[Figure]:
    """How often it speaks at all, and how it does over everybody, for the record."""
    said, some = rows[rows["named"] != ""], rows[rows["planted"] != ""]
    return [
        at_least("T2", "speaks for a planted one", float((some["named"] != "").mean()), 0.40, len(some)),
        at_least("T2", "material, of all it says", float(short(said["true_named"]).mean()), 0.70, len(said)),
    ]


def silent(rows: pd.DataFrame, label: str, bound: float = 0.06) -> list[Figure]:
    """T3: where all are equal, hardly anybody is named."""
    n = len(rows)
    return [
        at_most("T3", f"{label}: priority named", float((rows["named"] != "").mean()), bound, n),
        at_most("T3", f"{label}: hypothesis named", float(rows["hypothesis"].mean()), 0.12, n),
        at_least("T3", f"{label}: naive, raw gap of 20 % names", float(rows["raw_speaks"].mean()), 0.30, n),
    ]


def promising(rows: pd.DataFrame, label: str) -> list[Figure]:
    """T4: what closing the gap is said to bring, over what it would."""
    truth = np.maximum(np.expm1(-rows["true_first"]), 0.0)
    raw = float(rows["raw_promised"].sum() / np.maximum(np.expm1(-rows["true_raw"]), 0.0).sum())
    return [
        between("T4", f"{label}: promise over truth", float(rows["promised"].sum() / truth.sum()), 0.7, 1.3, len(rows)),
        at_least("T4", f"{label}: naive, raw promise over truth", raw, 2.5, len(rows)),
    ]
