"""Deals of the canonical tables as snapshots: one row per deal and moment at which it was open.

Stage, amount and expected close come from the history as it stood at the snapshot, never from the export's current
row: that one was written after the outcome. A deal without history tells only what it was created with.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.scoring.canonical import REPS_FORECAST, as_feature, counted, snapshot_table
from salescoach.scoring.encoding import shrunken_means
from salescoach.scoring.history import days, earlier, snapshots

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

HORIZON_DAYS = 90.0
EVERY_DAYS = 28.0
_CATEGORY = "forecast_category_at"
_WITH_IT = ("segment", "source", "campaign", "type", "product_id")


def deal_snapshots(
    tables: Mapping[str, pd.DataFrame],
    *,
    as_of: float,
    horizon: float = HORIZON_DAYS,
    every: float = EVERY_DAYS,
    only_now: bool = False,
) -> tuple[pd.DataFrame, npt.NDArray[np.object_]]:
    """Snapshots of all open deals, every *every* days, with what was known then.

    Parameters
    ----------
    tables : mapping of name to canonical table
        ``opportunity``; ``stage_history`` and ``activity`` when there are any.
    as_of : float
        The moment up to which the tables know, in days since 1970.
    horizon : float
        A deal is won when it was closed as won within so many days of its snapshot.
    only_now : bool
        Only the snapshot at *as_of*: the deals to be scored today. Their outcome is open.

    Returns
    -------
    table, outcome
        As :func:`prepare` takes them, with :func:`canonical_declaration`. Deleted and merged deals, and closed ones
        without a day of closing, are not among them.
    """
    deals = _usable(tables["opportunity"])
    created, closed = days(deals["created_at"]), days(deals["closed_at"])
    won_at = np.where(deals["status"].to_numpy() == "won", closed, np.nan)
    first = float(np.nanmin(created)) if len(created) else as_of
    moments = [as_of] if only_now else list(np.arange(as_of - every, first, -every)[::-1])
    rows, at = snapshots(created, closed, moments or [as_of])
    made: dict[str, pd.Series] = {"age_days": pd.Series(at - created[rows])}
    for name in _WITH_IT:
        if name in deals and deals[name].notna().any():
            made[name] = as_feature(deals[name].iloc[rows].reset_index(drop=True))
    account, _ = pd.factorize(deals["account_id"])
    made["prior_deals"] = pd.Series(earlier(account, created, created[rows], account[rows]))
    made["prior_won"] = pd.Series(earlier(account, won_at, at, account[rows]))
    history, activity = tables.get("stage_history"), tables.get("activity")
    one_currency = deals["currency"].nunique() <= 1
    if history is not None and len(history):
        made |= _history(history, pd.Index(deals["deal_id"]), rows, at, amounts=one_currency)
        category = made.pop(_CATEGORY, None)
        if category is not None and not only_now:  # it is judged beside the models, and no model reads it
            made[REPS_FORECAST] = _came_of(category, at, won_at[rows], horizon)
    if activity is not None and activity["deal_id"].notna().any():
        made |= counted(activity, pd.Index(deals["deal_id"]), rows, at, of="deal_id")
    names = ("deal_id", "owner_id")
    return snapshot_table(deals, names, made, rows, at, won_at, as_of=None if only_now else as_of, horizon=horizon)


def _usable(deals: pd.DataFrame) -> pd.DataFrame:
    gone = deals["is_deleted"].fillna(False).astype(bool) | deals["merged_into"].notna()
    undated = (deals["status"] != "open") & deals["closed_at"].isna()
    return deals[~gone & ~undated].reset_index(drop=True)


def _history(history: pd.DataFrame, deals: pd.Index, rows: Codes, at: Array, *, amounts: bool) -> dict[str, pd.Series]:
    """Stage, its age, moves, expected close and its postponements as they stood strictly before each snapshot."""
    known = history[history["entered_at"].notna() & history["deal_id"].isin(deals)]
    steps = known.sort_values("entered_at", kind="stable").reset_index(drop=True)
    deal, entered = deals.get_indexer(pd.Index(steps["deal_id"])).astype(np.int64), days(steps["entered_at"])
    order = np.lexsort((entered, deal))  # by deal, then by time
    steps, deal, entered = steps.iloc[order].reset_index(drop=True), deal[order], entered[order]
    upto = earlier(deal, entered, at, rows).astype(np.int64)
    last = np.searchsorted(deal, rows, side="left") + upto - 1  # the last step of the deal before the snapshot
    seen = upto > 0

    def then(name: str) -> pd.Series:
        taken = steps[name].iloc[np.where(seen, last, 0)].reset_index(drop=True)
        return taken.where(pd.Series(seen))

    expected = days(steps["close_date_at"])
    later = np.append(False, (deal[1:] == deal[:-1]) & (expected[1:] > expected[:-1]))
    made = {
        "stage": as_feature(then("stage_to")),
        "days_in_stage": pd.Series(np.where(seen, at - entered[np.where(seen, last, 0)], np.nan)),
        "moves": pd.Series(upto.astype(float)),
        "postponed": pd.Series(earlier(deal[later], entered[later], at, rows)),
        "days_to_expected": pd.Series(days(then("close_date_at")) - at),
    }
    if _CATEGORY in steps and steps[_CATEGORY].notna().any():
        made[_CATEGORY] = then(_CATEGORY)
    return made | ({"amount": as_feature(then("amount_at"))} if amounts else {})


def _came_of(category: pd.Series, at: Array, won_at: Array, horizon: float) -> pd.Series:
    """The reps' forecast as a probability: what came of earlier snapshots in the same category, as far as it was
    known at each one. Missing while nothing was."""
    codes, names = pd.factorize(category)
    won = (won_at <= at + horizon).astype(float)
    found = np.full(len(at), np.nan)
    for moment in np.unique(at):
        known, now = (at + horizon < moment) & (codes >= 0), (at == moment) & (codes >= 0)
        if known.any():
            found[now] = shrunken_means(codes[known], won[known], len(names))[codes[now]]
    return pd.Series(found)
