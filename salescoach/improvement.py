"""The team's improvement work: what is asked of others, what was decided, cycles and trials, what customers said.

The place where coaching record, imported numbers and content library meet, as :mod:`salescoach.meetings` is for a
one-on-one. Every read and write goes through the record, which authorises it for whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cached_property

import pandas as pd

from salescoach.coaching import improvement as rules
from salescoach.coaching import voice as asking
from salescoach.coaching.remarks import Remark
from salescoach.errors import ConflictError
from salescoach.known import calendar_of, data_at
from salescoach.report.voice import Voice
from salescoach.store import Record
from salescoach.store.models import (
    ORGANISATION,
    Decision,
    ImprovementCycle,
    InterviewNote,
    Request,
    SurveyAnswer,
    ThemeCode,
)
from salescoach.store.policy import COACH, MANAGER, MEMBER, SELF, Standings
from salescoach.store.service import agreements
from salescoach.voice import MENTION, NO_THEME, voice_of
from salescoach.words import Words
from salescoach.workspace import Workspace

INTERVIEWS = ("win", "loss", "customer")


@dataclass(frozen=True)
class Text:
    """Something a customer said that was written down here, and what can be told of it in a list."""

    name: str
    note: InterviewNote | SurveyAnswer
    day: date
    words: str


@dataclass(frozen=True)
class Board:
    """The improvement work as one person sees it, in one language."""

    home: Workspace
    record: Record
    words: Words

    @cached_property
    def standing(self) -> Standings:
        """How the person before the screen stands to the organisation today; and to themselves, where they sell."""
        with self.record.read() as unit:
            mine = unit.access.standings(self.record.principal.person) & {SELF}
            return unit.access.standings(ORGANISATION) | (mine if self._sells else frozenset())

    @property
    def _sells(self) -> bool:
        return self.record.principal.person in data_at(self.home).sellers

    @property
    def reads(self) -> bool:
        """Whether the person may read what is about nobody in particular."""
        return MEMBER in self.standing

    @property
    def subject(self) -> str:
        """Whom the entries are about that the person writes: nobody in particular, or the rep who writes."""
        return ORGANISATION if self.reads else self.record.principal.person

    @property
    def leads(self) -> bool:
        """Whether the person may decide, plan and code."""
        return bool(self.standing & {COACH, MANAGER})

    @property
    def manages(self) -> bool:
        """Whether the person may see a team's goals."""
        return MANAGER in self.standing

    @property
    def today(self) -> date:
        """Today, in the organisation's time zone."""
        return datetime.now(self.home.organisation.zone).date()

    @property
    def as_of(self) -> date:
        """The last day that the newest import knows."""
        return data_at(self.home).as_of

    @property
    def currency(self) -> str:
        """The organisation's currency."""
        return self.home.organisation.currency

    def local(self, moment: datetime) -> datetime:
        """*moment* in the organisation's time zone."""
        return moment.astimezone(self.home.organisation.zone)

    def day_of(self, moment: datetime | None) -> date:
        """The day of *moment*, in the organisation's time zone."""
        return self.local(moment).date() if moment else self.today

    def name(self, person: str) -> str:
        """A person's name; what the record calls them where the import does not know them."""
        reps = data_at(self.home).reps
        return str(reps.at[person, "full_name"]) if person in reps.index else person

    def deal_known(self, deal_id: str) -> bool:
        """Whether the newest import has this deal."""
        return bool((data_at(self.home).deals["deal_id"] == deal_id).any())

    # -- customers' voice ----------------------------------------------------------------------

    def voice(self) -> Voice:
        """Scores, themes and agreement of the last four quarters."""
        return voice_of(self.home, self.record)

    def write_down(self, kind: str, day: date, text: str, deal_id: str, customer: str, key: str) -> Text:
        """Keep what a customer said: an interview (one of :data:`INTERVIEWS`) or a ``mention`` in public.

        It is about nobody: a customer's words are never put down to a rep.
        """
        moment = datetime.combine(day, time(12), tzinfo=self.home.organisation.zone).astimezone(UTC)
        note: InterviewNote | SurveyAnswer
        if kind == MENTION:
            note = self.record.add(SurveyAnswer(
                rep_id=ORGANISATION, key=key, survey_id=MENTION, answered_at=moment, comment=text,
                account_id=customer or None, deal_id=deal_id or None,
            ))  # fmt: skip
        else:
            note = self.record.add(InterviewNote(
                rep_id=ORGANISATION, key=key, kind=kind, occurred_at=moment, text=text, deal_id=deal_id or None,
            ))  # fmt: skip
        return self._text(note)

    def texts(self) -> tuple[Text, ...]:
        """Interviews and mentions, the newest first."""
        with self.record.read() as unit:
            notes = unit.readable(InterviewNote, ORGANISATION)
            said = unit.readable(SurveyAnswer, ORGANISATION)
        texts = [*map(self._text, notes), *map(self._text, said)]
        return tuple(sorted(texts, key=lambda one: (one.day, one.name), reverse=True))

    def _text(self, note: InterviewNote | SurveyAnswer) -> Text:
        if isinstance(note, InterviewNote):
            return Text(f"{note.kind} {note.id}", note, self.day_of(note.occurred_at), note.text)
        return Text(f"{MENTION} {note.id}", note, self.day_of(note.answered_at), note.comment)

    def to_code(self) -> tuple[Text, ...]:
        """Texts that this person has not coded: whoever codes second does not see what the first one found."""
        mine = {self._place(code) for code in self._codes() if code.author == self.record.principal.person}
        return tuple(one for one in self.texts() if self._place(one.note) not in mine)

    def _codes(self) -> tuple[ThemeCode, ...]:
        return self.record.readable(ThemeCode, ORGANISATION)

    @staticmethod
    def _place(of: ThemeCode | InterviewNote | SurveyAnswer) -> tuple[str, int]:
        if isinstance(of, ThemeCode):
            return ("interview", of.interview_note_id) if of.interview_note_id else ("answer", of.survey_answer_id or 0)
        return ("interview" if isinstance(of, InterviewNote) else "answer"), of.id

    def code(self, text: Text, themes: Sequence[str], quote: str = "") -> tuple[ThemeCode, ...]:
        """Keep the themes that this person finds in *text*; none is an answer too. All of them or none are stored."""
        person, (place, number) = self.record.principal.person, self._place(text.note)
        interview, answer = (number, None) if place == "interview" else (None, number)
        with self.record.write() as unit:
            return tuple(
                unit.add(
                    ThemeCode(
                        rep_id=ORGANISATION, key=f"{place} {number} {theme} {person}"[:200], theme=theme,
                        interview_note_id=interview, survey_answer_id=answer,
                        quote="" if theme == NO_THEME else quote,
                    )
                )
                for theme in (themes or (NO_THEME,))
            )  # fmt: skip

    # -- requests to other departments ---------------------------------------------------------

    def requests(self) -> tuple[Request, ...]:
        """What was asked of others, as far as the person may read it, the newest first."""
        return tuple(reversed(self.record.readable(Request)))

    def asked(self, entry: Request) -> asking.Request:
        """A request as the rules look at it."""
        answered = self.day_of(entry.answered_at) if entry.answered_at and entry.status != "open" else None
        return asking.Request(
            str(entry.id), entry.to_department, entry.ask, self.name(entry.rep_id or entry.author),
            self.day_of(entry.created_at), entry.due, entry.deal_id or "", answered, entry.answer,
            entry.status == "declined",
        )  # fmt: skip

    def standings(self) -> tuple[asking.Standing, ...]:
        """Every request with its status and its age in working days, those without an answer first."""
        calendar = calendar_of(self.home.organisation)
        found = [asking.standing(self.asked(one), self.today, calendar) for one in self.requests()]
        waits = ("overdue", "open")
        return tuple(sorted(found, key=lambda one: (one.status not in waits, one.request.due or self.today, -one.age)))

    def ledger(self) -> tuple[asking.Department, ...]:
        """The requests of each department."""
        calendar = calendar_of(self.home.organisation)
        return asking.by_department(map(self.asked, self.requests()), self.today, calendar)

    def ask(self, department: str, ask: str, due: date | None, deal_id: str, key: str) -> Request | tuple[Remark, ...]:
        """Put a request to *department*; the remarks when something stops it."""
        draft = asking.Request("", department, ask, self.record.principal.person, self.today, due)
        lacks = asking.request_lacks(draft)
        if lacks:
            return lacks
        return self.record.add(
            Request(rep_id=self.subject, key=key, to_department=department, ask=ask, due=due, deal_id=deal_id or None)
        )

    def answer(self, entry: Request, status: str, text: str) -> Request:
        """Write down what a department said; a ConflictError with both texts when somebody was faster."""
        return self.record.save(replace(entry, status=status, answer=text, answered_at=datetime.now(UTC)), why=status)

    # -- decisions -----------------------------------------------------------------------------

    def decisions(self) -> tuple[Decision, ...]:
        """The log, the newest first; for a rep, the decisions that concern them: see :func:`decisions_about`."""
        if self.reads or SELF not in self.standing:
            return tuple(reversed(self.record.readable(Decision, ORGANISATION)))
        person = self.record.principal.person
        return tuple(reversed(agreements.decisions_about(self.record, person, self._team(person))))

    def _team(self, rep_id: str) -> str:
        team = data_at(self.home).reps["team_id"].get(rep_id)
        return "" if team is None or pd.isna(team) else str(team)

    def decided(self, entry: Decision) -> rules.Decision:
        """A decision as the rules look at it."""
        return rules.Decision(
            entry.adjustment, entry.reason, entry.expected_effect, self.name(entry.author),
            self.day_of(entry.created_at), entry.review_on, entry.metric_id or "", entry.outcome,
        )  # fmt: skip

    def decide(
        self, adjustment: str, reason: str, expected: str, review_on: date | None, metric_id: str, key: str
    ) -> Decision | tuple[Remark, ...]:
        """Put a decision into the log; the remarks when something stops it."""
        draft = rules.Decision(
            adjustment, reason, expected, self.record.principal.person, self.today, review_on, metric_id
        )
        lacks = tuple(one for one in rules.decision_lacks(draft, self.today) if one.weight == "block")
        if lacks or review_on is None:
            return lacks
        return self.record.add(Decision(
            rep_id=ORGANISATION, key=key, adjustment=adjustment, reason=reason, expected_effect=expected,
            review_on=review_on, metric_id=metric_id or None,
        ))  # fmt: skip

    def write_outcome(self, decision_id: int, text: str, version: int) -> Decision:
        """What came of a decision; a ConflictError with both texts when it changed since *version*."""
        with self.record.write() as unit:
            stored = unit.get(Decision, decision_id)
            if stored.version != version:
                raise ConflictError(text, stored.outcome, stored.version)
            return unit.save(replace(stored, outcome=text))

    # -- cycles --------------------------------------------------------------------------------

    def cycles(self) -> tuple[ImprovementCycle, ...]:
        """The cycles, the newest first."""
        return tuple(reversed(self.record.readable(ImprovementCycle, ORGANISATION)))

    def begin(self, title: str, plan: str, team_id: str, key: str) -> ImprovementCycle:
        """Begin a cycle with what is to be done differently."""
        return self.record.add(
            ImprovementCycle(rep_id=ORGANISATION, key=key, title=title, plan=plan, team_id=team_id or None)
        )

    def turned(self, entry: ImprovementCycle, review_on: date | None = None) -> rules.Cycle:
        """A cycle as the rules look at it: its title is the one change, whoever began it looks after it.

        It began on the day on which it went from plan to do: the record keeps every version.
        """
        versions = self.record.history(ImprovementCycle, entry.id)
        moment = next((one.changed_at for one in versions if one.status == "do"), None)
        started = self.day_of(moment) if moment else None
        return rules.Cycle(
            entry.title, heard=entry.plan, change=entry.title, owner=self.name(entry.author), started=started,
            result=entry.check, decision=entry.act, review_on=review_on, phase=entry.status,  # type: ignore[arg-type]
        )  # fmt: skip

    def write_part(self, cycle_id: int, part: str, text: str, before: str) -> ImprovementCycle:
        """Write one part of a cycle; ConflictError with both texts when it no longer says *before*."""
        with self.record.write() as unit:
            stored = unit.get(ImprovementCycle, cycle_id)
            if getattr(stored, part) != before:
                raise ConflictError(text, getattr(stored, part), stored.version)
            return unit.save(replace(stored, **{part: text}))  # type: ignore[arg-type]  # a text of the cycle

    def move(self, cycle: ImprovementCycle, to: rules.Phase, review_on: date | None = None) -> tuple[Remark, ...]:
        """Move a cycle on to phase *to*; what stands in the way, if anything does.

        The last step puts what was decided into the decision log, with the day to look at it again.
        """
        fresh = self.record.get(ImprovementCycle, cycle.id)
        lacks = rules.next_phase(self.turned(fresh, review_on), to)
        if lacks:
            return lacks
        with self.record.write() as unit:
            unit.save(replace(fresh, status=to), why=to)
            if to == "closed" and review_on is not None:
                unit.add(Decision(
                    rep_id=ORGANISATION, key=f"cycle {cycle.id}", adjustment=fresh.act[:500], reason=fresh.check[:500],
                    expected_effect=fresh.title, review_on=review_on, metric_id=fresh.metric_id,
                ))  # fmt: skip
        return ()
