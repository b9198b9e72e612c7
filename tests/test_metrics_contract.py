"""What every metric promises, registered or not: each rule once, held against all, and against one that breaks it.

A rule is a function that fails for a metric which does not keep it; the naive metrics at the end show that it can.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from metric_world import AS_OF, IDLE, PERIOD, REPS, Tables, organisation, tables

from salescoach.language import CODES
from salescoach.metrics import COLUMNS, METRICS, NA_REASONS, WARNINGS, Metric
from salescoach.metrics.cases import closed
from salescoach.metrics.contract import Family, Unit, answers
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.tally import rows_of, tally
from salescoach.resources import load_words

MONEY = {
    "opportunity": ["amount", "cost"], "stage_history": ["amount_at"], "quota": ["value"], "invoice": ["amount"],
    "line_item": ["list_price", "total"], "forecast_submission": ["amount"], "cost": ["amount"],
}  # fmt: skip
MOMENTS = {
    "opportunity": "created_at", "stage_history": "entered_at", "quota": "recorded_at", "lead": "created_at",
    "activity": "occurred_at", "invoice": "issued", "forecast_submission": "submitted_at",
    "survey_response": "answered_at", "survey_invitation": "sent_at", "theme_code": "occurred_at",
    "one_on_one": "planned_at", "action_item": "created_at", "feedback": "given_at", "observation": "occurred_at",
    "training_completion": "assigned_at",
}  # fmt: skip
SCALE = 30.0


# --- the organisation, and what may be done to it without changing an answer ---------------------------


def shuffled() -> Tables:
    return {name: frame.sample(frac=1.0, random_state=3) for name, frame in tables().items()}


def in_another_currency() -> Tables:
    given = tables()
    for name, columns in MONEY.items():
        given[name] = given[name].assign(**{column: given[name][column] * SCALE for column in columns})
    return given


def imported_twice() -> Tables:
    """Every event twice. A deal twice is refused by the tables themselves."""
    return {
        name: frame if name in ("opportunity", "rep", "stage") else pd.concat([frame, frame], ignore_index=True)
        for name, frame in tables().items()
    }


def with_what_comes_later() -> Tables:
    """More of everything, dated after the day on which the numbers are made."""
    given = tables()
    for name, moment in MOMENTS.items():
        late = given[name].tail(60).copy()
        when = pd.Timestamp(AS_OF) + pd.Timedelta(days=3)
        for column in late.columns[late.dtypes.astype(str).str.startswith("datetime")]:
            late[column] = late[column] + (when - late[column]).where(late[column] < when)
        late[moment] = when
        key = late.columns[0]
        if name not in ("stage_history", "quota"):
            late[key] = "late-" + late[key]
        given[name] = pd.concat([given[name], late], ignore_index=True)
    return given


@cache
def ask(make: Callable[[], Tables] = tables, as_of: date = AS_OF) -> Question:
    """One question to all metrics: what was found for one is there for the next."""
    return Question.about(organisation(make(), as_of), PERIOD)


@cache
def about_the_idle() -> Question:
    """The same question about somebody who did nothing."""
    return Question.about(ask().data, PERIOD, "rep", [IDLE])


@cache
def before_the_beginning() -> Question:
    """A question asked on a day before the first deal."""
    return Question.about(organisation(tables(), date(2023, 12, 1)), PERIOD, "rep", REPS)


@cache
def ask_with_only(rep: str, kept: frozenset[tuple[str, str, frozenset[str]]]) -> Question:
    """The question about *rep* when of each table *kept* has (by its key) there are only the rows it names.

    Metrics that rest on the same rows share the organisation that has no others.
    """
    given = tables()
    for name, key, ids in kept:
        given[name] = given[name][given[name][key].isin(ids) | (given[name][key] == "idle")]
    return Question.about(organisation(given), PERIOD, "rep", [rep])


@cache
def answer(metric: Metric, make: Callable[[], Tables] = tables) -> pd.DataFrame:
    """The answers of a metric about one organisation, made once for all the rules that look at them."""
    return metric.answer(ask(make))


NUMBERS = ["value", "n", "numerator", "denominator", "low", "high", "na_reason"]


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-9, atol=1e-9)


# --- the rules -------------------------------------------------------------------------------------------


def has_one_shape(metric: Metric) -> None:
    rows = answer(metric)
    said = rows["na_reason"].isna()
    assert list(rows.columns) == list(COLUMNS)
    assert rows["n"].notna().all()
    assert (rows["value"].notna() == said).all()
    assert rows.loc[~said, "na_reason"].isin(NA_REASONS).all()
    assert set().union(*rows["warnings"]) <= set(WARNINGS)
    assert set(rows.index) == set(ask().groups)


def has_limits_around_the_value(metric: Metric) -> None:
    rows = answer(metric)
    said = rows[rows["na_reason"].isna()]
    if metric.estimate:
        assert (said["low"] <= said["value"]).all()
        assert (said["value"] <= said["high"]).all()
        assert (said["n"] >= metric.min_n).all()
    else:
        assert said[["low", "high", "level"]].isna().all(axis=None)


def ignores_the_order_of_rows(metric: Metric) -> None:
    same(answer(metric), answer(metric, shuffled))


def ignores_the_currency(metric: Metric) -> None:
    """Money grows with the money; everything else stays what it was."""
    before, after = answer(metric)[NUMBERS], answer(metric, in_another_currency)[NUMBERS]
    factor = SCALE if metric.unit in ("money", "money_per_day") else 1.0
    same(before[["value", "low", "high"]] * factor, after[["value", "low", "high"]])
    same(before[["n", "na_reason"]], after[["n", "na_reason"]])


def ignores_a_second_import(metric: Metric) -> None:
    same(answer(metric), answer(metric, imported_twice))


def ignores_what_comes_later(metric: Metric) -> None:
    same(answer(metric), answer(metric, with_what_comes_later))


def says_nothing_about_nothing(metric: Metric) -> None:
    """A rep without a row has no share, no ratio and no duration; a sum of nothing is 0."""
    rows = metric.answer(about_the_idle())
    sums = metric.unit in ("money", "count", "money_per_day")
    assert (rows["na_reason"].notna() | (sums & (rows["value"] == 0))).all()


def says_nothing_before_the_beginning(metric: Metric) -> None:
    assert metric.answer(before_the_beginning())["na_reason"].notna().all()


def rests_on_its_rows(metric: Metric) -> None:
    """Without the other rows the answer is the same; and it does not count more than there are."""
    if metric.pooled or "rep" not in metric.scopes:
        return
    rep = "derya"
    rows = metric.rows_behind(ask().data, PERIOD, rep)
    mine = answer(metric).loc[[rep]]
    assert (mine["n"] <= max(len(rows), 1)).all()
    kept = set()
    for name, key in (("opportunity", "deal_id"), ("lead", "lead_id"), ("quota", "rep_or_team")):
        column = {"quota": "owner_id"}.get(name, key)
        if column in rows and rows[column].ne("").any():
            kept.add((name, key, frozenset(rows[column].dropna())))
    again = metric.answer(ask_with_only(rep, frozenset(kept)))
    parts = mine["part"].isin(again["part"])
    columns = ["part", "value", "na_reason"]
    same(mine[parts][columns], again[again["part"].isin(mine["part"])][columns])
    assert mine.loc[~parts, "numerator"].eq(0).all()  # a part of which this rep has nothing


def is_described(metric: Metric) -> None:
    assert metric.calculate.__doc__
    assert all((metric.population, metric.time, metric.value, metric.exclusions, metric.null_rule, metric.source))
    assert metric.unit in get_args(Unit)
    assert metric.family in get_args(Family)
    for code in CODES:
        words = load_words(code)
        texts = [words(f"metric.{metric.metric_id}.{key}") for key in ("name", "short", "definition", "formula")]
        assert all(texts)
        assert len(texts[1]) <= 24
        assert texts[2].endswith(".")


RULES = (
    has_one_shape,
    has_limits_around_the_value,
    ignores_the_order_of_rows,
    ignores_the_currency,
    ignores_a_second_import,
    ignores_what_comes_later,
    says_nothing_about_nothing,
    says_nothing_before_the_beginning,
    rests_on_its_rows,
    is_described,
)


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_metric_keeps_the_rule(rule: Callable[[Metric], None], metric: Metric):
    rule(metric)


def test_most_metrics_have_something_to_say_about_this_organisation():
    """Rules that hold because nothing was said would prove nothing."""
    silent = {
        name for name, metric in METRICS.items() if answer(metric)["na_reason"].notna().all()
    }  # fmt: skip

    young = {"win_rate_cohort", "stage_conv_cohort", "source_quality"}
    of_teams = {"reps_at_quota", "cac", "source_cost_per_win", "sales_efficiency_ratio", "magic_number", "ramp_time"}
    of_all = {"voc_themes", "voc_lost_value", "competency_reliability"}
    of_coaches = {
        "coaching_cadence",
        "coaching_gap",
        "coaching_hours",
        "feedback_timeliness",
        "rater_agreement",
        "rater_leniency",
    }
    few = {"required_coverage", "csat", "csat_mean", "nps", "ces", "prob_calibration"}
    assert silent <= {*young, *of_teams, *of_all, *of_coaches, *few, "reliability"}


# --- the naive versions, each of which must be caught ----------------------------------------------------

HONEST = METRICS["win_rate_count"]


def naive(calculate: Callable[[Question], pd.Series], **changes: object) -> Metric:
    """A metric that keeps the shape and breaks one promise."""

    def raw(asked: Question) -> pd.DataFrame:
        value = calculate(asked).reindex(asked.groups).astype(float)
        return answers(
            value=value, n=9, numerator=value, denominator=1.0, low=value, high=value, index=asked.groups
        )  # fmt: skip

    return replace(HONEST, calculate=raw, **changes)  # type: ignore[arg-type]


def first_amount(asked: Question) -> pd.Series:
    return asked.data.sources["opportunity"].groupby("owner_id")["amount"].first()


def large_deals(asked: Question) -> pd.Series:
    return asked.data.deals.groupby("owner_id")["amount"].apply(lambda amount: (amount > 10_000).mean())


def moves_in_the_file(asked: Question) -> pd.Series:
    history = asked.data.sources["stage_history"].merge(asked.data.deals[["deal_id", "owner_id"]], on="deal_id")
    return history.groupby("owner_id").size()


def deals_in_the_file(asked: Question) -> pd.Series:
    return asked.data.sources["opportunity"].groupby("owner_id").size()


def zero_for_nothing(asked: Question) -> pd.Series:
    won = asked.data.deals.groupby("owner_id")["status"].apply(lambda status: (status == "won").mean())
    return won.reindex(asked.groups).fillna(0.0)


def everybodys_deals(asked: Question) -> pd.Series:
    return pd.Series(float(len(asked.data.closed_in(asked.period))), index=asked.groups)


def outside_its_limits(asked: Question) -> pd.DataFrame:
    return answers(value=0.5, n=9, numerator=1.0, denominator=1.0, low=0.6, high=0.7, index=asked.groups)


def missing_without_a_reason(asked: Question) -> pd.DataFrame:
    return answers(value=np.nan, n=9, numerator=1.0, denominator=1.0, index=asked.groups)


@pytest.mark.parametrize(
    ("rule", "metric"),
    [
        (has_one_shape, replace(HONEST, calculate=missing_without_a_reason)),
        (has_limits_around_the_value, replace(HONEST, calculate=outside_its_limits)),
        (ignores_the_order_of_rows, naive(first_amount)),
        (ignores_the_currency, naive(large_deals)),
        (ignores_a_second_import, naive(moves_in_the_file)),
        (ignores_what_comes_later, naive(deals_in_the_file)),
        (says_nothing_about_nothing, naive(zero_for_nothing)),
        (rests_on_its_rows, naive(everybodys_deals)),
        (is_described, replace(HONEST, source="")),
    ],
    ids=lambda found: getattr(found, "__name__", ""),
)
def test_a_metric_that_breaks_the_rule_is_caught(rule: Callable[[Metric], None], metric: Metric):
    with pytest.raises(AssertionError):
        rule(metric)


# --- one question, any engine, any group ---------------------------------------------------------------------


def test_a_team_is_its_members_added_up_and_the_organisation_everybody():
    data = ask().data
    rep, team, whole = (METRICS["win_rate_count"].rows(data, PERIOD, by=by) for by in ("rep", "team", "all"))

    assert team.loc["T1", "n"] == whole.loc["all", "n"] == rep["n"].sum()
    assert whole.loc["all", "numerator"] == rep["numerator"].sum()


def test_a_metric_of_teams_says_nothing_about_one_person():
    rows = METRICS["reps_at_quota"].rows(ask().data, PERIOD)

    assert (rows["na_reason"] == "not_applicable").all()
    assert METRICS["reps_at_quota"].rows(ask().data, PERIOD, by="all")["n"].tolist() == [len(REPS)] * 2


def test_a_metric_outside_the_role_does_not_apply():
    given = tables()
    given["rep"] = given["rep"].assign(role=["SDR", *["AE"] * len(REPS)])
    data = organisation(given)

    assert METRICS["win_rate_count"].rows(data, PERIOD).loc["ayse", "na_reason"] == "not_applicable"
    assert METRICS["lead_to_opp"].rows(data, PERIOD).loc["ayse", "n"].max() > 0


def test_the_bridge_adds_up_to_the_last_hundredth():
    rows = METRICS["pipeline_bridge"].answer(ask()).set_index("part", append=True)["value"].unstack()
    steps = rows.drop(columns=["start", "end"]).sum(axis=1)

    pd.testing.assert_series_equal(rows["start"] + steps, rows["end"], check_names=False, rtol=0, atol=1e-6)
    assert rows["end"].sum() > 0


def test_names_of_metrics_are_those_of_the_catalogue():
    assert all(re.fullmatch(r"[a-z_]+", name) for name in METRICS)


def test_a_tally_is_the_same_on_another_engine():
    import duckdb

    deals = ask().data.deals[["owner_id", "status", "amount", "closed"]]
    relation = duckdb.connect().from_df(deals)
    sums = {"won": col("status") == "won", "total": col("amount"), "squares": col("amount") ** 2}
    here, there = (tally(rows, ["owner_id"], largest=["amount"], **sums) for rows in (deals, relation))

    pd.testing.assert_frame_equal(here, there, check_dtype=False, rtol=1e-12)


def test_what_is_missing_is_counted_alike_on_every_engine():
    """Rows of nobody are left out, a missing part is a part, a missing amount adds nothing."""
    import duckdb

    deals = pd.DataFrame(
        {
            "owner_id": ["a", "b", None, "a", "a"],
            "part": ["x", None, "x", "x", "y"],
            "amount": [1.0, np.nan, 5.0, 2.5, 4.0],
        }
    )
    relation = duckdb.connect().from_df(deals)
    sums = {"total": col("amount"), "large": col("amount") > 2}
    here, there = (
        tally(rows, ["owner_id", "part"], largest=["amount"], **sums).reset_index().fillna({"part": "none"})
        for rows in (deals, relation)
    )

    pd.testing.assert_frame_equal(here, there, check_dtype=False)
    assert here["n"].tolist() == [2, 1, 1]
    assert here["total"].tolist() == [3.5, 4.0, 0.0]


def test_rows_of_an_engine_can_be_added_up_by_rep():
    rows = rows_of(closed(ask().data, PERIOD).table())
    won = METRICS["win_rate_count"].answer(ask())["numerator"].sum()

    assert ask().tally(rows, won=col("won"))["won"].sum() == won


def test_the_day_after_the_period_the_state_of_today_is_not_about_it():
    later = Question.about(organisation(tables(), PERIOD.end + timedelta(days=2)), PERIOD)

    assert (METRICS["stalled"].answer(later)["na_reason"] == "not_applicable").all()
