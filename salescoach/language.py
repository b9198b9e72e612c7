"""How numbers, money, dates and names are written in Turkish and in English.

Everything a person reads as a figure passes through here; Babel knows the two languages, this module
knows its traps. It never holds sentences (those are in ``templates/words/``), never converts a currency
or a time zone, and never writes a missing value: no answer has words of its own, it is not a number.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import SupportsFloat, TypeVar

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent, get_currency_symbol

from salescoach.errors import UsageError

CODES = ("en", "tr")

# The currency follows the data, not the reader: Babel's English would write TRY where a Turk expects ₺.
SYMBOLS = {"TRY": "₺", "USD": "$", "EUR": "€", "GBP": "£"}

MINUS = "\N{MINUS SIGN}"
_NBSP = "\N{NO-BREAK SPACE}"

# Thousands in Turkish are "bin"; CLDR's abbreviation "B" would be read as a billion by half the office.
_SHORT = {
    "en": ((3, "K"), (6, "M"), (9, "B"), (12, "T")),
    "tr": ((3, "bin"), (6, "Mn"), (9, "Mr"), (12, "Tn")),
}
_DAY = {"en": ("day", "days"), "tr": ("gün", "gün")}  # a Turkish noun stays singular after a number
_DATE = {"en": "d MMM y", "tr": "dd.MM.y"}
_MOMENT = {"en": "d MMM y, HH:mm", "tr": "dd.MM.y HH:mm"}
_QUARTER = {"en": "Q{quarter} {year}", "tr": "{year} Ç{quarter}"}
_FISCAL = {"en": "FY", "tr": "MY"}  # mali yıl
_PART = {"en": "P", "tr": "D"}  # dönem: one of the twelve of a fiscal year
_LAST = {"en": "last {days}", "tr": "son {days}"}

# q, w and x are not Turkish letters, but customers' names have them.
_ALPHABET = {"en": "abcdefghijklmnopqrstuvwxyz", "tr": "abcçdefgğhıijklmnoöpqrsştuüvwxyz"}

# Python folds "IŞIK" to "işik" and "İpek" to seven letters; fold the two i's by hand first. The last pair is
# an i with a separate dot above it, which is what "İ".lower() leaves behind in other people's files.
_LOWER_TR = (("İ", "i"), ("I", "ı"), ("i\u0307", "i"))
_LOWER_EN = (("İ", "i"), ("i\u0307", "i"))

_Day = TypeVar("_Day", bound=date)
SortKey = tuple[tuple[tuple[int, int], ...], str, str]


@dataclass(frozen=True)
class Language:
    """The written forms of one language. Get one from :func:`language`.

    Every method that takes a number raises ValueError for None, NaN and infinity: a missing value has a
    reason in words, and the caller must show that reason.
    """

    code: str

    def number(self, x: SupportsFloat, digits: int = 0) -> str:
        """A plain number, rounded half up as people do it.

        >>> language("tr").number(1234.5, 1), language("en").number(-0.4)
        ('1.234,5', '0')
        """
        return self._signed(format_decimal(_rounded(x, digits), format=_pattern(digits), locale=self.code))

    def percent(self, share: SupportsFloat, digits: int = 0) -> str:
        """A share (0 to 1) as a percentage; Turkish puts the sign first.

        >>> language("tr").percent(0.123, 1), language("en").percent(0.25)
        ('%12,3', '25%')
        """
        # The locale's own pattern with decimals put in: the literal '#,##0.0%' gives '12,3%' in Turkish too.
        # Babel takes the sign's place from it and multiplies by 100, so round two digits further down.
        pattern = Locale(self.code).percent_formats[None].pattern.replace("#,##0", _pattern(digits))
        return self._signed(format_percent(_rounded(share, digits + 2), format=pattern, locale=self.code))

    def change(self, share: SupportsFloat, digits: int = 0) -> str:
        """A relative difference, whose sign says which way it goes; 0 has none.

        >>> language("en").change(0.16), language("tr").change(0.16), language("en").change(-0.28)
        ('+16%', '+%16', '−28%')
        """
        written = self.percent(share, digits)
        return f"+{written}" if _rounded(share, digits + 2) > 0 else written

    def money(self, x: SupportsFloat, currency: str, digits: int = 0) -> str:
        """An amount with its symbol before it; an unknown symbol is the currency's code and a space.

        *currency* is an ISO 4217 code. Nothing is converted.

        >>> language("tr").money(1234.56, "TRY", 2), language("en").money(-1234, "CHF").replace("\\xa0", " ")
        ('₺1.234,56', '−CHF 1,234')
        """
        amount = _rounded(x, digits)
        return self._sign(amount) + self._symbol(currency) + self.number(abs(amount), digits)

    def money_short(self, x: SupportsFloat, currency: str) -> str:
        """An amount for a chart or a narrow column: two or three figures and the order of size.

        >>> language("tr").money_short(1_234_567, "TRY").replace("\\xa0", " ")
        '1,2 Mn ₺'
        >>> language("en").money_short(999_950, "USD"), language("en").money_short(950, "USD")
        ('$1M', '$950')
        >>> language("tr").money_short(-660, "USD").replace("\\xa0", " ")
        '−660 $'
        """
        amount = _rounded(x, 0)
        figure, unit = self._shortened(abs(amount)) if abs(amount) >= 1000 else (abs(amount), "")
        written = self.number(figure, 0 if figure == int(figure) else 1)
        if self.code == "tr":  # the symbol after the figure in all of them: "₺660" beside "139 bin ₺" reads as a slip
            parts = (written, unit, self._symbol(currency).rstrip(_NBSP))
            return self._sign(amount) + _NBSP.join(part for part in parts if part)
        return f"{self._sign(amount)}{self._symbol(currency)}{written}{unit}"

    def days(self, x: SupportsFloat, digits: int = 0) -> str:
        """A number of days with its noun.

        >>> language("en").days(1), language("en").days(44.6), language("tr").days(44.6)
        ('1 day', '45 days', '45 gün')
        """
        one, other = _DAY[self.code]
        return f"{self.number(x, digits)} {one if _rounded(x, digits) == 1 else other}"

    def ratio(self, x: SupportsFloat, digits: int = 2) -> str:
        """A quotient such as pace or coverage, without a unit.

        >>> language("tr").ratio(1.128)
        '1,13'
        """
        return self.number(x, digits)

    def range(self, low: str, high: str) -> str:
        """Two limits that were already written, joined.

        >>> language("en").range("43%", "57%"), language("en").range("−5", "3")
        ('43%–57%', '−5 – 3')
        """
        negative = low.startswith(MINUS) or high.startswith(MINUS)
        return f"{low} – {high}" if negative else f"{low}–{high}"  # "−5–−3" cannot be read

    def date(self, day: date) -> str:
        """A calendar day; a timestamp gives the day it carries.

        >>> language("tr").date(date(2025, 12, 31)), language("en").date(date(2025, 12, 31))
        ('31.12.2025', '31 Dec 2025')
        """
        return format_date(_known(day), format=_DATE[self.code], locale=self.code)

    def moment(self, ts: datetime) -> str:
        """A day and a time to the minute, in the time zone *ts* is already in.

        >>> language("tr").moment(datetime(2025, 12, 31, 9, 5)), language("en").moment(datetime(2025, 12, 31, 9, 5))
        ('31.12.2025 09:05', '31 Dec 2025, 09:05')
        """
        clock = _known(ts).replace(tzinfo=None)  # Babel would shift an aware moment to UTC
        return format_datetime(clock, format=_MOMENT[self.code], locale=self.code)

    def period(self, label: str) -> str:
        """The label of a period as people write it; a calendar year and any other label stay as they are.

        >>> tr, en = language("tr"), language("en")
        >>> [tr.period(label) for label in ("2025Q4", "2025-11", "FY26Q1", "FY26-P03", "last90d")]
        ['2025 Ç4', 'Kasım 2025', 'MY26 Ç1', 'MY26 D03', 'son 90 gün']
        >>> [en.period(label) for label in ("2025Q4", "2025-11", "FY26Q1", "FY26-P03", "last90d", "2025")]
        ['Q4 2025', 'November 2025', 'Q1 FY26', 'FY26 P03', 'last 90 days', '2025']
        """
        if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})", label):
            return format_date(date(int(found[1]), int(found[2]), 1), format="LLLL y", locale=self.code)
        if found := re.fullmatch(r"last([0-9]+)d", label):
            return _LAST[self.code].format(days=self.days(int(found[1])))
        found = re.fullmatch(r"(FY)?([0-9]+)(?:Q([1-4])|-P([0-9]{2}))?", label)
        if not found:
            return label
        year = (_FISCAL[self.code] if found[1] else "") + found[2]
        if found[3]:
            return _QUARTER[self.code].format(year=year, quarter=found[3])
        return year + (f" {_PART[self.code]}{found[4]}" if found[4] else "")

    def lower(self, text: str) -> str:
        """Small letters. Turkish: I becomes ı, İ becomes i.

        >>> language("tr").lower("IŞIK İPEK"), language("en").lower("ILGAZ")
        ('ışık ipek', 'ilgaz')
        """
        return self._small(text).lower()

    def upper(self, text: str) -> str:
        """Capital letters. Turkish: i becomes İ, ı becomes I.

        >>> language("tr").upper("ışık ipek"), language("en").upper("ipek")
        ('IŞIK İPEK', 'IPEK')
        """
        text = unicodedata.normalize("NFC", text).replace("i\u0307", "i")
        return (text.replace("i", "İ") if self.code == "tr" else text).upper()

    def fold(self, text: str) -> str:
        """A form in which two spellings of the same word are equal: composed letters, no case, single spaces.

        >>> language("tr").fold("  IŞIK  Ltd") == language("tr").fold("ışık ltd")
        True
        """
        return " ".join(self._small(text).casefold().split())

    def sort_key(self, text: str) -> SortKey:
        """Key for ``sorted``: the order of a dictionary, not of code points.

        Spaces and signs come before digits, digits before letters, letters by the language's alphabet;
        accents foreign to the alphabet and capitals only break ties.

        >>> sorted(["İpek", "Irmak", "Çınar", "Cem", "Zeki", "Ilgaz"], key=language("tr").sort_key)
        ['Cem', 'Çınar', 'Ilgaz', 'Irmak', 'İpek', 'Zeki']
        """
        folded = self.fold(text)
        return tuple(_rank(letter, _ALPHABET[self.code]) for letter in folded), folded, text.swapcase()

    def _small(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        for capital, small in _LOWER_TR if self.code == "tr" else _LOWER_EN:
            text = text.replace(capital, small)
        return text

    def _shortened(self, amount: Decimal) -> tuple[Decimal, str]:
        for power, unit in _SHORT[self.code]:
            scaled = amount.scaleb(-power)
            figure = _rounded(scaled, 0 if scaled >= 100 else 1)
            if figure < 1000:  # asked after rounding: 999,950 is "1M", never "1,000K"
                return figure, unit
        return figure, unit  # beyond the last unit there is no shorter way

    def _symbol(self, currency: str) -> str:
        symbol = SYMBOLS.get(currency) or get_currency_symbol(currency, locale=self.code)
        return symbol + _NBSP if symbol[-1].isalpha() else symbol  # "CHF1,234" cannot be read

    @staticmethod
    def _sign(amount: Decimal) -> str:
        return MINUS if amount < 0 else ""

    @staticmethod
    def _signed(text: str) -> str:
        return text.replace("-", MINUS)  # a hyphen beside the dash of an interval cannot be told apart


@cache
def language(code: str) -> Language:
    """The language with this code; UsageError when there is none.

    >>> language("tr").code
    'tr'
    """
    if code not in CODES:
        raise UsageError.unknown("language", code, CODES)
    return Language(code)


def _rounded(x: SupportsFloat, digits: int) -> Decimal:
    try:
        # The shortest decimal of a float is what a person typed: 0.145 rounds to 0.15, its binary value would not.
        value = x if isinstance(x, Decimal) else Decimal(repr(float(x)))
    except TypeError:
        raise ValueError(f"{x!r} is not a number; show the reason why there is none.") from None
    if not math.isfinite(value):
        raise ValueError(f"{x!r} is not a number; show the reason why there is none.")
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # "-0" says there is something where there is nothing


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits else "")


def _known(day: _Day | None) -> _Day:
    if day is None or day != day:  # pandas' missing timestamp calls itself a datetime and differs from itself
        raise ValueError(f"{day!r} is not a date; show the reason why there is none.")
    return day


def _rank(letter: str, alphabet: str) -> tuple[int, int]:
    if letter not in alphabet:  # é sorts with e; ı in an English list with i
        letter = unicodedata.normalize("NFKD", letter)[0].replace("ı", "i")
    if letter in alphabet:
        return 2, alphabet.index(letter)
    if letter.isdigit():
        return 1, unicodedata.digit(letter)
    return (3 if letter.isalpha() else 0), ord(letter)


def shortened(text: str, limit: int = 60) -> str:
    """At most *limit* characters, on one line: for a place that cannot hold more.

    >>> shortened("a\\nb")
    'a b'
    """
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
