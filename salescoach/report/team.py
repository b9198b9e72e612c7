"""The team's page as a document: facts and words in, sections and a figure out. Decisions come first.

Names stand in the order of the alphabet and never in that of a number. What is said of one person is a reliable gap or
a reliable strength; where there is none, that is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from salescoach import charts
from salescoach.coaching.allocation import LEVEL as MOVE_LEVEL
from salescoach.coaching.rollout import FEWEST as FEWEST_IN_LOT
from salescoach.coaching.team import Decision, Member, TeamReview, Topic
from salescoach.diagnosis.findings import Answer, Shown
from salescoach.metrics import METRICS
from salescoach.report.memos import Memos, named, range_cell
from salescoach.report.page import Bullets, Cell, Column, Figure, Fold, Item, Page, Pairs, Section, Table, Text
from salescoach.report.rollout import rollout_table
from salescoach.report.wording import FEWEST_PLAIN, Wording
from salescoach.report.worked import programmes_blocks
from salescoach.words import Words

_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_OPTIONS = 3


@dataclass(frozen=True)
class TeamPage:
    """Writes one :class:`TeamReview` with *words*; ``sources`` says where it comes from."""

    facts: TeamReview
    words: Words
    organisation: str
    as_of: str
    sources: Mapping[str, str]
    stamps: tuple[str, ...] = ()

    @property
    def wording(self) -> Wording:
        """Values in this language and currency."""
        return Wording(self.words, self.facts.currency)

    def page(self) -> Page:
        """The whole document."""
        facts, words = self.facts, self.words
        period = words.language.period(facts.period.label)
        sections = (
            self.digest(), self.standing(), self.people(), self.leaks(), self.leak_figure(), self.allocation(),
            self.memos.product(), self.memos.marketing(), self.about(),
        )  # fmt: skip
        return Page(
            title=words("team.title_team", team=facts.team) if facts.team else words("team.title"),
            subtitle=words("review.subtitle", period=period, as_of=self.as_of),
            header=self.header(),
            sections=tuple(section for section in sections if section is not None),
            footer=words("team.footer", date=self.as_of),
            language=words.language.code,
        )

    def header(self) -> Pairs:
        """Which organisation, how many people, how much of the period has passed."""
        facts, words = self.facts, self.words
        language = words.language
        passed = words("elapsed.complete") if facts.elapsed.complete else language.percent(facts.elapsed.share)
        pairs = [
            (words("label.organisation"), self.organisation),
            (words("label.team"), facts.team),
            (words("team.people"), language.number(facts.people)),
            (words("brief.elapsed"), passed),
            (words("brief.stamp"), " ".join(self.stamps)),
            (words("team.small_mark"), words("team.small") if facts.small else ""),
        ]
        return Pairs(tuple((name, text) for name, text in pairs if text))

    # --- decisions -----------------------------------------------------------------------------

    def digest(self) -> Section:
        """At most three decisions, each with its evidence and what could be decided."""
        words = self.words
        blocks: list[Text | Bullets] = []
        for number, decision in enumerate(self.facts.decisions, 1):
            title = words(
                "team.decision.numbered",
                number=number,
                title=self._filled(f"team.decision.{decision.kind}.title", decision),
            )
            options = [
                Item(self._filled(f"team.decision.{decision.kind}.option_{place}", decision), mark="ABC"[place - 1])
                for place in range(1, _OPTIONS + 1)
            ]
            evidence = Text(self._filled(f"team.decision.{decision.kind}.evidence", decision))
            blocks += [Text(title, "strong"), evidence, Bullets(options)]
        if not blocks:
            return Section("digest", words("team.digest.title"), (Text(words("team.digest.none")),))
        return Section("digest", words("team.digest.title"), tuple(blocks), lead=words("team.digest.lead"))

    def _filled(self, key: str, decision: Decision) -> str:
        slots = {name: self._shown(shown) for name, shown in decision.slots.items()}
        if "driver" in slots:
            slots["topic"] = self.wording.driver(slots["driver"], slots["stage"])
        return self.words(key, **{name: slots[name] for name in self.words.slots(key)})

    def _shown(self, shown: Shown) -> str:
        if shown.unit in ("reason", "place"):
            return named(self.words, shown.unit, str(shown.value))
        return self.wording.shown(shown)

    # --- where the period stands ---------------------------------------------------------------

    def standing(self) -> Section:
        """Six numbers of the team with n and interval."""
        words = self.words
        columns = (
            Column(words("label.metric")), Column(words("label.value"), "right"),
            Column(words("review.numbers.interval", level=self.wording.level), "right"),
            Column(words("label.n"), "right"),
        )  # fmt: skip
        rows = [self._line(name, answer) for name, answer in self.facts.lines.items()]
        notes = []
        for name, answer in self.facts.lines.items():
            said = [words(f"warning.{code}") for code in answer.warnings if answer.known]
            said += [words(f"na.{answer.na_reason}")] if answer.na_reason else []
            notes += [f"{words(f'metric.{name}.name')}: {sentence}" for sentence in said]
        table = Table(words("team.standing.caption"), columns, rows, notes=tuple(notes))
        return Section("standing", words("team.standing.title"), (table,), lead=words("team.standing.lead"))

    def _line(self, name: str, answer: Answer) -> tuple[Cell, ...]:
        words, wording, unit = self.words, self.wording, METRICS[name].unit
        year = words("brief.numbers.year") if name == "win_rate_count" else ""
        first = Cell(words(f"metric.{name}.short"), detail=year)
        n = Cell(words.language.number(answer.n))
        if not answer.known:
            return first, Cell(words(f"brief.na.{answer.na_reason}"), tone="na"), Cell("–", tone="na"), n
        tone = "grey" if METRICS[name].estimate and answer.n < FEWEST_PLAIN else "plain"
        interval = wording.range(answer.low, answer.high, unit)
        exact = not interval or answer.low == answer.high  # the landing of a period that is over is a sum
        between = Cell(words("brief.numbers.exact"), tone="na") if exact else Cell(interval)
        return first, Cell(wording.value(answer.value, unit), tone=tone), between, n  # type: ignore[arg-type]

    # --- people --------------------------------------------------------------------------------

    def people(self) -> Section:
        """Who needs what, and what to recognise, name by name in the order of the alphabet."""
        words, facts = self.words, self.facts
        sort_key = words.language.sort_key
        listed = sorted(facts.members, key=lambda one: (sort_key(one.name), one.rep_id))
        columns = (
            Column(words("label.rep")), Column(words("team.people_support")), Column(words("team.people_recognise")),
        )  # fmt: skip
        said = [one for one in listed if one.priority or one.strength]
        rows = [(Cell(one.name), self._support(one), self._praise(one)) for one in said]
        learning = [one.name for one in listed if one.learning]
        notes = [words("team.people_learning", names=", ".join(learning))] if learning else []
        rest = len(listed) - len(said) - sum(one.learning for one in listed if one not in said)
        if not facts.compared:
            blocks: tuple[Text | Table | Bullets, ...] = (Text(words("team.people_not_compared"), "muted"),)
        elif rows:
            others = [words.plural("team.people_rest", rest)] if rest else []
            always = [words(f"team.people_{name}") for name in ("gate", "order", "question")]
            always.append(words("review.chance.association"))
            blocks = (Table(words("team.people_caption"), columns, rows, notes=(*others, *notes, *always)),)
        else:
            blocks = (Text(words("team.people_none")), *(Text(note, "muted") for note in notes))
        blocks = (*blocks, *self._meetings(), *self._rollout(), *programmes_blocks(facts.programmes, self.wording))
        return Section("people", words("team.people_title"), blocks, words("team.people_lead"))

    def _rollout(self) -> tuple[Text | Table, ...]:
        """Who starts first with the topic that most share; or why nobody's start is drawn by lot."""
        if self.facts.rollout is None:
            several = any(one.priority for one in self.facts.members)
            return (Text(self.words("rollout.too_few", n=FEWEST_IN_LOT), "muted"),) if several else ()
        topic, found = self.facts.rollout
        names = {one.rep_id: one.name for one in self.facts.members}
        lead = Text(self.words("rollout.shared", topic=self.topic(topic)))
        return Text(self.words("rollout.title"), "strong"), lead, rollout_table(found, names, self.words)

    def _support(self, member: Member) -> Cell:
        if member.priority is None:
            return Cell(self.words("team.people_keep"), tone="na")
        return Cell(self.topic(member.priority), detail=self.words("team.people_below", **self._size(member.priority)))

    def _praise(self, member: Member) -> Cell:
        if member.strength is None:
            return Cell(self.words("team.people_process"), tone="na")
        return Cell(self.topic(member.strength), detail=self.words("team.people_above", **self._size(member.strength)))

    def topic(self, topic: Topic) -> str:
        """Name of what a topic is about."""
        return self.wording.driver(topic.driver, topic.stage)

    def _size(self, topic: Topic) -> dict[str, str]:
        write = self.words.language
        low, high = write.change(topic.low), write.change(topic.high)
        return {"size": write.percent(abs(topic.size)), "low": low, "high": high, "n": write.number(topic.n)}

    def _meetings(self) -> tuple[Text, ...]:
        """Everybody's last one-on-one is looked at; only how many are late is said."""
        known = [one for one in self.facts.members if one.days_since_meeting is not None]
        if not known:
            return ()
        late = sum((one.days_since_meeting or 0) > 21 for one in known)
        return (Text(self.words.plural("team.meetings", late, all=len(known))),)

    # --- where deals are lost ------------------------------------------------------------------

    def leaks(self) -> Section:
        """Stage by stage: how many got further, now and a year earlier, how long it took, what was lost."""
        words, wording = self.words, self.wording
        if not self.facts.steps:
            return Section("leaks", words("team.leaks.title"), (Text(words("na.no_history"), "muted"),))
        columns = (
            Column(words("label.stage")), Column(words("team.leaks.now"), "right"),
            Column(words("team.leaks.before"), "right"), Column(words("team.leaks.days"), "right"),
            Column(words("team.leaks.lost"), "right"), Column(words("label.verdict")),
        )  # fmt: skip
        rows = [
            (
                Cell(step.stage),
                range_cell(step.now, wording),
                range_cell(step.before, wording),
                Cell(wording.value(step.days.value, "days")) if step.days.known else Cell("–", tone="na"),
                Cell(wording.amount(step.lost_value), detail=words.plural("team.leaks.deals", step.lost)),
                Cell(words(f"team.change.{step.verdict}")),
            )
            for step in self.facts.steps
        ]
        valued = [step for step in self.facts.steps if math.isfinite(step.lost_value)]
        most = max(valued, key=lambda step: step.lost_value, default=None)
        lead = words("team.leaks.lead", stage=most.stage, value=wording.value(most.lost_value, "money")) if most else ""
        table = Table(words("team.leaks.caption"), columns, rows, notes=(words("team.leaks.note"),))
        return Section("leaks", words("team.leaks.title"), (table,), lead=lead)

    def leak_figure(self) -> Figure | None:
        """The shares of the stages with their intervals, beside those of the year before; None without a history."""
        words, share = self.words, self.words.language.percent
        steps = self.facts.steps
        if not steps:
            return None
        title = words("team.leaks.figure")

        def known(answers: list[Answer], name: str) -> list[float | None]:
            return [getattr(answer, name) if answer.known else None for answer in answers]

        now, before = [step.now for step in steps], [step.before for step in steps]
        hover = [
            words("review.chart.win_rate.hover", period=step.stage, value=share(step.now.value),
                  low=share(step.now.low), high=share(step.now.high), n=step.now.n) if step.now.known else step.stage
            for step in steps
        ]  # fmt: skip
        labels = {
            "title": title, "rep": words("team.leaks.series", level=self.wording.level),
            "peers": words("team.leaks.before"), "share": words("team.leaks.y"), "n": words("label.n"),
            "empty": words("na.no_history"),
        }  # fmt: skip
        figure = charts.trend_figure(
            [step.stage for step in steps], known(now, "value"), known(now, "low"), known(now, "high"),
            [step.now.n for step in steps], counts=self.wording.observations(step.now.n for step in steps),
            peers=known(before, "value"), labels=labels, hover=hover,
            language=words.language.code, ticks=[(tick, share(tick)) for tick in _TICKS],
        )  # fmt: skip
        return Figure(figure, title, " ".join(f"{line}." for line in hover))

    # --- leads, hours, money -------------------------------------------------------------------

    def allocation(self) -> Section:
        """What moving a tenth could bring, with its range, beside what a straight line would promise."""
        words, wording = self.words, self.wording
        if not self.facts.moves:
            return Section("allocation", words("team.moves.title"), (Text(words("team.moves.none"), "muted"),))
        columns = (
            Column(words("team.moves.what")), Column(words("team.moves.move")),
            Column(words("team.moves.gain", level=words.language.percent(MOVE_LEVEL)), "right"),
            Column(words("team.moves.straight"), "right"), Column(words("label.verdict")),
        )  # fmt: skip
        rows = []
        for move in self.facts.moves:
            units = wording.value(move.units, "money" if move.kind == "money" else "count")
            way = words("team.moves.way", origin=named(self.words, "place", move.origin),
                        target=named(self.words, "place", move.target))  # fmt: skip
            interval = words.language.range(wording.value(move.low, "money"), wording.value(move.high, "money"))
            rows.append(
                (
                    Cell(words(f"team.moves.{move.kind}"), detail=words(f"team.moves.unit_{move.kind}", n=units)),
                    Cell(way),
                    Cell(wording.value(move.gain, "money"), detail=interval),
                    Cell(wording.value(move.straight, "money"), tone="grey"),
                    Cell(words("team.moves.likely" if move.worth_it else "team.moves.unclear")),
                )
            )
        notes = (words("team.moves.diminishing"), words("team.moves.customers"), words("review.chance.association"))
        table = Table(words("team.moves.caption"), columns, rows, notes=notes)
        return Section("allocation", words("team.moves.title"), (table,), lead=words("team.moves.lead"))

    # --- to other departments ------------------------------------------------------------------

    @property
    def memos(self) -> Memos:
        """What other departments are asked, in this language."""
        return Memos(self.facts, self.wording)

    def about(self) -> Section:
        """How it was made, and what it may not be used for."""
        words = self.words
        blocks = (
            Bullets(tuple(Item(words(f"team.about.{name}")) for name in ("people", "year", "group"))),
            Fold(
                words("review.sources.title"),
                (Pairs(tuple((words(f"review.sources.{name}"), text) for name, text in self.sources.items())),),
            ),
            Text(words("notice.use"), "muted"),
        )
        return Section("about", words("team.about.title"), blocks)
