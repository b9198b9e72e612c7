"""Tables out of a database: one query for each, read as text and judged like any file.

PostgreSQL is asked through SQLAlchemy in one read-only transaction that sees one state of the database.
DuckDB is asked through its own interface: its SQLAlchemy dialect (duckdb-engine) is not kept up with
DuckDB 2, and read-only opening is a plain argument here. No query can write, and no address, user or
password is ever shown or kept.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

from salescoach.crm.gather import Gathered
from salescoach.crm.spool import IN_A_DATABASE, spooled
from salescoach.crm.text import Limits, NoRows, TextTable, too_many
from salescoach.crm.xlsx_cells import plain
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES

if TYPE_CHECKING:
    import duckdb

_SCHEMES = ("postgresql://", "postgresql+psycopg://", "postgres://", "duckdb:")
_PIECE = 5000  # rows fetched at a time
_LIMITS = Limits()

Answer = tuple[Sequence[str], Iterator[Sequence[object]]]
Ask = Callable[[str], Answer]


def is_database(source: Path | str) -> bool:
    """True for an address of a database, as opposed to a path."""
    return isinstance(source, str) and (source.startswith(_SCHEMES) or "://" in source)


def read_database(address: str, queries: Path | None, limits: Limits = _LIMITS) -> Gathered:
    """The answers to the queries as text tables named ``database/TABLE``.

    InputError for an address of another kind, a query file that is wrong, a database that does not answer,
    a query that fails or would write, and a value that has no exact text, named by table, row and column.
    """
    if not address.startswith(_SCHEMES):
        raise InputError(
            f"'{address.partition(':')[0]}' is not a database that is read. Write postgresql://… or duckdb:PATH."
        )
    if queries is None:
        raise InputError("a database needs --queries FILE.toml: a table [queries] with one SELECT for each table.")
    asked = read_queries(queries)
    found = Gathered()
    opened = _duckdb if address.startswith("duckdb:") else _postgresql
    with ExitStack() as held, opened(address) as ask:
        for table, query in asked.items():
            file = f"database/{table}"
            try:
                found.texts.append(_text_table(file, ask, query, limits, held))
            except NoRows as empty:
                found.set_aside(file, empty)
        found.held = held.pop_all()
    return found


def read_queries(path: Path) -> dict[str, str]:
    """Table: query, from a TOML file with one table ``[queries]``. InputError naming what is wrong in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", file=path.name) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not TOML: {error}. Correct the line it names.", file=path.name) from None
    queries = document.get("queries")
    if set(document) != {"queries"} or not isinstance(queries, dict) or not queries:
        raise InputError('needs one table [queries] and nothing else: TABLE = "SELECT …".', file=path.name)
    for table, query in queries.items():
        if table not in TABLES:
            raise InputError(f"there is no table '{table}'. Known: {', '.join(TABLES)}.", file=path.name)
        if not isinstance(query, str) or not query.strip().rstrip(";").strip():
            raise InputError(f"queries.{table} is not a query. Write SELECT … in quotes.", file=path.name)
        if ";" in query.strip().rstrip(";"):
            raise InputError(
                f"queries.{table} holds a semicolon: one query for each table. In a text write chr(59).", file=path.name
            )
    return {table: query.strip().rstrip(";") for table, query in queries.items()}


@contextmanager
def _postgresql(address: str) -> Iterator[Ask]:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_size=1, max_overflow=0, connect_args={"connect_timeout": 10})
    except (ArgumentError, ValueError):
        raise InputError("the address of the database cannot be read: postgresql://USER@HOST:PORT/NAME.") from None

    def fault(error: SQLAlchemyError, table: str = "") -> InputError:
        return InputError(
            _without(str(getattr(error, "orig", None) or "no answer"), url.password, url.username), file=table
        )

    try:
        with engine.connect() as plain_connection:
            connection = plain_connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=True, no_parameters=True
            )

            def ask(query: str) -> Answer:
                result = connection.exec_driver_sql(query)
                if not result.returns_rows:
                    raise InputError("gives no rows: write a SELECT.")
                return list(result.keys()), (row for piece in result.partitions(_PIECE) for row in piece)

            yield ask
    except SQLAlchemyError as error:
        raise fault(error) from None
    finally:
        engine.dispose()


