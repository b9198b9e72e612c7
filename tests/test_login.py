"""Who logs in sees what is theirs: a rep, the coach, a second coach, in a real browser, with the record in both places.

What a page shows could hide what its browser was sent; so the messages to the browser are read as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from browser import console_errors, open_page, wait_end
from one_on_one_support import AS_OF, COACH, OTHER, REP, SECOND, desk_of, organisation
from playwright.sync_api import Page, expect
from postgres import Cluster
from server_apps import ask
from store_places import PLACES, clerk_of, schema_in
from test_one_on_one_app import begins, go, named, press, wait_said, write

from salescoach.meetings import open_record
from salescoach.resources import load_words
from salescoach.server import OWN_APPS, Server
from salescoach.store import Principal
from salescoach.store.models import Feedback, Notice, Objection, OneOnOne, PrivateNote
from salescoach.store.service import one_on_ones
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_one_on_one.ipynb"
EN = load_words("en")
PRIVATE = "Zeynep hanim: terfi beklentisi"  # without letters that a message might write in another way
SHARED = "We listened to the Depo call together."
SAID = "You asked three questions about the effect"


@pytest.fixture(scope="module", params=PLACES)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A meeting with a shared note, a private note of the first coach, and feedback; the record in either place."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "postgres":
            cluster: Cluster = request.getfixturevalue("postgres")
            place = schema_in(cluster)
            patch.setenv("SALESCOACH_DATABASE", place.url)
        home = organisation(tmp_path_factory.mktemp("login"))
        with open_record(home, Principal.owner("root")) as record:  # nobody's page is read before their notice
            for rep in (REP, OTHER):
                record.add(Notice(rep_id=rep, notice_version="v1", delivered_at=datetime.now(UTC)))
        if request.param == "postgres":  # people come in by a role that owns nothing
            patch.setenv("SALESCOACH_DATABASE", clerk_of(cluster, place).url)
        coach = desk_of(home, COACH)
        meeting = coach.plan("weekly", AS_OF, "09:30", "first")
        one_on_ones.write_shared(coach.record, meeting, SHARED, version=0)
        coach.record.add(PrivateNote(rep_id=REP, one_on_one_id=meeting.id, text=PRIVATE))
        coach.record.add(Feedback(rep_id=REP, kind="strength", text=SAID, evidence_refs=("metric:win_rate_count",)))
        yield home


@dataclass
class Seen:
    """What somebody who logged in saw, and what the browser was sent to show it."""

    shown: str = ""
    sent: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    refused: str = ""
    errors: list[str] = field(default_factory=list)

    def was_sent(self, text: str) -> bool:
        return any(text in message for message in self.sent)


@contextmanager
def logged_in(home: Workspace, person: str, rep: str = REP) -> Iterator[tuple[Server, Page, Seen]]:
    """The pages of *person*, opened by the address that the server printed."""
    seen = Seen()

    def listen(message: str | bytes) -> None:
        seen.sent.append(message if isinstance(message, str) else message.decode("utf-8", "ignore"))

    with Server(home, apps=OWN_APPS, language="en", person=person) as server, open_page("about:blank") as page:
        page.on("websocket", lambda socket: socket.on("framereceived", listen))
        page.goto(server.link(APP, rep=rep, language="en"))
        wait_end(page)
        yield server, page, seen
        seen.errors = console_errors(page)


def plain(text: str) -> str:
    """With common blanks: lists of choices are written with those that do not break."""
    return text.replace("\xa0", " ")


def look_around(page: Page, seen: Seen) -> None:
    """Read every step."""
    for step in ("prepare", "hold", "close", "agree"):
        go(page, EN, step)
        seen.shown += plain(page.inner_text("main"))
        seen.shown += "".join(page.locator("textarea").evaluate_all("boxes => boxes.map(box => box.value)"))
    names = page.locator(f'select[title="{EN("label.rep")}"] option')
    seen.people = [plain(name) for name in names.all_inner_texts()]


@pytest.fixture(scope="module")
def rep(home: Workspace) -> Seen:
    """The rep reads, adds a point, answers the feedback, objects to a number, and asks for a colleague's page."""
    with logged_in(home, REP) as (server, page, seen):
        write(page, EN("one_on_one.app.point.rep", place=1), "My point", begins(EN, "one_on_one.app.saved"))
        look_around(page, seen)
        named(page, EN("one_on_one.feedback.your_words")).fill("It was four.")
        press(page, EN("one_on_one.feedback.do.reply"))
        page.locator(".sc-app-page", has_text="It was four.").wait_for()
        expect(named(page, EN("one_on_one.feedback.your_words"))).to_have_value("", timeout=60_000)  # new forms
        named(page, EN("one_on_one.objection.number")).select_option(label=EN("metric.win_rate_count.name"))
        named(page, EN("one_on_one.objection.reason")).fill("Two of these deals were not mine.")
        press(page, EN("one_on_one.objection.object"))
        page.locator(".sc-app-page", has_text="Two of these deals were not mine.").wait_for()
        page.goto(server.link(APP, rep=OTHER, language="en"))
        wait_end(page)
        page.get_by_text(EN("one_on_one.access.title")).first.wait_for()
        seen.refused = plain(page.inner_text("main"))
    return seen


