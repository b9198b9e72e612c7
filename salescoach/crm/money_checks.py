"""Rules about money: currency, sign, rates, credit, lines (D13-D15, D27, D31, D35)."""

from __future__ import annotations

from datetime import date

import polars as pl

from salescoach.crm.desk import among
from salescoach.crm.export import Export
from salescoach.crm.issues import Issue
from salescoach.crm.quality import Quality
from salescoach.crm.rows import Rows

# The amount that makes a row worth anything, by table; D14 asks for its currency.
_PRICED = {
    "opportunity": "amount",
    "account": "annual_revenue",
    "lead": "annual_revenue",
    "product": "list_price",
    "line_item": "total",
    "invoice": "amount",
    "cost": "amount",
    "forecast_submission": "amount",
}
_WITHOUT_IT_NOTHING = ("opportunity", "invoice", "cost", "forecast_submission")
_DAYS_NAMED = 5


def currencies(export: Export, base: str, quality: Quality) -> None:
    """D14: an amount has a known currency; the organisation's where no other is used in its table."""
    from babel.numbers import list_currencies

    codes = list_currencies()
    for table, amount in _PRICED.items():
        rows = export.tables.get(table)
        if rows is None:
            continue
        rule = quality.level("D14")
        level = rule if table in _WITHOUT_IT_NOTHING else "V"
        priced = pl.col(amount).is_not_null()
        stated = rows.used("currency", amount).filter(priced)["currency"].unique().to_list()
        used = {base, *(code for code in stated if code in codes)}
        bare = priced & pl.col("currency").is_null()
        if None in stated and len(used) > 1:
            rows.mark("D14", "F" if level == "V" else level, bare, amount, ", ".join(sorted(used)))
        elif None in stated:
            _assume(rows, amount, bare, base)
        strange = [code for code in stated if code and code not in codes]
        if strange:
            where = priced & among(pl.col("currency"), strange)
            rows.mark("D14", "V" if level == "F" else level, where, "currency", ", ".join(sorted(used)))


def _assume(rows: Rows, amount: str, bare: pl.Expr, base: str) -> None:
    found = rows.used("_part", "currency", amount).filter(bare).group_by("_part").len().sort("_part").rows()
    if not found:
        return
    for number, count in found:
        part = rows.parts[number]
        heading = part.headings.get(amount, amount)
        rows.issues.append(Issue(rows.table.name, part.file, None, heading, "", "D14", "F", detail=base, rows=count))
    rows.fill("currency", pl.lit(base), bare & (pl.col("_fate") == 0))


def negative(export: Export, quality: Quality) -> None:
    """D13: the amount a row is about is not negative. D31: nor is any other money, which is set aside alone."""
    for table, rows in export.tables.items():
        money = [each.name for each in rows.table.fields if each.type == "money"]
        if not money:
            continue
        least = rows.frame.select(pl.col(money).min())  # one look says that there is nothing to look for
        for name in money:
            if (least[name] < 0).any():
                rule = "D13" if table in _WITHOUT_IT_NOTHING and name == "amount" else "D31"
                rows.mark(rule, quality.level(rule), pl.col(name) < 0, name)


def splits(export: Export, quality: Quality) -> None:
    """D15: the revenue splits of a deal sum to 1. The credit waits, the deal stays in the organisation's totals."""
    rows = export.tables.get("split")
    if rows is None:
        return
    tolerance = quality.thresholds["split_tolerance"]
    revenue = pl.col("credit_type") == "revenue"
    shares = rows.used("deal_id", "credit_type", "pct").filter(revenue)
    sums = shares.group_by("deal_id").agg(pl.when(pl.col("pct").count() > 0).then(pl.sum("pct")))
    off = sums.filter((pl.col("pct") - 1).abs() > tolerance + 1e-9)["deal_id"]
    rows.mark("D15", quality.level("D15"), revenue & among(pl.col("deal_id"), off), "pct")


def uncredited(export: Export) -> list[str]:
    """Deals whose revenue splits were all set aside: whose they are is unknown, and not the owner's for want of a row.

    Deals of which a split is used are not among them: what is left sums to 1, or shows that it does not.
    """
    rows = export.tables.get("split")
    if rows is None:
        return []
    revenue = rows.frame.filter(
        pl.col("deal_id").is_not_null() & (pl.col("credit_type").fill_null("revenue") == "revenue")
    )
    used = revenue.group_by("deal_id").agg((pl.col("_fate") == 0).any().alias("used"))
    return used.filter(~pl.col("used"))["deal_id"].sort().to_list()


def lines(export: Export, quality: Quality) -> None:
    """D27: what is paid for one is not above its list price; the list price is set aside."""
    rows = export.tables.get("line_item")
    if rows is not None:
        price, total, usual = (pl.col(name).cast(pl.Float64) for name in ("unit_price", "total", "list_price"))
        paid = pl.coalesce(price, pl.when(pl.col("qty") != 0).then(total / pl.col("qty")))
        rows.mark("D27", quality.level("D27"), paid > usual + 0.00005, "list_price")


def rates(export: Export, base: str, as_of: date, quality: Quality) -> None:
    """D35: each foreign amount needs a rate: closed ones of the close day, open ones of the day of the data."""
    deals, rates = export.tables.get("opportunity"), export.tables.get("fx_rate")
    if deals is None or rates is None or not quality.level("D35"):
        return
    closed = export.desk.local_day(pl.col("closed_at"))
    needed = (
        deals.used("amount", "currency", "status", "closed_at")
        .filter(pl.col("amount").is_not_null(), pl.col("currency") != base, pl.col("status") != "cancelled")
        .select("currency", day=pl.when(pl.col("status") == "open").then(pl.lit(as_of)).otherwise(closed))
    )
    spot = rates.used("kind", "currency", "date").filter(pl.col("kind") == "spot").select("currency", day="date")
    missing = needed.drop_nulls("day").join(spot, on=["currency", "day"], how="anti")
    found = missing.group_by("currency", "day").len().sort("currency", "day").rows()
    for currency in dict.fromkeys(row[0] for row in found):
        days = [row[1].isoformat() for row in found if row[0] == currency]
        count = sum(row[2] for row in found if row[0] == currency)
        named = ", ".join(days[:_DAYS_NAMED]) + (" …" if len(days) > _DAYS_NAMED else "")
        heading = rates.parts[0].headings.get("date", "date")
        detail = f"{named} ({len(days)})"
        export.issues.append(
            Issue("fx_rate", rates.parts[0].file, None, heading, currency, "D35", "F", detail=detail, rows=count)
        )
