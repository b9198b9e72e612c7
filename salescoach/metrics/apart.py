"""What the catalogue wants to see apart: kinds of business, sizes of deals, dear discounts, both statements of a quota.

Each is a metric of its own beside the one that it divides, so that nothing that was reported changes its meaning.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from salescoach.calendar import Period
from salescoach.metrics.activity import engaged
from salescoach.metrics.cases import booked, booked_by_credit, closed, remembered
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.curves import everyone_by, lines_of, medians_of
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.quota import first_quota_of, quota_of, quota_rows
from salescoach.metrics.ratios import share
from salescoach.metrics.size import amounts_of, listed, selling, unconverted
from salescoach.metrics.tally import Rows, cells_of
from salescoach.metrics.told import Told, some
from salescoach.statistics import random_sum_limits, zero_count_limit
from salescoach.tables.data import SalesData

TYPES = ("new", "expansion", "renewal", "unknown")
SIZES = ("small", "medium", "large")
STATEMENTS = ("first", "newest")
_ROUNDING = 1e-9  # of the list price: a discount of exactly the limit needs no approval


def _type() -> Expr:
    return when(col("type").is_in(TYPES)).then(col("type")).otherwise(lit("unknown"))


@remembered
def closed_by_type(data: SalesData, period: Period) -> Rows:
    """Deals won or lost in *period*, with their kind of business as ``part``; ``unknown`` where none is given."""
    return closed(data, period).with_columns(part=_type())


@remembered
def booked_by_type(data: SalesData, period: Period) -> Rows:
    """What was booked in *period*, by credit, with the kind of business as ``part``."""
    return booked_by_credit(data, period).with_columns(part=_type())


@remembered
def dear_discounts(data: SalesData, period: Period) -> Rows:
    """Won deals with a list price; ``event`` marks those sold below it by more than anybody may without approval."""
    limit = data.discount_limit if np.isfinite(data.discount_limit) else 1.0
    least = col("list") * (1.0 - limit)
    return listed(data, period).with_columns(event=least - col("net") > col("list") * _ROUNDING)


@remembered
def engaged_by_size(data: SalesData, period: Period) -> Rows:
    """Open deals with an amount, their ``contacts``, and as ``part`` the third of all open deals that they are in.

    Equal amounts are in the same third: the lower one.
    """
    rows = engaged(data, period).filter(col("amount") > 0)
    bars = cells_of(rows, ["amount"])
    amounts, upto = bars["amount"], np.cumsum(bars["n"])
    first, second = (
        float(amounts[int(np.searchsorted(upto, upto[-1] * k / len(SIZES)))]) if len(bars) else np.inf for k in (1, 2)
    )
    band = when(col("amount") <= second).then(lit("medium")).otherwise(lit("large"))
    return rows.with_columns(part=when(col("amount") <= first).then(lit("small")).otherwise(band))


def _win_rate_by_type(ask: Question) -> Told:
    """won / (won + lost) of each kind of business, Wilson (1927)."""
    counts = ask.by_part(ask.cells(ask.once(closed_by_type), "part", won=col("won")), TYPES)
    return share(counts.index, counts["won"], counts["n"])


def _bookings_by_type(ask: Question) -> Told:
    """Sum of credited amounts won of each kind, less those undone; limits of a compound Poisson sum."""
    sums = ask.shared(_amounts_by_type)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan, low=sums["low"],
        high=sums["high"], na_reason=reasons(sums.index, no_exposure=sums["unseen"]), warnings=_caveats(ask, sums),
        index=sums.index,
    )  # fmt: skip


def _attainment_by_type(ask: Question) -> Told:
    """bookings of each kind / effective quota."""
    sums, target = ask.shared(_amounts_by_type), np.repeat(some(ask.shared(quota_of)), len(TYPES))
    return answers(
        value=sums["total"] / target, n=sums["n"], numerator=sums["total"], denominator=target,
        low=sums["low"] / target, high=sums["high"] / target,
        na_reason=reasons(sums.index, not_applicable=np.isnan(target), no_exposure=sums["unseen"]),
        warnings=_caveats(ask, sums), index=sums.index,
    )  # fmt: skip


def _amounts_by_type(ask: Question) -> Told:
    """Sums of :func:`amounts_of` for each kind, with ``low`` and ``high``; ``unseen`` where nothing can be said."""
    sums = amounts_of(ask, _rows_by_type(ask), TYPES)
    every = amounts_of(ask.everybody, _rows_by_type(ask.everybody), TYPES)
    average = np.tile(every["won"] / some(every["n"]), len(ask.groups))
    low, high = random_sum_limits(sums["won"], sums["squares"], LEVEL)
    none, undone = sums["n"] == 0, sums["won"] - sums["total"]
    high = np.where(none, zero_count_limit(LEVEL) * average, high) - undone
    there = np.repeat(selling(ask), len(TYPES))
    return sums.assign(low=np.where(none, 0.0, low) - undone, high=high, unseen=~there | ~np.isfinite(high))


def _caveats(ask: Question, sums: Told) -> npt.NDArray[np.object_]:
    return warned(sums.index, unconverted=unconverted(ask), wins_undone=sums["total"] < sums["won"])


def _rows_by_type(ask: Question) -> Rows:
    """The organisation counts each deal whole and once; a person, and a team, what they have the credit for."""
    if ask.by == "all":
        return booked(ask.data, ask.period).with_columns(part=_type())
    return ask.once(booked_by_type)


def _above_limit(ask: Question) -> Told:
    """won deals with a discount above the limit / won deals with a list price, Wilson (1927)."""
    sums = ask.tally(ask.once(dear_discounts), event=col("event"))
    unknown = ask.everybody.tally(ask.once(listed)).first("n") == 0
    unset = not np.isfinite(ask.data.discount_limit)
    found = share(sums.index, sums["event"], sums["n"])
    return found.assign(na_reason=reasons(sums.index, missing_field=unknown or unset))


def _contacts_by_size(ask: Question) -> Told:
    """Median number of people with a two-way contact over open deals of a size."""
    nobody = bool(ask.data.table("activity")["contact_id"].isna().all())
    cells, index = ask.cells(ask.once(engaged_by_size), "part", "contacts"), everyone_by(ask, SIZES)
    found = medians_of(cells, cells["contacts"], lines_of(cells, SIZES), index)
    return answers(
        value=found["median"], n=found["n"], numerator=found["n"], denominator=found["n"],
        na_reason=reasons(index, missing_field=nobody, not_applicable=ask.over), index=index,
    )  # fmt: skip


def _quota_versions(ask: Question) -> Told:
    """Effective quota by the first and by the newest statement of each quota known at as_of."""
    first, newest = ask.shared(first_quota_of), ask.shared(quota_of)
    index = everyone_by(ask, STATEMENTS)
    quota = np.column_stack([first, newest]).ravel()
    changed = (first != newest) & ~np.isnan(first)
    return answers(
        value=quota, n=~np.isnan(quota), numerator=quota, denominator=np.nan,
        na_reason=reasons(index, missing_field=np.isnan(quota)),
        warnings=warned(index, quota_changed=np.repeat(changed, len(STATEMENTS))), index=index,
    )  # fmt: skip


WIN_RATE_BY_TYPE = Metric(
    metric_id="win_rate_by_type",
    version=1,
    unit="share",
    better="up",
    population="deals won or lost, by kind of business: new, expansion, renewal, not stated",
    time="closed in the period; owner at close",
    value="1 if won",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 5 closed deals of the kind: below_min_n; no deal states its kind: missing_field",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_win_rate_by_type,
    observe=closed_by_type,
    fields=("type",),
    roles=CLOSERS,
)
BOOKINGS_BY_TYPE = Metric(
    metric_id="bookings_by_type",
    version=1,
    unit="money",
    better="up",
    population="won deals with an amount in the base currency, by credit and kind of business, less wins undone",
    time="closed in the period; owner at close",
    value="amount",
    null_rule="0 is a value while the rep was there and somebody won such a deal; else no_exposure",
    min_n=0,
    calculate=_bookings_by_type,
    observe=booked_by_type,
    fields=("amount", "type"),
    roles=CLOSERS,
)
ATTAINMENT_BY_TYPE = replace(
    BOOKINGS_BY_TYPE,
    metric_id="quota_attainment_by_type",
    unit="share",
    population="won deals by who has the credit, by kind, and wins of earlier periods that were undone in the period",
    value="part of the effective quota: the kinds add up to quota_attainment, the quota is one for all of them",
    null_rule="quota 0 or missing: not_applicable; a kind of which nobody won anything: no_exposure",
    calculate=_attainment_by_type,
    tables=("quota",),
)
DISCOUNT_ABOVE_LIMIT = Metric(
    metric_id="discount_above_limit",
    version=1,
    unit="share",
    better="down",
    population="won deals with an amount and a list price",
    time="closed in the period; owner at close",
    value="1 if the discount is above what may be given without approval",
    exclusions="deals whose lines are all free",
    null_rule="no limit set, or no list price anywhere: missing_field; fewer than 5: below_min_n",
    source="own; interval: Wilson 1927",
    min_n=5,
    calculate=_above_limit,
    observe=dear_discounts,
    fields=("amount",),
    roles=CLOSERS,
)
MULTITHREADING_BY_SIZE = Metric(
    metric_id="multithreading_by_size",
    version=1,
    unit="count",
    better="up",
    population="open deals with an amount, in thirds of the organisation's open deals by amount",
    time="state at as_of",
    value="people with a two-way contact",
    exclusions="deals without an amount",
    null_rule="activities name no contact: missing_field; none open: no_exposure; period over: not_applicable",
    min_n=1,
    calculate=_contacts_by_size,
    observe=engaged_by_size,
    estimate=False,
    tables=("activity",),
    fields=("amount",),
    roles=CLOSERS,
    pooled=True,
)
QUOTA_VERSIONS = Metric(
    metric_id="quota_versions",
    version=1,
    unit="money",
    better="context",
    population="quota rows that share a day with the period: as they were first stated, and as stated last",
    time="recorded up to as_of",
    value="quota x active working days shared with the period / working days of the quota",
    exclusions="quotas in another currency",
    null_rule="no quota for the whole period: missing_field",
    min_n=0,
    calculate=_quota_versions,
    observe=quota_rows,
    estimate=False,
    tables=("quota",),
    roles=CLOSERS,
)
METRICS = (
    BOOKINGS_BY_TYPE, ATTAINMENT_BY_TYPE, WIN_RATE_BY_TYPE, DISCOUNT_ABOVE_LIMIT, MULTITHREADING_BY_SIZE,
    QUOTA_VERSIONS,
)  # fmt: skip
