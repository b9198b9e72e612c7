"""What a stored model says about a file of leads, as text and as facts: the day's list, reasons, drift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from salescoach.errors import InputError, UsageError
from salescoach.leadlab.reading import names
from salescoach.leadlab.reasons import explanation_lines, list_rows, write_rows
from salescoach.leadlab.registry import Registry
from salescoach.leadlab.scoring import Scored, score_file
from salescoach.report.lead_words import change_text, moved_text, reason_text, status_text, summary_text
from salescoach.scoring import facts, measures
from salescoach.scoring.explanation import changes
from salescoach.scoring.reasons import Explanation
from salescoach.scoring.worklist import Effort, Override, WorkList, work_list
from salescoach.words import Words

_MOST_DRIFT = 50


@dataclass(frozen=True)
class Today:
    """The day's list for *scored* leads: ``hours`` per owner, reasons for the ``top`` leads, what people decided."""

    scored: Scored
    words: Words
    hours: float
    effort: Effort
    top: int
    overrides: Mapping[str, Override] = field(default_factory=dict)

    @cached_property
    def work(self) -> WorkList:
        """The list."""
        leads = self.scored.leads
        return work_list(
            [str(lead) for lead in leads.ids],
            self.scored.p,
            value=leads.value if leads.value is not None else 1.0,
            owners=owners_of(self.scored),
            hours=self.hours,
            effort=self.effort,
            overrides=self.overrides,
        )

    @cached_property
    def reasons(self) -> dict[str, Explanation]:
        """Reasons of the best leads."""
        best = [item.lead for item in self.work.items[: self.top]]
        place = {str(lead): row for row, lead in enumerate(self.scored.leads.ids)}
        rows = np.array([place[lead] for lead in best], dtype=np.int64)
        return {each.lead: each for each in self.scored.explained(rows)}

    @cached_property
    def grades(self) -> dict[str, str]:
        """The grade of each lead."""
        return dict(zip(map(str, self.scored.leads.ids), map(str, self.scored.grades), strict=True))

    def rows(self) -> list[list[str]]:
        """The list as rows of text."""
        told = {
            lead: "; ".join(reason_text(reason, self.words) for reason in (*each.pros, *each.cons))
            for lead, each in self.reasons.items()
        }
        return list_rows(self.work, self.grades, told, self.words)

    def write(self, path: Path) -> None:
        """Write the list as .csv or .xlsx."""
        write_rows(self.rows(), path)

    def text(self) -> str:
        """What to work today, a line each."""
        number = self.words.language.number
        chosen = self.work.chosen
        lines = [summary_text(self.work, self.words)]
        if moved := self.scored.moved:
            lines.append(self.words("lead_pages.moved", columns=moved_text(moved, self.words)))
        held = self.scored.calibration
        if held.n and not held.holds:
            lines.append(
                self.words(
                    "leads.list.no_longer_holds", n=number(held.n), won=number(held.won),
                    expected=number(held.expected, 1),
                )
            )  # fmt: skip
        for item in chosen[: self.top]:
            lines += explanation_lines(self.reasons[item.lead], (), self.words) if item.lead in self.reasons else []
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        made, held = self.work, self.scored.calibration
        return {
            "model": self.scored.stored.version,
            "leads": [
                {
                    "lead": item.lead, "owner": item.owner, "p": facts.number(item.p), "grade": self.grades[item.lead],
                    "value_per_hour": facts.number(item.per_hour, 2), "place": item.place, "status": item.status,
                    "why": status_text(item, self.words), "overridden": item.override is not None,
                    "reasons": _reasons(self.reasons[item.lead], self.words) if item.lead in self.reasons else None,
                }
                for item in made.items
            ],
            "expected_wins": facts.number(made.expected_wins, 2),
            "expected_wins_low": facts.number(made.low, 2),
            "expected_wins_high": facts.number(made.high, 2),
            "expected_value": facts.number(made.expected_value, 2),
            "drift": [
                {"column": d.column, "psi": facts.number(d.psi), "verdict": d.verdict, "unseen": facts.number(d.unseen)}
                for d in self.scored.drift[:_MOST_DRIFT]
            ],
            "score_psi": facts.number(self.scored.score_drift),
            "observed_over_expected": {
                "n": held.n, "ratio": facts.number(held.ratio), "low": facts.number(held.low),
                "high": facts.number(held.high), "holds": held.holds,
            },
        }  # fmt: skip


