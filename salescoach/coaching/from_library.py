"""From the content library to what the rules work with: a template becomes a goal, a scorecard a form, a list a rule.

The rules know nothing of files or of two languages; the library knows nothing of rules. Only this module knows both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from salescoach.coaching import content as library
from salescoach.coaching.development import Course
from salescoach.coaching.feedback import Rule
from salescoach.coaching.goals import Goal
from salescoach.coaching.recognition import BehaviourRule
from salescoach.coaching.scorecards import Form, Item
from salescoach.errors import UsageError


def lint_rules(content: library.Content, code: str) -> Mapping[str, Rule]:
    """Phrases of each rule of the lint in the language *code*."""
    return {
        rule.id: Rule(rule.triggers(code), rule.exempt(code), rule.blocks) for rule in content.all(library.LintRule)
    }


def goal(template: library.GoalTemplate, code: str) -> Goal:
    """A goal as the template begins it in the language *code*; numbers, days and scope are for people to fill in."""
    return Goal(
        text=template.title(code),
        kind=cast(Literal["outcome", "behaviour"], template.kind),
        metric_id=template.metric,
        verb=template.verb(code),
        thing=template.object(code),
        unit=template.unit,
        driver=template.drivers[0] if template.drivers else template.theme,
        direction=cast(Literal["up", "down"], template.direction),
    )


def pulling(content: library.Content) -> tuple[tuple[str, str], ...]:
    """Metrics that pull against each other, as the goal templates name them."""
    return tuple(
        (template.metric, other)
        for template in content.all(library.GoalTemplate)
        if template.metric
        for other in template.conflicts
    )


def form(card: library.Scorecard) -> Form:
    """The form of a scorecard in its version."""
    items = tuple(Item(item.id, item.competency, float(item.weight)) for item in card.items)
    return Form(card.id, card.version, items)


def expected(content: library.Content, role: str) -> Mapping[str, int]:
    """Level that *role* expects of each competency it needs; UsageError for a role that needs none."""
    found = {skill.id: skill.expected[role] for skill in content.all(library.Competency) if role in skill.expected}
    if not found:
        known = sorted({name for skill in content.all(library.Competency) for name in skill.expected})
        raise UsageError.unknown("role in the competency matrix", role, known)
    return found


def courses(content: library.Content) -> tuple[Course, ...]:
    """The catalogue: each course once for every competency that it raises."""
    return tuple(
        Course(course.id, skill, course.minutes / 60)
        for course in content.all(library.Course)
        for skill in course.competencies
    )


def behaviour_rule(item: library.Recognition, code: str) -> BehaviourRule:
    """The rule behind a recognition of behaviour; UsageError for one that rests on results."""
    if item.gate != "none":
        raise UsageError(f"'{item.id}' rests on results and stands behind the gate of a signal; it is no behaviour.")
    return BehaviourRule(item.id, item.title(code), item.at_least)
