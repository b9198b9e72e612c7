"""Effects of metrics that rest on deals: beside what the others would have had on the same mix."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.metrics.contract import LEVEL
from salescoach.metrics.effects import MIX, Array, Asked, Effects, by_distance, by_limits, drawn_in, limits
from salescoach.metrics.verdicts import MATERIAL, TO_BE_SEEN
from salescoach.statistics import (
    chi_square_p,
    excess,
    expected_without,
    funnel_limits,
    heterogeneity,
    log_rank_each,
    median_of_others,
    needed_n,
    rate_posterior,
)

_CELL_PRIOR = 5.0  # deals' worth of the overall mean added to each cell of the mix
_ROUNDING = 1e-12  # of the largest value: equal numbers differ by less once they were added and divided
_AMOUNTS = ("value", "amount")


def of_shares(ask: Asked) -> Effects:
    """Observed over expected events, from a ridge model of the others' cases on the mix.

    Without a column that says which case counts, the counts of the answers are compared plainly.
    """
    count = len(ask.people)
    if ask.event is None:
        factors, units = np.zeros((count, 0), dtype=np.intp), np.arange(count)
        events, trials = (ask.rows[name].fillna(0.0).to_numpy(float) for name in ("numerator", "denominator"))
    else:
        factors, units = ask.factors(("product_id", *MIX)), ask.units
        events, trials = ask.cases[ask.event].to_numpy(float), np.ones(len(ask.cases))
    found = expected_without(factors, events, units, count, trials=trials)
    won, n, expected = found.observed, found.trials, found.expected
    total, cases = float(won.sum()), float(n.sum())
    pooled = total / cases if cases else math.nan
    effect = np.log((won + 0.5) / (expected + 0.5))
    se = np.sqrt(found.variance) / (expected + 0.5)
    z, p = excess(won, expected, found.variance)
    low, high = limits(effect, se, LEVEL)
    some, rest = np.where(n > 0, n, np.nan), cases - n
    usual = expected / some
    # Rates on one common mix: as many trials, and as many events as the ratio to what was expected gives.
    adjusted = np.clip(np.nan_to_num(won * pooled / usual), 0, n)
    posterior = rate_posterior(adjusted, n)
    least, most = posterior.limits(LEVEL)
    back = usual / pooled if total else np.full(count, np.nan)
    plain = not factors.shape[1] or len(np.unique(factors, axis=0)) <= 1
    needed = needed_n(pooled, -MATERIAL) if 0 < pooled < 1 else 0
    table = pd.DataFrame(
        {
            "effect": effect, "se": se, "low": low, "high": high, "p": p,
            "peers": (total - won) / np.where(rest > 0, rest, np.nan), "expected": usual,
            "best": posterior.mean * back, "best_low": least * back, "best_high": np.minimum(most * back, 1.0),
            "n": n, "needed": np.maximum(needed - n, 0),
            "funnel": by_limits(adjusted / some, [funnel_limits(n, pooled, level) for level in (0.95, 0.998)]),
        },
        index=ask.people,
    )  # fmt: skip
    return Effects(table, heterogeneity(won, n)[2] if plain else _spread(z), posterior)


def of_amounts(ask: Asked) -> Effects:
    """Mean log amount over the others' on the same product and mix: typical deals, not the largest one."""
    name = next(name for name in _AMOUNTS if name in ask.cases)
    cases = ask.cases[ask.cases[name] > 0]
    cases = cases.assign(log=np.log(cases[name]), cell=ask.cells(("product_id", *MIX)))
    cases = cases.sort_values(["owner_id", name])  # so that sums of floats do not depend on the order of rows
    every, own = cases.groupby("cell")["log"], cases.groupby(["owner_id", "cell"])["log"]
    # Mean of the same cell over the other reps, with a little of the overall mean for thin cells.
    others_n = every.transform("count") - own.transform("count") + _CELL_PRIOR
    others_sum = every.transform("sum") - own.transform("sum") + _CELL_PRIOR * cases["log"].mean()
    residual = cases["log"] - others_sum / others_n
    by_owner = residual.groupby(cases["owner_id"])
    within, freedom = residual - by_owner.transform("mean"), len(cases) - cases["owner_id"].nunique()
    sigma = _deviation(float((within**2).sum()), freedom, float(cases["log"].abs().max()))
    n = by_owner.size().reindex(ask.people, fill_value=0).astype(float).to_numpy(dtype=np.float64)
    unsure = (1 / others_n).groupby(cases["owner_id"]).mean().reindex(ask.people).fillna(0).to_numpy(float)
    effect = by_owner.mean().reindex(ask.people).to_numpy(float)
    se = sigma * np.sqrt(1 / np.where(n > 0, n, np.nan) + unsure)
    total = cases.groupby("owner_id")[name].sum().reindex(ask.people, fill_value=0.0).to_numpy(float)
    rest = n.sum() - n
    enough = math.ceil((TO_BE_SEEN * sigma / math.log(1 + MATERIAL)) ** 2) if math.isfinite(sigma) else 0
    expected = total / np.where(n > 0, n, np.nan) / np.exp(effect)
    return _logged(
        ask, effect, se, expected=expected, peers=(total.sum() - total) / np.where(rest > 0, rest, np.nan), n=n,
        needed=np.maximum(enough - n, 0.0), spread_p=_spread(_standardised(effect, se), centred=True),
    )  # fmt: skip


