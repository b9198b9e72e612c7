"""The development app: scorecards, development plan, recognition and wall, bonus simulator.

Who is before the screen comes from the server, never from the address or a control. Everything goes through the
coaching record, which authorises it again; somebody who may not see a rep gets an empty page with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from salescoach import observing, recognising
from salescoach.app.development_observing import observe
from salescoach.app.development_plan import grow
from salescoach.app.development_recognition import Bonus, recognise, wall_section
from salescoach.app.one_on_one_steps import Screen
from salescoach.app.parts import Notice, close, html_widget, labelled
from salescoach.coaching.recognition import GroupShare
from salescoach.coaching.scorecards import Score
from salescoach.errors import AccessDenied, SalesCoachError
from salescoach.growth_plan import Growth
from salescoach.known import data_at
from salescoach.meetings import Desk, open_record, people
from salescoach.report.page import END, Bullets, Cell, Column, End, Item, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.resources import load_words
from salescoach.review import RepReview, requested_language, requested_rep
from salescoach.store import Principal, Record
from salescoach.store.policy import COACH, MANAGER
from salescoach.store.service import growth as service
from salescoach.words import Words
from salescoach.workspace import Workspace

SCREENS = ("observe", "grow", "recognise", "bonus", "together")


def development_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> DevelopmentApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``); ``?rep=…&language=…`` chooses what is shown first.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    try:
        home = Workspace.open(workspace or os.environ.get("SALESCOACH_WORKSPACE", ""))
        return DevelopmentApp(home, requested_language(language, home), principal)
    except SalesCoachError as error:
        return Notice([widgets.Label(value=str(error))])


class DevelopmentApp(widgets.VBox):
    """Rep and language on top, the screens below them; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        self.home = home
        self._record = open_record(home, principal)
        self._drawing = True
        self._screen_name = SCREENS[0]
        self._reviews: dict[tuple[str, str], RepReview] = {}
        self._people = people(home, self._record, load_words(language))
        self._tongue = widgets.Dropdown(options=[("Türkçe", "tr"), ("English", "en")], value=language)
        self._rep, self._seat = widgets.Dropdown(), widgets.Dropdown()
        self._bar, self._steps = widgets.HBox(), widgets.HBox()
        self._buttons = {name: widgets.Button() for name in SCREENS}
        for name, button in self._buttons.items():
            button.on_click(lambda _button, name=name: self._go(name))
        self._page, self._side = widgets.VBox(), widgets.VBox()
        for box, name in (
            (self._bar, "sc-app-bar"), (self._steps, "sc-app-steps"), (self._page, "sc-app-page"),
            (self._side, "sc-app-record"),
        ):  # fmt: skip
            box.add_class(name)
        body = widgets.HBox([self._page, self._side])
        body.add_class("sc-app-body")
        super().__init__([self._bar, self._steps, body])
        self.add_class("sc-app")
        self.add_class("sc-app-session")
        self._begin()
        for control in (self._tongue, self._rep, self._seat):
            control.observe(self._changed, names="value")
        self._drawing = False
        self._show()

    @property
    def end(self) -> End:
        """Marks a page that was made to its last line."""
        return END

    @property
    def _words(self) -> Words:
        return load_words(self._tongue.value)

    @property
    def desk(self) -> Desk:
        """The chosen rep, as whoever sits before the screen may see them."""
        record = self._record
        if record.principal.is_owner and self._seat.value == "rep":
            record = record.of(Principal.owner(record.principal.person, beside=self._rep.value))
        return Desk(self.home, record, self._rep.value, self._words, self._reviews)

    def _begin(self) -> None:
        """The rep of the address, if the person may see them; else the first one they may see."""
        asked, seen = requested_rep(), [rep for _, rep in self._people]
        self._refused = bool(asked) and asked not in seen
        self._rep.options = self._people
        if seen:
            self._rep.value = asked if asked in seen else seen[0]
        else:
            self._screen_name = "together"  # about nobody in particular: for HR
        self._seat.options = [("coach", "coach"), ("rep", "rep")]
        self._seat.value = "coach"

    # --- showing -------------------------------------------------------------------------------

    def _changed(self, change: Any) -> None:
        if self._drawing:
            return
        if change["owner"] is self._rep:
            self._refused = False
        self._show()

    def _go(self, name: str) -> None:
        self._screen_name = name
        self._show()

    def _show(self) -> None:
        """Draw everything in the chosen language, as the record has it now."""
        self._drawing = True
        try:
            self._offer(self._words)
            read, written = self._screen()
        except AccessDenied:
            read, written = self._nothing(self._words)
        except SalesCoachError as error:
            read, written = [widgets.Label(value=str(error))], []
        finally:
            self._drawing = False
        old = (*self._page.children, *self._side.children)
        self._page.children, self._side.children = read, written
        shown = SCREENS if self._people else ("bonus", "together")
        self._steps.children = [self._button(name, self._words) for name in shown]
        self._side.layout.display = None if written else "none"
        close(old)

    def _offer(self, words: Words) -> None:
        """The controls in the chosen language; what was chosen stays chosen."""
        chosen, seat = self._rep.value, self._seat.value
        self._rep.options = sorted(self._people, key=lambda pair: words.language.sort_key(pair[0]))
        self._rep.value = chosen
        self._seat.options = [(words(f"one_on_one.app.seat_{name}"), name) for name in ("coach", "rep")]
        self._seat.value = seat
        fields = [labelled(words("label.rep"), self._rep)] if self._people else []
        if self._record.principal.is_owner:
            fields.append(labelled(words("one_on_one.app.seat"), self._seat))
        self._bar.children = [*fields, labelled(words("app.language"), self._tongue)]

    def _button(self, name: str, words: Words) -> widgets.Button:
        """The button of a screen; always the same one, so that a click during a redraw is not lost."""
        here, button = name == self._screen_name, self._buttons[name]
        button.description = words(f"growth.screen.{name}")
        button.tooltip = words("one_on_one.app.here" if here else "one_on_one.app.go", step=button.description)
        (button.add_class if here else button.remove_class)("sc-app-here")
        return button

    # --- the screens ---------------------------------------------------------------------------

    def _screen(self) -> Screen:
        words = self._words
        if self._screen_name == "bonus":
            simulator = Bonus(words, self.home.organisation.currency)
            return [simulator.out], [simulator.form]
        if self._screen_name == "together":
            return self._together(words), []
        if not self._people or self._refused:
            return self._nothing(words)
        desk = self.desk
        screens: dict[str, Callable[[], Screen]] = {
            "observe": lambda: observe(Growth(desk), self._show),
            "grow": lambda: grow(Growth(desk), [rep for _, rep in self._people], self._show),
            "recognise": lambda: recognise(desk, self._show),
        }
        found = screens[self._screen_name]()
        desk.record.viewed(desk.rep_id, f"development {self._screen_name}")
        return found

    def _nothing(self, words: Words) -> Screen:
        """An empty page with the reason: what may not be seen is not even begun."""
        text = words("one_on_one.access.none", person=self._record.principal.person)
        section = Section("access", words("one_on_one.access.title"), (Text(text),))
        return [html_widget(section, language=words.language.code)], []

    def _together(self, words: Words) -> list[widgets.Widget]:
        """The wall for everybody; fairness and agreement of those who score for those whom they concern."""
        record, code = (self.desk.record if self._people else self._record), words.language.code
        names = {str(rep): str(name) for rep, name in data_at(self.home).reps["full_name"].items()}
        sections = [wall_section(record, names, words)]
        sections += fairness_sections(self.home, record, words, self._people, self._reviews)
        agreement = observing.agreement(record)
        if agreement is not None:
            sections.append(agreement_section(agreement, words, self.home.organisation.currency))
        return [html_widget(part, language=code) for part in sections]


