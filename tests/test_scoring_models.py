"""What models read, what they say of a lead, and the day's list that follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import special
from scipy.sparse import csr_matrix
from scoring_support import ready, simulated
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from salescoach.errors import InputError
from salescoach.report.lead_words import as_in_file, points_odds, reason_text
from salescoach.resources import load_words
from salescoach.scoring.drift import calibration, column_drifts, reference, score_drift
from salescoach.scoring.encoding import Binned, TargetMeans
from salescoach.scoring.evidence import SPREADS, supported_spread
from salescoach.scoring.explanation import changes, effects_of, explain, parts_of_sum
from salescoach.scoring.fairness import group_records
from salescoach.scoring.grades import Grades, grades_of
from salescoach.scoring.measures import surprises
from salescoach.scoring.model import LeadModel
from salescoach.scoring.models import FrequencyTable, MeanOf, Points, logistic, mean, trees
from salescoach.scoring.prior import PriorLogistic
from salescoach.scoring.reasons import Reason
from salescoach.scoring.worklist import Effort, Override, profit_curve, work_list

KINDS = {"visits": "number", "budget": "number", "source": "text", "size": "text"}
NEUTRAL = {"visits": 3.0, "budget": 50.0, "source": "web", "size": "large"}


@pytest.fixture(scope="module")
def leads():
    return ready(simulated(1_500))


def model_of(leads, estimator):
    fitted = estimator.fit(leads.features, leads.won)
    return LeadModel("any", fitted, KINDS, NEUTRAL, float(leads.won.mean()), Grades((0.6, 0.4, 0.2), ()))


@pytest.fixture(scope="module")
def logistic_model(leads):
    return model_of(leads, logistic(1_500))


@pytest.fixture(scope="module")
def mean_model(leads):
    return model_of(leads, mean(1_500))


# --- encoding ------------------------------------------------------------------------------------


def test_a_level_never_seen_and_an_empty_cell_are_scored(mean_model):
    odd = pd.DataFrame(
        {"visits": [np.nan, 1e9], "budget": [1.0, np.nan], "source": ["tv", None], "size": [None, "huge"]}
    ).astype({"source": "category", "size": "category"})

    p = mean_model.probabilities(odd)
    assert ((p > 0) & (p < 1)).all()


def test_a_missing_column_is_named(mean_model, leads):
    with pytest.raises(InputError, match="budget"):
        mean_model.probabilities(leads.features.drop(columns=["budget"]))


def test_a_row_does_not_see_its_own_outcome_in_the_mean_of_its_level():
    """200 levels of pure noise: the naive mean of a level reads the outcome back, the crossed one does not."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({"x": pd.Categorical(random.integers(0, 200, 1_000).astype(str))})
    won = (random.random(1_000) < 0.5).astype(float)
    encoder = TargetMeans()
    crossed = encoder.fit_transform(table, won)[:, 0]

    assert roc_auc_score(won, crossed) < 0.56
    assert roc_auc_score(won, encoder.transform(table)[:, 0]) > 0.65


def test_a_value_that_many_rows_have_keeps_a_place_of_its_own():
    values = pd.DataFrame({"x": np.concatenate([np.zeros(500), np.arange(1, 501.0)])})
    codes = Binned(values=False).fit(values).codes(values["x"], "x")

    assert set(codes[:500]).isdisjoint(codes[500:])


def test_every_row_of_the_sparse_matrix_is_a_place_per_column_and_the_number_itself(leads):
    matrix = Binned().fit_transform(leads.features)

    assert (np.diff(matrix.indptr) == 4 + 2).all()
    visits = leads.features["visits"]
    assert np.corrcoef(matrix.toarray()[:, -2], visits.clip(upper=visits.median() + 5))[0, 1] > 0.99
    assert np.abs(matrix.toarray()[:, -2:]).max() <= 3


@pytest.mark.parametrize("make", [logistic, trees])
@pytest.mark.parametrize("n", [300, 1_500])
def test_the_fast_scores_are_those_of_scikit_learn(make, n):
    """Against the same pipeline scored step by step, missing cells, new levels and infinities among the leads."""
    few = ready(simulated(n).assign(gap=lambda t: t["budget"].where(t["visits"] > 2)))
    model = make(n).fit(few.features, few.won)
    later = ready(simulated(400, seed=1).assign(source=lambda t: t["source"].where(t["visits"] != 4, "new"))).features
    later["gap"] = np.resize([np.nan, np.inf, -np.inf, 1e300, 40.0], 400)
    later.loc[::7, "source"] = np.nan
    plain = [later] if make is logistic else [later.replace([np.inf, -np.inf], [1e308, -1e308])]
    for step in (step for _, step in model.steps[:-1]):
        plain.append(step.transform(plain[-1]))

    np.testing.assert_allclose(
        model.predict_proba(later), model.steps[-1][1].predict_proba(plain[-1]), rtol=0, atol=1e-14
    )


