"""Leads of the canonical tables as snapshots: one row per lead and moment at which it was open.

Stage, owner and current state of a lead are not used: the export knows them only as they are now. What is
used is what a lead was created with, and events strictly before the snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.scoring.declaration import ColumnRule, Declaration
from salescoach.scoring.history import Events, days, declared, earlier, known_before, matured, snapshots

Array = npt.NDArray[np.float64]

HORIZON_DAYS = 60.0
EVERY_DAYS = 14.0
_WITH_IT = ("source", "campaign", "industry", "segment", "country", "employees")
_REASON = "Made by salescoach from what was known strictly before the snapshot."
_US_PER_DAY = 86_400_000_000


def lead_snapshots(
    tables: Mapping[str, pd.DataFrame],
    *,
    as_of: float,
    horizon: float = HORIZON_DAYS,
    every: float = EVERY_DAYS,
    only_now: bool = False,
) -> tuple[pd.DataFrame, npt.NDArray[np.object_]]:
    """Snapshots of all open leads, every *every* days, with what was known then.

    Parameters
    ----------
    tables : mapping of name to canonical table
        ``lead``; ``activity`` when there is one.
    as_of : float
        The moment up to which the tables know, in days since 1970.
    horizon : float
        A lead is won when it became a deal within so many days of its snapshot.
    only_now : bool
        Only the snapshot at *as_of*: the leads to be scored today. Their outcome is open.

    Returns
    -------
    table, outcome
        As :func:`prepare` takes them, with :func:`canonical_declaration`. ``outcome`` is ``won``, ``lost`` or
        empty while the horizon has not passed.
    """
    leads = tables["lead"].reset_index(drop=True)
    created, converted = days(leads["created_at"]), days(leads["converted_at"])
    ended = np.fmin(converted, days(leads["disqualified_at"]))
    first = float(np.nanmin(created)) if len(created) else as_of
    moments = [as_of] if only_now else list(np.arange(as_of - every, first, -every)[::-1])
    rows, at = snapshots(created, ended, moments or [as_of])
    features = _features(leads, tables.get("activity"), created, converted, rows, at)
    names = {name: _as_feature(leads[name].iloc[rows].reset_index(drop=True)) for name in ("lead_id", "owner_id")}
    moments_of = {"snapshot": _stamps(at), "known_when": _stamps(at + horizon)}
    table = pd.DataFrame({**names, **moments_of, **{str(name): features[name] for name in features}})
    known = np.full(len(rows), np.nan) if only_now else matured(at, converted[rows], horizon, as_of)
    outcome = np.where(np.isnan(known), "", np.where(known == 1, "won", "lost")).astype(object)
    return table, outcome


def canonical_declaration(columns: Sequence[str]) -> Declaration:
    """When each of the *columns* of :func:`lead_snapshots` is known. They need no other answer."""
    rules = {
        name: ColumnRule(known_at=known, answer="accept", reason=_REASON)
        for name, known in declared(columns).items()
        if name not in ("lead_id", "owner_id", "snapshot", "known_when")
    }
    return Declaration(
        outcome="outcome", won=("won",), lost=("lost",), time="snapshot", known_when="known_when", group="lead_id",
        id="lead_id", owner="owner_id", known_at="created", columns=rules,
    )  # fmt: skip


def _stamps(at: Array) -> pd.Series:
    return pd.Series((at * _US_PER_DAY).round().astype("int64").astype("datetime64[us]"))


def _features(
    table: pd.DataFrame,
    activity: pd.DataFrame | None,
    created: Array,
    converted: Array,
    rows: npt.NDArray[np.int64],
    at: Array,
) -> pd.DataFrame:
    made: dict[str, pd.Series] = {"age_days": pd.Series(at - created[rows])}
    for name in _WITH_IT:
        if name in table and table[name].notna().any():
            made[name] = _as_feature(table[name].iloc[rows].reset_index(drop=True))
    answered = days(table["first_response_at"])[rows]
    known = answered < at
    made["hours_to_first"] = pd.Series(np.where(known, (answered - created[rows]) * 24, np.nan))
    made["answered"] = pd.Series(known.astype(float))
    company, _ = pd.factorize(table["company"])
    made["prior_leads"] = pd.Series(earlier(company, created, created[rows], company[rows]))
    made["prior_won"] = pd.Series(earlier(company, converted, at, company[rows]))
    frame = pd.DataFrame(made)
    if activity is None or activity["lead_id"].notna().sum() == 0:
        return frame
    counted = _activity(activity, table, rows, at)
    return pd.DataFrame({str(n): column for part in (frame, counted) for n, column in part.items()})


def _activity(activity: pd.DataFrame, table: pd.DataFrame, rows: npt.NDArray[np.int64], at: Array) -> pd.DataFrame:
    """Counts per snapshot: leads are looked at one moment after the other, each with all events."""
    human = activity[activity["lead_id"].notna() & ~activity["is_system"].fillna(False).astype(bool)]
    events = Events.of(
        human, pd.Index(table["lead_id"]), lead="lead_id", kind="type", at="occurred_at", actor="owner_id"
    )
    parts: list[pd.DataFrame] = []
    for moment in np.unique(at):
        counted = known_before(events, np.full(len(table), moment))
        parts.append(counted.iloc[rows[at == moment]])
    return pd.concat(parts, ignore_index=True)


def _as_feature(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return column.astype(object).where(column.notna(), None).astype("category")
