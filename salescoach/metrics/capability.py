"""How soon people find their feet, what they have learnt, what observers see, and how far observers agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.typing import NaTType
from scipy import special

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import booked_by_credit, remembered
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.curves import duration_median, everyone_by, median_answers
from salescoach.metrics.events import COACHES, during, each, happened
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import share
from salescoach.metrics.spread import means
from salescoach.metrics.tally import Rows, rows_of, tally
from salescoach.metrics.told import Told, beside
from salescoach.statistics import kappa_limits
from salescoach.tables.data import SalesData

_RAMPED = 0.80
"""Part of the median of experienced people from which a newcomer counts as having found their feet."""

_EXPERIENCED_MONTHS = 12
_LOOK_BACK_MONTHS = 36
_QUARTER = 3
_FEWEST_DOUBLE = 10
_FEWEST_PEOPLE = 5
_PARTS = ("with_leavers", "stayed")


def _months(data: SalesData, period: Period) -> pd.PeriodIndex:
    """The whole months of three years before the end of *period*, as far as they are known."""
    last = min(pd.Timestamp(period.end), pd.Timestamp(data.as_of) + pd.Timedelta(days=1)).to_period("M") - 1
    return pd.period_range(last - _LOOK_BACK_MONTHS + 1, last, freq="M")


def _won_by_month(data: SalesData, months: pd.PeriodIndex) -> pd.DataFrame:
    """Credited bookings of each person (rows) in each month (columns), summed over the quarter that ends with it."""
    first, after = months[0].start_time.date(), (months[-1] + 1).start_time.date()
    span = Period(f"{first:%Y-%m}", first, after)
    rows = booked_by_credit(data, span).with_columns(month=col("closed"))
    won = tally(rows, ["owner_id", "month"], amount=col("amount"))["amount"].reset_index()
    won["month"] = pd.to_datetime(won["month"], unit="D").dt.to_period("M")
    table = won.pivot_table(index="owner_id", columns="month", values="amount", aggfunc="sum")
    return table.reindex(columns=months).fillna(0.0).T.rolling(_QUARTER).sum().T


def newcomers(data: SalesData, period: Period) -> Rows:
    """People who began to sell in the three years before the end of *period*: ``exit`` in months, ``ended``, ``left``.

    Ended: the quarter behind them reached 80 % of the median of those who had sold for a year. Who left before is
    right-censored there, who is still on the way at ``as_of``.
    """
    months = _months(data, period)
    people = data.reps[data.reps["role"].isna() | data.reps["role"].isin(CLOSERS)]
    start = pd.to_datetime(people["start_date"]).dt.to_period("M")
    gone = pd.to_datetime(people["end_date"]).where(pd.to_datetime(people["end_date"]) <= pd.Timestamp(data.as_of))
    won = _won_by_month(data, months).reindex(people.index).fillna(0.0)
    since = np.array([[_apart(month, begun) for month in months] for begun in start]).reshape(len(people), -1)
    here = ~(gone.dt.to_period("M").to_numpy()[:, None] < months.to_numpy()[None, :])
    old = won.where((since >= _EXPERIENCED_MONTHS) & here)
    bar = old.median() * _RAMPED
    found = []
    for place, rep in enumerate(people.index):
        if start.isna().iloc[place] or not months[0] + _QUARTER <= start.iloc[place] <= months[-1]:
            continue
        reached = (won.iloc[place] >= bar) & (bar > 0) & (since[place] >= _QUARTER - 1) & here[place]
        left = pd.notna(gone.iloc[place])
        end = gone.iloc[place].to_period("M") if left else months[-1]
        took = since[place][reached.to_numpy()]
        months_seen = float(took[0]) + 1 if len(took) else float(max(_apart(end, start.iloc[place]) + 1, 0))
        found.append((rep, months_seen, bool(len(took)), bool(left and not len(took))))
    table = pd.DataFrame(found, columns=["owner_id", "exit", "ended", "left"])
    return rows_of(table.astype({"exit": float, "ended": bool, "left": bool}).assign(entry=-0.5))


def _apart(later: pd.Period, earlier: pd.Period | NaTType) -> float:
    """Months from one month to another; missing when the earlier one is."""
    if not isinstance(earlier, pd.Period):
        return float("nan")
    return float((later.year - earlier.year) * 12 + later.month - earlier.month)


def assigned_training(data: SalesData, period: Period) -> Rows:
    """Training that was due in *period*; ``event`` = completed by then."""
    rows = during(data, "training_completion", "due", period).table()
    rows = rows[rows["status"] != "cancelled"]
    done = happened(rows, "completed_at", day_number(data.as_of)) <= rows["due_day"]
    return rows_of(rows.assign(event=done, owner_id=rows["rep_id"]).reset_index(drop=True))


def _points(data: SalesData) -> pd.DataFrame:
    return data.once("points", lambda: _given_by_others(data))


def _given_by_others(data: SalesData) -> pd.DataFrame:
    """Every item answered about somebody by somebody else, up to ``as_of``, as far as it could be seen."""
    seen = each(data, "observation")
    given = each(data, "answer")
    given = given[given["value"].notna() & ~given["na"].astype("boolean").fillna(False).astype(bool)]
    others = seen[~seen["is_self"].astype(bool)]
    return given[["obs_id", "item_id", "value"]].merge(others, on="obs_id")


@remembered
def scored_twice(data: SalesData, period: Period) -> Rows:
    """Items that two observers scored about the same deal or activity, up to ``as_of``, once from either side.

    ``owner_id`` is the observer, ``own`` and ``other`` the points, ``gap`` their difference.
    """
    points = _points(data)
    subject = points["subject_activity_id"].where(points["subject_activity_id"].notna(), points["subject_deal_id"])
    points = points.assign(subject=subject).dropna(subset=["subject"])
    key = ["subject", "template_id", "rep_id", "item_id"]
    seen = points.drop_duplicates("obs_id")
    of_two = seen.loc[seen.duplicated(key[:-1], keep=False), "obs_id"]
    points = points[points["obs_id"].isin(of_two)]
    sides = points[[*key, "observer_id", "value"]]
    pairs = sides.merge(sides, on=key, suffixes=("", "_other"))
    pairs = pairs[pairs["observer_id"] != pairs["observer_id_other"]]
    pairs = pairs.assign(
        owner_id=pairs["observer_id"], own=pairs["value"].astype(float), other=pairs["value_other"].astype(float)
    )  # fmt: skip
    return rows_of(pairs.assign(gap=pairs["own"] - pairs["other"]).reset_index(drop=True))


def observed(data: SalesData, period: Period) -> Rows:
    """Observations of *period* by others: ``score``, the mean of their items less the observer's leniency."""
    points = _points(data)
    stop = min(period.after, day_number(data.as_of) + 1)
    points = points[(points["occurred_at_day"] >= period.first) & (points["occurred_at_day"] < stop)]
    scores = points.groupby(["obs_id", "rep_id", "observer_id"])["value"].mean().rename("raw").reset_index()
    leniency = scores["observer_id"].map(_leniency_of(data, period)).astype(float)
    table = scores.assign(score=scores["raw"].astype(float) - leniency.fillna(0.0), adjusted=leniency.notna())
    return rows_of(table.assign(owner_id=table["rep_id"]).reset_index(drop=True))


