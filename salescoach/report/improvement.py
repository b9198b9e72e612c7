"""Requests, decisions, cycles and trials as sections of a page, and the memo that goes back to a department.

Facts and words in, sections out. Ages and verdicts come from the rules; nothing is worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from salescoach.coaching.content import Card
from salescoach.coaching.improvement import Cycle, Decision, Experiment, Result
from salescoach.coaching.remarks import Remark
from salescoach.coaching.voice import Department, Memo, Standing
from salescoach.diagnosis.findings import Shown
from salescoach.report.page import Block, Bullets, Cell, Column, Item, Page, Pairs, Section, Table, Text
from salescoach.report.remarks import remark_text, remarks_text
from salescoach.report.voice import theme_line
from salescoach.report.wording import Wording
from salescoach.words import Words

ORDER = ("plan", "do", "check", "act")


def department_name(name: str, words: Words) -> str:
    """A department in the reader's language when it is a usual one, else as it was written."""
    key = f"improvement.department.{name}"
    return words(key) if words.has(key) else name


def ledger_section(rows: Sequence[Standing], ledger: Sequence[Department], words: Words) -> Section:
    """All requests, those that wait first, with their age, their owner and the answer; a line for each department."""
    title, lead = words("improvement.requests.title"), words("improvement.requests.lead")
    if not rows:
        return Section("requests", title, (Text(words("improvement.requests.none"), "muted"),), lead=lead)
    columns = (
        Column(words("improvement.requests.ask")), Column(words("improvement.requests.owner")),
        Column(words("label.due")), Column(words("label.age"), "right"), Column(words("label.status")),
    )  # fmt: skip
    language = words.language
    table = Table(
        words("improvement.requests.caption"), columns,
        [
            (
                Cell(one.request.ask, detail=_about(one, words)), Cell(one.request.raised_by),
                Cell(language.date(one.request.due) if one.request.due else "–"),
                Cell(language.days(one.age)), Cell(words(one.title), detail=one.request.answer),
            )
            for one in rows
        ],
        notes=(words("improvement.requests.age"),),
    )  # fmt: skip
    return Section("requests", title, (Bullets([_department(one, words) for one in ledger]), table), lead=lead)


def _about(one: Standing, words: Words) -> str:
    name = department_name(one.request.department, words)
    deal = one.request.deal_id
    return words("improvement.requests.about", department=name, deal=deal) if deal else name


def _department(one: Department, words: Words) -> Item:
    counts = ", ".join(
        words("improvement.requests.count", status=words(f"voice.request.{status}"), n=n)
        for status, n in one.counts.items()
        if n
    )
    waits = one.waiting_age == one.waiting_age
    age = words("improvement.requests.waiting", age=words.language.days(one.waiting_age)) if waits else ""
    return Item(department_name(one.department, words), detail=" ".join(part for part in (f"{counts}.", age) if part))


def decisions_section(decisions: Sequence[Decision], due: Sequence[Decision], words: Words) -> Section:
    """The log, the newest first, and first of all what waits to be looked at again."""
    language = words.language
    title, lead = words("improvement.decisions.title"), words("improvement.decisions.lead")
    if not decisions:
        return Section("decisions", title, (Text(words("improvement.decisions.none"), "muted"),), lead=lead)
    blocks: list[Block] = []
    if due:
        waiting = [
            Item(one.adjustment, detail=words("voice.decision.due", day=language.date(one.review_on)))
            for one in due
            if one.review_on is not None
        ]
        blocks += [Text(words("improvement.decisions.due"), "strong"), Bullets(waiting)]
    columns = (
        Column(words("improvement.decisions.what")), Column(words("improvement.decisions.expected")),
        Column(words("improvement.decisions.review")), Column(words("improvement.decisions.outcome")),
    )  # fmt: skip
    rows = []
    for one in decisions:
        by = words("improvement.decisions.by", person=one.made_by, day=language.date(one.made))
        metric = words(f"metric.{one.metric_id}.name") if words.has(f"metric.{one.metric_id}.name") else ""
        rows.append((
            Cell(one.adjustment, detail=f"{one.reason}\n{by}"), Cell(one.expected, detail=metric),
            Cell(language.date(one.review_on) if one.review_on else "–"),
            Cell(one.outcome or words("improvement.decisions.open"), tone="plain" if one.outcome else "na"),
        ))  # fmt: skip
    blocks.append(Table(words("improvement.decisions.caption"), columns, rows))
    return Section("decisions", title, blocks, lead=lead)