@pytest.fixture(scope="module")
def coach(home: Workspace) -> Seen:
    with logged_in(home, COACH) as (_, page, seen):
        look_around(page, seen)
    return seen


@pytest.fixture(scope="module")
def second(home: Workspace) -> Seen:
    """The second coach reads all, and keeps a private note too."""
    with logged_in(home, SECOND) as (_, page, seen):
        look_around(page, seen)
        go(page, EN, "hold")
        mine = EN("one_on_one.app.private")
        write(page, mine, "Mine alone.", begins(EN, "one_on_one.app.draft_kept"))
        press(page, EN("one_on_one.app.save_private"))
        wait_said(page, mine, begins(EN, "one_on_one.app.saved"))
    return seen


def test_a_rep_finds_the_own_page_and_nobody_elses(rep: Seen):
    assert rep.people == ["Elif Kaya"]
    assert SHARED in rep.shown
    assert "Can Işık" not in rep.shown


def test_another_reps_address_opens_nothing(rep: Seen):
    assert "Can Işık" not in rep.refused
    assert EN("one_on_one.access.none", person=REP) in rep.refused


def test_what_a_rep_says_is_kept_as_the_reps(rep: Seen, home: Workspace):
    record = open_record(home, Principal(COACH))

    objection = record.entries(Objection, REP)[0]
    assert (objection.text, objection.author, objection.is_open) == ("Two of these deals were not mine.", REP, True)
    assert record.entries(Feedback, REP)[0].reply_text == "It was four."
    assert [item.text for item in one_on_ones.meeting(record, record.entries(OneOnOne, REP)[0].id).agenda] == [
        "My point"
    ]


def test_the_disputed_number_is_marked_for_the_coach(rep: Seen, coach: Seen):
    assert EN("one_on_one.objection.title") in coach.shown
    assert "Two of these deals were not mine." in coach.shown


def test_the_first_coach_reads_the_own_private_note(coach: Seen):
    """Negative control: it is there, and it reaches a browser whose reader wrote it."""
    assert PRIVATE in coach.shown
    assert coach.was_sent(PRIVATE)


def test_a_private_note_reaches_nobody_elses_browser(rep: Seen, second: Seen):
    for seen in (rep, second):
        assert seen.was_sent(SHARED)  # what they may read does come by this way
        assert not seen.was_sent(PRIVATE)
        assert PRIVATE not in seen.shown


def test_each_coach_keeps_private_notes_beside_the_others(second: Seen, home: Workspace):
    assert [note.text for note in open_record(home, Principal(COACH)).entries(PrivateNote, REP)] == [PRIVATE]
    assert [note.text for note in open_record(home, Principal(SECOND)).entries(PrivateNote, REP)] == ["Mine alone."]


def test_the_browser_has_nothing_to_complain_about(rep: Seen, coach: Seen, second: Seen):
    assert rep.errors + coach.errors + second.errors == []


def test_without_the_token_there_is_no_login(tmp_path: Path):
    """The control is every test above: with it there is."""
    home = organisation(tmp_path)
    with Server(home, apps=OWN_APPS, language="en", person=REP) as server:
        with open_page(f"http://127.0.0.1:{server.port}/voila/render/{APP}") as page:
            assert EN("server.refused.title") in page.inner_text("body")
        assert ask(server.port, f"/voila/render/{APP}?token=guessed")[0] in (302, 303, 403)