@pytest.mark.parametrize("n", [15, 200])
def test_the_first_leads_have_the_posterior_of_the_textbook_whether_places_are_few_or_many(n):
    """Mode: the gradient is 0 there. Spread: the inverse of the whole curvature, written out."""
    few = ready(simulated(n))
    model = PriorLogistic(spread=0.4).fit(few.features, few.won)
    x = np.column_stack([np.ones(n), model.binned_.transform(few.features).toarray()])
    base, p = few.won.mean(), special.expit(x @ model.effects_[0])
    precision = np.array([20 * base * (1 - base), *[1 / 0.4**2] * (x.shape[1] - 1)])
    spread = np.linalg.inv((x.T * (p * (1 - p))) @ x + np.diag(precision))
    half = 1.6448536 * np.sqrt(np.einsum("ij,jk,ik->i", x, spread, x))
    low, high = model.interval(few.features)

    assert (x.shape[1] > n) == (n == 15)
    np.testing.assert_allclose(x.T @ (few.won - p), precision * (model.effects_[0] - model.centre_), atol=1e-6)
    np.testing.assert_allclose(special.logit(high) - special.logit(low), 2 * half, rtol=1e-6)


def test_where_wins_are_rare_the_first_leads_are_promised_as_many_as_came():
    """The control: averaged over the posterior as it is, a symmetric one, they would be promised too many."""
    leads = ready(simulated(200, seed=3).assign(won=lambda t: np.where(t.index % 25 == 0, "yes", "no")))
    model = PriorLogistic(spread=0.8).fit(leads.features, leads.won)
    promised = model.predict_proba(leads.features)[:, 1].sum()
    model.shifts_ = np.zeros(1)

    assert promised == pytest.approx(8, abs=0.2)
    assert model.predict_proba(leads.features)[:, 1].sum() > 9


@pytest.mark.parametrize(("signal", "fixed"), [(0.0, 0.8), (3.0, 0.2)])
def test_how_large_effects_are_is_learned_from_the_first_leads_themselves(signal, fixed):
    """One belief for all is too bold where columns tell nothing, another too timid where they tell a lot."""
    few, later = ready(simulated(200, seed=1, signal=signal)), ready(simulated(4_000, seed=2, signal=signal))
    lost = {
        spread: surprises(
            later.won, PriorLogistic(spread).fit(few.features, few.won).predict_proba(later.features)[:, 1]
        ).mean()
        for spread in (None, fixed)
    }

    assert lost[None] < lost[fixed] - 0.005


# --- explanation ---------------------------------------------------------------------------------


def calibration_slope(p, won):
    """Of the outcomes on the log-odds that were said (Cox 1958): above 1 they were too timid, below 1 too bold."""
    said = special.logit(np.clip(p, 1e-9, 1 - 1e-9))[:, None]
    return float(LogisticRegression(C=1e6).fit(said, won).coef_[0, 0])


@pytest.mark.parametrize("signal", [0.5, 3.0])
def test_probabilities_are_as_bold_as_the_columns_allow(signal):
    """Where columns tell a lot, one narrow belief about effects makes them too timid: the control."""
    seen, later = ready(simulated(1_200, 1, signal=signal)), ready(simulated(6_000, 2, signal=signal))
    asked, fixed = logistic(1_200), Pipeline(logistic(1_200).steps)
    slopes = [
        calibration_slope(clone(model).fit(seen.features, seen.won).predict_proba(later.features)[:, 1], later.won)
        for model in (asked, fixed)
    ]

    assert abs(slopes[0] - 1) < 0.15
    assert slopes[1] > 1.2 if signal > 1 else abs(slopes[1] - 1) < 0.25


def test_of_noise_the_narrowest_belief_is_supported():
    random = np.random.default_rng(0)
    x = csr_matrix(random.normal(size=(300, 20)))

    assert [supported_spread(x, (random.random(300) < 0.3).astype(float)) for _ in range(5)] == [SPREADS[0]] * 5


def test_parts_of_the_logistic_sum_are_exact(logistic_model, leads):
    pipeline = logistic_model.estimator
    total = parts_of_sum(pipeline, leads.features).sum(axis=1) + pipeline.steps[-1][1].intercept_[0]

    np.testing.assert_allclose(special.expit(total), logistic_model.probabilities(leads.features), atol=1e-12)


