"""The imported rows of a person: they stay, so that every total stays true, and a pseudonym stands in them.

Names and e-mail give way, and so does what was freely written in rows about the person. The snapshot keeps its id, so
that importing the same file again does not bring the person back; its content has another hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl

from salescoach.crm.fill import FILL_FIELDS
from salescoach.crm.folder import write_whole
from salescoach.crm.issues import ISSUE_FIELDS, issues_csv
from salescoach.crm.snapshot import MANIFEST, PROVENANCE, SET_ASIDE, Snapshot, literal, quoted
from salescoach.tables.schema import TABLES, Field
from salescoach.tables.schema.form import REP

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GONE = "–"
NAMES_OF_PEOPLE = frozenset({("quota", "rep_or_team"), ("quota", "approved_by"), ("cost", "scope_id"),
    ("goal", "owner_id"), ("stage_history", "changed_by"), ("theme_code", "coder_id"), ("rep", "rep_id"),
    ("issues", "owner_id"), ("fill_rates", "owner_id")})  # fmt: skip
"""Columns that name a person though the schema lets them name others too."""

FREE_TEXT = frozenset({("opportunity", "next_step"), ("action_item", "text"), ("answer", "evidence"),
    ("intervention", "hypothesis"), ("survey_response", "comment"), ("theme_code", "quote"), ("assignment", "reason"),
    ("quota", "reason"), ("forecast_submission", "reason"), ("issues", "value"), ("issues", "message_en"),
    ("issues", "message_tr")})  # fmt: skip
"""Where people write sentences; in rows about the person they go."""

CUSTOMERS_PEOPLE = frozenset({("contact", "first_name"), ("contact", "last_name"), ("contact", "email")})
"""Names of people at the customer's; they are not those of who is erased."""

_SUBJECT = ("rep_id", "owner_id", "rep_or_team", "scope_id")  # who a row is about, in this order
_FORM = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, WRITE_BLOOM_FILTER false"
Replace = Callable[[str], str]


@dataclass(frozen=True)
class Change:
    """What to do to a snapshot.

    ``people`` maps rep ids to what stands for them; ``replaced`` takes names out of a text that stays. ``note`` says in
    the manifest what was done. With ``no_text``, for analysts, sentences and customers' people go from every row.
    """

    people: Mapping[str, str]
    replaced: Replace
    note: str
    no_text: bool = False


def rewritten(source: Path, target: Path, change: Change) -> None:
    """Write the snapshot in *source* into the folder *target*, changed; both may be the same.

    Each file is replaced whole and the manifest last: after a crash in between, doing it again finishes it.
    """
    target.mkdir(mode=0o700, exist_ok=True)
    manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    for name in sorted(manifest["tables"]):
        if name in TABLES:
            _table(source, target, name, (*TABLES[name].fields, *PROVENANCE), change)
    for name, fields in (("fill_rates", FILL_FIELDS), ("issues", ISSUE_FIELDS), ("set_aside", SET_ASIDE)):
        _table(source, target, name, fields, change)
    separator = ";" if manifest.get("organisation", {}).get("language") == "tr" else ","
    _put(target / "issues.csv", issues_csv(pl.read_parquet(target / "issues.parquet"), separator))
    told = _in_json(manifest, change)
    told["content_sha256"] = hashlib.sha256(f"{manifest['content_sha256']} {change.note}".encode()).hexdigest()
    told["erased"] = sorted({*manifest.get("erased", ()), change.note})
    _put(target / MANIFEST, (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode())


def identity(snapshot: Snapshot) -> pd.DataFrame:
    """rep_id, full_name and email of everybody in a snapshot."""
    return snapshot.read("rep")[["rep_id", "full_name", "email"]]


def texts_of(path: Path) -> Iterator[str]:
    """The different texts in a Parquet file, column by column."""
    with _desk().cursor() as connection:
        file = literal(str(path))
        for name, kind, *_ in connection.execute(f"DESCRIBE SELECT * FROM read_parquet({file})").fetchall():
            if kind == "VARCHAR":
                found = connection.execute(f"SELECT DISTINCT {quoted(name)} FROM read_parquet({file})")
                while rows := found.fetchmany(10_000):
                    yield from (text for (text,) in rows if text is not None)


@cache
def _desk() -> DuckDBPyConnection:
    """One database in memory for all files: opening one takes longer than most of them."""
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1})


def _put(path: Path, data: bytes) -> None:
    write_whole(path, data)
    path.chmod(0o400)


def _in_json(value: Any, change: Change) -> Any:
    if isinstance(value, str):
        return change.people.get(value) or change.replaced(value)
    if isinstance(value, list):
        return [_in_json(each, change) for each in value]
    if isinstance(value, dict):
        return {change.people.get(name, name): _in_json(each, change) for name, each in value.items()}
    return value


