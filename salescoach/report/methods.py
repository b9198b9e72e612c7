"""The page about methods: how each judgement is made, with the organisation's own data. Names nobody."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from salescoach import charts
from salescoach.coaching.worked import WorkedProgramme
from salescoach.diagnosis.methods import FEWEST_IN_MIX, FEWEST_IN_WORLD, Calibration, Drawn, Judgement, Placebo
from salescoach.diagnosis.news import WINDOW, Power
from salescoach.diagnosis.priority import DIFFER, NEVER_JUDGED
from salescoach.report.page import Bullets, Cell, Column, Figure, Item, Page, Pairs, Section, Table, Text
from salescoach.report.wording import Wording
from salescoach.words import Words

_TEXT = ("driver", "method", "what", "says", "why")
_TICKS = (-0.5, -0.25, 0.0, 0.25, 0.5)
_TINY = 0.001
_RATES = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class MethodsFacts:
    """What the page shows; see :mod:`salescoach.diagnosis.methods`."""

    judgements: tuple[Judgement, ...]
    driver: str
    stage: str
    drawn: tuple[Drawn, ...]
    auc: float
    calibration: tuple[Calibration, ...]
    placebo: Placebo | None
    programmes: tuple[WorkedProgramme, ...]
    currency: str
    power: tuple[Power, ...] = ()


@dataclass(frozen=True)
class MethodsPage:
    """Writes the facts with *words*; ``sources`` says where they come from."""

    facts: MethodsFacts
    words: Words
    organisation: str
    period: str
    as_of: str
    sources: Mapping[str, str]

    @property
    def wording(self) -> Wording:
        """Values in this language."""
        return Wording(self.words, self.facts.currency)

    def page(self) -> Page:
        """The whole document."""
        words = self.words
        sections = (
            self.alike(), self.shrinkage(), self.shrinkage_figure(), self.mix(), self.mix_figure(), self.gates(),
            self.effect(), self.alerts(), self.about(),
        )  # fmt: skip
        return Page(
            title=words("methods.title"),
            subtitle=words("review.subtitle", period=self.period, as_of=self.as_of),
            header=Pairs(((words("label.organisation"), self.organisation),)),
            sections=sections,
            footer=words("methods.footer", date=self.as_of),
            language=words.language.code,
        )

    def _nothing(self, anchor: str, why: str = "methods.nothing", **slots: int) -> Section:
        text = Text(self.words(why, **slots), "muted")
        return Section(anchor, self.words(f"methods.{anchor}.title"), (text,))

    def _number(self, n: float) -> Cell:
        return Cell(self.words.language.number(n))

    def _table(self, anchor: str, columns: tuple[str, ...], rows: list[list[Cell]]) -> Section:
        """A section with a table of numbers, but for the columns that hold text."""
        words = self.words
        heads = [Column(words(f"methods.{anchor}.{name}"), "left" if name in _TEXT else "right") for name in columns]
        table = Table(words(f"methods.{anchor}.caption"), heads, rows, notes=(words(f"methods.{anchor}.note"),))
        return Section(anchor, words(f"methods.{anchor}.title"), (table,), lead=words(f"methods.{anchor}.lead"))

    def alike(self) -> Section:
        """Whether people differ at all, driver by driver."""
        if not self.facts.judgements:
            return self._nothing("alike")
        rows = [
            [
                Cell(self.wording.driver(one.driver, one.stage)),
                self._number(one.people),
                self._p(one.spread_p),
                Cell(self.words(f"methods.alike.{_therefore(one)}")),
            ]
            for one in self.facts.judgements
        ]
        return self._table("alike", ("driver", "people", "p", "says"), rows)

    def _p(self, p: float) -> Cell:
        if not math.isfinite(p):
            return Cell("–", tone="na")
        if p < _TINY:
            return Cell(self.words("methods.alike.tiny", p=self.wording.value(_TINY, "p")))
        return Cell(self.wording.value(p, "p"))

    def shrinkage(self) -> Section:
        """How much of what is seen is kept."""
        if not self.facts.judgements:
            return self._nothing("shrinkage")
        share = self.words.language.percent
        rows = [
            [
                Cell(self.wording.driver(one.driver, one.stage)),
                Cell(share(math.expm1(one.raw_sd))),
                Cell(share(math.expm1(one.best_sd))),
            ]
            for one in self.facts.judgements
        ]
        return self._table("shrinkage", ("driver", "raw", "best"), rows)

    def shrinkage_figure(self) -> Figure:
        """Best estimates of a few nameless people, beside what was observed."""
        words, share, drawn = self.words, self.words.language.percent, self.facts.drawn
        title = words("methods.shrinkage.figure")
        labels = {
            "title": title, "rep": words("methods.shrinkage.best"), "peers": words("methods.shrinkage.raw"),
            "share": self.wording.driver(self.facts.driver, self.facts.stage) if drawn else "",
            "n": words("label.n"), "empty": words("methods.nothing"),
        }  # fmt: skip
        hover = [words("methods.shrinkage.hover", raw=share(one.raw), best=share(one.best), n=one.n) for one in drawn]
        figure = charts.trend_figure(
            [words("methods.shrinkage.person", letter="ABCDEFGH"[i]) for i in range(len(drawn))],
            [one.best for one in drawn], [one.low for one in drawn], [one.high for one in drawn],
            [one.n for one in drawn], counts=self.wording.observations(one.n for one in drawn),
            peers=[one.raw for one in drawn], labels=labels, hover=hover,
            language=words.language.code, ticks=[(tick, share(tick)) for tick in _TICKS],
        )  # fmt: skip
        return Figure(figure, title, " ".join(hover) or words("methods.nothing"))

    def mix(self) -> Section:
        """How well the mix model knows what a deal is worth before anybody works on it."""
        if not self.facts.calibration:
            return self._nothing("mix", "methods.mix.too_few", n=FEWEST_IN_MIX)
        share = self.words.language.percent
        rows = [
            [
                Cell(self.words("methods.mix.group", number=number)),
                self._number(one.n),
                Cell(share(one.expected)),
                Cell(share(one.observed), detail=self.words.language.range(share(one.low), share(one.high))),
            ]
            for number, one in enumerate(self.facts.calibration, 1)
        ]
        section = self._table("mix", ("what", "deals", "expected", "observed"), rows)
        auc = Text(self.words("methods.mix.auc", auc=self.words.language.number(self.facts.auc, 2)))
        return Section("mix", section.title, (auc, *section.blocks), lead=section.lead)

    def mix_figure(self) -> Figure:
        """Observed beside expected win rates of bands of deals by their mix."""
        words, share, groups = self.words, self.words.language.percent, self.facts.calibration
        title, nothing = words("methods.mix.figure"), words("methods.mix.too_few", n=FEWEST_IN_MIX)
        labels = {
            "title": title, "rep": words("methods.mix.observed"), "peers": words("methods.mix.expected"),
            "share": words("metric.win_rate_count.name"), "n": words("label.n"), "empty": nothing,
        }  # fmt: skip
        hover = [words("methods.mix.hover", observed=share(one.observed), expected=share(one.expected), n=one.n)
                 for one in groups]  # fmt: skip
        figure = charts.trend_figure(
            [words("methods.mix.group", number=number) for number in range(1, len(groups) + 1)],
            [one.observed for one in groups], [one.low for one in groups], [one.high for one in groups],
            [one.n for one in groups], counts=self.wording.observations(one.n for one in groups),
            peers=[one.expected for one in groups], labels=labels, hover=hover,
            language=words.language.code, ticks=[(tick, share(tick)) for tick in _RATES],
        )  # fmt: skip
        return Figure(figure, title, " ".join(hover) or nothing)

    def gates(self) -> Section:
        """How many people a rule of thumb would accuse, and how many the gates let through."""
        if not self.facts.judgements:
            return self._nothing("gates")
        rows = [
            [
                Cell(self.wording.driver(one.driver, one.stage)),
                *(self._number(n) for n in (one.people, one.naive, one.hypotheses, one.priorities)),
            ]
            for one in self.facts.judgements
        ]
        return self._table("gates", ("driver", "people", "naive", "hypotheses", "priorities"), rows)

    def effect(self) -> Section:
        """What three methods say about coaching that did nothing, and about the organisation's own programmes."""
        found, words, own = self.facts.placebo, self.words, self._own()
        if found is None:
            title, lead = words("methods.effect.title"), words("methods.effect.lead")
            return (
                Section("effect", title, own, lead=lead)
                if own
                else self._nothing("effect", "methods.effect.too_few", n=FEWEST_IN_WORLD)
            )
        share = words.language.percent
        rows = [
            [Cell(words(f"methods.effect.{name}")), Cell(share(value)), Cell(words(f"methods.effect.{name}_why"))]
            for name, value in (
                ("before_after", found.before_after), ("differences", found.differences), ("adjusted", found.adjusted)
            )
        ]  # fmt: skip
        section = self._table("effect", ("method", "false", "why"), rows)
        lead = words("methods.effect.world", people=found.people, coached=found.coached, deals=found.deals)
        advice = Text(words("methods.effect.rollout"))
        return Section("effect", section.title, (Text(lead), *section.blocks, *own, advice), lead=section.lead)

    def _own(self) -> tuple[Table, ...]:
        """What the three methods say about the interventions that are on record."""
        words, write = self.words, self.words.language
        known = [one for one in self.facts.programmes if math.isfinite(one.effect.effect)]
        if not known:
            return ()

        def points(value: float) -> str:
            return write.number(100 * value, 1)

        heads = ("driver", "coached", "before_after", "differences", "adjusted")
        columns = [Column(words(f"methods.own.{name}"), "left" if name in _TEXT else "right") for name in heads]
        rows = [
            [
                Cell(self.wording.driver(one.driver, one.stage), detail=words(
                    "worked.since", date=write.date(one.start), reason=words(f"worked.reason.{one.selected_by}"))),
                Cell(words("worked.programme.of", coached=one.effect.coached, others=one.effect.others)),
                Cell(points(one.effect.before_after), tone="grey"),
                Cell(points(one.effect.differences), tone="grey"),
                Cell(points(one.effect.effect), detail=write.range(
                    points(one.effect.low95), points(one.effect.high95))),
            ]
            for one in known
        ]  # fmt: skip
        return (Table(words("methods.own.caption"), columns, rows, notes=(words("methods.own.note"),)),)

    def alerts(self) -> Section:
        """How much the alerts would see in these data, so that their silence is not taken for an all-clear."""
        if not self.facts.power:
            return self._nothing("alerts")
        write, weeks = self.words.language, 2 * WINDOW // 7
        rows = [
            [
                Cell(self.words(f"methods.alerts.{one.metric_id}_{one.how}", weeks=weeks)),
                self._number(one.looked_at), self._number(one.found), Cell(write.percent(one.found / one.looked_at)),
            ]
            for one in self.facts.power
        ]  # fmt: skip
        return self._table("alerts", ("what", "looked_at", "found", "share"), rows)

    def about(self) -> Section:
        """Where it comes from."""
        words = self.words
        items = tuple(Item(words(f"review.sources.method_{name}")) for name in ("rate", "duration", "size", "peers"))
        pairs = Pairs(tuple((words(f"review.sources.{name}"), text) for name, text in self.sources.items()))
        return Section("about", words("review.sources.title"), (Bullets(items), pairs))


def _therefore(one: Judgement) -> str:
    """What follows for single people from the test of a topic."""
    if one.driver in NEVER_JUDGED:
        return "shown"
    return "differ" if one.spread_p < DIFFER else "same"
