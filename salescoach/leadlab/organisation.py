"""The leads or the deals of a workspace, in the same form as a file of leads: one road for all."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

from salescoach.errors import WorkspaceError
from salescoach.leadlab.reading import LeadFile
from salescoach.scoring.canonical import EVERY_DAYS, HORIZON_DAYS, canonical_declaration, lead_snapshots
from salescoach.scoring.deals import deal_snapshots
from salescoach.workspace import Workspace


def workspace_leads(
    workspace: Path | Workspace,
    *,
    as_of: date | None = None,
    only_now: bool = False,
    horizon: float = HORIZON_DAYS,
    every: float = EVERY_DAYS,
) -> LeadFile:
    """Snapshots of a workspace's leads as of the end of its newest import, or of *as_of*.

    *only_now*: the leads that are open at that moment, to be scored; else all snapshots before it, to learn
    from. WorkspaceError when no leads were imported.
    """
    home = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    snapshot = home.snapshot(as_of)
    if "lead" not in snapshot.tables:
        raise WorkspaceError(
            f"{home.path}: the data as of {snapshot.as_of} hold no leads. Import an export with a table of leads."
        )
    wanted: tuple[str, ...] = ("lead", "activity")
    tables = {name: snapshot.read(name) for name in wanted if name in snapshot.tables}
    end = (snapshot.as_of - date(1970, 1, 1)).days + 1.0
    table, outcome = lead_snapshots(tables, as_of=end, horizon=horizon, every=every, only_now=only_now)
    made_of = json.dumps([snapshot.content_hash, horizon, every, only_now])
    return LeadFile(
        snapshot.snapshot_id,
        hashlib.sha256(made_of.encode()).hexdigest(),
        table,
        None if only_now else outcome,
        canonical_declaration([str(name) for name in table.columns]),
        (),
        history=True,
    )


def workspace_deals(workspace: Path | Workspace, *, as_of: date | None = None, only_now: bool = False) -> LeadFile:
    """Snapshots of a workspace's deals; as :func:`workspace_leads`."""
    home = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    snapshot = home.snapshot(as_of)
    if "opportunity" not in snapshot.tables:
        raise WorkspaceError(f"{home.path}: the data as of {snapshot.as_of} hold no deals. Import a table of deals.")
    wanted: tuple[str, ...] = ("opportunity", "stage_history", "activity")
    tables = {name: snapshot.read(name) for name in wanted if name in snapshot.tables}
    end = (snapshot.as_of - date(1970, 1, 1)).days + 1.0
    table, outcome = deal_snapshots(tables, as_of=end, only_now=only_now)
    made_of = json.dumps(["deals", snapshot.content_hash, only_now])
    return LeadFile(
        snapshot.snapshot_id,
        hashlib.sha256(made_of.encode()).hexdigest(),
        table,
        None if only_now else outcome,
        canonical_declaration([str(name) for name in table.columns]),
        (),
        history=True,
    )
