"""Days, periods and working time: every day in one place, and in the organisation's own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salescoach.calendar import Calendar, Period, date_numbers, day_number
from salescoach.errors import UsageError

TURKEY = Calendar()
FROM_APRIL = Calendar(fiscal_year_start_month=4)


# --- periods -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "start", "last_day"),
    [
        ("2025Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31)),
        (" 2025q2 ", date(2025, 4, 1), date(2025, 6, 30)),
        ("2025-11", date(2025, 11, 1), date(2025, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("FY26", date(2025, 4, 1), date(2026, 3, 31)),
        ("FY26Q1", date(2025, 4, 1), date(2025, 6, 30)),
        ("FY2026Q4", date(2026, 1, 1), date(2026, 3, 31)),
        ("FY26-P03", date(2025, 6, 1), date(2025, 6, 30)),
        ("fy26p12", date(2026, 3, 1), date(2026, 3, 31)),
    ],
)
def test_a_label_names_its_days(label, start, last_day):
    period = FROM_APRIL.period(label)

    assert (period.start, period.last_day) == (start, last_day)


@pytest.mark.parametrize(
    "label",
    [
        *"2025Q0 2025Q5 2025Q7 2025-00 2025-13 2025-1 25Q1 0000 0000Q1 0000-01 9999Q4 20255".split(),
        *"FY0000 FY1 FY26Q5 Q4 x ２０２５Q4 2025-11-01 FY26-P13 FY26-P00 FY26Q1P1 last0d last1000d".split(),
        *("", "2025 Q4", "last days", "son 90 gun", "next 30 days"),
    ],
)
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(label):
    with pytest.raises(UsageError, match="Write a quarter as 2025Q4, a month as 2025-11"):
        TURKEY.period(label)


def test_a_fiscal_year_that_starts_in_january_is_the_calendar_year():
    year, quarter = TURKEY.period("FY26"), TURKEY.period("FY26Q2")

    assert (year.start, year.end) == (date(2026, 1, 1), date(2027, 1, 1))
    assert quarter.start == TURKEY.period("2026Q2").start


def test_a_period_ends_where_the_next_one_begins():
    november, december = TURKEY.period("2025-11"), TURKEY.period("2025-12")

    assert november.end == december.start
    assert november.end in december
    assert november.end not in november
    assert november.last_day in november


@pytest.mark.parametrize(
    ("first_month", "day", "label"),
    [
        (1, date(2025, 3, 31), "2025Q1"),
        (1, date(2025, 4, 1), "2025Q2"),
        (4, date(2025, 3, 31), "FY25Q4"),
        (4, date(2025, 4, 1), "FY26Q1"),
        (7, date(2025, 12, 31), "FY26Q2"),
        (2, date(2025, 1, 31), "FY25Q4"),
        (12, date(2025, 12, 1), "FY26Q1"),
        (4, date(1998, 5, 1), "FY1999Q1"),
    ],
)
def test_the_quarter_of_a_day_follows_the_fiscal_year(first_month, day, label):
    calendar = Calendar(fiscal_year_start_month=first_month)
    quarter = calendar.quarter_of(day)

    assert quarter.label == label
    assert day in quarter
    assert calendar.period(label) == quarter


def labels(periods: tuple[Period, ...]) -> list[str]:
    return [period.label for period in periods]


def test_quarters_before_come_oldest_first():
    quarters = TURKEY.quarters_before(TURKEY.period("2025Q2"), 3)

    assert labels(quarters) == ["2024Q3", "2024Q4", "2025Q1"]


def test_no_quarter_before_a_month_holds_that_month():
    """Otherwise November would be compared with a past that November itself is part of."""
    november = TURKEY.period("2025-11")
    naive = TURKEY.quarter_of(november.start - timedelta(days=1))

    assert labels(TURKEY.quarters_before(november, 2)) == ["2025Q2", "2025Q3"]
    assert naive.end > november.start


@given(day=st.dates(date(1950, 1, 1), date(2150, 1, 1)), first_month=st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_every_day_lies_in_one_quarter_and_one_month(day, first_month):
    calendar = Calendar(fiscal_year_start_month=first_month)
    quarter, month = calendar.quarter_of(day), calendar.period(f"{day:%Y-%m}")
    around = [calendar.quarter_of(day + timedelta(days=days)) for days in range(-100, 101, 20)]
    months = [calendar.period(f"{one:%Y-%m}") for one in (day - timedelta(days=31), day, day + timedelta(days=31))]

    assert {found for found in around if day in found} == {quarter}
    assert {found for found in months if day in found} == {month}
    assert 89 <= (quarter.end - quarter.start).days <= 92


# --- rolling windows ---------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["last90d", "last 90 days", "LAST 90 DAYS", "son 90 gün", " Son  90  Gün "])
def test_rolling_days_have_one_label_in_both_languages(label):
    window = TURKEY.period(label, date(2024, 3, 1))

    assert (window.label, window.start, window.last_day) == ("last90d", date(2023, 12, 3), date(2024, 3, 1))
    assert (window.end - window.start).days == 90


def test_rolling_days_need_the_day_up_to_which():
    with pytest.raises(UsageError, match="The last 30 days up to which day"):
        TURKEY.period("last30d")


# --- fiscal years of weeks ---------------------------------------------------------------------

RETAIL = Calendar(fiscal_year_start_month=2, period_scheme="445", week_start=7)  # as American retail has it


@pytest.mark.parametrize(
    ("label", "start", "last_day", "weeks"),
    [
        ("FY24", date(2023, 1, 29), date(2024, 2, 3), 53),  # the retail year 2023 had 53 weeks, to 3 February 2024
        ("FY25", date(2024, 2, 4), date(2025, 2, 1), 52),  # and 2024 began on 4 February
        ("FY26", date(2025, 2, 2), date(2026, 1, 31), 52),
        ("FY26-P01", date(2025, 2, 2), date(2025, 3, 1), 4),
        ("FY26-P02", date(2025, 3, 2), date(2025, 3, 29), 4),
        ("FY26-P03", date(2025, 3, 30), date(2025, 5, 3), 5),
        ("FY26Q1", date(2025, 2, 2), date(2025, 5, 3), 13),
        ("FY24-P12", date(2023, 12, 24), date(2024, 2, 3), 6),
        ("FY24Q4", date(2023, 10, 29), date(2024, 2, 3), 14),
    ],
)
def test_a_fiscal_year_of_weeks_is_that_of_american_retail(label, start, last_day, weeks):
    """The National Retail Federation's years of 2023, 2024 and 2025; it cuts them 4-5-4, we 4-4-5."""
    period = RETAIL.period(label)

    assert (period.start, period.last_day) == (start, last_day)
    assert (period.end - period.start).days == 7 * weeks
    assert period.start.isoweekday() == 7


