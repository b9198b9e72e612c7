"""The review app as a coach uses it, in a real browser: choose, read, write, come back, and lose nothing."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from browser import console_errors, external_requests, open_page, wait_end, watch
from playwright.sync_api import Locator, Page

from salescoach.crm.importer import import_export
from salescoach.known import calendar_of
from salescoach.resources import load_words
from salescoach.review import content, open_review
from salescoach.runs import run_reviews
from salescoach.runs.demo import build_demo
from salescoach.server import APPS, Server
from salescoach.store import CoachingStore
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = APPS[0]
REP, BEFORE, PERIOD, NEXT = "R003", "2025Q2", "2025Q3", "2025Q4"
NOTE = "Kahve içtik.\nSöz: üç arama birlikte dinlenecek."
OWN_ACTION = "Perşembe günü iki görüşme birlikte hazırlanacak"
LIBRARY_ACTION = content().actions_for("")[0]
MERGED = "Benim notum.\nÖteki sekmenin notu."

# Words that stand on the screen in one language and not in the other.
LABELS = (
    "label.rep", "label.period", "app.language", "app.record.title", "app.note.label", "app.note.save",
    "app.action.title", "app.action.add", "app.action.suggested", "app.action.text", "label.due",
    "review.promised.title", "review.numbers.title", "review.findings.title", "review.questions.title",
    "review.sources.title", "review.chart.bookings.title", "action_status.open",
)  # fmt: skip


# What a person does on the page


def named(page: Page, name: str) -> Locator:
    """The control with this name on the screen."""
    return page.locator(f'.sc-app [title="{name}"]')


def choose(page: Page, words: Words, *, rep: str, period: str) -> None:
    """Pick a rep by name, then the period, and wait for the page about both."""
    named(page, words("label.rep")).select_option(label=rep)
    page.get_by_role("heading", name=words("review.title", rep=rep)).wait_for()
    named(page, words("label.period")).select_option(label=words.language.period(period))
    page.locator(".sc-subtitle", has_text=words.language.period(period)).wait_for()


def wait_charts(page: Page) -> None:
    page.wait_for_function("document.querySelectorAll('.sc-app-figure svg.main-svg .trace').length >= 2")


def wait_record(page: Page, words: Words) -> None:
    """The record is drawn after the review."""
    page.get_by_text(words("app.action.text"), exact=True).first.wait_for()


def write_note(page: Page, words: Words, text: str) -> None:
    named(page, words("app.note.label")).fill(text)
    page.get_by_role("button", name=words("app.note.save")).click()


def wait_said(page: Page, text: str) -> None:
    page.locator(".sc-app-status", has_text=text).wait_for()


def add_action(page: Page, words: Words, text: str) -> None:
    """Press the button and wait until the list below holds *text*."""
    page.get_by_role("button", name=words("app.action.add")).click()
    page.locator(".sc-app-action", has_text=text).wait_for()


def note_on(page: Page, words: Words) -> str:
    return named(page, words("app.note.label")).input_value()


def actions_on(page: Page) -> list[str]:
    return [text for text in page.locator(".sc-app-action .widget-label").all_inner_texts() if text]


def tab_stops(page: Page, last: str) -> list[str]:
    """Names of what the Tab key reaches from the top of the page, up to *last*."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    reached: list[str] = []
    while last not in reached and len(reached) < 60:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.title || e.innerText || e.tagName)(document.activeElement)"))
    return reached


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_demo(tmp_path_factory.mktemp("app") / "demo", reps=12, months=30)


@pytest.fixture(scope="module")
def name(home: Workspace) -> str:
    return open_review(home, rep=REP, period=PERIOD).facts.full_name


@dataclass
class Told:
    """What a coach saw, in the order in which it happened."""

    first_heading: str = ""
    heading: str = ""
    chart_texts: list[str] = field(default_factory=list)
    traces: list[int] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    language: str | None = ""
    landmarks: int = 0
    width: tuple[int, int] = (0, 0)
    stops: list[str] = field(default_factory=list)
    draft_after_switch: str = ""
    turkish: str = ""
    english: str = ""
    note_in_link: str = ""
    actions_in_link: list[str] = field(default_factory=list)
    conflict_mine: str = ""
    conflict_theirs: str = ""
    conflict_says: str = ""
    stored_in_conflict: str = ""
    stored_after_merge: str = ""
    theirs_after_merge: int = -1
    note_after_restart: str = ""
    actions_after_restart: list[str] = field(default_factory=list)


