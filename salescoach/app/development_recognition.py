"""Recognition on the screen: what there is reason for, thanks, certificate, the wall; and the bonus simulator."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from salescoach import recognising
from salescoach.app.one_on_one_fields import Status, told
from salescoach.app.one_on_one_steps import heading
from salescoach.app.parts import Screen, Widgets, close, figure_widgets, html_widget, labelled
from salescoach.coaching import bonus
from salescoach.errors import UsageError
from salescoach.language import shortened
from salescoach.meetings import Desk
from salescoach.report.page import Bullets, Cell, Column, Item, Quote, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.safe_html import download, tag
from salescoach.store import Record
from salescoach.store.models import Recognition
from salescoach.store.policy import COACH, MANAGER, SELF
from salescoach.store.service import growth as service
from salescoach.words import Words


def recognise(desk: Desk, redraw: Callable[[], None]) -> Screen:
    """What there is reason for, what was given, the rules that all know; giving and the certificate beside it."""
    words, code = desk.words, desk.words.language.code
    given = desk.record.entries(Recognition, desk.rep_id)
    found = recognising.facts(desk)
    read = [html_widget(part, language=code) for part in (
        facts_section(desk, found), given_section(desk, given), rules_section(words))]  # fmt: skip
    written: Widgets = []
    if desk.standing & {COACH, MANAGER}:
        written.append(Give(desk, found, redraw))
    if given and desk.standing & {SELF, COACH, MANAGER}:
        written.append(TakeCertificate(desk, given))
    if SELF in desk.standing:
        written.append(OnTheWall(desk, given, redraw))
    return read, written


def facts_section(desk: Desk, found: tuple[recognising.Fact, ...]) -> Section:
    """What the numbers and the record give reason for; luck is named as what it could be."""
    words = desk.words
    items = [
        Item(recognising.said(desk, fact), mark=words(f"growth.recognition.kind.{fact.found.kind}")) for fact in found
    ]
    block = Bullets(items, empty=words("growth.recognition.no_fact"))
    return Section("facts", words("growth.recognition.facts"), (block,), lead=words("growth.recognition.facts_lead"))


def given_section(desk: Desk, given: tuple[Recognition, ...]) -> Section:
    """What the rep was thanked for, the newest first, with what it rests on."""
    words = desk.words
    blocks: list[Quote | Text] = []
    for one in sorted(given, key=lambda one: -one.id):
        evidence = ", ".join(recognising.evidence_text(words, ref) for ref in one.evidence_refs)
        lines = [*one.reason.splitlines(), words("growth.recognition.rests", evidence=evidence)]
        if one.public:
            lines.append(words("growth.wall.on"))
        blocks.append(Quote(_title(words, desk, one), lines))
    if not blocks:
        blocks.append(Text(words("growth.recognition.none"), tone="muted"))
    return Section("given", words("growth.recognition.title"), blocks)


def _title(words: Words, desk: Desk, one: Recognition) -> str:
    item = next((item for item in recognising.reasons() if item.id == one.badge_id), None)
    name = item.title(words.language.code) if item else words("growth.recognition.thanks")
    day = words.language.date(desk.local(one.created_at).date()) if one.created_at else ""
    return words("growth.recognition.from", title=name, author=one.author, day=day)


def rules_section(words: Words) -> Section:
    """All reasons with their rules: known beforehand, and the same for all."""
    code = words.language.code
    items = [Item(item.title(code), detail=item.rule(code)) for item in recognising.reasons()]
    return Section(
        "rules", words("growth.recognition.rules"), (Bullets(items),), lead=words("growth.recognition.rules_lead")
    )


class Give(widgets.VBox):
    """A reason of the library, the thanks in words that can be changed, and what it rests on."""

    def __init__(self, desk: Desk, found: tuple[recognising.Fact, ...], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw, self._key = desk, Status(), redraw, uuid.uuid4().hex
        words, code = desk.words, desk.words.language.code
        self._facts = {fact.item.id: fact for fact in found}
        self._items = {item.id: item for item in recognising.reasons()}
        allowed = [item for item in self._items.values() if item.gate == "none" or item.id in self._facts]
        ordered = sorted(allowed, key=lambda item: item.id not in self._facts)
        self._badge = widgets.Dropdown(options=[(item.title(code), item.id) for item in ordered])
        self._reason = widgets.Textarea(rows=4, continuous_update=False)
        self._refs = widgets.Text(placeholder=words("growth.recognition.evidence_hint"), continuous_update=False)
        self._badge.observe(self._begin, names="value")
        button = widgets.Button(description=words("growth.recognition.give"), button_style="primary")
        button.on_click(self._give)
        super().__init__([
            heading(desk, "growth.recognition.give_title", "growth.recognition.give_lead"),
            labelled(words("growth.recognition.reason"), self._badge),
            labelled(words("growth.recognition.text"), self._reason),
            labelled(words("label.evidence"), self._refs), button, self.status,
        ])  # fmt: skip
        self._begin(None)

    def _begin(self, _change: Any) -> None:
        """The library's words for the reason; where a fact stands behind it, with the fact and its evidence."""
        item, fact = self._items[self._badge.value], self._facts.get(self._badge.value)
        reason = recognising.said(self.desk, fact) if fact else "…"
        self._reason.value = recognising.kudos(self.desk, item, reason)
        self._refs.value = ", ".join(fact.refs) if fact else ""
        self._refs.disabled = fact is not None and item.gate == "signal"

    @told
    def _give(self, _button: Any) -> None:
        if "…" in self._reason.value:
            self.status.say(self.desk.words("growth.recognition.unfinished"), problem=True)
            return
        refs = tuple(filter(None, (ref.strip() for ref in self._refs.value.split(","))))
        recognising.give(self.desk, self._badge.value, self._reason.value.strip(), refs, key=self._key)
        self._redraw()


