"""What was said would be won, and what was: accuracy, bias, commit realisation, calibration of probabilities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from salescoach.calendar import Period, day_number
from salescoach.metrics.cases import beside_deals, credited, deals_of, undone_of, visits_of
from salescoach.metrics.contract import CLOSERS, Metric, answers, reasons
from salescoach.metrics.curves import everyone_by, lines_of
from salescoach.metrics.events import each, stated_before
from salescoach.metrics.expressions import col, lit
from salescoach.metrics.question import Question
from salescoach.metrics.ratios import ratio_of_sums, share, value_shares
from salescoach.metrics.spread import means
from salescoach.metrics.tally import Rows, in_memory, rows_of, tally
from salescoach.metrics.tally import below as rows_below
from salescoach.metrics.told import Told, below
from salescoach.tables.data import SalesData

LEAD_TIMES = {"day_1": 0.0, "at_30": 0.3, "at_60": 0.6}
"""Part of a forecast period after which a call is frozen and judged; ``day_1`` is the first week."""

CATEGORIES = ("commit", "best_case", "pipeline")
_FIRST_WEEK = 7
_YEAR = 366
_LOOK_BACK = 2 * _YEAR  # days of calls that a bias rests on
_FEWEST_RESOLVED = 100
_BINS = ("0-20", "20-40", "40-60", "60-80", "80-100")
_FINE = 100.0


def _spans(data: SalesData, starts: pd.Series) -> list[Period]:
    """The forecast periods that begin on *starts*: reporting periods of the organisation, or months."""
    days = sorted(pd.Timestamp(day).date() for day in starts.unique())
    usual = [data.calendar.period_of(day) for day in days]
    if all(span.start == day for span, day in zip(usual, days, strict=True)):
        return usual
    return [data.calendar.period(f"{day:%Y-%m}") for day in days]


def _wins(data: SalesData) -> pd.DataFrame:
    """Credited amounts by ``owner_id``, ``closed`` and ``undone_on`` (missing: it stands): of any day."""
    columns = ["deal_id", "owner_id", "amount", "closed"]
    is_win = (col("status") == "won", col("amount") > 0)
    stands = lit(None)
    won = deals_of(data).filter(*is_win).select(*columns, undone_on=stands)
    undone = undone_of(data).filter(*is_win).select(*columns, "undone_on")
    every = rows_below(won, undone)
    days = ["owner_id", "closed", "undone_on"]
    return tally(credited(data, every), days, amount=col("amount")).reset_index()


def _booked(wins: pd.DataFrame, span: Period, people: pd.Index) -> npt.NDArray[np.float64]:
    """Bookings of each of *people* in *span*, from :func:`_wins`: what was won in it, less what was undone in it."""
    closed, undone = wins["closed"].to_numpy(), wins["undone_on"].to_numpy()
    won = (closed >= span.first) & (closed < span.after) & ~(undone < span.after)
    taken = (closed < span.first) & (undone >= span.first) & (undone < span.after)
    amounts = wins["amount"].to_numpy() * np.where(won, 1.0, np.where(taken, -1.0, 0.0))
    place = people.get_indexer(pd.Index(wins["owner_id"])) + 1
    return np.bincount(place, amounts, minlength=len(people) + 1).astype(np.float64, copy=False)[1:]


def _frozen(data: SalesData, period: Period) -> pd.DataFrame:
    """Commit calls of reps, as they stood, for the forecast periods of the two years before the end of *period*.

    ``owner_id``, ``part`` (the lead time), ``period``, ``forecast``, ``actual``; one row per rep, period, lead time.
    """
    after = min(period.after, day_number(data.as_of) + 1)
    wins = _wins(data)
    said = each(data, "forecast_submission")
    said = said[(said["kind"] == "rep_call") & (said["category"] == "commit")].sort_values(
        "submitted_at", kind="stable"
    )
    forecast = data.in_base(said, "amount", "submitted_at_day").to_numpy()
    began, day = said["period_start_day"].to_numpy(), said["submitted_at_day"].to_numpy()
    people = pd.Index(said["rep_id"].unique())
    rep = people.get_indexer(said["rep_id"])
    found = []
    for span in _spans(data, said["period_start"]):
        if not (after - _LOOK_BACK <= span.first and span.after <= after):
            continue
        won, mine = _booked(wins, span, people), np.flatnonzero(began == span.first)
        for part, elapsed in LEAD_TIMES.items():
            until = span.first + max(_FIRST_WEEK, elapsed * (span.after - span.first))
            calls = mine[day[mine] < until]
            newest = calls[::-1][np.unique(rep[calls[::-1]], return_index=True)[1]]
            found += [(rep[row], part, span.label, forecast[row], won[rep[row]], span.first) for row in np.sort(newest)]
    columns = ["owner_id", "part", "period", "forecast", "actual", "began"]
    table = pd.DataFrame(found, columns=columns)
    table["owner_id"] = people.take(table["owner_id"].to_numpy(dtype=np.int64))
    return table.astype({"forecast": float, "actual": float}).dropna(subset=["forecast"]).reset_index(drop=True)


def calls(data: SalesData, period: Period) -> Rows:
    """Calls for the forecast periods of the year before the end of *period*, with what was won: see :func:`_frozen`."""
    end = min(period.after, day_number(data.as_of) + 1)
    rows = data.once((_frozen, period), lambda: _frozen(data, period))
    return rows_of(rows[rows["began"] >= end - _YEAR].drop(columns="began").reset_index(drop=True))


def first_calls(data: SalesData, period: Period) -> Rows:
    """First-week calls for the forecast periods of the two years before the end of *period*, with what was won."""
    rows = data.once((_frozen, period), lambda: _frozen(data, period)).drop(columns="began")
    return rows_of(rows[rows["part"] == "day_1"].reset_index(drop=True))


def calls_of_two_years(data: SalesData, period: Period) -> Rows:
    """Those of :func:`first_calls` in which something was said and something won; ``log`` of F / A."""
    rows = first_calls(data, period).table()
    both = rows[(rows["forecast"] > 0) & (rows["actual"] > 0)]
    return rows_of(both.assign(log=np.log(both["forecast"] / both["actual"])).reset_index(drop=True))


def in_category(data: SalesData, period: Period) -> Rows:
    """Deals open when *period* began, then due in it, with their category of then as ``part``: ``amount``, ``won``."""
    then = stated_before(data, period.first, "close_date_at_day", "amount_at", "forecast_category_at")
    then = then[
        then["close_date_at_day"].between(period.first, period.after - 1)
        & then["forecast_category_at"].isin(CATEGORIES)
    ]
    there = col("closed").is_null() | (col("closed") >= period.first)
    rows = deals_of(data).drop("amount").filter(there, col("status") != "cancelled")
    deals = in_memory(rows.join(beside_deals(data, then), on="deal_id", how="inner"))
    deals = deals.assign(day=float(period.first), amount_then=deals["amount_at"].fillna(deals["amount_original"]))
    stop = min(period.after, day_number(data.as_of) + 1)
    table = deals.assign(
        amount=data.in_base(deals, "amount_then", "day"), part=deals["forecast_category_at"],
        won=(deals["status"] == "won") & (deals["closed"] < stop),
    )  # fmt: skip
    return rows_of(table[(table["amount"] > 0) & ~table["born_closed"]].reset_index(drop=True))


def resolved(data: SalesData, period: Period) -> Rows:
    """Deals open when *period* began and decided in it: ``stated`` chance of the stage of that day, ``won``, ``miss``.

    The chance is that of the stage in which the deal then stood: the one in the deal itself is overwritten when it
    closes.
    """
    stop = min(period.after, day_number(data.as_of) + 1)
    inside = (col("closed") >= period.first) & (col("closed") < stop)
    decided = deals_of(data).filter(col("status").is_in(["won", "lost"]), ~col("born_closed"), inside)
    before = visits_of(data).filter(col("entered") < period.first)
    visits = in_memory(before.join(decided.select("deal_id"), on="deal_id", how="semi"))
    stood = visits.take(np.argsort(visits["entered_at"].to_numpy(), kind="stable")).drop_duplicates(
        "deal_id", keep="last"
    )
    stood = stood[["deal_id", "pipeline", "stage"]]
    chance = data.stages.loc[data.stages["kind"] == "open", ["pipeline", "stage", "default_prob"]]
    stood = stood.merge(chance, on=["pipeline", "stage"])[["deal_id", "default_prob"]].dropna()
    deals = in_memory(decided).merge(stood, on="deal_id")
    stated, won = deals["default_prob"].astype(float), deals["status"] == "won"
    place = np.minimum((stated * len(_BINS)).fillna(0).astype(int), len(_BINS) - 1)
    return rows_of(deals.assign(stated=stated, won=won, miss=(stated - won) ** 2, part=np.array(_BINS)[place]))


def _accuracy(ask: Question) -> Told:
    """1 - sum of absolute misses / sum won, call by call; limits over calls by the delta method."""
    top, bottom = (col("forecast") - col("actual")).abs(), col("actual")
    rows = ask.once(calls)
    cells = ask.cells(rows, "part", top=top, bottom=bottom, top2=top**2, bottom2=bottom**2, both=top * bottom)
    sums = ask.by_part(cells, list(LEAD_TIMES))
    ratio, low, high = ratio_of_sums(sums)
    low, high = (np.where(sums["top"] == 0, ratio, limit) for limit in (low, high))
    nothing = (sums["n"] > 0) & (sums["bottom"] <= 0)
    return answers(
        value=1 - ratio, n=sums["n"], numerator=sums["top"], denominator=sums["bottom"], low=1 - high, high=1 - low,
        na_reason=reasons(sums.index, no_exposure=nothing, below_min_n=(sums["n"] > 0) & ~np.isfinite(low)),
        index=sums.index,
    )  # fmt: skip


def _bias(ask: Question) -> Told:
    """Mean of log(F / A) over forecast periods; Student's limits. + = more was said than was won."""
    log = col("log")
    return means(ask.tally(ask.once(calls_of_two_years), total=log, squares=log**2))


