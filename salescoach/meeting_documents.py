"""Brief, minutes and calendar file of a meeting, ready to be written to a file or handed to a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from salescoach.errors import UsageError
from salescoach.leadlab.reasons import csv_text, workbook_bytes
from salescoach.meeting_session import session_of
from salescoach.meetings import Desk
from salescoach.pdf import pdf_bytes
from salescoach.report.documents import (
    brief_page,
    docx_bytes,
    html_text,
    ics_bytes,
    markdown_text,
    minutes_page,
    minutes_rows,
)
from salescoach.report.page import Page
from salescoach.resources import page_style

WHAT = ("brief", "minutes", "calendar")
FORMS = {
    "html": "text/html",
    "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
}
"""Ending of each form and its media type."""
SPREADSHEETS = ("csv", "xlsx")


@dataclass(frozen=True)
class Made:
    """A document: the name of its file, its media type, its bytes."""

    name: str
    media_type: str
    data: bytes


def document(desk: Desk, meeting_id: int, what: str, form: str, next_day: date | None = None) -> Made:
    """The ``brief``, ``minutes`` or ``calendar`` of a meeting as *form*, one of :data:`FORMS`.

    UsageError for what there is not. The facts come through the record, so whoever may not read the shared notes has
    none in their documents; private notes are in none.
    """
    if what not in WHAT:
        raise UsageError.unknown("document", what, WHAT)
    if form not in FORMS:
        raise UsageError.unknown("format", form, FORMS)
    if (what == "calendar") != (form == "ics"):
        raise UsageError("A calendar is written as ics, and only a calendar is. Choose --format ics with calendar.")
    if what == "brief" and form in SPREADSHEETS:
        raise UsageError(f"A spreadsheet holds what was promised: choose minutes with {form}.")
    session, words = session_of(desk, meeting_id, next_day), desk.words
    day = f"-{session.starts:%Y-%m-%d}" if session.starts else ""
    person = re.sub(r"[^A-Za-z0-9-]+", "_", desk.rep_id)
    name = f"{what}-{person}-{session.number}{day}.{form}"
    if form == "ics":
        return Made(name, FORMS[form], ics_bytes(session, words))
    if form in SPREADSHEETS:
        rows = minutes_rows(session, words)
        data = csv_text(rows).encode("utf-8-sig") if form == "csv" else workbook_bytes(rows)
        return Made(name, FORMS[form], data)
    page = brief_page(session, words, desk.review.page.sections) if what == "brief" else minutes_page(session, words)
    return written(page, name, form)


def written(page: Page, name: str, form: str) -> Made:
    """*page* as one of the forms that hold a whole page: ``html``, ``md``, ``docx`` or ``pdf``."""
    if form == "md":
        return Made(name, FORMS[form], markdown_text(page).encode())
    if form == "docx":
        return Made(name, FORMS[form], docx_bytes(page))
    html = html_text(page, page_style())
    return Made(name, FORMS[form], pdf_bytes(html) if form == "pdf" else html.encode())
