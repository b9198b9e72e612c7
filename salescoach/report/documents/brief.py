"""The pre-read of a one-on-one: one document for both sides, a day before."""

from __future__ import annotations

from collections.abc import Sequence

from salescoach.report.documents.facts import Session
from salescoach.report.documents.parts import (
    agenda_section,
    header_pairs,
    numbers_section,
    promises_section,
    title_text,
)
from salescoach.report.page import Figure, Page, Section, Text
from salescoach.words import Words

PRE_READ = ("findings", "deals", "questions", "changed")
"""Sections of the review that a brief takes over, in this order; the numbers it has already."""


def brief_page(session: Session, words: Words, prepared: Sequence[Section | Figure] = ()) -> Page:
    """The brief of *session*; of the review's parts *prepared* it takes those of :data:`PRE_READ`.

    The order is that of the meeting: what was promised, the agenda, the numbers, then what they allow to say.
    """
    known = {part.anchor: part for part in prepared if isinstance(part, Section)}
    carried = promises_section(
        "carried", words("one_on_one.carried.title"), session.carried, words("one_on_one.carried.none"), session, words
    )
    sections = (
        carried,
        agenda_section(session, words),
        numbers_section(session, words),
        *(known[anchor] for anchor in PRE_READ if anchor in known),
        use_section(words),
    )
    return Page(
        title=title_text(session, words),
        subtitle=words("one_on_one.brief.subtitle"),
        header=header_pairs(session, words),
        sections=sections,
        footer=words("notice.footer", date=words.language.date(session.as_of)),
        language=words.language.code,
    )


def use_section(words: Words) -> Section:
    """What the document is and is not for; stands in every form of it."""
    return Section("use", words("one_on_one.use.title"), (Text(words("notice.use")),))
