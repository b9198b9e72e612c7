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
        owner = rows.owner
        groups = "" if owner == "NULL" else f"GROUP BY GROUPING SETS ((), ({owner}))"
        grouping = "1" if owner == "NULL" else f"grouping({owner})"
        for whole, whose, total, *filled in rows.desk.rows(
            f"SELECT {grouping}, {owner if owner == 'NULL' else quoted(owner)}, {counts} FROM {rows.name} "
            f"WHERE _fate = 0 {groups} ORDER BY 1 DESC, 2 NULLS LAST"
        ):
            if whole or whose is not None:
                found += [
                    {"table": name, "field": each, "owner_id": None if whole else whose, "filled": count, "rows": total}
                    for each, count in zip(fields, filled, strict=True)
                ]
    return found
