"""Which program this is: the versions that take part in a figure, and a hash of salescoach's own code and words."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from salescoach import resources

_PACKAGES = ("salescoach", "numpy", "pandas", "plotly", "scipy", "papermill", "nbclient", "nbconvert", "ipykernel")


@cache
def versions() -> dict[str, str]:
    """Version of Python and of each package that takes part in a report."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


@cache
def code_hash() -> str:
    """Hash of salescoach itself, its words, content and page templates."""
    package = Path(__file__).resolve().parent
    folders = {package: "*.py"} | {resources.templates(name): "*" for name in ("words", "content", "report")}
    return hash_files(path for folder, kind in folders.items() for path in sorted(folder.rglob(kind)))


def hash_files(paths: Iterable[Path]) -> str:
    """Hash over names and contents, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
