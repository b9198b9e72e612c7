"""Two numbers that differ: the parts add up to the difference exactly, and each part is what its rule alone does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_world import PERIOD, REPS, organisation
from test_scale import with_all_there_is

from salescoach.cli.reconcile import reconcile as command
from salescoach.errors import TableError, UsageError
from salescoach.metrics import measure
from salescoach.metrics.definition_rows import rows, total
from salescoach.metrics.definitions import CHOICES, MEASURES, SUMS, Definition
from salescoach.metrics.reconcile import compare_rows, reconcile
from salescoach.report.plain import written
from salescoach.report.reconciliation import compared_section, reconciliation_section
from salescoach.resources import load_words
from salescoach.runs.demo import build_demo
from salescoach.tables.data import SalesData

REGISTRY = {
    "bookings": ("bookings", 100), "paid_bookings": ("paid_bookings", 100), "open_pipeline": ("open_pipeline", 100),
    "pipeline_created": ("pipeline_created", 100), "ads_mean": ("ads", 100), "ads_median": ("ads_median", 100),
    "win_rate_count": ("win_rate_count", 1_000_000), "win_rate_value": ("win_rate_value", 1_000_000),
}  # fmt: skip
DATA = organisation(with_all_there_is())
EARLIER = organisation(with_all_there_is(), pd.Timestamp("2025-04-30").date())


def small() -> SalesData:
    """Four deals won in 2025: A has one new of 100 and one renewal of 40; B one new of 7, begun by A; C none."""
    day = pd.Timestamp("2025-02-03 09:00")
    deals = pd.DataFrame(
        {
            "deal_id": ["d1", "d2", "d3"], "owner_id": ["A", "A", "B"], "status": "won", "pipeline": "all",
            "stage": "Won", "amount": [100.0, 40.0, 7.0], "currency": "TRY", "created_at": day,
            "closed_at": day + pd.Timedelta(days=9), "type": ["new", "renewal", "renewal"],
        }
    )  # fmt: skip
    spells = pd.DataFrame(
        {"deal_id": ["d3"], "owner_id": ["A"], "valid_from": [day], "valid_to": [day + pd.Timedelta(days=2)]}
    )
    stage = pd.DataFrame({"pipeline": "all", "stage": ["Won"], "order": [1], "kind": ["won"], "qualified": [True]})
    people = pd.DataFrame({"rep_id": ["A", "B"], "full_name": ["A", "B"], "role": "AE"})
    return organisation({"opportunity": deals, "rep": people, "stage": stage, "owner_history": spells})


# --- what a definition counts


@pytest.mark.parametrize("measured", REGISTRY)
@pytest.mark.parametrize("rep", REPS[:3])
def test_a_definition_without_rules_is_the_metric_of_the_registry(measured: str, rep: str):
    metric_id, scale = REGISTRY[measured]
    answer = measure(DATA, PERIOD, [metric_id], [rep]).iloc[0]
    counted = rows(Definition(measured, "2025"), DATA, rep)
    # A deal's part is rounded to the cent; the metric rounds nothing.
    slack = 0.5 * max(len(counted), 1) if scale == 100 else 0.5

    assert answer["na_reason"] in (None, "below_min_n", "missing_field")
    if answer["na_reason"] is None:
        assert total(measured, counted) == pytest.approx(answer["value"] * scale, abs=slack)


def test_a_rule_that_does_not_exist_is_refused():
    with pytest.raises(UsageError, match="no rule 'colour'"):
        Definition.parse("bookings colour=red")


def test_a_definition_is_read_as_it_is_told():
    told = "wins period=2025 owner=creator mega=out"
    assert Definition.parse(told).told() == told


# --- adding up

rules = st.fixed_dictionaries(
    {name: st.sampled_from(choices) for name, choices in CHOICES.items() if name != "measure"}
    | {"type": st.sampled_from(["all", "new"]), "period": st.sampled_from(["2025", "2025Q1"])}
)


@settings(max_examples=25, deadline=None)
@given(
    first=rules, second=rules, measures=st.tuples(*[st.sampled_from(SUMS[:4])] * 2), rep=st.sampled_from([None, "ayse"])
)
def test_the_parts_always_add_up_to_the_difference(
    first: dict[str, str], second: dict[str, str], measures: tuple[str, str], rep: str | None
):
    a, b = (Definition(name, **chosen) for name, chosen in zip(measures, (first, second), strict=True))
    found = reconcile(DATA, a, b, rep=rep)

    assert sum(effect.amount or 0 for effect in found.effects) + found.remainder == found.total_a - found.total_b


@settings(max_examples=15, deadline=None)
@given(first=rules, second=rules)
def test_the_part_of_a_rule_is_the_sum_of_its_rows(first: dict[str, str], second: dict[str, str]):
    found = reconcile(DATA, Definition("bookings", **first), Definition("bookings", **second), rep="can")

    for effect in found.effects:
        assert effect.amount == int((effect.rows["a"] - effect.rows["b"]).sum())


def test_shares_add_up_too():
    found = reconcile(DATA, "win_rate_count", "win_rate_value no_decision=out cancelled=in", period="2025")

    assert found.unit == "share"
    assert found.explained == found.total_a - found.total_b


def test_the_rules_of_a_small_team_by_hand():
    """For A: as owner 140; of type new 100; as creator 147; creator and new 100. So 140 - 100 = 40 - 7 + 7."""
    found = reconcile(small(), "bookings", "bookings owner=creator type=new", period="2025", rep="A")
    parts = {effect.rule: effect.amount for effect in found.effects}

    assert (found.total_a, found.total_b) == (14000, 10000)
    assert parts == {"owner": -700, "type": 4000}
    assert found.remainder == 700


def test_without_the_remainder_the_parts_would_not_add_up():
    found = reconcile(small(), "bookings", "bookings owner=creator type=new", period="2025", rep="A")

    assert sum(effect.amount or 0 for effect in found.effects) != found.difference


def test_one_rule_leaves_no_remainder():
    found = reconcile(DATA, "bookings", "bookings credit=owner", period="2025", rep="can")

    assert [effect.rule for effect in found.effects] == ["credit"]
    assert found.remainder == 0
    assert found.difference != 0


def test_a_result_that_does_not_add_up_cannot_be_made():
    found = reconcile(small(), "bookings", "bookings type=new", period="2025")

    with pytest.raises(TableError, match="The parts give"):
        replace(found, remainder=1)


def test_two_days_of_data_are_a_rule():
    found = reconcile(DATA, "bookings", "bookings", period="2025", data_b=EARLIER)

    assert [effect.rule for effect in found.effects] == ["as_of"]
    assert found.effects[0].amount == found.difference != 0


def test_money_is_not_compared_with_a_share():
    with pytest.raises(UsageError, match="A is money"):
        reconcile(DATA, "bookings", "win_rate_count", period="2025")


def test_nothing_to_count_is_no_number():
    """0 % would be an answer; there is none."""
    with pytest.raises(UsageError, match="not 0 either"):
        reconcile(DATA, "win_rate_count", "win_rate_count type=expansion", period="2025")


# --- a list of another tool


def test_each_row_that_the_other_tool_has_or_lacks_is_named_with_its_reason():
    theirs = pd.DataFrame({"deal_id": ["d1", "d3", "d9"], "amount": [90.0, 7.0, 1.0]})
    found = compare_rows(small(), "bookings", theirs, period="2025", rep="A")
    told = {row["deal_id"]: (row["change"], row["a"], row["b"], row["reason"]) for row in found.rows.to_dict("records")}

    assert told == {
        "d1": ("differs", 10000, 9000, ""),
        "d2": ("only_a", 4000, 0, ""),
        "d3": ("only_b", 0, 700, "other_rep"),
        "d9": ("only_b", 0, 100, "unknown"),
    }
    assert found.difference == 14000 - 9800 == sum(map(found.part, ("only_a", "only_b", "differs")))


def test_a_list_without_amounts_is_refused_for_money():
    with pytest.raises(TableError, match="no column 'amount'"):
        compare_rows(small(), "bookings", pd.DataFrame({"deal_id": ["d1"]}), period="2025")


def test_a_share_is_not_compared_by_rows():
    with pytest.raises(UsageError, match="not the sum of its deals"):
        compare_rows(small(), "win_rate_count", pd.DataFrame({"deal_id": ["d1"]}), period="2025")


# --- in words, and in the terminal


@pytest.mark.parametrize("language", ["tr", "en"])
@pytest.mark.parametrize("measured", [name for name in MEASURES if name.startswith(("b", "w"))])
def test_what_is_shown_names_both_numbers_and_the_difference(language: str, measured: str):
    words = load_words(language)
    b = f"{measured} owner=creator no_decision=out type=new date=created"
    shown = written(reconciliation_section(reconcile(DATA, measured, b, period="2025"), words))

    assert words("reconcile.remainder") in shown
    assert words("reconcile.total") in shown


@pytest.mark.parametrize("language", ["tr", "en"])
def test_a_compared_list_is_shown_with_its_reasons(language: str):
    words = load_words(language)
    theirs = pd.DataFrame({"deal_id": ["d9"], "amount": [1.0]})

    assert words("reconcile.reason.unknown") in written(
        compared_section(compare_rows(small(), "bookings", theirs, period="2025"), words)
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_demo(tmp_path_factory.mktemp("reconcile") / "demo", reps=6, months=12).path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def test_the_command_prints_parts_that_add_up(home: Path):
    found = run(
        str(home), "--a", "bookings", "--b", "bookings owner=creator credit=owner", "--period", "2025", "--json"
    )
    told = json.loads(found.output)
    parts = [float(part["amount"]) for part in told["parts"]]

    assert found.exit_code == 0
    assert sum(parts) + float(told["remainder"]) == pytest.approx(float(told["difference"]), abs=0.001)


def test_the_command_takes_the_rows_of_another_tool(home: Path, tmp_path: Path):
    file = tmp_path / "theirs.csv"
    file.write_text("deal_id,amount\nD-none,12.50\n", encoding="utf-8")
    found = run(str(home), "--a", "bookings", "--b-rows", str(file), "--period", "2025", "--json")

    assert json.loads(found.output)["parts"]["only_b"] == "-12.50"


def test_the_command_says_that_a_second_side_is_needed(home: Path):
    assert isinstance(run(str(home), "--a", "bookings").exception, UsageError)
