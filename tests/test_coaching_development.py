"""A plan leans on what was seen; nobody is declared ready by a sum; mentors help outside their own line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from coaching_support import keys, read
from hypothesis import given, settings
from hypothesis import strategies as st

from salescoach.calendar import Calendar
from salescoach.coaching.development import (
    Course,
    Plan,
    Step,
    courses_for,
    gaps,
    plan_lacks,
    readiness,
    reinforcement,
    step_effect,
)
from salescoach.coaching.mentoring import Matches, Mentee, Mentor, matches
from salescoach.coaching.scorecards import Score, score
from salescoach.diagnosis.effect import Intervention

AS_OF = date(2026, 4, 10)
ROLE = {"discovery": 3, "closing": 4}
CALENDAR = Calendar()


def states(**seen: Score) -> list[str]:
    return [gap.state for gap in gaps(ROLE, seen)]


# --- where somebody stands ------------------------------------------------------------------------------------


def test_a_level_is_reached_or_missed_only_if_the_whole_interval_says_so():
    """Level 3 begins where a mean rounds to it, at 2.5."""
    assert states(discovery=Score(2.9, 2.5, 3.3, 8), closing=Score(2.8, 2.2, 3.4, 8)) == ["reached", "gap"]
    assert states(discovery=Score(2.9, 2.4, 3.4, 8), closing=Score(3.4, 2.9, 3.9, 8)) == ["unclear", "unclear"]


def test_few_observations_are_no_gap():
    """Two low scores: the plain mean would already call it one."""
    found = gaps(ROLE, {"discovery": score([1.0, 2.0])})[0]

    assert (found.state, found.needed) == ("too_early", 3)
    assert sum([1.0, 2.0]) / 2 < ROLE["discovery"] - 0.5  # negative control


def test_readiness_is_not_a_sum():
    """Far above in one, clearly below in the other: the mean of 4.5 and 2 would pass a bar of 3.25."""
    both = gaps(
        {"discovery": 2, "closing": 4}, {"discovery": Score(4.5, 4.2, 4.8, 9), "closing": Score(2, 1.8, 2.2, 9)}
    )

    assert readiness(both).verdict == "not_yet"
    assert readiness(both).not_yet == ("closing",)
    assert (4.5 + 2) / 2 > (2 - 0.5 + 4 - 0.5) / 2  # negative control


def test_what_was_not_seen_makes_nobody_ready():
    seen = {"discovery": Score(4.0, 3.8, 4.2, 9)}

    assert readiness(gaps(ROLE, seen)).open == ("closing",)
    assert readiness(gaps(ROLE, seen)).verdict == "too_early"
    assert readiness([]).verdict == "too_early"
    assert readiness(gaps({"discovery": 3}, seen)).verdict == "ready"


# --- the plan -----------------------------------------------------------------------------------------------------

STEP = Step("lead two discovery calls", "experience", "discovery", date(2026, 5, 8))
PLAN = Plan("R1", "key accounts in two years", (STEP,), AS_OF, (date(2026, 5, 8),), frozenset({"R1", "M1"}))
GAP = {"discovery": gaps({"discovery": 3}, {"discovery": Score(2.0, 1.8, 2.2, 9)})[0]}


def lacks(plan: Plan = PLAN, gap_of=GAP) -> list[str]:
    found = plan_lacks(plan, "M1", gap_of, AS_OF)
    assert all(read(found, code) or not found for code in ("en", "tr"))
    return keys(found)


def test_a_whole_plan_lacks_nothing():
    assert lacks() == []


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"aspiration": " "}, "plan.no_aspiration"),
        ({"steps": ()}, "plan.no_steps"),
        ({"reviews": ()}, "plan.no_review"),
        ({"signed_by": frozenset({"R1"})}, "plan.unsigned"),
        ({"steps": (replace(STEP, due=None),)}, "step.no_date"),
        ({"steps": (replace(STEP, due=date(2026, 4, 1)),)}, "step.overdue"),
        ({"steps": (replace(STEP, done=AS_OF),)}, "step.no_proof"),
        ({"steps": (replace(STEP, kind="education"),)}, "plan.only_courses"),
    ],
)
def test_a_plan_says_what_it_lacks(change, key):
    assert lacks(replace(PLAN, **change)) == [f"development.{key}"]


def test_a_step_leans_on_what_was_seen():
    assert lacks(gap_of={}) == ["development.step.no_evidence"]


def test_one_skill_a_month():
    other = replace(STEP, competency="closing", due=date(2026, 5, 20))
    later = replace(other, due=date(2026, 7, 1))
    seen = GAP | {"closing": replace(GAP["discovery"], competency="closing")}

    assert lacks(replace(PLAN, steps=(STEP, other)), seen) == ["development.plan.many_skills"]
    assert lacks(replace(PLAN, steps=(STEP, later)), seen) == []


def test_courses_are_offered_for_gaps_only_and_once():
    catalogue = [Course("C1", "discovery"), Course("C2", "discovery"), Course("C3", "closing")]

    assert courses_for(list(GAP.values()), catalogue, {"C1"}) == {"discovery": ("C2",)}
    assert courses_for(gaps(ROLE, {}), catalogue, ()) == {}


@settings(deadline=None)
@given(st.dates(date(2025, 1, 1), date(2026, 9, 1)))
def test_what_was_learnt_is_taken_up_on_working_days_in_order(day):
    found = reinforcement(day, CALENDAR)

    assert list(found) == sorted(found)
    assert all(CALENDAR.working_days(one, date.fromordinal(one.toordinal() + 1)) > 0 for one in found)
    assert all(0 <= (one - day).days - wanted <= 10 for one, wanted in zip(found, (2, 7, 21, 60), strict=True))


def test_an_effect_is_judged_against_the_return_that_was_due():
    """From 4 of 40 to 10 of 40, where everybody wins a quarter: that is where chance leads anyway."""
    everybody = [4, *[10] * 9], [40] * 10
    written = Intervention("R1", "stage_2", AS_OF, AS_OF, "lowest_metric", "more questions", 0.3, date(2026, 4, 1))
    found, said = step_effect(written, (4, 40), (10, 40), everybody)

    assert found.verdict in ("no_sign", "cannot_tell")
    assert 10 / 40 > 2 * (4 / 40)  # negative control: before and after
    assert read([said], "tr")
    late = step_effect(replace(written, recorded=date(2026, 5, 1)), (4, 40), (30, 40), everybody)
    assert late[1].key == "development.effect.descriptive_only"
    assert step_effect(written, (4, 40), (30, 40), everybody)[1].key == "development.effect.moved"


# --- mentors --------------------------------------------------------------------------------------------------------

ELIF = Mentor("Elif", {"discovery": 0.95, "closing": 0.85}, consents=True, limit=1)
CAN = Mentor("Can", {"discovery": 0.90}, consents=True, limit=1)
ALI = Mentee("Ali", {"discovery": 1.0}, consents=True)
NAZ = Mentee("Naz", {"closing": 1.0}, consents=True)


def who(found: Matches) -> dict[str, str]:
    return {pair.mentee: pair.mentor for pair in found.pairs}


def test_together_as_many_needs_as_possible_are_answered():
    """Taking the best for Ali first would leave Naz without anybody."""
    assert who(matches([ALI, NAZ], [ELIF, CAN], {})) == {"Ali": "Can", "Naz": "Elif"}
    assert max([ELIF, CAN], key=lambda one: one.strengths["discovery"]) is ELIF  # negative control


@pytest.mark.parametrize("order", [(ELIF, CAN), (CAN, ELIF)])
def test_the_order_of_people_changes_nothing(order):
    assert who(matches([NAZ, ALI], order, {})) == {"Ali": "Can", "Naz": "Elif"}


def test_nobody_mentors_in_their_own_line():
    """Elif is the manager of Ali's manager."""
    line = {"Ali": "Boss", "Boss": "Elif"}

    assert who(matches([ALI], [ELIF], line)) == {}
    assert matches([ALI], [ELIF], line).without == {"Ali": "no_strength"}
    assert who(matches([ALI], [CAN], line)) == {"Ali": "Can"}


@pytest.mark.parametrize(
    ("mentee", "mentor", "why"),
    [
        (replace(ALI, consents=False), CAN, "no_consent"),
        (ALI, replace(CAN, consents=False), "no_strength"),
        (ALI, replace(CAN, strengths={"discovery": 0.8}), "no_strength"),  # not more than .8
        (ALI, replace(CAN, load=1), "no_room"),
        (ALI, replace(CAN, rep_id="Ali"), "no_strength"),
    ],
)
def test_who_has_no_mentor_is_told_why(mentee, mentor, why):
    found = matches([mentee], [mentor], {})

    assert found.pairs == ()
    assert found.reason("Ali") == f"development.unmatched.{why}"


def test_a_mentor_with_room_for_two_takes_two():
    both = matches([ALI, NAZ], [replace(ELIF, limit=2)], {})

    assert who(both) == {"Ali": "Elif", "Naz": "Elif"}
    assert len(who(matches([ALI, NAZ], [ELIF], {}))) == 1
    assert matches([], [], {}) == Matches((), {})