# --- every event lies in one period ------------------------------------------------------------

ZONES = ["Europe/Istanbul", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"]
EDGES = [
    datetime(2015, 11, 7, 21, 30), datetime(2015, 11, 8, 1, 30), datetime(2016, 3, 27, 0, 30),
    datetime(2026, 3, 31, 22, 30),
    datetime(2024, 2, 29, 23, 59), datetime(2024, 12, 31, 21, 0), datetime(2025, 3, 30, 1, 0),
    datetime(2025, 11, 2, 5, 30), datetime(2011, 12, 30, 10, 0),
]  # fmt: skip
MOMENTS = st.sampled_from(EDGES) | st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1))
CALENDARS = st.builds(
    Calendar,
    timezone=st.sampled_from(ZONES),
    fiscal_year_start_month=st.integers(1, 12),
    week_start=st.integers(1, 7),
    period_scheme=st.sampled_from(["quarter", "month", "445"]),
)


@given(calendar=CALENDARS, moment=MOMENTS)
@settings(max_examples=100, deadline=None)
def test_each_event_lies_in_exactly_one_period_of_each_kind(calendar, moment):
    day = date(1970, 1, 1) + timedelta(days=int(calendar.day_numbers(pd.Series([pd.Timestamp(moment)]))[0]))
    for find in (calendar.period_of, calendar.quarter_of):
        own = find(day)
        before, after = find(own.start - timedelta(days=1)), find(own.end)
        assert calendar.period(own.label) == own
        assert [day in period for period in (before, own, after)] == [False, True, False]
        assert (before.end, own.end) == (own.start, after.start)  # no day between two periods, none in both


@given(calendar=CALENDARS, year=st.integers(2001, 2098))
@settings(max_examples=60, deadline=None)
def test_twelve_periods_and_four_quarters_make_the_fiscal_year(calendar, year):
    whole = calendar.period(f"FY{year}")
    for parts in (
        [calendar.period(f"FY{year}-P{number:02d}") for number in range(1, 13)],
        [calendar.period(f"FY{year}Q{number}") for number in range(1, 5)],
    ):
        days = [day for part in parts for day in range(part.first, part.after)]
        assert days == list(range(whole.first, whole.after))


def test_days_by_utc_put_an_event_into_two_quarters_at_once():
    """The naive variant: the UTC date and the zone's date of one moment fall into different quarters."""
    moment = datetime(2026, 3, 31, 22, 30)
    here = date(1970, 1, 1) + timedelta(days=int(TURKEY.day_numbers(pd.Series([pd.Timestamp(moment)]))[0]))

    assert TURKEY.quarter_of(moment.date()) != TURKEY.quarter_of(here)


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
@settings(max_examples=60, deadline=None)
def test_the_end_of_a_day_is_its_last_moment(moment, zone):
    calendar = Calendar(timezone=zone)
    day = int(calendar.day_numbers(pd.Series([pd.Timestamp(moment)]))[0])
    end = calendar.end_of(day)

    assert calendar.day_numbers(pd.Series([end]))[0] == day
    assert calendar.day_numbers(pd.Series([end + pd.Timedelta(microseconds=1)]))[0] > day


