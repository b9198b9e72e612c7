"""What is said about one lead. Apart from what computes it, so that pages need not load the models to show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What one column does for one lead. ``effect`` in log-odds, positive = speaks for it; ``value`` None = missing.

    ``points``: where a rule score was asked, the points that make up the effect; None for any other model.
    """

    column: str
    value: float | str | None
    effect: float
    points: float | None = None


@dataclass(frozen=True)
class Change:
    """If ``column`` were ``value``, the model would say ``p``."""

    column: str
    value: float | str
    p: float


@dataclass(frozen=True)
class Explanation:
    """At most five reasons for and against one lead, the strongest first. ``exact``: they add up."""

    lead: str
    p: float
    pros: tuple[Reason, ...]
    cons: tuple[Reason, ...]
    exact: bool
