"""Which column of an export is which field: headings compared as people compare them.

Case, accents, the two Turkish i's, punctuation and spaces do not matter; a different word does. There
is no likeness measure: a heading that is not among the aliases is not matched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from salescoach.crm.amounts import CURRENCY_SIGNS

# Before case folding: "İ".casefold() is two characters, and "I" would become "i" but "ı" would stay.
_BY_HAND = str.maketrans({"ı": "i", "İ": "i"})
_UNIT = re.compile(r"\(\s*(%|[A-Z]{3}|TL|₺|€|£|\$)\s*\)\s*$")


@lru_cache(maxsize=1 << 14)  # detection compares the same few thousand headings again and again
def fold(text: str) -> str:
    """The form in which two spellings of one heading, or of one category, are equal.

    >>> fold("\\ufeffKAPANIŞ TARİHİ *") == fold("Kapanis_Tarihi")
    True
    """
    letters = unicodedata.normalize("NFD", text.translate(_BY_HAND).casefold().translate(_BY_HAND))
    return "".join(letter for letter in letters if letter.isalnum())


def unit(heading: str) -> tuple[str, str]:
    """A heading without the unit in brackets at its end, and that unit: "%", or the code of a currency.

    >>> unit("Amount (EUR)"), unit("Tutar (TL)"), unit("Olasılık (%)"), unit("Close date")
    (('Amount', 'EUR'), ('Tutar', 'TRY'), ('Olasılık', '%'), ('Close date', ''))
    """
    match = _UNIT.search(heading)
    if match is None:
        return heading, ""
    return heading[: match.start()].strip(), CURRENCY_SIGNS.get(match.group(1), match.group(1))


def find(aliases: Iterable[str], header: Sequence[str]) -> int | None:
    """Position of the first alias that is a heading, the unit of the heading aside; None when there is none.

    >>> find(["Close Date", "Kapanış Tarihi"], ["Deal", "KAPANIŞ TARİHİ", "Amount"])
    1
    """
    places = _places(tuple(header))
    return next((places[key] for alias in aliases if (key := fold(alias)) in places), None)


@lru_cache(maxsize=1 << 8)
def _places(header: tuple[str, ...]) -> dict[str, int]:
    """Position of each heading, folded, with its unit and without."""
    places: dict[str, int] = {}
    for number, heading in enumerate(header):
        places.setdefault(fold(heading), number)
    for number, heading in enumerate(header):
        places.setdefault(fold(unit(heading)[0]), number)
    return places
