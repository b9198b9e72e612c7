"""Why a number is another one than in an earlier run: new data, restated data, a changed quota, other parameters, or a
changed definition, adding up exactly.

The number is worked out again, changing one thing at a time on the way from the first run to the second. What the two
runs said themselves stands at the ends; what lies between those and the way, made by the definitions of today, is what
the definitions changed. All is counted in whole units, so nothing is lost in rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from salescoach.errors import TableError

WAY = ("restated", "new", "quota", "parameters")
"""What is changed, in this order: what B's data say about A's day; the days since; B's quotas; B's period, settings."""
CAUSES = (*WAY, "definition")
UNITS = {"money": 100, "money_per_day": 100, "days": 100, "months": 100, "count": 1}
_FINEST = 1_000_000


@dataclass(frozen=True)
class Shift:
    """One number of one person in two runs, in whole units (hundredths, counts, millionths; see :func:`scale`).

    ``parts`` has an amount for each of :data:`CAUSES`; they sum to ``b - a``: TableError if they did not. Empty where
    one of the runs has no number, so that nothing can be added up. ``joined``: causes that could not be told from the
    one after them, because no number exists between the two.
    """

    rep_id: str
    metric_id: str
    stretch: str
    unit: str
    a: int | None
    b: int | None
    parts: tuple[int, ...] = ()
    joined: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.parts and (self.a is None or self.b is None or sum(self.parts) != self.b - self.a):
            raise TableError(f"{self.metric_id}: the parts {self.parts} do not lead from {self.a} to {self.b}.")

    @property
    def changed(self) -> bool:
        """The runs say different things."""
        return self.a != self.b


def scale(unit: str) -> int:
    """How many whole units make one: 100 for money and days, 1 for counts, a million for shares and the rest.

    >>> scale("money"), scale("share")
    (100, 1000000)
    """
    return UNITS.get(unit, _FINEST)


def whole(value: float | None, unit: str) -> int | None:
    """*value* in whole units; None for what is missing.

    >>> whole(12.345, "money"), whole(float("nan"), "share")
    (1234, None)
    """
    return None if value is None or not math.isfinite(value) else round(value * scale(unit))


def shift(
    rep_id: str, metric_id: str, stretch: str, unit: str, a: float | None, way: Sequence[float | None], b: float | None
) -> Shift:
    """The change from *a* to *b*, as two runs said, split along *way*.

    *way*: the number as today's definitions give it from all of A, then with each of :data:`WAY` as in B.

    >>> shift("R1", "bookings", "period", "money", 100.0, [100.0, 90.0, 120.0, 120.0, 120.0], 120.0).parts
    (-1000, 3000, 0, 0, 0)
    """
    if len(way) != len(WAY) + 1:
        raise TableError(f"The way has {len(way)} numbers; it needs {len(WAY) + 1}.")
    first, last = whole(a, unit), whole(b, unit)
    if first is None or last is None:
        return Shift(rep_id, metric_id, stretch, unit, first, last)
    start, *steps = (whole(value, unit) for value in way)
    at = first if start is None else start
    definition = at - first
    parts, joined = [], []
    for cause, value in zip(WAY, steps, strict=True):
        if value is None:
            joined.append(cause)
        parts.append(0 if value is None else value - at)
        at = at if value is None else value
    return Shift(
        rep_id, metric_id, stretch, unit, first, last, (*parts, definition + last - at), tuple(joined)
    )  # fmt: skip
