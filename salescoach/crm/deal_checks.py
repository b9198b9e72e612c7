"""Rules about deals: their dates, states, amounts and histories (D3, D6, D11, D12, D16, D17, D22-D25, D36, D38)."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from salescoach.crm.desk import among, repeated
from salescoach.crm.export import Export
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows

CLOSED = ("won", "lost", "cancelled")


def deals(export: Export, as_of: date, quality: Quality) -> None:
    """Each deal by itself, then deals that may be one and the same."""
    rows = export.tables["opportunity"]
    day, expected, status = export.desk.local_day, pl.col("expected_close"), pl.col("status")
    created, closed, is_closed = day(pl.col("created_at")), day(pl.col("closed_at")), among(status, CLOSED)

    def mark(rule: str, where: pl.Expr, column: str) -> None:
        rows.mark(rule, quality.level(rule), where, column)

    mark("D3", is_closed & pl.col("closed_at").is_null(), "closed_at")
    mark("D11", is_closed & (closed < created), "closed_at")
    mark("D12", is_closed & (closed > as_of), "closed_at")
    # Where no stage means "won", a won deal stays in the stage in which it was won: that contradicts nothing.
    stages = export.desk.used("stage", "pipeline", "stage", "kind", "qualified")
    won = pl.col("kind") == "won"
    has_won = among(pl.col("pipeline"), stages.filter(won)["pipeline"])
    mark("D22", (_in_stages(stages, won) != (status == "won")) & has_won, "stage")
    mark("D16", (status == "open") & (expected < as_of), "expected_close")
    qualified = _in_stages(stages, pl.col("qualified"))
    mark("D17", (status == "open") & pl.col("amount").is_null() & qualified, "amount")
    mark("D25", expected < created, "expected_close")
    twins = _probable_duplicates(rows, int(quality.thresholds["twin_days"]))
    mark("D6", twins, "deal_id")
    mark("D36", among(status, ("won", "lost")) & (closed == created), "closed_at")


def _in_stages(stages: pl.DataFrame, condition: pl.Expr) -> pl.Expr:
    """Condition: the deal is in one of the stages that fulfil *condition*."""
    pairs = stages.filter(condition).select("pipeline", "stage").rows()
    mine = (pl.col("pipeline").eq_missing(pipeline) & pl.col("stage").eq_missing(stage) for pipeline, stage in pairs)
    return pl.any_horizontal(pl.lit(False), *mine)


def _probable_duplicates(rows: Rows, days: int) -> pl.Expr:
    """Same account, amount and owner, created so few days apart: both deals."""
    same, created = ["account_id", "owner_id", "amount"], pl.col("created_at")
    found = rows.frame.select(*same, "created_at", "_fate")
    digests = found.select(same).hash_rows()  # deals that are alike have the same one
    places = digests.is_in(repeated(digests).implode()).arg_true()
    found = found[places].with_columns(place=places).filter(pl.col("_fate") == 0)
    found = found.drop_nulls([*same, "created_at"]).filter(pl.len().over(same) > 1).sort(*same, "created_at", "place")
    alike = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in same)
    near = (alike & (created - created.shift(1) <= timedelta(days=days))).fill_null(False)
    return rows.at(found.filter(near | near.shift(-1, fill_value=False))["place"])


def history(export: Export, quality: Quality) -> None:
    """D23: the stages of a deal follow one another. D24: they end where the deal is. Read by the order of entering."""
    rows = export.tables.get("stage_history")
    if rows is None:
        return
    left, following = pl.col("left_at"), pl.col("following")
    broken = left.is_not_null() & ((left < pl.col("entered_at")) | (left != following).fill_null(False))
    rows.mark("D23", quality.level("D23"), rows.at(_in_order(rows).filter(broken)["place"]), "left_at")
    deals = export.desk.used("opportunity", "deal_id", "stage").drop_nulls("deal_id")
    last = _in_order(rows).filter(following.is_null()).join(deals, on="deal_id")
    elsewhere = last.filter(pl.col("stage") != pl.col("stage_to"))["place"]
    rows.mark("D24", quality.level("D24"), rows.at(elsewhere), "stage_to")


def _in_order(rows: Rows) -> pl.DataFrame:
    """The history of each deal, with the moment at which its next stage was entered."""
    steps = rows.frame.select("deal_id", "entered_at", "left_at", "stage_to", "_fate").with_row_index("place")
    steps = steps.filter(pl.col("_fate") == 0).sort("deal_id", "entered_at", "place", nulls_last=True)
    goes_on = pl.col("deal_id").eq_missing(pl.col("deal_id").shift(-1))
    return steps.with_columns(following=pl.when(goes_on).then(pl.col("entered_at").shift(-1)))


def stale(export: Export, as_of: date, quality: Quality) -> None:
    """D38: an open deal without any sign of life for long: no human activity, no stage entered, not created."""
    rows, level = export.tables["opportunity"], quality.level("D38")
    if not (level and (rows.has("last_activity_at") or "activity" in export.tables)):
        return
    signs = [rows.frame.lazy().select("deal_id", seen=pl.max_horizontal("last_activity_at", "created_at"))]
    for table, moment, human in (
        ("activity", "occurred_at", ~pl.col("is_system")),
        ("stage_history", "entered_at", pl.lit(True)),
    ):
        if table in export.tables:
            happened = export.tables[table].frame.lazy().filter((pl.col("_fate") == 0) & human)
            signs.append(happened.select("deal_id", seen=moment))
    is_open, days = pl.col("status") == "open", int(quality.thresholds["stale_days"])
    asked = rows.used("deal_id", "status").filter(is_open)["deal_id"].drop_nulls()
    asked = asked.hash()  # quicker to look up; whoever shares a digest without being asked is not open below
    seen = pl.concat(signs).filter(pl.col("deal_id").hash().is_in(asked.implode()))
    silent = (pl.lit(as_of) - export.desk.local_day(pl.max("seen"))).dt.total_days()
    quiet = seen.group_by("deal_id").agg(silent=silent).filter(pl.col("silent") > days).collect(engine="streaming")
    rows.mark("D38", level, is_open & among(pl.col("deal_id"), quiet["deal_id"]), "last_activity_at", str(days))
