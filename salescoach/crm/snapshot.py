"""One imported export, read back. Loads only the table that is asked for; never writes.

Reads Parquet through DuckDB. Missing means unknown: text is ``str`` or NaN (pandas' ``str`` type), money,
shares and numbers ``float64``, whole numbers ``Int64``, bool ``boolean``, moments and days ``datetime64[us]``
without zone (UTC; midnight).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from salescoach.crm.fill import FILL_FIELDS
from salescoach.crm.issues import ISSUE_FIELDS
from salescoach.errors import TableError, WorkspaceError
from salescoach.tables.schema import TABLES, Field

if TYPE_CHECKING:
    import duckdb

MANIFEST = "manifest.json"
SQL_TYPES = {
    "text": "VARCHAR",
    "date": "TIMESTAMP",
    "ts": "TIMESTAMP",
    "money": "DOUBLE",
    "share": "DOUBLE",
    "number": "DOUBLE",
    "int": "BIGINT",
    "bool": "BOOLEAN",
}
PANDAS_TYPES = {
    "text": "str",
    "date": "datetime64[us]",
    "ts": "datetime64[us]",
    "money": "float64",
    "share": "float64",
    "number": "float64",
    "int": "Int64",
    "bool": "boolean",
}
SET_ASIDE = tuple(
    Field(name, "int" if name == "row" else "text", meaning)
    for name, meaning in (
        ("table", "Table it was for"),
        ("file", "File"),
        ("row", "Line in the file"),
        ("level", "R or Q"),
        ("rule", "Rule that took it out"),
        ("cells", "The row as it stands in the file: JSON, by heading"),
    )
)
_STAMPS = ("much_left_out", "export_old")
PROVENANCE = (Field("source_file", "text", "File"), Field("source_row", "int", "Line in the file"))


@lru_cache(maxsize=1)
def _database() -> duckdb.DuckDBPyConnection:
    """The engine of this process: to make one takes longer than to read most tables.

    It holds nothing between two reads, and has no threads of its own: a forked child would wait for them for ever.
    """
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1, "async_threads": 0, "enable_external_file_cache": False})


@dataclass(frozen=True)
class Snapshot:
    """The tables of one import, as they were on ``as_of``. ``manifest`` says where they came from.

    Nothing changes it but the erasure of a person, which gives it another ``content_hash``.
    """

    path: Path
    snapshot_id: str
    as_of: date
    manifest: Mapping[str, Any] = field(compare=False, repr=False)
    content_hash: str = field(init=False, default="")
    """SHA-256 of everything the snapshot follows from: files, form, settings, ``as_of``, and who was erased from it."""

    def __post_init__(self) -> None:
        """Two are equal only with the same content, so that what was worked out before an erasure is not used again."""
        object.__setattr__(self, "content_hash", str(self.manifest.get("content_sha256", "")))

    @classmethod
    def open(cls, path: Path) -> Snapshot:
        """The snapshot in that folder; WorkspaceError when its manifest cannot be read."""
        try:
            manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
            manifest["content_sha256"]
            return cls(path, manifest["snapshot_id"], date.fromisoformat(manifest["as_of"]), manifest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WorkspaceError(
                f"{path}: this snapshot is damaged ({error}). Remove the folder and import again."
            ) from None

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables it holds, in the schema's order."""
        return tuple(name for name in TABLES if name in self.manifest["tables"])

    @property
    def uncredited(self) -> frozenset[str]:
        """Deals whose revenue splits were set aside: until somebody decides about them, nobody has credit for these."""
        return frozenset(self.manifest.get("uncredited", ()))

    def read(self, table: str) -> pd.DataFrame:
        """One table: the canonical columns in their order, then ``source_file`` and ``source_row``.

        TableError for a table that was not imported.
        """
        if table not in self.tables:
            raise TableError(
                f"The data as of {self.as_of} hold no table '{table}'; they hold: {', '.join(self.tables)}."
            )
        return self._frame(f"{table}.parquet", (*TABLES[table].fields, *PROVENANCE))

    def issues(self) -> pd.DataFrame:
        """All findings of the import, one row each: table, file, row, column, value, rule, level, owner_id, count
        and the message in both languages. ``row`` is missing where ``count`` rows are meant at once."""
        return self._frame("issues.parquet", ISSUE_FIELDS)

    def set_aside(self) -> pd.DataFrame:
        """The rows that were left out, one row each: table, file, row, level (R or Q), rule, and ``cells``, the row
        as it stands in the file, as JSON by heading. Rows without a decision (Q) are among them until one is made."""
        return self._frame("set_aside.parquet", SET_ASIDE)

    def fill_rates(self) -> pd.DataFrame:
        """How much is filled in: table, field, ``owner_id`` (missing = all rows), ``filled`` and ``rows``.

        Only fields that a file brought, and only rows that are used; no rate is formed, so that no n is lost.
        """
        return self._frame("fill_rates.parquet", FILL_FIELDS)

    def warnings(self, language: str) -> tuple[str, ...]:
        """What every page built on these data has to say beside its figures, in that language: much was left
        out (rule D30), or the export was old when it was imported."""
        return tuple(str(note[f"message_{language}"]) for note in self.manifest["notes"] if note["code"] in _STAMPS)

    def flags(self, rep_id: str) -> dict[str, int]:
        """Rule: how many findings the import had about rows of this person. For the caveats of a review."""
        issues = self.issues()
        mine = issues[issues["owner_id"] == rep_id].groupby("rule")["count"].sum()
        return {str(rule): int(count) for rule, count in mine.items()}

    def _frame(self, file: str, fields: tuple[Field, ...]) -> pd.DataFrame:
        columns = ", ".join(f'CAST("{field.name}" AS {SQL_TYPES[field.type]}) AS "{field.name}"' for field in fields)
        with _database().cursor() as connection:
            frame = connection.execute(
                f"SELECT {columns} FROM read_parquet($file)", {"file": str(self.path / file)}
            ).df()
        return frame.astype({field.name: PANDAS_TYPES[field.type] for field in fields})


def quoted(name: str) -> str:
    """A name as SQL writes it.

    >>> quoted("order")
    '"order"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL writes it.

    >>> literal("Işık's")
    "'Işık''s'"
    """
    return "'" + text.replace("'", "''") + "'"
