"""A column becomes numbers, days or moments exactly, or it is asked about; a cell that does not is a fault."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salescoach.crm.dialect import Choices
from salescoach.crm.headings import find, fold
from salescoach.crm.parse import Parsed, Reading, parsed
from salescoach.errors import InputError
from salescoach.tables.schema import TABLES

DEAL = TABLES["opportunity"]
ISTANBUL = ZoneInfo("Europe/Istanbul")


def column(name: str, *texts: str, table: str = "opportunity", **known) -> Parsed:
    reading = Reading(ISTANBUL, **known)
    lines = np.arange(2, 2 + len(texts), dtype=np.int64)
    return parsed(
        np.array(texts, dtype=object), TABLES[table][name], reading, file="deals.csv", heading="H", lines=lines
    )


def values(result: Parsed) -> list[object]:
    return [None if value is None or value is pd.NA or value != value else value for value in result.values.tolist()]


def faults(result: Parsed) -> list[tuple[str, str, list[int]]]:
    return [(fault.rule, fault.level, np.flatnonzero(fault.rows).tolist()) for fault in result.faults]


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "amounts"),
    [
        (("1.234,56", "7"), ("1234.56", "7")),
        (("1,234.56", "7"), ("1234.56", "7")),
        (("1.234.567",), ("1234567",)),
        (("1.234", "0,5"), ("1234", "0.5")),
        (("1.234", "0.5"), ("1.234", "0.5")),
        (("₺1.234,56", "1.000,00 TL", "-3,5 ₺"), ("1234.56", "1000.00", "-3.5")),
        (("$1,234,567.5", "USD 2"), ("1234567.5", "2")),
        (("1 234 567,8", "1\xa0000,5", "1'000,5"), ("1234567.8", "1000.5", "1000.5")),
        (("\u22125.25",), ("-5.25",)),
        (("99999999999999.9999",), ("99999999999999.9999",)),
        (("007", "0", ""), ("7", "0", None)),
    ],
)
def test_amounts_are_exact_in_either_way_of_writing(texts, amounts):
    assert values(column("amount", *texts)) == [amount and Decimal(amount) for amount in amounts]


@pytest.mark.parametrize(
    "text",
    [
        "1e5",
        "1E999",
        "inf",
        "nan",
        "NA",
        "12.34.5",
        "1,2,3",
        "1.23456",
        "100000000000000",
        "5-",
        "(5)",
        "%5",
        "0x1F",
        "٣",
    ],
)
def test_what_is_not_exactly_an_amount_is_a_fault_and_never_a_number(text):
    result = column("amount", "2.5", text)

    assert values(result) == [Decimal("2.5"), None]
    assert faults(result) == [("P2", "Q", [1])]


def test_a_very_long_number_is_not_rounded_in_silence():
    digits = "1." + "0" * 40 + "1"

    assert values(column("amount", digits, usual_decimal=".")) == [None]
    assert values(column("duration_s", "9" * 400, table="activity")) == [None]


def test_a_number_that_fits_both_readings_is_asked_about_with_line_and_example():
    with pytest.raises(InputError) as error:
        column("amount", "5", "1.234")

    assert (error.value.row, error.value.column) == (3, "H")
    assert '"1.234" can be 1.234 (decimal point) or 1234 (decimal comma)' in str(error.value)
    assert values(column("amount", "1.234", stated=Choices(decimal=","))) == [Decimal(1234)]
    assert values(column("amount", "1.234", usual_decimal=".")) == [Decimal("1.234")]


def test_values_that_contradict_each_other_are_asked_about():
    with pytest.raises(InputError, match="contradict"):
        column("amount", "1,234.5", "1.234,5")

    told = column("amount", "1,234.5", "1.234,5", stated=Choices(decimal="."))
    assert values(told) == [Decimal("1234.5"), None]


def test_the_file_outweighs_what_the_form_usually_writes():
    """A Maven copy saved again by a Turkish spreadsheet."""
    assert values(column("amount", "1.100,04", "1.234", usual_decimal=".")) == [Decimal("1100.04"), Decimal(1234)]


def test_the_currency_beside_an_amount_is_kept():
    assert column("amount", "₺5", "$5", "5", "5 EUR").currency.tolist() == ["TRY", "USD", None, "EUR"]


def test_percentages_are_known_by_their_sign_or_their_heading_only():
    assert values(column("probability", "%25", "25%", "0,25")) == [0.25, 0.25, 0.25]
    assert values(column("probability", "25", "100", unit="%")) == [0.25, 1.0]


def test_a_share_above_one_is_set_aside_and_the_row_stays():
    result = column("probability", "0.5", "45", "-0.1")

    assert values(result) == [0.5, None, None]
    assert faults(result) == [("D26", "V", [1, 2])]


def test_figures_in_millions_stay_exact():
    assert values(column("annual_revenue", "1100.04", table="account", scale=1_000_000)) == [Decimal("1100040000")]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.decimals(-(10**13), 10**13, places=2, allow_nan=False), min_size=1, max_size=5),
    st.sampled_from([".", ","]),
)
def test_every_amount_in_either_way_of_writing_comes_back(amounts, mark):
    texts = [f"{amount:,.2f}" for amount in amounts]
    if mark == ",":
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]

    assert values(column("amount", *texts, stated=Choices(decimal=mark))) == amounts


def test_the_naive_reading_turns_turkish_thousands_into_lira():
    """The control: what a plain float() does with 1.234."""
    assert float("1.234") == 1.234
    assert values(column("amount", "1.234", "0,5"))[0] == 1234


# --- days and moments ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (("2025-01-31", "2025/02/01"), ("2025-01-31", "2025-02-01")),
        (("31.01.2025", "3.4.2025"), ("2025-01-31", "2025-04-03")),
        (("1/31/2025", "3/4/2025"), ("2025-01-31", "2025-03-04")),
        (("31/1/2025", "3/4/2025"), ("2025-01-31", "2025-04-03")),
        (("31-01-2025", ""), ("2025-01-31", None)),
        (("2025-01-31 23:59",), ("2025-01-31",)),
        (("2025-01-31T22:00:00Z",), ("2025-02-01",)),
    ],
)
def test_days_in_every_usual_way_of_writing(texts, days):
    result = values(column("expected_close", *texts))

    assert [day and str(day.date()) for day in result] == list(days)


@pytest.mark.parametrize(
    "text",
    [
        "31.02.2025",
        "2025-13-01",
        "45000",
        "31.01.25",
        "2025-1",
        "tomorrow",
        "0000-00-00",
        "2999-01-01",
        "2025-01-01T10:00+99:00",
        "2025-01-01 10:00+02:75",
        "2025-01-01 25:00",
        "2025-01-01 13:00 PM",
    ],
)
def test_what_is_no_day_is_a_fault(text):
    result = column("expected_close", "2025-01-01", text)

    assert values(result)[1] is None
    assert faults(result) == [("D10", "Q", [1])]


def test_days_that_fit_both_orders_are_asked_about_with_an_example():
    with pytest.raises(InputError, match="--date-order") as error:
        column("expected_close", "3/4/2025", "5/6/2025")

    assert '"3/4/2025" can be 2025-04-03 (day first) or 2025-03-04 (month first)' in str(error.value)
    assert values(column("expected_close", "3/4/2025", stated=Choices(date_order="mdy")))[0].month == 3
    assert values(column("expected_close", "3/4/2025", usual_date_order="mdy"))[0].month == 3


def test_days_that_contradict_each_other_are_asked_about():
    with pytest.raises(InputError, match="contradict"):
        column("expected_close", "31/1/2025", "1/31/2025")


def test_pandas_reads_the_first_date_month_first_without_asking():
    """The control: the same column, read by the usual call."""
    assert pd.to_datetime(pd.Series(["03.04.2026", "05.06.2026"]))[0].month == 3
    assert values(column("expected_close", "03.04.2026", "05.06.2026"))[0].month == 4


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-01-31", "2025-01-30 21:00"),
        ("31.01.2025 09:30", "2025-01-31 06:30"),
        ("2025-01-31T09:30:00Z", "2025-01-31 09:30"),
        ("2025-01-31T09:30:00+01:00", "2025-01-31 08:30"),
        ("2025-01-31 09:30:00.0000000+0000", "2025-01-31 09:30"),
        ("2025-01-31 3:45 PM", "2025-01-31 12:45"),
        ("2025-01-31 12:05 AM", "2025-01-30 21:05"),
    ],
)
def test_a_moment_is_utc_and_a_day_is_midnight_of_the_organisation(text, utc):
    assert values(column("created_at", text)) == [pd.Timestamp(utc)]


def test_a_form_that_writes_utc_without_saying_so_is_read_as_utc():
    assert values(column("created_at", "2025-01-31 09:30", unstated_zone=UTC)) == [pd.Timestamp("2025-01-31 09:30")]


def test_skipped_and_repeated_times_follow_the_rule_and_are_flagged():
    """Istanbul: 03:30 of 27 March 2016 did not exist, 03:30 of 8 November 2015 came twice."""
    result = column("created_at", "2016-03-27 03:30", "2015-11-08 03:30", "2016-03-27 05:00")

    assert values(result)[:2] == [pd.Timestamp("2016-03-27 01:30"), pd.Timestamp("2015-11-08 00:30")]
    assert faults(result) == [("P5", "F", [0, 1])]


# --- text, categories, yes and no --------------------------------------------------------------------


def test_text_stays_what_it_was_but_for_the_blanks_around_it():
    texts = ("007", "NA", "None", "nan", "1E5", "123456789012345680", " x ", "", "  ")

    assert values(column("name", *texts)) == [*texts[:6], "x", None, None]


def test_pandas_would_have_changed_five_of_these_ids(tmp_path):
    """The control: the usual call on the same ids."""
    ids = ["007", "NA", "1E5", "None", "x"]
    (tmp_path / "ids.csv").write_text("id,n\n" + "".join(f"{text},1\n" for text in ids[:1] + ids[2:3]))

    assert pd.read_csv(tmp_path / "ids.csv")["id"].tolist() == [7.0, 100000.0]
    (tmp_path / "ids.csv").write_text("id,n\n" + "".join(f"{text},1\n" for text in ids))
    assert pd.read_csv(tmp_path / "ids.csv")["id"].isna().sum() == 2
    assert values(column("deal_id", *ids)) == ids


def test_a_name_written_with_separate_accents_is_the_same_name():
    result = column("name", "I\u0307pek", "İpek")

    assert values(result) == ["İpek", "İpek"]
    assert result.recomposed == 1


def test_a_value_map_repairs_and_counts():
    result = column("product_id", "GTXPro", "GTX Pro", "GTXPro", value_map={"GTXPro": "GTX Pro"})

    assert values(result) == ["GTX Pro"] * 3
    assert result.repairs == (("GTXPro", "GTX Pro", 2),)


def test_categories_match_in_any_case_and_unknown_ones_are_set_aside():
    result = column("type", "New", "RENEWAL", "upgrade", "")

    assert values(result) == ["new", "renewal", None, None]
    assert faults(result) == [("P3", "V", [2])]
    assert faults(column("type", "telegram", table="activity")) == [("P3", "R", [0])]


def test_an_unknown_status_is_open_never_closed():
    result = column("status", "Won", "closed?", "")

    assert values(result) == ["won", "open", "open"]
    assert faults(result) == [("D21", "F", [1, 2])]


def test_yes_and_no_in_both_languages():
    result = column("is_deleted", "Evet", "hayır", "TRUE", "0", "", "maybe")

    assert values(result) == [True, False, True, False, None, None]
    assert faults(result) == [("P4", "Q", [5])]


# --- headings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading", ["Kapanış Tarihi", "KAPANIŞ TARİHİ", "kapanis_tarihi", "\ufeffKapanış tarihi *", "Kapanıs-Tarıhı"]
)
def test_a_heading_matches_however_it_is_typed(heading):
    assert find(["Kapanış Tarihi"], ["Ad", heading]) == 1


def test_plain_lower_case_would_not_match_turkish_headings():
    assert "KAPANIŞ TARİHİ".lower() != "kapanış tarihi"
    assert fold("KAPANIŞ TARİHİ") == fold("kapanış tarihi")


def test_the_first_alias_wins_and_another_word_never_matches():
    assert find(["Close Date", "Date"], ["Date", "Close Date"]) == 1
    assert find(["Close Date"], ["Closing Date", "Close"]) is None
