"""The one-on-one brief as a document: facts and words in, sections and figures out.

The order is the order of the meeting. A value about a person never stands without its n, its
interval and its verdict, or the reason why there is none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from salescoach import charts
from salescoach.coaching.content import Content, Draft
from salescoach.coaching.one_on_one import Deal, OneOnOne, Promise
from salescoach.diagnosis.findings import DRIVERS, Finding, Line, pace_status
from salescoach.report.page import (
    Bullets,
    Cell,
    Column,
    Figure,
    Item,
    Page,
    Pairs,
    Quote,
    Section,
    Table,
    Text,
)
from salescoach.report.wording import FEWEST_PLAIN, FEWEST_SHOWN, Wording
from salescoach.words import Words, fill

SHOWN_METRICS = ("bookings", "quota_attainment", "win_rate_count", "ads", "cycle_resolution", "coverage")
"""At most six numbers on a page: attention is the scarce good."""

_TREND_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Brief:
    """Writes one :class:`OneOnOne` with *words* and *content*; ``sources`` says where it comes from."""

    facts: OneOnOne
    words: Words
    content: Content
    sources: Mapping[str, str]

    @property
    def wording(self) -> Wording:
        """Values and sentences in this language and currency."""
        return Wording(self.words, self.facts.currency)

    def page(self) -> Page:
        """The whole document."""
        facts, words = self.facts, self.words
        language = words.language
        sections = (
            self.promised(), self.numbers(), *self.figures(), self.findings(), self.deals(), self.questions(),
            self.feedback(), self.about(),
        )  # fmt: skip
        return Page(
            title=words("review.title", rep=facts.full_name),
            subtitle=words(
                "review.subtitle", period=language.period(facts.period.label), as_of=language.date(facts.as_of)
            ),
            header=self.header(),
            sections=sections,
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

    # --- the numbers ---------------------------------------------------------------------------

    def numbers(self) -> Section:
        """Six numbers with n, interval, what peers would have, and the verdict."""
        facts, words = self.facts, self.words
        columns = (
            Column(words("label.metric")),
            Column(words.language.period(facts.period.label), align="right"),
            Column(words("review.numbers.interval", level=self.wording.level), align="right"),
            Column(words("label.n"), align="right"),
            Column(words("brief.numbers.year"), align="right"),
            Column(words("brief.numbers.expected"), align="right"),
            Column(words("label.verdict")),
        )
        rows = tuple(self._row(facts.lines[metric_id]) for metric_id in SHOWN_METRICS)
        missing: dict[str, list[str]] = {}
        for metric_id in SHOWN_METRICS:
            reason = facts.lines[metric_id].now.na_reason
            if reason:
                missing.setdefault(reason, []).append(words(f"metric.{metric_id}.name"))
        notes = tuple(f"{', '.join(names)}: {words(f'na.{reason}')}" for reason, names in missing.items())
        table = Table(
            words("brief.numbers.caption"), columns, rows, notes=(*notes, self._peers(), words("review.numbers.tiers"))
        )
        return Section("numbers", words("review.numbers.title"), (table,), lead=self._pace_sentence())

    def _row(self, line: Line) -> tuple[Cell, ...]:
        words, wording, now = self.words, self.wording, line.now
        empty = Cell("–", tone="na")
        n = Cell(words.language.number(now.n))
        if now.known:
            grey = line.estimate and now.n < FEWEST_PLAIN
            value = Cell(wording.value(now.value, line.unit), tone="grey" if grey else "plain")
            interval = wording.range(now.low, now.high, line.unit)
            between = Cell(interval) if interval else Cell(words("brief.numbers.exact"), tone="na")
        else:
            few = now.na_reason == "below_min_n" and now.n > 0
            value = Cell(wording.counts(line) if few else words(f"brief.na.{now.na_reason}"), tone="na")
            between = empty
        verdict = wording.verdict(line) or self._own_verdict(line)
        return (
            Cell(words(f"metric.{line.metric_id}.short"), detail=self._parts(line)),
            value,
            between,
            n,
            self._year(line) or empty,
            self._expected(line) or empty,
            Cell(verdict) if verdict else empty,
        )

    def _year(self, line: Line) -> Cell | None:
        """The last four quarters, for a metric that is compared over them."""
        if line.comparison is None or not line.year.known:
            return None
        interval = self.wording.range(line.year.low, line.year.high, line.unit)
        detail = self.words("brief.numbers.year_detail", range=interval, n=line.year.n)
        grey = line.year.n < FEWEST_PLAIN
        return Cell(self.wording.value(line.year.value, line.unit), detail=detail, tone="grey" if grey else "plain")

    def _expected(self, line: Line) -> Cell | None:
        comparison = line.comparison
        if comparison is None or comparison.verdict == "not_compared" or not line.year.known:
            return None
        reference = comparison.expected if math.isfinite(comparison.expected) else comparison.peers
        return Cell(self.wording.value(reference, line.unit)) if math.isfinite(reference) else None

    def _parts(self, line: Line) -> str:
        """The counts or sums a ratio is made of."""
        words, wording, now = self.words, self.wording, line.now
        if line.metric_id == "win_rate_count" and now.known:
            return words("counts.won_of_closed", won=int(now.numerator), closed=now.n)
        if line.metric_id == "quota_attainment" and now.known:
            return words("brief.parts.attainment", bookings=wording.value(now.numerator, "money"),
                         quota=wording.value(now.denominator, "money"))  # fmt: skip
        if line.metric_id == "coverage" and math.isfinite(now.numerator) and now.na_reason in (None, "met"):
            return words("brief.parts.coverage", pipeline=wording.value(now.numerator, "money"), n=now.n)
        if line.metric_id == "cycle_resolution" and now.n:
            return words("brief.parts.cycle", decided=now.n, watched=int(now.denominator))
        return ""

    def _own_verdict(self, line: Line) -> str:
        """Verdict of a metric that is compared with its own target, not with peers."""
        if line.metric_id != "quota_attainment" or not line.now.known:
            return ""
        if self.facts.elapsed.complete:
            return self.words("brief.pace.complete")
        return self.words(f"brief.pace.{pace_status(self.facts.lines['attainment_pace'].now)}")

    def _pace_sentence(self) -> str:
        """Where the period stands against its quota."""
        facts, words, wording = self.facts, self.words, self.wording
        bookings = facts.lines["bookings"].now
        if facts.elapsed.done == 0:
            return words("review.pace.not_started")
        pace = next((finding for finding in facts.findings if finding.kind == "context"), None)
        if pace is not None:
            return wording.finding(pace)
        if bookings.known:
            return words("review.pace.no_quota", bookings=wording.value(bookings.value, "money"), n=bookings.n)
        return words("review.numbers.empty")

    def _peers(self) -> str:
        comparison = self.facts.lines["win_rate_count"].comparison
        if comparison is None or comparison.peers_n < FEWEST_SHOWN:
            return self.words("review.peers.too_few")
        return self.words("brief.peers_mix" if self.facts.adjusted else "brief.peers_plain", n=comparison.peers_n)

    # --- charts --------------------------------------------------------------------------------

    def figures(self) -> tuple[Figure, Figure]:
        """Bookings against the pace, and the win rate quarter by quarter."""
        return self._curve(), self._trend()

    def _curve(self) -> Figure:
        facts, words, wording = self.facts, self.words, self.wording
        language, curve = words.language, facts.curve
        title = words("review.chart.bookings.title" if curve.target else "review.chart.bookings.title_no_quota")
        labels = {
            "title": title,
            "rep": words("review.chart.bookings.bookings"),
            "target": words("review.chart.bookings.pace"),
            "peers": words("brief.chart.peers_median"),
            "amount": words("review.chart.bookings.y", currency=facts.currency),
            "today": words("review.chart.bookings.as_of"),
            "empty": words("review.chart.bookings.empty"),
        }
        hover = [
            words("review.chart.bookings.hover", date=language.date(day), value=wording.value(amount, "money"))
            for day, amount in zip(curve.days, curve.bookings, strict=True)
        ]
        firsts = [day for i, day in enumerate(curve.days) if i == 0 or day.day == 1]
        highest = max((*curve.bookings, *curve.target, *curve.peers), default=0.0)
        figure = charts.pace_figure(
            curve.days if any(curve.bookings) or curve.target else (),
            curve.bookings if any(curve.bookings) or curve.target else (),
            target=curve.target or None,
            peers=curve.peers or None,
            as_of=min(facts.as_of, facts.period.last_day),
            tick_days=[(day, language.date(day)) for day in firsts],
            ticks=[(amount, wording.value(amount, "money")) for amount in charts.round_ticks(highest)],
            labels=labels,
            hover=hover,
            language=language.code,
        )
        rep, period = facts.full_name, language.period(facts.period.label)
        booked = wording.value(curve.bookings[-1] if curve.bookings else 0.0, "money")
        quota = facts.lines["effective_quota"].now
        if quota.known:
            alt = words(
                "review.chart.bookings.alt",
                rep=rep,
                period=period,
                bookings=booked,
                quota=wording.value(quota.value, "money"),
            )
        else:
            alt = words("review.chart.bookings.alt_no_quota", rep=rep, period=period, bookings=booked)
        return Figure(figure, title, alt)

    def _trend(self) -> Figure:
        facts, words, wording = self.facts, self.words, self.wording
        language, trend = words.language, facts.trend

        def known(values: tuple[float, ...]) -> list[float | None]:
            return [value if math.isfinite(value) else None for value in values]

        hover, latest = [], ""
        for period, value, low, high, n in zip(trend.periods, trend.value, trend.low, trend.high, trend.n, strict=True):
            label = language.period(period)
            if math.isfinite(value):
                slots = {
                    "value": wording.value(value, "share"), "low": wording.value(low, "share"),
                    "high": wording.value(high, "share"), "n": language.number(n),
                }  # fmt: skip
                hover.append(words("review.chart.win_rate.hover", period=label, **slots))
                latest = words("review.chart.win_rate.alt", rep=facts.full_name, **slots)
            else:
                hover.append(words("brief.chart.few", period=label, n=n))
        labels = {
            "title": words("review.chart.win_rate.title"),
            "rep": words("brief.chart.rep", level=wording.level),
            "peers": words("review.chart.win_rate.peers"),
            "share": words("review.chart.win_rate.y"),
            "n": words("label.n"),
            "empty": words("review.chart.win_rate.empty"),
        }
        figure = charts.trend_figure(
            [language.period(period) for period in trend.periods],
            known(trend.value), known(trend.low), known(trend.high), list(trend.n),
            peers=known(trend.peers), labels=labels, hover=hover, language=language.code,
            ticks=[(tick, language.percent(tick)) for tick in _TREND_TICKS],
        )  # fmt: skip
        return Figure(figure, words("review.chart.win_rate.title"), latest or words("review.chart.win_rate.alt_empty"))

    # --- findings, deals, questions, drafts ----------------------------------------------------

    def findings(self) -> Section:
        """At most three sentences, each with the n and the deals it rests on."""
        words = self.words
        items = tuple(self._finding(finding) for finding in self.facts.findings if finding.kind != "context")
        own = self._own_change()
        blocks = (Bullets(items, empty=words("review.findings.none")), *((Text(own, tone="muted"),) if own else ()))
        return Section("findings", words("review.findings.title"), blocks, lead=words("review.findings.intro"))

    def _finding(self, finding: Finding) -> Item:
        words = self.words
        detail = []
        if (
            finding.kind in ("development", "strength", "hypothesis", "tentative")
            and finding.driver in DRIVERS.values()
        ):
            if not self.facts.adjusted:
                detail.append(words("brief.not_adjusted"))
            detail.append(words("review.chance.association"))
        if finding.evidence:
            detail.append(words("review.findings.rows", n=len(finding.evidence)))
        return Item(
            self.wording.finding(finding), detail=" ".join(detail), mark=words(f"review.finding.kind.{finding.kind}")
        )

    def _own_change(self) -> str:
        verdict, earlier, _, earlier_n = self.facts.own_change
        line = self.facts.lines["win_rate_count"].now
        if not line.known or not math.isfinite(earlier) or earlier_n < FEWEST_SHOWN:
            return ""
        share = self.words.language.percent
        return self.words(
            f"review.change.{verdict}",
            metric=self.words("metric.win_rate_count.name"),
            value=share(line.value),
            n=line.n,
            before=share(earlier),
            before_n=earlier_n,
        )

    def deals(self) -> Section:
        """Open deals worth a word, with reasons in words."""
        words, wording = self.words, self.wording
        columns = (
            Column(words("label.deal")), Column(words("label.stage")), Column(words("label.amount"), align="right"),
            Column(words("review.deals.why")),
        )  # fmt: skip
        rows = tuple(
            (
                Cell(deal.name, detail=deal.deal_id if deal.name != deal.deal_id else ""),
                Cell(deal.stage or words("label.unknown"), tone="plain" if deal.stage else "na"),
                Cell(wording.value(deal.amount, "money"))
                if math.isfinite(deal.amount)
                else Cell(words("label.unknown"), tone="na"),
                Cell(self._reasons(deal)),
            )
            for deal in self.facts.deals
        )
        block = (
            Table(words("brief.deals.caption"), columns, rows)
            if rows
            else Text(words("review.deals.none"), tone="muted")
        )
        return Section("deals", words("review.deals.title"), (block,), lead=words("review.deals.intro") if rows else "")

    def _reasons(self, deal: Deal) -> str:
        words, language = self.words, self.words.language
        parts = []
        for reason, days in deal.reasons:
            key = f"review.deals.reason.{reason}"
            parts.append(words(key, **({"days": language.days(days)} if words.slots(key) else {})))
        return " ".join(parts)

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

    def feedback(self) -> Section:
        """Drafts for the coach to finish: the numbers are filled in, what was seen is left to a person."""
        words, code = self.words, self.words.language.code
        blanks = {
            name: words(f"review.feedback.blank.{name}")
            for name in ("date", "situation", "behaviour", "impact", "suggestion")
        }
        quotes = []
        for finding in self.facts.findings:
            for draft in self._drafts(finding):
                known = blanks | {"evidence": self._evidence(finding)}
                text = fill(draft.text(code), {name: known[name] for name in draft.slots}, draft.id)
                quotes.append(Quote(draft.title(code), tuple(text.splitlines())))
        empty = (Text(words("review.feedback.empty"), tone="muted"),)
        return Section(
            "feedback", words("review.feedback.title"), tuple(quotes) or empty, lead=words("review.feedback.intro")
        )

    def _drafts(self, finding: Finding) -> list[Draft]:
        """Draft of the library that goes with what a finding may claim."""
        wanted = {
            "strength": "strength_signal", "tentative": "strength_tentative", "fact": "suggestion",
            "development": "development_signal", "hypothesis": "development_hypothesis", "none": "no_reliable_gap",
        }  # fmt: skip
        return [self.content.feedback(wanted[finding.kind])] if finding.kind in wanted else []

    def _evidence(self, finding: Finding) -> str:
        """The number a draft rests on, as the text for its slot."""
        words = self.words
        period = words.language.period(self.facts.period.label)
        slots = self.wording.slots(finding) | {"period": period, "level": self.wording.level}
        won = "brief.evidence_won_year" if finding.key.endswith("_year") else "brief.evidence_won"
        key = won if finding.kind == "fact" else "brief.evidence"
        if not words.slots(key) <= set(slots):
            return self.wording.finding(finding).rstrip(".")
        return words(key, **{name: slots[name] for name in words.slots(key)})

    # --- where it comes from -------------------------------------------------------------------

    def about(self) -> Section:
        """Caveats of the data, then the bill of materials: with these parts the page can be made again."""
        facts, words = self.facts, self.words
        caveats = [
            words.plural(f"brief.flag.{rule}", count)
            for rule, count in sorted(facts.flags.items())
            if words.has(f"brief.flag.{rule}.other")
        ]
        if facts.unconverted:
            caveats.append(words.plural("review.caveat.unconverted", facts.unconverted))
        caveats += [words(f"review.caveat.{missing}") for missing in facts.missing]
        blocks = (
            Bullets(tuple(Item(text) for text in caveats), empty=words("review.caveats.none")),
            Text(words("brief.definitions"), tone="strong"),
            Pairs(tuple(self._definition(name) for name in SHOWN_METRICS)),
            Text(words("review.sources.title"), tone="strong"),
            Pairs(tuple((words(f"review.sources.{name}"), text) for name, text in self.sources.items())),
            Text(words("notice.use"), tone="muted"),
        )
        return Section("about", words("review.caveats.title"), blocks)

    def _definition(self, metric_id: str) -> tuple[str, str]:
        """Name of a metric, and what it is in words and as a formula."""
        words = self.words
        definition, formula = words(f"metric.{metric_id}.definition"), words(f"metric.{metric_id}.formula")
        return words(f"metric.{metric_id}.name"), words("brief.definition", definition=definition, formula=formula)
