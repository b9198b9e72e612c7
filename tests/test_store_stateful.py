"""The coaching record against a dictionary: whatever the order of calls, both say the same."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from salescoach.calendar import Period
from salescoach.errors import ConflictError
from salescoach.store import STATUSES, CoachingStore

PERIODS = [Period(f"2025Q{n}", date(2025, 3 * n - 2, 1), date(2025, 3 * n, 28)) for n in (1, 2, 3)]
reps = st.sampled_from(["R1", "R2"])
periods = st.sampled_from(PERIODS)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
promises = texts.filter(str.strip)


@cache
def empty_record() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "coaching.db")
        CoachingStore.open(f"sqlite:///{path}").close()
        return path.read_bytes()


class RecordAgainstDictionary(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "coaching.db"
        self.path.write_bytes(empty_record())
        self.store = CoachingStore.open(f"sqlite:///{self.path}")
        self.notes: dict[tuple[str, str], tuple[str, int]] = {}
        self.actions: dict[int, tuple[str, Period, str, str, int]] = {}  # rep, period, text, status, version
        self.keys: dict[tuple[str, str], int] = {}
        self.writes = 0

    def teardown(self) -> None:
        for rep in ("R1", "R2"):
            for period in PERIODS:
                self.look(rep, period)
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(rep=reps, period=periods, text=texts)
    def put(self, rep: str, period: Period, text: str) -> None:
        _, version = self.notes.get((rep, period.label), ("", 0))
        assert self.store.save_note(rep, period, text, version=version, author="A").version == version + 1
        self.notes[rep, period.label] = text, version + 1
        self.writes += 1

    @rule(rep=reps, period=periods, text=texts, off=st.sampled_from([-2, -1, 1, 2]))
    def stale_put(self, rep: str, period: Period, text: str, off: int) -> None:
        theirs, version = self.notes.get((rep, period.label), ("", 0))
        with pytest.raises(ConflictError) as conflict:
            self.store.save_note(rep, period, text, version=version + off, author="B")
        assert vars(conflict.value) == {"mine": text, "theirs": theirs, "their_version": version}

    @rule(rep=reps, period=periods, text=promises, key=st.sampled_from("abc"))
    def promise(self, rep: str, period: Period, text: str, key: str) -> None:
        action = self.store.add_action(rep, period, text, author="A", key=key)
        if (rep, key) in self.keys:
            assert action.action_id == self.keys[rep, key]
        else:
            self.keys[rep, key] = action.action_id
            self.actions[action.action_id] = rep, period, text, "open", 1
            self.writes += 1

    @precondition(lambda self: self.actions)
    @rule(data=st.data(), status=st.sampled_from(STATUSES), text=st.none() | promises)
    def change(self, data: st.DataObject, status: str, text: str | None) -> None:
        action_id = data.draw(st.sampled_from(sorted(self.actions)))
        rep, period, old, _, version = self.actions[action_id]
        self.store.change_action(action_id, version=version, author="B", status=status, text=text, reason="why")
        self.actions[action_id] = rep, period, old if text is None else text, status, version + 1
        self.writes += 1

    @precondition(lambda self: self.actions)
    @rule(data=st.data(), status=st.sampled_from(STATUSES))
    def stale_change(self, data: st.DataObject, status: str) -> None:
        action_id = data.draw(st.sampled_from(sorted(self.actions)))
        _, _, _, theirs, version = self.actions[action_id]
        with pytest.raises(ConflictError) as conflict:
            self.store.change_action(action_id, version=version - 1, author="B", status=status, reason="why")
        assert vars(conflict.value) == {"mine": status, "theirs": theirs, "their_version": version}

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = CoachingStore.open(f"sqlite:///{self.path}")

    @rule(rep=reps, upto=periods)
    def look(self, rep: str, upto: Period) -> None:
        note = self.store.note(rep, upto)
        assert (note.text, note.version) == self.notes.get((rep, upto.label), ("", 0))

        latest = self.store.latest_note(rep, upto.start)
        earlier = [self.notes.get((rep, period.label), ("", 0))[0] for period in PERIODS if period.start <= upto.start]
        assert (latest.text if latest else "") == next((text for text in reversed(earlier) if text), "")

        promised = sorted(
            (period.start, action_id, text, status, version)
            for action_id, (owner, period, text, status, version) in self.actions.items()
            if owner == rep and period.start <= upto.start
        )
        stored = self.store.actions(rep, upto.start)
        assert [(a.action_id, a.text, a.status, a.version) for a in stored] == [row[1:] for row in promised]

    @invariant()
    def every_write_is_in_the_log_once(self) -> None:
        connection = sqlite3.connect(self.path)
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (self.writes,)
        connection.close()


TestRecordAgainstDictionary = RecordAgainstDictionary.TestCase
TestRecordAgainstDictionary.settings = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
