"""The demo organisation: same seed same bytes, a past that never moves, and figures inside their tolerances."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from salescoach.errors import UsageError
from salescoach.synthetic import PRESETS, Driver, Parameters, Plants, SyntheticOrganisation, organisation, write
from salescoach.synthetic.names import company, person
from salescoach.tables.schema import TABLES

AS_OF = date(2025, 11, 28)
SMALL = {"reps": 6, "months": 12, "start": date(2024, 12, 1)}


@pytest.fixture(scope="module")
def demo() -> SyntheticOrganisation:
    return organisation()


@pytest.fixture(scope="module")
def deals(demo: SyntheticOrganisation) -> pd.DataFrame:
    """The demo's deals without the planted ones: what the marginals are about."""
    planted = {row["row_id"] for row in demo.truth["planted"] if row["table"] == "opportunity"}
    table = demo.tables["opportunity"]
    return table[~table["deal_id"].isin(planted)]


def sha256_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def closed(deals: pd.DataFrame) -> pd.DataFrame:
    return deals[deals["status"].isin(["won", "lost"])]


def won_share(deals: pd.DataFrame) -> float:
    return float((closed(deals)["status"] == "won").mean())


# Same seed, same bytes


def test_the_same_seed_writes_the_same_bytes_in_another_process(tmp_path: Path):
    """Also with another hash seed and another state of numpy's global generator."""
    write(organisation(**SMALL, seed=7), tmp_path / "here", tmp_path / "truth" / "here.json")
    script = (
        "import sys, datetime, numpy; numpy.random.seed(99)\n"
        "from salescoach.synthetic import organisation, write\n"
        "made = organisation(reps=6, months=12, start=datetime.date(2024, 12, 1), seed=7)\n"
        "write(made, sys.argv[1], sys.argv[2])"
    )
    root = Path(__file__).resolve().parents[1]
    there = [str(tmp_path / "there"), str(tmp_path / "truth" / "there.json")]
    environment = {"PYTHONPATH": str(root), "PYTHONHASHSEED": "123", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", script, *there], check=True, env=environment)

    assert sha256_of(tmp_path / "here") == sha256_of(tmp_path / "there")
    assert len(set(sha256_of(tmp_path / "truth").values())) == 1


def test_another_seed_makes_another_organisation(tmp_path: Path):
    for seed in (1, 2):
        write(organisation(**SMALL, seed=seed), tmp_path / str(seed))
    first, second = sha256_of(tmp_path / "1"), sha256_of(tmp_path / "2")

    assert {name for name in first if first[name] == second[name]} == {
        "context_event.csv",
        "course.csv",
        "intervention.csv",
        "product.csv",
        "ramp_curve.csv",
        "seasonal_index.csv",
        "stage.csv",
        "survey.csv",
        "team.csv",
    }


def test_the_window_decides_nothing_about_the_bytes_of_a_draw():
    """Negative control: one generator drawn through all reps and months gives another past for a longer window."""

    def naive(months: int) -> np.ndarray:
        return np.random.default_rng(1).poisson(6.0, (3, months))[:, :12]

    def ours(months: int) -> pd.Series:
        made = organisation(reps=3, months=months, planted=Plants())
        created = made.tables["opportunity"]["created_at"]
        return created[created < "2024-06-30"].groupby(created.dt.to_period("M")).size()

    assert not np.array_equal(naive(12), naive(14))
    pd.testing.assert_series_equal(ours(12), ours(14))


# A past that never moves

EVENT_OF = {
    "activity": "occurred_at", "survey_invitation": "sent_at", "survey_response": "answered_at",
    "quota": "recorded_at", "stage_history": "entered_at", "account": "created_at", "fx_rate": "date", "leave": "from",
    "exit_criterion": "checked_at", "context_event": "at", "time_use": "week_start", "cost": "period_start",
    "forecast_submission": "submitted_at", "observation": "occurred_at", "feedback": "given_at", "goal": "recorded_at",
    "one_on_one": "planned_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def shorter() -> SyntheticOrganisation:
    """The demo as it was exported a year earlier, from a window that ends then."""
    return organisation(months=18, as_of=date(2024, 12, 31))


def test_more_months_leave_earlier_deals_unchanged(shorter: SyntheticOrganisation, demo: SyntheticOrganisation):
    """Save those in which the later export has one more planted mistake."""
    before, after = shorter.tables["opportunity"], demo.tables["opportunity"]
    newly = [row["row_id"] for row in demo.truth["planted"] if row not in shorter.truth["planted"]]
    over = closed(before)
    over = over[~over["deal_id"].isin(newly)]
    same = after[after["deal_id"].isin(over["deal_id"])]
    order = ["deal_id", "amount"]

    assert len(over) > 2_000
    pd.testing.assert_frame_equal(
        over.sort_values(order).reset_index(drop=True), same.sort_values(order).reset_index(drop=True)
    )


@pytest.mark.parametrize("name", sorted(EVENT_OF))
def test_more_months_only_append_rows(name: str, shorter: SyntheticOrganisation, demo: SyntheticOrganisation):
    before, after = shorter.tables[name], demo.tables[name]
    if name == "activity":  # planted ones are dated from the export, on purpose
        before, after = (rows[~rows["activity_id"].str.startswith("V9")] for rows in (before, after))
    known = after[after[EVENT_OF[name]] <= before[EVENT_OF[name]].max()]
    state = ["type", "owner_id"] if name == "account" else []  # a company's are those of the day of the export
    before, known = before.drop(columns=state), known.drop(columns=state)

    pd.testing.assert_frame_equal(before.reset_index(drop=True), known.reset_index(drop=True))


def test_more_months_move_nobody(shorter: SyntheticOrganisation, demo: SyntheticOrganisation):
    columns = ["rep_id", "full_name", "team_id", "hire_date"]
    before, after = shorter.tables["rep"][columns], demo.tables["rep"][columns]

    pd.testing.assert_frame_equal(before, after)


def test_more_months_keep_what_was_planted(shorter: SyntheticOrganisation, demo: SyntheticOrganisation):
    before, after = (
        [row for row in made.truth["planted"] if row["table"] == "opportunity"] for made in (shorter, demo)
    )

    assert len(before) >= 6
    assert all(row in after for row in before)


# Tables that fit together


def test_every_table_has_exactly_the_columns_of_the_schema(demo: SyntheticOrganisation):
    assert {name: tuple(table.columns) for name, table in demo.tables.items()} == {
        name: table.names for name, table in TABLES.items()
    }


def test_required_fields_are_filled_and_values_are_allowed(demo: SyntheticOrganisation):
    for name, table in demo.tables.items():
        for field in TABLES[name].fields:
            column = table[field.name]
            assert not (field.required and column.isna().any()), (name, field.name)
            assert not field.values or set(column.dropna()) <= set(field.values), (name, field.name)
            assert field.type != "share" or column.dropna().between(0, 1).all(), (name, field.name)


def test_every_reference_resolves_except_planted_orphans(demo: SyntheticOrganisation):
    orphans = planted_ids(demo, "D9")
    found = set()
    for name, table in demo.tables.items():
        for field in TABLES[name].fields:
            if field.refers_to:
                other, key = field.refers_to.split(".")
                unknown = table[field.name].notna() & ~table[field.name].isin(demo.tables[other][key])
                found |= set(table.loc[unknown, TABLES[name].key[0]])

    assert found == orphans
    assert len(orphans) >= 3


def test_keys_repeat_only_where_planted(demo: SyntheticOrganisation):
    planted = {row["row_id"] for row in demo.truth["planted"] if row["check"] in ("D4", "D5")}
    for name, table in demo.tables.items():
        repeated = table[table.duplicated(list(TABLES[name].key))]
        assert set(repeated.get("deal_id", [])) == (planted if name == "opportunity" else set()), name
        assert name == "opportunity" or repeated.empty, name


def test_nothing_happens_after_the_export_except_what_is_planted(demo: SyntheticOrganisation):
    midnight = pd.Timestamp(AS_OF) + pd.Timedelta(hours=21)  # of Istanbul, in UTC
    later = {
        (name, row_id)
        for name, table in demo.tables.items()
        for field in TABLES[name].fields
        if field.type == "ts"
        for row_id in table.loc[table[field.name] >= midnight, TABLES[name].key[0]]
    }

    assert later == {("activity", row["row_id"]) for row in demo.truth["planted"] if row["check"] == "D18"}
    assert len(later) == 5


def test_stages_lead_from_one_to_the_next(demo: SyntheticOrganisation):
    history = demo.tables["stage_history"]
    before = history.groupby("deal_id")["stage_to"].shift()

    assert (history["stage_from"].fillna("") == before.fillna("")).all()
    assert history.groupby("deal_id")["entered_at"].is_monotonic_increasing.all()


def test_the_flow_identity_holds_in_every_quarter(demo: SyntheticOrganisation):
    """wins = created × product over stages of (exits ÷ entries) × (advances ÷ exits), all in the same quarter."""
    history, stages = demo.tables["stage_history"], demo.tables["stage"]["stage"].tolist()
    quarter = history["entered_at"].dt.to_period("Q")
    entered = history.groupby([quarter, "stage_to"]).size().unstack(fill_value=0)
    left = history.groupby([quarter, "stage_from"]).size().unstack(fill_value=0)

    wins = entered[stages[0]].astype(float)
    for stage, following in pairwise(stages[:5]):
        wins = wins * (left[stage] / entered[stage]) * (entered[following] / left[stage])
    np.testing.assert_allclose(wins, entered[stages[4]], rtol=1.8e-15, atol=0)


def test_a_deal_is_where_its_history_says(demo: SyntheticOrganisation, deals: pd.DataFrame):
    last = demo.tables["stage_history"].groupby("deal_id")[["stage_to", "entered_at"]].last()
    shown = deals.set_index("deal_id")
    over = shown["status"] != "open"

    assert (last.loc[shown.index, "stage_to"] == shown["stage"]).all()
    assert (last.loc[shown.index[over], "entered_at"] == shown.loc[over, "closed_at"]).all()


def test_last_activity_is_the_last_human_activity_on_the_deal(demo: SyntheticOrganisation):
    activity, opportunity = demo.tables["activity"], demo.tables["opportunity"].drop_duplicates("deal_id")
    human = activity[~activity["is_system"] & ~activity["activity_id"].str.startswith("V9")]
    last = human.groupby("deal_id")["occurred_at"].max()
    stated = opportunity.set_index("deal_id")["last_activity_at"].dropna()

    pd.testing.assert_series_equal(stated.sort_index(), last.sort_index(), check_names=False)


def test_people_act_only_while_they_are_here(demo: SyntheticOrganisation):
    people = demo.tables["rep"].set_index("rep_id")
    activity = demo.tables["activity"]
    day = activity["occurred_at"] + pd.Timedelta(hours=3)
    owner = activity["owner_id"]

    assert (day >= owner.map(people["start_date"])).all()
    assert not (day >= owner.map(people["end_date"])).any()


def test_open_deals_of_leavers_are_handed_on(demo: SyntheticOrganisation):
    people, deals = demo.tables["rep"].set_index("rep_id"), demo.tables["opportunity"]
    leavers = people.index[~people["is_active"].astype(bool)]
    history = demo.tables["owner_history"]

    assert len(leavers) >= 1
    assert not deals.loc[deals["status"] == "open", "owner_id"].isin(leavers).any()
    assert history.loc[history["owner_id"].isin(leavers), "valid_to"].notna().any()


def test_every_answer_has_its_invitation_and_comes_later(demo: SyntheticOrganisation):
    invitations = demo.tables["survey_invitation"][["invitation_id", "sent_at", "delivered"]]
    answers = demo.tables["survey_response"].drop(columns="sent_at").merge(invitations, on="invitation_id")

    assert len(answers) == demo.tables["survey_response"]["invitation_id"].notna().sum()
    assert (answers["answered_at"] >= answers["sent_at"]).all()
    assert answers["delivered"].all()


def test_inbound_deals_and_only_they_come_from_leads(demo: SyntheticOrganisation):
    leads = demo.tables["lead"].dropna(subset="converted_deal_id").set_index("converted_deal_id")
    deals = demo.tables["opportunity"].drop_duplicates("deal_id").set_index("deal_id")
    entered_twice = planted_ids(demo, "D6") | planted_ids(demo, "D7")
    inbound = deals[(deals["source"] == "inbound") & ~deals.index.isin(entered_twice)]

    assert set(inbound.index) == set(leads.index)
    assert set(deals["lead_id"].dropna()) == set(leads["lead_id"])
    assert (leads["created_at"] < leads["first_response_at"]).all()
    assert (leads["first_response_at"] <= leads["converted_at"]).all()


def test_slow_answers_convert_less(demo: SyntheticOrganisation):
    leads = demo.tables["lead"]
    leads = leads[leads["created_at"] < "2025-06-01"]
    waited = leads["first_response_at"] - leads["created_at"]
    fast, slow = (leads.loc[rows, "status"] == "converted" for rows in (waited < "1h", waited > "1D"))

    assert fast.mean() > slow.mean() + 0.1
    assert 0.18 < leads["first_response_at"].isna().mean() < 0.28


# What was planted


def planted_ids(made: SyntheticOrganisation, check: str) -> set[str]:
    return {row["row_id"] for row in made.truth["planted"] if row["check"] == check and row["table"] != "rep"}


def test_planted_mistakes_are_in_the_tables_and_nowhere_else(demo: SyntheticOrganisation):
    deals = demo.tables["opportunity"]
    whole = deals.duplicated(keep=False)
    by_id = deals.duplicated("deal_id", keep=False)

    assert set(deals.loc[whole, "deal_id"]) == planted_ids(demo, "D4")
    assert set(deals.loc[by_id & ~whole, "deal_id"]) == planted_ids(demo, "D5")
    assert set(deals.loc[deals["closed_at"] < deals["created_at"], "deal_id"]) == planted_ids(demo, "D11")
    assert set(deals.loc[deals["amount"] < 0, "deal_id"]) == planted_ids(demo, "D13")
    assert [len(planted_ids(demo, check)) for check in ("D4", "D5", "D11", "D13", "D18")] == [4, 2, 2, 3, 5]


def test_past_due_deals_are_named(demo: SyntheticOrganisation):
    deals = demo.tables["opportunity"]
    past_due = deals[(deals["status"] == "open") & (deals["expected_close"] < pd.Timestamp(AS_OF))]

    assert sorted(past_due["deal_id"]) == demo.truth["natural"]["D16"]
    assert len(past_due) > 100


def test_the_quota_change_is_a_second_row_said_later(demo: SyntheticOrganisation):
    quotas = demo.tables["quota"]
    twice = quotas[quotas.duplicated(["rep_or_team", "period_start"], keep=False)]

    assert twice["rep_or_team"].tolist() == ["R005", "R005"]
    assert twice["recorded_at"].iloc[0] < twice["period_start"].iloc[0] < twice["recorded_at"].iloc[1]
    assert twice["value"].iloc[1] == pytest.approx(0.85 * twice["value"].iloc[0], abs=1_000)


def test_planted_drivers_show_over_many_deals():
    """The multiplier acts on the base, so a long enough window shows it: probability × .5, volume × .5."""
    plants = Plants(drivers=(Driver("R001", "stage_3", 0.5), Driver("R002", "volume", 0.5)))
    made = organisation(
        parameters=replace(PRESETS["no_difference"], reps=12, months=30, hired_share=0, exits_per_year=0),
        planted=plants,
    )
    deals, truth = made.tables["opportunity"], made.truth["reps"]
    count = deals.groupby("owner_id").size()
    history = made.tables["stage_history"]
    owner = history["deal_id"].map(deals.set_index("deal_id")["owner_id"])
    proposals, negotiations = (owner[history["stage_to"] == name].value_counts() for name in ("Teklif", "Müzakere"))
    advanced = negotiations / proposals

    assert count["R002"] < 0.65 * count.drop("R002").mean()
    assert advanced["R001"] < 0.65 * advanced.drop("R001").mean()
    assert truth["R001"]["effects_log"]["stage_3"] == pytest.approx(np.log(0.5), abs=1e-3)
    assert truth["R002"]["effects_log"]["volume"] == pytest.approx(np.log(0.5), abs=1e-3)


def test_the_hard_territory_looks_bad_and_is_good(deals: pd.DataFrame, demo: SyntheticOrganisation):
    mine = deals[deals["owner_id"] == "R028"]
    effects = demo.truth["reps"]["R028"]["effects_log"]

    assert won_share(mine) < won_share(deals)
    assert all(effects[f"stage_{number}"] > 0 for number in range(1, 5))


def test_the_cherry_picker_looks_good_and_is_average(deals: pd.DataFrame, demo: SyntheticOrganisation):
    mine = deals[deals["owner_id"] == "R016"]
    effects = demo.truth["reps"]["R016"]["effects_log"]

    assert won_share(mine) > won_share(deals) + 0.05
    assert all(effects[f"stage_{number}"] == pytest.approx(0, abs=1e-9) for number in range(1, 5))


def test_the_hoarder_holds_old_deals(deals: pd.DataFrame):
    old = deals[(deals["status"] == "open") & (deals["created_at"] < "2024-11-01")]

    assert old["owner_id"].value_counts().idxmax() == "R033"


# Presets, languages, sizes


def test_no_difference_means_no_difference():
    made = organisation("no_difference", reps=12, months=6, as_of=date(2023, 12, 31))
    effects = [value for rep in made.truth["reps"].values() for value in rep["effects_log"].values()]

    assert made.truth["planted"] == []
    assert made.truth["interventions"] == []
    assert max(map(abs, effects)) < 1e-9


def test_a_small_team_is_whole():
    made = organisation("small_team")
    roles = made.tables["rep"]["role"].value_counts()

    assert roles["AE"] == 8
    assert all(len(table) for table in made.tables.values())
    assert {row["check"] for row in made.truth["planted"]} >= {"D4", "D5", "D11", "D13", "D18"}


def test_turkish_by_default_english_on_request():
    turkish, english = organisation(**SMALL), organisation(**SMALL, language="en")
    names = "".join(turkish.tables["rep"]["full_name"]) + "".join(turkish.tables["account"]["name"])

    assert set("ğışçöüİ") <= set(names)
    assert turkish.tables["stage"]["stage"].tolist()[4:] == ["Kazanıldı", "Kaybedildi"]
    assert english.tables["stage"]["stage"].tolist()[:2] == ["Qualify", "Solution"]
    assert "".join(english.tables["rep"]["full_name"]).isascii()
    assert (turkish.settings["currency"], english.settings["currency"]) == ("TRY", "USD")
    at_home = (turkish.tables["opportunity"]["currency"] == "TRY").to_numpy()
    assert set(turkish.tables["opportunity"]["currency"].dropna()) == {"TRY", "USD", "EUR"}
    np.testing.assert_allclose(
        turkish.tables["opportunity"]["amount"][at_home],
        30 * english.tables["opportunity"]["amount"][at_home],
        atol=30,
    )


def test_names_do_not_repeat_where_they_must_not():
    for language in ("tr", "en"):
        assert len({person(number, language) for number in range(1_480)}) == 1_480
        assert len({company(number, 1, language)[0] for number in range(11_200)}) == 11_200


def test_addresses_are_unique(demo: SyntheticOrganisation):
    mails = demo.tables["rep"]["email"]

    assert mails.is_unique
    assert all(mail.isascii() and mail == mail.lower() for mail in mails)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"preset": "huge"}, "huge"),
        ({"language": "de"}, "de"),
        ({"reps": 0}, "at least 1 rep"),
        ({"start": date(2024, 1, 15)}, "2024-01-15"),
        ({"as_of": date(2020, 1, 1)}, "2020-01-01"),
        ({"reps": 3, "planted": Plants(zombie_hoarder="R009")}, "R009"),
        ({"planted": Plants(drivers=(Driver("R001", "charm", 0.5),))}, "charm"),
    ],
)
def test_impossible_wishes_are_refused_by_name(arguments: dict[str, object], named: str):
    with pytest.raises(UsageError, match=named):
        organisation(**arguments)


