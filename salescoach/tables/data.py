"""The data of one organisation as it was known at the end of one day.

:class:`SalesData` is frozen and small: it reads no file and no clock. Rows later than ``as_of``
cannot be seen through it, so every calculation built on it can be repeated for any past day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from salescoach.calendar import Calendar, Period, date_numbers, day_number
from salescoach.errors import TableError, UsageError
from salescoach.tables.schema import REQUIRED_TABLES, TABLES

RAMP_DAYS = 182
_KEPT = (
    "deal_id name account_id owner_id pipeline stage status currency segment source product_id type loss_reason "
    "next_step"
).split()
SELLER_ROLES = ("AE", "SDR", "AM", "SAM", "CSM")


@dataclass(frozen=True)
class SalesData:
    """Tables of one organisation at ``as_of``.

    Attributes
    ----------
    deals : DataFrame
        One row per visible deal in its state at ``as_of``: ``deal_id``, ``owner_id``, ``status``
        (open, won, lost, cancelled), ``stage``, ``amount`` (base currency, missing when unknown or
        in another currency), the mix columns ``segment``, ``source``, ``product_id``, ``type``, and
        the day numbers ``created``, ``engaged``, ``closed``, ``expected``, ``last_activity``
        (float64, missing = unknown). ``started`` is ``engaged``, else ``created``; ``born_closed``
        marks deals won or lost on the day they were created.
    reps : DataFrame indexed by ``rep_id``
    quotas : DataFrame
        Only rows recorded at or before ``as_of``.
    stages : DataFrame
    present : frozenset of str
        Names of the tables that were imported at all: a metric that needs another one is NA.
    unconverted : int
        Visible deals whose amount is in another currency than ``currency``; in no money total.
    history : bool
        The past state of deals is known from a stage history; without it, it is inferred from dates.
    """

    as_of: date
    calendar: Calendar
    currency: str
    deals: pd.DataFrame
    reps: pd.DataFrame
    quotas: pd.DataFrame
    stages: pd.DataFrame
    present: frozenset[str]
    unconverted: int
    history: bool
    sources: Mapping[str, pd.DataFrame] = field(repr=False, compare=False)
    _seen: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.deals["deal_id"].duplicated().any():
            twice = self.deals.loc[self.deals["deal_id"].duplicated(), "deal_id"].iloc[0]
            raise TableError(f"opportunity has the deal '{twice}' more than once; keep one row per deal_id.")

    @classmethod
    def build(cls, tables: Mapping[str, pd.DataFrame], *, as_of: date, calendar: Calendar, currency: str) -> SalesData:
        """See *tables* (canonical frames; timestamps naive UTC) as they stood at the end of *as_of*."""
        for name in REQUIRED_TABLES:
            if name not in tables:
                raise TableError(
                    f"The table '{name}' is missing; there are: {', '.join(sorted(tables)) or 'none'}. Import it first."
                )
        frames = {name: _complete(name, frame) for name, frame in tables.items()}
        deals, unconverted = _deals_at(frames, day_number(as_of), calendar, currency)
        quotas = frames.get("quota", _complete("quota", pd.DataFrame()))
        recorded = calendar.day_numbers(quotas["recorded_at"])
        reps = frames["rep"].set_index("rep_id").sort_index()
        return cls(
            as_of=as_of,
            calendar=calendar,
            currency=currency,
            deals=deals,
            reps=reps,
            quotas=quotas[recorded <= day_number(as_of)].reset_index(drop=True),
            stages=frames["stage"].sort_values(["pipeline", "order"]).reset_index(drop=True),
            present=frozenset(name for name, frame in frames.items() if len(frame)),
            unconverted=unconverted,
            history="stage_history" in frames and len(frames["stage_history"]) > 0,
            sources=frames,
        )

    def table(self, name: str) -> pd.DataFrame:
        """One table as it was known at the end of ``as_of``; empty when it was not imported.

        Rows that became true or were stated later are left out. Beside each ``date`` or ``ts`` column ``x`` stands
        its day number ``x_day`` (float64, missing = unknown): calculations compare these. The deals in their state
        of that day are ``deals``, not ``table("opportunity")``.
        """
        if name not in TABLES:
            raise UsageError.unknown("table", name, TABLES)
        if name not in self._seen:
            self._seen[name] = _known(
                name, self.sources.get(name, _complete(name, pd.DataFrame())), self.calendar, day_number(self.as_of)
            )
        return self._seen[name]

    def rep(self, rep_id: str) -> pd.Series:
        """The person *rep_id*; UsageError naming those that exist when there is none."""
        if rep_id not in self.reps.index:
            raise UsageError.unknown("rep", rep_id, self.sellers)
        return pd.Series(self.reps.loc[rep_id])

    @cached_property
    def sellers(self) -> tuple[str, ...]:
        """Reps who sell and own at least one deal; when no role is known, all who own a deal."""
        owners = set(self.deals["owner_id"])
        role = self.reps["role"]
        sells = role.isna() | role.isin(SELLER_ROLES)
        return tuple(rep for rep in self.reps.index[sells] if rep in owners)

    def ramping(self, period: Period) -> frozenset[str]:
        """Reps who had been selling for less than :data:`RAMP_DAYS` when *period* ended: not compared yet."""
        limit = pd.Timestamp(period.end) - pd.Timedelta(days=RAMP_DAYS)
        return frozenset(self.reps.index[pd.to_datetime(self.reps["start_date"]) > limit])

    def peers(self, rep_id: str) -> tuple[str, ...]:
        """Sellers other than *rep_id* in the same role."""
        role = self.rep(rep_id)["role"]
        same = {other for other in self.sellers if other != rep_id}
        if pd.notna(role):
            same = {other for other in same if self.reps.at[other, "role"] == role}
        return tuple(sorted(same))

    def closed_in(self, period: Period) -> pd.DataFrame:
        """Deals won or lost in *period*, without those born closed."""
        deals = self.deals
        chosen = deals["status"].isin(("won", "lost")) & deals["closed"].between(period.first, period.after - 1)
        return deals[chosen & ~deals["born_closed"]]

    def won_in(self, period: Period) -> pd.DataFrame:
        """Deals won in *period*, those born closed included: they are bookings."""
        deals = self.deals
        return deals[(deals["status"] == "won") & deals["closed"].between(period.first, period.after - 1)]

    def open(self) -> pd.DataFrame:
        """Deals open at ``as_of``."""
        return self.deals[self.deals["status"] == "open"]


def _complete(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """*frame* with every canonical column of table *name*; required ones must be there."""
    if name not in TABLES:
        raise UsageError.unknown("table", name, TABLES)
    table = TABLES[name]
    if len(frame):
        for column in table.required:
            if column not in frame.columns:
                raise TableError.missing(name, column, frame.columns)
    absent = [column for column in table.names if column not in frame.columns]
    empty = {column: pd.Series(_missing(table[column].type), index=frame.index) for column in absent}
    return frame.assign(**empty)


def _known(name: str, frame: pd.DataFrame, calendar: Calendar, today: int) -> pd.DataFrame:
    """The rows of *frame* that were known on day number *today*, with the day number of every date."""
    table = TABLES[name]
    numbers = {
        f"{column.name}_day": (calendar.day_numbers if column.type == "ts" else date_numbers)(frame[column.name])
        for column in table.fields
        if column.type in ("ts", "date")
    }
    later = np.zeros(len(frame), dtype=bool)
    for column in (table.dated, table.recorded):
        if column:
            later |= (numbers[f"{column}_day"] > today).to_numpy()
    return frame.assign(**numbers)[~later].reset_index(drop=True)


def _missing(kind: str) -> object:
    return {"ts": pd.NaT, "date": pd.NaT, "text": None, "bool": None}.get(kind, np.nan)


def _deals_at(
    frames: Mapping[str, pd.DataFrame], today: int, calendar: Calendar, currency: str
) -> tuple[pd.DataFrame, int]:
    """Deals visible on day number *today*, in their state of that day; and how many are unconverted."""
    source = frames["opportunity"]
    gone = (
        source["is_deleted"].astype("boolean").fillna(False).astype(bool) | source["merged_into"].notna()
    ).to_numpy()
    source = source[~gone].sort_values("deal_id", kind="stable")
    deals = source[_KEPT].copy()
    for column, given in (
        ("created", "created_at"),
        ("engaged", "engaged_at"),
        ("closed", "closed_at"),
        ("last_activity", "last_activity_at"),
    ):
        deals[column] = calendar.day_numbers(source[given])
    deals["expected"] = date_numbers(source["expected_close"])
    deals["amount"] = source["amount"].astype(float)

    first_seen = deals["created"].fillna(deals["engaged"])
    deals = deals[~(first_seen > today)].copy()  # unknown beginning: the export shows it, so it is there
    reopened = deals["closed"] > today
    deals.loc[reopened, ["status", "closed", "loss_reason"]] = ["open", np.nan, None]
    deals.loc[deals["engaged"] > today, "engaged"] = np.nan
    deals.loc[deals["last_activity"] > today, "last_activity"] = np.nan
    _owner_at(deals, frames.get("owner_history"), today, calendar)
    _stage_at(deals, frames.get("stage_history"), reopened[reopened].index, today, calendar)

    deals["started"] = deals["engaged"].fillna(deals["created"])
    deals["born_closed"] = deals["closed"].notna() & (deals["created"] == deals["closed"])
    foreign = deals["currency"].notna() & (deals["currency"] != currency)
    unconverted = int((foreign & deals["amount"].notna()).sum())
    deals.loc[foreign, "amount"] = np.nan
    return deals.reset_index(drop=True), unconverted


def _owner_at(deals: pd.DataFrame, history: pd.DataFrame | None, today: int, calendar: Calendar) -> None:
    """Owner at close for closed deals, at *today* for open ones, where an owner history says so."""
    if history is None or history.empty:
        return
    rows = pd.DataFrame(
        {
            "deal_id": history["deal_id"],
            "then": history["owner_id"],
            "from": calendar.day_numbers(history["valid_from"]),
            "to": calendar.day_numbers(history["valid_to"]).fillna(np.inf),
        }
    )
    moment = deals[["deal_id"]].assign(at=deals["closed"].fillna(today))
    joined = moment.merge(rows, on="deal_id")
    joined = joined[(joined["from"] <= joined["at"]) & (joined["at"] < joined["to"])]
    owner = joined.sort_values("from").groupby("deal_id")["then"].last()
    deals["owner_id"] = deals["deal_id"].map(owner).fillna(deals["owner_id"])


def _stage_at(
    deals: pd.DataFrame, history: pd.DataFrame | None, reopened: pd.Index, today: int, calendar: Calendar
) -> None:
    """Stage, amount and expected close that open deals had on day *today*.

    Without a history, the stage of a deal that has closed since is unknown: missing, not guessed.
    """
    if history is None or history.empty:
        deals.loc[reopened, "stage"] = None
        return
    entered = calendar.day_numbers(history["entered_at"])
    seen = history.assign(_day=entered)[entered <= today]
    latest = seen.sort_values(["_day", "entered_at"], kind="stable").groupby("deal_id").last()
    is_open = deals["status"] == "open"
    ids = deals.loc[is_open, "deal_id"]
    deals.loc[is_open, "stage"] = ids.map(latest["stage_to"]).fillna(deals.loc[is_open, "stage"])
    deals.loc[reopened, "stage"] = deals.loc[reopened, "deal_id"].map(latest["stage_to"])
    deals.loc[is_open, "amount"] = ids.map(latest["amount_at"]).fillna(deals.loc[is_open, "amount"])
    expected = ids.map(date_numbers(latest["close_date_at"]))
    deals.loc[is_open, "expected"] = expected.fillna(deals.loc[is_open, "expected"])
