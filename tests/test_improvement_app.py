"""The improvement work in a real browser, in both languages, once with the keyboard alone; no text of people runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from browser import console_errors, external_requests, open_page, wait_end
from one_on_one_support import organisation
from playwright.sync_api import Locator, Page
from test_one_on_one_app import PAYLOADS, reach

from salescoach.improvement import Board
from salescoach.meetings import open_record
from salescoach.resources import load_words
from salescoach.server import Server
from salescoach.store.models import ORGANISATION, ExperimentCard, Request
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_improvement.ipynb"
STEPS = ("voice", "requests", "decisions", "cycle")


def board(home: Workspace, code: str = "en") -> Board:
    """The improvement work as the laptop's owner sees it."""
    return Board(home, open_record(home), load_words(code))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def go(page: Page, words: Words, step: str) -> None:
    """Open a step and wait until it is there."""
    name = words(f"improvement.step.{step}")
    press(page, name)
    page.locator(".sc-app-here", has_text=name).wait_for()


def named(page: Page, name: str) -> Locator:
    """The control with this name in the newest form that has one."""
    return page.locator(f'.sc-app [title="{name}"]').first


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return organisation(tmp_path_factory.mktemp("improving"))


@pytest.fixture(scope="module")
def server(home: Workspace) -> Iterator[Server]:
    with Server(home, apps=[APP], language="tr") as server:
        yield server


@dataclass
class Told:
    """What somebody saw."""

    errors: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    widths: list[tuple[int, int]] = field(default_factory=list)
    link: str = ""
    texts: str = ""


@pytest.fixture(scope="module")
def english(home: Workspace, server: Server) -> Told:
    """On a phone: write an interview down and code it, ask, answer, take the memo."""
    words, told = load_words("en"), Told()
    with open_page(server.link(APP, language="en"), width=420) as page:
        wait_end(page)
        named(page, words("improvement.voice.text")).fill("The answer came late.")
        named(page, words("improvement.voice.text")).blur()
        press(page, words("improvement.write.do"))
        page.get_by_text("The answer came late.").wait_for()
        page.get_by_label("Speed", exact=True).check()
        press(page, words("improvement.code.do"))
        page.get_by_text(words("improvement.voice.all_coded")).wait_for()
        told.widths.append(tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")))
        go(page, words, "requests")
        named(page, words("improvement.requests.what")).fill("A list of prices")
        named(page, words("improvement.requests.what")).blur()
        press(page, words("improvement.ask.do"))
        page.locator("td, th", has_text="A list of prices").first.wait_for()
        press(page, words("one_on_one.app.make"))
        told.link = page.locator("a[download]").get_attribute("download") or ""
        for step in STEPS:
            go(page, words, step)
            told.widths.append(tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")))
            told.texts += page.inner_text("main")
        told.errors, told.external = console_errors(page), external_requests(page)
    return told


def test_the_browser_has_nothing_to_complain_about(english: Told):
    assert (english.errors, english.external) == ([], [])


def test_a_phone_shows_the_whole_width(english: Told):
    assert [width for width in english.widths if width[0] > width[1]] == []


def test_what_was_written_on_the_phone_is_in_the_record(english: Told, home: Workspace):
    mine = board(home)

    assert [one.words for one in mine.texts()] == ["The answer came late."]
    assert mine.to_code() == ()
    assert "A list of prices" in [one.ask for one in mine.requests()]


def test_the_memo_is_offered_as_a_file(english: Told):
    assert english.link.startswith("memo-marketing-")


def push(page: Page, name: str) -> None:
    reach(page, name)
    page.keyboard.press("Enter")


@pytest.fixture(scope="module")
def turkish(home: Workspace, server: Server) -> Told:
    """With the keyboard alone: begin a cycle, write its parts, go on; put a decision into the log."""
    words, told = load_words("tr"), Told()
    with open_page(server.link(APP), width=1440) as page:
        wait_end(page)
        push(page, words("improvement.step.cycle"))
        page.locator(".sc-app-here", has_text=words("improvement.step.cycle")).wait_for()
        reach(page, words("improvement.cycle.change"))
        page.keyboard.insert_text("İkinci muhatap")
        reach(page, words("improvement.cycle.plan_part"))
        page.keyboard.insert_text("Kayıp görüşmelerinde duyuldu")
        push(page, words("improvement.begin.do"))
        go_on = words("improvement.cycle.move_to", phase=words("voice.phase.do"))
        page.get_by_role("button", name=go_on).wait_for()
        push(page, go_on)
        page.get_by_role("button", name=words("improvement.cycle.move_to", phase=words("voice.phase.check"))).wait_for()
        push(page, words("improvement.step.decisions"))
        page.locator(".sc-app-here", has_text=words("improvement.step.decisions")).wait_for()
        for key, text in (
            ("improvement.decisions.what", "İskonto karşılıksız verilmiyor"), ("label.reason", "İskonto arttı"),
            ("improvement.decisions.expected", "Oran düşer"),
        ):  # fmt: skip
            reach(page, words(key))
            page.keyboard.insert_text(text)
        push(page, words("improvement.decide.do"))
        page.locator("td, th", has_text="İskonto karşılıksız verilmiyor").first.wait_for()
        told.errors = console_errors(page)
    return told


def test_the_keyboard_alone_turns_a_cycle_and_logs_a_decision(turkish: Told, home: Workspace):
    mine = board(home, "tr")

    assert turkish.errors == []
    assert [(one.title, one.plan, one.status) for one in mine.cycles()] == [
        ("İkinci muhatap", "Kayıp görüşmelerinde duyuldu", "do")
    ]
    assert [(one.adjustment, one.expected_effect) for one in mine.decisions()] == [
        ("İskonto karşılıksız verilmiyor", "Oran düşer")
    ]


# -- hostile texts, for test_payload_everywhere.py -------------------------------------------------

BATCH = 5


def hostile(home: Workspace, batch: int) -> None:
    """These payloads in every text field of the improvement work; five companies, so that quotes are shown too."""
    mine, text = board(home), " ".join(PAYLOADS[batch : batch + BATCH])
    short, day = text[:500], board(home).today
    for number in range(5):
        said = mine.write_down("mention", day, text, "", f"{number} {text}"[:200], f"m{batch}{number}")
        mine.code(said, ["speed"], short)
    mine.write_down("loss", day, text, "", "", f"i{batch}")
    mine.ask("product", short, day + timedelta(9), "", f"q{batch}")
    answered = mine.ask("legal", short, day + timedelta(9), "", f"a{batch}")
    assert isinstance(answered, Request)
    mine.answer(answered, "declined", short)
    made = mine.decide(short, short, short, day + timedelta(9), "", f"d{batch}")
    assert not isinstance(made, tuple)
    mine.decide(short, short, short, day + timedelta(9), "", f"e{batch}")
    mine.write_outcome(made.id, short, made.version)
    cycle = mine.begin(short, text, "", f"c{batch}")
    for part in ("do", "check", "act"):
        mine.write_part(cycle.id, part, text, "")
    card = ExperimentCard(
        rep_id=ORGANISATION, cycle_id=cycle.id, hypothesis=short, metric_id="win_rate_count", expected_effect=0.2,
        start=mine.as_of, look_on=mine.as_of + timedelta(60),
    )  # fmt: skip
    mine.record.save(replace(mine.record.add(card), verdict="stop", result=short))
    mine.record.add(replace(card, key=f"open {batch}"))
