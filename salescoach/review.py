"""Open a rep's review: the one place where imported data, coaching record and words meet.

Reads only. The same parameters on the same snapshot and record give the same review; the review
says which those were.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pandas as pd

from salescoach.bill import bill
from salescoach.calendar import Calendar, Period
from salescoach.coaching.content import Content, parse_content
from salescoach.coaching.one_on_one import OneOnOne, Promise, SharedNote, prepare
from salescoach.diagnosis.diagnose import Diagnosis, diagnose
from salescoach.errors import UsageError
from salescoach.leadlab.daily import lead_day
from salescoach.leadlab.decisions import Decisions
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.one_on_one import Brief, Reader
from salescoach.report.page import END, End, Figure, Header, Page, Section, page_html
from salescoach.resources import load_tables, load_words, page_style
from salescoach.scoring.day import LeadDay
from salescoach.standing import Standing, keep, kept, standing_name
from salescoach.store import Action, CoachingStore, Note, principal_of
from salescoach.store.models import ActionItem
from salescoach.tables.data import SalesData
from salescoach.tables.frames import Tables
from salescoach.tables.snapshots import history_of
from salescoach.workspace import Organisation, Workspace

if TYPE_CHECKING:
    from salescoach.crm.snapshot import Snapshot

LANGUAGES = ("tr", "en")
READERS = ("coach", "manager")


@dataclass(frozen=True)
class RepReview:
    """A prepared one-on-one, part by part as a notebook shows it, or whole as a page."""

    facts: OneOnOne
    brief: Brief

    @cached_property
    def page(self) -> Page:
        """The whole document."""
        return self.brief.page()

    @property
    def header(self) -> Header:
        """Who, which period, how much of it has passed."""
        return Header(self.page, page_style())

    @property
    def promised(self) -> Section:
        """What was promised last time."""
        return self._section("promised")

    @property
    def numbers(self) -> Section:
        """The numbers with n, interval, what would be expected, and verdict."""
        return self._section("numbers")

    @property
    def charts(self) -> tuple[Figure, ...]:
        """Bookings against the pace; the gap to the peers; win rate by quarter."""
        return tuple(section for section in self.page.sections if isinstance(section, Figure))

    @property
    def findings(self) -> Section:
        """At most three findings with their evidence."""
        return self._section("findings")

    @property
    def gap(self) -> Section:
        """Why bookings differ from the peers', part by part."""
        return self._section("gap")

    @property
    def changed(self) -> Section:
        """What changed since last time."""
        return self._section("changed")

    @property
    def deals(self) -> Section:
        """Open deals worth a word."""
        return self._section("deals")

    @property
    def leads(self) -> Section:
        """Leads to call first, or why there is no order."""
        return self._section("leads")

    @property
    def questions(self) -> Section:
        """Questions to ask."""
        return self._section("questions")

    @property
    def feedback(self) -> Section:
        """Drafts of feedback."""
        return self._section("feedback")

    @property
    def sources(self) -> Section:
        """Caveats of the data and the bill of materials."""
        return self._section("about")

    @property
    def end(self) -> End:
        """Marks a review that was made to its last line."""
        return END

    def html(self, plotly_src: str = "plotly.min.js") -> str:
        """The whole review as one page; *plotly_src* is the relative path of plotly.js."""
        return page_html(self.page, page_style(), plotly_src)

    def _section(self, anchor: str) -> Section:
        return next(part for part in self.page.sections if isinstance(part, Section) and part.anchor == anchor)


def open_review(
    workspace: str | Path | Workspace = "", rep: str = "", period: str = "", as_of: str | date = "",
    language: str = "", reader: str = "",
) -> RepReview:  # fmt: skip
    """The review of *rep* for *period*, as known at the end of *as_of*, in *language*.

    *reader* is ``coach`` (when empty) or ``manager``, for whom suspicions and drafts are left out.

    An empty *workspace* means the one in the environment variable ``SALESCOACH_WORKSPACE``. Other
    empty parameters come from the address of the page when there is one (``?rep=…&period=…``), else:
    the first rep, the quarter of the data, the day of the snapshot, the organisation's language.

    UsageError names what does not exist and what does.
    """
    home = opened(workspace)
    day = requested_day(as_of)
    snapshot, data = snapshot_at(home, day), data_at(home, day)
    span = reviewed_period(data, requested_parameter("period", period))
    chosen = requested_parameter("rep", rep) or (data.sellers[0] if data.sellers else "")
    _check_seller(data, chosen)
    code = requested_language(language, home)
    with CoachingStore.open(home.database_url, principal=principal_of(home.database_url, batch=True)) as store:
        actions = store.actions(chosen, upto=span.start)
        note = store.latest_note(chosen, upto=span.start)
        record = store.fingerprint(chosen, upto=span.start)
    standing = standing_of(home, span, day)
    facts = prepare(
        data,
        chosen,
        span,
        teams=team_names(snapshot),
        promises=[
            Promise(action_text(action, code), action.status, action.due, action.period, action.reason or "")
            for action in actions
        ],
        note=SharedNote(note.period, note.text, note.author) if note else None,
        flags=snapshot.flags(chosen),
        diagnosis=standing.diagnoses[chosen],
        lifts=standing.lifts,
        signs=standing.signs,
        beside=standing.yearly[chosen],
        alerts=standing.alerts.get(chosen, ()),
        worked=standing.ledger.people.get(chosen, ()),
        met_on=_last_met(data, chosen, actions, note),
    )
    whose = _reader(requested_parameter("reader", reader))
    leads, aside = _leads_today(home, facts)
    parameters = {"rep": chosen, "period": span.label, "as_of": facts.as_of.isoformat(), "language": code}
    sources, stamps = bill(snapshot, SHOWN_METRICS, parameters, record), snapshot.warnings(code)
    return RepReview(facts, Brief(facts, load_words(code), content(), sources, stamps, whose, leads, aside))


