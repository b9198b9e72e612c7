"""Salesforce's objects beside the deals: who had a deal when, who shares its credit, what was asked of whom."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from import_support import judge, notes

NEW, OLD, THIRD = "005000000000N01", "005000000000N02", "005000000000N03"
USERS = f"Id,Username,Name,IsActive,UserRoleId,UserType\n{NEW},n@x.example,Elif Işık,true,,Standard\n" + "".join(
    f"{user},{user}@x.example,Can {user[-1]},true,,Standard\n" for user in (OLD, THIRD)
)
DEALS = (
    "Id,OwnerId,StageName,CloseDate,IsClosed,IsWon,ForecastCategory,CreatedDate,Amount\n"
    f"006000000000D01,{NEW},Won,2025-05-01,true,true,Closed,2025-01-01T09:00:00.000+0000,100\n"
)
HISTORY = "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"


def tables(folder: Path, **files: str):
    for name, text in {"User": USERS, "Opportunity": DEALS, **files}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return judge(folder, crm="salesforce")


def rows(judged, table: str, *columns: str) -> list[tuple[str, ...]]:
    frame = judged.export.tables[table].accepted.sort_values(columns[0])
    texts = [
        frame[name].dt.strftime("%Y-%m-%d").fillna("")
        if pd.api.types.is_datetime64_any_dtype(frame[name])
        else frame[name].astype(str)
        for name in columns
    ]
    return list(zip(*texts, strict=True))


def change(day: str, old: str, new: str, field: str = "Owner") -> str:
    return f"006000000000D01,{field},{old},{new},2025-{day}T09:00:00.000+0000\n"


def test_a_deal_that_changed_hands_twice_had_three_owners_one_after_the_other(tmp_path):
    """Salesforce logs each change twice, by id and by name, in any order, among changes of other fields."""
    log = change("03-01", THIRD, NEW) + change("03-01", "Can 3", "Elif Işık")
    log += change("02-01", OLD, THIRD) + change("02-01", "Can 2", "Can 3") + change("02-15", "1", "2", "Amount")
    judged = tables(tmp_path, OpportunityFieldHistory=HISTORY + log)

    assert rows(judged, "owner_history", "valid_from", "valid_to", "owner_id") == [
        ("2025-01-01", "2025-02-01", OLD),
        ("2025-02-01", "2025-03-01", THIRD),
        ("2025-03-01", "", NEW),
    ]


def test_changes_of_other_fields_are_no_change_of_owner(tmp_path):
    judged = tables(tmp_path, OpportunityFieldHistory=HISTORY + change("02-15", "005", "00500", "Amount"))

    assert judged.export.tables["owner_history"].count()["rows_in"] == 0


@pytest.mark.parametrize(("checked", "kind"), [("true", "revenue"), ("false", "overlay")])
def test_a_split_whose_sum_salesforce_checks_is_one_of_revenue(tmp_path, checked, kind):
    split = f"OpportunityId,SplitOwnerId,SplitPercentage,SplitTypeId\n006000000000D01,{NEW},100,T1\n"
    judged = tables(tmp_path, OpportunitySplit=split, OpportunitySplitType=f"Id,IsTotalValidated\nT1,{checked}\n")

    assert rows(judged, "split", "rep_id", "credit_type", "pct") == [(NEW, kind, "1.0")]


QUOTAS = f"QuotaOwnerId,PeriodId,StartDate,QuotaAmount,LastModifiedDate\n{NEW},P1,2025-01-01,900,2024-12-01\n"


def test_a_quota_lasts_until_the_day_after_the_last_day_of_its_period(tmp_path):
    judged = tables(tmp_path, ForecastingQuota=QUOTAS, Period="Id,StartDate,EndDate\nP1,2025-01-01,2025-03-31\n")
    quota = judged.export.tables["quota"].accepted.iloc[0]

    assert (quota["period_start"], quota["period_end"]) == (pd.Timestamp("2025-01-01"), pd.Timestamp("2025-04-01"))
    assert quota["value"] == 900


def test_without_the_periods_no_quota_is_made_up(tmp_path):
    """A quota that begins on 1 January may be one of a month, a quarter or a year."""
    judged = tables(tmp_path, ForecastingQuota=QUOTAS)

    assert "quota" not in judged.export.tables
    assert "period_end" in notes(judged)["table_incomplete"]["columns"]