def test_effects_of_the_logistic_model_add_up_to_the_distance_from_a_neutral_lead(logistic_model, leads):
    some = leads.features.iloc[:20]
    neutral = pd.DataFrame({n: [v] for n, v in NEUTRAL.items()}).astype({"source": "category", "size": "category"})
    distance = special.logit(logistic_model.probabilities(some)) - special.logit(logistic_model.probabilities(neutral))

    np.testing.assert_allclose(effects_of(logistic_model, some).sum(axis=1), distance, atol=1e-9)


@pytest.mark.parametrize("estimator", [trees(1_500), mean(1_500)], ids=["trees", "mean"])
def test_the_fast_way_through_trees_is_the_plain_one(leads, estimator):
    """Against setting each column to neutral in the table and scoring it again."""
    model, some = model_of(leads, estimator), leads.features.iloc[:30]
    p = model.probabilities(some)
    for column, effect in zip(KINDS, effects_of(model, some).T, strict=True):
        other = some.assign(**{column: NEUTRAL[column]}).astype(some.dtypes.to_dict())
        np.testing.assert_allclose(effect, special.logit(p) - special.logit(model.probabilities(other)), atol=1e-6)


def test_reasons_name_what_speaks_for_and_against_and_no_noise(mean_model):
    lead = pd.DataFrame({"visits": [8.0], "budget": [50.0], "source": ["referral"], "size": ["small"]}).astype(
        {"source": "category", "size": "category"}
    )
    found = explain(mean_model, lead, ["L1"])[0]

    assert {reason.column for reason in found.pros} == {"visits", "source"}
    assert [reason.column for reason in found.cons] == ["size"]
    assert not found.exact  # a mean of probabilities is never drawn as a sum


def test_what_would_change_a_lead_raises_its_probability_to_what_is_said(mean_model, leads):
    row = int(np.flatnonzero((leads.features["source"] == "web") & (leads.features["size"] == "small"))[0])
    best = changes(mean_model, leads.features, rows=np.array([row]))[0]
    referral = next(change for change in best if change.column == "source")
    moved = leads.features.iloc[[row]].assign(source="referral").astype(leads.features.dtypes.to_dict())

    assert referral.value == "referral"
    assert referral.p == pytest.approx(float(mean_model.probabilities(moved)[0]))


def test_a_column_of_a_file_is_called_as_it_is_there_even_if_one_made_here_has_its_name():
    """The control is the column that is made here."""
    words, reason = load_words("tr"), Reason("campaign", "3", 0.5)

    assert reason_text(reason, as_in_file(words)).startswith("campaign: 3")
    assert reason_text(reason, words).startswith("kampanya: 3")


def test_models_without_a_way_of_their_own_are_explained_column_by_column(leads):
    found = effects_of(model_of(leads, FrequencyTable()), leads.features.iloc[:5])

    assert found.shape == (5, 4)
    assert np.isfinite(found).all()


def test_a_rule_score_says_its_points_and_what_each_is_worth(leads):
    """In odds every reason would be the same figure, as if each had been measured."""
    model = model_of(leads, Points())
    found = next(each for each in explain(model, leads.features[:50], range(50)) if each.pros and each.cons)
    text = reason_text(found.pros[0], load_words("en"))

    assert {abs(reason.points) for reason in (*found.pros, *found.cons)} <= {1.0, 2.0}
    assert text.endswith(f"points for it: {found.pros[0].points:.0f}")
    assert points_odds(found) == pytest.approx(np.exp(model.estimator.line_.coef_[0, 0]), rel=0.01)


def test_a_mean_is_between_its_parts(leads):
    model = MeanOf([logistic(1_500), FrequencyTable()]).fit(leads.features, leads.won)
    first, second = (part.predict_proba(leads.features)[:, 1] for part in model.fitted_)

    np.testing.assert_allclose(model.predict_proba(leads.features)[:, 1], (first + second) / 2)


# --- grades, list --------------------------------------------------------------------------------


def test_cut_offs_are_probabilities_that_do_not_move_with_the_leads():
    p = np.linspace(0, 1, 1_001)
    grades = grades_of(p, (p > 0.5).astype(float))

    assert grades.cut_offs == (0.9, 0.7, 0.4)
    assert set(grades.letters(np.array([0.05, 0.1]))) == {"D"}  # the best of bad leads is no A
    assert sum(record.n for record in grades.record) == len(p)


