"""What the coaching record promises to those who read and write it, in a file and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from store_places import Place

from salescoach.calendar import Period
from salescoach.errors import ConflictError, UsageError
from salescoach.store import ACTION_LIMIT, NOTE_LIMIT, CoachingStore, StoreBusyError

Q3 = Period("2025Q3", date(2025, 7, 1), date(2025, 10, 1))
Q4 = Period("2025Q4", date(2025, 10, 1), date(2026, 1, 1))
NEXT = Period("2026Q1", date(2026, 1, 1), date(2026, 4, 1))


@pytest.fixture
def store(place: Place) -> Iterator[CoachingStore]:
    with CoachingStore.open(place.url) as store:
        yield store


# -- notes -------------------------------------------------------------------------------------


def test_no_note_yet_is_version_0_and_empty(store: CoachingStore) -> None:
    note = store.note("R1", Q4)

    assert (note.rep_id, note.period, note.text, note.version, note.updated_at) == ("R1", "2025Q4", "", 0, None)
    assert store.latest_note("R1", Q4.start) is None


def test_what_was_saved_is_there_after_a_restart(place: Place) -> None:
    text = "Pazarlık: Ayşe'yi dinle\n\tİlk adım <b>fiyat</b> değil 🙂 "
    with CoachingStore.open(place.url) as store:
        saved = store.save_note("R1", Q4, text, version=0, author="Deniz")
        action = store.add_action(
            "R1", Q4, "İki müşteriyi ara", author="Deniz", due=date(2026, 1, 15), template_id="t1"
        )

    with CoachingStore.open(place.url) as store:
        assert store.note("R1", Q4) == saved
        assert saved.text == text
        assert store.actions("R1", Q4.start) == (action,)


def test_a_stale_save_overwrites_nothing_and_shows_both_texts(store: CoachingStore) -> None:
    store.save_note("R1", Q4, "first tab", version=0, author="A")

    with pytest.raises(ConflictError) as conflict:
        store.save_note("R1", Q4, "second tab", version=0, author="B")

    assert (conflict.value.mine, conflict.value.theirs, conflict.value.their_version) == ("second tab", "first tab", 1)
    assert store.note("R1", Q4).text == "first tab"
    assert store.save_note("R1", Q4, "both tabs", version=1, author="B").version == 2


def test_a_version_that_never_was_is_a_conflict_too(store: CoachingStore) -> None:
    with pytest.raises(ConflictError) as conflict:
        store.save_note("R1", Q4, "mine", version=3, author="A")

    assert (conflict.value.theirs, conflict.value.their_version) == ("", 0)
    assert store.note("R1", Q4).version == 0


def test_every_save_is_a_version_even_of_the_same_text(place: Place) -> None:
    """Otherwise two people who both save '1' would both believe that they had counted."""
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    with CoachingStore.open(place.url, clock=lambda: noon) as store:
        store.save_note("R1", Q4, "1", version=0, author="A")
        assert store.save_note("R1", Q4, "1", version=1, author="A").version == 2


def test_notes_of_other_reps_and_periods_are_other_notes(store: CoachingStore) -> None:
    store.save_note("R1", Q4, "one", version=0, author="A")
    store.save_note("R1", NEXT, "two", version=0, author="A")
    store.save_note("R2", Q4, "three", version=0, author="A")

    assert [store.note(rep, period).text for rep, period in (("R1", Q4), ("R1", NEXT), ("R2", Q4))] == [
        "one", "two", "three",
    ]  # fmt: skip


def test_the_latest_note_is_by_period_and_never_from_later(store: CoachingStore) -> None:
    store.save_note("R1", NEXT, "later", version=0, author="A")
    store.save_note("R1", Q3, "earlier, though written last", version=0, author="A")

    latest = store.latest_note("R1", Q4.start)

    assert latest is not None
    assert latest.period == "2025Q3"
    assert store.latest_note("R1", Q3.start - timedelta(days=1)) is None


def test_a_cleared_note_does_not_hide_the_one_before(store: CoachingStore) -> None:
    store.save_note("R1", Q3, "promised", version=0, author="A")
    store.save_note("R1", Q4, "slip", version=0, author="A")
    store.save_note("R1", Q4, "", version=1, author="A")

    latest = store.latest_note("R1", Q4.start)

    assert latest is not None
    assert latest.text == "promised"


# -- action items ------------------------------------------------------------------------------


def test_the_same_key_twice_is_one_action(store: CoachingStore) -> None:
    first = store.add_action("R1", Q4, "Call Ayşe", author="A", key="k1")
    again = store.add_action("R1", Q4, "Call Ayşe", author="A", key="k1")
    other_rep = store.add_action("R2", Q4, "Call Ayşe", author="A", key="k1")
    no_key = [store.add_action("R1", Q4, "Call Ayşe", author="A") for _ in range(2)]

    assert again == first
    assert other_rep.action_id != first.action_id
    assert len({first.action_id, *(action.action_id for action in no_key)}) == 3


def test_a_late_retry_does_not_undo_what_was_done_since(store: CoachingStore) -> None:
    first = store.add_action("R1", Q4, "Call Ayşe", author="A", key="k1")
    done = store.change_action(first.action_id, version=1, author="A", status="done")

    assert store.add_action("R1", Q4, "Call Ayşe", author="A", key="k1") == done


def test_closing_and_reopening(store: CoachingStore) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A")
    assert (action.status, action.closed_at, action.version) == ("open", None, 1)

    done = store.change_action(action.action_id, version=1, author="A", status="done")
    assert done.closed_at is not None

    again = store.change_action(action.action_id, version=2, author="A", status="in_progress")
    assert (again.status, again.closed_at, again.version) == ("in_progress", None, 3)


def test_dropped_needs_a_reason_of_its_own(store: CoachingStore) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A")
    done = store.change_action(action.action_id, version=1, author="A", status="done", reason="she agreed")

    for reason in (None, "  "):
        with pytest.raises(UsageError):
            store.change_action(action.action_id, version=2, author="A", status="dropped", reason=reason)
    assert store.actions("R1", Q4.start) == (done,)

    dropped = store.change_action(action.action_id, version=2, author="A", status="dropped", reason="she left")
    assert dropped.reason == "she left"
    assert store.change_action(action.action_id, version=3, author="A", status="open").reason is None


def test_what_was_not_given_stays(store: CoachingStore) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A", due=date(2026, 1, 15))
    waiting = store.change_action(action.action_id, version=1, author="B", reason="waiting for IT")
    reworded = store.change_action(action.action_id, version=2, author="B", text="Visit Ayşe")

    assert (waiting.text, waiting.due, waiting.status) == ("Call Ayşe", date(2026, 1, 15), "open")
    assert (reworded.text, reworded.due, reworded.reason) == ("Visit Ayşe", date(2026, 1, 15), "waiting for IT")
    assert reworded.author == "A"  # who promised, not who reworded: that is in the audit


@pytest.mark.parametrize(
    ("change", "mine", "theirs"),
    [
        ({"text": "Write Ayşe", "status": "open"}, "Write Ayşe", "Visit Ayşe"),
        ({"status": "in_progress"}, "in_progress", "done"),
        ({"due": date(2026, 2, 1)}, "2026-02-01", ""),
    ],
)
def test_a_stale_change_overwrites_nothing(
    store: CoachingStore, change: dict[str, object], mine: str, theirs: str
) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A")
    stored = store.change_action(action.action_id, version=1, author="A", text="Visit Ayşe", status="done")

    with pytest.raises(ConflictError) as conflict:
        store.change_action(action.action_id, version=1, author="B", **change)  # type: ignore[arg-type]

    assert (conflict.value.mine, conflict.value.theirs, conflict.value.their_version) == (mine, theirs, 2)
    assert store.actions("R1", Q4.start) == (stored,)


def test_actions_come_by_period_then_id_and_never_from_later(place: Place) -> None:
    """The clock runs backwards here: it must not matter."""
    moments = iter(datetime(2026, 1, 5, 12, tzinfo=UTC) - timedelta(hours=hour) for hour in range(9))
    with CoachingStore.open(place.url, clock=lambda: next(moments)) as store:
        for text, period in (("c", NEXT), ("b1", Q4), ("b2", Q4), ("a", Q3)):
            store.add_action("R1", period, text, author="A")

        assert [action.text for action in store.actions("R1", NEXT.start)] == ["a", "b1", "b2", "c"]
        assert [action.text for action in store.actions("R1", Q4.start)] == ["a", "b1", "b2"]
        assert store.actions("R2", NEXT.start) == ()


def test_an_unknown_action_or_status_or_no_change(store: CoachingStore) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A")

    with pytest.raises(UsageError, match="no action 99"):
        store.change_action(99, version=1, author="A", status="done")
    with pytest.raises(UsageError, match="Known: open, in_progress, done, dropped"):
        store.change_action(action.action_id, version=1, author="A", status="finished")
    with pytest.raises(UsageError, match="Nothing to change"):
        store.change_action(action.action_id, version=1, author="A")


# -- what cannot be kept -----------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["a\0b", "a\ud800b", "x" * (NOTE_LIMIT + 1)])
def test_a_note_that_cannot_be_kept_whole_is_refused(store: CoachingStore, bad: str) -> None:
    with pytest.raises(UsageError, match="Nothing was saved"):
        store.save_note("R1", Q4, bad, version=0, author="A")

    assert store.note("R1", Q4).version == 0


def test_the_longest_texts_are_kept_whole(store: CoachingStore) -> None:
    assert store.save_note("R1", Q4, "ş" * NOTE_LIMIT, version=0, author="A").text == "ş" * NOTE_LIMIT
    assert store.add_action("R1", Q4, "ş" * ACTION_LIMIT, author="A").text == "ş" * ACTION_LIMIT


@pytest.mark.parametrize("bad", ["", " \n", "a\0b", "x" * (ACTION_LIMIT + 1)])
def test_an_action_that_cannot_be_kept_is_refused(store: CoachingStore, bad: str) -> None:
    action = store.add_action("R1", Q4, "Call Ayşe", author="A")

    with pytest.raises(UsageError):
        store.add_action("R1", Q4, bad, author="A")
    with pytest.raises(UsageError):
        store.change_action(action.action_id, version=1, author="A", text=bad)

    assert store.actions("R1", Q4.start) == (action,)


def test_a_change_without_an_author_is_refused(store: CoachingStore) -> None:
    with pytest.raises(UsageError, match="author"):
        store.save_note("R1", Q4, "text", version=0, author=" ")


# -- time, log, fingerprint --------------------------------------------------------------------


def test_moments_are_kept_in_utc_whatever_the_clock_says(place: Place) -> None:
    istanbul = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    with CoachingStore.open(place.url, clock=lambda: istanbul) as store:
        store.save_note("R1", Q4, "text", version=0, author="A")
        moment = store.note("R1", Q4).updated_at

    assert moment is not None
    assert moment.isoformat() == "2025-12-31T22:30:00+00:00"


def test_a_clock_without_time_zone_is_a_defect(place: Place) -> None:
    with CoachingStore.open(place.url, clock=lambda: datetime(2026, 1, 1)) as store:
        with pytest.raises(Exception, match="time zone"):
            store.save_note("R1", Q4, "text", version=0, author="A")
        assert store.note("R1", Q4).version == 0


def test_every_write_leaves_one_line_in_the_audit(store: CoachingStore, place: Place) -> None:
    store.save_note("R1", Q4, "secret words", version=0, author="A")
    store.save_note("R1", Q4, "secret words", version=1, author="B")
    store.add_action("R1", Q4, "secret words", author="A", key="k")
    store.add_action("R1", Q4, "secret words", author="B", key="k")
    store.change_action(1, version=1, author="B", status="dropped", reason="secret words")
    with pytest.raises(ConflictError):
        store.save_note("R1", Q4, "secret words", version=0, author="C")

    log = place.rows(
        "SELECT seq, person_id, act, kind, entry_id, version FROM audit JOIN person ON token = who ORDER BY seq",
    )

    assert log == [
        (1, "A", "added", "note", 1, 1),
        (2, "B", "changed", "note", 1, 2),
        (3, "A", "added", "action_item", 1, 1),
        (4, "B", "changed", "action_item", 1, 2),
    ]
    assert "secret" not in repr(place.rows("SELECT * FROM audit"))


@pytest.mark.parametrize("crime", ["UPDATE audit SET who = 'x'", "DELETE FROM audit"])
def test_the_audit_is_append_only(store: CoachingStore, place: Place, crime: str) -> None:
    store.save_note("R1", Q4, "text", version=0, author="A")

    with pytest.raises(Exception, match="append-only"):
        place.rows(crime)

    place.rows(crime.replace("audit", "note").replace("who", "author"))  # an ordinary table lets it happen
    assert place.rows("SELECT act FROM audit") == [("added",)]


def test_the_fingerprint_follows_the_record_up_to_the_period(store: CoachingStore, place: Place) -> None:
    store.save_note("R1", Q4, "text", version=0, author="A")
    seen = [store.fingerprint("R1", Q4.start)]

    store.save_note("R1", NEXT, "later", version=0, author="A")
    store.add_action("R1", NEXT, "later", author="A")
    store.save_note("R2", Q4, "another rep", version=0, author="A")
    assert store.fingerprint("R1", Q4.start) == seen[0]
    with CoachingStore.open(place.url) as reopened:
        assert reopened.fingerprint("R1", Q4.start) == seen[0]

    action = store.add_action("R1", Q3, "Call Ayşe", author="A")
    seen.append(store.fingerprint("R1", Q4.start))
    store.change_action(action.action_id, version=1, author="A", status="done")
    seen.append(store.fingerprint("R1", Q4.start))
    store.save_note("R1", Q4, "text.", version=1, author="A")
    seen += [store.fingerprint("R1", Q4.start), store.fingerprint("R3", Q4.start)]
    assert len(set(seen)) == 5


# -- a record that is busy ---------------------------------------------------------------------


def test_a_locked_record_is_an_error_after_a_while_and_loses_nothing(store: CoachingStore, place: Place) -> None:
    store.save_note("R1", Q4, "before", version=0, author="A")
    with place.locked():
        with pytest.raises(StoreBusyError, match="try again"):
            store.save_note("R1", Q4, "draft", version=1, author="A")
        assert store.note("R1", Q4).text == "before"  # readers do not wait

    assert store.save_note("R1", Q4, "draft", version=1, author="A").version == 2
