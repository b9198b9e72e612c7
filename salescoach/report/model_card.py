"""The card of a lead model as a page: what it is for, how it was judged, where it must not be trusted.

Made from the facts of its manifest, in the reader's language. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from salescoach.report.lead_words import as_in_file, column_name, drift_text
from salescoach.report.page import Block, Bullets, Cell, Column, Fold, Item, Page, Pairs, Section, Table, Text
from salescoach.words import Words

_BY_CHANCE = 0.1  # of 90 % intervals, this share does not cover the truth
_AT_ONCE = 12  # segments that are shown without a fold


def card_page(told: Mapping[str, Any], words: Words) -> Page:
    """The whole card. *told* are the facts of :func:`salescoach.leadlab.training.manifest_facts`."""
    data = told["data"]
    words = words if data["history"] else as_in_file(words)
    header = Pairs(
        [
            (words("leads.card.model"), words(f"leads.model.{told['rung']}")),
            (words("leads.card.file"), data["file"]),
            (words("leads.card.leads"), words("leads.card.counts", closed=data["closed"], won=data["won"])),
            (words("leads.card.accepted_by"), told["accepted_by"]),
        ]
    )
    sections = [
        Section("use", words("leads.card.use"), _use(words)),
        Section("proof", words("leads.card.proof"), _proof(told["evaluation"], words)),
        Section("grades", words("leads.card.grades"), [_grades(told, words)]),
        Section("guard", words("leads.card.guard"), _guard(told, words)),
        *([drift_section(told["drift"], words)] if "drift" in told else []),  # models of before say nothing about it
        Section("fair", words("leads.card.fair"), fair_blocks(told["fairness"], words)),
        Section("limits", words("leads.card.limits"), _limits(told, words)),
    ]
    return Page(
        title=words("leads.card.title"),
        subtitle=words("leads.card.subtitle"),
        header=header,
        sections=sections,
        footer=words("leads.card.footer"),
        language=words.language.code,
    )


def card_section(told: Mapping[str, Any], words: Words) -> Section:
    """The whole card as one part of another page."""
    page = card_page(told, words)
    blocks: list[Block] = [page.header]
    for part in page.sections:
        if isinstance(part, Section):
            blocks += [Text(part.title, "strong"), *part.blocks]
    return Section("card", page.title, blocks, lead=page.subtitle)


def _use(words: Words) -> Sequence[Block]:
    keys = ("leads.card.use_leads", "leads.card.use_human", "leads.card.use_override")
    return [Bullets([Item(words(key)) for key in keys])]


def _proof(evaluation: Mapping[str, Any], words: Words) -> Sequence[Block]:
    blocks: list[Block] = [
        Text(words(f"leads.split.{evaluation['split']['kind']}")),
        ladder_table(words("leads.card.ladder"), evaluation["ladder"], words),
    ]
    if evaluation["random_split"]:
        blocks.append(ladder_table(words("leads.random_split"), [evaluation["random_split"]], words, explained=False))
    blocks.append(_reliability(evaluation["reliability"], words))
    if evaluation["blocks"]:
        blocks.append(_blocks(evaluation["blocks"], words))
    return blocks


def ladder_table(caption: str, ladder: Sequence[Mapping[str, Any]], words: Words, *, explained: bool = True) -> Table:
    """Every rung with its figures and their intervals, and below them what each figure is, if *explained*."""
    rows = [
        [
            Cell(words(f"leads.model.{rung['model']}")),
            _number(rung["auc"], 3, words, rung["auc_low"], rung["auc_high"]),
            _number(rung["pr_auc"], 3, words),
            _number(rung["brier"], 4, words, rung["brier_low"], rung["brier_high"]),
            _number(rung["log_loss"], 4, words),
            _number(rung["ece"], 4, words),
            _number(rung["lift_10"], 2, words, rung["lift_10_low"], rung["lift_10_high"]),
        ]
        for rung in ladder
    ]
    titles = ("AUC", words("leads.column.pr_auc"), "Brier", words("leads.column.log_loss"), "ECE")
    columns = [Column(t, "right") for t in (*titles, words("leads.column.lift"))]
    notes = [words(f"leads.card.{each}_note") for each in ("auc", "pr_auc", "brier", "log_loss", "ece") if explained]
    return Table(caption, [Column(words("leads.card.model")), *columns], rows, notes)


def _reliability(bins: Sequence[Mapping[str, Any]], words: Words) -> Table:
    rows = [
        [_share(each["said"], words), _share(each["came"], words), Cell(words.language.number(each["n"]))]
        for each in bins
    ]
    titles = ("leads.card.said", "leads.card.came", "leads.card.n")
    return Table(words("leads.card.reliability"), [Column(words(key), "right") for key in titles], rows)


def _blocks(blocks: Sequence[Mapping[str, Any]], words: Words) -> Table:
    rows = [
        [
            Cell(words.language.range(_moment(block["from"], words), _moment(block["to"], words))),
            Cell(words.language.number(block["n"])),
            _share(block["base_rate_known"], words),
            _share(block["won"] / block["n"], words),
            _number(block["auc"], 3, words),
        ]
        for block in blocks
    ]
    titles = ("leads.card.n", "leads.card.base_known", "leads.card.came")
    columns = [Column(words("leads.card.block")), *(Column(words(key), "right") for key in titles)]
    return Table(words("leads.card.blocks"), [*columns, Column("AUC", "right")], rows, [words("leads.card.block_note")])


def _moment(moment: float | str | None, words: Words) -> str:
    """A day, or a number in order of time, as the reader writes it."""
    if moment is None:
        return words("leads.card.unknown")
    return words.language.date(date.fromisoformat(moment)) if isinstance(moment, str) else words.language.number(moment)


def _grades(told: Mapping[str, Any], words: Words) -> Table:
    cut_offs = [*told["cut_offs"], None]
    rows = [
        [
            Cell(record["grade"]),
            _share(cut_off, words) if cut_off is not None else Cell(words("leads.card.below")),
            Cell(words.language.number(record["n"])),
            _share(record["came"], words, record["low"], record["high"]),
        ]
        for record, cut_off in zip(told["grades_record"], cut_offs, strict=True)
    ]
    titles = ("leads.card.from", "leads.card.n", "leads.card.came")
    columns = [Column(words("leads.card.grade")), *(Column(words(key), "right") for key in titles)]
    return Table(words("leads.card.grades_caption"), columns, rows)


def _guard(told: Mapping[str, Any], words: Words) -> Sequence[Block]:
    alarms = [
        Item(
            column_name(alarm["column"], words) if alarm["column"] else words("leads.whole_model"),
            words(f"leads.rule.{alarm['rule']}"),
            words(f"leads.answer.{told['answers'].get(alarm['column'], {}).get('answer', 'none')}"),
        )
        for alarm in told["alarms"]
    ]
    # Where the columns were made from events before the snapshot, one sentence answers for all of them.
    answers = (
        [Item(words("leads.card.made_here"))]
        if told["data"]["history"]
        else [Item(name, answer["reason"]) for name, answer in told["answers"].items()]
    )
    dropped = [
        Item(column_name(each["column"], words), words(f"leads.dropped.{each['reason']}")) for each in told["dropped"]
    ]
    return [
        Bullets(alarms, empty=words("leads.card.no_alarms")),
        Text(words("leads.card.answers"), "strong"),
        Bullets(answers, empty=words("leads.card.no_answers")),
        Text(words("leads.dropped_title"), "strong"),
        Bullets(dropped, empty=words("leads.card.nothing_dropped")),
    ]


def drift_section(drift: Mapping[str, Any], words: Words) -> Section:
    """Whether the leads changed while they came in, and which columns moved."""
    items = [
        Item(
            column_name(each["column"], words),
            words(
                "lead_pages.drift.hover", psi=words.language.number(each["psi"], 2),
                verdict=words(f"lead_pages.drift.{each['verdict']}"),
            ),
        )
        for each in drift["moved"]
    ]  # fmt: skip
    said = drift_text(drift, words) or words("lead_pages.drift.empty")
    blocks: list[Block] = [Text(said, "note"), *([Bullets(items)] if items else [])]
    return Section("drift", words("lead_pages.drift.title"), blocks)


def fair_blocks(records: Sequence[Mapping[str, Any]], words: Words) -> Sequence[Block]:
    """How leads of each segment fare: how many differ beyond chance and which; many others are folded."""
    if not records:
        return [Text(words("leads.card.no_segments"), "muted")]
    beyond = [record for record in records if _beyond_one(record)]
    within = [record for record in records if not _beyond_one(record)]
    chance = words.language.number(_BY_CHANCE * len(records), 1)
    said = Text(words("leads.card.fair_beyond", n=len(beyond), all=len(records), chance=chance))
    if len(records) <= _AT_ONCE:
        return [said, _segments([*beyond, *within], words)]
    folded = Fold(words("leads.card.fair_within", n=len(within)), [_segments(within, words)])
    return [said, *([_segments(beyond, words)] if beyond else []), *([folded] if within else [])]


def _segments(records: Sequence[Mapping[str, Any]], words: Words) -> Table:
    rows = [
        [
            Cell(f"{column_name(r['column'], words)}: {r['value']}"),
            Cell(words.language.number(r["n"])),
            _share(r["selected"], words, r["selected_low"], r["selected_high"]),
            _number(r["ratio"], 2, words, r["ratio_low"], r["ratio_high"]),
        ]
        for r in records
    ]
    titles = ("leads.card.n", "leads.card.selected", "leads.card.ratio")
    columns = [Column(words("leads.card.group")), *(Column(words(key), "right") for key in titles)]
    return Table(words("leads.card.fair_caption"), columns, rows, [words("leads.card.fair_note")])


def _beyond_one(record: Mapping[str, Any]) -> bool:
    """True when the interval of observed over expected does not cover 1."""
    low, high = record["ratio_low"], record["ratio_high"]
    return low is not None and high is not None and not low <= 1 <= high


def _limits(told: Mapping[str, Any], words: Words) -> Sequence[Block]:
    keys = ["leads.card.limit_association", "leads.card.limit_drift"]
    if not told["data"]["history"]:
        keys.append("leads.card.limit_history")
    if told["evaluation"]["split"]["kind"] != "rolling":
        keys.append("leads.card.limit_time")
    return [Bullets([Item(words(key)) for key in keys])]


def _share(value: float | None, words: Words, low: float | None = None, high: float | None = None) -> Cell:
    if value is None:
        return Cell(words("leads.card.unknown"), tone="na")
    percent = words.language.percent
    detail = words.language.range(percent(low, 1), percent(high, 1)) if low is not None and high is not None else ""
    return Cell(percent(value, 1), detail)


def _number(
    value: float | None, digits: int, words: Words, low: float | None = None, high: float | None = None
) -> Cell:
    if value is None:
        return Cell(words("leads.card.unknown"), tone="na")
    number = words.language.number
    known = low is not None and high is not None
    detail = words.language.range(number(low, digits), number(high, digits)) if known else ""  # type: ignore[arg-type]
    return Cell(number(value, digits), detail)
