"""Print one of our own HTML pages as a PDF, with a browser that is installed here.

An edge: runs a program. Nothing is fetched: the page holds all it needs, and the browser is kept off the network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from salescoach.errors import UsageError, WorkspaceError

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "msedge",
)  # fmt: skip
_SECONDS = 60
_QUIET = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-pdf-header-footer", "--host-resolver-rules=MAP * ~NOTFOUND",
)  # fmt: skip


def browser() -> str:
    """Path of a browser that prints; UsageError saying what to do when there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise UsageError(
            f"A PDF is printed by a browser, and none of these is on PATH: {', '.join(BROWSERS)}. Install one, or "
            "write the document as html or docx and print it from there."
        )
    return found


def pdf_bytes(html: str) -> bytes:
    """*html*, one of our own pages, as a PDF; WorkspaceError with the browser's own words when it does not print."""
    program = browser()
    with tempfile.TemporaryDirectory(prefix="salescoach-") as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        # Root has no sandbox to run in (containers); the page is ours and has no script.
        rights = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        profile = f"--user-data-dir={Path(folder, 'profile')}"
        command = [program, *_QUIET, *rights, profile, f"--print-to-pdf={printed}", page.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise WorkspaceError(f"{program}: the PDF was not printed ({error}). Write html or docx instead.") from None
        if not printed.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            last = said[-1] if said else f"exit code {done.returncode}"
            raise WorkspaceError(f"{program}: the PDF was not printed ({last}). Write html or docx instead.")
        return printed.read_bytes()