def stored_note(home: Workspace) -> str:
    """The note as another program would read it."""
    with CoachingStore.open(home.database_url) as store:
        return store.note(REP, calendar_of(home.organisation).period(PERIOD)).text


def read_and_write(page: Page, told: Told, name: str) -> None:
    """Choose another rep, look around, change the language and back, and write."""
    words, english = load_words("tr"), load_words("en")
    told.first_heading = page.get_by_role("heading", level=1).inner_text()
    choose(page, words, rep=name, period=PERIOD)
    wait_charts(page)
    told.heading = page.get_by_role("heading", level=1).inner_text()
    told.chart_texts = page.locator(".sc-app-figure .sc-text").all_inner_texts()
    told.traces = page.evaluate(
        "Array.from(document.querySelectorAll('.sc-app-figure .js-plotly-plot'), plot => plot.data.length)"
    )
    told.language = page.locator("html").get_attribute("lang")
    told.landmarks = page.get_by_role("main").count()
    told.stops = tab_stops(page, words("app.note.save"))
    named(page, words("app.note.label")).fill(NOTE)
    named(page, words("app.language")).select_option(label="English")
    page.get_by_role("heading", name=english("review.title", rep=name)).wait_for()
    wait_charts(page)
    wait_record(page, english)
    told.draft_after_switch = note_on(page, english)
    told.english = page.inner_text("main")
    named(page, english("app.language")).select_option(label="Türkçe")
    page.get_by_role("heading", name=words("review.title", rep=name)).wait_for()
    wait_charts(page)
    wait_record(page, words)
    told.turkish = page.inner_text("main")
    write_note(page, words, NOTE)
    wait_said(page, words("app.note.saved", time="").rstrip(". "))
    named(page, words("app.action.suggested")).select_option(label=LIBRARY_ACTION.text("tr"))
    add_action(page, words, LIBRARY_ACTION.text("tr"))
    named(page, words("app.action.text")).fill(OWN_ACTION)
    add_action(page, words, OWN_ACTION)


def save_in_two_tabs(page: Page, told: Told, home: Workspace, link: str) -> None:
    """A second tab opens the same note, this one saves first, the second loses, looks, merges and saves."""
    words = load_words("en")
    other = page.context.new_page()
    watch(other)
    other.goto(link)
    wait_end(other)
    named(other, words("app.note.label")).wait_for()
    told.note_in_link = note_on(other, words)
    told.actions_in_link = actions_on(other)
    write_note(page, load_words("tr"), "Öteki sekmenin notu.")
    wait_said(page, load_words("tr")("app.note.saved", time="").rstrip(". "))
    write_note(other, words, "Benim notum.")
    other.locator(".sc-app-theirs textarea").wait_for()
    wait_said(other, words("app.note.conflict"))
    told.conflict_mine = note_on(other, words)
    told.conflict_theirs = other.locator(".sc-app-theirs textarea").input_value()
    told.conflict_says = other.inner_text(".sc-app-status")
    told.stored_in_conflict = stored_note(home)
    write_note(other, words, MERGED)
    other.locator(".sc-app-theirs").wait_for(state="detached")
    told.theirs_after_merge = other.locator(".sc-app-theirs").count()
    told.stored_after_merge = stored_note(home)
    told.external += external_requests(other)
    told.errors += console_errors(other)


@pytest.fixture(scope="module")
def told(home: Workspace, name: str) -> Told:
    told = Told()
    link = {"rep": REP, "period": PERIOD, "language": "en"}
    with Server(home, apps=APPS, language="tr") as server, open_page(server.url) as page:
        wait_end(page)
        page.get_by_role("heading", level=1).wait_for()
        read_and_write(page, told, name)
        save_in_two_tabs(page, told, home, server.link(APP, **link))
        told.external += external_requests(page)
        told.errors += console_errors(page)
    with Server(home, apps=APPS, language="tr") as server, open_page(server.link(APP, **link), width=420) as page:
        wait_end(page)
        wait_charts(page)
        told.note_after_restart = note_on(page, load_words("en"))
        told.actions_after_restart = actions_on(page)
        told.width = tuple(page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]"))
    return told


# Choose and read


def test_a_rep_is_chosen_by_name(told: Told, name: str):
    assert name not in told.first_heading
    assert told.heading == load_words("tr")("review.title", rep=name)


