"""Where one person's deals get stuck, stage by stage, and whether one stage is the bottleneck. Decides nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from salescoach.coaching.one_on_one import OneOnOne
from salescoach.diagnosis.bottleneck import StageState
from salescoach.metrics.contract import LEVEL
from salescoach.metrics.verdicts import in_reach
from salescoach.report.page import NO_CELL, Cell, Column, Fold, Table, Text
from salescoach.report.wording import FEWEST_PLAIN, FEWEST_SHOWN, Wording
from salescoach.statistics import wilson

_SAID = {"priority": "signal_below", "strength": "signal_above"}


@dataclass(frozen=True)
class Stages:
    """Writes the stages of one one-on-one; nothing where no stage history was imported."""

    facts: OneOnOne
    wording: Wording

    @property
    def states(self) -> tuple[StageState, ...]:
        """The stages of this person; a single one is the win rate, which has its place elsewhere."""
        found = self.facts.diagnosis.bottleneck
        return found.stages if found is not None and len(found.stages) > 1 else ()

    def bottleneck(self) -> tuple[Text, ...]:
        """The stage that holds most back, with what it costs; nothing when none does beyond chance."""
        found, gap = self.facts.diagnosis.bottleneck, self.facts.diagnosis.gap
        worst = next((state for state in self.states if found and state.driver == found.driver), None)
        if worst is None or gap is None:
            return ()
        line = gap.line(worst.driver)
        value, low, high = (self.wording.value(amount, "money") for amount in (line.value, line.low, line.high))
        said = self.wording.words(
            "stages.bottleneck", stage=worst.stage, value=value, low=low, high=high, level=self.wording.level,
            n=worst.exits,
        )  # fmt: skip
        return (Text(said),)

    def fold(self) -> tuple[Fold, ...]:
        """All stages as a table, folded away."""
        if not self.states:
            return ()
        words = self.wording.words
        columns = (
            Column(words("label.stage")), Column(words("stages.further"), "right"),
            Column(words("brief.numbers.expected"), "right"), Column(words("stages.queue"), "right"),
            Column(words("stages.time")), Column(words("label.verdict")),
        )  # fmt: skip
        rows = [self._row(state) for state in self.states]
        note = words("stages.note", level=self.wording.level)
        return (Fold(words("stages.title"), (Table("", columns, rows, notes=(note,)),)),)

    def _row(self, state: StageState) -> tuple[Cell, ...]:
        return (
            Cell(state.stage), self._further(state), self._expected(state), self._queue(state), self._time(state),
            Cell(self._verdict(state)),
        )  # fmt: skip

    def _further(self, state: StageState) -> Cell:
        words, n = self.wording.words, state.exits
        if not n:
            return Cell(NO_CELL, tone="na")
        advanced = round(state.conversion * n)
        if n < FEWEST_SHOWN:
            return Cell(words("stages.of", part=advanced, n=n), tone="na")
        low, high = (float(limit) for limit in wilson(advanced, n, LEVEL))
        detail = words("brief.numbers.year_detail", range=self.wording.range(low, high, "share"), n=n)
        return Cell(self.wording.value(state.conversion, "share"), detail, "grey" if n < FEWEST_PLAIN else "plain")

    def _expected(self, state: StageState) -> Cell:
        known = math.isfinite(state.expected) and state.exits >= FEWEST_SHOWN
        return Cell(self.wording.value(state.expected, "share")) if known else Cell(NO_CELL, tone="na")

    def _queue(self, state: StageState) -> Cell:
        """How many went out of how many came in; and how sure it is that a queue grows, where that is likely."""
        if not (math.isfinite(state.throughput) and state.throughput > 0):
            return Cell(NO_CELL, tone="na")
        words = self.wording.words
        came = round(state.exits / state.throughput)
        sure = words("stages.grows", probability=self.wording.value(min(state.queue, 0.99), "share"))
        return Cell(words("stages.out_in", out=state.exits, came=came), sure if state.queue_grows else "")

    def _time(self, state: StageState) -> Cell:
        if not math.isfinite(state.slow_q):
            return Cell(NO_CELL, tone="na")
        return Cell(self.wording.words("stages.slow" if state.slow else "verdict.no_difference"))

    def _verdict(self, state: StageState) -> str:
        words, found = self.wording.words, self.facts.diagnosis
        if found.bottleneck is not None and state.driver == found.bottleneck.driver:
            return words("stages.is_bottleneck")
        said = {one.driver: one.verdict for one in found.findings} | {one.driver: one.praise for one in found.strengths}
        if (key := _SAID.get(str(said.get(state.driver)))) is not None:
            return words(f"verdict.{key}")
        if state.needed:
            if in_reach(state.needed, state.exits):
                return words("verdict.too_early_k", k=words.language.number(state.needed))
            return words("verdict.out_of_reach")
        return words("verdict.no_difference")
