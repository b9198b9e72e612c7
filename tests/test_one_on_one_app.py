"""A one-on-one in a real browser: prepared, held and closed in both languages, once with the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from browser import console_errors, external_requests, open_page, wait_end, watch
from one_on_one_support import AS_OF, OTHER, REP, organisation
from one_on_one_walk import NOTE, PROMISE, SKILL, STEP, Walk, one_on_one
from playwright.sync_api import Locator, Page

from salescoach.meetings import Desk, open_record
from salescoach.resources import load_words
from salescoach.review import open_review
from salescoach.server import Server
from salescoach.store.models import Feedback, Goal, OneOnOne, PrivateNote
from salescoach.store.service import one_on_ones
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_one_on_one.ipynb"
PRIVATE = "Sadece benim için: sabırlı ol."
SHARED = "Depo görüşmesini birlikte dinledik."
MOST_TABS_OF_ALL = 150
"""Presses of the Tab key in a whole meeting."""


def named(page: Page, name: str) -> Locator:
    """The control with this name on the screen."""
    return page.locator(f'.sc-app [title="{name}"]').last


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def go(page: Page, words: Words, step: str) -> None:
    """Open a step and wait until it is there."""
    name = words(f"one_on_one.step.{step}")
    press(page, name)
    page.locator(".sc-app-here", has_text=name).wait_for()


def wait_said(page: Page, name: str, said: str) -> None:
    """Wait until the line below this box begins with *said*, up to where a time would stand."""
    field = page.locator(".sc-app-text", has=page.locator(f'[title="{name}"]'))
    field.locator(".sc-app-status", has_text=said).wait_for()


def begins(words: Words, key: str) -> str:
    """A sentence up to its time."""
    return words(key, time="|").split("|")[0].rstrip()


def write(page: Page, name: str, text: str, said: str) -> None:
    """Fill a box, leave it, and wait for what the page says about it."""
    box = named(page, name)
    box.fill(text)
    box.blur()
    wait_said(page, name, said)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return organisation(tmp_path_factory.mktemp("session"))


@pytest.fixture(scope="module")
def server(home: Workspace) -> Iterator[Server]:
    with Server(home, apps=[APP], language="tr") as server:
        yield server


def desk_of(home: Workspace, rep: str, code: str = "en") -> Desk:
    """The desk of the laptop's owner."""
    return Desk(home, open_record(home), rep, load_words(code))


# -- a whole session with mouse and keys, in English -----------------------------------------------


@dataclass
class Told:
    """What a coach saw."""

    errors: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    language: str = ""
    width: tuple[int, int] = (0, 0)
    form_below: tuple[float, float] = (0.0, 0.0)
    tall: int = 0
    kept: str = ""
    link: str = ""
    theirs: str = ""
    mine: str = ""
    texts: str = ""


@pytest.fixture(scope="module")
def english(home: Workspace, server: Server) -> Told:
    words, told = load_words("en"), Told()
    saved = begins(words, "one_on_one.app.saved")
    link = server.link(APP, rep=REP, language="en")
    with open_page(link, width=420) as page:
        wait_end(page)
        press(page, words("one_on_one.app.plan"))
        top = "() => document.getElementById('sc-written').getBoundingClientRect().top"
        link_to_form = page.get_by_role("link", name=words("one_on_one.app.to_form"))
        link_to_form.wait_for()
        before, seen_at, told.tall = page.evaluate(top), link_to_form.bounding_box(), page.viewport_size["height"]
        assert seen_at is not None
        assert seen_at["y"] < told.tall  # without scrolling
        link_to_form.click()
        page.wait_for_function(f"({top})() < {told.tall // 2}")
        told.form_below = (before, page.evaluate(top))
        write(page, words("one_on_one.app.point.rep", place=1), "Price of Depo", saved)
        go(page, words, "hold")
        write(page, words("one_on_one.skill"), "Ask for the effect", saved)
        named(page, words("one_on_one.app.deal")).select_option(label="Depo")
        write(page, words("one_on_one.deal_step"), "Send the plan", saved)
        write(page, words("one_on_one.app.private"), PRIVATE, begins(words, "one_on_one.app.draft_kept"))
        press(page, words("one_on_one.app.save_private"))
        wait_said(page, words("one_on_one.app.private"), saved)
        write(page, words("one_on_one.app.shared"), SHARED, begins(words, "one_on_one.app.draft_kept"))
        told.kept = one_on_ones.draft(open_record(home), REP, "one_on_one 1", "shared").text  # type: ignore[union-attr]
        second_tab(page, link, words, told)
        named(page, words("app.action.text")).fill("Two calls heard together")
        press(page, words("app.action.add"))
        page.locator(".sc-app-action", has_text="Two calls heard together").wait_for()
        press(page, words("one_on_one.app.held"))
        page.get_by_role("button", name=words("one_on_one.app.held")).wait_for(state="detached")
        go(page, words, "close")
        press(page, words("one_on_one.app.sign_coach"))
        page.get_by_text(words("one_on_one.app.signed", who=words("one_on_one.by.coach"), time="")).first.wait_for()
        press(page, words("one_on_one.app.make"))
        told.link = page.locator("a[download]").get_attribute("download") or ""
        told.texts = page.inner_text("main")
        named(page, words("one_on_one.app.seat")).select_option(label=words("one_on_one.app.seat_rep"))
        press(page, words("one_on_one.app.sign_rep"))
        page.get_by_text(words("one_on_one.app.signed", who=words("one_on_one.by.rep"), time="")).first.wait_for()
        told.width = tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"))
        told.errors, told.external = console_errors(page), external_requests(page)
    return told


