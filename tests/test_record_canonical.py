"""The record as canonical tables: countable like imported ones, without people's words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pandas as pd
from record_examples import NOW, example
from store_places import Place
from tiny import organisation

from salescoach.coaching.worked import interventions
from salescoach.store import Principal, Record
from salescoach.store.canonical import canonical_tables
from salescoach.store.models import KINDS, AccessScope, Goal, Intervention, OneOnOne
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


def test_what_was_registered_in_the_record_is_in_the_ledger_beside_what_was_imported(place: Place) -> None:
    """One ledger, whichever way a row came; the words of the hypothesis stay where they were written."""
    planned = Intervention(
        rep_id="R1", driver="stage_2", metric_id="win_rate_count", start=NOW.date(), hypothesis="SECRET",
        expected_effect=0.2, selection_reason="random",
    )  # fmt: skip
    with Record.open(place.url, OWNER, clock=lambda: NOW) as record:
        record.add(planned)
        mine = canonical_tables(record)["intervention"]
    imported = mine.assign(intervention_id="I7", rep_id="R2", selection_reason="lowest_metric")
    reps = pd.DataFrame({"rep_id": ["R1", "R2"], "full_name": ["A", "B"], "role": "AE"})
    deals = [{"owner_id": rep, "created_at": "2024-01-01"} for rep in ("R1", "R2")]
    data = organisation(deals, rep=reps, intervention=pd.concat([mine, imported]), as_of=NOW.date())
    found = interventions(data)

    assert {(one.rep_id, one.selected_by, one.registered) for one in found} == {
        ("R1", "random", True), ("R2", "lowest_metric", True)
    }  # fmt: skip
    assert "SECRET" not in {one.hypothesis for one in found}
