"""Judging the ladder on leads that the models have not seen, and on later ones where time is known.

The verdict is ``usable`` only when a rung beats the base rate out of time; otherwise there is no score, no
grade and no sorted list. Reads no clock: who wants to know how long fitting takes hands one in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from salescoach.errors import InputError
from salescoach.scoring import measures
from salescoach.scoring.ladder import Rung, Standing, champion, default_ladder
from salescoach.scoring.leads import Leads
from salescoach.scoring.measures import Estimate, Ranked, Reliability
from salescoach.scoring.splits import Split, at_random, split_of

Array = npt.NDArray[np.float64]

BASE_RATE, RECENCY, FORECAST = "base_rate", "recency", "reps_forecast"
TOP = 0.10
_FEWEST, _FEWEST_EACH = 20, 5


@dataclass(frozen=True)
class Figures:
    """One rung on all judged leads. Times are nan when no clock was handed in, or nothing was fitted."""

    model: str
    n: int
    auc: Estimate
    pr_auc: Estimate
    brier: Estimate
    skill: Estimate
    log_loss: float
    ece: float
    ece_by_chance: float
    lift_10: Estimate
    precision_20: float
    fit_s: float
    score_rows_per_s: float


@dataclass(frozen=True)
class Block:
    """The champion in one block of time. ``base_rate`` is what was known when it began."""

    start: float
    end: float
    n: int
    won: int
    base_rate: float
    auc: float
    brier: float


@dataclass(frozen=True)
class Evaluation:
    """The whole ladder, the champion and the verdict, with what stands behind them."""

    verdict: str
    champion: str
    ladder: tuple[Figures, ...]
    split: Split
    judged: int
    won: int
    blocks: tuple[Block, ...]
    reliability: tuple[Reliability, ...]
    gains: tuple[tuple[float, float], ...]
    contrast: Figures | None  # the champion on a random split: what flatters
    p: Array  # the champion's probability of each lead, nan where it was not judged
    won_by_lead: Array

    def figures(self, model: str) -> Figures:
        """The rung named *model*."""
        return next(f for f in self.ladder if f.model == model)

    @property
    def usable(self) -> bool:
        """True when leads may be scored."""
        return self.verdict == "usable"


@dataclass
class _Told:
    """What a rung said about each lead, how often, and how long it took."""

    total: Array
    times: Array
    fit_s: list[float]
    rows: int = 0
    score_s: float = 0.0

    @property
    def p(self) -> Array:
        """Mean probability over the repeats; nan where the lead was not judged."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.total / self.times)


def evaluate(
    leads: Leads,
    *,
    ladder: Sequence[Rung] | None = None,
    split: Split | None = None,
    clock: Callable[[], float] | None = None,
    contrast: bool = True,
) -> Evaluation:
    """Judge every rung of *ladder* (the default one) on *split* (the honest one).

    Parameters
    ----------
    leads : Leads
        Open leads are ignored. InputError when fewer than twenty are closed, or all ended alike.
    clock : callable, optional
        Gives seconds, such as ``time.perf_counter``.
    contrast : bool
        Judge the champion on a random split, too.
    """
    closed = leads.won[leads.closed]
    if len(closed) < _FEWEST or closed.min() == closed.max():
        raise InputError(
            f"{len(closed)} leads are closed, {int(np.nansum(closed))} of them won. At least {_FEWEST} are needed, "
            "with both outcomes."
        )
    fewest = int(min(closed.sum(), len(closed) - closed.sum()))
    rungs = tuple(default_ladder(len(closed), fewest, leads.points) if ladder is None else ladder)
    if leads.features.shape[1] == 0 or fewest < _FEWEST_EACH:
        rungs = ()  # there is nothing to learn from
    split = split_of(leads) if split is None else split
    told = _predictions(leads, rungs, split, clock)
    judged = np.flatnonzero(np.isfinite(told[BASE_RATE].p))
    weights = measures.group_weights(leads.group[judged])
    ready = _ready(leads, told[BASE_RATE].p)
    ladder_figures = [
        _figures(name, leads.won[judged], p[judged], score[judged], told[BASE_RATE].p[judged], weights, told.get(name))
        for name, p, score in [
            (BASE_RATE, told[BASE_RATE].p, told[BASE_RATE].p),
            *ready,
            *((rung.name, told[rung.name].p, told[rung.name].p) for rung in rungs),
        ]
    ]
    standings = [
        _standing(f, leads.won[judged], told[f.model].p[judged])
        for f in ladder_figures
        if f.model in {rung.name for rung in rungs}
    ]
    best = champion(standings, weights)
    name = best or BASE_RATE
    p = told[name].p
    return Evaluation(
        verdict="usable" if best else "no_signal",
        champion=name,
        ladder=tuple(ladder_figures),
        split=split,
        judged=len(judged),
        won=int(leads.won[judged].sum()),
        blocks=_blocks(leads, split, p, told[BASE_RATE].p),
        reliability=measures.reliability(leads.won[judged], p[judged]),
        gains=tuple(Ranked(leads.won[judged], p[judged]).gains()),
        contrast=_contrast(leads, rungs, best) if contrast and split.kind == "rolling" else None,
        p=p,
        won_by_lead=leads.won,
    )


