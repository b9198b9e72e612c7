"""Who was where, how long everybody was there, and which months bring how much."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from tiny import organisation

from salescoach.calendar import Calendar, day_number
from salescoach.tables.data import SalesData
from salescoach.tables.season import observed

PLAIN = Calendar(holiday_calendar="none")
MAY = PLAIN.period("2025-05")  # 22 working days without holidays: Thursday 1 to Friday 30


def people(as_of: str = "2025-06-30", **tables: pd.DataFrame) -> SalesData:
    rep = {"rep_id": ["can", "elif"], "full_name": ["Can", "Elif"], "role": "AE", "team_id": ["T9", "T1"]}
    more = tables.pop("dates", pd.DataFrame(index=range(2)))
    plain = organisation([{}, {"owner_id": "can"}])
    given = {name: plain.sources[name] for name in ("opportunity", "stage")}
    given |= {"rep": pd.DataFrame(rep).assign(**more), **tables}
    return SalesData.build(given, as_of=date.fromisoformat(as_of), calendar=PLAIN, currency="TRY")


def assignments(*rows: tuple[str, str | None, str, float | None]) -> pd.DataFrame:
    """Spells of elif from (first day, first day no longer, team, part of full time)."""
    begin, end, team, part = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "rep_id": "elif", "valid_from": pd.to_datetime(list(begin)), "valid_to": pd.to_datetime(list(end)),
            "team_id": team, "fte_pct": np.array(part, dtype=float),
        }
    )  # fmt: skip


MOVE = assignments(("2025-01-01", "2025-05-12", "T1", None), ("2025-05-12", None, "T2", 0.5))


def test_a_team_is_that_of_the_day():
    data = people(assignment=MOVE)

    assert data.assigned(date(2025, 5, 11)).loc["elif", ["team_id", "fte_pct"]].tolist() == ["T1", 1.0]
    assert data.assigned(date(2025, 5, 12)).loc["elif", ["team_id", "fte_pct"]].tolist() == ["T2", 0.5]
    assert data.assigned().at["can", "team_id"] == "T9"  # nothing is assigned: as the table of people says


def test_a_day_that_no_assignment_covers_is_unknown():
    gap = assignments(("2025-01-01", "2025-03-01", "T1", None), ("2025-05-12", None, "T2", None))

    assert people(assignment=gap).assigned(date(2025, 4, 1)).loc["elif"].isna().all()


def test_exposure_is_working_days_by_part_of_full_time_without_leave():
    leave = pd.DataFrame(
        {"rep_id": "elif", "from": pd.to_datetime(["2025-05-05"]), "to": pd.to_datetime(["2025-05-08"])}
    )
    exposure = people(assignment=MOVE, leave=leave).exposure(MAY)

    # 1, 2, 8 and 9 May whole; 5 to 7 May away; from 12 May on fifteen half days
    assert exposure.loc["elif", "working_days"] == 4 + 15 / 2
    assert exposure.loc["elif", "share"] == pytest.approx(11.5 / 22)
    assert exposure.loc["can", "working_days"] == 22


def test_leave_that_overlaps_is_taken_off_once():
    days = pd.to_datetime(["2025-05-05", "2025-05-06"])
    leave = pd.DataFrame({"rep_id": "can", "from": days, "to": pd.to_datetime(["2025-05-08", "2025-05-09"])})

    assert people(leave=leave).exposure(MAY).loc["can", "working_days"] == 22 - 4


def test_exposure_begins_with_the_first_day_ends_with_the_last_and_never_goes_beyond_as_of():
    dates = pd.DataFrame(
        {"start_date": pd.to_datetime(["2025-05-26", None]), "end_date": pd.to_datetime([None, "2025-05-05"])}
    )

    assert people(dates=dates).exposure(MAY)["working_days"].tolist() == [5, 2]
    assert people("2025-05-09").exposure(MAY)["working_days"].tolist() == [7, 7]
    assert people("2025-05-09").exposure(MAY)["share"].tolist() == [1, 1]


# --- season ------------------------------------------------------------------------------------

TODAY = day_number(date(2025, 12, 31))


def wins(years: int, december: int = 1, growth: float = 1.0) -> pd.Series:
    """Twenty wins on every working day of *years* years up to 2025, *december* times as many in December."""
    first = date(2026 - years, 1, 1)
    days = np.arange(day_number(first), TODAY + 1)
    moments = pd.to_datetime(days, unit="D")
    each = 20 * np.where(moments.month == 12, december, 1) * growth ** (moments.year - first.year)
    return pd.Series(np.repeat(days, (each * (moments.day_of_week < 5)).astype(int)).astype(float))


def test_a_season_needs_two_years():
    short, enough = wins(1), wins(2, december=2)

    assert observed(short, short.min(), TODAY, PLAIN) is None
    season = observed(enough, enough.min() - 2, TODAY, PLAIN)
    assert season is not None
    assert season[12] == pytest.approx(2 * season[6])


def test_growth_is_no_season():
    """Three times the wins in the second year: the months of neither year look strong."""
    grown = wins(2, growth=3.0)
    season = observed(grown, float(day_number(date(2024, 1, 1))), TODAY, PLAIN)

    assert season is not None
    assert all(index == pytest.approx(1.0) for index in season.values())


def test_few_wins_show_no_season():
    few = pd.Series([float(TODAY - 30 * month) for month in range(24)])

    assert observed(few, few.min() - 400, TODAY, PLAIN) is None


def test_what_the_organisation_states_goes_before_what_is_seen():
    index = pd.DataFrame({"month": range(1, 13), "index": [1.0] * 11 + [13.0], "scope": "org"})
    data = organisation([{}], seasonal_index=index)

    assert data.season == pytest.approx(dict.fromkeys(range(1, 12), 0.5) | {12: 6.5})
    assert organisation([{}], seasonal_index=index.iloc[:11]).season is None
