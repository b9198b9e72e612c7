"""What customers said, as sections of a page: scores of surveys, themes by source, how far two coders agree.

No theme is put down to a person, and one from fewer than five customers is not shown by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from salescoach.calendar import Period
from salescoach.coaching.content import SurveyForm
from salescoach.coaching.scorecards import Score
from salescoach.coaching.voice import FEWEST_CODED, FEWEST_CUSTOMERS, OTHER, Source, Theme, Themes
from salescoach.diagnosis.findings import Answer
from salescoach.metrics import METRICS
from salescoach.report.page import Block, Bullets, Cell, Column, Item, Page, Pairs, Section, Table, Text
from salescoach.report.wording import FEWEST_PLAIN, Wording
from salescoach.words import Words


@dataclass(frozen=True)
class Spoken:
    """One score of the whole organisation over four quarters, beside the same days a year earlier."""

    metric_id: str
    now: Answer
    before: Answer
    verdict: str


@dataclass(frozen=True)
class Agreement:
    """How far two coders agree on one source: kappa of each theme over the texts that both read."""

    source: Source
    coders: tuple[str, str]
    themes: Mapping[str, Score]


@dataclass(frozen=True)
class Voice:
    """Everything heard; ``quotes`` of a source and theme only where enough customers stand behind it."""

    period: Period
    scores: tuple[Spoken, ...]
    heard: tuple[Themes, ...]
    agreement: tuple[Agreement, ...]
    quotes: Mapping[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True)
class VoicePage:
    """Writes a :class:`Voice`; ``titles`` are the names of themes and reasons in the reader's language."""

    voice: Voice
    wording: Wording
    titles: Mapping[str, str]

    @property
    def words(self) -> Words:
        """The reader's language."""
        return self.wording.words

    def sections(self) -> tuple[Section, ...]:
        """Scores, what each source says, and how far the coders agree."""
        return self.scores(), *map(self.themes, self.voice.heard), self.agreement()

    def scores(self) -> Section:
        """Scores of surveys with n, interval, the year before and a verdict; the response rate beside them."""
        words = self.words
        columns = (
            Column(words("label.metric")), Column(words("label.value"), "right"),
            Column(words("label.interval_level", level=self.wording.level), "right"), Column(words("label.n"), "right"),
            Column(words("improvement.voice.before"), "right"), Column(words("label.verdict")),
        )  # fmt: skip
        rows = [self._score(one) for one in self.voice.scores]
        warned = [
            words(
                "improvement.voice.warned", metric=words(f"metric.{one.metric_id}.name"), said=words(f"warning.{code}")
            )
            for one in self.voice.scores
            if one.now.known
            for code in one.now.warnings
        ]
        table = Table(words("improvement.voice.scores_caption"), columns, rows, notes=warned)
        lead = words("improvement.voice.scores_lead")
        return Section("scores", words("improvement.voice.scores"), (table,), lead=lead)

    def _score(self, one: Spoken) -> tuple[Cell, ...]:
        words, wording, unit = self.words, self.wording, METRICS[one.metric_id].unit
        name, n = Cell(words(f"metric.{one.metric_id}.name")), Cell(words.language.number(one.now.n))
        none = Cell("–", tone="na")
        before = none
        if one.before.known:
            between = wording.range(one.before.low, one.before.high, unit)
            detail = words("brief.numbers.year_detail", range=between, n=one.before.n)
            before = Cell(wording.value(one.before.value, unit), detail=detail)
        if not one.now.known:
            return name, Cell(words(f"brief.na.{one.now.na_reason}"), tone="na"), none, n, before, none
        tone = "grey" if one.now.n < FEWEST_PLAIN else "plain"
        between = wording.range(one.now.low, one.now.high, unit)
        verdict = Cell(words(f"team.change.{one.verdict}"))
        return name, Cell(wording.value(one.now.value, unit), tone=tone), Cell(between or "–"), n, before, verdict  # type: ignore[arg-type]

    def themes(self, heard: Themes) -> Section:
        """Themes of one source, most texts first; rare ones together, or only counted."""
        words, source = self.words, heard.source
        title = words(f"improvement.voice.source.{source}")
        blocks: list[Block] = []
        if heard.themes:
            blocks.append(self._table(heard))
            quotes = [
                Item(quote, mark=self.title(one.theme, one.covers))
                for one in heard.themes
                for quote in self.voice.quotes.get((source, one.theme), ())
            ]
            if quotes:
                blocks += [Text(words("team.product.quotes"), "strong"), Bullets(quotes)]
        elif not heard.withheld:
            empty = "improvement.voice.none_read" if not heard.n else "improvement.voice.none_coded"
            blocks.append(Text(words(empty, n=heard.n) if heard.n else words(empty), "muted"))
        if heard.withheld:
            blocks.append(Text(words("improvement.voice.withheld", n=heard.withheld, least=FEWEST_CUSTOMERS), "muted"))
        return Section(f"heard-{source.replace('_', '-')}", title, blocks)

    def _table(self, heard: Themes) -> Table:
        words, wording = self.words, self.wording
        columns = [
            Column(words("improvement.voice.theme")), Column(words("improvement.voice.texts"), "right"),
            Column(words("improvement.voice.share"), "right"), Column(words("improvement.voice.customers"), "right"),
        ]  # fmt: skip
        loss = heard.source == "loss_reason"
        columns += [Column(words("team.product.value"), "right")] if loss else []
        rows = []
        for one in heard.themes:
            between = words.language.range(words.language.percent(one.low), words.language.percent(one.high))
            row = [
                Cell(self.title(one.theme, one.covers)), Cell(words.language.number(one.texts)),
                Cell(words.language.percent(one.texts / one.n), detail=between),
                Cell(words.language.number(one.customers)),
            ]  # fmt: skip
            rows.append([*row, Cell(wording.value(one.lost, "money"))] if loss else row)
        notes = [words("improvement.voice.read", n=heard.n)]
        notes += [words("warning.self_reported")] if loss else []
        return Table(words("improvement.voice.themes_caption"), columns, rows, notes=notes)

    def title(self, theme: str, covers: int = 1) -> str:
        """A theme in the reader's language when it is one of the library's, else as it was coded."""
        if theme == OTHER and covers > 1:
            return self.words("improvement.voice.together", n=covers)
        return self.titles.get(theme, theme)

    def agreement(self) -> Section:
        """Kappa of two coders for each theme, with its interval; or that nobody coded twice."""
        words = self.words
        title, lead = words("improvement.voice.agreement"), words("improvement.voice.agreement_lead", n=FEWEST_CODED)
        columns = (
            Column(words("improvement.voice.theme")), Column(words("label.source")),
            Column(words("improvement.voice.kappa"), "right"), Column(words("label.n"), "right"),
        )  # fmt: skip
        rows = [
            (
                Cell(self.title(theme)), Cell(words(f"improvement.voice.source.{part.source}")), self._kappa(score),
                Cell(words.language.number(score.n)),
            )
            for part in self.voice.agreement
            for theme, score in part.themes.items()
        ]  # fmt: skip
        block = (
            Table(words("improvement.voice.agreement"), columns, rows)
            if rows
            else Text(words("improvement.voice.no_second"), "muted")
        )
        return Section("agreement", title, (block,), lead=lead)

    def _kappa(self, score: Score) -> Cell:
        if score.na_reason:
            return Cell(self.words(f"brief.na.{score.na_reason}"), tone="na")
        ratio = self.words.language.ratio
        return Cell(ratio(score.value), detail=self.words.language.range(ratio(score.low), ratio(score.high)))


