"""What an import found, as a page a sales-operations person can act on.

Which rules found something, in how many rows, whose rows they are, where each stands and what to do. What nobody has
to act on is folded away. Facts come as counts and rows of the import's log; nothing is computed here but sums, and
people are listed by name, never ranked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from salescoach.language import shortened
from salescoach.report.page import Block, Bullets, Cell, Column, Fold, Item, Page, Pairs, Section, Table, Text
from salescoach.report.understood import understood_section
from salescoach.words import Words

ROWS_SHOWN = 20
"""Rows of one rule that the page lists; the log file holds all of them."""

LEVELS = ("B", "R", "Q", "V", "F")
"""From what stops an import to what is only counted."""

_MERGING = ("D4", "D7")
"""Rules that merge a row into another or out of the data; the log calls their level F, because nobody has to act."""

_COUNTS = ("rows_in", "accepted", "rejected", "merged", "quarantined")


@dataclass(frozen=True)
class QualityFacts:
    """One import, as its snapshot tells it.

    Attributes
    ----------
    tables : name of a table -> its counts ``rows_in``, ``accepted``, ``rejected``, ``merged``, ``quarantined``
    issues : DataFrame
        ``Snapshot.issues()``: table, file, row, column, value, rule, level, owner_id, count, message_en, message_tr.
    fill_rates : DataFrame with ``table``, ``field``, ``filled``, ``rows``, of all owners together
    notes : sentences about whole files, in the reader's language
    names : rep_id -> name
    imported : day of the import, in the organisation's zone; None when that is not known
    owners, values : what ``salescoach.crm.understood`` counted, one mapping for each table, or field and file
    """

    organisation: str
    snapshot: str
    as_of: date
    form: str
    tables: Mapping[str, Mapping[str, int]]
    issues: pd.DataFrame
    fill_rates: pd.DataFrame
    notes: Sequence[str]
    names: Mapping[str, str]
    imported: date | None = None
    owners: Sequence[Mapping[str, Any]] = ()
    values: Sequence[Mapping[str, Any]] = ()


def quality_page(facts: QualityFacts, words: Words, log: str = "") -> Page:
    """The whole page; *log* is the name of the file that lists every row."""
    language = words.language
    header = Pairs(
        (
            (words("quality.header.organisation"), facts.organisation),
            (words("quality.header.as_of"), language.date(facts.as_of)),
            *([(words("quality.header.imported"), _imported(facts, facts.imported, words))] if facts.imported else []),
            (words("quality.header.form"), facts.form),
            (words("quality.header.snapshot"), facts.snapshot),
        )
    )
    return Page(
        title=words("quality.title"),
        subtitle=words("quality.subtitle"),
        header=header,
        sections=quality_sections(facts, words, log),
        footer=words("quality.footer"),
        language=language.code,
    )


def _imported(facts: QualityFacts, day: date, words: Words) -> str:
    """The day of the import, and how old the newest event then was."""
    age = words.plural("quality.header.age", max(0, (day - facts.as_of).days))
    return f"{words.language.date(day)} ({age})"


def quality_sections(facts: QualityFacts, words: Words, log: str = "") -> tuple[Section, ...]:
    """The sections of the page, for screens that show them one by one."""
    rules = _rules(facts.issues)
    return (
        _rows(facts, words),
        _first(facts, rules, words),
        *(_rule(facts, rule, words, log) for rule in rules["rule"]),
        _owners(facts, words),
        understood_section(facts.owners, facts.values, words),
        _filled(facts, words),
        _notes(facts, words),
    )


def _rules(issues: pd.DataFrame) -> pd.DataFrame:
    """One row per rule: its gravest level and how many rows it is about; gravest first, then the most rows."""
    if issues.empty:
        return pd.DataFrame({"rule": [], "level": [], "count": []})
    graded = issues.assign(grade=issues["level"].map(LEVELS.index))
    rules = graded.groupby("rule").agg(grade=("grade", "min"), count=("count", "sum")).reset_index()
    rules = rules.sort_values(["grade", "count", "rule"], ascending=[True, False, True], kind="stable")
    return rules.assign(level=[LEVELS[grade] for grade in rules["grade"]])


def _rows(facts: QualityFacts, words: Words) -> Section:
    """All rows together, then the tables that lost some; those of which every row is used are folded away."""
    lossy = {name: counts for name, counts in facts.tables.items() if counts["accepted"] < counts["rows_in"]}
    whole = {name: counts for name, counts in facts.tables.items() if name not in lossy}
    together = {column: sum(counts[column] for counts in facts.tables.values()) for column in _COUNTS}
    of_all = [Cell(words("quality.rows.all")), *_counted(together, words)]
    table = _counts_table([of_all, *_each_table(lossy, words)], words, notes=(words("quality.rows.note"),))
    blocks: list[Block] = [table]
    if whole:
        title = words.plural("quality.rows.whole", len(whole))
        blocks.append(Fold(title, [_counts_table(_each_table(whole, words), words)]))
    return Section("rows", words("quality.rows.title"), blocks, lead=words("quality.rows.lead"))


def _counts_table(rows: Sequence[Sequence[Cell]], words: Words, notes: Sequence[str] = ()) -> Table:
    columns = [Column(words("import.report.table"))]
    columns += [Column(words(f"quality.rows.{name}"), "right") for name in _COUNTS]
    return Table(words("quality.rows.caption"), columns, rows, notes=notes)


def _each_table(tables: Mapping[str, Mapping[str, int]], words: Words) -> list[list[Cell]]:
    return [[Cell(words(f"import.table.{name}")), *_counted(counts, words)] for name, counts in tables.items()]


def _counted(counts: Mapping[str, int], words: Words) -> list[Cell]:
    return [Cell(words.language.number(counts[column])) for column in _COUNTS]


def _first(facts: QualityFacts, rules: pd.DataFrame, words: Words) -> Section:
    """The rules that found something, gravest first."""
    if rules.empty:
        return Section("first", words("quality.first.title"), (Text(words("quality.first.none"), "note"),))
    owners = facts.issues.groupby("rule")["owner_id"].nunique()
    rows = [
        [
            Cell(words(f"import.rule.{rule}.title"), detail=rule),
            Cell(words("quality.rows.merged" if rule in _MERGING else f"quality.level.{level}")),
            Cell(words.language.number(count)),
            Cell(words.language.number(int(owners[rule])))
            if owners[rule]
            else Cell(words("quality.first.nobody"), tone="na"),
        ]
        for rule, level, count in zip(rules["rule"], rules["level"], rules["count"], strict=True)
    ]
    columns = (
        Column(words("quality.first.rule")),
        Column(words("quality.first.done")),
        Column(words("quality.first.count"), "right"),
        Column(words("quality.first.people"), "right"),
    )
    table = Table(words("quality.first.caption"), columns, rows)
    return Section("first", words("quality.first.title"), (table,), lead=words("quality.first.lead"))


def _rule(facts: QualityFacts, rule: str, words: Words, log: str) -> Section:
    """What to do about one rule, and where each of its rows stands."""
    mine = facts.issues[facts.issues["rule"] == rule].sort_values(["file", "row"], kind="stable")
    message = f"message_{words.language.code}"
    whole, single = mine[mine["row"].isna()], mine[mine["row"].notna()]
    shown = single.head(ROWS_SHOWN)
    blocks: list[Block] = [Bullets([Item(str(text)) for text in (*whole[message], *shown[message][:1])])]
    if len(single) > 1:
        rows = [
            [
                Cell(words("quality.rule.place", file=file, row=str(int(row)))),
                Cell(heading),
                Cell(shortened(value)) if value else Cell(words("quality.rule.empty"), tone="na"),
                Cell(facts.names.get(owner, owner) if isinstance(owner, str) else ""),
            ]
            for file, row, heading, value, owner in zip(
                *(shown[name].tolist() for name in ("file", "row", "column", "value", "owner_id")), strict=True
            )
        ]
        columns = [Column(words(f"quality.rule.{name}")) for name in ("where", "column", "value", "owner")]
        listed: list[Block] = [Table(words("quality.rule.caption"), columns, rows)]
        if len(single) > len(shown):
            rest = words.plural("quality.rule.rest", len(single) - len(shown), file=log or words("quality.rule.log"))
            listed.append(Text(rest, "muted"))
        blocks.append(Fold(words.plural("quality.rule.rows", len(single)), listed))
    return Section(
        f"rule-{rule.lower()}",
        words(f"import.rule.{rule}.title"),
        blocks,
        lead=words.plural("quality.rule.lead", int(mine["count"].sum()), rule=rule),
    )


def _owners(facts: QualityFacts, words: Words) -> Section:
    """How many findings concern whose rows, in alphabetical order."""
    owned = facts.issues[facts.issues["owner_id"].notna()]
    if owned.empty:
        return Section("people", words("quality.people.title"), (Text(words("quality.people.none"), "muted"),))
    counts: Counter[tuple[str, str]] = Counter()
    for owner, level, count in zip(owned["owner_id"], owned["level"], owned["count"].tolist(), strict=True):
        counts[owner, level] += count
    levels = [level for level in LEVELS if level in set(owned["level"])]
    named = sorted((facts.names.get(owner, owner), owner) for owner in set(owned["owner_id"]))
    named.sort(key=lambda pair: words.language.sort_key(pair[0]))
    rows = [
        [Cell(name), *(Cell(words.language.number(counts[owner, level])) for level in levels)] for name, owner in named
    ]
    columns = [Column(words("quality.people.person"))]
    columns += [Column(words(f"quality.level.{level}"), "right") for level in levels]
    table = Table(words("quality.people.caption"), columns, rows, notes=(words("quality.people.note"),))
    folded = Fold(words.plural("quality.people.all", len(named)), [table])
    return Section("people", words("quality.people.title"), (folded,), lead=words("quality.people.lead"))


def _filled(facts: QualityFacts, words: Words) -> Section:
    """How often each field that is not always filled holds something."""
    rates = facts.fill_rates
    rates = rates[(rates["rows"] > 0) & (rates["filled"] < rates["rows"])]
    if rates.empty:
        return Section("filled", words("quality.filled.title"), (Text(words("quality.filled.all"), "muted"),))
    columns = (Column(words("quality.filled.field")), Column(words("quality.filled.share"), "right"))
    folds = []
    for name, fields in rates.groupby("table", sort=False):
        shares = zip(fields["field"], fields["filled"].tolist(), fields["rows"].tolist(), strict=True)
        rows = [
            [
                Cell(str(field)),
                Cell(words.language.percent(filled / count), detail=words("quality.filled.of", filled=filled, n=count)),
            ]
            for field, filled, count in shares
        ]
        title = words.plural("quality.filled.table", len(rows), table=words(f"import.table.{name}"))
        folds.append(Fold(title, [Table(words("quality.filled.caption"), columns, rows)]))
    return Section("filled", words("quality.filled.title"), folds, lead=words("quality.filled.lead"))


def _notes(facts: QualityFacts, words: Words) -> Section:
    items = [Item(note) for note in facts.notes]
    return Section("notes", words("quality.notes.title"), (Bullets(items, empty=words("quality.notes.none")),))
