"""Whether a rep's number differs from what peers would have had with the same deals.

Raw differences between reps are mostly chance and mix. So the comparison is with *expected*: what
the other reps' rates would give on this rep's own mix of segment, source and type. A difference is
called a signal only when three gates agree: the reps of the organisation differ at all (a test of
homogeneity), the rep's own q-value passes after correction over all reps, and the difference is likely to be one
that a person could notice. Otherwise it is "no difference" only if that interval lies
inside the band that does not matter, and "too early" if it does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.calendar import Period
from salescoach.metrics.contract import LEVEL
from salescoach.metrics.conversion import WIN_RATE, won_and_closed
from salescoach.metrics.size import AVERAGE_DEAL_SIZE
from salescoach.metrics.speed import CYCLE_RESOLUTION, ages_in
from salescoach.statistics import (
    FALSE_DISCOVERY_RATE,
    chi_square_p,
    excess,
    heterogeneity,
    kaplan_meier,
    log_rank,
    needed_n,
    newcombe,
    q_values,
    wilson,
)
from salescoach.tables.data import SalesData

MATERIAL = 0.20
"""Relative difference below which a coach would do nothing about it."""

FEWEST_PEERS = 5
"""Fewer others than this are not compared with: their own numbers would show through."""

OWN_CHANGE_LEVEL = 0.99

_MIX = ["segment", "source", "type"]
_CELL_PRIOR = 5.0  # deals' worth of the peers' overall rate added to each cell of the mix
_SIGNIFICANT = 0.05
_TO_BE_SEEN = 2.49  # standard errors that a true difference must measure: 90 % interval, power 80 %
_NOTICEABLE = 0.05  # relative difference that a person could notice at all
_SURE = 0.80  # probability of a noticeable difference from which it is called a signal


@dataclass(frozen=True)
class Comparison:
    """One rep's metric beside the peers'.

    Attributes
    ----------
    peers, expected : the peers' value, and what peers would have on this rep's mix (metric's unit)
    ratio, low, high : observed over expected with its 90 % interval; above 1 = a higher value
    q : p-value corrected over all compared reps
    spread_p : p-value that the reps differ at all; large = no rep can be singled out
    verdict : signal_above, signal_below, no_difference, too_early or not_compared
    needed : about how many more observations before a material difference could be seen
    peers_n : how many peers there are
    """

    verdict: str
    peers: float
    expected: float
    ratio: float
    low: float
    high: float
    q: float
    spread_p: float
    needed: int
    peers_n: int

    @property
    def signal(self) -> bool:
        """True when the number differs from expected by more than chance."""
        return self.verdict.startswith("signal")


def compare(data: SalesData, period: Period, metric_id: str) -> dict[str, Comparison]:
    """Comparison of every seller with the peers, for a metric that can be compared; else empty."""
    measures = {
        WIN_RATE.metric_id: _win_rates, AVERAGE_DEAL_SIZE.metric_id: _deal_sizes, CYCLE_RESOLUTION.metric_id: _cycles,
    }  # fmt: skip
    if metric_id not in measures or not data.sellers:
        return {}
    sellers = pd.Index(data.sellers, name="rep_id")
    table, spread_p = measures[metric_id](data, period, sellers)
    table["enough"] &= ~table.index.isin(data.ramping(period))
    return _judged(data, table, spread_p, data.ramping(period))


def _judged(data: SalesData, table: pd.DataFrame, spread_p: float, ramping: frozenset[str]) -> dict[str, Comparison]:
    """Verdicts from ``observed, expected, variance, log_ratio, se, peers, expected_value, n, enough``."""
    q = q_values(np.where(table["enough"], excess(table["observed"], table["expected"], table["variance"])[1], np.nan))
    z = float(special.ndtri(0.5 + LEVEL / 2))
    found = {}
    for rep, row in zip(table.index, table.assign(q=q).to_dict("records"), strict=True):
        peers = len(data.peers(rep))
        interval = math.exp(row["log_ratio"] - z * row["se"]), math.exp(row["log_ratio"] + z * row["se"])
        if peers < FEWEST_PEERS or not row["n"] or rep in ramping:
            verdict = "not_compared"
        elif not row["enough"]:
            verdict = "too_early"
        else:
            sure = special.ndtr((abs(row["log_ratio"]) - math.log1p(_NOTICEABLE)) / row["se"]) > _SURE
            passed = spread_p < _SIGNIFICANT and row["q"] <= FALSE_DISCOVERY_RATE
            verdict = _verdict(interval, signal=bool(passed and sure))
        found[rep] = Comparison(
            verdict=verdict,
            peers=row["peers"],
            expected=row["expected_value"],
            ratio=math.exp(row["log_ratio"]),
            low=interval[0],
            high=interval[1],
            q=row["q"],
            spread_p=spread_p,
            needed=max(int(row["target_n"] - row["n"]), 0),
            peers_n=peers,
        )
    return found


def _verdict(interval: tuple[float, float], *, signal: bool) -> str:
    low, high = interval
    if signal and not low <= 1 <= high:
        return "signal_above" if low > 1 else "signal_below"
    return "no_difference" if low > 1 - MATERIAL and high < 1 / (1 - MATERIAL) else "too_early"


def _cells(deals: pd.DataFrame, columns: list[str]) -> pd.Series:
    """One label per combination of the mix *columns* that hold anything; one for all when none does."""
    label = pd.Series("", index=deals.index)
    for name in columns:
        if deals[name].notna().any():
            label = label + deals[name].fillna("").astype(str) + "\x1f"
    return label


def _win_rates(data: SalesData, period: Period, sellers: pd.Index) -> tuple[pd.DataFrame, float]:
    closed = data.closed_in(period)
    closed = closed[closed["owner_id"].isin(sellers)]
    closed = closed.assign(cell=_cells(closed, _MIX), won=(closed["status"] == "won").astype(float))
    counts = won_and_closed(closed).reindex(sellers, fill_value=0)
    won, n = counts["won"].astype(float), counts["closed"].astype(float)
    rest = n.sum() - n
    rest_rate = (won.sum() - won) / rest.where(rest > 0)

    mine = closed.groupby(["owner_id", "cell"])["won"].agg(["sum", "count"])
    every = closed.groupby("cell")["won"].agg(["sum", "count"])
    owner, cell = mine.index.get_level_values(0), mine.index.get_level_values(1)
    others = every.loc[cell].to_numpy() - mine.to_numpy()
    base = rest_rate.reindex(owner).to_numpy()
    p = (others[:, 0] + _CELL_PRIOR * base) / (others[:, 1] + _CELL_PRIOR)
    # The peers' rate is itself estimated: their number of deals in the cell enters the variance.
    size = mine["count"].to_numpy()
    variance = size * p * (1 - p) * (1 + size / (others[:, 1] + _CELL_PRIOR))
    sums = pd.DataFrame({"expected": size * p, "variance": variance}).groupby(owner.to_numpy()).sum().reindex(sellers)
    sums = sums.fillna(0.0)
    if closed["cell"].nunique() == 1:
        spread_p = heterogeneity(won, n)[2]
    else:
        squares = excess(won, sums["expected"], sums["variance"])[0] ** 2
        spread_p = chi_square_p(float(np.nansum(squares)), int(np.isfinite(squares).sum()) - 1)
    rate = float(won.sum() / n.sum()) if n.sum() else 0.5
    table = pd.DataFrame(
        {
            "observed": won,
            "expected": sums["expected"],
            "variance": sums["variance"],
            "log_ratio": np.log((won + 0.5) / (sums["expected"] + 0.5)),
            "se": np.sqrt(sums["variance"]) / (sums["expected"] + 0.5),
            "peers": rest_rate,
            "expected_value": sums["expected"] / n.where(n > 0),
            "n": n,
            "enough": n >= WIN_RATE.min_n,
            "target_n": needed_n(rate, -MATERIAL) if 0 < rate < 1 else 0,
        }
    )
    return table, spread_p


def _deal_sizes(data: SalesData, period: Period, sellers: pd.Index) -> tuple[pd.DataFrame, float]:
    won = data.won_in(period)
    won = won[(won["amount"] > 0) & won["owner_id"].isin(sellers)].sort_values(["owner_id", "amount", "deal_id"])
    won = won.assign(log=np.log(won["amount"]), cell=_cells(won, ["product_id", *_MIX]))
    mine, every = won.groupby("owner_id"), won.groupby("cell")["log"]
    by_owner = won.groupby(["owner_id", "cell"])["log"]
    # Mean of the same cell over the other reps, with a little of the overall mean for thin cells.
    keys = [won["owner_id"], won["cell"]]
    others_n = every.transform("count") - by_owner.transform("count")
    others_sum = every.transform("sum") - by_owner.transform("sum")
    residual = won["log"] - (others_sum + _CELL_PRIOR * won["log"].mean()) / (others_n + _CELL_PRIOR)
    within = residual - residual.groupby(won["owner_id"]).transform("mean")
    freedom = len(won) - won["owner_id"].nunique()
    sigma = math.sqrt(float((within**2).sum()) / freedom) if freedom > 0 else math.nan
    n = mine.size().reindex(sellers, fill_value=0).astype(float)
    share = (1 / (others_n + _CELL_PRIOR)).groupby(keys[0]).mean().reindex(sellers).fillna(0)
    mean = residual.groupby(won["owner_id"]).mean().reindex(sellers)
    se = sigma * np.sqrt(1 / n.where(n > 0) + share)
    z = mean / se
    spread_p = chi_square_p(float(((z - z.mean()) ** 2).sum()), int(z.notna().sum()) - 1)
    total = won.groupby("owner_id")["amount"].sum().reindex(sellers, fill_value=0.0)
    rest = n.sum() - n
    table = pd.DataFrame(
        {
            "observed": mean,
            "expected": 0.0,
            "variance": se**2,
            "log_ratio": mean,
            "se": se,
            "peers": (total.sum() - total) / rest.where(rest > 0),
            "expected_value": total / n.where(n > 0) / np.exp(mean),
            "n": n,
            "enough": n >= AVERAGE_DEAL_SIZE.min_n,
            "target_n": math.ceil((_TO_BE_SEEN * sigma / math.log(1 + MATERIAL)) ** 2) if math.isfinite(sigma) else 0,
        }
    )
    return table, spread_p


def _cycles(data: SalesData, period: Period, sellers: pd.Index) -> tuple[pd.DataFrame, float]:
    ages = ages_in(data, period)
    ages = ages[ages["owner_id"].isin(sellers)]
    strata = _cells(ages, ["segment"])
    medians = CYCLE_RESOLUTION.rows(data, period)["value"]
    rows = {}
    for rep in sellers:
        member = (ages["owner_id"] == rep).to_numpy()
        observed, expected, variance = log_rank(
            ages["exit"], ages["ended"], member, entries=ages["entry"], strata=strata
        )
        # Peto's estimate of the hazard ratio; deals that end at a higher rate take a shorter time.
        log_hazard = (observed - expected) / variance if variance > 0 else math.nan
        se = 1 / math.sqrt(variance) if variance > 0 else math.nan
        others = float(medians.drop(rep, errors="ignore").median())
        rows[rep] = (
            observed,
            expected,
            variance,
            -log_hazard,
            se,
            others,
            _median_on_mix(ages, strata, member),
            observed,
        )
    columns = ["observed", "expected", "variance", "log_ratio", "se", "peers", "expected_value", "n"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rep_id")
    squares = excess(table["observed"], table["expected"], table["variance"])[0] ** 2
    table["enough"] = table["n"] >= CYCLE_RESOLUTION.min_n
    table["target_n"] = math.ceil((_TO_BE_SEEN / math.log(1 + MATERIAL)) ** 2)
    return table, chi_square_p(float(np.nansum(squares)), int(np.isfinite(squares).sum()) - 1)


def _median_on_mix(ages: pd.DataFrame, strata: pd.Series, member: npt.NDArray[np.bool_]) -> float:
    """Median that the deals of the others would have in the mix of *strata* that *member* has; NaN when not reached.

    Read off the others' curves, weighted: a ratio of hazards is no ratio of days.
    """
    others = ages[~member].groupby(strata[~member])
    curves, weights = [], []
    for layer, count in strata[member].value_counts().items():
        if layer in others.groups:
            theirs = others.get_group(layer)
            curves.append(kaplan_meier(theirs["exit"], theirs["ended"], theirs["entry"]))
            weights.append(count)
    if not curves:
        return math.nan
    times = np.unique(np.concatenate([curve.time for curve in curves]))
    alive = [np.append(1.0, curve.survival)[np.searchsorted(curve.time, times, side="right")] for curve in curves]
    reached = np.flatnonzero(np.average(alive, axis=0, weights=weights) <= 0.5)
    return float(times[reached[0]]) if len(reached) else math.nan


@dataclass(frozen=True)
class OwnChange:
    """A rep's win rate of a period beside the rep's own earlier one.

    ``earlier`` with ``low`` and ``high`` (90 %) rests on ``n`` closed deals; ``difference`` is now
    minus earlier. All are missing (NaN) where fewer deals were closed than a rate needs.
    """

    verdict: str
    earlier: float
    low: float
    high: float
    n: int
    difference: float


def own_change(data: SalesData, period: Period, before: tuple[Period, ...], rep_id: str) -> OwnChange:
    """Win rate of *period* against the rep's own quarters *before*.

    The verdict is one of those of :class:`Comparison`, from Newcombe's interval of the difference at
    :data:`OWN_CHANGE_LEVEL`, because everybody's page asks this question.
    """
    now = _won_and_closed_by(data, (period,), rep_id)
    then = _won_and_closed_by(data, before, rep_id)
    if then[1] < WIN_RATE.min_n:
        return OwnChange("too_early", math.nan, math.nan, math.nan, then[1], math.nan)
    earlier = then[0] / then[1]
    low, high = (float(limit) for limit in wilson(*then, LEVEL))
    if now[1] < WIN_RATE.min_n:
        return OwnChange("too_early", earlier, low, high, then[1], math.nan)
    least, most = newcombe(*now, *then, OWN_CHANGE_LEVEL)
    verdict = "signal_above" if least > 0 else "signal_below" if most < 0 else "too_early"
    if verdict == "too_early" and max(-least, most) <= MATERIAL * earlier:
        verdict = "no_difference"
    return OwnChange(verdict, earlier, low, high, then[1], now[0] / now[1] - earlier)


def _won_and_closed_by(data: SalesData, periods: tuple[Period, ...], rep_id: str) -> tuple[int, int]:
    """How many deals of one rep were won, and won or lost, in all *periods* together."""
    statuses = [deals.loc[deals["owner_id"] == rep_id, "status"] for deals in map(data.closed_in, periods)]
    return sum(int((status == "won").sum()) for status in statuses), sum(len(status) for status in statuses)
