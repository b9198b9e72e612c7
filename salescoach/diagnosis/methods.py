"""How the judgements are made, shown with an organisation's own data: facts for the page about methods.

Names nobody. What fails is shown beside what is used: a rule of thumb that accuses many, and three ways to ask whether
coaching worked, in a world in which it did nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.calendar import Period
from salescoach.diagnosis.diagnose import Diagnosis
from salescoach.diagnosis.drivers import Gaps
from salescoach.diagnosis.flows import MIX, levels
from salescoach.metrics.contract import LEVEL
from salescoach.statistics import expected_without, wilson
from salescoach.tables.data import SalesData

Array = npt.NDArray[np.float64]

NAIVE_SHORT = -0.20
"""The rule of thumb of dashboards: a fifth below what is expected is a weakness."""

SHOWN = 8
"""People in the picture, without names, from the fewest observations to the most."""

FEWEST_IN_MIX = 10
"""People with decided deals: the mix model is judged on some whom it was not fitted on."""
FEWEST_IN_WORLD = 12
"""People with enough decided deals in both halves of the time."""

_WORLDS = 1_000
_FEWEST = 5  # decided deals of one person in a half
_BANDS = 4
_COACHED = 0.25  # the lowest quarter is coached, as it usually is
_ERROR = 0.05


@dataclass(frozen=True)
class Judgement:
    """One driver in the largest role.

    ``spread_p`` that all are alike; ``raw_sd`` and ``best_sd``: how far people lie apart as observed and by the best
    estimate (log ratios); how many the rule of thumb would accuse, and how many the gates let through.
    """

    driver: str
    stage: str
    people: int
    spread_p: float
    raw_sd: float
    best_sd: float
    naive: int
    hypotheses: int
    priorities: int


@dataclass(frozen=True)
class Drawn:
    """One person in the picture: relative difference as observed, the best estimate and its 90 % limits."""

    n: int
    raw: float
    best: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """Deals with a like mix together: win rate that the others' deals give, and the one that came about."""

    n: int
    expected: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True)
class Placebo:
    """Share of worlds without any effect in which each method says that coaching worked, at a nominal 5 %."""

    people: int
    coached: int
    deals: int
    before_after: float
    differences: float
    adjusted: float


def judgements(found: Diagnosis) -> tuple[Judgement, ...]:
    """Every driver of the role with most people; empty when nobody is compared."""
    gaps = _largest_role(found)
    compared = [one for one in found.reps.values() if one.na_reason is None and _gaps_of(found, one.rep_id) is gaps]
    rows = []
    for driver, gap in gaps.items():
        known = np.isfinite(gap.gap)
        said = [each.verdict for one in compared for each in one.drivers if each.driver == driver]
        rows.append(
            Judgement(
                driver, gap.stage, int(known.sum()), gap.spread_p, float(np.std(gap.gap[known])),
                float(np.std(gap.best.mean[known])), int((np.expm1(gap.gap[known]) < NAIVE_SHORT).sum()),
                said.count("hypothesis"), said.count("priority"),
            )
        )  # fmt: skip
    return tuple(rows)


def _gaps_of(found: Diagnosis, rep_id: str) -> Mapping[str, Gaps] | None:
    place = found.gaps(rep_id)
    return place[0] if place else None


def _largest_role(found: Diagnosis) -> Mapping[str, Gaps]:
    roles = [gaps for rep in found.reps if (gaps := _gaps_of(found, rep)) is not None]
    return max(roles, key=lambda gaps: max(len(gap.gap) for gap in gaps.values()), default={})


def picture(found: Diagnosis) -> tuple[str, str, tuple[Drawn, ...]]:
    """Driver, stage and a few people of the driver with most observations, ordered by their number, nameless."""
    gaps = _largest_role(found)
    if not gaps:
        return "", "", ()
    gap = max(gaps.values(), key=lambda one: (float(np.nansum(one.n)), one.driver))
    known = np.flatnonzero(np.isfinite(gap.gap))
    order = known[np.argsort(gap.n[known], kind="stable")]
    chosen = order[np.unique(np.linspace(0, len(order) - 1, SHOWN).round().astype(int))] if len(order) else order
    half = float(special.ndtri(0.95)) * gap.best.sd
    return gap.driver, gap.stage, tuple(
        Drawn(
            int(gap.n[i]), float(np.expm1(gap.gap[i] - gap.best.centre)), float(np.expm1(gap.best.mean[i])),
            float(np.expm1(gap.best.mean[i] - half[i])), float(np.expm1(gap.best.mean[i] + half[i])),
        )
        for i in chosen
    )  # fmt: skip