def test_hours_are_used_on_the_best_leads_of_each_owner():
    made = work_list(
        ["a", "b", "c", "d"], np.array([0.9, 0.8, 0.7, 0.1]), owners=["e", "e", "f", "f"], hours={"e": 1, "f": 2}
    )

    assert [item.lead for item in made.chosen] == ["a", "c", "d"]
    assert next(item for item in made.items if item.lead == "b").status == "no_hours"
    assert made.expected_wins == pytest.approx(1.7)
    assert made.low < 1.7 < made.high


def test_a_lead_that_costs_more_than_it_brings_is_left_and_says_so():
    made = work_list(["a", "b"], np.array([0.5, 0.01]), value=100.0, effort=Effort(1, cost_per_hour=10))

    assert [item.status for item in made.items] == ["chosen", "costs_more"]
    assert [value for _, value in profit_curve(made, Effort(1, 10))] == pytest.approx([40, 31])


def test_value_counts_not_only_probability():
    made = work_list(["likely", "large"], np.array([0.9, 0.3]), value=np.array([10.0, 100.0]), hours=1)

    assert made.chosen[0].lead == "large"


def test_what_a_person_decided_stays_and_the_models_figure_too():
    overrides = {"c": Override(True, "Elif", "they called"), "a": Override(False, "Can", "on holiday")}
    made = work_list(["a", "b", "c"], np.array([0.9, 0.5, 0.1]), hours=1, overrides=overrides)

    assert [item.lead for item in made.chosen] == ["c"]
    assert made.chosen[0].p == 0.1
    assert {item.lead: item.status for item in made.items}["a"] == "put_aside"


# --- later leads ---------------------------------------------------------------------------------


def test_drift_names_the_column_that_moved(mean_model, leads):
    then = reference(leads.features, mean_model.probabilities(leads.features))
    later = ready(simulated(1_500, seed=7)).features
    moved = later.assign(budget=later["budget"] + 20)

    assert {d.verdict for d in column_drifts(then, later)} == {"steady"}
    assert column_drifts(then, moved)[0].column == "budget"
    assert column_drifts(then, moved)[0].verdict == "act"
    assert score_drift(then, mean_model.probabilities(later)) < 0.1


def test_observed_over_expected_says_when_probabilities_no_longer_hold():
    p = np.full(400, 0.2)
    won = (np.arange(400) < 80).astype(float)

    assert calibration(won, p).holds
    assert not calibration(won, p * 2).holds
    assert calibration(np.full(5, np.nan), np.full(5, 0.3)).n == 0  # open leads say nothing yet


def test_fairness_compares_selection_and_wins_and_hides_small_groups():
    segment = pd.Series(pd.Categorical(["a"] * 100 + ["b"] * 100 + ["c"] * 4))
    p = np.concatenate([np.full(100, 0.6), np.full(100, 0.3), np.full(4, 0.9)])
    won = np.concatenate([np.arange(100) < 60, np.arange(100) < 60, np.ones(4)]).astype(float)
    found = {record.value: record for record in group_records({"segment": segment}, p, won, 0.5)}

    assert set(found) == {"a", "b"}
    assert found["a"].calibration.holds
    assert not found["b"].calibration.holds
    assert found["b"].differs


def test_no_lead_has_its_own_outcome_in_the_figure_of_its_level():
    """Each level has one lead: what is learned of it cannot come from that lead. The plain figure is the control."""
    won = np.tile([1.0, 0.0], 150)
    leads = pd.DataFrame({"name": pd.Series([f"L{i}" for i in range(300)], dtype="category")})
    binned = Binned(least=1, means=True)
    crossed = binned.fit_transform(leads, won).toarray()[:, -1]
    plain = binned.transform(leads).toarray()[:, -1]

    assert np.allclose(crossed, 0.0)
    assert (plain[won == 1] > plain[won == 0]).all()


def test_levels_are_pooled_only_where_the_rarer_outcome_shows_them():
    leads = pd.DataFrame({"source": pd.Series(["web", "fair"] * 200, dtype="category")})

    assert Binned(means=True).fit(leads, np.tile([1.0, 0.0], 200)).further == ["source"]
    assert Binned(means=True).fit(leads, np.repeat([1.0, 0.0], [99, 301])).further == []


def test_the_parts_of_a_score_sum_to_it_where_levels_are_pooled_too():
    few = ready(simulated(600))
    pipeline = logistic(600).fit(few.features, few.won)
    total = parts_of_sum(pipeline, few.features).sum(axis=1) + pipeline.steps[-1][1].intercept_[0]

    assert pipeline.steps[0][1].further == ["visits", "budget", "source", "size"]
    assert np.allclose(special.expit(total), pipeline.predict_proba(few.features)[:, 1])
