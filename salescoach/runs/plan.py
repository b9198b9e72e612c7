"""Which reports a run makes, from what. Everything that can be wrong with a request is found here.

Reads the workspace; writes nothing, so that a wrong request leaves the workspace as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from salescoach import resources
from salescoach.bill import definitions, quota_version
from salescoach.calendar import Period
from salescoach.coaching.four_quarters import LINES
from salescoach.errors import UsageError
from salescoach.language import CODES
from salescoach.leadlab.daily import fingerprint
from salescoach.report_files import file_stem
from salescoach.runs import materials, parameters
from salescoach.runs.notebooks import read_notebook
from salescoach.store import CoachingStore, principal_of

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot
    from salescoach.workspace import Workspace

WORKSPACE_VARIABLE = "SALESCOACH_WORKSPACE"
"""Set for the notebook's process, whose ``workspace`` parameter is empty: a report carries no path of a machine."""


TEAM = ""
"""Stands for the whole team where a report is otherwise about a rep: no rep has an empty id."""


@dataclass(frozen=True)
class Person:
    """Whom a report is about, as pages show it; ``team`` is empty when there is none."""

    rep_id: str
    name: str
    team: str = ""


@dataclass(frozen=True)
class Report:
    """One report to make: about whom, in which language, by which notebook, with what, from what (``key``)."""

    person: Person
    language: str
    parameters: dict[str, parameters.Plain]
    key: str
    notebook: NotebookNode

    @property
    def about(self) -> tuple[str, str]:
        """Rep id and language: what makes it this report and no other of the period."""
        return self.person.rep_id, self.language

    @property
    def stem(self) -> str:
        """File name without ending."""
        return "team" if self.person.rep_id == TEAM else file_stem(self.person.rep_id)


@dataclass(frozen=True)
class Plan:
    """A request that has been checked. ``people`` are all of the organisation, ``reports`` what to make."""

    workspace: Workspace
    period: Period
    as_of: date
    languages: tuple[str, ...]
    snapshot: Snapshot
    earlier: tuple[Snapshot, ...]
    record: str
    notebook: NotebookNode
    notebook_name: str
    people: dict[str, Person]
    reports: tuple[Report, ...]

    def bill_of_materials(self) -> dict[str, object]:
        """From what the reports are made: data, notebook, code and packages, each with its hash or version."""
        return {
            "period": self.period.label,
            "as_of": self.as_of.isoformat(),
            "languages": list(self.languages),
            "notebook": {"name": self.notebook_name, "sha256": materials.notebook_hash(self.notebook)},
            "snapshot": {"id": self.snapshot.snapshot_id, "sha256": self.snapshot.content_hash},
            "earlier": [one.snapshot_id for one in self.earlier],
            "record": self.record,
            "organisation": asdict(self.workspace.organisation),
            "definitions": definitions(LINES),
            "quota": asdict(quota) if (quota := quota_version(self.snapshot)) else None,
            "code_sha256": materials.code_hash(),
            "lock_sha256": materials.lock_hash(),
            "versions": materials.versions(),
        }


def plan(
    workspace: Workspace,
    *,
    period: str,
    languages: Sequence[str],
    reps: Sequence[str] | None,
    as_of: date | None,
    notebook: Path | None,
    team: bool = False,
) -> Plan:
    """Check the request and work out its reports, rep by rep, and that of the whole *team* when asked for.

    Raises
    ------
    UsageError
        a period, language, rep or notebook that does not exist, or a notebook without the parameters.
    WorkspaceError
        no snapshot.
    """
    from salescoach.known import Known, calendar_of, teams_of

    known = Known.at(workspace, as_of)
    snapshot, day = known.snapshot, known.as_of
    when = calendar_of(workspace.organisation).period(period, day)
    wanted = tuple(dict.fromkeys(languages))
    for code in wanted:
        if code not in CODES:
            raise UsageError.unknown("language", code, CODES)
    if not wanted:
        raise UsageError("No language was asked for; choose tr, en or both.")
    source = notebook or resources.notebooks("rep_review.ipynb")
    cells = read_notebook(source)
    shared: dict[str, object] = {"workspace": "", "period": when.label, "as_of": day.isoformat()}
    parameters.check(cells, shared | {"rep": "", "language": ""})
    people = people_of(snapshot)
    chosen = _chosen(workspace, when, day, people, reps)
    hashes = {
        "notebook": materials.notebook_hash(cells),
        "snapshot": snapshot.content_hash,
        "record": known.record.fingerprint,
        "organisation": asdict(workspace.organisation),
        "leads": fingerprint(workspace),
    }
    reports: list[Report] = []
    url = workspace.database_url
    with CoachingStore.open(url, principal=principal_of(url, batch=True), teams=teams_of(snapshot)) as store:
        for rep_id in chosen:
            coaching = store.fingerprint(rep_id, when.start)
            for code in wanted:
                values = parameters.check(cells, shared | {"rep": rep_id, "language": code})
                key = materials.report_key(values, coaching=coaching, **hashes)
                reports.append(Report(people[rep_id], code, values, key, cells))
    if team:
        reports += _of_team(wanted, shared, hashes)
    return Plan(
        workspace, when, day, wanted, snapshot, known.earlier, known.record.fingerprint, cells, source.name, people,
        tuple(reports),
    )  # fmt: skip


def _of_team(languages: Sequence[str], shared: dict[str, object], hashes: Mapping[str, object]) -> list[Report]:
    """The report about everybody together, one per language."""
    cells = read_notebook(resources.notebooks("team_review.ipynb"))
    own = {**hashes, "notebook": materials.notebook_hash(cells)}
    reports = []
    for code in languages:
        values = parameters.check(cells, shared | {"team": "", "language": code})
        key = materials.report_key(values, coaching="", **own)
        reports.append(Report(Person(TEAM, resources.load_words(code)("team.title")), code, values, key, cells))
    return reports


def people_of(snapshot: Snapshot) -> dict[str, Person]:
    """Everybody in the snapshot by rep id, with the name of their team."""
    teams: dict[str, str] = {}
    if "team" in snapshot.tables:
        table = snapshot.read("team")
        teams = dict(zip(table["team_id"].astype(str), table["name"].astype(str), strict=True))
    reps = snapshot.read("rep")
    rows = zip(reps["rep_id"].astype(str), reps["full_name"].astype(str), reps["team_id"], strict=True)
    return {rep_id: Person(rep_id, name, teams.get(str(team), "")) for rep_id, name, team in rows}


def _chosen(
    workspace: Workspace, period: Period, as_of: date, people: dict[str, Person], reps: Sequence[str] | None
) -> list[str]:
    """Rep ids to report on, each once: those asked for, else those whom a review can say something about."""
    if reps is None:
        from salescoach.review import reviewable_reps

        chosen = list(reviewable_reps(workspace, period.label, as_of))
    else:
        chosen = list(dict.fromkeys(reps))
    for rep_id in chosen:
        if rep_id not in people:
            raise UsageError.unknown("rep", rep_id, sorted(people))
    if not chosen:
        raise UsageError(f"Nobody in the data has anything to review in {period.label}. Is the period right?")
    return chosen
