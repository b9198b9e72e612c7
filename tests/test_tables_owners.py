"""Whose a deal was at a moment: the newest spell that had begun and not ended, else nobody's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salescoach.tables.visits import Owners

DAYS = pd.date_range("2025-01-01", periods=10, freq="D").astype("datetime64[us]")


def spells(*rows: tuple[str, str, int | None, int | None]) -> Owners:
    """Spells of (deal, owner, first day, day after the last)."""
    deal, owner, begin, end = zip(*rows, strict=True)
    moments = [pd.Series([pd.NaT if day is None else DAYS[day] for day in days]) for days in (begin, end)]
    return Owners(pd.DataFrame({"deal_id": deal, "owner_id": owner, "valid_from": moments[0], "valid_to": moments[1]}))


def owner(owners: Owners, deal: str, day: int) -> object:
    return owners.at(pd.Series([deal]), pd.Series([DAYS[day]])).fillna("nobody").iloc[0]


@pytest.mark.parametrize(
    ("deal", "day", "expected"),
    [("a", 0, "nobody"), ("a", 1, "elif"), ("a", 3, "elif"), ("a", 4, "can"), ("a", 9, "can"),
     ("b", 2, "can"), ("b", 3, "nobody"), ("c", 5, "nobody")],
)  # fmt: skip
def test_a_spell_holds_from_its_first_day_up_to_its_last(deal: str, day: int, expected: str):
    """b was given back on day 3 and nobody took it; c has no history."""
    assert owner(spells(("a", "elif", 1, None), ("a", "can", 4, None), ("b", "can", 0, 3)), deal, day) == expected


def test_the_newest_spell_does_not_reach_into_the_next_deal():
    """b begins later than a ends: a search in time alone would give a's moment on day 5 to b's owner."""
    owners = spells(("a", "elif", 1, 2), ("b", "can", 4, None))

    assert owner(owners, "a", 5) == "nobody"


def test_a_spell_without_a_beginning_holds_at_no_moment():
    assert owner(spells(("a", "elif", None, None), ("b", "can", 0, None)), "a", 9) == "nobody"


def test_a_moment_that_is_missing_has_no_owner():
    owners = spells(("a", "elif", 1, None))

    assert owners.at(pd.Series(["a"]), pd.Series([pd.NaT])).isna().tolist() == [True]


def test_many_spells_give_what_a_loop_over_them_gives():
    draw = np.random.default_rng(5)
    rows = [
        (str(draw.choice(list("abc"))), str(draw.choice(list("xyz"))), begin, int(min(begin + draw.integers(1, 4), 9)))
        for begin in map(int, draw.choice(8, size=8, replace=False))
    ]
    owners = spells(*rows)
    for deal in "abcd":
        for day in range(10):
            begun = sorted((row for row in rows if row[0] == deal and row[2] <= day), key=lambda row: row[2])
            expected = begun[-1][1] if begun and day < begun[-1][3] else "nobody"
            assert owner(owners, deal, day) == expected
