"""What a reader sees: the app in a real browser, in both languages, without a network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from browser import console_errors, external_requests, open_page, wait_end
from server_apps import DYING, LIVELY, QUIET, kernels, stock_voila, write_app

from salescoach import resources
from salescoach.server import Server
from salescoach.words import Words
from salescoach.workspace import Workspace

pytestmark = pytest.mark.browser

BARS = "Array.from(document.querySelector('.js-plotly-plot').data[0].y)"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("page")
    workspace = Workspace.create(folder / "workspace", name="Örnek A.Ş.")
    apps = [write_app(folder, "app_lively.ipynb", LIVELY), write_app(folder, "app_dying.ipynb", DYING)]
    with Server(workspace, apps=apps, language="tr") as running:
        yield running


@dataclass
class Seen:
    """What one visit showed."""

    address: str
    language: str | None
    title: str
    landmarks: int
    text: str
    bars: list[int]
    bars_after_moving: list[int]
    external: list[str]
    errors: list[str]
    height: int
    sheets_printed: int
    kernels_open: int
    kernels_closed: int


@pytest.fixture(scope="module", params=["tr", "en"])
def seen(server: Server, request: pytest.FixtureRequest) -> Seen:
    """Open the app, move its slider, leave it; in the server's language and in the other one."""
    asked = {} if request.param == "tr" else {"language": request.param}
    before = len(kernels(server))
    with open_page(server.link("app_lively.ipynb", rep="Elif", **asked)) as page:
        wait_end(page)
        page.wait_for_selector(".js-plotly-plot .bars")
        bars = page.evaluate(BARS)
        page.locator(".widget-slider .noUi-handle").press("ArrowRight")
        page.get_by_text("4", exact=True).and_(page.locator(".widget-readout")).wait_for()
        page.wait_for_function(f"{BARS}[0] === 4")
        seen = Seen(
            address=page.url,
            language=page.locator("html").get_attribute("lang"),
            title=page.title(),
            landmarks=page.get_by_role("main").count(),
            text=page.inner_text("body"),
            bars=bars,
            bars_after_moving=page.evaluate(BARS),
            external=external_requests(page),
            errors=console_errors(page),
            height=page.evaluate("document.documentElement.scrollHeight"),
            sheets_printed=page.pdf().count(b"/Type /Page\n"),
            kernels_open=len(kernels(server)) - before,
            kernels_closed=-1,
        )
        page.goto(f"http://127.0.0.1:{server.port}/nothing")
        for _ in range(600):  # well before an idle kernel would be ended anyway
            if len(kernels(server)) > before:
                page.wait_for_timeout(50)
        seen.kernels_closed = len(kernels(server)) - before
    return seen


def test_nothing_is_asked_of_another_machine(seen: Seen):
    assert seen.external == []


def test_stock_voila_asks_other_machines(tmp_path: Path):
    """Negative control: an icon font, twice for each page."""
    write_app(tmp_path, "app_quiet.ipynb", QUIET)
    with (
        stock_voila(tmp_path, setup=tmp_path) as stock,
        open_page(f"http://127.0.0.1:{stock.port}/voila/render/app_quiet.ipynb?token=stock") as page,
    ):
        page.wait_for_selector("#rendered_cells", state="visible")

        assert external_requests(page)


def test_the_browser_has_nothing_to_complain_about(seen: Seen):
    assert seen.errors == []


def test_the_chart_is_drawn_and_follows_its_control(seen: Seen):
    assert seen.bars == [3, 5]
    assert seen.bars_after_moving == [4, 5]


def test_the_page_says_its_language(seen: Seen):
    assert seen.language == ("en" if "language=en" in seen.address else "tr")


def test_the_page_has_a_title_and_one_main_part(seen: Seen):
    assert seen.title == "A small app"
    assert seen.landmarks == 1


def test_the_query_reaches_the_kernel_and_the_token_does_not(seen: Seen):
    assert "rep=Elif" in seen.text
    assert "token" not in seen.text
    assert "token" not in seen.address


def test_the_kernel_knows_its_workspace(seen: Seen):
    assert "/workspace\ntr\n1" in seen.text


def test_the_page_is_one_document_not_a_window_into_it(seen: Seen):
    """Otherwise only the first screenful could be printed."""
    assert seen.height > 3000
    assert seen.sheets_printed > 2


def test_a_page_that_is_left_ends_its_kernel(seen: Seen):
    assert (seen.kernels_open, seen.kernels_closed) == (1, 0)


@pytest.fixture(scope="module", params=["tr", "en"])
def broken(server: Server, request: pytest.FixtureRequest) -> tuple[Words, requests.Response]:
    """The page of an app whose kernel dies, as it is delivered, and the words of its language."""
    answer = requests.get(server.link("app_dying.ipynb", language=request.param), timeout=120)
    return resources.load_words(request.param), answer


def test_waiting_is_said_in_the_language_of_the_page(broken: tuple[Words, requests.Response]):
    words, answer = broken

    assert words("server.loading") in answer.content.decode()


def test_the_style_of_the_review_is_in_the_page(broken: tuple[Words, requests.Response]):
    _, answer = broken

    assert resources.page_style() in answer.content.decode()


def test_a_dead_kernel_is_a_success_for_http(broken: tuple[Words, requests.Response]):
    """Why the page has to look for its own end; it has the sentence ready."""
    words, answer = broken

    assert answer.status_code == 200
    assert words("server.incomplete") in answer.content.decode()


def test_a_page_without_its_end_says_so(server: Server):
    with open_page(server.link("app_dying.ipynb")) as page:
        page.wait_for_selector("#incomplete:not([hidden])")

        assert page.inner_text("#incomplete") == resources.load_words("tr")("server.incomplete")
        assert not page.locator("#loading").count()