def _deviation(squares: float, freedom: int, largest: float) -> float:
    """Standard deviation from a sum of *squares*; missing when they are only the rounding of values up to *largest*.

    >>> _deviation(8.0, 2, 9.2), _deviation(1e-30, 2, 9.2), _deviation(0.0, 0, 9.2)
    (2.0, nan, nan)
    """
    if freedom <= 0:
        return math.nan
    sigma = math.sqrt(squares / freedom)
    return sigma if sigma > _ROUNDING * largest else math.nan


def of_durations(ask: Asked) -> Effects:
    """Time taken over the others' in the same segment, from the log-rank test; running cases count as far as seen."""
    cases, count = ask.cases, len(ask.people)
    seen = {"entries": cases["entry"], "strata": ask.cells(("segment",))}
    observed, expected, variance = log_rank_each(cases["exit"], cases["ended"], ask.units, count, **seen)
    usual = median_of_others(cases["exit"], cases["ended"], ask.units, count, **seen)
    some = np.where(variance > 0, variance, np.nan)
    enough = math.ceil((TO_BE_SEEN / math.log(1 + MATERIAL)) ** 2)
    # Peto's estimate of the hazard ratio; what ends at a higher rate takes a shorter time.
    return _logged(
        ask, -(observed - expected) / some, 1 / np.sqrt(some), expected=usual,
        peers=ask.of_the_others(ask.rows["value"]), n=observed, needed=np.maximum(enough - observed, 0.0),
        spread_p=_spread(excess(observed, expected, variance)[0]),
    )  # fmt: skip


def _logged(
    ask: Asked,
    effect: Array,
    se: Array,
    *,
    expected: Array,
    peers: Array,
    n: npt.ArrayLike,
    needed: npt.ArrayLike,
    spread_p: float,
) -> Effects:
    """Effects that are logs of ratios with a normal error."""
    posterior = drawn_in(effect, se)
    least, most = limits(posterior.mean, posterior.sd, LEVEL)
    low, high = limits(effect, se, LEVEL)
    z = _standardised(effect, se)
    table = pd.DataFrame(
        {
            "effect": effect, "se": se, "low": low, "high": high, "p": 2 * special.ndtr(-np.abs(z)),
            "peers": peers, "expected": expected, "best": expected * np.exp(posterior.mean),
            "best_low": expected * np.exp(least), "best_high": expected * np.exp(most),
            "n": n, "needed": needed, "funnel": by_distance(z),
        },
        index=ask.people,
    )  # fmt: skip
    return Effects(table, spread_p, posterior)


def _standardised(effect: Array, se: Array) -> Array:
    """Effects in standard errors, missing where there is no error: equal amounts alone do not say how sure they are.

    >>> _standardised(np.array([0.3, 0.3]), np.array([0.1, 0.0])).round(2).tolist()
    [3.0, nan]
    """
    measured: Array = np.divide(effect, se, out=np.full(len(effect), np.nan), where=se > 0)
    return measured


def _spread(z: Array, *, centred: bool = False) -> float:
    """p-value that standardised differences scatter by chance only, around 0 or (*centred*) around their mean."""
    known = z[np.isfinite(z)]
    if centred and known.size:
        known = known - known.mean()
    return chi_square_p(float((known**2).sum()), known.size - 1)
