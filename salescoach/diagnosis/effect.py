"""Did coaching work? Asked of a programme and of one person, against what would have come without any action.

Whoever is chosen for being lowest comes back by chance alone. So a plain before and after, and a comparison with those
who were never low, both see effects where there are none; here the earlier value is adjusted for, and a person is
compared with the return to the mean that was due anyway.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.statistics import needed_per_side, rate_posterior, without_action

Array = npt.NDArray[np.float64]
Verdict = Literal["moved", "no_sign", "worse", "cannot_tell", "descriptive_only"]
LINKS = ("action", "behaviour", "scorecard", "outcome")

_Z = 1.28  # one-sided 10 %
_FEWEST_POWER = 0.5
_FEW_COACHED = 15  # below, the p-value comes from permutations
_PERMUTATIONS = 2000
_LEAST_SPREAD = 0.0004
_SURE = 0.05  # one-sided
FEWEST_BESIDE = 3
"""People on each side, before anything is said about a programme."""


@dataclass(frozen=True)
class Intervention:
    """One row of the ledger: what was to be coached with whom, written before it started.

    ``selected_by`` is the reason why this person was chosen (``lowest_metric``, ``random``, ``own_wish``, ...);
    ``effect`` the relative change that was expected, .2 = 20 % better. ``recorded`` is the day on which it was written.
    """

    rep_id: str
    driver: str
    start: date
    end: date
    selected_by: str
    hypothesis: str
    effect: float
    recorded: date

    @property
    def registered(self) -> bool:
        """It was written before it began; else nothing but a description is possible."""
        return self.recorded <= self.start and self.effect > 0 and bool(self.selected_by)


@dataclass(frozen=True)
class Programme:
    """Effect of coaching on a share, in points (.06 = six points), with 80 and 95 % intervals.

    ``p`` is one-sided: that chance gives at least this much; ``permuted`` says it comes from permutations.
    ``before_after`` and ``differences`` are what the usual comparisons would claim: the mean change of the coached, and
    the same less that of the others. Where the lowest are coached both see an effect that is not there.
    """

    effect: float
    low80: float
    high80: float
    low95: float
    high95: float
    p: float
    permuted: bool
    coached: int
    others: int
    before_after: float
    differences: float

    @property
    def verdict(self) -> Verdict:
        """``moved`` or ``worse`` where the 95 % interval and the p-value agree, else ``cannot_tell``.

        With one person to compare with, that one's luck decides, and the interval does not know it: of programmes that
        did nothing, with six coached beside one, it calls .16 a success (of 300 seeded ones). From three on each side
        it is .02 to .04.
        """
        if min(self.coached, self.others) < FEWEST_BESIDE:
            return "cannot_tell"
        if self.low95 > 0 and self.p <= _SURE:
            return "moved"
        return "worse" if self.high95 < 0 and self.p >= 1 - _SURE else "cannot_tell"


@dataclass(frozen=True)
class PersonEffect:
    """Verdict about one person: what came, what would have come anyway, and how sure that is.

    ``needed`` more observations after the start would make the registered effect visible; 0 where that is not asked.
    """

    verdict: Verdict
    before: float
    after: float
    expected: float
    low: float
    high: float
    power: float
    needed: int
    n_before: int
    n_after: int


@dataclass(frozen=True)
class Chain:
    """From action to outcome: the verdict of each link, and the first link at which nothing is seen, ``""`` if none."""

    links: Mapping[str, Verdict]
    stops_at: str


def programme_effect(
    before: tuple[npt.ArrayLike, npt.ArrayLike],
    after: tuple[npt.ArrayLike, npt.ArrayLike],
    coached: npt.ArrayLike,
    *,
    covariates: npt.ArrayLike | None = None,
    seed: int = 0,
) -> Programme:
    """ANCOVA: share after, on coached and the shrunken share before, with HC2 errors and t limits.

    Parameters
    ----------
    before, after : events and trials of each person; people without a trial on either side are left out
    coached : who took part
    covariates : segment mix, team, one column each; optional

    Notes
    -----
    With fewer than 15 coached people the p-value comes from permuting who was coached, seeded.
    """
    k0, n0, k1, n1 = (np.asarray(part, dtype=float) for part in (*before, *after))
    took_part = np.asarray(coached, dtype=bool)
    some = (n0 > 0) & (n1 > 0)
    k0, n0, k1, n1, took_part = (part[some] for part in (k0, n0, k1, n1, took_part))
    pre = rate_posterior(k0, n0).mean
    columns = [np.ones(len(pre)), took_part.astype(float), pre - pre.mean()]
    if covariates is not None:
        columns += list(np.asarray(covariates, dtype=float)[some].T)
    design, post = np.column_stack(columns), k1 / n1
    freedom = len(post) - design.shape[1]
    naive = _naive(k0 / n0, post, took_part)
    if freedom < 1 or not 0 < took_part.sum() < len(post):
        nothing = math.nan
        return Programme(
            nothing,
            nothing,
            nothing,
            nothing,
            nothing,
            nothing,
            False,
            int(took_part.sum()),
            int((~took_part).sum()),
            *naive,
        )
    effect, error = _hc2(design, post)
    few = int(took_part.sum()) < _FEW_COACHED
    t = effect / error if error > 0 else math.nan
    p = _permuted(design, post, seed) if few else float(special.stdtr(freedom, -t))
    half = {level: float(special.stdtrit(freedom, 0.5 + level / 2)) * error for level in (0.80, 0.95)}
    return Programme(
        effect, effect - half[0.80], effect + half[0.80], effect - half[0.95], effect + half[0.95], p, few,
        int(took_part.sum()), int((~took_part).sum()), *naive,
    )  # fmt: skip


def _naive(before: Array, after: Array, coached: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Mean change of the coached, and the same less the mean change of the others; missing without either group."""
    if not 0 < coached.sum() < len(coached):
        return math.nan, math.nan
    change = after - before
    mine = float(change[coached].mean())
    return mine, mine - float(change[~coached].mean())


