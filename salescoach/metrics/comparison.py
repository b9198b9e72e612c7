"""Whether a rep's number differs from what peers would have had with the same deals.

Raw differences between reps are mostly chance and mix. So the comparison is with *expected*: what
the other reps of the same role would have had on this rep's own mix. A difference is called a
signal only when three gates agree: the reps of the role differ at all (a test of homogeneity), the
rep's own q-value passes after correction over all reps, and the difference is likely to be one
that a person could notice. Otherwise it is "no difference" only if that interval lies
inside the band that does not matter, and "too early" if it does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metrics import METRICS
from salescoach.metrics.contract import Metric
from salescoach.metrics.effects import Asked, Effects
from salescoach.metrics.effects_of_values import of_rates, of_ratios, of_scores
from salescoach.metrics.effects_on_mix import of_amounts, of_durations, of_shares
from salescoach.metrics.past import OWN_CHANGE_LEVEL, OwnChange, TargetGap, against_past, against_target, own_change
from salescoach.metrics.question import Question
from salescoach.metrics.tiers import Tier, tier
from salescoach.metrics.verdicts import MATERIAL, SIGNIFICANT, Verdict, noticeable, verdict
from salescoach.statistics import FALSE_DISCOVERY_RATE, q_values
from salescoach.tables.data import SalesData

__all__ = [
    "FEWEST_PEERS",
    "MATERIAL",
    "OWN_CHANGE_LEVEL",
    "Comparison",
    "OwnChange",
    "TargetGap",
    "against_past",
    "against_target",
    "compare",
    "compare_all",
    "effects_by_role",
    "own_change",
]

FEWEST_PEERS = 5
"""Fewer others than this are not compared with: their own numbers would show through."""

_FAMILIES: Mapping[str, Callable[[Asked], Effects]] = {
    "share": of_shares, "money": of_amounts, "days": of_durations, "rate": of_rates, "count": of_rates,
    "score": of_scores, "ratio": of_ratios,
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """One rep's metric beside the peers'.

    Attributes
    ----------
    peers, expected : the peers' value, and what peers would have on this rep's mix (metric's unit)
    ratio, low, high : observed over expected with its 90 % interval; above 1 = a higher value. Missing
        for scores, which have no zero
    q : p-value corrected over all compared reps
    spread_p : p-value that the reps differ at all; large = no rep can be singled out
    verdict : signal_above, signal_below, no_difference, too_early or not_compared
    needed : about how many more observations before a material difference could be seen
    peers_n : how many peers there are
    best, best_low, best_high : the estimate drawn towards the peers', with its 90 % interval (metric's unit):
        what to expect next time. It stands beside the raw value, never in its place
    effect, se : log of the ratio and its error; for scores the difference in deviations of one answer
    funnel : inside, beyond_95 or beyond_998: where the rep lies among equals of the same n
    n : observations it rests on
    """

    verdict: str
    peers: float
    expected: float
    ratio: float
    low: float
    high: float
    q: float
    spread_p: float
    needed: int
    peers_n: int
    best: float = math.nan
    best_low: float = math.nan
    best_high: float = math.nan
    effect: float = math.nan
    se: float = math.nan
    funnel: str = "inside"
    n: int = 0

    @property
    def signal(self) -> bool:
        """True when the number differs from expected by more than chance."""
        return self.verdict.startswith("signal")

    @property
    def tier(self) -> Tier:
        """How much may be shown of it."""
        return tier(self.n)


def compare(data: SalesData, period: Period, metric_id: str, part: str = "") -> dict[str, Comparison]:
    """Comparison of every seller with the peers, for a metric that can be compared; else empty.

    Peers are the other sellers of the same role who are no longer learning the job.

    Parameters
    ----------
    part : stage, reason or source, of a metric that has parts
    """
    if metric_id not in METRICS:
        raise UsageError.unknown("metric", metric_id, METRICS)
    ask, metric = Question.about(data, period), METRICS[metric_id]
    return _judged(ask, metric, metric.answer(ask), part) if metric.family in _FAMILIES else {}


def compare_all(
    ask: Question, answers: Mapping[str, pd.DataFrame] | None = None, *, only: Collection[str] = ()
) -> dict[tuple[str, str], dict[str, Comparison]]:
    """Comparison of every seller in every metric that can be compared, by metric id and part.

    Parameters
    ----------
    ask : about each rep. One that has been measured already knows most of what is needed
    answers : answers to it by metric id, where there are any
    only : ids of the metrics to compare; all of them when empty
    """
    found = {}
    for metric_id, metric in METRICS.items():
        if metric.family in _FAMILIES and (not only or metric_id in only):
            rows = (answers or {}).get(metric_id)
            rows = metric.answer(ask) if rows is None else rows
            for part in sorted(set(rows["part"])):
                found[metric_id, part] = _judged(ask, metric, rows, part)
    return {key: compared for key, compared in found.items() if compared}


def _judged(ask: Question, metric: Metric, rows: pd.DataFrame, part: str) -> dict[str, Comparison]:
    groups = effects_by_role(ask, metric, rows, part)
    if not groups:
        return {}
    table = pd.concat(
        [found.table.assign(spread_p=found.spread_p, peers_n=len(found.table) - 1) for found in groups.values()]
    )
    table["enough"] = table["n"] >= metric.min_n
    table["q"] = q_values(np.where(table["enough"] & (table["peers_n"] >= FEWEST_PEERS), table["p"], np.nan))
    columns = {name: table[name].tolist() for name in table.columns}  # quicker than records of the whole frame
    compared = {
        str(rep): _compared({name: values[place] for name, values in columns.items()}, metric)
        for place, rep in enumerate(table.index)
    }
    return {rep: compared.get(rep) or _learning(ask.data, rep) for rep in ask.data.sellers}


def effects_by_role(ask: Question, metric: Metric, rows: pd.DataFrame, part: str = "") -> dict[str, Effects]:
    """What was found about the people of each role, from the metric's answers *rows*."""
    data = ask.data
    learning = data.ramping(ask.period)
    rows = rows[rows["part"] == part]
    applies = rows["na_reason"] != "not_applicable"
    roles = data.reps["role"].reindex(pd.Index(data.sellers)).fillna("").astype(str)
    found = {}
    for role, members in roles.groupby(roles):
        people = pd.Index([rep for rep in members.index if rep not in learning], name="rep_id")
        if len(people) and not rows["na_reason"].eq("missing_field").all() and applies.reindex(people).any():
            asked = Asked(ask, metric, people, rows.reindex(people), part)
            found[str(role)] = _FAMILIES[metric.family](asked)
    return found


