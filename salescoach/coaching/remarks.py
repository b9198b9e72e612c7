"""What a check has to say: a key of the word catalogue, the values for its slots, and how much it weighs.

Every rule about goals, feedback, plans or sessions answers in remarks. It never writes a sentence, and it never stops
at the first thing that is missing: whoever reads wants to see all of it at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, cast

from salescoach.diagnosis.findings import Shown, Unit

Slot = str | int | date | Shown
"""Text, a whole number and a day say themselves how they are written; all else comes with its unit."""

Weight = Literal["good", "note", "warning", "block"]
"""``block``: it cannot be saved as final like this; ``warning``: a person may decide otherwise and says so."""

_AS = {"score": "ratio", "rate": "ratio", "months": "count", "minutes": "count", "money_per_day": "money"}


@dataclass(frozen=True)
class Remark:
    """One thing to say. ``key`` stands in ``templates/words/``, with exactly these ``slots``."""

    key: str
    weight: Weight
    slots: Mapping[str, Slot] = field(default_factory=dict)


def good(key: str, /, **slots: Slot) -> Remark:
    """What is as it should be, with what it rests on."""
    return Remark(key, "good", slots)


def note(key: str, /, **slots: Slot) -> Remark:
    """Something to know; nothing has to be done."""
    return Remark(key, "note", slots)


def warning(key: str, /, **slots: Slot) -> Remark:
    """Something to put right, or to decide otherwise about on purpose."""
    return Remark(key, "warning", slots)


def block(key: str, /, **slots: Slot) -> Remark:
    """Something without which it cannot go on."""
    return Remark(key, "block", slots)


def blocked(remarks: Iterable[Remark]) -> bool:
    """At least one of *remarks* has to be put right first.

    >>> blocked([good("goals.pair.whole"), warning("goals.active.many", n=3, most=2)])
    False
    """
    return any(remark.weight == "block" for remark in remarks)


def in_unit(value: float, unit: str) -> Shown:
    """*value* in the unit of a metric, as far as a sentence can tell units apart.

    >>> in_unit(4.25, "score")
    Shown(value=4.25, unit='ratio')
    """
    return Shown(value, cast(Unit, _AS.get(unit, unit)))
