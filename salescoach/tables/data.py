"""The data of one organisation as it was known at the end of one day.

:class:`SalesData` is frozen and small: it reads no file and no clock. Rows later than ``as_of``
cannot be seen through it, so every calculation built on it can be repeated for any past day.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from salescoach.calendar import Calendar, Elapsed, Period, day_number
from salescoach.errors import TableError, UsageError
from salescoach.tables.credit import revenue_credit
from salescoach.tables.deals import deals_at
from salescoach.tables.frames import Tables, known
from salescoach.tables.money import Rates, unconverted
from salescoach.tables.people import assigned, exposure
from salescoach.tables.schema import REQUIRED_TABLES, TABLES
from salescoach.tables.season import observed, stated

T = TypeVar("T")
RAMP_DAYS = 182
SELLER_ROLES = ("AE", "SDR", "AM", "SAM", "CSM")


@dataclass(frozen=True)
class SalesData:
    """Tables of one organisation at ``as_of``.

    Attributes
    ----------
    deals : DataFrame
        One row per visible deal in its state at ``as_of``: ``deal_id``, ``status`` (open, won, lost, cancelled),
        ``stage``, the mix columns ``segment``, ``source``, ``product_id``, ``type``, and the rest of the table
        ``opportunity``. Persons: ``owner_id`` is the owner at the closing (at ``as_of`` while open),
        ``creator_id`` and ``engager_id`` those at creation and engagement; ``inherited`` marks deals whose owner is
        not the first. Money: ``amount``, ``cost``, ``paid_amount`` in base currency, missing when unknown or without
        a rate; ``amount_original`` in ``currency``; ``fx_kind`` (base, close_date, as_of, unconverted) says by
        which rate. Day numbers (float64, missing = unknown): ``created``, ``engaged``, ``closed``, ``expected``,
        ``last_activity``, ``next_step_due``, ``paid``; ``started`` is ``engaged``, else ``created``.
        ``born_closed`` marks deals won or lost on the day they were created, ``is_mega`` those above the limit.
    visits : DataFrame
        Stage visits up to ``as_of`` (:func:`salescoach.tables.visits.stage_visits`); empty without a history.
    undone : DataFrame
        Closings undone up to ``as_of``: the columns of ``deals`` as they were at that closing, and ``undone_on``.
    reps : DataFrame indexed by ``rep_id``
    quotas : DataFrame
        Only rows recorded at or before ``as_of``.
    stages : DataFrame
    present : frozenset of str
        Names of the tables that were imported at all: a metric that needs another one is NA.
    history : bool
        The past state of deals is known from a stage history; without it, it is inferred from dates.
    exported : date or None
        Day of the export in which the tables came, if it is known.
    mega_limit : float
        Amount in ``currency`` from which on a deal is a mega deal.
    discount_limit : float
        Share of the list price up to which anybody may give a discount without approval; missing when none is set.
    """

    as_of: date
    calendar: Calendar
    currency: str
    deals: pd.DataFrame
    visits: pd.DataFrame
    undone: pd.DataFrame
    reps: pd.DataFrame
    quotas: pd.DataFrame
    stages: pd.DataFrame
    present: frozenset[str]
    history: bool
    exported: date | None
    sources: Tables = field(repr=False, compare=False)
    mega_limit: float = float("inf")
    discount_limit: float = float("nan")
    _seen: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)
    _past: dict[date, SalesData] = field(default_factory=dict, repr=False, compare=False)
    _found: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def build(
        cls,
        tables: Mapping[str, pd.DataFrame],
        *,
        as_of: date,
        calendar: Calendar,
        currency: str,
        mega_limit: float = float("inf"),
        discount_limit: float = float("nan"),
        exported: date | None = None,
    ) -> SalesData:
        """See *tables* (canonical frames; timestamps naive UTC) as they stood at the end of *as_of*.

        From *mega_limit* on, in *currency*, a deal is a mega deal: shown singly, out of averages. A discount above
        *discount_limit*, a share, needs approval. *exported* is the day on which the tables were taken, if that is
        known.
        """
        for name in REQUIRED_TABLES:
            if name not in tables:
                raise TableError(
                    f"The table '{name}' is missing; there are: {', '.join(sorted(tables)) or 'none'}. Import it first."
                )
        sources = tables if isinstance(tables, Tables) else Tables.of(tables)
        today = day_number(as_of)
        seen = {
            name: known(name, sources.numbered(name, calendar), today)
            for name in ("stage_history", "owner_history", "fx_rate", "quota")
        }
        plain = {name: sources.get_or_empty(name) for name in REQUIRED_TABLES}
        rates = Rates(currency, today, seen["fx_rate"])
        given = {**plain, **seen, "opportunity": sources.numbered("opportunity", calendar)}
        states = deals_at(given, calendar, today, rates, mega_limit)
        return cls(
            as_of=as_of,
            calendar=calendar,
            currency=currency,
            deals=states.deals,
            visits=states.visits,
            undone=states.undone,
            reps=plain["rep"].set_index("rep_id").sort_index(),
            quotas=seen["quota"],
            stages=plain["stage"].sort_values(["pipeline", "order"]).reset_index(drop=True),
            present=frozenset(sources),
            history="stage_history" in sources,
            exported=exported,
            sources=sources,
            mega_limit=mega_limit,
            discount_limit=discount_limit,
            _seen=seen,
        )

    def at(self, day: date) -> SalesData:
        """The same organisation as it was known at the end of *day*; made once, however many ask."""
        if day == self.as_of:
            return self
        if day not in self._past:
            self._past[day] = SalesData.build(
                self.sources, as_of=day, calendar=self.calendar, currency=self.currency, mega_limit=self.mega_limit,
                discount_limit=self.discount_limit, exported=self.exported,
            )  # fmt: skip
        return self._past[day]

    def once(self, what: Hashable, find: Callable[[], T]) -> T:
        """What *find* gives, made only once under the name *what*: the one place where found rows are kept.

        They may be kept because nothing about this day can change; whoever gets them must not change them either.
        """
        if what not in self._found:
            self._found[what] = find()
        found: T = self._found[what]
        return found

    def table(self, name: str) -> pd.DataFrame:
        """One table as it was known at the end of ``as_of``; empty when it was not imported.

        Rows that became true or were stated later are left out. Beside each ``date`` or ``ts`` column ``x`` stands
        its day number ``x_day`` (float64, missing = unknown): calculations compare these. The deals in their state
        of that day are ``deals``, not ``table("opportunity")``.
        """
        if name not in TABLES:
            raise UsageError.unknown("table", name, TABLES)
        if name not in self._seen:
            frame = self.sources.numbered(name, self.calendar)
            self._seen[name] = known(name, frame, day_number(self.as_of))
        return self._seen[name]

    @cached_property
    def credit(self) -> pd.DataFrame:
        """Revenue credit at ``as_of``: ``deal_id``, ``rep_id``, ``pct``. Its parts sum to 1 for each deal.

        The owner has the whole deal where no split is known. Deals of :attr:`unsplit` are not in it.
        """
        return self._credited[0]

    @property
    def unsplit(self) -> tuple[str, ...]:
        """Deals whose revenue splits do not sum to 1, or were set aside by the import, which lets none of them count.

        They are in the totals of the organisation, in nobody's credit.
        """
        return self._credited[1]

    @cached_property
    def _credited(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        return revenue_credit(self.deals, self.table("split"), self.sources.uncredited)

    @cached_property
    def unconverted(self) -> pd.DataFrame:
        """What is in no money total for want of a rate: ``n`` deals and their ``total``, by their currency."""
        return unconverted(self.deals)

    @cached_property
    def rates(self) -> Rates:
        """Exchange rates into ``currency`` as known at ``as_of``."""
        return Rates(self.currency, day_number(self.as_of), self.table("fx_rate"))

    def in_base(self, frame: pd.DataFrame, amount: str, day: str, kind: str = "spot") -> pd.Series:
        """Column *amount* of *frame* in base currency, by its column ``currency`` and the day numbers in *day*.

        The one way in which money of any table is converted. *kind* is ``spot``, the rate of the day, or ``plan``,
        the rate agreed for the year. Missing where there is no rate.
        """
        return self.rates.convert(frame, amount, day, kind)

    @cached_property
    def plan_amounts(self) -> pd.Series:
        """Amounts of ``deals`` at plan rates (constant currency), in their order; missing without a plan rate."""
        day = self.deals["closed"].fillna(float(day_number(self.as_of)))
        return self.in_base(self.deals.assign(_day=day), "amount_original", "_day", "plan")

    @property
    def state_known(self) -> bool:
        """The deals are as they were, by a history or an export of that day or before; not inferred from dates."""
        return self.state_known_on(self.as_of)

    def state_known_on(self, day: date) -> bool:
        """Whether :attr:`state_known` holds of these data as they were :meth:`at` *day*."""
        return self.history or (self.exported is not None and self.exported <= day)

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

    def assigned(self, day: date | None = None) -> pd.DataFrame:
        """Team, manager, role, segment, territory and part of full time of everybody on *day* (``as_of``)."""
        return assigned(self.reps, self.table("assignment"), day_number(day or self.as_of))

    def exposure(self, period: Period) -> pd.DataFrame:
        """Working days of each rep in *period* up to ``as_of``, and their ``share`` of the possible ones.

        By assignment, part of full time, leave, first and last day (:func:`salescoach.tables.people.exposure`).
        """
        after = min(period.end, self.as_of + timedelta(days=1))
        return self.once(
            ("exposure", period.start, after),
            lambda: exposure(
                self.reps, self.table("assignment"), self.table("leave"), self.calendar, period.start, after
            ),
        )

    @cached_property
    def season(self) -> Mapping[int, float] | None:
        """Index of each month (mean 1), as the organisation states it or two years of wins show it; else None."""
        won = self.deals.loc[self.deals["status"] == "won", "closed"]
        first = self.deals[["created", "engaged", "closed"]].min().min()
        return stated(self.table("seasonal_index")) or observed(won, first, day_number(self.as_of), self.calendar)

    def elapsed(self, period: Period) -> Elapsed:
        """How much of the working time of *period* has passed at ``as_of``, weighted with the season if known."""
        return self.calendar.elapsed(period, self.as_of, self.season)

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

    def closed_in(self, period: Period, *, restate: bool = False) -> pd.DataFrame:
        """Deals won or lost in *period*, without those born closed; reopened deals as in :meth:`won_in`."""
        closings = self.closings(period, restate=restate)
        return closings[closings["status"].isin(("won", "lost")) & ~closings["born_closed"]]

    def won_in(self, period: Period, *, restate: bool = False) -> pd.DataFrame:
        """Deals won in *period*, those born closed included: they are bookings.

        A win that was undone within *period* is none. One that was undone later stays a win of *period*, because
        what was once reported is not changed in silence; it is a line in the :meth:`adjustments` of the later
        period. With *restate* it is left out, for analysts who want the past as it is seen today.
        """
        closings = self.closings(period, restate=restate)
        return closings[closings["status"] == "won"]

    def adjustments(self, period: Period) -> pd.DataFrame:
        """Closings of earlier periods that were undone in *period*, with the columns of ``undone``.

        The amounts of those that had been won are to be taken off the bookings of *period*.
        """
        undone = self.undone
        return undone[(undone["closed"] < period.first) & undone["undone_on"].between(period.first, period.after - 1)]

    def closings(self, period: Period, *, restate: bool = False) -> pd.DataFrame:
        """Deals closed in any way in *period*; reopened deals as in :meth:`won_in`."""
        deals = self.deals[self.deals["closed"].between(period.first, period.after - 1)]
        stood = self.undone["closed"].between(period.first, period.after - 1) & (
            self.undone["undone_on"] >= period.after
        )
        if restate or not stood.any():
            return deals
        return pd.concat([deals, self.undone.loc[stood, deals.columns]], ignore_index=True)

    @property
    def in_memory(self) -> bool:
        """The deals are frames of pandas, not rows of an engine."""
        return True

    def filled(self, name: str) -> bool:
        """Some deal has a value in the column *name*."""
        return self.once(("filled", name), lambda: bool(self.deals[name].notna().any()))

    def beside_deals(self, frame: pd.DataFrame) -> pd.DataFrame:
        """*frame* in the form in which the deals are, so that the two can be joined, whatever counts the rows."""
        return frame

    def open(self) -> pd.DataFrame:
        """Deals open at ``as_of``."""
        return self.deals[self.deals["status"] == "open"]