def _compared(row: Mapping[str, Any], metric: Metric) -> Comparison:
    n = int(row["n"]) if math.isfinite(row["n"]) else 0
    has_zero = metric.family != "score"
    if row["peers_n"] < FEWEST_PEERS or not n:
        said: Verdict = "not_compared"
    elif not row["enough"]:
        said = "too_early"
    else:
        passed = row["spread_p"] < SIGNIFICANT and row["q"] <= FALSE_DISCOVERY_RATE
        said = verdict(row["low"], row["high"], signal=bool(passed and noticeable(row["effect"], row["se"])))
    ratio, low, high = (math.exp(row[name]) if has_zero else math.nan for name in ("effect", "low", "high"))
    return Comparison(
        verdict=said, peers=row["peers"], expected=row["expected"], ratio=ratio, low=low, high=high, q=row["q"],
        spread_p=row["spread_p"], needed=int(row["needed"]) if math.isfinite(row["needed"]) else 0,
        peers_n=int(row["peers_n"]), best=row["best"], best_low=row["best_low"], best_high=row["best_high"],
        effect=row["effect"], se=row["se"], funnel=row["funnel"], n=n,
    )  # fmt: skip


def _learning(data: SalesData, rep_id: str) -> Comparison:
    """Who is still learning the job, or has a role the metric is not about, is beside nobody."""
    nothing = math.nan
    return Comparison(
        verdict="not_compared", peers=nothing, expected=nothing, ratio=nothing, low=nothing, high=nothing, q=nothing,
        spread_p=nothing, needed=0, peers_n=len(data.peers(rep_id)),
    )  # fmt: skip
