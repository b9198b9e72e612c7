"""How long deals have been in a stage in all, going back and forth included."""

from __future__ import annotations

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import deals_of, remembered, visits_of
from salescoach.metrics.contract import CLOSERS, Metric
from salescoach.metrics.curves import duration_median, median_answers
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.stage_cases import stage_names
from salescoach.metrics.tally import Rows, below
from salescoach.metrics.told import Told
from salescoach.tables.data import SalesData


@remembered
def whole_stays(data: SalesData, period: Period) -> Rows:
    """Deals that were in a stage on a day of *period*, one row per deal and stage (``part``): all visits together.

    ``exit`` is the days in the stage up to the end of the last visit, or as far as seen; ``ended`` says which. A
    deal that had been there before the period enters with the days it then had (``entry``), as in
    :func:`salescoach.metrics.cases.spells_of_visits`. Whose it is: the owner at the first entry.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    ends = deals_of(data).select("deal_id", "closed", "status", "born_closed")
    visits = visits_of(data).filter(col("kind") == "open").join(ends, on="deal_id", how="inner")
    visits = visits.filter(col("status") != "cancelled", ~col("born_closed"), col("entered") < stop)
    # A history without the closing stage: the visit ended when the deal did.
    left = when(col("left").is_null()).then(col("closed")).otherwise(col("left"))
    visits = visits.with_columns(left=left)
    inside = ~col("left").is_null() & (col("left") < stop)
    until = when(inside).then(col("left")).otherwise(lit(float(stop)))
    visits = visits.with_columns(
        days=until - col("entered"),
        before=_up_to(until, period.first) - _up_to(col("entered"), period.first),
        running=~inside,
        seen=until >= period.first,
    )
    parts = [_in_one(visits.filter(col("stage") == stage), stage) for stage in stage_names(data)]
    return below(*parts)


def _up_to(day: Expr, limit: int) -> Expr:
    return when(day < limit).then(day).otherwise(lit(float(limit)))


def _in_one(visits: Rows, stage: str) -> Rows:
    """The visits of one stage added up by deal, as far as one of them reached into the period."""
    whole = visits.summed(
        "deal_id", exit=col("days").sum(), before=col("before").sum(), running=col("running").number().max(),
        seen=col("seen").number().max(),
    )  # fmt: skip
    first = visits.filter(col("is_first")).select("deal_id", "owner_id")
    rows = whole.filter(col("seen") > 0).join(first, on="deal_id", how="inner")
    # Watched from the morning of that day.
    return rows.select(
        "deal_id", "owner_id", "exit", part=lit(stage), entry=col("before") - 0.5, ended=col("running") == 0
    )


def _time_in_all(ask: Question) -> Told:
    """Kaplan-Meier median of the days of all visits together, deals still there right-censored, with late entry."""
    found = duration_median(ask, ask.once(whole_stays), "part", stage_names(ask.data))
    return median_answers(found, TIME_IN_STAGE_TOTAL.min_n)


TIME_IN_STAGE_TOTAL = Metric(
    metric_id="time_in_stage_total",
    version=1,
    unit="days",
    better="down",
    population="deals in each stage, all their visits together; a deal that is there now is right-censored",
    time="days in the stage, watched during the period; owner at the first entry",
    value="days",
    exclusions="cancelled deals and those born closed",
    null_rule="median or a limit beyond the observed time: not_reached; no stage history: no_history",
    source="own; Kaplan & Meier 1958; dbt_hubspot (fields)",
    min_n=5,
    calculate=_time_in_all,
    observe=whole_stays,
    tables=("stage_history",),
    roles=CLOSERS,
)
METRICS = (TIME_IN_STAGE_TOTAL,)
