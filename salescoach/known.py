"""What a workspace knows of a day: the snapshots that count and what was recorded of coaching, as one organisation.

The one place where a page, a metric and a run of reports get their data from, so that all of them say the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from salescoach.calendar import Calendar, Period
from salescoach.diagnosis.diagnose import Diagnosis, diagnose
from salescoach.errors import UsageError
from salescoach.recorded import NOTHING, Recorded, recorded
from salescoach.standing import Standing, keep, kept, standing_name
from salescoach.tables.data import SalesData
from salescoach.tables.frames import Tables
from salescoach.tables.snapshots import history_of
from salescoach.workspace import Organisation, Workspace

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot
    from salescoach.store.service.access import Teams


@dataclass(frozen=True)
class Known:
    """All that the data of a day follow from.

    ``earlier`` snapshots, oldest first, stand for a stage history: what changed between them and ``snapshot``. The
    targets of ``quotas``, another snapshot, take the place of those of ``snapshot``: to see what they change.
    """

    snapshot: Snapshot
    as_of: date
    organisation: Organisation
    earlier: tuple[Snapshot, ...] = ()
    record: Recorded = NOTHING
    quotas: Snapshot | None = None

    @classmethod
    def at(cls, workspace: Workspace, as_of: date | None = None) -> Known:
        """What the workspace knows of the day *as_of*, the day of its newest snapshot when not given."""
        chosen, earlier = snapshots_at(workspace, as_of)
        day = as_of or chosen.as_of
        record = recorded(workspace.database_url, day, calendar_of(workspace.organisation))
        return cls(chosen, day, workspace.organisation, earlier, record)

    def standing_name(self, period: Period) -> str:
        """See :func:`salescoach.standing.standing_name`."""
        return standing_name(
            (*self.earlier, self.snapshot), self.as_of.isoformat(), self.organisation, period, self.record.fingerprint
        )


@lru_cache(maxsize=4)
def sales_data(known: Known) -> SalesData:
    """What is *known*, as an organisation. Kept, because an app asks for it at every click."""
    snapshot, organisation, record = known.snapshot, known.organisation, known.record
    calendar = calendar_of(organisation)
    rows = {name: int(snapshot.manifest["tables"][name]["accepted"]) for name in snapshot.tables}
    changes: dict[str, pd.DataFrame] = {}
    if known.quotas is not None:
        rows.pop("quota", None)
        changes = {"quota": known.quotas.read("quota")} if "quota" in known.quotas.tables else {}
    if known.earlier:
        exports = [(one.as_of, one.read("opportunity")) for one in (*known.earlier, snapshot)]
        changes |= {name: table for name, table in history_of(exports, calendar).items() if name not in rows}
    for name in ("opportunity", "owner_history", "split") if record.owners else ():
        if name in changes or name in rows:
            changes[name] = record.corrected(name, changes[name] if name in changes else snapshot.read(name))
    for name in record.tables:
        changes[name] = record.beside(name, snapshot.read(name) if name in rows else pd.DataFrame())
    tables = Tables(
        lambda name: changes[name] if name in changes else snapshot.read(name),
        rows | {name: len(table) for name, table in changes.items()},
        uncredited=snapshot.uncredited,
    )
    return SalesData.build(
        tables,
        as_of=known.as_of,
        exported=snapshot.as_of,
        calendar=calendar,
        currency=organisation.currency,
        mega_limit=organisation.mega_deal or math.inf,
        discount_limit=organisation.discount_limit / 100 or math.nan,
    )


def data_at(workspace: Workspace, as_of: date | None = None) -> SalesData:
    """What the workspace knows of the day *as_of*, the day of its newest snapshot when not given.

    With a stage history that day is rebuilt from the newest snapshot. Without one it is as the newest snapshot up
    to that day has it, and the snapshots before are its history. What the coaching record holds of that day counts
    beside the imported rows. UsageError when the data end before *as_of*.
    """
    return sales_data(Known.at(workspace, as_of))


def diagnosis_of(workspace: Workspace, period: Period, as_of: date | None = None) -> Diagnosis:
    """What the data of :func:`data_at` allow to say about everybody. Kept, because every page of a period needs it."""
    return _diagnosed(Known.at(workspace, as_of), period)


def standing_of(workspace: Workspace, period: Period, as_of: date | None = None) -> Standing:
    """What is true of everybody in *period*: as a run of reviews left it, else worked out, the same either way."""
    return _standing(workspace.path, Known.at(workspace, as_of), period)


def keep_standing(workspace: Workspace, period: Period, as_of: date | None = None) -> None:
    """Leave what :func:`standing_of` says for the processes that make the reports of a run."""
    name = Known.at(workspace, as_of).standing_name(period)
    if kept(workspace.path, name) is None:
        keep(workspace.path, name, standing_of(workspace, period, as_of))


@lru_cache(maxsize=4)
def _standing(folder: Path, known: Known, period: Period) -> Standing:
    return kept(folder, known.standing_name(period)) or Standing.of(sales_data(known), period)


@lru_cache(maxsize=4)
def _diagnosed(known: Known, period: Period) -> Diagnosis:
    return diagnose(sales_data(known), period)


def snapshot_at(workspace: Workspace, as_of: date | None = None) -> Snapshot:
    """The snapshot on which :func:`data_at` rests."""
    return snapshots_at(workspace, as_of)[0]


def snapshots_at(workspace: Workspace, as_of: date | None) -> tuple[Snapshot, tuple[Snapshot, ...]]:
    """The snapshot that says how things stood on *as_of*, and those before it if they are its only history."""
    history = workspace.history()
    newest = history[-1]
    if as_of and as_of > newest.as_of:
        raise UsageError(f"The data end on {newest.as_of}; as of {as_of} is later. Import a newer export first.")
    if "stage_history" in newest.tables:
        return newest, ()
    until = [snapshot for snapshot in history if as_of is None or snapshot.as_of <= as_of]
    return (until[-1], tuple(until[:-1])) if until else (history[0], ())


def calendar_of(organisation: Organisation) -> Calendar:
    """The organisation's calendar."""
    return Calendar(
        organisation.timezone,
        organisation.fiscal_year_start_month,
        organisation.week_start,
        organisation.holiday_calendar,
        organisation.period_scheme,
    )


