"""Why a person's bookings differ from a benchmark: parts in money that add up exactly.

bookings = working days x opportunities per day x (exits / entries) x (advances / exits) of each stage x value per win.
Each factor's part is its LMDI share (Ang 2005), so that stages add up to the conversion they make up. What depends on
the person enters with its best estimate, not with its raw value; what the estimates do not explain is a line of its
own, *chance*, so that the lines close on the bookings that are on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from salescoach.diagnosis.drivers import Gaps
from salescoach.diagnosis.flows import Flows
from salescoach.metrics.contract import LEVEL
from salescoach.statistics import limited_translation, log_mean

Array = npt.NDArray[np.float64]
Benchmark = Literal["peers", "own_season", "plan"]

DRAWS = 1000
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
CHANCE = "chance"
PARENTS = ("mix", "flow", "conversion", "value")
"""Lines that are the sum of others."""


@dataclass(frozen=True)
class Line:
    """One part of the gap, in base currency.

    ``parent`` is the line it is part of, ``""`` at the top. ``n`` says on how many observations it rests. A line about
    what was not observed has a ``na_reason`` and no value.
    """

    driver: str
    parent: str
    stage: str
    value: float
    low: float
    high: float
    n: int
    na_reason: str | None = None


@dataclass(frozen=True)
class Decomposition:
    """The gap of one person's bookings to a benchmark; the top lines add up to ``gap``, children to their parent.

    ``reference`` is what the benchmark booked, ``model`` what the best estimates of this person give.
    """

    benchmark: Benchmark
    actual: float
    reference: float
    gap: float
    model: float
    lines: tuple[Line, ...]
    na_reason: str | None = None

    def line(self, driver: str) -> Line:
        """The line of *driver*."""
        return next(line for line in self.lines if line.driver == driver)


@dataclass(frozen=True)
class Parts:
    """Log ratios to the benchmark of all people: what is estimated, how unsure it is, what it is part of.

    Attributes
    ----------
    names, parents, stages : of L lines, in the order in which a page shows them
    mean, sd : (R, L); an ``sd`` of 0 is a fact of the period
    n : (R, L)
    known : (R, L) false where nothing was observed
    reference, actual : (R,) benchmark's and own bookings
    """

    names: tuple[str, ...]
    parents: tuple[str, ...]
    stages: tuple[str, ...]
    mean: Array
    sd: Array
    n: Array
    known: npt.NDArray[np.bool_]
    reference: Array
    actual: Array

    def draws(self, person: int, count: int = DRAWS, seed: int = 0) -> Array:
        """Log ratios drawn from what is known of *person*, shape (count, L)."""
        chance = np.random.default_rng([seed, person]).standard_normal((count, len(self.names)))
        drawn: Array = self.mean[person] + self.sd[person] * chance
        return drawn


@dataclass(frozen=True)
class _Column:
    """One line of everybody."""

    name: str
    parent: str
    stage: str
    mean: Array
    sd: Array
    n: Array


def parts_beside_peers(seen: Flows, gaps: Mapping[str, Gaps]) -> Parts:
    """Log ratios of everybody to the others of the same role.

    The benchmark is the others' flow per working day, over the median of their working days: pooled, because the
    product of medians is nobody's bookings and the identity would not close.
    """
    count = len(seen.people)
    zero = np.zeros(count)
    usual_days, has_days = _median_of_others(seen.days), bool(np.isfinite(seen.days).all() and (seen.days > 0).all())
    columns = [_Column("capacity", "", "", np.log(seen.days / usual_days), zero, seen.days)] if has_days else []
    exits = np.where(seen.exits > 0, seen.exits, np.nan)
    mix = np.nansum(np.log(np.where(seen.expected > 0, seen.expected, np.nan) / exits / seen.pooled), axis=1)
    columns.append(_Column("mix_conversion", "mix", "", mix, zero, seen.exits.sum(axis=1)))
    value_mix = seen.value.mix if seen.discount is None else seen.value.mix + seen.discount.mix
    columns.append(_Column("mix_value", "mix", "", value_mix, zero, seen.wins))
    columns.append(_volume(seen, gaps.get("volume") if has_days else None))
    for place, stage in enumerate(seen.stages):
        mean, sd = _throughput(seen, place)
        columns.append(_Column(f"flow_{place + 1}", "flow", stage, mean, sd, seen.entries[:, place]))
    columns += [_estimated(gaps[driver], "conversion") for driver in seen.steps]
    columns += [_estimated(gaps[driver], "value") for driver in ("size", "discount") if driver in gaps]
    rest = seen.bookings.sum() - seen.bookings
    reference = rest / (seen.days.sum() - seen.days) * usual_days if has_days else rest / (count - 1)
    mean, sd, n = (np.column_stack([getattr(column, name) for column in columns]) for name in ("mean", "sd", "n"))
    known = np.isfinite(mean)
    return Parts(
        names=tuple(column.name for column in columns),
        parents=tuple(column.parent for column in columns),
        stages=tuple(column.stage for column in columns),
        mean=np.where(known, mean, 0.0),
        sd=np.where(known, sd, 0.0),
        n=n,
        known=known,
        reference=reference,
        actual=seen.bookings,
    )


def _estimated(gap: Gaps, parent: str) -> _Column:
    """A driver's best estimate; missing where nothing was observed, so that the prior does not pass for a finding."""
    return _Column(
        gap.driver, parent, gap.stage, np.where(np.isfinite(gap.gap), gap.best.mean, np.nan), gap.best.sd, gap.n
    )


