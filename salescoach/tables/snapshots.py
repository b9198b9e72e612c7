"""A history from dated exports: where no stage history was imported, what changed between two exports is one.

It is coarser than a true one: a change is known to lie between two exports and is dated by the later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from salescoach.calendar import Calendar, day_number

_WATCHED = ["stage", "amount", "expected_close", "forecast_category"]
_READ = ["deal_id", "owner_id", "status", "created_at", "closed_at", *_WATCHED]


def history_of(exports: Sequence[tuple[date, pd.DataFrame]], calendar: Calendar) -> dict[str, pd.DataFrame]:
    """The tables ``stage_history`` and ``owner_history`` that follow from *exports*.

    *exports* are the days of at least two exports, oldest first, each with its table ``opportunity``. A row is dated
    by the end of the day of the export that shows it first, or by the closing, when the deal was closed since the
    export before; its ``source_kind`` is ``snapshot_diff``.

    >>> stages = (["Offer", "Offer"], ["Won", "Offer"])
    >>> days = [date(2025, 1, 31), date(2025, 2, 28)]
    >>> exports = [(day, pd.DataFrame({"deal_id": ["d1", "d2"], "stage": stage, "owner_id": "elif"}))
    ...            for day, stage in zip(days, stages)]
    >>> history_of(exports, Calendar())["stage_history"][["deal_id", "stage_from", "stage_to"]].values.tolist()
    [['d1', nan, 'Offer'], ['d1', 'Offer', 'Won'], ['d2', nan, 'Offer']]
    """
    rows = pd.concat([_seen(day, deals, calendar) for day, deals in exports], ignore_index=True)
    rows = rows.sort_values(["deal_id", "moment"], kind="stable").reset_index(drop=True)
    same = rows["deal_id"].eq(rows["deal_id"].shift())
    before = rows["moment"].shift().where(same)
    closed_since = (rows["closed_at"] <= rows["moment"]) & ~(rows["closed_at"] <= before)
    rows["at"] = rows["moment"].mask(closed_since & (rows["status"] != "open"), rows["closed_at"])

    def changed(column: str) -> pd.Series:
        past = rows[column].shift()
        return ~same | ~(rows[column].eq(past) | (rows[column].isna() & past.isna()))

    moved = pd.concat([changed(column) for column in _WATCHED], axis=1).any(axis=1)
    stages = (
        rows[moved]
        .assign(stage_from=rows["stage"].shift().where(same), source_kind="snapshot_diff")
        .rename(
            columns={
                "stage": "stage_to",
                "at": "entered_at",
                "amount": "amount_at",
                "expected_close": "close_date_at",
                "forecast_category": "forecast_category_at",
            }
        )
    )
    owners = rows[changed("owner_id")]
    first = ~owners["deal_id"].duplicated()
    began = owners["at"].mask(first & (owners["created_at"] < owners["at"]), owners["created_at"])
    owners = owners.assign(valid_from=began)
    goes_on = owners["deal_id"].eq(owners["deal_id"].shift(-1))
    owners["valid_to"] = owners["valid_from"].shift(-1).where(goes_on)
    return {
        "stage_history": stages.drop(columns=["owner_id", "status", "created_at", "closed_at", "moment"]),
        "owner_history": owners[["deal_id", "owner_id", "valid_from", "valid_to"]],
    }


def _seen(day: date, deals: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    rows = deals.reindex(columns=_READ)
    for column in ("created_at", "closed_at", "expected_close"):
        rows[column] = pd.to_datetime(rows[column]).astype("datetime64[us]")
    return rows.assign(moment=calendar.end_of(day_number(day)))
