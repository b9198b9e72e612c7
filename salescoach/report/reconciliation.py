"""The section that says why two numbers differ, from a reconciliation and words. Computes nothing.

Every figure is written with all its digits: what is shown adds up, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date

import pandas as pd

from salescoach.metrics.definition_rows import MILLIONTHS
from salescoach.metrics.definitions import CHOICES, Definition
from salescoach.metrics.reconcile import CHANGES, Effect, Reconciliation, RowsCompared
from salescoach.report.page import Cell, Column, Section, Table, Text
from salescoach.words import Words

MOST_ROWS = 10


def exact(amount: int, unit: str) -> str:
    """A whole number of hundredths, counts or millionths as plain decimals, for programs.

    >>> exact(-1205, "money"), exact(448276, "share"), exact(3, "count")
    ('-12.05', '0.448276', '3')
    """
    digits = {"money": 2, "share": 6}.get(unit, 0)
    sign, text = "-" if amount < 0 else "", str(abs(amount)).zfill(digits + 1)
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


def reconciliation_section(found: Reconciliation, words: Words, most: int = MOST_ROWS) -> Section:
    """The two definitions, the parts of the difference, and of each rule the *most* rows that weigh most."""
    number = _Numbers(words, found.unit, found.currency)
    about = (
        Text(words("reconcile.rep", rep=found.rep) if found.rep else words("reconcile.organisation")),
        Text(f"A: {definition_words(found.a, words)}"),
        Text(f"B: {definition_words(found.b, words)}"),
    )
    lines = [
        (words("reconcile.number_a"), number(found.total_a), ""),
        (words("reconcile.number_b"), number(found.total_b), ""),
        *(_effect(effect, words, number) for effect in found.effects),
        (words("reconcile.remainder"), number(found.remainder), ""),
        (words("reconcile.total"), number(found.difference), ""),
    ]
    note = words("reconcile.adds_up") if found.effects else words("reconcile.same")
    parts = _table(words, words("reconcile.caption"), lines, note)
    details = [
        table
        for effect in found.effects
        if (table := _rows(effect.rows, words("reconcile.rows", rule=_rule(effect, words)), words, number, most))
    ]
    return Section("reconcile", words("reconcile.title"), (*about, parts, *details))


def compared_section(found: RowsCompared, words: Words, most: int = MOST_ROWS) -> Section:
    """Our number beside another tool's list: what only one of them has, and what differs."""
    number = _Numbers(words, found.definition.unit, found.currency)
    about = (
        Text(words("reconcile.rep", rep=found.rep) if found.rep else words("reconcile.organisation")),
        Text(f"A: {definition_words(found.definition, words)}"),
    )
    counted = found.rows["change"].value_counts()
    lines = [
        (words("reconcile.number_a"), number(found.total_a), ""),
        (words("reconcile.number_b"), number(found.total_b), ""),
        *(
            (words(f"reconcile.where.{change}"), number(found.part(change)), str(int(counted.get(change, 0))))
            for change in CHANGES
        ),
        (words("reconcile.total"), number(found.difference), ""),
    ]
    note = words("reconcile.list.none") if found.rows.empty else words("reconcile.list.adds_up")
    parts = _table(words, words("reconcile.list.caption"), lines, note)
    details = [
        table
        for change in CHANGES
        if (
            table := _rows(
                found.rows[found.rows["change"] == change],
                words("reconcile.list.part", change=words(f"reconcile.where.{change}"), n=int(counted.get(change, 0))),
                words,
                number,
                most,
            )
        )
    ]
    return Section("reconcile", words("reconcile.list.title"), (*about, parts, *details))


def definition_words(definition: Definition, words: Words) -> str:
    """A definition in the reader's language."""
    plain = words(
        "reconcile.definition",
        measure=words(f"reconcile.measure.{definition.measure}"),
        period=words.language.period(definition.period),
        day=words.language.date(date.fromisoformat(definition.as_of)),
    )
    said = ", ".join(
        f"{words(f'reconcile.rules.{field.name}')}: {_value(field.name, getattr(definition, field.name), words)}"
        for field in fields(definition)
        if field.name not in ("measure", "period", "as_of") and getattr(definition, field.name) != field.default
    )
    return words("reconcile.with_rules", definition=plain, rules=said) if said else plain


class _Numbers:
    """Writes whole hundredths, counts or millionths with all their digits."""

    def __init__(self, words: Words, unit: str, currency: str) -> None:
        self._language, self._unit, self._currency = words.language, unit, currency

    def __call__(self, amount: int) -> str:
        if self._unit == "money":
            return self._language.money(amount / 100, self._currency, 2)
        if self._unit == "share":
            return self._language.percent(amount / MILLIONTHS, 4)
        return self._language.number(amount)

    @property
    def sums(self) -> bool:
        """The numbers are sums of what the rows have."""
        return self._unit != "share"


def _effect(effect: Effect, words: Words, number: _Numbers) -> tuple[str, str, str]:
    told = words("reconcile.alone_unknown") if effect.amount is None else number(effect.amount)
    return _rule(effect, words), told, words.language.number(len(effect.rows))


def _rule(effect: Effect, words: Words) -> str:
    a, b = (_value(effect.rule, value, words) for value in (effect.value_a, effect.value_b))
    return words("reconcile.rule", rule=words(f"reconcile.rules.{effect.rule}"), a=a, b=b)


def _value(rule: str, value: str, words: Words) -> str:
    if rule == "measure":
        return words(f"reconcile.measure.{value}")
    if rule == "period":
        return words.language.period(value)
    if rule == "as_of":
        return words.language.date(date.fromisoformat(value))
    return words(f"reconcile.value.{value}") if rule in CHOICES or value == "all" else value


def _table(words: Words, caption: str, lines: Sequence[tuple[str, str, str]], note: str) -> Table:
    columns = (
        Column(words("reconcile.cause")),
        Column(words("reconcile.amount"), align="right"),
        Column(words("reconcile.deals"), align="right"),
    )
    return Table(caption, columns, [tuple(map(Cell, line)) for line in lines], notes=(note,))


def _rows(rows: pd.DataFrame, caption: str, words: Words, number: _Numbers, most: int) -> Table | None:
    """The rows that weigh most; None when there is none."""
    if rows.empty:
        return None
    weighed = rows.assign(_by=(rows["a"] - rows["b"]).abs()).sort_values(["_by", "deal_id"], ascending=[False, True])
    person, reason = "rep_id" in rows, "reason" in rows and bool(rows["reason"].any())
    write = number if number.sums else words.language.number
    columns = [Column(words("reconcile.deal")), Column(words("reconcile.change"))]
    columns += [Column(words("reconcile.a"), align="right"), Column(words("reconcile.b"), align="right")]
    columns += [Column(words("reconcile.person"))] if person else []
    columns += [Column(words("reconcile.why"))] if reason else []
    lines = []
    for row in weighed.head(most).to_dict("records"):
        line = [Cell(str(row["deal_id"])), Cell(words(f"reconcile.where.{row['change']}"))]
        line += [Cell("–" if row["change"] == absent else write(row[side])) for side, absent in
                 (("a", "only_b"), ("b", "only_a"))]  # fmt: skip
        line += [Cell(str(row["rep_id"]) or "–")] if person else []
        line += [Cell(words(f"reconcile.reason.{row['reason']}") if row["reason"] else "–")] if reason else []
        lines.append(tuple(line))
    left = len(rows) - len(lines)
    return Table(caption, columns, lines, notes=(words("reconcile.more", n=left),) if left else ())
