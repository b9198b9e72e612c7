"""Each rep's effect beside the others of the same role: what was asked, what was found.

How a metric's cases become effects is the business of ``effects_on_mix`` (shares, amounts, durations)
and ``effects_of_values`` (counts, scores, ratios); here is what they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from salescoach.metrics.cases import deals_of
from salescoach.metrics.contract import Metric
from salescoach.metrics.question import Question
from salescoach.metrics.tally import in_memory
from salescoach.statistics import GapPosterior, RatePosterior, limited_translation

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MIX = ("segment", "source", "type")
"""What a rep does not choose and a deal's chances depend on. Never a discount or a number of meetings."""

_FUNNEL = (0.95, 0.998)
_PARTS = ("part", "stage", "reason", "source")
_MOST_LEVELS = 12  # of one factor of the mix; the rarest share the last one


@dataclass(frozen=True)
class Asked:
    """One metric of the people of one role.

    Attributes
    ----------
    ask : about each rep in one period; what was found for one metric is there for the next
    people : the reps compared with each other: same role, no longer learning the job
    rows : their answers, indexed by ``rep_id``
    part : stage, reason or source of a metric that has parts
    """

    ask: Question
    metric: Metric
    people: pd.Index
    rows: pd.DataFrame
    part: str = ""

    @cached_property
    def cases(self) -> pd.DataFrame:
        """The observations of these people, one row each, with the mix of their deals; of this part only."""
        every = in_memory(self.ask.once(self.metric.observe))
        mine = every[every["owner_id"].isin(self.people)]
        if self.part:
            column = next((name for name in _PARTS if name in mine and mine[name].eq(self.part).any()), None)
            mine = mine[mine[column] == self.part] if column else mine.iloc[:0]
        absent = [name for name in ("product_id", *MIX) if name not in mine]
        if absent and "deal_id" in mine:
            mix = in_memory(deals_of(self.ask.data).select("deal_id", *absent))
            mine = mine.join(mix.set_index("deal_id"), on="deal_id")
        return mine

    @cached_property
    def event(self) -> str | None:
        """The yes-or-no column of the cases that gives the numerators of the answers; None when no column does.

        Found by what it adds up to, so that a comparison can never be about another thing than the number
        beside it.
        """
        hits, n = (self.rows[name].fillna(0.0).to_numpy(float) for name in ("numerator", "denominator"))
        units, count = self.units, len(self.people)
        if not np.array_equal(np.bincount(units, minlength=count), n):
            return None
        for name in self.cases.select_dtypes("bool").columns:
            if np.array_equal(np.bincount(units, self.cases[name], minlength=count), hits):
                return str(name)
        return None

    @cached_property
    def units(self) -> npt.NDArray[np.intp]:
        """Place of each case's owner among the people."""
        return self.people.get_indexer(pd.Index(self.cases["owner_id"]))

    def factors(self, columns: tuple[str, ...]) -> npt.NDArray[np.intp]:
        """Levels of the mix *columns* that hold anything, one row per case; shape (cases, columns)."""
        levels = [_levels(self.cases[name]) for name in self._known(columns)]
        return np.column_stack(levels) if levels else np.zeros((len(self.cases), 0), dtype=np.intp)

    def cells(self, columns: tuple[str, ...]) -> pd.Series:
        """One label per combination of the mix *columns*; one for all when none holds anything."""
        label = pd.Series("", index=self.cases.index)
        for name in self._known(columns):
            label = label + self.cases[name].fillna("").astype(str) + "\x1f"
        return label

    def of_the_others(self, values: pd.Series) -> Array:
        """Median of the other people's *values*, for each of them."""
        known = values.reindex(self.people).to_numpy(dtype=float)
        table = np.where(np.eye(len(known), dtype=bool), np.nan, known[None, :])
        there = np.isfinite(table).any(axis=1)
        medians = np.full(len(known), np.nan)
        medians[there] = np.nanmedian(table[there], axis=1)
        return medians

    def _known(self, columns: tuple[str, ...]) -> list[str]:
        return [name for name in columns if name in self.cases and self.cases[name].notna().any()]


def _levels(column: pd.Series) -> npt.NDArray[np.intp]:
    """Codes by falling frequency, missing as a level of its own, rare ones together."""
    codes = pd.factorize(column, use_na_sentinel=False)[0]
    counts = np.bincount(codes)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return np.minimum(rank[codes], _MOST_LEVELS - 1)


@dataclass(frozen=True)
class Effects:
    """What was found about the people of one role.

    Attributes
    ----------
    table : indexed by ``rep_id``
        ``effect`` (see :mod:`salescoach.metrics.verdicts`), ``se``, ``low``, ``high``, ``p``; ``peers`` and
        ``expected`` (metric's unit); ``best``, ``best_low``, ``best_high``: the estimate drawn towards
        the others (metric's unit); ``n``, ``needed`` more; ``funnel`` inside, beyond_95 or beyond_998
    spread_p : p-value that these people differ at all
    posterior : of the true values on one common mix, in the order of the table
    """

    table: pd.DataFrame
    spread_p: float
    posterior: RatePosterior | GapPosterior


def drawn_in(effect: Array, se: Array) -> GapPosterior:
    """Effects drawn towards each other, nobody by more than one error; the common middle stays in."""
    found = limited_translation(effect, se**2)
    return GapPosterior(found.mean + found.centre, found.sd, 0.0)


def limits(effect: Array, se: Array, level: float) -> tuple[Array, Array]:
    """Normal limits of an effect."""
    half = special.ndtri(0.5 + level / 2) * se
    return effect - half, effect + half


def by_distance(z: Array) -> list[str]:
    """Position in the funnel of a standardised difference.

    >>> by_distance(np.array([0.0, 2.5, -4.0]))
    ['inside', 'beyond_95', 'beyond_998']
    """
    inner, outer = (special.ndtri(0.5 + level / 2) for level in _FUNNEL)
    size = np.nan_to_num(np.abs(z))
    return _positions(size > inner, size > outer)


def by_limits(value: Array, limits_of: list[tuple[Array, Array]]) -> list[str]:
    """Position in the funnel of a *value* beside its inner and outer limits."""
    inner, outer = ((value < low) | (value > high) for low, high in limits_of)
    return _positions(inner, outer)


def _positions(inner: Mask, outer: Mask) -> list[str]:
    """Names of the positions from what lies beyond the inner and the outer limits."""
    return ["beyond_998" if far else "beyond_95" if out else "inside" for out, far in zip(inner, outer, strict=True)]
