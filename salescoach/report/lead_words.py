"""Sentences about one lead in the reader's language: a reason, an alternative, why it is on the list or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from salescoach.scoring.day import DEALS, LEADS
from salescoach.scoring.reasons import Change, Explanation, Reason
from salescoach.scoring.worklist import NO_HOURS, Item, WorkList
from salescoach.words import Words

_MOST_NAMED = 5

YES_NO = ("answered",)
"""Columns that hold 1 for yes and 0 for no."""


def reason_text(reason: Reason, words: Words) -> str:
    """One reason: the column, the value that it has, for or against, and how strongly.

    A rule score counts in points that are all worth the same: saying each in odds would look like a measurement.
    """
    side = "for" if reason.effect > 0 else "against"
    if reason.points is not None:
        points = words.language.number(abs(reason.points), 0 if float(reason.points).is_integer() else 2)
        return words(
            f"leads.reason.points_{side}", column=column_name(reason.column, words),
            value=value_text(reason.value, words, reason.column), points=points,
        )  # fmt: skip
    return words(
        f"leads.reason.{side}", column=column_name(reason.column, words),
        value=value_text(reason.value, words, reason.column),
        factor=words.language.number(math.exp(abs(reason.effect)), 1),
    )  # fmt: skip


def points_odds(why: Explanation) -> float:
    """How many times the odds a point of a rule score stands for; 0 where no rule was asked."""
    counted = next((reason for reason in (*why.pros, *why.cons) if reason.points), None)
    return math.exp(counted.effect / counted.points) if counted and counted.points else 0.0


def change_text(change: Change, p: float, words: Words) -> str:
    """One alternative: what the model would say if the column had another value."""
    percent = words.language.percent
    return words(
        "leads.reason.change", column=column_name(change.column, words),
        value=value_text(change.value, words, change.column), now=percent(p),
        then=percent(change.p),
    )  # fmt: skip


def moved_text(moved: Sequence[tuple[str, float]], words: Words) -> str:
    """The first few columns that have moved, by name."""
    return ", ".join(column_name(column, words) for column, _ in moved[:_MOST_NAMED])


def drift_text(drift: Mapping[str, Any], words: Words) -> str:
    """That the leads changed while they came in, or that their rows may stand in order of time; empty when neither.

    *drift* are the facts of :func:`salescoach.scoring.facts.movement_facts`.
    """
    if not drift["by"]:
        return ""
    names = [column_name(each["column"], words) for each in drift["moved"] if each["verdict"] == "act"]
    if not names:
        return words("leads.drift.steady", all=drift["columns"])
    percent = words.language.percent
    return words(
        f"leads.drift.{drift['by']}", n=len(names), all=drift["columns"], columns=", ".join(names[:_MOST_NAMED]),
        first=percent(drift["base_rate_first"], 1), last=percent(drift["base_rate_last"], 1),
    )  # fmt: skip


def as_in_file(words: Words) -> Words:
    """*words* for leads of a file, whose columns are called as they are there, even if one made here has that name."""
    return words.without("lead_pages.feature")


def column_name(column: str, words: Words) -> str:
    """A column made here by its name in the reader's language; one of a file as it is called there."""
    key = f"lead_pages.feature.{column}"
    return words(key) if words.has(key) else column


def value_text(value: float | str | None, words: Words, column: str = "") -> str:
    """The value that a column has, as the reader writes it; yes or no where it is a question."""
    if column in YES_NO and value in (0, 1):
        return words("lead_pages.yes" if value == 1 else "lead_pages.no")
    if value is None:
        return words("leads.reason.missing")
    if isinstance(value, str):
        return value
    return words.language.number(value, 0 if float(value).is_integer() else 1 if abs(value) >= 1 else 2)


def worth_text(worth: float, words: Words) -> str:
    """An expected value: whole from a thousand on, finer the smaller it is, so that small ones still differ."""
    size = abs(worth)
    return words.language.number(worth, 0 if size >= 1000 else 2 if size >= 1 else 4)


def status_text(item: Item, words: Words) -> str:
    """Why a lead is on the list, or why not."""
    if item.override is not None:
        side = "work" if item.override.work else "aside"
        return words(f"leads.list.override_{side}", by=item.override.by, reason=item.override.reason)
    if item.status == NO_HOURS and math.isfinite(item.line):
        return words("leads.list.below_line", earns=worth_text(item.per_hour, words), line=worth_text(item.line, words))
    return words(f"leads.list.{item.status}")


def summary_text(made: WorkList, words: Words, of: str = LEADS) -> str:
    """How much of what is open was chosen, and what is expected of it; nothing is expected of nothing."""
    place, number = "lead_pages.deal" if of == DEALS else "leads.list", words.language.number
    if not made.items:
        return words(f"{place}.none_open")
    return words(
        f"{place}.summary", chosen=len(made.chosen), all=len(made.items), wins=number(made.expected_wins, 1),
        range=words.language.range(number(made.low, 1), number(made.high, 1)),
    )  # fmt: skip
