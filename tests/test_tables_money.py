"""One money: dated rates, what has none, and whose money it is."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar, date_numbers
from salescoach.coaching.one_on_one import prepare
from salescoach.metrics import METRICS
from salescoach.report.one_on_one import Brief
from salescoach.report.plain import written
from salescoach.resources import load_words
from salescoach.review import content
from salescoach.tables.data import SalesData

Q2 = Calendar().period("2025Q2")


def rates(*rows: tuple[str, str, float], kind: str = "spot") -> pd.DataFrame:
    """Exchange rates into TRY from (day, currency, worth of one unit)."""
    days, currencies, worth = zip(*rows, strict=True)
    return pd.DataFrame(
        {"date": pd.to_datetime(list(days)), "currency": currencies, "rate_to_base": worth, "kind": kind}
    )


EURO = rates(("2025-05-09", "EUR", 40.0), ("2025-05-12", "EUR", 41.0), ("2025-06-27", "EUR", 45.0))


def deal(status: str = "won", day: str = "2025-05-10", currency: str = "EUR", **more: object) -> dict[str, object]:
    closed = None if status == "open" else day
    return {
        "status": status, "closed_at": closed, "created_at": "2025-04-01", "amount": 10.0, "currency": currency, **more
    }  # fmt: skip


def test_a_closed_deal_is_worth_what_it_was_on_its_closing_day_an_open_one_what_it_is_now():
    deals = organisation([deal(), deal("open"), deal(currency="TRY")], fx_rate=EURO).deals

    assert deals["amount"].tolist() == [400.0, 450.0, 10.0]
    assert deals["fx_kind"].tolist() == ["close_date", "as_of", "base"]
    assert deals["amount_original"].tolist() == [10.0] * 3


def test_a_closed_amount_stays_fixed_when_rates_move():
    early, late = (organisation([deal()], as_of=day, fx_rate=EURO) for day in (date(2025, 5, 20), date(2025, 6, 30)))

    assert early.deals.at[0, "amount"] == late.deals.at[0, "amount"] == 400.0
    naive = early.deals.at[0, "amount_original"] * EURO["rate_to_base"].iloc[-1]  # today's rate for everything
    assert naive != 400.0


@pytest.mark.parametrize(
    ("day", "amount"),
    [
        ("2025-05-08", None),  # before the first rate
        ("2025-05-09", 400.0),
        ("2025-05-11", 400.0),  # the newest one up to the day, never a later one
        ("2025-05-22", 410.0),  # ten days old
        ("2025-05-23", None),  # eleven
    ],
)
def test_the_newest_rate_up_to_the_day_counts_if_it_is_not_too_old(day, amount):
    deals = organisation([deal(day=day)], fx_rate=EURO).deals

    assert deals.at[0, "fx_kind"] == ("close_date" if amount else "unconverted")
    assert deals.at[0, "amount"] == amount if amount else pd.isna(deals.at[0, "amount"])


def test_what_cannot_be_converted_is_counted_apart_by_currency_and_in_no_total():
    deals = [deal(), deal(currency="USD"), deal(currency="USD", amount=5.0), deal("lost", currency="GBP", amount=None)]
    data = organisation(deals, fx_rate=EURO)

    assert data.unconverted.to_dict("index") == {"USD": {"n": 2, "total": 15.0}}
    assert len(data.won_in(Q2)) == 3
    assert METRICS["bookings"].rows(data, Q2).loc["elif", "value"] == 400.0


def test_money_of_any_table_is_converted_on_its_day():
    invoices = pd.DataFrame(
        {
            "invoice_id": ["i1", "i2"], "deal_id": "d0000", "issued": pd.to_datetime(["2025-05-09", "2025-06-28"]),
            "amount": [1.0, 1.0], "currency": ["EUR", "TRY"],
        }
    )  # fmt: skip
    data = organisation([deal()], fx_rate=EURO, invoice=invoices)

    assert data.in_base(data.table("invoice"), "amount", "issued_day").tolist() == [40.0, 1.0]


def test_a_day_to_come_takes_the_rate_of_now():
    """A quota of the next quarter is compared at what is known; a rate of the future is not."""
    data = organisation([deal()], as_of=date(2025, 5, 12), fx_rate=EURO)
    ahead = pd.DataFrame({"amount": [1.0], "currency": ["EUR"], "day": [date_numbers(EURO["date"]).iloc[-1]]})

    assert data.in_base(ahead, "amount", "day").tolist() == [41.0]


def test_plan_rates_hold_for_a_year_and_never_mix_with_daily_ones():
    both = pd.concat([EURO, rates(("2025-01-01", "EUR", 30.0), kind="plan")])
    data = organisation([deal(), deal("open")], fx_rate=both)

    assert data.plan_amounts.tolist() == [300.0, 300.0]
    assert data.deals["amount"].tolist() == [400.0, 450.0]


def test_above_the_limit_a_deal_is_a_mega_deal_in_base_currency():
    plain = organisation([deal(), deal(currency="TRY"), deal("open", currency="TRY", is_mega=True)], fx_rate=EURO)
    tables = {name: plain.sources[name] for name in plain.sources}
    data = SalesData.build(tables, as_of=plain.as_of, calendar=plain.calendar, currency="TRY", mega_limit=400.0)

    assert data.deals["is_mega"].tolist() == [True, False, True]


# --- credit ------------------------------------------------------------------------------------


def splits(*rows: tuple[str, str, float], kind: str = "revenue") -> pd.DataFrame:
    deals, reps, parts = zip(*rows, strict=True)
    return pd.DataFrame({"deal_id": deals, "rep_id": reps, "pct": parts, "credit_type": kind})


def test_credit_follows_the_splits_and_else_the_owner():
    split = splits(("d0000", "elif", 0.7), ("d0000", "can", 0.3))
    data = organisation([deal(), deal(owner_id="can")], split=split)

    assert data.credit.values.tolist() == [["d0000", "can", 0.3], ["d0000", "elif", 0.7], ["d0001", "can", 1.0]]
    assert data.unsplit == ()


@pytest.mark.parametrize(("rest", "fits"), [(0.4, True), (0.40009, True), (0.3998, False), (0.5, False)])
def test_splits_that_do_not_sum_to_one_give_nobody_credit_and_name_the_deal(rest, fits):
    data = organisation([deal()], fx_rate=EURO, split=splits(("d0000", "elif", 0.6), ("d0000", "can", rest)))

    assert data.unsplit == (() if fits else ("d0000",))
    assert len(data.credit) == (2 if fits else 0)
    assert data.won_in(Q2)["amount"].sum() == 400.0  # in the totals all the same


def test_overlay_credit_is_no_part_of_the_deal():
    data = organisation([deal()], split=splits(("d0000", "can", 1.5), kind="overlay"))

    assert data.credit.values.tolist() == [["d0000", "elif", 1.0]]


def test_a_split_agreed_later_does_not_count_yet():
    split = splits(("d0000", "can", 1.0)).assign(valid_from=pd.Timestamp("2025-06-15"))
    early, late = (organisation([deal()], as_of=day, split=split) for day in (date(2025, 6, 14), date(2025, 6, 15)))

    assert early.credit["rep_id"].tolist() == ["elif"]
    assert late.credit["rep_id"].tolist() == ["can"]


# --- what the page says ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "apart", "nobody"),
    [
        ("en", "2 deals, total $15 in USD, not converted", "do not add up to the whole: d0002."),
        ("tr", "2 fırsat, toplam $15 (USD), çevrilmedi", "toplamı %100 olmayan fırsatlar: d0002."),
    ],
)
def test_the_page_says_what_is_in_no_total_and_in_nobody_s_credit(language, apart, nobody):
    deals = [deal(currency="USD"), deal(currency="USD", amount=5.0), deal(currency="TRY")]
    data = organisation(deals, split=splits(("d0002", "elif", 0.9)))
    brief = Brief(prepare(data, "elif", Q2), load_words(language), content(), {})
    text = written(brief.about())

    assert apart in text
    assert nobody in text
