"""How many of the decided deals were won."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd

from salescoach.metrics.cases import closed
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers
from salescoach.metrics.question import Question
from salescoach.metrics.tally import tally
from salescoach.statistics import wilson


def won_and_closed(deals: pd.DataFrame, by: str = "owner_id") -> pd.DataFrame:
    """Counts ``won`` and ``closed`` per value of *by*, of deals that are all won or lost.

    >>> won_and_closed(pd.DataFrame({"owner_id": ["a", "a", "b"], "status": ["won", "lost", "won"]}))
              won  closed
    owner_id
    a           1       2
    b           1       1
    """
    counted = tally(deals, [by], won=nw.col("status") == "won")
    return counted.rename(columns={"n": "closed"})[["won", "closed"]].astype(int)


def share(part: pd.Series, whole: pd.Series) -> pd.DataFrame:
    """Answers for a share of counted things, with Wilson's interval."""
    low, high = wilson(part, whole, LEVEL)
    return answers(
        value=part / whole.where(whole > 0), n=whole, numerator=part, denominator=whole, low=low, high=high,
        index=part.index,
    )  # fmt: skip


def _win_rate(ask: Question) -> pd.DataFrame:
    """won / (won + lost), Wilson (1927)."""
    counts = ask.tally(ask.once(closed), won=nw.col("won"))
    return share(counts["won"], counts["n"])


WIN_RATE = Metric(
    metric_id="win_rate_count",
    version=1,
    unit="share",
    family="share",
    better="up",
    population="deals won or lost",
    time="closed in the period; owner at close",
    value="1 if won",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="nothing closed: no_exposure; fewer than 5: below_min_n",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_win_rate,
    observe=closed,
    roles=CLOSERS,
)
