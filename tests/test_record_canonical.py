"""The record as canonical tables: countable like imported ones, without people's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from record_examples import NOW, example
from store_places import Place

from salescoach.store import Principal, Record
from salescoach.store.canonical import canonical_tables
from salescoach.store.models import KINDS, AccessScope, Goal, OneOnOne
from salescoach.tables.schema.coaching import COACHING

OWNER = Principal.owner("the owner")


def test_every_table_has_its_canonical_columns_and_no_words(place: Place) -> None:
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        empty = canonical_tables(record)
        with record.of(replace(OWNER, beside="R1")).write() as unit:
            for name in empty:
                unit.add(example(KINDS[name], "R1", unit, "SECRET"))
        filled = canonical_tables(record)

    schema = {table.name: table for table in COACHING}
    for name, frame in filled.items():
        assert list(empty[name].columns) == list(frame.columns) == list(schema[name].names)
        assert (len(empty[name]), len(frame) > 0) == (0, True)
        required = [field.name for field in schema[name].fields if field.required]
        assert frame[required].notna().all(axis=None)
        assert "SECRET" not in frame.to_csv()


def test_a_goal_has_a_row_for_each_version_with_when_it_was_stated(place: Place) -> None:
    now = [datetime(2025, 1, 1, tzinfo=NOW.tzinfo)]
    with Record.open(place.url, OWNER, clock=lambda: now[0]) as record:
        goal = record.add(Goal(rep_id="R1", text="Win", kind="outcome", target=0.3, due=date(2025, 6, 30)))
        now[0] = datetime(2025, 2, 1, tzinfo=NOW.tzinfo)
        record.save(replace(goal, target=0.4))
        rows = canonical_tables(record)["goal"]

    assert rows[["goal_id", "version", "target"]].values.tolist() == [["1", 1, 0.3], ["1", 2, 0.4]]
    assert [moment.isoformat() for moment in rows["recorded_at"]] == ["2025-01-01T00:00:00", "2025-02-01T00:00:00"]


def test_a_manager_counts_meetings_whose_notes_they_may_not_read_and_a_stranger_nothing(place: Place) -> None:
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        record.add(
            AccessScope(rep_id="M", level="manager", subject_kind="rep", subject_id="R1", valid_from=date(2025, 1, 1))
        )
        record.add(OneOnOne(rep_id="R1", kind="weekly", coach_id="C", number=1))

        assert len(canonical_tables(record.of(Principal("M")))["one_on_one"]) == 1
        assert record.of(Principal("M")).readable(OneOnOne) == ()
        assert len(canonical_tables(record.of(Principal("stranger")))["one_on_one"]) == 0