def remark_items(remarks: Sequence[Remark], wording: Wording) -> list[Item]:
    """Each remark with the word for how much it weighs."""
    words = wording.words
    return [Item(remark_text(one, wording), mark=words(f"one_on_one.feedback.weight.{one.weight}")) for one in remarks]


@dataclass(frozen=True)
class CyclePage:
    """Writes one cycle as a page: plan, do, check, act, with its trials below.

    ``card`` is the library's page to fill in, ``parts`` what people wrote under plan, do, check and act.
    """

    cycle: Cycle
    parts: Mapping[str, str]
    lacks: Sequence[Remark]
    card: Card
    wording: Wording

    def section(self) -> Section:
        """The page of the cycle, and what is missing before it can go on."""
        words, language = self.wording.words, self.wording.words.language
        cycle = self.cycle
        pairs = (
            (words("improvement.cycle.phase"), words(cycle.phase_title)),
            (words("improvement.cycle.owner"), cycle.owner),
            (words("improvement.cycle.started"), language.date(cycle.started) if cycle.started else "–"),
        )
        blocks: list[Block] = [Pairs(pairs)]
        for name in ORDER:
            blocks.append(Text(words(f"voice.phase.{name}"), "strong"))
            text = self.parts.get(name, "").strip()
            blocks += [Text(line) for line in text.splitlines() if line.strip()] or [Text(self.hint(name), "muted")]
        if cycle.phase != "closed":
            blocks.append(Text(words("improvement.cycle.before_next"), "strong"))
            blocks.append(Bullets(remark_items(self.lacks, self.wording), empty=words("improvement.cycle.ready")))
        return Section("cycle", cycle.title, blocks, lead=self.card.when(words.language.code))

    def hint(self, part: str) -> str:
        """What the library says is to be written there."""
        code = self.wording.words.language.code
        return next((one.text(code) for one in self.card.fields if one.id == part), "")


def trial_section(
    number: int, rule: Experiment, counts: tuple[tuple[int, int], tuple[int, int]], lacks: Sequence[Remark],
    result: Result, concluded: tuple[str, str], wording: Wording,
) -> Section:  # fmt: skip
    """A card: hypothesis, measure, what is needed, when it is looked at, and the verdict.

    *counts*: (events, observations) of the year before, and since; *concluded*: the verdict people reached, and why.
    """
    words, language = wording.words, wording.words.language
    (k0, n0), (k1, n1) = counts
    plannable = 0 < rule.base < 1 and rule.change != 0 and 0 < rule.base * (1 + rule.change) < 1
    needed = language.number(rule.needed) if plannable else "–"
    seen = words("improvement.trial.seen", usual=_share(k0, n0, words), tried=_share(k1, n1, words))
    pairs = (
        (words("label.metric"), words(f"metric.{rule.metric_id}.name")),
        (words("improvement.trial.change"), _change(rule, wording)),
        (words("improvement.trial.needed"), needed),
        (words("improvement.trial.stop"), words("improvement.trial.look", day=language.date(rule.stop))),
        (words("improvement.trial.counts"), seen),
    )
    verdict, why = concluded
    said = words(f"improvement.trial.verdict.{verdict}")
    blocks: list[Block] = [
        Text(rule.hypothesis), Pairs(pairs), Text(remark_text(result.said, wording), "note"),
        Bullets(remark_items(lacks, wording)),
        Text(words("improvement.trial.before_after"), "muted"),
    ]  # fmt: skip
    if number:  # a card that is still being written has nothing to conclude
        blocks.insert(-1, Text(words("improvement.trial.concluded", verdict=said, why=why) if why else said))
    title = words("improvement.trial.title", number=number) if number else words("improvement.trial.draft")
    return Section(f"trial-{number}", title, blocks)


