"""Odoo: leads and opportunities in one table, archived rows among them; a lost deal is archived with a reason.

Traps kept: the automatic probability, days that Odoo reckoned itself, the day of assignment that looks like one of
qualification; a lead that was converted is the opportunity itself.
"""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import Cells, File
from salescoach.synthetic.exports.view import View

_SECOND = "%Y-%m-%d %H:%M:%S"
_SOURCES = {"inbound": "Website", "outbound": "Cold Call", "partner": "Partner", "referral": "Referral"}


def files(view: View) -> dict[str, File]:
    """The models crm.lead, crm.stage, res.users and res.partner."""
    deals, leads = _opportunities(view), _leads(view)
    return {
        "res.users": _users(view),
        "res.partner": _partners(view),
        "crm.stage": _stages(view),
        "crm.lead": {heading: [*leads[heading], *deals[heading]] for heading in deals},
    }


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "ID": cells.numbered(reps["rep_id"]),
        "Name": cells.text(reps["full_name"]),
        "Login": cells.text(reps["email"]),
        "Sales Team": cells.text(reps["team_id"]),
        "Active": cells.flag(reps["is_active"], "True", "False"),
    }


def _partners(view: View) -> File:
    accounts = view["account"]
    return {
        "ID": cells.numbered(accounts["account_id"]),
        "Name": cells.text(accounts["name"]),
        "Is a Company": ["True"] * len(accounts),
        "Industry": cells.text(accounts["industry"]),
        "Country": cells.text(accounts["country"]),
        "City": cells.text(accounts["city"]),
        "Created on": cells.local(accounts["created_at"], _SECOND),
        "Phone": [""] * len(accounts),
    }


def _stages(view: View) -> File:
    stages = view["stage"][view["stage"]["kind"] != "lost"]
    return {
        "Stage Name": cells.text(stages["stage"]),
        "Sequence": cells.whole(stages["order"]),
        "Is Won Stage?": cells.flag(stages["kind"] == "won", "True", "False"),
        "Folded in Pipeline": cells.flag([False] * len(stages), "True", "False"),
    }


def _record(rows: pd.DataFrame, view: View, kind: str, name: Cells, stage: Cells, active: pd.Series[bool]) -> File:
    return {
        "Type": [kind] * len(rows),
        "Active": cells.flag(active, "True", "False"),
        "Opportunity": name,
        "Salesperson": cells.text(rows["owner_id"], view.names),
        "Stage": stage,
        "Source": cells.text(rows["source"], _SOURCES),
        "Created on": cells.local(rows["created_at"], _SECOND),
        "Assignment Date": cells.local(rows["created_at"], _SECOND),
        "Days to Assign": ["0"] * len(rows),
        "Days to Close": ["0"] * len(rows),
    }


def _opportunities(view: View) -> File:
    deals = view["opportunity"]
    won = deals["status"] == "won"
    stage = cells.chosen(won, cells.text(deals["stage"]), cells.text(view.last_open_stage))
    return {
        "ID": cells.numbered(deals["deal_id"]),
        **_record(deals, view, "Opportunity", cells.text(deals["name"]), stage, deals["status"] != "lost"),
        "Customer": cells.text(deals["account_id"], view.accounts),
        "Customer/ID": cells.numbered(deals["account_id"]),
        "Company Name": [""] * len(deals),
        "Country": [""] * len(deals),
        "Expected Revenue": cells.amount(deals["amount"]),
        "Currency": cells.text(deals["currency"]),
        "Probability": cells.percent(deals["probability"]),
        "Automated Probability": ["17.5"] * len(deals),
        "Expected Closing": cells.utc(deals["expected_close"], "%Y-%m-%d"),
        "Closed Date": cells.local(deals["closed_at"], _SECOND),
        "Lost Reason": cells.text(deals["loss_reason"]),
    }


def _leads(view: View) -> File:
    """Leads that have not become an opportunity: one that has is the opportunity."""
    every = view["lead"]
    leads = every[every["status"] != "converted"]
    first = view["stage"].sort_values("order")["stage"].iloc[0]
    nothing = [""] * len(leads)
    return {
        "ID": cells.numbered(leads["lead_id"]),
        **_record(
            leads, view, "Lead", cells.text(leads["company"]), [first] * len(leads), leads["status"] != "disqualified"
        ),
        "Customer": nothing,
        "Customer/ID": nothing,
        "Company Name": cells.text(leads["company"]),
        "Country": cells.text(leads["country"]),
        "Expected Revenue": nothing,
        "Currency": nothing,
        "Probability": nothing,
        "Automated Probability": ["12.5"] * len(leads),
        "Expected Closing": nothing,
        "Closed Date": cells.local(leads["disqualified_at"], _SECOND),
        "Lost Reason": cells.text(leads["disqualify_reason"]),
    }
