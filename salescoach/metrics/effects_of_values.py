"""Effects of metrics that have no mix: counts beside exposure, mean scores, ratios to a target."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import special

from salescoach.metrics.contract import LEVEL
from salescoach.metrics.effects import Array, Asked, Effects, by_distance, drawn_in, limits
from salescoach.metrics.verdicts import MATERIAL, TO_BE_SEEN
from salescoach.statistics import GapPosterior, between_variance, chi_square_p


def of_rates(ask: Asked) -> Effects:
    """Rate over the others' rate. Exact: given all events, one's own are binomial in the share of the exposure.

    Without a denominator everybody has the same exposure.
    """
    events = ask.rows["numerator"].fillna(0.0).to_numpy(float)
    exposure = ask.rows["denominator"].to_numpy(float)
    exposure = np.ones_like(events) if np.isnan(exposure).all() else np.where(exposure > 0, exposure, np.nan)
    rest, time = events.sum() - events, np.nansum(exposure) - exposure
    share = exposure / (exposure + time)
    usual = rest / np.where(time > 0, time, np.nan)
    expected = usual * exposure
    effect = np.log((events + 0.5) / (expected + 0.5))
    se = np.sqrt(1 / (events + 0.5) + 1 / (rest + 0.5))
    low, high = _exact_limits(events, rest, share)
    tails = special.betainc(rest + 1, events, 1 - share), special.betainc(events + 1, rest, share)
    below = np.where(rest > 0, 1 - tails[1], 1.0)
    above = np.where(events > 0, 1 - tails[0], 1.0)
    p = np.minimum(2 * np.minimum(below, above), 1.0)
    posterior = drawn_in(effect, se)
    least, most = limits(posterior.mean, posterior.sd, LEVEL)
    all_rate = events.sum() / np.nansum(exposure)
    squares = (events - all_rate * exposure) ** 2 / (all_rate * exposure) if all_rate > 0 else np.zeros_like(events)
    known = np.isfinite(squares)
    table = pd.DataFrame(
        {
            "effect": effect, "se": se, "low": low, "high": high, "p": p, "peers": usual, "expected": usual,
            "best": usual * np.exp(posterior.mean), "best_low": usual * np.exp(least),
            "best_high": usual * np.exp(most), "n": ask.rows["n"].to_numpy(float),
            "needed": np.maximum(math.ceil((TO_BE_SEEN / math.log(1 + MATERIAL)) ** 2) - events, 0),
            "funnel": by_distance(effect / se),
        },
        index=ask.people,
    )  # fmt: skip
    return Effects(table, chi_square_p(float(squares[known].sum()), int(known.sum()) - 1), posterior)


def _exact_limits(events: Array, rest: Array, share: Array) -> tuple[Array, Array]:
    """Logs of the exact limits of a ratio of two Poisson rates (Clopper & Pearson on the share of the events)."""
    odds = share / (1 - share)
    low = np.where(events > 0, special.betaincinv(np.maximum(events, 1), rest + 1, 0.5 - LEVEL / 2), 0.0)
    high = np.where(rest > 0, special.betaincinv(events + 1, np.maximum(rest, 1), 0.5 + LEVEL / 2), 1.0)
    with np.errstate(divide="ignore"):
        return np.log(low / (1 - low) / odds), np.log(high / (1 - high) / odds)


def of_scores(ask: Asked) -> Effects:
    """Mean score less the others' mean, in standard deviations of one answer (the same for everybody).

    The deviation comes from the intervals of all, weighted by n: ten equal answers are not certainty.
    """
    value, error, n = _read(ask, logged=False)
    known = np.isfinite(value) & (n > 0)
    weight = np.where(known, n, 0.0)
    spread = _pooled_deviation(error, weight)
    rest = weight.sum() - weight
    total = np.nansum(weight * np.where(known, value, 0.0))
    usual = (total - weight * np.where(known, value, 0.0)) / np.where(rest > 0, rest, np.nan)
    effect = (value - usual) / spread
    se = np.sqrt(1 / np.where(known, n, np.nan) + 1 / np.where(rest > 0, rest, np.nan))
    posterior = drawn_in(effect, se)
    least, most = limits(posterior.mean, posterior.sd, LEVEL)
    needed = np.maximum(math.ceil((TO_BE_SEEN / MATERIAL) ** 2) - n, 0)
    best = tuple(usual + spread * part for part in (posterior.mean, least, most))
    return _table(ask, effect, se, usual, best, n, needed, posterior, value / spread, 1 / np.where(known, n, np.nan))


def of_ratios(ask: Asked) -> Effects:
    """Log of a ratio less the others' mean log, weighted by what is known of each (DerSimonian & Laird 1986)."""
    value, error, n = _read(ask, logged=True)
    known = np.isfinite(value) & (error > 0)
    between = between_variance(np.where(known, value, np.nan), error**2)[0]
    weight = np.where(known, 1 / (np.where(known, error, 1.0) ** 2 + between), 0.0)
    rest = weight.sum() - weight
    logs = (weight * np.where(known, value, 0.0)).sum() - weight * np.where(known, value, 0.0)
    usual = logs / np.where(rest > 0, rest, np.nan)
    effect = np.where(known, value - usual, np.nan)
    se = np.sqrt(np.where(known, error, np.nan) ** 2 + 1 / np.where(rest > 0, rest, np.nan))
    posterior = drawn_in(effect, se)
    least, most = limits(posterior.mean, posterior.sd, LEVEL)
    more = n * ((TO_BE_SEEN * np.where(known, error, 0.0) / math.log(1 + MATERIAL)) ** 2 - 1)
    best = tuple(np.exp(usual + part) for part in (posterior.mean, least, most))
    return _table(
        ask, effect, se, np.exp(usual), best, n, np.maximum(np.ceil(more), 0), posterior, value, np.square(error)
    )


