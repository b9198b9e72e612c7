"""Leads of the canonical tables as snapshots: one row per lead and moment at which it was open.

Stage, owner and current state of a lead are not used: the export knows them only as they are now. What is
used is what a lead was created with, and events strictly before the snapshot. That a company or an industry was there
from the beginning is believed until the data contradict it (:func:`salescoach.scoring.guard.given_away`).
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
REPS_FORECAST = "reps_forecast"
"""Column with what the reps themselves expected of a deal, as a probability."""

_WITH_IT = ("source", "campaign", "industry", "segment", "country", "employees")
_REASON = "Made by salescoach from what was known strictly before the snapshot, or as it stands in the export."
_GIVEN_AWAY = "It gives the outcome away, and the export does not say what stood there before."
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
    made = _features(leads, tables.get("activity"), created, converted, rows, at)
    names = ("lead_id", "owner_id")
    return snapshot_table(leads, names, made, rows, at, converted, as_of=None if only_now else as_of, horizon=horizon)


def snapshot_table(
    table: pd.DataFrame,
    names: Sequence[str],
    features: Mapping[str, pd.Series],
    rows: npt.NDArray[np.int64],
    at: Array,
    won_at: Array,
    *,
    as_of: float | None,
    horizon: float,
) -> tuple[pd.DataFrame, npt.NDArray[np.object_]]:
    """Snapshots with their *names*, moments and *features*, and their outcome within *horizon* days.

    *as_of* None: nothing is known of the outcome.
    """
    who = {name: as_feature(table[name].iloc[rows].reset_index(drop=True)) for name in names}
    moments_of = {"snapshot": _stamps(at), "known_when": _stamps(at + horizon)}
    known = np.full(len(rows), np.nan) if as_of is None else matured(at, won_at[rows], horizon, as_of)
    outcome = np.where(np.isnan(known), "", np.where(known == 1, "won", "lost")).astype(object)
    return pd.DataFrame({**who, **moments_of, **features}), outcome


def canonical_declaration(columns: Sequence[str], given_away: Sequence[str] = ()) -> Declaration:
    """When each of the *columns* of snapshots of leads or deals is known. They need no other answer: all are features
    but those that were *given_away*, see :func:`salescoach.scoring.guard.given_away`."""
    name_of_row = "deal_id" if "deal_id" in columns else "lead_id"
    rules = {
        name: ColumnRule(known, answer="drop", reason=_GIVEN_AWAY)
        if name in given_away
        else ColumnRule(known, answer="accept", reason=_REASON)
        for name, known in declared(columns).items()
        if name not in (name_of_row, "owner_id", "snapshot", "known_when", REPS_FORECAST)
    }
    return Declaration(
        outcome="outcome", won=("won",), lost=("lost",), time="snapshot", known_when="known_when",
        group=name_of_row, id=name_of_row, owner="owner_id", known_at="created", columns=rules,
        forecast=REPS_FORECAST if REPS_FORECAST in columns else "",
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
) -> dict[str, pd.Series]:
    made: dict[str, pd.Series] = {"age_days": pd.Series(at - created[rows])}
    for name in _WITH_IT:
        if name in table and table[name].notna().any():
            made[name] = as_feature(table[name].iloc[rows].reset_index(drop=True))
    answered = days(table["first_response_at"])[rows]
    known = answered < at
    made["hours_to_first"] = pd.Series(np.where(known, (answered - created[rows]) * 24, np.nan))
    made["answered"] = pd.Series(known.astype(float))
    company, _ = pd.factorize(table["company"])
    made["prior_leads"] = pd.Series(earlier(company, created, created[rows], company[rows]))
    made["prior_won"] = pd.Series(earlier(company, converted, at, company[rows]))
    if activity is not None and activity["lead_id"].notna().any():
        made |= counted(activity, pd.Index(table["lead_id"]), rows, at, of="lead_id")
    return made


def counted(
    activity: pd.DataFrame, ids: pd.Index, rows: npt.NDArray[np.int64], at: Array, *, of: str
) -> dict[str, pd.Series]:
    """Counts per snapshot of what people did: one moment after the other, each with all events before it.

    *of* names the column of *activity* that says which of *ids* an event belongs to.
    """
    human = activity[activity[of].notna() & ~activity["is_system"].fillna(False).astype(bool)]
    events = Events.of(human, ids, lead=of, kind="type", at="occurred_at", actor="owner_id")
    parts = [known_before(events, np.full(len(ids), moment)).iloc[rows[at == moment]] for moment in np.unique(at)]
    table = pd.concat(parts, ignore_index=True) if parts else known_before(events, np.zeros(len(ids))).iloc[:0]
    return {str(name): column for name, column in table.items()}


def as_feature(column: pd.Series) -> pd.Series:
    """A column as models read it: float64, or ``category`` with nan for missing."""
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return column.astype(object).where(column.notna(), None).astype("category")