def second_tab(page: Page, link: str, words: Words, told: Told) -> None:
    """Another window saves the shared note first; this one loses, sees both texts, and saves them together."""
    other = page.context.new_page()
    watch(other)
    other.goto(link)
    wait_end(other)
    go(other, words, "hold")
    write(other, words("one_on_one.app.shared"), "The other window.", begins(words, "one_on_one.app.draft_kept"))
    press(other, words("one_on_one.app.save_shared"))
    wait_said(other, words("one_on_one.app.shared"), begins(words, "one_on_one.app.saved"))
    press(page, words("one_on_one.app.save_shared"))
    theirs = page.locator(".sc-app-theirs textarea")
    theirs.wait_for()
    told.theirs, told.mine = theirs.input_value(), named(page, words("one_on_one.app.shared")).input_value()
    press(page, words("one_on_one.app.merge"))
    wait_said(page, words("one_on_one.app.shared"), words("one_on_one.app.merged_clash"))
    press(page, words("one_on_one.app.save_shared"))
    theirs.wait_for(state="detached")
    other.close()


def test_the_browser_has_nothing_to_complain_about(english: Told):
    assert (english.errors, english.external) == ([], [])


def test_a_phone_shows_the_whole_width(english: Told):
    assert english.width[0] <= english.width[1]


def test_on_a_phone_one_touch_leads_past_the_brief_to_the_form(english: Told):
    before, after = english.form_below

    assert before > english.tall  # negative control: it lies further down than the phone shows
    assert 0 <= after < english.tall / 2


def test_a_meeting_that_was_closed_is_signed_by_both(english: Told, home: Workspace):
    meeting = desk_of(home, REP).meetings()[0]

    assert meeting.is_closed
    assert (meeting.skill_commitment, meeting.deal_id, meeting.deal_step) == (
        "Ask for the effect",
        "DX",
        "Send the plan",
    )


def test_what_is_written_and_not_saved_is_kept_as_a_draft(english: Told):
    assert english.kept == SHARED


def test_the_window_that_saves_second_sees_both_texts(english: Told, home: Workspace):
    shared = desk_of(home, REP).meeting(1).shared

    assert (english.mine, english.theirs) == (SHARED, "The other window.")
    assert shared is not None
    assert shared.text == f"{SHARED}\nThe other window."


def test_a_document_is_offered_and_the_private_note_is_not_on_the_page(english: Told, home: Workspace):
    assert re.fullmatch(rf"brief-{REP}-1-\d{{4}}-\d\d-\d\d\.html", english.link)
    assert PRIVATE not in english.texts
    assert [note.text for note in open_record(home).entries(PrivateNote, REP)] == [PRIVATE]


# -- a whole session with the keyboard alone, in both languages ------------------------------------


