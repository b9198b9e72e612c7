"""Planted leaks ring; honest columns do not keep the model from being made."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scoring_support import lead_file, simulated

from salescoach import synthetic
from salescoach.crm.importer import import_export
from salescoach.leadlab.daily import lead_day, train_workspace
from salescoach.leadlab.organisation import workspace_leads
from salescoach.leadlab.reading import names
from salescoach.leadlab.study import Study
from salescoach.report.leads import list_section
from salescoach.resources import load_words
from salescoach.scoring.canonical import canonical_declaration
from salescoach.scoring.day import Plan
from salescoach.scoring.declaration import ColumnRule, Declaration
from salescoach.synthetic import SyntheticOrganisation
from salescoach.workspace import Workspace


def study(table, **declared):
    return Study(lead_file(table, Declaration("won", **declared)))


def rules(made, column):
    return {alarm.rule for alarm in made.column_alarms if alarm.column == column}


@pytest.fixture(scope="module")
def honest():
    return simulated(3_000)


def planted(table, kind):
    random = np.random.default_rng(5)
    won = (table["won"] == "yes").to_numpy()
    columns = {
        "copy": won.astype(float),
        "noisy": won + random.normal(scale=0.5, size=len(won)),
        "smooth": won + random.normal(scale=0.9, size=len(won)),
        "filled_for_won": np.where(won, random.random(len(won)), np.nan),
        "reason": np.where(won, None, random.choice(["price", "timing"], len(won))),
    }
    return table.assign(leak=columns[kind])


@pytest.mark.parametrize("kind", ["copy", "noisy", "filled_for_won", "reason"])
def test_a_planted_leak_rings_and_is_kept_out(honest, kind):
    made = study(planted(honest, kind))

    assert rules(made, "leak")
    assert "leak" in made.kept_out
    assert "leak" not in made.leads.features


def test_a_smooth_leak_rings_when_the_strongest_column_is_taken_away(honest):
    """Its single-column AUC is below the rule's, and no level of it is pure."""
    assert rules(study(planted(honest, "smooth")), "leak") == {"drop_strongest"}


def test_honest_columns_do_not_ring():
    assert study(simulated(3_000, signal=0.6)).column_alarms == ()


def test_an_honest_column_that_carries_the_model_may_ring_and_stays_in(honest):
    """The rule that catches smooth leaks cannot tell them from a good column: it asks, and no more."""
    made = study(honest)

    assert rules(made, "visits") == {"drop_strongest"}
    assert made.kept_out == ()


def test_a_column_that_is_filled_when_closed_rings_although_no_outcome_shows_in_it(honest):
    table = honest.copy()
    table.loc[:500, "won"] = "open"
    table["closing_day"] = np.where(table["won"] == "open", np.nan, np.random.default_rng(0).random(len(table)))

    assert "filled_when_closed" in rules(study(table), "closing_day")