def _last_met(data: SalesData, rep_id: str, actions: Sequence[Action], note: Note | None) -> date | None:
    """Day of the last one-on-one that was held; else the day on which coach and rep last wrote something down."""
    meetings = data.table("one_on_one")
    held = meetings.loc[(meetings["rep_id"] == rep_id) & (meetings["status"] == "held"), "held_at_day"].max()
    if pd.notna(held):
        return date(1970, 1, 1) + timedelta(days=int(held))
    moments = [action.raised_at for action in actions]
    if note is not None and note.updated_at is not None:
        moments.append(note.updated_at)
    return max(moments).date() if moments else None


def requested_language(given: str, workspace: Workspace) -> str:
    """*given*, else as the page's address says, its server, or the organisation; UsageError for an unknown language."""
    served = os.environ.get("SALESCOACH_LANGUAGE", "")
    code = requested_parameter("language", given) or served or workspace.organisation.language
    if code not in LANGUAGES:
        raise UsageError.unknown("language", code, LANGUAGES)
    return code


def requested_rep() -> str:
    """The rep of the page's address; empty when it names none."""
    return requested_parameter("rep", "")


def reviewable_reps(
    workspace: Workspace, period: str, as_of: date | None = None, reps: Sequence[str] = ()
) -> tuple[str, ...]:
    """Sellers who were there for a day of *period* and own at least one deal known at *as_of*.

    With *reps*, exactly those, whenever they were there. UsageError for one who sells nothing, and for
    a period about which the data say nothing.
    """
    data = data_at(workspace, as_of)
    span = reviewed_period(data, period)
    for rep in reps:
        _check_seller(data, rep)
    if reps:
        return tuple(dict.fromkeys(reps))
    start, end = data.reps["start_date"], data.reps["end_date"]
    absent = (start >= span.end.isoformat()) | (end <= span.start.isoformat())
    return tuple(rep for rep in data.sellers if not absent[rep])


