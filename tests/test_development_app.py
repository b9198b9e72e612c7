"""The development app in a real browser: in both languages, with the keyboard alone, against hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest
from browser import console_errors, external_requests, open_page, wait_end
from one_on_one_support import OTHER, REP, organisation
from playwright.sync_api import Page
from test_one_on_one_app import BATCH, PAYLOADS, named, press, push, reach

from salescoach import observing, recognising
from salescoach.coaching.scorecards import Answer
from salescoach.growth_plan import Growth
from salescoach.meetings import Desk, open_record
from salescoach.resources import load_words
from salescoach.server import Server
from salescoach.store import Principal
from salescoach.store.models import DevelopmentPlan, Recognition
from salescoach.store.service import growth as service
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_development.ipynb"
SCREENS = ("observe", "grow", "recognise", "bonus", "together")
DAY = date(2025, 11, 20)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return organisation(tmp_path_factory.mktemp("development"))


@pytest.fixture(scope="module")
def server(home: Workspace) -> Iterator[Server]:
    with Server(home, apps=[APP], language="tr") as server:
        yield server


def go(page: Page, words: Words, screen: str) -> None:
    name = words(f"growth.screen.{screen}")
    press(page, name)
    page.locator(".sc-app-here", has_text=name).wait_for()


@dataclass
class Told:
    """What somebody saw."""

    errors: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    width: tuple[int, ...] = ()
    lacks: str = ""


# -- with mouse and keys, in English, on a phone ---------------------------------------------------


@pytest.fixture(scope="module")
def english(home: Workspace, server: Server) -> Told:
    words, told = load_words("en"), Told()
    with open_page(server.link(APP, rep=REP, language="en"), width=420) as page:
        wait_end(page)
        named(page, words("growth.form.what")).select_option(label=words("growth.form.kind.discovery"))
        named(page, words("growth.form.subject")).fill("call with Depo")
        card = observing.cards("discovery")[0]
        press(page, words("growth.form.keep"))
        page.locator(".sc-app-problem", has_text=words("growth.form.not_yet")).wait_for()
        told.lacks = page.inner_text("main")
        for item in card.items:
            control = named(page, words("growth.form.points", item=item.text("en")))
            control.select_option(label=words("growth.form.level", n=3, anchor=item.anchors[2]("en")))
        press(page, words("growth.form.keep"))
        page.get_by_text(words("growth.score.answered", answered=len(card.items), all=len(card.items))).wait_for()
        go(page, words, "recognise")
        named(page, words("growth.recognition.text")).fill("Asked what a delay costs.")
        named(page, words("label.evidence")).fill("observation:1")
        press(page, words("growth.recognition.give"))
        page.get_by_text(
            words("growth.recognition.rests", evidence=words("growth.evidence.observation", id="1"))
        ).wait_for()
        for screen in SCREENS:
            go(page, words, screen)
            told.width += (page.evaluate("document.documentElement.scrollWidth - window.innerWidth"),)
        told.errors, told.external = console_errors(page), external_requests(page)
    return told


def test_the_browser_has_nothing_to_complain_about(english: Told):
    assert (english.errors, english.external) == ([], [])


def test_a_phone_shows_the_whole_width_of_every_screen(english: Told):
    assert max(english.width) <= 0


def test_what_is_missing_in_a_form_is_named_and_nothing_is_half_kept(english: Told, home: Workspace):
    first = observing.cards("discovery")[0].items[0]

    assert load_words("en")("development.score.open", item=first.text("en")) in english.lacks
    assert len(observing.observed(open_record(home), REP)) == 1


def test_recognition_is_kept_and_not_public(english: Told, home: Workspace):
    kept = open_record(home).entries(Recognition, REP)

    assert [(one.reason, one.public) for one in kept] == [("Asked what a delay costs.", False)]


# -- with the keyboard alone, in Turkish -----------------------------------------------------------


@pytest.fixture(scope="module")
def turkish(home: Workspace, server: Server) -> Told:
    words, told = load_words("tr"), Told()
    with open_page(server.link(APP, rep=OTHER), width=1440) as page:
        wait_end(page)
        push(page, words("growth.screen.grow"))
        page.locator(".sc-app-here", has_text=words("growth.screen.grow")).wait_for()
        push(page, words("growth.plan.begin"))
        named(page, words("growth.plan.aim")).wait_for()
        reach(page, words("growth.plan.aim"))
        page.keyboard.insert_text("Kilit müşteriler")
        page.keyboard.press("Tab")
        page.locator(
            ".sc-app-text .sc-app-status", has_text=words("one_on_one.app.saved", time="|").split("|")[0]
        ).first.wait_for()
        push(page, words("growth.plan.sign_coach"))
        page.get_by_role("button", name=words("growth.plan.sign_coach")).wait_for(state="detached")
        told.errors = console_errors(page)
    return told


def test_the_keyboard_alone_begins_and_signs_a_plan(turkish: Told, home: Workspace):
    plan = open_record(home).entries(DevelopmentPlan, OTHER)[0]

    assert turkish.errors == []
    assert plan.motivation == "Kilit müşteriler"
    assert plan.signed_manager_at is not None
    assert plan.signed_rep_at is None


# -- hostile texts, for test_payload_everywhere.py -------------------------------------------------


def hostile(home: Workspace) -> None:
    """Every text field of observations, plan, steps and recognition with every payload."""
    words, owner = load_words("en"), open_record(home)
    rep = Desk(home, owner.of(Principal.owner("root", beside=REP)), REP, words)
    desk, items = Desk(home, owner, REP, words), observing.card("discovery").items
    for batch in range(0, len(PAYLOADS), BATCH):
        text = " ".join(PAYLOADS[batch : batch + BATCH])
        subject = observing.Subject("activity", text[:190])
        for side in (desk, rep):
            kept, _ = observing.keep(
                side, "call", "discovery", DAY, subject, {one.id: Answer(1, evidence=text[:480]) for one in items}
            )
            assert kept is not None
        shown = recognising.give(desk, "good_question", text[:480], (text[:190],), key=f"r{batch}")
        service.show(rep.record, shown)
    growth = Growth(desk)
    plan = growth.begin("AM", DAY, key="plan")
    growth.write_aim(" ".join(PAYLOADS), "")
    for batch in range(0, len(PAYLOADS), BATCH):
        step = growth.add_step(
            plan, "exposure", "discovery", " ".join(PAYLOADS[batch : batch + BATCH])[:480], DAY, key=f"s{batch}"
        )
        growth.write_proof(step.id, " ".join(PAYLOADS[batch : batch + BATCH])[:480], "")
