"""Rows in memory do what an engine does with the same words: missing values, no rows, ties, huge numbers, zones."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar
from salescoach.metrics.engine_rows import EngineRows
from salescoach.metrics.expressions import Expr, col, lit, when
from salescoach.metrics.question import Question
from salescoach.metrics.tally import Rows, below, rows_of, tally

DEALS = pd.DataFrame(
    {
        "deal": ["d", "b", "a", "c", "e"],
        "owner": ["elif", None, "can", "elif", "can"],
        "amount": [10.0, np.nan, -2.5, 10.0, 0.0],
        "day": [3.0, 1.0, np.nan, 2.0, 2.0],
        "open": [True, False, True, False, True],
    }
)
HUGE = 2**53  # from here on not every whole number is a float


def on_engine(table: pd.DataFrame) -> Rows:
    return EngineRows(duckdb.connect().from_df(table))


def both(work: Callable[[Rows], Rows], table: pd.DataFrame = DEALS, by: str = "deal") -> pd.DataFrame:
    """What *work* makes of *table* in memory, after a look that DuckDB makes the same of it."""
    here, there = (
        work(rows).table().sort_values(by).reset_index(drop=True) for rows in (rows_of(table), on_engine(table))
    )
    pd.testing.assert_frame_equal(here, there[here.columns], check_dtype=False)
    return here


def kept(condition: Expr) -> list[str]:
    return both(lambda rows: rows.filter(condition))["deal"].tolist()


# --- missing values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (col("amount") > 0, ["c", "d"]),
        (col("amount") <= 0, ["a", "e"]),  # the missing one is in neither
        (col("owner") == "elif", ["c", "d"]),
        (col("owner") != "elif", ["a", "e"]),
        (col("amount") != 10.0, ["a", "e"]),
        (col("owner").is_null() | (col("owner") != "elif"), ["a", "b", "e"]),
        (col("owner").is_in(["elif", "nobody"]), ["c", "d"]),
        (col("owner") == "nobody", []),
        ((col("amount") > 0) & (col("day") > 2), ["d"]),
        (col("open") | (col("amount") > 0), ["a", "c", "d", "e"]),
        (~col("open"), ["b", "c"]),
        (~col("day").is_null(), ["b", "c", "d", "e"]),
    ],
)
def test_a_condition_holds_for_the_same_rows_everywhere(condition: Expr, expected: list[str]):
    assert kept(condition) == expected


def test_pandas_would_call_a_missing_owner_another_one():
    """Negative control: the plain comparison of pandas keeps the row of which nothing is known."""
    assert DEALS.loc[(DEALS["amount"] != 10.0), "deal"].tolist() == ["b", "a", "e"]


def test_a_choice_without_an_else_is_missing():
    chosen = both(lambda rows: rows.with_columns(kind=when(col("amount") > 0).then(lit("won"))))["kind"]

    assert chosen.isna().tolist() == [True, True, False, False, True]


def test_a_filled_value_is_filled_only_where_it_is_missing():
    filled = both(
        lambda rows: rows.with_columns(amount=col("amount").fill_null(7.0), owner=col("owner").fill_null("?"))
    )

    assert filled["amount"].tolist() == [-2.5, 7.0, 10.0, 10.0, 0.0]
    assert filled["owner"].tolist() == ["can", "?", "elif", "elif", "can"]


def test_a_moment_that_is_missing_is_missing():
    table = DEALS.assign(at=pd.to_datetime(["2025-01-05", None, "2025-01-03", None, "2025-01-04"]))

    assert both(lambda rows: rows.filter(col("at").is_null()), table)["deal"].tolist() == ["b", "c"]


def test_a_column_that_nobody_filled_is_neither_text_nor_number():
    table = DEALS.assign(reason=None)

    assert both(lambda rows: rows.filter(col("reason") == "price"), table).empty
    assert rows_of(table).filter(col("reason") != "price").table().empty
    assert rows_of(table).filter(col("reason") > 0).table().empty


def test_truths_that_may_be_missing_hold_only_where_they_are_true():
    table = DEALS.assign(open=pd.array([True, None, False, None, True], dtype="boolean"))

    assert rows_of(table).filter(col("open")).table()["deal"].tolist() == ["d", "e"]
    assert rows_of(table).filter(~col("open")).table()["deal"].tolist() == ["a"]


# --- nothing at all --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "work",
    [
        lambda rows: rows.filter(col("amount") > 0),
        lambda rows: rows.with_columns(more=col("amount") + 1).head(3),
        lambda rows: rows.unique("owner", keep="last", in_order=["day"]),
        lambda rows: rows.join(rows, on="deal", how="left"),
        lambda rows: rows.join(rows, on="deal", how="anti"),
        lambda rows: rows.summed("owner", total=col("amount").sum()),
        lambda rows: rows.with_columns(top=col("amount").highest_so_far("owner", ["day"])),
        lambda rows: rows.with_columns(next=col("amount").neighbour(-1, "owner", ["day"])),
        lambda rows: below(rows, rows),
    ],
)
def test_no_rows_stay_no_rows(work: Callable[[Rows], Rows]):
    assert len(work(rows_of(DEALS.head(0))).table()) == 0


def test_nothing_is_tallied_of_nothing():
    assert len(tally(DEALS.head(0), ["owner"], largest=["amount"], total=col("amount"))) == 0


# --- ties, order, neighbours -----------------------------------------------------------------------------


def test_of_equals_the_first_or_the_last_that_came_is_kept():
    table = pd.DataFrame({"deal": list("abc"), "owner": "elif", "day": [1.0, 1.0, 0.0]})
    first, last = (
        rows_of(table).unique("owner", keep=keep, in_order=["day"]).table()["deal"].tolist()
        for keep in ("first", "last")
    )

    assert (first, last) == (["c"], ["b"])


def test_the_highest_so_far_begins_anew_for_everybody():
    """A missing value hides none of the others: a plain running maximum is missing from the first one on."""
    table = pd.DataFrame(
        {"deal": list("abcdef"), "owner": ["x", "x", "x", "y", "y", "y"], "day": [1.0, 2, 3, 1, 2, 3],
         "order": [5.0, np.nan, 4.0, np.nan, -1e12, 2.0]}
    )  # fmt: skip
    found = both(lambda rows: rows.with_columns(top=col("order").highest_so_far("owner", ["day"])), table)["top"]

    np.testing.assert_array_equal(found, [5, np.nan, 5, np.nan, -1e12, 2])
    assert np.isnan(np.maximum.accumulate(table["order"]))[2:].all()  # negative control


def test_a_neighbour_is_one_of_the_same_group():
    table = pd.DataFrame(
        {"deal": list("abcd"), "owner": list("xyxy"), "day": [1.0, 1.0, 2.0, 2.0], "at": [1.0, 2, 3, 4]}
    )
    found = both(
        lambda rows: rows.with_columns(
            before=col("at").neighbour(1, "owner", ["day"]), after=col("at").neighbour(-1, "owner", ["day"])
        ),
        table,
    )

    np.testing.assert_array_equal(found["before"], [np.nan, np.nan, 1, 2])
    np.testing.assert_array_equal(found["after"], [3, 4, np.nan, np.nan])
    assert table["at"].shift(1).tolist()[1] == 1  # negative control: the row above is somebody else's


# --- joining ---------------------------------------------------------------------------------------------


def test_a_missing_key_meets_no_other():
    people = pd.DataFrame({"owner": ["elif", None], "team": ["north", "nowhere"]})
    with duckdb.connect() as connection:
        deals, team = (EngineRows(connection.from_df(table)) for table in (DEALS, people))
        there = deals.join(team, on="owner", how="left").table().sort_values("deal")["team"]
    here = rows_of(DEALS).join(rows_of(people), on="owner", how="left").table().sort_values("deal")["team"]

    assert here.fillna("?").tolist() == there.fillna("?").tolist() == ["?", "?", "north", "north", "?"]
    assert DEALS.merge(people, on="owner", how="left")["team"].tolist()[1] == "nowhere"  # pandas: None meets None


def test_a_key_that_stands_twice_gives_both():
    people = pd.DataFrame({"owner": ["elif", "elif", "zeki"], "team": ["north", "south", "east"]})
    joined = rows_of(DEALS).join(rows_of(people), on="owner", how="inner").table()

    assert joined[["deal", "team"]].to_numpy().tolist() == [
        ["d", "north"], ["d", "south"], ["c", "north"], ["c", "south"],
    ]  # fmt: skip


def test_a_column_of_both_sides_keeps_both():
    other = pd.DataFrame({"deal": ["a"], "amount": [99.0]})
    joined = rows_of(DEALS).join(rows_of(other), on="deal", how="inner").table()

    assert joined[["amount", "amount_right"]].to_numpy().tolist() == [[-2.5, 99.0]]


def test_semi_and_anti_part_the_rows():
    other = rows_of(pd.DataFrame({"owner": ["elif"]}))
    inside, outside = (
        rows_of(DEALS).join(other, on="owner", how=how).table()["deal"].tolist() for how in ("semi", "anti")
    )

    assert (inside, outside) == (["d", "c"], ["b", "a", "e"])


@pytest.mark.parametrize("dtype", ["int64", "Int64"])
def test_huge_numbers_are_not_mixed_up(dtype: str):
    """As floats 2**53 and 2**53 + 1 are the same number."""
    ids = pd.array([HUGE, HUGE + 1], dtype=dtype)
    left = pd.DataFrame({"id": ids, "name": ["even", "odd"]})
    joined = rows_of(left).join(rows_of(pd.DataFrame({"id": ids[1:], "found": [1.0]})), on="id", how="inner").table()

    assert joined["name"].tolist() == ["odd"]
    assert float(HUGE) == float(HUGE + 1)  # negative control


def test_huge_numbers_are_not_mixed_up_where_others_are_missing():
    left = pd.DataFrame({"id": pd.array([HUGE, HUGE + 1, None], dtype="Int64"), "name": ["even", "odd", "none"]})
    right = pd.DataFrame({"id": pd.array([HUGE + 1, None], dtype="Int64"), "found": [1.0, 2.0]})

    assert rows_of(left).join(rows_of(right), on="id", how="inner").table()["name"].tolist() == ["odd"]


def test_moments_with_a_zone_keep_it_and_meet_themselves():
    at = pd.to_datetime(["2025-01-01 00:30", "2025-01-01 00:30", None]).tz_localize("Europe/Istanbul")
    table = pd.DataFrame({"at": at, "deal": list("abc")})
    rows = rows_of(table)

    assert rows.filter(col("deal") != "b").table()["at"].dtype == table["at"].dtype
    assert rows.join(rows_of(table[["at"]].head(1)), on="at", how="semi").table()["deal"].tolist() == ["a", "b"]


# --- adding up -------------------------------------------------------------------------------------------


def test_what_belongs_to_nobody_is_in_no_sum():
    found = both(
        lambda rows: rows.summed("owner", total=col("amount").sum(), top=col("amount").max(), low=col("amount").min()),
        by="owner",
    )

    assert found.to_numpy().tolist() == [["can", -2.5, 0.0, -2.5], ["elif", 20.0, 10.0, 10.0]]


def test_a_group_without_a_number_has_a_sum_of_nothing_and_no_largest():
    table = pd.DataFrame({"owner": ["x", "x"], "amount": [np.nan, np.nan]})
    found = rows_of(table).summed("owner", total=col("amount").sum(), top=col("amount").max()).table()

    assert found["total"].tolist() == [0.0]
    assert found["top"].isna().all()


def test_below_one_another_rows_keep_their_words():
    """The two tables number their texts differently."""
    other = pd.DataFrame({"deal": ["x", "d"], "owner": ["can", None], "amount": [1.0, 2.0], "day": 0.0, "open": True})
    stacked = below(rows_of(DEALS), rows_of(other))

    assert stacked.table()["owner"].tolist()[-3:-1] == ["can", "can"]
    assert len(stacked.filter(col("owner") == "can").table()) == 3
    assert len(stacked.filter(col("owner").is_null()).table()) == 2


def test_who_owns_a_deal_and_is_no_rep_counts_for_the_organisation_alone():
    deals = [{"owner_id": "elif", "amount": 1.0}, {"owner_id": "ghost", "amount": 5.0}]
    people = pd.DataFrame({"rep_id": ["can", "elif"], "full_name": "x", "role": "AE"})
    data = organisation([deal | {"created_at": "2025-05-01"} for deal in deals], rep=people)
    rows, period = rows_of(data.deals), Calendar().period("2025Q2")
    each, every = (
        Question.about(data, period, by).tally(rows, largest=["amount"], total=col("amount")) for by in ("rep", "all")
    )

    assert (each.index.tolist(), each["total"].tolist()) == (["elif"], [1.0])
    assert every["total"].tolist() == [6.0]


def test_who_owns_nothing_has_zeros_and_no_largest():
    data = organisation([{"owner_id": "elif", "amount": 1.0, "created_at": "2025-05-01"}])
    ask = Question.about(data, Calendar().period("2025Q2"), only=["nobody", "elif", "nobody"])
    found = ask.tally(rows_of(data.deals), largest=["amount"], total=col("amount"))

    assert found.index.tolist() == ["nobody", "elif"]  # each once, in the order of the question
    assert (found.first("n"), found.first("total")) == (0, 0.0)
    assert np.isnan(found.first("largest_amount"))


def test_places_of_groups_are_found_by_their_name():
    """The levels of an index need not be in the order of the groups, and may name somebody who was not asked about."""
    ask = Question.about(organisation([{"owner_id": "elif"}]), Calendar().period("2025Q2"), only=["can", "ayse"])
    index = pd.MultiIndex.from_tuples([("ayse", "x"), ("zeki", "x"), ("can", "y")])

    assert ask.places(index).tolist() == [1, -1, 0]
    assert ask.places(pd.Index(["can", "zeki"])).tolist() == [0, -1]
