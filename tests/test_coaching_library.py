"""The content library and the rules fit together: what a coach picks from the one is judged by the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from coaching_support import keys

from salescoach.calendar import Calendar
from salescoach.coaching.content import Course, Draft, GoalTemplate, LintRule, Recognition, Scorecard
from salescoach.coaching.development import REINFORCE_AFTER, courses_for, gaps, readiness
from salescoach.coaching.feedback import RULES, Evidence, Feedback, Reading, lint
from salescoach.coaching.from_library import behaviour_rule, courses, expected, form, goal, lint_rules, pulling
from salescoach.coaching.goal_set import conflicts, pair
from salescoach.coaching.goals import Baseline, measurable, specific
from salescoach.coaching.scorecards import Answer, Observation, Score, lacking, total
from salescoach.errors import UsageError
from salescoach.language import CODES, language
from salescoach.review import content

LIBRARY = content()
TEMPLATES = {template.id: template for template in LIBRARY.all(GoalTemplate)}


def filled(template: GoalTemplate, code: str):
    """The template with the numbers a person would add: a step in its better direction."""
    step = 1.0 if template.direction == "up" else -1.0
    base = Baseline(4.0, 3.0, 5.0, 40)
    target = base.value + step if template.kind == "outcome" else 3.0
    return replace(goal(template, code), scope="SMB", baseline=base, target=target)


@pytest.mark.parametrize("code", CODES)
def test_every_goal_template_is_specific_and_measurable_once_it_is_filled_in(code: str):
    for template in TEMPLATES.values():
        found = filled(template, code)
        assert specific(found)[0], (template.id, keys(specific(found)[1]))
        assert measurable(found)[0], (template.id, keys(measurable(found)[1]))


def test_every_pair_of_templates_is_a_pair():
    for template in TEMPLATES.values():
        if template.kind == "outcome":
            both = [goal(template, "en"), goal(TEMPLATES[template.pair], "en")]
            assert keys(pair(both)) == ["goals.pair.whole"], template.id


def test_conflicts_that_a_template_names_are_found():
    both = [goal(TEMPLATES["closing_outcome"], "en"), goal(TEMPLATES["negotiation_outcome"], "en")]

    assert [found.kind for found in conflicts(both, pulling(LIBRARY))] == ["pulling"]
    assert conflicts(both) == ()


@pytest.mark.parametrize("code", CODES)
def test_the_lint_knows_every_rule_and_leaves_our_own_drafts_alone(code: str):
    rules = lint_rules(LIBRARY, code)
    reading = Reading(language(code), rules, Calendar(), date(2026, 4, 10))

    assert {*RULES, "but"} <= rules.keys()
    for draft in LIBRARY.all(Draft):
        said = Feedback(
            "strength" if draft.kind == "strength" else "development", "R1", date(2026, 4, 9), "x", draft.text(code),
            "y", "z", "?", (Evidence("deal", "D1", "R1"),),
        )  # fmt: skip
        remarks = [one for one in lint(said, reading) if not one.key.endswith(".long")]
        assert remarks == [], (draft.id, [(one.key, dict(one.slots)) for one in remarks])


@pytest.mark.parametrize("code", CODES)
def test_every_phrase_of_the_lint_is_found(code: str):
    """Negative control: each trigger, written in a sentence, sets its rule off."""
    rules = lint_rules(LIBRARY, code)
    reading = Reading(language(code), rules, Calendar(), date(2026, 4, 10))
    for name in RULES:
        for phrase in LIBRARY.one(LintRule, name).triggers(code):
            said = Feedback("development", "R1", date(2026, 4, 9), "x", f"Acme: {phrase}.", "y", "z", "?",
                            (Evidence("deal", "D1", "R1"),))  # fmt: skip
            assert f"feedback.phrase.{name}" in keys(lint(said, reading)), phrase


def test_every_scorecard_can_be_filled_in_and_counted():
    for card in LIBRARY.all(Scorecard):
        points = {item.id: Answer(3) for item in card.items}
        seen = Observation("O1", form(card), "R1", "C1", date(2026, 4, 9), points)
        assert lacking(seen) == ()
        assert (total(seen).value, total(seen).covered) == (3.0, 1.0)


def test_the_matrix_gives_gaps_courses_and_an_answer_about_readiness():
    wanted = expected(LIBRARY, "AE")
    strong = {skill: Score(4.8, 4.6, 5.0, 12) for skill in wanted}
    weak = strong | {"discovery": Score(1.5, 1.2, 1.8, 12)}

    assert readiness(gaps(wanted, strong)).verdict == "ready"
    assert readiness(gaps(wanted, weak)).not_yet == ("discovery",)
    assert courses_for(gaps(wanted, weak), courses(LIBRARY), ())["discovery"]
    with pytest.raises(UsageError, match="SDR"):
        expected(LIBRARY, "Pilot")


def test_courses_are_taken_up_again_as_often_as_the_plan_says():
    assert {len(course.recall) for course in LIBRARY.all(Course)} == {len(REINFORCE_AFTER)}


def test_results_never_pass_for_behaviour():
    for item in LIBRARY.all(Recognition):
        if item.gate == "none":
            assert behaviour_rule(item, "tr").wanted >= 1
        else:
            with pytest.raises(UsageError, match=item.id):
                behaviour_rule(item, "tr")