class TakeCertificate(widgets.VBox):
    """The certificate of one recognition as a file."""

    def __init__(self, desk: Desk, given: tuple[Recognition, ...]) -> None:
        self.desk, self.status = desk, Status()
        words = desk.words
        self._given = {one.id: one for one in given}
        options = [(shortened(one.reason), one.id) for one in sorted(given, key=lambda one: -one.id)]
        self._which = widgets.Dropdown(options=options)
        self._form = widgets.Dropdown(options=[(form.upper(), form) for form in recognising.CERTIFICATE_FORMS])
        self._link = widgets.HTML()
        button = widgets.Button(description=words("growth.certificate.make"))
        button.on_click(self._make)
        super().__init__([
            heading(desk, "growth.certificate.title", "growth.certificate.lead"),
            labelled(words("growth.certificate.which"), self._which),
            labelled(words("growth.certificate.form"), self._form),
            button, self._link, self.status,
        ])  # fmt: skip

    @told
    def _make(self, _button: Any) -> None:
        made = recognising.certificate(self.desk, self._given[self._which.value], self._form.value)
        text = self.desk.words("one_on_one.app.take", name=made.name)
        self._link.value = str(tag("p", download(text, made.name, made.media_type, made.data), class_="sc-sheet"))
        self.status.say("")


class OnTheWall(widgets.VBox):
    """The person's own decision what others read of it; one button takes everything back."""

    def __init__(self, desk: Desk, given: tuple[Recognition, ...], redraw: Callable[[], None]) -> None:
        self.desk, self.status, self._redraw = desk, Status(), redraw
        words = desk.words
        rows: Widgets = []
        for one in sorted(given, key=lambda one: -one.id):
            text = words("growth.wall.hide" if one.public else "growth.wall.show", text=shortened(one.reason))
            button = widgets.Button(description=text)
            button.on_click(lambda _button, one=one: self._turn(one))
            rows.append(button)
        withdraw = widgets.Button(description=words("growth.wall.withdraw"))
        withdraw.on_click(lambda _button: self._withdraw())
        agreed = service.agreed(desk.record, "wall", [desk.rep_id])
        super().__init__([
            heading(desk, "growth.wall.own", "growth.wall.own_lead"), *rows, *([withdraw] if agreed else []),
            self.status,
        ])  # fmt: skip

    @told
    def _turn(self, one: Recognition) -> None:
        (service.hide if one.public else service.show)(self.desk.record, one)
        self._redraw()

    @told
    def _withdraw(self) -> None:
        service.withdraw(self.desk.record, self.desk.rep_id, "wall")
        self._redraw()


