"""An organisation too large for memory, as Parquet: made branch by branch, each thrown away once it is written.

A branch is an organisation of a fixed size with its own chance, so what a rep does depends neither on how many reps
there are nor on what else is in memory. The first branch is what ``organisation`` makes of the same arguments.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from salescoach.synthetic.build import tables_of
from salescoach.synthetic.parameters import Parameters, checked, rep_id
from salescoach.synthetic.plants import Plants
from salescoach.synthetic.presets import preset as preset_parameters
from salescoach.synthetic.streams import Streams
from salescoach.tables.schema import TABLES, Field

if TYPE_CHECKING:
    import duckdb

BRANCH = 180
"""Reps of a branch: ten regions. Part of what a seed means."""
SHARED = ("product", "stage", "survey", "fx_rate", "seasonal_index", "course", "ramp_curve")
"""Tables that all branches have in common: only the first writes them."""
_ROW_GROUP = 120_000
_TYPES = {
    "text": "VARCHAR", "date": "DATE", "ts": "TIMESTAMP", "money": "DOUBLE", "share": "DOUBLE", "number": "DOUBLE",
    "int": "BIGINT", "bool": "BOOLEAN",
}  # fmt: skip
_COMMON = ("item_id", "metric_id", "coder_id")  # in keys, and the same everywhere
_IDS = {  # names of people and deals in columns without a reference
    ("quota", "rep_or_team"), ("quota", "approved_by"), ("context_event", "scope"), ("cost", "scope_id"),
    ("stage_history", "changed_by"), ("goal", "owner_id"), ("rep", "email"),
}  # fmt: skip


def write_parquet(
    folder: Path | str, preset: str = "default", *, reps: int = 10_000, months: int = 12, seed: int = 1,
    language: str = "tr", parameters: Parameters | None = None,
) -> dict[str, int]:  # fmt: skip
    """Write one ``<table>.parquet`` per table into *folder*: money as DOUBLE, days as DATE, moments as TIMESTAMP.

    The window is the *months* months up to and with that of the preset's ``as_of``.

    Ids of later branches begin with the branch's number. What a preset plants is planted in the first branch only.

    Returns
    -------
    dict of str to int
        Rows written, per table.
    """
    import duckdb

    p = parameters or preset_parameters(preset)
    p = replace(p, reps=reps, months=months, start=first_month(p.as_of, months))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=target) as parts, duckdb.connect() as connection:
        connection.execute("SET threads = 1; SET preserve_insertion_order = true; SET memory_limit = '1GB'")
        for branch in range(-(-reps // BRANCH)):
            _write_branch(connection, Path(parts), branch, min(BRANCH, reps - branch * BRANCH), p, seed, language)
        return {name: _joined(connection, Path(parts), target, name) for name in TABLES}


def first_month(as_of: date, months: int) -> date:
    """First day of a window of *months* whose last month is that of *as_of*.

    >>> first_month(date(2025, 11, 28), 12)
    datetime.date(2024, 12, 1)
    """
    month = 12 * as_of.year + as_of.month - months
    return date(month // 12, month % 12 + 1, 1)


def _write_branch(
    connection: duckdb.DuckDBPyConnection, parts: Path, branch: int, reps: int, p: Parameters, seed: int, language: str
) -> None:
    known = {rep_id(index) for index in range(reps)}
    plants = Plants() if branch else p.plants.without_unknown(known)
    tables = tables_of(checked(replace(p, reps=reps, plants=plants)), Streams(seed, branch), language)
    for name in list(tables):
        table = tables.pop(name)  # each is let go as soon as it is written
        if branch and name in SHARED:
            continue
        connection.register("part", _of_branch(name, table, branch) if branch else table)
        columns = ", ".join(_column(field) for field in TABLES[name].fields)
        path = _quoted(parts / f"{name}-{branch:05d}.parquet")
        connection.execute(f"COPY (SELECT {columns} FROM part) TO '{path}' (FORMAT parquet)")
        connection.unregister("part")


def _of_branch(name: str, table: pd.DataFrame, branch: int) -> pd.DataFrame:
    """*table* with the branch's number before its own ids; what belongs to the whole organisation is left out."""
    own = {"cost": table.get("scope") == "rep", "context_event": table.get("scope") != "org"}
    rows = table[own[name]] if name in own else table
    named = [field.name for field in TABLES[name].fields if _is_own_id(name, field)]
    return rows.assign(**{column: f"{branch:03d}-" + rows[column] for column in named})


def _is_own_id(table: str, field: Field) -> bool:
    """A column that names something of one branch: a person, a company, a deal, never a product or a stage."""
    if (table, field.name) in _IDS:
        return True
    if field.refers_to:
        return field.refers_to.split(".")[0] not in (*SHARED, "stage")
    return field.name in TABLES[table].key and field.name.endswith("_id") and field.name not in _COMMON


def _column(field: Field) -> str:
    return f'CAST("{field.name}" AS {_TYPES[field.type]}) AS "{field.name}"'


def _joined(connection: duckdb.DuckDBPyConnection, parts: Path, target: Path, name: str) -> int:
    """One file of all parts of a table, in order; the rows it holds."""
    files = sorted(parts.glob(f"{name}-*.parquet"))
    listed = ", ".join(f"'{_quoted(file)}'" for file in files)
    done = connection.execute(
        f"COPY (SELECT * FROM read_parquet([{listed}])) TO '{_quoted(target / f'{name}.parquet')}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    ).fetchone()
    for file in files:
        file.unlink()
    return int(done[0]) if done else 0


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
