"""What moving leads, hours or money from one place to another could bring, and how unsure that is.

Two things make such promises too large. The best-looking place is partly luck, so returns are drawn towards each
other before they are compared. And the next lead is worth less than the average one, so returns diminish: by how
much nobody can read from past data, hence a whole range of it is drawn. Beside the answer stands what a straight
line would promise, as a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from salescoach.statistics import limited_translation

SHARE_MOVED = 0.10
"""Part of all units that is moved: small, because nothing is known about large moves."""

DIMINISHING = (0.4, 0.9)
"""Range of the elasticity: ten percent more units bring 4 to 9 % more, not ten."""

FEWEST_WINS = 20
"""Fewer wins than this and a place has no return that could be compared."""

LEVEL = 0.80
"""Coverage of what a what-if shows."""

SURE = 0.90
"""Probability of a gain from which a move is worth a decision."""

_MOST_OF_ORIGIN = 0.20
_DRAWS = 2_000

Kind = Literal["leads", "hours", "money"]
"""Opportunities by source, days on which deals were open by segment, money by source."""


@dataclass(frozen=True)
class Place:
    """Where effort goes: a source or a segment, with the units spent on it and what was won there.

    ``units``: opportunities, days on which deals were open, or money; ``won``: base currency; ``spread``: variance of
    the log amounts of its won deals.
    """

    name: str
    units: float
    wins: int
    won: float
    spread: float

    @property
    def usable(self) -> bool:
        """Enough was won, and spent, to speak of a return."""
        return self.wins >= FEWEST_WINS and self.units > 0 and self.won > 0

    @property
    def each(self) -> float:
        """Won per unit."""
        return self.won / self.units if self.units > 0 else float("nan")


@dataclass(frozen=True)
class Move:
    """One move of ``units`` from a place to another, over as long as the places were watched.

    ``gain``, ``low``, ``high``: median and :data:`LEVEL` interval in base currency; ``straight``: what a straight line
    would promise; ``probability`` that there is a gain at all; ``places``: all that were compared.
    """

    kind: Kind
    origin: str
    target: str
    units: float
    gain: float
    low: float
    high: float
    straight: float
    probability: float
    places: tuple[Place, ...]

    @property
    def worth_it(self) -> bool:
        """A gain is likely enough to put the move up for decision."""
        return self.probability >= SURE


def best_move(kind: Kind, places: Sequence[Place], seed: int = 0) -> Move | None:
    """Move :data:`SHARE_MOVED` of all units from the lowest to the highest return; None when there are no two.

    Never more than a fifth of what the origin has. The same *places* in any order give the same move.

    Notes
    -----
    Log returns with error variance 1/wins + spread/wins are drawn towards each other by limited translation, so that
    choosing the best and the worst of them does not promise its own luck.

    Examples
    --------
    >>> places = [Place("inbound", 1000, 60, 6e6, 0.5), Place("referral", 200, 60, 6e6, 0.5)]
    >>> move = best_move("leads", places)
    >>> move.origin, move.target, move.units, move.gain < move.straight
    ('inbound', 'referral', 120.0, True)
    """
    known = sorted((place for place in places if place.usable), key=lambda place: place.name)
    if len(known) < 2:
        return None
    units, won = (np.array([getattr(place, name) for place in known]) for name in ("units", "won"))
    wins, spread = np.array([place.wins for place in known], dtype=float), np.array([place.spread for place in known])
    returns = limited_translation(np.log(won / units), (1 + np.nan_to_num(spread)) / wins)
    worst, best = int(np.argmin(returns.mean)), int(np.argmax(returns.mean))
    moved = min(SHARE_MOVED * float(units.sum()), _MOST_OF_ORIGIN * float(units[worst]))
    drawn = np.exp(returns.draws(_DRAWS, seed) + returns.centre) * units
    bend = np.random.default_rng(seed + 1).uniform(*DIMINISHING, _DRAWS)
    more = drawn[:, best] * ((1 + moved / units[best]) ** bend - 1)
    less = drawn[:, worst] * (1 - (1 - moved / units[worst]) ** bend)
    gain = more - less
    low, middle, high = np.quantile(gain, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2))
    straight = moved * (won[best] / units[best] - won[worst] / units[worst])
    return Move(
        kind, known[worst].name, known[best].name, moved, float(middle), float(low), float(high), float(straight),
        float((gain > 0).mean()), tuple(known),
    )  # fmt: skip
