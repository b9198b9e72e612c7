"""What each CRM's export cannot hold of the organisation: the only differences a round trip may show."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Lost:
    """What a form cannot hold. ``fields`` table: fields. ``days`` table: moments of which only the day is held.
    ``some`` (table, field): the rows, by a query, in which the field is lost. ``absent`` table: rows, by a query, that
    it has not. ``tables``: tables it has not. ``names_as_ids``: people are known by their names alone.
    """

    tables: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    some: dict[tuple[str, str], str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    names_as_ids: bool = False


ALWAYS = "survey survey_invitation survey_response assignment owner_history"
"""Kept outside every CRM here, or by none in a form of its own."""
_PEOPLE = " region hire_date start_date end_date language role"
_DEALS = " segment product_id discount_pct engaged_at next_step_due last_activity_at lead_id"
_LEAD_ENDS = "first_response_at disqualified_at disqualify_reason segment"

LOST = {
    "salesforce": Lost(
        tables="product quota",
        fields={
            "rep": _PEOPLE,
            "team": "manager_id",
            "account": "segment domain type",
            "lead": _LEAD_ENDS,
            "stage": "pipeline qualified",
            "opportunity": "pipeline" + _DEALS,
            "stage_history": "stage_from source_kind",
            "activity": "account_id",
        },
        days={"lead": "converted_at"},
        some={
            ("opportunity", "expected_close"): "status != 'open'",  # Salesforce writes the closing day over it
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "type == 'email' or outcome in ('held', 'cancelled')",
            ("activity", "duration_s"): "type == 'meeting'",  # whole minutes
        },
    ),
    "salesforce_report": Lost(
        tables="team account lead product quota activity stage_history",
        fields={
            "rep": "rep_id email segment is_active team_id manager_id" + _PEOPLE,
            "opportunity": "account_id is_deleted" + _DEALS,
        },
        days={"opportunity": "created_at closed_at"},
        some={("opportunity", "expected_close"): "status != 'open'"},
        absent={"rep": "rep_id not in @owners"},
        names_as_ids=True,
    ),
}
