"""Feedback drafts for the coach to finish: the numbers are filled in, what was seen is left to a person."""

from __future__ import annotations

from dataclasses import dataclass

from salescoach.coaching.content import Content, Draft
from salescoach.coaching.one_on_one import OneOnOne
from salescoach.diagnosis.findings import Finding
from salescoach.report.page import Fold, Quote, Section, Text
from salescoach.report.wording import Wording
from salescoach.words import fill


@dataclass(frozen=True)
class Drafts:
    """Writes the drafts of one one-on-one with the library's *content*."""

    facts: OneOnOne
    wording: Wording
    content: Content

    def section(self) -> Section:
        """One draft for each finding that carries one."""
        words, code = self.wording.words, self.wording.words.language.code
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
        title = words("review.feedback.title")
        if not quotes:
            return Section("feedback", title, (Text(words("review.feedback.empty"), tone="muted"),))
        fold = Fold(words.plural("review.feedback.drafts", len(quotes)), quotes)
        return Section("feedback", title, (fold,), lead=words("review.feedback.intro"))

    def _drafts(self, finding: Finding) -> list[Draft]:
        """Draft of the library that goes with what a finding may claim."""
        wanted = {
            "strength": "strength_result_signal", "tentative": "strength_result_tentative", "fact": "suggestion",
            "development": "development_signal", "hypothesis": "development_hypothesis", "none": "no_reliable_gap",
        }  # fmt: skip
        return [self.content.feedback(wanted[finding.kind])] if finding.kind in wanted else []

    def _evidence(self, finding: Finding) -> str:
        """The number a draft rests on, as the text for its slot."""
        words = self.wording.words
        period = words.language.period(self.facts.period.label)
        slots = self.wording.slots(finding) | {"period": period, "level": self.wording.level}
        won = "brief.evidence_won_year" if finding.key.endswith("_year") else "brief.evidence_won"
        key = won if finding.kind == "fact" else "brief.evidence"
        if "driver" in finding.slots:
            key = "brief.evidence_driver"
        elif finding.key == "review.said.none":
            key = "brief.evidence_none"
        if not words.slots(key) <= set(slots):
            return self.wording.finding(finding)
        return words(key, **{name: slots[name] for name in words.slots(key)})
