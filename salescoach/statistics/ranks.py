"""What a ranking would be worth: every unit's rank with its interval, from posterior draws.

With few observations each, the first of thirty is truly first in about one case of four. So a
ranking is refused as long as the first could as well be the last (Goldstein & Spiegelhalter 1996).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ranks:
    """Rank 1 is the best. All of shape (units,).

    Attributes
    ----------
    low, high : the interval of the rank
    expected : mean rank over the draws
    top_quarter : probability of being in the best quarter
    supported : the rank intervals of the best and the worst unit do not overlap
    """

    low: Array
    high: Array
    expected: Array
    top_quarter: Array
    supported: bool


def ranks(draws: npt.ArrayLike, *, level: float = 0.90, higher_is_better: bool = True) -> Ranks:
    """Ranks from *draws* of the true values, shape (draws, units).

    >>> generator = np.random.default_rng(1)
    >>> found = ranks(np.array([0.0, 0.1, 1.0]) + generator.normal(size=(2000, 3)))
    >>> found.low.tolist(), found.high.tolist(), found.supported
    ([1.0, 1.0, 1.0], [3.0, 3.0, 3.0], False)
    """
    values = np.asarray(draws, dtype=float)
    count = values.shape[1]
    order = np.argsort(-values if higher_is_better else values, axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(1, count + 1), order.shape), axis=1)
    # A rank is a whole number: the limits are ranks that were drawn, not values between two.
    low, high = np.quantile(places, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="inverted_cdf")
    expected = places.mean(axis=0)
    best, worst = int(np.argmin(expected)), int(np.argmax(expected))
    return Ranks(
        low=low.astype(np.float64),
        high=high.astype(np.float64),
        expected=expected,
        top_quarter=(places <= max(count // 4, 1)).mean(axis=0),
        supported=bool(high[best] < low[worst]),
    )