def reach(page: Page, name: str) -> None:
    """Press Tab until the control with this name, or the button with this text, has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("(e => e.title || e.innerText || '')(document.activeElement)").strip() == name:
            return
        if page.evaluate("(e => (e.innerText || '').trim())(document.activeElement)") == name:
            return
    pytest.fail(f"The Tab key does not reach '{name}'.")


def push(page: Page, name: str) -> None:
    reach(page, name)
    page.keyboard.press("Enter")


WALKS = {"tr": REP, "en": OTHER}


@dataclass(frozen=True)
class Walked:
    """A coach who planned, prepared, held and closed a meeting with the keyboard, and what it took."""

    home: Workspace
    walks: dict[str, Walk]
    errors: list[str]
    languages: dict[str, str | None]


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    found = Walked(organisation(tmp_path_factory.mktemp("walk")), {}, [], {})
    with Server(found.home, apps=[APP], language="tr") as server:
        for code, rep in WALKS.items():
            with open_page(server.link(APP, rep=rep, language=code), width=1440) as page:
                wait_end(page)
                found.languages[code] = page.locator("html").get_attribute("lang")
                found.walks[code] = one_on_one(page, load_words(code))
                found.errors.extend(console_errors(page))
    return found


def test_the_browser_speaks_the_language_and_has_nothing_to_complain_about(walked: Walked):
    assert walked.errors == []
    assert walked.languages == {"tr": "tr", "en": "en"}


@pytest.mark.parametrize("code", WALKS)
def test_the_keyboard_alone_prepares_holds_and_closes(walked: Walked, code: str):
    desk = desk_of(walked.home, WALKS[code], code)
    meeting = desk.meetings()[0]
    shared = desk.meeting(meeting.id).shared

    assert meeting.status == "held"
    assert meeting.signed_coach_at is not None
    assert (meeting.skill_commitment, meeting.deal_step) == (SKILL[code], STEP[code])
    assert (meeting.evidence_kind, bool(meeting.evidence_ref)) == ("metric", True)
    assert shared is not None
    assert shared.text == NOTE[code]


@pytest.mark.parametrize("code", WALKS)
def test_the_next_review_carries_what_was_promised(walked: Walked, code: str):
    review = open_review(walked.home, rep=WALKS[code], period="2025Q4", language=code)
    promised = review.promised._repr_mimebundle_()["text/plain"]

    for text in (SKILL[code], STEP[code], PROMISE[code]):
        assert text in promised


@pytest.mark.parametrize("code", WALKS)
def test_a_coach_is_through_in_ten_minutes_of_own_time(walked: Walked, code: str):
    """By keys, decisions and words to read; the machine's time is measured in benchmarks/one_on_one.py."""
    walk = walked.walks[code]

    assert walk.by_hand < 10
    assert walk.tabs < MOST_TABS_OF_ALL
    assert walk.decisions == 14


# -- hostile texts, for test_payload_everywhere.py -------------------------------------------------

RUN = "window.__pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>", f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'>", f"<a href=javascript:{RUN}>x</a>",
    f"'\"><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>", f"</title><script>{RUN}</script>", f"</style><script>{RUN}</script>",
    f"<details open ontoggle={RUN}>", f"<input autofocus onfocus={RUN}>", f"<video><source onerror={RUN}></video>",
    f"<math><mtext><script>{RUN}</script></mtext></math>", f"[x](javascript:{RUN})", f"![x](x\" onerror=\"{RUN})",
    f"$$\\href{{javascript:{RUN}}}{{x}}$$", f"{{{{constructor.constructor('{RUN}')()}}}}", f"${{{RUN}}}",
    f"<object data=javascript:{RUN}>", f"<embed src=javascript:{RUN}>", f"<form><button formaction=javascript:{RUN}>x",
    f"<marquee onstart={RUN}>", f"&lt;script&gt;{RUN}&lt;/script&gt;", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
)  # fmt: skip
BATCH = 5


def hostile(home: Workspace, rep: str, batch: int) -> int:
    """A meeting whose every text field holds these payloads; its id."""
    from dataclasses import replace

    text = " ".join(PAYLOADS[batch : batch + BATCH])
    desk = desk_of(home, rep)
    meeting = desk.plan("weekly", AS_OF, "09:30", f"hostile {batch}")
    for place in (1, 2, 3):
        item = desk.write_point(meeting, "rep", place, text, 0)
        desk.write_outcome(item, text, item.version)
    desk.write_point(meeting, "manager", 1, text, 0)
    for name in ("skill_commitment", "deal_step"):
        desk.write_field(meeting.id, name, text, "")
    desk.promise(meeting, text, AS_OF, "", f"promise {batch}")
    dropped = desk.promise(meeting, text, AS_OF, "", f"dropped {batch}")
    one_on_ones.set_status(desk.record, dropped, "dropped", reason=text)
    fresh = desk.record.get(OneOnOne, meeting.id)
    one_on_ones.write_shared(desk.record, fresh, text, version=0)
    desk.record.add(PrivateNote(rep_id=rep, one_on_one_id=meeting.id, text=text))
    given = desk.record.add(Feedback(rep_id=rep, kind="strength", text=text, evidence_refs=(f"deal:{text[:150]}",)))
    desk.record.save(replace(given, text=text))
    desk.record.add(Goal(rep_id=rep, text=text, kind="behaviour", target=1.0, due=AS_OF, status="proposed"))
    return meeting.id


def pwned(page: Page) -> bool:
    """Whether a script from people ran; waits for an image to fail, as theirs would have."""
    page.evaluate("() => new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'data:image/png,-'; })")
    return bool(page.evaluate("window.__pwned === 1"))