def _leniency_of(data: SalesData, period: Period) -> pd.Series:
    """How many points each observer gives more than the others about the same thing, by at least ten items."""
    gaps = tally(scored_twice(data, period), ["owner_id"], gap=col("gap"))
    enough = gaps[gaps["n"] >= _FEWEST_DOUBLE]
    return enough["gap"] / enough["n"] / 2  # half of the gap is the other's


def _ramp(ask: Question) -> Told:
    """Kaplan-Meier median of months; leavers right-censored, and once more without them."""
    rows, found = ask.once(newcomers), {}
    for part, chosen in zip(_PARTS, (rows, rows.filter(~col("left"))), strict=True):
        found[part] = median_answers(duration_median(ask, chosen), RAMP.min_n)
    return beside(found, everyone_by(ask, _PARTS))


def _training(ask: Question) -> Told:
    """completed by the day it was due / due; Wilson's interval."""
    sums = ask.tally(ask.once(assigned_training), event=col("event"))
    return share(sums.index, sums["event"], sums["n"])


def _competency(ask: Question) -> Told:
    """Mean score of observations, each less its observer's leniency; Student's limits over observations."""
    score = col("score")
    sums = ask.tally(ask.once(observed), total=score, squares=score**2, adjusted=col("adjusted"))
    return means(sums, warnings=warned(sums.index, rater_as_given=sums["adjusted"] < sums["n"]))


def _reliability_of_one(ask: Question) -> Told:
    """Between-person share of the spread of single observations, ICC(1); exact F limits (Shrout & Fleiss 1979)."""
    score = col("score")
    people = tally(ask.once(observed), ["owner_id"], total=score, squares=score**2)
    people = people[people["n"] > 1]
    units, n = len(people), float(people["n"].sum())
    value = low = high = np.nan
    if units > 1:
        centre = people["total"].sum() / n
        means_of = people["total"] / people["n"]
        between = float((people["n"] * (means_of - centre) ** 2).sum()) / (units - 1)
        within = float((people["squares"] - people["total"] * means_of).sum()) / (n - units)
        each_has = (n - float((people["n"] ** 2).sum()) / n) / (units - 1)  # observations per person, if unequal
        ratio = between / within if within > 0 else np.inf
        tails = special.fdtri(units - 1, n - units, [0.5 + LEVEL / 2, 0.5 - LEVEL / 2])
        low, high, value = (
            float(max((f - 1) / (f - 1 + each_has), 0.0)) if np.isfinite(f) else 1.0 for f in (*ratio / tails, ratio)
        )
    # One number about the instrument, and only about the whole organisation.
    return answers(
        value=value, n=int(n), numerator=np.nan, denominator=float(units), low=low, high=high,
        na_reason=reasons(ask.groups, no_exposure=units < _FEWEST_PEOPLE), index=ask.groups,
    )  # fmt: skip