def _predictions(
    leads: Leads, rungs: Sequence[Rung], split: Split, clock: Callable[[], float] | None
) -> dict[str, _Told]:
    """What every rung says about the leads of each fold, fitted on the others of that fold."""
    now = clock or (lambda: float("nan"))
    told = {name: _Told(np.zeros(len(leads)), np.zeros(len(leads)), []) for name in _names(rungs)}
    for fold in split.folds:
        train = leads.features.iloc[fold.train]
        test, won = leads.features.iloc[fold.test], leads.won[fold.train]
        # Without time the base rate of all is the strictest opponent; that of each fold would only be noise.
        known = won.mean() if split.kind == "rolling" else np.nanmean(leads.won)
        said: dict[str, Array] = {BASE_RATE: np.full(len(fold.test), known)}
        for rung in rungs:
            if rung.parts and all(part in said for part in rung.parts):
                said[rung.name] = np.mean([said[part] for part in rung.parts], axis=0)
                continue
            began = now()
            model = rung.make(len(won)).fit(train, won)
            fitted = now()
            said[rung.name] = np.asarray(model.predict_proba(test)[:, 1], dtype=float)
            told[rung.name].fit_s.append(fitted - began)
            told[rung.name].score_s += now() - fitted
            told[rung.name].rows += len(fold.test)
        for name, p in said.items():
            told[name].total[fold.test] += p
            told[name].times[fold.test] += 1
    for rung in rungs:
        if rung.parts and not told[rung.name].fit_s:
            _add_times(told[rung.name], [told[part] for part in rung.parts])
    return told


def _names(rungs: Sequence[Rung]) -> list[str]:
    return [BASE_RATE, *(rung.name for rung in rungs)]


def _add_times(whole: _Told, parts: Sequence[_Told]) -> None:
    whole.fit_s = [sum(times) for times in zip(*(part.fit_s for part in parts), strict=True)]
    whole.score_s, whole.rows = sum(part.score_s for part in parts), parts[0].rows


def _ready(leads: Leads, base: Array) -> list[tuple[str, Array, Array]]:
    """Rungs that need no fitting: last heard of first (else newest first), and what the reps themselves expect."""
    found = []
    if leads.recency is not None:
        longest = np.nanmax(leads.recency, initial=0.0)
        found.append((RECENCY, base, -np.where(np.isfinite(leads.recency), leads.recency, longest)))
    elif leads.when is not None:
        found.append((RECENCY, base, np.nan_to_num(leads.when)))
    if leads.forecast is not None:
        found.append((FORECAST, np.where(np.isfinite(leads.forecast), leads.forecast, base), leads.forecast))
    return [(name, p, np.where(np.isfinite(score), score, p)) for name, p, score in found]


def _figures(name: str, won: Array, p: Array, score: Array, base: Array, weights: Array, told: _Told | None) -> Figures:
    ranked = Ranked(won, score)
    loss, reference = (p - won) ** 2, (base - won) ** 2
    drawn = weights @ np.column_stack([loss, reference]).astype(weights.dtype) / weights.sum(axis=1)[:, None]
    skills = 1 - drawn[:, 0] / np.maximum(drawn[:, 1], 1e-12)
    fitted = told is not None and bool(told.fit_s)
    return Figures(
        model=name,
        n=len(won),
        auc=Estimate(ranked.auc(), *measures.interval(ranked.auc, weights)),
        pr_auc=Estimate(ranked.average_precision(), *measures.interval(ranked.average_precision, weights)),
        brier=Estimate(float(loss.mean()), *_limits(drawn[:, 0])),
        skill=Estimate(float(1 - loss.mean() / max(reference.mean(), 1e-12)), *_limits(skills)),
        log_loss=measures.log_loss(won, p),
        ece=measures.calibration_error(won, p),
        ece_by_chance=measures.calibration_error_by_chance(p, draws=5),
        lift_10=Estimate(ranked.lift(TOP), *measures.interval(lambda w: ranked.lift(TOP, w), weights)),
        precision_20=ranked.precision(0.20),
        fit_s=float(np.mean(told.fit_s)) if told is not None and fitted else float("nan"),
        score_rows_per_s=told.rows / told.score_s if told is not None and told.score_s > 0 else float("nan"),
    )


def _standing(figures: Figures, won: Array, p: Array) -> Standing:
    return Standing(figures.model, figures.auc.low, figures.skill.low, (p - won) ** 2, measures.surprises(won, p))


def _limits(drawn: Array) -> tuple[float, float]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def _blocks(leads: Leads, split: Split, p: Array, base: Array) -> tuple[Block, ...]:
    if split.kind != "rolling":
        return ()
    return tuple(
        Block(
            fold.start, fold.end, len(fold.test), int(leads.won[fold.test].sum()), float(base[fold.test].mean()),
            Ranked(leads.won[fold.test], p[fold.test]).auc(), measures.brier(leads.won[fold.test], p[fold.test]),
        )
        for fold in split.folds
    )  # fmt: skip


def _contrast(leads: Leads, rungs: Sequence[Rung], best: str | None) -> Figures | None:
    """The champion, or the last rung where there is none, on leads drawn at random."""
    if not rungs:
        return None
    rung = next((rung for rung in rungs if rung.name == best), rungs[-1])
    fold = at_random(leads).folds[0]
    model: Any = rung.make(len(fold.train)).fit(leads.features.iloc[fold.train], leads.won[fold.train])
    p = np.asarray(model.predict_proba(leads.features.iloc[fold.test])[:, 1], dtype=float)
    won = leads.won[fold.test]
    base = np.full(len(won), leads.won[fold.train].mean())
    return _figures(rung.name, won, p, p, base, measures.group_weights(leads.group[fold.test]), None)