def decompose(parts: Parts, person: int, *, seed: int = 0) -> Decomposition:
    """Parts of the gap of *person* to the peers, in money."""
    reference, actual = float(parts.reference[person]), float(parts.actual[person])
    if not reference > 0:
        nothing = float("nan")
        return Decomposition("peers", actual, nothing, nothing, nothing, (), "no_exposure")
    middle, drawn = _in_money(reference, parts.mean[person]), _in_money(reference, parts.draws(person, seed=seed))
    model = reference + float(middle.sum())
    lines = _lines(parts, person, middle, drawn)
    over = actual - reference
    n = int(parts.n[person].max(initial=0))
    lines.append(_Line(CHANCE, "", "", over - float(middle.sum()), over - drawn.sum(axis=1), n))
    return Decomposition("peers", actual, reference, over, model, _with_limits(lines))


def decompose_over_time(now: Parts, then: Parts, person: int, before: int, *, seed: int = 0) -> Decomposition:
    """Parts of the gap of *person* to the own same season a year earlier, where the person is number *before*.

    What changed for the peers, too, is the line ``market``: nobody's doing. Both must have the same lines.
    """
    actual, reference = float(now.actual[person]), float(then.actual[before])
    base = float(then.reference[before])
    if now.names != then.names or not (base > 0 and now.reference[person] > 0):
        nothing = float("nan")
        return Decomposition("own_season", actual, reference, nothing, nothing, (), "no_history")
    market = float(np.log(now.reference[person] / base))

    def model(latest: Array, earlier: Array) -> tuple[Array, Array]:
        first = base * np.exp(earlier.sum(axis=-1))
        change = np.concatenate([np.full((*latest.shape[:-1], 1), market), latest - earlier], axis=-1)
        last = first * np.exp(change.sum(axis=-1))
        return np.asarray(log_mean(last, first))[..., None] * change, first

    middle, first = model(now.mean[person], then.mean[before])
    drawn, _ = model(now.draws(person, seed=seed), then.draws(before, seed=seed + 1))
    over = actual - reference
    n = int(now.n[person].max(initial=0))
    lines = [_Line("market", "", "", float(middle[0]), drawn[:, 0], n)]
    lines += _lines(now, person, middle[1:], drawn[:, 1:])
    lines.append(_Line(CHANCE, "", "", over - float(middle.sum()), over - drawn.sum(axis=1), n))
    return Decomposition("own_season", actual, reference, over, float(first + middle.sum()), _with_limits(lines))