def wall_section(record: Record, names: dict[str, str], words: Words) -> Section:
    """What people put on the wall themselves; in the order of time, never of size."""
    blocks: list[Quote | Text] = [
        Quote(names.get(one.rep_id, one.rep_id), one.reason.splitlines()) for one in service.wall(record)
    ]
    if not blocks:
        blocks.append(Text(words("growth.wall.empty"), tone="muted"))
    return Section("wall", words("growth.wall.title"), blocks, lead=words("growth.wall.lead"))


# -- the bonus simulator ---------------------------------------------------------------------------

_RULES = ("target", "threshold", "from", "times", "cap", "quota", "credited")
_EXAMPLE = {
    "target": "10000",
    "threshold": "50",
    "from": "100",
    "times": "2",
    "cap": "200",
    "quota": "100000",
    "credited": "90000",
}


class Bonus(widgets.VBox):
    """Rules and a result of one's own choosing; nothing of it is kept, and it is not payroll."""

    def __init__(self, words: Words, currency: str) -> None:
        self.words, self._currency, self.status = words, currency, Status()
        self._boxes = {name: widgets.Text(value=_EXAMPLE[name], continuous_update=False) for name in _RULES}
        self._out = widgets.VBox()
        for box in self._boxes.values():
            box.observe(self._work_out, names="value")
        form = widgets.VBox([
            html_widget(words("growth.bonus.title"), words("growth.bonus.lead"), language=words.language.code),
            *(labelled(words(f"growth.bonus.{name}"), box) for name, box in self._boxes.items()), self.status,
        ])  # fmt: skip
        self._out.add_class("sc-app-page")
        self.form, self.out = form, self._out
        super().__init__([form])
        self._work_out(None)

    def _plan(self) -> tuple[bonus.BonusPlan, Any, Any]:
        given = {
            name: recognising.amount(box.value, self.words) for name, box in self._boxes.items() if box.value.strip()
        }
        if missing := [name for name in ("target", "threshold", "quota", "credited") if name not in given]:
            raise UsageError(self.words("growth.bonus.missing", what=self.words(f"growth.bonus.{missing[0]}")))
        steps: tuple[bonus.Accelerator, ...] = ()
        if "from" in given and "times" in given:
            steps = (bonus.Accelerator(given["from"] / 100, given["times"]),)
        cap = given["cap"] / 100 if "cap" in given else None
        plan = bonus.BonusPlan(given["target"], given["threshold"] / 100, accelerators=steps, cap=cap)
        return plan, given["quota"], given["credited"]

    def _work_out(self, _change: Any) -> None:
        old = self._out.children
        try:
            plan, quota, credited = self._plan()
        except UsageError as error:
            self.status.say(str(error), problem=True)
            return
        self.status.say("")
        section = payout_section(bonus.payout(plan, credited, quota), self.words, self._currency)
        chart = recognising.payout_chart(plan, quota, credited, self.words, self._currency)
        code = self.words.language.code
        shown = [html_widget(section, language=code), *(figure_widgets([chart], language=code) if chart else [])]
        self._out.children = shown
        close(old)


def payout_section(found: bonus.Payout, words: Words, currency: str) -> Section:
    """What would be paid, the way there band by band, and that it is a simulation."""
    language, wording = words.language, Wording(words, currency)
    rows = [
        (
            Cell(_band(band, words)), Cell(language.money(float(band.credited), currency, 2)),
            Cell(language.number(float(band.times), 2)), Cell(language.money(float(band.paid), currency, 2)),
        )
        for band in found.bands
    ]  # fmt: skip
    columns = (
        Column(words("growth.bonus.band")), Column(words("growth.bonus.counted"), align="right"),
        Column(words("growth.bonus.times_short"), align="right"), Column(words("growth.bonus.paid"), align="right"),
    )  # fmt: skip
    total = words("growth.bonus.total", paid=language.money(float(found.paid), currency, 2))
    blocks: list[Text | Table] = [Text(total, tone="strong")]
    if rows:
        blocks.append(Table("", columns, rows))
    blocks += [Text(remark_text(one, wording), tone="note") for one in found.remarks]
    return Section("payout", words("growth.bonus.result"), blocks)


def _band(band: bonus.Band, words: Words) -> str:
    language = words.language
    low = language.percent(float(band.above))
    if band.below is None:
        return words("growth.bonus.from_on", low=low)
    return words("growth.bonus.from_to", low=low, high=language.percent(float(band.below)))
