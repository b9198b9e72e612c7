"""Faults for the coaching record, each as often as it is asked for: few in every run, many in ``make faults``."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
from postgres import Cluster
from store_places import schema_in
from test_store_processes import FORK, meeting, together

from salescoach.errors import ConflictError, WorkspaceError
from salescoach.store import Principal, Record
from salescoach.store.backup import backup, restore
from salescoach.store.database import StoreBusyError, StoreLostError
from salescoach.store.models import PeriodNote

OWNER = Principal.owner("admin")
DAY = date(2025, 10, 1)


def note(text: str, key: str = "note") -> PeriodNote:
    """The one note that all write, or one of many."""
    return PeriodNote(rep_id="R1", key=key, period=key, period_start=DAY, text=text)


def count_together(url: str, kernels: int, saves: int) -> tuple[int, int]:
    """Kernels that add one to one note, *saves* times each; gives what was acknowledged and what is stored.

    Whoever lost the race, or was told after five seconds that the record is busy, tries again: neither is a save.
    """
    with Record.open(url, OWNER) as record:
        record.add(note("0"))

    def kernel(_number: int) -> int:
        acknowledged = 0
        with Record.open(url, OWNER) as record:
            while acknowledged < saves:
                [stored] = record.entries(PeriodNote, "R1")
                with contextlib.suppress(ConflictError, StoreBusyError):
                    record.save(replace(stored, text=str(int(stored.text) + 1)))
                    acknowledged += 1
        return acknowledged

    acknowledged = sum(together(kernel, kernels))
    with Record.open(url, OWNER) as record:
        [stored] = record.entries(PeriodNote, "R1")
    return acknowledged, int(stored.text)


def count_without_versions(
    rows: Callable[[str], list[tuple[object, ...]]], kernels: int, saves: int
) -> tuple[int, int]:
    """The naive way beside :func:`count_together`: read, add one, write back. All have read before one writes."""
    everybody = meeting(kernels)
    rows("CREATE TABLE counter (value INTEGER)")
    rows("INSERT INTO counter VALUES (0)")

    def kernel(_number: int) -> int:
        for _ in range(saves):
            [(value,)] = rows("SELECT value FROM counter")
            everybody.wait()
            rows(f"UPDATE counter SET value = {int(str(value)) + 1}")
        return saves

    acknowledged = sum(together(kernel, kernels))
    [(stored,)] = rows("SELECT value FROM counter")
    return acknowledged, int(str(stored))


def backups_while_writing(folder: Path, count: int) -> int:
    """Take backups under two writers, restore each; gives how many held all that was acknowledged when they began."""
    url, held = f"sqlite:///{folder / 'coaching.db'}", 0
    Record.open(url, OWNER).close()
    acknowledged = FORK.Array("i", [0, 0])

    def write(number: int) -> None:
        with Record.open(url, OWNER) as record:
            for lap in itertools.count(1):
                record.add(note("x" * 500, key=f"{number} {lap}"))
                acknowledged[number] = lap

    writers = [FORK.Process(target=write, args=(number,)) for number in (0, 1)]
    for writer in writers:
        writer.start()
    try:
        with Record.open(url, OWNER) as record:
            while not all(acknowledged):
                time.sleep(0.01)
            for lap in range(count):
                before = list(acknowledged)
                backup(record.database, folder / f"{lap}.backup")
                restore(f"sqlite:///{folder / f'{lap}.db'}", folder / f"{lap}.backup")
                with Record.open(f"sqlite:///{folder / f'{lap}.db'}", OWNER) as copy:
                    keys = {each.key for each in copy.entries(PeriodNote, "R1")}
                held += {f"{number} {n}" for number in (0, 1) for n in range(1, before[number] + 1)} <= keys
    finally:
        _kill(writers)
    return held


def copies_of_the_file_while_writing(folder: Path, count: int) -> int:
    """The naive way beside :func:`backups_while_writing`: copy the file; gives how many held what was acknowledged."""
    url, held = f"sqlite:///{folder / 'naive.db'}", 0
    with Record.open(url, OWNER) as record:
        for lap in range(count):
            record.add(note("x" * 500, key=str(lap)))
            copy = folder / f"{lap}.copy"
            shutil.copy(folder / "naive.db", copy)
            with contextlib.suppress(sqlite3.DatabaseError):
                connection = sqlite3.connect(copy)
                held += connection.execute("SELECT count(*) FROM note").fetchone() == (lap + 1,)
                connection.close()
    return held


def faults_of_the_server(cluster: Cluster, modes: list[str]) -> tuple[list[int], list[int]]:
    """One writer while the server stops or drops it; gives the numbers acknowledged and those in the note's history."""
    place, stop, acknowledged = schema_in(cluster), threading.Event(), list[int]()
    with Record.open(place.url, OWNER) as record:
        stored = record.add(note("0"))

        def write() -> None:
            newest = stored
            for number in itertools.count(1):
                while not stop.is_set():
                    try:
                        newest = record.save(replace(newest, text=str(number)))
                    except (StoreLostError, WorkspaceError):  # no conflict: a save that had arrived counts as saved
                        stop.wait(0.05)
                    else:
                        acknowledged.append(number)
                        break
                if stop.is_set():
                    return

        writer = threading.Thread(target=write)
        writer.start()
        for mode in modes:
            stop.wait(0.4)
            if mode == "terminate":
                drop = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'salescoach'"
                cluster.run(drop)
            else:
                cluster.restart(mode)
        stop.wait(0.5)
        stop.set()
        writer.join()
        versions = record.history(PeriodNote, stored.id)
    return acknowledged, [int(version.text) for version in versions][1:]


def lost_with_a_lazy_commit(cluster: Cluster, crashes: int) -> int:
    """The naive way beside it: synchronous_commit off; gives how many acknowledged rows a crash took away."""
    place = schema_in(cluster)
    place.rows("CREATE TABLE naive (id integer)")
    done, number = list[int](), itertools.count()
    for _ in range(crashes):
        until = time.monotonic() + 0.4

        def write(until: float = until) -> None:
            with contextlib.suppress(psycopg.Error), psycopg.connect(place.url, autocommit=True) as connection:
                connection.execute("SET synchronous_commit = off")
                while time.monotonic() < until + 5:
                    new = next(number)
                    connection.execute("INSERT INTO naive VALUES (%s)", (new,))
                    done.append(new)

        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(max(0.0, until - time.monotonic()))
        cluster.restart("immediate")
        writer.join()
    kept = {row[0] for row in place.rows("SELECT id FROM naive")}
    return len(set(done) - kept)


def kills_while_migrating(folder: Path, kills: int, make_old: Callable[[Path], None]) -> set[str]:
    """Kill an opening that upgrades an old record; gives the revisions that the files had afterwards."""
    found, pauses = set(), random.Random(30)
    for lap in range(kills):
        path = folder / f"{lap}.db"
        make_old(path)

        def upgrade(path: Path = path) -> None:
            Record.open(f"sqlite:///{path}", OWNER)
            time.sleep(60)

        process = FORK.Process(target=upgrade)
        process.start()
        time.sleep(pauses.uniform(0, 0.8))
        _kill([process])
        connection = sqlite3.connect(path)
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        connection.close()
        assert ("change" in tables) == (revision == "0001")  # never half
        found.add(revision)
    return found


def _kill(processes: list[object]) -> None:
    for process in processes:
        os.kill(process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        process.join()  # type: ignore[attr-defined]
