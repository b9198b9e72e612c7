"""How widely the effects of a logistic model are spread, asked of the leads themselves.

A penalty is a belief: effects are about so large. Too narrow a belief makes every probability too timid where columns
tell a lot, too wide a one makes it too bold where they tell little. Which belief the leads support is their evidence
(marginal likelihood, by Laplace's approximation; MacKay 1992), so no leads have to be kept aside to find out.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

Array = npt.NDArray[np.float64]

SPREADS = (0.1, 0.3, 1.0, 3.0)
"""Variances of the effects that are believed possible, the most timid first; scikit-learn's C."""

_CLEARLY = 1.0
"""Logarithm of the Bayes factor from which evidence counts as positive (Kass and Raftery 1995)."""

_MOST_ASKED = 5_000
"""Leads that are asked: how large effects are does not depend on how many leads there are."""
_MOST_PLACES = 1_500
_SEED = 20260


def supported_spread(x: csr_matrix, won: Array) -> float:
    """The variance of :data:`SPREADS` that the leads support; the most timid where the matrix is too wide to ask.

    A bolder one has to be clearly better supported than the one before it, since a mistake on that side costs more.

    >>> random = np.random.default_rng(0)
    >>> x, noise = random.normal(size=(400, 3)), random.random(400)
    >>> supported_spread(csr_matrix(x), (noise < special.expit(x @ [2, -2, 2])).astype(float))
    3.0
    >>> supported_spread(csr_matrix(x), (noise < 0.3).astype(float))
    0.1
    """
    if len(won) > _MOST_ASKED:
        asked = np.sort(np.random.default_rng(_SEED).choice(len(won), _MOST_ASKED, replace=False))
        x, won = x[asked], won[asked]
    if x.shape[1] > _MOST_PLACES or won.min() == won.max():
        return SPREADS[0]
    dense = x.toarray()
    best, most = SPREADS[0], -np.inf
    for spread in SPREADS:
        found = log_evidence(x, dense, won, spread)
        if found < most + _CLEARLY:  # it has one top: beyond it a bolder belief is supported ever less
            break
        best, most = spread, found
    return best


def log_evidence(x: csr_matrix, dense: Array, won: Array, spread: float) -> float:
    """Logarithm of how probable the outcomes are when effects have the variance *spread*, up to a constant.

    The base rate has no prior. *dense* holds the same numbers as *x*.
    """
    model = LogisticRegression(C=spread, max_iter=200).fit(x, won)
    effects = model.coef_[0]
    total = x @ effects + model.intercept_[0]
    p = special.expit(total)
    weights = p * (1 - p)
    whole = max(float(weights.sum()), np.finfo(float).tiny)
    middle = weights @ dense / whole
    curvature = spread * ((dense.T * weights) @ dense - whole * np.outer(middle, middle))
    curvature[np.diag_indices_from(curvature)] += 1.0
    _, volume = np.linalg.slogdet(curvature)
    fit = float(np.sum(won * total - np.logaddexp(0, total)))
    return fit - 0.5 * float(effects @ effects) / spread - 0.5 * (float(volume) + float(np.log(whole)))
