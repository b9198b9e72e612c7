"""The one-on-one brief as a document: facts and words in, sections and figures out.

The order is the order of the meeting. A value about a person never stands without its n, its
interval and its verdict, or the reason why there is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from salescoach.coaching.content import Content
from salescoach.coaching.one_on_one import OneOnOne, Promise
from salescoach.coaching.said import PLAYBOOKS
from salescoach.diagnosis.findings import DRIVERS, Finding
from salescoach.report.deals import DealsToTouch
from salescoach.report.drafts import Drafts
from salescoach.report.figures import bookings_figure, win_rate_figure
from salescoach.report.gap import Gap
from salescoach.report.leads import calls_section
from salescoach.report.news import news_blocks
from salescoach.report.numbers import Numbers
from salescoach.report.page import (
    Bullets,
    Figure,
    Fold,
    Item,
    Page,
    Pairs,
    Quote,
    Section,
    Text,
)
from salescoach.report.wording import Wording
from salescoach.report.worked import worked_blocks
from salescoach.scoring.day import LeadDay
from salescoach.words import Words

TOPICS = {*DRIVERS.values(), *PLAYBOOKS.values()}
"""Playbooks that a number can lead to."""

_DIFFERENCES = ("development", "strength", "hypothesis", "tentative")
"""Kinds of findings that hold a person against others."""

Reader = Literal["coach", "manager"]


@dataclass(frozen=True)
class Brief:
    """Writes one :class:`OneOnOne` with *words* and *content*; ``sources`` says where it comes from.

    ``stamps`` are sentences that have to stand on top of every page made from these data. For the ``manager`` as
    reader there are no questions to look into and no drafts: they stay between coach and rep. ``days`` are
    the open leads and deals of today, by what they are; empty for a review that looks back.
    """

    facts: OneOnOne
    words: Words
    content: Content
    sources: Mapping[str, str]
    stamps: tuple[str, ...] = ()
    reader: Reader = "coach"
    days: Mapping[str, LeadDay] = field(default_factory=dict)

    @property
    def wording(self) -> Wording:
        """Values and sentences in this language and currency."""
        return Wording(self.words, self.facts.currency)

    def page(self) -> Page:
        """The whole document."""
        facts, words = self.facts, self.words
        language = words.language
        bookings, gap, win_rate = self.figures()
        sections = (
            self.promised(), self.numbers(), self.findings(), bookings, gap, self.gap(), self.deals(), self.leads(),
            self.questions(), self.changed(), win_rate, self.feedback(), self.about(),
        )  # fmt: skip
        return Page(
            title=words("review.title", rep=facts.full_name),
            subtitle=words(
                "review.subtitle", period=language.period(facts.period.label), as_of=language.date(facts.as_of)
            ),
            header=self.header(),
            sections=tuple(section for section in sections if section is not None),
            footer=words("notice.footer", date=language.date(facts.as_of)),
            language=language.code,
        )

    def header(self) -> Pairs:
        """Who, when, and how much of the period has passed."""
        facts, words = self.facts, self.words
        language = words.language
        last = language.date(facts.period.last_day)
        pairs = [
            (words("label.role"), words(f"role.{facts.role}") if facts.role else ""),
            (words("label.team"), facts.team),
            (words("label.manager"), facts.manager),
            (
                words("label.period"),
                words("review.header.period", period=language.period(facts.period.label),
                      start=language.date(facts.period.start), end=last),
            ),
            (words("brief.elapsed"), self._elapsed()),
            (words("brief.ramp"), words("review.header.ramp") if facts.ramping else ""),
            (words("brief.stamp"), " ".join(self.stamps)),
        ]  # fmt: skip
        return Pairs(tuple((name, text) for name, text in pairs if text))

    def _elapsed(self) -> str:
        elapsed, language = self.facts.elapsed, self.words.language
        if elapsed.done == 0:
            return self.words("elapsed.not_started")
        if elapsed.complete:
            return self.words("elapsed.complete")

        def days(count: float) -> str:
            return language.number(count, 0 if count == int(count) else 1)

        return self.words(
            "brief.elapsed_days",
            done=days(elapsed.done),
            all=days(elapsed.total),
            share=language.percent(elapsed.share),
        )

    # --- what was promised ---------------------------------------------------------------------

    def promised(self) -> Section:
        """Actions and note carried over from earlier one-on-ones."""
        facts, words = self.facts, self.words
        items = tuple(self._promise(promise) for promise in facts.promises)
        blocks: list[Text | Bullets | Quote] = [Bullets(items, empty=words("review.promised.none"))]
        overdue = sum(promise.overdue(facts.as_of) for promise in facts.promises)
        if overdue:
            blocks.insert(0, Text(words.plural("review.promised.overdue_count", overdue), tone="strong"))
        if facts.note:
            title = words("review.promised.note_title", period=words.language.period(facts.note.period))
            blocks.append(Quote(title, tuple(facts.note.text.splitlines())))
        return Section("promised", words("review.promised.title"), tuple(blocks))

    def _promise(self, promise: Promise) -> Item:
        words, language = self.words, self.words.language
        overdue = promise.overdue(self.facts.as_of)
        status = words("action_status.overdue" if overdue else f"action_status.{promise.status}")
        detail = [words("review.promised.raised", period=language.period(promise.period))]
        if promise.status == "dropped":
            detail.append(words("review.promised.dropped", reason=promise.reason))
        elif promise.due is not None and promise.status != "done":
            key = "review.promised.overdue" if overdue else "review.promised.due"
            detail.append(words(key, date=language.date(promise.due)))
        return Item(promise.text, detail=" · ".join(detail), mark=status)

    def numbers(self) -> Section:
        """Six numbers with n, interval, what peers would have, and the verdict."""
        return Numbers(self.facts, self.wording).section()

    def figures(self) -> tuple[Figure, Figure | None, Figure]:
        """Bookings against the pace, the gap to the peers if there is one, and the win rate quarter by quarter."""
        facts, wording = self.facts, self.wording
        return bookings_figure(facts, wording), Gap(facts, wording).figure(), win_rate_figure(facts, wording)

    def gap(self) -> Section:
        """Why bookings differ from the peers': chance, mix and support beside skill."""
        return Gap(self.facts, self.wording).section()

    def changed(self) -> Section:
        """What happened since the last one-on-one, and whether the win rate has moved."""
        words, since = self.words, self.facts.since
        day = words.language.date(since.day)
        items = [
            Item(words.plural("review.since.begun", since.begun)),
            Item(self._closed("won", since.won, since.won_value)),
            Item(self._closed("lost", since.lost, since.lost_value)),
        ]
        own = self._own_change()
        blocks = (
            Bullets(items),
            *((Text(own),) if own else ()),
            *news_blocks(self.facts.alerts, self.wording),
            *worked_blocks(self.facts.worked, self.wording),
        )
        lead = words("review.since.met" if since.met else "review.since.not_met", date=day)
        return Section("changed", words("review.since.title"), blocks, lead=lead)

    def _closed(self, outcome: str, count: int, value: float) -> str:
        """Deals ``won`` or ``lost`` and what they come to together, as far as amounts are recorded."""
        if not count:
            return self.words(f"review.since.{outcome}_none")
        if math.isfinite(value):
            return self.words.plural(f"review.since.{outcome}", count, value=self.wording.value(value, "money"))
        return self.words.plural(f"review.since.{outcome}_unsaid", count)

    # --- findings, deals, questions, drafts ----------------------------------------------------

    def findings(self) -> Section:
        """At most three sentences, each with the n and the deals it rests on."""
        words = self.words
        hidden = ("context", "hypothesis") if self.reader == "manager" else ("context",)
        shown = [finding for finding in self.facts.findings if finding.kind not in hidden]
        items = tuple(self._finding(finding) for finding in shown)
        blocks: tuple[Bullets | Text, ...] = (
            Bullets(items, empty=words("review.findings.none")),
            *self._caution(shown),
        )
        return Section("findings", words("review.findings.title"), blocks, lead=words("review.findings.intro"))

    def _caution(self, shown: Sequence[Finding]) -> tuple[Text, ...]:
        """What holds for every difference that *shown* findings name, said once."""
        named = [one for one in shown if one.kind in _DIFFERENCES and one.driver in TOPICS]
        if not named:
            return ()
        said = [] if self.facts.adjusted else [self.words("brief.not_adjusted")]
        return (Text(" ".join([*said, self.words("review.chance.association")]), "muted"),)

    def _finding(self, finding: Finding) -> Item:
        words = self.words
        detail = []
        if "gain" in finding.slots:
            slots = self.wording.slots(finding)
            detail.append(
                words("review.said.what_if", **{name: slots[name] for name in words.slots("review.said.what_if")})
            )
        if finding.evidence and len(finding.evidence) != finding.n:
            detail.append(words("review.findings.rows", n=len(finding.evidence)))
        return Item(
            self.wording.finding(finding), detail=" ".join(detail), mark=words(f"review.finding.kind.{finding.kind}")
        )

    def _own_change(self) -> str:
        change, line = self.facts.own_change, self.facts.lines["win_rate_count"].now
        if not line.known or not math.isfinite(change.earlier):
            return ""
        share = self.words.language.percent
        return self.words(
            f"review.change.{change.verdict}",
            metric=self.words("metric.win_rate_count.name"),
            value=share(line.value),
            range=self.wording.range(line.low, line.high, "share"),
            n=line.n,
            before=share(change.earlier),
            before_range=self.wording.range(change.low, change.high, "share"),
            before_n=change.n,
        )

    def deals(self) -> Section:
        """Open deals worth a word, with reasons in words."""
        return DealsToTouch(self.facts, self.wording).section()

    def leads(self) -> Section:
        """Open leads to call first, or why there is no order; open deals where a model of deals is in use."""
        return calls_section(self.days, self.facts.rep_id, self.words)

    @property
    def driver(self) -> str:
        """Playbook of the most useful topic: the development point, else the possible gap, else general."""
        for kind in ("development", "hypothesis"):
            for finding in self.facts.findings:
                if finding.kind == kind:
                    return finding.driver
        return "general"

    def questions(self) -> Section:
        """The playbook's questions; chance, mix and territory come before skill."""
        words, code = self.words, self.words.language.code
        if self.reader == "manager":
            return self._support()
        playbook = self.content.playbook(self.driver)
        innocent = Bullets(
            tuple(Item(text, mark=words(f"review.questions.{name}")) for name, text in playbook.innocent(code))
        )
        asked = Bullets(tuple(Item(text) for text in playbook.questions(code)), ordered=True)
        blocks = (
            Text(words("review.chance.title"), tone="strong"),
            innocent,
            Text(words("review.questions.driver", title=playbook.title(code)), tone="strong"),
            asked,
            Pairs(
                (
                    (words("review.questions.listen"), playbook.listen_for(code)),
                    (words("review.questions.goal"), playbook.behaviour_goal(code)),
                    (words("brief.grade"), words(f"review.grade.{playbook.evidence_grade}")),
                )
            ),
            Text(words("review.questions.closing"), tone="strong"),
            Bullets(tuple(Item(words(f"review.questions.closing_{name}")) for name in ("skill", "deal", "support"))),
        )
        return Section("questions", words("review.questions.title"), blocks, lead=words("review.questions.intro"))

    def _support(self) -> Section:
        """What a manager can give: before skill is spoken of, mix, territory, chance and support are looked at."""
        words = self.words
        items = tuple(Item(words(f"review.support.{name}")) for name in ("mix", "territory", "time", "ask"))
        return Section("questions", words("review.support.title"), (Bullets(items),), lead=words("review.support.lead"))

    def feedback(self) -> Section:
        """Drafts for the coach to finish; for the manager, where they are."""
        words = self.words
        if self.reader == "manager":
            elsewhere = Text(words("review.support.feedback"), tone="muted")
            return Section("feedback", words("review.feedback.title"), (elsewhere,))
        return Drafts(self.facts, self.wording, self.content).section()

    # --- where it comes from -------------------------------------------------------------------

    def about(self) -> Section:
        """Caveats of the data, then the bill of materials: with these parts the page can be made again."""
        facts, words = self.facts, self.words
        caveats = [self._flag(rule, count) for rule, count in sorted(facts.flags.items())]
        caveats += [
            words.plural("review.caveat.unconverted", n, total=words.language.money(total, currency), currency=currency)
            for currency, (n, total) in facts.unconverted.items()
        ]
        if facts.unsplit:
            caveats.append(words("review.caveat.unsplit", deals=", ".join(facts.unsplit)))
        caveats += [words(f"review.caveat.{missing}") for missing in facts.missing]
        blocks = (
            Bullets(tuple(Item(text) for text in caveats), empty=words("review.caveats.none")),
            Fold(words("brief.definitions"), (Numbers(facts, self.wording).definitions(),)),
            Fold(
                words("review.sources.title"),
                (Pairs(tuple((words(f"review.sources.{name}"), text) for name, text in self.sources.items())),),
            ),
            Text(words("notice.use"), tone="muted"),
        )
        return Section("about", words("review.caveats.title"), blocks)

    def _flag(self, rule: str, count: int) -> str:
        """What the import found about this rep's rows; for a rule without a sentence of its own, its title."""
        words = self.words
        if words.has(f"brief.flag.{rule}.other"):
            return words.plural(f"brief.flag.{rule}", count)
        return words.plural("brief.flag", count, title=words(f"import.rule.{rule}.title"))
