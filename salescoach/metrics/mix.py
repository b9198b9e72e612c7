"""The win rate that peers' deals would explain, and what is left: observed over expected on the own mix."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.cases import closed
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, warned
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, tally
from salescoach.metrics.told import Told, some
from salescoach.statistics import expected_without
from salescoach.tables.data import SalesData

FACTORS = ("segment", "source", "product_id", "type", "band")
_KNOWN = 0.95  # of won and of lost deals must have an amount, else "no amount" would give the outcome away
_OUTCOMES = ("won", "lost")


def mixed(data: SalesData, period: Period) -> Rows:
    """Deals of :func:`closed` with the size ``band`` of their amount; 0 for all when amounts tell won from lost.

    A band is a factor of e wide, counted from the typical amount, so that it is the same in any currency.
    """
    rows = closed(data, period)
    counts = tally(rows, ["won"], known=col("amount") > 0, logs=col("amount").log())
    if len(counts) < len(_OUTCOMES) or (counts["known"] < _KNOWN * counts["n"]).any():
        return rows.with_columns(band=lit(0.0))
    typical = float(counts["logs"].sum() / counts["known"].sum())
    band = (col("amount").log() - typical).floor()
    return rows.with_columns(band=when(col("amount") > 0).then(band).otherwise(lit(0.0)))


def _codes(codes: npt.NDArray[np.int64], values: pd.Index) -> npt.NDArray[np.intp]:
    """*codes* of the values that occur, a missing one last."""
    return np.unique(np.where(codes < 0, len(values), codes), return_inverse=True)[1]


def _win_rate_adj(ask: Question) -> Told:
    """(won / expected on the own mix) x rate of all, expected from the others' deals (ridge logistic model)."""
    peers = Question.about(ask.data, ask.period, ask.by)
    # Whoever is asked about alone is still compared with the others.
    everyone = Question.about(ask.data, ask.period, ask.by, list(dict.fromkeys([*peers.groups, *ask.groups])))
    counts = everyone.cells(ask.once(mixed), *FACTORS, won=col("won"))
    factors = np.column_stack([_codes(*one) for one in zip(counts.codes[1:], counts.values[1:], strict=True)])
    found = expected_without(factors, counts["won"], counts.codes[0], len(everyone.groups), trials=counts["n"])
    rate = float(counts["won"].sum() / counts["n"].sum()) if len(counts) else np.nan
    columns = {name: getattr(found, name) for name in ("expected", "variance", "alone")}
    table = Told.of(everyone.groups, won=found.observed, n=found.trials, **columns).reindex(ask.groups)
    z = float(special.ndtri(0.5 + LEVEL / 2))
    middle = np.log((table["won"] + 0.5) / (table["expected"] + 0.5))
    half = z * np.sqrt(table["variance"]) / (table["expected"] + 0.5)
    value = np.minimum(table["won"] / some(table["expected"]) * rate, 1.0)
    return answers(
        value=value, n=table["n"], numerator=table["won"], denominator=table["expected"],
        low=np.minimum(np.exp(middle - half) * rate, value),
        high=np.maximum(np.minimum(np.exp(middle + half) * rate, 1.0), value),
        warnings=warned(ask.groups, mix_of_its_own=table["alone"] > 0), index=ask.groups,
    )  # fmt: skip


WIN_RATE_ADJ = Metric(
    metric_id="win_rate_adj",
    version=1,
    unit="share",
    better="up",
    population="deals won or lost",
    time="closed in the period; owner at close",
    value="1 if won, over the chance that the others' deals give on segment, source, product, type and size band",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5: below_min_n",
    source="own; ridge logistic model without the rep's own deals",
    min_n=5,
    calculate=_win_rate_adj,
    observe=mixed,
    roles=CLOSERS,
    scopes=("rep", "team"),
    pooled=True,
)
METRICS = (WIN_RATE_ADJ,)
