"""How likely it is that a rep reaches the quota by the end of the period, at the pace of the last twelve months."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.cases import booked_by_credit, credited, remembered, sold_usual
from salescoach.metrics.contract import CLOSERS, LEVEL, Metric, answers, reasons, warned
from salescoach.metrics.expressions import col
from salescoach.metrics.question import Numbers, Question
from salescoach.metrics.quota import days_away, quota_of
from salescoach.metrics.size import unconverted, won_amounts
from salescoach.metrics.tally import Rows, tally
from salescoach.metrics.told import Told
from salescoach.statistics import Sizes, chance_of_sum, gap_posterior
from salescoach.tables.data import SalesData

_YEAR = "last365d"
_NODES = special.ndtri((np.arange(60) + 0.5) / 60)  # equally likely places of a normal
_KNOWN = ("log_rate", "error", "size", "spread", "wins")
_ALIKE = 1e-6  # variance of the logarithms of amounts that are all the same
_EDGE = float(special.ndtri(0.5 + LEVEL / 2))


def won_in_a_year(data: SalesData, period: Period) -> Rows:
    """Deals with an amount won in the twelve months up to ``as_of``, by credit, without mega deals.

    *period* does not matter.
    """
    return credited(data, sold_usual(data, data.calendar.period(_YEAR, data.as_of)))


@remembered
def paces(data: SalesData, period: Period) -> pd.DataFrame:
    """What is known of each seller's pace: wins per working day (``log_rate``, ``error``) and size of a deal.

    ``size`` and ``spread`` of the logarithms of amounts, ``wins`` it rests on. Rates and sizes are drawn towards those
    of the role (normal grid). *period* does not matter.
    """
    log = col("amount").log()
    seen = won_in_a_year(data, period).filter(col("amount") > 0)
    sums = tally(seen, ["owner_id"], logs=log, squares=log**2)
    sums = sums.reindex(list(data.sellers)).fillna(0.0)
    days = data.exposure(data.calendar.period(_YEAR, data.as_of))["working_days"].reindex(sums.index).fillna(0.0)
    roles = data.reps["role"].reindex(sums.index).fillna("").astype(str)
    found = [_of_role(sums[roles == role], days[roles == role]) for role in sorted(set(roles))]
    return pd.concat(found) if found else pd.DataFrame(columns=list(_KNOWN))


def _of_role(sums: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    wins, worked = sums["n"].to_numpy(dtype=float), days.to_numpy(dtype=float)
    several = wins > 1
    left = (sums["squares"] - sums["logs"] ** 2 / sums["n"].where(sums["n"] > 0)).to_numpy(dtype=float)
    freedom = (wins[several] - 1).sum()
    within = max(float(left[several].sum()) / freedom, _ALIKE) if freedom > 0 else np.nan
    pooled = wins.sum() / worked.sum() if worked.sum() > 0 else 0.0
    if not (np.isfinite(within) and pooled > 0):
        return pd.DataFrame(np.nan, sums.index, ["log_rate", "error", "size", "spread"]).assign(wins=wins)
    there = worked > 0
    gap = np.log((wins + 0.5) / (pooled * np.where(there, worked, 1.0) + 0.5))
    pace = gap_posterior(np.where(there, gap, np.nan), np.where(there, 1 / (wins + 0.5), np.nan))
    some = wins > 0
    mean = np.divide(sums["logs"].to_numpy(dtype=float), wins, out=np.full(len(wins), np.nan), where=some)
    size = gap_posterior(mean, np.where(some, within / np.maximum(wins, 1.0), np.nan))
    columns = {
        "log_rate": np.log(pooled) + pace.mean + pace.centre, "error": pace.sd, "size": size.mean + size.centre,
        "spread": np.sqrt(within), "wins": wins,
    }  # fmt: skip
    return pd.DataFrame(columns, index=sums.index)


def days_ahead(ask: Question) -> Numbers:
    """Working days of each rep from the day after ``as_of`` to the end of the period, without days away known now."""
    first = max(ask.data.as_of + timedelta(days=1), ask.period.start)
    left = ask.data.calendar.working_days(first, ask.period.end) if first < ask.period.end else 0
    away = days_away(ask.data, ask.groups, first, ask.period.end) if left else np.zeros(len(ask.groups))
    return np.maximum(left - away, 0.0)


def _quota_chance(ask: Question) -> Told:
    """P(bookings to date + amounts of the wins still to come >= quota): compound Poisson (Fenton 1960).

    Limits: the chance if the rep's true pace lay at the lower or the upper limit of what is known of it.
    """
    sums, quota = ask.shared(won_amounts), ask.shared(quota_of)
    known = ask.once(paces).reindex(ask.groups)
    missing, ahead = quota - sums["total"], days_ahead(ask)
    found = [
        _chances(row, float(target), float(days))
        for row, target, days in zip(known.itertuples(), missing, ahead, strict=True)
    ]
    value, low, high = np.array(found, dtype=float).reshape(-1, 3).T
    wins = known["wins"].fillna(0.0).to_numpy(dtype=float)
    reason = reasons(
        ask.groups, not_applicable=~(quota > 0) | ask.over, met=missing <= 0,
        no_exposure=np.isnan(value) & (wins >= QUOTA_CHANCE.min_n),
    )  # fmt: skip
    mega = ask.tally(ask.once(booked_by_credit), mega=col("is_mega"))["mega"] > 0
    return answers(
        value=value, n=wins, numerator=sums["total"], denominator=quota, low=low, high=high, na_reason=reason,
        warnings=warned(ask.groups, unconverted=unconverted(ask), mega_apart=mega), index=ask.groups,
    )  # fmt: skip


def _chances(known: object, target: float, days: float) -> tuple[float, float, float]:
    """Chance, and the same at both ends of what is known of the pace; missing where the pace is not known."""
    log_rate, error, size, spread, wins = (getattr(known, name) for name in _KNOWN)
    if not np.isfinite([log_rate, target]).all() or target <= 0:
        return np.nan, np.nan, np.nan
    usual = Sizes(size, spread, int(wins))
    low, value, high = (
        chance_of_sum(np.exp(log_rate + error * place) * days, usual, target) for place in (-_EDGE, _NODES, _EDGE)
    )
    return value, min(low, value), max(high, value)


QUOTA_CHANCE = Metric(
    metric_id="quota_chance",
    version=1,
    unit="share",
    better="up",
    population="won deals with an amount, by credit: their rate per working day and their sizes, drawn to the role's",
    time="won in the 12 months up to as_of; the working days left of the period, without days away",
    value="1 if bookings to date and the wins to come reach the effective quota",
    exclusions="mega deals; what is in the pipeline now, and the season, are not looked at",
    null_rule="quota reached: met; no quota or period over: not_applicable; fewer than 5 wins in a year: below_min_n",
    source="own; Fenton 1960",
    min_n=5,
    calculate=_quota_chance,
    observe=won_in_a_year,
    tables=("quota",),
    fields=("amount",),
    roles=CLOSERS,
    scopes=("rep",),
    pooled=True,
)
METRICS = (QUOTA_CHANCE,)
