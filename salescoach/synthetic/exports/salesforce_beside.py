"""Salesforce: the objects that stand beside the deals: contacts, products, splits of credit, quotas.

Traps kept: the kind of a split stands in another object, a quota names its period by id and that period includes its
last day, only the newest version of a quota is there, whoever has not opted out has not agreed for that reason.
"""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells
from salescoach.synthetic.exports.cells import File
from salescoach.synthetic.exports.salesforce_ids import ids
from salescoach.synthetic.exports.view import View

_MOMENT = "%Y-%m-%dT%H:%M:%S.000+0000"
_DAY = "%Y-%m-%d"
_SPLIT_TYPES = {"revenue": "149000000000001AAA", "overlay": "149000000000002AAA"}


def beside_the_deals(view: View) -> dict[str, File]:
    """One file per object, with its API names."""
    quotas = view["quota"].drop_duplicates(["rep_or_team", "metric_id", "period_start"], keep="last")
    periods = quotas.drop_duplicates(["period_start", "period_end"])
    return {
        "Contact": _contacts(view),
        "Product2": _products(view),
        "OpportunitySplit": _splits(view),
        "OpportunitySplitType": {
            "Id": list(_SPLIT_TYPES.values()),
            "DeveloperName": [name.title() for name in _SPLIT_TYPES],
            "IsTotalValidated": ["true", "false"],
        },
        "ForecastingQuota": {
            "Id": [f"0J9{number:012d}" for number in range(1, len(quotas) + 1)],
            "QuotaOwnerId": ids("005", quotas["rep_or_team"]),
            "PeriodId": cells.utc(quotas["period_start"], "026%Y%m%d0000"),
            "StartDate": cells.utc(quotas["period_start"], _DAY),
            "QuotaAmount": cells.amount(quotas["value"]),
            "IsQuantity": ["false"] * len(quotas),
            "CurrencyIsoCode": cells.text(quotas["currency"]),
            "LastModifiedDate": cells.utc(quotas["recorded_at"], _MOMENT),
        },
        "Period": {
            "Id": cells.utc(periods["period_start"], "026%Y%m%d0000"),
            "Type": ["Quarter"] * len(periods),
            "StartDate": cells.utc(periods["period_start"], _DAY),
            "EndDate": cells.utc(periods["period_end"] - pd.Timedelta(days=1), _DAY),
        },
    }


def _contacts(view: View) -> File:
    contacts = view["contact"]
    return {
        "Id": ids("003", contacts["contact_id"]),
        "IsDeleted": cells.flag([False] * len(contacts)),
        "AccountId": ids("001", contacts["account_id"]),
        "FirstName": cells.text(contacts["first_name"]),
        "LastName": cells.text(contacts["last_name"]),
        "Title": cells.text(contacts["title"]),
        "Email": cells.text(contacts["email"]),
        "Phone": ["+90 555 000 00 00"] * len(contacts),
        "OwnerId": ids("005", contacts["owner_id"]),
        "HasOptedOutOfEmail": cells.flag(~contacts["consent"].astype("boolean").fillna(True)),
    }


def _products(view: View) -> File:
    products = view["product"]
    return {
        "Id": ids("01t", products["product_id"]),
        "Name": cells.text(products["name"]),
        "ProductCode": cells.text(products["product_id"]),
        "Family": cells.text(products["family"]),
        "IsActive": cells.flag(products["is_active"]),
        "IsDeleted": cells.flag([False] * len(products)),
        "Description": ["…"] * len(products),
    }


def _splits(view: View) -> File:
    splits = view["split"]
    splits = splits[splits["credit_type"].isin(list(_SPLIT_TYPES))]
    return {
        "Id": [f"1Sp{number:012d}" for number in range(1, len(splits) + 1)],
        "OpportunityId": ids("006", splits["deal_id"]),
        "SplitOwnerId": ids("005", splits["rep_id"]),
        "SplitPercentage": cells.percent(splits["pct"]),
        "SplitTypeId": cells.text(splits["credit_type"], _SPLIT_TYPES),
        "IsDeleted": cells.flag([False] * len(splits)),
    }
