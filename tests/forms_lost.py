"""What each CRM's export cannot hold of the organisation: the only differences a round trip may show."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Lost:
    """What a form cannot hold. ``fields`` table: fields. ``days`` table: moments of which only the day is held.
    ``some`` (table, field): the rows, by a query, in which the field is lost. ``tables``: tables it has not.
    """

    tables: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    some: dict[tuple[str, str], str] = field(default_factory=dict)
    names_as_ids: bool = False


ALWAYS = "survey survey_invitation survey_response assignment owner_history"
"""Kept outside every CRM here, or by none in a form of its own."""
_LEAD_ENDS = "first_response_at disqualified_at disqualify_reason segment"

LOST = {
    "salesforce": Lost(
        tables="product quota",
        fields={
            "rep": "region hire_date start_date end_date language role",
            "team": "manager_id",
            "account": "segment domain type",
            "lead": _LEAD_ENDS,
            "stage": "pipeline qualified",
            "opportunity": "pipeline segment product_id discount_pct engaged_at next_step_due last_activity_at lead_id",
            "stage_history": "stage_from",
            "activity": "account_id",
        },
        days={"lead": "converted_at"},
        some={
            ("opportunity", "expected_close"): "status != 'open'",  # Salesforce writes the closing day over it
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "type == 'email' or outcome in ('held', 'cancelled')",
        },
    ),
    "salesforce_report": Lost(
        tables="team account lead product quota activity stage_history",
        fields={
            "rep": "rep_id email role segment team_id manager_id region hire_date start_date end_date is_active language",
            "opportunity": "account_id segment product_id discount_pct engaged_at next_step_due last_activity_at lead_id",
        },
        days={"opportunity": "created_at closed_at"},
        some={("opportunity", "expected_close"): "status != 'open'"},
        names_as_ids=True,
    ),
}