def _bias_by_value(ask: Question) -> Told:
    """sum of (F - A) / sum of A over forecast periods; delta method on the log of F / A. + = more was said than won."""
    top, bottom = col("forecast"), col("actual")
    sums = ask.tally(
        ask.once(first_calls), top=top, bottom=bottom, top2=top**2, bottom2=bottom**2, both=top * bottom
    )  # fmt: skip
    ratio, low, high = ratio_of_sums(sums)
    nothing = (sums["n"] >= BIAS.min_n) & ((sums["bottom"] <= 0) | (sums["top"] <= 0))
    return answers(
        value=ratio - 1, n=sums["n"], numerator=sums["top"] - sums["bottom"], denominator=sums["bottom"], low=low - 1,
        high=high - 1, na_reason=reasons(sums.index, no_exposure=nothing), index=sums.index,
    )  # fmt: skip


def _category_conv(ask: Question) -> Told:
    """value won / value in the category on day 1; bootstrap over deals (Efron 1979)."""
    rows = ask.once(in_category).with_columns(bar=(col("amount").log() * _FINE).round())
    bars = ask.cells(rows, "part", "won", "bar", total=col("amount"))
    index = everyone_by(ask, CATEGORIES)
    found = value_shares(index, bars, bars["won"], lines_of(bars, CATEGORIES))
    unsaid = bool(ask.data.table("stage_history")["forecast_category_at"].isna().all())
    return answers(
        value=found["value"], n=found["n"], numerator=found["inside"], denominator=found["total"], low=found["low"],
        high=found["high"], na_reason=reasons(index, missing_field=unsaid), index=index,
    )  # fmt: skip


