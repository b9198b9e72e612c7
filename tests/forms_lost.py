"""What each CRM's export cannot hold of the organisation: the only differences a round trip may show."""

from __future__ import annotations

from dataclasses import dataclass, field

from salescoach.tables.schema import TABLES


@dataclass(frozen=True)
class Lost:
    """What a form cannot hold. ``fields`` table: fields. ``days`` table: moments of which only the day is held.
    ``some`` (table, field): the rows, by a query, in which the field is lost. ``absent`` table: rows, by a query, that
    it has not. ``tables``: tables it has not. ``people``: what stands for a person's id. ``minutes``: no seconds.
    """

    tables: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    some: dict[tuple[str, str], str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    people: str = ""
    minutes: bool = False

    def precision(self, table: str, name: str) -> str:
        """How exactly a moment is held: "day", "minute", or to the second."""
        if name in self.days.get(table, "").split():
            return "day"
        return "minute" if self.minutes else ""


CORE = "team rep account contact product lead stage opportunity split stage_history activity quota"
"""Tables that a CRM may hold; all others are kept outside every CRM here, or by none in a form of its own."""
ALWAYS = set(TABLES) - set(CORE.split())
NOWHERE = {
    "account": "annual_revenue currency parent_id",
    "stage": "sla_days default_prob",
    "lead": "campaign title annual_revenue currency email_domain score_prev",
    "opportunity": "contact_id cost campaign competitor score_prev is_mega paid_amount paid_at is_deleted merged_into",
    "stage_history": "changed_by",
    "activity": "contact_id is_customer_facing logged_by",
}
"""Fields that no writer of these exports fills: their forms read them, but no round trip shows it."""
_PEOPLE = " region hire_date start_date end_date language role"
_DEALS = " segment product_id discount_pct engaged_at next_step_due last_activity_at lead_id"
_LEAD_ENDS = "first_response_at disqualified_at disqualify_reason segment"

LOST = {
    "salesforce": Lost(
        fields={
            "rep": _PEOPLE,
            "team": "manager_id",
            "account": "segment domain type",
            "lead": _LEAD_ENDS,
            "stage": "pipeline qualified",
            "opportunity": "pipeline" + _DEALS,
            "stage_history": "stage_from source_kind",
            "activity": "account_id",
            "contact": "role",
            "product": "list_price currency",
            "split": "valid_from",
            "quota": "reason ramp_pct approved_by",
        },
        days={"lead": "converted_at"},
        absent={"split": "credit_type not in ('revenue', 'overlay')"},
        some={
            ("contact", "consent"): "consent == True",  # only who has opted out is known
            ("opportunity", "expected_close"): "status != 'open'",  # Salesforce writes the closing day over it
            ("opportunity", "closed_at"): "deal_id not in @with_history",  # without one only the day is known
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "type == 'email' or outcome in ('held', 'cancelled')",
            ("activity", "duration_s"): "type == 'meeting'",  # whole minutes
        },
    ),
    "salesforce_report": Lost(
        tables="contact split team account lead product quota activity stage_history",
        fields={
            "rep": "rep_id email segment is_active team_id manager_id" + _PEOPLE,
            "opportunity": "account_id is_deleted" + _DEALS,
        },
        days={"opportunity": "created_at closed_at"},
        some={("opportunity", "expected_close"): "status != 'open'"},
        absent={"rep": "rep_id not in @owners"},
        people="full_name",
    ),
    "hubspot": Lost(
        tables="contact split team product quota",
        fields={
            "rep": "segment manager_id" + _PEOPLE,
            "account": "owner_id segment domain type",
            "lead": "first_response_at disqualified_at disqualify_reason segment converted_at",
            "stage": "qualified default_prob",
            "opportunity": "is_deleted" + _DEALS,
            "stage_history": "stage_from source_kind amount_at close_date_at forecast_category_at",
            "activity": "account_id",
        },
        some={
            ("opportunity", "expected_close"): "status != 'open'",
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "type == 'email' and outcome == 'other'",
            ("activity", "duration_s"): "duration_s > 0",
        },
        minutes=True,
    ),
    "pipedrive": Lost(
        tables="contact split team product quota lead stage_history",
        fields={
            "rep": "rep_id email segment is_active team_id manager_id" + _PEOPLE,
            "account": "segment domain type industry employees country city",
            "stage": "qualified default_prob",
            "opportunity": "type next_step forecast_category" + _DEALS,
            "activity": "account_id is_system",
        },
        some={
            ("opportunity", "stage"): "status != 'open'",
            ("opportunity", "probability"): "status != 'open'",
            ("activity", "direction"): "direction != ''",
            ("activity", "outcome"): "type == 'call'",
            ("activity", "duration_s"): "duration_s > 0",
        },
        absent={
            "activity": "type == 'email' or outcome in ('no_show', 'cancelled')",
            "stage": "kind != 'open'",
            "rep": "rep_id not in @owners",
        },
        people="full_name",
        minutes=True,
    ),
    "zoho": Lost(
        tables="contact split team product quota stage_history",
        fields={
            "rep": "segment team_id" + _PEOPLE,
            "account": "segment domain type",
            "lead": _LEAD_ENDS,
            "opportunity": "is_deleted forecast_category" + _DEALS,
            "activity": "account_id",
        },
        days={"opportunity": "closed_at"},
        some={
            ("opportunity", "expected_close"): "status != 'open'",
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "type == 'meeting'",
            ("activity", "duration_s"): "type == 'meeting'",
        },
        absent={"activity": "type == 'email' or outcome == 'cancelled'"},
    ),
    "dynamics": Lost(
        tables="contact split team product quota stage_history",
        fields={
            "rep": "segment manager_id" + _PEOPLE,
            "account": "owner_id segment domain type",
            "lead": "first_response_at disqualified_at converted_at converted_deal_id segment",
            "stage": "pipeline qualified default_prob",
            "opportunity": "pipeline is_deleted type source next_step" + _DEALS,
            "activity": "account_id direction duration_s is_system lead_id",
        },
        some={
            ("opportunity", "stage"): "status != 'open'",
            ("activity", "outcome"): "outcome != 'cancelled'",
            ("activity", "deal_id"): "deal_id in @namesakes",  # referred to by name: two deals of one name, no deal
            ("lead", "status"): "status == 'qualified'",
        },
        absent={"stage": "kind != 'open'"},
    ),
    "odoo": Lost(
        tables="contact split team product quota stage_history activity",
        fields={
            "rep": "segment manager_id" + _PEOPLE,
            "account": "owner_id segment domain type employees",
            "lead": "first_response_at segment industry employees converted_at converted_deal_id score_prev",
            "stage": "pipeline qualified default_prob",
            "opportunity": "pipeline type next_step forecast_category score_prev" + _DEALS,
        },
        some={
            ("opportunity", "stage"): "status == 'lost'",
            ("lead", "status"): "status in ('working', 'qualified')",
        },
        absent={"stage": "kind == 'lost'", "lead": "status == 'converted'"},
    ),
    "espocrm": Lost(
        tables="contact split team product quota stage_history",
        fields={
            "rep": "segment manager_id" + _PEOPLE,
            "account": "owner_id segment domain type employees",
            "lead": "employees" + " " + _LEAD_ENDS,
            "opportunity": "pipeline is_deleted type next_step forecast_category loss_reason" + _DEALS,
            "activity": "account_id duration_s",
        },
        days={"opportunity": "closed_at"},
        some={
            ("opportunity", "expected_close"): "status != 'open'",
            ("activity", "direction"): "direction == 'two_way' or type == 'meeting'",
            ("activity", "outcome"): "outcome == 'no_show'",
            ("lead", "status"): "status == 'qualified'",
        },
        absent={"activity": "type == 'email'"},
    ),
    "frappe": Lost(
        tables="contact split team product quota",
        fields={
            "rep": "segment manager_id team_id" + _PEOPLE,
            "account": "owner_id segment domain type employees city",
            "lead": "employees converted_at converted_deal_id" + " " + _LEAD_ENDS,
            "stage": "pipeline qualified default_prob",
            "opportunity": "pipeline is_deleted type forecast_category name" + _DEALS.replace(" lead_id", ""),
            "stage_history": "stage_from left_at source_kind amount_at close_date_at forecast_category_at",
        },
        some={
            ("activity", "direction"): "direction == 'two_way'",
            ("activity", "account_id"): "account_id != ''",
            ("opportunity", "closed_at"): "deal_id not in @with_history",
        },
        absent={"activity": "type != 'call'"},
        people="email",
    ),
    "krayin": Lost(
        tables="contact split team product quota stage_history lead",
        fields={
            "rep": "segment manager_id team_id" + _PEOPLE,
            "account": "owner_id segment domain type employees industry country city",
            "stage": "qualified default_prob",
            "opportunity": "currency is_deleted type next_step forecast_category probability contact_id" + _DEALS,
            "activity": "account_id direction duration_s is_system",
        },
        some={
            ("activity", "outcome"): "type == 'call'",
            ("opportunity", "account_id"): "account_id not in @companies",  # reached through the company's person
        },
        absent={"activity": "type == 'email' or outcome in ('no_show', 'cancelled')"},
    ),
}
