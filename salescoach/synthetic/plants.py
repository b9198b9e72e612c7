"""What is put into the organisation on purpose, to be found again: behaviours of people, mistakes in rows.

Only says what is wanted. Behaviours are planted in :mod:`salescoach.synthetic.people`, mistakes in
:mod:`salescoach.synthetic.plant`. Never computes a row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from salescoach.errors import UsageError

DRIVERS = ("volume", "stage_1", "stage_2", "stage_3", "stage_4", "size", "speed", "discount", "response")
BEHAVIOURS = (
    "cherry_picker", "hard_territory", "zombie_hoarder", "sandbagger", "optimist", "discounter", "stuffer",
)  # fmt: skip
"""Fields of :class:`Plants` that each name one rep, always tenured, who never leaves."""
REASONS = ("lowest_metric", "own_request", "all", "random")


@dataclass(frozen=True)
class Driver:
    """A weakness (or strength) planted in one rep: the driver is its base × *multiplier*, whatever the rep's luck.

    For a stage the multiplier acts on the probability to advance, for the others on the rate, the amount, the
    dwell times, the discount or the response time.
    """

    rep_id: str
    driver: str
    multiplier: float


@dataclass(frozen=True)
class Programme:
    """A coaching programme: who is chosen and why, from when, and what it truly does.

    ``effect_logit`` is added to the stage's logit of every coached rep from the first day of month number *month*
    of the window for *months* months, and stays afterwards with the half-life of a training. ``lowest_metric``
    takes the *count* reps with the lowest share of advances in the *before* months, the way coaching is usually
    given; ``random`` and ``own_request`` take *count* by lot; ``all`` takes everybody.
    """

    stage: int
    month: int
    months: int
    count: int
    reason: str
    effect_logit: float
    before: int = 6


@dataclass(frozen=True)
class Plants:
    """Reps are named by id; an empty text means nobody. Counts are upper bounds.

    A mistake is planted in a fixed month of the window, and only once its deal is long closed, so that a longer
    window adds some and moves none.
    """

    drivers: tuple[Driver, ...] = ()
    programmes: tuple[Programme, ...] = ()
    cherry_picker: str = ""
    hard_territory: str = ""
    zombie_hoarder: str = ""
    sandbagger: str = ""
    optimist: str = ""
    discounter: str = ""
    stuffer: str = ""
    quota_change: str = ""  # with a smaller territory from the same day
    quota_change_quarter: date = date(2025, 7, 1)
    survey_gap: date | None = None  # month whose invitations were lost
    mistakes: dict[str, int] = field(default_factory=dict)  # kind → how many; kinds: plant.KINDS

    @property
    def rep_ids(self) -> tuple[str, ...]:
        """Reps whose behaviour is planted."""
        named = (getattr(self, behaviour) for behaviour in BEHAVIOURS)
        return tuple(driver.rep_id for driver in self.drivers) + tuple(rep for rep in named if rep)

    def without_unknown(self, known: set[str]) -> Plants:
        """The same without those meant for reps that a smaller organisation does not have."""
        nobody: dict[str, Any] = {
            name: "" for name in (*BEHAVIOURS, "quota_change") if getattr(self, name) not in known
        }
        return replace(self, drivers=tuple(driver for driver in self.drivers if driver.rep_id in known), **nobody)

    def check(self, known: set[str]) -> None:
        """UsageError for the first plant that the generator cannot work with."""
        for driver in self.drivers:
            if driver.driver not in DRIVERS:
                raise UsageError.unknown("driver", driver.driver, DRIVERS)
            if driver.multiplier <= 0:
                raise UsageError(f"The multiplier of {driver.rep_id} is {driver.multiplier}; it must be above 0.")
        for programme in self.programmes:
            if programme.reason not in REASONS:
                raise UsageError.unknown("selection reason", programme.reason, REASONS)
        for rep in (*self.rep_ids, self.quota_change):
            if rep and rep not in known:
                raise UsageError.unknown("rep to plant in", rep, sorted(known))
