"""A rep's one-on-ones: the place where coaching record, imported numbers and content library meet.

Every read and write goes through the record, which authorises it again for whoever is signed in; what a screen shows
or an address says is never taken as a permission.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import cast

from salescoach.coaching import session as rules
from salescoach.coaching.content import Agenda
from salescoach.coaching.disputes import Dispute, Figure, acknowledge_by
from salescoach.coaching.feedback import Evidence
from salescoach.coaching.remarks import Remark
from salescoach.disputing import decided
from salescoach.errors import ConflictError
from salescoach.known import calendar_of, data_at, snapshot_at, teams_of
from salescoach.language import shortened
from salescoach.report.documents import Point
from salescoach.report.wording import Wording
from salescoach.review import RepReview, action_text, content, open_review
from salescoach.store import ACTION_LIMIT, Principal, Record, principal_of
from salescoach.store.models import ActionItem, AgendaItem, Objection, OneOnOne
from salescoach.store.policy import ADMIN, COACH, EXECUTIVE, HR, MANAGER, SELF, Standings
from salescoach.store.service import one_on_ones
from salescoach.store.service.one_on_ones import Meeting, Side
from salescoach.words import Words
from salescoach.workspace import Workspace

KINDS = (
    "weekly", "pipeline", "skill", "forecast", "career", "new_hire_30", "new_hire_60", "new_hire_90", "recovery",
    "group",
)  # fmt: skip
POINTS_OF_REP, POINTS_OF_COACH = 3, 1


def open_record(home: Workspace, principal: Principal | None = None) -> Record:
    """The coaching record of a workspace, for whoever the server says is here (or *principal*).

    Scopes that name a team reach its reps by the newest import.
    """
    who = principal or principal_of(home.database_url)
    return Record.open(home.database_url, who, teams=teams_of(snapshot_at(home)))


def standing(record: Record, rep_id: str) -> Standings:
    """How the person before the screen stands to *rep_id* today."""
    with record.read() as unit:
        return unit.access.standings(rep_id)


def people(home: Workspace, record: Record, words: Words) -> list[tuple[str, str]]:
    """(name, rep_id) of the sellers whose meetings the person may see something of, in the language's order."""
    data = data_at(home)
    names = {rep: str(data.reps.at[rep, "full_name"]) for rep in data.sellers}
    with record.read() as unit:
        seen = [rep for rep in names if unit.access.standings(rep) & {SELF, COACH, MANAGER, EXECUTIVE}]
    return sorted(((names[rep], rep) for rep in seen), key=lambda pair: words.language.sort_key(pair[0]))


def agenda_of(kind: str) -> Agenda | None:
    """The library's agenda for a kind of meeting."""
    return next((agenda for agenda in content().all(Agenda) if agenda.id == kind), None)


