"""What changed between two runs, number by number. Reads two manifests and their snapshots; writes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salescoach.crm.organisation import Organisation
from salescoach.crm.snapshot import Snapshot
from salescoach.errors import UsageError, WorkspaceError
from salescoach.known import Known, calendar_of, sales_data
from salescoach.metrics import METRICS
from salescoach.metrics.changed import Shift, shift
from salescoach.runs.numbers import STRETCHES, Numbers, numbers

if TYPE_CHECKING:
    from salescoach.tables.data import SalesData


@dataclass(frozen=True)
class RunFile:
    """The manifest of one run, and the workspace in which it lies."""

    path: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, path: Path) -> RunFile:
        """The run whose manifest is at *path*; UsageError when it is none, or one without numbers."""
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{path}: is no manifest of a run ({error}). Give WORKSPACE/reviews/PERIOD/runs/RUN.json."
            ) from None
        if not isinstance(manifest, dict) or not manifest.get("numbers"):
            raise UsageError(f"{path}: holds no numbers: it was made before runs kept them. Run the reviews again.")
        return cls(path, manifest)

    @classmethod
    def find(cls, name: str, workspace: Path | None) -> RunFile:
        """The run at the path *name*, or with the id *name* (or its beginning) in *workspace*; UsageError otherwise."""
        if Path(name).is_file():
            return cls.open(Path(name))
        if workspace is None:
            raise UsageError(
                f"{name}: there is no such file. Give the path of a manifest, or --workspace and a run's id."
            )
        everyone = sorted(workspace.glob("reviews/*/runs/*.json"))
        found = [path for path in everyone if path.stem.startswith(name)]
        if len(found) != 1:
            there = ", ".join(path.stem for path in (found or everyone)[-5:]) or "none"
            raise UsageError(f"{name}: {len(found)} runs begin so; there are: {there}.")
        return cls.open(found[0])

    @property
    def run_id(self) -> str:
        """Its identifier."""
        return str(self.manifest["run_id"])

    @property
    def as_of(self) -> date:
        """Last day that was known."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def organisation(self) -> Organisation:
        """The settings it was made with."""
        return Organisation(**self.manifest["organisation"])

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Its data, earlier exports first; WorkspaceError when they are no longer there."""
        folder = self.path.resolve().parents[3] / "snapshots"
        there = {
            one.snapshot_id: one
            for one in map(Snapshot.open, (path.parent for path in folder.glob("[!.]*/manifest.json")))
        }
        wanted = [*self.manifest["earlier"], self.manifest["snapshot"]["id"]]
        for name in wanted:
            if name not in there:
                raise WorkspaceError(f"{folder}: the data {name} of run {self.run_id} are gone: nothing can be split.")
        return tuple(there[name] for name in wanted)

    def data(
        self, as_of: date, *, organisation: Organisation | None = None, quotas: Snapshot | None = None
    ) -> SalesData:
        """Its data as known on *as_of*, with the quotas of another snapshot when *quotas* is given."""
        *earlier, newest = self.snapshots
        return sales_data(Known(newest, as_of, organisation or self.organisation, tuple(earlier), quotas=quotas))


@dataclass(frozen=True)
class RunDiff:
    """Two runs: the parts of the bill of materials that differ, and every number that does."""

    a: RunFile
    b: RunFile
    materials: Mapping[str, tuple[str, str]]
    shifts: tuple[Shift, ...]

    @property
    def same_code(self) -> bool:
        """Both were made by the same code: no definition can have changed."""
        return "code" not in self.materials


def diff(a: RunFile, b: RunFile, rep: str | None = None) -> RunDiff:
    """Split every number that differs between *a* and *b* (of *rep* only, when given).

    UsageError for a rep who is in neither, WorkspaceError when the data of a run are gone.
    """
    said_a, said_b = a.manifest["numbers"], b.manifest["numbers"]
    people = sorted({*said_a, *said_b})
    if rep is not None and rep not in people:
        raise UsageError.unknown("rep", rep, people)
    way = _way(a, b)
    shifts = []
    for one in people if rep is None else [rep]:
        for metric_id in sorted({*said_a.get(one, {}), *said_b.get(one, {})} & set(METRICS)):
            for stretch in STRETCHES:
                found = shift(
                    one, metric_id, stretch, METRICS[metric_id].unit, _value(said_a, one, metric_id, stretch),
                    [_value(step, one, metric_id, stretch) for step in way], _value(said_b, one, metric_id, stretch),
                )  # fmt: skip
                if found.changed:
                    shifts.append(found)
    return RunDiff(a, b, _materials(a.manifest, b.manifest), tuple(shifts))


def _way(a: RunFile, b: RunFile) -> list[Numbers]:
    """All of A, then one thing after the other as in B, by the definitions of today; empty = cannot be known."""
    label_a, label_b = a.manifest["period"], b.manifest["period"]
    period_a = calendar_of(a.organisation).period(label_a, a.as_of)
    quotas = a.snapshots[-1]
    first = numbers(a.data(a.as_of), period_a)
    same_data = [one.content_hash for one in a.snapshots] == [one.content_hash for one in b.snapshots]
    # Without a stage history a later export cannot be put back to an earlier day: restated and new stay together.
    restated: Numbers = {}
    if same_data:
        restated = first
    elif "stage_history" in b.snapshots[-1].tables or a.as_of == b.as_of:
        restated = numbers(b.data(a.as_of, organisation=a.organisation, quotas=quotas), period_a)
    new = first if same_data and a.as_of == b.as_of else (
        restated if restated and a.as_of == b.as_of
        else numbers(b.data(b.as_of, organisation=a.organisation, quotas=quotas), period_a)
    )  # fmt: skip
    same_quota = a.manifest["quota"] == b.manifest["quota"]
    own = new if same_quota else numbers(b.data(b.as_of, organisation=a.organisation), period_a)
    same_parameters = label_a == label_b and a.organisation == b.organisation
    period_b = calendar_of(b.organisation).period(label_b, b.as_of)
    last = own if same_parameters else numbers(b.data(b.as_of), period_b)
    return [first, restated, new, own, last]


def _value(said: Mapping[str, Any], rep: str, metric_id: str, stretch: str) -> float | None:
    found = said.get(rep, {}).get(metric_id, {}).get(stretch)
    return None if found is None else found[0]


def _materials(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The parts that differ, by name: data, as_of, period, quota, definitions, settings, code, versions."""
    parts: dict[str, Callable[[Mapping[str, Any]], object]] = {
        "data": lambda run: f"{run['snapshot']['id']} {run['snapshot']['sha256'][:12]}",
        "as_of": lambda run: run["as_of"],
        "period": lambda run: run["period"],
        "quota": lambda run: f"{run['quota']['sha256'][:12]} {run['quota']['stated']}" if run["quota"] else "",
        "definitions": lambda run: ", ".join(f"{name} {one}" for name, one in sorted(run["definitions"].items())),
        "record": lambda run: run.get("record", "")[:12],
        "settings": lambda run: ", ".join(f"{name} = {one}" for name, one in sorted(run["organisation"].items())),
        "code": lambda run: run["code_sha256"][:12],
        "versions": lambda run: ", ".join(f"{name} {one}" for name, one in sorted(run["versions"].items())),
    }
    told = {name: (str(read(a)), str(read(b))) for name, read in parts.items()}
    return {name: pair for name, pair in told.items() if pair[0] != pair[1]}
