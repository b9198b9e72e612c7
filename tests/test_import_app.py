"""The import page as a person uses it, in a real browser: look, say who an owner is, import, read what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser import console_errors, external_requests, open_page, wait_end
from import_support import OPEN, deal, put
from playwright.sync_api import Page
from test_app import named, pwned, wait_said

from salescoach.resources import load_words
from salescoach.server import Server
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_import.ipynb"
MARKUP = '<img src=x onerror="window.__pwned=1">'
STRANGER = f"Deniz {MARKUP}"
OTHER_FILE = f"{MARKUP}.csv"


def export_in(folder: Path) -> Path:
    """Two deals, one of an owner nobody knows, and a file that is no part of it; both have markup for a name."""
    put(folder, deal(), deal(deal_id="D2", owner_id=STRANGER, **OPEN))
    (folder / OTHER_FILE).write_text("a,b\n1,2\n", encoding="utf-8")
    return folder


def undecided_in(folder: Path) -> Path:
    """Days that can be read in two ways."""
    return put(folder, deal(created_at="03/04/2025", closed_at="05/06/2025"))


def by_place(page: Page, words: Words, export: Path) -> None:
    """Type where the export lies."""
    named(page, words("imports.source")).fill(str(export))


def by_upload(page: Page, words: Words, export: Path) -> None:
    """Hand the files over from this computer."""
    named(page, words("imports.source")).fill("")
    files = sorted(export.iterdir())
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name=words("imports.choose")).click()
    asked.value.set_files(files)
    page.get_by_role("button", name=f"{words('imports.choose')} ({len(files)})").wait_for()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose_person(page: Page, words: Words, name: str) -> None:
    """Say who the unknown owner is."""
    page.get_by_title(words.plural("imports.owners.rows", 1, owner=STRANGER), exact=True).select_option(label=name)
    press(page, words("imports.owners.save"))
    wait_said(page, words("imports.owners.saved"))


@dataclass
class Told:
    """What a person saw, in the order in which it happened."""

    wrong_place: str = ""
    asked: str = ""
    answer_in_sight: bool = False
    wrong_is_marked: int = 0
    snapshots_after_looking: int = -1
    preview: str = ""
    questions_left: int = -1
    imported: str = ""
    owners: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    headings_in: str = ""
    pwned: bool = True
    raw_markup_ran: bool = False
    errors: tuple[str, ...] = ()
    external: tuple[str, ...] = ()


ROADS: list[tuple[str, Callable[[Page, Words, Path], None]]] = [("tr", by_place), ("en", by_upload)]


@pytest.fixture(scope="module", params=ROADS, ids=["tr-by-place", "en-by-upload"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """From a wrong place to the quality report, once in each language."""
    language, hand_over = request.param
    words, folder, seen = load_words(language), tmp_path_factory.mktemp("import-app"), Told()
    home = Workspace.create(folder / "w", language=language)
    export = export_in(folder / "export")
    with Server(home, apps=(APP,), language=language) as server, open_page(server.link(APP)) as page:
        wait_end(page)
        by_place(page, words, folder / f"nowhere {MARKUP}")
        press(page, words("imports.preview"))
        page.locator(".sc-app-problem").wait_for()
        seen.wrong_place = page.locator(".sc-app-status").inner_text()
        seen.wrong_is_marked = page.locator(".sc-app-record .sc-app-problem").count()
        by_place(page, words, undecided_in(folder / "undecided"))
        press(page, words("imports.preview"))
        page.locator(".sc-app-status", has_text="03/04/2025").wait_for()
        seen.asked = page.locator(".sc-app-status").inner_text()
        named(page, words("imports.order")).select_option(label=words("imports.dmy"))
        seen.answer_in_sight = True
        press(page, words("imports.preview"))
        wait_said(page, words("imports.looked"))
        hand_over(page, words, export)
        press(page, words("imports.preview"))
        page.get_by_title(words.plural("imports.owners.rows", 1, owner=STRANGER), exact=True).wait_for()
        wait_said(page, words("imports.looked"))
        seen.preview = page.inner_text("main")
        seen.snapshots_after_looking = len(list(home.snapshots.iterdir()))
        choose_person(page, words, "Can Işık")
        seen.questions_left = page.get_by_text(words("imports.owners.title")).count()
        press(page, words("imports.do"))
        wait_said(page, words("imports.done", day="").rstrip(". "))
        page.get_by_role("heading", name=words("imports.result")).wait_for()
        seen.imported = page.inner_text("main")
        seen.headings_in = page.locator("html").get_attribute("lang") or ""
        seen.pwned, seen.errors = pwned(page), tuple(console_errors(page))
        seen.external = tuple(external_requests(page))
        page.evaluate("markup => document.querySelector('main').insertAdjacentHTML('beforeend', markup)", MARKUP)
        page.wait_for_function("window.__pwned === 1", timeout=10_000)
        seen.raw_markup_ran = True
    seen.owners = tuple(home.snapshot().read("opportunity").sort_values("deal_id")["owner_id"])
    seen.pages = tuple(sorted(path.name for path in (home.path / "quality").iterdir()))
    return seen


def test_a_wrong_place_is_said_beside_the_form_and_the_page_goes_on(told: Told):
    assert "nowhere" in told.wrong_place
    assert told.wrong_is_marked == 1


def test_what_the_files_leave_open_is_asked_in_the_words_of_the_form(told: Told):
    """With the place and an example, and the control that answers is there to be used: it was folded away before."""
    language = "tr" if "satır" in told.asked else "en"
    words = load_words(language)

    assert told.asked == words(
        "imports.asked.example",
        place=f"opportunity.csv, {words('imports.place.row', row=2)}, created_at",
        control=words("imports.order"),
        example="03/04/2025",
    )
    assert told.answer_in_sight


def test_looking_shows_what_would_happen_and_writes_nothing(told: Told):
    words = load_words(told.headings_in)

    assert told.snapshots_after_looking == 0
    assert words("preview.title") in told.preview
    assert words("imports.first.caption") in told.preview
    assert STRANGER in told.preview


def test_who_was_chosen_for_an_owner_has_the_deals(told: Told):
    assert told.questions_left == 0
    assert told.owners == ("R1", "R2")


def test_after_the_import_the_quality_report_is_read_on_the_spot_and_lies_in_the_workspace(told: Told):
    words = load_words(told.headings_in)

    assert words("imports.result") in told.imported
    assert words("quality.rows.caption") in told.imported
    assert told.pages == ("en.html", "tr.html")


def test_names_from_files_are_text_and_nothing_else(told: Told):
    assert OTHER_FILE in told.preview
    assert not told.pwned
    assert told.errors == ()
    assert told.external == ()


def test_the_same_name_put_in_raw_would_run(told: Told):
    """Negative control: the page and its rules would not have stopped it."""
    assert told.raw_markup_ran
