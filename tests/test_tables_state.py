"""Deals as they were: stage, owner, amount and outcome on a past day, reopened deals, and visits to stages."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import organisation

from salescoach.calendar import Calendar, date_numbers, day_number
from salescoach.errors import TableError
from salescoach.tables.data import SalesData
from salescoach.tables.schema import TABLES

Q1, Q2 = Calendar().period("2025Q1"), Calendar().period("2025Q2")
STAGES = pd.DataFrame(
    {
        "pipeline": "Sales",
        "stage": ["New", "Offer", "Won", "Lost"],
        "order": [1, 2, 3, 4],
        "kind": ["open", "open", "won", "lost"],
    }
)


def moments(days: list[str | None]) -> pd.Series:
    """Mornings in Istanbul, in UTC."""
    return pd.Series(pd.to_datetime(days)) + pd.Timedelta(hours=6)


def history(*rows: tuple[str, str], deal: str = "d0000", **more: list[object]) -> pd.DataFrame:
    """Stage history of one deal from (day, stage)."""
    days, stages = zip(*rows, strict=True)
    return pd.DataFrame({"deal_id": deal, "stage_to": stages, "entered_at": moments(list(days)), **more})


def owners(*rows: tuple[str, str, str | None], deal: str = "d0000") -> pd.DataFrame:
    """Owner history of one deal from (owner, first day, first day no longer)."""
    names, begin, end = zip(*rows, strict=True)
    return pd.DataFrame(
        {"deal_id": deal, "owner_id": names, "valid_from": moments(list(begin)), "valid_to": moments(list(end))}
    )


def seen(as_of: str, deal: dict[str, object], **tables: pd.DataFrame) -> SalesData:
    return organisation(
        [{"pipeline": "Sales", "created_at": "2025-01-05", "amount": 100.0, **deal}],
        as_of=date.fromisoformat(as_of),
        stage=STAGES,
        **tables,
    )


def number(day: str) -> int:
    return day_number(date.fromisoformat(day))


# --- the state of a past day -------------------------------------------------------------------

WON = {"status": "won", "stage": "Won", "closed_at": "2025-06-10"}
ROAD = history(
    ("2025-01-05", "New"), ("2025-02-03", "Offer"), ("2025-06-10", "Won"),
    amount_at=[300.0, 200.0, 100.0], close_date_at=list(pd.to_datetime(["2025-03-31", "2025-05-30", "2025-06-10"])),
    forecast_category_at=["pipeline", "commit", "closed"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "status", "stage", "amount", "expected", "category"),
    [
        ("2025-01-31", "open", "New", 300.0, "2025-03-31", "pipeline"),
        ("2025-03-15", "open", "Offer", 200.0, "2025-05-30", "commit"),
        ("2025-06-30", "won", "Won", 100.0, None, None),
    ],
)
def test_stage_amount_and_expected_close_are_those_recorded_by_then(day, status, stage, amount, expected, category):
    deal = seen(day, WON, stage_history=ROAD).deals.iloc[0]

    assert (deal["status"], deal["stage"], deal["amount"]) == (status, stage, amount)
    if expected:
        assert (deal["expected"], deal["forecast_category"]) == (number(expected), category)


def test_what_was_only_known_at_the_closing_is_unknown_before():
    deal = {**WON, "status": "lost", "stage": "Lost", "loss_reason": "price", "probability": 0.0}
    before, after = (seen(day, deal).deals.iloc[0] for day in ("2025-05-01", "2025-06-30"))

    assert before[["loss_reason", "probability", "stage"]].isna().all()
    assert after[["loss_reason", "probability", "stage"]].tolist() == ["price", 0.0, "Lost"]


def test_the_outcome_belongs_to_the_owner_at_the_closing_the_creation_to_the_owner_then():
    changes = owners(
        ("can", "2025-01-05", "2025-03-01"), ("elif", "2025-03-01", "2025-06-20"), ("can", "2025-06-20", None)
    )
    deal = {**WON, "owner_id": "can", "engaged_at": "2025-02-03"}
    data = seen("2025-06-30", deal, owner_history=changes)
    row = data.deals.iloc[0]

    assert row[["owner_id", "creator_id", "engager_id"]].tolist() == ["elif", "can", "can"]
    assert row["inherited"]
    assert seen("2025-02-10", deal, owner_history=changes).deals.loc[0, ["owner_id", "inherited"]].tolist() == [
        "can",
        False,
    ]


def test_a_closing_without_a_time_of_day_belongs_to_the_owner_at_the_end_of_that_day():
    """The export says only "10 June": a deal handed over that morning was closed by the new owner."""
    changes = owners(("can", "2025-01-05", "2025-06-10"), ("elif", "2025-06-10", None))
    midnight = {**WON, "closed_at": pd.Timestamp("2025-06-09 15:00")}  # tiny adds 6 h: midnight in Istanbul
    at_one = {**WON, "closed_at": pd.Timestamp("2025-06-09 16:00")}

    assert seen("2025-06-30", midnight, owner_history=changes).deals.at[0, "owner_id"] == "elif"
    assert seen("2025-06-30", at_one, owner_history=changes).deals.at[0, "owner_id"] == "can"


def test_deleted_and_merged_deals_count_not_at_all():
    data = organisation([{}, {"is_deleted": True}, {"merged_into": "d0000"}])

    assert data.deals["deal_id"].tolist() == ["d0000"]


def test_a_deal_that_is_there_twice_is_refused_by_name():
    with pytest.raises(TableError, match="'d0000' more than once"):
        organisation([{"deal_id": "d0000"}, {"deal_id": "d0000"}], as_of=date(2025, 6, 30))


def test_a_deal_that_was_deleted_and_imported_anew_is_there_once():
    assert len(organisation([{"deal_id": "d0000"}, {"deal_id": "d0000", "is_deleted": True}]).deals) == 1


def test_paid_later_is_not_paid_yet():
    deal = {**WON, "paid_amount": 100.0, "paid_at": pd.Timestamp("2025-07-05")}

    assert seen("2025-06-30", deal).deals.loc[0, ["paid", "paid_amount"]].isna().all()
    assert seen("2025-07-31", deal).deals.at[0, "paid_amount"] == 100.0


# --- reopened deals ----------------------------------------------------------------------------

REOPENED = history(
    ("2025-01-05", "Offer"), ("2025-02-20", "Won"), ("2025-04-10", "Offer"), ("2025-06-10", "Won"),
    amount_at=[90.0, 80.0, 80.0, 100.0],
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "status", "closed"),
    [
        ("2025-02-10", "open", None),
        ("2025-03-31", "won", "2025-02-20"),
        ("2025-05-31", "open", None),
        ("2025-06-30", "won", "2025-06-10"),
    ],
)
def test_the_latest_closing_that_was_not_undone_counts(day, status, closed):
    deal = seen(day, WON, stage_history=REOPENED).deals.iloc[0]

    assert deal["status"] == status
    assert pd.isna(deal["closed"]) if closed is None else deal["closed"] == number(closed)


def test_an_export_that_kept_the_first_closing_day_does_not_hide_the_second():
    deal = seen("2025-06-30", {**WON, "closed_at": "2025-02-20"}, stage_history=REOPENED).deals.iloc[0]

    assert deal["closed"] == number("2025-06-10")


def test_a_win_undone_in_a_later_period_stays_and_is_adjusted_there():
    data = seen("2025-06-30", WON, stage_history=REOPENED)
    line = data.adjustments(Q2)

    assert data.won_in(Q1)["amount"].tolist() == [80.0]
    assert line[["deal_id", "status", "amount"]].values.tolist() == [["d0000", "won", 80.0]]
    assert data.won_in(Q2)["amount"].tolist() == [100.0]
    total = data.won_in(Q1)["amount"].sum() + data.won_in(Q2)["amount"].sum() - line["amount"].sum()
    assert total == 100.0  # counted once over both quarters
    naive = data.deals[(data.deals["status"] == "won") & data.deals["closed"].between(Q1.first, Q1.after - 1)]
    assert naive.empty  # the state of today restates the first quarter in silence


def test_with_restate_the_earlier_period_is_as_seen_today():
    data = seen("2025-06-30", WON, stage_history=REOPENED)

    assert data.won_in(Q1, restate=True).empty
    assert len(data.won_in(Q2, restate=True)) == 1


def test_a_win_undone_within_its_period_nets_out():
    road = history(("2025-04-02", "Won"), ("2025-05-02", "Offer"))
    data = seen("2025-06-30", {"status": "open", "stage": "Offer"}, stage_history=road)

    assert data.won_in(Q2).empty
    assert data.adjustments(Q2).empty


def test_cancelling_a_won_deal_later_undoes_it():
    road = history(("2025-01-05", "New"), ("2025-02-20", "Won"))
    data = seen("2025-06-30", {"status": "cancelled", "stage": "Won", "closed_at": "2025-05-05"}, stage_history=road)

    assert data.won_in(Q1)["deal_id"].tolist() == ["d0000"]
    assert data.adjustments(Q2)["undone_on"].tolist() == [number("2025-05-05")]


# --- visits ------------------------------------------------------------------------------------


def test_a_stage_entered_again_at_once_is_one_visit_and_going_back_is_another():
    road = history(
        ("2025-01-05", "New"), ("2025-01-20", "New"), ("2025-02-01", "Offer"), ("2025-03-01", "New"),
        ("2025-03-05", "Offer"),
    )  # fmt: skip
    visits = seen("2025-06-30", {"stage": "Offer"}, stage_history=road).visits

    assert visits["stage"].tolist() == ["New", "Offer", "New", "Offer"]
    assert visits["entered"].tolist() == [number(f"2025-{day}") for day in ("01-05", "02-01", "03-01", "03-05")]
    assert visits["left"].tolist()[:3] == visits["entered"].tolist()[1:]
    assert np.isnan(visits["left"].iloc[-1])
    assert visits["next_order"].tolist()[:3] == [2.0, 1.0, 2.0]
    assert visits["is_first"].tolist() == [True, True, False, False]


def test_a_visit_belongs_to_the_owner_at_entry():
    changes = owners(("can", "2025-01-05", "2025-02-15"), ("elif", "2025-02-15", None))
    road = history(("2025-01-05", "New"), ("2025-02-01", "Offer"), ("2025-06-10", "Won"))
    visits = seen("2025-06-30", {**WON, "owner_id": "elif"}, stage_history=road, owner_history=changes).visits

    assert visits["owner_id"].tolist() == ["can", "can", "elif"]


def test_equal_moments_keep_the_order_of_the_file():
    road = history(("2025-02-01", "Offer"), ("2025-02-01", "New"), source_row=[2, 3])
    turned = history(("2025-02-01", "Offer"), ("2025-02-01", "New"), source_row=[3, 2])

    assert seen("2025-06-30", {}, stage_history=road).visits["stage"].tolist() == ["Offer", "New"]
    assert seen("2025-06-30", {}, stage_history=turned.iloc[::-1]).visits["stage"].tolist() == ["New", "Offer"]


def test_a_stage_of_two_pipelines_is_that_of_the_deal():
    twice = pd.concat([STAGES, STAGES.assign(pipeline="Renewal", order=STAGES["order"] + 10)])
    visits = organisation(
        [{"pipeline": "Renewal"}, {}],
        stage=twice,
        stage_history=history(("2025-02-01", "Offer"), ("2025-03-01", "Alien")),
    ).visits

    assert visits["order"].tolist()[0] == 12.0
    assert visits[["order", "kind"]].iloc[1].isna().all()  # a stage of no pipeline has no place in one


# --- nothing later is seen ---------------------------------------------------------------------

DAY = date(2025, 5, 15)


def everything() -> dict[str, pd.DataFrame]:
    """A few rows of every table, each dated column spread over the weeks around DAY."""
    frames = {}
    for name, table in TABLES.items():
        rows = {}
        for column in table.fields:
            if column.type in ("ts", "date"):
                days = pd.Series([DAY - timedelta(days=40), DAY - timedelta(days=3)])
                rows[column.name] = days.astype("datetime64[us]")
            elif column.type == "bool":
                rows[column.name] = [False, False]
            elif column.type == "text":
                rows[column.name] = [column.values[0] if column.values else f"{column.name}{i}" for i in (1, 2)]
            else:
                rows[column.name] = [1.0, 1.0]
        frames[name] = pd.DataFrame(rows)
    deals = frames["opportunity"].assign(deal_id=["d1", "d2"], merged_into=None, stage="Offer", pipeline="Sales")
    ids = {"deal_id": ["d1", "d2"], "owner_id": ["r1", "r2"], "rep_id": ["r1", "r2"], "stage_to": ["New", "Offer"]}
    known = {
        name: frame.assign(**{key: value for key, value in ids.items() if key in frame})
        for name, frame in frames.items()
    }
    still = {"valid_to": pd.NaT, "end_date": pd.NaT}
    known = {name: frame.assign(**{k: v for k, v in still.items() if k in frame}) for name, frame in known.items()}
    return known | {"stage": STAGES, "opportunity": deals.assign(owner_id=["r1", "r2"], status=["won", "open"])}


def later_rows(name: str, frame: pd.DataFrame, days: int) -> pd.DataFrame:
    """*frame* once more, dated *days* after DAY by the column that says when a row became true or was stated."""
    table = TABLES[name]
    column = table.recorded or table.dated
    return frame.assign(**{column: pd.Timestamp(DAY) + pd.Timedelta(days=days, hours=1)})


def on_the_day(tables: dict[str, pd.DataFrame]) -> SalesData:
    return SalesData.build(tables, as_of=DAY, calendar=Calendar(), currency="TRY")


@pytest.fixture(scope="module")
def as_it_is() -> SalesData:
    return on_the_day(everything())


def answers(data: SalesData, name: str) -> list[pd.DataFrame]:
    """What is calculated from the tables on DAY, and table *name* itself."""
    exposure = data.exposure(data.calendar.quarter_of(DAY))
    computed = [data.deals, data.visits, data.undone, data.credit, data.quotas, data.assigned(), exposure]
    return [*computed, data.unconverted, data.table(name)]


@pytest.mark.parametrize("name", [name for name, table in TABLES.items() if table.dated or table.recorded])
def test_rows_of_any_table_dated_after_as_of_change_nothing(name, as_it_is):
    tables = everything()
    more = tables | {name: pd.concat([tables[name], later_rows(name, tables[name], 1)], ignore_index=True)}
    for before, after in zip(answers(as_it_is, name), answers(on_the_day(more), name), strict=True):
        pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize("name", ["stage_history", "owner_history", "assignment", "leave", "split", "quota"])
def test_and_rows_dated_on_as_of_do(name, as_it_is):
    """Otherwise the promise above would hold for a table that nobody reads."""
    tables = everything()
    other = {"stage_to": "New", "owner_id": "r9", "from": pd.Timestamp(DAY), "to": pd.Timestamp("2025-06-01")}
    other |= {"fte_pct": 0.5}
    extra = later_rows(name, tables[name], 0).iloc[[1]]
    extra = extra.assign(**{key: value for key, value in other.items() if key in extra})
    more = tables | {name: pd.concat([tables[name], extra], ignore_index=True)}
    before, after = (answers(data, name)[:-1] for data in (as_it_is, on_the_day(more)))
    same = [old.equals(new) for old, new in zip(before, after, strict=True)]

    assert not all(same)


AFTER = st.integers(0, 200)  # days after the deal was created
ROADS = st.lists(st.tuples(AFTER, st.sampled_from(["New", "Offer", "Won", "Lost"])), min_size=1, max_size=8)


@given(road=ROADS, as_of=AFTER, closed=AFTER)
@settings(max_examples=20, deadline=None)
def test_a_state_needs_no_row_of_later_days(road, as_of, closed):
    """Any history of stages: cut off after as_of or not, the deal is in the same state."""
    start = date(2025, 1, 5)
    road = history(*(((start + timedelta(days=day)).isoformat(), stage) for day, stage in road))
    today = start + timedelta(days=as_of)
    deal = {**WON, "closed_at": (start + timedelta(days=closed)).isoformat()}
    cut = road[date_numbers(road["entered_at"]) <= day_number(today)]
    whole, part = (seen(today.isoformat(), deal, stage_history=rows) for rows in (road, cut))

    pd.testing.assert_frame_equal(whole.deals, part.deals)
    pd.testing.assert_frame_equal(whole.visits, part.visits)
    assert whole.deals["deal_id"].is_unique
    assert (whole.undone["undone_on"] >= whole.undone["closed"]).all()