def _share(k: int, n: int, words: Words) -> str:
    return words("improvement.trial.share", share=words.language.percent(k / n), n=n) if n else "–"


def _change(rule: Experiment, wording: Wording) -> str:
    words, percent = wording.words, wording.words.language.percent
    if not rule.base:
        return percent(rule.change)
    to = percent(min(max(rule.base * (1 + rule.change), 0.0), 1.0))
    return words("improvement.trial.from_to", base=percent(rule.base), to=to)


@dataclass(frozen=True)
class MemoPage:
    """The note that goes back to a department; ``further`` are the tables of the team's page that belong to it."""

    memo: Memo
    organisation: str
    titles: Mapping[str, str]
    quotes: Mapping[str, Sequence[str]]
    further: Sequence[Section]
    wording: Wording

    def page(self) -> Page:
        """What customers say, what waits for an answer, what is asked."""
        words, memo = self.wording.words, self.memo
        name = department_name(memo.department, words)
        day = words.language.date(memo.as_of)
        header = Pairs(((words("label.organisation"), self.organisation), (words("label.as_of"), day)))
        return Page(
            words("improvement.memo.title", department=name), words("improvement.memo.subtitle"), header,
            (self.heard(), *self.further, self.waiting(), self.answer()),
            words("notice.footer", date=day), words.language.code,
        )  # fmt: skip

    def heard(self) -> Section:
        """The themes that concern the department, with customers' words."""
        words = self.wording.words
        items = [theme_line(one, self.titles.get(one.theme, one.theme), self.wording) for one in self.memo.themes]
        blocks: list[Block] = [Bullets(items, empty=words("improvement.memo.no_theme"))]
        said = [
            Item(quote, mark=self.titles.get(one.theme, one.theme))
            for one in self.memo.themes
            for quote in self.quotes.get(one.theme, ())
        ]
        if said:
            blocks += [Text(words("team.product.quotes"), "strong"), Bullets(said)]
        if self.memo.withheld:
            blocks.append(Text(words("improvement.memo.withheld", n=self.memo.withheld), "muted"))
        return Section("heard", words("improvement.memo.heard"), blocks)

    def waiting(self) -> Section:
        """Requests without an answer, the oldest first."""
        words, language = self.wording.words, self.wording.words.language
        items = [
            Item(
                one.request.ask,
                detail=words("improvement.memo.waits", person=one.request.raised_by, age=language.days(one.age)),
                mark=words(one.title),
            )
            for one in self.memo.waiting
        ]
        return Section(
            "waiting", words("improvement.memo.waiting"), (Bullets(items, empty=words("improvement.memo.no_request")),)
        )

    def answer(self) -> Section:
        """What the department is asked to write back."""
        words = self.wording.words
        blocks = (Text(words("improvement.memo.ask")), Text(words("review.chance.association"), "muted"))
        return Section("answer", words("improvement.memo.answer"), blocks)


def conflict_items(found: Sequence[tuple[str, str, str, Remark]], wording: Wording) -> list[Item]:
    """Goals that pull against each other: (whose, one, other, remark)."""
    words = wording.words
    return [
        Item(
            words("improvement.goals.pull", one=one, other=other),
            detail=remarks_text((remark,), wording),
            mark=whose or words("label.team"),
        )
        for whose, one, other, remark in found
    ]


def amount(value: float, unit: str, wording: Wording) -> str:
    """A value of a goal; a dash where there is none.

    >>> from salescoach.language import language
    >>> amount(float("nan"), "count", Wording(Words(language("en"), {}), "TRY"))
    '–'
    """
    return wording.shown(Shown(value, unit)) if value == value else "–"  # type: ignore[arg-type]
