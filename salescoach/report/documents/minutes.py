"""The minutes of a one-on-one: what was on the table and what was agreed, for both to keep."""

from __future__ import annotations

from salescoach.report.documents.brief import use_section
from salescoach.report.documents.facts import Session
from salescoach.report.documents.parts import (
    agenda_section,
    commitments_section,
    header_pairs,
    numbers_section,
    promises_section,
    title_text,
)
from salescoach.report.page import Page, Pairs, Quote, Section, Text
from salescoach.words import Words


def minutes_page(session: Session, words: Words) -> Page:
    """The minutes of *session*, signed or not yet; private notes are no part of the facts."""
    carried = promises_section(
        "carried", words("one_on_one.carried.title"), session.carried, words("one_on_one.carried.none"), session, words
    )
    agreed = promises_section(
        "agreed", words("one_on_one.agreed.title"), session.agreed, words("one_on_one.agreed.none"), session, words
    )
    sections = (
        agreed, commitments_section(session, words), carried, agenda_section(session, words),
        numbers_section(session, words), _shared(session, words), _signatures(session, words), use_section(words),
    )  # fmt: skip
    return Page(
        title=title_text(session, words),
        subtitle=words("one_on_one.minutes_of.subtitle"),
        header=header_pairs(session, words),
        sections=sections,
        footer=words("notice.footer", date=words.language.date(session.as_of)),
        language=words.language.code,
    )


def _shared(session: Session, words: Words) -> Section:
    empty = Text(words("one_on_one.shared.none"), tone="muted")
    block = Quote("", tuple(session.shared.splitlines())) if session.shared.strip() else empty
    return Section("shared", words("one_on_one.shared.title"), (block,))


def _signatures(session: Session, words: Words) -> Section:
    language, open_ = words.language, words("one_on_one.signed.open")
    sides = ((session.rep, session.signed_rep), (session.coach, session.signed_coach))
    pairs = [(name, language.moment(moment) if moment else open_) for name, moment in sides]
    next_day = language.date(session.next_day) if session.next_day else words("one_on_one.no_date")
    return Section("signed", words("one_on_one.signed.title"), (Pairs((*pairs, (words("one_on_one.next"), next_day))),))


def minutes_rows(session: Session, words: Words) -> list[list[str]]:
    """What was promised, as rows for a spreadsheet, the heading first; the last row says what the list is for."""
    heading = [words("label.rep"), words("label.action_item"), words("label.status"), words("label.due"),
               words("label.reason")]  # fmt: skip
    rows = [
        [
            session.rep, one.text, words(f"action_status.{one.status}"),
            words.language.date(one.due) if one.due else "", one.reason,
        ]
        for one in (*session.carried, *session.agreed)
    ]  # fmt: skip
    return [heading, *rows, [words("notice.use"), "", "", "", ""]]