def owners_of(scored: Scored) -> list[str] | None:
    """Who works each lead, when a column says so."""
    declared = scored.source.declaration.owner
    table = scored.source.table
    column = declared or next((name for name in map(str, table.columns) if names().owner.has(name)), "")
    return table[column].astype(object).fillna("").astype(str).tolist() if column in table else None


def _reasons(each: Explanation, words: Words) -> dict[str, Any]:
    return {
        "exact": each.exact,
        "for": [_reason(reason.column, reason.effect, reason_text(reason, words)) for reason in each.pros],
        "against": [_reason(reason.column, reason.effect, reason_text(reason, words)) for reason in each.cons],
    }


def _reason(column: str, effect: float, text: str) -> dict[str, Any]:
    return {"column": column, "effect": facts.number(effect), "text": text}


def explanations(scored: Scored, wanted: tuple[str, ...], words: Words) -> tuple[dict[str, Any], list[str]]:
    """Reasons and alternatives of the *wanted* leads, as facts and as lines. UsageError: no such lead."""
    rows = []
    for lead in wanted or (str(scored.leads.ids[0]),):
        place = scored.place(lead)
        if place is None:
            raise UsageError.unknown("lead", lead, map(str, scored.leads.ids))
        rows.append(place)
    chosen = np.array(rows, dtype=np.int64)
    each = scored.explained(chosen)
    other = changes(scored.stored.model, scored.leads.features, rows=chosen)
    found = [
        {
            "lead": e.lead, "p": facts.number(e.p), "grade": str(scored.grades[row]), **_reasons(e, words),
            "changes": [
                {"column": c.column, "value": c.value, "p": facts.number(c.p), "text": change_text(c, e.p, words)}
                for c in alternatives
            ],
        }
        for e, alternatives, row in zip(each, other, rows, strict=True)
    ]  # fmt: skip
    lines = [line for e, c in zip(each, other, strict=True) for line in explanation_lines(e, c, words)]
    return {"model": scored.stored.version, "leads": found}, lines


def compared(registry: Registry, challenger: str, later: Path) -> dict[str, Any]:
    """The model in use and *challenger* on the same later leads; the difference in Brier score with its interval.

    The challenger is better only when the whole 95 % interval says so.
    """
    pair = [score_file(later, registry.load()), score_file(later, registry.load(challenger))]
    won = pair[0].leads.won
    known = np.flatnonzero(np.isfinite(won))
    if len(known) < 2 or won[known].min() == won[known].max():
        raise InputError("holds too few known outcomes to compare two models on.", file=later.name)
    weights = measures.group_weights(pair[0].leads.group[known])
    losses = [(each.p[known] - won[known]) ** 2 for each in pair]
    gain = losses[0] - losses[1]
    low, high = measures.interval(lambda w: float(np.average(gain, weights=w)), weights)
    return {
        "n": len(known),
        "models": [
            {
                "version": each.stored.version,
                "auc": facts.number(measures.Ranked(won[known], each.p[known]).auc()),
                "brier": facts.number(float(loss.mean()), 5),
            }
            for each, loss in zip(pair, losses, strict=True)
        ],
        "brier_gain": facts.number(float(gain.mean()), 5),
        "brier_gain_low": facts.number(low, 5),
        "brier_gain_high": facts.number(high, 5),
        "challenger_better": low > 0,
    }
