"""Who may read and write what: every role, every table, every verb, on both sides of the scope's dates."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from record_examples import ABOUT_NOBODY, NOW, example
from store_places import Place

from salescoach.errors import AccessDenied, SalesCoachError
from salescoach.store import Principal, Record
from salescoach.store.models import KINDS, AccessScope, ActionItem, PeriodNote, PrivateNote
from salescoach.store.models.entry import OneOf
from salescoach.store.policy import EXECUTIVE, GRANTED, MANAGER, MEMBER, SELF, STANDINGS
from salescoach.store.service.access import Access

OWNER = Principal.owner("the owner")
ROLES = [*GRANTED, SELF, "nobody", "former coach", "coach of another", "team coach", "coach of a team without members"]


def scope(viewer: str, level: str, subject: str, kind: str = "rep", **dates: date) -> AccessScope:
    return AccessScope(
        rep_id=viewer, level=level, subject_kind=kind, subject_id=subject, **{"valid_from": date(2025, 1, 1), **dates}
    )


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    path = tmp_path_factory.mktemp("rights") / "coaching.db"
    teams = {"R1": frozenset({"T1"})}
    with Record.open(
        f"sqlite:///{path}", OWNER, clock=lambda: NOW, teams=lambda rep, day: teams.get(rep, frozenset())
    ) as record:
        with record.write() as unit:
            for level in GRANTED:
                unit.add(scope(level, level, "R1"))
            unit.add(scope("former coach", "coach", "R1", valid_to=NOW.date()))
            unit.add(scope("coach of another", "coach", "R2"))
            unit.add(scope("team coach", "coach", "T1", "team"))
            unit.add(scope("coach of a team without members", "coach", "T9", "team"))
        yield record


def expected_standings(role: str, kind: str) -> set[str]:
    """Written down here a second time, by hand, from the table of roles."""
    about_nobody = kind in ABOUT_NOBODY
    if role == SELF:
        return set() if about_nobody else {SELF}
    level = {"team coach": "coach", "coach of another": "coach", "coach of a team without members": "coach"}.get(
        role, role
    )
    if role in ("nobody", "former coach"):
        return set()
    levels = {level, MANAGER} if level == EXECUTIVE else {level}
    if about_nobody:
        return levels | {MEMBER}
    return levels if role in GRANTED or role == "team coach" else set()


def principal(role: str) -> Principal:
    return Principal("R1" if role == SELF else role)


@pytest.mark.parametrize("role", ROLES)
def test_the_matrix_of_rights(owner: Record, role: str) -> None:
    """One cell per role, table and way of asking: 12 roles × 30 tables × 4 are over 1,400."""
    me, beside = owner.of(principal(role)), owner.of(replace(OWNER, beside="R1"))
    for kind in KINDS.values():
        with beside.write() as unit:
            there, mine = unit.add(example(kind, "R1", unit)), example(kind, "R1", unit)
        standings = expected_standings(role, kind.name)
        may_read = bool(standings & kind.policy.read)
        cells = {
            "get": (allowed(me.get, kind.entry, there.id), may_read),
            "list": (there.id in [each.id for each in me.readable(kind.entry)], may_read),
            "add": (allowed(me.add, mine), bool(standings & kind.policy.add)),
            "change": (allowed(me.save, changed(there)), may_read and bool(standings & kind.policy.change)),
        }

        assert {verb: got for verb, (got, _) in cells.items()} == {verb: want for verb, (_, want) in cells.items()}, (
            kind
        )


def changed(entry: object) -> object:
    """A copy with another word in a field that has no right of its own."""
    kind = KINDS[next(name for name, kind in KINDS.items() if isinstance(entry, kind.entry))]
    for name in kind.written:
        value = getattr(entry, name)
        if name in kind.policy.fields or kind.marked(OneOf).count(name) or not isinstance(value, str):
            continue
        return replace(entry, **{name: value + "."})  # type: ignore[type-var]
    return replace(entry, **{name: not getattr(entry, name) for name in ("na", "is_self") if hasattr(entry, name)})  # type: ignore[type-var]


def allowed(ask: Callable[..., object], *given: object) -> bool:
    """Whether it was let through; a rule that then forbids the words is another matter than the right to write."""
    try:
        ask(*given)
    except AccessDenied:
        return False
    except SalesCoachError:
        return True
    return True


def test_negative_control_a_policy_that_nobody_enforces_fails_the_matrix(
    owner: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Access, "standings", lambda self, rep_id, author="": frozenset(STANDINGS))

    with pytest.raises(AssertionError):
        test_the_matrix_of_rights(owner, "nobody")


def test_the_matrix_has_five_hundred_cells() -> None:
    assert len(list(itertools.product(ROLES, KINDS, range(4)))) >= 500


# -- dates and teams ---------------------------------------------------------------------------


def test_access_begins_and_ends_with_its_dates(place: Place) -> None:
    now = [datetime(2025, 1, 1, tzinfo=UTC)]
    with Record.open(place.url, OWNER, clock=lambda: now[0]) as record:
        record.add(scope("C", "coach", "R1", valid_from=date(2025, 3, 1), valid_to=date(2025, 6, 1)))
        record.add(PeriodNote(rep_id="R1", period="2025Q1", period_start=date(2025, 1, 1), text="x"))
        coach, seen = record.of(Principal("C")), {}
        for day in (date(2025, 2, 28), date(2025, 3, 1), date(2025, 5, 31), date(2025, 6, 1)):
            now[0] = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            seen[day.isoformat()] = len(coach.readable(PeriodNote))

    assert seen == {"2025-02-28": 0, "2025-03-01": 1, "2025-05-31": 1, "2025-06-01": 0}


def test_without_a_team_a_team_scope_reaches_nobody(place: Place) -> None:
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        record.add(scope("C", "coach", "T1", "team"))
        record.add(PeriodNote(rep_id="R1", period="2025Q1", period_start=date(2025, 1, 1), text="x"))

        with pytest.raises(AccessDenied):
            record.of(Principal("C")).entries(PeriodNote, "R1")


def test_a_former_coach_does_not_even_keep_their_own_private_notes(place: Place) -> None:
    now = [datetime(2025, 1, 1, tzinfo=UTC)]
    with Record.open(place.url, OWNER, clock=lambda: now[0]) as record:
        record.add(scope("C", "coach", "R1", valid_to=date(2025, 6, 1)))
        coach = record.of(Principal("C"))
        note = coach.add(PrivateNote(rep_id="R1", text="be patient"))
        assert coach.get(PrivateNote, note.id).text == "be patient"
        now[0] = datetime(2025, 6, 1, tzinfo=UTC)

        with pytest.raises(AccessDenied):
            coach.get(PrivateNote, note.id)


def test_no_private_kind_leaves_through_a_batch_read(owner: Record) -> None:
    private = [kind for kind in KINDS.values() if kind.policy.private]
    with owner.of(replace(OWNER, beside="R1")).write() as unit:
        for kind in private:
            unit.add(example(kind, "R1", unit))
    batch = owner.of(replace(OWNER, batch=True))

    assert {kind.name for kind in private} == {"private_note", "draft"}
    assert all(owner.readable(kind.entry) and not batch.readable(kind.entry) for kind in private)


# -- what is written down about it -------------------------------------------------------------


def test_a_refusal_is_in_the_audit_and_shows_nothing(place: Place) -> None:
    with Record.open(place.url, OWNER) as record:
        stored = record.add(PeriodNote(rep_id="R1", period="2025Q1", period_start=date(2025, 1, 1), text="secret"))
        stranger = record.of(Principal("stranger"))

        for id in (stored.id, 999):
            with pytest.raises(AccessDenied) as refused:
                stranger.get(PeriodNote, id)
            assert "secret" not in str(refused.value)

    who = "SELECT act FROM audit JOIN person ON token = who WHERE person_id = 'stranger'"
    assert place.rows(who) == [("denied",), ("denied",)]


def test_who_looked_at_somebody_else_is_logged_once_a_day(place: Place) -> None:
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        record.add(scope("C", "coach", "R1"))
        for _ in range(2):
            record.of(Principal("C")).viewed("R1", "review 2025Q4")
        record.of(Principal("R1")).viewed("R1", "review 2025Q4")

    assert place.rows("SELECT viewer_id, rep_id, page FROM view_log") == [("C", "R1", "review 2025Q4")]


def test_the_reason_of_a_change_is_kept_beside_the_chain(place: Place) -> None:
    with Record.open(place.url, OWNER) as record:
        record.add(
            ActionItem(rep_id="R1", period="q", period_start=date(2025, 1, 1), text="Call", owner_id="R1"), why="agreed"
        )

    assert place.rows("SELECT text FROM audit_reason") == [("agreed",)]
