"""Development on the desk: the competency matrix with its evidence, plan and steps, mentors, training and its effect.

Rules stand in :mod:`salescoach.coaching.development` and :mod:`salescoach.coaching.mentoring`. A verdict says what was
seen; who becomes a mentor and which step is agreed on, people decide.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from salescoach.calendar import Calendar, Period
from salescoach.coaching import development as rules
from salescoach.coaching import mentoring, scorecards
from salescoach.coaching.content import CareerPath, Competency, Course
from salescoach.coaching.from_library import courses, expected
from salescoach.coaching.remarks import Remark
from salescoach.diagnosis.effect import Intervention
from salescoach.diagnosis.findings import answer_of
from salescoach.errors import ConflictError, UsageError
from salescoach.known import calendar_of, data_at
from salescoach.meetings import Desk
from salescoach.metrics import METRICS
from salescoach.metrics.question import Question
from salescoach.observing import everything, held_back, imported, observed
from salescoach.review import content
from salescoach.statistics import gap_posterior
from salescoach.store.models import DevelopmentPlan, MentorPair, PlanStep, TrainingCompletion
from salescoach.store.service import growth

NOTHING_EXPECTED = 0.0
"""Nobody writes down how much a course should change when assigning it, so what follows is described, not judged."""
_BEFORE_AFTER = timedelta(days=182)
DAYS_SOON = 30


@dataclass(frozen=True)
class Matrix:
    """One person beside one role: what is expected, what was seen by others, and whether it is ready."""

    role: str
    gaps: tuple[rules.Gap, ...]
    ready: rules.Readiness


@dataclass(frozen=True)
class Studied:
    """One training of a person: the days on which it is taken up again, and what is seen of its effect."""

    entry: TrainingCompletion
    course: Course | None
    again: tuple[date, ...]
    effect: Remark | None


@dataclass(frozen=True)
class Growth:
    """Development of one rep, as the person before the screen may see and change it."""

    desk: Desk

    @property
    def today(self) -> date:
        """Today where the organisation is."""
        return datetime.now(self.desk.home.organisation.zone).date()

    @property
    def calendar(self) -> Calendar:
        """Working days of the organisation."""
        return calendar_of(self.desk.home.organisation)

    @property
    def role(self) -> str:
        """The rep's role in the data; empty when it is not known."""
        role = data_at(self.desk.home).rep(self.desk.rep_id)["role"]
        return "" if pd.isna(role) else str(role)

    # -- the matrix ----------------------------------------------------------------------------

    @cached_property
    def _observed(self) -> tuple[scorecards.Observation, ...]:
        return everything(self.desk)

    def matrix(self, role: str) -> Matrix:
        """The rep beside what *role* expects; UsageError for a role that is not in the competency matrix."""
        found = rules.gaps(self._needed(role), scorecards.profile(self._observed, self.desk.rep_id))
        return Matrix(role, found, rules.readiness(found))

    def _needed(self, role: str) -> Mapping[str, int]:
        """Levels of the role; for one that only a career path leads to, those of the path."""
        paths = {path.to_role: path.needed for path in self.paths()}
        roles = {name for skill in content().all(Competency) for name in skill.expected}
        return expected(content(), role) if role in roles or role not in paths else paths[role]

    def paths(self) -> tuple[CareerPath, ...]:
        """Career paths that begin at the rep's role; all of them where the role is not known."""
        return tuple(path for path in content().all(CareerPath) if self.role in ("", path.from_role))

    def evidence(self, competency: str) -> tuple[tuple[date, str, str], ...]:
        """Day, observer and quote of what others wrote about a competency, the newest first.

        The rep reads a quote after scoring the same thing: see :func:`salescoach.observing.held_back`.
        """
        waiting = held_back(self.desk, self._observed)
        found = [
            (one.day, one.observer, answer.evidence)
            for one in self._observed
            if not one.is_self and one.obs_id not in waiting
            for item in one.form.items
            if item.competency == competency and (answer := one.answers.get(item.item_id)) and answer.evidence
        ]
        return tuple(sorted(found, reverse=True))

    def self_gap(self) -> Mapping[str, scorecards.Score]:
        """Own points less those of others about the same subjects, by competency."""
        return scorecards.self_gap(self._observed, self.desk.rep_id)

    # -- the plan ------------------------------------------------------------------------------

    @property
    def plan(self) -> DevelopmentPlan | None:
        """The newest plan; None before there is one."""
        found = self.desk.record.entries(DevelopmentPlan, self.desk.rep_id)
        return found[-1] if found else None

    def begin(self, role: str, horizon: date | None, *, key: str) -> DevelopmentPlan:
        """Begin a plan towards *role*; the same *key* again begins nothing."""
        self._needed(role)
        plan = DevelopmentPlan(
            rep_id=self.desk.rep_id, key=key, motivation="", target_role=role or None, horizon=horizon
        )
        return self.desk.record.add(plan)

    def write_aim(self, text: str, before: str) -> str:
        """Where the person wants to go; a ConflictError with both texts when it no longer says *before*."""
        with self.desk.record.write() as unit:
            plans = unit.entries(DevelopmentPlan, self.desk.rep_id)
            if not plans:
                raise UsageError("There is no plan yet. Begin one first.")
            if plans[-1].motivation != before:
                raise ConflictError(text, plans[-1].motivation, plans[-1].version)
            return unit.save(replace(plans[-1], motivation=text)).motivation

    def steps(self, plan: DevelopmentPlan) -> tuple[PlanStep, ...]:
        """Steps of *plan*, the nearest first."""
        found = self.desk.record.entries(PlanStep, self.desk.rep_id, plan_id=plan.id)
        return tuple(sorted(found, key=lambda step: (step.due or date.max, step.id)))

    def add_step(
        self, plan: DevelopmentPlan, kind: str, competency: str, text: str, due: date | None, *, key: str
    ) -> PlanStep:
        """Add a step for a competency of the library."""
        skills = [skill.id for skill in content().all(Competency)]
        if competency not in skills:
            raise UsageError.unknown("competency", competency, skills)
        step = PlanStep(
            rep_id=self.desk.rep_id, key=key, plan_id=plan.id, competency_id=competency, action=text, kind=kind, due=due
        )
        return self.desk.record.add(step)

    def write_proof(self, step_id: int, text: str, before: str) -> str:
        """What shows that a step was done; a ConflictError with both texts when it no longer says *before*."""
        with self.desk.record.write() as unit:
            stored = unit.get(PlanStep, step_id)
            if stored.evidence != before:
                raise ConflictError(text, stored.evidence, stored.version)
            return unit.save(replace(stored, evidence=text)).evidence

    def set_state(self, step_id: int, status: str) -> PlanStep:
        """How far a step is. Done is what has a proof."""
        with self.desk.record.write() as unit:
            stored = unit.get(PlanStep, step_id)
            if status == "done" and not stored.evidence.strip():
                raise UsageError(self.desk.words("growth.step.proof_first"))
            return unit.save(replace(stored, status=status))

    def lacks(self, plan: DevelopmentPlan, matrix: Matrix) -> tuple[Remark, ...]:
        """What is missing or overdue in a plan."""
        gap_of = {gap.competency: gap for gap in matrix.gaps}
        steps = tuple(
            rules.Step(
                step.action, step.kind, step.competency_id, step.due,  # type: ignore[arg-type]  # checked by the record
                done=step.changed_at.date() if step.status == "done" and step.changed_at else None, proof=step.evidence,
            )
            for step in self.steps(plan)
            if step.status != "dropped"
        )  # fmt: skip
        coach, signed = self.desk.words("one_on_one.by.coach"), set()
        if plan.signed_rep_at:
            signed.add(self.desk.name)
        if plan.signed_manager_at:
            signed.add(coach)
        start = plan.created_at.date() if plan.created_at else self.today
        reviews = (plan.horizon,) if plan.horizon else ()
        found = rules.Plan(self.desk.name, plan.motivation, steps, start, reviews, frozenset(signed))
        return rules.plan_lacks(found, coach, gap_of, self.today)

    # -- mentors -------------------------------------------------------------------------------

    def mentors(self, matrix: Matrix, people: Sequence[str]) -> mentoring.Matches:
        """Who could help with the gaps, among *people*: by credible strengths, room and everybody's consent."""
        record, rep = self.desk.record, self.desk.rep_id
        seen = [*imported(self.desk.home, record, people), *observed(record)]
        strong = strengths([one for one in seen if one.rep_id in people])
        willing = growth.agreed(record, "mentor", people)
        day = self.today
        pairs = [
            pair
            for pair in record.readable(MentorPair)
            if pair.valid_from <= day and (pair.valid_to is None or day < pair.valid_to)
        ]
        load = {one: sum(pair.mentor_id == one for pair in pairs) for one in people}
        mentors = [
            mentoring.Mentor(one, strong.get(one, {}), one in willing, load[one]) for one in people if one != rep
        ]
        needs = {gap.competency: max(gap.expected - gap.seen.value, 0.5) for gap in matrix.gaps if gap.state == "gap"}
        mentee = mentoring.Mentee(rep, needs, bool(growth.agreed(record, "mentee", [rep])))
        return mentoring.matches([mentee], mentors, self._managers())

    def _managers(self) -> Mapping[str, str]:
        reps = data_at(self.desk.home).reps
        if "manager_id" not in reps:
            return {}
        return {str(rep): str(manager) for rep, manager in reps["manager_id"].items() if not pd.isna(manager)}

    def decide_mentor(self, mentor: str, competency: str, *, key: str) -> MentorPair:
        """A person decides on a mentor, from today on; UsageError without the consent of both."""
        for one, purpose in ((mentor, "mentor"), (self.desk.rep_id, "mentee")):
            if not growth.agreed(self.desk.record, purpose, [one]):  # type: ignore[arg-type]  # two of the purposes
                raise UsageError(self.desk.words("growth.mentor.no_consent", person=one))
        pair = MentorPair(
            rep_id=self.desk.rep_id, key=key, mentor_id=mentor, valid_from=self.today, competency_id=competency or None
        )
        return self.desk.record.add(pair)

    # -- training ------------------------------------------------------------------------------

    def offered(self, matrix: Matrix) -> Mapping[str, tuple[str, ...]]:
        """Courses for each competency with a gap that were not completed yet."""
        done = {one.course_id for one in self._trainings if one.status == "completed"}
        return rules.courses_for(matrix.gaps, courses(content()), done)

    @property
    def _trainings(self) -> tuple[TrainingCompletion, ...]:
        return self.desk.record.entries(TrainingCompletion, self.desk.rep_id)

    def trainings(self) -> tuple[Studied, ...]:
        """Trainings of the rep, the newest first."""
        known = {course.id: course for course in content().all(Course)}
        return tuple(self._studied(one, known.get(one.course_id)) for one in reversed(self._trainings))

    def _studied(self, one: TrainingCompletion, course: Course | None) -> Studied:
        if one.completed_at is None:
            return Studied(one, course, (), None)
        day = self.desk.local(one.completed_at).date()
        return Studied(one, course, rules.reinforcement(day, self.calendar), self._effect(one, course, day))

    def _effect(self, one: TrainingCompletion, course: Course | None, day: date) -> Remark | None:
        """What is seen of a training in the first share among its metrics; None where it has none in the data."""
        metric = next((METRICS[name] for name in (course.metrics if course else ()) if name in METRICS), None)
        if course is None or metric is None or metric.unit != "share":
            return None
        data, rep = data_at(self.desk.home), self.desk.rep_id
        end = min(day + _BEFORE_AFTER, data.as_of + timedelta(days=1))
        if end <= day:
            return None
        spans = Period("before", day - _BEFORE_AFTER, day), Period("after", day, end)
        before, after = (metric.answer(Question.about(data, span)) for span in spans)
        if rep not in before.index or rep not in after.index:
            return None
        mine = [_events(answer_of(rows.loc[[rep]])) for rows in (before, after)]
        peers = before[before["denominator"] > 0]
        everybody = peers["numerator"].astype(int).tolist(), peers["denominator"].astype(int).tolist()
        step = Intervention(
            rep, course.drivers[0] if course.drivers else "", day, end, one.author, course.check("en"),
            NOTHING_EXPECTED,
            self.desk.local(one.assigned_at).date(),
        )  # fmt: skip
        return rules.step_effect(step, mine[0], mine[1], everybody, days=(end - day).days)[1]

    def assign(self, course_id: str, due: date | None) -> TrainingCompletion:
        """Assign a course of the catalogue."""
        known = [course.id for course in content().all(Course)]
        if course_id not in known:
            raise UsageError.unknown("course", course_id, known)
        entry = TrainingCompletion(rep_id=self.desk.rep_id, course_id=course_id, assigned_at=datetime.now(UTC), due=due)
        return self.desk.record.add(entry)

    def complete(self, training_id: int, day: date | None = None) -> TrainingCompletion:
        """A course was completed on *day* (default: now)."""
        zone = self.desk.home.organisation.zone
        moment = datetime.combine(day, time(12), zone).astimezone(UTC) if day else datetime.now(UTC)
        with self.desk.record.write() as unit:
            stored = unit.get(TrainingCompletion, training_id)
            course = next((one for one in content().all(Course) if one.id == stored.course_id), None)
            hours = course.minutes / 60 if course else None
            return unit.save(replace(stored, status="completed", completed_at=moment, hours=hours))


