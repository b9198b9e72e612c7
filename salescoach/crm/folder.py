"""Folders and files that appear whole, at once and lastingly, or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


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


def write_file(path: Path, data: bytes) -> None:
    """Write *data* to *path*, replacing what was there whole or not at all; readable by its owner only.

    OSError when the disk fails; then the old file is still there.
    """
    staging = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        descriptor = os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(staging, path)
    finally:
        staging.unlink(missing_ok=True)
    _sync(path.parent)
