"""An objection in a real browser, each with an own login: the rep objects, a manager upholds it, both figures stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from browser import console_errors, open_page, wait_end
from one_on_one_support import MANAGER, OTHER, REP, desk_of, organisation
from playwright.sync_api import Page
from test_one_on_one_app import go, named, press

from salescoach.meetings import Desk, open_record
from salescoach.report_files import file_stem
from salescoach.resources import load_words
from salescoach.runs import run_reviews
from salescoach.server import OWN_APPS, Server
from salescoach.store import Principal
from salescoach.store.models import Notice
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

APP = "app_one_on_one.ipynb"
EN, TR = load_words("en"), load_words("tr")
OBJECTION = "DR10 is not mine."
REASONS = "Kayıtta sahibi yanlış yazılmış."


@dataclass
class Seen:
    """What the page of objections said to whom, and what the browser complained about."""

    before: str = ""
    manager: str = ""
    rep: str = ""
    taken: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def logged_in(home: Workspace, person: str, words: Words) -> Iterator[Page]:
    """The step with the objections, as ``salescoach serve --person`` opens it for *person*."""
    code = words.language.code
    with Server(home, apps=OWN_APPS, language=code, person=person) as server, open_page("about:blank") as page:
        page.goto(server.link(APP, rep=REP, language=code))
        wait_end(page)
        go(page, words, "agree")
        yield page


def plain(page: Page) -> str:
    return page.inner_text(".sc-app-page").replace("\xa0", " ")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Six of nine deals were won by each of two reps, and the first has a report that says so."""
    home = organisation(tmp_path_factory.mktemp("objection"))
    with open_record(home, Principal.owner("root")) as record:  # nothing about a person is shown before the notice
        record.add(Notice(rep_id=REP, notice_version="v1", delivered_at=datetime.now(UTC)))
    run_reviews(home, period="2025Q4", languages=["tr"], reps=[REP])
    return home


@pytest.fixture(scope="module")
def seen(home: Workspace) -> Seen:
    seen = Seen()
    with logged_in(home, REP, EN) as page:
        named(page, EN("one_on_one.objection.number")).select_option(label=EN("metric.win_rate_count.name"))
        named(page, EN("one_on_one.objection.reason")).fill(OBJECTION)
        press(page, EN("one_on_one.objection.object"))
        page.locator(".sc-app-page", has_text=OBJECTION).wait_for()
        seen.before, seen.errors = plain(page), console_errors(page)
    with logged_in(home, MANAGER, TR) as page:
        named(page, TR("one_on_one.objection.not_theirs")).select_option("İş R10 (DR10)")
        named(page, TR("one_on_one.objection.whose")).select_option(label="Can Işık")
        named(page, TR("one_on_one.objection.reasons")).fill(REASONS)
        press(page, TR("one_on_one.objection.uphold"))
        page.locator(".sc-app-page", has_text=TR("one_on_one.objection.made_again", run="|").split("|")[0]).wait_for()
        seen.manager = plain(page)
        seen.errors += console_errors(page)
    with logged_in(home, REP, EN) as page:
        seen.rep = plain(page)
        press(page, EN("one_on_one.objection.reports"))
        page.locator(".sc-app-record a[download]").first.wait_for()
        seen.taken = [name or "" for name in page.locator(".sc-app-record a[download]").all_inner_texts()]
        seen.errors += console_errors(page)
    return seen


def test_before_it_is_decided_the_figure_stands_there_as_disputed(seen: Seen):
    assert "When it was objected to: 67%" in seen.before
    assert EN("one_on_one.objection.status.raised") in seen.before
    assert "Worked out again" not in seen.before


def test_the_manager_upholds_it_and_reads_both_figures(seen: Seen):
    """The lost deal DR10 is another's now: six of eight were won."""
    for text in (OBJECTION, REASONS, "%67", "%75", TR("one_on_one.objection.status.upheld")):
        assert text in seen.manager


def test_the_rep_reads_both_figures_and_both_texts_and_takes_both_reports(seen: Seen):
    for text in (OBJECTION, REASONS, "When it was objected to: 67%", "Worked out again: 75%"):
        assert text in seen.rep
    slots = {"name": EN("metric.win_rate_count.name"), "language": EN("language.tr")}
    assert seen.taken == [EN(f"one_on_one.objection.report_{when}", **slots) for when in ("before", "after")]


def test_the_report_that_was_made_again_says_both_too(seen: Seen, home: Workspace):
    page = (home.reviews / "2025Q4" / "tr" / f"{file_stem(REP)}.html").read_text(encoding="utf-8")

    assert REASONS in page
    assert [objection.again_n for objection in desk_of(home, REP).objections()] == [8]
    assert [objection.again_n for objection in desk_of(home, MANAGER).objections()] == [8]


def test_the_deal_counts_for_the_other_rep_now(seen: Seen, home: Workspace):
    review = Desk(home, open_record(home, Principal.owner("root")), OTHER, EN).review

    assert review.facts.lines["win_rate_count"].now.n == 10


def test_no_browser_had_anything_to_complain_about(seen: Seen):
    assert seen.errors == []
