"""What a report is made from, as hashes: when none of them changes, the report need not be made again.

Reads the code and the templates that a run uses; changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from nbformat import NotebookNode

from salescoach import resources
from salescoach.provenance import code_hash, hash_files, versions
from salescoach.runs.parameters import Plain, literal

__all__ = ["code_hash", "lock_hash", "notebook_hash", "report_key", "versions"]

_IN_KEY = ("salescoach", "numpy", "pandas", "plotly", "scipy")  # what can change a figure


def lock_hash() -> str | None:
    """Hash of the lock from which this environment was made; None in an installed package, which carries no lock."""
    lock = resources.root() / "requirements.lock"
    return hash_files([lock]) if lock.is_file() else None


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
