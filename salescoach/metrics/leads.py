"""From a lead to a deal to a customer, by age and by source."""

from __future__ import annotations

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, deals_of, remembered, within
from salescoach.metrics.contract import CLOSERS, OPENERS, Metric
from salescoach.metrics.curves import everyone_by, shares_by_age
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.money_in import payments_known, settled
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, tally
from salescoach.metrics.told import Told, below, in_order
from salescoach.tables.data import SalesData

AGES = (30, 90, 180)
_SOURCE_AGE = 90
_NO_SOURCE = "unknown"


@remembered
def _leads(data: SalesData, period: Period) -> Rows:
    """Leads that arrived in *period*; what became of them after ``as_of`` is not seen."""
    today = day_number(data.as_of)
    seen = [
        when(col(f"{event}_day") <= today).then(col(f"{event}_day")) for event in ("converted_at", "disqualified_at")
    ]
    leads = beside_deals(data, data.table("lead")).unique("lead_id").filter(within("created_at_day", period))
    return leads.select(
        "lead_id", "owner_id", "source", "segment", "converted_deal_id", began=col("created_at_day"),
        converted=seen[0], given_up=seen[1],
    )  # fmt: skip


def _followed(rows: Rows, reached: str, otherwise: str, today: int) -> Rows:
    """Columns ``exit``, ``mine``, ``other``, ``possible`` of rows begun at ``began``: whichever day comes first."""
    other_first = col(reached).is_null() | (col(otherwise) < col(reached))
    other = ~col(otherwise).is_null() & other_first
    mine = ~col(reached).is_null() & ~other
    last = when(mine).then(col(reached)).otherwise(
        when(other).then(col(otherwise)).otherwise(lit(float(today)))
    )  # fmt: skip
    possible = lit(float(today)) - col("began")
    return rows.with_columns(mine=mine, other=other, exit=last - col("began"), possible=possible)


def leads_to_deals(data: SalesData, period: Period) -> Rows:
    """Leads of *period*, followed until converted, given up, or ``as_of``."""
    return _followed(_leads(data, period), "converted", "given_up", day_number(data.as_of))


def leads_to_customers(data: SalesData, period: Period) -> Rows:
    """Leads of *period*, followed until their deal was won; given up, or the deal lost, ends the way."""
    ends = deals_of(data).filter(col("status").is_in(["won", "lost", "cancelled"]))
    ends = ends.select("status", "closed", converted_deal_id=col("deal_id"))
    joined = _leads(data, period).join(ends, on="converted_deal_id", how="left")
    won = when(col("status") == "won").then(col("closed"))
    failed = when(col("status").is_in(["lost", "cancelled"])).then(col("closed")).otherwise(col("given_up"))
    return _followed(joined.with_columns(won=won, failed=failed), "won", "failed", day_number(data.as_of))


def created(data: SalesData, period: Period) -> Rows:
    """Deals created in *period*, followed until won, lost, or ``as_of``; ``owner_id`` is the owner at creation."""
    deals = deals_of(data).filter(
        within("created", period), col("status").is_in(["open", "won", "lost"]), ~col("born_closed")
    )
    won, failed = (when(col("status") == status).then(col("closed")) for status in ("won", "lost"))
    begun = deals.with_columns(began=col("created"), won=won, failed=failed, owner_id=col("creator_id"))
    return _followed(begun, "won", "failed", day_number(data.as_of))


def _lead_to_opp(ask: Question) -> Told:
    """Cumulative incidence of conversion by 30, 90, 180 days, giving up competing (Aalen & Johansen 1978)."""
    return shares_by_age(ask, ask.once(leads_to_deals), AGES)


def _opp_to_cust(ask: Question) -> Told:
    """Cumulative incidence of winning 30, 90, 180 days after creation, losing competing (Aalen & Johansen 1978)."""
    return shares_by_age(ask, ask.once(created), AGES)


def _lead_to_cust(ask: Question) -> Told:
    """Cumulative incidence of a won deal 30, 90, 180 days after arrival of the lead (Aalen & Johansen 1978)."""
    return shares_by_age(ask, ask.once(leads_to_customers), AGES)


def _source_quality(ask: Question) -> Told:
    """lead_to_opp, lead_to_cust and paid_conversion at 90 days, source by source."""
    found = []
    for name, find in _MEASURES.items():
        if find is settled and not payments_known(ask.data):
            continue
        source = when(col("source").is_null()).then(lit(_NO_SOURCE)).otherwise(col("source"))
        rows = ask.once(find).with_columns(part=source)
        sources = sorted(tally(rows, ["part"]).index)
        shares = shares_by_age(ask, rows, (_SOURCE_AGE,), "part", sources)
        found.append(shares.set_axis(everyone_by(ask, [f"{one}: {name}" for one in sources])))
    return in_order(below(found))


_MEASURES = {"lead_to_opp": leads_to_deals, "lead_to_cust": leads_to_customers, "paid_conversion": settled}
LEAD_TO_OPP = Metric(
    metric_id="lead_to_opp",
    version=1,
    unit="share",
    better="up",
    population="leads; given up is a competing event, untouched is right-censored",
    time="arrived in the period, followed to as_of",
    value="1 if converted by that age",
    null_rule="under 80 % of the leads of that age: immature_cohort",
    source="own; Aalen & Johansen 1978",
    min_n=5,
    calculate=_lead_to_opp,
    observe=leads_to_deals,
    tables=("lead",),
    roles=OPENERS,
)
OPP_TO_CUST = Metric(
    metric_id="opp_to_cust",
    version=1,
    unit="share",
    better="up",
    population="deals; lost is a competing event, open is right-censored",
    time="created in the period, followed to as_of; owner at creation",
    value="1 if won by that age",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="under 80 % of the deals of that age: immature_cohort",
    source="own; Aalen & Johansen 1978",
    min_n=5,
    calculate=_opp_to_cust,
    observe=created,
    fields=("created",),
    roles=CLOSERS,
)
LEAD_TO_CUST = Metric(
    metric_id="lead_to_cust",
    version=1,
    unit="share",
    better="up",
    population="leads; given up, or a deal lost, is a competing event",
    time="arrived in the period, followed to as_of",
    value="1 if its deal was won by that age",
    null_rule="under 80 % of the leads of that age: immature_cohort",
    source="own; Aalen & Johansen 1978",
    min_n=5,
    calculate=_lead_to_cust,
    observe=leads_to_customers,
    tables=("lead",),
    roles=OPENERS,
)
SOURCE_QUALITY = Metric(
    metric_id="source_quality",
    version=1,
    unit="share",
    better="up",
    population="leads, and won deals, of each source",
    time="arrived, or won, in the period; by 90 days",
    value="1 if converted, won, or paid by that age",
    null_rule="fewer than 5 of a source: below_min_n; under 80 % of that age: immature_cohort",
    source="own; Aalen & Johansen 1978",
    min_n=5,
    calculate=_source_quality,
    observe=leads_to_customers,
    tables=("lead",),
    roles=OPENERS,
)
METRICS = (LEAD_TO_OPP, OPP_TO_CUST, LEAD_TO_CUST, SOURCE_QUALITY)
