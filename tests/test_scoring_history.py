"""What was known about a lead at a moment: nothing that happened at it or after it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from salescoach.scoring.canonical import canonical_declaration, lead_snapshots
from salescoach.scoring.deals import deal_snapshots
from salescoach.scoring.history import Events, as_it_stands, days, earlier, known_before, matured
from salescoach.synthetic import organisation


def events(*rows):
    lead, kind, at, actor = (np.array(column) for column in zip(*rows, strict=True))
    return Events(lead, kind, at.astype(float), ("call", "mail"), actor)


def test_counts_recency_and_first_touch_by_hand():
    made = known_before(
        events((0, 0, 1, 5), (0, 1, 9, 6), (0, 0, 12, 5), (1, 0, 3, 5)),
        np.array([10.0, 2.0]),
        created=np.array([0.5, 0]),
    )

    assert made.loc[0].to_dict() == {
        "n_call": 1, "n_mail": 1, "n_all": 2, "n_recent": 1, "actors": 2, "days_since_last": 1, "hours_to_first": 12,
    }  # fmt: skip
    assert made.loc[1, "n_all"] == 0
    assert np.isnan(made.loc[1, "days_since_last"])  # no event is not an event today


def test_an_event_at_the_moment_itself_is_not_known():
    assert known_before(events((0, 0, 10, 1)), np.array([10.0]))["n_all"].tolist() == [0]


def test_later_events_change_nothing():
    """And the naive count over the whole life would change."""
    random = np.random.default_rng(0)
    rows = list(
        zip(random.integers(0, 20, 500), random.integers(0, 2, 500), random.random(500) * 100, [1] * 500, strict=True)
    )
    snapshot = np.full(20, 40.0)
    all_events, early = events(*rows), events(*[row for row in rows if row[2] < 40])

    pd.testing.assert_frame_equal(known_before(all_events, snapshot), known_before(early, snapshot))
    assert known_before(all_events, np.full(20, 1e9))["n_all"].sum() > known_before(early, snapshot)["n_all"].sum()


def test_order_of_events_does_not_matter():
    rows = [(0, 0, 5.0, 1), (0, 1, 2.0, 2), (1, 0, 4.0, 1), (0, 0, 3.0, 1)]
    snapshot = np.array([6.0, 6.0])

    pd.testing.assert_frame_equal(known_before(events(*rows), snapshot), known_before(events(*rows[::-1]), snapshot))


def test_events_of_no_lead_are_not_counted():
    table = pd.DataFrame({"id": ["a", "other"], "what": ["call", "call"], "t": pd.to_datetime(["1970-01-02"] * 2)})
    made = Events.of(table, pd.Index(["a"]), lead="id", kind="what", at="t")

    assert known_before(made, np.array([10.0]))["n_all"].tolist() == [1]


def test_a_label_counts_only_when_its_horizon_has_passed():
    """A young lead that was won already would count, its sisters that were not yet would not: all young ones won."""
    assert matured(np.array([0.0, 90, 90]), np.array([5.0, 95, np.nan]), 30, as_of=100).tolist() == pytest.approx(
        [1, np.nan, np.nan], nan_ok=True
    )


def test_prior_outcomes_of_an_account_are_strictly_earlier_ones():
    group, won_at = np.array([0, 0, 0, 1]), np.array([1.0, 5.0, np.nan, 2.0])

    assert earlier(group, won_at, np.array([1.0, 5.0, 9.0, 9.0])).tolist() == [0, 1, 2, 1]


@pytest.fixture(scope="module")
def tables():
    return organisation("small_team", seed=3).tables


def test_snapshots_of_the_canonical_tables_know_nothing_later(tables):
    """The same snapshots from tables in which everything after the middle was taken away."""
    lead = tables["lead"]
    middle = float(np.median(days(lead["created_at"])))
    cut = pd.Timestamp("1970-01-01") + pd.Timedelta(days=middle)
    early = lead[lead["created_at"] < cut].copy()
    for name in ("first_response_at", "converted_at", "disqualified_at"):
        early[name] = early[name].where(early[name] < cut)

    now, _ = lead_snapshots({"lead": lead}, as_of=middle, only_now=True)
    then, _ = lead_snapshots({"lead": early}, as_of=middle, only_now=True)

    order = now.sort_values("lead_id")["lead_id"].astype(str).tolist()
    assert order == then.sort_values("lead_id")["lead_id"].astype(str).tolist()
    for name in ("age_days", "hours_to_first", "answered", "prior_leads", "prior_won"):
        np.testing.assert_array_equal(
            now.sort_values("lead_id")[name].to_numpy(), then.sort_values("lead_id")[name].to_numpy()
        )


def test_every_made_column_is_declared(tables):
    table, outcome = lead_snapshots(tables, as_of=float(days(tables["lead"]["created_at"]).max()))
    said = canonical_declaration(list(table.columns))

    assert set(outcome) == {"won", "lost", ""}
    assert {said.lateness(name) for name in table.columns} <= {"created", "event"}


def test_every_field_of_a_lead_or_deal_is_asked_whether_it_tells_the_outcome_and_no_event_is(tables):
    """A field that is used one day is guarded from then on: there is no list of them to forget it in."""
    end = float(days(tables["lead"]["created_at"]).max())
    once = {**tables, "opportunity": tables["opportunity"].drop_duplicates("deal_id")}  # as an import leaves them
    made = [lead_snapshots(tables, as_of=end)[0], deal_snapshots(once, as_of=end)[0]]
    leads, deals = (set(as_it_stands([str(name) for name in table])) for table in made)

    assert {"industry", "segment", "country", "employees", "prior_leads", "prior_won"} <= leads
    assert {"segment", "source", "type", "product_id", "prior_deals", "prior_won"} <= deals
    assert (leads | deals).isdisjoint({"age_days", "answered", "hours_to_first", "stage", "n_call", "days_since_last"})


# --- deals ---------------------------------------------------------------------------------------

DAY = pd.Timedelta(days=1)


def day(number):
    return pd.Timestamp("1970-01-01") + number * DAY


def one_deal(**more):
    deal = {
        "deal_id": "D1", "owner_id": "R1", "account_id": "A1", "status": "won", "stage": "Won", "currency": "TRY",
        "created_at": day(10), "closed_at": day(60), "is_deleted": False, "merged_into": None, "segment": "SMB",
        "source": None, "campaign": None, "type": None, "product_id": None,
    }  # fmt: skip
    return pd.DataFrame([deal | more])


STEPS = pd.DataFrame(
    {
        "deal_id": "D1", "stage_to": ["Qualify", "Offer", "Won"], "entered_at": [day(10), day(30), day(60)],
        "amount_at": [100.0, 80.0, 70.0], "close_date_at": [day(40), day(55), day(60)],
    }
)  # fmt: skip


def test_a_deal_is_seen_as_its_history_had_it_and_not_as_the_export_has_it():
    """On day 35 it was five days in the second stage, its close put off once, to twenty days ahead."""
    tables = {"opportunity": one_deal(), "stage_history": STEPS}
    table, _ = deal_snapshots(tables, as_of=35.0, only_now=True)

    seen = table.loc[0, ["stage", "days_in_stage", "moves", "postponed", "days_to_expected", "amount", "age_days"]]
    assert seen.tolist() == ["Offer", 5.0, 2.0, 1.0, 20.0, 80.0, 25.0]


def test_a_step_at_the_moment_itself_is_not_known():
    table, _ = deal_snapshots({"opportunity": one_deal(), "stage_history": STEPS}, as_of=30.0, only_now=True)

    assert table["stage"].tolist() == ["Qualify"]


def test_a_deal_is_won_only_when_it_closes_within_its_horizon():
    tables = {"opportunity": one_deal(), "stage_history": STEPS}
    near = deal_snapshots(tables, as_of=100.0, horizon=20.0, every=55.0)  # looked at on day 45, closed on day 60
    far = deal_snapshots(tables, as_of=100.0, horizon=10.0, every=55.0)

    assert (near[1].tolist(), far[1].tolist()) == (["won"], ["lost"])


def test_what_the_reps_expected_is_read_by_what_came_of_it_before_and_never_by_what_came_later():
    """Every day a deal in "commit" that is won on the next day, until day 50; from then on they are lost."""
    made = [
        one_deal(deal_id=f"D{n}", created_at=day(n), closed_at=day(n + 2), status="won" if n < 50 else "lost")
        for n in range(100)
    ]
    steps = pd.DataFrame({"deal_id": [f"D{n}" for n in range(100)], "entered_at": [day(n) for n in range(100)]})
    steps = steps.assign(stage_to="Offer", amount_at=1.0, close_date_at=day(200), forecast_category_at="commit")
    tables = {"opportunity": pd.concat(made, ignore_index=True), "stage_history": steps}
    table, _ = deal_snapshots(tables, as_of=100.5, horizon=5.0, every=1.0)
    said = table.groupby((table["snapshot"] - day(0)).dt.days)["reps_forecast"].mean()

    assert said[55] == 1.0  # of the first lost deal, looked at on day 50.5, nothing is known before day 55.5
    assert said[56] < 1.0
    assert said[:5].isna().all()
    assert canonical_declaration(list(table)).forecast == "reps_forecast"
    assert "reps_forecast" not in deal_snapshots(tables, as_of=60.5, only_now=True)[0]


def test_deals_that_are_gone_or_closed_on_no_day_are_left_out():
    gone = [{"is_deleted": True}, {"merged_into": "D2"}, {"closed_at": pd.NaT}]

    assert [len(deal_snapshots({"opportunity": one_deal(**each)}, as_of=35.0, only_now=True)[0]) for each in gone] == [
        0, 0, 0,
    ]  # fmt: skip


def test_snapshots_of_deals_know_nothing_later(tables):
    """The same snapshots from tables in which everything after the middle was taken away."""
    deals, steps = tables["opportunity"].drop_duplicates("deal_id"), tables["stage_history"]  # as an import has them
    middle = float(np.median(days(deals["created_at"])))
    cut = day(middle)
    early = deals[deals["created_at"] < cut].copy()
    early["status"] = early["status"].where(early["closed_at"] < cut, "open")
    early["closed_at"] = early["closed_at"].where(early["closed_at"] < cut)
    parts = {
        "opportunity": early, "stage_history": steps[steps["entered_at"] < cut],
        "activity": tables["activity"][tables["activity"]["occurred_at"] < cut],
    }  # fmt: skip
    now, _ = deal_snapshots({**tables, "opportunity": deals}, as_of=middle, only_now=True)
    then, _ = deal_snapshots(parts, as_of=middle, only_now=True)

    pd.testing.assert_frame_equal(
        now.sort_values("deal_id", ignore_index=True), then.sort_values("deal_id", ignore_index=True),
        check_categorical=False, check_dtype=False,
    )  # fmt: skip
    assert {canonical_declaration(list(now)).lateness(name) for name in now} <= {"created", "event"}
