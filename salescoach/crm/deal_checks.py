"""Rules about deals: their dates, states, amounts and histories (D3, D6, D11, D12, D16, D17, D22-D25, D36, D38)."""

from __future__ import annotations

from datetime import date

from salescoach.crm.export import Export
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows

_CLOSED = "status IN ('won', 'lost', 'cancelled')"


def deals(export: Export, as_of: date, quality: Quality) -> None:
    """Each deal by itself, then deals that may be one and the same."""
    rows = export.tables["opportunity"]
    today = f"DATE '{as_of}'"
    created, closed = "local_day(created_at)", "local_day(closed_at)"

    def mark(rule: str, where: str, column: str) -> None:
        rows.mark(rule, quality.level(rule), where, column)

    mark("D3", f"{_CLOSED} AND closed_at IS NULL", "closed_at")
    mark("D11", f"{_CLOSED} AND {closed} < {created}", "closed_at")
    mark("D12", f"{_CLOSED} AND {closed} > {today}", "closed_at")
    # Where no stage means "won", a won deal stays in the stage in which it was won: that contradicts nothing.
    has_won = "pipeline IN (SELECT pipeline FROM stage WHERE _fate = 0 AND kind = 'won')"
    mark("D22", f"{_kind('won')} <> (status = 'won') AND {has_won}", "stage")
    mark("D16", f"status = 'open' AND expected_close < {today}", "expected_close")
    mark("D17", f"status = 'open' AND amount IS NULL AND {_in_stages('qualified')}", "amount")
    mark("D25", f"expected_close < {created}", "expected_close")
    mark("D6", _probable_duplicates(rows, int(quality.thresholds["twin_days"])), "deal_id")
    mark("D36", f"status IN ('won', 'lost') AND {closed} = {created}", "closed_at")


def _in_stages(condition: str) -> str:
    return f"(pipeline, stage) IN (SELECT (pipeline, stage) FROM stage WHERE _fate = 0 AND {condition})"


def _kind(kind: str) -> str:
    """Condition: the deal's stage is of that kind."""
    return _in_stages(f"kind = '{kind}'")


def _probable_duplicates(rows: Rows, days: int) -> str:
    """Same account, amount and owner, created so few days apart: both deals."""
    order = "PARTITION BY account_id, owner_id, amount ORDER BY created_at, rowid"
    near = f"<= INTERVAL {days} DAY"
    return (
        f"rowid IN (SELECT place FROM (SELECT rowid AS place FROM {rows.name} WHERE _fate = 0 "
        f"AND account_id IS NOT NULL AND owner_id IS NOT NULL AND amount IS NOT NULL AND created_at IS NOT NULL "
        "QUALIFY "
        f"coalesce(created_at - lag(created_at) OVER ({order}) {near}, false) OR "
        f"coalesce(lead(created_at) OVER ({order}) - created_at {near}, false)))"
    )


def history(export: Export, quality: Quality) -> None:
    """D23: the stages of a deal follow one another. D24: they end where the deal is. Read by the order of entering."""
    rows = export.tables.get("stage_history")
    if rows is None:
        return
    order = "PARTITION BY deal_id ORDER BY entered_at, rowid"
    following = f"lead(entered_at) OVER ({order})"
    broken = (
        f"rowid IN (SELECT place FROM (SELECT rowid AS place FROM {rows.name} WHERE _fate = 0 "
        f"QUALIFY left_at IS NOT NULL AND (left_at < entered_at OR coalesce(left_at <> {following}, false))))"
    )
    rows.mark("D23", quality.level("D23"), broken, "left_at")
    elsewhere = (
        f"rowid IN (SELECT place FROM (SELECT rowid AS place, deal_id, stage_to FROM {rows.name} WHERE _fate = 0 "
        f"QUALIFY {following} IS NULL) h JOIN opportunity o ON o.deal_id = h.deal_id AND o._fate = 0 "
        "WHERE o.stage <> h.stage_to)"
    )
    rows.mark("D24", quality.level("D24"), elsewhere, "stage_to")


def stale(export: Export, as_of: date, quality: Quality) -> None:
    """D38: an open deal without any sign of life for long: no human activity, no stage entered, not created."""
    rows, level = export.tables["opportunity"], quality.level("D38")
    signs = ["SELECT deal_id, last_activity_at AS seen FROM opportunity", "SELECT deal_id, created_at FROM opportunity"]
    if "activity" in export.tables:
        signs.append(
            "SELECT deal_id, occurred_at FROM activity WHERE _fate = 0 AND NOT is_system AND deal_id IS NOT NULL"
        )
    if "stage_history" in export.tables:
        signs.append("SELECT deal_id, entered_at FROM stage_history WHERE _fate = 0")
    if level and rows.has("last_activity_at") | ("activity" in export.tables):
        days = int(quality.thresholds["stale_days"])
        quiet = (
            f"status = 'open' AND deal_id IN (SELECT deal_id FROM ({' UNION ALL '.join(signs)}) s(deal_id, seen) "
            f"WHERE deal_id IN (SELECT deal_id FROM opportunity WHERE _fate = 0 AND status = 'open') "
            f"GROUP BY deal_id HAVING DATE '{as_of}' - local_day(max(seen)) > {days})"
        )
        rows.mark("D38", level, quiet, "last_activity_at", str(days))
