"""What became of each report, in our own words: a line per result, and a bill of materials per run.

Whether a report may be skipped is decided from these lines and the files' own hashes, never from the
metadata inside a notebook. Both are plain JSON below ``reviews/PERIOD/runs/``.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from salescoach.runs.folder import PeriodFolder
from salescoach.runs.verdict import Failure


@dataclass(frozen=True)
class Entry:
    """One result. ``key`` stands for all that went in; paths are relative to the period's folder.

    ``files`` maps the path of each file that it left to its sha256; ``kept`` are the paths of the report before it,
    where that was to stay.
    """

    run_id: str
    rep_id: str
    language: str
    status: str
    key: str
    as_of: str
    seconds: float
    files: Mapping[str, str]
    failure: Failure | None = None
    kept: Sequence[str] = ()

    @classmethod
    def read(cls, line: str) -> Entry:
        """The entry in one line of the record; ValueError, KeyError or TypeError when it is not one."""
        content = json.loads(line)
        failure = content.pop("failure")
        return cls(**content, failure=Failure(**failure) if failure else None)


class Record:
    """All results of a period, oldest first, one JSON line each, only ever added to."""

    def __init__(self, folder: PeriodFolder) -> None:
        self._folder = folder
        self._path = folder.inside("runs", "results.jsonl")
        self._path.parent.mkdir(exist_ok=True)
        self.latest: dict[tuple[str, str], Entry] = {}
        self.published: dict[tuple[str, str], Entry] = {}
        self.kept: dict[tuple[str, str], list[str]] = {}
        text = self._path.read_text(encoding="utf-8") if self._path.exists() else ""
        for line in text.splitlines():
            try:
                self._remember(Entry.read(line))
            except (ValueError, KeyError, TypeError):
                continue  # the half line of a run that was killed while it wrote: that report is simply made again
        self._torn = bool(text) and not text.endswith("\n")

    def add(self, entry: Entry) -> None:
        """Append *entry* and bring it to the disk."""
        line = ("\n" if self._torn else "") + json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        self._torn = True
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(line.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
        self._torn = False
        self._remember(entry)

    def unchanged(self, about: tuple[str, str], key: str) -> Entry | None:
        """The last result *about* a rep in a language, when it was good, from the same, and its files are still it."""
        entry = self.latest.get(about)
        if entry is None or entry.status != "ok" or entry.key != key:
            return None
        return entry if all(_is(self._folder.path / name, digest) for name, digest in entry.files.items()) else None

    def _remember(self, entry: Entry) -> None:
        self.latest[entry.rep_id, entry.language] = entry
        if entry.status == "ok":
            self.published[entry.rep_id, entry.language] = entry
        self.kept.setdefault((entry.rep_id, entry.language), []).extend(entry.kept)


def sha256(content: str | bytes) -> str:
    """Hash, in hex, of what a file holds or will hold."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def write_manifest(folder: PeriodFolder, run_id: str, manifest: Mapping[str, object]) -> Path:
    """The bill of materials of a run, as ``runs/RUN.json``; written at its start and again at its end."""
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return folder.write(text, "runs", f"{run_id}.json")


def close_killed_runs(folder: PeriodFolder) -> None:
    """Call ``killed`` what still says ``running`` though nobody holds the folder any more."""
    for path in sorted((folder.path / "runs").glob("*.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest.get("status") == "running":
            write_manifest(folder, path.stem, manifest | {"status": "killed"})


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path.read_bytes()) == digest
