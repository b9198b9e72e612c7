"""Briefs and minutes: the same facts in every form, nothing private in any, text from people never more than text."""

from __future__ import annotations

import io
import zipfile
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from icalendar import Calendar

from salescoach.errors import UsageError
from salescoach.pdf import pdf_bytes
from salescoach.report.documents import (
    Agreed,
    BlockOfTime,
    Number,
    Point,
    Session,
    brief_page,
    docx_bytes,
    html_text,
    ics_bytes,
    markdown_text,
    minutes_page,
    minutes_rows,
)
from salescoach.report.page import Page, Section, Table, Text
from salescoach.resources import load_words, page_style

ISTANBUL = ZoneInfo("Europe/Istanbul")
SESSION = Session(
    uid="m1", version=3, rep="Elif Kaya", coach="Deniz Ak", kind="weekly", number=4,
    starts=datetime(2025, 11, 28, 9, 30, tzinfo=ISTANBUL), minutes=30, as_of=date(2025, 11, 27),
    written=datetime(2025, 11, 27, 6, 0, tzinfo=UTC), currency="TRY", held=True,
    blocks=(BlockOfTime("Check-in", 5, "rep"), BlockOfTime("Practice", 25, "both")),
    points=(Point("rep", "Price of the Depo deal", "Ask for a list"), Point("coach", "Discovery"), Point("rep", "")),
    carried=(
        Agreed("a1", "Call Işık Ltd", "open", date(2025, 11, 20)),
        Agreed("a2", "Visit Bursa", "dropped", None, "the customer moved"),
    ),
    agreed=(Agreed("a3", "Two calls heard together", "open", date(2025, 12, 5)),),
    numbers=(
        Number("win_rate_count", "share", 0.25, 20, 0.13, 0.43, verdict="No reliable gap"),
        Number("ads", "money", float("nan"), 0, float("nan"), float("nan"), na_reason="no_exposure"),
    ),
    skill="Ask for the effect of the problem", deal="Depo", deal_step="Send the plan", shared="We spoke.\nIt was good.",
    signed_coach=datetime(2025, 11, 28, 10, 5, tzinfo=ISTANBUL), next_day=date(2025, 12, 12),
)  # fmt: skip
USE = {
    "en": "Coaching record, not a disciplinary decision.",
    "tr": "Koçluk kaydıdır, disiplin kararı değildir.",
}
LANGUAGES = pytest.mark.parametrize("code", ["en", "tr"])


def word_text(data: bytes) -> str:
    document = Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def forms(page: Page) -> dict[str, str]:
    return {"html": html_text(page, page_style()), "md": markdown_text(page), "docx": word_text(docx_bytes(page))}


@LANGUAGES
def test_every_form_says_what_was_agreed_and_what_it_is_not_for(code: str):
    for name, text in forms(minutes_page(SESSION, load_words(code))).items():
        for said in ("Elif Kaya", "Two calls heard together", "Send the plan", "It was good", USE[code]):
            assert said in text.replace("\\", ""), (name, said)


@LANGUAGES
def test_a_brief_begins_with_what_was_promised(code: str):
    page = brief_page(SESSION, load_words(code))
    anchors = [part.anchor for part in page.sections if isinstance(part, Section)]

    assert anchors == ["carried", "agenda", "numbers", "use"]


def test_a_brief_takes_over_the_reviews_parts_in_the_order_of_the_meeting():
    prepared = [Section(anchor, anchor, (Text(anchor),)) for anchor in ("questions", "about", "findings")]
    anchors = [part.anchor for part in brief_page(SESSION, load_words("en"), prepared).sections]  # type: ignore[union-attr]

    assert anchors == ["carried", "agenda", "numbers", "findings", "questions", "use"]


def test_a_number_has_its_n_its_interval_and_its_verdict_or_the_reason_why_there_is_none():
    page = minutes_page(SESSION, load_words("en"))
    table = next(
        block
        for part in page.sections
        if isinstance(part, Section) and part.anchor == "numbers"
        for block in part.blocks
    )
    assert isinstance(table, Table)
    known, missing = ([cell.text for cell in row] for row in table.rows)

    assert known[1:] == ["25%", "13%–43%", "20", "No reliable gap"]
    assert missing[1] == load_words("en")("brief.na.no_exposure")
    assert "0" not in missing[1]


def test_a_late_promise_is_marked_and_a_dropped_one_says_why():
    text = markdown_text(minutes_page(SESSION, load_words("en")))

    assert "**Overdue** Call Işık Ltd" in text
    assert "the customer moved" in text


