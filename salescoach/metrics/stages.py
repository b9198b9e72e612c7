"""How deals get from stage to stage: how many get further, how long they stay, whether a queue builds up."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from salescoach.metrics.cases import spells_of_visits
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers
from salescoach.metrics.curves import duration_median, everyone_by, median_answers, shares_by_age
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.stage_cases import (
    entries,
    entries_of,
    exits,
    exits_of,
    moves,
    stage_names,
    steps,
)
from salescoach.metrics.tally import Rows
from salescoach.metrics.told import Told, some
from salescoach.statistics import poisson_rate, zero_count_limit

_COHORT_AGE = 90


def _per_stage(ask: Question, rows: Rows, **sums: Any) -> Told:
    """*rows* counted by group and stage, with a row for every group and every open stage."""
    return ask.by_part(ask.cells(rows, "part", **sums), stage_names(ask.data))


def _conversion(ask: Question) -> Told:
    """advances / (advances + losses) among exits of each stage, Wilson (1927)."""
    left = exits_of(ask.once(steps), ask.period)
    counts = _per_stage(ask, left, advanced=col("advanced"))
    return share(counts.index, counts["advanced"], counts["n"])


def _cohort_conversion(ask: Question) -> Told:
    """Cumulative incidence of getting further by 90 days after the entry, lost competing (Aalen & Johansen 1978)."""
    came = entries_of(ask.once(steps), ask.period)
    names = stage_names(ask.data)
    return shares_by_age(ask, came, (_COHORT_AGE,), "part", names).set_axis(everyone_by(ask, names))


def _throughput(ask: Question) -> Told:
    """exits / entries of each stage; limits on the log scale from both counts."""
    every = ask.once(steps)
    counts = _per_stage(ask, entries_of(every, ask.period))
    came, left = counts["n"], _per_stage(ask, exits_of(every, ask.period))["n"]
    ratio = left / some(came)
    spread = np.sqrt(1 / some(left) + 1 / some(came))
    factor = np.exp(float(special.ndtri(0.5 + LEVEL / 2)) * spread)
    none = left == 0
    return answers(
        value=ratio, n=came, numerator=left, denominator=came, low=np.where(none, 0.0, ratio / factor),
        high=np.where(none, zero_count_limit(LEVEL) / some(came), ratio * factor), index=counts.index,
    )  # fmt: skip


def _time_in_stage(ask: Question) -> Told:
    """Kaplan-Meier median days of first visits, those under way right-censored, with late entry."""
    found = duration_median(ask, ask.once(spells_of_visits), "part", stage_names(ask.data))
    return median_answers(found, TIME_IN_STAGE.min_n)


def _regressions(ask: Question) -> Told:
    """backward moves / deals under way; exact Poisson limits (Garwood 1936)."""
    rows = ask.once(moves)
    back = ask.tally(rows, back=col("back"))["back"]
    deals = ask.tally(rows.unique(["deal_id", "owner_id"]).select("deal_id", "owner_id"))["n"]
    rate, low, high = poisson_rate(back, deals, LEVEL)
    return answers(value=rate, n=deals, numerator=back, denominator=deals, low=low, high=high, index=ask.groups)


STAGE_CONV_FLOW = Metric(
    metric_id="stage_conv_flow",
    version=1,
    unit="share",
    family="share",
    better="up",
    population="deals that left a stage for a later one, for the customer, or by being lost; high-water mark",
    time="left in the period; owner at the exit",
    value="1 if it got further",
    exclusions="cancelled deals, those born closed; deals still in the stage",
    null_rule="fewer than 5 exits: below_min_n; no stage history: no_history",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_conversion,
    observe=exits,
    tables=("stage_history",),
    roles=CLOSERS,
)
STAGE_CONV_COHORT = Metric(
    metric_id="stage_conv_cohort",
    version=1,
    unit="share",
    better="up",
    population="deals that entered a stage; lost is a competing event, still there is right-censored",
    time="entered in the period; owner at entry; by 90 days",
    value="1 if it got further by that age",
    exclusions="cancelled deals and those born closed",
    null_rule="under 80 % of the deals entered 90 days ago: immature_cohort; no stage history: no_history",
    source="own; Aalen & Johansen 1978; powerbi-docs 1660",
    min_n=5,
    calculate=_cohort_conversion,
    observe=entries,
    tables=("stage_history",),
    roles=CLOSERS,
)
THROUGHPUT = Metric(
    metric_id="throughput",
    version=1,
    unit="ratio",
    better="target",
    population="deals that entered and deals that left a stage",
    time="entered, and left, in the period",
    value="1 per entry or exit",
    exclusions="cancelled deals and those born closed",
    null_rule="no entry: no_exposure; no stage history: no_history",
    min_n=1,
    calculate=_throughput,
    observe=entries,
    tables=("stage_history",),
    roles=CLOSERS,
    pooled=True,
)
TIME_IN_STAGE = Metric(
    metric_id="time_in_stage",
    version=1,
    unit="days",
    better="down",
    population="first visits of each stage; one under way is right-censored",
    time="days since the entry, watched during the period; owner at entry",
    value="days",
    exclusions="cancelled deals and those born closed",
    null_rule="median or a limit beyond the observed time: not_reached; no stage history: no_history",
    source="own; Kaplan & Meier 1958; dbt_hubspot (fields)",
    min_n=5,
    calculate=_time_in_stage,
    observe=spells_of_visits,
    tables=("stage_history",),
    roles=CLOSERS,
)
REGRESSIONS = Metric(
    metric_id="regressions",
    version=1,
    unit="rate",
    family="rate",
    better="down",
    population="moves back to an earlier open stage, over the deals under way",
    time="moved in the period; owner at entry of the stage that was left",
    value="1 per move",
    exclusions="cancelled deals",
    null_rule="no deal under way: no_exposure; no stage history: no_history",
    source="own; interval: Garwood 1936",
    min_n=1,
    calculate=_regressions,
    observe=moves,
    tables=("stage_history",),
    roles=CLOSERS,
)
METRICS = (STAGE_CONV_FLOW, STAGE_CONV_COHORT, THROUGHPUT, TIME_IN_STAGE, REGRESSIONS)
