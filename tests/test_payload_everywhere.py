"""Text from people runs nowhere: 25 payloads in every text field of every table of the record, on every screen.

The fields are not listed here but taken from the record's own declarations, so a new one is attacked from its first
day. Words are written into the database itself, past all rules, as somebody with the database could.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
import test_development_app as development
import test_improvement_app as improvement
import test_one_on_one_app as meetings
from browser import console_errors, open_page, wait_end
from one_on_one_support import AS_OF, REP, organisation
from playwright.sync_api import Page
from record_examples import NOW, example
from test_one_on_one_app import PAYLOADS, desk_of, named, pwned

from salescoach.resources import load_words
from salescoach.server import Server
from salescoach.store import Principal, Record
from salescoach.store.models import KINDS, Objection
from salescoach.store.service import agreements, one_on_ones
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

MOST = 480
"""Characters that fit into every field of text."""


def portions() -> Iterator[str]:
    """All payloads, as few texts as hold them."""
    text = ""
    for payload in PAYLOADS:
        if len(text) + 1 + len(payload) > MOST:
            yield text
            text = ""
        text = f"{text} {payload}".strip()
    yield text


def fill(home: Workspace) -> None:
    """At least one row in every table, and what the screens show of it: drafts, objections, disputes, answers."""
    meetings.hostile(home, REP, 0)
    development.hostile(home)
    improvement.hostile(home, 0)
    desk = desk_of(home, REP)
    rep = desk.record.of(Principal.owner(desk.record.principal.person, beside=REP))
    for number, status in enumerate(("raised", "declined")):
        one = rep.add(Objection(rep_id=REP, key=f"o{number}", number_ref="metric:bookings:2025Q4", text="x", due=AS_OF))
        if status == "declined":
            desk.record.save(replace(one, status=status, answer="x", examined_by="Deniz"))
    given = desk.record.entries(meetings.Feedback, REP)[0]
    agreements.dispute(rep, agreements.reply(rep, given, "x"), "x")
    for form, place in (("objection", "text"), ("objection 1", "answer"), ("feedback", "behaviour")):
        one_on_ones.autosave(desk.record, REP, form, place, "x")
    now = Record.open(home.database_url, desk.record.principal, clock=lambda: NOW)
    with now.write() as unit:
        for kind in KINDS.values():
            if kind.texts and not unit.readable(kind.entry):
                unit.add(example(kind, REP, unit))


def overwrite(home: Workspace, text: str) -> list[str]:
    """Put *text* into every text field of every row; gives the fields that no row has."""
    untouched = []
    with sqlite3.connect(home.path / "coaching.db") as connection:
        for kind in KINDS.values():
            for name in kind.texts:
                changed = connection.execute(f'UPDATE "{kind.name}" SET "{name}" = ?', (text,))
                untouched += [] if changed.rowcount else [f"{kind.name}.{name}"]
    return untouched


@dataclass
class Seen:
    """What the browser did with it."""

    ran: dict[str, bool] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    texts: str = ""
    untouched: list[str] = field(default_factory=list)
    control: bool = False

    def look(self, page: Page, screen: str) -> None:
        """Note whether anything ran, and what stands there to be read, in boxes too."""
        self.ran[screen] = pwned(page)
        boxes = page.evaluate("[...document.querySelectorAll('textarea, input')].map(e => e.value).join('\\n')")
        self.texts += page.inner_text("main") + boxes


def one_on_one(page: Page, words: Words, seen: Seen, portion: int) -> None:
    for seat in ("seat_coach", "seat_rep"):
        named(page, words("one_on_one.app.seat")).select_option(label=words(f"one_on_one.app.{seat}"))
        for step in ("prepare", "hold", "close", "agree"):
            meetings.go(page, words, step)
            seen.look(page, f"one-on-one {seat} {step} {portion}")


def growth(page: Page, words: Words, seen: Seen, portion: int) -> None:
    for screen in development.SCREENS:
        development.go(page, words, screen)
        seen.look(page, f"development {screen} {portion}")


def together(page: Page, words: Words, seen: Seen, portion: int) -> None:
    for step in improvement.STEPS:
        improvement.go(page, words, step)
        page.locator(".sc-app-record .sc-title").first.wait_for()
        seen.look(page, f"improvement {step} {portion}")


def overview(page: Page, home: Workspace, seen: Seen) -> None:
    """What HR sees of the same record; a change of the language draws it anew."""
    for number, portion in enumerate(portions()):
        overwrite(home, portion)
        for code in ("tr", "en"):
            page.locator(".sc-app-bar select").last.select_option(label=load_words(code)(f"language.{code}"))
            page.locator(".sc-app-page", has_text=load_words(code)("oversight.coaching.title")).wait_for()
        page.locator(".sc-app-page", has_text=portion.split()[0]).wait_for()
        seen.look(page, f"one-on-one overview {number}")


APPS = {meetings.APP: one_on_one, development.APP: growth, improvement.APP: together}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Every screen of the three apps that show the record, with each portion of the payloads in all fields."""
    home, words, found = organisation(tmp_path_factory.mktemp("everywhere")), load_words("en"), Seen()
    fill(home)
    with Server(home, apps=list(APPS), language="en") as server:
        for app, walk in APPS.items():
            overwrite(home, next(portions()))
            with open_page(server.link(app, rep=REP, language="en")) as page:
                wait_end(page)
                for number, portion in enumerate(portions()):
                    found.untouched = overwrite(home, portion)
                    walk(page, words, found, number)
                found.errors += console_errors(page)
                page.evaluate("m => document.querySelector('main').insertAdjacentHTML('beforeend', m)", PAYLOADS[1])
                page.wait_for_function("window.__pwned === 1", timeout=10_000)
                found.control = pwned(page)
    with (
        Server(home, apps=[meetings.APP], language="en", person="H1") as server,
        open_page(server.link(meetings.APP, language="en")) as page,
    ):
        wait_end(page)
        overview(page, home, found)
        found.errors += console_errors(page)
    return found


def test_every_text_field_of_the_record_is_attacked_with_every_payload(seen: Seen):
    fields = [(kind.name, name) for kind in KINDS.values() for name in kind.texts]

    assert len(PAYLOADS) == 25
    assert len(fields) >= 38
    assert ("objection", "text") in fields
    assert ("objection", "answer") in fields
    assert ("draft", "text") in fields
    assert seen.untouched == []
    assert [payload for payload in PAYLOADS if payload not in " ".join(portions())] == []


def test_no_payload_runs_on_any_screen(seen: Seen):
    assert [screen for screen, ran in seen.ran.items() if ran] == []
    assert seen.errors == []


def test_what_hr_sees_was_attacked_too(seen: Seen):
    assert len([screen for screen in seen.ran if "overview" in screen]) == len(list(portions()))


def test_the_texts_are_there_to_be_read(seen: Seen):
    assert [payload for payload in PAYLOADS if payload not in seen.texts] == []


def test_negative_control_the_same_markup_runs_where_it_is_put_in_raw(seen: Seen):
    assert seen.control
