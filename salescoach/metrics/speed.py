"""How long deals take, those still running included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from salescoach.calendar import Period
from salescoach.metrics.cases import watched
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, in_memory
from salescoach.statistics import kaplan_meier
from salescoach.tables.data import SalesData


def ages_in(data: SalesData, period: Period) -> pd.DataFrame:
    """Each deal's age while it was watched in *period*: ``entry``, ``exit`` (days), ``ended``."""
    seen = watched(data, period).select("deal_id", "owner_id", "segment", "entry", "exit", "ended")
    return in_memory(seen)


def medians(ask: Question, rows: Rows, *parts: str) -> pd.DataFrame:
    """Kaplan-Meier median and its limits per group from a histogram of ``entry``, ``exit``, ``ended``.

    Returns
    -------
    DataFrame indexed by group (and *parts*): ``median``, ``low``, ``high`` (days), ``events``, ``n``
    """
    ages = ask.tally(rows, *parts, "entry", "exit", "ended").reset_index()
    keys = [str(ask.groups.name), *parts]
    found: dict[Any, tuple[float, float, float, int, int]] = {}
    for key, seen in ages.groupby(keys if parts else keys[0]):
        times = seen["n"].to_numpy()
        each = {name: np.repeat(seen[name].to_numpy(), times) for name in ("entry", "exit", "ended")}
        median, low, high = kaplan_meier(each["exit"], each["ended"], each["entry"], level=LEVEL).median()
        found[key] = (median, low, high, int(each["ended"].sum()), int(times.sum()))
    columns = ["median", "low", "high", "events", "n"]
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    if parts:
        table.index = pd.MultiIndex.from_tuples(list(found), names=keys)
        return table
    return table.reindex(ask.groups).fillna({"events": 0, "n": 0}).astype({"events": int, "n": int})


def _time_to_resolution(ask: Question) -> pd.DataFrame:
    """Kaplan-Meier median, event = won or lost, open = right-censored, late entry at the period's first day."""
    found = medians(ask, ask.once(watched))
    reached = found[["median", "low", "high"]].notna().all(axis=1)
    enough = found["events"] >= CYCLE_RESOLUTION.min_n
    return answers(
        value=found["median"], n=found["events"], numerator=found["events"], denominator=found["n"],
        low=found["low"], high=found["high"], na_reason=reasons(found.index, not_reached=enough & ~reached),
        index=found.index,
    )  # fmt: skip


CYCLE_RESOLUTION = Metric(
    metric_id="cycle_resolution",
    version=1,
    unit="days",
    family="days",
    better="down",
    population="deals open for at least a day of the period; won or lost ends one, still open is right-censored",
    time="days from the first qualified stage (creation when unknown), watched during the period",
    value="days",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="median or a limit beyond the observed time: not_reached",
    source="own; Kaplan & Meier 1958, limits: Brookmeyer & Crowley 1982",
    min_n=5,
    calculate=_time_to_resolution,
    observe=watched,
    fields=("started",),
    roles=CLOSERS,
)
