"""How deals went through the stages: for each stage a deal reached, when it came, when and how it left.

High-water mark: a deal leaves a stage when it first comes further than ever before, or when it closes. A stage
that was skipped was passed in 0 days; going back and forth is no second exit (it is counted by ``regressions``).
Owners are those at the event: at the entry that made the step, at the closing for a loss.
"""

from __future__ import annotations

import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import deals_of, visits_of, within
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.tally import Rows, below
from salescoach.tables.data import SalesData

_MIX = ("segment", "source", "product_id", "type")


def open_stages(data: SalesData) -> pd.DataFrame:
    """Open stages in order: ``pipeline``, ``stage``, ``order``."""
    return data.once("open stages", lambda: data.stages[data.stages["kind"] == "open"].reset_index(drop=True))


def stage_names(data: SalesData) -> list[str]:
    """Names of the open stages, each once, in the order in which pages show them."""
    return list(dict.fromkeys(open_stages(data)["stage"]))


def steps(data: SalesData, period: Period) -> Rows:
    """Every stage reached by every deal; *period* does not matter.

    Columns: ``deal_id``, ``stage``, ``owner_id`` (at entry), ``leaver_id`` (at exit), ``entered``, ``left`` (day
    numbers, missing while still there), ``advanced``, ``failed``, the mix columns, and ``exit``, ``mine``,
    ``other``, ``possible`` for the share that got further by an age.
    """
    deals = deals_of(data).select("deal_id", "status", "closed", "born_closed", *_MIX, closer_id=col("owner_id"))
    deals = deals.filter(col("status") != "cancelled", ~col("born_closed")).drop("born_closed")
    records = _records(data)
    parts = [
        _step(records, row["pipeline"], row["stage"], float(row["order"]))
        for row in open_stages(data).to_dict("records")
    ]
    every = below(*parts).join(deals, on="deal_id", how="inner")
    last, today = col("left").is_null(), float(day_number(data.as_of))
    left = when(last).then(col("closed")).otherwise(col("left"))
    leaver = when(last).then(col("closer_id")).otherwise(col("leaver_id"))
    # A history without the closing stage: what was won left its last stage for the customer all the same.
    rows = every.with_columns(
        left=left,
        leaver_id=leaver,
        advanced=~last | (col("status") == "won"),
        failed=last & (col("status") == "lost"),
    )
    until = when(col("left").is_null()).then(lit(today)).otherwise(col("left"))
    return rows.with_columns(
        exit=until - col("entered"),
        mine=col("advanced"),
        other=col("failed"),
        possible=lit(today) - col("entered"),
    )


def _records(data: SalesData) -> Rows:
    """Visits that brought a deal further than ever before, with ``before`` (how far it had been) and what came next."""
    visits = visits_of(data).select(
        "deal_id", "owner_id", "pipeline", "stage", "kind", "order", "entered", "entered_at"
    )
    visits = visits.filter(col("kind").is_in(["open", "won"]), ~col("order").is_null())
    time = ["entered_at", "order"]
    highest = visits.with_columns(highest=col("order").highest_so_far("deal_id", time))
    before = col("highest").neighbour(1, "deal_id", time)
    ahead = highest.with_columns(before=before).filter(col("before").is_null() | (col("order") > col("before")))
    return ahead.with_columns(
        before=when(col("before").is_null()).then(lit(0.0)).otherwise(col("before")),
        next_day=col("entered").neighbour(-1, "deal_id", time),
        next_owner=col("owner_id").neighbour(-1, "deal_id", time),
    )


def _step(records: Rows, pipeline: str, stage: str, order: float) -> Rows:
    """The records by which deals reached one stage, or passed it by."""
    here = records.filter(col("pipeline") == pipeline, col("before") < order, col("order") >= order)
    passed = col("order") > order
    return here.select(
        "deal_id", "owner_id", "entered",
        stage=lit(stage), part=lit(stage),
        left=when(passed).then(col("entered")).otherwise(col("next_day")),
        leaver_id=when(passed).then(col("owner_id")).otherwise(col("next_owner")),
    )  # fmt: skip


def exits_of(every: Rows, period: Period) -> Rows:
    """Of *every* step those whose stage was left in *period*; ``owner_id`` is the owner at the exit."""
    left = every.filter(within("left", period), col("advanced") | col("failed"))
    return left.with_columns(owner_id=col("leaver_id"), event=col("advanced"))


def entries_of(every: Rows, period: Period) -> Rows:
    """Of *every* step those whose stage was entered in *period*."""
    return every.filter(within("entered", period))


def exits(data: SalesData, period: Period) -> Rows:
    """:func:`exits_of` all steps."""
    return exits_of(steps(data, period), period)


def entries(data: SalesData, period: Period) -> Rows:
    """:func:`entries_of` all steps."""
    return entries_of(steps(data, period), period)


def moves(data: SalesData, period: Period) -> Rows:
    """Visits of open stages that were under way in *period*; ``back`` marks those left for an earlier open stage."""
    stop = min(period.after, day_number(data.as_of) + 1)
    kept = deals_of(data).select("deal_id", "status").filter(col("status") != "cancelled").drop("status")
    visits = visits_of(data).filter(
        col("kind") == "open", col("entered") < stop, col("left").is_null() | (col("left") >= period.first)
    )
    back = (col("next_order") < col("order")) & (col("left") < stop)
    return visits.join(kept, on="deal_id", how="inner").with_columns(back=back)
