"""Folders and files that appear whole, at once and lastingly, or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from salescoach.errors import WorkspaceError


def publish(staging: Path, final: Path) -> None:
    """Make a finished folder appear under its name, all at once and lastingly.

    OSError when *final* is there already and not empty, or the disk fails.
    """
    for folder, _, files in os.walk(staging):
        for name in (*files, "."):
            _sync(Path(folder, name))
    os.rename(staging, final)
    _sync(final.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file, replacing what was there whole or not at all; readable by its owner only.

    Its folder is made when it is missing. WorkspaceError when the disk refuses; then the old file is still there.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
        _sync(path.parent)
    except OSError as error:
        raise WorkspaceError(f"{path}: cannot be written ({error.strerror}).") from None
    finally:
        beside.unlink(missing_ok=True)
