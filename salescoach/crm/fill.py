"""How much of each field is filled in, in all and by owner: what a data-quality page shows beside the findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from salescoach.tables.schema import Field

if TYPE_CHECKING:
    from salescoach.crm.rows import Rows

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
        some = {each: pl.col(each).count() for each in fields}
        for each in fields:  # what is empty in no row, or in all, need not be counted
            if (missing := rows.frame[each].null_count()) in (0, len(rows.frame)):
                some[each] = pl.lit(0, pl.UInt32) if missing else pl.len()
        owner = pl.lit(None, dtype=pl.String) if rows.owner is None else pl.col(rows.owner)
        filled = (count.alias(f"of {each}") for each, count in some.items())
        used = rows.frame.lazy().filter(pl.col("_fate") == 0).group_by(owner.alias("owner"))
        each_owner = used.agg(pl.len().alias("rows"), *filled).sort("owner").collect(engine="streaming")
        in_all = each_owner.drop("owner").sum().row(0)
        for whose, total, *counts in ((None, *in_all), *each_owner.drop_nulls("owner").iter_rows()):
            found += [
                {"table": name, "field": each, "owner_id": whose, "filled": count, "rows": total}
                for each, count in zip(fields, counts, strict=True)
            ]
    return found
