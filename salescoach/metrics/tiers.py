"""How much a number may say, by how much it rests on. The same steps on every page."""

from __future__ import annotations

from typing import Literal

FEWEST_SHOWN = 5
FEWEST_PLAIN = 20

Tier = Literal["none", "counts", "grey", "plain"]


def tier(n: int) -> Tier:
    """What may be shown of an estimate from *n* observations.

    ``none``: nothing, and why · ``counts``: "1 of 3", no percentage, no colour · ``grey``: the value
    with its interval · ``plain``: the estimate, where a posterior probability may colour it.

    >>> [tier(n) for n in (0, 1, 4, 5, 19, 20)]
    ['none', 'counts', 'counts', 'grey', 'grey', 'plain']
    """
    if n <= 0:
        return "none"
    if n < FEWEST_SHOWN:
        return "counts"
    return "grey" if n < FEWEST_PLAIN else "plain"
