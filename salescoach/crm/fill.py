"""How much of each field is filled in, in all and by owner: what a data-quality page shows beside the findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salescoach.crm.desk import quoted
from salescoach.crm.rows import Rows
from salescoach.tables.schema import Field

FILL_FIELDS = (
    Field("table", "text", "Table"),
    Field("field", "text", "Field"),
    Field("owner_id", "text", "Whose rows; missing for all rows"),
    Field("filled", "int", "Rows in which it is filled in"),
    Field("rows", "int", "Rows that are used"),
)


def fill_rates(tables: Mapping[str, Rows]) -> list[dict[str, Any]]:
    """One row for each field that a file brought, in all and for each owner, of the rows that are used."""
    found: list[dict[str, Any]] = []
    for name, rows in tables.items():
        fields = [each.name for each in rows.table.fields if any(each.name in part.headings for part in rows.parts)]
        counts = ", ".join(["count(*)", *(f"count({quoted(each)})" for each in fields)])
        owner, groups = rows.owner, "" if rows.owner == "NULL" else f"GROUP BY {rows.owner}"
        each_owner = rows.desk.rows(
            f"SELECT {owner}, {counts} FROM {rows.name} WHERE _fate = 0 {groups} ORDER BY 1 NULLS LAST"
        )
        in_all = [sum(column) for column in zip(*(numbers for _, *numbers in each_owner), strict=True)]
        whole = (None, *(in_all or [0] * (len(fields) + 1)))
        for whose, total, *filled in (whole, *(row for row in each_owner if row[0] is not None)):
            found += [
                {"table": name, "field": each, "owner_id": whose, "filled": count, "rows": total}
                for each, count in zip(fields, filled, strict=True)
            ]
    return found
