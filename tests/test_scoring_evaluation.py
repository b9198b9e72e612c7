"""The ladder is judged on leads it has not seen, claims no skill where there is none, and reaches the figures."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scoring_support import BANK_MD5, SALVIRT_MD5, lead_file, ready, simulated

from salescoach.errors import InputError
from salescoach.leadlab.reading import read_leads
from salescoach.leadlab.study import Study
from salescoach.scoring.declaration import Declaration
from salescoach.scoring.evaluation import evaluate
from salescoach.scoring.ladder import Rung
from salescoach.scoring.models import FrequencyTable, Points, logistic
from salescoach.scoring.prior import PriorLogistic
from salescoach.scoring.splits import at_random, grouped, rolling

FAST = (Rung("points", lambda _: Points()), Rung("logistic", logistic))


def dated(n):
    return simulated(n).assign(seen=np.arange(n) // 3)


def checked(path, md5):
    assert hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == md5
    return path


# --- splits --------------------------------------------------------------------------------------


def test_no_model_learns_from_the_moment_it_is_judged_on_or_later():
    leads = ready(dated(2_000), Declaration("won", time="seen"))

    for fold in rolling(leads).folds:
        assert leads.when[fold.train].max() < leads.when[fold.test].min()


def test_every_later_lead_is_judged_once():
    leads = ready(dated(2_000), Declaration("won", time="seen"))
    judged = np.concatenate([fold.test for fold in rolling(leads).folds])

    assert len(judged) == len(set(judged))
    assert leads.when[judged].min() <= np.median(leads.when) + 1


def test_only_outcomes_known_at_the_cut_are_learned_from():
    table = dated(2_000).assign(known=lambda t: t["seen"] + 100.0)
    leads = ready(table, Declaration("won", time="seen", known_when="known"))

    for fold in rolling(leads).folds:
        assert leads.known_when[fold.train].max() < leads.when[fold.test].min()


def test_copies_of_one_record_are_never_on_both_sides():
    table = pd.concat([simulated(400), simulated(400).iloc[:80]], ignore_index=True)
    leads = ready(table)

    for fold in grouped(leads).folds:
        assert not set(leads.group[fold.train]) & set(leads.group[fold.test])
    random = at_random(leads).folds[0]
    assert set(leads.group[random.train]) & set(leads.group[random.test])  # what flatters


def test_leads_of_one_moment_cannot_be_judged_in_time():
    with pytest.raises(InputError, match="one moment"):
        rolling(ready(simulated(100).assign(seen=5.0), Declaration("won", time="seen")))


def test_a_leak_over_time_is_seen_by_the_rolling_split_only():
    """A number that says the outcome in the first half and nothing later: a random split believes in it."""
    table = simulated(3_000, signal=0.0).assign(seen=np.arange(3_000))
    won = (table["won"] == "yes").to_numpy()
    noise = np.random.default_rng(1).random(3_000)
    table["once"] = np.where(np.arange(3_000) < 1_400, won + noise, noise + 0.5)
    leads = ready(table, Declaration("won", time="seen"))

    assert evaluate(leads, ladder=FAST, contrast=False).verdict == "no_signal"
    assert evaluate(leads, ladder=FAST, split=at_random(leads)).usable


# --- verdicts ------------------------------------------------------------------------------------


def test_shuffled_labels_claim_no_skill():
    claimed = 0
    for seed in range(20):
        table = simulated(400, seed)
        table["won"] = np.random.default_rng(seed + 100).permutation(table["won"])
        leads = ready(table)
        claimed += evaluate(leads, ladder=FAST, split=grouped(leads, folds=5)).usable

    assert claimed <= 1


def test_a_real_signal_is_found_and_the_champion_is_the_simplest_that_has_it():
    leads = ready(simulated(2_000))
    found = evaluate(leads, ladder=FAST, split=grouped(leads, folds=5))

    assert found.usable
    assert found.champion == "logistic"
    assert found.figures("logistic").skill.low > 0


def test_any_estimator_of_scikit_learn_can_join_the_ladder():
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.pipeline import make_pipeline

    from salescoach.scoring.encoding import Binned

    leads = ready(simulated(500))
    own = Rung("bernoulli", lambda _: make_pipeline(Binned(), BernoulliNB()))

    assert evaluate(leads, ladder=(own,), split=grouped(leads, folds=5)).figures("bernoulli").auc.value > 0.6


def test_the_reps_own_forecast_stands_beside_the_models():
    table = simulated(600).assign(guess=50)
    file = lead_file(table, Declaration("won", forecast="guess"))
    found = evaluate(Study(file).leads, ladder=FAST, split=grouped(Study(file).leads, folds=3))

    assert found.figures("reps_forecast").brier.value == pytest.approx(0.25)
    assert found.figures("reps_forecast").auc.value == pytest.approx(0.5)


def test_few_leads_are_refused_with_their_number():
    with pytest.raises(InputError, match="10 leads are closed"):
        evaluate(ready(simulated(10)))


def test_a_clock_is_handed_in_or_there_is_no_time():
    leads = ready(simulated(200))
    split = grouped(leads, folds=2)

    assert np.isnan(evaluate(leads, ladder=FAST, split=split).figures("logistic").fit_s)
    ticks = iter(range(1_000))
    assert evaluate(leads, ladder=FAST, split=split, clock=lambda: float(next(ticks))).figures("logistic").fit_s == 1.0


# --- cold start ----------------------------------------------------------------------------------


def test_fifty_leads_move_a_probability_a_little_where_the_frequency_table_leaps():
    """A cautious start beats the table on later leads of the same kind, and never says 0 or 1."""
    few, later = ready(simulated(50, seed=2)), ready(simulated(4_000, seed=9))
    loss, extreme = {}, {}
    for name, model in (("prior", PriorLogistic()), ("frequency", FrequencyTable())):
        p = model.fit(few.features, few.won).predict_proba(later.features)[:, 1]
        loss[name], extreme[name] = float(((p - later.won) ** 2).mean()), float(np.abs(p - 0.5).max())

    assert loss["prior"] < loss["frequency"]
    assert loss["prior"] < later.won.mean() * (1 - later.won.mean())  # and the base rate
    assert extreme["prior"] < 0.48 < extreme["frequency"]


def test_the_interval_of_a_probability_narrows_with_leads():
    probe = ready(simulated(10, seed=5)).features
    widths = []
    for n in (50, 800):
        leads = ready(simulated(n, seed=3))
        low, high = PriorLogistic().fit(leads.features, leads.won).interval(probe)
        widths.append(float((high - low).mean()))

    assert widths[1] < widths[0] / 2


def test_below_forty_of_each_outcome_only_careful_rungs_are_tried():
    leads = ready(simulated(70))
    names = [f.model for f in evaluate(leads, split=grouped(leads, folds=3)).ladder]

    assert names == ["base_rate", "points", "frequency", "prior"]


# --- the real data sets --------------------------------------------------------------------------


def test_salvirt_reaches_the_published_figures_by_group(shared_data):
    study = Study(read_leads(checked(shared_data / "salvirt_b2b" / "B2B_dataset.csv", SALVIRT_MD5), outcome="Status"))
    found = study.evaluation
    best = found.figures("mean")

    assert found.split.groups == "copies"
    assert ("Seller", "owner") in {(d.column, d.reason) for d in study.dropped}
    assert best.auc.value >= 0.815
    assert best.brier.value <= 0.172
    assert best.brier.value < found.figures("frequency").brier.value


@pytest.fixture(scope="module")
def bank(shared_data):
    path = checked(shared_data / "bank_marketing" / "bank-additional-full.csv", BANK_MD5)
    return Study(read_leads(path, outcome="y"))


def test_bank_rings_for_the_length_of_the_call_and_reaches_the_figures_without_it(bank):
    found = evaluate(bank.leads, split=grouped(bank.leads, folds=3))
    best = found.figures(found.champion)

    assert bank.kept_out == ("duration",)
    assert best.auc.value >= 0.795
    assert best.brier.value <= 0.078
    assert best.ece <= 0.01
    assert best.lift_10.value >= 4.4
    assert best.brier.value < found.figures("frequency").brier.value


def test_bank_walked_forward_shows_how_a_random_split_flatters(shared_data, bank):
    declaration = Declaration("y", row_order=True)
    path = shared_data / "bank_marketing" / "bank-additional-full.csv"
    leads = Study(read_leads(path, declaration=declaration)).prepared.leads.without("duration")
    found = evaluate(leads, ladder=[r for r in _ladder(leads) if r.name in ("logistic", "trees", "mean")])
    best = found.figures("mean")

    assert found.champion == "mean"
    assert best.auc.value >= 0.770
    assert best.brier.value <= 0.119
    assert best.ece <= 0.02
    assert found.contrast.auc.value > best.auc.value
    assert np.median([block.auc for block in found.blocks]) < best.auc.value  # the pooled figure hides this


def _ladder(leads):
    from salescoach.scoring.ladder import default_ladder

    return default_ladder(len(leads), 1_000)


@pytest.mark.parametrize("time", ["engage_date", ""])
def test_maven_has_no_usable_signal_and_its_leaks_are_out(maven, time):
    study = Study(read_leads(maven / "sales_pipeline.csv", outcome="deal_stage", time=time))

    assert study.evaluation.verdict == "no_signal"
    assert {"close_value", "close_date"} <= {alarm.column for alarm in study.alarms}
    assert set(study.leads.features) == {"product", "account"}


# --- chance --------------------------------------------------------------------------------------


def test_outcomes_dealt_out_at_random_are_called_usable_no_oftener_than_nominal():
    """95 % intervals may claim skill where there is none in 2.5 of 100 files; of the real outcomes they must."""
    leads = ready(simulated(70, signal=2.0))
    split = grouped(leads, folds=3)
    random = np.random.default_rng(8)
    dealt = [replace(leads, won=random.permutation(leads.won)) for _ in range(100)]

    assert evaluate(leads, split=split).usable
    assert sum(evaluate(each, split=split, contrast=False).usable for each in dealt) <= 5
