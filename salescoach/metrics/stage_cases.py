"""How deals went through the stages: for each stage a deal reached, when it came, when and how it left.

High-water mark: a deal leaves a stage when it first comes further than ever before, or when it closes. A stage
that was skipped was passed in 0 days; going back and forth is no second exit (it is counted by ``regressions``).
Owners are those at the event: at the entry that made the step, at the closing for a loss.
"""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import rows_of, within
from salescoach.metrics.tally import Rows
from salescoach.tables.data import SalesData

_MIX = ("segment", "source", "product_id", "type")


def open_stages(data: SalesData) -> pd.DataFrame:
    """Open stages in order: ``pipeline``, ``stage``, ``order``."""
    return data.stages[data.stages["kind"] == "open"].reset_index(drop=True)


def stage_names(data: SalesData) -> list[str]:
    """Names of the open stages, each once, in the order in which pages show them."""
    return list(dict.fromkeys(open_stages(data)["stage"]))


def steps(data: SalesData, period: Period) -> Rows:
    """Every stage reached by every deal; *period* does not matter.

    Columns: ``deal_id``, ``stage``, ``owner_id`` (at entry), ``leaver_id`` (at exit), ``entered``, ``left`` (day
    numbers, missing while still there), ``advanced``, ``failed``, the mix columns, and ``exit``, ``mine``,
    ``other``, ``possible`` for the share that got further by an age.
    """
    deals = rows_of(data.deals).select(
        "deal_id", "status", "closed", "born_closed", *_MIX, closer_id=nw.col("owner_id")
    )
    deals = deals.filter(nw.col("status") != "cancelled", ~nw.col("born_closed")).drop("born_closed")
    records = _records(data)
    parts = [
        _step(records, row["pipeline"], row["stage"], float(row["order"]))
        for row in open_stages(data).to_dict("records")
    ]
    every = nw.concat(parts, how="vertical").join(deals, on="deal_id", how="inner")
    last, today = nw.col("left").is_null(), float(day_number(data.as_of))
    left = nw.when(last).then(nw.col("closed")).otherwise(nw.col("left"))
    leaver = nw.when(last).then(nw.col("closer_id")).otherwise(nw.col("leaver_id"))
    # A history without the closing stage: what was won left its last stage for the customer all the same.
    rows = every.with_columns(
        left=left,
        leaver_id=leaver,
        advanced=~last | (nw.col("status") == "won"),
        failed=last & (nw.col("status") == "lost"),
    )
    until = nw.when(nw.col("left").is_null()).then(nw.lit(today)).otherwise(nw.col("left"))
    return rows.with_columns(
        exit=until - nw.col("entered"),
        mine=nw.col("advanced"),
        other=nw.col("failed"),
        possible=nw.lit(today) - nw.col("entered"),
    )


def _records(data: SalesData) -> Rows:
    """Visits that brought a deal further than ever before, with ``before`` (how far it had been) and what came next."""
    visits = rows_of(data.visits).select(
        "deal_id", "owner_id", "pipeline", "stage", "kind", "order", "entered", "entered_at"
    )
    visits = visits.filter(nw.col("kind").is_in(["open", "won"]), ~nw.col("order").is_null())
    time = ["entered_at", "order"]
    highest = visits.with_columns(highest=nw.col("order").cum_max().over("deal_id", order_by=time))
    before = nw.col("highest").shift(1).over("deal_id", order_by=time)
    ahead = highest.with_columns(before=before).filter(
        nw.col("before").is_null() | (nw.col("order") > nw.col("before"))
    )
    return ahead.with_columns(
        before=nw.when(nw.col("before").is_null()).then(nw.lit(0.0)).otherwise(nw.col("before")),
        next_day=nw.col("entered").shift(-1).over("deal_id", order_by=time),
        next_owner=nw.col("owner_id").shift(-1).over("deal_id", order_by=time),
    )


def _step(records: Rows, pipeline: str, stage: str, order: float) -> Rows:
    """The records by which deals reached one stage, or passed it by."""
    here = records.filter(nw.col("pipeline") == pipeline, nw.col("before") < order, nw.col("order") >= order)
    passed = nw.col("order") > order
    return here.select(
        "deal_id", "owner_id", "entered",
        stage=nw.lit(stage), part=nw.lit(stage),
        left=nw.when(passed).then(nw.col("entered")).otherwise(nw.col("next_day")),
        leaver_id=nw.when(passed).then(nw.col("owner_id")).otherwise(nw.col("next_owner")),
    )  # fmt: skip


def exits_of(every: Rows, period: Period) -> Rows:
    """Of *every* step those whose stage was left in *period*; ``owner_id`` is the owner at the exit."""
    left = every.filter(within("left", period), nw.col("advanced") | nw.col("failed"))
    return left.with_columns(owner_id=nw.col("leaver_id"), event=nw.col("advanced"))


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
    kept = rows_of(data.deals).select("deal_id", "status").filter(nw.col("status") != "cancelled").drop("status")
    visits = rows_of(data.visits).filter(
        nw.col("kind") == "open", nw.col("entered") < stop, nw.col("left").is_null() | (nw.col("left") >= period.first)
    )
    back = (nw.col("next_order") < nw.col("order")) & (nw.col("left") < stop)
    return visits.join(kept, on="deal_id", how="inner").with_columns(back=back)