def _table(source: Path, target: Path, name: str, fields: Iterable[Field], change: Change) -> None:
    """One Parquet file, its rows in their order."""
    final, staged = target / f"{name}.parquet", target / f".{name}.{secrets.token_hex(4)}.new"
    try:
        with _desk().cursor() as connection:  # with temporary tables of its own
            connection.register("who", pd.DataFrame(change.people.items(), columns=["old", "new"], dtype="str"))
            connection.execute("CREATE TEMP TABLE person AS SELECT old::VARCHAR AS old, new::VARCHAR AS new FROM who")
            query = _query(connection, source, name, tuple(fields), change)
            connection.execute(f"COPY ({query}) TO {literal(str(staged))} ({_FORM})")
        with staged.open("rb") as file:
            os.fsync(file.fileno())
        staged.chmod(0o400)
        os.replace(staged, final)
    finally:
        staged.unlink(missing_ok=True)


def _query(connection: Any, source: Path, name: str, fields: tuple[Field, ...], change: Change) -> str:
    """The SELECT that gives the changed table."""
    file = literal(str(source / f"{name}.parquet"))
    mine = "TRUE" if change.no_text else _about(source, name, fields)
    columns, joins = [], []
    for place, field in enumerate(fields):
        column = f"t.{quoted(field.name)}"
        if field.type == "text" and not field.values:
            column, join = _column(connection, file, name, field, place, mine, change)
            joins += [join] if join else []
        columns.append(f"{column} AS {quoted(field.name)}")
    return (
        f"SELECT {', '.join(columns)} FROM read_parquet({file}, file_row_number = true) t "
        f"{' '.join(joins)} ORDER BY t.file_row_number"
    )


def _column(
    connection: Any, file: str, name: str, field: Field, place: int, mine: str, change: Change
) -> tuple[str, str]:
    """What stands in a column of text from now on, and the table of texts that it needs beside it."""
    here, column = (name, field.name), f"t.{quoted(field.name)}"
    if field.refers_to == REP or here in NAMES_OF_PEOPLE:
        return f"coalesce(p{place}.new, {column})", f"LEFT JOIN person p{place} ON p{place}.old = {column}"
    if here == ("rep", "full_name"):
        return f"coalesce((SELECT new FROM person WHERE old = t.rep_id), {column})", ""
    if here == ("rep", "email"):
        return f"CASE WHEN t.rep_id IN (SELECT old FROM person) THEN NULL ELSE {column} END", ""
    if here in CUSTOMERS_PEOPLE and change.no_text:
        return "CAST(NULL AS VARCHAR)", ""
    if here == ("set_aside", "cells") and change.no_text:
        return "'{}'", ""
    if field.refers_to or (name in TABLES and field.name in TABLES[name].key):
        return column, ""
    stays, join = _without_names(connection, file, field, place, change, cells=here == ("set_aside", "cells"))
    if here in FREE_TEXT:
        return f"CASE WHEN ({mine}) AND {column} IS NOT NULL THEN {literal(GONE)} ELSE {stays} END", join
    return stays, join


def _without_names(
    connection: Any, file: str, field: Field, place: int, change: Change, *, cells: bool
) -> tuple[str, str]:
    """A text that stays, but for the names in it: only the different texts are looked at, each once."""
    column, instead = f"t.{quoted(field.name)}", _cells(change) if cells else change.replaced
    texts = f"SELECT DISTINCT {quoted(field.name)} FROM read_parquet({file}) WHERE {quoted(field.name)} IS NOT NULL"
    found = [(old, new) for (old,) in connection.execute(texts).fetchall() if (new := instead(old)) != old]
    if not found:
        return column, ""
    connection.register(f"found{place}", pd.DataFrame(found, columns=["old", "new"], dtype="str"))
    connection.execute(f"CREATE TEMP TABLE texts{place} AS SELECT old, new FROM found{place}")
    return f"coalesce(m{place}.new, {column})", f"LEFT JOIN texts{place} m{place} ON m{place}.old = {column}"


def _cells(change: Change) -> Replace:
    """Nothing of a row that was set aside, when the person stands in it: its free texts cannot be told apart."""

    def emptied(text: str) -> str:
        values = [value for value in json.loads(text).values() if isinstance(value, str)]
        return "{}" if any(value in change.people or change.replaced(value) != value for value in values) else text

    return emptied


def _about(source: Path, name: str, fields: tuple[Field, ...]) -> str:
    """Which rows are about the person, as a condition in SQL. A rewritten table says so by the pseudonym."""
    people = "(SELECT old FROM person UNION SELECT new FROM person)"
    subject = next((one for one in _SUBJECT if any(field.name == one for field in fields)), "")
    if subject:
        return f"t.{quoted(subject)} IN {people}"

    def through(column: str, table: str, key: str, whose: str) -> str:
        file = source / f"{table}.parquet"
        if not file.is_file():
            return "FALSE"
        return (
            f"t.{column} IN (SELECT {key} FROM read_parquet({literal(str(file))}) WHERE {whose} IN {people} "
            f"AND {key} IS NOT NULL)"
        )

    if name == "answer":
        return through("obs_id", "observation", "obs_id", "rep_id")
    if name == "theme_code":
        ways = (
            ("deal_id", "opportunity", "deal_id", "owner_id"),
            ("note_id", "survey_response", "response_id", "rep_id"),
        )
        return " OR ".join(through(*way) for way in ways)
    return "FALSE"
