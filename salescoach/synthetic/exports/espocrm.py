"""EspoCRM: entity exports with field names, or with the labels of its Turkish translation, misspelt as it ships them.

Traps kept: no status of a deal and no history of stages; what a stage means is told beside it, once; a meeting was
held only when it says so.
"""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View, stated_stages

_SECOND = "%Y-%m-%d %H:%M:%S"
_SOURCES = {"inbound": "Web Site", "outbound": "Outbound", "partner": "Partner", "referral": "Referral"}
_LEAD_STATUSES = {
    "new": "New",
    "working": "In Process",
    "qualified": "In Process",
    "converted": "Converted",
    "disqualified": "Dead",
}
_HELD = {"en": {True: "Held", False: "Not Held"}, "tr": {True: "SET HELDXXX", False: "Yapılmadı"}}
_TURKISH = {
    "id": "ID",
    "name": "Ad",
    "amount": "Tutar",
    "amountCurrency": "Tutar (Para Birimi)",
    "accountId": "Hesap ID",
    "accountName": "Hesap",
    "stage": "Aşama",
    "lastStage": "Son Aşama",
    "probability": "Olasılık, %",
    "leadSource": "Müşteri Adayı Kaynağı",
    "closeDate": "Kapanış Tarii",
    "assignedUserId": "Atanan Kullanıcı ID",
    "assignedUserName": "Atanan Kullanıcı",
    "createdAt": "Oluşturulma Tarihi",
}


def files(view: View) -> dict[str, File]:
    """One file per entity, and the stage table that the user states once."""
    deals = _opportunities(view)
    if view.language == "tr":
        deals = {_TURKISH[heading]: texts for heading, texts in deals.items()}
    return {
        "User": _users(view),
        "Account": _accounts(view),
        "Lead": _leads(view),
        "Opportunity": deals,
        "Call": _activities(view, "call"),
        "Meeting": _activities(view, "meeting"),
        "stage": stated_stages(view),
    }


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "id": cells.text(reps["rep_id"]),
        "userName": cells.text(reps["email"]),
        "name": cells.text(reps["full_name"]),
        "emailAddress": cells.text(reps["email"]),
        "isActive": cells.flag(reps["is_active"], "1", "0"),
        "defaultTeamId": cells.text(reps["team_id"]),
        "title": cells.text(reps["role"]),
    }


def _accounts(view: View) -> File:
    accounts = view["account"]
    return {
        "id": cells.text(accounts["account_id"]),
        "name": cells.text(accounts["name"]),
        "industry": cells.text(accounts["industry"]),
        "billingAddressCountry": cells.text(accounts["country"]),
        "billingAddressCity": cells.text(accounts["city"]),
        "createdAt": cells.local(accounts["created_at"], _SECOND),
        "phoneNumber": [""] * len(accounts),
    }


def _leads(view: View) -> File:
    leads = view["lead"]
    return {
        "id": cells.text(leads["lead_id"]),
        "accountName": cells.text(leads["company"]),
        "status": cells.text(leads["status"], _LEAD_STATUSES),
        "source": cells.text(leads["source"], _SOURCES),
        "industry": cells.text(leads["industry"]),
        "addressCountry": cells.text(leads["country"]),
        "assignedUserId": cells.text(leads["owner_id"]),
        "createdAt": cells.local(leads["created_at"], _SECOND),
        "convertedAt": cells.local(leads["converted_at"], _SECOND),
        "createdOpportunityId": cells.text(leads["converted_deal_id"]),
        "emailAddress": [""] * len(leads),
    }


def _opportunities(view: View) -> File:
    deals = view["opportunity"]
    day = "%Y-%m-%d"
    return {
        "id": cells.text(deals["deal_id"]),
        "name": cells.text(deals["name"]),
        "amount": cells.amount(deals["amount"]),
        "amountCurrency": cells.text(deals["currency"]),
        "accountId": cells.text(deals["account_id"]),
        "accountName": cells.text(deals["account_id"], view.accounts),
        "stage": cells.text(deals["stage"]),
        "lastStage": cells.text(view.last_open_stage),
        "probability": cells.percent(deals["probability"]),
        "leadSource": cells.text(deals["source"], _SOURCES),
        "closeDate": cells.chosen(
            deals["status"] != "open", cells.local(deals["closed_at"], day), cells.utc(deals["expected_close"], day)
        ),
        "assignedUserId": cells.text(deals["owner_id"]),
        "assignedUserName": cells.text(deals["owner_id"], view.names),
        "createdAt": cells.local(deals["created_at"], _SECOND),
    }


def _activities(view: View, kind: str) -> File:
    every = view["activity"]
    rows = every[every["type"] == kind]
    held: pd.Series[bool] = ~rows["outcome"].isin(["no_answer", "no_show", "cancelled"])
    return {
        "id": cells.text(rows["activity_id"]),
        "name": ["…"] * len(rows),
        "status": [_HELD[view.language][bool(each)] for each in held],
        "dateStart": cells.local(rows["occurred_at"], _SECOND),
        "direction": cells.text(rows["direction"], {"in": "Inbound", "out": "Outbound", "two_way": ""}),
        "parentType": cells.chosen(rows["deal_id"].notna(), ["Opportunity"] * len(rows), [""] * len(rows)),
        "parentId": cells.text(rows["deal_id"]),
        "assignedUserId": cells.text(rows["owner_id"]),
        "description": ["…"] * len(rows),
    }
