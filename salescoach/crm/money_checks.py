"""Rules about money: currency, sign, rates, credit, lines (D13-D15, D27, D31, D35)."""

from __future__ import annotations

from datetime import date

from salescoach.crm.desk import literal, quoted
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
        priced = f"_fate = 0 AND {quoted(amount)} IS NOT NULL"
        stated = [code for (code,) in rows.desk.rows(f"SELECT DISTINCT currency FROM {rows.name} WHERE {priced}")]
        used = {base, *(code for code in stated if code in codes)}
        bare = f"{quoted(amount)} IS NOT NULL AND currency IS NULL"
        if None in stated and len(used) > 1:
            rows.mark("D14", "F" if level == "V" else level, bare, amount, ", ".join(sorted(used)))
        elif None in stated:
            _assume(rows, amount, bare, base)
        strange = ", ".join(literal(code) for code in stated if code and code not in codes)
        if strange:
            where = f"{quoted(amount)} IS NOT NULL AND currency IN ({strange})"
            rows.mark("D14", "V" if level == "F" else level, where, "currency", ", ".join(sorted(used)))


def _assume(rows: Rows, amount: str, bare: str, base: str) -> None:
    found = rows.desk.rows(
        f"SELECT _part, count(*) FROM {rows.name} WHERE _fate = 0 AND {bare} GROUP BY _part ORDER BY _part"
    )
    if not found:
        return
    for number, count in found:
        part = rows.parts[number]
        heading = part.headings.get(amount, amount)
        rows.issues.append(Issue(rows.table.name, part.file, None, heading, "", "D14", "F", detail=base, rows=count))
    rows.fill("currency", literal(base), f"_fate = 0 AND {bare}")


def negative(export: Export, quality: Quality) -> None:
    """D13: the amount a row is about is not negative. D31: nor is any other money, which is set aside alone."""
    for table, rows in export.tables.items():
        money = [each.name for each in rows.table.fields if each.type == "money"]
        if not money:
            continue
        lowest = ", ".join(f"min({quoted(name)})" for name in money)  # one look says that there is nothing to look for
        for name, least in zip(money, rows.desk.one(f"SELECT {lowest} FROM {rows.name}"), strict=True):
            if least is not None and least < 0:
                rule = "D13" if table in _WITHOUT_IT_NOTHING and name == "amount" else "D31"
                rows.mark(rule, quality.level(rule), f"{quoted(name)} < 0", name)


def splits(export: Export, quality: Quality) -> None:
    """D15: the revenue splits of a deal sum to 1. The credit waits, the deal stays in the organisation's totals."""
    rows = export.tables.get("split")
    if rows is None:
        return
    tolerance = quality.thresholds["split_tolerance"]
    wrong = (
        "credit_type = 'revenue' AND deal_id IN (SELECT deal_id FROM split WHERE _fate = 0 AND credit_type = 'revenue' "
        f"GROUP BY deal_id HAVING abs(sum(pct) - 1) > {tolerance!r} + 1e-9)"
    )
    rows.mark("D15", quality.level("D15"), wrong, "pct")


def uncredited(export: Export) -> list[str]:
    """Deals whose revenue splits were all set aside: whose they are is unknown, and not the owner's for want of a row.

    Deals of which a split is used are not among them: what is left sums to 1, or shows that it does not.
    """
    rows = export.tables.get("split")
    if rows is None:
        return []
    found = rows.desk.rows(
        "SELECT deal_id FROM split WHERE deal_id IS NOT NULL AND coalesce(credit_type, 'revenue') = 'revenue' "
        "GROUP BY deal_id HAVING count(*) FILTER (_fate = 0) = 0 ORDER BY deal_id"
    )
    return [deal_id for (deal_id,) in found]


def lines(export: Export, quality: Quality) -> None:
    """D27: what is paid for one is not above its list price; the list price is set aside."""
    rows = export.tables.get("line_item")
    if rows is not None:
        paid = "coalesce(CAST(unit_price AS DOUBLE), CAST(total AS DOUBLE) / nullif(qty, 0))"
        rows.mark("D27", quality.level("D27"), f"{paid} > CAST(list_price AS DOUBLE) + 0.00005", "list_price")


def rates(export: Export, base: str, as_of: date, quality: Quality) -> None:
    """D35: each foreign amount needs a rate: closed ones of the close day, open ones of the day of the data."""
    deals, rates = export.tables.get("opportunity"), export.tables.get("fx_rate")
    if deals is None or rates is None or not quality.level("D35"):
        return
    day = "CASE WHEN status = 'open' THEN CAST($day AS DATE) ELSE local_day(closed_at) END"
    missing = export.desk.connection.execute(
        f"SELECT currency, {day} AS needed, count(*) FROM opportunity o WHERE _fate = 0 AND amount IS NOT NULL "
        f"AND currency <> $base AND status <> 'cancelled' AND {day} IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM fx_rate f WHERE f._fate = 0 AND f.kind = 'spot' "
        f"AND f.currency = o.currency AND f.date = {day}) "
        "GROUP BY currency, needed ORDER BY currency, needed",
        {"day": as_of, "base": base},
    ).fetchall()
    for currency in dict.fromkeys(row[0] for row in missing):
        days = [row[1].isoformat() for row in missing if row[0] == currency]
        count = sum(row[2] for row in missing if row[0] == currency)
        named = ", ".join(days[:_DAYS_NAMED]) + (" …" if len(days) > _DAYS_NAMED else "")
        heading = rates.parts[0].headings.get("date", "date")
        detail = f"{named} ({len(days)})"
        export.issues.append(
            Issue("fx_rate", rates.parts[0].file, None, heading, currency, "D35", "F", detail=detail, rows=count)
        )
