"""Frappe CRM: its doctypes. The status of a deal is its stage, and a table says which statuses are won and lost.

Traps kept: an expected value that is amount times setting, a log that also notes changes that change nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

_SECOND = "%Y-%m-%d %H:%M:%S"
_SOURCES = {"inbound": "Website", "outbound": "Cold Calling", "partner": "Partner", "referral": "Reference"}
_KINDS = {"open": "Ongoing", "won": "Won", "lost": "Lost"}
_LEAD_STATUSES = {
    "new": "New",
    "working": "Contacted",
    "qualified": "Qualified",
    "converted": "Converted",
    "disqualified": "Unqualified",
}
_CALLS = {"connected": "Completed", "no_answer": "No Answer"}


def files(view: View) -> dict[str, File]:
    """One file per doctype."""
    return {
        "User": _users(view),
        "CRM Organization": _organizations(view),
        "CRM Deal Status": _statuses(view),
        "CRM Lead": _leads(view),
        "CRM Deal": _deals(view),
        "CRM Status Change Log": _log(view),
        "CRM Call Log": _calls(view),
    }


def _emails(view: View, column: pd.Series[str]) -> list[str]:
    return cells.text(column, dict(zip(view["rep"]["rep_id"], view["rep"]["email"], strict=True)))


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "name": cells.text(reps["email"]),
        "email": cells.text(reps["email"]),
        "full_name": cells.text(reps["full_name"]),
        "enabled": cells.flag(reps["is_active"], "1", "0"),
        "user_type": ["System User"] * len(reps),
    }


def _organizations(view: View) -> File:
    accounts = view["account"]
    return {
        "name": cells.text(accounts["account_id"]),
        "organization_name": cells.text(accounts["name"]),
        "industry": cells.text(accounts["industry"]),
        "no_of_employees": ["11-50"] * len(accounts),
        "territory": cells.text(accounts["country"]),
        "creation": cells.local(accounts["created_at"], _SECOND),
    }


def _statuses(view: View) -> File:
    stages = view["stage"]
    return {
        "deal_status": cells.text(stages["stage"]),
        "position": cells.whole(stages["order"]),
        "type": cells.text(stages["kind"], _KINDS),
        "probability": cells.percent(stages["default_prob"]),
        "color": ["gray"] * len(stages),
    }


def _leads(view: View) -> File:
    leads = view["lead"]
    return {
        "name": cells.text(leads["lead_id"]),
        "lead_owner": _emails(view, leads["owner_id"]),
        "status": cells.text(leads["status"], _LEAD_STATUSES),
        "source": cells.text(leads["source"], _SOURCES),
        "organization": cells.text(leads["company"]),
        "industry": cells.text(leads["industry"]),
        "territory": cells.text(leads["country"]),
        "mobile_no": [""] * len(leads),
        "converted": cells.flag(leads["status"] == "converted", "1", "0"),
        "creation": cells.local(leads["created_at"], _SECOND),
    }


def _deals(view: View) -> File:
    deals = view["opportunity"]
    return {
        "name": cells.text(deals["deal_id"]),
        "organization": cells.text(deals["account_id"]),
        "lead": cells.text(deals["lead_id"]),
        "deal_owner": _emails(view, deals["owner_id"]),
        "status": cells.text(deals["stage"]),
        "deal_value": cells.amount(deals["amount"]),
        "expected_deal_value": cells.amount(deals["amount"].astype(float) * deals["probability"]),
        "currency": cells.text(deals["currency"]),
        "exchange_rate": ["1"] * len(deals),
        "probability": cells.percent(deals["probability"]),
        "expected_closure_date": cells.utc(deals["expected_close"], "%Y-%m-%d"),
        "closed_date": cells.local(deals["closed_at"], "%Y-%m-%d"),
        "source": cells.text(deals["source"], _SOURCES),
        "lost_reason": cells.text(deals["loss_reason"]),
        "next_step": cells.text(deals["next_step"]),
        "creation": cells.local(deals["created_at"], _SECOND),
    }


def _log(view: View) -> File:
    """Each stage with the time it was entered and left, and for one in four a change that changed nothing."""
    steps = view["stage_history"]
    left = steps.groupby("deal_id")["entered_at"].shift(-1)
    steps = steps.assign(left=left, next=steps.groupby("deal_id")["stage_to"].shift(-1))
    again = steps[np.arange(len(steps)) % 4 == 0].copy()
    again["entered_at"] = again["entered_at"] + pd.Timedelta(seconds=1)
    rows = pd.concat([steps, again]).sort_values(["deal_id", "entered_at"], kind="stable")
    return {
        "parent": cells.text(rows["deal_id"]),
        "parenttype": ["CRM Deal"] * len(rows),
        "from": cells.text(rows["stage_to"]),
        "to": cells.text(rows["next"]),
        "from_date": cells.local(rows["entered_at"], _SECOND),
        "to_date": cells.local(rows["left"], _SECOND),
        "duration": ["0"] * len(rows),
        "log_owner": [""] * len(rows),
    }


def _calls(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] == "call"]
    return {
        "name": cells.text(rows["activity_id"]),
        "type": cells.text(rows["direction"], {"in": "Incoming", "out": "Outgoing", "two_way": "Outgoing"}),
        "status": cells.text(rows["outcome"], _CALLS),
        "duration": cells.whole(rows["duration_s"]),
        "start_time": cells.local(rows["occurred_at"], _SECOND),
        "caller": _emails(view, rows["owner_id"]),
        "reference_doctype": ["CRM Deal"] * len(rows),
        "reference_docname": cells.text(rows["deal_id"]),
        "recording_url": [""] * len(rows),
    }
