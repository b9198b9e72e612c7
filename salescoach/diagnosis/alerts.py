"""What changed, without crying wolf: few alerts, each of which survives being one of many.

Thirty people and twelve metrics at two deviations give sixteen false alerts a week. So all that is looked at on a page
is corrected together, a change must stand in two windows in a row, and nobody gets more than three in one cycle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from salescoach.statistics import FALSE_DISCOVERY_RATE, q_values

Array = npt.NDArray[np.float64]
Kind = Literal["trend", "peer", "goal"]
Tone = Literal["positive", "warning", "neutral"]

MOST_ALERTS = 3
"""Per person and review cycle: weekly caps would still add up."""
_WINDOWS = 2


@dataclass(frozen=True)
class Signal:
    """One metric of one person in successive windows, the newest last, against what would be expected.

    Attributes
    ----------
    z : standardised differences of the windows, above 0 = a higher value
    value, low, high, n : of the newest window
    expected : what it would be without any action; for somebody chosen for being extreme the return to the mean
    better : ``up``, ``down`` or ``context``
    """

    rep_id: str
    metric_id: str
    kind: Kind
    z: tuple[float, ...]
    value: float
    low: float
    high: float
    expected: float
    n: int
    better: str


@dataclass(frozen=True)
class Alert:
    """A change that is worth a word, its ``q`` corrected over everything that was looked at."""

    signal: Signal
    tone: Tone
    q: float


def alerts(looked_at: Sequence[Signal]) -> tuple[Alert, ...]:
    """The alerts of one review cycle, the surest first; at most :data:`MOST_ALERTS` a person.

    Needs *all* that was looked at, also what looked ordinary: the correction is over the looks, not over the finds.
    A signal without :data:`_WINDOWS` windows cannot have persisted and gives none.
    """
    p = np.array([_p(signal.z[-1]) if signal.z else np.nan for signal in looked_at])
    q = q_values(p)
    order = sorted(range(len(looked_at)), key=lambda place: (q[place], p[place], place))
    found: list[Alert] = []
    given: Counter[str] = Counter()
    for place in order:
        signal = looked_at[place]
        if q[place] <= FALSE_DISCOVERY_RATE and persists(signal) and given[signal.rep_id] < MOST_ALERTS:
            given[signal.rep_id] += 1
            found.append(Alert(signal, _tone(signal), float(q[place])))
    return tuple(found)


def persists(signal: Signal) -> bool:
    """The newest windows all lie on the same side, each with less than one chance in five."""
    newest = signal.z[-_WINDOWS:]
    if len(newest) < _WINDOWS or not all(np.isfinite(newest)):
        return False
    return all(np.sign(z) == np.sign(newest[-1]) and _p(z) < 2 * FALSE_DISCOVERY_RATE for z in newest)


def without_any_action(raw: float, pooled: float, reliability: float, drift: float = 0.0) -> float:
    """What to expect next time from somebody chosen for being extreme, if nothing is done.

    >>> without_any_action(0.10, 0.25, 0.4)
    0.19
    """
    return pooled + reliability * (raw - pooled) + drift


def _tone(signal: Signal) -> Tone:
    if signal.better not in ("up", "down"):
        return "neutral"
    return "positive" if (signal.z[-1] > 0) == (signal.better == "up") else "warning"


def _p(z: float) -> float:
    return float(2 * special.ndtr(-abs(z)))