def beside_plan(found: Decomposition, quota: float) -> Decomposition:
    """The same parts beside the plan: first the line ``plan``, what the peers book less what was asked for."""
    if not np.isfinite(quota):
        nothing = float("nan")
        return Decomposition("plan", found.actual, nothing, nothing, found.model, (), "missing_field")
    if found.na_reason:
        return Decomposition("plan", found.actual, quota, found.actual - quota, found.model, (), found.na_reason)
    asked = found.reference - quota
    first = Line("plan", "", "", asked, asked, asked, 1)
    return Decomposition(
        "plan", found.actual, quota, found.actual - quota, found.model, (first, *found.lines)
    )  # fmt: skip


def _in_money(reference: float, logs: Array) -> Array:
    """LMDI parts of ``reference x exp(sum of logs) - reference``, one per log."""
    total = reference * np.exp(logs.sum(axis=-1))
    weight = np.asarray(log_mean(total, np.full_like(total, reference)))
    parts: Array = weight[..., None] * logs
    return parts


@dataclass(frozen=True)
class _Line:
    """A line before its interval: its value, and its value in every draw."""

    driver: str
    parent: str
    stage: str
    value: float
    drawn: Array
    n: int


def _lines(parts: Parts, person: int, middle: Array, drawn: Array) -> list[_Line]:
    """Every line, each parent before its children; missing values where nothing was observed."""
    lines: list[_Line] = []
    for place, (name, parent, stage) in enumerate(zip(parts.names, parts.parents, parts.stages, strict=True)):
        if parent and parent not in {line.driver for line in lines}:
            mine = [other for other, name_of in enumerate(parts.parents) if name_of == parent]
            n = int(parts.n[person, mine].max())
            lines.append(_Line(parent, "", "", middle[mine].sum(), drawn[:, mine].sum(axis=1), n))
        known = bool(parts.known[person, place])
        value, each = (middle[place], drawn[:, place]) if known else (np.nan, np.full(len(drawn), np.nan))
        lines.append(_Line(name, parent, stage, value, each, int(parts.n[person, place]) if known else 0))
    return lines


def _with_limits(lines: list[_Line]) -> tuple[Line, ...]:
    """*lines* with their intervals, all from one look at the draws."""
    low, high = np.quantile(np.column_stack([line.drawn for line in lines]), _TAILS, axis=0)
    return tuple(
        Line(line.driver, line.parent, line.stage, float(line.value), float(low[place]), float(high[place]), line.n,
             None if np.isfinite(line.value) else "no_exposure")
        for place, line in enumerate(lines)
    )  # fmt: skip


def _volume(seen: Flows, gap: Gaps | None) -> _Column:
    """The volume's gap; without known working time, how many opportunities were begun, which is no judgement."""
    if gap is not None:
        return _estimated(gap, "")
    others = (seen.created.sum() - seen.created) / (len(seen.people) - 1)
    plain = np.log((seen.created + 0.5) / (others + 0.5))
    return _Column("volume", "", "", plain, np.sqrt(1 / (seen.created + 0.5)), seen.created)


def _throughput(seen: Flows, place: int) -> tuple[Array, Array]:
    """Best estimate of the log ratio of exits per entry to the others': above 0, an old queue was worked off."""
    came, left = seen.entries[:, place], seen.exits[:, place]
    others = (left.sum() - left + 0.5) / (came.sum() - came + 0.5)
    gap = np.where(came + left > 0, np.log((left + 0.5) / (came + 0.5) / others), np.nan)
    found = limited_translation(gap, 1 / (left + 0.5) + 1 / (came + 0.5))
    return np.where(np.isfinite(gap), found.mean, np.nan), found.sd


def _median_of_others(values: Array) -> Array:
    table = np.where(np.eye(len(values), dtype=bool), np.nan, values[None, :])
    if not np.isfinite(values).all():
        return np.full(len(values), np.nan)
    medians: Array = np.nanmedian(table, axis=1)
    return medians
