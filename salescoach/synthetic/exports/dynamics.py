"""Dynamics 365 Sales: views exported to Excel and saved as CSV, so days are numbers of a spreadsheet.

Traps kept: estimated and actual revenue in two columns, columns that must not be modified, a cancelled deal that is a
customer's "no decision", records referred to by name.
"""

from __future__ import annotations

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

_STATUSES = {"open": "Open", "won": "Won", "lost": "Lost", "cancelled": "Lost"}
_FORECAST = {
    "omitted": "Omitted",
    "pipeline": "Pipeline",
    "best_case": "Best case",
    "commit": "Committed",
    "closed": "Won",
}
_REASONS = {"no_decision": "Canceled", "competitor": "Out-Sold"}
_TYPES = {"call": "Phone Call", "email": "Email", "meeting": "Appointment", "task": "Task", "other": "Task"}
_LEAD_STATUSES = {
    "new": "Open",
    "working": "Open",
    "qualified": "Open",
    "converted": "Qualified",
    "disqualified": "Disqualified",
}
_LEAD_REASONS = {"new": "New", "working": "Contacted", "qualified": "Contacted", "converted": "Qualified"}
_SOURCES = {
    "inbound": "Web",
    "outbound": "Outbound",
    "partner": "Partner",
    "referral": "External Referral",
}


def identifier(text: str) -> str:
    """An id in the form of a GUID.

    >>> identifier("D000007")
    '7c1e0000-0000-ee11-8179-00000D000007'
    """
    return f"7c1e0000-0000-ee11-8179-{text.rjust(12, '0')}"


def files(view: View) -> dict[str, File]:
    """One file per view."""
    return {
        "Users": _users(view),
        "Accounts": _accounts(view),
        "Leads": _leads(view),
        "Opportunities": _opportunities(view),
        "Activities": _activities(view),
    }


def _unmodified(rows: int) -> File:
    return {"(Do Not Modify) Row Checksum": ["aGFzaA=="] * rows, "(Do Not Modify) Modified On": ["45990.5"] * rows}


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "(Do Not Modify) User": cells.made(reps["rep_id"], identifier),
        **_unmodified(len(reps)),
        "Full Name": cells.text(reps["full_name"]),
        "Primary Email": cells.text(reps["email"]),
        "Business Unit": cells.text(reps["team_id"]),
        "Status": cells.flag(reps["is_active"], "Enabled", "Disabled"),
    }


def _accounts(view: View) -> File:
    accounts = view["account"]
    return {
        "(Do Not Modify) Account": cells.made(accounts["account_id"], identifier),
        **_unmodified(len(accounts)),
        "Account Name": cells.text(accounts["name"]),
        "Industry": cells.text(accounts["industry"]),
        "No. of Employees": cells.whole(accounts["employees"]),
        "Address 1: Country/Region": cells.text(accounts["country"]),
        "Address 1: City": cells.text(accounts["city"]),
        "Created On": cells.serial(accounts["created_at"]),
    }


def _leads(view: View) -> File:
    leads = view["lead"]
    return {
        "(Do Not Modify) Lead": cells.made(leads["lead_id"], identifier),
        **_unmodified(len(leads)),
        "Company Name": cells.text(leads["company"]),
        "Industry": cells.text(leads["industry"]),
        "No. of Employees": cells.whole(leads["employees"]),
        "Country/Region": cells.text(leads["country"]),
        "Lead Source": cells.text(leads["source"], _SOURCES),
        "Status": cells.text(leads["status"], _LEAD_STATUSES),
        "Status Reason": cells.text(leads["status"].map(_LEAD_REASONS).fillna(leads["disqualify_reason"])),
        "Owner": cells.text(leads["owner_id"], view.names),
        "Created On": cells.serial(leads["created_at"]),
    }


def _opportunities(view: View) -> File:
    deals = view["opportunity"]
    won, is_open = deals["status"] == "won", deals["status"] == "open"
    amounts, nothing = cells.amount(deals["amount"]), [""] * len(deals)
    reasons = cells.chosen(is_open, ["In Progress"] * len(deals), cells.text(deals["loss_reason"], _REASONS))
    return {
        "(Do Not Modify) Opportunity": cells.made(deals["deal_id"], identifier),
        **_unmodified(len(deals)),
        "Topic": cells.text(deals["name"]),
        "Potential Customer": cells.text(deals["account_id"], view.accounts),
        "Est. close date": cells.serial(deals["expected_close"]),
        "Est. revenue": cells.chosen(won, cells.amount(deals["amount"].astype(float) * 1.1), amounts),
        "Actual Close Date": cells.serial(deals["closed_at"]),
        "Actual Revenue": cells.chosen(won, amounts, nothing),
        "Currency": cells.text(deals["currency"]),
        "Probability": cells.percent(deals["probability"]),
        "Rating": ["Warm"] * len(deals),
        "Sales Stage": cells.text(view.last_open_stage),
        "Status": cells.text(deals["status"], _STATUSES),
        "Status Reason": cells.chosen(won, ["Won"] * len(deals), reasons),
        "Forecast Category": cells.text(deals["forecast_category"], _FORECAST),
        "Owner": cells.text(deals["owner_id"], view.names),
        "Originating Lead": nothing,
        "Created On": cells.serial(deals["created_at"]),
    }


def _activities(view: View) -> File:
    rows = view["activity"]
    names = dict(zip(view["opportunity"]["deal_id"], view["opportunity"]["name"], strict=True))
    return {
        "(Do Not Modify) Activity": cells.made(rows["activity_id"], identifier),
        **_unmodified(len(rows)),
        "Subject": ["…"] * len(rows),
        "Activity Type": cells.text(rows["type"], _TYPES),
        "Activity Status": cells.chosen(
            rows["outcome"] == "cancelled", ["Canceled"] * len(rows), ["Completed"] * len(rows)
        ),
        "Regarding": cells.text(rows["deal_id"], names),
        "Owner": cells.text(rows["owner_id"], view.names),
        "Actual End": cells.serial(rows["occurred_at"]),
        "Description": ["…"] * len(rows),
    }