def fairness_sections(
    home: Workspace,
    record: Record,
    words: Words,
    seen: list[tuple[str, str]],
    reviews: dict[tuple[str, str], RepReview],
) -> list[Section]:
    """Who was not recognised for a while, for managers; shares by team for managers and HR, from five people on."""
    data = data_at(home)
    with record.read() as unit:
        managed = {rep: name for name, rep in seen if unit.access.standings(rep) & {COACH, MANAGER}}
    sections = []
    if managed:
        desk = Desk(home, record, next(iter(managed)), words, reviews)
        waiting = recognising.unseen(desk, managed, datetime.now(home.organisation.zone).date())
        items = [Item(words("growth.fair.waiting", name=name, n=months)) for name, months in waiting or ()]
        block = Bullets(items, empty=words("growth.fair.none" if waiting is None else "growth.fair.nobody"))
        sections.append(Section("unseen", words("growth.fair.unseen"), (block,), lead=words("growth.fair.unseen_lead")))
    teams = {rep: str(team) for rep, team in data.reps["team_id"].items() if rep in data.sellers and not pd.isna(team)}
    shares = service.recognised_by_group(record, teams)
    if shares:
        columns = (Column(words("growth.fair.group")), Column(words("growth.fair.share"), align="right"))
        rows = [(Cell(one.group), _share(one, words)) for one in shares]
        table = Table("", columns, rows)
        sections.append(Section("fair", words("growth.fair.title"), (table,), lead=words("growth.fair.lead")))
    return sections


def _share(one: GroupShare, words: Words) -> Cell:
    language = words.language
    if one.na_reason is not None:
        return Cell("–", detail=words("growth.fair.small"), tone="na")
    between = language.range(language.percent(one.low), language.percent(one.high))
    return Cell(language.percent(one.recognised / one.n), detail=words("growth.score.between", range=between, n=one.n))


def _pair(pair: observing.Pair, number: int, named: bool, words: Words) -> str:
    if named:
        return words("growth.rater.two", one=pair.one, other=pair.other)
    return words("growth.rater.unnamed", n=number)


def agreement_section(found: observing.Agreement, words: Words, currency: str) -> Section:
    """How far those who score agree, and who is strict or generous; it says nothing about who is right."""
    language = words.language

    def written(score: Score) -> Cell:
        if score.na_reason is not None:
            return Cell("–", detail=words("growth.score.few", n=score.n), tone="na")
        between = language.range(language.number(score.low, 2), language.number(score.high, 2))
        return Cell(language.number(score.value, 2), detail=words("growth.score.between", range=between, n=score.n))

    columns = (
        Column(words("growth.rater.pair")), Column(words("growth.rater.kappa"), align="right"),
        Column(words("growth.rater.icc"), align="right"),
    )  # fmt: skip
    rows = [
        (
            Cell(_pair(pair, n, found.named, words)),
            written(pair.kappa), written(pair.consistency),
        )
        for n, pair in enumerate(found.pairs, 1)
    ]  # fmt: skip
    blocks: list[Text | Table | Bullets] = (
        [Table("", columns, rows)] if rows else [Text(words("growth.rater.none"), tone="muted")]
    )
    if found.severities and found.named:
        effects = (Column(words("growth.rater.who")), Column(words("growth.rater.effect"), align="right"))
        lines = [
            (Cell(name), written(Score(one.best, one.low, one.high, one.n)))
            for name, one in found.severities.items()
        ]  # fmt: skip
        blocks.append(Table("", effects, lines))
    wording = Wording(words, currency)
    if found.advice:
        blocks.append(Bullets([Item(remark_text(one, wording)) for one in found.advice]))
    return Section("agreement", words("growth.rater.title"), blocks, lead=words("growth.rater.lead"))