# Files


def test_files_are_canonical(tmp_path: Path):
    made = organisation(**SMALL)
    write(made, tmp_path / "export", tmp_path / "truth.json")
    text = (tmp_path / "export" / "opportunity.csv").read_bytes().decode("utf-8")
    header, first = text.split("\n")[:2]
    cells = dict(zip(header.split(","), first.split(","), strict=True))

    assert sorted(path.stem for path in (tmp_path / "export").iterdir()) == sorted(TABLES)
    assert tuple(header.split(",")) == TABLES["opportunity"].names
    assert "\r" not in text
    assert cells["created_at"].endswith("Z")
    assert date.fromisoformat(cells["expected_close"])
    assert cells["merged_into"] == ""
    assert json.loads((tmp_path / "truth.json").read_text("utf-8"))["amount_scale"] == 30


def test_reading_the_files_back_gives_the_tables(tmp_path: Path):
    made = organisation(**SMALL)
    write(made, tmp_path)
    back = pd.read_csv(tmp_path / "opportunity.csv", dtype={"deal_id": "str"}, parse_dates=["created_at", "closed_at"])
    table = made.tables["opportunity"]

    assert back["name"].tolist() == table["name"].tolist()
    np.testing.assert_allclose(back["amount"], table["amount"])
    for column in ("created_at", "closed_at"):
        assert back[column].dt.tz_localize(None).astype("datetime64[us]").equals(table[column])


def test_the_truth_never_lies_in_the_import_folder(tmp_path: Path):
    with pytest.raises(UsageError, match=r"truth\.json"):
        write(organisation(**SMALL), tmp_path / "export", tmp_path / "export" / "truth.json")
    assert not (tmp_path / "export").exists()


def test_thinning_changes_no_deal():
    thin, full = (
        organisation(parameters=replace(Parameters(reps=4, months=6, as_of=date(2023, 12, 31)), activity_rate=rate))
        for rate in (0.1, 0.5)
    )
    columns = [name for name in TABLES["opportunity"].names if name != "last_activity_at"]

    assert len(full.tables["activity"]) > 3 * len(thin.tables["activity"])
    pd.testing.assert_frame_equal(full.tables["opportunity"][columns], thin.tables["opportunity"][columns])
