"""How deals get from stage to stage: how many get further, how long they stay, whether a queue builds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
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
from salescoach.statistics import poisson_rate, zero_count_limit

_COHORT_AGE = 90


def _per_stage(ask: Question, counted: pd.DataFrame) -> pd.DataFrame:
    """*counted* by group and stage with a row for every group and every open stage."""
    return counted.reindex(everyone_by(ask, stage_names(ask.data)), fill_value=0)


def _conversion(ask: Question) -> pd.DataFrame:
    """advances / (advances + losses) among exits of each stage, Wilson (1927)."""
    left = exits_of(ask.once(steps), ask.period)
    counts = _per_stage(ask, ask.tally(left, "part", advanced=col("advanced")))
    return share(counts["advanced"], counts["n"])


def _cohort_conversion(ask: Question) -> pd.DataFrame:
    """Cumulative incidence of getting further by 90 days after the entry, lost competing (Aalen & Johansen 1978)."""
    came = entries_of(ask.once(steps), ask.period)
    found = shares_by_age(ask, came, (_COHORT_AGE,), "part", stage_names(ask.data))
    stages = [part.removesuffix(f": {_COHORT_AGE}") for part in found.index.get_level_values(1)]
    return found.set_axis(pd.MultiIndex.from_arrays([found.index.get_level_values(0), stages]))


def _throughput(ask: Question) -> pd.DataFrame:
    """exits / entries of each stage; limits on the log scale from both counts."""
    every = ask.once(steps)
    came = _per_stage(ask, ask.tally(entries_of(every, ask.period), "part"))["n"]
    left = _per_stage(ask, ask.tally(exits_of(every, ask.period), "part"))["n"]
    ratio = left / came.where(came > 0)
    spread = np.sqrt(1 / left.where(left > 0) + 1 / came.where(came > 0))
    factor = np.exp(float(special.ndtri(0.5 + LEVEL / 2)) * spread)
    none = left == 0
    return answers(
        value=ratio, n=came, numerator=left, denominator=came, low=(ratio / factor).mask(none, 0.0),
        high=(ratio * factor).mask(none, zero_count_limit(LEVEL) / came.where(came > 0)), index=came.index,
    )  # fmt: skip


def _time_in_stage(ask: Question) -> pd.DataFrame:
    """Kaplan-Meier median days of first visits, those under way right-censored, with late entry."""
    found = duration_median(ask, ask.once(spells_of_visits), "part", stage_names(ask.data))
    return median_answers(found, TIME_IN_STAGE.min_n)


def _regressions(ask: Question) -> pd.DataFrame:
    """backward moves / deals under way; exact Poisson limits (Garwood 1936)."""
    rows = ask.once(moves)
    back = ask.tally(rows, back=col("back"))["back"]
    deals = ask.tally(rows.unique(["deal_id", "owner_id"]).select("deal_id", "owner_id"))["n"]
    rate, low, high = poisson_rate(back, deals, LEVEL)
    return answers(value=rate, n=deals, numerator=back, denominator=deals, low=low, high=high, index=deals.index)


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
