"""HR, an analyst and an administrator: that there is coaching and that rights are kept, and no word of what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from one_on_one_support import COACH, REP, button, desk_of, named, organisation, text_of
from record_examples import NOW
from store_places import Place

from salescoach.app.one_on_one import OVERSIGHT, STEPS, OneOnOneApp
from salescoach.errors import AccessDenied
from salescoach.meetings import open_record
from salescoach.resources import load_words
from salescoach.store import Principal, Record
from salescoach.store.models import AccessScope, Draft, Feedback, Goal, Notice, Objection, OneOnOne, PrivateNote
from salescoach.store.service import erasure, one_on_ones, oversight
from salescoach.store.service.datapack import data_pack
from salescoach.store.service.oversight import GroupCoaching
from salescoach.workspace import Workspace

EN = load_words("en")
HR, ANALYST, ADMIN, EXECUTIVE, STRANGER = "H1", "A1", "ADM", "E1", "nobody"
OBJECTION = "Two of these deals were not mine."
SAID = {
    "private note": "Zeynep hanimla konus", "shared note": "We listened to the Depo call together.",
    "agenda": "The price of Depo", "skill": "Ask for the effect of the problem", "goal": "Three meetings a week",
    "feedback": "You asked three questions",
}  # fmt: skip
TOLD = {
    "coaching": EN("oversight.coaching.title"), "objection": OBJECTION, "notices": EN("oversight.notices.title"),
    "requests": EN("oversight.requests.title"), "retention": EN("oversight.retention.title"),
    "scopes": EN("oversight.scopes.title"), "answer": EN("one_on_one.objection.uphold"), "name": "Elif Kaya",
}  # fmt: skip
SEEN = {
    HR: {"coaching", "objection", "notices", "requests", "retention", "answer", "name"},
    ANALYST: {"coaching"},
    ADMIN: {"coaching", "objection", "notices", "requests", "retention", "scopes", "name"},
    STRANGER: set(),
}
"""Written down here a second time, by hand, from the table of roles in the privacy notice."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Five reps; a meeting with everything that can be said in it, and an objection of the rep."""
    home = organisation(tmp_path_factory.mktemp("oversight"), more=3)
    with open_record(home, Principal.owner("root")) as record:
        record.add(scope(ADMIN, "admin"))
        record.add(scope(EXECUTIVE, "executive", "rep", REP))
        record.add(Notice(rep_id=REP, notice_version="v1", delivered_at=datetime.now(UTC)))
    coach = open_record(home, Principal(COACH))
    meeting = one_on_ones.plan(coach, REP, COACH, "weekly", planned_at=datetime.now(UTC))
    one_on_ones.set_agenda(coach, meeting, "manager", [SAID["agenda"]])
    one_on_ones.write_shared(coach, meeting, SAID["shared note"], version=0)
    coach.add(PrivateNote(rep_id=REP, one_on_one_id=meeting.id, text=SAID["private note"]))
    coach.add(Feedback(rep_id=REP, kind="strength", text=SAID["feedback"], evidence_refs=("deal:DX",)))
    coach.add(Goal(rep_id=REP, kind="behaviour", text=SAID["goal"], target=3.0, due=date(2026, 12, 1)))
    fresh = coach.get(OneOnOne, meeting.id)
    coach.save(replace(fresh, status="held", held_at=datetime.now(UTC), skill_commitment=SAID["skill"]))
    desk_of(home, REP).record.add(
        Objection(
            rep_id=REP, number_ref="metric:win_rate_count:2025Q4", text=OBJECTION, due=date(2025, 12, 3),
            first_value=0.5, first_low=0.3, first_high=0.7, first_n=12, first_as_of=date(2025, 11, 28),
        )
    )  # fmt: skip
    return home


def scope(who: str, level: str, kind: str = "org", subject: str = "*") -> AccessScope:
    return AccessScope(rep_id=who, level=level, subject_kind=kind, subject_id=subject, valid_from=date(2025, 1, 1))


def everything(home: Workspace, person: str) -> str:
    """All that somebody can read in the app, step by step."""
    app, texts = OneOnOneApp(home, "en", Principal(person)), []
    if REP in [rep for _, rep in app._people]:
        app._rep.value = REP
    for step in (*STEPS, OVERSIGHT):
        app._go(step)
        texts.append(text_of(app))
    return "\n".join(texts)


# -- the screen ----------------------------------------------------------------------------------


@pytest.mark.parametrize("person", SEEN)
def test_each_role_sees_its_part_and_no_word_of_a_one_on_one(home: Workspace, person: str):
    seen = everything(home, person)

    assert {name for name, text in TOLD.items() if text in seen} == SEEN[person]
    assert [name for name, text in SAID.items() if text in seen] == []


def test_the_coach_does_read_all_of_it_and_oversees_nothing(home: Workspace):
    """Negative control of the absences above."""
    seen = everything(home, COACH)

    assert [name for name, text in SAID.items() if text not in seen] == []
    assert TOLD["coaching"] not in seen


def test_a_manager_with_the_switch_reads_shared_words_and_no_private_ones_and_it_is_logged(home: Workspace):
    """The switch makes a manager of whoever has it: results, goals and promises come with the notes."""
    app = OneOnOneApp(home, "en", Principal(EXECUTIVE))
    seen = everything(home, EXECUTIVE)
    with open_record(home, Principal.owner("root")) as record:
        views = data_pack(record, REP, why="test")["views"]

    assert [rep for _, rep in app._people] == [REP]
    assert [name for name, text in SAID.items() if text not in seen] == ["private note"]
    assert [view["page"] for view in views if view["page"].startswith("one_on_one")] != []


