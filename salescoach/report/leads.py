"""Sections about the open leads of a day: whom to call first, the work list, why and why not, where to draw the line.

They hold leads, never a judgement about who works them. Nothing is shown in order where there is no usable score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from salescoach.report.lead_words import (
    change_text,
    moved_text,
    points_odds,
    reason_text,
    status_text,
    summary_text,
    worth_text,
)
from salescoach.report.page import Block, Bullets, Cell, Column, Fold, Item, Section, Table, Text
from salescoach.scoring.curves import came_between, won_in_best
from salescoach.scoring.day import DEALS, LEADS, NO_SIGNAL, TOO_FEW, USABLE, Decision, LeadDay, OpenLead, Plan
from salescoach.scoring.reasons import Change, Explanation
from salescoach.scoring.worklist import Item as Place
from salescoach.scoring.worklist import WorkList
from salescoach.words import Words

FIRST = 5
_ROWS = 30
_REASONS = 2


def calls_section(days: Mapping[str, LeadDay], owner: str, words: Words) -> Section:
    """Of a review: the leads of *owner* to call first, with reasons, or why there are none; then the deals.

    *days*: the open leads and deals by what they are; empty where the review looks back, and today's leads are not
    its subject. Deals stand there only where a model of deals is in use: without one the review is whole.
    """
    title = words("lead_pages.calls.title")
    if not days:
        return Section("leads", title, (Text(words("lead_pages.calls.looks_back"), "muted"),))
    blocks = _calls(days[LEADS], owner, words)
    if DEALS in days and days[DEALS].usable:
        blocks += [Text(words("lead_pages.deal.calls_title"), "strong"), *_calls(days[DEALS], owner, words)]
    scored = any(isinstance(block, Fold) for block in blocks)
    return Section("leads", title, blocks, lead=words("lead_pages.calls.lead") if scored else "")


def _calls(day: LeadDay, owner: str, words: Words) -> list[Block]:
    if not day.usable:
        return [Text(no_scores_text(day, words), "muted")]
    own = day.of(owner).leads
    first = sorted(own, key=lambda lead: (-lead.why.p, lead.lead))[:FIRST]
    if not first:
        return [Text(_said(day, "calls", "none", words), "muted")]
    rows = [
        [_name(lead), Cell(lead.grade), Cell(words.language.percent(lead.why.p, 1)), Cell(_because(lead.why, words))]
        for lead in first
    ]
    columns = _columns(("lead", "grade", "probability", "reasons"), day, words)
    notes = [_rests_on(day, words), *drift_notes(day, words)]
    title = _said(day, "calls", "caption", words, shown=len(first), n=len(own))
    return [Fold(title, (Table("", columns, rows, notes),))]


def _columns(titles: Sequence[str], day: LeadDay, words: Words) -> list[Column]:
    named = {title: words(f"leads.list.heading.{title}") for title in titles}
    named["lead"] = _said(day, "list", "lead", words) if day.what == DEALS else named["lead"]
    right = ("probability", "per_hour")
    return [Column(name, "right" if title in right else "left") for title, name in named.items()]


def _said(day: LeadDay, area: str, key: str, words: Words, **slots: str | int) -> str:
    """A text about the leads of *day*, or the text about deals in its place."""
    return words(f"lead_pages.deal.{area}_{key}" if day.what == DEALS else f"lead_pages.{area}.{key}", **slots)


def no_scores_section(day: LeadDay, words: Words) -> Section:
    """Instead of a list: why there is none."""
    return Section("today", _said(day, "today", "title", words), (Text(no_scores_text(day, words), "note"),))


def no_scores_text(day: LeadDay, words: Words) -> str:
    """Why there are no scores."""
    slots = {"n": day.judged, "won": day.won} if day.verdict in (NO_SIGNAL, TOO_FEW) else {}
    return _said(day, "verdict", day.verdict, words, **slots)


def drift_notes(day: LeadDay, words: Words) -> list[str]:
    """A warning when leads no longer look like those that the model learned from."""
    if not day.moved:
        return []
    columns = moved_text(day.moved, words)
    return [words("lead_pages.deal.moved" if day.what == DEALS else "lead_pages.moved", columns=columns)]


def list_section(day: LeadDay, made: WorkList, names: Mapping[str, str], words: Words) -> Section:
    """The day's work: what is chosen, then what is not, each with its reasons."""
    blocks: list[Block] = [Text(summary_text(made, words, of=day.what), "strong")]
    others = [item for item in made.items if not item.chosen]
    for key, items in (("chosen", list(made.chosen)), ("others", others)):
        if items:
            blocks.append(_list(key, items, day, names, words))
    notes = [Text(note, "note") for note in drift_notes(day, words)]
    return Section("today", _said(day, "today", "title", words), [*notes, *blocks], lead=_rests_on(day, words))


