"""Scorecards on the screen: filled in item by item beside the anchors' text; the rep's own view beside the others'."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

import ipywidgets as widgets

from salescoach import observing
from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Screen, Widgets, close, html_widget, labelled
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
from salescoach.store.models import Observation
from salescoach.store.policy import COACH, MANAGER, SELF

OPEN, NOT_SEEN = 0, -1
_SHOWN, _BESIDE = 12, 3
"""Most observations in the list, and subjects that are told item by item; the newest, for a page that can be read."""


def observe(growth: Growth, redraw: Callable[[], None]) -> Screen:
    """What was observed so far, and the form for the next observation."""
    desk = growth.desk
    code = desk.words.language.code
    seen = observing.everything(desk)
    waiting = observing.held_back(desk, seen)
    read: Widgets = [
        html_widget(part, language=code) for part in (seen_section(desk, seen, waiting), beside_section(desk, seen))
    ]
    if waiting:
        read.insert(1, Unread(desk, seen, read[0]))
    may = desk.standing & {SELF, COACH, MANAGER}
    asked = next(
        (one for one in reversed(desk.record.readable(Observation, desk.rep_id)) if str(one.id) in waiting), None
    )
    return read, ([ScoreForm(desk, growth, redraw, asked)] if may else [])


class Unread(widgets.VBox):
    """The rep's own points come first; whoever wants to read the others' without them may."""

    def __init__(self, desk: Desk, seen: tuple[rules.Observation, ...], shown: widgets.Widget) -> None:
        words = desk.words
        button = widgets.Button(description=words("growth.score.read_now"))
        button.on_click(lambda _button: self._read(desk, seen, shown))
        lead = html_widget(words("growth.score.own_first"), words("growth.score.own_first_lead"),
                           language=words.language.code)  # fmt: skip
        super().__init__([lead, button])

    def _read(self, desk: Desk, seen: tuple[rules.Observation, ...], shown: widgets.Widget) -> None:
        code = desk.words.language.code
        shown.value = html_widget(seen_section(desk, seen, frozenset()), language=code).value
        self.children = [html_widget(beside_section(desk, seen, pairs=False), language=code)]


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


def seen_section(desk: Desk, seen: tuple[rules.Observation, ...], waiting: Collection[str]) -> Section:
    """Each observation with its total; what was not observed is said, not counted. Of those *waiting*, no points."""
    words, language = desk.words, desk.words.language
    known = {card.id: card for card in content().all(Scorecard)}
    newest = sorted(seen, key=lambda one: (one.day, one.obs_id), reverse=True)
    rows, named = [], observing.subject_names(desk, newest[:_SHOWN])
    for one in newest[:_SHOWN]:
        total, card = rules.total(one), known.get(one.form.template_id)
        name = card.title(language.code) if card else one.form.template_id
        by = words("growth.score.self") if one.is_self else desk.person(one.observer)
        value = "–" if total.na_reason else language.number(total.value, 1)
        detail = words("growth.score.answered", answered=total.answered, all=len(one.form.items))
        if one.obs_id in waiting:
            value, detail = "–", words("growth.score.waits")
        else:
            detail = "\n".join([detail, *corrections(desk, one)])
        rows.append((
            Cell(language.date(one.day), detail=named.get(one.subject, one.subject)),
            Cell(name, detail=words("growth.score.version", n=one.form.version)),
            Cell(by), Cell(value, detail=detail),
        ))  # fmt: skip
    columns = (
        Column(words("label.date")), Column(words("growth.score.form")), Column(words("growth.score.by")),
        Column(words("growth.score.points"), align="right"),
    )  # fmt: skip
    blocks: list[Table | Text] = [Table("", columns, rows) if rows else Text(words("growth.score.none"), tone="muted")]
    if len(newest) > _SHOWN:
        blocks.append(Text(words("growth.score.older", n=len(newest) - _SHOWN), tone="muted"))
    return Section("observed", words("growth.score.title"), blocks, lead=words("growth.score.lead"))


def corrections(desk: Desk, one: rules.Observation) -> list[str]:
    """The totals that stood there before a form was corrected."""
    words, language = desk.words, desk.words.language
    totals = [rules.total(before) for before in observing.earlier(desk, one.obs_id)]
    return [
        words("growth.score.before", points="–" if total.na_reason else language.number(total.value, 1))
        for total in totals
    ]


def beside_section(desk: Desk, seen: tuple[rules.Observation, ...], *, pairs: bool = True) -> Section:
    """Item by item, the rep's points beside those of others about the same subject, with what was said or done.

    Of the newest subjects only: what was seen a year ago is nothing to talk about now. Without *pairs*, what others
    alone have scored.
    """
    words, code = desk.words, desk.words.language.code
    about: dict[tuple[str, str], list[rules.Observation]] = defaultdict(list)
    for one in seen:
        if one.subject:
            about[one.subject, one.form.template_id].append(one)
    both = [given for given in about.values() if (len({one.is_self for one in given}) == 2) == pairs]
    both = sorted(both, key=lambda given: max(one.day for one in given), reverse=True)[:_BESIDE]
    named = observing.subject_names(desk, [given[0] for given in both])
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
        blocks.append(Table(named.get(given[0].subject, given[0].subject), columns, rows))
    if not blocks:
        blocks.append(Text(words("growth.score.no_pair"), tone="muted"))
    return Section("beside", words("growth.score.beside"), blocks, lead=words("growth.score.beside_lead"))


def _points(one: rules.Observation, item_id: str) -> str:
    answer = one.answers.get(item_id, rules.Answer())
    return str(answer.value) if answer.value is not None and not answer.na else "–"


class ItemRow(widgets.VBox):
    """One item of a form: its anchors, the answer, and what was said or done."""

    def __init__(self, desk: Desk, item: ScorecardItem, given: rules.Answer | None = None) -> None:
        words, code, given = desk.words, desk.words.language.code, given or rules.Answer()
        self.item = item
        self.name = item.text(code)
        anchors = Bullets([Item(anchor(code)) for anchor in item.anchors], ordered=True)
        shown = Section(f"item-{item.id.replace('_', '-')}", self.name, (anchors,), lead=item.guide(code))
        options = [(words("growth.form.choose"), OPEN)]
        options += [(words("growth.form.level", n=n, anchor=text(code)), n) for n, text in enumerate(item.anchors, 1)]
        options += [(words("growth.form.not_seen"), NOT_SEEN)]
        self._points = widgets.Dropdown(options=options, value=NOT_SEEN if given.na else given.value or OPEN)
        self._quote = widgets.Textarea(
            value=given.evidence, rows=2, placeholder=words("growth.form.quote_hint"), continuous_update=False
        )
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
    """Kind, form, day and subject of an observation, then its items; kept whole or not at all.

    A form that was saved can be chosen again and put right: points and quotes, not what was looked at. It begins with
    the form and the subject of *asked*, which waits for the rep's own points.
    """

    def __init__(
        self, desk: Desk, growth: Growth, redraw: Callable[[], None], asked: Observation | None = None
    ) -> None:  # fmt: skip
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
        self._known = {one.id: one for one in observing.correctable(desk)}
        self._saved = widgets.Dropdown(
            options=[(words("growth.form.new"), 0), *map(self._listed, self._known.values())]
        )
        self._about = [self._kind, self._card, self._day, self._deal, self._name]
        self._kind.observe(self._offer, names="value")
        self._card.observe(self._take, names="value")
        self._saved.observe(self._again, names="value")
        as_rep = SELF in desk.standing
        super().__init__([
            heading(desk, "growth.form.self_title" if as_rep else "growth.form.title",
                    "growth.form.self_lead" if as_rep else "growth.form.lead"),
            *([labelled(words("growth.form.which"), self._saved)] if self._known else []),
            labelled(words("growth.form.what"), self._kind), labelled(words("growth.score.form"), self._card),
            labelled(words("label.date"), self._day), labelled(words("label.deal"), self._deal),
            labelled(words("growth.form.subject"), self._name), self._items, self._remarks, self._button, self.status,
        ])  # fmt: skip
        self._offer(None)
        if asked is not None:
            self._look_at(asked)

    def _look_at(self, one: Observation) -> None:
        """Show what an observation was about, so that the same thing is scored, or put right."""
        self._kind.value = next((kind for kind in KINDS if kind.replace("_", "") == one.kind), KINDS[0])
        if one.template_id in {value for _, value in self._card.options}:
            self._card.value = one.template_id
        self._day.value = self.desk.local(one.occurred_at).date()
        known = {value for _, value in self._deal.options}
        self._deal.value = one.subject_deal_id if one.subject_deal_id in known else ""
        self._name.value = one.subject_activity_id or ""

    def _listed(self, one: Observation) -> tuple[str, int]:
        """A saved form as it stands in the list: its day and what it is about."""
        language = self.desk.words.language
        day = language.date(self.desk.local(one.occurred_at).date())
        return f"{day} · {one.subject_deal_id or one.subject_activity_id or one.template_id}", one.id

    def _again(self, _change: Any) -> None:
        """Show the chosen form as it was filled in, or an empty one."""
        one = self._known.get(self._saved.value)
        for control in self._about:
            control.disabled = one is not None
        self._button.description = self.desk.words("growth.form.correct" if one else "growth.form.keep")
        if one is None:
            self._take(None)
            return
        self._look_at(one)
        given = next(x for x in observing.observed(self.desk.record, self.desk.rep_id) if x.obs_id == str(one.id))
        old = self._items.children
        self._items.children = [
            ItemRow(self.desk, item, given.answers[item.id]) for item in observing.card(one.template_id).items
        ]
        close(old)

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
        words, known = self.desk.words, self._known.get(self._saved.value)
        answers = {row.item.id: row.answer for row in self._items.children}
        if known is not None:
            kept, lacks = observing.correct(self.desk, known, answers)
        elif self._day.value is None or self._subject is None:
            self.status.say(words("growth.form.needs"), problem=True)
            return
        else:
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
