"""Tables of a few rows, for metrics that are worked out by hand; the quarter is April to June 2025."""

from __future__ import annotations

import pandas as pd

from salescoach.calendar import Calendar
from salescoach.metrics import METRICS
from salescoach.tables.data import SalesData

Q2 = Calendar().period("2025Q2")
STAGE = pd.DataFrame(
    {
        "pipeline": "all", "stage": ["Demo", "Proposal", "Won", "Lost"], "order": [1, 2, 3, 4],
        "kind": ["open", "open", "won", "lost"], "qualified": [True, True, True, False],
        "default_prob": [0.5, 0.8, 1.0, 0.0],
    }
)  # fmt: skip


def value(data: SalesData, metric_id: str, part: str = "", *, by: str = "rep", rep: str = "", period=Q2) -> pd.Series:
    """The answer of the first rep, or of *rep*, or of the organisation."""
    rows = METRICS[metric_id].rows(data, period, [rep] if rep else None, by=by)
    return rows[rows["part"] == part].iloc[0]


def deal(status: str, day: str | None = None, begun: str = "2025-04-01", **more: object) -> dict[str, object]:
    """A deal begun in the morning of a day, and decided on another."""
    return {"status": status, "closed_at": day, "created_at": begun, "engaged_at": begun, "amount": 100.0, **more}


def through(*moves: tuple[str, str, str], **columns: object) -> pd.DataFrame:
    """A stage history from (deal, stage, day)."""
    days = pd.to_datetime([f"{day} 06:00" for _, _, day in moves])
    table = {"deal_id": [m[0] for m in moves], "stage_to": [m[1] for m in moves], "entered_at": days}
    return pd.DataFrame(table | columns)


def after(start: str, days: float) -> str:
    """The day that many days after *start*."""
    return f"{pd.Timestamp(start) + pd.Timedelta(days=days):%Y-%m-%d}"


def costs(day: str, amount: float, scope: str = "rep", whom: str = "elif") -> pd.DataFrame:
    """A cost of the month that begins on *day*."""
    start = pd.Timestamp(day)
    return pd.DataFrame(
        {
            "scope": [scope], "scope_id": [whom], "period_start": [start], "kind": ["salary"], "amount": [amount],
            "period_end": [start + pd.offsets.MonthBegin(1)], "currency": ["TRY"],
        }
    )  # fmt: skip


def quotas(reps: str, amount: float, **more: object) -> pd.DataFrame:
    """The same quota for each of *reps*, for the quarter."""
    return pd.DataFrame(
        {
            "rep_or_team": list(reps.split()), "metric_id": "bookings", "period_start": pd.Timestamp("2025-04-01"),
            "period_end": pd.Timestamp("2025-07-01"), "value": amount, "currency": "TRY",
            "recorded_at": pd.Timestamp("2025-03-20"), **more,
        }
    )  # fmt: skip


def activities(*rows: dict[str, object]) -> pd.DataFrame:
    """Human activities of 6 May 2025, unless a row says otherwise."""
    usual = {"owner_id": "elif", "is_system": False, "occurred_at": pd.Timestamp("2025-05-06 08:00"), "type": "call"}
    return pd.DataFrame([{"activity_id": str(number), **usual, **row} for number, row in enumerate(rows)])
