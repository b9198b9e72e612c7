"""What a unit of money spent on sales and marketing brings in, for teams and the whole organisation."""

from __future__ import annotations

import numpy as np

from salescoach.calendar import Period
from salescoach.metrics.cases import (
    beside_deals,
    booked,
    booked_by_credit,
    closed,
    deals_of,
    has_renewals,
    sold,
    within,
)
from salescoach.metrics.contract import Metric, answers, reasons, warned
from salescoach.metrics.costs import lagged_cost, lagged_cost_of_sources, prior_cost, stop_of
from salescoach.metrics.curves import everyone_by
from salescoach.metrics.events import each
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.size import amounts_of, booking_limits, unconverted
from salescoach.metrics.spread import costs_each
from salescoach.metrics.tally import Rows
from salescoach.metrics.told import Told, beside, some
from salescoach.tables.data import SalesData

_QUARTER = (84, 98)  # days; 12 to 14 weeks
_A_YEAR_OF_QUARTERS = 4
_PARTS = ("gross", "net")


def new_customers(data: SalesData, period: Period) -> Rows:
    """The first deal ever won of each company, if it was won in *period*."""
    won = deals_of(data).filter(col("status") == "won", ~col("account_id").is_null())
    return won.unique("account_id", keep="first", in_order=["closed", "deal_id"]).filter(within("closed", period))


def new_revenue(data: SalesData, period: Period) -> Rows:
    """What was booked in *period*, by credit, without renewals: they keep revenue, they do not add any."""
    return booked_by_credit(data, period).filter(col("type").is_null() | (col("type") != "renewal"))


def _new_revenue_whole(data: SalesData, period: Period) -> Rows:
    return booked(data, period).filter(col("type").is_null() | (col("type") != "renewal"))


def churned(data: SalesData, period: Period) -> Rows:
    """Renewals lost in *period*: revenue that went away."""
    return closed(data, period).filter(col("status") == "lost", col("type") == "renewal")


def _revenue(data: SalesData, first: int, after: int) -> float:
    """What was billed on the days from *first* up to *after*, in base currency."""
    bills = each(data, "invoice")
    bills = bills[(bills["issued_day"] >= first) & (bills["issued_day"] < after)]
    return float(data.in_base(bills, "amount", "issued_day").sum())


def billed_in_both(data: SalesData, period: Period) -> Rows:
    """Bills of *period* and of the stretch of the same length before it."""
    bills, length = each(data, "invoice"), period.after - period.first
    seen = bills["issued_day"].between(period.first - length, stop_of(data, period) - 1)
    deals = deals_of(data).select("deal_id", "owner_id")
    return beside_deals(data, bills[seen].reset_index(drop=True)).join(deals, on="deal_id", how="left")


def _cac(ask: Question) -> Told:
    """cost one sales cycle before the period / new customers in it; exact Poisson limits of their number."""
    cost, new = lagged_cost(ask), ask.tally(ask.once(new_customers))["n"]
    found = costs_each(ask.groups, cost, new, warnings=warned(ask.groups, cost_lagged=True))
    return found.assign(na_reason=reasons(found.index, missing_field=np.isnan(cost)))


def won_of_sources(data: SalesData, period: Period) -> Rows:
    """Deals with an amount won in *period*; ``part`` is their source, where it is known."""
    return sold(data, period).filter(~col("source").is_null()).with_columns(part=col("source"))


def _source_cost(ask: Question) -> Told:
    """cost of a source one sales cycle before the period / wins of it; exact Poisson limits of their number."""
    cost = lagged_cost_of_sources(ask)
    wins = ask.cells(ask.once(won_of_sources), "part")
    parts = sorted({*map(str, cost.index), *map(str, wins["part"])}) or [""]
    index, count = everyone_by(ask, parts), ask.by_part(wins, parts)["n"]
    spent = np.tile(cost.reindex(parts).to_numpy(dtype=float), len(ask.groups))
    found = costs_each(index, spent, count, warnings=warned(index, cost_lagged=True))
    return found.assign(na_reason=reasons(index, missing_field=np.isnan(spent)))


