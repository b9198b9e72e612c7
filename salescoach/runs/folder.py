"""The folder of one period: who may write in it, under which names, and how a file appears in it.

A published file is whole or it is not there: it is written beside, brought to the disk, then moved
over the old one in one step. One run at a time; what a killed run left behind is swept by the next.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salescoach.errors import UsageError, WorkspaceError


class PeriodFolder:
    """``WORKSPACE/reviews/PERIOD``, held by this run alone. Get one from :meth:`open`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.staging = path / ".staging"

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[PeriodFolder]:
        """Lock the folder, making it when needed, and clear what an earlier run left in staging.

        Raises
        ------
        UsageError
            another run holds the folder. The lock dies with its process, so it is never stale.
        WorkspaceError
            the folder cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = os.open(path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise WorkspaceError(
                f"Reports cannot be written into {path}: {error.strerror}. Give yourself the right to write there."
            ) from None
        try:
            cls._take(lock, path)
            folder = cls(path)
            shutil.rmtree(folder.staging, ignore_errors=True)
            folder.staging.mkdir(mode=0o700)
            try:
                yield folder
            finally:
                shutil.rmtree(folder.staging, ignore_errors=True)
        finally:
            os.close(lock)

    @staticmethod
    def _take(lock: int, path: Path) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
            raise UsageError(
                f"Reports for {path.name} are already running (process {holder or 'unknown'}). "
                "Wait until that run has ended, or end it."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)

    def inside(self, *parts: str) -> Path:
        """Path below this folder; ValueError when the parts, or a link on the way, lead out of it."""
        path = self.path.joinpath(*parts)
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise ValueError(f"{'/'.join(parts)} is outside {self.path}.")
        return path

    def workplace(self) -> Path:
        """A new, empty, private folder in staging."""
        return Path(tempfile.mkdtemp(dir=self.staging))

    def stage(self, content: str | bytes) -> Path:
        """*content* in a file in staging, on the disk, readable by its owner only."""
        handle, name = tempfile.mkstemp(dir=self.staging)
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def publish(self, staged: Path, target: Path) -> None:
        """Put the *staged* file in the place of *target*, in one step."""
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staged, target)
        directory = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def write(self, content: str | bytes, *parts: str) -> Path:
        """Stage and publish in one call; returns the path."""
        target = self.inside(*parts)
        self.publish(self.stage(content), target)
        return target