def review_choices(workspace: Workspace, review: RepReview) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What the app offers: (name, rep_id) of everybody reviewable, and (label, period) of eight quarters.

    Names are in the collation of the review's language; the newest quarter comes first.
    """
    language = load_words(review.page.language).language
    data = data_at(workspace)
    names = [(str(data.reps.at[rep, "full_name"]), rep) for rep in data.sellers]
    names.sort(key=lambda pair: language.sort_key(pair[0]))
    return names, period_choices(workspace, review.facts.period.label, language.code)


def period_choices(workspace: Workspace, shown: str, code: str) -> list[tuple[str, str]]:
    """(label, period) of the last eight quarters, the newest first, and of the period that is *shown*."""
    language, data = load_words(code).language, data_at(workspace)
    newest = data.calendar.quarter_of(data.as_of)
    quarters = [*data.calendar.quarters_before(newest, 7), newest]
    labels = [quarter.label for quarter in reversed(quarters)]
    if shown not in labels:
        labels.append(shown)
    return [(language.period(label), label) for label in labels]


@lru_cache(maxsize=4)
def sales_data(
    snapshot: Snapshot, as_of: date, organisation: Organisation, earlier: tuple[Snapshot, ...] = (),
    quotas: Snapshot | None = None,
) -> SalesData:  # fmt: skip
    """What *snapshot* says about the day *as_of*. Kept, because an app asks for it at every click.

    With *earlier* snapshots, oldest first, what changed between them and *snapshot* stands for a stage history.
    With *quotas*, another snapshot, its targets take the place of those of *snapshot*: to see what they change.
    """
    calendar = calendar_of(organisation)
    rows = {name: int(snapshot.manifest["tables"][name]["accepted"]) for name in snapshot.tables}
    changes: dict[str, pd.DataFrame] = {}
    if quotas is not None:
        rows.pop("quota", None)
        changes = {"quota": quotas.read("quota")} if "quota" in quotas.tables else {}
    if earlier:
        exports = [(one.as_of, one.read("opportunity")) for one in (*earlier, snapshot)]
        changes |= {name: table for name, table in history_of(exports, calendar).items() if name not in rows}
    tables = Tables(
        lambda name: changes[name] if name in changes else snapshot.read(name),
        rows | {name: len(table) for name, table in changes.items()},
        uncredited=snapshot.uncredited,
    )
    return SalesData.build(
        tables,
        as_of=as_of,
        exported=snapshot.as_of,
        calendar=calendar,
        currency=organisation.currency,
        mega_limit=organisation.mega_deal or math.inf,
    )


def data_at(workspace: Workspace, as_of: date | None = None) -> SalesData:
    """What the workspace knows of the day *as_of*, the day of its newest snapshot when not given.

    With a stage history that day is rebuilt from the newest snapshot. Without one it is as the newest snapshot up
    to that day has it, and the snapshots before are its history. UsageError when the data end before *as_of*.
    """
    chosen, earlier = snapshots_at(workspace, as_of)
    return sales_data(chosen, as_of or chosen.as_of, workspace.organisation, earlier)


def diagnosis_of(workspace: Workspace, period: Period, as_of: date | None = None) -> Diagnosis:
    """What the data of :func:`data_at` allow to say about everybody. Kept, because every page of a period needs it."""
    return _diagnosed(*_key(workspace, as_of), period)


def _key(workspace: Workspace, as_of: date | None) -> tuple[Snapshot, date, Organisation, tuple[Snapshot, ...]]:
    """What the data of a day are known by."""
    chosen, earlier = snapshots_at(workspace, as_of)
    return chosen, as_of or chosen.as_of, workspace.organisation, earlier


def standing_of(workspace: Workspace, period: Period, as_of: date | None = None) -> Standing:
    """What is true of everybody in *period*: as a run of reviews left it, else worked out, the same either way."""
    return _standing(workspace.path, *_key(workspace, as_of), period)


def keep_standing(workspace: Workspace, period: Period, as_of: date | None = None) -> None:
    """Leave what :func:`standing_of` says for the processes that make the reports of a run."""
    snapshot, day, organisation, earlier = _key(workspace, as_of)
    name = standing_name((*earlier, snapshot), day.isoformat(), organisation, period)
    if kept(workspace.path, name) is None:
        keep(workspace.path, name, standing_of(workspace, period, as_of))


@lru_cache(maxsize=4)
def _standing(
    folder: Path, snapshot: Snapshot, as_of: date, organisation: Organisation, earlier: tuple[Snapshot, ...],
    period: Period,
) -> Standing:  # fmt: skip
    name = standing_name((*earlier, snapshot), as_of.isoformat(), organisation, period)
    return kept(folder, name) or Standing.of(sales_data(snapshot, as_of, organisation, earlier), period)


@lru_cache(maxsize=4)
def _diagnosed(
    snapshot: Snapshot, as_of: date, organisation: Organisation, earlier: tuple[Snapshot, ...], period: Period
) -> Diagnosis:
    return diagnose(sales_data(snapshot, as_of, organisation, earlier), period)


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


@cache
def content() -> Content:
    """Playbooks, drafts and suggested actions of ``templates/content``."""
    return parse_content(load_tables("content"))


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


def _reader(given: str) -> Reader:
    if given in ("", "coach"):
        return "coach"
    if given == "manager":
        return "manager"
    raise UsageError.unknown("reader", given, READERS)


def _check_seller(data: SalesData, rep: str) -> None:
    if rep not in data.sellers:
        raise UsageError.unknown("rep", rep, data.sellers, "A review needs a seller who owns at least one deal.")


def opened(given: str | Path | Workspace) -> Workspace:
    """The workspace *given*, at the path *given*, or in ``SALESCOACH_WORKSPACE``; UsageError when there is none."""
    if isinstance(given, Workspace):
        return given
    path = str(given) or os.environ.get("SALESCOACH_WORKSPACE", "")
    if not path:
        raise UsageError("Which workspace? Give its folder, or set SALESCOACH_WORKSPACE to it.")
    return Workspace.open(Path(path))


def requested_parameter(name: str, given: str) -> str:
    """*given*, else what the address of the page says; empty outside a page."""
    values = parse_qs(os.environ.get("QUERY_STRING", "")).get(name, [""])
    return given or values[0]


def requested_day(given: str | date) -> date | None:
    """*given*, else the day in the address of the page; None when there is none. UsageError for what is no day."""
    if isinstance(given, date):
        return given
    asked = requested_parameter("as_of", given)
    try:
        return date.fromisoformat(asked) if asked else None
    except ValueError:
        raise UsageError(f"as_of '{asked}' is not a day. Write it as 2025-11-28.") from None


def action_text(action: Action | ActionItem, language: str) -> str:
    """What was agreed: in the reader's language when it came from the library, else as it was typed."""
    known = {suggested.id: suggested for suggested in content().actions}
    template = known.get(action.template_id or "")
    return template.text(language) if template else action.text


def _leads_today(home: Workspace, facts: OneOnOne) -> tuple[LeadDay | None, tuple[str, ...]]:
    """The open leads and those put aside, for a review of the current period; None for one that looks back."""
    today = home.snapshot().as_of
    if facts.as_of != today or not facts.period.start <= today <= facts.period.last_day:
        return None, ()
    overrides = Decisions(home.path).overrides()
    return lead_day(home), tuple(lead for lead, override in overrides.items() if not override.work)
