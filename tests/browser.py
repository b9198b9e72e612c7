"""A browser for tests: Debian's Chromium, kept off the network, watched for faults.

Pages are waited for by what they show, never by time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Route, sync_playwright
from playwright.sync_api import Error as PlaywrightError

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OURS = ("127.0.0.1", "localhost", "")  # "": files, data and blobs
SECONDS_FOR_A_PAGE = 90


@contextmanager
def open_page(url: str, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """A page of a fresh, headless Chromium at *url*.

    Requests to other machines are stopped and listed in ``external_requests(page)``; what the page complains about is
    in ``console_errors(page)``. Skips the test where there is no Chromium, unless SALESCOACH_REQUIRE_BROWSER=1.
    """
    if not CHROMIUM.exists():
        missing = f"{CHROMIUM} is not installed (Debian: apt-get install chromium)"
        if os.environ.get("SALESCOACH_REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            context = chromium.new_context(viewport={"width": width, "height": height}, service_workers="block")
            context.set_default_timeout(SECONDS_FOR_A_PAGE * 1000)
            page = context.new_page()
            watch(page)
            try:
                page.goto(url)
                yield page
            except Exception as problem:
                problem.add_note(what_it_shows(page))
                raise
            for left in context.pages:
                left.goto("about:blank")  # as a reader leaves: the page ends its kernel, which a killed browser cannot
        finally:
            chromium.close()


def watch(page: Page) -> None:
    """Begin the two lists of *page*; for further tabs, which ``page.context.new_page()`` opens."""
    external: list[str] = []
    errors: list[str] = []
    page.__dict__.update(salescoach_external=external, salescoach_errors=errors)

    def stay_at_home(route: Route) -> None:
        if urlsplit(route.request.url).hostname in OURS or not urlsplit(route.request.url).hostname:
            route.continue_()
        else:
            external.append(route.request.url)
            route.abort()

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.route("**/*", stay_at_home)
    page.on("console", listen)
    page.on("pageerror", lambda error: errors.append(str(error)))


def what_it_shows(page: Page) -> str:
    """For the report of a test that failed: where the page is, what it says, what it complains about."""
    try:
        text = page.evaluate("document.body.innerText.slice(0, 500)")
    except PlaywrightError as problem:
        text = f"nothing that can be read: {problem.message}"
    return f"The page at {page.url} shows {text!r}; its errors: {console_errors(page)}"


def external_requests(page: Page) -> list[str]:
    """Addresses on other machines that the page asked for, in order."""
    return list(page.__dict__["salescoach_external"])


def console_errors(page: Page) -> list[str]:
    """Errors that the page wrote to its console or did not catch, in order."""
    return list(page.__dict__["salescoach_errors"])


def wait_end(page: Page) -> None:
    """Wait until the notebook's last output is shown; fails the test when the page says that it is not complete."""
    page.wait_for_function(
        """() => document.getElementById("salescoach-end")
              || document.getElementById("incomplete")?.hidden === false"""
    )
    if page.locator("#incomplete:not([hidden])").count():
        pytest.fail(f"The page is not complete: {page.inner_text('body')[:500]!r}")
