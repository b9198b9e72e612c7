"""HubSpot: what its list pages export, with headings in the user's language, and the owners of its interface.

Traps kept: owners by name, stage labels in another letter case, minutes without seconds, a score, a close date that
holds the expected and the actual day, one column per stage for when it was entered.
"""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

_MINUTE = "%Y-%m-%d %H:%M"
_SOURCES = {"inbound": "Inbound", "outbound": "Outbound", "partner": "Partner", "referral": "Referral"}
_TYPES = {"new": "New Business", "expansion": "Existing Business", "renewal": "Renewal"}
_FORECAST = {
    "omitted": "Not forecasted",
    "pipeline": "Pipeline",
    "best_case": "Best case",
    "commit": "Commit",
    "closed": "Closed won",
}
_LEAD_STATUSES = {
    "new": "New",
    "working": "In Progress",
    "qualified": "Connected",
    "converted": "Open Deal",
    "disqualified": "Unqualified",
}
_LIFECYCLES = {"qualified": "Sales Qualified Lead", "converted": "Opportunity"}
_CALLS = {"connected": "Connected", "no_answer": "No answer"}
_MEETINGS = {"held": "Completed", "no_show": "No show", "cancelled": "Canceled"}
_DIRECTIONS = {"in": "Inbound", "out": "Outbound", "two_way": ""}

_TURKISH = {
    "Record ID": "Kayıt Kimliği",
    "Deal Name": "Anlaşma Adı",
    "Pipeline": "Satış Hattı",
    "Deal Stage": "Anlaşma Aşaması",
    "Amount": "Tutar",
    "Currency": "Para Birimi",
    "Close Date": "Kapanış Tarihi",
    "Create Date": "Oluşturma Tarihi",
    "Deal owner": "Anlaşma Sahibi",
    "Deal Type": "Anlaşma Türü",
    "Closed Lost Reason": "Kaybedilme Nedeni",
    "Is Closed Won": "Kazanılarak Kapatıldı",
    "Is Deal Closed?": "Anlaşma Kapandı mı?",
    "Deal probability": "Anlaşma Olasılığı",
    "Forecast category": "Tahmin Kategorisi",
    "Lead Source": "Kaynak",
    "Deal Score": "Anlaşma Puanı",
    "Last Activity Date": "Son Etkinlik Tarihi",
    "Next step": "Sonraki Adım",
}


def files(view: View) -> dict[str, File]:
    """One file per list page."""
    deals = _deals(view)
    if view.language == "tr":
        deals = {
            _TURKISH.get(heading, heading.replace("Date entered", "Giriş tarihi:")): texts
            for heading, texts in deals.items()
        }
    return {
        "hubspot-crm-exports-all-deals": deals,
        "hubspot-crm-exports-all-contacts": _contacts(view),
        "hubspot-crm-exports-all-companies": _companies(view),
        "hubspot-crm-exports-all-calls": _calls(view),
        "hubspot-crm-exports-all-meetings": _meetings(view),
        "hubspot-crm-exports-all-emails": _emails(view),
        "owners": _owners(view),
    }


def _deals(view: View) -> File:
    deals = view["opportunity"]
    closed = deals["status"] != "open"
    labels = {stage: stage.capitalize() for stage in view.kinds}
    history = view["stage_history"]
    history = history[history["deal_id"].isin(deals["deal_id"])]
    entered = history.groupby(["deal_id", "stage_to"])["entered_at"].max()
    steps = {
        f"Date entered {label}": cells.local(
            pd.to_datetime(pd.Series([entered.get((deal, stage), pd.NaT) for deal in deals["deal_id"]])), _MINUTE
        )
        for stage, label in labels.items()
    }
    return {
        "Record ID": cells.numbered(deals["deal_id"]),
        "Deal Name": cells.text(deals["name"]),
        "Pipeline": cells.text(deals["pipeline"]),
        "Deal Stage": cells.text(deals["stage"], labels),
        "Amount": cells.amount(deals["amount"]),
        "Currency": cells.text(deals["currency"]),
        "Amount in company currency": cells.amount(deals["amount"]),
        "Close Date": cells.chosen(
            closed, cells.local(deals["closed_at"], _MINUTE), cells.utc(deals["expected_close"], _MINUTE)
        ),
        "Create Date": cells.local(deals["created_at"], _MINUTE),
        "Deal owner": cells.text(deals["owner_id"], view.names),
        "Deal Type": cells.text(deals["type"], _TYPES),
        "Lead Source": cells.text(deals["source"], _SOURCES),
        "Closed Lost Reason": cells.text(deals["loss_reason"]),
        "Is Closed Won": cells.flag(deals["status"] == "won"),
        "Is Deal Closed?": cells.flag(closed),
        "Deal probability": cells.text(deals["probability"].map("{:.4f}".format)),
        "Forecast category": cells.text(deals["forecast_category"], _FORECAST),
        "Deal Score": ["57"] * len(deals),
        "Last Activity Date": cells.local(deals["last_activity_at"], _MINUTE),
        "Next step": cells.text(deals["next_step"]),
        "Associated Company (Primary)": cells.text(deals["account_id"], view.accounts),
        "Associated Company IDs (Primary)": cells.numbered(deals["account_id"]),
        "Merged Deal IDs": _taken_in(deals),
        **steps,
    }