@dataclass(frozen=True)
class Desk:
    """One rep's meetings as one person sees them, in one language."""

    home: Workspace
    record: Record
    rep_id: str
    words: Words
    reviews: dict[tuple[str, str], RepReview] = field(default_factory=dict, repr=False, compare=False)

    @property
    def review(self) -> RepReview:
        """The numbers of the current period, as the newest import has them.

        Worked out once for all desks that share ``reviews``: it costs more than everything else on a page.
        """
        wanted = self.rep_id, self.words.language.code
        if wanted not in self.reviews:
            self.reviews[wanted] = open_review(self.home, rep=wanted[0], language=wanted[1])
        return self.reviews[wanted]

    @property
    def name(self) -> str:
        """The rep's name."""
        return str(data_at(self.home).reps.at[self.rep_id, "full_name"])

    @cached_property
    def standing(self) -> Standings:
        """How the person before the screen stands to the rep."""
        return standing(self.record, self.rep_id)

    @property
    def sees_meetings(self) -> bool:
        """Whether the person before the screen may read the rep's meetings at all."""
        return bool(self.standing & {SELF, COACH, EXECUTIVE})

    def meetings(self) -> tuple[OneOnOne, ...]:
        """The rep's meetings, the newest first."""
        found = self.record.entries(OneOnOne, self.rep_id)
        return tuple(sorted(found, key=lambda meeting: -meeting.number))

    def meeting(self, meeting_id: int) -> Meeting:
        """A meeting with all its parts, as it stands now."""
        return one_on_ones.meeting(self.record, meeting_id)

    def title(self, meeting: OneOnOne) -> str:
        """How a meeting is called in a list."""
        words = self.words
        moment = meeting.held_at or meeting.planned_at
        when = words.language.moment(self.local(moment)) if moment else words("one_on_one.no_date")
        kind = words(f"session.kind.{meeting.kind}")
        return words("one_on_one.app.listed", number=meeting.number, kind=kind, when=when)

    def local(self, moment: datetime) -> datetime:
        """*moment* in the organisation's time zone."""
        return moment.astimezone(self.home.organisation.zone)

    # -- writing -------------------------------------------------------------------------------

    def plan(self, kind: str, day: date, clock: str, key: str) -> OneOnOne:
        """Plan the next meeting on *day* at *clock* (``09:30``), in the organisation's time zone."""
        hour, minute = map(int, clock.split(":"))
        starts = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.home.organisation.zone)
        return one_on_ones.plan(
            self.record, self.rep_id, self.record.principal.person, kind, planned_at=starts.astimezone(UTC), key=key
        )

    def write_point(self, meeting: OneOnOne, by: str, place: int, text: str, version: int) -> AgendaItem:
        """Write one point of the agenda that was read at *version* (0: it was empty); else a ConflictError."""
        with self.record.write() as unit:
            items = unit.entries(AgendaItem, self.rep_id, one_on_one_id=meeting.id, by=by, place=place)
            if version != (items[0].version if items else 0):
                raise ConflictError(text, items[0].text if items else "", items[0].version if items else 0)
            if items:
                return unit.save(replace(items[0], text=text))
            return unit.add(AgendaItem(rep_id=self.rep_id, one_on_one_id=meeting.id, by=by, place=place, text=text))

    def write_outcome(self, item: AgendaItem, text: str, version: int) -> AgendaItem:
        """What came out of a point; a ConflictError with both texts when it changed since *version*."""
        with self.record.write() as unit:
            stored = unit.get(AgendaItem, item.id)
            if stored.version != version:
                raise ConflictError(text, stored.outcome, stored.version)
            return unit.save(replace(stored, outcome=text))

    def write_field(self, meeting_id: int, name: str, text: str, before: str) -> OneOnOne:
        """Write one text of the meeting itself; other fields of it may have changed meanwhile, this one may not.

        ConflictError with both texts when the field no longer says *before*.
        """
        with self.record.write() as unit:
            stored = unit.get(OneOnOne, meeting_id)
            if (getattr(stored, name) or "") != before:
                raise ConflictError(text, getattr(stored, name) or "", stored.version)
            return unit.save(replace(stored, **{name: text}))  # type: ignore[arg-type]  # a text field of the meeting

    def promise(self, meeting: OneOnOne, text: str, due: date | None, template: str, key: str) -> ActionItem:
        """Add something that was promised in the meeting."""
        period = self.review.facts.period
        action = ActionItem(
            rep_id=self.rep_id, key=key, period=period.label, period_start=period.start, text=text,
            owner_id=self.rep_id, due=due, template_id=template or None,
        )  # fmt: skip
        return one_on_ones.promise(self.record, meeting, period, action)

    def sign(self, meeting: OneOnOne, side: Side) -> OneOnOne:
        """One side signs; the skill and the deal step become promises, so that the next review begins with them."""
        day = self.next_day(meeting)
        step = f"{self.deal_name(meeting.deal_id)}: {meeting.deal_step}" if meeting.deal_id else meeting.deal_step
        for name, text in (("skill", meeting.skill_commitment), ("deal", step if meeting.deal_step else "")):
            if text.strip():
                made = self.promise(meeting, shortened(text, ACTION_LIMIT), day, "", f"{meeting.key}-{name}")
                if made.text != shortened(text, ACTION_LIMIT):  # signed before, and changed since
                    self.record.save(replace(made, text=shortened(text, ACTION_LIMIT)))
        return one_on_ones.sign(self.record, meeting, side)

    def objections(self) -> tuple[Objection, ...]:
        """What the rep objects to, as far as the person before the screen may know of it."""
        if not self.standing & {SELF, COACH, MANAGER, HR, ADMIN}:
            return ()
        return self.record.entries(Objection, self.rep_id)

    def object_to(self, metric_id: str, text: str, key: str) -> Objection:
        """The rep objects to a number of the current period; somebody has to say soon that it was received."""
        facts = self.review.facts
        now, today = facts.lines[metric_id].now, datetime.now(self.home.organisation.zone).date()
        figure = Figure(now.value, now.low, now.high, now.n, facts.as_of)
        ref = f"metric:{metric_id}:{facts.period.label}"
        due = acknowledge_by(Dispute(ref, self.rep_id, "", today, text, figure), calendar_of(self.home.organisation))
        return self.record.add(
            Objection(
                rep_id=self.rep_id, key=key, number_ref=ref, text=text, due=due, first_value=_finite(now.value),
                first_low=_finite(now.low), first_high=_finite(now.high), first_n=now.n, first_as_of=facts.as_of,
            )
        )  # fmt: skip

    def answer(
        self, objection: Objection, status: str, text: str, deals: Sequence[str] = (), owner: str = ""
    ) -> Objection:
        """Answer an objection: upheld or declined, with reasons; the record refuses the rep as examiner.

        What is upheld is worked out again at once: with *deals* as those of *owner*, when they are not this person's.
        """
        return decided(self.home, self.record, objection, status, text, tuple(deals), owner)

    # -- rules ---------------------------------------------------------------------------------

    def next_day(self, meeting: OneOnOne) -> date:
        """Day of the next meeting by the cadence of its kind; after the last one of a series, of the weekly one."""
        moment, calendar = meeting.held_at or meeting.planned_at, calendar_of(self.home.organisation)
        last = self.local(moment).date() if moment else self.review.facts.as_of
        day = rules.next_day(meeting.kind, last, last, calendar)  # type: ignore[arg-type]  # checked by the record
        return day or rules.next_day("weekly", last, last, calendar) or last

    def missing(self, found: Meeting) -> tuple[Remark, ...]:
        """What is not there yet: for the meeting while it is planned, for the signatures once it was held."""
        written = self._written(found)
        if written.held is None:
            return rules.preread_lacks(written, len(self.review.facts.findings))
        code = self.words.language.code
        actions = [
            rules.Action(
                one.key, action_text(one, code), one.owner_id, 0, cast(rules.Status, one.status), one.due,
                one.reason or "",
            )
            for one in found.carried
        ]  # fmt: skip
        return rules.close_lacks(written, actions)

    def _written(self, found: Meeting) -> rules.Session:
        """The meeting as the rules look at it."""
        one = found.one_on_one
        evidence = None
        if one.evidence_ref and one.evidence_kind:
            evidence = Evidence(one.evidence_kind, one.evidence_ref, self.rep_id)  # type: ignore[arg-type]
        items = tuple(rules.Item(point.by, point.text) for point in points_of(found))
        planned = self.local(one.planned_at).date() if one.planned_at else self.review.facts.as_of
        return rules.Session(
            one.number, one.kind, self.rep_id, one.coach_id, planned, agenda=items, evidence=evidence,  # type: ignore[arg-type]
            skill_commitment=one.skill_commitment, deal_id=one.deal_id or "", deal_step=one.deal_step,
            held=self.local(one.held_at).date() if one.held_at else None,
        )  # fmt: skip

    # -- names and numbers ------------------------------------------------------------------------

    def person(self, person: str) -> str:
        """A person's name where the data know one, else what the record calls them."""
        reps = data_at(self.home).reps
        return str(reps.at[person, "full_name"]) if person in reps.index else person

    def deal_name(self, deal_id: str) -> str:
        """Name of a deal worth a word; its id for any other."""
        return {value: name for name, value in self.deals()}.get(deal_id, deal_id)

    def number_text(self, metric_id: str) -> str:
        """A number of the current period in one line, with its n and interval, or why there is none."""
        words, line = self.words, self.review.facts.lines[metric_id]
        wording, name = Wording(words, self.review.facts.currency), words(f"metric.{metric_id}.name")
        if not line.now.known:
            return words("one_on_one.app.number_missing", name=name, reason=words(f"brief.na.{line.now.na_reason}"))
        value, n = wording.value(line.now.value, line.unit), line.now.n
        between = wording.range(line.now.low, line.now.high, line.unit)
        if not between:
            return words("one_on_one.app.number_exact", name=name, value=value, n=n)
        return words("one_on_one.app.number", name=name, value=value, range=between, n=n)

    def deals(self) -> list[tuple[str, str]]:
        """(name, deal_id) of the deals worth a word."""
        return [(deal.name, deal.deal_id) for deal in self.review.facts.deals]


def points_of(meeting: Meeting) -> tuple[Point, ...]:
    """The agenda in its order: the rep's points, then the coach's."""
    ordered = sorted(meeting.agenda, key=lambda item: (item.by != "rep", item.place))
    return tuple(Point("rep" if item.by == "rep" else "coach", item.text, item.outcome) for item in ordered)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
