"""What a valid table is: the canonical schema, which is also its documentation.

Importers fill these tables, metrics read them, ``data/README.md`` is printed from them. Types:

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
    """One column: its name, type, meaning, and what it may hold."""

    name: str
    type: str
    meaning: str
    required: bool = False
    values: tuple[str, ...] = ()
    refers_to: str = ""  # "table.field"


@dataclass(frozen=True)
class Table:
    """One canonical table. ``key`` names the columns that identify a row."""

    name: str
    meaning: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]

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


def _table(name: str, meaning: str, key: str, *fields: Field) -> Table:
    return Table(name, meaning, fields, tuple(key.split()))


_REP, _TEAM, _DEAL = "rep.rep_id", "team.team_id", "opportunity.deal_id"
ROLES = ("AE", "SDR", "AM", "SAM", "CSM", "Manager", "Presales", "Coach", "Analyst", "HR")
STATUSES = ("open", "won", "lost", "cancelled")
ACTIVITY_TYPES = ("call", "email", "meeting", "demo", "visit", "task", "other")

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
            "team",
            "Groups of people, as a tree.",
            "team_id",
            Field("team_id", "text", "Identifier", required=True),
            Field("name", "text", "Name shown on pages", required=True),
            Field("parent_team_id", "text", "Team above it", refers_to=_TEAM),
            Field("manager_id", "text", "Who leads it", refers_to=_REP),
        ),
        _table(
            "rep",
            "Every person: sellers, managers, coaches.",
            "rep_id",
            Field("rep_id", "text", "Identifier", required=True),
            Field("full_name", "text", "Name shown on pages", required=True),
            Field("email", "text", "Used to match owners; lower case"),
            Field("role", "text", "Current role", values=ROLES),
            Field("segment", "text", "Current customer segment"),
            Field("team_id", "text", "Current team", refers_to=_TEAM),
            Field("manager_id", "text", "Current manager", refers_to=_REP),
            Field("region", "text", "Current region or office"),
            Field("hire_date", "date", "First day of employment"),
            Field("start_date", "date", "First day selling"),
            Field("end_date", "date", "First day no longer here"),
            Field("is_active", "bool", "Still here"),
            Field("language", "text", "Language of the person's pages", values=("tr", "en")),
        ),
        _table(
            "assignment",
            "Who was in which team and role, from when until when.",
            "rep_id valid_from",
            Field("rep_id", "text", "Person", required=True, refers_to=_REP),
            Field("team_id", "text", "Team", required=True, refers_to=_TEAM),
            Field("manager_id", "text", "Manager", refers_to=_REP),
            Field("role", "text", "Role", values=ROLES),
            Field("segment", "text", "Customer segment"),
            Field("fte_pct", "share", "Part of full time; 1 when empty"),
            Field("valid_from", "date", "First day", required=True),
            Field("valid_to", "date", "First day no longer valid; empty = still valid"),
        ),
        _table(
            "account",
            "Companies that buy or may buy.",
            "account_id",
            Field("account_id", "text", "Identifier", required=True),
            Field("name", "text", "Name", required=True),
            Field("industry", "text", "Line of business"),
            Field("employees", "int", "Number of employees"),
            Field("annual_revenue", "money", "Yearly revenue"),
            Field("currency", "text", "Currency of the revenue (ISO 4217)"),
            Field("country", "text", "Country"),
            Field("city", "text", "City"),
            Field("parent_id", "text", "Company it belongs to", refers_to="account.account_id"),
            Field("segment", "text", "Size segment"),
            Field("created_at", "ts", "Record creation"),
        ),
        _table(
            "product",
            "What is sold.",
            "product_id",
            Field("product_id", "text", "Identifier", required=True),
            Field("name", "text", "Name", required=True),
            Field("family", "text", "Product family"),
            Field("list_price", "money", "Price before discount"),
            Field("currency", "text", "Currency of the price (ISO 4217)"),
        ),
        _table(
            "stage",
            "Steps of a pipeline, in order.",
            "pipeline stage",
            Field("pipeline", "text", "Pipeline", required=True),
            Field("stage", "text", "Stage", required=True),
            Field("order", "int", "Position, from 1", required=True),
            Field("kind", "text", "What being in it means", required=True, values=("open", "won", "lost")),
            Field("qualified", "bool", "First qualified stage and later"),
        ),
        _table(
            "opportunity",
            "Deals, as they were when the export was taken.",
            "deal_id",
            Field("deal_id", "text", "Identifier", required=True),
            Field("name", "text", "Name"),
            Field("account_id", "text", "Company", refers_to="account.account_id"),
            Field("lead_id", "text", "Lead it came from", refers_to="lead.lead_id"),
            Field("owner_id", "text", "Who owns it", required=True, refers_to=_REP),
            Field("pipeline", "text", "Pipeline"),
            Field("stage", "text", "Stage", required=True, refers_to="stage.stage"),
            Field("status", "text", "Outcome so far", required=True, values=STATUSES),
            Field("amount", "money", "Contract value; empty for lost deals whose source writes 0"),
            Field("currency", "text", "Currency of the amount (ISO 4217)"),
            Field("discount_pct", "share", "1 - net / list"),
            Field("created_at", "ts", "Record creation"),
            Field("engaged_at", "ts", "First entry of a qualified stage"),
            Field("expected_close", "date", "Day on which the owner expects to close it"),
            Field("closed_at", "ts", "When it was won, lost or cancelled"),
            Field("probability", "share", "As stated in the CRM; never used as fact"),
            Field(
                "forecast_category",
                "text",
                "Owner's forecast category",
                values=("omitted", "pipeline", "best_case", "commit", "closed"),
            ),
            Field("type", "text", "Kind of business", values=("new", "expansion", "renewal")),
            Field("segment", "text", "Customer segment"),
            Field("source", "text", "Where the deal came from"),
            Field("product_id", "text", "Product", refers_to="product.product_id"),
            Field("loss_reason", "text", "Why it was lost; no_decision = the customer did not decide"),
            Field("next_step", "text", "Agreed next step"),
            Field("next_step_due", "date", "Day of the next step"),
            Field("last_activity_at", "ts", "Last human activity known"),
            Field("is_deleted", "bool", "Deleted in the source"),
            Field("merged_into", "text", "Deal that replaced it", refers_to=_DEAL),
        ),
        _table(
            "stage_history",
            "Every stage a deal entered, in time.",
            "deal_id entered_at stage_to",
            Field("deal_id", "text", "Deal", required=True, refers_to=_DEAL),
            Field("stage_to", "text", "Stage entered", required=True, refers_to="stage.stage"),
            Field("stage_from", "text", "Stage left"),
            Field("entered_at", "ts", "When", required=True),
            Field("amount_at", "money", "Amount at that moment"),
            Field("close_date_at", "date", "Expected close at that moment"),
        ),
        _table(
            "owner_history",
            "Who owned a deal, from when until when.",
            "deal_id valid_from",
            Field("deal_id", "text", "Deal", required=True, refers_to=_DEAL),
            Field("owner_id", "text", "Owner", required=True, refers_to=_REP),
            Field("valid_from", "ts", "First moment", required=True),
            Field("valid_to", "ts", "First moment no longer; empty = still"),
        ),
        _table(
            "lead",
            "Possible customers before there is a deal.",
            "lead_id",
            Field("lead_id", "text", "Identifier", required=True),
            Field("created_at", "ts", "When it arrived", required=True),
            Field("owner_id", "text", "Who works it", refers_to=_REP),
            Field(
                "status",
                "text",
                "State of the lead",
                required=True,
                values=("new", "working", "qualified", "converted", "disqualified"),
            ),
            Field("source", "text", "Where it came from"),
            Field("company", "text", "Company name"),
            Field("industry", "text", "Line of business"),
            Field("employees", "int", "Number of employees"),
            Field("country", "text", "Country"),
            Field("segment", "text", "Size segment"),
            Field("first_response_at", "ts", "First human attempt"),
            Field("converted_at", "ts", "When it became a deal"),
            Field("converted_deal_id", "text", "The deal", refers_to=_DEAL),
            Field("disqualified_at", "ts", "When it was given up"),
            Field("disqualify_reason", "text", "Why"),
        ),
        _table(
            "activity",
            "Calls, e-mails, meetings and other work.",
            "activity_id",
            Field("activity_id", "text", "Identifier", required=True),
            Field("type", "text", "Kind of activity", required=True, values=ACTIVITY_TYPES),
            Field("occurred_at", "ts", "When it was held; in the future = planned", required=True),
            Field("owner_id", "text", "Who acted", required=True, refers_to=_REP),
            Field("is_system", "bool", "Automatic: never counted", required=True),
            Field("direction", "text", "Who spoke to whom", values=("in", "out", "two_way")),
            Field("duration_s", "number", "Length in seconds"),
            Field("deal_id", "text", "Deal", refers_to=_DEAL),
            Field("lead_id", "text", "Lead", refers_to="lead.lead_id"),
            Field("account_id", "text", "Company", refers_to="account.account_id"),
            Field(
                "outcome",
                "text",
                "How it ended",
                values=("connected", "no_answer", "held", "no_show", "replied", "cancelled", "other"),
            ),
        ),
        _table(
            "quota",
            "Targets. Never overwritten: a change is a new row with its own recorded_at.",
            "rep_or_team metric_id period_start recorded_at",
            Field("rep_or_team", "text", "Whose target", required=True),
            Field("metric_id", "text", "Metric it is for", required=True),
            Field("period_start", "date", "First day", required=True),
            Field("period_end", "date", "First day after it", required=True),
            Field("value", "number", "The target, in the metric's unit", required=True),
            Field("currency", "text", "Currency of a money target (ISO 4217)"),
            Field("recorded_at", "ts", "When the organisation stated it", required=True),
            Field("reason", "text", "Why it was set or changed"),
            Field("ramp_pct", "share", "Part expected of a ramping rep, already inside value"),
        ),
        _table(
            "survey",
            "Questionnaires sent to customers.",
            "survey_id",
            Field("survey_id", "text", "Identifier", required=True),
            Field("name", "text", "Name", required=True),
            Field("kind", "text", "What it asks", required=True, values=("nps", "csat", "ces", "interview", "social")),
            Field("scale_min", "number", "Lowest answer", required=True),
            Field("scale_max", "number", "Highest answer", required=True),
            Field("cutoff_days", "int", "Answers later than this are late"),
            Field(
                "denominator_rule",
                "text",
                "Which invitations count",
                required=True,
                values=("cohort", "window", "answer_day"),
            ),
        ),
        _table(
            "survey_invitation",
            "Who was asked.",
            "invitation_id",
            Field("invitation_id", "text", "Identifier", required=True),
            Field("survey_id", "text", "Survey", required=True, refers_to="survey.survey_id"),
            Field("sent_at", "ts", "When", required=True),
            Field("account_id", "text", "Company", refers_to="account.account_id"),
            Field("deal_id", "text", "Deal", refers_to=_DEAL),
            Field("rep_id", "text", "Person the customer dealt with", refers_to=_REP),
            Field("delivered", "bool", "Reached the customer"),
        ),
        _table(
            "survey_response",
            "What was answered.",
            "response_id",
            Field("response_id", "text", "Identifier", required=True),
            Field("survey_id", "text", "Survey", required=True, refers_to="survey.survey_id"),
            Field("invitation_id", "text", "Invitation", refers_to="survey_invitation.invitation_id"),
            Field("answered_at", "ts", "When", required=True),
            Field("score", "number", "The answer, on the survey's scale"),
            Field("comment", "text", "In the customer's words"),
            Field("account_id", "text", "Company", refers_to="account.account_id"),
            Field("deal_id", "text", "Deal", refers_to=_DEAL),
            Field("rep_id", "text", "Person the customer dealt with", refers_to=_REP),
        ),
    )
}
REQUIRED_TABLES = ("rep", "stage", "opportunity")
"""Without these there is no page; every other table only makes more metrics answer."""


def dictionary() -> str:
    """The data dictionary as Markdown: what ``data/README.md`` holds."""
    parts = [_PREFACE]
    for table in TABLES.values():
        needed = " Required." if table.name in REQUIRED_TABLES else ""
        parts.append(f"## {table.name}\n\n{table.meaning}{needed} Key: {', '.join(table.key)}.\n")
        parts.append("| column | type | required | meaning |\n| --- | --- | --- | --- |")
        for field in table.fields:
            values = f" One of: {', '.join(field.values)}." if field.values else ""
            refers = f" Refers to {field.refers_to}." if field.refers_to else ""
            required = "yes" if field.required else ""
            parts.append(f"| {field.name} | {field.type} | {required} | {field.meaning}.{values}{refers} |")
        parts.append("")
    return "\n".join(parts)


_PREFACE = """# Data dictionary

The canonical tables. An export in this form is a folder with one `TABLE.csv` per table: UTF-8, comma, a heading row
with the column names below, days as 2025-11-28, moments as 2025-11-28T09:30:00Z, a point as decimal mark, an empty cell
for what is not known. Only `rep`, `stage` and `opportunity` are required; what else is missing makes the metrics that
need it say so. `salescoach demo` makes a whole example.

This page is printed from `salescoach/tables/schema.py` by `make dictionary`; a test holds them together.

Types: *text* · *date* a day in the organisation's time zone · *ts* a moment in UTC · *money* an amount, its currency in
the column `currency` · *share* 0 to 1 · *number* · *int* · *bool* true or false.
"""
