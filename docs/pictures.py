"""Take the pictures of the READMEs from the running app: ``make pictures`` (needs Chromium and the demo workspace)."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from salescoach.server import APPS, Server
from salescoach.workspace import Workspace

PICTURES = {"en": "review-app.png", "tr": "review-app.tr.png"}


def main(workspace: str, rep: str) -> None:
    """One picture per language, of the review of *rep*."""
    home = Workspace.open(workspace)
    with (
        Server(home, apps=APPS, language=home.organisation.language, port=0) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for language, name in PICTURES.items():
            page = browser.new_page(viewport={"width": 1360, "height": 1180})
            page.goto(f"{server.url}&rep={rep}&language={language}", timeout=120_000)
            page.wait_for_selector("#salescoach-end", state="attached", timeout=120_000)
            page.wait_for_selector(".js-plotly-plot .main-svg", timeout=60_000)
            page.screenshot(path=Path(__file__).parent / name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
