"""Tiny organisations whose numbers can be checked by hand."""

from __future__ import annotations

from datetime import date

import pandas as pd

from salescoach.calendar import Calendar
from salescoach.tables.data import SalesData


def organisation(
    deals: list[dict[str, object]], *, as_of: date = date(2025, 6, 30), **tables: pd.DataFrame
) -> SalesData:
    """A tiny organisation from a few deals; owners become reps, days are written as ``2025-05-01``."""
    usual = {"owner_id": "elif", "stage": "Proposal", "status": "open"}
    frame = pd.DataFrame([{"deal_id": f"d{i:04d}", **usual, **deal} for i, deal in enumerate(deals)])
    for name in ("created_at", "engaged_at", "closed_at"):
        if name in frame:
            frame[name] = pd.to_datetime(frame[name]) + pd.Timedelta(hours=6)  # morning in Istanbul, in UTC
    owners = sorted(set(frame["owner_id"]))
    given = {
        "opportunity": frame,
        "rep": pd.DataFrame({"rep_id": owners, "full_name": owners, "role": "AE"}),
        "stage": pd.DataFrame({"pipeline": ["all"], "stage": ["Proposal"], "order": [1], "kind": ["open"]}),
        **tables,
    }
    return SalesData.build(given, as_of=as_of, calendar=Calendar(), currency="TRY")