def _events(answer: object) -> tuple[int, int]:
    """Events and trials of an answer; nothing of one that is not known."""
    events, trials = answer.numerator, answer.denominator  # type: ignore[attr-defined]
    return (int(events), int(trials)) if math.isfinite(events) and math.isfinite(trials) else (0, 0)


def strengths(observations: Sequence[scorecards.Observation]) -> Mapping[str, Mapping[str, float]]:
    """Probability by person and competency of standing above the others who were observed in it.

    From mean points with their errors, drawn towards each other; whoever has too few observations has no strength.
    """
    people = sorted({one.rep_id for one in observations})
    profiles = {rep: scorecards.profile(observations, rep) for rep in people}
    by_skill: dict[str, dict[str, scorecards.Score]] = defaultdict(dict)
    for rep, found in profiles.items():
        for skill, score in found.items():
            if score.na_reason is None:
                by_skill[skill][rep] = score
    strong: dict[str, dict[str, float]] = defaultdict(dict)
    for skill, scores in by_skill.items():
        if len(scores) < 2:
            continue  # above whom?
        means = np.array([score.value for score in scores.values()])
        errors = np.array(
            [(score.high - score.low) / 2 / special.stdtrit(score.n - 1, 0.95) for score in scores.values()]
        )
        found_gap = gap_posterior(means, np.maximum(errors, 0.1) ** 2)
        chances = special.ndtr(found_gap.mean / np.maximum(found_gap.sd, 1e-6))
        for rep, chance in zip(scores, chances, strict=True):
            strong[rep][skill] = float(chance)
    return strong
