"""What a valid table is: the canonical schema, which is also its documentation.

Importers fill these tables, metrics read them, ``data/README.md`` is printed from them. The form of a
description stands in :mod:`salescoach.tables.schema.form`, the tables by theme in its sisters.

>>> TABLES["opportunity"]["amount"].type
'money'
"""

from __future__ import annotations

from salescoach.tables.schema.coaching import COACHING
from salescoach.tables.schema.customers import CUSTOMERS
from salescoach.tables.schema.deals import ACTIVITY_TYPES, CATEGORIES, DEALS, STATUSES
from salescoach.tables.schema.form import TYPES, Field, Table
from salescoach.tables.schema.people import PEOPLE, ROLES
from salescoach.tables.schema.targets import TARGETS

__all__ = [
    "ACTIVITY_TYPES",
    "CATEGORIES",
    "REQUIRED_TABLES",
    "ROLES",
    "STATUSES",
    "TABLES",
    "TYPES",
    "Field",
    "Table",
    "dictionary",
]

TABLES: dict[str, Table] = {table.name: table for table in (*PEOPLE, *CUSTOMERS, *DEALS, *TARGETS, *COACHING)}
"""Every canonical table by name, in the order in which pages and reports list them."""

REQUIRED_TABLES = ("rep", "stage", "opportunity")
"""Without these there is no page; every other table only makes more metrics answer."""


def dictionary() -> str:
    """The data dictionary as Markdown: what ``data/README.md`` holds."""
    parts = [_PREFACE]
    for table in TABLES.values():
        needed = " Required." if table.name in REQUIRED_TABLES else ""
        parts.append(f"## {table.name}\n\n{table.meaning}{needed} Key: {', '.join(table.key)}.\n")
        parts.append("| column | type | required | unit | meaning |\n| --- | --- | --- | --- | --- |")
        for field in table.fields:
            values = f" One of: {', '.join(field.values)}." if field.values else ""
            refers = f" Refers to {field.refers_to}." if field.refers_to else ""
            needed = "yes" if field.required else ""
            parts.append(
                f"| {field.name} | {field.type} | {needed} | {field.unit} | {field.meaning}.{values}{refers} |"
            )
        parts.append("")
    return "\n".join(parts)


_PREFACE = """# Data dictionary

The canonical tables. An export in this form is a folder with one `TABLE.csv` per table: UTF-8, comma, a heading row
with the column names below, days as 2025-11-28, moments as 2025-11-28T09:30:00Z, a point as decimal mark, an empty cell
for what is not known. Only `rep`, `stage` and `opportunity` are required; what else is missing makes the metrics that
need it say so. `salescoach demo` makes a whole example.

This page is printed from `salescoach/tables/schema/` by `make dictionary`; a test holds them together.

Types: *text* · *date* a day in the organisation's time zone · *ts* a moment in UTC · *money* an amount, its currency in
the column `currency` · *share* 0 to 1 · *number* · *int* · *bool* true or false.
"""
