"""Open deals worth a word in a one-on-one: reasons in words, no score, and what each sign has meant here."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salescoach.coaching.deals_to_touch import Deal
from salescoach.coaching.one_on_one import OneOnOne
from salescoach.report.page import Cell, Column, Fold, Section, Table, Text
from salescoach.report.wording import Wording

_SIGNS = {"never_touched": "silent", "one_way": "silent"}
"""Signs that count as another one where their history is looked at."""


@dataclass(frozen=True)
class DealsToTouch:
    """Writes the deals of one one-on-one."""

    facts: OneOnOne
    wording: Wording

    def section(self) -> Section:
        """Each deal with its reasons, and what such signs have meant here."""
        words, wording = self.wording.words, self.wording
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
        blocks = (block, *self._asleep(), *self._lifts())
        return Section("deals", words("review.deals.title"), blocks, lead=words("review.deals.intro") if rows else "")

    def _asleep(self) -> tuple[Text, ...]:
        """Deals that nothing has happened on for half a year: how many, and that they are gone through together."""
        asleep = self.facts.asleep
        if not asleep.deals:
            return ()
        amount = self.wording.amount(asleep.amount)
        return (Text(self.wording.words.plural("review.deals.asleep", asleep.deals, amount=amount)),)

    def _lifts(self) -> tuple[Fold, ...]:
        """What the signs on the listed deals have meant in this organisation; grey where it may be chance."""
        words, language = self.wording.words, self.wording.words.language
        signs = {_SIGNS.get(reason, reason) for deal in self.facts.deals for reason, _ in deal.reasons}
        known = [(sign, one) for sign, one in self.facts.lifts.items() if sign in signs and one.na_reason is None]
        if not known:
            return ()
        columns = (
            Column(words("review.lift.sign")), Column(words("review.lift.times"), align="right"),
            Column(words("review.numbers.interval", level=self.wording.level), align="right"),
            Column(words("label.n"), align="right"),
        )  # fmt: skip
        rows = tuple(
            (
                Cell(words(f"review.lift.{sign}")),
                Cell(language.ratio(one.value), tone="grey" if one.grey else "plain"),
                Cell(language.range(language.ratio(one.low), language.ratio(one.high))),
                Cell(language.number(one.fired)),
            )
            for sign, one in known
        )
        table = Table("", columns, rows, notes=(words("review.lift.note"),))
        return (Fold(words("review.lift.caption"), (table,)),)

    def _reasons(self, deal: Deal) -> str:
        words, language = self.wording.words, self.wording.words.language
        parts = []
        for reason, days in deal.reasons:
            key = f"review.deals.reason.{reason}"
            parts.append(words(key, **({"days": language.days(days)} if words.slots(key) else {})))
        return " ".join(parts)
