"""What the record promises to a coach and a rep who plan, hold and sign a one-on-one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from store_places import Place

from salescoach.calendar import Period
from salescoach.errors import AccessDenied, ConflictError, UsageError
from salescoach.store import Principal, Record
from salescoach.store.models import AccessScope, ActionItem, AgendaItem, Draft, Feedback, Goal, OneOnOne, PrivateNote
from salescoach.store.service import agreements, one_on_ones

Q4 = Period("2025Q4", date(2025, 10, 1), date(2026, 1, 1))
NOW = datetime(2025, 11, 3, 9, tzinfo=UTC)


@pytest.fixture
def owner(place: Place) -> Iterator[Record]:
    with Record.open(place.url, Principal.owner("admin"), clock=lambda: NOW) as record:
        for coach in ("coach", "second coach"):
            record.add(
                AccessScope(
                    rep_id=coach, level="coach", subject_kind="rep", subject_id="R1", valid_from=date(2025, 1, 1)
                )
            )
        record.add(
            AccessScope(
                rep_id="boss", level="manager", subject_kind="rep", subject_id="R1", valid_from=date(2025, 1, 1)
            )
        )
        yield record


@pytest.fixture
def coach(owner: Record) -> Record:
    return owner.of(Principal("coach"))


@pytest.fixture
def rep(owner: Record) -> Record:
    return owner.of(Principal("R1"))


def test_meetings_are_numbered_and_a_retry_plans_nothing(coach: Record) -> None:
    first = one_on_ones.plan(coach, "R1", "coach", "weekly", planned_at=NOW, key="a")

    assert one_on_ones.plan(coach, "R1", "coach", "weekly", planned_at=NOW, key="a") == first
    assert one_on_ones.plan(coach, "R1", "coach", "skill").number == 2


def test_the_agenda_has_three_points_of_the_rep_and_one_of_the_manager(coach: Record, rep: Record) -> None:
    meeting = one_on_ones.plan(coach, "R1", "coach", "weekly")
    one_on_ones.set_agenda(rep, meeting, "rep", ["deal D7", "pricing", "holidays"])
    one_on_ones.set_agenda(coach, meeting, "manager", ["discovery"])

    with pytest.raises(UsageError, match="three items"):
        one_on_ones.set_agenda(rep, meeting, "rep", ["1", "2", "3", "4"])
    again = one_on_ones.set_agenda(rep, meeting, "rep", ["deal D7"])

    assert [item.text for item in again] == ["deal D7", "", ""]
    assert [item.text for item in one_on_ones.meeting(coach, meeting.id).agenda if item.text] == [
        "deal D7",
        "discovery",
    ]


def test_a_draft_is_its_authors_alone(coach: Record, rep: Record, owner: Record) -> None:
    kept = one_on_ones.autosave(coach, "R1", "one_on_one 1", "shared", "half a sen")
    kept = one_on_ones.autosave(coach, "R1", "one_on_one 1", "shared", "half a sentence", version=kept.version)

    assert one_on_ones.draft(coach, "R1", "one_on_one 1", "shared") == kept
    for other in (rep, owner, owner.of(Principal("second coach"))):
        assert one_on_ones.draft(other, "R1", "one_on_one 1", "shared") is None
        assert other.entries(Draft) == ()
    with pytest.raises(ConflictError) as conflict:
        one_on_ones.autosave(coach, "R1", "one_on_one 1", "shared", "a second window", version=1)
    assert (conflict.value.mine, conflict.value.theirs) == ("a second window", "half a sentence")
    one_on_ones.discard_draft(coach, "R1", "one_on_one 1", "shared")
    assert one_on_ones.draft(coach, "R1", "one_on_one 1", "shared") is None


def test_a_draft_knows_what_stood_there_when_it_was_begun(coach: Record) -> None:
    place = ("R1", "one_on_one 1", "shared")
    kept = one_on_ones.autosave(coach, *place, "mine", base="first")
    one_on_ones.autosave(coach, *place, "mine again", version=kept.version, base="second")

    assert one_on_ones.draft_base(coach, *place) == "first"
    one_on_ones.discard_draft(coach, *place)
    assert one_on_ones.draft_base(coach, *place) == ""
    one_on_ones.autosave(coach, *place, "anew", base="second")
    assert one_on_ones.draft_base(coach, *place) == "second"


def test_a_second_coach_cannot_see_the_private_notes_of_the_first(coach: Record, owner: Record, rep: Record) -> None:
    meeting = one_on_ones.plan(coach, "R1", "coach", "weekly")
    note = coach.add(PrivateNote(rep_id="R1", one_on_one_id=meeting.id, text="be patient"))

    assert one_on_ones.meeting(coach, meeting.id).private == (note,)
    for name in ("second coach", "R1"):
        other = owner.of(Principal(name))
        assert one_on_ones.meeting(other, meeting.id).private == ()
        with pytest.raises(AccessDenied):
            other.get(PrivateNote, note.id)
    batch = owner.of(Principal("coach", batch=True))
    assert one_on_ones.meeting(batch, meeting.id).private == ()
    assert batch.entries(PrivateNote) == ()


def test_both_sign_what_stands_there(coach: Record, rep: Record) -> None:
    planned = one_on_ones.plan(coach, "R1", "coach", "weekly")
    with pytest.raises(UsageError, match="held"):
        one_on_ones.sign(coach, planned, "coach")
    held = one_on_ones.hold(coach, planned, held_at=NOW, duration_s=1800)
    signed = one_on_ones.sign(coach, held, "coach")

    note = one_on_ones.write_shared(rep, signed, "We agreed on X.", version=0)  # takes the signature back
    reopened = coach.get(OneOnOne, signed.id)
    assert reopened.signed_coach_at is None

    signed = one_on_ones.sign(rep, one_on_ones.sign(coach, reopened, "coach"), "rep")
    assert signed.is_closed
    with pytest.raises(UsageError, match="signed by both"):
        one_on_ones.write_shared(rep, signed, "We agreed on Y.", version=note.version)
    with pytest.raises(UsageError, match="signed by both"):
        coach.save(replace(signed, skill_commitment="another"))


def test_nobody_signs_for_the_other(coach: Record, rep: Record) -> None:
    held = one_on_ones.hold(coach, one_on_ones.plan(coach, "R1", "coach", "weekly"), held_at=NOW)

    with pytest.raises(AccessDenied):
        one_on_ones.sign(coach, held, "rep")
    with pytest.raises(AccessDenied):
        coach.save(replace(held, signed_rep_at=NOW))
    with pytest.raises(AccessDenied):
        one_on_ones.sign(rep, held, "coach")


def test_on_a_laptop_the_rep_signs_at_the_coachs_screen(owner: Record) -> None:
    held = one_on_ones.hold(owner, one_on_ones.plan(owner, "R1", "admin", "weekly"), held_at=NOW)
    with pytest.raises(AccessDenied):
        one_on_ones.sign(owner, held, "rep")

    beside = owner.of(Principal.owner("admin", beside="R1"))

    assert one_on_ones.sign(beside, held, "rep").signed_rep_at == NOW


def test_an_open_promise_is_carried_and_a_done_one_is_not(coach: Record) -> None:
    first = one_on_ones.plan(coach, "R1", "coach", "weekly")
    promise = one_on_ones.promise(coach, first, Q4, text="Call Ayşe", key="k")
    second = one_on_ones.plan(coach, "R1", "coach", "weekly")

    assert one_on_ones.meeting(coach, second.id).carried == (promise,)
    carried = one_on_ones.carry(coach, second, promise)
    assert (carried.one_on_one_id, carried.carried_from) == (second.id, first.id)
    done = one_on_ones.set_status(coach, carried, "done")
    third = one_on_ones.plan(coach, "R1", "coach", "weekly")
    assert one_on_ones.meeting(coach, third.id).carried == ()
    with pytest.raises(UsageError, match="closed already"):
        one_on_ones.carry(coach, third, done)
    assert [version.status for version in coach.history(ActionItem, promise.id)] == ["open", "open", "done"]


def test_a_part_cannot_be_hung_on_somebody_elses_meeting(owner: Record) -> None:
    meeting = one_on_ones.plan(owner, "R1", "admin", "weekly")

    with pytest.raises(UsageError, match="no one on one"):
        owner.add(AgendaItem(rep_id="R2", one_on_one_id=meeting.id, by="rep", place=1, text="x"))


# -- goals and feedback ------------------------------------------------------------------------


def test_a_goal_is_signed_by_both_and_a_changed_promise_is_accepted_anew(coach: Record, rep: Record) -> None:
    goal = agreements.propose(
        coach, Goal(rep_id="R1", text="Win more", kind="outcome", target=0.3, due=date(2026, 3, 31), baseline_n=40)
    )
    goal = agreements.accept(rep, agreements.accept(coach, goal, "coach"), "rep")
    assert goal.status == "signed"

    changed = coach.save(replace(goal, target=0.5))

    assert (changed.status, changed.accepted_rep_at, changed.accepted_coach_at) == ("proposed", None, None)
    assert [version.target for version in rep.history(Goal, goal.id)] == [0.3, 0.3, 0.3, 0.5]
    with pytest.raises(AccessDenied):
        agreements.accept(coach, changed, "rep")


def test_a_dispute_keeps_both_texts_and_is_decided_by_another(coach: Record, rep: Record, owner: Record) -> None:
    given = coach.add(Feedback(rep_id="R1", kind="development", text="You talk 70 %", evidence_refs=("observation:1",)))
    disputed = agreements.dispute(rep, agreements.reply(rep, given, "I see"), "It was 50 %")

    with pytest.raises(AccessDenied):
        agreements.decide(coach, disputed, upheld=False, text="No")
    with pytest.raises(AccessDenied):
        rep.save(replace(disputed, text="You are great"))
    decided = agreements.decide(owner.of(Principal("boss")), disputed, upheld=True, text="The recording says 50 %")

    assert (decided.dispute_status, decided.text, decided.dispute_text, decided.reply_text) == (
        "upheld", "You talk 70 %", "It was 50 %", "I see",
    )  # fmt: skip


def test_feedback_without_evidence_is_refused(coach: Record) -> None:
    with pytest.raises(UsageError, match="rests on evidence"):
        coach.add(Feedback(rep_id="R1", kind="strength", text="Well done", evidence_refs=()))
