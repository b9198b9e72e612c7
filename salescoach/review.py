"""Open a rep's review: the one place where imported data, coaching record and words meet.

Reads only. The same parameters on the same snapshot and record give the same review; the review
says which those were.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd

from salescoach.bill import bill
from salescoach.calendar import Period
from salescoach.coaching.content import Content, parse_content
from salescoach.coaching.disputes import Dispute
from salescoach.coaching.one_on_one import OneOnOne, Promise, SharedNote, prepare
from salescoach.disputing import dispute_of
from salescoach.errors import UsageError
from salescoach.known import Known, data_at, reviewed_period, sales_data, standing_of, team_names, teams_of
from salescoach.leadlab.daily import days_to_suggest
from salescoach.report.numbers import SHOWN_METRICS
from salescoach.report.one_on_one import Brief, Reader
from salescoach.report.page import END, End, Figure, Header, Page, Section, page_html
from salescoach.resources import load_tables, load_words, page_style
from salescoach.store import Action, CoachingStore, Note, principal_of
from salescoach.store.models import ActionItem
from salescoach.tables.data import SalesData
from salescoach.workspace import Workspace

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
    def charts(self) -> tuple[Figure, Figure | None, Figure]:
        """Bookings against the pace; the gap to the peers, None where nobody is beside them; win rate by quarter."""
        return self.brief.figures()

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

    UsageError names what does not exist and what does; AccessDenied where the record is shared and the privacy notice
    has not reached the rep.
    """
    home = opened(workspace)
    day = requested_day(as_of)
    known = Known.at(home, day)
    snapshot, data = known.snapshot, sales_data(known)
    span = reviewed_period(data, requested_parameter("period", period))
    chosen = requested_parameter("rep", rep) or (data.sellers[0] if data.sellers else "")
    _check_seller(data, chosen)
    code = requested_language(language, home)
    url = home.database_url
    with CoachingStore.open(url, principal=principal_of(url, batch=True), teams=teams_of(snapshot)) as store:
        store.check_notice(chosen)
        actions = store.actions(chosen, upto=span.start)
        note = store.latest_note(chosen, upto=span.start)
        disputes = [found for one in store.objections(chosen) if (found := dispute_of(one)) is not None]
        record = known.record.joined(store.fingerprint(chosen, upto=span.start))
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
        disputes=_of_periods(disputes, data, span),
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
    days = days_to_suggest(home) if _is_of_today(home, facts) else {}
    parameters = {"rep": chosen, "period": span.label, "as_of": facts.as_of.isoformat(), "language": code}
    sources, stamps = bill(snapshot, SHOWN_METRICS, parameters, record), snapshot.warnings(code)
    return RepReview(facts, Brief(facts, load_words(code), content(), sources, stamps, whose, days))


def _of_periods(disputes: Sequence[Dispute], data: SalesData, span: Period) -> list[Dispute]:
    """Objections to numbers of the period and of the one before: the next review shows what became of them."""
    shown = {span.label, *(one.label for one in data.calendar.quarters_before(span, 1))}
    return [one for one in disputes if one.ref.rsplit(":", 1)[-1] in shown]


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


def requested_language(given: str, workspace: Workspace | None = None) -> str:
    """*given*, else as the page's address says, its server, or the organisation; UsageError for an unknown language."""
    served = os.environ.get("SALESCOACH_LANGUAGE", "")
    code = requested_parameter("language", given) or served or (workspace.organisation.language if workspace else "en")
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


@cache
def content() -> Content:
    """Playbooks, drafts and suggested actions of ``templates/content``."""
    return parse_content(load_tables("content"))


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


def _is_of_today(home: Workspace, facts: OneOnOne) -> bool:
    """Whether a review is of the current period; today's leads are no subject of one that looks back."""
    today = home.snapshot().as_of
    return facts.as_of == today and facts.period.start <= today <= facts.period.last_day