def test_the_facts_have_no_place_for_a_private_note():
    """What has no place can be in no form; the store's own tests say who reads one."""
    assert not [each.name for each in fields(Session) if "private" in each.name or "draft" in each.name]


# -- text from people stays text ---------------------------------------------------------------

SCRIPT = "<script>alert(1)</script>"
HOSTILE = replace(
    SESSION, rep=f"Elif {SCRIPT}", skill=f"[x](javascript:alert(1)) {SCRIPT}", shared=f"{SCRIPT}\x0b\x00 $a$",
    points=(Point("rep", f"=cmd|' /C calc'!A0 {SCRIPT}"),),
    agreed=(Agreed("a9", "=1+1\r\nATTENDEE:x", "open", date(2025, 12, 1)),),
)  # fmt: skip


def test_markup_from_people_is_text_in_every_form():
    page = minutes_page(HOSTILE, load_words("en"))

    assert SCRIPT not in html_text(page, "")
    assert SCRIPT not in markdown_text(page)
    assert "[x](javascript" not in markdown_text(page).replace("\\]", "")
    assert SCRIPT in word_text(docx_bytes(page))


def test_raw_text_in_html_would_be_a_script():
    """Negative control: what the forms guard against is really in the facts."""
    assert SCRIPT in f"<p>{HOSTILE.skill}</p>"


def test_a_word_document_carries_no_link_no_field_and_no_macro():
    with zipfile.ZipFile(io.BytesIO(docx_bytes(minutes_page(HOSTILE, load_words("en"))))) as archive:
        body = archive.read("word/document.xml").decode()
        names = archive.namelist()

    assert not [mark for mark in ("w:hyperlink", "w:instrText", "w:fldSimple", "w:object") if mark in body]
    assert not [name for name in names if "vba" in name.lower() or "embeddings" in name]


def test_a_spreadsheet_gets_rows_of_text_and_the_note_of_use(tmp_path: Path):
    from salescoach.leadlab.reasons import write_rows

    rows = minutes_rows(HOSTILE, load_words("en"))
    write_rows(rows, tmp_path / "actions.csv")
    text = (tmp_path / "actions.csv").read_text(encoding="utf-8-sig")

    assert "'=1+1" in text
    assert USE["en"] in text


# -- calendars ---------------------------------------------------------------------------------


def events(session: Session) -> list[dict[str, object]]:
    found = Calendar.from_ical(ics_bytes(session, load_words("en"))).walk("VEVENT")
    return [{name: event.decoded(name) for name in ("uid", "dtstart", "dtend")} for event in found]


def test_the_meeting_and_the_open_promises_are_in_the_calendar():
    meeting, *days = events(SESSION)

    assert (meeting["dtstart"], meeting["dtend"]) == (
        datetime(2025, 11, 28, 6, 30, tzinfo=UTC), datetime(2025, 11, 28, 7, 0, tzinfo=UTC),
    )  # fmt: skip
    assert [day["dtstart"] for day in days] == [date(2025, 11, 20), date(2025, 12, 5)]


def test_the_calendar_brings_its_time_zone():
    calendar = ics_bytes(SESSION, load_words("tr"))

    assert b"BEGIN:VTIMEZONE" in calendar
    assert b"DTSTART;TZID=Europe/Istanbul:20251128T093000" in calendar
    assert calendar.index(b"BEGIN:VTIMEZONE") > 0


def test_the_same_meeting_keeps_its_identity_when_it_moves():
    moved = replace(SESSION, starts=datetime(2025, 11, 28, 14, 0, tzinfo=ISTANBUL), version=4)
    before, after = (ics_bytes(one, load_words("en")) for one in (SESSION, moved))

    assert events(SESSION)[0]["uid"] == events(moved)[0]["uid"]
    assert (b"SEQUENCE:3" in before, b"SEQUENCE:4" in after) == (True, True)


def test_a_line_break_in_a_promise_makes_no_property_of_its_own():
    lines = ics_bytes(HOSTILE, load_words("en")).splitlines()

    assert not [line for line in lines if line.startswith(b"ATTENDEE")]


def test_notes_and_numbers_stay_out_of_calendars():
    calendar = ics_bytes(SESSION, load_words("en"))

    assert b"It was good" not in calendar
    assert b"25%" not in calendar


# -- PDF ---------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_pdf_is_printed_by_a_browser_that_is_there():
    assert pdf_bytes(html_text(minutes_page(SESSION, load_words("tr")), page_style())).startswith(b"%PDF-")


def test_without_a_browser_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match="Install one, or write the document as html or docx"):
        pdf_bytes("<p></p>")
