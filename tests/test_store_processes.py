"""The coaching record under several processes and under kill -9, each promise beside the naive way that breaks it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401 (before forking, so that the races are between openings, not imports)

from salescoach.calendar import Period
from salescoach.errors import ConflictError, WorkspaceError
from salescoach.store import CoachingStore

Q4 = Period("2025Q4", date(2025, 10, 1), date(2026, 1, 1))
FORK = multiprocessing.get_context("fork")


def together(work: Callable[[int], object], count: int) -> list[Any]:
    """What *work* gives in *count* real processes; fails when one of them failed."""

    def report(number: int, end: Connection) -> None:
        end.send(work(number))

    runs = []
    for number in range(count):
        ours, theirs = FORK.Pipe(duplex=False)
        process = FORK.Process(target=report, args=(number, theirs))
        process.start()
        theirs.close()
        runs.append((process, ours))
    answers = []
    for process, ours in runs:
        with contextlib.suppress(EOFError):
            answers.append(ours.recv())
        process.join()
    assert [process.exitcode for process, _ in runs] == [0] * count
    return answers


def meeting(count: int) -> Barrier:
    """Where *count* processes wait for each other; when one of them failed, the others do too."""
    return FORK.Barrier(count, timeout=30)


def query(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def counter(path: Path) -> Path:
    """A database whose only row is a number, for the naive ways."""
    query(path, "PRAGMA journal_mode = WAL")
    query(path, "CREATE TABLE counter (value INTEGER)")
    query(path, "INSERT INTO counter VALUES (0)")
    return path


# -- two who write at once ---------------------------------------------------------------------


def test_two_processes_on_one_note_lose_no_acknowledged_save(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/coaching.db"
    CoachingStore.open(url).close()

    def count_up(number: int) -> int:
        acknowledged = 0
        with CoachingStore.open(url) as store:
            while acknowledged < 60:
                note = store.note("R1", Q4)
                with contextlib.suppress(ConflictError):
                    store.save_note("R1", Q4, str(int(note.text or 0) + 1), version=note.version, author=str(number))
                    acknowledged += 1
        return acknowledged

    acknowledged = sum(together(count_up, 2))

    with CoachingStore.open(url) as store:
        note = store.note("R1", Q4)
    assert (note.text, note.version) == (str(acknowledged), acknowledged)


def test_of_two_who_read_the_same_one_wins_and_one_sees_both_texts(tmp_path: Path) -> None:
    """From the very first save on, which is a race to insert."""
    url = f"sqlite:///{tmp_path}/coaching.db"
    CoachingStore.open(url).close()
    both_read, both_wrote = meeting(2), meeting(2)

    def race(number: int) -> list[tuple[str, ...]]:
        seen = []
        with CoachingStore.open(url) as store:
            for lap in range(10):
                note = store.note("R1", Q4)
                both_read.wait()
                mine = f"lap {lap} by {number}"
                try:
                    seen.append(("won", store.save_note("R1", Q4, mine, version=note.version, author="A").text))
                except ConflictError as conflict:
                    seen.append(("lost", conflict.mine, conflict.theirs, str(conflict.their_version)))
                both_wrote.wait()
        return seen

    for lap, pair in enumerate(zip(*together(race, 2), strict=True)):
        lost, won = sorted(pair)
        assert lost == ("lost", lost[1], won[1], str(lap + 1))
        assert {lost[1], won[1]} == {f"lap {lap} by 0", f"lap {lap} by 1"}


def test_negative_control_without_a_version_every_second_update_is_lost(tmp_path: Path) -> None:
    path = counter(tmp_path / "naive.db")
    both_read, both_wrote = meeting(2), meeting(2)

    def race(_number: int) -> None:
        for _ in range(10):
            [(value,)] = query(path, "SELECT value FROM counter")
            both_read.wait()
            query(path, "UPDATE counter SET value = ?", value + 1)
            both_wrote.wait()

    together(race, 2)

    assert query(path, "SELECT value FROM counter") == [(10,)]  # of 20 acknowledged


def test_threads_share_one_store(tmp_path: Path) -> None:
    with CoachingStore.open(f"sqlite:///{tmp_path}/coaching.db") as store:

        def write(rep: str) -> None:
            for version in range(10):
                store.save_note(rep, Q4, str(version), version=version, author=rep)

        threads = [threading.Thread(target=write, args=(f"R{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [store.note(f"R{number}", Q4).version for number in range(8)] == [10] * 8


# -- opening -----------------------------------------------------------------------------------


def test_four_processes_open_one_new_record(tmp_path: Path) -> None:
    start = meeting(4)

    def open_and_promise(number: int) -> None:
        for lap in range(5):
            start.wait()
            with CoachingStore.open(f"sqlite:///{tmp_path}/{lap}.db") as store:
                store.add_action("R1", Q4, f"by {number}", author="A")

    together(open_and_promise, 4)

    for lap in range(5):
        with CoachingStore.open(f"sqlite:///{tmp_path}/{lap}.db") as store:
            assert {action.text for action in store.actions("R1", Q4.start)} == {f"by {number}" for number in range(4)}


def test_negative_control_look_then_create_fails_for_all_but_one(tmp_path: Path) -> None:
    path = tmp_path / "naive.db"
    all_looked = meeting(4)

    def create(_number: int) -> str:
        assert not query(path, "SELECT * FROM sqlite_master")
        all_looked.wait()
        try:
            query(path, "CREATE TABLE note (text TEXT)")
        except sqlite3.OperationalError as error:
            return str(error)
        return "created"

    assert sorted(together(create, 4)) == ["created"] + ["table note already exists"] * 3


def test_a_store_opened_before_a_fork_works_on_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "coaching.db"
    with CoachingStore.open(f"sqlite:///{path}") as store:
        store.save_note("R1", Q4, "parent", version=0, author="A")

        def child(number: int) -> str:
            before = store.note("R1", Q4).text
            store.save_note(f"child {number}", Q4, "child", version=0, author="A")
            return before

        assert together(child, 2) == ["parent", "parent"]
        store.save_note("R1", Q4, "parent again", version=1, author="A")
        assert [store.note(f"child {number}", Q4).text for number in range(2)] == ["child", "child"]
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


# -- kill -9 -----------------------------------------------------------------------------------


def half_written(path: Path, rows: str = "SELECT 'note', id, version FROM note") -> list[tuple[Any, ...]]:
    """Rows whose versions are not in the audit one by one, and log lines without their row."""
    versions = {(kind, subject): version for kind, subject, version in query(path, rows)}
    expected = {(kind, subject, v) for (kind, subject), last in versions.items() for v in range(1, last + 1)}
    logged = set(query(path, "SELECT kind, entry_id, version FROM audit WHERE kind = 'note'"))
    return sorted(expected ^ logged)


def killed(work: Callable[[int], None], after: Callable[[], None]) -> list[int]:
    """Run *work* in a process, kill it hard, and give the numbers that it had acknowledged.

    *work* writes each number into the descriptor it is given once it believes it durable.
    """
    reading, writing = os.pipe()
    process = FORK.Process(target=work, args=(writing,))
    process.start()
    os.close(writing)
    with open(reading, "rb") as acknowledgements:
        first = acknowledgements.readline()  # it is at work
        after()
        os.kill(process.pid or 0, signal.SIGKILL)
        lines = [first, *acknowledgements]
    process.join()
    assert process.exitcode == -signal.SIGKILL
    return [int(line) for line in lines]


def acknowledge(descriptor: int, number: int) -> None:
    os.write(descriptor, b"%d\n" % number)


def test_kill_9_while_saving_loses_nothing_and_halves_nothing(tmp_path: Path) -> None:
    kills_while_saving(tmp_path, 20)


def kills_while_saving(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "coaching.db"
    pauses = random.Random(20)
    CoachingStore.open(f"sqlite:///{path}").close()

    def save_for_ever(descriptor: int) -> None:
        with CoachingStore.open(f"sqlite:///{path}") as store:
            version = store.note("R1", Q4).version
            while True:
                version = store.save_note("R1", Q4, f"save {version + 1}", version=version, author="A").version
                store.add_action("R1", Q4, f"promise {version}", author="A", key=str(version))
                acknowledge(descriptor, version)

    for _ in range(kills):
        acknowledged = killed(save_for_ever, lambda: time.sleep(pauses.uniform(0, 0.06)))
        with CoachingStore.open(f"sqlite:///{path}") as store:
            note = store.note("R1", Q4)
            promises = {action.text for action in store.actions("R1", Q4.start)}
        assert note.text == f"save {note.version}"
        assert acknowledged[-1] <= note.version <= acknowledged[-1] + 1
        assert {f"promise {version}" for version in acknowledged} <= promises
        assert half_written(path) == []
        [(added,)] = query(path, "SELECT count(*) FROM audit WHERE kind = 'action_item'")
        assert added == len(promises)
        assert query(path, "PRAGMA integrity_check") == [("ok",)]


def test_negative_control_two_transactions_leave_half_a_save(tmp_path: Path) -> None:
    path = tmp_path / "naive.db"
    query(path, "CREATE TABLE note (id INTEGER, version INTEGER)")
    query(path, "CREATE TABLE audit (kind TEXT, entry_id INTEGER, version INTEGER)")
    go_on = FORK.Event()

    def save_in_two_steps(descriptor: int) -> None:
        query(path, "INSERT INTO note VALUES (1, 1)")
        acknowledge(descriptor, 1)
        go_on.wait(60)
        query(path, "INSERT INTO audit VALUES ('note', 1, 1)")

    killed(save_in_two_steps, lambda: None)

    assert half_written(path) == [("note", 1, 1)]


def test_negative_control_acknowledging_before_the_commit_loses_a_save(tmp_path: Path) -> None:
    path = counter(tmp_path / "naive.db")
    go_on = FORK.Event()

    def acknowledge_too_early(descriptor: int) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE counter SET value = 1")
        acknowledge(descriptor, 1)
        go_on.wait(60)
        connection.execute("COMMIT")

    assert killed(acknowledge_too_early, lambda: None) == [1]
    assert query(path, "SELECT value FROM counter") == [(0,)]


def test_kill_9_while_a_new_record_is_made(tmp_path: Path) -> None:
    pauses = random.Random(15)
    for lap in range(15):
        url = f"sqlite:///{tmp_path}/{lap}.db"

        def make(descriptor: int, url: str = url) -> None:
            acknowledge(descriptor, 0)
            CoachingStore.open(url)
            time.sleep(60)

        killed(make, lambda: time.sleep(pauses.uniform(0, 0.06)))
        with CoachingStore.open(url) as store:
            assert store.save_note("R1", Q4, "text", version=0, author="A").version == 1


# -- a full disk -------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_costs_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "coaching.db"
    CoachingStore.open(f"sqlite:///{path}").close()

    def fill(_number: int) -> tuple[int, str, int]:
        with CoachingStore.open(f"sqlite:///{path}") as store:
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
            number, said = 0, ""
            while not said:
                try:
                    store.save_note(f"R{number}", Q4, "x" * 10_000, version=0, author="A")
                    number += 1
                except WorkspaceError as error:
                    said = str(error)
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            return number, said, store.save_note("later", Q4, "x" * 10_000, version=0, author="A").version

    [(acknowledged, said, later)] = together(fill, 1)

    assert "disk" in said
    assert "Nothing was saved" in said
    assert later == 1
    with CoachingStore.open(f"sqlite:///{path}") as store:
        assert all(store.note(f"R{number}", Q4).version == 1 for number in range(acknowledged))
        assert store.note(f"R{acknowledged}", Q4).version == 0
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