def _hc2(design: Array, post: Array) -> tuple[float, float]:
    """Coefficient of the second column and its HC2 error (MacKinnon & White 1985)."""
    inverse = np.linalg.pinv(design.T @ design)
    left = post - design @ (inverse @ (design.T @ post))
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    weight = left**2 / np.maximum(1 - leverage, 1e-6)
    covariance = inverse @ ((design * weight[:, None]).T @ design) @ inverse
    return float((inverse @ (design.T @ post))[1]), float(np.sqrt(covariance[1, 1]))


def _permuted(design: Array, post: Array, seed: int) -> float:
    """Share of permutations that give an effect at least as large.

    What is permuted is what the other columns leave open (Freedman & Lane 1983), not who was coached: the coached were
    chosen by the earlier value, and a drawn group that is not tied to it would vary less than the real one.
    """
    generator = np.random.default_rng(seed)
    others = np.delete(design, 1, axis=1)
    project = others @ np.linalg.pinv(others)
    own, left = design[:, 1] - project @ design[:, 1], post - project @ post
    orders = np.argsort(generator.random((_PERMUTATIONS, len(post))), axis=1)
    return float((1 + (left[orders] @ own >= left @ own - 1e-12).sum()) / (1 + _PERMUTATIONS))


def between_people(k: npt.ArrayLike, n: npt.ArrayLike) -> tuple[float, float]:
    """Pooled share and variance of the true shares between people, by moments, never below .0004."""
    k_, n_ = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    k_, n_ = k_[n_ > 0], n_[n_ > 0]
    pooled = float(k_.sum() / n_.sum()) if n_.sum() else math.nan
    if len(n_) < 2:
        return pooled, _LEAST_SPREAD
    scatter = float((n_ * (k_ / n_ - pooled) ** 2).sum()) - (len(n_) - 1) * pooled * (1 - pooled)
    weight = float(n_.sum() - (n_**2).sum() / n_.sum())
    return pooled, max(scatter / weight, _LEAST_SPREAD)


def person_effect(
    before: tuple[int, int], after: tuple[int, int], effect: float, peers_before: tuple[npt.ArrayLike, npt.ArrayLike],
    drift: float = 0.0, *, registered: bool = True,
) -> PersonEffect:  # fmt: skip
    """Verdict about one person against the return to the mean that was due without any action.

    Parameters
    ----------
    before, after : events and trials of this person
    effect : relative change that was registered, .2 = 20 % better
    peers_before : events and trials of everybody in the earlier stretch, this person included
    drift : what the market did to the others' share, beyond their own return to the mean
    registered : written before it started; else there is only a description
    """
    (k0, n0), (k1, n1) = before, after
    pooled, spread = between_people(*peers_before)
    if n0 < 1 or n1 < 1 or not math.isfinite(pooled):
        nothing = math.nan
        return PersonEffect("cannot_tell", nothing, nothing, nothing, nothing, nothing, nothing, 0, n0, n1)
    expected, sd = (float(part) for part in without_action(k0 / n0, n0, pooled, spread, n1, drift))
    share, target = k1 / n1, min(expected * (1 + effect), 0.99)
    power = float(special.ndtr((target - expected) / sd - _Z))
    z = (share - expected) / sd
    said: Verdict = "moved" if z > _Z else "worse" if z < -_Z else "no_sign"
    # One that moved has been seen to move, whatever the power was; only silence needs enough observations.
    if said == "no_sign" and power < _FEWEST_POWER:
        said = "cannot_tell"
    wanted = needed_per_side(expected, target, one_sided=True) if said == "cannot_tell" and target > expected else 0
    return PersonEffect(
        said if registered else "descriptive_only", k0 / n0, share, expected, max(expected - _Z * sd, 0.0),
        min(expected + _Z * sd, 1.0), power, max(wanted - n1, 0), n0, n1,
    )  # fmt: skip


def chain(links: Mapping[str, Verdict]) -> Chain:
    """Action, behaviour, scorecard, outcome, in this order: where the chain stops is where to look next.

    >>> chain({"action": "moved", "behaviour": "moved", "scorecard": "no_sign", "outcome": "no_sign"}).stops_at
    'scorecard'
    """
    ordered = {link: links.get(link, "cannot_tell") for link in LINKS}
    return Chain(ordered, next((link for link, verdict in ordered.items() if verdict != "moved"), ""))


def roll_out(people: Sequence[str], teams: Mapping[str, str], *, seed: int) -> tuple[str, ...]:
    """Who starts now, when there is time for half: by lot within each team. The others wait, and are the comparison.

    The fairest order, and the only one that needs no assumption about who was chosen. Of those who are left over in
    teams of odd size the lot takes half, too: four people of four teams could all start now, and nobody would wait.

    >>> sorted(roll_out(["a", "b", "c", "d"], {"a": "T1", "b": "T1", "c": "T2", "d": "T2"}, seed=1))
    ['a', 'c']
    """
    generator = np.random.default_rng(seed)
    chosen: list[str] = []
    over: list[str] = []
    for team in sorted({teams.get(one, "") for one in people}):
        members = sorted(one for one in people if teams.get(one, "") == team)
        drawn = [members[place] for place in generator.permutation(len(members))]
        half = len(drawn) // 2
        chosen += sorted(drawn[:half])
        over += drawn[2 * half :]
    half = (len(over) + int(generator.integers(2))) // 2
    return (*chosen, *(over[place] for place in sorted(generator.permutation(len(over))[:half].tolist())))