def _taken_in(deals: pd.DataFrame) -> list[str]:
    """For each deal, those that were merged into it."""
    merged = deals[deals["merged_into"].notna()]
    lists: dict[str, list[str]] = {}
    for into, own in zip(merged["merged_into"], cells.numbered(merged["deal_id"]), strict=True):
        lists.setdefault(into, []).append(own)
    return [";".join(lists.get(own, ())) for own in deals["deal_id"]]


def _contacts(view: View) -> File:
    leads = view["lead"]
    return {
        "Record ID": cells.numbered(leads["lead_id"]),
        "First Name": [""] * len(leads),
        "Last Name": cells.text(leads["company"]),
        "Email": [""] * len(leads),
        "Phone Number": ["+90 555 000 00 00"] * len(leads),
        "Company name": cells.text(leads["company"]),
        "Industry": cells.text(leads["industry"]),
        "Number of Employees": cells.whole(leads["employees"]),
        "Country/Region": cells.text(leads["country"]),
        "Lifecycle Stage": [_LIFECYCLES.get(status, "Lead") for status in leads["status"]],
        "Lead Status": cells.text(leads["status"], _LEAD_STATUSES),
        "Contact owner": cells.text(leads["owner_id"], view.names),
        "Create Date": cells.local(leads["created_at"], _MINUTE),
        "Lead Source": cells.text(leads["source"], _SOURCES),
        "Associated Deal IDs": cells.numbered(leads["converted_deal_id"]),
        "Number of times contacted": ["3"] * len(leads),
    }


def _companies(view: View) -> File:
    accounts = view["account"]
    return {
        "Record ID": cells.numbered(accounts["account_id"]),
        "Company name": cells.text(accounts["name"]),
        "Company owner": cells.text(accounts["owner_id"], view.names),
        "Industry": cells.text(accounts["industry"]),
        "Number of Employees": cells.whole(accounts["employees"]),
        "Country/Region": cells.text(accounts["country"]),
        "City": cells.text(accounts["city"]),
        "Create Date": cells.local(accounts["created_at"], _MINUTE),
    }


def _activity(view: View, rows: pd.DataFrame) -> File:
    return {
        "Record ID": cells.numbered(rows["activity_id"]),
        "Activity assigned to": cells.text(rows["owner_id"], view.names),
        "Associated Deal IDs": cells.numbered(rows["deal_id"]),
        "Record source": cells.chosen(rows["is_system"], ["Sequences"] * len(rows), ["CRM UI"] * len(rows)),
    }


def _calls(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] == "call"]
    return {
        **_activity(view, rows),
        "Call Title": ["…"] * len(rows),
        "Activity date": cells.local(rows["occurred_at"], _MINUTE),
        "Call direction": cells.text(rows["direction"], _DIRECTIONS),
        "Call outcome": cells.text(rows["outcome"], _CALLS),
        "Call notes": ["…"] * len(rows),
    }


def _meetings(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] == "meeting"]
    return {
        **_activity(view, rows),
        "Meeting name": ["…"] * len(rows),
        "Meeting start time": cells.local(rows["occurred_at"], _MINUTE),
        "Meeting outcome": cells.text(rows["outcome"], _MEETINGS),
    }


def _emails(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] == "email"]
    return {
        **_activity(view, rows),
        "Email subject": ["…"] * len(rows),
        "Activity date": cells.local(rows["occurred_at"], _MINUTE),
        "Email direction": cells.text(rows["direction"], {"in": "Incoming Email", "out": "Email", "two_way": ""}),
        "Email body": ["…"] * len(rows),
    }


def _owners(view: View) -> File:
    reps = view["rep"]
    names = [name.rpartition(" ") for name in reps["full_name"]]
    return {
        "id": cells.numbered(reps["rep_id"]),
        "email": cells.text(reps["email"]),
        "firstName": [given for given, _, _ in names],
        "lastName": [family for _, _, family in names],
        "userId": cells.numbered(reps["rep_id"]),
        "teams": cells.text(reps["team_id"]),
        "archived": cells.flag(~reps["is_active"].astype("boolean").fillna(True)),
    }