# --- working time ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "work"),
    [
        (date(2025, 10, 27), 1.0),  # Monday
        (date(2025, 10, 28), 0.5),  # afternoon before Republic Day
        (date(2025, 10, 29), 0.0),
        (date(2025, 10, 25), 0.0),  # Saturday
        (date(2025, 10, 26), 0.0),
        (date(2025, 3, 28), 1.0),  # Friday before the feast
        (date(2025, 3, 30), 0.0),  # Ramazan Bayramı, a Sunday
        (date(2025, 3, 31), 0.0),
        (date(2025, 4, 1), 0.0),
        (date(2025, 4, 2), 1.0),
    ],
)
def test_working_days_in_turkey(day, work):
    assert TURKEY.working_days(day, day + timedelta(days=1)) == work


def test_without_a_holiday_calendar_only_weekends_are_free():
    plain = Calendar(holiday_calendar="none")

    assert plain.working_days(date(2025, 10, 27), date(2025, 11, 3)) == 5
    assert TURKEY.working_days(date(2025, 10, 27), date(2025, 11, 3)) == 3.5


def test_no_day_is_counted_twice_across_a_new_year():
    december, january = date(2025, 12, 29), date(2026, 1, 5)
    parts = sum(TURKEY.working_days(december + timedelta(days=i), december + timedelta(days=i + 1)) for i in range(7))

    assert TURKEY.working_days(december, january) == parts == 4  # Monday to Friday, without 1 January
    assert TURKEY.working_days(january, december) == 0


def test_elapsed_counts_the_day_of_the_data_itself():
    november = TURKEY.period("2025-11")  # begins on a Saturday
    monday = TURKEY.elapsed(november, date(2025, 11, 3))

    assert (monday.done, monday.total) == (1, 20)
    assert monday.share == 1 / 20
    assert not monday.complete


@pytest.mark.parametrize(
    ("as_of", "share", "complete"),
    [(date(2025, 10, 31), 0.0, False), (date(2025, 11, 2), 0.0, False), (date(2025, 11, 28), 1.0, True),
     (date(2026, 5, 1), 1.0, True)],
)  # fmt: skip
def test_elapsed_stays_between_nothing_and_all(as_of, share, complete):
    """The last working day of November 2025 is the 28th: with it the month is done."""
    elapsed = TURKEY.elapsed(TURKEY.period("2025-11"), as_of)

    assert (elapsed.share, elapsed.complete) == (share, complete)


def test_a_season_moves_the_share_that_has_passed():
    """Half of the working days are over; December alone brings as much as October and November together."""
    plain = Calendar(holiday_calendar="none")
    quarter, day = plain.period("2025Q4"), date(2025, 11, 14)
    season = dict.fromkeys(range(1, 13), 1.0) | {12: 43 / 23}  # 23 working days in December, 43 in the two before
    done = plain.working_days(quarter.start, day + timedelta(days=1))

    assert plain.elapsed(quarter, day).share == done / 66
    assert plain.elapsed(quarter, day, season).share == pytest.approx(done / 86)
    assert plain.elapsed(quarter, date(2025, 11, 30), season).share == pytest.approx(0.5)


# --- the organisation's own day ------------------------------------------------------------------


def utc(*moments: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(moments)))


def test_late_evening_in_london_is_the_next_quarter_in_istanbul():
    moment = utc("2026-03-31 22:30")
    here = date(1970, 1, 1) + timedelta(days=int(TURKEY.day_numbers(moment)[0]))

    assert here == date(2026, 4, 1)
    assert TURKEY.quarter_of(here).label == "2026Q2"
    naive = moment[0].date()  # the UTC date would put the deal into the quarter before
    assert TURKEY.quarter_of(naive).label == "2026Q1"


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2015-11-07 22:30", date(2015, 11, 8)),  # summer time was kept until 8 November for an election: UTC+3
        ("2015-11-07 20:59", date(2015, 11, 7)),
        ("2015-11-08 21:30", date(2015, 11, 8)),  # and winter time is UTC+2 from that morning
        ("2016-03-26 21:59", date(2016, 3, 26)),
        ("2016-03-26 22:00", date(2016, 3, 27)),  # the last day before the lasting summer time
        ("2016-03-27 21:00", date(2016, 3, 28)),
        ("2016-12-31 21:30", date(2017, 1, 1)),  # no winter time since 2016: UTC+3 in December
    ],
)
def test_days_around_the_changes_of_the_clock(moment, day):
    assert TURKEY.day_numbers(utc(moment)).tolist() == [day_number(day)]


def test_a_missing_moment_stays_missing():
    numbers = TURKEY.day_numbers(utc("2025-05-01 09:00", None))

    assert numbers.isna().tolist() == [False, True]


def test_a_date_without_a_zone_is_not_moved():
    days = pd.Series(pd.to_datetime(["2026-03-31 00:00", "2026-03-31 23:30"]))

    assert date_numbers(days).tolist() == [day_number(date(2026, 3, 31))] * 2


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)))
@settings(max_examples=50, deadline=None)
def test_the_day_is_that_of_the_zone_itself(moment):
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Istanbul")).date()

    assert TURKEY.day_numbers(pd.Series([pd.Timestamp(moment)])).tolist() == [day_number(local)]
