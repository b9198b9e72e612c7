"""Krayin: tables of its database. Its "leads" are deals; stages, pipelines, sources and people are ids of other tables.

Traps kept: the organisation of a deal is that of its contact person, an activity belongs to a deal through a third
table, an activity counts only when done.
"""

from __future__ import annotations

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.view import View

_SECOND = "%Y-%m-%d %H:%M:%S"
_SOURCES = {"inbound": "Web", "outbound": "Outbound", "partner": "Partner", "referral": "Referral"}


def files(view: View) -> dict[str, File]:
    """One file per table."""
    return {
        "users": _users(view),
        "organizations": _organizations(view),
        "persons": _persons(view),
        "lead_pipelines": {"id": ["1"], "name": [view["stage"]["pipeline"].iloc[0]], "is_default": ["1"]},
        "lead_pipeline_stages": _stages(view),
        "lead_sources": {
            "id": [str(number) for number in range(1, len(_SOURCES) + 1)],
            "name": list(_SOURCES.values()),
        },
        "leads": _leads(view),
        "activities": _activities(view),
        "lead_activities": _links(view),
    }


def _users(view: View) -> File:
    reps = view["rep"]
    return {
        "id": cells.numbered(reps["rep_id"]),
        "name": cells.text(reps["full_name"]),
        "email": cells.text(reps["email"]),
        "status": cells.flag(reps["is_active"], "1", "0"),
        "role_id": ["1"] * len(reps),
        "view_permission": ["global"] * len(reps),
    }


def _organizations(view: View) -> File:
    accounts = view["account"]
    return {
        "id": cells.numbered(accounts["account_id"]),
        "name": cells.text(accounts["name"]),
        "address": [""] * len(accounts),
        "created_at": cells.local(accounts["created_at"], _SECOND),
    }


def _persons(view: View) -> File:
    """One person for each company."""
    accounts = view["account"]
    return {
        "id": cells.numbered(accounts["account_id"]),
        "name": cells.text(accounts["name"]),
        "emails": ["[]"] * len(accounts),
        "contact_numbers": ["[]"] * len(accounts),
        "organization_id": cells.numbered(accounts["account_id"]),
    }


def _stages(view: View) -> File:
    stages = view["stage"]
    codes = [kind if kind != "open" else f"stage-{number}" for number, kind in enumerate(stages["kind"], 1)]
    return {
        "id": cells.whole(stages["order"]),
        "code": codes,
        "name": cells.text(stages["stage"]),
        "probability": cells.percent(stages["default_prob"]),
        "sort_order": cells.whole(stages["order"]),
        "lead_pipeline_id": ["1"] * len(stages),
    }


def _leads(view: View) -> File:
    deals = view["opportunity"]
    orders = dict(zip(view["stage"]["stage"], cells.whole(view["stage"]["order"]), strict=True))
    sources = {source: str(number) for number, source in enumerate(_SOURCES, 1)}
    return {
        "id": cells.numbered(deals["deal_id"]),
        "title": cells.text(deals["name"]),
        "description": [""] * len(deals),
        "lead_value": cells.amount(deals["amount"], "{:.4f}"),
        "status": cells.flag(deals["status"] == "open", "1", "0"),
        "lost_reason": cells.text(deals["loss_reason"]),
        "closed_at": cells.local(deals["closed_at"], _SECOND),
        "user_id": cells.numbered(deals["owner_id"]),
        "person_id": cells.numbered(deals["account_id"]),
        "lead_source_id": cells.text(deals["source"], sources),
        "lead_type_id": cells.text(deals["type"], {"new": "1", "expansion": "2", "renewal": "2"}),
        "lead_pipeline_id": ["1"] * len(deals),
        "lead_pipeline_stage_id": cells.text(deals["stage"], orders),
        "expected_close_date": cells.utc(deals["expected_close"], "%Y-%m-%d"),
        "created_at": cells.local(deals["created_at"], _SECOND),
    }


def _activities(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"].isin(["call", "meeting"])]
    return {
        "id": cells.numbered(rows["activity_id"]),
        "title": ["…"] * len(rows),
        "type": cells.text(rows["type"]),
        "comment": ["…"] * len(rows),
        "schedule_from": cells.local(rows["occurred_at"], _SECOND),
        "is_done": cells.flag(~rows["outcome"].isin(["no_show", "cancelled"]), "1", "0"),
        "user_id": cells.numbered(rows["owner_id"]),
    }


def _links(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"].isin(["call", "meeting"]) & every["deal_id"].notna()]
    return {"activity_id": cells.numbered(rows["activity_id"]), "lead_id": cells.numbered(rows["deal_id"])}
