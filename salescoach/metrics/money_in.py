"""What customers have paid, by when: the source text asks for paid deals, not for signed ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, credited, deals_of, remembered, sold, within
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons
from salescoach.metrics.curves import duration_median, median_answers, shares_by_age
from salescoach.metrics.expressions import col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.size import average_of
from salescoach.metrics.tally import Rows, in_memory
from salescoach.metrics.told import Told
from salescoach.statistics import random_sum_limits, zero_count_limit
from salescoach.tables.data import SalesData

_PAID_AGES = (60, 90, 180)
_WHOLE = 0.999  # of a bill; less is a part payment


_PAYMENT = ("deal_id", "amount", "paid_amount", "paid")


def payments_known(data: SalesData) -> bool:
    """Whether the import says anything about money received."""
    return "invoice" in data.present or data.filled("paid")


def bills(data: SalesData) -> pd.DataFrame:
    """What was to be paid for each deal: ``deal_id``, ``billed``, ``received`` (base currency), ``paid_day``.

    From invoices where there are any, else from the deal itself: then a deal is one bill over its amount.
    """
    today = day_number(data.as_of)
    if "invoice" not in data.present:
        won = in_memory(deals_of(data).filter(col("status") == "won").select(*_PAYMENT))
        received = won["paid_amount"].fillna(won["amount"]).where(won["paid"].notna())
        table = pd.DataFrame({"deal_id": won["deal_id"], "billed": won["amount"], "received": received})
        return table.assign(paid_day=won["paid"]).reset_index(drop=True)
    invoices = data.table("invoice").drop_duplicates("invoice_id")
    paid_day = invoices["paid_at_day"].where(invoices["paid_at_day"] <= today)
    paid = invoices.assign(paid=invoices["paid_amount"].fillna(invoices["amount"]), day=paid_day)
    return pd.DataFrame(
        {
            "deal_id": invoices["deal_id"],
            "billed": data.in_base(invoices, "amount", "issued_day"),
            "received": data.in_base(paid, "paid", "day"),
            "paid_day": paid_day,
        }
    )


def payments(data: SalesData, period: Period) -> Rows:
    """Payments received in *period* for won deals, by who has the credit; ``amount`` is the part received."""
    won = deals_of(data).filter(col("status") == "won").drop("amount")
    received = beside_deals(data, bills(data)).filter(within("paid_day", period), col("received") > 0)
    paid = received.join(won, on="deal_id", how="inner")
    return credited(data, paid.with_columns(amount=col("received")))


@remembered
def billed(data: SalesData, period: Period) -> Rows:
    """Bills of the deals won in *period*, each followed from the win until paid or ``as_of``: ``entry``, ``exit``,
    ``ended``, ``weight`` (part of its deal). A deal without a bill is one that still runs."""
    today = float(day_number(data.as_of))
    each = bills(data)
    total = each.groupby("deal_id")["billed"].transform("sum")
    whole = each["received"] >= _WHOLE * each["billed"]
    each = each.assign(weight=each["billed"] / total.where(total > 0), settled=each["paid_day"].where(whole))
    won = sold(data, period).join(beside_deals(data, each[["deal_id", "weight", "settled"]]), on="deal_id", how="left")
    ended = ~col("settled").is_null()
    last = when(ended).then(col("settled")).otherwise(lit(today))
    age = when(last < col("closed")).then(lit(0.0)).otherwise(last - col("closed"))
    weight = when(col("weight").is_null()).then(lit(1.0)).otherwise(col("weight"))
    return won.with_columns(exit=age, ended=ended, weight=weight, entry=lit(-0.5))


def settled(data: SalesData, period: Period) -> Rows:
    """Deals won in *period*, once each: ``exit`` (days until the last bill was paid, or so far), ``mine``."""
    today = float(day_number(data.as_of))
    states = billed(data, period).with_columns(open_bill=(~col("ended")).number())
    last = states.summed("deal_id", exit=col("exit").max(), open_bill=col("open_bill").max())
    deals = sold(data, period).join(last, on="deal_id", how="inner")
    possible = lit(today) - col("closed")
    paid = col("open_bill") == 0
    return deals.with_columns(
        mine=paid, other=lit(False), possible=possible,
        exit=when(paid).then(col("exit")).otherwise(possible),
    )  # fmt: skip


def _paid_bookings(ask: Question) -> Told:
    """Sum of credited payments; limits of a compound Poisson sum."""
    sums = ask.tally(ask.once(payments), total=col("amount"), squares=col("amount") ** 2)
    average = average_of(ask.everybody.tally(ask.once(payments), total=col("amount")))
    low, high = random_sum_limits(sums["total"], sums["squares"], LEVEL)
    none = sums["n"] == 0
    high = np.where(none, zero_count_limit(LEVEL) * average, high)
    unknown = not payments_known(ask.data)
    return answers(
        value=sums["total"], n=sums["n"], numerator=sums["total"], denominator=np.nan,
        low=np.where(none, 0.0, low), high=high,
        na_reason=reasons(sums.index, missing_field=unknown, no_exposure=~np.isfinite(high)), index=sums.index,
    )  # fmt: skip


def _paid_conversion(ask: Question) -> Told:
    """1 - Kaplan-Meier share still unpaid at 60, 90 and 180 days after the win."""
    found = shares_by_age(ask, ask.once(settled), _PAID_AGES)
    return _or_missing(ask, found)


def _collection_lag(ask: Question) -> Told:
    """Kaplan-Meier median of days from the win to the payment, each bill weighing its part of the deal."""
    found = duration_median(ask, ask.once(billed), weight="weight")
    return _or_missing(ask, median_answers(found, COLLECTION_LAG.min_n))


def _or_missing(ask: Question, found: Told) -> Told:
    return found if payments_known(ask.data) else found.assign(na_reason="missing_field")


PAID_BOOKINGS = Metric(
    metric_id="paid_bookings",
    version=1,
    unit="money",
    better="up",
    population="payments for won deals, by credit",
    time="paid in the period",
    value="amount received, in base currency at the rate of that day",
    null_rule="no payment data: missing_field",
    min_n=0,
    calculate=_paid_bookings,
    observe=payments,
    roles=CLOSERS,
)
PAID_CONVERSION = Metric(
    metric_id="paid_conversion",
    version=1,
    unit="share",
    better="up",
    population="won deals with an amount",
    time="won in the period, followed from the win",
    value="1 if every bill was paid by that age",
    null_rule="no payment data: missing_field; under 80 % of the deals of that age: immature_cohort",
    source="own; Kaplan & Meier 1958",
    min_n=5,
    calculate=_paid_conversion,
    observe=settled,
    roles=CLOSERS,
)
COLLECTION_LAG = Metric(
    metric_id="collection_lag",
    version=1,
    unit="days",
    better="down",
    population="bills of won deals; unpaid ones are right-censored at as_of",
    time="won in the period; days from the win to the payment",
    value="days, weighted with the bill's part of the deal",
    null_rule="no payment data: missing_field; half not yet paid: not_reached",
    source="own; Kaplan & Meier 1958",
    min_n=5,
    calculate=_collection_lag,
    observe=billed,
    roles=CLOSERS,
)
METRICS = (PAID_BOOKINGS, PAID_CONVERSION, COLLECTION_LAG)
