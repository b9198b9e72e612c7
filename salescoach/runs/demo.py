"""The demo: an invented organisation with a coaching record, imported like anybody's export."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from salescoach import synthetic
from salescoach.crm.importer import import_export
from salescoach.errors import WorkspaceError
from salescoach.known import calendar_of
from salescoach.leadlab.daily import train_workspace
from salescoach.review import content, reviewable_reps
from salescoach.store import CoachingStore
from salescoach.workspace import Workspace

_COACH = "demo"
MARK = "demo.json"
PARQUET = "parquet"


def invent(
    preset: str = "default", *, reps: int | None = None, months: int | None = None, seed: int = 1
) -> synthetic.SyntheticOrganisation:
    """The demo's organisation: a preset, with another size when asked for.

    Its window ends with the year of its export, in mid-quarter, so that there is a pace to speak of.
    """
    start = None
    if months is not None and preset in synthetic.PRESETS:
        first_month = 12 * synthetic.PRESETS[preset].as_of.year + 12 - months
        start = date(first_month // 12, first_month % 12 + 1, 1)
    return synthetic.organisation(preset, seed=seed, reps=reps, months=months, start=start)


def build_demo(
    folder: Path, *, preset: str = "default", reps: int | None = None, months: int | None = None, seed: int = 1,
    form: str = "canonical",
) -> Workspace:  # fmt: skip
    """A workspace at *folder* with invented data and promises from the quarter before.

    The data come in through the export of *form*, so they are what that CRM can hold of them. Same arguments, same
    data. A demo that is there already is kept with what was written into it; WorkspaceError, before anything is
    written, when the folder holds another organisation or a demo made with other arguments.
    """
    invented = invent(preset, reps=reps, months=months, seed=seed)
    size = synthetic.PRESETS[preset]
    arguments: dict[str, int | str] = {
        "preset": preset, "reps": reps or size.reps, "months": months or size.months, "seed": seed, "form": form
    }  # fmt: skip
    home = Workspace.at(folder, **invented.settings)
    _check_same(home, arguments)
    with tempfile.TemporaryDirectory(prefix="salescoach-demo-") as export:
        synthetic.write(invented, Path(export), form=form, dialect="plain")
        import_export(Path(export), home, as_of=size.as_of, crm="canonical" if form == "canonical" else None)
    (home.path / MARK).write_text(json.dumps(arguments), encoding="utf-8")
    _promise(home)
    return home


def train_demo(home: Workspace) -> str:
    """Train the lead model of a demo, so that reviews and work lists have scores; the verdict."""
    return train_workspace(home, by=_COACH)


def export_demo(
    folder: Path, *, preset: str = "default", reps: int | None = None, months: int | None = None, seed: int = 1,
    form: str = "canonical",
) -> Path:  # fmt: skip
    """The files of an export of *form* in *folder*, which must be new or empty, and the truth beside it.

    ``parquet`` writes branch by branch, for organisations too large for memory, and has no truth. Returns the
    folder.
    """
    if folder.exists() and any(folder.iterdir()):
        raise WorkspaceError(f"{folder}: is not empty. Choose another folder for the export.")
    if form == PARQUET:
        size = synthetic.PRESETS.get(preset, synthetic.PRESETS["default"])
        synthetic.write_parquet(folder, preset, reps=reps or size.reps, months=months or size.months, seed=seed)
    else:
        invented = invent(preset, reps=reps, months=months, seed=seed)
        synthetic.write(invented, folder, folder.with_name(f"{folder.name}-truth.json"), form=form)
    return folder


def _check_same(home: Workspace, arguments: dict[str, int | str]) -> None:
    """The workspace is new, or a demo made with the same *arguments*."""
    if not (home.path / "salescoach.toml").exists():
        return
    try:
        made_with = json.loads((home.path / MARK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        made_with = None if any(home.snapshots.glob("[!.]*/manifest.json")) else arguments
    if made_with != arguments:
        raise WorkspaceError(
            f"{home.path}: holds {'another demo' if made_with else 'data that no demo made'}. "
            "Choose another folder for this demo, or remove that one."
        )


def _promise(home: Workspace) -> None:
    """One commitment per rep from the quarter before, so that a review has something to carry over."""
    calendar = calendar_of(home.organisation)
    today = home.snapshot().as_of
    current = calendar.quarter_of(today)
    before = calendar.quarters_before(current, 1)[0]
    held = datetime.combine(before.last_day, time(9), tzinfo=UTC)
    library = content().actions
    with CoachingStore.open(home.database_url, clock=lambda: held) as store:
        for number, rep in enumerate(reviewable_reps(home, current.label)):
            action = library[number % len(library)]
            due = current.start + timedelta(days=30) if number % 5 == 0 else current.last_day
            agreed = store.add_action(
                rep, before, action.text(home.organisation.language), author=_COACH, due=due,
                template_id=action.id, key=f"demo-{before.label}-{rep}",
            )  # fmt: skip
            if number % 3 == 0 and agreed.status == "open":
                store.change_action(agreed.action_id, version=agreed.version, author=_COACH, status="done")
