"""Write one snapshot: all of it or nothing, never changed afterwards.

The files are made in a hidden folder, flushed to the disk, and appear under their name in one rename.
Writers take turns, so what a killed import left behind is cleared by the next one.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from salescoach.crm.certain import TYPES
from salescoach.crm.fill import FILL_FIELDS, fill_rates
from salescoach.crm.folder import publish
from salescoach.crm.issues import ISSUE_FIELDS, Findings, issues_csv, told
from salescoach.crm.organisation import Organisation
from salescoach.crm.quality import Setting
from salescoach.crm.rows import Rows
from salescoach.crm.snapshot import MANIFEST, SET_ASIDE
from salescoach.errors import WorkspaceError
from salescoach.tables.schema import Field
from salescoach.words import Words

_GROUP = 122_880  # rows


class Destination(Protocol):
    """Where a snapshot goes: ``salescoach.workspace.Workspace``, which stands a floor above."""

    @property
    def path(self) -> Path:
        """The workspace's folder."""

    @property
    def organisation(self) -> Organisation:
        """Whose it is."""

    @property
    def quality(self) -> Mapping[str, Setting]:
        """What it has set otherwise about the data-quality rules."""

    @property
    def snapshots(self) -> Path:
        """Folder of the snapshots."""

    def write(self) -> object:
        """Make the folders if they are not there yet."""


def write_snapshot(
    workspace: Destination,
    manifest: Mapping[str, Any],
    tables: Mapping[str, Rows],
    issues: Findings,
    words: Mapping[str, Words],
) -> None:
    """Publish the snapshot that *manifest* describes, unless it is there already.

    WorkspaceError when the disk refuses; then the workspace is what it was.
    """
    workspace.write()
    final = workspace.snapshots / manifest["snapshot_id"]
    staging = workspace.snapshots / f".{secrets.token_hex(6)}.new"
    try:
        with turn(workspace.snapshots):
            for left_over in workspace.snapshots.glob(".*.new"):
                shutil.rmtree(left_over)
            if final.exists():
                return
            staging.mkdir(mode=0o700)
            try:
                _fill(staging, manifest, tables, issues, words, workspace.organisation.language)
                publish(staging, final)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except pl.exceptions.PolarsError as error:  # its files are written by another library, with errors of its own
        raise WorkspaceError(f"{workspace.snapshots}: cannot be written ({error}). Nothing was imported.") from None
    except OSError as error:
        raise WorkspaceError(
            f"{workspace.snapshots}: cannot be written ({error.strerror}). Nothing was imported."
        ) from None


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the folder of the snapshots while the block runs: whoever else wants to write there waits."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # gives the lock back


def _fill(
    folder: Path,
    manifest: Mapping[str, Any],
    tables: Mapping[str, Rows],
    issues: Findings,
    words: Mapping[str, Words],
    language: str,
) -> None:
    for rows in tables.values():
        _write(rows.kept(), folder / f"{rows.table.name}.parquet")
    _write_parquet(folder / "fill_rates.parquet", fill_rates(tables), FILL_FIELDS)
    findings = told(issues.frame, words["en"], words["tr"]).rename({"rows": "count"})
    _write(findings.lazy().select(field.name for field in ISSUE_FIELDS), folder / "issues.parquet")
    kept = [
        {"table": name, **row, "cells": json.dumps(row["cells"], ensure_ascii=False)}
        for name, rows in tables.items()
        for row in rows.set_aside()
    ]
    _write_parquet(folder / "set_aside.parquet", kept, SET_ASIDE)
    separator = ";" if language == "tr" else ","  # what a spreadsheet of that language expects
    (folder / "issues.csv").write_bytes(issues_csv(findings, separator))
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for file in folder.iterdir():
        file.chmod(0o400)


def _write_parquet(path: Path, rows: Sequence[Mapping[str, Any] | tuple[Any, ...]], fields: Sequence[Field]) -> None:
    schema = {field.name: TYPES[field.type] for field in fields}
    _write(pl.LazyFrame(rows, schema=schema, orient="row"), path)


def _write(rows: pl.LazyFrame, path: Path) -> None:
    """The rows in their order: the same rows give the same bytes. They pass through in pieces: no copy is made of them.

    No statistics: a snapshot is read whole, so they would only cost time.
    """
    rows.sink_parquet(
        path, compression="zstd", compression_level=1, statistics=False, row_group_size=_GROUP, engine="streaming"
    )
