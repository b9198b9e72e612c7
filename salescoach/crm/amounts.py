"""Numbers as offices write them: "1.234,56", "$1,234.56", "%25", "1 234 567,8".

The decimal mark is decided once per column from all its values; a column that fits both readings is
asked about. Amounts stay exact decimals. Exponents, infinities and "nan" are not numbers here: a
spreadsheet that wrote 1,23E+15 has already lost the figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

CURRENCY_SIGNS = {"₺": "TRY", "TL": "TRY", "YTL": "TRY", "$": "USD", "€": "EUR", "£": "GBP"}

_SIGN = r"₺|\$|€|£|[A-Z]{2,3}"
_OUTER = re.compile(
    rf"(?P<minus>[-+\u2212]?)\s*(?P<before>{_SIGN}|%)?\s*(?P<minus2>[-\u2212]?)"
    rf"(?P<figures>[0-9., '’]*[0-9])\s*(?P<after>{_SIGN}|%)?"
)
_SPACED = re.compile(r"[0-9]{1,3}(?:[ '’][0-9]{3})+(?=[.,]|$)")
_FITS = {
    ".": re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)?(?:\.[0-9]+)?"),
    ",": re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+)?(?:,[0-9]+)?"),
}
_SPACES = str.maketrans({"\xa0": " ", "\u202f": " ", "\u2009": " "})


class Undecided(Exception):
    """A column fits two readings. ``examples`` are the texts that show it, ``readings`` what each would be."""

    def __init__(self, examples: tuple[str, ...], readings: tuple[str, ...]) -> None:
        self.examples, self.readings = examples, readings
        super().__init__(f"{' and '.join(examples)}: {' or '.join(readings)}")


class Written(NamedTuple):
    """One text taken apart: its figures and marks, its sign, the unit written beside it."""

    text: str
    figures: str
    negative: bool
    unit: str

    def value(self, decimal: str) -> Decimal | None:
        """The number when *decimal* is its decimal mark; None when it cannot be."""
        if not _FITS[decimal].fullmatch(self.figures):
            return None
        plain = self.figures.replace("," if decimal == "." else ".", "").replace(",", ".")
        return Decimal(f"-{plain}" if self.negative else plain)  # unary minus would round to 28 digits


def taken_apart(text: str) -> Written | None:
    """A text as a number with its sign and unit; None when it is no number in any reading.

    >>> taken_apart("-₺1.234,56")
    Written(text='-₺1.234,56', figures='1.234,56', negative=True, unit='₺')
    >>> taken_apart("%25").unit, taken_apart("1 234").figures, taken_apart("12 34"), taken_apart("1E5")
    ('%', '1234', None, None)
    """
    match = _OUTER.fullmatch(text.translate(_SPACES).strip())
    if match is None or (match["before"] and match["after"]) or (match["minus"] and match["minus2"]):
        return None
    figures = match["figures"]
    if spaced := _SPACED.match(figures):
        figures = re.sub("[ '’]", "", spaced.group()) + figures[spaced.end() :]
    if re.search("[ '’]", figures):
        return None
    negative = (match["minus"] or match["minus2"]) in ("-", "\u2212")
    return Written(text, figures, negative, match["before"] or match["after"] or "")


def decimal_mark(numbers: Sequence[Written], *, stated: str | None, usual: str | None) -> str:
    """The decimal mark of a column, from all its numbers.

    *stated* by the caller is the answer. Otherwise a number that fits one reading only decides; *usual*
    (what this CRM writes) settles a column that fits both. Undecided when nothing does, or when two
    numbers contradict each other.

    >>> decimal_mark([taken_apart("1.234"), taken_apart("0,5")], stated=None, usual=None)
    ','
    >>> decimal_mark([taken_apart("1.234")], stated=None, usual=None)
    Traceback (most recent call last):
    salescoach.crm.amounts.Undecided: 1.234: 1.234 (decimal point) or 1234 (decimal comma)
    """
    if stated:
        return stated
    decisive: dict[str, str] = {}
    open_to_both = None
    for number in numbers:
        point, comma = number.value("."), number.value(",")
        if point is not None and comma is None:
            decisive.setdefault(".", number.text)
        elif comma is not None and point is None:
            decisive.setdefault(",", number.text)
        elif point is not None and point != comma:
            open_to_both = open_to_both or number
    if len(decisive) == 2:
        raise Undecided((decisive["."], decisive[","]), ("decimal point", "decimal comma"))
    if decisive:
        return next(iter(decisive))
    if open_to_both and not usual:
        readings = (f"{open_to_both.value('.')} (decimal point)", f"{open_to_both.value(',')} (decimal comma)")
        raise Undecided((open_to_both.text,), readings)
    return usual or "."
