"""The data of a workspace for metrics: in memory while they fit, else on an engine. The metrics are the same."""

from __future__ import annotations

import math
from datetime import date

from salescoach.crm.engines import ENGINES, engine_of
from salescoach.crm.large import open_large
from salescoach.errors import UsageError
from salescoach.known import Known, calendar_of, sales_data
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace

IN_MEMORY, AUTO = "pandas", "auto"
LARGE = 2_000_000
"""Deals from which DuckDB counts when nobody says otherwise."""


def metric_data(workspace: Workspace, as_of: date | None = None, engine: str = AUTO, url: str = "") -> SalesData:
    """What the workspace knows of the day *as_of*, for :func:`salescoach.metrics.measure`.

    *engine* is ``pandas``, ``duckdb``, ``spark`` or ``dask`` (with the *url* of a cluster that is there already), or
    ``auto``: DuckDB from :data:`LARGE` deals on, else pandas. UsageError for another one, and for an engine when the
    only history of the deals is that of several exports: that one is worked out in memory.
    """
    if engine not in (AUTO, IN_MEMORY, *ENGINES):
        raise UsageError.unknown("engine", engine, (AUTO, IN_MEMORY, *ENGINES))
    known = Known.at(workspace, as_of)
    snapshot = known.snapshot
    small = int(snapshot.manifest["tables"]["opportunity"]["accepted"]) < LARGE
    dated_exports = "stage_history" not in snapshot.tables and len(workspace.history()) > 1
    corrected = bool(known.record.owners)  # by an upheld objection: few, and worked out in memory
    if engine == IN_MEMORY or corrected or (engine == AUTO and (small or dated_exports)):
        return sales_data(known)
    if dated_exports:
        raise UsageError(
            "The history of these deals comes from several exports and is worked out in memory: use the engine pandas, "
            "or import the stage history."
        )
    return open_large(
        {name: str(snapshot.path / f"{name}.parquet") for name in snapshot.tables},
        as_of=known.as_of,
        exported=snapshot.as_of,
        calendar=calendar_of(workspace.organisation),
        currency=workspace.organisation.currency,
        mega_limit=workspace.organisation.mega_deal or math.inf,
        discount_limit=workspace.organisation.discount_limit / 100 or math.nan,
        beside=known.record.tables,
        keep=workspace.path / "engine" / snapshot.snapshot_id,
        engine=None if engine in (AUTO, "duckdb") else engine_of(engine, url),
    )
