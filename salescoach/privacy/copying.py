"""A workspace for analysts: the same figures, nobody's name and nobody's words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from salescoach.crm.snapshot import MANIFEST, Snapshot
from salescoach.errors import UsageError
from salescoach.privacy.snapshots import GONE, Change, identity, rewritten
from salescoach.store.backup import backup
from salescoach.store.database import Database
from salescoach.store.service import Record
from salescoach.store.service.erasure import known_token, pseudonym, pseudonymise
from salescoach.workspace import Workspace

NOTE = "pseudonymised"


@dataclass(frozen=True)
class Copied:
    """How many people stand under a pseudonym in the copy, and in how many snapshots."""

    people: int
    snapshots: int


def pseudonymised(home: Workspace, record: Record, into: Path) -> Copied:
    """Write a new workspace with the snapshots and the record of *home*, without names, e-mails and free texts.

    Raises
    ------
    AccessDenied
        the principal is no administrator.
    UsageError
        there is such a folder already.
    """
    if into.exists():
        raise UsageError(f"{into} exists already. Name a new folder.")
    found = [Snapshot.open(place.parent) for place in sorted(home.snapshots.glob(f"[!.]*/{MANIFEST}"))]
    named: dict[str, set[str]] = {}
    for snapshot in found:
        for row in identity(snapshot).itertuples():
            said = {str(text) for text in (row.full_name, row.email) if isinstance(text, str) and text.strip()}
            named.setdefault(str(row.rep_id), set()).update(said)
    people = {rep: pseudonym(known_token(record, rep, add=True)) for rep in sorted(named)}
    change = Change(people, _no_names(named.values()), NOTE, no_text=True)
    copy = replace(home, path=into.absolute(), store_url="").write()
    try:
        for snapshot in found:
            rewritten(snapshot.path, copy.snapshots / snapshot.snapshot_id, change)
        file = copy.path / "coaching.db"
        backup(record.database, file)
        database = Database.at(f"sqlite:///{quote(str(file))}")
        in_record = pseudonymise(database)
        database.fold()
        database.close()
    except BaseException:
        shutil.rmtree(copy.path, ignore_errors=True)
        raise
    return Copied(max(in_record, len(people)), len(found))


def _no_names(names: Iterable[Iterable[str]]) -> _NoNames:
    return _NoNames({name for said in names for name in said})


class _NoNames:
    """Takes every known name out of a text that stays; one look per text, however many names there are."""

    def __init__(self, names: set[str]) -> None:
        forms = sorted(map(re.escape, names), key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE) if forms else None

    def __call__(self, text: str) -> str:
        return self._pattern.sub(GONE, text) if self._pattern else text
