"""The development app: scorecards, development plan, recognition and wall, bonus simulator.

Who is before the screen comes from the server, never from the address or a control. Everything goes through the
coaching record, which authorises it again; somebody who may not see a rep gets an empty page with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import ipywidgets as widgets
import pandas as pd

from salescoach import observing, recognising
from salescoach.app.development_observing import observe
from salescoach.app.development_plan import grow
from salescoach.app.development_recognition import Bonus, recognise, wall_section
from salescoach.app.parts import Notice, Screen, html_widget
from salescoach.app.stepped import RepApp, opened
from salescoach.coaching.recognition import GroupShare
from salescoach.coaching.scorecards import Score
from salescoach.growth_plan import Growth
from salescoach.known import data_at
from salescoach.meetings import Desk
from salescoach.report.page import Bullets, Cell, Column, Item, Section, Table, Text
from salescoach.report.remarks import remark_text
from salescoach.report.wording import Wording
from salescoach.review import RepReview
from salescoach.store import Principal, Record
from salescoach.store.policy import COACH, MANAGER
from salescoach.store.service import growth as service
from salescoach.words import Words
from salescoach.workspace import Workspace

SCREENS = ("observe", "grow", "recognise", "bonus", "together")
ABOUT_NOBODY = ("bonus", "together")


def development_app(
    workspace: str | Path = "", language: str = "", principal: Principal | None = None
) -> DevelopmentApp | Notice:
    """The app on *workspace* (default: ``SALESCOACH_WORKSPACE``); ``?rep=…&language=…`` chooses what is shown first.

    *principal* is for a server that knows by other means who is there; default: :func:`salescoach.store.principal_of`.
    """
    return opened(DevelopmentApp, workspace, language, principal)


class DevelopmentApp(RepApp):
    """Rep and language on top, the screens below them; what is read on the left, what is written beside it."""

    def __init__(self, home: Workspace, language: str, principal: Principal | None = None) -> None:
        super().__init__(home, language, principal, SCREENS, lambda words, step: words(f"growth.screen.{step}"))
        if not self._people:
            self._step = "together"  # about nobody in particular: for HR
        self._begin(self._rep, self._seat)

    @property
    def steps(self) -> Sequence[str]:
        """Screens of which the person may see something."""
        return SCREENS if self._people else ABOUT_NOBODY

    def _screens(self, words: Words) -> Mapping[str, Callable[[], Screen]]:
        return {
            "observe": lambda: observe(Growth(self.desk), self._show),
            "grow": lambda: grow(Growth(self.desk), [rep for _, rep in self._people], self._show),
            "recognise": lambda: recognise(self.desk, self._show),
            "bonus": lambda: self._bonus(words),
            "together": lambda: (self._together(words), []),
        }

    def _show(self) -> None:
        super()._show()
        # On a phone the form comes first, for it is filled in while somebody listens; what was seen before follows.
        (self._side.add_class if self._step == SCREENS[0] else self._side.remove_class)("sc-app-asked-first")

    def _screen(self, words: Words) -> Screen:
        if self._step in ABOUT_NOBODY:
            return super()._screen(words)
        if self._refused or not self._people:
            return self._nothing(words)
        found = super()._screen(words)
        self.desk.record.viewed(self._rep.value, f"development {self._step}")
        return found

    def _bonus(self, words: Words) -> Screen:
        simulator = Bonus(words, self.home.organisation.currency)
        return [simulator.out], [simulator.form]

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
        small = one.na_reason == "below_min_n"
        return Cell("–", detail=words("growth.fair.small" if small else "growth.fair.unknown"), tone="na")
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