def test_every_chart_is_drawn_and_is_about_that_rep(told: Told, name: str):
    """Bookings against the pace, the gap in parts, the win rate by quarter."""
    assert len(told.chart_texts) == 3
    assert all(name in text for text in told.chart_texts)
    assert len(told.traces) == 3
    assert all(told.traces)


def test_nothing_is_asked_of_another_machine(told: Told):
    assert told.external == []


def test_the_browser_has_nothing_to_complain_about(told: Told):
    assert told.errors == []


def test_the_page_says_its_language_and_has_one_main_part(told: Told):
    assert (told.language, told.landmarks) == ("tr", 1)


def test_a_phone_shows_the_whole_width(told: Told):
    assert told.width[0] <= told.width[1]


def test_the_keyboard_reaches_the_choice_and_the_save_button_in_this_order(told: Told):
    words = load_words("tr")

    assert words("label.rep") in told.stops
    assert told.stops.index(words("label.rep")) < told.stops.index(words("app.note.label"))
    assert told.stops[-1] == words("app.note.save")


@pytest.mark.parametrize(("shown", "other"), [("tr", "en"), ("en", "tr")])
def test_no_label_of_the_other_language_is_left(told: Told, shown: str, other: str):
    text = {"tr": told.turkish, "en": told.english}[shown]
    lines = {line.strip() for line in text.splitlines()}

    missing = [key for key in LABELS if load_words(shown)(key) not in text]
    left = [key for key in LABELS if load_words(other)(key) in lines]

    assert (missing, left) == ([], [])


# Write, and find it again


def test_what_is_not_saved_yet_survives_a_change_of_language(told: Told):
    assert told.draft_after_switch == NOTE


def test_a_link_leads_to_the_note_and_the_actions(told: Told):
    assert told.note_in_link == NOTE
    assert any(text.startswith(OWN_ACTION) for text in told.actions_in_link)


def test_an_action_of_the_library_is_in_the_language_of_its_reader(told: Told):
    assert any(text.startswith(LIBRARY_ACTION.text("en")) for text in told.actions_in_link)
    assert not any(text.startswith(LIBRARY_ACTION.text("tr")) for text in told.actions_in_link)


def test_a_restarted_server_has_everything(told: Told):
    assert told.note_after_restart == MERGED
    assert told.actions_after_restart == told.actions_in_link


@pytest.mark.parametrize("language", ["tr", "en"])
def test_the_next_review_begins_with_what_was_promised(told: Told, home: Workspace, language: str):
    """In the reader's language when it came from the library, else as it was typed."""
    review = open_review(home, rep=REP, period=NEXT, language=language)
    promised = review.promised._repr_mimebundle_()["text/html"]

    assert LIBRARY_ACTION.text(language) in promised
    assert OWN_ACTION in promised
    assert all(line in promised for line in told.stored_after_merge.splitlines())


def test_the_review_before_knows_nothing_of_it(told: Told, home: Workspace):
    """Negative control: what was agreed later is not read back into an earlier meeting."""
    promised = open_review(home, rep=REP, period=BEFORE).promised._repr_mimebundle_()["text/html"]

    assert OWN_ACTION not in promised
    assert told.stored_after_merge.splitlines()[0] not in promised


# Two tabs


def test_who_saves_second_sees_both_texts(told: Told):
    assert (told.conflict_mine, told.conflict_theirs) == ("Benim notum.", "Öteki sekmenin notu.")
    assert told.conflict_says == load_words("en")("app.note.conflict")


def test_nothing_is_overwritten_until_both_texts_are_brought_together(told: Told):
    assert told.stored_in_conflict == "Öteki sekmenin notu."
    assert told.stored_after_merge == MERGED
    assert told.theirs_after_merge == 0


def test_a_save_that_asks_for_no_version_loses_the_other_text(tmp_path: Path):
    """Negative control: what a tab would do that saves on whatever is there now."""
    home = Workspace.create(tmp_path / "w")
    period = calendar_of(home.organisation).period(PERIOD)
    with CoachingStore.open(home.database_url) as store:
        for text in ("Öteki sekmenin notu.", "Benim notum."):
            now = store.note(REP, period).version
            store.save_note(REP, period, text, version=now, author="coach")

        assert store.note(REP, period).text == "Benim notum."


# Text from people stays text