def _read(ask: Asked, *, logged: bool) -> tuple[Array, Array, Array]:
    """Value (or its log), standard error from its interval, and n."""
    columns = [ask.rows[name].to_numpy(float) for name in ("value", "low", "high")]
    if logged:
        columns = [np.log(np.where(column > 0, column, np.nan)) for column in columns]
    value, low, high = columns
    # An interval that is cut at its lower end (nothing won yet) is as wide below as above.
    half = np.where(np.isfinite(low), (high - low) / 2, high - value)
    return value, half / float(special.ndtri(0.5 + LEVEL / 2)), ask.rows["n"].to_numpy(float)


def _pooled_deviation(error: Array, weight: Array) -> float:
    """Standard deviation of one observation, from the errors of means of *weight* many."""
    known = np.isfinite(error) & (weight > 0)
    if not known.any():
        return math.nan
    return math.sqrt(float((weight * weight * error**2)[known].sum() / weight[known].sum())) or math.nan


def _table(
    ask: Asked, effect: Array, se: Array, usual: Array, best: tuple[Array, ...], n: Array, needed: Array,
    posterior: GapPosterior, plain: Array, variance: Array,
) -> Effects:  # fmt: skip
    """Effects with a normal error; Cochran's test on the *plain* values asks whether people differ at all."""
    low, high = limits(effect, se, LEVEL)
    z = effect / se
    _, q, freedom = between_variance(plain, variance)
    table = pd.DataFrame(
        {
            "effect": effect, "se": se, "low": low, "high": high, "p": 2 * special.ndtr(-np.abs(z)),
            "peers": ask.of_the_others(ask.rows["value"]), "expected": usual,
            "best": best[0], "best_low": best[1], "best_high": best[2], "n": n, "needed": needed,
            "funnel": by_distance(z),
        },
        index=ask.people,
    )  # fmt: skip
    return Effects(table, chi_square_p(q, freedom), posterior)