def _list(key: str, items: Sequence[Place], day: LeadDay, names: Mapping[str, str], words: Words) -> Table:
    by_id = {lead.lead: lead for lead in day.leads}
    owned = any(lead.owner for lead in day.leads)  # a file may name nobody
    rows = []
    for item in items[:_ROWS]:
        lead = by_id[item.lead]
        rows.append(
            [
                _name(lead), *([Cell(names.get(item.owner, item.owner))] if owned else []), Cell(lead.grade),
                Cell(words.language.percent(item.p, 1)), Cell(worth_text(item.per_hour, words)),
                Cell(status_text(item, words) if key == "others" or item.override else _because(lead.why, words)),
            ]
        )  # fmt: skip
    last = "reasons" if key == "chosen" else "status"
    columns = _columns(("lead", *(["owner"] if owned else []), "grade", "probability", "per_hour", last), day, words)
    more = [words("lead_pages.today.more", n=len(items) - _ROWS)] if len(items) > _ROWS else []
    return Table(words(f"lead_pages.today.{key}", n=len(items)), columns, rows, more)


def why_section(lead: OpenLead, item: Place, changes: Sequence[Change], words: Words) -> Section:
    """Everything about one lead: for, against, what would change it, and why it is on the list or not."""
    percent = words.language.percent
    said = words(
        "lead_pages.why.said", p=percent(lead.why.p, 1), grade=lead.grade, place=item.place,
        status=status_text(item, words),
    )  # fmt: skip
    blocks: list[Block] = [Text(said, "strong")]
    nothing = words("leads.reason.nothing")
    for side, reasons in (("for", lead.why.pros), ("against", lead.why.cons)):
        blocks.append(Text(words(f"lead_pages.why.{side}"), "strong"))
        blocks.append(Bullets([Item(reason_text(reason, words)) for reason in reasons], empty=nothing))
    if changes:
        blocks.append(Text(words("lead_pages.why.changes"), "strong"))
        blocks.append(Bullets([Item(change_text(change, lead.why.p, words)) for change in changes]))
    blocks.append(Text(_how_measured(lead.why, words), "muted"))
    return Section("why", words("lead_pages.why.title", lead=lead.company or lead.lead), blocks)


def _how_measured(why: Explanation, words: Words) -> str:
    """What the reasons are, and what they are not."""
    if odds := points_odds(why):
        return words("lead_pages.why.in_points", factor=words.language.number(odds, 1))
    return words("lead_pages.why.adds_up" if why.exact else "lead_pages.why.one_by_one")


def examples_section(
    examples: Sequence[tuple[OpenLead, Sequence[Change]]], n: int, words: Words, *, ended: bool
) -> Section:
    """Some of *n* leads, each with what speaks for it and against it and what would change it.

    *ended*: none of them is open any more, and the model learned from them.
    """
    blocks: list[Block] = [Text(words("lead_pages.examples.ended"), "note")] if ended else []
    for lead, changes in examples:
        said = words("lead_pages.examples.said", p=words.language.percent(lead.why.p, 1), grade=lead.grade)
        marked = [
            *(("for", reason_text(each, words)) for each in lead.why.pros),
            *(("against", reason_text(each, words)) for each in lead.why.cons),
            *(("change", change_text(each, lead.why.p, words)) for each in changes),
        ]
        items = [Item(text, mark=words(f"lead_pages.examples.{mark}")) for mark, text in marked]
        blocks += [Text(f"{lead.lead}: {said}", "strong"), Bullets(items, empty=words("leads.reason.nothing"))]
    blocks += [Text(text, "muted") for text in dict.fromkeys(_how_measured(lead.why, words) for lead, _ in examples)]
    chosen = words("lead_pages.examples.lead", shown=len(examples), n=words.language.number(n))
    return Section("reasons", words("lead_pages.examples.title"), blocks, lead=chosen)


