"""Memos of the team's page to other departments: why deals were lost, and what became of each source."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salescoach.coaching.team import TeamReview
from salescoach.coaching.team_flow import Source
from salescoach.diagnosis.findings import Answer
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.wording import FEWEST_PLAIN, Wording
from salescoach.words import Words


def named(words: Words, kind: str, name: str) -> str:
    """A reason or a place in the reader's language when it is a usual one, else as the organisation writes it."""
    key = f"team.{kind}.{name}"
    return words(key) if words.has(key) else name


def range_cell(answer: Answer, wording: Wording) -> Cell:
    """A share with its interval and n, or why there is none."""
    words = wording.words
    if not answer.known:
        return Cell(words(f"brief.na.{answer.na_reason}"), tone="na")
    interval = wording.range(answer.low, answer.high, "share")
    detail = words("brief.numbers.year_detail", range=interval, n=answer.n)
    return Cell(wording.value(answer.value, "share"), detail=detail)


@dataclass(frozen=True)
class Memos:
    """Writes the memos of one :class:`TeamReview`."""

    facts: TeamReview
    wording: Wording

    def product(self) -> Section:
        """Why deals were lost, by value, for those who make the product and the price."""
        words, wording = self.wording.words, self.wording
        if not self.facts.losses:
            return Section("product", words("team.product.title"), (Text(words("team.product.none"), "muted"),))
        columns = (
            Column(words("label.reason")), Column(words("team.product.value"), "right"),
            Column(words("label.deals"), "right"), Column(words("team.product.share"), "right"),
        )  # fmt: skip
        rows = [
            (
                Cell(named(words, "reason", one.reason)), Cell(wording.amount(one.value)),
                Cell(words.language.number(one.n)), range_cell(one.share, wording),
            )
            for one in self.facts.losses
        ]  # fmt: skip
        blocks: list[Table | Text | Bullets] = [
            Table(words("team.product.caption"), columns, rows, notes=(words("warning.self_reported"),))
        ]
        quotes = [Item(quote, mark=named(words, "reason", one.reason)) for one in self.facts.losses
                  for quote in one.quotes]  # fmt: skip
        if quotes:
            blocks += [Text(words("team.product.quotes"), "strong"), Bullets(quotes)]
        blocks.append(Text(words("team.product.ask"), "note"))
        return Section("product", words("team.product.title"), blocks, lead=words("team.product.lead"))

    def marketing(self) -> Section:
        """What became of the deals of each source, and why leads were handed back, for marketing."""
        words = self.wording.words
        if not self.facts.sources:
            return Section("marketing", words("team.marketing.title"), (Text(words("team.marketing.none"), "muted"),))
        columns = (
            Column(words("label.source")), Column(words("metric.win_rate_count.short"), "right"),
            Column(words("team.marketing.won"), "right"), Column(words("team.marketing.cost"), "right"),
            Column(words("team.marketing.back")),
        )  # fmt: skip
        key = words.language.sort_key
        listed = sorted(self.facts.sources, key=lambda one: key(named(words, "place", one.source)))
        table = Table(
            words("team.marketing.caption"), columns, [self._source(one) for one in listed],
            notes=(words("team.marketing.note"),),
        )  # fmt: skip
        blocks = (table, Text(words("team.marketing.ask"), "note"))
        return Section("marketing", words("team.marketing.title"), blocks, lead=words("team.marketing.lead"))

    def _source(self, one: Source) -> tuple[Cell, ...]:
        words, wording = self.wording.words, self.wording
        if one.n >= 5:
            detail = words("brief.numbers.year_detail", range=wording.range(one.low, one.high, "share"), n=one.n)
            rate = Cell(wording.value(one.share, "share"), detail, "grey" if one.n < FEWEST_PLAIN else "plain")
        else:
            rate = Cell(words("counts.won_of_closed", won=one.wins, closed=one.n), tone="na")
        if math.isfinite(one.cost_per_win):
            cost = Cell(wording.value(one.cost_per_win, "money"))
        else:
            cost = Cell(words(f"team.marketing.{'no_win' if math.isfinite(one.spent) else 'no_cost'}"), tone="na")
        reasons = ", ".join(
            words("team.marketing.reason", reason=named(words, "reason", reason), n=n) for reason, n in one.rejected
        )
        if one.leads:
            back = Cell(words("team.marketing.of", n=one.handed_back, all=one.leads), detail=reasons)
        else:
            back = Cell(words("team.marketing.no_lead"), tone="na")
        return Cell(named(words, "place", one.source)), rate, Cell(wording.amount(one.won)), cost, back
