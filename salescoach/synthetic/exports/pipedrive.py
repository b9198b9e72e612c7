"""Pipedrive: headings "Object - Field", owners and companies by name, closed deals left in their last stage.

Traps kept: the pipeline in brackets behind the stage, the weighted value, activities whose due date is no date held
until they are done; e-mails are no activities here.
"""

from __future__ import annotations

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

_SECOND = "%Y-%m-%d %H:%M:%S"
_STATUSES = {
    "en": {"open": "Open", "won": "Won", "lost": "Lost", "cancelled": "Deleted"},
    "tr": {"open": "Açık", "won": "Kazanıldı", "lost": "Kaybedildi", "cancelled": "Silindi"},
}
_SOURCES = {"inbound": "Web forms", "outbound": "Outbound", "partner": "Partner", "referral": "Referral"}
_TYPES = {"call": "Call", "meeting": "Meeting", "demo": "Demo", "visit": "Visit", "task": "Task", "other": "Task"}
_TURKISH = {
    "Title": "Başlık",
    "Value": "Değer",
    "Currency": "Para Birimi",
    "Stage": "Aşama",
    "Status": "Durum",
    "Owner": "Sahip",
    "Probability": "Olasılık",
    "Expected close date": "Beklenen kapanış tarihi",
    "Deal created": "Fırsat oluşturulma zamanı",
    "Won time": "Kazanılma zamanı",
    "Lost time": "Kaybedilme zamanı",
    "Lost reason": "Kaybedilme nedeni",
    "Source channel": "Kaynak kanalı",
    "Organization": "Kuruluş",
}


def files(view: View) -> dict[str, File]:
    """Deals, activities and organizations; people appear by name only."""
    deals = _deals(view)
    if view.language == "tr":
        deals = {f"Fırsat - {_TURKISH.get(heading, heading)}": texts for heading, texts in deals.items()}
    else:
        deals = {f"Deal - {heading}": texts for heading, texts in deals.items()}
    return {"deals": deals, "activities": _activities(view), "organizations": _organizations(view)}


def _deals(view: View) -> File:
    deals = view["opportunity"]
    statuses = deals["status"]
    stages = [f"{stage} ({pipeline})" for stage, pipeline in zip(view.last_open_stage, deals["pipeline"], strict=True)]
    closed = cells.local(deals["closed_at"], _SECOND)
    nothing = [""] * len(deals)
    return {
        "ID": cells.numbered(deals["deal_id"]),
        "Title": cells.text(deals["name"]),
        "Organization": cells.text(deals["account_id"], view.accounts),
        "Value": cells.amount(deals["amount"]),
        "Currency": cells.text(deals["currency"]),
        "Weighted value": cells.amount(deals["amount"].astype(float) * deals["probability"]),
        "Stage": stages,
        "Status": cells.text(statuses, _STATUSES[view.language]),
        "Owner": cells.text(deals["owner_id"], view.names),
        "Probability": cells.chosen(statuses == "open", cells.percent(deals["probability"]), nothing),
        "Expected close date": cells.utc(deals["expected_close"], "%Y-%m-%d"),
        "Deal created": cells.local(deals["created_at"], _SECOND),
        "Won time": cells.chosen(statuses == "won", closed, nothing),
        "Lost time": cells.chosen(statuses == "lost", closed, nothing),
        "Lost reason": cells.text(deals["loss_reason"]),
        "Source channel": cells.text(deals["source"], _SOURCES),
        "Last activity date": cells.local(deals["last_activity_at"], "%Y-%m-%d"),
        "Done activities": ["4"] * len(deals),
    }


def _activities(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"] != "email"]
    held = ~rows["outcome"].isin(["no_show", "cancelled"])
    return {
        "Activity - ID": cells.numbered(rows["activity_id"]),
        "Activity - Subject": ["…"] * len(rows),
        "Activity - Type": cells.text(rows["type"], _TYPES),
        "Activity - Done": cells.flag(held, "Done", "To do"),
        "Activity - Due date": cells.local(rows["occurred_at"], "%Y-%m-%d"),
        "Activity - Due time": cells.local(rows["occurred_at"], "%H:%M"),
        "Activity - Assigned to user": cells.text(rows["owner_id"], view.names),
        "Activity - Note": ["…"] * len(rows),
        "Deal - ID": cells.numbered(rows["deal_id"]),
    }


def _organizations(view: View) -> File:
    accounts = view["account"]
    return {
        "Organization - ID": cells.numbered(accounts["account_id"]),
        "Organization - Name": cells.text(accounts["name"]),
        "Organization - Owner": cells.text(accounts["owner_id"], view.names),
        "Organization - Organization created": cells.local(accounts["created_at"], _SECOND),
        "Organization - Won deals": ["0"] * len(accounts),
    }