def mix_model(data: SalesData, span: Period) -> tuple[float, tuple[Calibration, ...]]:
    """AUC of the mix model on people it was not fitted on, and its calibration in bands of deals by their mix."""
    closed = data.closed_in(span).sort_values(["owner_id", "deal_id"])
    closed = closed[closed["owner_id"].isin(data.sellers)]
    people = sorted(set(closed["owner_id"]))
    if len(people) < FEWEST_IN_MIX:
        return math.nan, ()
    units = np.searchsorted(people, closed["owner_id"].to_numpy(dtype=str))
    found = expected_without(levels(closed, MIX), (closed["status"] == "won").to_numpy(float), units, len(people))
    rows = []
    for n, expected, won in found.bands(_BANDS):
        if n:
            low, high = (float(limit) for limit in wilson(won, n, LEVEL))
            rows.append(Calibration(n, expected / n, won / n, low, high))
    return float(found.auc), tuple(rows)


def placebo(data: SalesData, span: Period, seed: int = 0) -> Placebo | None:
    """Coach the lowest quarter in worlds in which coaching does nothing, and ask each method whether it worked.

    Everybody keeps a win rate of their own, as far apart as the data allow; the deals are those of the two halves of
    *span*. None where fewer than twelve people have five decided deals in both halves.
    """
    middle = span.start + (span.end - span.start) / 2
    halves = (Period("", span.start, middle), Period("", middle, span.end))
    counts = [data.closed_in(half)["owner_id"].value_counts() for half in halves]
    people = [rep for rep in data.sellers if all(count.get(rep, 0) >= _FEWEST for count in counts)]
    if len(people) < FEWEST_IN_WORLD:
        return None
    before, after = (count.reindex(people).to_numpy(float) for count in counts)
    closed = data.closed_in(span)
    won = (closed["status"] == "won").groupby(closed["owner_id"]).agg(["sum", "size"]).reindex(people)
    rate = float(won["sum"].sum() / won["size"].sum())
    n = won["size"].to_numpy(float)
    observed = won["sum"].to_numpy(float) / n
    true_variance = max(float(np.var(observed) - np.mean(rate * (1 - rate) / n)), 0.02**2)
    generator = np.random.default_rng(seed)
    rates = np.clip(rate + math.sqrt(true_variance) * generator.standard_normal((_WORLDS, len(people))), 0.02, 0.98)
    first, second = (generator.binomial(part.astype(int), rates) / part for part in (before, after))
    coached = max(round(_COACHED * len(people)), 3)
    lowest = np.argsort(np.argsort(first, axis=1, kind="stable"), axis=1) < coached
    change = second - first
    inside = np.where(lowest, change, np.nan)
    outside = np.where(lowest, np.nan, change)
    naive = _t_of_mean(inside)
    spread = np.nanvar(inside, axis=1, ddof=1) / coached + np.nanvar(outside, axis=1, ddof=1) / (len(people) - coached)
    difference = (np.nanmean(inside, axis=1) - np.nanmean(outside, axis=1)) / np.sqrt(spread)
    limit = float(special.stdtrit(len(people) - 3, 1 - _ERROR))
    says = [float((score > bound).mean()) for score, bound in (
        (naive, float(special.stdtrit(coached - 1, 1 - _ERROR))), (difference, limit),
        (_ancova(first, second, lowest), limit),
    )]  # fmt: skip
    return Placebo(len(people), coached, int(before.sum() + after.sum()), *says)


def _t_of_mean(values: Array) -> Array:
    n = np.isfinite(values).sum(axis=1)
    found: Array = np.nanmean(values, axis=1) / (np.nanstd(values, axis=1, ddof=1) / np.sqrt(n))
    return found


def _ancova(first: Array, second: Array, coached: npt.NDArray[np.bool_]) -> Array:
    """t of *coached* in second ~ 1 + coached + first, world by world."""
    design = np.stack([np.ones_like(first), coached.astype(float), first], axis=2)
    cross = np.einsum("wpi,wpj->wij", design, design)
    inverse = np.linalg.inv(cross)
    beta = np.einsum("wij,wpj,wp->wi", inverse, design, second)
    rest = second - np.einsum("wpi,wi->wp", design, beta)
    variance = (rest**2).sum(axis=1) / (first.shape[1] - 3)
    found: Array = beta[:, 1] / np.sqrt(variance * inverse[:, 1, 1])
    return found
