"""The state of every deal on one day, written to Parquet once, for organisations that do not fit into memory.

With histories the very code that serves frames in memory (:func:`salescoach.tables.deals.deals_at`) runs on one part
of the deals after the other. Without them the state follows from the dates of the deals alone, and one SQL statement
says it for all. A test holds both to the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from salescoach.calendar import Calendar
from salescoach.crm.snapshot import PANDAS_TYPES, SQL_TYPES
from salescoach.tables.deals import deals_at
from salescoach.tables.frames import complete, known, numbered
from salescoach.tables.money import Rates
from salescoach.tables.schema import TABLES

if TYPE_CHECKING:
    import duckdb

PART = 400_000
"""Deals worked on at a time."""
_DAYS = "created engaged closed last_activity paid expected next_step_due started".split()
_STATE = {
    "deals": dict.fromkeys(
        "deal_id name account_id contact_id lead_id owner_id pipeline stage status currency forecast_category type "
        "segment source campaign product_id loss_reason competitor next_step creator_id engager_id fx_kind".split(),
        "VARCHAR",
    )
    | dict.fromkeys("amount discount_pct cost probability paid_amount amount_original".split(), "DOUBLE")
    | dict.fromkeys(_DAYS, "DOUBLE")
    | dict.fromkeys(("is_mega", "inherited", "born_closed"), "BOOLEAN"),
    "visits": dict.fromkeys("deal_id pipeline stage kind owner_id".split(), "VARCHAR")
    | dict.fromkeys("order entered left next_order".split(), "DOUBLE")
    | {"is_first": "BOOLEAN", "entered_at": "TIMESTAMP"},
}
_STATE["undone"] = _STATE["deals"] | {"undone_on": "DOUBLE"}


def read_table(
    connection: duckdb.DuckDBPyConnection, name: str, files: str, where: str = "", columns: Iterable[str] = ()
) -> pd.DataFrame:
    """Table *name* from Parquet *files*, in the types of a snapshot; columns that the files lack are missing."""
    there = {str(column) for column in connection.read_parquet(files).columns}
    fields = [field for field in TABLES[name].fields if field.name in there]
    chosen = ", ".join(f'CAST("{field.name}" AS {SQL_TYPES[field.type]}) AS "{field.name}"' for field in fields)
    frame = connection.execute(f"SELECT {chosen} FROM read_parquet($files) {where}", {"files": files}).df()
    return complete(name, frame.astype({field.name: PANDAS_TYPES[field.type] for field in fields}))


def write_state(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, str], folder: Path, calendar: Calendar, today: int,
    rates: Rates, mega_limit: float, part: int = PART,
) -> None:  # fmt: skip
    """Write ``deals``, ``visits`` and ``undone`` at the end of day number *today* into *folder*, a folder each."""
    for name in _STATE:
        (folder / name).mkdir()
    if "stage_history" in files or "owner_history" in files:
        _in_parts(connection, files, folder, calendar, today, rates, mega_limit, part)
        return
    for name in ("visits", "undone"):
        empty = ", ".join(f'CAST(NULL AS {sql}) AS "{column}"' for column, sql in _STATE[name].items())
        _copy(connection, f"SELECT {empty} WHERE false", folder / name / "0.parquet")
    _pairs_with_rate(connection, files["opportunity"], calendar, today, rates)
    _copy(
        connection, _by_dates(connection, files["opportunity"], calendar, today, mega_limit), folder / "deals/0.parquet"
    )


def _in_parts(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, str], folder: Path, calendar: Calendar, today: int,
    rates: Rates, mega_limit: float, part: int,
) -> None:  # fmt: skip
    stages = read_table(connection, "stage", files["stage"])
    counted = connection.execute("SELECT count(*) FROM read_parquet($f)", {"f": files["opportunity"]}).fetchone()
    parts = max(1, -(-int(counted[0] if counted else 0) // part))
    for number in range(parts):
        where = f"WHERE hash(deal_id) % {parts} = {number}"
        deals = read_table(connection, "opportunity", files["opportunity"], where)
        tables = {"stage": stages, "opportunity": numbered("opportunity", deals, calendar)}
        for name in ("stage_history", "owner_history"):
            rows = read_table(connection, name, files[name], where) if name in files else complete(name, pd.DataFrame())
            tables[name] = known(name, numbered(name, rows, calendar), today)
        states = deals_at(tables, calendar, today, rates, mega_limit)
        for name, columns in _STATE.items():
            connection.register("state_part", getattr(states, name))
            chosen = ", ".join(f'CAST("{column}" AS {sql}) AS "{column}"' for column, sql in columns.items())
            _copy(connection, f"SELECT {chosen} FROM state_part", folder / name / f"{number}.parquet")
            connection.unregister("state_part")


def _day(moment: str, calendar: Calendar) -> str:
    """The organisation's day number of a moment in UTC."""
    local = f"timezone('{calendar.timezone}', timezone('UTC', {moment}))"
    return f"CAST(date_diff('day', DATE '1970-01-01', CAST({local} AS DATE)) AS DOUBLE)"


