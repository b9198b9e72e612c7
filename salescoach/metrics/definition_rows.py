"""The rows that a definition counts, as whole numbers: one per deal and person, with value and weight.

Money is whole hundredths of the base currency, so that sums are exact. The number of a definition is made of these
rows and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.errors import UsageError
from salescoach.metrics.cases import NOBODY
from salescoach.metrics.definitions import USUAL, Definition
from salescoach.metrics.money_in import bills
from salescoach.metrics.pipeline import qualified
from salescoach.metrics.tally import in_memory
from salescoach.tables.data import SalesData
from salescoach.tables.visits import Owners
from salescoach.tables.waterfall import hundredths

KEY = ["deal_id", "rep_id"]
MILLIONTHS = 1_000_000
_CREDITED = ("bookings", "paid_bookings")
_AVERAGES = ("ads_mean", "ads_median", "ads_geometric")
_RATES = ("win_rate_count", "win_rate_value")


def period_of(definition: Definition, data: SalesData) -> Period:
    """The period of *definition*; UsageError when it names none."""
    if not definition.period:
        raise UsageError("The definition names no period. Add period=2025Q4, or give the period beside it.")
    return data.calendar.period(definition.period, data.as_of)


def rows(definition: Definition, data: SalesData, rep: str | None = None) -> pd.DataFrame:
    """What *definition* counts for *rep*, or for the organisation, which has every deal whole.

    Returns
    -------
    DataFrame indexed by ``deal_id`` and ``rep_id``
        ``value`` and ``weight``, whole numbers: a sum adds up the values, a share or a mean divides the values by
        the weights. Money is in hundredths.
    """
    period = period_of(definition, data)
    deals = _FOUND.get(definition.measure, _closings)(definition, data, period)
    deals = _at_rate(_kept(deals, definition), definition, data)
    deals = deals.assign(rep_id=_owners(deals, definition, data))
    if definition.measure != "wins" and definition.measure != "win_rate_count":
        deals = deals[deals["amount"].abs() > 0]
    if rep is not None:
        deals = _credited(deals, definition, data)
        deals = deals[deals["rep_id"] == rep]
    counted: dict[str, Any] = dict(_value_and_weight(deals, definition.measure))
    valued = deals[KEY].fillna(NOBODY).assign(**counted)
    return valued.groupby(KEY)[["value", "weight"]].sum().sort_index()


def total(measure: str, counted: pd.DataFrame) -> int | None:
    """The number that *counted* rows give: hundredths, a count, or millionths; None where there is none."""
    value, weight = counted["value"].to_numpy(), counted["weight"].to_numpy()
    if measure in _RATES or measure in _AVERAGES:
        if not weight.sum():
            return None
        if measure == "ads_median":
            return round(float(np.median(value)))
        if measure == "ads_geometric":
            return round(float(np.exp(np.log(value).mean())))
        scale = MILLIONTHS if measure in _RATES else 1
        return round(scale * int(value.sum()) / int(weight.sum()))
    return int(value.sum())


def _value_and_weight(deals: pd.DataFrame, measure: str) -> dict[str, object]:
    one = np.ones(len(deals), dtype=np.int64)
    cents, won = hundredths(deals["amount"]), (deals["status"] == "won").to_numpy().astype(np.int64)
    if measure == "wins":
        return {"value": one, "weight": one}
    if measure == "win_rate_count":
        return {"value": won, "weight": one}
    if measure == "win_rate_value":
        return {"value": won * cents, "weight": cents}
    return {"value": cents, "weight": one}


def _closings(definition: Definition, data: SalesData, period: Period) -> pd.DataFrame:
    """Deals that ended in a way that counts, by the day the definition looks at; with wins undone as it says."""
    restate = definition.undone == "restated"
    day = "closed" if definition.date == USUAL else definition.date
    if day == "closed":
        deals = data.closings(period, restate=restate)
    else:
        deals = data.deals[data.deals[day].between(period.first, period.after - 1)]
    ways = ["won", "lost"] if definition.measure in _RATES else ["won"]
    if definition.measure in _RATES and definition.cancelled == "in":
        ways.append("cancelled")
    deals = deals[deals["status"].isin(ways)]
    taken = data.adjustments(period)
    taken = taken[(taken["status"] == "won") & (taken["amount"] > 0)]
    if definition.measure != "bookings" or restate or day != "closed" or taken.empty:
        return deals
    signed = {name: -taken[name] for name in ("amount", "amount_original")}
    return pd.concat([deals, taken.assign(**signed)[deals.columns]], ignore_index=True)


def _open(definition: Definition, data: SalesData, period: Period) -> pd.DataFrame:
    """Open deals due in the period, or whose other day lies in it."""
    deals = data.open()
    day = "expected" if definition.date == USUAL else definition.date
    first = max(period.first, day_number(data.as_of)) if day == "expected" else period.first
    return deals[deals[day].between(first, period.after - 1)]


def _created(definition: Definition, data: SalesData, period: Period) -> pd.DataFrame:
    """Deals that entered the pipeline in the period, or whose other day lies in it; cancelled ones as it says."""
    if definition.date == USUAL:
        deals = in_memory(qualified(data, period))
    else:
        there = data.deals[data.deals[definition.date].between(period.first, period.after - 1)]
        deals = there[there["status"] != "cancelled"].assign(owner_id=there["creator_id"])
    if definition.cancelled == "in":
        day = "created" if definition.date == USUAL else definition.date
        void = data.deals[data.deals[day].between(period.first, period.after - 1)]
        deals = pd.concat([deals, void[void["status"] == "cancelled"]], ignore_index=True)
    return deals[deals["status"] == "open"] if definition.still_open == "only" else deals


def _payments(definition: Definition, data: SalesData, period: Period) -> pd.DataFrame:
    """Payments received in the period for won deals, or for those whose other day lies in it."""
    day = "paid_day" if definition.date == USUAL else definition.date
    received = bills(data)[["deal_id", "received", "paid_day"]]
    won = data.deals[data.deals["status"] == "won"]
    paid = received[received["received"] > 0].merge(won, on="deal_id")
    paid = paid[paid[day].between(period.first, period.after - 1)]
    return paid.assign(amount=paid["received"])


_Find = Callable[[Definition, SalesData, Period], pd.DataFrame]
_FOUND: dict[str, _Find] = {"open_pipeline": _open, "pipeline_created": _created, "paid_bookings": _payments}


def _kept(deals: pd.DataFrame, definition: Definition) -> pd.DataFrame:
    """*deals* without those that the definition leaves out."""
    measure = definition.measure
    without_born = definition.born_closed == "out" or (definition.born_closed == USUAL and measure in _RATES)
    without_mega = definition.mega == "out" or (definition.mega == USUAL and measure in _AVERAGES)
    keep = pd.Series(True, index=deals.index)
    if definition.no_decision == "out":
        keep &= ~((deals["status"] == "lost") & (deals["loss_reason"] == "no_decision").fillna(False))
    if definition.inherited == "out":
        keep &= ~deals["inherited"]
    if without_born:
        keep &= ~deals["born_closed"]
    if without_mega:
        keep &= ~deals["is_mega"]
    if definition.type != "all":
        keep &= (deals["type"] == definition.type).fillna(False)
    return deals[keep.astype(bool)]


def _at_rate(deals: pd.DataFrame, definition: Definition, data: SalesData) -> pd.DataFrame:
    """*deals* with their amount at the rate of the definition. Payments and amounts at entry have one rate only."""
    if definition.rate != "plan" or definition.measure in ("paid_bookings", "pipeline_created"):
        return deals
    day = deals["closed"].fillna(float(day_number(data.as_of)))
    return deals.assign(amount=data.in_base(deals.assign(_day=day), "amount_original", "_day", "plan"))


def _owners(deals: pd.DataFrame, definition: Definition, data: SalesData) -> pd.Series:
    """Whose each of *deals* is."""
    if definition.owner == "creator":
        return deals["creator_id"]
    if definition.owner == "at_close" and definition.measure == "pipeline_created":
        return deals["deal_id"].map(data.deals.set_index("deal_id")["owner_id"])
    if definition.owner != "current":
        return deals["owner_id"]
    now = pd.Series(data.calendar.end_of(day_number(data.as_of)), index=deals.index)
    exported = data.sources["opportunity"].drop_duplicates("deal_id").set_index("deal_id")["owner_id"]
    known = Owners(data.table("owner_history")).at(deals["deal_id"], now)
    return known.fillna(deals["deal_id"].map(exported))


def _credited(deals: pd.DataFrame, definition: Definition, data: SalesData) -> pd.DataFrame:
    """*deals* once per person with an agreed part of them; whole to the owner where none was agreed."""
    if definition.credit == "owner" or definition.measure not in _CREDITED:
        return deals
    splits = data.table("split")
    agreed = deals["deal_id"].isin(splits.loc[splits["credit_type"] == "revenue", "deal_id"])
    parts = deals[agreed].drop(columns="rep_id").merge(data.credit, on="deal_id", how="left")
    parts = parts.assign(amount=parts["amount"] * parts["pct"].fillna(1.0), rep_id=parts["rep_id"].fillna(NOBODY))
    return pd.concat([deals[~agreed], parts[deals.columns]], ignore_index=True)
