"""The table of numbers: each value with its n, its interval, what would be expected, and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salescoach.coaching.one_on_one import OneOnOne
from salescoach.diagnosis.findings import Line, pace_now
from salescoach.report.disputes import dispute_blocks, metric_of
from salescoach.report.page import Cell, Column, Pairs, Section, Table
from salescoach.report.wording import FEWEST_PLAIN, FEWEST_SHOWN, Wording
from salescoach.words import Words

SHOWN_METRICS = ("bookings", "quota_attainment", "win_rate_count", "ads", "cycle_resolution", "coverage")
"""At most six numbers on a page: attention is the scarce good."""


@dataclass(frozen=True)
class Numbers:
    """Writes the numbers of one one-on-one; a missing value is always followed by its reason."""

    facts: OneOnOne
    wording: Wording

    @property
    def words(self) -> Words:
        """The catalogue of the reader's language."""
        return self.wording.words

    def definitions(self) -> Pairs:
        """What each number is, in words and as a formula."""
        words = self.words
        return Pairs(
            tuple(
                (
                    words(f"metric.{name}.name"),
                    words(
                        "brief.definition",
                        definition=words(f"metric.{name}.definition"),
                        formula=words(f"metric.{name}.formula"),
                    ),
                )
                for name in SHOWN_METRICS
            )
        )

    def section(self) -> Section:
        """The section with its table and the notes that explain it."""
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
        said: dict[str, list[str]] = {}
        for metric_id in SHOWN_METRICS:
            now = facts.lines[metric_id].now
            sentences = [words(f"warning.{code}") for code in now.warnings if now.known]
            if now.na_reason and now.na_reason != "met":  # that is good news, and its cell says it all
                sentences.append(words(f"na.{now.na_reason}"))
            for sentence in sentences:
                said.setdefault(sentence, []).append(words(f"metric.{metric_id}.name"))
        notes = tuple(f"{', '.join(names)}: {sentence}" for sentence, names in said.items())
        table = Table(
            words("brief.numbers.caption"), columns, rows, notes=(*notes, self._peers(), words("review.numbers.tiers"))
        )
        return Section(
            "numbers",
            words("review.numbers.title"),
            (table, *dispute_blocks(facts.disputes, self.wording)),
            lead=self._pace_sentence(),
        )

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
            Cell(words(f"metric.{line.metric_id}.short"), detail=self._told(line)),
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

    def _told(self, line: Line) -> str:
        """The parts of the number, and that it is disputed, as long as nobody has decided."""
        here = [one for one in self.facts.disputes if one.ref.endswith(f":{self.facts.period.label}")]
        open_ = next((one for one in here if one.disputed and metric_of(one) == line.metric_id), None)
        return " · ".join(filter(None, [self._parts(line), self.words(open_.title) if open_ else ""]))

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
        status = pace_now(self.facts.lines["attainment_pace"].now, line.now, self.facts.elapsed)
        return self.words(f"brief.pace.{status}")

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
