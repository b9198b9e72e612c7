"""Development plans: where somebody stands beside what the role expects, the steps from there, who can help.

A level is what observers saw, with its interval; a wish or an impression is none. Readiness for a next role is answered
competency by competency. There is no sum: being strong in one thing does not make up for what another role needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from salescoach.calendar import Calendar
from salescoach.coaching.remarks import Remark, block, note, warning
from salescoach.coaching.scorecards import FEWEST_SHOWN, Score
from salescoach.diagnosis.effect import Intervention, PersonEffect, person_effect
from salescoach.diagnosis.findings import Shown
from salescoach.metrics.verdicts import in_reach

State = Literal["reached", "gap", "unclear", "too_early"]
StepKind = Literal["experience", "exposure", "education"]
Ready = Literal["ready", "not_yet", "too_early"]

REINFORCE_AFTER = (2, 7, 21, 60)
"""Days after training on which it is taken up again: what is not recalled is forgotten (Murre & Dros 2015)."""

_HALF = 0.5  # of a level: a mean of 2.6 rounds to level 3
_MONTH = 31


@dataclass(frozen=True)
class Gap:
    """One competency of one person: the level that the role expects, and what was seen of it.

    ``needed`` more observations before anything can be said; 0 where that is not the reason.
    """

    competency: str
    expected: int
    seen: Score
    state: State
    needed: int = 0

    @property
    def title(self) -> str:
        """Key of the word for the state."""
        return f"development.state.{self.state}"


def gaps(expected: Mapping[str, int], seen: Mapping[str, Score]) -> tuple[Gap, ...]:
    """The role's expectations beside what was seen, in the order of the role.

    Reached or a gap only where the whole interval says so; else it is open. A level counts as reached from half a level
    below it: there the mean rounds to it.

    >>> [gap.state for gap in gaps({"discovery": 3, "closing": 4}, {"discovery": Score(3.2, 2.7, 3.7, 9)})]
    ['reached', 'too_early']
    """
    return tuple(_gap(competency, level, seen.get(competency)) for competency, level in expected.items())


def _gap(competency: str, level: int, seen: Score | None) -> Gap:
    missing = float("nan")
    score = seen if seen is not None else Score(missing, missing, missing, 0, "no_exposure")
    if score.na_reason is not None:
        return Gap(competency, level, score, "too_early", max(FEWEST_SHOWN - score.n, 0))
    bar = level - _HALF
    state: State = "reached" if score.low >= bar else "gap" if score.high < bar else "unclear"
    return Gap(competency, level, score, state)


@dataclass(frozen=True)
class Readiness:
    """Whether the next role can be taken on, with the competencies behind the answer."""

    verdict: Ready
    not_yet: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def title(self) -> str:
        """Key of the sentence for the verdict."""
        return f"development.ready.{self.verdict}"


def readiness(found: Sequence[Gap]) -> Readiness:
    """Ready when everything that the role needs was seen; not yet when one thing clearly is not there.

    Otherwise it is too early to tell, and ``open`` names what has to be looked at. Without a single expectation, too.
    """
    not_yet = tuple(gap.competency for gap in found if gap.state == "gap")
    unknown = tuple(gap.competency for gap in found if gap.state in ("unclear", "too_early"))
    verdict: Ready = "not_yet" if not_yet else "too_early" if unknown or not found else "ready"
    return Readiness(verdict, not_yet, unknown)


@dataclass(frozen=True)
class Step:
    """One step of a plan: what is done for which competency, by when; ``proof`` is what shows that it was done."""

    text: str
    kind: StepKind
    competency: str
    due: date | None = None
    support: str = ""
    done: date | None = None
    proof: str = ""

    @property
    def kind_title(self) -> str:
        """Key of the word for the kind."""
        return f"development.kind.{self.kind}"


@dataclass(frozen=True)
class Plan:
    """An individual plan, agreed by both; ``aspiration`` is where the person wants to go, in their own words."""

    rep_id: str
    aspiration: str
    steps: tuple[Step, ...]
    start: date
    reviews: tuple[date, ...] = ()
    signed_by: frozenset[str] = frozenset()
    mentor: str = ""


def plan_lacks(plan: Plan, manager: str, gap_of: Mapping[str, Gap], as_of: date) -> tuple[Remark, ...]:
    """What is still missing in *plan*, and what has become overdue in it.

    Parameters
    ----------
    manager : the other person who has to sign
    gap_of : the gaps of the person by competency, as evidence for the steps
    """
    found: list[Remark] = []
    if not plan.aspiration.strip():
        found.append(block("development.plan.no_aspiration"))
    if not plan.steps:
        found.append(block("development.plan.no_steps"))
    if not plan.reviews:
        found.append(block("development.plan.no_review"))
    found += [note("development.plan.unsigned", who=who) for who in sorted({plan.rep_id, manager} - plan.signed_by)]
    at_once = _most_at_once(plan)
    if at_once > 1:
        found.append(warning("development.plan.many_skills", n=at_once))
    kinds = {step.kind for step in plan.steps}
    if plan.steps and kinds == {"education"}:
        found.append(note("development.plan.only_courses"))
    for step in plan.steps:
        found += _step_lacks(step, gap_of, as_of)
    return tuple(found)


def _step_lacks(step: Step, gap_of: Mapping[str, Gap], as_of: date) -> list[Remark]:
    found: list[Remark] = []
    if step.due is None:
        found.append(block("development.step.no_date", step=step.text))
    elif step.done is None and step.due < as_of:
        found.append(warning("development.step.overdue", step=step.text, due=step.due))
    if step.done is not None and not step.proof.strip():
        found.append(block("development.step.no_proof", step=step.text))
    gap = gap_of.get(step.competency)
    if gap is None or gap.state == "too_early":
        found.append(note("development.step.no_evidence", step=step.text))
    elif gap.state == "reached":
        found.append(note("development.step.reached", step=step.text))
    return found


def _most_at_once(plan: Plan) -> int:
    """The most competencies with open steps that are due within one month: one skill at a time is meant."""
    due = sorted((step.due, step.competency) for step in plan.steps if step.due is not None and step.done is None)
    return max(
        (len({skill for other, skill in due if timedelta(0) <= other - day < timedelta(_MONTH)}) for day, _ in due),
        default=0,
    )


@dataclass(frozen=True)
class Course:
    """Training on offer for a competency."""

    course_id: str
    competency: str
    hours: float = 0.0


def courses_for(
    found: Sequence[Gap], catalogue: Sequence[Course], done: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """Courses for each competency with a gap, those already completed left out; empty where there is none to offer."""
    return {
        gap.competency: tuple(
            course.course_id
            for course in catalogue
            if course.competency == gap.competency and course.course_id not in done
        )
        for gap in found
        if gap.state == "gap"
    }


def reinforcement(day: date, calendar: Calendar, after: Sequence[int] = REINFORCE_AFTER) -> tuple[date, ...]:
    """Days on which to take up again what was learnt on *day*; on a day off, the next working day.

    >>> [str(one) for one in reinforcement(date(2026, 4, 9), Calendar())]  # the second day after is a Saturday
    ['2026-04-13', '2026-04-16', '2026-04-30', '2026-06-08']
    """
    found = []
    for days in after:
        on = day + timedelta(days=days)
        while not calendar.working_days(on, on + timedelta(days=1)):
            on += timedelta(days=1)
        found.append(on)
    return tuple(found)


def step_effect(
    step: Intervention, before: tuple[int, int], after: tuple[int, int],
    peers_before: tuple[Sequence[int], Sequence[int]], *, drift: float = 0.0, days: int = 365,
) -> tuple[PersonEffect, Remark]:  # fmt: skip
    """Whether the person's share moved after training or coaching, beyond the return to the mean that was due anyway.

    The judgement is that of :func:`salescoach.diagnosis.effect.person_effect`: events and trials before and after, and
    those of everybody before. What was not written down before it began is only described. *days*: how long *after* is.
    """
    found = person_effect(before, after, step.effect, peers_before, drift, registered=step.registered)
    if found.verdict == "cannot_tell":
        if not in_reach(found.needed, found.n_after, days):
            return found, note("development.effect.out_of_reach", n=found.n_after)
        return found, note("development.effect.cannot_tell", needed=found.needed, n=found.n_after)
    if found.verdict == "descriptive_only":
        return found, note("development.effect.descriptive_only")
    slots = {
        "after": Shown(found.after, "share"), "expected": Shown(found.expected, "share"),
        "low": Shown(found.low, "share"), "high": Shown(found.high, "share"),
    }  # fmt: skip
    return found, Remark(f"development.effect.{found.verdict}", "note", {**slots, "n": found.n_after})