def cut_offs_section(day: LeadDay, plan: Plan, words: Words) -> Section:
    """What each possible line would take in: leads, wins to be expected, and what is left after cost."""
    percent, number = words.language.percent, words.language.number
    p = day.p
    digits = 0 if p.sum() * plan.value >= 1000 else 2  # the same in every line
    lines = [(grade, cut) for grade, cut in zip("ABC", day.grades.cut_offs, strict=True)]
    lines.append((words("lead_pages.cut.break_even"), plan.break_even))
    cost = plan.effort.cost_per_hour * plan.effort.hours_per_lead
    rows = []
    for name, cut in sorted(lines, key=lambda line: -line[1]):
        taken = p[p >= cut]
        rows.append(
            [
                Cell(name, percent(cut, 1) if cut <= 1 else ""), Cell(number(len(taken))),
                Cell(number(taken.sum(), 1)), Cell(number(len(taken) * plan.effort.hours_per_lead, 1)),
                Cell(number(float(taken.sum()) * plan.value - cost * len(taken), digits)),
            ]
        )  # fmt: skip
    titles = ("n", "wins", "hours", "value")
    columns = [Column(words("lead_pages.cut.line")), *(Column(words(f"lead_pages.cut.{t}"), "right") for t in titles)]
    never = [words("lead_pages.cut.never")] if plan.break_even > 1 else []
    table = Table(words("lead_pages.cut.caption"), columns, rows, never)
    return Section("cut", words("lead_pages.cut.title"), [table], lead=words("lead_pages.cut.lead"))


def capacity_section(made: WorkList, evaluation: Mapping[str, Any], words: Words) -> Section:
    """How often judged leads were won, in the smallest counted share that holds as much as the day's hours take."""
    percent, split, title = words.language.percent, evaluation["split"], words("lead_pages.capacity.title")
    share = len(made.chosen) / len(made.items) if made.items else 0.0
    counted, n, won = won_in_best(evaluation["gains"], share, split["judged"], split["won"])
    if not n:
        return Section("capacity", title, [Text(words("lead_pages.capacity.none"), "muted")])
    low, high = came_between(n, won / n)
    said = words(
        "lead_pages.capacity.said", taken=len(made.chosen), all=len(made.items), share=percent(counted),
        came=percent(won / n, 1), range=words.language.range(percent(low, 1), percent(high, 1)), n=n,
        base=percent(split["won"] / split["judged"], 1),
    )  # fmt: skip
    return Section("capacity", title, [Text(said)])


def grades_section(day: LeadDay, words: Words) -> Section:
    """What became of judged leads of each grade, and how many open ones have it."""
    percent, number = words.language.percent, words.language.number
    rows = []
    for record in day.grades.record:
        came = Cell(words("leads.card.unknown"), tone="na")
        if record.n:
            low, high = came_between(record.n, record.came)
            came = Cell(percent(record.came, 1), words.language.range(percent(low, 1), percent(high, 1)))
        now = sum(lead.grade == record.grade for lead in day.leads)
        rows.append([Cell(record.grade), Cell(number(now)), Cell(number(record.n)), came])
    titles = ("lead_pages.grades.now", "lead_pages.grades.judged", "lead_pages.grades.came")
    columns = [Column(words("leads.card.grade")), *(Column(words(key), "right") for key in titles)]
    table = Table(words("leads.card.grades_caption"), columns, rows)
    return Section("grades", words("leads.card.grades"), [table])


def decisions_section(decisions: Sequence[Decision], words: Words) -> Section:
    """What people decided against the model, the newest first."""
    items = [
        Item(
            words("lead_pages.app.decision", lead=one.lead, choice=words(f"lead_pages.choice.{one.choice}")),
            words(
                "lead_pages.app.decision_detail", by=one.by, role=words(f"lead_pages.role.{one.role}"),
                date=words.language.date(datetime.fromisoformat(one.at).date()), reason=one.reason,
            ),
        )
        for one in reversed(decisions)
    ]  # fmt: skip
    bullets = Bullets(items, empty=words("lead_pages.app.decisions_none"))
    return Section("decisions", words("lead_pages.app.decisions"), [bullets])


def _name(lead: OpenLead) -> Cell:
    return Cell(lead.company, lead.lead) if lead.company else Cell(lead.lead)


def _because(why: Explanation, words: Words) -> str:
    """The strongest reasons for and against, in one cell."""
    strongest = sorted((*why.pros, *why.cons), key=lambda reason: -abs(reason.effect))[:_REASONS]
    return "; ".join(reason_text(reason, words) for reason in strongest) or words("leads.reason.nothing")


def _rests_on(day: LeadDay, words: Words) -> str:
    date = words.language.date(day.as_of)
    return _said(day, "verdict", USABLE, words, n=day.judged, won=day.won, date=date)
