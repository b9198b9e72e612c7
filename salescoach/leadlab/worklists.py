"""The day's work list of a workspace, as text, as facts and as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from salescoach.errors import UsageError
from salescoach.leadlab.daily import decisions_of, lead_day
from salescoach.leadlab.reasons import write_rows
from salescoach.report import plain
from salescoach.report.lead_words import reason_text, status_text, worth_text
from salescoach.report.leads import list_section, no_scores_text
from salescoach.scoring import facts
from salescoach.scoring.day import LEADS, LeadDay, Plan
from salescoach.scoring.worklist import Override, WorkList
from salescoach.words import Words
from salescoach.workspace import Workspace

_TITLES = ("place", "lead", "company", "owner", "probability", "grade", "per_hour", "status", "reasons")


def people(home: Workspace) -> dict[str, str]:
    """Names of everybody in the newest import, by id."""
    reps = home.snapshot().read("rep")
    return dict(zip(reps["rep_id"].astype(str), reps["full_name"].astype(str), strict=True))


@dataclass(frozen=True)
class WorkDay:
    """The open leads of a day under a plan, with what people decided."""

    day: LeadDay
    plan: Plan
    overrides: Mapping[str, Override]
    names: Mapping[str, str]
    words: Words

    @classmethod
    def open(cls, home: Workspace, plan: Plan, words: Words, *, rep: str = "", of: str = LEADS) -> WorkDay:
        """The day of the newest import, of one *rep* or of all; *of* leads or deals. UsageError for an unknown rep."""
        names = people(home)
        if rep and rep not in names:
            raise UsageError.unknown("rep", rep, sorted(names))
        return cls(lead_day(home, of).of(rep), plan, decisions_of(home, of).overrides(), names, words)

    @cached_property
    def work(self) -> WorkList:
        """The list; empty where there are no scores."""
        return self.day.work(self.plan, self.overrides)

    def text(self) -> str:
        """The list for the terminal, or why there is none."""
        if not self.day.usable:
            return no_scores_text(self.day, self.words)
        return plain.written(list_section(self.day, self.work, self.names, self.words))

    def rows(self) -> list[list[str]]:
        """Every lead as a row of text, the heading first."""
        words, language = self.words, self.words.language
        by_id = {lead.lead: lead for lead in self.day.leads}
        rows = [
            [
                words("lead_pages.company") if title == "company" else words(f"leads.list.heading.{title}")
                for title in _TITLES
            ]
        ]
        for item in self.work.items:
            lead = by_id[item.lead]
            because = "; ".join(reason_text(reason, words) for reason in (*lead.why.pros, *lead.why.cons))
            owner = self.names.get(item.owner, item.owner)
            rows.append(
                [
                    str(item.place), item.lead, lead.company, owner, language.percent(item.p, 1), lead.grade,
                    worth_text(item.per_hour, words), status_text(item, words), because,
                ]
            )  # fmt: skip
        return rows

    def write(self, path: Path) -> None:
        """Write the list as .csv or .xlsx. UsageError, with the reason, where there are no scores."""
        if not self.day.usable:
            raise UsageError(no_scores_text(self.day, self.words))
        write_rows(self.rows(), path)

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        made, words = self.work, self.words
        by_id = {lead.lead: lead for lead in self.day.leads}
        return {
            "as_of": self.day.as_of.isoformat(),
            "verdict": self.day.verdict,
            "model": self.day.version or None,
            "judged": self.day.judged,
            "won": self.day.won,
            "moved": [column for column, _ in self.day.moved],
            "expected_wins": facts.number(made.expected_wins, 2),
            "expected_wins_low": facts.number(made.low, 2),
            "expected_wins_high": facts.number(made.high, 2),
            "leads": [
                {
                    "place": item.place, "lead": item.lead, "company": by_id[item.lead].company, "owner": item.owner,
                    "p": facts.number(item.p), "grade": by_id[item.lead].grade,
                    "value_per_hour": facts.number(item.per_hour), "status": item.status,
                    "why": status_text(item, words),
                    "for": [reason_text(reason, words) for reason in by_id[item.lead].why.pros],
                    "against": [reason_text(reason, words) for reason in by_id[item.lead].why.cons],
                }
                for item in made.items
            ],
        }  # fmt: skip
