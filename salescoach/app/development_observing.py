"""Scorecards on the screen: filled in item by item beside the anchors' text; the rep's own view beside the others'."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from salescoach import observing
from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import Screen, heading
from salescoach.app.parts import close, html_widget, labelled
from salescoach.coaching import scorecards as rules
from salescoach.coaching.content import Competency, Scorecard
from salescoach.coaching.content.growth import ScorecardItem
from salescoach.coaching.remarks import Remark
from salescoach.growth_plan import Growth
from salescoach.known import data_at
from salescoach.meetings import Desk
from salescoach.observing import KINDS, Subject
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.review import content
from salescoach.store.policy import COACH, MANAGER, SELF

OPEN, NOT_SEEN = 0, -1


def observe(growth: Growth, redraw: Callable[[], None]) -> Screen:
    """What was observed so far, and the form for the next observation."""
    desk = growth.desk
    code = desk.words.language.code
    seen = observing.observed(desk.record, desk.rep_id)
    read = [html_widget(part, language=code) for part in (seen_section(desk, seen), beside_section(desk, seen))]
    may = desk.standing & {SELF, COACH, MANAGER}
    return read, ([ScoreForm(desk, growth, redraw)] if may else [])


def skill_name(competency: str, code: str) -> str:
    """A competency as the library calls it; its id where the library has it no more."""
    found = next((one for one in content().all(Competency) if one.id == competency), None)
    return found.title(code) if found else competency


def score_cell(score: rules.Score, desk: Desk) -> Cell:
    """Mean points with interval and n, or how many observations there are and why there is no number."""
    words, language = desk.words, desk.words.language
    if score.na_reason is not None:
        return Cell("–", detail=words("growth.score.few", n=score.n), tone="na")
    between = language.range(language.number(score.low, 1), language.number(score.high, 1))
    return Cell(language.number(score.value, 1), detail=words("growth.score.between", range=between, n=score.n))


def seen_section(desk: Desk, seen: tuple[rules.Observation, ...]) -> Section:
    """Each observation with its total; what was not observed is said, not counted."""
    words, language = desk.words, desk.words.language
    known = {card.id: card for card in content().all(Scorecard)}
    rows = []
    for one in sorted(seen, key=lambda one: (one.day, one.obs_id), reverse=True):
        total, card = rules.total(one), known.get(one.form.template_id)
        name = card.title(language.code) if card else one.form.template_id
        by = words("growth.score.self") if one.is_self else one.observer
        value = "–" if total.na_reason else language.number(total.value, 1)
        detail = words("growth.score.answered", answered=total.answered, all=len(one.form.items))
        rows.append((
            Cell(language.date(one.day), detail=one.subject),
            Cell(name, detail=words("growth.score.version", n=one.form.version)),
            Cell(by), Cell(value, detail=detail),
        ))  # fmt: skip
    columns = (
        Column(words("label.date")), Column(words("growth.score.form")), Column(words("growth.score.by")),
        Column(words("growth.score.points"), align="right"),
    )  # fmt: skip
    block = Table("", columns, rows) if rows else Text(words("growth.score.none"), tone="muted")
    return Section("observed", words("growth.score.title"), (block,), lead=words("growth.score.lead"))


def beside_section(desk: Desk, seen: tuple[rules.Observation, ...]) -> Section:
    """Item by item, the rep's points beside those of others about the same subject, with what was said or done."""
    words, code = desk.words, desk.words.language.code
    about: dict[tuple[str, str], list[rules.Observation]] = defaultdict(list)
    for one in seen:
        if one.subject:
            about[one.subject, one.form.template_id].append(one)
    both = [given for given in about.values() if len({one.is_self for one in given}) == 2]
    columns = (
        Column(words("growth.score.item")), Column(words("growth.score.own"), align="right"),
        Column(words("growth.score.others"), align="right"), Column(words("growth.score.quotes")),
    )  # fmt: skip
    blocks: list[Text | Table] = []
    for given in both:
        items = {
            item.id: item
            for card in content().all(Scorecard)
            if card.id == given[0].form.template_id
            for item in card.items
        }
        rows = []
        for item in given[-1].form.items:
            name = items[item.item_id].text(code) if item.item_id in items else item.item_id
            own = [_points(one, item.item_id) for one in given if one.is_self]
            others = [_points(one, item.item_id) for one in given if not one.is_self]
            quotes = [one.answers[item.item_id].evidence for one in given if item.item_id in one.answers]
            rows.append((
                Cell(name), Cell(" / ".join(own)), Cell(" / ".join(others)),
                Cell("\n".join(f"“{quote}”" for quote in quotes if quote) or "–"),
            ))  # fmt: skip
        blocks.append(Table(given[0].subject, columns, rows))
    if not blocks:
        blocks.append(Text(words("growth.score.no_pair"), tone="muted"))
    return Section("beside", words("growth.score.beside"), blocks, lead=words("growth.score.beside_lead"))


def _points(one: rules.Observation, item_id: str) -> str:
    answer = one.answers.get(item_id, rules.Answer())
    return str(answer.value) if answer.value is not None and not answer.na else "–"