def _agreement(ask: Question) -> Told:
    """Quadratically weighted kappa (Cohen 1968) on items scored by two; jackknife limits."""
    grades = ask.cells(ask.once(scored_twice), "own", "other")
    own, other, pairs = grades["own"], grades["other"], grades["n"]
    n = np.bincount(grades.codes[0], pairs, minlength=len(ask.groups)).astype(np.int64)
    limits = np.full((len(ask.groups), 3), np.nan)
    for place in np.flatnonzero(n >= _FEWEST_DOUBLE):
        mine = grades.codes[0] == place
        limits[place] = kappa_limits(own[mine], other[mine], pairs[mine], weights="quadratic")
    value, low, high = limits.T
    alike = (n >= _FEWEST_DOUBLE) & np.isnan(value)
    return answers(
        value=value, n=n, numerator=np.nan, denominator=n, low=low, high=high,
        na_reason=reasons(ask.groups, no_exposure=alike), index=ask.groups,
    )  # fmt: skip


def _leniency(ask: Question) -> Told:
    """Mean of own points less the other observer's on the same item; Student's limits."""
    gap = col("gap")
    return means(ask.tally(ask.once(scored_twice), total=gap, squares=gap**2))


RAMP = Metric(
    metric_id="ramp_time",
    version=1,
    unit="months",
    better="down",
    population="people who began to sell; who left or is still on the way is right-censored",
    time="began in the three years before the end of the period",
    value="months to the first quarter with 80 % of the median of those who had sold for a year",
    null_rule="half not yet there: not_reached; fewer than 5 there: below_min_n",
    source="own; Kaplan & Meier 1958",
    min_n=5,
    calculate=_ramp,
    observe=newcomers,
    scopes=("team", "all"),
    pooled=True,
)
TRAINING = Metric(
    metric_id="training_completion",
    version=1,
    unit="share",
    better="up",
    population="training that was assigned",
    time="due in the period, up to as_of",
    value="1 if completed by the day it was due",
    exclusions="cancelled training, and what is not due yet",
    null_rule="nothing due: no_exposure",
    min_n=1,
    calculate=_training,
    observe=assigned_training,
    tables=("training_completion",),
)
COMPETENCY = Metric(
    metric_id="competency_score",
    version=1,
    unit="score",
    better="up",
    population="observations by others",
    time="made in the period",
    value="mean of the items, 1 to 5, less the observer's leniency where ten double-scored items show it",
    exclusions="self-assessments; items that could not be observed",
    null_rule="fewer than 5 observations: below_min_n",
    source="insight7.io (20-30 calls)",
    min_n=5,
    calculate=_competency,
    observe=observed,
    family="score",
    tables=("observation", "answer"),
)
ONE_OBSERVATION = Metric(
    metric_id="competency_reliability",
    version=1,
    unit="share",
    better="up",
    population="observations by others, of people observed at least twice",
    time="made in the period",
    value="mean of the items, 1 to 5, less the observer's leniency where ten double-scored items show it",
    exclusions="self-assessments; items that could not be observed",
    null_rule="fewer than 10 observations: below_min_n; fewer than 5 people: no_exposure",
    source="own; Shrout & Fleiss 1979",
    min_n=_FEWEST_DOUBLE,
    calculate=_reliability_of_one,
    observe=observed,
    tables=("observation", "answer"),
    scopes=("all",),
)
AGREEMENT = Metric(
    metric_id="rater_agreement",
    version=1,
    unit="score",
    better="up",
    population="items that two observers scored about the same deal or activity",
    time="up to as_of",
    value="points, 1 to 5; a near miss weighs less than a wide one",
    exclusions="self-assessments; items that could not be observed",
    null_rule="fewer than 10 items: below_min_n; everybody always gave the same points: no_exposure",
    source="own; Cohen 1968",
    min_n=_FEWEST_DOUBLE,
    calculate=_agreement,
    observe=scored_twice,
    tables=("observation", "answer"),
    roles=COACHES,
)
LENIENCY = Metric(
    metric_id="rater_leniency",
    version=1,
    unit="score",
    better="target",
    population="items that two observers scored about the same deal or activity",
    time="up to as_of",
    value="own points less the other's",
    exclusions="self-assessments; items that could not be observed",
    null_rule="fewer than 10 items: below_min_n",
    min_n=_FEWEST_DOUBLE,
    calculate=_leniency,
    observe=scored_twice,
    tables=("observation", "answer"),
    roles=COACHES,
)
METRICS = (RAMP, TRAINING, COMPETENCY, ONE_OBSERVATION, AGREEMENT, LENIENCY)
