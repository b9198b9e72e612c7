"""Which leads a model learns from and which it is judged on: later ones where time is known, else other groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from salescoach.errors import InputError
from salescoach.scoring.leads import Leads

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_BLOCK = 1000
_BLOCKS = (3, 20)
_LARGE = 200_000
_FOLDS = ((1_000, (10, 4)), (5_000, (10, 1)), (_LARGE, (5, 1)), (float("inf"), (3, 1)))
"""Below so many leads: how many folds, how often."""
_MOST_BLOCKS_LARGE = 4
_MOST_TAKEN_OUT = 0.2
_MOST_LEARNED = 200_000


@dataclass(frozen=True)
class Fold:
    """Positions of the leads to learn from and of those to judge; ``start`` and ``end`` of the block in time."""

    train: Places
    test: Places
    start: float = float("nan")
    end: float = float("nan")


@dataclass(frozen=True)
class Split:
    """All folds, and how they were made.

    ``kind`` rolling, grouped or random; ``repeats`` how often every lead is judged; ``groups`` what stays
    together: copies, declared or none.
    """

    kind: str
    folds: tuple[Fold, ...]
    repeats: int = 1
    groups: str = "none"


def split_of(leads: Leads, seed: int = 0) -> Split:
    """The honest split: rolling origin where moments are known, else folds by group.

    Open leads are in no fold.
    """
    return grouped(leads, seed) if leads.when is None else rolling(leads)


def rolling(leads: Leads) -> Split:
    """Blocks of later leads, each judged by a model of what was known at its beginning.

    The first block begins in the middle. A model learns from as many of the latest leads as that first
    one had, and only from outcomes known when its block begins; moments are never cut in two. Copies of a
    judged lead are not learned from, nor are its account's other leads as long as that costs little.

    InputError when all leads are of one moment.
    """
    assert leads.when is not None
    usable = np.flatnonzero(leads.closed & np.isfinite(leads.when))
    order = usable[np.argsort(leads.when[usable], kind="stable")]
    moments = leads.when[order]
    n = len(order)
    if n == 0 or moments[0] == moments[-1]:
        raise InputError("all leads are of one moment, so none is later than another. Leave the time out.")
    wanted = int(np.clip(n // 2 // _BLOCK, *_BLOCKS)) if n <= _LARGE else _MOST_BLOCKS_LARGE
    marks = moments[np.linspace(n // 2, n, wanted, endpoint=False).astype(int)]
    cuts = np.unique(np.searchsorted(moments, marks, side="left"))
    cuts = cuts[cuts > 0]
    if not len(cuts):  # the first moment has more than half of all leads
        cuts = np.array([np.searchsorted(moments, moments[0], side="right")])
    window = int(cuts[0])
    folds = []
    for begin, end in zip(cuts, [*cuts[1:], n], strict=True):
        train, test = order[max(0, begin - window) : begin], order[begin:end]
        if leads.known_when is not None:
            train = train[leads.known_when[train] < moments[begin]]
        train = _apart(leads, train, test)[-_MOST_LEARNED:]
        if len(train) and 0 < leads.won[train].mean() < 1:
            folds.append(Fold(train, test, float(moments[begin]), float(moments[end - 1])))
    if not folds:
        raise InputError("before no point in time were a won and a lost lead known. More history is needed.")
    return Split("rolling", tuple(folds), groups=leads.grouping)


def _apart(leads: Leads, train: Places, test: Places) -> Places:
    if leads.grouping == "none":
        return train
    kept = train[~np.isin(leads.group[train], leads.group[test])]
    standing = leads.grouping == "declared" and len(kept) < (1 - _MOST_TAKEN_OUT) * len(train)
    return train if standing else kept  # standing customers: their past is known when they come back


def grouped(leads: Leads, seed: int = 0, *, folds: int = 0) -> Split:
    """Every lead judged by a model that saw none of its group: ten folds, repeated when leads are few.

    *folds* other than 0: so many, once.
    """
    usable = np.flatnonzero(leads.closed)
    n = len(usable)
    k, repeats = (folds, 1) if folds else next(sizes for most, sizes in _FOLDS if n < most)
    _, group = np.unique(leads.group[usable], return_inverse=True)
    groups = int(group.max(initial=-1)) + 1
    if groups < 2:
        raise InputError("all leads belong to one group, so none can be judged apart from the others.")
    made = []
    for repeat in range(repeats):
        part = _parts(leads.won[usable], group, min(k, groups), np.random.default_rng(seed + repeat))
        for i in range(min(k, groups)):
            train = usable[part != i]
            if 0 < leads.won[train].mean() < 1:
                made.append(Fold(_most(train), usable[part == i]))
    if not made:
        raise InputError("one group has all the leads that were won, or all that were lost. More history is needed.")
    return Split("grouped", tuple(made), repeats, leads.grouping)


def at_random(leads: Leads, seed: int = 0) -> Split:
    """Three tenths of the leads drawn at random: what flatters, shown as the contrast."""
    usable = np.flatnonzero(leads.closed)
    random = np.random.default_rng(seed)
    test = np.zeros(len(usable), dtype=bool)
    for side in (0.0, 1.0):  # the same share of won leads on both sides
        rows = np.flatnonzero(leads.won[usable] == side)
        test[random.permutation(rows)[: max(1, round(0.3 * len(rows)))]] = True
    return Split("random", (Fold(_most(usable[~test]), usable[test]),))


def _most(places: Places) -> Places:
    """At most :data:`_MOST_LEARNED` of *places*, evenly over all, so that judging many takes minutes."""
    if len(places) <= _MOST_LEARNED:
        return places
    return places[np.linspace(0, len(places) - 1, _MOST_LEARNED).astype(np.int64)]


def _parts(won: Array, group: Places, k: int, random: np.random.Generator) -> Places:
    """Part of each lead: groups dealt out at random, but each part with about the same share of won leads.

    Parts of unequal shares would be judged by models that are too high or too low for them.
    """
    share = np.bincount(group, weights=won) / np.bincount(group)
    order = np.lexsort((random.random(len(share)), share))
    dealt = np.empty(len(share), dtype=np.int64)
    dealt[order] = np.arange(len(share)) % k
    return dealt[group]