class ItemRow(widgets.VBox):
    """One item of a form: its anchors, the answer, and what was said or done."""

    def __init__(self, desk: Desk, item: ScorecardItem) -> None:
        words, code = desk.words, desk.words.language.code
        self.item = item
        self.name = item.text(code)
        anchors = Bullets([Item(anchor(code)) for anchor in item.anchors], ordered=True)
        shown = Section(f"item-{item.id.replace('_', '-')}", self.name, (anchors,), lead=item.guide(code))
        options = [(words("growth.form.choose"), OPEN)]
        options += [(words("growth.form.level", n=n, anchor=text(code)), n) for n, text in enumerate(item.anchors, 1)]
        options += [(words("growth.form.not_seen"), NOT_SEEN)]
        self._points = widgets.Dropdown(options=options, value=OPEN)
        self._quote = widgets.Textarea(rows=2, placeholder=words("growth.form.quote_hint"), continuous_update=False)
        self._quote.add_class("sc-app-short")
        super().__init__([
            html_widget(shown, language=code),
            labelled(words("growth.form.points", item=self.name), self._points),
            labelled(words("growth.form.quote", item=self.name), self._quote),
        ])  # fmt: skip

    @property
    def answer(self) -> rules.Answer:
        """What is chosen and written."""
        points = self._points.value
        return rules.Answer(points if points > OPEN else None, points == NOT_SEEN, self._quote.value.strip())


class ScoreForm(widgets.VBox):
    """Kind, form, day and subject of an observation, then its items; kept whole or not at all."""

    def __init__(self, desk: Desk, growth: Growth, redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._key = desk, Status(), redraw, uuid.uuid4().hex
        words = desk.words
        self._kind = widgets.Dropdown(
            options=[(words(f"growth.form.kind.{kind}"), kind) for kind in KINDS], value="call"
        )
        self._card = widgets.Dropdown()
        self._day = widgets.DatePicker(value=growth.today)
        deals = data_at(desk.home).deals
        mine = deals[deals["owner_id"] == desk.rep_id].sort_values("deal_id")
        named = mine["name"] if "name" in mine else mine["deal_id"]
        choices = [(f"{name} ({deal})", deal) for deal, name in zip(mine["deal_id"], named, strict=True)]
        self._deal = widgets.Dropdown(options=[(words("growth.form.no_deal"), ""), *choices], value="")
        known = sorted({one.subject for one in observing.observed(desk.record, desk.rep_id) if one.subject})
        self._name = widgets.Combobox(
            options=known, placeholder=words("growth.form.subject_hint"), continuous_update=False
        )
        self._items, self._remarks = widgets.VBox(), widgets.VBox()
        self._button = widgets.Button(description=words("growth.form.keep"), button_style="primary")
        self._button.on_click(self._keep)
        self._kind.observe(self._offer, names="value")
        self._card.observe(self._take, names="value")
        as_rep = SELF in desk.standing
        super().__init__([
            heading(desk, "growth.form.self_title" if as_rep else "growth.form.title",
                    "growth.form.self_lead" if as_rep else "growth.form.lead"),
            labelled(words("growth.form.what"), self._kind), labelled(words("growth.score.form"), self._card),
            labelled(words("label.date"), self._day), labelled(words("label.deal"), self._deal),
            labelled(words("growth.form.subject"), self._name), self._items, self._remarks, self._button, self.status,
        ])  # fmt: skip
        self._offer(None)

    def _offer(self, _change: Any) -> None:
        """The forms for the kind; the chosen one stays chosen where it fits."""
        code, before = self.desk.words.language.code, self._card.value
        cards = observing.cards(self._kind.value)
        options = [
            (self.desk.words("growth.form.card", title=card.title(code), version=card.version), card.id)
            for card in cards
        ]
        self._card.options = options
        self._card.value = before if before in {card.id for card in cards} else cards[0].id
        if not self._items.children:
            self._take(None)

    def _take(self, _change: Any) -> None:
        if not self._card.value:
            return
        old = self._items.children
        self._items.children = [ItemRow(self.desk, item) for item in observing.card(self._card.value).items]
        close(old)

    @property
    def _subject(self) -> Subject | None:
        if self._deal.value:
            return Subject("deal", self._deal.value)
        return Subject("activity", self._name.value.strip()) if self._name.value.strip() else None

    @told
    def _keep(self, _button: Any) -> None:
        words = self.desk.words
        if self._day.value is None or self._subject is None:
            self.status.say(words("growth.form.needs"), problem=True)
            return
        answers = {row.item.id: row.answer for row in self._items.children}
        kept, lacks = observing.keep(
            self.desk, self._kind.value, self._card.value, self._day.value, self._subject, answers, key=self._key
        )
        names = {row.item.id: row.name for row in self._items.children}
        self._say(lacks, names)
        if kept is None:
            self.status.say(words("growth.form.not_yet"), problem=True)
            return
        self.status.say(words("growth.form.kept"))
        self._redraw()

    def _say(self, lacks: tuple[Remark, ...], names: Mapping[str, str]) -> None:
        """What is missing, with the items by their names."""
        words, old = self.desk.words, self._remarks.children
        wording = Wording(words, self.desk.home.organisation.currency)
        shown = [
            Item(remark_text(Remark(one.key, one.weight, {
                name: names.get(str(value), value) if name == "item" else value for name, value in one.slots.items()
            }), wording))
            for one in lacks
        ]  # fmt: skip
        section = Section("lacks", words("growth.form.lacks"), (Bullets(shown),))
        self._remarks.children = [html_widget(section, language=words.language.code)] if shown else []
        close(old)