def theme_line(theme: Theme, title: str, wording: Wording) -> Item:
    """A theme in one line of a memo: how many texts, the share with its interval, what was lost over it."""
    words, percent = wording.words, wording.words.language.percent
    between = words.language.range(percent(theme.low), percent(theme.high))
    share = percent(theme.texts / theme.n)
    detail = words("improvement.memo.theme", texts=theme.texts, n=theme.n, share=share, range=between)
    lost = words("improvement.memo.lost", value=wording.value(theme.lost, "money")) if theme.lost else ""
    return Item(title, detail=" ".join(part for part in (detail, lost) if part))


def form_section(form: SurveyForm, words: Words) -> Section:
    """A form as the customer reads it, to be copied or printed: the questions and what can be answered."""
    code = words.language.code
    items = []
    for question in form.questions:
        ends = [text(code) for text in (question.low, question.high) if text(code)]
        scale = words(f"improvement.form.{question.form}")
        items.append(
            Item(question.text(code), detail=f"{scale} {words.language.range(*ends)}" if len(ends) == 2 else scale)
        )
    blocks = (Text(form.intro(code)), Bullets(items, ordered=True), Text(form.thanks(code)))
    return Section(f"form-{form.id}-{code}".replace("_", "-"), form.title(code), blocks, language=code)


def form_page(form: SurveyForm, words: Words, organisation: str, day: str) -> Page:
    """The same as a document of its own."""
    section = form_section(form, words)
    return Page(
        form.title(words.language.code), organisation, Pairs(()), (section,),
        words("improvement.form.footer", date=day), words.language.code,
    )  # fmt: skip
