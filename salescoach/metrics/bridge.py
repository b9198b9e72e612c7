"""How the open pipeline of the day before the period became that of its end: the waterfall as answers."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, rows_of
from salescoach.metrics.told import Told
from salescoach.tables.data import SalesData
from salescoach.tables.waterfall import COLUMNS, LINES, hundredths, waterfall

_CENTS = 100
_NO_MOVES = pd.DataFrame({"deal_id": "", "owner_id": "", "part": "", "amount": 0.0}, index=pd.Index([]))


def bridge(data: SalesData, period: Period) -> pd.DataFrame:
    """Lines per rep and day-to-day moves of *period* up to ``as_of``: ``deal_id``, ``owner_id``, ``part``, ``amount``.

    The parts ``start`` and ``end`` are the open deals of both days. Empty when the states of both days are not known.
    """
    first, last = period.start - timedelta(days=1), min(period.last_day, data.as_of)
    if not data.state_known_on(first):  # then that of no earlier day is, either; a later one is known, too
        return _NO_MOVES
    before, after = data.at(first), data.at(last)
    found = waterfall(before, after)
    moves = found.moves.rename(columns={"rep_id": "owner_id", "line": "part"})
    every = pd.concat([moves, _standing(before, "start"), _standing(after, "end")], ignore_index=True)
    return every.assign(amount=every["amount"] / _CENTS)[["deal_id", "owner_id", "part", "amount"]]


def _standing(data: SalesData, part: str) -> pd.DataFrame:
    """Open deals with an amount, as rows of *part*; ``amount`` in hundredths."""
    deals = data.open()
    deals = deals[deals["amount"].notna()]
    return deals[["deal_id", "owner_id"]].assign(part=part, amount=hundredths(deals["amount"]))


def bridge_moves(data: SalesData, period: Period) -> Rows:
    """Rows of :func:`bridge`."""
    return rows_of(bridge(data, period).reset_index(drop=True))


def _pipeline_bridge(ask: Question) -> Told:
    """start + new + reopened + pulled in + ... = end, to the last hundredth."""
    rows = ask.once(bridge_moves)
    sums = ask.by_part(ask.cells(rows, "part", total=col("amount")), COLUMNS)
    known = ask.everybody.tally(rows).first("n") > 0
    is_line = np.tile([part in LINES for part in COLUMNS], len(ask.groups))
    return answers(
        value=sums["total"], n=np.where(is_line, sums["n"], 0), numerator=sums["total"], denominator=float("nan"),
        na_reason=reasons(sums.index, no_history=not known), index=sums.index,
    )  # fmt: skip


PIPELINE_BRIDGE = Metric(
    metric_id="pipeline_bridge",
    version=1,
    unit="money",
    better="context",
    population="deals open on the day before the period, or open at its end or as_of, or decided in between",
    time="state on the day before the period, and on its last day or as_of",
    value="amount in whole hundredths of the base currency",
    exclusions="deleted and merged deals; amounts without a rate",
    null_rule="the state of one of the two days is not known: no_history",
    source="own; displays: Clari, Gong",
    min_n=0,
    calculate=_pipeline_bridge,
    observe=bridge_moves,
    estimate=False,
    fields=("amount",),
    roles=CLOSERS,
)
METRICS = (PIPELINE_BRIDGE,)
