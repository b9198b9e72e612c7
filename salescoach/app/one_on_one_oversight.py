"""What HR, an analyst and an administrator see of one-on-ones: that they take place, and that people's rights are kept.

Each role is told what it sees and why not more. No screen here opens a meeting, a note, a goal or a review.
"""

from __future__ import annotations

from collections.abc import Callable

from salescoach.app.one_on_one_objections import answer_forms, objection_quote
from salescoach.app.parts import Screen, html_widget
from salescoach.oversight import DAYS, Oversight
from salescoach.report.page import Block, Bullets, Cell, Column, Item, Pairs, Section, Table, Text
from salescoach.store.models import AccessScope, Objection
from salescoach.store.policy import ADMIN
from salescoach.store.service.access import EVERYBODY
from salescoach.store.service.oversight import TOGETHER


def oversight_screen(board: Oversight, redraw: Callable[[], None]) -> Screen:
    """All that the person oversees, and for HR the form that answers an objection."""
    sections = [role_section(board), coaching_section(board)]
    objections = board.objections() if board.keeps_rights else ()
    if board.keeps_rights:
        sections += [objections_of_all(board, objections), notices_section(board), requests_section(board)]
        sections.append(retention_section(board))
    if ADMIN in board.standing:
        sections.append(scopes_section(board))
    read = [html_widget(section, language=board.words.language.code) for section in sections]
    return list(read), answer_forms(objections, board.desk, redraw, named=True)


def role_section(board: Oversight) -> Section:
    """What each of the person's roles may see, and why not more."""
    words = board.words
    told = tuple(Text(words(f"oversight.role.{role}")) for role in sorted(board.standing))
    return Section("access", words("one_on_one.access.title"), told)


def coaching_section(board: Oversight) -> Section:
    """How many of each team were met, and how many meetings both signed."""
    words = board.words
    names = ("people", "met", "held", "signed")
    columns = [Column(words("oversight.coaching.team"))]
    columns += [Column(words(f"oversight.coaching.{name}"), align="right") for name in names]
    rows = [
        (
            Cell(words("oversight.coaching.together") if one.group == TOGETHER else one.group), Cell(str(one.people)),
            Cell(words("oversight.coaching.part", k=one.met, n=one.people)), Cell(str(one.held)),
            Cell(words("oversight.coaching.part", k=one.signed, n=one.held) if one.held else "–"),
        )
        for one in board.coaching()
    ]  # fmt: skip
    block: Block = Table("", columns, rows) if rows else Text(words("oversight.coaching.none"), tone="muted")
    lead = words("oversight.coaching.lead", days=DAYS)
    return Section("coaching", words("oversight.coaching.title"), (block,), lead=lead)


def objections_of_all(board: Oversight, objections: tuple[Objection, ...]) -> Section:
    """Everybody's objections, each with its figures as they were kept; nothing else of the person's results."""
    blocks: list[Block] = [objection_quote(board.desk(one.rep_id), one, board.name(one.rep_id)) for one in objections]
    nothing = Text(board.words("oversight.objections.none"), tone="muted")
    return Section("objections", board.words("oversight.objections.title"), blocks or (nothing,))


def notices_section(board: Oversight) -> Section:
    """Whom the privacy notice has not reached yet."""
    words, found = board.words, board.reached()
    counts = Pairs([
        (words("oversight.notices.people"), str(found.people)),
        (words("oversight.notices.reached"), str(found.people - len(found.missed))),
        (words("oversight.notices.acknowledged"), str(found.acknowledged)),
    ])  # fmt: skip
    blocks: list[Block] = [counts]
    if found.missed:
        blocks += [Text(words("oversight.notices.missed"), tone="strong"), Bullets([Item(one) for one in found.missed])]
    else:
        blocks.append(Text(words("oversight.notices.all"), tone="muted"))
    return Section("notices", words("oversight.notices.title"), blocks, lead=words("oversight.notices.lead"))


def requests_section(board: Oversight) -> Section:
    """Whose data were written out for them or erased, the newest first."""
    words, language = board.words, board.words.language
    items = []
    for one in board.handed():
        day = language.moment(one.at.astimezone(board.home.organisation.zone))
        known = {"person": board.name(one.person)} if one.act == "exported" else {}
        items.append(Item(words(f"oversight.requests.{one.act}", day=day, **known)))
    block = Bullets(items, empty=words("oversight.requests.none"))
    return Section("requests", words("oversight.requests.title"), (block,), lead=words("oversight.requests.lead"))


def retention_section(board: Oversight) -> Section:
    """What should have been erased by now."""
    words = board.words
    items = [
        Item(words("oversight.retention.found", kind=words(f"record.kind.{kind}"), n=n))
        for kind, n in board.overdue().items()
    ]
    block = Bullets(items, empty=words("oversight.retention.none"))
    return Section("retention", words("oversight.retention.title"), (block,), lead=words("oversight.retention.lead"))


def scopes_section(board: Oversight) -> Section:
    """Who may see whom as what, from when to when."""
    words, language = board.words, board.words.language
    names = ("viewer", "level", "subject", "first", "until")
    rows = [
        (
            Cell(board.name(one.rep_id)), Cell(words(f"oversight.level.{one.level}")),
            Cell(_subject(board, one)), Cell(language.date(one.valid_from)),
            Cell(language.date(one.valid_to) if one.valid_to else "–"),
        )
        for one in board.scopes()
    ]  # fmt: skip
    table = Table("", [Column(words(f"oversight.scopes.{name}")) for name in names], rows)
    return Section("scopes", words("oversight.scopes.title"), (table,), lead=words("oversight.scopes.lead"))


def _subject(board: Oversight, scope: AccessScope) -> str:
    if scope.subject_id == EVERYBODY:
        return board.words("oversight.scopes.everybody")
    return (board.team if scope.subject_kind == "team" else board.name)(scope.subject_id)