def _source(connection: duckdb.DuckDBPyConnection, files: str, calendar: Calendar, today: int) -> str:
    """Deals that were there on day *today*, before anything is said of their outcome."""
    there = {str(column) for column in connection.read_parquet(files).columns}
    quoted = {name: f'"{name}"' if name in there else "NULL" for name in TABLES["opportunity"].names}
    columns = ", ".join(
        f'CAST({quoted[field.name]} AS {SQL_TYPES[field.type]}) AS "{field.name}"'
        for field in TABLES["opportunity"].fields
    )
    days = ", ".join(
        f"{_day(f'{day}_at', calendar)} AS {day}" for day in ("created", "engaged", "closed", "last_activity", "paid")
    )
    plain = ", ".join(
        f"CAST(date_diff('day', DATE '1970-01-01', CAST({name} AS DATE)) AS DOUBLE) AS {day}"
        for name, day in (("expected_close", "expected"), ("next_step_due", "due_next"))
    )
    return f"""
        SELECT *, status <> 'open' AND coalesce(closed <= {today}, true) AS ended,
               CASE WHEN status = 'open' OR coalesce(closed > {today}, false) THEN {today} ELSE closed END AS rate_day
        FROM (SELECT *, {days}, {plain} FROM (SELECT {columns} FROM read_parquet('{_quoted(files)}'))
              WHERE NOT coalesce(is_deleted, false) AND merged_into IS NULL)
        WHERE coalesce(created, engaged, {today}) <= {today}"""


def _pairs_with_rate(
    connection: duckdb.DuckDBPyConnection, files: str, calendar: Calendar, today: int, rates: Rates
) -> None:
    """The table ``deal_rate``: the rate of every currency on every day on which a deal needs it."""
    pairs = connection.execute(
        f"SELECT DISTINCT currency, rate_day FROM ({_source(connection, files, calendar, today)}) "
        "WHERE currency IS NOT NULL"
    ).df()
    pairs = pairs.assign(rate=rates.of(pairs["currency"], pairs["rate_day"].astype(float)).astype(float))
    connection.register("pairs_in_memory", pairs)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE deal_rate AS SELECT CAST(currency AS VARCHAR) AS currency, rate_day, "
        "CASE WHEN isnan(rate) THEN NULL ELSE rate END AS rate, "
        f"currency = '{_quoted(rates.base)}' AS is_base FROM pairs_in_memory"
    )
    connection.unregister("pairs_in_memory")


def _by_dates(
    connection: duckdb.DuckDBPyConnection, files: str, calendar: Calendar, today: int, mega_limit: float
) -> str:
    """The state of the deals as their own dates tell it: closed by *today*, or open."""
    later = {name: f"CASE WHEN {name} > {today} THEN NULL ELSE {name} END" for name in ("last_activity", "engaged")}
    said = {
        "status": "CASE WHEN ended THEN status ELSE 'open' END",
        "closed": "CASE WHEN ended THEN closed END",
        **{
            name: f"CASE WHEN ended OR status = 'open' THEN {name} END"
            for name in ("stage", "loss_reason", "forecast_category", "probability")
        },
        **later,
        "paid": f"CASE WHEN paid <= {today} THEN paid END",
        "paid_amount": f"CASE WHEN paid > {today} THEN NULL ELSE paid_amount END * worth",
        "amount_original": "amount",
        "amount": "amount * worth",
        "cost": "cost * worth",
        "next_step_due": "due_next",
        "creator_id": "owner_id",
        "engager_id": "owner_id",
        "inherited": "false",
        "fx_kind": "CASE WHEN domestic THEN 'base' WHEN worth IS NULL THEN 'unconverted' WHEN NOT ended THEN 'as_of' "
        "ELSE 'close_date' END",
        "is_mega": f"coalesce(is_mega, false) OR coalesce(amount * worth >= {_number(mega_limit)}, false)",
        "started": f"coalesce({later['engaged']}, created)",
        "born_closed": "coalesce(ended AND created = closed, false)",
    }
    chosen = ", ".join(
        f'CAST({said.get(column, f"{column}")} AS {sql}) AS "{column}"' for column, sql in _STATE["deals"].items()
    )
    return f"""
        SELECT {chosen} FROM (
            SELECT deal.*, CASE WHEN deal.currency IS NULL THEN 1.0 ELSE deal_rate.rate END AS worth,
                   deal.currency IS NULL OR coalesce(is_base, false) AS domestic
            FROM ({_source(connection, files, calendar, today)}) AS deal LEFT JOIN deal_rate
              ON deal.currency = deal_rate.currency AND deal.rate_day IS NOT DISTINCT FROM deal_rate.rate_day)"""


def _number(limit: float) -> str:
    return f"CAST('{limit}' AS DOUBLE)"


def _copy(connection: duckdb.DuckDBPyConnection, query: str, file: Path) -> None:
    connection.execute(f"COPY ({query}) TO '{_quoted(str(file))}' (FORMAT parquet, COMPRESSION zstd)")


def _quoted(text: str) -> str:
    return text.replace("'", "''")
