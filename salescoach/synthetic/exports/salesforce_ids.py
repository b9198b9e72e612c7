"""Ids as Salesforce writes them."""

from __future__ import annotations

import pandas as pd

from salescoach.synthetic.exports import cells

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def identifier(prefix: str, text: str) -> str:
    """An id of 18 characters: 15 that tell case apart, and three that repeat which of them are capitals.

    >>> identifier("006", "D000001")
    '00600000D000001AIA'
    """
    short = prefix + text.rjust(12, "0")
    groups = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        _LETTERS[sum(letter.isupper() << place for place, letter in enumerate(each))] for each in groups
    )


def ids(prefix: str, column: pd.Series[str]) -> list[str]:
    """The ids of a column, each after the *prefix* that tells its object."""
    return cells.made(column, lambda text: identifier(prefix, text))
