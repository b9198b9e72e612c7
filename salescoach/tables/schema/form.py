"""The form in which a table is described: its fields, their types and meanings, its key.

========  ===========================================================================
text      trimmed, never empty (an empty cell is missing)
date      calendar day in the organisation's time zone
ts        moment in UTC
money     amount with at most four decimals, its currency in the column named ``currency``
share     0 to 1, never 0 to 100
number    real number
int       whole number
bool      true or false
========  ===========================================================================

Missing means unknown; 0 is a value.
"""

from __future__ import annotations

from dataclasses import dataclass

TYPES = ("text", "date", "ts", "money", "share", "number", "int", "bool")


@dataclass(frozen=True)
class Field:
    """One column: its name, type, meaning, unit, and what it may hold."""

    name: str
    type: str
    meaning: str
    required: bool = False
    values: tuple[str, ...] = ()
    refers_to: str = ""  # "table.field"
    unit: str = ""


@dataclass(frozen=True)
class Table:
    """One canonical table.

    ``key`` names the columns that identify a row. ``dated`` is the column that says when the row became true: a
    row dated after ``as_of`` cannot be seen then; empty for what has no date. ``recorded`` is the column that says
    when the organisation stated it, in tables that keep both.
    """

    name: str
    meaning: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    dated: str = ""
    recorded: str = ""

    def __getitem__(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in their canonical order."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """Columns without which a row is rejected."""
        return tuple(field.name for field in self.fields if field.required)


def table(name: str, meaning: str, key: str, *fields: Field, dated: str = "", recorded: str = "") -> Table:
    """A table from its words; *key* is the names of its key columns, separated by spaces."""
    return Table(name, meaning, fields, tuple(key.split()), dated, recorded)


REP, TEAM, DEAL, ACCOUNT = "rep.rep_id", "team.team_id", "opportunity.deal_id", "account.account_id"
CONTACT, LEAD, PRODUCT, ACTIVITY = "contact.contact_id", "lead.lead_id", "product.product_id", "activity.activity_id"


def required(name: str, type_: str, meaning: str, **more: object) -> Field:
    """A field without which the row is rejected."""
    return Field(name, type_, meaning, required=True, **more)  # type: ignore[arg-type]


def currency(of: str) -> Field:
    """The column that says in which currency a row's money is."""
    return Field("currency", "text", f"Currency of the {of}", unit="ISO 4217")
