"""The open leads, or deals, of one day, scored and explained: what work list, review and app are made from.

Without a usable model there are no scores, no order and no list, only the reason why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from salescoach.scoring.grades import Grades
from salescoach.scoring.reasons import Explanation
from salescoach.scoring.worklist import Effort, Override, WorkList, work_list

Array = npt.NDArray[np.float64]

LEADS, DEALS = "leads", "deals"
"""What is scored: each has a model of its own."""

USABLE, NO_LEADS, NO_MODEL, TOO_FEW, NO_SIGNAL = "usable", "no_leads", "no_model", "too_few", "no_signal"
NOT_TRAINED = "not_trained"
"""Of a file of leads: the analyst who looks at it has not made a model of it yet."""

_ONE_HOUR = Effort()
_UNGRADED = Grades((), ())


@dataclass(frozen=True)
class OpenLead:
    """One open lead: whose it is, from which company, its grade, and why it has its probability."""

    owner: str
    company: str
    grade: str
    why: Explanation

    @property
    def lead(self) -> str:
        """Its id."""
        return self.why.lead


@dataclass(frozen=True)
class Plan:
    """What a day offers and a lead takes.

    ``hours`` of each owner; ``effort`` of a lead; ``value`` of a win, in the currency of the cost.
    """

    hours: float = 8.0
    effort: Effort = _ONE_HOUR
    value: float = 1.0

    @property
    def break_even(self) -> float:
        """The probability from which working a lead brings more than it costs; above 1 when none does.

        >>> Plan(effort=Effort(hours_per_lead=2, cost_per_hour=50), value=1000).break_even
        0.1
        """
        cost = self.effort.cost_per_hour * self.effort.hours_per_lead
        return cost / self.value if self.value > 0 else float("inf")


@dataclass(frozen=True)
class Decision:
    """What a person decided: about which lead, what, by whom in which role, why and when (UTC)."""

    lead: str
    choice: str
    by: str
    role: str
    reason: str
    at: str


_NOBODY: Mapping[str, Override] = {}


@dataclass(frozen=True)
class LeadDay:
    """The open leads as of the end of ``as_of``.

    ``verdict`` says whether there are scores; ``judged`` and ``won`` on how many leads it rests. ``moved``: columns
    that no longer look like those the model learned from, with their stability index. ``what``: leads or deals; a
    deal's probability is that of a win within the model's horizon.
    """

    as_of: date
    verdict: str
    version: str = ""
    judged: int = 0
    won: int = 0
    grades: Grades = _UNGRADED
    leads: tuple[OpenLead, ...] = ()
    moved: tuple[tuple[str, float], ...] = ()
    what: str = LEADS

    @property
    def usable(self) -> bool:
        """True when there are scores."""
        return self.verdict == USABLE

    def of(self, owner: str) -> LeadDay:
        """The same day with the leads of one *owner* only; all when empty."""
        return replace(self, leads=tuple(lead for lead in self.leads if owner in ("", lead.owner)))

    def without(self, leads: Collection[str]) -> LeadDay:
        """The same day without these *leads*, by their ids."""
        return replace(self, leads=tuple(lead for lead in self.leads if lead.lead not in leads))

    def find(self, lead: str) -> OpenLead | None:
        """The open lead with the id *lead*."""
        return next((one for one in self.leads if one.lead == lead), None)

    @property
    def p(self) -> Array:
        """Probability of each lead."""
        return np.array([lead.why.p for lead in self.leads], dtype=float)

    def work(self, plan: Plan, overrides: Mapping[str, Override] = _NOBODY) -> WorkList:
        """Each owner's work under *plan*."""
        return work_list(
            [lead.lead for lead in self.leads],
            self.p,
            value=plan.value,
            owners=[lead.owner for lead in self.leads],
            hours=plan.hours,
            effort=plan.effort,
            overrides=overrides,
        )
