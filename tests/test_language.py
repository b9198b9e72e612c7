"""Figures, dates and names are written as a Turkish and an English reader write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from babel.numbers import format_currency, format_percent
from hypothesis import given
from hypothesis import strategies as st

from salescoach.errors import UsageError
from salescoach.language import CODES, MINUS, Language, language

TR, EN = language("tr"), language("en")


def plain(text: str) -> str:
    """The text with ordinary spaces, which is how it looks on the page."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_turkish_puts_the_percent_sign_first():
    assert (TR.percent(0.25), TR.percent(0.123, 1)) == ("%25", "%12,3")
    assert (EN.percent(0.25), EN.percent(0.123, 1)) == ("25%", "12.3%")


def test_one_pattern_for_both_languages_would_put_the_turkish_percent_sign_last():
    """Negative control: Babel follows a literal pattern, even where the language does not."""
    assert format_percent(0.123, "#,##0.0%", locale="tr") == "12,3%" != TR.percent(0.123, 1)


def test_money_has_its_own_separators_and_the_symbol_of_its_currency():
    assert TR.money(1234.56, "TRY", 2) == "₺1.234,56"
    assert TR.money(1234.56, "TRY") == "₺1.235"
    assert (EN.money(1234, "TRY"), EN.money(1234, "USD"), EN.money(1234, "EUR")) == ("₺1,234", "$1,234", "€1,234")


def test_the_currency_symbol_does_not_depend_on_the_reader():
    """Negative control: Babel alone writes lira as letters, stuck to the number, for an English reader."""
    assert format_currency(1234, "TRY", "¤#,##0", locale="en", currency_digits=False) == "TRY1,234"
    assert EN.money(1234, "TRY") == "₺1,234"


def test_a_currency_without_a_symbol_keeps_its_code_and_a_space_that_does_not_break():
    assert EN.money(1234, "CHF") == "CHF\N{NO-BREAK SPACE}1,234"


@pytest.mark.parametrize(
    ("amount", "tr", "en"),
    [
        (950, "950 ₺", "₺950"),
        (1_234, "1,2 bin ₺", "₺1.2K"),
        (950_000, "950 bin ₺", "₺950K"),
        (999_950, "1 Mn ₺", "₺1M"),
        (1_234_567, "1,2 Mn ₺", "₺1.2M"),
        (2_500_000_000, "2,5 Mr ₺", "₺2.5B"),
        (-660, "−660 ₺", "−₺660"),
        (-1_234_567, "−1,2 Mn ₺", "−₺1.2M"),
    ],
)
def test_a_short_amount_keeps_two_or_three_figures(amount: int, tr: str, en: str):
    assert (plain(TR.money_short(amount, "TRY")), EN.money_short(amount, "TRY")) == (tr, en)


def test_dates_and_moments():
    day, moment = date(2025, 12, 31), datetime(2025, 12, 31, 9, 5)
    assert (TR.date(day), EN.date(day)) == ("31.12.2025", "31 Dec 2025")
    assert (TR.moment(moment), EN.moment(moment)) == ("31.12.2025 09:05", "31 Dec 2025, 09:05")
    assert TR.date(pd.Timestamp("2025-02-03 23:30")) == "03.02.2025"


def test_a_moment_stays_in_its_own_time_zone():
    """23:30 in Istanbul is the same evening, not half past eight in London."""
    evening = datetime(2025, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=3)))
    assert TR.moment(evening) == "31.12.2025 23:30"


def test_quarters_are_named_in_the_language_and_other_labels_are_kept():
    assert (TR.period("2025Q4"), EN.period("2025Q4")) == ("2025 Ç4", "Q4 2025")
    assert TR.period("2025") == EN.period("2025") == "2025"


def test_a_noun_after_a_number():
    assert [EN.days(1), EN.days(2), TR.days(1), TR.days(2)] == ["1 day", "2 days", "1 gün", "2 gün"]
    assert EN.days(1.04, 1) == "1.0 day"


def test_ratio_and_range():
    assert (TR.ratio(1.128), EN.ratio(1.128)) == ("1,13", "1.13")
    assert (TR.range("%43", "%57"), EN.range("43%", "57%")) == ("%43–%57", "43%–57%")