def test_a_common_outcome_is_no_surprise():
    """95 of 100 are lost: a level in which all 60 are lost says nothing."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({"source": random.choice(list("abcdefgh"), 800), "x": random.normal(size=800)})
    table["won"] = np.where(random.random(800) < 0.05, "yes", "no")

    assert study(table).column_alarms == ()


def test_an_accepted_column_comes_back_and_a_dropped_one_does_not(honest):
    table = planted(honest, "noisy")
    accepted = study(table, columns={"leak": ColumnRule(answer="accept", reason="known from the first call")})
    dropped = study(table, columns={"leak": ColumnRule(answer="drop", reason="written after the close")})

    assert "leak" in accepted.leads.features
    assert accepted.unanswered == ()
    assert "leak" not in dropped.leads.features


def test_a_column_declared_as_late_is_out_without_any_alarm(honest):
    made = study(planted(honest, "copy"), columns={"leak": ColumnRule(known_at="after_outcome")})

    assert rules(made, "leak") == set()
    assert "leak" not in made.leads.features


def test_names_that_sound_like_an_outcome_ask_in_both_languages():
    assert all(map(names().outcome_like.has, ("Close Date", "loss_reason", "KapanışTarihi", "Durum")))
    assert not any(map(names().outcome_like.has, ("source", "industry", "aday kaynağı", "visits")))


# --- one figure, several meanings ----------------------------------------------------------------


def mixed(kind, n):
    random = np.random.default_rng(1)
    heap, first = random.lognormal(3, 0.4, n), random.random(n) < 0.4
    cells = {
        "minutes_and_hours": [
            f"{round(x)} min" if one else f"{round(x)} saat" for x, one in zip(heap, first, strict=True)
        ],
        "dollars_and_euro": [f"${x:.2f}" if one else f"{x:.2f} EUR" for x, one in zip(heap, first, strict=True)],
        "thousands_written": [
            f"{round(x)}k" if one else f"{round(x) * 1000}" for x, one in zip(heap, first, strict=True)
        ],
        "thousands_and_ones": np.where(first, heap * 1000, heap),
        "one_unit": [f"{round(x)} day" if round(x) == 1 else f"{round(x)} days" for x in heap],
        "codes": [f"{round(x)}{'A' if one else 'B'}" for x, one in zip(heap, first, strict=True)],
        "a_long_tail": np.exp(3 * random.normal(size=n)),
        "a_placeholder": np.where(first, 99_999.0, heap.round()),
    }
    return pd.Series(cells[kind])


@pytest.mark.parametrize("kind", ["minutes_and_hours", "dollars_and_euro", "thousands_written", "thousands_and_ones"])
def test_figures_in_several_units_ring_and_must_be_answered(honest, kind):
    table = honest[:600].assign(length=mixed(kind, 600))
    made = study(table)
    answered = study(table, columns={"length": ColumnRule(answer="drop", reason="two systems, two units")})

    assert "mixed_units" in rules(made, "length")
    assert "length" in {alarm.column for alarm in made.unanswered}
    assert "length" not in made.kept_out  # it tells of no leak
    assert "length" not in {alarm.column for alarm in answered.unanswered}


@pytest.mark.parametrize("kind", ["one_unit", "codes", "a_long_tail", "a_placeholder"])
def test_figures_of_one_unit_codes_and_long_tails_do_not_ring(honest, kind):
    assert "mixed_units" not in rules(study(honest[:600].assign(length=mixed(kind, 600))), "length")


# --- the leads of a workspace, about which nobody answers ------------------------------------------------


def imported(leads: pd.DataFrame, organised: SyntheticOrganisation, folder: Path) -> Study:
    """The study of a workspace whose export holds these *leads*."""
    synthetic.write(replace(organised, tables={**organised.tables, "lead": leads}), folder / "files")
    home = Workspace.at(folder / "workspace", name="Deneme")
    import_export(folder / "files", home, taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    return Study(workspace_leads(home))


@pytest.fixture(scope="module")
def organised() -> SyntheticOrganisation:
    return synthetic.organisation(seed=1, reps=12, months=24)


def test_a_company_that_gets_its_name_when_the_lead_is_won_gives_the_outcome_away(organised, tmp_path):
    """Sales writes the customer's name over what the form said, for the won ones only. Believing what an export
    holds today, a model finds its wins by that name; nothing else in it is any better."""
    leads = organised.tables["lead"]
    form = [f"{name} {place}" for place, name in enumerate(leads["company"])]
    made = imported(
        leads.assign(company=leads["company"].where(leads["converted_at"].notna(), form)), organised, tmp_path
    )
    believing = replace(made.source, declaration=canonical_declaration(list(made.source.table)))

    assert {"prior_leads", "prior_won"}.isdisjoint(made.leads.features)
    assert ("prior_won", "given_away") in {(dropped.column, dropped.reason) for dropped in made.dropped}
    assert made.unanswered == ()  # it can be trained
    assert auc(made) < auc(Study(believing)) - 0.05


def test_companies_that_tell_nothing_stay(organised, tmp_path):
    made = imported(organised.tables["lead"], organised, tmp_path)

    assert {"prior_leads", "prior_won"} <= set(made.leads.features)


def auc(made: Study) -> float:
    return made.evaluation.figures(made.evaluation.champion).auc.value


def test_a_team_whose_leads_have_all_ended_has_a_model_and_an_empty_list(organised, tmp_path):
    """Nothing is divided by the number of open leads, and nothing is expected of nothing."""
    leads = organised.tables["lead"]
    made = imported(leads[leads["converted_at"].notna() | leads["disqualified_at"].notna()], organised, tmp_path)
    home = Workspace.open(tmp_path / "workspace")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        verdict, day = train_workspace(home, by="Elif"), lead_day(home)

    assert made.evaluation.usable
    assert (verdict, day.verdict, day.leads) == ("usable", "usable", ())
    for code, said in (("en", "No lead is open."), ("tr", "Açık aday yok.")):
        (text,) = list_section(day, day.work(Plan()), {}, load_words(code)).blocks
        assert text.text == said


def test_leads_that_ended_between_two_looks_are_too_few_to_learn_from(organised, tmp_path):
    leads = organised.tables["lead"]
    quick = leads[leads["disqualified_at"] - leads["created_at"] < pd.Timedelta(days=2)]
    imported(quick.head(3), organised, tmp_path)

    assert train_workspace(Workspace.open(tmp_path / "workspace"), by="Elif") == "too_few"
