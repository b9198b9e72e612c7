"""An organisation that does not fit into memory, seen through the eyes of :class:`SalesData`.

Deals, visits and credit stay on an engine; every metric of the registry runs on them unchanged. The other tables are
read when a metric asks for them, and must fit into memory.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

import salescoach
from salescoach.calendar import Calendar, Period, day_number
from salescoach.crm.engines import Engine, engine_of
from salescoach.crm.folder import publish
from salescoach.crm.large_state import PART, read_table, write_state
from salescoach.errors import TableError
from salescoach.metrics.engine_rows import EngineRows
from salescoach.metrics.expressions import col, count, lit
from salescoach.metrics.tally import Rows, below, in_memory, rows_of, tally
from salescoach.tables.credit import TOLERANCE
from salescoach.tables.data import SELLER_ROLES, SalesData
from salescoach.tables.frames import Tables, known
from salescoach.tables.money import Rates
from salescoach.tables.schema import REQUIRED_TABLES, TABLES
from salescoach.tables.season import observed, stated


@dataclass(frozen=True)
class LargeData(SalesData):
    """:class:`SalesData` whose ``deals``, ``visits``, ``undone`` and ``credit`` are rows of an engine.

    What works on frames in memory (reviews, findings) does not take it; :func:`salescoach.metrics.measure` does. A
    metric that needs another table reads that table whole. Get one from :func:`open_large`.
    """

    deals: Any
    visits: Any
    undone: Any
    engine: Engine = field(kw_only=True, repr=False, compare=False)

    def __post_init__(self) -> None:
        twice = in_memory(rows_of(self.deals).summed("deal_id", n=count()).filter(col("n") > 1).head(1))
        if len(twice):
            raise TableError(
                f"opportunity has the deal '{twice['deal_id'].iloc[0]}' more than once; keep one row per deal_id."
            )

    def beside_deals(self, frame: pd.DataFrame) -> Any:
        """*frame* on the engine of the deals."""
        return self.engine.take(frame)

    @property
    def in_memory(self) -> bool:
        """The deals are frames of pandas, not rows of an engine."""
        return False

    def filled(self, name: str) -> bool:
        """Some deal has a value in the column *name*."""
        return len(in_memory(rows_of(self.deals).filter(~col(name).is_null()).select(name).head(1))) > 0

    def at(self, day: date) -> SalesData:
        """The organisation on *day*, in memory."""
        return SalesData.build(
            self.sources, as_of=day, calendar=self.calendar, currency=self.currency, mega_limit=self.mega_limit,
            discount_limit=self.discount_limit, exported=self.exported,
        )  # fmt: skip

    @cached_property
    def _credited(self) -> tuple[Any, tuple[str, ...]]:
        splits = self.table("split")
        mine = splits[splits["credit_type"] == "revenue"]
        deals = rows_of(self.deals)
        whole = deals.select("deal_id", rep_id=col("owner_id"), pct=lit(1.0))
        if mine.empty:
            return cast(EngineRows, whole).to_native(), ()
        parts = mine.groupby(["deal_id", "rep_id"], as_index=False)["pct"].sum()
        total = parts.groupby("deal_id")["pct"].sum()
        wrong = total.index[(total - 1).abs() > TOLERANCE]
        split = rows_of(self.engine.take(parts[["deal_id", "rep_id", "pct"]].assign(pct=parts["pct"].astype(float))))
        there = in_memory(
            split.select("deal_id").unique("deal_id").join(deals.select("deal_id"), on="deal_id", how="semi")
        )
        right = split.filter(~col("deal_id").is_in(list(wrong))) if len(wrong) else split
        own = whole.join(split.select("deal_id").unique("deal_id"), on="deal_id", how="anti")
        every = below(right, own)
        return cast(EngineRows, every).to_native(), tuple(sorted({*map(str, wrong)} & {*there["deal_id"]}))

    @cached_property
    def unconverted(self) -> pd.DataFrame:
        """What is in no money total for want of a rate: ``n`` deals and their ``total``, by their currency."""
        apart = rows_of(self.deals).filter(col("fx_kind") == "unconverted", ~col("amount_original").is_null())
        return tally(apart, ["currency"], total=col("amount_original"))

    @cached_property
    def sellers(self) -> tuple[str, ...]:
        """Reps who sell and own at least one deal; when no role is known, all who own a deal."""
        owners = set(tally(self.deals, ["owner_id"]).index)
        role = self.reps["role"]
        sells = role.isna() | role.isin(SELLER_ROLES)
        return tuple(rep for rep in self.reps.index[sells] if rep in owners)

    @cached_property
    def season(self) -> Mapping[int, float] | None:
        """Index of each month (mean 1), as the organisation states it or two years of wins show it; else None."""
        deals = rows_of(self.deals)
        days = tally(deals.filter(col("status") == "won"), ["closed"])
        won = pd.Series(np.repeat(days.index.to_numpy(dtype=float), days["n"]))
        moments = {name: col(name) for name in ("created", "engaged", "closed")}
        earliest = {name: col(name).min() for name in moments}
        all_deals = deals.select(everybody=lit(1), **moments).summed("everybody", **earliest).table()
        first = float(all_deals[list(moments)].to_numpy(dtype=float).min())
        return stated(self.table("seasonal_index")) or observed(won, first, day_number(self.as_of), self.calendar)

    def adjustments(self, period: Period) -> Any:
        """Closings of earlier periods that were undone in *period*, with the columns of ``undone``."""
        rows = rows_of(self.undone)
        return rows.filter(
            col("closed") < period.first, col("undone_on") >= period.first, col("undone_on") < period.after
        )

    def open(self) -> Any:
        """Deals open at ``as_of``."""
        return rows_of(self.deals).filter(col("status") == "open")

    def closed_in(self, period: Period, *, restate: bool = False) -> Any:
        """Deals won or lost in *period*, without those born closed; reopened deals as in :meth:`won_in`."""
        closings = self.closings(period, restate=restate)
        return closings.filter(col("status").is_in(["won", "lost"]), ~col("born_closed"))

    def won_in(self, period: Period, *, restate: bool = False) -> Any:
        """Deals won in *period*; see :meth:`SalesData.won_in`."""
        return self.closings(period, restate=restate).filter(col("status") == "won")

    def closings(self, period: Period, *, restate: bool = False) -> Any:
        """Deals closed in any way in *period*; reopened deals as in :meth:`won_in`."""
        inside = (col("closed") >= period.first) & (col("closed") < period.after)
        deals: Rows = rows_of(self.deals).filter(inside)
        if restate:
            return deals
        stood = rows_of(self.undone).filter(inside, col("undone_on") >= period.after)
        return below(deals, stood.select(*deals.names))


def open_large(
    files: Mapping[str, str], *, as_of: date, calendar: Calendar, currency: str, keep: Path,
    mega_limit: float = float("inf"), discount_limit: float = float("nan"), exported: date | None = None,
    engine: Engine | None = None, part: int = PART, beside: Mapping[str, pd.DataFrame] | None = None,
) -> LargeData:  # fmt: skip
    """See Parquet *files* (a path, also with ``*``, per table) as they stood at the end of *as_of*.

    The state of that day is written once into the folder *keep*, and found there again by the next who asks the same
    of files of the same size and age. Rows of *beside*, by table, count with those of the files. With histories,
    *part* deals are worked on at a time. Without *engine* it is DuckDB. TableError when a required table is missing.
    """
    for name in REQUIRED_TABLES:
        if name not in files:
            raise TableError(f"The table '{name}' is missing; there are: {', '.join(sorted(files)) or 'none'}.")
    keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    local: Any = engine_of("duckdb", spill=keep)
    connection = local.connection
    more = beside or {}
    counts = {name: _rows(connection, path) for name, path in files.items() if name in TABLES}

    def read(name: str) -> pd.DataFrame:
        parts = [read_table(connection, name, files[name])] if counts.get(name) else []
        return pd.concat([*parts, more[name]], ignore_index=True) if name in more else parts[0]

    sources = Tables(read, counts | {name: counts.get(name, 0) + len(frame) for name, frame in more.items()})
    today = day_number(as_of)
    seen = {name: known(name, sources.numbered(name, calendar), today) for name in ("fx_rate", "quota")}
    rates = Rates(currency, today, seen["fx_rate"])
    present = {name: files[name] for name in sources if name in files}
    place = keep / _key(present, as_of, calendar, currency, mega_limit)
    if not place.is_dir():
        staging = Path(f"{place}.new")
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        write_state(connection, present, staging, calendar, today, rates, mega_limit, part)
        publish(staging, place)
    running = engine or local
    state = {name: running.read(str(place / name / "*.parquet")) for name in ("deals", "visits", "undone")}
    return LargeData(
        as_of=as_of,
        calendar=calendar,
        currency=currency,
        **state,
        reps=sources["rep"].set_index("rep_id").sort_index(),
        quotas=seen["quota"],
        stages=sources["stage"].sort_values(["pipeline", "order"]).reset_index(drop=True),
        present=frozenset(sources),
        history="stage_history" in sources,
        exported=exported,
        sources=sources,
        mega_limit=mega_limit,
        discount_limit=discount_limit,
        _seen=seen,
        engine=running,
    )


def _rows(connection: Any, files: str) -> int:
    return int(connection.execute("SELECT count(*) FROM read_parquet($files)", {"files": files}).fetchone()[0])


def _key(files: Mapping[str, str], as_of: date, calendar: Calendar, currency: str, mega_limit: float) -> str:
    """Name of a state: the same files (by size and time of change) and settings give the same."""
    stamps = {
        name: [
            (str(file), file.stat().st_size, file.stat().st_mtime_ns)
            for file in sorted(Path(path).parent.glob(Path(path).name))
        ]
        for name, path in sorted(files.items())
    }
    told = json.dumps([salescoach.__version__, stamps, str(as_of), repr(calendar), currency, mega_limit])
    return f"{as_of}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