@contextmanager
def _duckdb(address: str) -> Iterator[Ask]:
    import duckdb

    path = Path(address.removeprefix("duckdb:").removeprefix("//"))
    if not path.is_file():
        raise InputError("there is no DuckDB file at this path. Check it: duckdb:PATH.", file=path.name)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:

            def ask(query: str) -> Answer:
                statements = connection.extract_statements(query)
                if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                    raise InputError("is not one SELECT, and nothing else is asked of a database.")
                cursor = connection.execute(_moments_as_text(connection, query))
                names = [column[0] for column in cursor.description or ()]
                return names, (row for piece in iter(lambda: cursor.fetchmany(_PIECE), []) for row in piece)

            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("BEGIN TRANSACTION")
            yield ask
    except duckdb.Error as error:
        raise InputError(f"the database says: {_first_line(str(error))}", file=path.name) from None


def _moments_as_text(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The query with its moments as text in UTC: as objects DuckDB gives them only through another library."""
    columns = connection.execute(f"DESCRIBE {query}").fetchall()
    zoned = ['"' + name.replace('"', '""') + '"' for name, kind, *_ in columns if kind == "TIMESTAMP WITH TIME ZONE"]
    if not zoned:
        return query
    return f"SELECT * REPLACE ({', '.join(f'CAST({name} AS VARCHAR) AS {name}' for name in zoned)}) FROM ({query})"


def _text_table(file: str, ask: Ask, query: str, limits: Limits, held: ExitStack) -> TextTable:
    """The answer to one query. Rows are counted from 1: they are what a line is in a file."""
    try:
        header, rows = ask(query)
        answer = _Answer(file, tuple(header), limits)
        texts = answer.texts(rows)
        most = max(1, limits.held // (len(header) or 1))
        first = list(islice(texts, most))
        if not header or not first:
            raise NoRows("no rows: the query answers with none.", file=file)
        if len(first) == most:
            table: TextTable = spooled(file, answer.header, chain(first, texts), limits, held)
        else:
            table = _in_memory(file, answer.header, first)
    except InputError as error:
        raise error if error.file else InputError(str(error), file=file) from None
    return replace(table, numeric=answer.numeric)


def _in_memory(file: str, header: tuple[str, ...], rows: Sequence[Sequence[str]]) -> TextTable:
    columns = tuple(np.array(column, dtype=object) for column in zip(*rows, strict=True))
    digest = hashlib.sha256(repr(header).encode())
    for column in columns:
        digest.update("\x1f".join(column).encode("utf-8", "surrogatepass"))
    size = sum(len(text) for row in rows for text in row)
    lines = np.arange(1, len(rows) + 1, dtype=np.int64)
    return TextTable(file, header, columns, lines, (), IN_A_DATABASE, digest.hexdigest(), size)


class _Answer:
    """The rows of an answer as text, one after the other; ``numeric``, once they were read: the headings of the columns
    that hold numbers and nothing else."""

    def __init__(self, file: str, header: tuple[str, ...], limits: Limits) -> None:
        if len(set(header)) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            raise InputError(f"the column '{twice}' comes twice. Name each column once.", file=file, column=twice)
        self.file, self.header, self.limits = file, header, limits
        self._figures, self._words = [False] * len(header), [False] * len(header)

    @property
    def numeric(self) -> frozenset[str]:
        columns = zip(self.header, self._figures, self._words, strict=True)
        return frozenset(name for name, figures, words in columns if figures and not words)

    def texts(self, rows: Iterator[Sequence[object]]) -> Iterator[list[str]]:
        """Each row. InputError for more rows than may be, and for a value that has no exact text."""
        for number, row in enumerate(rows, 1):
            if number > self.limits.rows:
                raise too_many(self.file, number, self.limits)
            texts = []
            for place, value in enumerate(row):
                text = "" if value is None else _text(value, self.file, number, self.header[place])
                if len(text) > self.limits.cell:
                    raise InputError(
                        f"holds {len(text):,} characters; the most that is read is {self.limits.cell:,}. Leave the "
                        "column out of the query, or cut it there.",
                        file=self.file,
                        row=number,
                        column=self.header[place],
                    )
                texts.append(text)
                if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
                    self._figures[place] = True
                elif value is not None:
                    self._words[place] = True
            yield texts


def _text(value: object, file: str, row: int, column: str) -> str:
    """One value as text that says the same; InputError for a kind that has no such text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, float) and np.isfinite(value):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat(sep="T")
    if isinstance(value, int | date | UUID):
        return str(value)
    raise InputError(
        f"holds a value of the kind {type(value).__name__}, which is no single text, finite number or moment. "
        "Turn it into one in the query.",
        file=file,
        row=row,
        column=column,
    )


def _without(text: str, *secrets: Any) -> str:
    """The first line of a database's message, without what was secret in the address."""
    line = _first_line(text)
    for secret in secrets:
        line = line.replace(str(secret), "***") if secret else line
    return f"the database says: {line}"


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "no answer")