SCRIPT = '<script>window.__pwned=1</script><img src=x onerror="window.__pwned=1">'
HOSTILE_REP = f"Elif {SCRIPT}"
HOSTILE_DEAL = f"Depo {SCRIPT}"
HOSTILE_NOTE = f"Not {SCRIPT}"
HOSTILE_ACTION = f"Söz {SCRIPT}"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """An import whose rep and open deal carry markup in their names."""
    folder = tmp_path_factory.mktemp("hostile")
    deals = [["D0", HOSTILE_DEAL, "R1", "Teklif", "open", "100", "TRY", "2025-07-01T08:00:00Z", "", "2025-09-01"]]
    deals += [
        [f"D{n}", f"İş {n}", "R1", "Won", "won", "100", "TRY", "2025-09-01T08:00:00Z", "2025-10-20T08:00:00Z", ""]
        for n in range(1, 7)
    ]
    tables = {
        "rep": [["rep_id", "full_name", "role"], ["R1", HOSTILE_REP, "AE"]],
        "stage": [["pipeline", "stage", "order", "kind"], ["all", "Teklif", "1", "open"], ["all", "Won", "2", "won"]],
        "opportunity": [
            "deal_id name owner_id stage status amount currency created_at closed_at expected_close".split(), *deals
        ],
    }  # fmt: skip
    export = folder / "export"
    export.mkdir()
    for table, rows in tables.items():
        with (export / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    home = Workspace.create(folder / "workspace", name="Örnek A.Ş.", language="en")
    import_export(export, home, as_of=date(2025, 11, 28), taken_at=datetime(2025, 11, 28, tzinfo=UTC), crm="canonical")
    return home


@dataclass
class Attack:
    """What became of markup from people on a page."""

    text: str
    pwned: bool
    errors: list[str]
    raw_markup_ran: bool = False


def pwned(page: Page) -> bool:
    """Whether a script from people ran; waits for an image to fail, as theirs would have."""
    page.evaluate("() => new Promise(done => { const i = new Image(); i.onerror = done; i.src = 'data:image/png,-'; })")
    return bool(page.evaluate("window.__pwned === 1"))


@pytest.fixture(scope="module")
def in_app(hostile: Workspace) -> Attack:
    """Write hostile texts for one quarter, look at them in the next one, then let the same markup in by hand."""
    words = load_words("en")
    with (
        Server(hostile, apps=APPS, language="en") as server,
        open_page(server.link(APP, rep="R1", period=PERIOD)) as page,
    ):
        wait_end(page)
        named(page, words("app.note.label")).wait_for()
        write_note(page, words, HOSTILE_NOTE)
        wait_said(page, words("app.note.saved", time="").rstrip(". "))
        named(page, words("app.action.text")).fill(HOSTILE_ACTION)
        add_action(page, words, HOSTILE_ACTION)
        named(page, words("label.period")).select_option(label=words.language.period(NEXT))
        page.locator(".sc-quote", has_text="Not ").wait_for()
        wait_charts(page)
        seen = Attack(page.inner_text("main"), pwned(page), console_errors(page))
        page.evaluate("markup => document.querySelector('main').insertAdjacentHTML('beforeend', markup)", SCRIPT)
        page.wait_for_function("window.__pwned === 1", timeout=10_000)
        seen.raw_markup_ran = True
    return seen


def test_markup_from_people_is_text_in_the_app(in_app: Attack):
    for hostile in (HOSTILE_REP, HOSTILE_DEAL, HOSTILE_NOTE, HOSTILE_ACTION):
        assert hostile in in_app.text
    assert not in_app.pwned
    assert in_app.errors == []


def test_the_same_markup_would_run_if_it_were_put_in_raw(in_app: Attack):
    """Negative control: the page and its rules would not have stopped it."""
    assert in_app.raw_markup_ran


def test_markup_from_people_is_text_in_the_exported_review(hostile: Workspace, in_app: Attack):
    result = run_reviews(hostile, period=NEXT, languages=["en"], reps=["R1"])
    assert result.reports[0].html is not None, result.reports[0].reason

    with open_page(Path(result.reports[0].html).as_uri()) as page:
        page.wait_for_selector(".js-plotly-plot .main-svg")
        text = page.inner_text("main")

        for markup in (HOSTILE_REP, HOSTILE_DEAL, HOSTILE_NOTE, HOSTILE_ACTION):
            assert markup in text
        assert not pwned(page)
