"""Open the review of a team: imported data, diagnosis and words meet here. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from salescoach.bill import bill
from salescoach.coaching.team import LINES, TeamReview, Topic, prepare_team
from salescoach.diagnosis.diagnose import RepDiagnosis
from salescoach.diagnosis.priority import Judged
from salescoach.errors import UsageError
from salescoach.known import data_at, reviewed_period, snapshot_at, standing_of, team_names
from salescoach.report.page import END, End, Figure, Header, Page, Section, page_html
from salescoach.report.team import TeamPage
from salescoach.resources import load_words, page_style
from salescoach.review import opened, requested_day, requested_language, requested_parameter
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace


@dataclass(frozen=True)
class OpenTeam:
    """A prepared team review, part by part as a notebook shows it, or whole as a page."""

    facts: TeamReview
    written: TeamPage

    @cached_property
    def page(self) -> Page:
        """The whole document."""
        return self.written.page()

    @property
    def header(self) -> Header:
        """Which team, which period, how much of it has passed."""
        return Header(self.page, page_style())

    @property
    def digest(self) -> Section:
        """At most three decisions with evidence and options."""
        return self.written.digest()

    @property
    def standing(self) -> Section:
        """Six numbers of the team."""
        return self.written.standing()

    @property
    def people(self) -> Section:
        """Who needs what, and what to recognise, in alphabetical order."""
        return self.written.people()

    @property
    def leaks(self) -> Section:
        """Where deals are lost, stage by stage."""
        return self.written.leaks()

    @property
    def leak_figure(self) -> Figure | None:
        """The same as a chart; None, which a notebook does not show, without a stage history."""
        return self.written.leak_figure()

    @property
    def allocation(self) -> Section:
        """What moving leads, hours or money could bring."""
        return self.written.allocation()

    @property
    def product(self) -> Section:
        """Memo: why deals were lost."""
        return self.written.memos.product()

    @property
    def marketing(self) -> Section:
        """Memo: what became of each source."""
        return self.written.memos.marketing()

    @property
    def sources(self) -> Section:
        """How it was made, and the bill of materials."""
        return self.written.about()

    @property
    def end(self) -> End:
        """Marks a review that was made to its last line."""
        return END

    def html(self, plotly_src: str = "plotly.min.js") -> str:
        """The whole review as one page; *plotly_src* is the relative path of plotly.js."""
        return page_html(self.page, page_style(), plotly_src)


def open_team(
    workspace: str | Path | Workspace = "", team: str = "", period: str = "", as_of: str | date = "", language: str = ""
) -> OpenTeam:
    """The review of *team* (everybody when empty) for *period*, as known at the end of *as_of*, in *language*.

    Empty parameters come from the address of the page, else they are those of
    :func:`salescoach.review.open_review`. UsageError names what does not exist and what does.
    """
    home = opened(workspace)
    day = requested_day(as_of)
    snapshot, data = snapshot_at(home, day), data_at(home, day)
    span = reviewed_period(data, requested_parameter("period", period))
    names = team_names(snapshot)
    chosen = _team(data, names, requested_parameter("team", team))
    code = requested_language(language, home)
    standing = standing_of(home, span, day)
    facts = prepare_team(
        data, span, _topics(standing.diagnoses), team_id=chosen, team=names.get(chosen, chosen),
        programmes=standing.ledger.programmes,
    )  # fmt: skip
    words = load_words(code)
    parameters = {"team": chosen, "period": span.label, "as_of": data.as_of.isoformat(), "language": code}
    written = TeamPage(
        facts, words, home.organisation.name, words.language.date(data.as_of),
        bill(snapshot, LINES, parameters), snapshot.warnings(code),
    )  # fmt: skip
    return OpenTeam(facts, written)


def team_choices(workspace: Workspace, language: str) -> list[tuple[str, str]]:
    """What the app offers: (name, team_id) of the teams that have sellers, in the collation of *language*."""
    data, names = data_at(workspace), team_names(snapshot_at(workspace))
    teams = sorted({str(data.reps.at[rep, "team_id"]) for rep in data.sellers} & set(names))
    key = load_words(language).language.sort_key
    return sorted(((names[team], team) for team in teams), key=lambda pair: key(pair[0]))


def _team(data: SalesData, names: Mapping[str, str], asked: str) -> str:
    """Id of the team with this id or name; empty for everybody."""
    if not asked:
        return ""
    by_name = {name: team for team, name in names.items()}
    team = asked if asked in names else by_name.get(asked, asked)
    if team not in set(data.reps["team_id"].dropna()):
        raise UsageError.unknown("team", asked, sorted(names))
    return team


def _topics(found: Mapping[str, RepDiagnosis]) -> Mapping[str, tuple[Topic | None, Topic | None]]:
    """Priority and strength of everybody who can be compared."""
    return {rep: _of_one(one) for rep, one in found.items() if one.na_reason is None}


def _of_one(one: RepDiagnosis) -> tuple[Topic | None, Topic | None]:
    first = next((each for each in one.findings if each.verdict == "priority"), None)
    good = next((each for each in one.strengths if each.praise == "strength"), None)
    return _topic(first), _topic(good)


def _topic(found: Judged | None) -> Topic | None:
    if found is None:
        return None
    return Topic(found.driver, found.stage, found.size, found.low, found.high, found.n)
