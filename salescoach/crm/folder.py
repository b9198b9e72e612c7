"""A folder that appears whole, at once and lastingly, or not at all."""

from __future__ import annotations

import os
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