def _efficiency(ask: Question) -> Told:
    """new revenue (net: less renewals lost) / cost of the period before; limits of the revenue (compound Poisson)."""
    sums, cost = amounts_of(ask, ask.once(_new_revenue_whole if ask.by == "all" else new_revenue)), prior_cost(ask)
    low, high = booking_limits(ask, sums)
    gone = ask.tally(ask.once(churned), amount=col("amount"))["amount"]
    spent, found = some(cost), {}
    for part, less in zip(_PARTS, (gone * 0.0, gone), strict=True):
        found[part] = answers(
            value=(sums["total"] - less) / spent, n=sums["n"], numerator=sums["total"] - less, denominator=cost,
            low=(low - less) / spent, high=(high - less) / spent,
            na_reason=reasons(sums.index, missing_field=np.isnan(spent), no_exposure=~np.isfinite(high)),
            warnings=warned(sums.index, unconverted=unconverted(ask)), index=sums.index,
        )  # fmt: skip
    return beside(found, everyone_by(ask, _PARTS))


def _magic(ask: Question) -> Told:
    """(revenue of the quarter - revenue of the one before) x 4 / cost of the one before."""
    period, data = ask.period, ask.data
    length = period.after - period.first
    now, before = (_revenue(data, period.first - back, period.after - back) for back in (0, length))
    cost = prior_cost(ask)
    spent = some(cost)
    recurring = has_renewals(data)
    whole = _QUARTER[0] <= length <= _QUARTER[1] and ask.over
    n = ask.tally(ask.once(billed_in_both))["n"]
    reason = reasons(ask.groups, not_applicable=not recurring or not whole, missing_field=np.isnan(spent))
    return answers(
        value=(now - before) * _A_YEAR_OF_QUARTERS / spent, n=n, numerator=(now - before) * _A_YEAR_OF_QUARTERS,
        denominator=cost, na_reason=reason, index=ask.groups,
    )  # fmt: skip


CAC = Metric(
    metric_id="cac",
    version=1,
    unit="money",
    better="down",
    population="companies whose first deal ever was won; all cost of sales and marketing",
    time="won in the period; cost one usual sales cycle earlier",
    value="cost in base currency",
    exclusions="further deals of the same company",
    null_rule="no cost, or deals name no company: missing_field; no new customer: no_exposure",
    min_n=1,
    calculate=_cac,
    observe=new_customers,
    tables=("cost",),
    fields=("account_id",),
    scopes=("team", "all"),
    pooled=True,
)
SOURCE_COST = Metric(
    metric_id="source_cost_per_win",
    version=1,
    unit="money",
    better="down",
    population="won deals with an amount and a source; cost booked on that source",
    time="won in the period; cost one usual sales cycle earlier",
    value="cost in base currency",
    exclusions="cancelled, deleted and merged deals; cost that names no source",
    null_rule="no cost of the source, or fewer than 5 wins to know the cycle from: missing_field; no win: no_exposure",
    min_n=1,
    calculate=_source_cost,
    observe=won_of_sources,
    tables=("cost",),
    fields=("source",),
    scopes=("all",),
    pooled=True,
)
EFFICIENCY = Metric(
    metric_id="sales_efficiency_ratio",
    version=2,  # new revenue; version 1 took renewals for new
    unit="times",
    better="up",
    population="bookings without renewals; net = less renewals lost",
    time="won in the period; cost of the stretch of the same length before it",
    value="amount in base currency",
    null_rule="no cost: missing_field",
    min_n=0,
    calculate=_efficiency,
    observe=new_revenue,
    tables=("cost",),
    scopes=("team", "all"),
    pooled=True,
)
MAGIC = Metric(
    metric_id="magic_number",
    version=1,
    unit="times",
    better="up",
    population="bills of an organisation whose revenue recurs: one that has renewals",
    time="issued in the quarter, and in the one before",
    value="amount in base currency",
    null_rule="no renewals, not a quarter, or a quarter not over: not_applicable; no cost: missing_field",
    source="public SaaS definition",
    min_n=1,
    calculate=_magic,
    observe=billed_in_both,
    estimate=False,
    tables=("cost", "invoice"),
    scopes=("all",),
    pooled=True,
)
METRICS = (CAC, SOURCE_COST, EFFICIENCY, MAGIC)
