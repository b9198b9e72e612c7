"""Zoho CRM: the modules' exports. No status of a deal: what a stage means is told beside it, once.

Traps kept: one closing date for the expected and the actual day, ids with a prefix, owners with their id beside the
name, durations that Zoho reckoned itself.
"""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View, stated_stages

_SECOND = "%Y-%m-%d %H:%M:%S"
_SOURCES = {"inbound": "Web Download", "outbound": "Cold Call", "partner": "Partner", "referral": "External Referral"}
_TYPES = {"new": "New Business", "expansion": "Existing Business", "renewal": "Renewal"}
_LEAD_STATUSES = {
    "new": "Not Contacted",
    "working": "Contacted",
    "qualified": "Pre-Qualified",
    "converted": "Converted",
    "disqualified": "Not Qualified",
}
_CALLS = {"connected": "Interested", "no_answer": "No response/Busy"}


def _ids(column: pd.Series[str]) -> list[str]:
    return cells.numbered(column, "zcrm_")


def files(view: View) -> dict[str, File]:
    """One file per module, and the stage table that the user states once."""
    return {
        "Users": _users(view),
        "Accounts": _accounts(view),
        "Leads": _leads(view),
        "Deals": _deals(view),
        "Calls": _calls(view),
        "Meetings": _meetings(view),
        "stage": stated_stages(view),
    }


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "User Id": _ids(reps["rep_id"]),
        "Full Name": cells.text(reps["full_name"]),
        "Email": cells.text(reps["email"]),
        "Profile": ["Standard"] * len(reps),
        "Reporting To.id": _ids(reps["manager_id"]),
        "Status": cells.flag(reps["is_active"], "active", "inactive"),
    }


def _accounts(view: View) -> File:
    accounts = view["account"]
    return {
        "Record Id": _ids(accounts["account_id"]),
        "Account Name": cells.text(accounts["name"]),
        "Account Owner.id": _ids(accounts["owner_id"]),
        "Industry": cells.text(accounts["industry"]),
        "Employees": cells.whole(accounts["employees"]),
        "Billing Country": cells.text(accounts["country"]),
        "Billing City": cells.text(accounts["city"]),
        "Created Time": cells.local(accounts["created_at"], _SECOND),
        "Phone": [""] * len(accounts),
    }


def _leads(view: View) -> File:
    leads = view["lead"]
    return {
        "Record Id": _ids(leads["lead_id"]),
        "Lead Owner.id": _ids(leads["owner_id"]),
        "Lead Owner": cells.text(leads["owner_id"], view.names),
        "Company": cells.text(leads["company"]),
        "Last Name": cells.text(leads["company"]),
        "Mobile": ["+90 555 000 00 00"] * len(leads),
        "Lead Source": cells.text(leads["source"], _SOURCES),
        "Lead Status": cells.text(leads["status"], _LEAD_STATUSES),
        "Industry": cells.text(leads["industry"]),
        "No. of Employees": cells.whole(leads["employees"]),
        "Country": cells.text(leads["country"]),
        "Created Time": cells.local(leads["created_at"], _SECOND),
        "Converted Date Time": cells.local(leads["converted_at"], _SECOND),
        "Converted Deal.id": _ids(leads["converted_deal_id"]),
        "Lead Conversion Time": ["0"] * len(leads),
    }


def _deals(view: View) -> File:
    deals = view["opportunity"]
    day = "%Y-%m-%d"
    return {
        "Record Id": _ids(deals["deal_id"]),
        "Deal Owner.id": _ids(deals["owner_id"]),
        "Deal Owner": cells.text(deals["owner_id"], view.names),
        "Deal Name": cells.text(deals["name"]),
        "Account Name.id": _ids(deals["account_id"]),
        "Account Name": cells.text(deals["account_id"], view.accounts),
        "Type": cells.text(deals["type"], _TYPES),
        "Lead Source": cells.text(deals["source"], _SOURCES),
        "Amount": cells.amount(deals["amount"]),
        "Currency": cells.text(deals["currency"]),
        "Closing Date": cells.chosen(
            deals["status"] != "open", cells.local(deals["closed_at"], day), cells.utc(deals["expected_close"], day)
        ),
        "Next Step": cells.text(deals["next_step"]),
        "Pipeline": cells.text(deals["pipeline"]),
        "Stage": cells.text(deals["stage"]),
        "Probability (%)": cells.percent(deals["probability"]),
        "Expected Revenue": cells.amount(deals["amount"].astype(float) * deals["probability"]),
        "Reason For Loss": cells.text(deals["loss_reason"]),
        "Created Time": cells.local(deals["created_at"], _SECOND),
        "Modified Time": cells.local(deals["created_at"], _SECOND),
        "Last Activity Time": cells.local(deals["last_activity_at"], _SECOND),
        "Sales Cycle Duration": ["0"] * len(deals),
        "Description": [""] * len(deals),
    }


def _activity(rows: pd.DataFrame, view: View, owner: str) -> File:
    return {
        "Record Id": _ids(rows["activity_id"]),
        f"{owner}.id": _ids(rows["owner_id"]),
        owner: cells.text(rows["owner_id"], view.names),
        "Related To.id": _ids(rows["deal_id"]),
    }


def _calls(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] == "call"]
    return {
        **_activity(rows, view, "Call Owner"),
        "Subject": ["…"] * len(rows),
        "Call Type": cells.text(rows["direction"], {"in": "Inbound", "out": "Outbound", "two_way": ""}),
        "Call Start Time": cells.local(rows["occurred_at"], _SECOND),
        "Call Duration (in seconds)": cells.whole(rows["duration_s"]),
        "Call Result": cells.text(rows["outcome"], _CALLS),
    }


def _meetings(view: View) -> File:
    every = view["activity"]
    rows = every[(every["type"] == "meeting") & (every["outcome"] != "cancelled")]
    return {
        **_activity(rows, view, "Host"),
        "Title": ["…"] * len(rows),
        "From": cells.local(rows["occurred_at"], _SECOND),
        "Location": [""] * len(rows),
    }
