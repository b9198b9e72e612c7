"""The gap of a person's bookings to the peers, as a chart and in words. What is not skill comes first."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salescoach import charts
from salescoach.coaching.one_on_one import OneOnOne
from salescoach.diagnosis.gap import Decomposition, Line
from salescoach.report.page import Cell, Column, Figure, Fold, Section, Table, Text
from salescoach.report.stages import Stages
from salescoach.report.wording import Wording

_FOLDED = ("conversion", "value")
"""Shown by their parts; every other line that has parts is shown as one."""


@dataclass(frozen=True)
class Gap:
    """Writes the decomposition of one one-on-one."""

    facts: OneOnOne
    wording: Wording

    @property
    def found(self) -> Decomposition | None:
        """The decomposition, when there is one to show."""
        gap = self.facts.diagnosis.gap
        return gap if gap is not None and gap.na_reason is None and math.isfinite(gap.gap) else None

    def lines(self, gap: Decomposition) -> list[Line]:
        """The lines that are shown; they add up to the gap."""
        top = [line for line in gap.lines if not line.parent and line.driver not in _FOLDED]
        parts = [line for line in gap.lines if line.parent in _FOLDED]
        shown = [line for line in top if line.driver != "chance"] + parts
        shown += [line for line in top if line.driver == "chance"]
        return [line for line in shown if math.isfinite(line.value)]

    @property
    def _timed(self) -> bool:
        """Working time is known; else a number of opportunities holds time in the job and territory, too."""
        return self.found is not None and any(line.driver == "capacity" for line in self.found.lines)

    def name(self, line: Line) -> str:
        """What a line is called."""
        if line.driver == "volume" and not self._timed:
            return self.wording.words("review.gap.line.volume_untimed")
        key = f"review.gap.line.{line.driver}"
        return self.wording.words(key) if self.wording.words.has(key) else self.wording.driver(line.driver, line.stage)

    def section(self) -> Section:
        """The difference in a sentence, the bottleneck if there is one; behind it every line and every stage."""
        words, wording, gap = self.wording.words, self.wording, self.found
        title = words("review.gap.title")
        if gap is None:
            return Section("gap", title, (Text(words("review.gap.none"), "muted"),))
        columns = (
            Column(words("review.gap.part")), Column(words("label.amount"), "right"),
            Column(words("review.numbers.interval", level=wording.level), "right"), Column(words("label.n"), "right"),
        )  # fmt: skip
        rows = [
            (
                Cell(name),
                Cell(wording.value(line.value, "money")),
                self._interval(line),
                Cell(words.language.number(line.n)),
            )
            for name, line in self._nested(gap)
        ]
        lead = words(
            "review.gap.lead" if self._timed else "review.gap.lead_untimed", actual=wording.value(gap.actual, "money"),
            reference=wording.value(gap.reference, "money"), gap=wording.value(gap.gap, "money"),
        )  # fmt: skip
        notes = [words("review.gap.note"), *([] if self._timed else [words("review.gap.note_untimed")])]
        table = Fold(words("review.gap.caption"), (Table("", columns, rows, notes=notes),))
        stages = Stages(self.facts, wording)
        return Section("gap", title, (*stages.bottleneck(), table, *stages.fold()), lead=lead)

    def _nested(self, gap: Decomposition) -> list[tuple[str, Line]]:
        """The lines of the table by name: a line that is made of several others stands before them."""
        rows: list[tuple[str, Line]] = []
        shown = self.lines(gap)
        said: set[str] = set()
        for line in shown:
            siblings = [one for one in shown if line.parent and one.parent == line.parent]
            if len(siblings) > 1 and line.parent not in said:
                whole = gap.line(line.parent)
                rows.append((self.name(whole), whole))
                said.add(line.parent)
            name = self.name(line)
            rows.append((self.wording.words("review.gap.within", part=name) if line.parent in said else name, line))
        return rows

    def _interval(self, line: Line) -> Cell:
        if line.low == line.high:
            return Cell(self.wording.words("brief.numbers.exact"), tone="na")
        return Cell(self.wording.words("review.gap.range", low=self.wording.value(line.low, "money"),
                                       high=self.wording.value(line.high, "money")))  # fmt: skip

    def figure(self) -> Figure | None:
        """The waterfall from the peers' bookings to the own ones; None where the section says that there is none."""
        words, wording, gap = self.wording.words, self.wording, self.found
        if gap is None:
            return None
        title, name = words("review.gap.figure"), self.facts.full_name
        labels = {"title": title, "amount": words("review.chart.bookings.y", currency=self.facts.currency)}
        labels["empty"] = words("review.gap.none")
        language = words.language.code
        lines = self.lines(gap)
        names = [words("review.gap.peers"), *map(self.name, lines), name]
        amounts = [gap.reference, *(line.value for line in lines), gap.actual]
        hover = [f"{who}: {wording.value(value, 'money')}" for who, value in zip(names, amounts, strict=True)]
        highest, at = max(gap.reference, gap.actual), gap.reference
        for line in lines:
            at += line.value
            highest = max(highest, at, at - line.value + line.high)
        ticks = [(tick, wording.value(tick, "money")) for tick in charts.round_ticks(highest)]
        parts = [(line.value, line.low, line.high) for line in lines]
        drawn = charts.gap_figure(
            names, (gap.reference, gap.actual), parts, labels=labels, hover=hover, language=language, ticks=ticks
        )
        return Figure(drawn, title, words("review.gap.alt", lines="; ".join(hover)))
