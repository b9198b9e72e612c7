"""Briefs and minutes of a one-on-one as documents: facts and words in, a page out, and the page in every form.

The facts have no place for private notes, so no form of a document can hold them. Nothing here opens a file; a PDF is
printed from the HTML by :mod:`salescoach.pdf`.
"""

from __future__ import annotations

from salescoach.report.documents.brief import brief_page
from salescoach.report.documents.facts import Agreed, BlockOfTime, Number, Point, Session
from salescoach.report.documents.forms import docx_bytes, html_text, markdown_text
from salescoach.report.documents.invitation import ics_bytes
from salescoach.report.documents.minutes import minutes_page, minutes_rows

__all__ = [
    "Agreed", "BlockOfTime", "Number", "Point", "Session", "brief_page", "docx_bytes", "html_text", "ics_bytes",
    "markdown_text", "minutes_page", "minutes_rows",
]  # fmt: skip