@lru_cache(maxsize=4)
def team_names(snapshot: Snapshot) -> Mapping[str, str]:
    """Names of the teams by id."""
    if "team" not in snapshot.tables:
        return {}
    teams = snapshot.read("team")
    return dict(zip(teams["team_id"], teams["name"], strict=True))


@lru_cache(maxsize=4)
def teams_of(snapshot: Snapshot) -> Teams:
    """Teams of each person by *snapshot*, for scopes that name a team. Whoever has none is reached by no such scope."""
    reps = snapshot.read("rep")
    team_of = {str(rep): str(team) for rep, team in zip(reps["rep_id"], reps["team_id"], strict=True) if pd.notna(team)}

    def teams(rep_id: str, day: date) -> frozenset[str]:
        return frozenset({team_of[rep_id]}) if rep_id in team_of else frozenset()

    return teams


def reviewed_period(data: SalesData, label: str) -> Period:
    """The period *label* (empty: that of the data), if a day of it lies between the first and last day of the data."""
    span = data.calendar.period(label or data.calendar.period_of(data.as_of).label, data.as_of)
    if span.start > data.as_of:
        raise UsageError(
            f"{span} begins on {span.start}, and the data end on {data.as_of}: there is nothing to review yet. "
            f"Review {data.calendar.quarter_of(data.as_of)}, or import a newer export."
        )
    first = data.deals[["created", "engaged", "closed"]].min().min()
    if pd.isna(first):
        raise UsageError(f"No deal has a date up to {data.as_of}: there is nothing to review. Choose a later day.")
    if span.after <= first:
        begin = date(1970, 1, 1) + timedelta(days=int(first))
        raise UsageError(
            f"{span} ends on {span.last_day}, and the data begin on {begin}: there is nothing to review. "
            f"Choose a period from {data.calendar.quarter_of(begin)} to {data.calendar.quarter_of(data.as_of)}."
        )
    return span
