"""A ranking, only where the numbers carry one; off on every page unless asked for.

The first of thirty by raw value is truly the first in about one case of four. So everybody's rank has
an interval, and where the best and the worst could be each other there is no ranking at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.errors import UsageError
from salescoach.metrics import METRICS
from salescoach.metrics.comparison import FEWEST_PEERS, effects_by_role
from salescoach.metrics.contract import LEVEL
from salescoach.metrics.effects import Effects
from salescoach.metrics.question import Question
from salescoach.metrics.verdicts import SIGNIFICANT
from salescoach.statistics import ranks
from salescoach.tables.data import SalesData

_DRAWS = 1000
_SUPPORTED_AT = 0.95  # the best and the worst must be apart at more than the level that is shown


@dataclass(frozen=True)
class Ranking:
    """Ranks of the people of one role, or why there are none.

    Attributes
    ----------
    refused : ``few_peers``, ``no_direction`` (higher is neither better nor worse), ``alike`` (the reps do not
        differ at all) or ``overlap`` (at 95 %, the best could be where the worst is); None when there is a ranking
    table : indexed by ``rep_id``, best first: ``low`` and ``high`` (90 %) and ``expected`` rank,
        ``top_quarter`` probability; empty when refused
    """

    refused: str | None
    table: pd.DataFrame


def ranking(data: SalesData, period: Period, metric_id: str, part: str = "") -> dict[str, Ranking]:
    """Ranking by role; values are on one common mix, from posterior draws. Empty for a metric that is not compared."""
    if metric_id not in METRICS:
        raise UsageError.unknown("metric", metric_id, METRICS)
    ask, metric = Question.about(data, period), METRICS[metric_id]
    if metric.family == "none":
        return {}
    groups = effects_by_role(ask, metric, metric.answer(ask), part)
    return {role: _ranked(found, metric.min_n, metric.better) for role, found in groups.items()}


def _ranked(found: Effects, min_n: int, better: str) -> Ranking:
    enough = ((found.table["n"] >= max(min_n, 1)) & np.isfinite(found.table["effect"])).to_numpy()
    nobody = pd.DataFrame(columns=["low", "high", "expected", "top_quarter"], index=found.table.index[:0])
    if enough.sum() <= FEWEST_PEERS:
        return Ranking("few_peers", nobody)
    if better not in ("up", "down"):
        return Ranking("no_direction", nobody)
    if found.spread_p >= SIGNIFICANT:
        return Ranking("alike", nobody)
    draws, up = found.posterior.draws(_DRAWS)[:, enough], better == "up"
    if not ranks(draws, level=_SUPPORTED_AT, higher_is_better=up).supported:
        return Ranking("overlap", nobody)
    places = ranks(draws, level=LEVEL, higher_is_better=up)
    table = pd.DataFrame(
        {"low": places.low.astype(int), "high": places.high.astype(int), "expected": places.expected,
         "top_quarter": places.top_quarter},
        index=found.table.index[enough],
    )  # fmt: skip
    return Ranking(None, table.sort_values(["expected", "high"], kind="stable"))
