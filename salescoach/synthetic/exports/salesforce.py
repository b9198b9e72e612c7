"""Salesforce: the objects as Data Loader writes them, and an opportunity report with its labels.

Traps kept: ids of 18 characters, a history row on every save that touches amount or close date, closed deals
whose close date replaced the expected one, meetings in another object than calls, expected revenue and
fiscal columns that nobody should read.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.salesforce_beside import beside_the_deals
from salescoach.synthetic.exports.salesforce_ids import ids
from salescoach.synthetic.exports.view import View, stated_stages

CATEGORIES = {
    "omitted": "Omitted",
    "pipeline": "Pipeline",
    "best_case": "Best Case",
    "commit": "Commit",
    "closed": "Closed",
}
SOURCES = {"inbound": "Web", "outbound": "Cold Call", "partner": "Partner Referral", "referral": "External Referral"}
TYPES = {"new": "New Business", "expansion": "Existing Business", "renewal": "Renewal"}
LEAD_STATUSES = {
    "new": "Open - Not Contacted",
    "working": "Working - Contacted",
    "qualified": "Qualified",
    "converted": "Closed - Converted",
    "disqualified": "Closed - Not Converted",
}
DISPOSITIONS = {"connected": "Connected", "no_answer": "No Answer"}
_MOMENT = "%Y-%m-%dT%H:%M:%S.000+0000"


def files(view: View) -> dict[str, File]:
    """One file per object, with its API names."""
    return {
        "User": _users(view),
        "UserRole": _roles(view),
        "Account": _accounts(view),
        "Lead": _leads(view),
        "Opportunity": _opportunities(view),
        "OpportunityStage": _stages(view),
        "OpportunityHistory": _history(view),
        "Task": _tasks(view),
        "Event": _events(view),
        **beside_the_deals(view),
    }


def report(view: View) -> dict[str, File]:
    """An opportunity report in English with the labels a user sees: names as owners, no time of day."""
    deals = view["opportunity"]
    closed = deals["status"] != "open"
    day = "%m/%d/%Y"
    return {
        "Opportunities Report": {
            "Opportunity Owner": cells.text(deals["owner_id"], view.names),
            "Account Name": cells.text(deals["account_id"], view.accounts),
            "Opportunity Name": cells.text(deals["name"]),
            "Stage": cells.text(deals["stage"]),
            "Fiscal Period": cells.local(deals["created_at"], "Q1-%Y"),
            "Amount Currency": cells.text(deals["currency"]),
            "Amount": cells.amount(deals["amount"]),
            "Expected Revenue": cells.amount(deals["amount"].astype(float) * deals["probability"]),
            "Probability (%)": cells.percent(deals["probability"], "%"),
            "Age": ["0"] * len(deals),
            "Close Date": cells.chosen(
                closed, cells.local(deals["closed_at"], day), cells.utc(deals["expected_close"], day)
            ),
            "Created Date": cells.local(deals["created_at"], day),
            "Next Step": cells.text(deals["next_step"]),
            "Lead Source": cells.text(deals["source"], SOURCES),
            "Type": cells.text(deals["type"], TYPES),
            "Forecast Category": cells.text(deals["forecast_category"], CATEGORIES),
            "Closed": cells.flag(closed, "1", "0"),
            "Won": cells.flag(deals["status"] == "won", "1", "0"),
            "Loss Reason": cells.text(deals["loss_reason"]),
            "Opportunity ID": ids("006", deals["deal_id"]),
            "Last Activity": cells.local(deals["last_activity_at"], day),
        },
        "stage": stated_stages(view),
    }


def _users(view: View) -> File:
    reps = view["rep"]
    names = [name.rpartition(" ") for name in reps["full_name"]]
    return {
        "Id": ids("005", reps["rep_id"]),
        "Username": cells.text(reps["email"]),
        "FirstName": [given for given, _, _ in names],
        "LastName": [family for _, _, family in names],
        "Name": cells.text(reps["full_name"]),
        "Email": cells.text(reps["email"]),
        "Title": cells.text(reps["role"]),
        "Department": cells.text(reps["segment"]),
        "ManagerId": ids("005", reps["manager_id"]),
        "UserRoleId": ids("00E", reps["team_id"]),
        "IsActive": cells.flag(reps["is_active"]),
        "UserType": ["Standard"] * len(reps),
        "LastLoginDate": ["2025-11-01T08:00:00.000+0000"] * len(reps),
    }


def _roles(view: View) -> File:
    teams = view["team"]
    return {
        "Id": ids("00E", teams["team_id"]),
        "Name": cells.text(teams["name"]),
        "ParentRoleId": ids("00E", teams["parent_team_id"]),
        "DeveloperName": cells.text(teams["team_id"]),
    }


def _accounts(view: View) -> File:
    accounts = view["account"]
    return {
        "Id": ids("001", accounts["account_id"]),
        "IsDeleted": cells.flag([False] * len(accounts)),
        "Name": cells.text(accounts["name"]),
        "Industry": cells.text(accounts["industry"]),
        "NumberOfEmployees": cells.whole(accounts["employees"]),
        "BillingCountry": cells.text(accounts["country"]),
        "BillingCity": cells.text(accounts["city"]),
        "OwnerId": ids("005", accounts["owner_id"]),
        "CreatedDate": cells.utc(accounts["created_at"], _MOMENT),
        "Phone": ["+90 555 000 00 00"] * len(accounts),
    }


def _leads(view: View) -> File:
    leads = view["lead"]
    return {
        "Id": ids("00Q", leads["lead_id"]),
        "IsDeleted": cells.flag([False] * len(leads)),
        "LastName": cells.text(leads["company"]),
        "Company": cells.text(leads["company"]),
        "Country": cells.text(leads["country"]),
        "LeadSource": cells.text(leads["source"], SOURCES),
        "Status": cells.text(leads["status"], LEAD_STATUSES),
        "Industry": cells.text(leads["industry"]),
        "NumberOfEmployees": cells.whole(leads["employees"]),
        "OwnerId": ids("005", leads["owner_id"]),
        "IsConverted": cells.flag(leads["status"] == "converted"),
        "ConvertedDate": cells.local(leads["converted_at"], "%Y-%m-%d"),
        "ConvertedOpportunityId": ids("006", leads["converted_deal_id"]),
        "CreatedDate": cells.utc(leads["created_at"], _MOMENT),
        "LastActivityDate": cells.local(leads["first_response_at"], "%Y-%m-%d"),
    }


def _opportunities(view: View) -> File:
    deals = view["opportunity"]
    closed = deals["status"] != "open"
    revenue = deals["amount"].astype(float) * deals["probability"]
    return {
        "Id": ids("006", deals["deal_id"]),
        "IsDeleted": cells.flag(deals["is_deleted"]),
        "AccountId": ids("001", deals["account_id"]),
        "Name": cells.text(deals["name"]),
        "StageName": cells.text(deals["stage"]),
        "Amount": cells.amount(deals["amount"]),
        "Probability": cells.percent(deals["probability"]),
        "ExpectedRevenue": cells.amount(revenue),
        "CloseDate": cells.chosen(
            closed, cells.local(deals["closed_at"], "%Y-%m-%d"), cells.utc(deals["expected_close"], "%Y-%m-%d")
        ),
        "Type": cells.text(deals["type"], TYPES),
        "NextStep": cells.text(deals["next_step"]),
        "LeadSource": cells.text(deals["source"], SOURCES),
        "IsClosed": cells.flag(closed),
        "IsWon": cells.flag(deals["status"] == "won"),
        "ForecastCategoryName": cells.text(deals["forecast_category"], CATEGORIES),
        "CurrencyIsoCode": cells.text(deals["currency"]),
        "OwnerId": ids("005", deals["owner_id"]),
        "CreatedDate": cells.utc(deals["created_at"], _MOMENT),
        "LastActivityDate": cells.local(deals["last_activity_at"], "%Y-%m-%d"),
        "FiscalYear": cells.local(deals["created_at"], "%Y"),
        "HasOpenActivity": cells.flag(~closed),
        "Loss_Reason__c": cells.text(deals["loss_reason"]),
    }


def _stages(view: View) -> File:
    stages = view["stage"]
    return {
        "Id": [f"01J{number:012d}" for number in range(1, len(stages) + 1)],
        "MasterLabel": cells.text(stages["stage"]),
        "SortOrder": cells.whole(stages["order"]),
        "IsActive": cells.flag([True] * len(stages)),
        "IsClosed": cells.flag(stages["kind"] != "open"),
        "IsWon": cells.flag(stages["kind"] == "won"),
        "DefaultProbability": cells.percent(stages["default_prob"]),
    }


def _history(view: View) -> File:
    """Each step, and a save without a step an hour later for one in three: amount touched, stage repeated."""
    steps = view["stage_history"]
    saved = steps[np.arange(len(steps)) % 3 == 0].copy()
    saved["entered_at"] = saved["entered_at"] + pd.Timedelta(minutes=1)
    rows = pd.concat([steps, saved], ignore_index=True).sort_values(["entered_at"], kind="stable", ascending=False)
    return {
        "Id": [f"008{number:012d}" for number in range(1, len(rows) + 1)],
        "IsDeleted": cells.flag([False] * len(rows)),
        "OpportunityId": ids("006", rows["deal_id"]),
        "CreatedDate": cells.utc(rows["entered_at"], _MOMENT),
        "StageName": cells.text(rows["stage_to"]),
        "Amount": cells.amount(rows["amount_at"]),
        "CloseDate": cells.utc(rows["close_date_at"], "%Y-%m-%d"),
        "ForecastCategory": cells.text(rows["forecast_category_at"], CATEGORIES),
        "ExpectedRevenue": cells.amount(rows["amount_at"]),
        "SystemModstamp": cells.utc(rows["entered_at"], _MOMENT),
    }


def _subjects(rows: pd.DataFrame) -> File:
    about = cells.chosen(rows["deal_id"].notna(), ids("006", rows["deal_id"]), ids("001", rows["account_id"]))
    return {
        "IsDeleted": cells.flag([False] * len(rows)),
        "WhoId": cells.chosen(rows["lead_id"].notna(), ids("00Q", rows["lead_id"]), ids("003", rows["contact_id"])),
        "WhatId": about,
        "Subject": cells.text(rows["type"]),
        "OwnerId": ids("005", rows["owner_id"]),
    }


def _tasks(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"].isin(["call", "email", "task", "other"])]
    subtypes = {"call": "Call", "email": "Email", "task": "Task", "other": "Task"}
    return {
        "Id": ids("00T", rows["activity_id"]),
        **_subjects(rows),
        "ActivityDate": cells.local(rows["occurred_at"], "%Y-%m-%d"),
        "Status": ["Completed"] * len(rows),
        "Priority": ["Normal"] * len(rows),
        "TaskSubtype": cells.chosen(rows["is_system"], ["ListEmail"] * len(rows), cells.text(rows["type"], subtypes)),
        "CallDurationInSeconds": cells.whole(rows["duration_s"]),
        "CallType": cells.text(rows["direction"], {"in": "Inbound", "out": "Outbound", "two_way": ""}),
        "CallDisposition": cells.text(rows["outcome"], {**DISPOSITIONS, "replied": "", "other": ""}),
        "CompletedDateTime": cells.utc(rows["occurred_at"], _MOMENT),
        "CreatedDate": cells.utc(rows["occurred_at"], _MOMENT),
        "IsClosed": ["true"] * len(rows),
        "Description": ["…"] * len(rows),
    }


def _events(view: View) -> File:
    every = view["activity"]
    rows = every[every["type"].isin(["meeting", "demo", "visit"])]
    return {
        "Id": ids("00U", rows["activity_id"]),
        **_subjects(rows),
        "StartDateTime": cells.utc(rows["occurred_at"], _MOMENT),
        "DurationInMinutes": cells.whole(rows["duration_s"].astype(float) / 60),
        "EventSubtype": ["Event"] * len(rows),
        "Type": cells.text(rows["type"], {"meeting": "Meeting", "demo": "Demo", "visit": "Visit"}),
        "No_Show__c": cells.flag(rows["outcome"] == "no_show"),
        "Location": ["…"] * len(rows),
    }