@pytest.mark.parametrize(("person", "role"), [(HR, "hr"), (ANALYST, "analyst"), (ADMIN, "admin")])
@pytest.mark.parametrize("language", ["tr", "en"])
def test_each_role_is_told_what_it_sees_and_why_not_more(home: Workspace, person: str, role: str, language: str):
    app = OneOnOneApp(home, language, Principal(person))

    assert load_words(language)(f"oversight.role.{role}") in text_of(app).replace("&#x27;", "'")


def test_the_figures_of_an_objection_come_from_it_and_not_from_the_persons_results(home: Workspace):
    seen = everything(home, HR)

    assert "50% (30%–70%, n = 12, data as of 28 Nov 2025)" in seen.replace("\xa0", " ")
    assert EN("dispute.first", figure="|").split("|")[0] in seen


def test_hr_answers_an_objection_and_that_hr_looked_is_logged(home: Workspace):
    app = OneOnOneApp(home, "en", Principal(HR))
    named(app, EN("one_on_one.objection.reasons")).value = "The owner was changed on 3 October."
    draft = desk_of(home, HR).record.readable(Draft)
    button(app, EN("one_on_one.objection.decline")).click()
    objection = desk_of(home, REP).objections()[0]
    with open_record(home, Principal.owner("root")) as record:
        views = data_pack(record, REP, why="test")["views"]

    assert [one.text for one in draft] == ["The owner was changed on 3 October."]  # kept while it is written
    assert (objection.status, objection.examined_by) == ("declined", HR)
    assert "objections" in [view["page"] for view in views]


def test_the_owner_of_a_laptop_is_a_coach_there_and_nobody_to_be_overseen(home: Workspace):
    assert OVERSIGHT not in OneOnOneApp(home, "en", Principal.owner("root")).steps


# -- the service ---------------------------------------------------------------------------------

TEAMS = (
    {f"N{n}": "North" for n in range(5)} | {f"S{n}": "South" for n in range(3)} | {f"W{n}": "West" for n in range(2)}
)


@pytest.fixture
def record(place: Place) -> Iterator[Record]:
    """Five in the north, three in the south, two in the west; two of the north and one of the south were met."""
    with Record.open(place.url, Principal.owner("root"), clock=lambda: NOW) as record:
        record.add(scope("hr", "hr"))
        record.add(scope("partial", "hr", "rep", "N1"))
        for rep, days in (("N0", 1), ("N0", 8), ("N1", 3), ("S0", 3), ("N2", 90)):
            held_at = NOW - timedelta(days=days)
            meeting = one_on_ones.plan(record, rep, "C", "weekly", planned_at=held_at)
            held = one_on_ones.hold(record, meeting, held_at=held_at)
            if days == 1:
                both = record.of(Principal.owner("root", beside=rep))
                one_on_ones.sign(both, one_on_ones.sign(both, held, "coach"), "rep")
        yield record


def month(record: Record, person: str, teams: dict[str, str] = TEAMS) -> tuple[GroupCoaching, ...]:
    return oversight.coaching_by_group(record.of(Principal(person)), teams, NOW - timedelta(days=28))


def test_groups_are_counted_by_hand_and_small_ones_together(record: Record):
    """N2's meeting was before the four weeks; south and west, three and two people, are told as one."""
    assert month(record, "hr") == (GroupCoaching("", 5, 1, 1, 0), GroupCoaching("North", 5, 2, 3, 1))


def test_fewer_than_five_are_left_out_also_from_every_sum(record: Record):
    """Without the west the south has three: nothing is told of it, and no total from which it would follow."""
    without_west = {rep: team for rep, team in TEAMS.items() if team != "West"}

    assert month(record, "hr", without_west) == (GroupCoaching("North", 5, 2, 3, 1),)


@pytest.mark.parametrize("person", ["partial", "nobody", "C"])
def test_who_oversees_only_part_of_a_group_learns_nothing_of_it(record: Record, person: str):
    """With one of five overseen, the rest would follow from the sum."""
    assert month(record, person) == ()


def test_hr_knows_whose_data_were_written_out_and_that_somebody_was_erased(record: Record):
    for rep in ("N0", "N1"):
        data_pack(record, rep, why="asked for")
    erasure.erase_person(record, "N0", why="request")

    for_all, for_one = (oversight.handed(record.of(Principal(person))) for person in ("hr", "partial"))
    assert [(one.act, one.person) for one in for_all] == [("erased", ""), ("exported", "N1"), ("exported", "")]
    assert [(one.act, one.person) for one in for_one] == [("erased", ""), ("exported", "N1"), ("exported", "")]


def test_what_was_kept_too_long_is_counted_for_hr_and_erased_by_an_administrator_alone(place: Place):
    clock = [NOW]
    with Record.open(place.url, Principal.owner("root"), clock=lambda: clock[0]) as record:
        record.add(scope("hr", "hr"))
        record.add(PrivateNote(rep_id="R1", text="old"))
        clock[0] = NOW + timedelta(days=800)
        hr = record.of(Principal("hr"))

        assert erasure.overdue(hr) == {"private_note": 1}
        with pytest.raises(AccessDenied):
            erasure.retention(hr, apply=True)
        assert erasure.retention(record, apply=True) == {"private_note": 1}


@pytest.mark.parametrize("ask", [oversight.handed, erasure.overdue])
def test_nobody_else_may_ask(record: Record, ask: object):
    with pytest.raises(AccessDenied):
        ask(record.of(Principal("nobody")))  # type: ignore[operator]


def test_hr_keeps_the_draft_of_an_answer_and_no_private_note(record: Record):
    hr = record.of(Principal("hr"))

    assert hr.add(Draft(rep_id="N0", form="objection 1", text="…")).author == "hr"
    with pytest.raises(AccessDenied):
        hr.add(PrivateNote(rep_id="N0", text="…"))