def test_a_minus_is_told_apart_from_the_dash_of_a_range():
    assert EN.range(EN.number(-5), EN.number(3)) == "−5 – 3"
    for shown in (EN.number(-5), EN.percent(-0.05), EN.money(-5, "USD"), TR.money_short(-5_000, "TRY")):
        assert shown.startswith(MINUS)
        assert "-" not in shown


@pytest.mark.parametrize("speaks", [TR, EN])
def test_nothing_is_written_as_minus_zero(speaks: Language):
    shown = [speaks.number(-0.4), speaks.number(-0.0), speaks.percent(-0.001), speaks.money(-0.4, "TRY")]
    assert not any(MINUS in text for text in shown)
    assert f"{-0.4:.0f}" == "-0"  # negative control


def test_halves_are_rounded_up_as_people_do():
    assert [EN.number(0.5), EN.number(1.5), EN.number(2.5), EN.number(0.145, 2)] == ["1", "2", "3", "0.15"]
    assert [f"{2.5:.0f}", f"{0.145:.2f}"] == ["2", "0.14"]  # negative control


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, pd.NA, float("inf"), Decimal("NaN")])
@pytest.mark.parametrize("form", ["number", "percent", "days", "ratio", "money", "money_short"])
def test_a_missing_value_is_never_written_as_a_number(missing: object, form: str):
    """The reason belongs there, and only the caller knows it."""
    more = ("TRY",) if form.startswith("money") else ()
    with pytest.raises(ValueError, match="show the reason"):
        getattr(TR, form)(missing, *more)


@pytest.mark.parametrize("missing", [None, pd.NaT])
@pytest.mark.parametrize("form", ["date", "moment"])
def test_a_missing_date_is_never_written(missing: object, form: str):
    with pytest.raises(ValueError, match="is not a date"):
        getattr(EN, form)(missing)


def test_numbers_of_numpy_are_numbers():
    assert (TR.number(np.int64(12345)), EN.percent(np.float64(0.5))) == ("12.345", "50%")


def test_turkish_letters_change_case_in_pairs():
    assert (TR.lower("IĞDIR İZMİR"), TR.upper("ığdır izmir")) == ("ığdır izmir", "IĞDIR İZMİR")
    assert "IĞDIR İZMİR".lower() != "ığdır izmir"  # negative control


def test_folding_finds_a_name_however_it_was_typed():
    composed, decomposed = "Şükrü Çınar", "S\u0327u\u0308kru\u0308 C\u0327\u0131nar"
    assert TR.fold(composed) == TR.fold(decomposed) == TR.fold("  ŞÜKRÜ   ÇINAR ")
    assert TR.fold("İpek") == TR.fold("i\u0307pek") == TR.fold("ipek")
    assert composed.lower() != decomposed.lower()  # negative control


def test_english_folding_leaves_english_alone():
    assert EN.fold("ILGAZ Ltd") == "ilgaz ltd"
    assert TR.fold("ILGAZ Ltd") == "ılgaz ltd"


def test_names_sort_as_in_a_turkish_dictionary():
    wanted = "Ayşe Cem Çınar Gül Ğ Hale Ilgaz Irmak İpek Oya Ömer Sibel Şule Ulus Ünal".split()
    shuffled = wanted[7:] + wanted[:7]
    assert sorted(shuffled, key=TR.sort_key) == wanted
    assert sorted(shuffled) != wanted  # negative control


def test_names_sort_by_their_base_letters_in_english():
    wanted = "Çetin Ilgaz İpek Ömür Oya Öz Zoe".split()
    shuffled = wanted[3:] + wanted[:3]
    assert sorted(shuffled, key=EN.sort_key) == wanted
    assert sorted(shuffled) != wanted  # negative control


def test_digits_come_before_letters_and_small_letters_before_capitals():
    assert sorted(["b", "A", "a", "9", "-"], key=EN.sort_key) == ["-", "9", "a", "A", "b"]


@given(st.text(), st.sampled_from(CODES))
def test_folding_twice_changes_nothing_more(text: str, code: str):
    speaks = language(code)
    assert speaks.fold(speaks.fold(text)) == speaks.fold(text)
    speaks.sort_key(text)  # any text can be sorted


@given(st.integers(-(10**12), 10**12))
def test_a_written_whole_number_can_be_read_back(number: int):
    for speaks, separator in ((TR, "."), (EN, ",")):
        assert int(speaks.number(number).replace(separator, "").replace(MINUS, "-")) == number


def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(UsageError, match=r"'de'.*en, tr"):
        language("de")
