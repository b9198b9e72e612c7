"""What a report is made from, as hashes: when none of them changes, the report need not be made again.

Reads the code and the templates that a run uses; changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nbformat import NotebookNode

from salescoach import resources
from salescoach.runs.parameters import Plain, literal

_PACKAGES = ("salescoach", "numpy", "pandas", "plotly", "scipy", "papermill", "nbclient", "nbconvert", "ipykernel")
_IN_KEY = ("salescoach", "numpy", "pandas", "plotly", "scipy")  # what can change a figure


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
    package = Path(__file__).resolve().parent.parent
    folders = {package: "*.py"} | {resources.templates(name): "*" for name in ("words", "content", "report")}
    return _hash_files(path for folder, kind in folders.items() for path in sorted(folder.rglob(kind)))


def lock_hash() -> str | None:
    """Hash of the lock from which this environment was made; None in an installed package, which carries no lock."""
    lock = resources.root() / "requirements.lock"
    return _hash_files([lock]) if lock.is_file() else None


def notebook_hash(notebook: NotebookNode) -> str:
    """Hash of what is executed and shown: kinds, sources and tags of the cells, not their outputs or ids."""
    cells = [[cell.cell_type, cell.source, cell.metadata.get("tags", [])] for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def report_key(parameters: Mapping[str, Plain], **hashes: object) -> str:
    """One hash over all that goes into a report; *parameters* by type too: 1, 1.0, True and '1' differ."""
    typed = {name: f"{type(value).__name__} {literal(value)}" for name, value in parameters.items()}
    taken = {name: versions()[name] for name in _IN_KEY}
    parts = {"parameters": typed, "versions": taken, "code": code_hash()} | hashes
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _hash_files(paths: Iterable[Path]) -> str:
    """Hash over names and contents, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
