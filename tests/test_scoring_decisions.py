"""What people say beside the model: a declared rule score, the last sign of life, and decisions about single leads."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from scoring_support import ready, simulated

from salescoach.cli import main
from salescoach.errors import InputError
from salescoach.leadlab.decisions import Decisions
from salescoach.scoring import splits
from salescoach.scoring.declaration import Declaration, parse_declaration
from salescoach.scoring.evaluation import RECENCY, evaluate
from salescoach.scoring.ladder import default_ladder
from salescoach.scoring.points import RuleScore
from salescoach.workspace import Workspace

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


def override(capsys, *arguments):
    with pytest.raises(SystemExit) as leaving:
        main(["leads", "override", *map(str, arguments)])
    return leaving.value.code, json.loads(capsys.readouterr().out)


DECIDED = ("--decision", "aside", "--by", "Elif", "--reason", "in a tender")


def test_a_decision_is_made_and_listed_on_the_command_line(capsys, tmp_path):
    code, made = override(capsys, "L1", "--models", tmp_path, *DECIDED)
    _, listed = override(capsys, "--models", tmp_path)

    assert code == 0
    assert listed["decisions"] == [made]
    assert (made["choice"], made["by"], made["role"], made["reason"]) == ("aside", "Elif", "coach", "in a tender")
    assert datetime.fromisoformat(made["at"]).tzinfo is not None


def test_a_decision_about_leads_of_a_workspace_is_in_the_one_log_that_the_app_reads(capsys, tmp_path):
    home = Workspace.create(tmp_path / "team", name="Team")
    override(capsys, "L1", "--models", home.models, *DECIDED)
    Decisions(home.path).add("L2", "work", by="Can", role="rep", reason="asked to be called")
    _, listed = override(capsys, "--models", home.models)

    assert [each["lead"] for each in listed["decisions"]] == ["L1", "L2"]
    assert {lead: o.work for lead, o in Decisions(home.path).overrides().items()} == {"L1": False, "L2": True}
    assert [file.name for file in home.models.glob("*.jsonl")] == []


def test_a_decision_without_a_reason_is_refused_on_the_command_line(capsys, tmp_path):
    with pytest.raises(SystemExit) as leaving:
        main(["leads", "override", "L1", "--models", str(tmp_path), "--decision", "work", "--by", "Elif"])

    assert leaving.value.code == 2
    assert "reason" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
