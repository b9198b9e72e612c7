"""Erase one person from everything that a workspace keeps. Each step may be done again, so a crash loses nothing:
the coaching record, which knows the pseudonym, comes last.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from salescoach.crm.folder import write_whole
from salescoach.crm.publish import turn
from salescoach.crm.snapshot import MANIFEST, Snapshot
from salescoach.errors import SalesCoachError
from salescoach.leadlab.registry import Registry
from salescoach.privacy.reports import erase_reports, rewrite_text
from salescoach.privacy.snapshots import Change, identity, rewritten, texts_of
from salescoach.privacy.traces import Traces
from salescoach.runs.plan import people_of
from salescoach.store.database import Database
from salescoach.store.schema import bring_up_to_date
from salescoach.store.service import Record
from salescoach.store.service.erasure import (
    Erased,
    backups_written,
    erase_again,
    erase_person,
    known_token,
    pseudonym,
)
from salescoach.workspace import Workspace

ERASED = "erased.txt"  # tokens of the erased, beside the record, for backups that are restored later
BEGUN = ".erasing.json"  # the names that are looked for, while an erasure is under way: no snapshot knows them then
CACHES = ("standing", "engine", "models/scored")  # worked out again when they are missing
_TEXTS = frozenset(".json .jsonl .ipynb .html .htm .md .txt .csv .tsv .ics .toml .svg .py".split())
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Everywhere:
    """What was done: in the record, to how many snapshots, reports, documents and models; ``left`` still names them.

    ``unread`` are files that cannot be looked into, ``backups`` copies of the record that were written elsewhere.
    """

    record: Erased
    pseudonym: str
    snapshots: int
    reports: int
    documents: tuple[Path, ...]
    models: tuple[str, ...]
    left: tuple[Path, ...]
    unread: tuple[Path, ...]
    backups: tuple[str, ...]


def erase_everywhere(
    home: Workspace, record: Record, rep_id: str, *, why: str, names: Sequence[str] = ()
) -> Everywhere:
    """Erase *rep_id* from the record and from every file of the workspace, down to the bytes.

    Parameters
    ----------
    why : str
        For the audit; it must not name the person, for it stays.
    names : sequence of str
        Under which they may stand beside the names and e-mail addresses that the snapshots hold for their id.

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    UsageError
        neither the record nor a snapshot knows such a person, or reports are being written.
    """
    snapshots = _snapshots(home)
    found = {name for one in snapshots for name in _names(one, rep_id)}
    in_data = bool(found)
    found |= _begun(home, rep_id)
    token = known_token(record, rep_id, add=in_data)
    traces = Traces(rep_id, pseudonym(token), tuple(sorted({*found, *names} - {pseudonym(token)})))
    _begin(home, traces)
    _note_token(home, token)
    change = Change({rep_id: traces.pseudonym}, traces.replaced, traces.pseudonym)
    if home.snapshots.is_dir():
        with turn(home.snapshots):
            for one in snapshots:
                rewritten(one.path, one.path, change)
    people = people_of(home.snapshot()) if snapshots else {}
    organisation = home.organisation
    reports = sum(
        erase_reports(period, traces, people, organisation.language, organisation.name)
        for period in sorted(home.reviews.glob("[!.]*"))
        if period.is_dir()
    )
    for name in CACHES:
        shutil.rmtree(home.path / name, ignore_errors=True)
    models, documents = _models(home, traces), _documents(home, traces)
    _other_records(home, token, traces, record)
    done = erase_person(record, rep_id, why=why, names=traces.names)
    (home.path / BEGUN).unlink(missing_ok=True)
    left, unread = _left(home, traces)
    return Everywhere(
        done, traces.pseudonym, len(snapshots), reports, documents, models, left, unread, backups_written(record)
    )


def _snapshots(home: Workspace) -> tuple[Snapshot, ...]:
    """Every snapshot, also one that another of the same day took the place of."""
    places = sorted(home.snapshots.glob(f"[!.]*/{MANIFEST}")) if home.snapshots.is_dir() else []
    return tuple(Snapshot.open(place.parent) for place in places)


def _names(snapshot: Snapshot, rep_id: str) -> Iterator[str]:
    who = identity(snapshot)
    for row in who[who["rep_id"] == rep_id].itertuples():
        yield from (str(name) for name in (row.full_name, row.email) if isinstance(name, str) and name.strip())


def _begun(home: Workspace, rep_id: str) -> set[str]:
    """Names for which an erasure that was cut short was looking."""
    file = home.path / BEGUN
    begun = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return set(begun.get(rep_id, ()))


def _begin(home: Workspace, traces: Traces) -> None:
    write_whole(home.path / BEGUN, json.dumps({traces.rep_id: traces.names}).encode())


def _note_token(home: Workspace, token: str) -> None:
    file = home.path / ERASED
    if file.is_file() and token in file.read_text(encoding="utf-8").split():
        return
    with file.open("a", encoding="utf-8") as tokens:
        tokens.write(token + "\n")
        tokens.flush()
        os.fsync(tokens.fileno())


def _files(home: Workspace) -> Iterator[Path]:
    """Files beside those that have their own way of being erased."""
    own = {home.path / name for name in (BEGUN, ERASED, "coaching.db", "coaching.db-wal", "coaching.db-shm")}
    for path in sorted(home.path.rglob("*")):
        if path.is_file() and not path.is_symlink() and path not in own and home.snapshots not in path.parents:
            yield path


def _models(home: Workspace, traces: Traces) -> tuple[str, ...]:
    """Models in whose file the person stands are deleted: a model cannot forget, it is trained again."""
    registry = Registry(home.models)
    knowing = tuple(
        name
        for name in registry.versions()
        if any(
            traces.are_in_bytes(path.read_bytes())
            for path in (home.models / name).iterdir()
            if path.suffix not in _TEXTS
        )
    )
    for name in knowing:
        registry.forget(name)
    return knowing


def _documents(home: Workspace, traces: Traces) -> tuple[Path, ...]:
    """Rewrite texts; delete what is about the person by its name, or packed in a form that is not rewritten."""
    deleted = []
    for path in _files(home):
        if traces.are_in_name(path.name):
            deleted.append(path)
        elif path.suffix.lower() in _TEXTS and rewrite_text(path, traces):
            continue
        elif path.suffix == ".parquet":
            deleted += [path] if any(map(traces.are_in, texts_of(path))) else []
        elif path.suffix.lower() not in _TEXTS and not _is_record(path) and traces.are_in_bytes(path.read_bytes()):
            deleted.append(path)
    for path in deleted:
        path.unlink()
    return tuple(path.relative_to(home.path) for path in deleted)


def _is_record(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _other_records(home: Workspace, token: str, traces: Traces, record: Record) -> None:
    """Copies of the record that lie in the workspace, such as one that a restore moved aside."""
    for path in _files(home):
        if _is_record(path):
            copy = Database.at(f"sqlite:///{quote(str(path))}")
            try:
                bring_up_to_date(copy)
                erase_again(copy, [token], now=record.now(), names=traces.names)
                copy.fold()
            except SalesCoachError:
                continue  # another program's database: what it holds is looked for like in any other file
            finally:
                copy.close()


def _left(home: Workspace, traces: Traces) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Files in which a name still stands, and files that nobody can look into."""
    left, unread = [], []
    for path in sorted(home.path.rglob("*")):
        if not path.is_file():
            continue
        if path.suffix == ".parquet":
            left += [path] if any(map(traces.are_in, texts_of(path))) else []
            continue
        data = path.read_bytes()
        if data[:5] == b"%PDF-":
            unread.append(path)
        if traces.are_in_name(path.name) or traces.are_in_bytes(data):
            left.append(path)
    return tuple(left), tuple(unread)
