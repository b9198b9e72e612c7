"""The leads or the deals of a workspace, in the same form as a file of leads: one road for all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.crm.snapshot import Snapshot
from salescoach.errors import InputError, WorkspaceError
from salescoach.leadlab.reading import LeadFile
from salescoach.scoring.canonical import EVERY_DAYS, HORIZON_DAYS, canonical_declaration, lead_snapshots
from salescoach.scoring.deals import deal_snapshots
from salescoach.scoring.guard import given_away
from salescoach.scoring.history import as_it_stands
from salescoach.workspace import Workspace

_GUARDED = "as_it_stands"  # so that leads are learned from anew since columns are asked whether they tell the outcome


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
    return _guarded(snapshot, [horizon, every, only_now], table, None if only_now else outcome)


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
    return _guarded(snapshot, ["deals", only_now], table, None if only_now else outcome)


def _guarded(
    snapshot: Snapshot, asked: Sequence[object], table: pd.DataFrame, outcome: npt.NDArray[np.object_] | None
) -> LeadFile:
    """The snapshots as a file. Columns that give the outcome away are dropped: nobody is here to say whether what the
    export holds today was there before. *asked* is what they were made with."""
    columns = [str(name) for name in table.columns]
    made_of = json.dumps([_GUARDED, snapshot.content_hash, *asked])
    sha256 = hashlib.sha256(made_of.encode()).hexdigest()
    file = LeadFile(snapshot.snapshot_id, sha256, table, outcome, canonical_declaration(columns), (), history=True)
    if outcome is None:
        return file
    try:
        rang = given_away(file.prepared(), table, as_it_stands(columns))
    except InputError:  # nothing can be learned from these, as whoever judges them will say
        return file
    return replace(file, declaration=canonical_declaration(columns, rang))
