"""What every item of the library has, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from salescoach.coaching.content.text import OneOf, Within

GRADES = ("A", "B", "C", "D")  # X, "no sound source", is not shipped
OWNERS = ("rep", "coach", "manager", "analyst", "hr")
ROLES = ("SDR", "AE", "AM", "SAM", "CSM", "Manager")
LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry of the library.

    Attributes
    ----------
    id : stands once among the items of its kind
    version : from 1; raised when the meaning changes, because what people agreed on names it
    evidence_grade : A to D, for what the item leans on; C and D are never the reason for a goal
    owner_role : who uses it and answers for it
    minutes : what it takes of somebody's time, 0 for none
    competencies, drivers, metrics : ids of what it is about
    """

    id: str
    version: Annotated[int, Within(1, 999)]
    evidence_grade: Annotated[str, OneOf(GRADES)]
    owner_role: Annotated[str, OneOf(OWNERS)]
    minutes: Annotated[int, Within(0, 600)]
    competencies: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