def _calibration(ask: Question) -> Told:
    """Mean of (chance - outcome)^2 (Brier 1950) with Student's limits; share won among deals of each chance, Wilson."""
    rows, miss = ask.once(resolved), col("miss")
    whole = means(ask.tally(rows, total=miss, squares=miss**2))
    few = (whole["n"] > 0) & (whole["n"] < _FEWEST_RESOLVED)
    whole = whole.assign(na_reason=reasons(whole.index, below_min_n=few)).set_axis(everyone_by(ask, ["brier"]))
    bins = ask.by_part(ask.cells(rows, "part", won=col("won")), _BINS)
    unsaid = bool(ask.data.stages["default_prob"].isna().all())
    found = below([whole, share(bins.index, bins["won"], bins["n"])])
    return found.assign(na_reason="missing_field") if unsaid else found


ACCURACY = Metric(
    metric_id="forecast_accuracy",
    version=1,
    unit="share",
    better="up",
    population="commit calls of reps as they stood in the first week and after 30 and 60 % of the forecast period",
    time="forecast periods of the 12 months before the end of the period",
    value="distance of the call from the amount won; each call is judged by itself, also in a team",
    exclusions="managers' adjustments; forecast periods that are not over",
    null_rule="nothing won: no_exposure; one call: below_min_n",
    min_n=2,
    calculate=_accuracy,
    observe=calls,
    tables=("forecast_submission",),
    roles=CLOSERS,
)
BIAS = Metric(
    metric_id="forecast_bias",
    version=1,
    unit="score",
    better="target",
    population="first-week commit calls of reps for forecast periods in which something was said and something won",
    time="forecast periods of the two years before the end of the period",
    value="log of the call over the amount won",
    exclusions="managers' adjustments; forecast periods that are not over",
    null_rule="fewer than 4 calls: below_min_n",
    min_n=4,
    calculate=_bias,
    observe=calls_of_two_years,
    family="score",
    tables=("forecast_submission",),
    roles=CLOSERS,
)
BIAS_BY_VALUE = replace(
    BIAS,
    metric_id="forecast_bias_value",
    unit="share",
    population="first-week commit calls of reps, also for forecast periods in which nothing was won",
    value="call less the amount won, over the amount won",
    null_rule="fewer than 4 calls: below_min_n; nothing said or nothing won in all of them: no_exposure",
    calculate=_bias_by_value,
    observe=first_calls,
    family="none",
)
CATEGORY_CONV = Metric(
    metric_id="category_conv",
    version=1,
    unit="share",
    better="target",
    population="deals open and due in the period on its first day, by the forecast category they had then",
    time="state on day 1, won in the period",
    value="amount of day 1",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="none in the category: no_exposure; no category in the history: missing_field",
    min_n=1,
    calculate=_category_conv,
    observe=in_category,
    tables=("stage_history",),
    fields=("amount",),
    roles=CLOSERS,
)
CALIBRATION = Metric(
    metric_id="prob_calibration",
    version=1,
    unit="score",
    better="down",
    population="deals open when the period began and decided in it",
    time="stage on day 1, outcome in the period",
    value="chance that the CRM states for that stage; 1 if won",
    exclusions="cancelled deals and those closed on the day they were created",
    null_rule="fewer than 100 decided: below_min_n for the Brier score, fewer than 5 for a range of chances",
    source="own; Brier 1950",
    min_n=5,
    calculate=_calibration,
    observe=resolved,
    tables=("stage_history",),
    roles=CLOSERS,
)
METRICS = (ACCURACY, BIAS, BIAS_BY_VALUE, CATEGORY_CONV, CALIBRATION)
