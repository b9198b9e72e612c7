"""Sections that the brief, the minutes and the screens share: agenda, promises, numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from salescoach.report.documents.facts import Agreed, Number, Session
from salescoach.report.page import Bullets, Cell, Column, Item, Pairs, Section, Table, Text
from salescoach.report.wording import FEWEST_PLAIN, Wording
from salescoach.words import Words

MOST_NUMBERS = 6


def title_text(session: Session, words: Words) -> str:
    """Name of the meeting: its kind and number, and the rep."""
    kind = words(f"session.kind.{session.kind}")
    return words("one_on_one.title", kind=kind, number=session.number, rep=session.rep)


def header_pairs(session: Session, words: Words) -> Pairs:
    """Who, when, how long, and as of when the numbers are."""
    language = words.language
    state = "held" if session.held else "planned"
    when = language.moment(session.starts) if session.starts else words("one_on_one.no_date")
    return Pairs((
        (words("label.rep"), session.rep),
        (words("label.coach"), session.coach),
        (words(f"one_on_one.when.{state}"), when),
        (words("one_on_one.length"), words.plural("one_on_one.minutes", session.minutes)),
        (words("label.as_of"), language.date(session.as_of)),
    ))  # fmt: skip


def agenda_section(session: Session, words: Words) -> Section:
    """The three items of the rep and the coach's one, then the parts of the meeting with their minutes."""
    items = [
        Item(point.text, detail=point.outcome, mark=words(f"one_on_one.by.{point.by}"))
        for point in session.points
        if point.text.strip()
    ]
    blocks: list[Bullets | Table] = [Bullets(items, empty=words("one_on_one.agenda.empty"))]
    if session.blocks:
        columns = (
            Column(words("one_on_one.agenda.block")),
            Column(words("one_on_one.agenda.first")),
            Column(words("one_on_one.agenda.minutes"), align="right"),
        )
        rows = [
            (
                Cell(block.title, detail=block.text),
                Cell(words(f"one_on_one.by.{block.led_by}")),
                Cell(words.language.number(block.minutes)),
            )
            for block in session.blocks
        ]
        blocks.append(Table(words("one_on_one.agenda.caption"), columns, rows))
    return Section("agenda", words("one_on_one.agenda.title"), blocks, lead=words("one_on_one.agenda.lead"))


def promises_section(anchor: str, title: str, agreed: Sequence[Agreed], empty: str, session: Session,
                     words: Words) -> Section:  # fmt: skip
    """Promises with their state; what was dropped says why, what is late says so."""
    return Section(anchor, title, (Bullets([_promise(one, session, words) for one in agreed], empty=empty),))


def _promise(agreed: Agreed, session: Session, words: Words) -> Item:
    still = agreed.status in ("open", "in_progress")
    late = still and agreed.due is not None and agreed.due < session.as_of
    detail = ""
    if agreed.status == "dropped":
        detail = words("review.promised.dropped", reason=agreed.reason)
    elif still and agreed.due is not None:
        key = "review.promised.overdue" if late else "review.promised.due"
        detail = words(key, date=words.language.date(agreed.due))
    mark = words("action_status.overdue" if late else f"action_status.{agreed.status}")
    return Item(agreed.text, detail=detail, mark=mark)


def numbers_section(session: Session, words: Words) -> Section:
    """At most six numbers, each with n, interval and verdict, or the reason why there is none."""
    wording = Wording(words, session.currency)
    if not session.numbers:
        return Section(
            "numbers", words("one_on_one.numbers.title"), (Text(words("one_on_one.numbers.none"), tone="muted"),)
        )
    columns = (
        Column(words("label.metric")),
        Column(words("label.value"), align="right"),
        Column(words("review.numbers.interval", level=wording.level), align="right"),
        Column(words("label.n"), align="right"),
        Column(words("label.verdict")),
    )
    rows = [_number(number, wording) for number in session.numbers[:MOST_NUMBERS]]
    return Section("numbers", words("one_on_one.numbers.title"), (Table("", columns, rows),))


def _number(number: Number, wording: Wording) -> tuple[Cell, ...]:
    words = wording.words
    empty = Cell("–", tone="na")
    known = number.na_reason is None and math.isfinite(number.value)
    value = empty
    if known:
        tone = "grey" if number.n < FEWEST_PLAIN and math.isfinite(number.low) else "plain"
        value = Cell(wording.value(number.value, number.unit), tone=tone)  # type: ignore[arg-type]
    elif number.na_reason:
        value = Cell(words(f"brief.na.{number.na_reason}"), tone="na")
    between = wording.range(number.low, number.high, number.unit) if known else ""
    exact = Cell(words("brief.numbers.exact"), tone="na") if known else empty
    detail = words("one_on_one.numbers.disputed") if number.disputed else ""
    return (
        Cell(words(f"metric.{number.metric_id}.short"), detail=detail),
        value,
        Cell(between) if between else exact,
        Cell(words.language.number(number.n)),
        Cell(number.verdict) if number.verdict else empty,
    )


def commitments_section(session: Session, words: Words) -> Section:
    """One evidence item, one skill commitment, one next step on a deal; what is not there yet is said."""
    none = words("one_on_one.not_yet")
    step = f"{session.deal}: {session.deal_step}" if session.deal and session.deal_step else session.deal_step
    pairs = (
        (words("one_on_one.evidence"), session.evidence or none),
        (words("one_on_one.skill"), session.skill or none),
        (words("one_on_one.deal_step"), step or none),
    )
    return Section("commitments", words("one_on_one.commitments"), (Pairs(pairs),))
