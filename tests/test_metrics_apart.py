"""What is shown apart, by hand: kinds of business, sizes, dear discounts, both quotas, all visits together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from test_metrics import QUARTER, answer, closed, quotas
from test_metrics_catalogue import STAGE, deal, through
from tiny import organisation

from salescoach.metrics import METRICS
from salescoach.tables.data import SalesData


def parts_of(data: SalesData, metric_id: str, **more: object) -> pd.DataFrame:
    return METRICS[metric_id].rows(data, QUARTER, **more).set_index("part")  # type: ignore[arg-type]


def kinds(**tables: pd.DataFrame) -> SalesData:
    """Of new business 1 in 5 was won, of renewals 5 of 5; one deal says nothing of its kind."""
    new = [closed(end) | {"type": "new", "amount": 100.0} for end in ("won", "lost", "lost", "lost", "lost")]
    again = [closed("won") | {"type": "renewal", "amount": 30.0} for _ in range(5)]
    return organisation([*new, *again, closed("won") | {"type": None, "amount": 7.0}], **tables)


def test_renewals_are_no_excuse_for_new_business():
    """1 in 5 and 5 of 5; one rate over both would be 7 in 11."""
    found = parts_of(kinds(), "win_rate_by_type")

    assert found["value"].dropna().to_dict() == {"new": 1 / 5, "renewal": 1.0}
    assert found["n"].to_dict() == {"new": 5, "expansion": 0, "renewal": 5, "unknown": 1}
    assert found.loc["expansion", "na_reason"] == "no_exposure"
    assert found.loc["unknown", "na_reason"] == "below_min_n"
    assert METRICS["win_rate_count"].rows(kinds(), QUARTER)["value"].iloc[0] == pytest.approx(7 / 11)


@pytest.mark.parametrize("by", ["rep", "all"])
def test_the_kinds_add_up_to_the_bookings(by):
    found = parts_of(kinds(), "bookings_by_type", by=by)

    assert found["value"].dropna().to_dict() == {"new": 100, "renewal": 150, "unknown": 7}
    assert found["value"].sum() == METRICS["bookings"].rows(kinds(), QUARTER, by=by)["value"].iloc[0]
    assert found.loc["expansion", "na_reason"] == "no_exposure"  # nobody ever sold one: 0 would be an accusation


def test_each_kind_brings_its_part_of_the_quota():
    """100 and 150 and 7 of a quota of 1000; renewals alone made more of it than new business did."""
    data = kinds(quota=quotas())
    found = parts_of(data, "quota_attainment_by_type")

    assert found["value"].dropna().to_dict() == {"new": 0.1, "renewal": 0.15, "unknown": 0.007}
    assert found["value"].sum() == pytest.approx(METRICS["quota_attainment"].rows(data, QUARTER)["value"].iloc[0])
    assert set(parts_of(kinds(), "quota_attainment_by_type")["na_reason"]) == {"missing_field"}


def test_a_split_deal_is_one_deal_for_the_organisation():
    halves = pd.DataFrame({"deal_id": "d0000", "rep_id": ["elif", "can"], "pct": 0.5, "credit_type": "revenue"})
    people = pd.DataFrame({"rep_id": ["elif", "can"], "full_name": ["elif", "can"], "role": "AE"})
    data = organisation([closed("won") | {"type": "new", "amount": 100.0}], split=halves, rep=people)

    assert parts_of(data, "bookings_by_type", by="all").loc["new", ["value", "n"]].tolist() == [100, 1]
    assert parts_of(data, "bookings_by_type").loc["new", "value"] == 50


def test_an_export_without_kinds_has_none():
    assert set(parts_of(organisation([closed("won")]), "win_rate_by_type")["na_reason"]) == {"missing_field"}


def discounted(*shares: float) -> list[dict[str, object]]:
    return [closed("won") | {"amount": 100.0 * (1 - share), "discount_pct": share} for share in shares]


def limited(deals: list[dict[str, object]], limit: float) -> pd.Series:
    data = replace(organisation(deals), discount_limit=limit)
    return METRICS["discount_above_limit"].rows(data, QUARTER).iloc[0]


def test_a_discount_of_exactly_the_limit_needs_no_approval():
    """10, 20, 20, 21 and 50 % with a limit of 20 %: 2 of 5. As floats 1 - 80/100 is not 0.2: a naive >= finds 4."""
    found = limited(discounted(0.10, 0.20, 0.20, 0.21, 0.50), 0.20)

    assert (found["numerator"], found["denominator"], found["value"]) == (2, 5, 0.4)


def test_without_a_limit_nothing_is_above_it():
    found = limited(discounted(0.5, 0.5, 0.5, 0.5, 0.5), float("nan"))

    assert pd.isna(found["value"])
    assert found["na_reason"] == "missing_field"


def test_large_deals_have_a_middle_of_their_own():
    """Amounts 1 .. 6 in thirds; the large ones hang on one person each. The middle of all six is 2."""
    people = {1: 2, 2: 2, 3: 3, 4: 3, 5: 1, 6: 1}
    deals = [{"deal_id": f"o{size}", "amount": float(size), "created_at": "2025-04-01"} for size in people]
    talks = pd.DataFrame(
        [
            {"activity_id": f"a{size}{k}", "type": "call", "occurred_at": pd.Timestamp("2025-06-01"),
             "owner_id": "elif", "is_system": False, "direction": "two_way", "deal_id": f"o{size}",
             "contact_id": f"c{k}"}
            for size, many in people.items() for k in range(many)
        ]
    )  # fmt: skip
    data = organisation([*deals, {"deal_id": "none", "amount": None, "created_at": "2025-04-01"}], activity=talks)

    assert parts_of(data, "multithreading_by_size")["value"].to_dict() == {"small": 2, "medium": 3, "large": 1}
    assert parts_of(data, "multithreading_by_size")["n"].sum() == 6  # a deal without an amount has no size


def test_deals_of_one_amount_are_of_one_size():
    deals = [{"amount": 5.0, "created_at": "2025-04-01"} for _ in range(4)]
    talk = pd.DataFrame(
        {"activity_id": ["a"], "type": "call", "occurred_at": pd.Timestamp("2025-06-01"), "owner_id": "elif",
         "is_system": False, "direction": "two_way", "deal_id": "d0000", "contact_id": "c"}
    )  # fmt: skip
    found = parts_of(organisation(deals, activity=talk), "multithreading_by_size")

    assert found["n"].to_dict() == {"small": 4, "medium": 0, "large": 0}
    assert found.loc["large", "na_reason"] == "no_exposure"


def changed() -> pd.DataFrame:
    """A quota, raised by half in the middle of the quarter."""
    newer = quotas().assign(recorded_at=pd.Timestamp("2025-05-15"))
    return pd.concat([quotas(), newer.assign(value=newer["value"] * 1.5)], ignore_index=True)


def test_both_quotas_are_shown_after_a_change():
    found = parts_of(organisation([closed("won")], quota=changed()), "quota_versions")
    before = parts_of(organisation([closed("won")], quota=changed(), as_of=date(2025, 5, 14)), "quota_versions")

    assert found.loc["newest", "value"] == pytest.approx(1.5 * found.loc["first", "value"])
    assert found.loc["newest", "value"] == answer("effective_quota", [closed("won")], quota=changed())["value"]
    assert found["warnings"].tolist() == [("quota_changed",)] * 2
    assert before["value"].nunique() == 1  # the day before nobody knew of it
    assert before["warnings"].tolist() == [()] * 2


DAYS = (8, 9, 10, 11, 12)


def day(first: str, later: int) -> str:
    return str((pd.Timestamp(first) + pd.Timedelta(days=later)).date())


def test_days_in_a_stage_are_those_of_all_visits():
    """8 to 12 days in Demo, 4 deals each, 5 in Proposal, 5 in Demo again: 15 in the middle; the first visit was 10."""
    moves, deals = [], []
    for number, stay in enumerate(DAYS * 4):
        name, began = f"d{number}", "2025-04-10"
        steps = (("Demo", 0), ("Proposal", stay), ("Demo", stay + 5), ("Lost", stay + 10))
        moves += [(name, stage, day(began, later)) for stage, later in steps]
        deals.append(deal(name, "lost", day(began, stay + 10)))
    data = organisation(deals, stage=STAGE, stage_history=through(*moves))

    assert parts_of(data, "time_in_stage_total").loc["Demo", "value"] == 15
    assert parts_of(data, "time_in_stage").loc["Demo", "value"] == 10


def stays(began: str, leave: int) -> SalesData:
    """Twenty deals leave Demo after *leave* + 8 to 12 days, 4 each; seven stay."""
    moves = [(f"d{number}", "Demo", began) for number in range(27)]
    moves += [(f"d{number}", "Proposal", day(began, leave + stay)) for number, stay in enumerate(DAYS * 4)]
    deals = [
        deal(f"d{number}", "open", stage="Proposal" if number < 20 else "Demo", created_at=began)
        for number in range(27)
    ]
    return organisation(deals, stage=STAGE, stage_history=through(*moves))


def test_who_is_in_the_stage_now_is_counted_as_far_as_seen():
    """Of 27, 12 have left after 10 days and 16 after 11: the middle is 11. Of those who left alone it would be 10."""
    found = parts_of(stays("2025-05-01", 0), "time_in_stage_total").loc["Demo"]

    assert (found["numerator"], found["denominator"], found["value"]) == (20, 27, 11)


def test_days_before_the_period_say_nothing_about_younger_ages():
    """Since 10 January: 81 days old on 1 April, and nobody was watched at a younger age."""
    data = stays("2025-01-10", 80)
    rows = METRICS["time_in_stage_total"].cases(data, QUARTER)

    assert set(rows.loc[rows["part"] == "Demo", "entry"]) == {80.5}
    assert parts_of(data, "time_in_stage_total").loc["Demo", "value"] == 91
