"""Against two libraries that compute the same otherwise: lifelines and statsmodels, in tests only."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from salescoach.statistics import (
    between_variance,
    cumulative_incidence,
    expected_without,
    kaplan_meier,
    kaplan_meier_counts,
    kappa,
    kappa_limits,
    log_rank_each,
    newcombe,
    poisson_rate,
    wilson,
)

lifelines = pytest.importorskip("lifelines")
meta_analysis = pytest.importorskip("statsmodels.stats.meta_analysis")
inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
proportion = pytest.importorskip("statsmodels.stats.proportion")
rates = pytest.importorskip("statsmodels.stats.rates")


@pytest.fixture(scope="module")
def cases() -> dict[str, np.ndarray]:
    """Three hundred durations in whole days, some with a late entry, ended in one of two ways or still running."""
    generator = np.random.default_rng(17)
    exits = generator.integers(1, 90, 300)
    return {
        "exits": exits,
        "causes": generator.choice([0, 1, 2], 300, p=[0.3, 0.3, 0.4]),
        "entries": np.where(generator.random(300) < 0.4, generator.integers(0, 90, 300) % exits, -1) * 1.0,
        "groups": generator.integers(0, 5, 300),
    }


def test_kaplan_meier_with_late_entry_agrees_with_lifelines(cases):
    fitted = lifelines.KaplanMeierFitter(alpha=0.10).fit(cases["exits"], cases["causes"] > 0, entry=cases["entries"])
    ours = kaplan_meier(cases["exits"], cases["causes"] > 0, cases["entries"])
    limits = fitted.confidence_interval_.loc[ours.time].to_numpy()

    assert ours.survival == pytest.approx(fitted.survival_function_.loc[ours.time].to_numpy().ravel())
    assert ours.low[:-1] == pytest.approx(limits[:-1, 0])
    assert ours.high[:-1] == pytest.approx(limits[:-1, 1])


def test_kaplan_meier_from_counts_is_the_curve_of_the_cases(cases):
    ages = np.arange(-1, 91)
    ended, running = ((np.bincount(cases["exits"][part] + 1, minlength=92)) for part in
                      (cases["causes"] > 0, cases["causes"] == 0))  # fmt: skip
    entered = np.bincount(cases["entries"].astype(int) + 1, minlength=92)
    counts = kaplan_meier_counts(ages, ended, running, entered)
    ours = kaplan_meier(cases["exits"], cases["causes"] > 0, cases["entries"])

    assert (counts.time.tolist(), counts.survival.tolist()) == (ours.time.tolist(), ours.survival.tolist())


def test_incidence_agrees_with_lifelines(cases):
    """lifelines moves tied ages apart at random; ages without ties are compared."""
    ages = cases["exits"] + np.linspace(0, 0.5, 300)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = lifelines.AalenJohansenFitter(alpha=0.10).fit(ages, cases["causes"], event_of_interest=1)
    ours = cumulative_incidence(ages, cases["causes"])
    theirs = fitted.cumulative_density_.loc[ours.time].to_numpy().ravel()
    limits = fitted.confidence_interval_.loc[ours.time].to_numpy()
    some = (ours.incidence > 0.02) & (ours.survival > 0.02)

    assert ours.incidence == pytest.approx(theirs)
    assert ours.low[some] == pytest.approx(limits[some, 0], abs=2e-3)
    assert ours.high[some] == pytest.approx(limits[some, 1], abs=2e-3)


@pytest.mark.parametrize("group", range(5))
def test_log_rank_of_every_group_agrees_with_lifelines(cases, group):
    mine = cases["groups"] == group
    observed, expected, variance = log_rank_each(cases["exits"], cases["causes"] > 0, cases["groups"], 5)
    theirs = lifelines.statistics.logrank_test(
        cases["exits"][mine], cases["exits"][~mine], cases["causes"][mine] > 0, cases["causes"][~mine] > 0
    )

    assert (observed[group] - expected[group]) ** 2 / variance[group] == pytest.approx(theirs.test_statistic)


def test_spread_between_units_agrees_with_statsmodels():
    generator = np.random.default_rng(23)
    x, v = generator.normal(0, 0.3, 12), generator.uniform(0.01, 0.08, 12)
    theirs = meta_analysis.combine_effects(x, v, method_re="dl")
    tau2, q, freedom = between_variance(x, v)

    assert (tau2, q, freedom) == (pytest.approx(theirs.tau2), pytest.approx(theirs.q), 11)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_agrees_with_statsmodels(weights):
    generator = np.random.default_rng(29)
    first = generator.integers(0, 4, 80)
    second = np.clip(first + generator.integers(-1, 2, 80), 0, 3)
    table = inter_rater.to_table(np.column_stack([first, second]), bins=4)[0]
    wt = {"none": None, "linear": "linear", "quadratic": "quadratic"}[weights]

    assert kappa(first, second, weights=weights) == pytest.approx(inter_rater.cohens_kappa(table, wt=wt).kappa)


@pytest.mark.parametrize(("k1", "n1", "k2", "n2"), [(5, 20, 30, 80), (0, 12, 3, 15), (9, 9, 20, 40)])
def test_shares_agree_with_statsmodels(k1, n1, k2, n2):
    assert tuple(float(limit) for limit in wilson(k1, n1)) == pytest.approx(
        proportion.proportion_confint(k1, n1, alpha=0.10, method="wilson"), abs=1e-12
    )
    assert newcombe(k1, n1, k2, n2) == pytest.approx(
        proportion.confint_proportions_2indep(k1, n1, k2, n2, method="newcomb", alpha=0.10), abs=1e-9
    )


@pytest.mark.parametrize("count", [0, 1, 7, 60])
def test_exact_rate_limits_agree_with_statsmodels(count):
    _, low, high = poisson_rate(count, 30.0)
    theirs = rates.confint_poisson(count, 30.0, method="exact-c", alpha=0.10)

    assert (float(low), float(high)) == pytest.approx(np.nan_to_num(theirs))


def test_the_mix_model_agrees_with_a_penalised_fit_without_the_unit():
    """scikit-learn fits the same ridge, one unit left out at a time."""
    linear_model = pytest.importorskip("sklearn.linear_model")
    generator = np.random.default_rng(31)
    factors = np.column_stack([generator.integers(0, 3, 900), generator.integers(0, 4, 900)])
    units = generator.integers(0, 6, 900)
    won = (generator.random(900) < 0.15 + 0.15 * factors[:, 0]).astype(float)
    design = np.hstack([(factors[:, [i]] == np.arange(size)).astype(float) for i, size in enumerate((3, 4))])
    found = expected_without(factors, won, units, 6)
    for unit in range(6):
        model = linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=500)
        model.fit(design[units != unit], won[units != unit])
        theirs = model.predict_proba(design[units == unit])[:, 1].sum()

        assert found.expected[unit] == pytest.approx(theirs, rel=1e-5)


def test_limits_of_full_agreement_are_not_a_point():
    """Ten pairs alike do not prove that the eleventh will be; the plain jackknife has no width here."""
    grades = [1, 2, 3, 4, 5] * 2
    value, low, high = kappa_limits(grades, grades, weights="quadratic")
    _, longer, _ = kappa_limits(grades * 4, grades * 4, weights="quadratic")

    assert (value, high) == (1.0, 1.0)
    assert low < longer < 1.0


def test_kappa_limits_are_near_those_of_the_large_sample_formula():
    """Fleiss, Cohen & Everitt 1969, as statsmodels has it, for 400 pairs."""
    draw = np.random.default_rng(3)
    first = draw.integers(1, 6, 400)
    second = np.clip(first + draw.integers(-1, 2, 400), 1, 5)
    table = inter_rater.to_table(np.column_stack([first - 1, second - 1]), bins=5)[0]
    known = inter_rater.cohens_kappa(table, wt="quadratic")
    _, low, high = kappa_limits(first, second, weights="quadratic")

    assert (high - low) / 2 == pytest.approx(1.645 * float(np.sqrt(known.var_kappa)), rel=0.05)
