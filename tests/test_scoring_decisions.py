"""What people say beside the model: a declared rule score, the last sign of life, and decisions about single leads."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scoring_support import ready, simulated

from salescoach.cli import main
from salescoach.errors import InputError, UsageError
from salescoach.leadlab.overrides import FILE, history, record, standing
from salescoach.scoring import splits
from salescoach.scoring.declaration import Declaration, parse_declaration
from salescoach.scoring.evaluation import RECENCY, evaluate
from salescoach.scoring.ladder import default_ladder
from salescoach.scoring.points import RuleScore
from salescoach.scoring.worklist import Effort, work_list

POINTS = {"source": {"referral": 2.0}, "visits": {">= 5": 1.0}}


# --- the declared rule score ---------------------------------------------------------------------


def test_points_are_added_up_as_declared_and_a_missing_cell_gives_none():
    leads = pd.DataFrame({"source": pd.Series(["referral", None], dtype="category"), "visits": [5.0, np.nan]})

    assert RuleScore(POINTS).totals(leads).tolist() == [3.0, 0.0]


def test_points_of_a_declaration_are_a_rung_and_without_them_there_is_none():
    said = parse_declaration({"leads": {"outcome": "won"}, "points": {"source": {"referral": 2}}}, file="d.toml")

    assert said.points == {"source": {"referral": 2.0}}
    assert default_ladder(300, 100, said.points)[0].name == "rule"
    assert "rule" not in {rung.name for rung in default_ladder(300, 100)}


def test_a_declared_rule_is_judged_on_the_ladder_like_a_model():
    leads = ready(simulated(300), Declaration("won", points=POINTS))
    judged = evaluate(leads, ladder=default_ladder(300, 100, leads.points)[:1], split=splits.grouped(leads, folds=3))

    assert [figures.model for figures in judged.ladder] == ["base_rate", "rule"]
    assert judged.figures("rule").auc.value > 0.55


def test_points_for_a_column_that_is_left_out_count_nothing():
    """Negative control: a rule cannot bring back what is known only after the outcome."""
    said = parse_declaration(
        {
            "leads": {"outcome": "won"},
            "columns": {"visits": {"known_at": "after_outcome"}},
            "points": {"visits": {">= 5": 3}},
        },
        file="d.toml",
    )
    leads = ready(simulated(60), said)

    assert set(RuleScore(said.points).totals(leads.features)) == {0.0}


@pytest.mark.parametrize("points", [{"source": 3}, {"source": {"referral": "many"}}, {"source": {"referral": True}}])
def test_points_that_are_no_numbers_are_named(points):
    with pytest.raises(InputError, match=r"points\.source"):
        parse_declaration({"leads": {"outcome": "won"}, "points": points}, file="d.toml")


# --- the last sign of life -----------------------------------------------------------------------


def test_the_declared_days_since_the_last_sign_of_life_are_the_recency_rung():
    """Leads heard of yesterday win: the rung ranks them first, whatever the day they came in."""
    random = np.random.default_rng(0)
    table = simulated(200).assign(quiet=random.integers(1, 60, 200).astype(float))
    table["won"] = np.where(table["quiet"] < 30, "yes", "no")
    leads = ready(table, Declaration("won", recency="quiet"))

    assert evaluate(leads, ladder=(), split=splits.grouped(leads, folds=3)).figures(RECENCY).auc.value == 1.0


def test_the_outcome_cannot_be_the_time_as_well():
    with pytest.raises(InputError, match="anything else"):
        ready(simulated(60), Declaration("won", time="won"))


# --- decisions -----------------------------------------------------------------------------------


def test_the_last_decision_holds_and_all_of_them_stay_readable(tmp_path):
    record(tmp_path, "L1", "aside", by="Elif", reason="in a tender")
    record(tmp_path, "L1", "work", by="Can", reason="tender is over")
    record(tmp_path, "L2", "work", by="Can", reason="asked to be called")
    record(tmp_path, "L2", "withdraw", by="Can", reason="was called")

    assert {lead: (o.work, o.by) for lead, o in standing(tmp_path).items()} == {"L1": (True, "Can")}
    assert [entry["reason"] for entry in history(tmp_path)] == [
        "in a tender", "tender is over", "asked to be called", "was called",
    ]  # fmt: skip


def test_a_decision_without_a_reason_is_not_kept(tmp_path):
    with pytest.raises(UsageError, match="--reason"):
        record(tmp_path, "L1", "work", by="Elif", reason=" ")
    assert not (tmp_path / FILE).exists()


def test_a_decision_moves_a_lead_and_not_its_probability(tmp_path):
    record(tmp_path, "b", "work", by="Elif", reason="asked to be called")
    p = np.array([0.6, 0.1])
    made = work_list(["a", "b"], p, hours=1, effort=Effort(hours_per_lead=1), overrides=standing(tmp_path))
    plain = work_list(["a", "b"], p, hours=1, effort=Effort(hours_per_lead=1))

    assert [item.lead for item in made.chosen] == ["b"]
    assert [item.lead for item in plain.chosen] == ["a"]
    assert {item.lead: item.p for item in made.items} == {"a": 0.6, "b": 0.1}


def test_a_decision_is_made_and_listed_on_the_command_line(capsys, tmp_path):
    for arguments in (["L1", "--decision", "aside", "--by", "Elif", "--reason", "in a tender"], []):
        with pytest.raises(SystemExit) as leaving:
            main(["leads", "override", "--models", str(tmp_path), *arguments])
        assert leaving.value.code == 0
        told = json.loads(capsys.readouterr().out)

    assert told["overrides"][0]["decision"] == "aside"
